# A job is one file: what shall run, how much of it, and how it may change.
# Every line that begins with # is for you; Nomad does not read it. What is
# set here is often the default anyway, so that you see what there is.
#
#   nomad job plan example.nomad.hcl     what would happen, without doing it
#   nomad job run example.nomad.hcl      do it
job "example" {

  # Which kind of work this is: "service" runs until it is stopped, "batch" runs
  # until it has ended well, "system" runs once on every node, and "sysbatch"
  # ends on every node.
  type = "service"

  # Where it may run. A star stands for every name: "eu-*" is every datacenter
  # that begins with eu-.
  datacenters = ["*"]

  # What people see about the job in Nomad's own pages.
  ui {
    description = "An example job: a cache."

    link {
      label = "What a job may say"
      url   = "https://developer.hashicorp.com/nomad/docs/job-specification"
    }
  }

  # A constraint leaves out every node that does not meet it.
  #
  # constraint {
  #   attribute = "${attr.kernel.name}"
  #   value     = "linux"
  # }

  # How a new version takes the place of the old one. The same block inside of a
  # group changes single values for that group.
  update {
    # How many allocations are replaced at the same time.
    max_parallel = 1

    # For how long an allocation must be well before it counts as healthy, and
    # until when it must have become so.
    min_healthy_time = "10s"
    healthy_deadline = "3m"

    # Until when the deployment must have got one more allocation healthy; each
    # one that does starts the time again. It must be longer than the deadline
    # above.
    progress_deadline = "10m"

    # Go back to the last version that was well when this one fails.
    auto_revert = false

    # Start so many allocations of the new version beside the old ones first,
    # and wait for `nomad deployment promote`. As many as the group counts make
    # a blue/green deployment.
    canary = 0
  }

  # How allocations leave a node that is being drained.
  migrate {
    # How many move at the same time.
    max_parallel = 1

    # What makes the new one healthy: "checks" of its services, or
    # "task_states" alone.
    health_check = "checks"

    # The same times as for an update.
    min_healthy_time = "10s"
    healthy_deadline = "5m"
  }

  # What belongs together is a group: its tasks run on one node and share its
  # network and its disk. Each copy of a group is an allocation.
  group "cache" {
    # How many copies.
    count = 1

    # Ports that the group needs. Nomad chooses a free port of the node and
    # sends what comes there to the port behind "to"; with "static" the node's
    # port is yours to choose, and a node has it but once.
    network {
      port "db" {
        to = 6379
      }
    }

    # What others find: a name, and which port is behind it. Nomad itself keeps
    # the list here; "consul" is the other provider.
    service {
      name     = "redis-cache"
      tags     = ["global", "cache"]
      port     = "db"
      provider = "nomad"

      # A check says when the service is well. A deployment waits for it.
      #
      # check {
      #   name     = "alive"
      #   type     = "tcp"
      #   interval = "10s"
      #   timeout  = "2s"
      # }
    }

    # What happens on the same node when a task fails.
    restart {
      # So many times within this long;
      attempts = 2
      interval = "30m"

      # each time after this long;
      delay = "15s"

      # and then "fail": the allocation has failed, and Nomad looks for another
      # node. "delay" would wait for the interval to end and start again.
      mode = "fail"
    }

    # When an allocation has failed for good, another takes its place, on
    # another node where that can be. These are the defaults for services.
    #
    # reschedule {
    #   delay          = "30s"
    #   delay_function = "exponential"
    #   max_delay      = "1h"
    #   unlimited      = true
    # }

    # The disk that the tasks of an allocation share.
    ephemeral_disk {
      # In MB. With "sticky" the next version starts with the data of this one,
      # when it lands on the same node; with "migrate" the data moves along.
      size = 300
      #
      # sticky  = true
      # migrate = true
    }

    # Nodes that the group likes more than others, and how much.
    #
    # affinity {
    #   attribute = "${node.datacenter}"
    #   value     = "dc1"
    #   weight    = 50
    # }

    # How copies are spread over values of an attribute.
    #
    # spread {
    #   attribute = "${node.datacenter}"
    # }

    # A task is a thing that runs: a container, a program, a machine.
    task "redis" {
      # What runs it.
      driver = "docker"

      # What the driver is told; each driver has its own words.
      config {
        image = "redis:7"
        ports = ["db"]

        # Fetch a public image without credentials when there are none.
        auth_soft_fail = true
      }

      # A token of the task's own, as a variable of its environment and as a
      # file in its secrets folder.
      identity {
        env  = true
        file = true
      }

      # Between leaving the list of services and being stopped: time for what
      # is under way to end.
      shutdown_delay = "10s"

      # How many MHz and MB it may use. Nomad looks for a node that has them.
      resources {
        cpu    = 500
        memory = 256
      }

      # What it may read from its environment.
      #
      # env {
      #   LEVEL = "info"
      # }

      # A file that is written before the task starts, and again when what is
      # in it changes.
      #
      # template {
      #   data        = "port = {{ env \"NOMAD_PORT_db\" }}"
      #   destination = "local/redis.conf"
      #   change_mode = "restart"
      # }

      # Something that is fetched before the task starts.
      #
      # artifact {
      #   source      = "https://example.com/data.tar.gz"
      #   destination = "local/data"
      # }

      # How much of what the task prints is kept.
      #
      # logs {
      #   max_files     = 10
      #   max_file_size = 10
      # }

      # Ask it to end with this signal, and end it by force after this long.
      #
      # kill_signal  = "SIGTERM"
      # kill_timeout = "20s"
    }
  }
}

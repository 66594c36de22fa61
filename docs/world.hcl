# A world of Yurt: the cluster that a simulation starts from. Everything may be left out; what is
# not said is as on the five nodes of a fresh shell.
#
#   yurt shell docs/world.hcl

seed    = 7
release = "2.0" # or "0.7", the release of the guide
start   = "2026-03-02T08:00:00Z"

scheduler {
  algorithm               = "spread" # or "binpack"
  memory_oversubscription = true
  preempt_service         = true
}

heartbeat {
  interval = "5s"
  grace    = "10s"
}

# Six nodes, web-1 to web-6. A list goes round: r1, r2, r3, r1, …
node "web" {
  count      = 6
  datacenter = "dc1"
  cpu_mhz    = 14000
  cores      = 4
  memory_mb  = 32768
  disk_mb    = 102400

  meta {
    rack = ["r1", "r2", "r3"]
  }

  attributes = {
    "plugins.cni.version.bridge" = "1.6.1"
  }

  network "default" {
    address        = "192.168.0.100"
    reserved_ports = "22,80"
  }

  host_volume "certificates" {
    read_only = true
  }

  reserved {
    cpu_mhz   = 500
    memory_mb = 512
  }
}

# One node of its own pool, called gpu.
node "gpu" {
  node_pool  = "gpu"
  node_class = "large"
  drivers    = ["docker"]

  device "nvidia/gpu/1080ti" {
    count      = 2
    attributes = { memory = "11264 MiB" }
  }
}

# What a container image does. An image that no world lists starts in a moment and runs for ever,
# unless its tag says otherwise (type `images` in the shell).
image "api-server:1.4" {
  pull  = "4s" # the first time on each node
  start = "500ms"

  check {
    after  = "30s"
    status = "failing"
  }

  memory {
    start_percent = 20
    end_percent   = 60
    grows_for     = "5m"
  }

  traffic {
    latency       = "80ms"
    error_percent = 5
  }
}

image "importer:2" {
  runs_for  = "45s"
  exit_code = 1

  log "row {number} of a million, {ms} ms" {
    after = "1s"
    every = "2s"
    times = 20
  }
}

job "web" {
  datacenters = ["dc1"]
  priority    = 50

  meta {
    owner = "team-a"
  }

  update {
    max_parallel     = 2
    min_healthy_time = "1s"
  }

  constraint {
    attribute = "${attr.kernel.name}"
    value     = "linux"
  }

  group "front" {
    count = 3

    network {
      port "http" {
        to = 8080
      }
    }

    service {
      name     = "front"
      port     = "http"
      provider = "nomad"
      tags     = ["a", "b"]

      check {
        type     = "http"
        path     = "/health"
        interval = "10s"
        timeout  = "2s"
      }
    }

    restart {
      attempts = 2
      interval = "30m"
      delay    = "15s"
      mode     = "fail"
    }

    affinity {
      attribute = "${node.class}"
      value     = "general"
      weight    = 50
    }

    task "nginx" {
      driver = "docker"

      config {
        image = "nginx:1.27"
        ports = ["http"]
        args  = ["-g", "daemon off;"]
      }

      env {
        MODE  = "prod"
        LEVEL = "info"
      }

      template {
        data        = "hello"
        destination = "local/index.html"
      }

      resources {
        cpu    = 200
        memory = 128
      }
    }
  }
}

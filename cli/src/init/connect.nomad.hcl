# Two services that talk through a mesh: each has a proxy beside it, and only the
# proxies speak over the network, with certificates of their own.
job "countdash" {

  # The service that counts. Nobody reaches it but through its proxy.
  group "api" {
    # A network of the group's own: what listens there is seen by no one else.
    network {
      mode = "bridge"
    }

    # The port is the one inside the group's network.
    service {
      name = "count-api"
      port = "9001"

      # A proxy beside the tasks. Nomad adds the task that runs it.
      connect {
        sidecar_service {}
      }
    }

    task "web" {
      driver = "docker"

      config {
        image          = "hashicorpdev/counter-api:v3"
        auth_soft_fail = true
      }
    }
  }

  # The page that shows the count.
  group "dashboard" {
    # This one is reached from outside too, at a port of the node.
    network {
      mode = "bridge"

      port "http" {
        static = 9002
        to     = 9002
      }
    }

    service {
      name = "count-dashboard"
      port = "http"

      connect {
        sidecar_service {
          proxy {
            # What the page needs: the proxy listens at this port of the
            # group's own network and leads to the service of that name.
            upstreams {
              destination_name = "count-api"
              local_bind_port  = 8080
            }
          }
        }
      }
    }

    task "dashboard" {
      driver = "docker"

      config {
        image          = "hashicorpdev/counter-dashboard:v3"
        auth_soft_fail = true
      }

      # Nomad knows where the proxy listens.
      env {
        COUNTING_SERVICE_URL = "http://${NOMAD_UPSTREAM_ADDR_count_api}"
      }
    }
  }
}

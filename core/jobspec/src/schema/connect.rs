//! Tables: `connect`, the service mesh. All of it is inert in the simulation.

use super::short::*;
use super::storage::VOLUME_MOUNT;
use super::task::{IDENTITY, LOGS, RESOURCES};
use super::{BlockSchema, FieldKind, FieldSchema, Labels};

const fn block(
    name: &'static str,
    api_name: &'static str,
    doc: &'static str,
    fields: &'static [FieldSchema],
) -> BlockSchema {
    BlockSchema {
        name,
        api_name,
        labels: Labels::None,
        doc,
        fields,
    }
}

/// `connect`.
pub static CONNECT: BlockSchema = block(
    "connect",
    "ConsulConnect",
    "Puts the service into the mesh.",
    &[
        boolean(
            "native",
            "Native",
            "The task speaks the mesh's protocol itself.",
        )
        .plain()
        .inert(),
        one("gateway", "Gateway", &GATEWAY).inert(),
        one("sidecar_service", "SidecarService", &SIDECAR_SERVICE).inert(),
        one("sidecar_task", "SidecarTask", &SIDECAR_TASK).inert(),
    ],
);

/// `sidecar_service`.
pub static SIDECAR_SERVICE: BlockSchema = block(
    "sidecar_service",
    "SidecarService",
    "The proxy's own registration.",
    &[
        strings("tags", "Tags", "Tags of the proxy.").inert(),
        string("port", "Port", "Label of the proxy's port.")
            .plain()
            .inert(),
        one("proxy", "Proxy", &PROXY).inert(),
        boolean(
            "disable_default_tcp_check",
            "DisableDefaultTCPCheck",
            "No check of the proxy.",
        )
        .plain()
        .inert(),
        map("meta", "Meta", "Keys and values of the proxy.").inert(),
    ],
);

static PROXY: BlockSchema = block(
    "proxy",
    "ConsulProxy",
    "How the proxy reaches the task and others.",
    &[
        string(
            "local_service_address",
            "LocalServiceAddress",
            "Address of the task.",
        )
        .plain()
        .inert(),
        integer(
            "local_service_port",
            "LocalServicePort",
            "Port of the task.",
        )
        .plain()
        .inert(),
        one("expose", "Expose", &EXPOSE).inert(),
        many("upstreams", "Upstreams", &UPSTREAM).inert(),
        one("transparent_proxy", "TransparentProxy", &TRANSPARENT_PROXY).inert(),
        free("config", "Config", "Options of the proxy.").inert(),
    ],
);

static EXPOSE: BlockSchema = block(
    "expose",
    "Expose",
    "Paths that need no mesh.",
    &[many("path", "Path", &EXPOSE_PATH).inert()],
);

static EXPOSE_PATH: BlockSchema = block(
    "path",
    "Path",
    "One path that needs no mesh.",
    &[
        string("path", "Path", "The path.").plain().inert(),
        string("protocol", "Protocol", "Its protocol.")
            .plain()
            .inert(),
        integer("local_path_port", "LocalPathPort", "Port of the task.")
            .plain()
            .inert(),
        string(
            "listener_port",
            "ListenerPort",
            "Label of the port that listens.",
        )
        .plain()
        .inert(),
    ],
);

static UPSTREAM: BlockSchema = block(
    "upstreams",
    "ConsulUpstreams",
    "A service that the task reaches through the proxy.",
    &[
        string(
            "destination_name",
            "DestinationName",
            "Name of that service.",
        )
        .plain()
        .inert(),
        string(
            "destination_namespace",
            "DestinationNamespace",
            "Its namespace.",
        )
        .plain()
        .inert(),
        string("destination_peer", "DestinationPeer", "Its peer.")
            .plain()
            .inert(),
        string(
            "destination_partition",
            "DestinationPartition",
            "Its partition.",
        )
        .plain()
        .inert(),
        string(
            "destination_type",
            "DestinationType",
            "Service or prepared query.",
        )
        .plain()
        .inert(),
        integer(
            "local_bind_port",
            "LocalBindPort",
            "Port on which it is reached.",
        )
        .plain()
        .inert(),
        string("datacenter", "Datacenter", "Its datacenter.")
            .plain()
            .inert(),
        string(
            "local_bind_address",
            "LocalBindAddress",
            "Address on which it is reached.",
        )
        .plain()
        .inert(),
        string(
            "local_bind_socket_path",
            "LocalBindSocketPath",
            "Socket on which it is reached.",
        )
        .plain()
        .inert(),
        string(
            "local_bind_socket_mode",
            "LocalBindSocketMode",
            "Permissions of that socket.",
        )
        .plain()
        .inert(),
        one("mesh_gateway", "MeshGateway", &MESH_GATEWAY).inert(),
        free("config", "Config", "Options of the connection.").inert(),
    ],
);

static MESH_GATEWAY: BlockSchema = block(
    "mesh_gateway",
    "MeshGateway",
    "How other datacenters are reached.",
    &[string("mode", "Mode", "Which gateways are used.")
        .plain()
        .one_of(&["local", "remote", "none"])
        .inert()],
);

static TRANSPARENT_PROXY: BlockSchema = block(
    "transparent_proxy",
    "TransparentProxy",
    "Sends all of the task's traffic through the proxy.",
    &[
        string("uid", "UID", "User of the proxy.").plain().inert(),
        integer(
            "outbound_port",
            "OutboundPort",
            "Port for outgoing traffic.",
        )
        .plain()
        .inert(),
        strings(
            "exclude_inbound_ports",
            "ExcludeInboundPorts",
            "Ports left alone.",
        )
        .inert(),
        FieldSchema::new(
            "exclude_outbound_ports",
            "ExcludeOutboundPorts",
            FieldKind::StringList,
            "Ports left alone.",
        )
        .inert(),
        strings(
            "exclude_outbound_cidrs",
            "ExcludeOutboundCIDRs",
            "Networks left alone.",
        )
        .inert(),
        strings("exclude_uids", "ExcludeUIDs", "Users left alone.").inert(),
        boolean("no_dns", "NoDNS", "Leave name service alone.")
            .plain()
            .inert(),
    ],
);

/// `sidecar_task`.
pub static SIDECAR_TASK: BlockSchema = block(
    "sidecar_task",
    "SidecarTask",
    "Changes the task that runs the proxy.",
    &[
        string("name", "Name", "Name of that task.").plain().inert(),
        string("driver", "Driver", "Its driver.").plain().inert(),
        string("user", "User", "Its user.").plain().inert(),
        free("config", "Config", "What its driver needs.").inert(),
        FieldSchema::new("env", "Env", FieldKind::StringMap, "Its environment.").inert(),
        one("resources", "Resources", &RESOURCES).inert(),
        FieldSchema::new("meta", "Meta", FieldKind::StringMap, "Its keys and values.").inert(),
        duration(
            "kill_timeout",
            "KillTimeout",
            "Time between signal and kill.",
        )
        .inert(),
        one("logs", "LogConfig", &LOGS).inert(),
        duration("shutdown_delay", "ShutdownDelay", "Wait before it stops.").inert(),
        string("kill_signal", "KillSignal", "Signal that asks it to end.")
            .plain()
            .inert(),
        many("volume_mount", "VolumeMounts", &VOLUME_MOUNT).inert(),
        many("identity", "Identities", &IDENTITY).inert(),
    ],
);

/// `gateway`.
pub static GATEWAY: BlockSchema = block(
    "gateway",
    "Gateway",
    "Makes the service a gateway of the mesh.",
    &[
        one("proxy", "Proxy", &GATEWAY_PROXY).inert(),
        one("ingress", "Ingress", &INGRESS).inert(),
        one("terminating", "Terminating", &TERMINATING).inert(),
        one("mesh", "Mesh", &MESH).inert(),
    ],
);

static MESH: BlockSchema = block("mesh", "Mesh", "A gateway between datacenters.", &[]);

static GATEWAY_PROXY: BlockSchema = block(
    "proxy",
    "Proxy",
    "How the gateway's proxy runs.",
    &[
        duration(
            "connect_timeout",
            "ConnectTimeout",
            "How long connecting may take.",
        )
        .or("5s")
        .inert(),
        boolean(
            "envoy_gateway_bind_tagged_addresses",
            "EnvoyGatewayBindTaggedAddresses",
            "Listen on the tagged addresses.",
        )
        .plain()
        .inert(),
        FieldSchema::new(
            "envoy_gateway_bind_addresses",
            "EnvoyGatewayBindAddresses",
            FieldKind::BlockMap(&GATEWAY_BIND_ADDRESS),
            "Listen on these addresses.",
        )
        .inert(),
        boolean(
            "envoy_gateway_no_default_bind",
            "EnvoyGatewayNoDefaultBind",
            "Do not listen on the default address.",
        )
        .plain()
        .inert(),
        string(
            "envoy_dns_discovery_type",
            "EnvoyDNSDiscoveryType",
            "How names are resolved.",
        )
        .plain()
        .inert(),
        free("config", "Config", "Options of the proxy.").inert(),
    ],
);

static GATEWAY_BIND_ADDRESS: BlockSchema = BlockSchema {
    name: "envoy_gateway_bind_addresses",
    api_name: "BindAddress",
    labels: Labels::One {
        api_name: "Name",
        caption: "name",
    },
    doc: "One address to listen on.",
    fields: &[
        server("Name", FieldKind::String).plain(),
        string("address", "Address", "The address.").plain().inert(),
        integer("port", "Port", "The port.").plain().inert(),
    ],
};

static INGRESS: BlockSchema = block(
    "ingress",
    "Ingress",
    "A gateway into the mesh.",
    &[
        one("tls", "TLS", &TLS).inert(),
        many("listener", "Listeners", &LISTENER).inert(),
    ],
);

static TLS: BlockSchema = block(
    "tls",
    "TLS",
    "Encryption at the gateway.",
    &[
        boolean("enabled", "Enabled", "Whether it is encrypted.")
            .plain()
            .inert(),
        string("tls_min_version", "TLSMinVersion", "Lowest version.")
            .plain()
            .inert(),
        string("tls_max_version", "TLSMaxVersion", "Highest version.")
            .plain()
            .inert(),
        strings("cipher_suites", "CipherSuites", "Allowed ciphers.").inert(),
        one("sds", "SDS", &SDS).inert(),
    ],
);

static SDS: BlockSchema = block(
    "sds",
    "SDS",
    "Where certificates come from.",
    &[
        string("cluster_name", "ClusterName", "Who gives them.")
            .plain()
            .inert(),
        string("cert_resource", "CertResource", "Which one.")
            .plain()
            .inert(),
    ],
);

static LISTENER: BlockSchema = block(
    "listener",
    "Listener",
    "A port of the gateway.",
    &[
        integer("port", "Port", "The port.").plain().inert(),
        string("protocol", "Protocol", "Its protocol.")
            .plain()
            .or("tcp")
            .inert(),
        many("service", "Services", &INGRESS_SERVICE).inert(),
    ],
);

static INGRESS_SERVICE: BlockSchema = block(
    "service",
    "Service",
    "A service behind the port.",
    &[
        string("name", "Name", "Its name.").plain().inert(),
        strings("hosts", "Hosts", "Host names that lead to it.").inert(),
        one("tls", "TLS", &TLS).inert(),
        one("request_headers", "RequestHeaders", &HEADER_CHANGES).inert(),
        one("response_headers", "ResponseHeaders", &HEADER_CHANGES).inert(),
        integer("max_connections", "MaxConnections", "Connections at once.").inert(),
        integer(
            "max_pending_requests",
            "MaxPendingRequests",
            "Requests that wait.",
        )
        .inert(),
        integer(
            "max_concurrent_requests",
            "MaxConcurrentRequests",
            "Requests at once.",
        )
        .inert(),
    ],
);

static HEADER_CHANGES: BlockSchema = block(
    "request_headers",
    "HeaderModifiers",
    "Changes of HTTP headers.",
    &[
        map("add", "Add", "Headers to add.").inert(),
        map("set", "Set", "Headers to set.").inert(),
        strings("remove", "Remove", "Headers to remove.").inert(),
    ],
);

static TERMINATING: BlockSchema = block(
    "terminating",
    "Terminating",
    "A gateway out of the mesh.",
    &[many("service", "Services", &LINKED_SERVICE).inert()],
);

static LINKED_SERVICE: BlockSchema = block(
    "service",
    "LinkedService",
    "A service outside the mesh.",
    &[
        string("name", "Name", "Its name.").plain().inert(),
        string("ca_file", "CAFile", "Authority of its certificate.")
            .plain()
            .inert(),
        string("cert_file", "CertFile", "Certificate to show.")
            .plain()
            .inert(),
        string("key_file", "KeyFile", "Key of that certificate.")
            .plain()
            .inert(),
        string("sni", "SNI", "Name to ask for.").plain().inert(),
    ],
);

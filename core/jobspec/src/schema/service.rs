//! Tables: `service` and `check`.

use super::connect::CONNECT;
use super::short::*;
use super::task::IDENTITY;
use super::{BlockSchema, FieldKind, FieldSchema, Labels};

/// `service`.
pub static SERVICE: BlockSchema = BlockSchema {
    name: "service",
    api_name: "Service",
    labels: Labels::None,
    doc: "Registers the allocation under a name, so that others find it, with its checks.",
    fields: &[
        string("name", "Name", "Name that others look for.")
            .plain()
            .or("<job>-<group>"),
        strings("tags", "Tags", "Tags of the registration."),
        strings(
            "canary_tags",
            "CanaryTags",
            "Tags while the allocation is a canary.",
        ),
        boolean(
            "enable_tag_override",
            "EnableTagOverride",
            "Others may change the tags.",
        )
        .plain()
        .inert(),
        string("port", "PortLabel", "Label of the port, or a number.").plain(),
        string(
            "address_mode",
            "AddressMode",
            "Which address is registered.",
        )
        .plain()
        .or("auto")
        .one_of(&["auto", "host", "driver", "alloc", "alloc_ipv6"]),
        string("address", "Address", "A fixed address to register.")
            .plain()
            .inert(),
        many("check", "Checks", &CHECK),
        one("check_restart", "CheckRestart", &CHECK_RESTART),
        one("connect", "Connect", &CONNECT).inert(),
        map("meta", "Meta", "Keys and values of the registration."),
        map(
            "canary_meta",
            "CanaryMeta",
            "Keys and values while the allocation is a canary.",
        ),
        map(
            "tagged_addresses",
            "TaggedAddresses",
            "Further addresses by name.",
        )
        .inert(),
        string("task", "TaskName", "Task to which the service belongs.").plain(),
        string("on_update", "OnUpdate", "How checks count while updating.")
            .plain()
            .or("require_healthy")
            .one_of(&["require_healthy", "ignore_warnings", "ignore"]),
        one("identity", "Identity", &IDENTITY).inert(),
        one("weights", "Weights", &WEIGHTS).inert(),
        string("provider", "Provider", "Who keeps the registration.")
            .plain()
            .or("consul")
            .one_of(&["consul", "nomad"]),
        string("cluster", "Cluster", "Which Consul cluster.")
            .plain()
            .or("default")
            .inert(),
        string("kind", "Kind", "Kind of the registration.")
            .plain()
            .inert(),
    ],
};

/// `weights`.
pub static WEIGHTS: BlockSchema = BlockSchema {
    name: "weights",
    api_name: "Weights",
    labels: Labels::None,
    doc: "Weight of the instance in name service answers.",
    fields: &[
        integer("passing", "Passing", "Weight while passing.")
            .plain()
            .inert(),
        integer("warning", "Warning", "Weight while warning.")
            .plain()
            .inert(),
    ],
};

/// `check`.
pub static CHECK: BlockSchema = BlockSchema {
    name: "check",
    api_name: "Check",
    labels: Labels::None,
    doc: "A repeated question whether the service works.",
    fields: &[
        string("name", "Name", "Name of the check.").plain(),
        string("type", "Type", "How the question is asked.")
            .plain()
            .one_of(&["http", "tcp", "script", "grpc"]),
        string("command", "Command", "Program of a script check.").plain(),
        strings("args", "Args", "Its arguments."),
        string("path", "Path", "Path of an HTTP check.").plain(),
        string("protocol", "Protocol", "`http` or `https`.")
            .plain()
            .one_of(&["http", "https"]),
        string(
            "port",
            "PortLabel",
            "Label of the port; the service's unless given.",
        )
        .plain(),
        boolean("expose", "Expose", "Reach the path through the sidecar.")
            .plain()
            .inert(),
        string("address_mode", "AddressMode", "Which address is asked.")
            .plain()
            .one_of(&["auto", "host", "driver", "alloc"]),
        string("advertise", "Advertise", "A fixed address to ask.")
            .plain()
            .inert(),
        duration("interval", "Interval", "Time between questions.").plain(),
        duration("timeout", "Timeout", "How long an answer may take.").plain(),
        string(
            "initial_status",
            "InitialStatus",
            "Status before the first answer.",
        )
        .plain()
        .one_of(&["passing", "warning", "critical"]),
        string("notes", "Notes", "Notes for people.")
            .plain()
            .inert(),
        string(
            "tls_server_name",
            "TLSServerName",
            "Name that the certificate must have.",
        )
        .plain()
        .inert(),
        boolean(
            "tls_skip_verify",
            "TLSSkipVerify",
            "Do not verify certificates.",
        )
        .plain()
        .inert(),
        FieldSchema::new(
            "header",
            "Header",
            FieldKind::ListMapBlock,
            "HTTP headers to send.",
        ),
        string("method", "Method", "HTTP method.").plain(),
        one("check_restart", "CheckRestart", &CHECK_RESTART),
        string(
            "grpc_service",
            "GRPCService",
            "Service that a gRPC check asks for.",
        )
        .plain()
        .inert(),
        boolean("grpc_use_tls", "GRPCUseTLS", "Use TLS for a gRPC check.")
            .plain()
            .inert(),
        string("task", "TaskName", "Task that runs a script check.").plain(),
        integer(
            "success_before_passing",
            "SuccessBeforePassing",
            "Good answers before passing.",
        )
        .plain(),
        integer(
            "failures_before_critical",
            "FailuresBeforeCritical",
            "Bad answers before critical.",
        )
        .plain(),
        integer(
            "failures_before_warning",
            "FailuresBeforeWarning",
            "Bad answers before warning.",
        )
        .plain(),
        string("body", "Body", "Body to send.").plain(),
        string(
            "on_update",
            "OnUpdate",
            "How the check counts while updating.",
        )
        .plain()
        .one_of(&["require_healthy", "ignore_warnings", "ignore"]),
    ],
};

/// `check_restart`.
pub static CHECK_RESTART: BlockSchema = BlockSchema {
    name: "check_restart",
    api_name: "CheckRestart",
    labels: Labels::None,
    doc: "Restarts the task when its check keeps failing.",
    fields: &[
        integer(
            "limit",
            "Limit",
            "Failures in a row that restart the task; 0 never.",
        )
        .plain(),
        duration(
            "grace",
            "Grace",
            "Time after a start in which failures do not count.",
        )
        .or("1s"),
        boolean(
            "ignore_warnings",
            "IgnoreWarnings",
            "A warning is no failure.",
        )
        .plain()
        .or("false"),
    ],
};

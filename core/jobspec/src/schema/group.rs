//! Tables: `group` and the blocks that only a group has.

use super::policy::{AFFINITY, CONSTRAINT, MIGRATE, RESCHEDULE, RESTART, SPREAD, UPDATE};
use super::service::SERVICE;
use super::short::*;
use super::task::{CONSUL, SECRET, TASK, VAULT};
use super::{BlockSchema, FieldKind, FieldSchema, Labels};

/// `group "<name>"`.
pub static GROUP: BlockSchema = BlockSchema {
    name: "group",
    api_name: "TaskGroup",
    labels: Labels::One {
        api_name: "Name",
        caption: "name",
    },
    doc: "Tasks that run together on one node; the group is what is counted and placed.",
    fields: &[
        server("Name", FieldKind::String),
        integer("count", "Count", "How many allocations of the group run.").or("1"),
        many("constraint", "Constraints", &CONSTRAINT),
        many("affinity", "Affinities", &AFFINITY),
        many("task", "Tasks", &TASK),
        many("spread", "Spreads", &SPREAD),
        FieldSchema::new(
            "volume",
            "Volumes",
            FieldKind::BlockMap(&VOLUME),
            VOLUME.doc,
        ),
        one("restart", "RestartPolicy", &RESTART),
        one("disconnect", "Disconnect", &DISCONNECT),
        one("reschedule", "ReschedulePolicy", &RESCHEDULE),
        one("ephemeral_disk", "EphemeralDisk", &EPHEMERAL_DISK),
        one("update", "Update", &UPDATE),
        one("migrate", "Migrate", &MIGRATE),
        many("network", "Networks", &NETWORK),
        FieldSchema::new(
            "meta",
            "Meta",
            FieldKind::StringMap,
            "Keys and values for the tasks.",
        ),
        many("service", "Services", &SERVICE),
        duration(
            "shutdown_delay",
            "ShutdownDelay",
            "Wait after deregistering before stopping.",
        ),
        duration(
            "max_run_duration",
            "MaxRunDuration",
            "Longest run of a batch allocation.",
        ),
        duration(
            "stop_after_client_disconnect",
            "StopAfterClientDisconnect",
            "Deprecated and dropped; use `disconnect`.",
        )
        .inert(),
        duration(
            "max_client_disconnect",
            "MaxClientDisconnect",
            "Deprecated and dropped; use `disconnect`.",
        )
        .inert(),
        one("scaling", "Scaling", &SCALING),
        one("consul", "Consul", &CONSUL).inert(),
        boolean(
            "prevent_reschedule_on_lost",
            "PreventRescheduleOnLost",
            "Deprecated and dropped; use `disconnect`.",
        )
        .inert(),
        one("vault", "", &VAULT).inert(),
        many("secret", "", &SECRET).inert(),
    ],
};

/// `disconnect`.
pub static DISCONNECT: BlockSchema = BlockSchema {
    name: "disconnect",
    api_name: "Disconnect",
    labels: Labels::None,
    doc: "What happens to allocations on a node that lost its connection.",
    fields: &[
        duration(
            "lost_after",
            "LostAfter",
            "How long an unreachable allocation stays unknown.",
        )
        .or("0s"),
        duration(
            "stop_on_client_after",
            "StopOnClientAfter",
            "When the client stops it itself.",
        ),
        boolean("replace", "Replace", "Place a replacement meanwhile.").or("true"),
        string(
            "reconcile",
            "Reconcile",
            "Which one is kept when the node returns.",
        )
        .or("best_score")
        .one_of(&[
            "best_score",
            "longest_running",
            "keep_original",
            "keep_replacement",
        ]),
    ],
};

/// `ephemeral_disk`.
pub static EPHEMERAL_DISK: BlockSchema = BlockSchema {
    name: "ephemeral_disk",
    api_name: "EphemeralDisk",
    labels: Labels::None,
    doc: "Disk space that the tasks of an allocation share.",
    fields: &[
        boolean("sticky", "Sticky", "Prefer the node that has the data.").or("false"),
        boolean("migrate", "Migrate", "Copy the data to a new node.").or("false"),
        integer("size", "SizeMB", "Size in MB.").or("300"),
    ],
};

/// `network`.
pub static NETWORK: BlockSchema = BlockSchema {
    name: "network",
    api_name: "Network",
    labels: Labels::None,
    doc: "Network mode and ports that the tasks of an allocation share.",
    fields: &[
        string("mode", "Mode", "`host`, `bridge`, `none` or `cni/<name>`.")
            .plain()
            .or("host"),
        string("device", "Device", "Dropped by the server.")
            .plain()
            .inert(),
        string("cidr", "CIDR", "Without effect.").plain().inert(),
        string("ip", "IP", "Without effect.").plain().inert(),
        one("dns", "DNS", &DNS).inert(),
        many("reserved_ports", "ReservedPorts", &PORT),
        many("port", "DynamicPorts", &PORT),
        string("hostname", "Hostname", "Host name inside the network.")
            .plain()
            .inert(),
        integer("mbits", "MBits", "Deprecated bandwidth.").inert(),
        one("cni", "CNI", &CNI).inert(),
    ],
};

/// `port "<label>"`.
pub static PORT: BlockSchema = BlockSchema {
    name: "port",
    api_name: "Port",
    labels: Labels::One {
        api_name: "Label",
        caption: "",
    },
    doc: "A port under a label: fixed on the host with `static`, otherwise chosen at placement.",
    fields: &[
        server("Label", FieldKind::String).plain(),
        integer(
            "static",
            "Value",
            "Port on the host; only one allocation per node can have it.",
        )
        .plain(),
        integer(
            "to",
            "To",
            "Port inside the network; -1 means the same as on the host.",
        )
        .plain()
        .or("0"),
        string("host_network", "HostNetwork", "Which network of the host.")
            .plain()
            .or("default"),
        boolean(
            "ignore_collision",
            "IgnoreCollision",
            "Allow the same fixed port twice.",
        )
        .plain(),
    ],
};

static DNS: BlockSchema = BlockSchema {
    name: "dns",
    api_name: "DNS",
    labels: Labels::None,
    doc: "Name resolution inside the network.",
    fields: &[
        strings("servers", "Servers", "Addresses of name servers.").inert(),
        strings("searches", "Searches", "Search domains.").inert(),
        strings("options", "Options", "Resolver options.").inert(),
    ],
};

static CNI: BlockSchema = BlockSchema {
    name: "cni",
    api_name: "CNI",
    labels: Labels::None,
    doc: "Arguments for network plugins.",
    fields: &[FieldSchema::new(
        "args",
        "Args",
        FieldKind::StringMapAttribute,
        "Arguments by name.",
    )
    .inert()],
};

/// `volume "<label>"`.
pub static VOLUME: BlockSchema = BlockSchema {
    name: "volume",
    api_name: "Volume",
    labels: Labels::One {
        api_name: "Name",
        caption: "name",
    },
    doc: "A volume that the group asks for and its tasks mount.",
    fields: &[
        server("Name", FieldKind::String).plain(),
        string(
            "type",
            "Type",
            "`host` or `csi`; anything else drops the volume.",
        )
        .plain()
        .one_of(&["host", "csi"]),
        string(
            "source",
            "Source",
            "Name of the volume on the node or in the cluster.",
        )
        .plain(),
        boolean("read_only", "ReadOnly", "Mounts may only read.")
            .plain()
            .or("false"),
        boolean(
            "sticky",
            "Sticky",
            "Replacements return to the same volume.",
        )
        .plain()
        .or("false"),
        string(
            "access_mode",
            "AccessMode",
            "How many may use the volume at once.",
        )
        .plain()
        .inert(),
        string(
            "attachment_mode",
            "AttachmentMode",
            "As file system or block device.",
        )
        .plain()
        .inert(),
        one("mount_options", "MountOptions", &MOUNT_OPTIONS).inert(),
        boolean("per_alloc", "PerAlloc", "One volume for each index.")
            .plain()
            .inert(),
    ],
};

static MOUNT_OPTIONS: BlockSchema = BlockSchema {
    name: "mount_options",
    api_name: "MountOptions",
    labels: Labels::None,
    doc: "How a CSI volume is mounted.",
    fields: &[
        string("fs_type", "FSType", "File system.").plain().inert(),
        strings("mount_flags", "MountFlags", "Flags for the mount.").inert(),
    ],
};

/// Group-level `scaling`.
pub static SCALING: BlockSchema = BlockSchema {
    name: "scaling",
    api_name: "Scaling",
    labels: Labels::None,
    doc: "Bounds and policy for changing the group's count.",
    fields: &[
        integer("min", "Min", "Lowest count."),
        integer("max", "Max", "Highest count.").required(),
        free("policy", "Policy", "Read by an autoscaler only.").inert(),
        boolean("enabled", "Enabled", "Whether scaling is allowed.").or("true"),
        string("type", "Type", "Kind of policy.")
            .plain()
            .or("horizontal")
            .one_of(&["horizontal"]),
        server("ID", FieldKind::String).plain(),
        server("Namespace", FieldKind::String).plain(),
        server("Target", FieldKind::Free),
        server("CreateIndex", FieldKind::Unsigned).plain(),
        server("ModifyIndex", FieldKind::Unsigned).plain(),
    ],
};

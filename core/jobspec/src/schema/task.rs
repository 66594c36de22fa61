//! Tables: `task` and the blocks that only a task has.

use super::group::NETWORK;
use super::policy::{AFFINITY, CONSTRAINT, RESTART};
use super::service::SERVICE;
use super::short::*;
use super::storage::{ARTIFACT, CSI_PLUGIN, TEMPLATE, VOLUME_MOUNT};
use super::{BlockSchema, FieldKind, FieldSchema, Labels};

/// `task "<name>"`.
pub static TASK: BlockSchema = BlockSchema {
    name: "task",
    api_name: "Task",
    labels: Labels::One {
        api_name: "Name",
        caption: "name",
    },
    doc: "One program that a driver runs.",
    fields: &[
        server("Name", FieldKind::String).plain(),
        string(
            "driver",
            "Driver",
            "Which driver runs the task, such as `docker`.",
        )
        .plain(),
        string("user", "User", "User that runs the task.")
            .plain()
            .inert(),
        one("lifecycle", "Lifecycle", &LIFECYCLE),
        free(
            "config",
            "Config",
            "What the driver needs: image, command, arguments, ports.",
        ),
        many("constraint", "Constraints", &CONSTRAINT),
        many("affinity", "Affinities", &AFFINITY),
        FieldSchema::new(
            "env",
            "Env",
            FieldKind::StringMap,
            "Environment variables of the task.",
        ),
        many("service", "Services", &SERVICE),
        one("resources", "Resources", &RESOURCES),
        one("restart", "RestartPolicy", &RESTART),
        FieldSchema::new(
            "meta",
            "Meta",
            FieldKind::StringMap,
            "Keys and values for the task.",
        ),
        duration(
            "kill_timeout",
            "KillTimeout",
            "Time between the signal and the kill.",
        )
        .or("5s"),
        one("logs", "LogConfig", &LOGS),
        many("artifact", "Artifacts", &ARTIFACT).inert(),
        one("vault", "Vault", &VAULT).inert(),
        one("consul", "Consul", &CONSUL).inert(),
        many("template", "Templates", &TEMPLATE).inert(),
        one("dispatch_payload", "DispatchPayload", &DISPATCH_PAYLOAD).inert(),
        many("volume_mount", "VolumeMounts", &VOLUME_MOUNT),
        one("csi_plugin", "CSIPluginConfig", &CSI_PLUGIN)
            .omitted()
            .inert(),
        boolean(
            "leader",
            "Leader",
            "When this task ends, the others are stopped.",
        )
        .plain()
        .or("false"),
        duration(
            "shutdown_delay",
            "ShutdownDelay",
            "Wait after deregistering before stopping.",
        )
        .plain()
        .or("0s"),
        string(
            "kill_signal",
            "KillSignal",
            "Signal that asks the task to end.",
        )
        .plain()
        .inert(),
        string("kind", "Kind", "Role of the task in a service mesh.")
            .plain()
            .inert(),
        many("scaling", "ScalingPolicies", &TASK_SCALING).inert(),
        many("secret", "Secrets", &SECRET).inert(),
        server("Identity", FieldKind::Block(&IDENTITY)),
        many("identity", "Identities", &IDENTITY).inert(),
        many("action", "Actions", &ACTION).inert(),
        one("schedule", "Schedule", &SCHEDULE).inert(),
    ],
};

/// `lifecycle`.
pub static LIFECYCLE: BlockSchema = BlockSchema {
    name: "lifecycle",
    api_name: "Lifecycle",
    labels: Labels::None,
    doc: "When the task runs relative to the main tasks of its group.",
    fields: &[
        string(
            "hook",
            "Hook",
            "Before, after the start, or after the end of the main tasks.",
        )
        .plain()
        .required()
        .one_of(&["prestart", "poststart", "poststop"]),
        boolean("sidecar", "Sidecar", "Keeps running beside the main tasks.")
            .plain()
            .or("false"),
    ],
};

/// `resources`.
pub static RESOURCES: BlockSchema = BlockSchema {
    name: "resources",
    api_name: "Resources",
    labels: Labels::None,
    doc: "What the task needs of a node.",
    fields: &[
        integer("cpu", "CPU", "Share of processor time in MHz.").or("100"),
        integer(
            "cores",
            "Cores",
            "Whole processor cores for this task alone.",
        )
        .or("0"),
        integer("memory", "MemoryMB", "Memory in MB.").or("300"),
        integer(
            "memory_max",
            "MemoryMaxMB",
            "Upper bound in MB when the node has room.",
        )
        .or("0"),
        integer(
            "disk",
            "DiskMB",
            "Ignored; use `ephemeral_disk` of the group.",
        )
        .inert(),
        many("network", "Networks", &NETWORK).inert(),
        many("device", "Devices", &DEVICE),
        one("numa", "NUMA", &NUMA).inert(),
        integer(
            "secrets",
            "SecretsMB",
            "Size of the secrets directory in MB.",
        )
        .inert(),
        integer("iops", "IOPS", "Deprecated.").inert(),
    ],
};

/// `device "<name>"`.
pub static DEVICE: BlockSchema = BlockSchema {
    name: "device",
    api_name: "Device",
    labels: Labels::One {
        api_name: "Name",
        caption: "",
    },
    doc: "Devices, such as graphics processors, that the task needs.",
    fields: &[
        string(
            "name",
            "Name",
            "Vendor, type and model; the label unless given.",
        )
        .plain(),
        FieldSchema::new("count", "Count", FieldKind::Unsigned, "How many.").or("1"),
        many("constraint", "Constraints", &CONSTRAINT),
        many("affinity", "Affinities", &AFFINITY),
    ],
};

static NUMA: BlockSchema = BlockSchema {
    name: "numa",
    api_name: "NUMA",
    labels: Labels::None,
    doc: "Whether cores must be close to each other.",
    fields: &[
        string(
            "affinity",
            "Affinity",
            "How strict; anything but `none` needs Enterprise.",
        )
        .plain()
        .or("none")
        .one_of(&["none", "prefer", "require"])
        .inert(),
        strings("devices", "Devices", "Devices that must be close too.").inert(),
    ],
};

/// `logs`.
pub static LOGS: BlockSchema = BlockSchema {
    name: "logs",
    api_name: "LogConfig",
    labels: Labels::None,
    doc: "How much of the task's output is kept.",
    fields: &[
        integer("max_files", "MaxFiles", "Files that are kept.").or("10"),
        integer("max_file_size", "MaxFileSizeMB", "Size of one file in MB.").or("10"),
        boolean("enabled", "Enabled", "Accepted but ignored.").inert(),
        boolean("disabled", "Disabled", "Keep no output.").or("false"),
    ],
};

/// `vault`.
pub static VAULT: BlockSchema = BlockSchema {
    name: "vault",
    api_name: "Vault",
    labels: Labels::None,
    doc: "Access to Vault for the task.",
    fields: &[
        strings("policies", "Policies", "Ignored.").inert(),
        string("role", "Role", "Role to log in with.")
            .plain()
            .inert(),
        string("namespace", "Namespace", "Namespace in Vault.").inert(),
        string("cluster", "Cluster", "Which Vault cluster.")
            .plain()
            .or("default")
            .inert(),
        boolean("env", "Env", "Put the token into the environment.")
            .or("true")
            .inert(),
        boolean("disable_file", "DisableFile", "Write no token file.")
            .or("false")
            .inert(),
        string(
            "change_mode",
            "ChangeMode",
            "What a new token does to the task.",
        )
        .or("restart")
        .one_of(&["noop", "signal", "restart"])
        .inert(),
        string(
            "change_signal",
            "ChangeSignal",
            "Signal for the mode `signal`.",
        )
        .or("SIGHUP")
        .inert(),
        boolean(
            "allow_token_expiration",
            "AllowTokenExpiration",
            "Do not renew the token.",
        )
        .or("false")
        .inert(),
    ],
};

/// `consul`.
pub static CONSUL: BlockSchema = BlockSchema {
    name: "consul",
    api_name: "Consul",
    labels: Labels::None,
    doc: "Which Consul cluster is used.",
    fields: &[
        string("namespace", "Namespace", "Namespace in Consul.")
            .plain()
            .inert(),
        string("cluster", "Cluster", "Which Consul cluster.")
            .plain()
            .or("default")
            .inert(),
        string("partition", "Partition", "Partition in Consul.")
            .plain()
            .inert(),
    ],
};

static DISPATCH_PAYLOAD: BlockSchema = BlockSchema {
    name: "dispatch_payload",
    api_name: "DispatchPayload",
    labels: Labels::None,
    doc: "Where the payload of a dispatch is written.",
    fields: &[
        string("file", "File", "File below the task's local directory.")
            .plain()
            .inert(),
    ],
};

/// Task-level `scaling "cpu"` or `"mem"`.
pub static TASK_SCALING: BlockSchema = BlockSchema {
    name: "scaling",
    api_name: "Scaling",
    labels: Labels::One {
        api_name: "Type",
        caption: "name",
    },
    doc: "Bounds for changing the task's processor share or memory.",
    fields: &[
        integer("min", "Min", "Lowest value.").inert(),
        integer("max", "Max", "Highest value.").required().inert(),
        free("policy", "Policy", "Read by an autoscaler only.").inert(),
        boolean("enabled", "Enabled", "Whether scaling is allowed.")
            .or("true")
            .inert(),
        string("type", "Type", "Kind of policy; follows from the label.")
            .plain()
            .inert(),
        server("ID", FieldKind::String).plain(),
        server("Namespace", FieldKind::String).plain(),
        server("Target", FieldKind::Free),
        server("CreateIndex", FieldKind::Unsigned).plain(),
        server("ModifyIndex", FieldKind::Unsigned).plain(),
    ],
};

/// `secret "<name>"`.
pub static SECRET: BlockSchema = BlockSchema {
    name: "secret",
    api_name: "Secret",
    labels: Labels::One {
        api_name: "Name",
        caption: "name",
    },
    doc: "A secret that is fetched before the task starts.",
    fields: &[
        server("Name", FieldKind::String).plain(),
        string("provider", "Provider", "Who gives the secret.")
            .plain()
            .inert(),
        string("path", "Path", "Where it is kept.").plain().inert(),
        free("config", "Config", "Options of the provider.").inert(),
        map("env", "Env", "Environment for the provider.").inert(),
    ],
};

/// `identity`.
pub static IDENTITY: BlockSchema = BlockSchema {
    name: "identity",
    api_name: "Identity",
    labels: Labels::None,
    doc: "A signed token by which the task shows who it is.",
    fields: &[
        string(
            "name",
            "Name",
            "Name; empty or `default` means the task's default identity.",
        )
        .plain()
        .inert(),
        strings("aud", "Audience", "For whom the token is.").inert(),
        string(
            "change_mode",
            "ChangeMode",
            "What a renewed token does to the task.",
        )
        .plain()
        .one_of(&["noop", "signal", "restart"])
        .inert(),
        string(
            "change_signal",
            "ChangeSignal",
            "Signal for the mode `signal`.",
        )
        .plain()
        .inert(),
        boolean("env", "Env", "Put the token into the environment.")
            .plain()
            .or("false")
            .inert(),
        boolean("file", "File", "Write the token to a file.")
            .plain()
            .or("false")
            .inert(),
        string("filepath", "Filepath", "Where that file is.")
            .plain()
            .inert(),
        string(
            "service_name",
            "ServiceName",
            "Service to which it belongs.",
        )
        .plain()
        .inert(),
        duration("ttl", "TTL", "How long the token is valid.")
            .plain()
            .inert(),
        map(
            "extra_claims",
            "ExtraClaims",
            "Further claims in the token.",
        )
        .inert(),
    ],
};

/// `action "<name>"`.
pub static ACTION: BlockSchema = BlockSchema {
    name: "action",
    api_name: "Action",
    labels: Labels::One {
        api_name: "Name",
        caption: "name",
    },
    doc: "A command that people can run inside the task.",
    fields: &[
        server("Name", FieldKind::String).plain(),
        string("command", "Command", "Program to run.")
            .plain()
            .required()
            .inert(),
        strings("args", "Args", "Its arguments.").inert(),
    ],
};

static SCHEDULE: BlockSchema = BlockSchema {
    name: "schedule",
    api_name: "Schedule",
    labels: Labels::None,
    doc: "Hours in which the task runs; needs the Enterprise edition.",
    fields: &[one("cron", "Cron", &SCHEDULE_CRON).inert()],
};

static SCHEDULE_CRON: BlockSchema = BlockSchema {
    name: "cron",
    api_name: "Cron",
    labels: Labels::None,
    doc: "Start and end as cron expressions.",
    fields: &[
        string("start", "Start", "When the task starts.")
            .plain()
            .inert(),
        string("end", "End", "When the task stops.").plain().inert(),
        string("timezone", "Timezone", "Time zone of both.")
            .plain()
            .inert(),
    ],
};

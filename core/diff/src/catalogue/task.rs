//! A task's own fields and blocks.

use yurt_jobspec::schema;

use super::group::NETWORK;
use super::job::{AFFINITIES, CONSTRAINTS, CONSUL};
use super::service::SERVICES;
use super::*;

/// A task.
pub(crate) static TASK: Shape = shape(
    "Task",
    &schema::TASK,
    &[
        text("Driver"),
        map("Env"),
        text("KillSignal"),
        whole("KillTimeout"),
        text("Kind"),
        flag("Leader"),
        map("Meta"),
        whole("ShutdownDelay"),
        text("User"),
    ],
    &[
        CONSTRAINTS,
        AFFINITIES,
        one("Config", &CONFIG),
        one("Resources", &RESOURCES),
        one("LogConfig", &LOGS),
        one("DispatchPayload", &DISPATCH_PAYLOAD),
        many("Artifacts", &ARTIFACT, Match::By(&["RelativeDest"])),
        SERVICES,
        one("Vault", &VAULT),
        many("Secrets", &SECRET, Match::By(&["Name"])),
        one("Consul", &CONSUL),
        many("Templates", &TEMPLATE, Match::Template),
        one("Identity", &IDENTITY),
        many("Identities", &IDENTITY, Match::By(&["Name"])),
        many("Actions", &ACTION, Match::Place),
        many("VolumeMounts", &VOLUME_MOUNT, Match::Place),
        one("Schedule", &SCHEDULE),
    ],
)
.hiding(&[
    "Name",
    "Lifecycle",
    "RestartPolicy",
    "CSIPluginConfig",
    "ScalingPolicies",
])
.changes_only();

/// The shape of a block of this name where a block without a shape of its own holds it.
pub(crate) fn shape_within(name: &str) -> Option<&'static Shape> {
    match name {
        "resources" => Some(&RESOURCES),
        "logs" => Some(&LOGS),
        "identity" => Some(&IDENTITY),
        "volume_mount" => Some(&VOLUME_MOUNT),
        _ => None,
    }
}

static CONFIG: Shape = Shape::free("Config");

static RESOURCES: Shape = shape(
    "Resources",
    &schema::RESOURCES,
    &[
        whole("CPU"),
        whole("Cores"),
        whole("DiskMB"),
        whole("IOPS"),
        whole("MemoryMB"),
        whole("MemoryMaxMB"),
        whole("SecretsMB"),
    ],
    &[
        many("Networks", &NETWORK, Match::Whole),
        many("Devices", &DEVICE, Match::By(&["Name"])),
        one("NUMA", &NUMA),
    ],
);

static DEVICE: Shape = shape(
    "Device",
    &schema::DEVICE,
    &[whole("Count"), text("Name")],
    &[],
)
.hiding(&["Constraints", "Affinities"]);

static NUMA: Shape = bare("NUMA", &[text("Affinity")], &[]);

static LOGS: Shape = shape(
    "LogConfig",
    &schema::LOGS,
    &[flag("Disabled"), whole("MaxFileSizeMB"), whole("MaxFiles")],
    &[],
)
.hiding(&["Enabled"]);

static DISPATCH_PAYLOAD: Shape = bare("DispatchPayload", &[text("File")], &[]);

static ARTIFACT: Shape = shape(
    "Artifact",
    &schema::ARTIFACT,
    &[
        flag("Chown"),
        map("GetterHeaders"),
        flag("GetterInsecure"),
        text("GetterMode"),
        map("GetterOptions"),
        text("GetterSource"),
        text("RelativeDest"),
    ],
    &[],
)
.judged(Judged::Fields);

static VAULT: Shape = shape(
    "Vault",
    &schema::VAULT,
    &[
        flag("AllowTokenExpiration"),
        text("ChangeMode"),
        text("ChangeSignal"),
        text("Cluster"),
        flag("DisableFile"),
        flag("Env"),
        text("Namespace"),
        text("Role"),
    ],
    &[],
)
.hiding(&["Policies"]);

static SECRET: Shape = shape(
    "Secret",
    &schema::SECRET,
    &[
        map("Config"),
        map("Env"),
        text("Name"),
        text("Path"),
        text("Provider"),
    ],
    &[],
);

static TEMPLATE: Shape = shape(
    "Template",
    &schema::TEMPLATE,
    &[
        text("ChangeMode"),
        text("ChangeSignal"),
        text("DestPath"),
        text("EmbeddedTmpl"),
        flag("Envvars"),
        flag("ErrMissingKey"),
        field("Gid", Kind::Optional),
        text("LeftDelim"),
        flag("Once"),
        text("Perms"),
        text("RightDelim"),
        text("SourcePath"),
        whole("Splay"),
        field("Uid", Kind::Optional),
        whole("VaultGrace"),
    ],
    &[one("Wait", &WAIT), one("ChangeScript", &CHANGE_SCRIPT)],
);

/// The reference calls it by its parent's name.
static WAIT: Shape = bare(
    "Template",
    &[field("Max", Kind::Nil), field("Min", Kind::Nil)],
    &[],
);

static CHANGE_SCRIPT: Shape = bare(
    "ChangeScript",
    &[
        text("Command"),
        flag("FailOnError"),
        flag("RunOnFirstRender"),
        whole("Timeout"),
    ],
    &[set("Args")],
);

/// An identity of a task or service.
pub(super) static IDENTITY: Shape = shape(
    "Identity",
    &schema::IDENTITY,
    &[
        text("ChangeMode"),
        text("ChangeSignal"),
        flag("Env"),
        flag("File"),
        text("Filepath"),
        text("Name"),
        text("ServiceName"),
        whole("TTL"),
    ],
    &[set("Audience")],
)
.hiding(&["ExtraClaims"]);

static ACTION: Shape = shape(
    "Action",
    &schema::ACTION,
    &[text("Command"), text("Name")],
    &[set("Args")],
);

static VOLUME_MOUNT: Shape = shape(
    "VolumeMount",
    &schema::VOLUME_MOUNT,
    &[
        text("Destination"),
        text("PropagationMode"),
        flag("ReadOnly"),
        text("SELinuxLabel"),
        text("Volume"),
    ],
    &[],
);

static SCHEDULE: Shape = bare(
    "Schedule",
    &[
        Field {
            path: "Cron.End",
            name: "End",
            kind: Kind::Text,
        },
        Field {
            path: "Cron.Start",
            name: "Start",
            kind: Kind::Text,
        },
        Field {
            path: "Cron.Timezone",
            name: "Timezone",
            kind: Kind::Text,
        },
    ],
    &[],
);

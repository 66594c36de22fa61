//! A group's own fields and blocks.

use yurt_jobspec::schema;

use super::job::{AFFINITIES, CONSTRAINTS, CONSUL};
use super::service::SERVICES;
use super::*;

/// A group without its tasks. `ShutdownDelay` is compared only where the group is on both sides, so
/// the walk adds it.
pub(crate) static GROUP: Shape = shape(
    "TaskGroup",
    &schema::GROUP,
    &[whole("Count"), map("Meta"), flag("PreventRescheduleOnLost")],
    &[
        CONSTRAINTS,
        AFFINITIES,
        one("RestartPolicy", &RESTART),
        one("Migrate", &MIGRATE),
        one("ReschedulePolicy", &RESCHEDULE),
        one("EphemeralDisk", &EPHEMERAL_DISK),
        one("Consul", &CONSUL),
        one("Update", &UPDATE),
        one("Disconnect", &DISCONNECT),
        many("Networks", &NETWORK, Match::Whole),
        one("Scaling", &SCALING),
        SERVICES,
        many("Volumes", &VOLUME, Match::Key),
    ],
)
.hiding(&[
    "Name",
    "Tasks",
    "Spreads",
    "ShutdownDelay",
    "MaxRunDuration",
    "StopAfterClientDisconnect",
    "MaxClientDisconnect",
])
.changes_only();

static RESTART: Shape = shape(
    "RestartPolicy",
    &schema::RESTART,
    &[
        whole("Attempts"),
        whole("Delay"),
        whole("Interval"),
        text("Mode"),
        flag("RenderTemplates"),
    ],
    &[],
);

static MIGRATE: Shape = shape(
    "Migrate",
    &schema::MIGRATE,
    &[
        text("HealthCheck"),
        whole("HealthyDeadline"),
        whole("MaxParallel"),
        whole("MinHealthyTime"),
    ],
    &[],
);

static RESCHEDULE: Shape = shape(
    "ReschedulePolicy",
    &schema::RESCHEDULE,
    &[
        whole("Attempts"),
        whole("Delay"),
        text("DelayFunction"),
        whole("Interval"),
        whole("MaxDelay"),
        flag("Unlimited"),
    ],
    &[],
);

static EPHEMERAL_DISK: Shape = shape(
    "EphemeralDisk",
    &schema::EPHEMERAL_DISK,
    &[flag("Migrate"), whole("SizeMB"), flag("Sticky")],
    &[],
);

static UPDATE: Shape = shape(
    "Update",
    &schema::UPDATE,
    &[
        flag("AutoPromote"),
        flag("AutoRevert"),
        whole("Canary"),
        text("HealthCheck"),
        whole("HealthyDeadline"),
        whole("MaxParallel"),
        whole("MinHealthyTime"),
        whole("ProgressDeadline"),
    ],
    &[],
)
.hiding(&["Stagger"])
.judged(Judged::Shown);

static DISCONNECT: Shape = shape(
    "Disconnect",
    &schema::DISCONNECT,
    &[
        whole("LostAfter"),
        text("Reconcile"),
        field("Replace", Kind::Nil),
        field("StopOnClientAfter", Kind::Nil),
    ],
    &[],
);

static SCALING: Shape = shape(
    "Scaling",
    &schema::SCALING,
    &[flag("Enabled"), whole("Max"), whole("Min")],
    &[one("Policy", &POLICY)],
)
.hiding(&[
    "Type",
    "ID",
    "Namespace",
    "Target",
    "CreateIndex",
    "ModifyIndex",
])
.changes_only();

static POLICY: Shape = Shape::free("Policy").changes_only();

/// A network of a group or task.
pub(super) static NETWORK: Shape = shape(
    "Network",
    &schema::NETWORK,
    &[text("Hostname"), text("Mode")],
    &[
        many("ReservedPorts", &STATIC_PORT, Match::By(&["Label"])),
        many("DynamicPorts", &DYNAMIC_PORT, Match::By(&["Label"])),
        one("DNS", &DNS),
        one("CNI.Args", &CNI),
    ],
)
.hiding(&["Device", "CIDR", "IP", "MBits"]);

static STATIC_PORT: Shape = shape(
    "Static Port",
    &schema::PORT,
    &[
        text("HostNetwork"),
        flag("IgnoreCollision"),
        text("Label"),
        whole("To"),
        whole("Value"),
    ],
    &[],
);

static DYNAMIC_PORT: Shape = shape(
    "Dynamic Port",
    &schema::PORT,
    &[text("HostNetwork"), text("Label"), whole("To")],
    &[],
)
.hiding(&["IgnoreCollision", "Value"]);

static DNS: Shape = bare(
    "DNS",
    &[
        field("Options", Kind::Joined),
        field("Searches", Kind::Joined),
        field("Servers", Kind::Joined),
    ],
    &[],
);

static CNI: Shape = Shape::free("CNIConfig");

static VOLUME: Shape = shape(
    "Volume",
    &schema::VOLUME,
    &[
        text("AccessMode"),
        text("AttachmentMode"),
        text("Name"),
        flag("PerAlloc"),
        flag("ReadOnly"),
        text("Source"),
        flag("Sticky"),
        text("Type"),
    ],
    &[one("MountOptions", &MOUNT_OPTIONS)],
);

static MOUNT_OPTIONS: Shape = bare("MountOptions", &[text("FSType")], &[set("MountFlags")]);

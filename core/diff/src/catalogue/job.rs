//! The job's own fields and blocks, and the blocks that jobs, groups and tasks share.

use yurt_jobspec::schema::{
    self, AFFINITY as AFFINITY_SCHEMA, CONSTRAINT as CONSTRAINT_SCHEMA, MULTIREGION,
};

use super::*;

/// A job without its groups.
pub(crate) static JOB: Shape = shape(
    "Job",
    &schema::JOB,
    &[
        flag("AllAtOnce"),
        text("ConsulNamespace"),
        text("DispatchIdempotencyToken"),
        flag("Dispatched"),
        map("Meta"),
        text("Name"),
        text("Namespace"),
        text("NodePool"),
        text("ParentID"),
        whole("Priority"),
        text("Region"),
        flag("Stop"),
        text("Type"),
        text("VaultNamespace"),
    ],
    &[
        part("Datacenters", Child::ChangedSet),
        CONSTRAINTS,
        AFFINITIES,
        one("Periodic", &PERIODIC),
        one("ParameterizedJob", &PARAMETERIZED),
        part("Multiregion", Child::Generic(&MULTIREGION)),
        one("UI", &UI),
    ],
)
.hiding(&[
    "ID",
    "TaskGroups",
    "Update",
    "Spreads",
    "Reschedule",
    "Migrate",
    "Payload",
    "NomadTokenID",
    "Status",
    "StatusDescription",
    "Stable",
    "Version",
    "SubmitTime",
    "CreateIndex",
    "ModifyIndex",
    "JobModifyIndex",
    "VersionTag",
])
.changes_only();

static PERIODIC: Shape = shape(
    "Periodic",
    &schema::PERIODIC,
    &[
        flag("Enabled"),
        flag("ProhibitOverlap"),
        text("Spec"),
        text("SpecType"),
        text("TimeZone"),
    ],
    &[set("Specs")],
);

static PARAMETERIZED: Shape = shape(
    "ParameterizedJob",
    &schema::PARAMETERIZED,
    &[text("Payload")],
    &[set("MetaOptional"), set("MetaRequired")],
);

static UI: Shape = shape(
    "UI",
    &schema::UI,
    &[text("Description")],
    &[many("Links", &LINK, Match::Place)],
);

static LINK: Shape = bare("Link", &[text("Label"), text("Url")], &[]);

/// `Constraints` of a job, group or task.
pub(super) const CONSTRAINTS: Part = many(
    "Constraints",
    &CONSTRAINT,
    Match::By(&["LTarget", "Operand", "RTarget"]),
);
/// `Affinities` of a job, group or task.
pub(super) const AFFINITIES: Part = many(
    "Affinities",
    &AFFINITY,
    Match::By(&["LTarget", "Operand", "RTarget", "Weight"]),
);

static CONSTRAINT: Shape = shape(
    "Constraint",
    &CONSTRAINT_SCHEMA,
    &[text("LTarget"), text("Operand"), text("RTarget")],
    &[],
);

static AFFINITY: Shape = shape(
    "Affinity",
    &AFFINITY_SCHEMA,
    &[
        text("LTarget"),
        text("Operand"),
        text("RTarget"),
        whole("Weight"),
    ],
    &[],
);

/// `consul` of a group or task.
pub(super) static CONSUL: Shape = shape(
    "Consul",
    &schema::CONSUL,
    &[text("Cluster"), text("Namespace"), text("Partition")],
    &[],
);

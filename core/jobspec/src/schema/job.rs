//! Tables: `job` and the blocks that only a job has.

use super::group::GROUP;
use super::policy::{AFFINITY, CONSTRAINT, MIGRATE, RESCHEDULE, SPREAD, UPDATE};
use super::short::*;
use super::task::{SECRET, TASK, VAULT};
use super::{BlockSchema, FieldKind, FieldSchema, Labels};

/// `job "<id>"`.
pub static JOB: BlockSchema = BlockSchema {
    name: "job",
    api_name: "Job",
    labels: Labels::One {
        api_name: "ID",
        caption: "name",
    },
    doc: "What to run: one or more groups of tasks, and the rules for placing and updating them.",
    fields: &[
        string("region", "Region", "Region in which the job runs.").or("global"),
        string(
            "namespace",
            "Namespace",
            "Namespace to which the job belongs.",
        )
        .or("default"),
        string("id", "ID", "Identifier of the job; the label unless given."),
        string(
            "name",
            "Name",
            "Name shown for the job; the label unless given.",
        ),
        string(
            "type",
            "Type",
            "Which scheduler places the job and whether it is expected to end.",
        )
        .or("service")
        .one_of(&["service", "batch", "system", "sysbatch"]),
        integer(
            "priority",
            "Priority",
            "Precedence from 1 to 100; higher goes first.",
        )
        .or("50"),
        boolean(
            "all_at_once",
            "AllAtOnce",
            "Place nothing unless every group can be placed.",
        )
        .or("false"),
        strings(
            "datacenters",
            "Datacenters",
            "Datacenters whose nodes qualify; globs are allowed.",
        )
        .or("[\"*\"]"),
        string("node_pool", "NodePool", "Pool whose nodes qualify.").or("default"),
        many("constraint", "Constraints", &CONSTRAINT),
        many("affinity", "Affinities", &AFFINITY),
        many("group", "TaskGroups", &GROUP),
        one("update", "Update", &UPDATE),
        one("multiregion", "Multiregion", &MULTIREGION).inert(),
        many("spread", "Spreads", &SPREAD),
        one("periodic", "Periodic", &PERIODIC),
        one("parameterized", "ParameterizedJob", &PARAMETERIZED),
        one("reschedule", "Reschedule", &RESCHEDULE),
        one("migrate", "Migrate", &MIGRATE),
        FieldSchema::new(
            "meta",
            "Meta",
            FieldKind::StringMap,
            "Keys and values for tasks and operators.",
        ),
        one("ui", "UI", &UI),
        server("Stop", FieldKind::Boolean),
        server("ParentID", FieldKind::String),
        server("Dispatched", FieldKind::Boolean).plain(),
        server("DispatchIdempotencyToken", FieldKind::String),
        server("Payload", FieldKind::String),
        server("ConsulNamespace", FieldKind::String),
        server("VaultNamespace", FieldKind::String),
        server("NomadTokenID", FieldKind::String),
        server("Status", FieldKind::String),
        server("StatusDescription", FieldKind::String),
        server("Stable", FieldKind::Boolean),
        server("Version", FieldKind::Unsigned),
        server("SubmitTime", FieldKind::Integer),
        server("CreateIndex", FieldKind::Unsigned),
        server("ModifyIndex", FieldKind::Unsigned),
        server("JobModifyIndex", FieldKind::Unsigned),
        server("VersionTag", FieldKind::Free),
        many("task", "", &TASK),
        one("vault", "", &VAULT).inert(),
        many("secret", "", &SECRET).inert(),
    ],
};

/// `multiregion`.
pub static MULTIREGION: BlockSchema = BlockSchema {
    name: "multiregion",
    api_name: "Multiregion",
    labels: Labels::None,
    doc: "Deploys one job to several regions; needs the Enterprise edition.",
    fields: &[
        one("strategy", "Strategy", &MULTIREGION_STRATEGY),
        many("region", "Regions", &REGION),
    ],
};

static MULTIREGION_STRATEGY: BlockSchema = BlockSchema {
    name: "strategy",
    api_name: "Strategy",
    labels: Labels::None,
    doc: "How a deployment moves from region to region.",
    fields: &[
        integer(
            "max_parallel",
            "MaxParallel",
            "Regions that deploy at the same time.",
        )
        .inert(),
        string(
            "on_failure",
            "OnFailure",
            "What a failing region does to the others.",
        )
        .inert(),
    ],
};

static REGION: BlockSchema = BlockSchema {
    name: "region",
    api_name: "Region",
    labels: Labels::One {
        api_name: "Name",
        caption: "name",
    },
    doc: "One region of a job in several regions.",
    fields: &[
        server("Name", FieldKind::String).plain(),
        integer(
            "count",
            "Count",
            "Count of groups that give none of their own.",
        )
        .inert(),
        strings("datacenters", "Datacenters", "Datacenters in this region.").inert(),
        string("node_pool", "NodePool", "Node pool in this region.")
            .plain()
            .inert(),
        map("meta", "Meta", "Keys and values of this region.").inert(),
    ],
};

/// `periodic`.
pub static PERIODIC: BlockSchema = BlockSchema {
    name: "periodic",
    api_name: "Periodic",
    labels: Labels::None,
    doc: "Launches the job again and again, at the times that cron expressions give.",
    fields: &[
        boolean("enabled", "Enabled", "Whether launches happen.").or("true"),
        string(
            "cron",
            "Spec",
            "One cron expression; deprecated in favour of `crons`.",
        ),
        strings(
            "crons",
            "Specs",
            "Cron expressions; the earliest next time wins.",
        ),
        server("SpecType", FieldKind::String),
        boolean(
            "prohibit_overlap",
            "ProhibitOverlap",
            "Skip a launch while the last one runs.",
        )
        .or("false"),
        string(
            "time_zone",
            "TimeZone",
            "Time zone in which the expressions are read.",
        )
        .or("UTC"),
    ],
};

/// `parameterized`.
pub static PARAMETERIZED: BlockSchema = BlockSchema {
    name: "parameterized",
    api_name: "ParameterizedJob",
    labels: Labels::None,
    doc: "Makes the job a template that `job dispatch` starts with a payload and metadata.",
    fields: &[
        string(
            "payload",
            "Payload",
            "Whether a dispatch carries a payload.",
        )
        .plain()
        .or("optional")
        .one_of(&["optional", "required", "forbidden"]),
        strings(
            "meta_required",
            "MetaRequired",
            "Metadata keys that a dispatch must give.",
        ),
        strings(
            "meta_optional",
            "MetaOptional",
            "Metadata keys that a dispatch may give.",
        ),
    ],
};

/// `ui`.
pub static UI: BlockSchema = BlockSchema {
    name: "ui",
    api_name: "UI",
    labels: Labels::None,
    doc: "What the web interface says about the job.",
    fields: &[
        string(
            "description",
            "Description",
            "Markdown shown on the job's page.",
        )
        .plain(),
        many("link", "Links", &LINK),
    ],
};

static LINK: BlockSchema = BlockSchema {
    name: "link",
    api_name: "Link",
    labels: Labels::None,
    doc: "A link shown on the job's page.",
    fields: &[
        string("label", "Label", "Text of the link.").plain(),
        string("url", "Url", "Address of the link.").plain(),
    ],
};

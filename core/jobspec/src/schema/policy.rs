//! Tables: constraint, affinity, spread, and the policies that jobs, groups and tasks share.

use super::short::*;
use super::{BlockSchema, FieldKind, FieldSchema, Labels};

const OPERATORS: &[&str] = &[
    "=",
    "==",
    "is",
    "!=",
    "not",
    "<",
    "<=",
    ">",
    ">=",
    "regexp",
    "version",
    "semver",
    "set_contains",
    "set_contains_all",
    "set_contains_any",
    "is_set",
    "is_not_set",
    "distinct_hosts",
    "distinct_property",
];

/// `constraint`.
pub static CONSTRAINT: BlockSchema = BlockSchema {
    name: "constraint",
    api_name: "Constraint",
    labels: Labels::None,
    doc: "A condition that a node must meet; nodes that do not are filtered out.",
    fields: &[
        string(
            "attribute",
            "LTarget",
            "Left side: usually a node attribute in `${...}`.",
        )
        .plain(),
        string(
            "value",
            "RTarget",
            "Right side: what the attribute is compared with.",
        )
        .plain(),
        string("operator", "Operand", "How the two sides are compared.")
            .plain()
            .or("=")
            .one_of(OPERATORS),
        string(
            "version",
            "",
            "Short for `operator = \"version\"` with this value.",
        ),
        string(
            "semver",
            "",
            "Short for `operator = \"semver\"` with this value.",
        ),
        string(
            "regexp",
            "",
            "Short for `operator = \"regexp\"` with this value.",
        ),
        string(
            "set_contains",
            "",
            "Short for `operator = \"set_contains\"` with this value.",
        ),
        boolean(
            "distinct_hosts",
            "",
            "No two allocations of the group (or job) on one node.",
        ),
        string(
            "distinct_property",
            "",
            "Limits how many allocations share a value of this.",
        ),
        string(
            "set_contains_all",
            "",
            "Accepted but ignored; use `operator`.",
        )
        .inert(),
        string(
            "set_contains_any",
            "",
            "Accepted but ignored; use `operator`.",
        )
        .inert(),
        string(
            "is_set",
            "",
            "Accepted but ignored; use `operator = \"is_set\"`.",
        )
        .inert(),
        string(
            "is_not_set",
            "",
            "Accepted but ignored; use `operator = \"is_not_set\"`.",
        )
        .inert(),
    ],
};

/// `affinity`.
pub static AFFINITY: BlockSchema = BlockSchema {
    name: "affinity",
    api_name: "Affinity",
    labels: Labels::None,
    doc: "A preference for nodes that meet a condition, or against them with a negative weight.",
    fields: &[
        string(
            "attribute",
            "LTarget",
            "Left side: usually a node attribute in `${...}`.",
        )
        .plain(),
        string(
            "value",
            "RTarget",
            "Right side: what the attribute is compared with.",
        )
        .plain(),
        string("operator", "Operand", "How the two sides are compared.")
            .plain()
            .or("=")
            .one_of(OPERATORS),
        FieldSchema::new(
            "weight",
            "Weight",
            FieldKind::Integer,
            "Strength from -100 to 100; negative repels.",
        )
        .or("50"),
        string(
            "version",
            "",
            "Short for `operator = \"version\"` with this value.",
        ),
        string(
            "semver",
            "",
            "Short for `operator = \"semver\"` with this value.",
        ),
        string(
            "regexp",
            "",
            "Short for `operator = \"regexp\"` with this value.",
        ),
        string(
            "set_contains",
            "",
            "Short for `operator = \"set_contains\"` with this value.",
        ),
        string(
            "set_contains_any",
            "",
            "Short for that operator with this value.",
        ),
        string(
            "set_contains_all",
            "",
            "Short for that operator with this value.",
        ),
    ],
};

/// `spread`.
pub static SPREAD: BlockSchema = BlockSchema {
    name: "spread",
    api_name: "Spread",
    labels: Labels::None,
    doc: "Spreads allocations over the values of an attribute, evenly or by percentages.",
    fields: &[
        string(
            "attribute",
            "Attribute",
            "Attribute over whose values to spread.",
        )
        .plain(),
        FieldSchema::new(
            "weight",
            "Weight",
            FieldKind::SignedByte,
            "Strength from 0 to 100.",
        )
        .or("50"),
        many("target", "SpreadTarget", &SPREAD_TARGET),
    ],
};

static SPREAD_TARGET: BlockSchema = BlockSchema {
    name: "target",
    api_name: "SpreadTarget",
    labels: Labels::One {
        api_name: "Value",
        caption: "",
    },
    doc: "The share that one value of the attribute should get.",
    fields: &[
        string(
            "value",
            "Value",
            "Value of the attribute; the label unless given.",
        )
        .plain(),
        FieldSchema::new(
            "percent",
            "Percent",
            FieldKind::UnsignedByte,
            "Share in percent.",
        )
        .plain(),
    ],
};

/// `update`.
pub static UPDATE: BlockSchema = BlockSchema {
    name: "update",
    api_name: "Update",
    labels: Labels::None,
    doc: "How a new version replaces the old one: how many at once, canaries, health, deadlines.",
    fields: &[
        duration(
            "stagger",
            "Stagger",
            "Pause between steps of a system job's update.",
        )
        .or("30s"),
        integer(
            "max_parallel",
            "MaxParallel",
            "Allocations replaced at the same time; 0 = all.",
        )
        .or("1"),
        string(
            "health_check",
            "HealthCheck",
            "What makes an allocation healthy.",
        )
        .or("checks")
        .one_of(&["checks", "task_states", "manual"]),
        duration(
            "min_healthy_time",
            "MinHealthyTime",
            "How long it must stay healthy to count.",
        )
        .or("10s"),
        duration(
            "healthy_deadline",
            "HealthyDeadline",
            "By when an allocation must be healthy.",
        )
        .or("5m"),
        duration(
            "progress_deadline",
            "ProgressDeadline",
            "By when the next allocation must be healthy; 0 fails at the first unhealthy one.",
        )
        .or("10m"),
        integer(
            "canary",
            "Canary",
            "Allocations of the new version run beside the old ones.",
        )
        .or("0"),
        boolean(
            "auto_revert",
            "AutoRevert",
            "Return to the last stable version on failure.",
        )
        .or("false"),
        boolean(
            "auto_promote",
            "AutoPromote",
            "Promote when every canary is healthy.",
        )
        .or("false"),
    ],
};

/// `migrate`.
pub static MIGRATE: BlockSchema = BlockSchema {
    name: "migrate",
    api_name: "Migrate",
    labels: Labels::None,
    doc: "How allocations move away from a node that is drained.",
    fields: &[
        integer(
            "max_parallel",
            "MaxParallel",
            "Allocations that move at the same time.",
        )
        .or("1"),
        string(
            "health_check",
            "HealthCheck",
            "What makes a replacement healthy.",
        )
        .or("checks")
        .one_of(&["checks", "task_states"]),
        duration(
            "min_healthy_time",
            "MinHealthyTime",
            "How long it must stay healthy to count.",
        )
        .or("10s"),
        duration(
            "healthy_deadline",
            "HealthyDeadline",
            "By when a replacement must be healthy.",
        )
        .or("5m"),
    ],
};

/// `restart`.
pub static RESTART: BlockSchema = BlockSchema {
    name: "restart",
    api_name: "RestartPolicy",
    labels: Labels::None,
    doc: "How often a failed task is restarted on its node before the allocation fails.",
    fields: &[
        duration(
            "interval",
            "Interval",
            "Window in which attempts are counted.",
        )
        .or("30m"),
        integer("attempts", "Attempts", "Restarts allowed in one interval.").or("2"),
        duration(
            "delay",
            "Delay",
            "Pause before a restart; up to a quarter is added.",
        )
        .or("15s"),
        string(
            "mode",
            "Mode",
            "What happens when the attempts are used up.",
        )
        .or("fail")
        .one_of(&["fail", "delay"]),
        boolean(
            "render_templates",
            "RenderTemplates",
            "Render templates again on restart.",
        )
        .or("false"),
    ],
};

/// `reschedule`.
pub static RESCHEDULE: BlockSchema = BlockSchema {
    name: "reschedule",
    api_name: "ReschedulePolicy",
    labels: Labels::None,
    doc: "Whether and when a failed allocation is placed anew on another node.",
    fields: &[
        integer(
            "attempts",
            "Attempts",
            "Placements allowed in one interval.",
        ),
        duration(
            "interval",
            "Interval",
            "Window in which attempts are counted.",
        ),
        duration("delay", "Delay", "Pause before the first new placement.").or("30s"),
        string("delay_function", "DelayFunction", "How the pause grows.")
            .or("exponential")
            .one_of(&["constant", "exponential", "fibonacci"]),
        duration("max_delay", "MaxDelay", "Longest pause.").or("1h"),
        boolean("unlimited", "Unlimited", "Place anew without limit.").or("true"),
    ],
};

//! Where to place, and how to update, restart, reschedule, migrate and survive disconnects.

use serde_json::{Value, json};
use yurt_model::Rng;

use super::{SECOND, one_in, pick, seconds};

pub(super) fn constraint(rng: &mut Rng) -> Value {
    match rng.below(6) {
        0 => json!({ "LTarget": "${meta.rack}", "RTarget": "r1", "Operand": "!=" }),
        1 => json!({ "LTarget": "${node.class}", "RTarget": "big", "Operand": "=" }),
        2 => json!({ "Operand": "distinct_hosts", "RTarget": "true" }),
        3 => json!({ "LTarget": "${meta.rack}", "RTarget": "2", "Operand": "distinct_property" }),
        4 => {
            json!({ "LTarget": "${attr.nomad.version}", "RTarget": ">= 1.6", "Operand": "version" })
        }
        _ => json!({ "LTarget": "${meta.rack}", "RTarget": "r[12]", "Operand": "regexp" }),
    }
}

pub(super) fn affinity(rng: &mut Rng) -> Value {
    let weight = pick(rng, &[-50, 100]);
    json!({ "LTarget": "${node.class}", "RTarget": "big", "Operand": "=", "Weight": weight })
}

pub(super) fn spread(rng: &mut Rng) -> Value {
    match rng.below(2) {
        0 => json!({ "Attribute": "${meta.rack}", "Weight": 100 }),
        _ => json!({
            "Attribute": "${meta.rack}",
            "Weight": 50,
            "SpreadTarget": [{ "Value": "r1", "Percent": 70 }, { "Value": "r2", "Percent": 30 }],
        }),
    }
}

/// Canaries of a system job are a share of its nodes in percent.
pub(super) fn update(scheduler: &str, rng: &mut Rng) -> Value {
    let canary = if scheduler == "system" {
        pick(rng, &[0, 20, 50, 50, 100])
    } else {
        pick(rng, &[0, 1, 1, 2, 5])
    };
    let max_parallel = if one_in(rng, 10) { 0 } else { 1 + rng.below(3) };
    let healthy = 20 + i64::from(rng.below(60));
    let progress = if one_in(rng, 8) {
        0
    } else {
        healthy + 1 + i64::from(rng.below(120))
    };
    json!({
        "MaxParallel": max_parallel,
        "HealthCheck": pick(rng, &["checks", "checks", "checks", "task_states", "manual"]),
        "Canary": canary,
        "AutoPromote": canary > 0 && one_in(rng, 3),
        "AutoRevert": one_in(rng, 3),
        "MinHealthyTime": seconds(rng, 1, 10),
        "HealthyDeadline": healthy * SECOND,
        "ProgressDeadline": progress * SECOND,
    })
}

pub(super) fn migrate(rng: &mut Rng) -> Value {
    json!({
        "MaxParallel": 1 + rng.below(3),
        "HealthCheck": pick(rng, &["checks", "task_states"]),
        "MinHealthyTime": seconds(rng, 1, 10),
        "HealthyDeadline": seconds(rng, 20, 60),
    })
}

/// What a group does without its servers: it waits for them, or it stops by itself.
pub(super) fn disconnect(scheduler: &str, rng: &mut Rng) -> Value {
    let reconcile = [
        "keep_original",
        "keep_replacement",
        "best_score",
        "longest_running",
    ];
    let mut block = json!({ "Replace": !one_in(rng, 3), "Reconcile": pick(rng, &reconcile) });
    if matches!(scheduler, "service" | "batch") && one_in(rng, 3) {
        block["StopOnClientAfter"] = json!(seconds(rng, 1, 60));
    } else {
        block["LostAfter"] = json!(seconds(rng, 20, 600));
    }
    block
}

/// Without end, so often in a time, or not at all.
pub(super) fn reschedule(rng: &mut Rng) -> Value {
    match rng.below(6) {
        0 => json!({ "Attempts": 0, "Interval": 0, "Unlimited": false }),
        1 | 2 => json!({
            "Attempts": 1 + rng.below(3),
            "Interval": 3600 * SECOND,
            "Delay": seconds(rng, 5, 30),
            "DelayFunction": "constant",
            "Unlimited": false,
        }),
        _ => json!({
            "Attempts": 0,
            "Interval": 0,
            "Delay": seconds(rng, 5, 30),
            "DelayFunction": pick(rng, &["constant", "exponential", "fibonacci"]),
            "MaxDelay": 3600 * SECOND,
            "Unlimited": true,
        }),
    }
}

pub(super) fn restart(rng: &mut Rng) -> Value {
    let mode = pick(rng, &["fail", "delay"]);
    let least = u32::from(mode == "delay");
    json!({
        "Attempts": least + rng.below(3),
        "Interval": pick(rng, &[30, 60, 60, 300]) * SECOND,
        "Delay": seconds(rng, 1, 10),
        "Mode": mode,
        "RenderTemplates": one_in(rng, 5),
    })
}

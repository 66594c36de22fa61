//! Random jobs that servers accept.

use std::rc::Rc;

use serde_json::{Map, Value, json};
use yurt_jobspec::admission::{AdmissionContext, admit};
use yurt_model::{JobSpec, Rng};

const SECOND: i64 = 1_000_000_000;
const IMAGES: [&str; 9] = [
    "web:1",
    "web:2",
    "web:3",
    "web:4",
    "web:5-crash",
    "web:6-slow",
    "web:7-badhealth",
    "web:8-oom",
    "web:9-nopull",
];
/// Images whose tasks end by themselves.
const ENDING: [&str; 4] = [
    "work:1-exit0",
    "work:2-exit1",
    "work:3-exit0",
    "work:4-crash",
];
const KINDS: [&str; 6] = [
    "service", "service", "service", "batch", "system", "sysbatch",
];

/// A version of the job of a number. A job keeps its type.
pub(crate) fn version(seed: u64, number: u32, rng: &mut Rng) -> Option<Rc<JobSpec>> {
    let mut identity = Rng::new(seed).child("job", u64::from(number));
    let kind = pick(&mut identity, &KINDS);
    let groups_max = 1 + identity.below(2);
    let mut job = json!({
        "ID": format!("job-{number}"),
        "Name": format!("job-{number}"),
        "Type": kind,
        "Priority": pick(&mut identity, &[20, 50, 50, 70, 90]),
        "Datacenters": [pick(&mut identity, &["dc1", "dc2", "*"])],
        "TaskGroups": (0..groups_max).map(|n| group(n, kind, rng)).collect::<Vec<_>>(),
    });
    if one_in(rng, 6) {
        job["Constraints"] = json!([constraint(rng)]);
    }
    if kind == "service" && one_in(rng, 5) {
        job["Spreads"] = json!([spread(rng)]);
    }
    // What is refused is no version: the walk goes on without.
    admit(&job, &AdmissionContext::default())
        .ok()
        .map(|admitted| admitted.spec)
}

fn one_in(rng: &mut Rng, n: u32) -> bool {
    rng.below(n) == 0
}

fn pick<T: Copy>(rng: &mut Rng, among: &[T]) -> T {
    among[rng.below(among.len() as u32) as usize]
}

fn constraint(rng: &mut Rng) -> Value {
    match rng.below(5) {
        0 => json!({ "LTarget": "${meta.rack}", "RTarget": "r1", "Operand": "!=" }),
        1 => json!({ "LTarget": "${node.class}", "RTarget": "big", "Operand": "=" }),
        2 => json!({ "Operand": "distinct_hosts", "RTarget": "true" }),
        3 => json!({ "LTarget": "${meta.rack}", "RTarget": "2", "Operand": "distinct_property" }),
        _ => json!({ "LTarget": "${meta.rack}", "RTarget": "r[12]", "Operand": "regexp" }),
    }
}

fn spread(rng: &mut Rng) -> Value {
    match rng.below(2) {
        0 => json!({ "Attribute": "${meta.rack}", "Weight": 100 }),
        _ => json!({
            "Attribute": "${meta.rack}",
            "Weight": 50,
            "SpreadTarget": [{ "Value": "r1", "Percent": 70 }, { "Value": "r2", "Percent": 30 }],
        }),
    }
}

fn group(number: u32, kind: &str, rng: &mut Rng) -> Value {
    let mut group = Map::new();
    group.insert("Name".into(), json!(format!("g{number}")));
    group.insert("Count".into(), json!(rng.below(6)));
    group.insert("Tasks".into(), json!([task(kind, rng)]));
    if kind == "system" {
        group.insert("Count".into(), json!(rng.below(3)));
    }
    if matches!(kind, "service" | "system") && !one_in(rng, 4) {
        group.insert("Update".into(), update(rng));
    }
    if kind == "service" {
        if one_in(rng, 3) {
            group.insert("Disconnect".into(), disconnect(rng));
        }
        if one_in(rng, 3) {
            group.insert("ReschedulePolicy".into(), unlimited(rng));
        }
    }
    if one_in(rng, 2) {
        group.insert("RestartPolicy".into(), restart(rng));
    }
    if one_in(rng, 3) {
        group.insert("Networks".into(), json!([network(rng)]));
    }
    if one_in(rng, 6) {
        group.insert("Constraints".into(), json!([constraint(rng)]));
    }
    if one_in(rng, 6) {
        group.insert(
            "Affinities".into(),
            json!([{ "LTarget": "${node.class}", "RTarget": "big", "Weight": -50 }]),
        );
    }
    if one_in(rng, 8) {
        group.insert(
            "Volumes".into(),
            json!({ "v": { "Name": "v", "Type": "host", "Source": "data" } }),
        );
    }
    Value::Object(group)
}

fn task(kind: &str, rng: &mut Rng) -> Value {
    let images: &[&str] = if kind.ends_with("batch") && !one_in(rng, 4) {
        &ENDING
    } else {
        &IMAGES
    };
    // The good ones come first and more often.
    let last = 1 + rng.below(images.len() as u32);
    let image = images[rng.below(last) as usize];
    json!({
        "Name": "t",
        "Driver": "docker",
        "Config": { "image": image },
        "KillTimeout": i64::from(rng.below(10)) * SECOND,
        "Resources": {
            "CPU": pick(rng, &[100, 500, 900]),
            "MemoryMB": pick(rng, &[64, 256, 700]),
        },
    })
}

fn update(rng: &mut Rng) -> Value {
    let canary = pick(rng, &[0, 0, 1, 2, 5]);
    let max_parallel = 1 + rng.below(3);
    let healthy = 20 + i64::from(rng.below(60));
    json!({
        "MaxParallel": max_parallel,
        "Canary": canary,
        "AutoPromote": canary > 0 && one_in(rng, 3),
        "AutoRevert": one_in(rng, 3),
        "MinHealthyTime": i64::from(1 + rng.below(10)) * SECOND,
        "HealthyDeadline": healthy * SECOND,
        "ProgressDeadline": (healthy + 1 + i64::from(rng.below(120))) * SECOND,
    })
}

fn disconnect(rng: &mut Rng) -> Value {
    let reconcile = [
        "keep_original",
        "keep_replacement",
        "best_score",
        "longest_running",
    ];
    json!({
        "LostAfter": i64::from(10 + rng.below(600)) * SECOND,
        "Replace": one_in(rng, 2),
        "Reconcile": pick(rng, &reconcile),
    })
}

fn unlimited(rng: &mut Rng) -> Value {
    json!({
        "Delay": i64::from(5 + rng.below(30)) * SECOND,
        "DelayFunction": pick(rng, &["constant", "exponential", "fibonacci"]),
        "MaxDelay": 3600 * SECOND,
        "Unlimited": true,
    })
}

fn restart(rng: &mut Rng) -> Value {
    json!({
        "Attempts": rng.below(4),
        "Interval": 60 * SECOND,
        "Delay": i64::from(1 + rng.below(10)) * SECOND,
        "Mode": pick(rng, &["fail", "delay"]),
    })
}

fn network(rng: &mut Rng) -> Value {
    if one_in(rng, 3) {
        json!({ "ReservedPorts": [{ "Label": "web", "Value": 8000 + rng.below(3) }] })
    } else {
        json!({ "DynamicPorts": [{ "Label": "web" }] })
    }
}

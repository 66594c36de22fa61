//! Groups: how many, of which tasks, with which networks and volumes.

use serde_json::{Map, Value, json};
use yurt_model::Rng;

use super::{one_in, pick, policies, seconds, task};

/// A group; a calm one has tasks that mostly do as they should.
pub(super) fn group(number: u32, scheduler: &str, is_calm: bool, rng: &mut Rng) -> Value {
    let mut group = Map::new();
    group.insert("Name".into(), json!(format!("g{number}")));
    let count = if scheduler == "system" {
        u32::from(!one_in(rng, 5))
    } else {
        rng.below(6)
    };
    group.insert("Count".into(), json!(count));
    rules(&mut group, scheduler, rng);
    places(&mut group, scheduler, rng);
    let has_port = one_in(rng, 3);
    if has_port {
        group.insert("Networks".into(), json!([network(rng)]));
    }
    let tasks = task::tasks(scheduler, has_port, is_calm, rng);
    if has_port && one_in(rng, 3) {
        let service = task::service("group", "main", rng);
        group.insert("Services".into(), json!([service]));
    }
    group.insert("Tasks".into(), Value::Array(tasks));
    Value::Object(group)
}

/// What becomes of allocations.
fn rules(group: &mut Map<String, Value>, scheduler: &str, rng: &mut Rng) {
    if matches!(scheduler, "service" | "system") && !one_in(rng, 4) {
        group.insert("Update".into(), policies::update(scheduler, rng));
    }
    if scheduler == "service" && one_in(rng, 4) {
        group.insert("Migrate".into(), policies::migrate(rng));
    }
    if matches!(scheduler, "service" | "batch") && one_in(rng, 3) {
        group.insert("ReschedulePolicy".into(), policies::reschedule(rng));
    }
    if one_in(rng, 2) {
        group.insert("Disconnect".into(), policies::disconnect(scheduler, rng));
    }
    if one_in(rng, 2) {
        group.insert("RestartPolicy".into(), policies::restart(rng));
    }
    if one_in(rng, 5) {
        group.insert("ShutdownDelay".into(), json!(seconds(rng, 0, 20)));
    }
    if scheduler.ends_with("batch") && one_in(rng, 5) {
        group.insert("MaxRunDuration".into(), json!(seconds(rng, 1, 120)));
    }
    if scheduler == "service" && one_in(rng, 8) {
        let bounds = json!({ "Enabled": !one_in(rng, 4), "Min": 0, "Max": 5 });
        group.insert("Scaling".into(), bounds);
    }
}

/// Which nodes it wants.
fn places(group: &mut Map<String, Value>, scheduler: &str, rng: &mut Rng) {
    if one_in(rng, 6) {
        group.insert("Constraints".into(), json!([policies::constraint(rng)]));
    }
    if matches!(scheduler, "service" | "batch") && one_in(rng, 6) {
        group.insert("Affinities".into(), json!([policies::affinity(rng)]));
    }
    if one_in(rng, 8) {
        let volume = json!({
            "Name": "v", "Type": "host", "Source": "data", "ReadOnly": one_in(rng, 2),
        });
        group.insert("Volumes".into(), json!({ "v": volume }));
    }
    if one_in(rng, 6) {
        let disk = json!({
            "SizeMB": pick(rng, &[600, 1000, 6000]),
            "Sticky": one_in(rng, 2),
            "Migrate": one_in(rng, 2),
        });
        group.insert("EphemeralDisk".into(), disk);
    }
}

fn network(rng: &mut Rng) -> Value {
    let mode = pick(rng, &["host", "host", "host", "bridge"]);
    if one_in(rng, 3) {
        let port = json!({ "Label": "web", "Value": 8000 + rng.below(3) });
        json!({ "Mode": mode, "ReservedPorts": [port] })
    } else {
        json!({ "Mode": mode, "DynamicPorts": [{ "Label": "web" }] })
    }
}

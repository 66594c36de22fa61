//! Prints our differences for recorded pairs of jobs, a line each, in the schema of the recordings:
//! `cargo run -p yurt-diff --example recorded FILE.jsonl`.

use serde_json::{Value, json};
use yurt_diff::{annotate, diff};
use yurt_model::{DesiredUpdates, PlanAnnotations};

/// The node pools of the recorded clusters.
const POOLS: [&str; 2] = ["default", "all"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("which file?")?;
    for line in std::fs::read_to_string(path)?.lines() {
        let recorded: Value = serde_json::from_str(line)?;
        let old = recorded.get("old").filter(|old| old.is_object());
        let new = recorded.get("new");
        // Servers refuse a job of a pool that nobody has, so it was never stored.
        let stored = old.filter(|old| POOLS.iter().any(|pool| old["NodePool"] == *pool));
        let mut ours = json!({"family": recorded["family"], "name": recorded["name"]});
        match diff(old, new, false) {
            Ok(plain) => ours["diff"] = plain.to_json(),
            Err(error) => ours["err"] = error.into(),
        }
        if let Ok(mut contextual) = diff(stored, new, true) {
            annotate(
                &mut contextual,
                Some(&annotations(&recorded["DesiredTGUpdates"])),
            );
            ours["diff_contextual"] = contextual.to_json();
        }
        // The dry run was refused by servers, which a difference knows nothing of.
        if let Some(error) = recorded.get("plan_err") {
            ours["plan_err"] = error.clone();
        }
        println!("{ours}");
    }
    Ok(())
}

fn annotations(desired: &Value) -> PlanAnnotations {
    let groups = desired.as_object().into_iter().flatten();
    let desired_updates = groups.map(|(name, counters)| {
        let count = |name: &str| counters[name].as_u64().unwrap_or(0);
        let updates = DesiredUpdates {
            ignore: count("Ignore"),
            place: count("Place"),
            migrate: count("Migrate"),
            stop: count("Stop"),
            in_place_update: count("InPlaceUpdate"),
            destructive_update: count("DestructiveUpdate"),
            canary: count("Canary"),
            ..DesiredUpdates::default()
        };
        (name.as_str().into(), updates)
    });
    PlanAnnotations {
        desired_updates: desired_updates.collect(),
        preempted: Vec::new(),
    }
}

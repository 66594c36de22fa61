//! Recorded pairs of jobs and their differences, plain and as a dry run annotates them
//! (`tests/reference/diff/pairs.jsonl`).

#[cfg(target_arch = "wasm32")]
#[macro_use]
extern crate yurt_everywhere;

use serde_json::{Value, json};
use yurt_diff::{annotate, diff};
use yurt_model::{DesiredUpdates, PlanAnnotations};

const PAIRS: &str = include_str!("../../../tests/reference/diff/pairs.jsonl");

/// The node pools of the recorded clusters.
const POOLS: [&str; 2] = ["default", "all"];

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

/// Without what recordings leave out: null, empty texts and empty lists.
fn clean(value: &Value) -> Value {
    let is_left_out = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    match value {
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(key, value)| (key.clone(), clean(value)));
            Value::Object(members.filter(|(_, value)| !is_left_out(value)).collect())
        }
        Value::Array(items) => items.iter().map(clean).collect(),
        value => value.clone(),
    }
}

/// Objects that share name, type and sizes have no order of their own in the reference.
fn settle(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(settle);
            let Some(Value::Array(objects)) = members.get_mut("Objects") else {
                return;
            };
            let size = |object: &Value, list: &str| object[list].as_array().map_or(0, Vec::len);
            let like = |object: &Value| {
                let (fields, objects) = (size(object, "Fields"), size(object, "Objects"));
                (
                    object["Name"].to_string(),
                    object["Type"].to_string(),
                    fields,
                    objects,
                )
            };
            for run in objects.chunk_by_mut(|a, b| like(a) == like(b)) {
                run.sort_by_key(Value::to_string);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(settle),
        _ => {}
    }
}

fn comparable(value: &Value) -> Value {
    let mut value = clean(value);
    settle(&mut value);
    value
}

#[test]
fn differences_are_the_recorded_ones() {
    let mut wrong = Vec::new();
    for line in PAIRS.lines() {
        let recorded: Value = serde_json::from_str(line).expect("a line of JSON");
        let old = recorded.get("old");
        let new = recorded.get("new");
        let plain = diff(old, new, false).expect("one job");
        // Servers refuse a job of a pool that nobody has, so it was never stored.
        let stored = old.filter(|old| POOLS.iter().any(|pool| old["NodePool"] == *pool));
        let mut contextual = diff(stored, new, true).expect("one job");
        let desired = annotations(&recorded["DesiredTGUpdates"]);
        annotate(&mut contextual, Some(&desired));
        let all = [("diff", plain), ("diff_contextual", contextual)];
        for (member, ours) in all {
            let (ours, theirs) = (comparable(&ours.to_json()), comparable(&recorded[member]));
            if ours != theirs {
                wrong.push(format!("{}: {member}\n{ours}\n{theirs}", recorded["name"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(PAIRS.lines().count() > 50);
}

#[test]
fn jobs_of_different_ids_are_not_compared() {
    let (one, other) = (json!({"ID": "one"}), json!({"ID": "other"}));
    assert!(diff(Some(&one), Some(&other), false).is_err());
}

#[test]
fn absent_null_and_empty_are_the_same() {
    let sparse = json!({"ID": "web", "TaskGroups": [{"Name": "api", "Count": 1}]});
    let full = json!({"ID": "web", "Meta": null, "Name": "", "Constraints": [], "TaskGroups":
        [{"Name": "api", "Count": 1, "Meta": {}, "Tasks": null, "Update": null}]});
    let found = diff(Some(&sparse), Some(&full), true).expect("one job");
    assert_eq!(found.kind, yurt_diff::DiffType::None);
    assert_eq!(found.task_groups[0].kind, yurt_diff::DiffType::None);
}

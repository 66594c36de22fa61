//! Recordings in which even the choice of allocations is chance: lists become counts of rows that
//! look alike.

use serde_json::{Map, Value};

/// The lists of an evaluation, and what tells their rows apart.
const OF_EVALS: [(&str, &[&str]); 4] = [
    ("place", &["canary"]),
    ("stop", &["desc", "desired", "client"]),
    ("update", &["to_version", "client"]),
    ("preempt", &[]),
];
const OF_ALLOCS: [&str; 6] = [
    "desired",
    "client",
    "v",
    "healthy",
    "canary",
    "desired_desc",
];

/// Replaces the lists of allocations in a step by counts.
pub(super) fn replace(out: &mut Value) {
    for eval in out["evals"].as_array_mut().into_iter().flatten() {
        for (list, members) in OF_EVALS {
            if eval.get(list).is_some_and(Value::is_array) {
                eval[list] = counted(&eval[list], members);
            }
        }
    }
    out["allocs"] = counted(&out["allocs"], &OF_ALLOCS);
    for deployment in out["deployments"].as_array_mut().into_iter().flatten() {
        for group in deployment["groups"].as_object_mut().into_iter().flatten() {
            let canaries = group.1["PlacedCanaries"].as_array().map_or(0, Vec::len);
            group.1["PlacedCanaries"] = canaries.into();
        }
    }
}

fn counted(rows: &Value, members: &[&str]) -> Value {
    let mut counts: Map<String, Value> = Map::new();
    for row in rows.as_array().into_iter().flatten() {
        let key: Vec<String> = members
            .iter()
            .filter_map(|member| Some(format!("{member}={}", told(&row[*member], member)?)))
            .collect();
        let count = counts.entry(key.join(",")).or_insert(Value::from(0));
        *count = Value::from(count.as_u64().unwrap_or(0) + 1);
    }
    Value::Object(counts)
}

/// A member as it stands in the key; none for what is absent.
fn told(value: &Value, member: &str) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Bool(false) if member != "healthy" => None,
        Value::Bool(is) => Some(is.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

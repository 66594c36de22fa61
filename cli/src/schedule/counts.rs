//! Recordings in which even the choice of allocations is random: lists of allocations become
//! counts by what their members say.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Replaces the lists of a step by counts.
pub(super) fn fold(out: &mut Map<String, Value>) {
    let of_allocs = [
        "desired",
        "client",
        "v",
        "healthy",
        "canary",
        "desired_desc",
    ];
    if let Some(allocs) = out.get_mut("allocs") {
        *allocs = counted(allocs, &of_allocs);
    }
    let lists: [(&str, &[&str]); 4] = [
        ("place", &["canary"]),
        ("stop", &["desc", "desired", "client"]),
        ("update", &["to_version", "client"]),
        ("preempt", &[]),
    ];
    for eval in members(out.get_mut("evals")) {
        for (name, keys) in lists {
            eval[name] = counted(&eval[name], keys);
        }
    }
    for deployment in members(out.get_mut("deployments")) {
        let groups = deployment["groups"].as_object_mut();
        for group in groups.into_iter().flat_map(|groups| groups.values_mut()) {
            let canaries = group["PlacedCanaries"].as_array().map_or(0, Vec::len);
            group["PlacedCanaries"] = canaries.into();
        }
    }
}

fn members(list: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    list.and_then(Value::as_array_mut).into_iter().flatten()
}

fn counted(list: &Value, keys: &[&str]) -> Value {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for member in list.as_array().into_iter().flatten() {
        let parts = keys.iter().filter_map(|key| part(key, &member[key]));
        let parts: Vec<String> = parts.collect();
        *counts.entry(parts.join(",")).or_default() += 1;
    }
    json!(counts)
}

/// One member of a key, unless it says nothing.
fn part(key: &str, value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(format!("{key}={text}")),
        Value::Number(number) => Some(format!("{key}={number}")),
        Value::Bool(value) if *value || key == "healthy" => Some(format!("{key}={value}")),
        _ => None,
    }
}

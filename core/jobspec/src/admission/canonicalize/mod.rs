//! Defaults and inheritance (spec: jobspec 13).
//!
//! Works on a document in the shape of a request, where null is unset, and leaves nothing unset
//! that has a default.

mod connect;
mod group;
mod policy;
mod service;
mod task;

use serde_json::{Map, Value, json};
use yurt_model::Release;

use policy::Parents;
pub(crate) use policy::job_update;

/// The members of an object under work.
pub(super) type Members = Map<String, Value>;

/// Fills a job.
pub(super) fn job(document: &mut Value, release: Release) {
    let Value::Object(job) = document else {
        return;
    };
    let id = text(job, "ID").to_owned();
    fill_empty(job, "Name", &id);
    fill_empty(job, "Region", "global");
    fill_empty(job, "Namespace", "default");
    fill_empty(job, "NodePool", "default");
    fill_empty(job, "Type", "service");
    if matches!(job["Priority"].as_i64(), None | Some(0)) {
        job.insert("Priority".into(), json!(50));
    }
    let everywhere = match release {
        Release::V2_0 => "*",
        Release::V0_7 => "dc1",
    };
    fill(job, "Datacenters", json!([everywhere]));
    periodic(job);
    if let Some(parameterized) = object(job, "ParameterizedJob") {
        fill_empty(parameterized, "Payload", "optional");
    }
    weights(job);
    let parents = Parents::of(job, release);
    let names = JobNames {
        id: text(job, "ID").to_owned(),
        name: text(job, "Name").to_owned(),
        namespace: text(job, "Namespace").to_owned(),
    };
    each(job, "TaskGroups", |group| {
        group::fill_group(group, &names, &parents);
    });
    policy::keep_job_update(job);
}

/// What groups and tasks need to know about their job.
pub(super) struct JobNames {
    id: String,
    name: String,
    namespace: String,
}

fn periodic(job: &mut Members) {
    if let Some(periodic) = object(job, "Periodic") {
        fill(periodic, "Enabled", json!(true));
        fill_empty(periodic, "SpecType", "cron");
        fill_empty(periodic, "TimeZone", "UTC");
    }
}

/// Affinities and spreads weigh 50 unless something else is said. A weight is kept in eight bits
/// with its sign, so 300 becomes 44 (spec: jobspec 19.9).
pub(super) fn weights(owner: &mut Members) {
    for list in ["Affinities", "Spreads"] {
        if owner.contains_key(list) {
            each(owner, list, |item| {
                fill(item, "Weight", json!(50));
                if let Some(weight) = item["Weight"].as_i64() {
                    item.insert("Weight".into(), json!(weight as i8));
                }
            });
        }
    }
}

/// Sets a member that is null.
pub(super) fn fill(owner: &mut Members, name: &str, value: Value) {
    let slot = owner.entry(name).or_insert(Value::Null);
    if slot.is_null() {
        *slot = value;
    }
}

/// Sets a text that is null or empty.
pub(super) fn fill_empty(owner: &mut Members, name: &str, value: &str) {
    if text(owner, name).is_empty() {
        owner.insert(name.to_owned(), Value::from(value));
    }
}

/// A text; empty when unset.
pub(super) fn text<'a>(owner: &'a Members, name: &str) -> &'a str {
    owner.get(name).and_then(Value::as_str).unwrap_or("")
}

/// An object under work, if it is there.
pub(super) fn object<'a>(owner: &'a mut Members, name: &str) -> Option<&'a mut Members> {
    owner.get_mut(name)?.as_object_mut()
}

/// An object under work, made when it is not there.
pub(super) fn object_or_new<'a>(owner: &'a mut Members, name: &str) -> &'a mut Members {
    let slot = owner.entry(name).or_insert(Value::Null);
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    slot.as_object_mut().expect("it is an object now")
}

/// Works on each object of a list.
pub(super) fn each(owner: &mut Members, name: &str, mut work: impl FnMut(&mut Members)) {
    if let Some(Value::Array(list)) = owner.get_mut(name) {
        list.iter_mut()
            .filter_map(Value::as_object_mut)
            .for_each(&mut work);
    }
}

//! A stored job as the command line prints it: its document, and what servers assign to it.

use serde_json::{Map, Value, json};
use yurt_model::{InOrder, Job};

/// The members of a job in the order of the API.
const ORDER: [&str; 36] = [
    "Region",
    "Namespace",
    "ID",
    "Name",
    "Type",
    "Priority",
    "AllAtOnce",
    "Datacenters",
    "NodePool",
    "Constraints",
    "Affinities",
    "TaskGroups",
    "Update",
    "Multiregion",
    "Spreads",
    "Periodic",
    "ParameterizedJob",
    "Reschedule",
    "Migrate",
    "Meta",
    "UI",
    "Stop",
    "ParentID",
    "Dispatched",
    "DispatchIdempotencyToken",
    "Payload",
    "ConsulNamespace",
    "VaultNamespace",
    "NomadTokenID",
    "Status",
    "StatusDescription",
    "Stable",
    "Version",
    "SubmitTime",
    "CreateIndex",
    "ModifyIndex",
];

/// The job, members in the order of the API.
pub(crate) fn of(job: &Job) -> Value {
    let mut members = match &job.spec.document {
        Value::Object(members) => members.clone(),
        _ => Map::new(),
    };
    let tag = job.version_tag.as_ref().map(|tag| {
        json!({
            "Name": &*tag.name,
            "Description": &*tag.description,
            "TaggedTime": tag.tagged_time.0,
        })
    });
    let assigned = [
        ("Stop", json!(job.stop)),
        (
            "ParentID",
            json!(job.parent.as_ref().map_or("", |parent| parent.as_str())),
        ),
        ("Dispatched", json!(job.dispatched)),
        ("DispatchIdempotencyToken", json!("")),
        ("NomadTokenID", json!("")),
        ("Status", json!(job.status.as_str())),
        ("StatusDescription", json!("")),
        ("Stable", json!(job.stable)),
        ("Version", json!(job.version)),
        ("SubmitTime", json!(job.submit_time.0)),
        ("CreateIndex", json!(job.create_index)),
        ("ModifyIndex", json!(job.modify_index)),
        ("JobModifyIndex", json!(job.job_modify_index)),
        ("VersionTag", json!(tag)),
    ];
    for (name, value) in assigned {
        members.insert(name.into(), value);
    }
    if let Some(Value::Array(groups)) = members.get_mut("TaskGroups") {
        groups.iter_mut().for_each(show_tasks);
    }
    let mut ordered = Map::new();
    for name in ORDER {
        let value = members.shift_remove(name).unwrap_or(Value::Null);
        ordered.insert(name.into(), value);
    }
    ordered.extend(members);
    Value::Object(ordered)
}

/// The members of tasks that the servers store and the command line prints differently: it leaves
/// out what no plugin asked for, and still has the switch that `Disabled` replaced.
fn show_tasks(group: &mut Value) {
    let Some(Value::Array(tasks)) = group.get_mut("Tasks") else {
        return;
    };
    for task in tasks {
        let Value::Object(members) = task else {
            continue;
        };
        if members.get("CSIPluginConfig").is_some_and(Value::is_null) {
            members.shift_remove("CSIPluginConfig");
        }
        if let Some(Value::Object(logs)) = members.get_mut("LogConfig") {
            let before = logs.len().saturating_sub(1);
            logs.shift_insert(before, "Enabled".into(), Value::Null);
        }
    }
}

/// The same value with the members of every object in the order of their names.
pub(crate) fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut pairs: Vec<_> = members.iter().collect();
            pairs.put_in_order_by_key(|(name, _)| name.as_str());
            let pairs = pairs.into_iter();
            Value::Object(
                pairs
                    .map(|(name, value)| (name.clone(), sorted(value)))
                    .collect(),
            )
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

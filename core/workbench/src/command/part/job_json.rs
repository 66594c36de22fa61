//! A stored job as the HTTP API gives it: its document, and what servers assign to it.

use serde_json::{Map, Value, json};
use yurt_model::Job;

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
    let mut ordered = Map::new();
    for name in ORDER {
        let value = members.shift_remove(name).unwrap_or(Value::Null);
        ordered.insert(name.into(), value);
    }
    ordered.extend(members);
    Value::Object(ordered)
}

/// The same value with the members of every object in the order of their names.
pub(crate) fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut pairs: Vec<_> = members.iter().collect();
            pairs.sort_by_key(|(name, _)| name.as_str());
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

/// JSON over several lines, four blanks a level, in the reference's escapes.
pub(crate) fn pretty(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, &mut text);
    text
}

fn write(value: &Value, depth: usize, text: &mut String) {
    let line = |text: &mut String, depth: usize| {
        text.push('\n');
        text.extend(std::iter::repeat_n("    ", depth));
    };
    match value {
        Value::Object(members) if !members.is_empty() => {
            text.push('{');
            for (index, (name, value)) in members.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                line(text, depth + 1);
                text.push_str(&escaped(&Value::String(name.clone())));
                text.push_str(": ");
                write(value, depth + 1, text);
            }
            line(text, depth);
            text.push('}');
        }
        Value::Array(items) if !items.is_empty() => {
            text.push('[');
            for (index, value) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                line(text, depth + 1);
                write(value, depth + 1, text);
            }
            line(text, depth);
            text.push(']');
        }
        other => text.push_str(&escaped(other)),
    }
}

/// A scalar; the characters that mean something in HTML are escaped, as the reference does.
fn escaped(value: &Value) -> String {
    let mut text = String::new();
    for c in value.to_string().chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                text.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_lines() {
        let value = json!({"b": [1, "x<y"], "a": {}, "c": []});
        let want = "{\n    \"b\": [\n        1,\n        \"x\\u003cy\"\n    ],\n    \"a\": \
            {},\n    \"c\": []\n}";
        assert_eq!(pretty(&value), want);
        assert!(pretty(&sorted(&value)).starts_with("{\n    \"a\": {},\n    \"b\""));
    }
}

//! What changed between two versions of a group so that allocations must be replaced
//! (spec: deployments 13.1, 13.2).
//!
//! Typed fields decide where there are some; the rest is compared in the documents. Absent, null,
//! empty list and empty object are the same.

use serde_json::Value;
use yurt_model::job::{Task, TaskGroup};
use yurt_model::{JobSpec, Name};

static NULL: Value = Value::Null;

/// The document's member at a path of names.
fn at<'v>(value: &'v Value, path: &[&str]) -> &'v Value {
    path.iter()
        .fold(value, |value, name| value.get(name).unwrap_or(&NULL))
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice)
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_nothing),
        Value::String(text) => text.is_empty(),
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
    }
}

/// Equal, with everything that says nothing taken as absent.
fn same(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let absent = |value: Option<&Value>| value.is_none_or(is_nothing);
            old.iter().all(|(name, value)| match new.get(name) {
                Some(other) => same(value, other),
                None => is_nothing(value),
            }) && new.iter().all(|(name, value)| {
                !absent(old.get(name)) || old.contains_key(name) || is_nothing(value)
            })
        }
        (Value::Array(old), Value::Array(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same(old, new))
        }
        _ => old == new || (is_nothing(old) && is_nothing(new)),
    }
}

/// Maps that are free for their authors: each key counts, whatever it says; only no map and an
/// empty one are the same (spec: deployments 13.1).
fn same_words(old: &Value, new: &Value) -> bool {
    let is_empty = |map: &Value| map.is_null() || map.as_object().is_some_and(|map| map.is_empty());
    old == new || (is_empty(old) && is_empty(new))
}

/// The first difference that makes an update destructive; see the crate's documentation.
pub(crate) fn destructive_difference(
    old_spec: &JobSpec,
    new_spec: &JobSpec,
    name: &str,
) -> Option<String> {
    let (Some(old), Some(new)) = (old_spec.group(name), new_spec.group(name)) else {
        return Some("the group is not in both versions".to_owned());
    };
    let empty = Value::Null;
    let old_document = old_spec.group_document(name).unwrap_or(&empty);
    let new_document = new_spec.group_document(name).unwrap_or(&empty);
    if old.tasks.len() != new.tasks.len() {
        return Some("number of tasks".to_owned());
    }
    group_difference(old, new, old_document, new_document)
        .map(str::to_owned)
        .or_else(|| {
            old.tasks.iter().find_map(|old_task| {
                let Some(new_task) = new.task(&old_task.name) else {
                    return Some(format!("task {:?} is gone", old_task.name));
                };
                let meta =
                    merged_meta(old_spec, old, old_task) != merged_meta(new_spec, new, new_task);
                let difference = if meta {
                    Some("meta")
                } else {
                    task_difference(
                        old_task,
                        new_task,
                        task_document(old_document, &old_task.name),
                        task_document(new_document, &old_task.name),
                    )
                };
                difference.map(|what| format!("{what} of task {:?}", old_task.name))
            })
        })
}

fn task_document<'v>(group: &'v Value, name: &str) -> &'v Value {
    list(group, "Tasks")
        .iter()
        .find(|task| task["Name"] == name)
        .unwrap_or(&NULL)
}

fn group_difference(
    old: &TaskGroup,
    new: &TaskGroup,
    old_document: &Value,
    new_document: &Value,
) -> Option<&'static str> {
    let differs = |path: &[&str]| !same(at(old_document, path), at(new_document, path));
    if old.ephemeral_disk != new.ephemeral_disk {
        Some("ephemeral disk")
    } else if !same_networks(
        list(old_document, "Networks"),
        list(new_document, "Networks"),
    ) {
        Some("networks")
    } else if consul_differs(&old_document["Consul"], &new_document["Consul"]) {
        Some("consul namespace")
    } else if connect_differs(
        list(old_document, "Services"),
        list(new_document, "Services"),
    ) {
        Some("connect services")
    } else if differs(&["Volumes"]) {
        Some("volumes")
    } else if old.restart.render_templates != new.restart.render_templates {
        Some("restart render_templates")
    } else {
        None
    }
}

fn consul_differs(old: &Value, new: &Value) -> bool {
    // A group without the block is in the namespace `default`.
    let namespace = |consul: &Value| match consul["Namespace"].as_str() {
        None | Some("") => "default".to_owned(),
        Some(name) => name.to_owned(),
    };
    if namespace(old) != namespace(new) {
        return true;
    }
    let both = !old.is_null() && !new.is_null();
    both && ["Cluster", "Partition"]
        .iter()
        .any(|name| !same(&old[name], &new[name]))
}

fn connect_differs(old: &[Value], new: &[Value]) -> bool {
    old.iter().any(|old| {
        let twin = new.iter().find(|new| old["Name"] == new["Name"]);
        twin.is_some_and(|new| service_connect_differs(old, new))
    })
}

fn service_connect_differs(old_service: &Value, new_service: &Value) -> bool {
    let (old, new) = (&old_service["Connect"], &new_service["Connect"]);
    if old.is_null() && new.is_null() {
        return false;
    }
    let (old_sidecar, new_sidecar) = (&old["SidecarService"], &new["SidecarService"]);
    old.is_null() != new.is_null()
        || ["Native", "Gateway", "SidecarTask"]
            .iter()
            .any(|name| !same(&old[name], &new[name]))
        || old_sidecar.is_null() != new_sidecar.is_null()
        || !same(&old_sidecar["Port"], &new_sidecar["Port"])
        || ["PortLabel", "Cluster"]
            .iter()
            .any(|name| !same(&old_service[name], &new_service[name]))
}

/// Networks of a group or a task (spec: deployments 13.2).
fn same_networks(old: &[Value], new: &[Value]) -> bool {
    old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same_network(old, new))
}

fn same_network(old: &Value, new: &Value) -> bool {
    let members = ["Mode", "MBits", "Hostname", "DNS", "CNI"];
    members.iter().all(|name| same(&old[name], &new[name]))
        && same_ports(list(old, "ReservedPorts"), list(new, "ReservedPorts"), true)
        && same_ports(list(old, "DynamicPorts"), list(new, "DynamicPorts"), false)
}

fn same_ports(old: &[Value], new: &[Value], is_reserved: bool) -> bool {
    let same_port = |old: &Value, new: &Value| {
        ["Label", "To", "HostNetwork"]
            .iter()
            .all(|name| same(&old[name], &new[name]))
            && (!is_reserved || same(&old["Value"], &new["Value"]))
    };
    old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same_port(old, new))
}

/// Meta as a task sees it: its own over the group's over the job's, sorted by key.
fn merged_meta(spec: &JobSpec, group: &TaskGroup, task: &Task) -> Vec<(Name, Name)> {
    let mut merged = std::collections::BTreeMap::new();
    for (key, value) in spec.meta.iter().chain(&group.meta).chain(&task.meta) {
        merged.insert(key.clone(), value.clone());
    }
    merged.into_iter().collect()
}

fn task_difference(
    old: &Task,
    new: &Task,
    old_document: &Value,
    new_document: &Value,
) -> Option<&'static str> {
    if old.driver != new.driver {
        return Some("driver");
    }
    if !same_words(&old.config, &new.config) {
        return Some("config");
    }
    if !same_words(&old_document["Env"], &new_document["Env"]) {
        return Some("environment");
    }
    let (old_needs, new_needs) = (&old.resources, &new.resources);
    let needs = |task: &Task| {
        let needs = &task.resources;
        (
            needs.cpu_mhz,
            needs.cores,
            needs.memory_mb,
            needs.memory_max_mb,
            needs.secrets_mb,
        )
    };
    if needs(old) != needs(new) || old_needs.devices != new_needs.devices {
        return Some("resources");
    }
    if old.restart.render_templates != new.restart.render_templates {
        return Some("restart render_templates");
    }
    if old.logs.disabled != new.logs.disabled {
        return Some("logs");
    }
    let networks = |task| {
        at(task, &["Resources", "Networks"])
            .as_array()
            .map_or(&[][..], Vec::as_slice)
    };
    if !same_networks(networks(old_document), networks(new_document)) {
        return Some("networks");
    }
    const MEMBERS: [(&[&str], &str); 12] = [
        (&["User"], "user"),
        (&["Artifacts"], "artifacts"),
        (&["Vault"], "vault"),
        (&["Secrets"], "secrets"),
        (&["Consul"], "consul"),
        (&["Templates"], "templates"),
        (&["CSIPluginConfig"], "CSI plugin"),
        (&["VolumeMounts"], "volume mounts"),
        (&["Resources", "NUMA"], "NUMA"),
        (&["Identity"], "identity"),
        (&["Identities"], "identities"),
        (&["Schedule"], "schedule"),
    ];
    MEMBERS
        .iter()
        .find(|(path, _)| !same(at(old_document, path), at(new_document, path)))
        .map(|(_, what)| *what)
}

//! The proxies of the service mesh: a task, and a port for it, that servers add to a group whose
//! services have a sidecar or are a gateway (spec: jobspec 12.8, 14.2).
//!
//! They show in the stored job, in plans, and in what a group needs of a node.

use serde_json::{Map, Value, json};

use super::{Members, fill, fill_empty, object, object_or_new, text};
use crate::document::{View, added_task};

/// The settings of `sidecar_task` that replace those of the proxy as a whole.
const REPLACED: [&str; 8] = [
    "Name",
    "Driver",
    "User",
    "KillTimeout",
    "ShutdownDelay",
    "KillSignal",
    "VolumeMounts",
    "Identities",
];
/// The settings of `sidecar_task` that are laid over those of the proxy, member by member.
const MERGED: [&str; 5] = ["Config", "Env", "Resources", "Meta", "LogConfig"];

/// Adds the proxies to a group whose services are filled. A group without a network gets none.
pub(super) fn add_proxies(group: &mut Members) {
    let mut proxies = Vec::new();
    for service in objects(group, "Services") {
        let name = text(service, "Name").to_owned();
        let Some(connect) = object(service, "Connect") else {
            continue;
        };
        gateway(connect);
        proxies.extend(Proxy::of(&name, connect));
    }
    if View(&Value::Object(group.clone()))
        .objects("Networks")
        .len()
        == 0
    {
        return;
    }
    for proxy in proxies {
        proxy.add(group);
    }
}

fn objects<'a>(owner: &'a mut Members, name: &str) -> impl Iterator<Item = &'a mut Members> {
    let list = owner.get_mut(name).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter_map(Value::as_object_mut)
}

/// What a gateway leaves out.
fn gateway(connect: &mut Members) {
    let Some(gateway) = object(connect, "Gateway") else {
        return;
    };
    let proxy = object_or_new(gateway, "Proxy");
    fill(proxy, "ConnectTimeout", json!(5_000_000_000_i64));
    if let Some(ingress) = object(gateway, "Ingress") {
        for listener in objects(ingress, "Listeners") {
            fill_empty(listener, "Protocol", "tcp");
        }
    }
}

/// A proxy that a service asks for.
struct Proxy {
    /// `connect-proxy:<service>` and the like: the role by which it is known.
    kind: String,
    /// The label of its port, when it needs one.
    port: Option<String>,
    task: Value,
}

impl Proxy {
    fn of(service: &str, connect: &Members) -> Option<Self> {
        let changes = connect.get("SidecarTask").and_then(Value::as_object);
        if let Some(gateway) = connect.get("Gateway").and_then(Value::as_object) {
            let kinds = ["Ingress", "Terminating", "Mesh"];
            let kind = kinds.iter().find(|kind| gateway.contains_key(**kind))?;
            let kind = kind.to_ascii_lowercase();
            let name = format!("connect-{kind}-{service}");
            let kind = format!("connect-{kind}:{service}");
            let task = task(&name, &kind, "gateway", changes);
            let port = None;
            return Some(Self { kind, port, task });
        }
        let sidecar = connect.get("SidecarService")?.as_object()?;
        let name = format!("connect-proxy-{service}");
        let kind = format!("connect-proxy:{service}");
        let mut task = task(&name, &kind, "sidecar", changes);
        task["Lifecycle"] = json!({"Hook": "prestart", "Sidecar": true});
        let port = Some(name).filter(|_| text(sidecar, "Port").is_empty());
        Some(Self { kind, port, task })
    }

    /// Adds it, unless the group has it: a stored job that is sent again does.
    fn add(self, group: &mut Members) {
        if objects(group, "Tasks").any(|task| text(task, "Kind") == self.kind) {
            return;
        }
        // A proxy that is not of the shape of a task is none; admission finds why.
        let Ok(task) = added_task(&self.task) else {
            return;
        };
        push(group, "Tasks", task);
        let Some(label) = self.port else {
            return;
        };
        if let Some(network) = objects(group, "Networks").next() {
            let port = json!({"Label": label, "Value": 0, "To": -1, "IgnoreCollision": false});
            push(network, "DynamicPorts", port);
        }
    }
}

fn push(owner: &mut Members, list: &str, item: Value) {
    match owner.get_mut(list) {
        Some(Value::Array(list)) => list.push(item),
        _ => {
            owner.insert(list.to_owned(), json!([item]));
        }
    }
}

/// The task of a proxy, with the changes that its job makes to it.
fn task(name: &str, kind: &str, image: &str, changes: Option<&Map<String, Value>>) -> Value {
    let mut task = json!({
        "Name": name,
        "Kind": kind,
        "Driver": "docker",
        "Config": {
            "image": format!("${{meta.connect.{image}_image}}"),
            "args": [
                "-c", "${NOMAD_SECRETS_DIR}/envoy_bootstrap.json",
                "-l", "${meta.connect.log_level}",
                "--concurrency", "${meta.connect.proxy_concurrency}",
                "--disable-hot-restart",
            ],
        },
        "LogConfig": {"MaxFiles": 2, "MaxFileSizeMB": 2},
        "Resources": {"CPU": 250, "MemoryMB": 128},
        "ShutdownDelay": 5_000_000_000_i64,
    });
    let Some(changes) = changes else {
        return task;
    };
    for name in REPLACED {
        if let Some(value) = changes.get(name) {
            task[name] = value.clone();
        }
    }
    for name in MERGED {
        if let Some(value) = changes.get(name) {
            task[name] = merged(&task[name], value);
        }
    }
    task
}

/// The members of `over` over those of `base`.
fn merged(base: &Value, over: &Value) -> Value {
    if base.is_null() {
        return over.clone();
    }
    super::policy::overlay(base, over)
}

//! Tasks: resources, logs, templates, artifacts and the inert rest (spec: jobspec 12.5, 12.6,
//! 12.9).

use serde_json::{Value, json};

use super::group::networks;
use super::policy::overlay;
use super::{
    JobNames, Members, each, fill, fill_empty, object, object_or_new, service, text, weights,
};

const SECOND: i64 = 1_000_000_000;

/// Fills a task; `restart` is the policy of its group.
pub(super) fn fill_task(task: &mut Members, job: &JobNames, group: &str, restart: &Value) {
    let name = text(task, "Name").to_owned();
    fill(task, "KillTimeout", json!(5 * SECOND));
    weights(task);
    resources(task);
    let restart = overlay(restart, &task["RestartPolicy"]);
    task.insert("RestartPolicy".into(), restart);
    let logs = object_or_new(task, "LogConfig");
    fill(logs, "Disabled", json!(false));
    fill(logs, "MaxFileSizeMB", json!(10));
    fill(logs, "MaxFiles", json!(10));
    each(task, "Services", |given| {
        service::fill_service(given, job, group, Some(&name));
    });
    each(task, "Templates", template);
    each(task, "Artifacts", artifact);
    each(task, "VolumeMounts", |mount| {
        fill_empty(mount, "PropagationMode", "private");
    });
    each(task, "ScalingPolicies", |scaling| {
        fill(scaling, "Enabled", json!(true));
    });
    inert(task);
    identity(task);
}

fn resources(task: &mut Members) {
    let resources = object_or_new(task, "Resources");
    let has_cores = resources
        .get("Cores")
        .and_then(Value::as_i64)
        .is_some_and(|cores| cores != 0);
    fill(resources, "CPU", json!(if has_cores { 0 } else { 100 }));
    fill(resources, "MemoryMB", json!(300));
    resources.insert("DiskMB".into(), json!(0));
    if let Some(numa) = object(resources, "NUMA") {
        fill_empty(numa, "Affinity", "none");
    }
    each(resources, "Devices", |device| {
        fill(device, "Count", json!(1));
        weights(device);
    });
    networks(resources);
}

fn template(template: &mut Members) {
    fill_empty(template, "ChangeMode", "restart");
    let signal = match (text(template, "ChangeMode"), text(template, "ChangeSignal")) {
        ("signal", "") => "SIGHUP".to_owned(),
        (_, given) => given.to_uppercase(),
    };
    template.insert("ChangeSignal".into(), json!(signal));
    fill(template, "Splay", json!(5 * SECOND));
    fill_empty(template, "Perms", "0644");
    fill_empty(template, "LeftDelim", "{{");
    fill_empty(template, "RightDelim", "}}");
    if let Some(script) = object(template, "ChangeScript") {
        fill(script, "Timeout", json!(5 * SECOND));
    }
}

fn artifact(artifact: &mut Members) {
    fill_empty(artifact, "GetterMode", "any");
    let destination = match text(artifact, "GetterMode") {
        "file" => {
            let source = text(artifact, "GetterSource");
            let path = source.split('?').next().unwrap_or(source);
            format!("local/{}", path.rsplit('/').next().unwrap_or(path))
        }
        _ => "local/".to_owned(),
    };
    fill_empty(artifact, "RelativeDest", &destination);
}

fn inert(task: &mut Members) {
    if let Some(vault) = object(task, "Vault") {
        fill(vault, "Env", json!(true));
        fill_empty(vault, "Cluster", "default");
        fill_empty(vault, "ChangeMode", "restart");
        fill_empty(vault, "ChangeSignal", "SIGHUP");
    }
    if let Some(consul) = object(task, "Consul") {
        fill_empty(consul, "Cluster", "default");
    }
    if let Some(plugin) = object(task, "CSIPluginConfig") {
        fill_empty(plugin, "MountDir", "/csi");
        fill_empty(plugin, "StagePublishBaseDir", "/local/csi");
        if plugin["HealthTimeout"].as_i64().unwrap_or(0) == 0 {
            plugin.insert("HealthTimeout".into(), json!(30 * SECOND));
        }
    }
}

/// Every task has an identity for Nomad itself.
fn identity(task: &mut Members) {
    let identity = object_or_new(task, "Identity");
    fill_empty(identity, "Name", "default");
    fill(identity, "Audience", json!(["nomadproject.io"]));
}

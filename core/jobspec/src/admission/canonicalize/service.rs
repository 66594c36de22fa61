//! Services and their checks (spec: jobspec 12.8).

use serde_json::{Value, json};

use super::{JobNames, Members, each, fill, fill_empty, object, text};

/// Fills a service of a group, or of a task when one is named.
pub(super) fn fill_service(service: &mut Members, job: &JobNames, group: &str, task: Option<&str>) {
    let base = match task {
        Some(task) => format!("{}-{group}-{task}", job.name),
        None => format!("{}-{group}", job.name),
    };
    fill_empty(service, "Name", &base);
    let mut name = text(service, "Name")
        .replace("${JOB}", &job.name)
        .replace("${TASKGROUP}", group)
        .replace("${BASE}", &base);
    if let Some(task) = task {
        name = name.replace("${TASK}", task);
        fill_empty(service, "TaskName", task);
    }
    service.insert("Name".into(), json!(name));
    fill_empty(service, "Provider", "consul");
    fill_empty(service, "AddressMode", "auto");
    fill_empty(service, "OnUpdate", "require_healthy");
    fill_empty(service, "Cluster", "default");
    let namespace = match text(service, "Provider") {
        "nomad" => job.namespace.as_str(),
        _ => "default",
    };
    fill_empty(service, "Namespace", namespace);
    if let Some(weights) = object(service, "Weights") {
        for name in ["Passing", "Warning"] {
            if weights[name].as_i64().unwrap_or(0) <= 0 {
                weights.insert(name.into(), json!(1));
            }
        }
    }
    let defaults = CheckDefaults {
        name: format!("service: \"{name}\" check"),
        on_update: text(service, "OnUpdate").to_owned(),
        task: task.map(str::to_owned),
        restart: service.get("CheckRestart").cloned().unwrap_or(Value::Null),
    };
    each(service, "Checks", |check| fill_check(check, &defaults));
}

struct CheckDefaults {
    name: String,
    on_update: String,
    task: Option<String>,
    restart: Value,
}

fn fill_check(check: &mut Members, defaults: &CheckDefaults) {
    fill_empty(check, "Name", &defaults.name);
    fill_empty(check, "OnUpdate", &defaults.on_update);
    // Task checks belong to the task, whatever they say (spec: jobspec 14.1).
    if let Some(task) = &defaults.task {
        check.insert("TaskName".into(), json!(task));
    }
    for name in [
        "SuccessBeforePassing",
        "FailuresBeforeCritical",
        "FailuresBeforeWarning",
    ] {
        if check[name].as_i64().unwrap_or(0) < 0 {
            check.insert(name.into(), json!(0));
        }
    }
    let merged = merge_restart(&check["CheckRestart"], &defaults.restart);
    check.insert("CheckRestart".into(), merged);
    if let Some(restart) = object(check, "CheckRestart") {
        fill(restart, "Grace", json!(1_000_000_000));
        fill(restart, "IgnoreWarnings", json!(false));
        fill(restart, "Limit", json!(0));
    }
}

/// The check's own settings over those of the service; zero and false say nothing.
fn merge_restart(own: &Value, service: &Value) -> Value {
    let (Value::Object(own), Value::Object(_)) = (own, service) else {
        let given = if own.is_null() { service } else { own };
        return given.clone();
    };
    let says = |value: &Value| *value != Value::Bool(false) && value.as_i64() != Some(0);
    let said = own.iter().filter(|(_, value)| says(value));
    let said = said.map(|(name, value)| (name.clone(), value.clone()));
    super::policy::overlay(service, &Value::Object(said.collect()))
}

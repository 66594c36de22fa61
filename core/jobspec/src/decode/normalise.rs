//! What blocks do beyond the table: short forms, ports, identities, early defaults, and the flow of
//! job-level tasks, vault and secrets into groups and tasks (spec: jobspec 12, 13.1).

use super::{Decoder, Found};
use crate::schema::{self, BlockSchema};
use serde_json::{Map, Value as Json, json};

type Object = Map<String, Json>;

fn is(schema: &'static BlockSchema, other: &'static BlockSchema) -> bool {
    std::ptr::eq(schema, other)
}

fn text<'d>(document: &'d Object, key: &str) -> &'d str {
    document.get(key).and_then(Json::as_str).unwrap_or_default()
}

fn fill(document: &mut Object, key: &str, default: Json) {
    if document.get(key).is_some_and(Json::is_null) {
        document.insert(key.to_owned(), default);
    }
}

impl Decoder<'_> {
    /// Applies the rules of one block to its document; `extra` holds fields without a key.
    pub(super) fn normalise(
        &mut self,
        schema: &'static BlockSchema,
        found: &Found<'_>,
        document: &mut Object,
        extra: Object,
        path: &str,
    ) {
        if is(schema, &schema::CONSTRAINT) || is(schema, &schema::AFFINITY) {
            short_forms(document, &extra);
        } else if is(schema, &schema::NETWORK) {
            ports(document);
        } else if is(schema, &schema::PERIODIC) {
            if !document["Spec"].is_null() || !document["Specs"].is_null() {
                document.insert("SpecType".into(), "cron".into());
            }
        } else if is(schema, &schema::TEMPLATE) {
            fill(document, "ChangeMode", "restart".into());
            fill(document, "Splay", 5_000_000_000_i64.into());
            fill(document, "Perms", "0644".into());
            fill(document, "ErrMissingKey", false.into());
        } else if is(schema, &schema::VAULT) {
            fill(document, "Env", true.into());
            fill(document, "DisableFile", false.into());
            fill(document, "ChangeMode", "restart".into());
        } else if is(schema, &schema::SCALING) {
            self.group_scaling(document, found, path);
        } else if is(schema, &schema::TASK) {
            self.task_scaling(found, document, path);
            identities(document);
        } else if is(schema, &schema::GROUP) {
            volumes(document);
            inherit(document.get_mut("Tasks"), &extra);
        } else if is(schema, &schema::JOB) {
            job_fields(document, &extra, found);
        }
    }

    fn group_scaling(&mut self, document: &mut Object, found: &Found<'_>, path: &str) {
        match text(document, "Type") {
            "" => {
                document.insert("Type".into(), "horizontal".into());
            }
            "horizontal" => {}
            other => {
                let detail = format!("task group scaling policy had invalid type: \"{other}\"");
                let range = found.kind_range;
                self.report(range, path, "Invalid group scaling type", detail);
            }
        }
    }

    fn task_scaling(&mut self, found: &Found<'_>, document: &mut Object, path: &str) {
        let Some(Json::Array(policies)) = document.get_mut("ScalingPolicies") else {
            return;
        };
        for policy in policies {
            let name = policy["Type"].as_str().unwrap_or_default();
            if name == "cpu" || name == "mem" {
                policy["Type"] = format!("vertical_{name}").into();
            }
        }
        let mut first_of: Vec<(&str, crate::diagnostics::Range)> = Vec::new();
        for block in found.body.blocks().filter(|block| block.kind == "scaling") {
            let Some(label) = block.labels.first() else {
                continue;
            };
            let name = label.text.as_str();
            if name != "cpu" && name != "mem" {
                let detail = "scaling policy name must be \"cpu\" or \"mem\"";
                self.report(label.range, path, "Invalid scaling policy name", detail);
            } else if let Some((_, first)) = first_of.iter().find(|(other, _)| *other == name) {
                let detail = format!(
                    "Only one scaling {name} block is allowed. Another was defined at {}.",
                    self.place(*first)
                );
                let summary = format!("Duplicate scaling \"{name}\" block");
                self.report(block.kind_range, path, &summary, detail);
            } else {
                first_of.push((name, block.kind_range));
            }
        }
    }
}

/// `version = "..."` and the like; sets the operator, which is `=` otherwise.
fn short_forms(document: &mut Object, extra: &Object) {
    let is_affinity = document.contains_key("Weight");
    for name in ["version", "semver", "regexp", "set_contains"] {
        if let Some(value) = extra.get(name) {
            document.insert("Operand".into(), name.into());
            document.insert("RTarget".into(), value.clone());
        }
    }
    if is_affinity {
        for name in ["set_contains_any", "set_contains_all"] {
            if let Some(value) = extra.get(name) {
                document.insert("Operand".into(), name.into());
                document.insert("RTarget".into(), value.clone());
            }
        }
        // Stored in eight bits, so 300 becomes 44.
        if let Some(weight) = document.get("Weight").and_then(Json::as_i64) {
            document.insert("Weight".into(), (weight as i8).into());
        }
    } else {
        if let Some(value) = extra.get("distinct_property") {
            document.insert("Operand".into(), "distinct_property".into());
            document.insert("LTarget".into(), value.clone());
        }
        if let Some(value) = extra.get("distinct_hosts") {
            document.insert("Operand".into(), "distinct_hosts".into());
            document.insert("RTarget".into(), value.to_string().into());
        }
    }
    if text(document, "Operand").is_empty() {
        document.insert("Operand".into(), "=".into());
    }
}

/// Ports with a fixed number go to one list, the others to another.
fn ports(document: &mut Object) {
    let Some(Json::Array(all)) = document.get("DynamicPorts").cloned() else {
        return;
    };
    let (reserved, dynamic): (Vec<Json>, Vec<Json>) = all
        .into_iter()
        .partition(|port| port["Value"].as_i64().unwrap_or(0) > 0);
    let list = |ports: Vec<Json>| {
        if ports.is_empty() {
            Json::Null
        } else {
            ports.into()
        }
    };
    document.insert("ReservedPorts".into(), list(reserved));
    document.insert("DynamicPorts".into(), list(dynamic));
}

/// The first identity without a name, or named `default`, is the task's default identity.
fn identities(document: &mut Object) {
    let Some(Json::Array(mut all)) = document.get("Identities").cloned() else {
        return;
    };
    let is_default = |each: &Json| matches!(each["Name"].as_str(), Some("" | "default"));
    if let Some(at) = all.iter().position(is_default) {
        document.insert("Identity".into(), all.remove(at));
    }
    let others = if all.is_empty() {
        Json::Null
    } else {
        all.into()
    };
    document.insert("Identities".into(), others);
}

/// Volumes of unknown types disappear.
fn volumes(document: &mut Object) {
    if let Some(Json::Object(volumes)) = document.get_mut("Volumes") {
        volumes.retain(|_, volume| matches!(volume["Type"].as_str(), Some("host" | "csi")));
    }
}

/// Gives the group's vault and secrets to its tasks.
fn inherit(tasks: Option<&mut Json>, extra: &Object) {
    for task in tasks.and_then(Json::as_array_mut).into_iter().flatten() {
        if let Some(vault) = extra.get("vault").filter(|_| task["Vault"].is_null()) {
            task["Vault"] = vault.clone();
        }
        if let Some(secrets) = extra.get("secret") {
            // A known slip of the reference: a task with secrets of its own gets those twice, and
            // the group's not at all (spec: jobspec 19.18).
            match task["Secrets"].as_array().cloned() {
                Some(own) => task["Secrets"] = [own.clone(), own].concat().into(),
                None => task["Secrets"] = secrets.clone(),
            }
        }
    }
}

fn job_fields(document: &mut Object, extra: &Object, found: &Found<'_>) {
    let label = found.labels.first().map_or("", |label| label.text.as_str());
    fill(document, "ID", label.into());
    fill(document, "Name", label.into());
    if let Some(Json::Array(tasks)) = extra.get("task") {
        let mut groups: Vec<Json> = tasks.iter().map(one_task_group).collect();
        if let Some(Json::Array(explicit)) = document.get("TaskGroups") {
            groups.extend(explicit.iter().cloned());
        }
        document.insert("TaskGroups".into(), groups.into());
    }
    let groups = document.get_mut("TaskGroups").and_then(Json::as_array_mut);
    for group in groups.into_iter().flatten() {
        for task in group["Tasks"].as_array_mut().into_iter().flatten() {
            if let Some(vault) = extra.get("vault").filter(|_| task["Vault"].is_null()) {
                task["Vault"] = vault.clone();
            }
            if let Some(Json::Array(secrets)) = extra.get("secret") {
                let mut all = task["Secrets"].as_array().cloned().unwrap_or_default();
                all.extend(secrets.iter().cloned());
                task["Secrets"] = all.into();
            }
        }
    }
}

/// A task that stands directly in the job is a group of its own.
fn one_task_group(task: &Json) -> Json {
    let mut group = Object::new();
    for field in schema::GROUP
        .fields
        .iter()
        .filter(|field| !field.api_name.is_empty())
    {
        let value = match field.api_name {
            "Name" => Some(task["Name"].clone()),
            "Count" => Some(json!(1)),
            "Tasks" => Some(json!([task])),
            _ => field.unset_json(),
        };
        if let Some(value) = value {
            group.insert(field.api_name.to_owned(), value);
        }
    }
    Json::Object(group)
}

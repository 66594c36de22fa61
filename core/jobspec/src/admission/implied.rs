//! Constraints that a job's contents imply, such as service discovery for Nomad services
//! (spec: jobspec 14.2, scheduling 7.6).
//!
//! They are appended to the group (to the task for the Consul services of a task), so they show in
//! answers, in diffs and in the reasons why a node was filtered.

use yurt_model::InOrder;

use serde_json::{Value, json};

use crate::document::View;

const CNI_PLUGINS: [&str; 5] = ["bridge", "firewall", "host-local", "loopback", "portmap"];

/// When a constraint counts as already there.
#[derive(Clone, Copy)]
enum Unless {
    SameLeft,
    Identical,
    Never,
}

/// Appends the implied constraints to each group of a filled document.
pub(super) fn add_constraints(job: &mut Value) {
    let Some(groups) = job["TaskGroups"].as_array_mut() else {
        return;
    };
    let providers = groups
        .iter()
        .flat_map(|group| secret_providers(View(group)));
    let mut providers: Vec<String> = providers.collect();
    providers.put_in_order_by(Ord::cmp);
    providers.dedup();
    for group in groups {
        for implied in group_constraints(View(group), &providers) {
            append(group, &implied);
        }
        let Some(tasks) = group["Tasks"].as_array_mut() else {
            continue;
        };
        for task in tasks {
            if let Some(implied) = partition(View(task)) {
                append(task, &implied);
            }
            let serves = View(task)
                .objects("Services")
                .any(|service| service.text("Provider") == "consul");
            if serves {
                append(task, &consul());
            }
        }
    }
}

struct Implied {
    left: String,
    operand: &'static str,
    right: String,
    unless: Unless,
}

fn implied(
    left: impl Into<String>,
    operand: &'static str,
    right: impl Into<String>,
    unless: Unless,
) -> Implied {
    Implied {
        left: left.into(),
        operand,
        right: right.into(),
        unless,
    }
}

fn consul() -> Implied {
    implied(
        "${attr.consul.version}",
        "semver",
        ">= 1.8.0",
        Unless::SameLeft,
    )
}

fn group_constraints(group: View<'_>, providers: &[String]) -> Vec<Implied> {
    let mut list = Vec::from_iter(partition(group));
    if group.objects("Tasks").any(|task| task.has("Vault")) {
        let left = "${attr.vault.version}";
        list.push(implied(left, "semver", ">= 0.6.1", Unless::SameLeft));
    }
    for provider in providers {
        let left = format!("${{attr.plugins.secrets.{provider}.version}}");
        list.push(implied(left, "is_set", "", Unless::SameLeft));
    }
    if group.objects("Tasks").any(asks_for_numa) {
        let left = "${attr.nomad.version}";
        list.push(implied(left, "semver", ">= 1.6.3-dev", Unless::Identical));
        let left = "${attr.kernel.name}";
        list.push(implied(left, "=", "linux", Unless::Identical));
    }
    let signals = signals(group);
    if !signals.is_empty() {
        let left = "${attr.os.signals}";
        let right = signals.join(",");
        list.push(implied(left, "set_contains", right, Unless::Identical));
    }
    services(group, &mut list);
    networks(group, &mut list);
    if group.objects("Tasks").any(|task| task.has("Schedule")) {
        let left = "${attr.nomad.version}";
        list.push(implied(left, "semver", ">= 1.8.0-dev", Unless::SameLeft));
    }
    if has_identities(group) {
        let left = "${attr.nomad.version}";
        list.push(implied(left, "semver", ">= 1.7.0-a", Unless::Never));
    }
    list
}

/// A group or a task that names a partition of Consul runs only there.
fn partition(owner: View<'_>) -> Option<Implied> {
    let partition = owner.object("Consul")?.text("Partition");
    let left = "${attr.consul.partition}";
    let constraint = implied(left, "=", partition, Unless::Never);
    (!partition.is_empty()).then_some(constraint)
}

fn asks_for_numa(task: View<'_>) -> bool {
    let numa = task.object("Resources").and_then(|own| own.object("NUMA"));
    numa.is_some_and(|numa| !matches!(numa.text("Affinity"), "" | "none"))
}

fn all_services(group: View<'_>) -> Vec<View<'_>> {
    let tasks = group.objects("Tasks");
    group
        .objects("Services")
        .chain(tasks.flat_map(|task| task.objects("Services")))
        .collect()
}

fn services(group: View<'_>, list: &mut Vec<Implied>) {
    let services = all_services(group);
    let nomad = || services.iter().filter(|s| s.text("Provider") == "nomad");
    if nomad().next().is_some() {
        let left = "${attr.nomad.service_discovery}";
        list.push(implied(left, "=", "true", Unless::Identical));
    }
    if nomad().any(|service| service.has("Checks")) {
        let left = "${attr.nomad.version}";
        list.push(implied(left, "semver", ">= 1.4.0", Unless::Identical));
    }
    let mut own = group.objects("Services");
    if own.any(|service| service.text("Provider") == "consul") {
        list.push(consul());
    }
}

fn networks(group: View<'_>, list: &mut Vec<Implied>) {
    let mut networks = group.objects("Networks");
    if networks.any(|network| network.text("Mode") == "bridge") {
        for plugin in CNI_PLUGINS {
            let left = format!("${{attr.plugins.cni.version.{plugin}}}");
            list.push(implied(left, "semver", ">= 0.4.0", Unless::SameLeft));
        }
    }
    let transparent = all_services(group).iter().any(|service| {
        let connect = service.get("Connect");
        connect.is_some_and(|c| !c["SidecarService"]["Proxy"]["TransparentProxy"].is_null())
    });
    if transparent {
        let left = "${attr.plugins.cni.version.consul-cni}";
        list.push(implied(left, "semver", ">= 1.4.2", Unless::SameLeft));
        let left = "${attr.nomad.version}";
        list.push(implied(left, "semver", ">= 1.8.0-dev", Unless::SameLeft));
    }
}

fn has_identities(group: View<'_>) -> bool {
    let mut tasks = group.objects("Tasks");
    tasks.any(|task| task.has("Identities"))
        || all_services(group).iter().any(|s| s.has("Identity"))
}

/// The signals that a group's tasks ask for, sorted, each once.
fn signals(group: View<'_>) -> Vec<String> {
    let mut signals = Vec::new();
    for task in group.objects("Tasks") {
        signals.push(task.text("KillSignal").to_owned());
        if let Some(vault) = task.object("Vault")
            && vault.text("ChangeMode") == "signal"
        {
            signals.push(vault.text("ChangeSignal").to_owned());
        }
        for template in task.objects("Templates") {
            if template.text("ChangeMode") == "signal" {
                signals.push(template.text("ChangeSignal").to_owned());
            }
        }
    }
    signals.retain(|signal| !signal.is_empty());
    signals.put_in_order_by(Ord::cmp);
    signals.dedup();
    signals
}

fn secret_providers(group: View<'_>) -> Vec<String> {
    let tasks = group.objects("Tasks");
    let secrets = tasks.flat_map(|task| task.objects("Secrets"));
    secrets
        .map(|secret| secret.text("Provider").to_owned())
        .filter(|provider| !provider.is_empty())
        .collect()
}

fn append(owner: &mut Value, implied: &Implied) {
    let there = View(owner).objects("Constraints").any(|constraint| {
        let same_left = constraint.text("LTarget") == implied.left;
        match implied.unless {
            Unless::SameLeft => same_left,
            Unless::Identical => {
                same_left
                    && constraint.text("Operand") == implied.operand
                    && constraint.text("RTarget") == implied.right
            }
            Unless::Never => false,
        }
    });
    if there {
        return;
    }
    let constraint = json!({
        "LTarget": implied.left,
        "Operand": implied.operand,
        "RTarget": implied.right,
    });
    match &mut owner["Constraints"] {
        Value::Array(list) => list.push(constraint),
        slot => *slot = json!([constraint]),
    }
}

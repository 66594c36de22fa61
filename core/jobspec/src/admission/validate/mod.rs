//! The rules a job must keep, in the order in which servers report them (spec: jobspec 15).
//!
//! Reads canonical documents. Every rule names the member of the job file that it is about.

mod check;
mod cron;
mod group;
mod network;
mod placement;
mod policy;
mod resources;
mod service;
mod task;
mod task_parts;
mod version;
mod volume;

use serde_json::Value;

use super::AdmissionContext;
use super::issues::Issues;
use crate::document::View;

/// The largest total count that servers accept.
const JOB_MAX_COUNT: i64 = 50_000;

/// What is wrong with a canonical job; `asked` is the job as it came, which may hold what only
/// servers may write.
pub(super) fn job(document: &Value, asked: &Value, context: &AdmissionContext) -> Issues {
    let job = View(document);
    let mut issues = Issues::default();
    clusters(job, &mut issues);
    for (path, text) in unknown_names(job, context) {
        issues.add(path, text);
    }
    identity(job, &mut issues);
    placement::job(job, &mut issues);
    ui(job, &mut issues);
    groups(job, &mut issues);
    cron::periodic(job, &mut issues);
    parameterized(job, &mut issues);
    if job.has("Multiregion") {
        issues.add("multiregion", "Multiregion jobs are unlicensed.");
    }
    server(job, View(asked), &mut issues);
    enterprise(job, &mut issues);
    issues
}

fn group_tasks<'a>(job: View<'a>) -> impl Iterator<Item = (View<'a>, View<'a>)> {
    job.objects("TaskGroups")
        .flat_map(|group| group.objects("Tasks").map(move |task| (group, task)))
}

fn task_path(group: View<'_>, task: View<'_>) -> String {
    format!("group.{}.task.{}", group.text("Name"), task.text("Name"))
}

/// Vault and Consul clusters (spec: jobspec 15.11).
fn clusters(job: View<'_>, issues: &mut Issues) {
    for (group, task) in group_tasks(job) {
        let Some(vault) = task.object("Vault") else {
            continue;
        };
        let path = format!("{}.vault", task_path(group, task));
        match vault.text("Cluster") {
            "default" => {
                issues.add(path, "Vault \"default\" not enabled but used in the job");
            }
            _ => issues.add(path, "non-default Vault cluster requires Nomad Enterprise"),
        }
        break;
    }
    for group in job.objects("TaskGroups") {
        let path = format!("group.{}", group.text("Name"));
        let mut owners = vec![group];
        owners.extend(group.objects("Tasks"));
        let consul = owners.iter().filter_map(|owner| owner.object("Consul"));
        let services = owners.iter().flat_map(|owner| owner.objects("Services"));
        for cluster in consul.chain(services) {
            if !matches!(cluster.text("Cluster"), "" | "default") {
                let text = "non-default Consul cluster requires Nomad Enterprise";
                issues.add(path.clone(), text);
            }
        }
    }
}

/// The namespace and the node pool, when they do not exist: the member and the text.
pub(super) fn unknown_names(
    job: View<'_>,
    context: &AdmissionContext,
) -> Vec<(&'static str, String)> {
    let id = job.text("ID");
    let known = [
        ("Namespace", "namespace", "namespace", &context.namespaces),
        ("NodePool", "node_pool", "node pool", &context.node_pools),
    ];
    let mut unknown = Vec::new();
    for (member, path, noun, names) in known {
        let name = job.text(member);
        if let Some(names) = names
            && !names.iter().any(|known| known == name)
        {
            let text = format!("job {id:?} is in nonexistent {noun} {name:?}");
            unknown.push((path, text));
        }
    }
    unknown
}

fn identity(job: View<'_>, issues: &mut Issues) {
    if job.text("Region").is_empty() {
        issues.add("region", "Missing job region");
    }
    let id = job.text("ID");
    if id.is_empty() {
        issues.add("id", "Missing job ID");
    }
    if id.contains(' ') {
        issues.add("id", "Job ID contains a space");
    }
    if id.contains('\0') {
        issues.add("id", "Job ID contains a null character");
    }
    if job.text("Name").is_empty() {
        issues.add("name", "Missing job name");
    }
    if job.text("Name").contains('\0') {
        issues.add("name", "Job Name contains a null character");
    }
    if job.text("Namespace").is_empty() {
        issues.add("namespace", "Job must be in a namespace");
    }
    match job.text("Type") {
        "" => issues.add("type", "Missing job type"),
        "service" | "batch" | "system" | "sysbatch" | "core" => {}
        other => issues.add("type", format!("Invalid job type: {other:?}")),
    }
    let datacenters = job.texts("Datacenters");
    if datacenters.is_empty() {
        issues.add("datacenters", "Missing job datacenters");
    }
    for datacenter in datacenters {
        if datacenter.is_empty() {
            issues.add("datacenters", "Job datacenter must be non-empty string");
        }
    }
    if job.objects("TaskGroups").len() == 0 {
        issues.add("group", "Missing job task groups");
    }
}

fn ui(job: View<'_>, issues: &mut Issues) {
    let Some(ui) = job.object("UI") else {
        return;
    };
    let length = ui.text("Description").len();
    if length > 1000 {
        let text = format!("UI description must be under 1000 characters, currently {length}");
        issues.add("ui.description", text);
    }
}

fn groups(job: View<'_>, issues: &mut Issues) {
    let mut seen: Vec<(&str, usize)> = Vec::new();
    for (i, group) in job.objects("TaskGroups").enumerate() {
        let (name, number) = (group.text("Name"), i + 1);
        let path = format!("group.{name}");
        if name.is_empty() {
            issues.add("group", format!("Job task group {number} missing name"));
        } else if let Some((_, first)) = seen.iter().find(|(known, _)| *known == name) {
            let text = format!("Job task group {number} redefines '{name}' from group {first}");
            issues.add(path.clone(), text);
        } else {
            seen.push((name, number));
        }
        if group.int("ShutdownDelay") < 0 {
            let at = format!("{path}.shutdown_delay");
            issues.add(at, "ShutdownDelay must be a positive value");
        }
        let count = group.int("Count");
        if job.text("Type") == "system" && count > 1 {
            let text = format!(
                "Job task group {name} has count {count}. Count cannot exceed 1 with system \
                 scheduler"
            );
            issues.add(format!("{path}.count"), text);
        }
    }
    for group in job.objects("TaskGroups") {
        let prefix = format!("Task group {} validation failed: ", group.text("Name"));
        issues.nest(prefix, group::validate(job, group));
    }
}

fn parameterized(job: View<'_>, issues: &mut Issues) {
    let Some(parameterized) = job.object("ParameterizedJob") else {
        return;
    };
    if !matches!(job.text("Type"), "batch" | "sysbatch") {
        let text = "Parameterized job can only be used with \"batch\" or \"sysbatch\" scheduler";
        issues.add("parameterized", text);
    }
    let mut own = Issues::default();
    let payload = parameterized.text("Payload");
    if !matches!(payload, "optional" | "required" | "forbidden") {
        let text = format!("Unknown payload requirement: {payload:?}");
        own.add("parameterized.payload", text);
    }
    let optional = parameterized.texts("MetaOptional");
    let mut both: Vec<&str> = parameterized.texts("MetaRequired");
    both.retain(|key| optional.contains(key));
    if !both.is_empty() {
        let text = format!(
            "Required and optional meta keys should be disjoint. Following keys exist in both: \
             [{}]",
            both.join(" ")
        );
        own.add("parameterized.meta_optional", text);
    }
    issues.nest("", own);
}

fn server(job: View<'_>, asked: View<'_>, issues: &mut Issues) {
    if job.text("Type") == "core" {
        issues.add("type", "job type cannot be core");
    }
    if !asked.text("Payload").is_empty() {
        let text = "job can't be submitted with a payload, only dispatched";
        issues.add("parameterized", text);
    }
    if !(1..=100).contains(&job.int("Priority")) {
        issues.add("priority", "job priority must be between [1, 100]");
    }
    let total = job
        .objects("TaskGroups")
        .fold(0_i64, |sum, group| sum.saturating_add(group.int("Count")));
    if total > JOB_MAX_COUNT {
        let text = format!(
            "total count was greater than configured job_max_count: {total} > {JOB_MAX_COUNT}"
        );
        issues.add("group", text);
    }
}

fn enterprise(job: View<'_>, issues: &mut Issues) {
    let numa = |task: View<'_>| {
        let affinity = task.object("Resources").and_then(|r| r.object("NUMA"));
        affinity.is_some_and(|numa| matches!(numa.text("Affinity"), "prefer" | "require"))
    };
    if let Some((group, task)) = group_tasks(job).find(|(_, task)| numa(*task)) {
        let path = format!("{}.resources.numa", task_path(group, task));
        issues.add(path, "numa scheduling requires Nomad Enterprise");
    }
    if let Some((group, task)) = group_tasks(job).find(|(_, task)| task.has("Schedule")) {
        let path = format!("{}.schedule", task_path(group, task));
        issues.add(path, "task schedules requires Nomad Enterprise");
    }
}

//! What the author of a job should know, though nothing is wrong (spec: jobspec 16).

use serde_json::Value;

use super::AdmissionContext;
use super::issues::Issues;
use crate::document::View;

/// The text in which warnings are shown: a count, an empty line, a bullet for each.
pub fn warnings_text(warnings: &[String]) -> String {
    let mut text = match warnings.len() {
        0 => return String::new(),
        1 => "1 warning:\n".to_owned(),
        n => format!("{n} warnings:\n"),
    };
    for warning in warnings {
        text += "\n* ";
        text += warning.trim();
    }
    text
}

/// The warnings about a canonical job, in the order of the servers.
pub(super) fn warnings(document: &Value, context: &AdmissionContext) -> Vec<String> {
    let job = View(document);
    let mut list = Vec::new();
    for group in job.objects("TaskGroups") {
        let own = group_issues(group);
        if !own.is_empty() {
            let name = group.text("Name");
            list.push(format!("Group {name:?} has warnings: {}", own.text()));
        }
    }
    for group in job.objects("TaskGroups") {
        shutdown_delays(group, &mut list);
    }
    auto_promote(job, &mut list);
    let is_cron = |periodic: View<'_>| !periodic.text("Spec").is_empty();
    if job.object("Periodic").is_some_and(is_cron) {
        let text = "cron is deprecated and may be removed in a future release. Use crons instead";
        list.push(text.to_owned());
    }
    if !context.memory_oversubscription {
        oversubscription(job, &mut list);
    }
    for warning in &mut list {
        *warning = warning.trim().to_owned();
    }
    list
}

fn group_issues(group: View<'_>) -> Issues {
    let mut issues = Issues::default();
    let at = format!("group.{}", group.text("Name"));
    if let Some(update) = group.object("Update") {
        let (count, max_parallel) = (group.int("Count"), update.int("MaxParallel"));
        if count > 1 && max_parallel > count {
            let text = format!(
                "Update max parallel count is greater than task group count ({max_parallel} > \
                 {count}). A destructive change would result in the simultaneous replacement of \
                 all allocations."
            );
            issues.add(format!("{at}.update.max_parallel"), text);
        }
    }
    if group.objects("Networks").any(|n| n.int("MBits") > 0) {
        let text = "mbits has been deprecated as of Nomad 0.12.0. Please remove mbits from the \
                    network block";
        issues.add(format!("{at}.network.mbits"), text);
    }
    for task in group.objects("Tasks") {
        let own = task_issues(task, &at);
        let heading = format!("Task {:?} has warnings: ", task.text("Name"));
        issues.nest(heading, own);
    }
    issues
}

fn task_issues(task: View<'_>, at: &str) -> Issues {
    let mut issues = Issues::default();
    let at = format!("{at}.task.{}", task.text("Name"));
    if let Some(resources) = task.object("Resources") {
        if resources.int("IOPS") != 0 {
            let text = "IOPS has been deprecated as of Nomad 0.9.0. Please remove IOPS from \
                        resource block.";
            issues.add(format!("{at}.resources.iops"), text);
        }
        if resources.has("Networks") {
            let text = "task network resources have been deprecated as of Nomad 0.12.0. Please \
                        configure networking via group network block.";
            issues.add(format!("{at}.resources.network"), text);
        }
    }
    for (i, template) in task.objects("Templates").enumerate() {
        if template.int("VaultGrace") != 0 {
            let text = format!(
                "Template[{i}] VaultGrace has been deprecated as of Nomad 0.11 and ignored since \
                 Vault 0.5. Please remove VaultGrace / vault_grace from template block."
            );
            issues.add(format!("{at}.template.vault_grace"), text);
        }
    }
    for identity in task.objects("Identities") {
        identity_issues(identity, &at, &mut issues);
    }
    issues
}

fn identity_issues(identity: View<'_>, at: &str, issues: &mut Issues) {
    let at = format!("{at}.identity");
    let subject = format!("Identity[{}]", identity.text("Name"));
    match identity.texts("Audience").len() {
        0 => {
            let text = format!("{subject} identities without an audience are insecure");
            issues.add(at.clone(), text);
        }
        1 => {}
        _ => {
            let text = format!(
                "{subject} while multiple audiences is allowed, it is more secure to use 1 \
                 audience per identity"
            );
            issues.add(at.clone(), text);
        }
    }
    if identity.int("TTL") == 0 {
        let text = format!("{subject} identities without an expiration are insecure");
        issues.add(at.clone(), text);
    }
    if identity.flag("Env") && identity.text("ChangeMode") != "restart" {
        let text = format!(
            "{subject} using env=true without change_mode=\"restart\" may result in task not \
             getting updated identity"
        );
        issues.add(at, text);
    }
}

/// Services should have time to be deregistered before their tasks stop. A delay of the group is
/// enough; else each task that serves needs its own.
fn shutdown_delays(group: View<'_>, list: &mut Vec<String>) {
    let name = group.text("Name");
    let delays = |task: View<'_>| task.int("ShutdownDelay") > 0;
    if group.int("ShutdownDelay") > 0 {
        return;
    }
    for service in group.objects("Services") {
        let sidecar = service
            .get("Connect")
            .map(|connect| &connect["SidecarTask"])
            .filter(|sidecar| !sidecar.is_null());
        if sidecar.is_some_and(|sidecar| View(sidecar).int("ShutdownDelay") == 0) {
            let service = service.text("Name");
            list.push(format!(
                "service {service:?} defines a sidecar task in Consul Connect definition, but \
                 the task has no shutdown_delay set"
            ));
        }
    }
    let mut named = Vec::new();
    for task in group.objects("Tasks").filter(|task| !delays(*task)) {
        let task_name = task.text("Name");
        let mut services = group.objects("Services");
        if services.any(|service| service.text("TaskName") == task_name) {
            list.push(format!(
                "group {name:?} references task {task_name:?} in a service definition, but the \
                 task has no shutdown_delay set"
            ));
            named.push(task_name);
        }
        if task.has("Services") {
            list.push(format!(
                "task {task_name:?} in group {name:?} defines services, but has no \
                 shutdown_delay set"
            ));
        }
    }
    let has_own = group.has("Services") && named.is_empty();
    if has_own && !group.objects("Tasks").any(delays) {
        list.push(format!(
            "group {name:?} defines services, but neither the group nor any of its tasks have \
             shutdown_delay set"
        ));
    }
}

fn auto_promote(job: View<'_>, list: &mut Vec<String>) {
    let updates: Vec<View<'_>> = job
        .objects("TaskGroups")
        .filter_map(|group| group.object("Update"))
        .filter(|update| update.int("Canary") > 0)
        .collect();
    let promoting = updates.iter().filter(|u| u.flag("AutoPromote")).count();
    if promoting > 0 && promoting < updates.len() {
        let text = "auto_promote must be true for all groups to enable automatic promotion";
        list.push(text.to_owned());
    }
}

fn oversubscription(job: View<'_>, list: &mut Vec<String>) {
    for group in job.objects("TaskGroups") {
        for task in group.objects("Tasks") {
            let max = task.object("Resources").map_or(0, |r| r.int("MemoryMaxMB"));
            if max != 0 {
                let (group, task) = (group.text("Name"), task.text("Name"));
                list.push(format!(
                    "Memory oversubscription is not enabled; Task \"{group}.{task}\" memory_max \
                     value will be ignored. Update the Scheduler Configuration to allow \
                     oversubscription."
                ));
            }
        }
    }
}

//! Rules about one group (spec: jobspec 15.3).

use super::{network, placement, policy, service, task, volume};
use crate::admission::issues::Issues;
use crate::document::View;

/// What is wrong with a group.
pub(super) fn validate(job: View<'_>, group: View<'_>) -> Issues {
    let mut issues = Issues::default();
    let kind = job.text("Type");
    let name = group.text("Name");
    let at = format!("group.{name}");
    if name.is_empty() {
        issues.add("group", "Missing task group name");
    }
    if name.contains('\0') {
        issues.add("group", "Task group name contains null character");
    }
    if group.int("Count") < 0 {
        issues.add(format!("{at}.count"), "Task group count can't be negative");
    }
    if group.objects("Tasks").len() == 0 {
        issues.add(format!("{at}.task"), "Missing tasks for task group");
    }
    disconnect(group, kind, &at, &mut issues);
    max_run(group, kind, &at, &mut issues);
    placement::constraints(group, &at, &mut issues);
    if kind == "system" && group.has("Affinities") {
        let text = "System jobs may not have an affinity block";
        issues.add(format!("{at}.affinity.0"), text);
    } else {
        placement::affinities(group, &at, &mut issues);
    }
    policy::restart(group, &format!("{at}.restart"), &mut issues);
    if kind == "system" && group.has("Spreads") {
        let text = "System jobs may not have a spread block";
        issues.add(format!("{at}.spread.0"), text);
    } else {
        placement::spreads(group, &at, &mut issues);
    }
    policy::reschedule(group, kind, &at, &mut issues);
    ephemeral_disk(group, &at, &mut issues);
    policy::update(group, kind, &at, &mut issues);
    policy::migrate(group, kind, &at, &mut issues);
    tasks_together(group, &at, &mut issues);
    volume::group(group, kind, &at, &mut issues);
    let heading = "Task group network validation failed: ";
    issues.nest(heading, network::validate(group, &at));
    let heading = "Task group service validation failed: ";
    issues.nest(heading, service::group(group, &at));
    let heading = "Task group service check validation failed: ";
    issues.nest(heading, service::script_checks(group, &at));
    let heading = "Task group scaling policy validation failed: ";
    issues.nest(heading, scaling(group, &at));
    for given in group.objects("Tasks") {
        let heading = format!("Task {} validation failed: ", given.text("Name"));
        issues.nest(heading, task::validate(group, given, kind, &at));
    }
    issues
}

fn disconnect(group: View<'_>, kind: &str, at: &str, issues: &mut Issues) {
    let Some(disconnect) = group.object("Disconnect") else {
        return;
    };
    let at = format!("{at}.disconnect");
    let stop_after = disconnect.optional_span("StopOnClientAfter");
    if let Some(stop_after) = stop_after {
        let at = format!("{at}.stop_on_client_after");
        if stop_after.nanos() < 0 {
            issues.add(at.clone(), "stop_after cannot be a negative duration");
        }
        if !matches!(kind, "service" | "batch") {
            let text = "stop_after can only be used with service or batch job types";
            issues.add(at, text);
        }
    }
    let lost_after = disconnect.int("LostAfter");
    if lost_after < 0 {
        let at = format!("{at}.lost_after");
        issues.add(at, "lost_after cannot be a negative duration");
    }
    if lost_after > 0 && stop_after.is_some() {
        let text = "Disconnect cannot be configured with both lost_after and stop_after";
        issues.add(at.clone(), text);
    }
    let reconcile = disconnect.text("Reconcile");
    let known = [
        "best_score",
        "keep_original",
        "keep_replacement",
        "longest_running",
    ];
    if !known.contains(&reconcile) {
        let text = format!("reconcile option is invalid: {reconcile}");
        issues.add(format!("{at}.reconcile"), text);
    }
}

fn max_run(group: View<'_>, kind: &str, at: &str, issues: &mut Issues) {
    let Some(max_run) = group.optional_span("MaxRunDuration") else {
        return;
    };
    let at = format!("{at}.max_run_duration");
    if max_run.is_zero_or_less() {
        issues.add(at.clone(), "MaxRunDuration must be greater than zero");
    }
    if !matches!(kind, "batch" | "sysbatch") {
        let text = format!("Job type {kind:?} does not allow max_run_duration");
        issues.add(at, text);
    }
}

fn ephemeral_disk(group: View<'_>, at: &str, issues: &mut Issues) {
    let size = group.object("EphemeralDisk").map_or(0, |d| d.int("SizeMB"));
    if size < 10 {
        let text = format!("minimum DiskMB value is 10; got {size}");
        issues.add(format!("{at}.ephemeral_disk.size"), text);
    }
}

fn tasks_together(group: View<'_>, at: &str, issues: &mut Issues) {
    let mut seen: Vec<(&str, usize)> = Vec::new();
    for (i, task) in group.objects("Tasks").enumerate() {
        let (name, number) = (task.text("Name"), i + 1);
        if name.is_empty() {
            issues.add(format!("{at}.task"), format!("Task {number} missing name"));
        } else if let Some((_, first)) = seen.iter().find(|(known, _)| *known == name) {
            let text = format!("Task {number} redefines '{name}' from task {first}");
            issues.add(format!("{at}.task.{name}"), text);
        } else {
            seen.push((name, number));
        }
    }
    let leaders = group.objects("Tasks").filter(|task| task.flag("Leader"));
    if leaders.count() > 1 {
        let text = "Only one task may be marked as leader";
        issues.add(format!("{at}.task"), text);
    }
    let mut tasks = group.objects("Tasks");
    if tasks.len() > 0 && !tasks.any(|task| !task.has("Lifecycle")) {
        let name = group.text("Name");
        let text = format!("Task group {name} must have at least one main task");
        issues.add(format!("{at}.task"), text);
    }
}

/// Limits of counts (spec: jobspec 15.9).
fn scaling(group: View<'_>, at: &str) -> Issues {
    let mut issues = Issues::default();
    let Some(scaling) = group.object("Scaling") else {
        return issues;
    };
    let at = format!("{at}.scaling");
    let limit = |name: &str| scaling.get(name).and_then(serde_json::Value::as_i64);
    let (min, max) = (limit("Min").unwrap_or(0), limit("Max"));
    let count = group.int("Count");
    let Some(max) = max.filter(|max| *max >= 0) else {
        let text = "Scaling policy invalid: maximum count must be specified and non-negative";
        issues.add(format!("{at}.max"), text);
        return issues;
    };
    if max < min {
        let text = "Scaling policy invalid: maximum count must not be less than minimum count";
        issues.add(format!("{at}.max"), text);
    }
    if min < 0 {
        let text = "Scaling policy invalid: minimum count must be specified and non-negative";
        issues.add(format!("{at}.min"), text);
    }
    if max < count {
        let text = "Scaling policy invalid: task group count must not be greater than maximum \
                    count in scaling policy";
        issues.add(format!("{at}.max"), text);
    }
    if count < min {
        let text = "Scaling policy invalid: task group count must not be less than minimum count \
                    in scaling policy";
        issues.add(format!("{at}.min"), text);
    }
    issues
}

//! Rules about one task (spec: jobspec 15.6).

use yurt_model::Duration;

use super::{placement, policy, resources, service, task_parts, volume};
use crate::admission::issues::Issues;
use crate::document::View;

/// What is wrong with a task of this group.
pub(super) fn validate(group: View<'_>, task: View<'_>, kind: &str, at: &str) -> Issues {
    let mut issues = Issues::default();
    let name = task.text("Name");
    let at = format!("{at}.task.{name}");
    names(task, &at, &mut issues);
    times(group, task, kind, &at, &mut issues);
    let disk = group.object("EphemeralDisk").map_or(0, |d| d.int("SizeMB"));
    issues.nest("", resources::validate(task, &format!("{at}.resources")));
    issues.nest("", resources::logs(task, disk, &format!("{at}.logs")));
    placement::constraints(task, &at, &mut issues);
    for (i, constraint) in task.objects("Constraints").enumerate() {
        let operand = constraint.text("Operand");
        if matches!(operand, "distinct_hosts" | "distinct_property") {
            let text = format!(
                "Constraint {} has disallowed Operand at task level: {operand}",
                i + 1
            );
            issues.add(format!("{at}.constraint.{i}"), text);
        }
    }
    placement::affinities(task, &at, &mut issues);
    let mut restart = Issues::default();
    policy::restart(task, &format!("{at}.restart"), &mut restart);
    // The group's own policy was judged with the group; only what the task overrides is new.
    if task.get("RestartPolicy") != group.get("RestartPolicy") {
        issues.extend(restart);
    }
    issues.nest("", service::task(group, task, &at));
    task_parts::validate(task, &at, &mut issues);
    volume::mounts(group, task, &at, &mut issues);
    issues
}

fn names(task: View<'_>, at: &str, issues: &mut Issues) {
    let name = task.text("Name");
    if name.is_empty() {
        issues.add(at, "Missing task name");
    }
    if name == "alloc" {
        issues.add(at, "Task cannot be named \"alloc\"");
    }
    if name.contains(['/', '\\']) {
        issues.add(at, "Task name cannot include slashes");
    }
    if name.contains('\0') {
        issues.add(at, "Task name cannot include null characters");
    }
    if task.text("Driver").is_empty() {
        issues.add(format!("{at}.driver"), "Missing task driver");
    }
}

fn times(group: View<'_>, task: View<'_>, kind: &str, at: &str, issues: &mut Issues) {
    let kill_timeout = task.span("KillTimeout");
    if kill_timeout < Duration::ZERO {
        let text = "KillTimeout must be a positive value";
        issues.add(format!("{at}.kill_timeout"), text);
    } else if kind == "service" {
        let update = group.object("Update");
        let progress = update.map_or(Duration::ZERO, |u| u.span("ProgressDeadline"));
        if progress > Duration::ZERO && kill_timeout > progress {
            let text = format!(
                "KillTimout ({kill_timeout}) longer than the group's ProgressDeadline ({progress})"
            );
            issues.add(format!("{at}.kill_timeout"), text);
        }
    }
    if task.int("ShutdownDelay") < 0 {
        let text = "ShutdownDelay must be a positive value";
        issues.add(format!("{at}.shutdown_delay"), text);
    }
}

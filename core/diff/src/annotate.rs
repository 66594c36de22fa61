//! What a change brings, written onto a difference (spec: plan-diff 6, 7).

use yurt_model::{DesiredUpdates, PlanAnnotations};

use crate::types::{DiffType, FieldDiff, JobDiff, ObjectDiff, TaskDiff, TaskGroupDiff};

/// Allocations would be made.
pub const FORCES_CREATE: &str = "forces create";
/// Allocations would be stopped.
pub const FORCES_DESTROY: &str = "forces destroy";
/// Allocations would be updated where they are.
pub const FORCES_IN_PLACE: &str = "forces in-place update";
/// Allocations would be replaced.
pub const FORCES_DESTRUCTIVE: &str = "forces create/destroy update";

/// Writes onto the difference what the change brings, with the scheduler's counters when there are
/// any. It never looks at what the scheduler decided for a task, and may contradict it
/// (spec: plan-diff 6.5).
pub fn annotate(diff: &mut JobDiff, annotations: Option<&PlanAnnotations>) {
    for group in &mut diff.task_groups {
        let desired = annotations.and_then(|all| all.desired_updates.get(&*group.name));
        if let Some(desired) = desired {
            group.updates = counters(desired).into_iter().collect();
        }
        annotate_count(group);
        let parent = group.kind;
        for task in &mut group.tasks {
            task.annotations.extend(task_annotation(parent, task));
        }
    }
}

/// The counters that are shown, by name, without zeros (spec: plan-diff 7).
pub fn counters(desired: &DesiredUpdates) -> Vec<(&'static str, u64)> {
    let all = [
        ("canary", desired.canary),
        ("create", desired.place),
        ("create/destroy update", desired.destructive_update),
        ("destroy", desired.stop),
        ("ignore", desired.ignore),
        ("in-place update", desired.in_place_update),
        ("migrate", desired.migrate),
    ];
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

fn annotate_count(group: &mut TaskGroupDiff) {
    let number = |text: &str| text.parse::<i64>().unwrap_or(0);
    let fields = group.fields.iter_mut();
    for field in fields.filter(|field| field.name == "Count") {
        let text = match number(&field.new).cmp(&number(&field.old)) {
            std::cmp::Ordering::Greater => FORCES_CREATE,
            std::cmp::Ordering::Less => FORCES_DESTROY,
            std::cmp::Ordering::Equal => continue,
        };
        field.annotations.push(text);
    }
}

fn task_annotation(parent: DiffType, task: &TaskDiff) -> Option<&'static str> {
    let destructive = task.fields.iter().any(is_destructive_field)
        || task.objects.iter().any(is_destructive_object);
    match (parent, task.kind) {
        (_, DiffType::None) => None,
        (DiffType::Added, DiffType::Added) => Some(FORCES_CREATE),
        (DiffType::Deleted, DiffType::Deleted) => Some(FORCES_DESTROY),
        _ if destructive => Some(FORCES_DESTRUCTIVE),
        _ => Some(FORCES_IN_PLACE),
    }
}

fn is_destructive_field(field: &FieldDiff) -> bool {
    field.name != "KillTimeout"
}

fn is_destructive_object(object: &ObjectDiff) -> bool {
    match &*object.name {
        "Service" | "Constraint" | "Affinity" | "Spread" => false,
        // A plan lists unchanged fields too, so any change of the logs looks destructive.
        "LogConfig" => object.fields.iter().any(|field| field.name == "Disabled"),
        _ => true,
    }
}

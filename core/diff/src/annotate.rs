//! What a change brings, written onto a difference (spec: plan-diff 6, 7).

use yurt_model::{DesiredUpdates, Gather, PlanAnnotations};

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
            group.updates = counters(desired).into_iter().gather();
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

/// What each annotation and each counter means, in two sentences at most.
const MEANINGS: [(&str, &str); 11] = [
    (
        FORCES_CREATE,
        "The count grows or the task is new, so more allocations are needed. What runs already \
         is not touched by this.",
    ),
    (
        FORCES_DESTROY,
        "The count shrinks or the task is gone, so some allocations are too many. They are told \
         to stop.",
    ),
    (
        FORCES_IN_PLACE,
        "A running task need not notice this change. Its allocation takes the new version on and \
         keeps running.",
    ),
    (
        FORCES_DESTRUCTIVE,
        "This goes by what changed in the file alone and may be stricter than the scheduler, which \
         can also update in place. The counters of the group decide: they say how many \
         allocations are replaced.",
    ),
    (
        "canary",
        "Allocations of the new version that start beside the old ones. The old ones go on until \
         the canaries are promoted.",
    ),
    (
        "create",
        "Allocations that are new, because fewer run than the job asks for.",
    ),
    (
        "create/destroy update",
        "Allocations that are replaced: the old one stops, a new one of this version starts.",
    ),
    ("destroy", "Allocations that stop and get no replacement."),
    (
        "ignore",
        "Allocations that stay exactly as they are. They have nothing to change, or their turn \
         comes later.",
    ),
    (
        "in-place update",
        "Allocations that take the new version on while they keep running.",
    ),
    (
        "migrate",
        "Allocations that move to another node, because theirs is being drained.",
    ),
];

/// What an annotation (`forces create`) or a counter (`ignore`) means; absent for other texts.
pub fn meaning(text: &str) -> Option<&'static str> {
    let mut all = MEANINGS.iter();
    all.find(|(name, _)| *name == text).map(|(_, text)| *text)
}

/// The changed parts of a task that decide about [`FORCES_DESTRUCTIVE`], by their names.
pub fn destructive_parts(task: &TaskDiff) -> Vec<&str> {
    let fields = task
        .fields
        .iter()
        .filter(|field| field.kind != DiffType::None && is_destructive_field(field))
        .map(|field| &*field.name);
    let objects = task.objects.iter();
    let objects = objects
        .filter(|object| object.kind != DiffType::None && is_destructive_object(object))
        .map(|object| &*object.name);
    fields.chain(objects).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_annotation_and_every_counter_has_a_meaning() {
        let every = DesiredUpdates {
            ignore: 1,
            place: 1,
            migrate: 1,
            stop: 1,
            in_place_update: 1,
            destructive_update: 1,
            canary: 1,
            ..DesiredUpdates::default()
        };
        let forces = [
            FORCES_CREATE,
            FORCES_DESTROY,
            FORCES_IN_PLACE,
            FORCES_DESTRUCTIVE,
        ];
        let names: Vec<&str> = counters(&every).into_iter().map(|(name, _)| name).collect();
        let all: Vec<&str> = forces.into_iter().chain(names).collect();
        assert_eq!(all.len(), MEANINGS.len());
        for name in all {
            let text = meaning(name).unwrap_or_default();
            let sentences = text.matches(['.', '!']).count();
            assert!(matches!(sentences, 1 | 2), "{name}: {text}");
        }
        assert_eq!(meaning("forces"), None);
    }

    #[test]
    fn what_forces_a_replacement_is_named() {
        let field = |name: &str, kind| FieldDiff {
            kind,
            name: name.into(),
            ..FieldDiff::default()
        };
        let task = TaskDiff {
            kind: DiffType::Edited,
            fields: vec![
                field("Driver", DiffType::None),
                field("KillTimeout", DiffType::Edited),
                field("User", DiffType::Edited),
            ],
            objects: vec![ObjectDiff {
                kind: DiffType::Edited,
                name: "Config".into(),
                ..ObjectDiff::default()
            }],
            ..TaskDiff::default()
        };
        assert_eq!(destructive_parts(&task), ["User", "Config"]);
    }
}

//! The difference of two jobs: the job, its groups, their tasks (spec: plan-diff 2).

use std::collections::BTreeMap;

use serde_json::Value;
use yurt_model::{InOrder, Job};

use crate::catalogue::{GROUP, JOB, Shape, TASK};
use crate::flatten::{at, flatten};
use crate::objects::{Sides, field_diffs, is_same, part_diffs, presence};
use crate::types::{DiffType, FieldDiff, JobDiff, ObjectDiff, TaskDiff, TaskGroupDiff};

/// A stored version as a document to compare, with what servers assigned and a difference shows.
pub fn stored_document(job: &Job) -> Value {
    let mut document = job.spec.document.clone();
    document["Stop"] = job.stop.into();
    document["Dispatched"] = job.dispatched.into();
    if let Some(parent) = &job.parent {
        document["ParentID"] = parent.to_string().into();
    }
    document
}

/// What changed from `old` to `new`, both canonical. With `contextual`, the way a dry run asks for
/// it, a changed block lists its unchanged fields too, and `old` is taken for a stored job.
/// Fails when both are there and are not the same job.
pub fn diff(old: Option<&Value>, new: Option<&Value>, contextual: bool) -> Result<JobDiff, String> {
    let id = |job: Option<&Value>| job.and_then(|job| job["ID"].as_str()).map(str::to_owned);
    let (old_id, new_id) = (id(old), id(new));
    if let (Some(old), Some(new)) = (&old_id, &new_id)
        && old != new
    {
        return Err(format!(
            "jobs with different ids cannot be compared: {old:?} and {new:?}"
        ));
    }
    let (fields, objects) = own(&JOB, (old, new), contextual);
    let task_groups = groups((old, new), contextual);
    let changed = !fields.is_empty()
        || !objects.is_empty()
        || task_groups.iter().any(|group| group.kind != DiffType::None);
    Ok(JobDiff {
        kind: presence(old.is_some(), new.is_some(), !changed),
        id: new_id.or(old_id).unwrap_or_default(),
        fields,
        objects,
        task_groups,
    })
}

/// A node's own fields (never contextual) and its blocks.
fn own(
    shape: &'static Shape,
    sides: Sides<'_>,
    contextual: bool,
) -> (Vec<FieldDiff>, Vec<ObjectDiff>) {
    let (old, new) = (
        flatten(shape.fields, sides.0),
        flatten(shape.fields, sides.1),
    );
    (
        field_diffs(&old, &new, false),
        part_diffs(shape.parts, sides, contextual),
    )
}

/// Members of both lists by name.
fn by_name<'a>((old, new): Sides<'a>, list: &str) -> BTreeMap<&'a str, Sides<'a>> {
    let items = |side: Option<&'a Value>| {
        let list = side.and_then(|side| at(side, list));
        list.and_then(Value::as_array).into_iter().flatten()
    };
    let name = |item: &'a Value| item["Name"].as_str().unwrap_or_default();
    let mut members: BTreeMap<&str, Sides<'_>> = BTreeMap::new();
    for item in items(old) {
        members.entry(name(item)).or_default().0 = Some(item);
    }
    for item in items(new) {
        members.entry(name(item)).or_default().1 = Some(item);
    }
    members
}

fn groups(sides: Sides<'_>, contextual: bool) -> Vec<TaskGroupDiff> {
    let groups = by_name(sides, "TaskGroups").into_iter();
    groups
        .map(|(name, sides)| group_diff(name, sides, contextual))
        .collect()
}

fn group_diff(name: &str, sides: Sides<'_>, contextual: bool) -> TaskGroupDiff {
    let (mut fields, mut objects) = own(&GROUP, sides, contextual);
    fields.extend(shutdown_delay(sides));
    fields.put_in_order_by(|a, b| a.name.cmp(&b.name));
    if contextual {
        objects.extend(stored_scaling(sides, &objects));
        objects.put_in_order_by_key(|object| part_place(&object.name));
    }
    let same = is_same(sides.0, sides.1) && objects.is_empty();
    let tasks = by_name(sides, "Tasks").into_iter();
    TaskGroupDiff {
        kind: presence(sides.0.is_some(), sides.1.is_some(), same),
        name: name.into(),
        fields,
        objects,
        tasks: tasks
            .map(|(name, sides)| task_diff(name, sides, contextual))
            .collect(),
        updates: BTreeMap::new(),
    }
}

/// A group's shutdown delay counts only where the group is on both sides (spec: plan-diff 4.2).
fn shutdown_delay(sides: Sides<'_>) -> Option<FieldDiff> {
    let (Some(old), Some(new)) = sides else {
        return None;
    };
    let text = |group: &Value| {
        at(group, "ShutdownDelay")
            .map(Value::to_string)
            .unwrap_or_default()
    };
    let (old, new) = (text(old), text(new));
    (old != new).then(|| FieldDiff {
        kind: presence(!old.is_empty(), !new.is_empty(), false),
        name: "ShutdownDelay".into(),
        old,
        new,
        annotations: Vec::new(),
    })
}

/// A stored scaling policy has indexes that a submitted one lacks. So a dry run finds it edited
/// even when nothing that is shown changed (recorded).
fn stored_scaling(sides: Sides<'_>, objects: &[ObjectDiff]) -> Option<ObjectDiff> {
    let has = |side: Option<&Value>| side.is_some_and(|group| at(group, "Scaling").is_some());
    let is_listed = objects.iter().any(|object| object.name == "Scaling");
    (has(sides.0) && has(sides.1) && !is_listed).then(|| ObjectDiff {
        kind: DiffType::Edited,
        name: "Scaling".into(),
        ..ObjectDiff::default()
    })
}

fn part_place(name: &str) -> usize {
    let is_part = |part: &crate::catalogue::Part| match part.child {
        crate::catalogue::Child::One(shape) | crate::catalogue::Child::Many(shape, _) => {
            shape.name == name
        }
        _ => part.name == name,
    };
    GROUP.parts.iter().position(is_part).unwrap_or(usize::MAX)
}

fn task_diff(name: &str, sides: Sides<'_>, contextual: bool) -> TaskDiff {
    let (fields, objects) = own(&TASK, sides, contextual);
    let same = is_same(sides.0, sides.1) && objects.is_empty();
    TaskDiff {
        kind: presence(sides.0.is_some(), sides.1.is_some(), same),
        name: name.into(),
        fields,
        objects,
        annotations: Vec::new(),
    }
}

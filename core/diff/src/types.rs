//! A difference as data, and its JSON under the HTTP API's names (spec: plan-diff 2).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What happened to a part of a job. The order is that of equal objects side by side
/// (spec: plan-diff 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum DiffType {
    /// It is in both, and differs.
    Edited,
    /// It is new.
    Added,
    /// It is gone.
    Deleted,
    /// It is in both, the same.
    #[default]
    None,
}

impl DiffType {
    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Edited => "Edited",
            Self::Added => "Added",
            Self::Deleted => "Deleted",
            Self::None => "None",
        }
    }
}

/// What changed between two jobs.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct JobDiff {
    /// What happened to the job as a whole.
    pub kind: DiffType,
    /// The job's id.
    pub id: String,
    /// Its own fields.
    pub fields: Vec<FieldDiff>,
    /// Its blocks, without groups.
    pub objects: Vec<ObjectDiff>,
    /// Every group of either job, by name.
    pub task_groups: Vec<TaskGroupDiff>,
}

/// What changed in one group.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TaskGroupDiff {
    /// What happened to the group as a whole.
    pub kind: DiffType,
    /// The group's name.
    pub name: String,
    /// Its own fields.
    pub fields: Vec<FieldDiff>,
    /// Its blocks, without tasks.
    pub objects: Vec<ObjectDiff>,
    /// Every task of either group, by name.
    pub tasks: Vec<TaskDiff>,
    /// How many allocations the scheduler would treat how (`create`, `in-place update`, ...),
    /// without zeros (spec: plan-diff 7).
    pub updates: BTreeMap<&'static str, u64>,
}

/// What changed in one task.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TaskDiff {
    /// What happened to the task as a whole.
    pub kind: DiffType,
    /// The task's name.
    pub name: String,
    /// Its own fields.
    pub fields: Vec<FieldDiff>,
    /// Its blocks.
    pub objects: Vec<ObjectDiff>,
    /// What the change brings (`forces in-place update`).
    pub annotations: Vec<&'static str>,
}

/// What changed in one block.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ObjectDiff {
    /// What happened to the block as a whole.
    pub kind: DiffType,
    /// The name of its kind (`Constraint`, `Static Port`).
    pub name: String,
    /// Its own fields.
    pub fields: Vec<FieldDiff>,
    /// Blocks within it.
    pub objects: Vec<ObjectDiff>,
}

/// What changed in one field.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct FieldDiff {
    /// What happened to it.
    pub kind: DiffType,
    /// Its name (`Env[COLOR]`).
    pub name: String,
    /// Its old text; empty when it had none.
    pub old: String,
    /// Its new text; empty when it has none.
    pub new: String,
    /// What the change brings (`forces create`).
    pub annotations: Vec<&'static str>,
}

fn list<T>(items: &[T], json: impl Fn(&T) -> Value) -> Value {
    // The reference prints a list that holds nothing as null.
    match items {
        [] => Value::Null,
        items => items.iter().map(json).collect(),
    }
}

impl JobDiff {
    /// The difference as the HTTP API gives it.
    pub fn to_json(&self) -> Value {
        json!({
            "Type": self.kind.as_str(),
            "ID": self.id,
            "Fields": list(&self.fields, FieldDiff::to_json),
            "Objects": list(&self.objects, ObjectDiff::to_json),
            "TaskGroups": list(&self.task_groups, TaskGroupDiff::to_json),
        })
    }

    /// The group of that name.
    pub fn task_group(&self, name: &str) -> Option<&TaskGroupDiff> {
        self.task_groups.iter().find(|group| group.name == name)
    }
}

impl TaskGroupDiff {
    fn to_json(&self) -> Value {
        let updates: Map<String, Value> = self
            .updates
            .iter()
            .map(|(name, count)| ((*name).into(), (*count).into()))
            .collect();
        json!({
            "Type": self.kind.as_str(),
            "Name": self.name,
            "Fields": list(&self.fields, FieldDiff::to_json),
            "Objects": list(&self.objects, ObjectDiff::to_json),
            "Tasks": list(&self.tasks, TaskDiff::to_json),
            "Updates": if updates.is_empty() { Value::Null } else { Value::Object(updates) },
        })
    }
}

impl TaskDiff {
    fn to_json(&self) -> Value {
        json!({
            "Type": self.kind.as_str(),
            "Name": self.name,
            "Fields": list(&self.fields, FieldDiff::to_json),
            "Objects": list(&self.objects, ObjectDiff::to_json),
            "Annotations": list(&self.annotations, |text| json!(text)),
        })
    }
}

impl ObjectDiff {
    fn to_json(&self) -> Value {
        json!({
            "Type": self.kind.as_str(),
            "Name": self.name,
            "Fields": list(&self.fields, FieldDiff::to_json),
            "Objects": list(&self.objects, Self::to_json),
        })
    }
}

impl FieldDiff {
    fn to_json(&self) -> Value {
        json!({
            "Type": self.kind.as_str(),
            "Name": self.name,
            "Old": self.old,
            "New": self.new,
            "Annotations": list(&self.annotations, |text| json!(text)),
        })
    }
}

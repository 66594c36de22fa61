//! The layout of a difference (spec: plan-diff 8), in the reference's markup (spec: plan-diff 9).
//!
//! Columns are those of the text with its tags unseen; a tag within a person's own data is replaced
//! after that, and may spoil them, as it does in the reference.

use yurt_diff::{
    DiffType, FORCES_CREATE, FORCES_DESTROY, FORCES_DESTRUCTIVE, FORCES_IN_PLACE, FieldDiff,
    JobDiff, ObjectDiff, TaskDiff, TaskGroupDiff,
};

use super::quote::quote;
use crate::document::Document;
use crate::view::Label;

/// The difference as it is printed.
pub fn diff_document(diff: &JobDiff, verbose: bool) -> Document {
    let mut writer = Writer {
        parts: Vec::new(),
        verbose,
    };
    writer.job(diff);
    writer.finish()
}

/// The columns of a list: how wide its markers are, how long its names.
#[derive(Clone, Copy)]
struct Columns {
    marker: usize,
    name: usize,
}

struct Writer {
    parts: Vec<(Label, String)>,
    verbose: bool,
}

/// Label, markup and width of the sign in front.
const fn marker(kind: DiffType) -> (Label, &'static str, usize) {
    match kind {
        DiffType::Added => (Label::DiffAdded, "[green]+[reset]", 2),
        DiffType::Deleted => (Label::DiffRemoved, "[red]-[reset]", 2),
        DiffType::Edited => (Label::DiffEdited, "[light_yellow]+/-[reset]", 4),
        DiffType::None => (Label::Plain, "", 0),
    }
}

fn widest(kinds: impl Iterator<Item = DiffType>) -> usize {
    kinds.map(|kind| marker(kind).2).max().unwrap_or(0)
}

fn longest(fields: &[FieldDiff]) -> usize {
    fields
        .iter()
        .map(|field| field.name.len())
        .max()
        .unwrap_or(0)
}

fn kinds<'a>(
    fields: &'a [FieldDiff],
    objects: &'a [ObjectDiff],
) -> impl Iterator<Item = DiffType> + 'a {
    let fields = fields.iter().map(|field| field.kind);
    fields.chain(objects.iter().map(|object| object.kind))
}

fn columns(fields: &[FieldDiff], objects: &[ObjectDiff]) -> Columns {
    Columns {
        marker: widest(kinds(fields, objects)),
        name: longest(fields),
    }
}

impl Writer {
    fn push(&mut self, label: Label, text: impl Into<String>) {
        self.parts.push((label, text.into()));
    }

    fn spaces(&mut self, count: usize) {
        if count > 0 {
            self.push(Label::Plain, " ".repeat(count));
        }
    }

    /// Indentation, the sign, and room up to the widest one.
    fn marker(&mut self, indent: usize, kind: DiffType, widest: usize) {
        self.spaces(indent);
        let (label, text, width) = marker(kind);
        if width > 0 {
            self.push(label, text);
            self.spaces(1);
        }
        self.spaces(widest - width);
    }

    fn job(&mut self, diff: &JobDiff) {
        self.marker(0, diff.kind, marker(diff.kind).2);
        self.push(Label::Heading, format!("[bold]Job: \"{}\"", diff.id));
        self.push(Label::Plain, "\n");
        let groups = diff.task_groups.iter().map(|group| group.kind);
        let columns = Columns {
            marker: widest(kinds(&diff.fields, &diff.objects).chain(groups)),
            name: longest(&diff.fields),
        };
        if diff.kind == DiffType::Edited || self.verbose {
            self.block(&diff.fields, &diff.objects, 0, columns);
        }
        for group in &diff.task_groups {
            self.group(group, columns.marker);
        }
    }

    /// Fields and objects of a job or group, and a line end when there are any.
    fn block(&mut self, fields: &[FieldDiff], objects: &[ObjectDiff], indent: usize, at: Columns) {
        self.members(fields, objects, indent, at);
        if !fields.is_empty() || !objects.is_empty() {
            self.push(Label::Plain, "\n");
        }
    }

    fn group(&mut self, group: &TaskGroupDiff, outer: usize) {
        self.marker(0, group.kind, outer);
        let name = &group.name;
        self.push(
            Label::Heading,
            format!("[bold]Task Group: \"{name}\"[reset]"),
        );
        self.counters(group);
        self.push(Label::Plain, "\n");
        let indent = outer - marker(group.kind).2 + 2;
        let tasks = group.tasks.iter().map(|task| task.kind);
        let columns = Columns {
            marker: widest(kinds(&group.fields, &group.objects).chain(tasks)),
            name: longest(&group.fields),
        };
        if group.kind == DiffType::Edited || self.verbose {
            self.block(&group.fields, &group.objects, indent, columns);
        }
        for task in &group.tasks {
            self.task(task, indent, columns.marker);
            self.push(Label::Plain, "\n");
        }
        self.push(Label::Plain, "\n");
    }

    fn counters(&mut self, group: &TaskGroupDiff) {
        if group.updates.is_empty() {
            return;
        }
        self.push(Label::Plain, " (");
        for (place, (name, count)) in group.updates.iter().enumerate() {
            let colour = match *name {
                "canary" => "[light_yellow]",
                "create" => "[green]",
                "create/destroy update" => "[yellow]",
                "destroy" => "[red]",
                "in-place update" => "[cyan]",
                "migrate" => "[blue]",
                _ => "",
            };
            let comma = if place + 1 < group.updates.len() {
                ", "
            } else {
                ""
            };
            self.push(
                Label::Annotation,
                format!("[reset]{colour}{count} {name}{comma}"),
            );
        }
        self.push(Label::Plain, "[reset])");
    }

    fn task(&mut self, task: &TaskDiff, indent: usize, outer: usize) {
        self.marker(indent, task.kind, outer);
        self.push(Label::Heading, format!("[bold]Task: \"{}\"", task.name));
        if !task.annotations.is_empty() {
            self.push(Label::Plain, " [reset](");
            self.annotations(&task.annotations);
            self.push(Label::Plain, ")");
        }
        let is_new_or_gone = matches!(task.kind, DiffType::Added | DiffType::Deleted);
        if task.kind == DiffType::None || (is_new_or_gone && !self.verbose) {
            return;
        }
        self.push(Label::Plain, "\n");
        let columns = columns(&task.fields, &task.objects);
        self.members(&task.fields, &task.objects, indent + 2, columns);
    }

    fn annotations(&mut self, texts: &[&'static str]) {
        for (place, text) in texts.iter().enumerate() {
            if place > 0 {
                self.push(Label::Plain, ", ");
            }
            let colour = match *text {
                FORCES_CREATE => "[green]",
                FORCES_DESTROY => "[red]",
                FORCES_IN_PLACE => "[cyan]",
                FORCES_DESTRUCTIVE => "[yellow]",
                _ => "",
            };
            self.push(Label::Annotation, format!("{colour}{text}[reset]"));
        }
    }

    /// Fields, then objects, a line end between them.
    fn members(
        &mut self,
        fields: &[FieldDiff],
        objects: &[ObjectDiff],
        indent: usize,
        at: Columns,
    ) {
        for (place, field) in fields.iter().enumerate() {
            if place > 0 {
                self.push(Label::Plain, "\n");
            }
            self.field(field, indent, at);
        }
        for (place, object) in objects.iter().enumerate() {
            if place > 0 || !fields.is_empty() {
                self.push(Label::Plain, "\n");
            }
            self.object(object, indent, at.marker);
        }
    }

    fn field(&mut self, field: &FieldDiff, indent: usize, at: Columns) {
        self.marker(indent, field.kind, at.marker);
        let gap = " ".repeat(at.name - field.name.len());
        let value = match field.kind {
            DiffType::Added | DiffType::None => quote(&field.new),
            DiffType::Deleted => quote(&field.old),
            DiffType::Edited => format!("{} => {}", quote(&field.old), quote(&field.new)),
        };
        self.push(Label::Plain, format!("{}: {gap}{value}", field.name));
        if !field.annotations.is_empty() {
            self.push(Label::Plain, " (");
            self.annotations(&field.annotations);
            self.push(Label::Plain, ")");
        }
    }

    fn object(&mut self, object: &ObjectDiff, indent: usize, outer: usize) {
        self.marker(indent, object.kind, outer);
        self.push(Label::Plain, format!("{} {{\n", object.name));
        let inner = indent + (outer - marker(object.kind).2) + 2;
        let columns = columns(&object.fields, &object.objects);
        self.members(&object.fields, &object.objects, inner, columns);
        self.push(Label::Plain, "\n");
        self.spaces(indent + outer);
        self.push(Label::Plain, "}");
    }

    /// Trims the end (nothing precedes the job's line) and prints it as one string.
    fn finish(mut self) -> Document {
        while let Some((_, last)) = self.parts.last_mut() {
            last.truncate(last.trim_end().len());
            if !last.is_empty() {
                break;
            }
            self.parts.pop();
        }
        let mut document = Document::new();
        for (label, text) in &self.parts {
            document.write(*label, text);
        }
        document.end();
        document
    }
}

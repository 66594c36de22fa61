//! What a difference compares: fields and blocks of every block, under the names they have in a
//! difference, in the order in which blocks come out (spec: plan-diff 4).
//!
//! The names of the language and of its JSON are those of `yurt_jobspec::schema`; a test holds each
//! field of that table to be compared here or listed as not shown.

mod group;
mod job;
mod service;
mod task;

use yurt_jobspec::schema::BlockSchema;

pub(crate) use group::GROUP;
pub(crate) use job::JOB;
pub(crate) use task::{TASK, shape_within};

/// How a field's value becomes text, and what stands for it while it is unset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text; unset it is empty.
    Text,
    /// A whole number (durations are nanoseconds); unset it is `0`.
    Whole,
    /// `true` or `false`; unset it is `false`.
    Flag,
    /// A scalar that reads `nil` while it is unset.
    Nil,
    /// A scalar that is no field at all while it is unset.
    Optional,
    /// A map: one field an entry, `Name[key]`.
    Map,
    /// A map whose entries are fields by their own keys, of any shape.
    Entries,
    /// A list of texts, joined by commas.
    Joined,
    /// A duration in its written form (`5s`).
    Span,
}

impl Kind {
    /// The text while unset.
    pub(crate) const fn unset(self) -> &'static str {
        match self {
            Self::Whole => "0",
            Self::Flag => "false",
            Self::Nil => "nil",
            _ => "",
        }
    }
}

/// A field that is compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    /// Keys in the document, joined by dots; empty for the object itself.
    pub path: &'static str,
    /// The name in a difference.
    pub name: &'static str,
    /// How it becomes text.
    pub kind: Kind,
}

/// How the members of two lists are matched (spec: plan-diff 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    /// By the texts of these fields.
    By(&'static [&'static str]),
    /// By everything: never edited.
    Whole,
    /// By place in the list.
    Place,
    /// By key: the list is a map.
    Key,
    /// Services: alone on both sides, else by likeness.
    Service,
    /// Templates: alone on both sides, else by destination.
    Template,
}

/// What a child is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Child {
    /// One block.
    One(&'static Shape),
    /// Many blocks.
    Many(&'static Shape, Match),
    /// A set of texts; it is also listed when it did not change, while its parent did.
    Set,
    /// A set of texts, listed only when it changed.
    ChangedSet,
    /// One block without a shape of its own here: as the table of the language says.
    Generic(&'static BlockSchema),
}

/// A block, or a set of texts, within a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// Keys in the document, joined by dots.
    pub path: &'static str,
    /// What it is.
    pub child: Child,
    /// The name in a difference, for sets.
    pub name: &'static str,
}

/// How the type of a block that is on both sides follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    /// Edited when anything differs, shown or not.
    Everything,
    /// Edited when a shown field differs; else it is not listed.
    Shown,
    /// As its changed fields: added when they all are, deleted when they all are.
    Fields,
}

/// A block.
#[derive(Debug)]
pub(crate) struct Shape {
    /// The name in a difference.
    pub name: &'static str,
    /// The block in the table of the language.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "the test of completeness reads it")
    )]
    pub schema: Option<&'static BlockSchema>,
    /// Fields that are compared.
    pub fields: &'static [Field],
    /// Blocks within, in the order they come out.
    pub parts: &'static [Part],
    /// JSON names that are not shown.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "the test of completeness reads it")
    )]
    pub hidden: &'static [&'static str],
    /// A change lists its unchanged fields too, where the whole difference does.
    pub contextual: bool,
    /// What makes it edited.
    pub judged: Judged,
}

const fn field(path: &'static str, kind: Kind) -> Field {
    Field {
        path,
        name: path,
        kind,
    }
}
const fn text(path: &'static str) -> Field {
    field(path, Kind::Text)
}
const fn whole(path: &'static str) -> Field {
    field(path, Kind::Whole)
}
const fn flag(path: &'static str) -> Field {
    field(path, Kind::Flag)
}
const fn map(path: &'static str) -> Field {
    field(path, Kind::Map)
}
const fn one(path: &'static str, shape: &'static Shape) -> Part {
    part(path, Child::One(shape))
}
const fn many(path: &'static str, shape: &'static Shape, by: Match) -> Part {
    part(path, Child::Many(shape, by))
}
const fn set(path: &'static str) -> Part {
    part(path, Child::Set)
}
const fn part(path: &'static str, child: Child) -> Part {
    Part {
        path,
        child,
        name: path,
    }
}
const fn shape(
    name: &'static str,
    schema: &'static BlockSchema,
    fields: &'static [Field],
    parts: &'static [Part],
) -> Shape {
    Shape {
        name,
        schema: Some(schema),
        fields,
        parts,
        hidden: &[],
        contextual: true,
        judged: Judged::Everything,
    }
}

/// A block that the table of the language keeps to itself.
const fn bare(name: &'static str, fields: &'static [Field], parts: &'static [Part]) -> Shape {
    Shape {
        name,
        schema: None,
        fields,
        parts,
        hidden: &[],
        contextual: true,
        judged: Judged::Everything,
    }
}

impl Shape {
    const fn hiding(mut self, names: &'static [&'static str]) -> Self {
        self.hidden = names;
        self
    }

    const fn judged(mut self, judged: Judged) -> Self {
        self.judged = judged;
        self
    }

    const fn changes_only(mut self) -> Self {
        self.contextual = false;
        self
    }

    /// A map whose entries are the fields.
    const fn free(name: &'static str) -> Self {
        const ENTRIES: &[Field] = &[Field {
            path: "",
            name: "",
            kind: Kind::Entries,
        }];
        bare(name, ENTRIES, &[])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn first_key(path: &'static str) -> &'static str {
        path.split('.').next().unwrap_or(path)
    }

    fn walk(shape: &'static Shape, seen: &mut BTreeSet<&'static str>, wrong: &mut Vec<String>) {
        let parts = shape.parts.iter().map(|part| part.path);
        let compared: Vec<_> = shape
            .fields
            .iter()
            .map(|field| field.path)
            .chain(parts)
            .collect();
        let schema = shape.schema.into_iter().flat_map(|schema| schema.fields);
        for field in schema.filter(|field| !field.api_name.is_empty()) {
            let name = field.api_name;
            let is_compared = compared.iter().any(|path| first_key(path) == name);
            if is_compared == shape.hidden.contains(&name) {
                wrong.push(format!("{}.{name}", shape.name));
            }
        }
        seen.insert(shape.name);
        for part in shape.parts {
            if let Child::One(shape) | Child::Many(shape, _) = part.child {
                walk(shape, seen, wrong);
            }
        }
    }

    #[test]
    fn every_field_of_the_language_is_compared_or_listed_as_not_shown() {
        let (mut seen, mut wrong) = (BTreeSet::new(), Vec::new());
        for shape in [&JOB, &GROUP, &TASK] {
            walk(shape, &mut seen, &mut wrong);
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(seen.len() > 40, "{seen:?}");
    }
}

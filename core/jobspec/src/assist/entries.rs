//! What each body of a job file takes: the tables of `schema`, and the few blocks of the language
//! itself (variables, locals, dynamic blocks), which no table of the job holds.

use yurt_model::InOrder;

use super::scan::Scan;
use crate::schema::{BlockSchema, FieldKind, FieldSchema, JOB, Labels};

/// What a body takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Body {
    /// The file.
    File,
    /// A block of the job.
    Block(&'static BlockSchema),
    /// `dynamic`: makes blocks of this field, if its label names one.
    Dynamic(Option<&'static FieldSchema>),
    /// `variable`.
    Variable,
    /// `validation` of a variable.
    Validation,
    /// Names of one's own: `locals`, `env`, `config`, `meta`.
    Free,
    /// A block that nobody knows.
    Unknown,
}

/// An attribute or block that a body takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub name: &'static str,
    /// The field of the job; `None` for the language's own.
    pub field: Option<&'static FieldSchema>,
    pub is_block: bool,
    /// At most one of it may stand in the body.
    pub is_single: bool,
    pub is_labelled: bool,
    pub type_text: &'static str,
    pub doc: &'static str,
}

impl Body {
    /// What the body of this node takes.
    pub fn of(scan: &Scan<'_>, node: usize) -> Self {
        if node == 0 {
            return Self::File;
        }
        let this = &scan.nodes[node];
        let label = this.labels.first().map_or("", |(text, _)| *text);
        Self::of(scan, this.parent).inside(this.kind, label)
    }

    /// What a block inside this one takes.
    fn inside(self, kind: &str, label: &str) -> Self {
        match self {
            Self::File => match kind {
                "job" => Self::Block(&JOB),
                "variable" => Self::Variable,
                "locals" | "variables" => Self::Free,
                _ => Self::Unknown,
            },
            Self::Block(schema) if kind == "dynamic" => {
                let made = schema.field(label).filter(|field| field.is_block());
                Self::Dynamic(made)
            }
            Self::Block(schema) => schema.field(kind).map_or(Self::Unknown, of_field),
            Self::Dynamic(made) if kind == "content" => made.map_or(Self::Unknown, of_field),
            Self::Variable if kind == "validation" => Self::Validation,
            Self::Free => Self::Free,
            _ => Self::Unknown,
        }
    }

    /// What it takes, attributes first; what must be given before the rest.
    pub fn entries(self) -> Vec<Entry> {
        match self {
            Self::File => FILE.to_vec(),
            Self::Block(schema) => of_schema(schema),
            Self::Dynamic(..) => DYNAMIC.to_vec(),
            Self::Variable => VARIABLE.to_vec(),
            Self::Validation => VALIDATION.to_vec(),
            Self::Free | Self::Unknown => Vec::new(),
        }
    }

    /// The entry of this name.
    pub fn entry(self, name: &str, is_block: bool) -> Option<Entry> {
        let mut entries = self.entries().into_iter();
        entries.find(|entry| entry.name == name && entry.is_block == is_block)
    }
}

fn of_field(field: &'static FieldSchema) -> Body {
    match field.block() {
        Some(schema) => Body::Block(schema),
        None if field.is_block() => Body::Free,
        None => Body::Unknown,
    }
}

fn of_schema(schema: &'static BlockSchema) -> Vec<Entry> {
    let fields = || schema.fields.iter().filter(|field| !field.name.is_empty());
    let attributes = fields()
        .filter(|field| field.is_attribute())
        .map(|field| of_field_as(field, false));
    let blocks = fields()
        .filter(|field| field.is_block())
        .map(|field| of_field_as(field, true));
    let mut entries: Vec<Entry> = attributes.chain(blocks).collect();
    let rank = |entry: &Entry| {
        let field = entry.field;
        (
            !field.is_some_and(|field| field.required),
            field.is_some_and(|field| field.inert),
            entry.is_block,
        )
    };
    entries.put_in_order_by_key(rank);
    let takes_blocks = fields().any(|field| field.is_block());
    if takes_blocks {
        entries.push(BLOCK_MAKER);
    }
    entries
}

fn of_field_as(field: &'static FieldSchema, is_block: bool) -> Entry {
    let many = matches!(field.kind, FieldKind::BlockList(_) | FieldKind::BlockMap(_));
    let labels = field.block().map_or(Labels::None, |block| block.labels);
    Entry {
        name: field.name,
        field: Some(field),
        is_block,
        is_single: !many,
        is_labelled: labels != Labels::None,
        type_text: type_text(field.kind, is_block),
        doc: field.doc,
    }
}

/// What a field holds, in words.
pub(super) fn type_text(kind: FieldKind, is_block: bool) -> &'static str {
    match kind {
        FieldKind::String => "string",
        FieldKind::Integer => "whole number",
        FieldKind::UnsignedByte => "whole number, 0 to 255",
        FieldKind::SignedByte => "whole number, -128 to 127",
        FieldKind::Unsigned => "whole number, 0 or more",
        FieldKind::Boolean => "true or false",
        FieldKind::Duration => "duration",
        FieldKind::StringList => "list of strings",
        FieldKind::StringMapAttribute => "map of strings",
        FieldKind::StringMap if !is_block => "map of strings",
        FieldKind::StringMap | FieldKind::StringMapBlock => "block of strings, at most one",
        FieldKind::ListMapBlock => "block of lists of strings, at most one",
        FieldKind::FreeBlock => "block of any values, at most one",
        FieldKind::Free => "any value",
        FieldKind::Block(_) => "block, at most one",
        FieldKind::BlockList(_) | FieldKind::BlockMap(_) => "block, any number",
    }
}

const fn attribute(name: &'static str, type_text: &'static str, doc: &'static str) -> Entry {
    Entry {
        name,
        field: None,
        is_block: false,
        is_single: true,
        is_labelled: false,
        type_text,
        doc,
    }
}

const fn block(name: &'static str, type_text: &'static str, doc: &'static str) -> Entry {
    Entry {
        is_block: true,
        is_single: false,
        ..attribute(name, type_text, doc)
    }
}

/// Makes blocks; every body that takes blocks takes it.
const BLOCK_MAKER: Entry = Entry {
    is_labelled: true,
    ..block(
        "dynamic",
        "block, any number",
        "Makes a block of the type in its label for each element of a collection.",
    )
};

const FILE: &[Entry] = &[
    Entry {
        is_single: true,
        is_labelled: true,
        ..block("job", "block, exactly one", JOB.doc)
    },
    Entry {
        is_labelled: true,
        ..block(
            "variable",
            "block, any number",
            "A value that the command line, a file or the environment can set.",
        )
    },
    block(
        "locals",
        "block, any number",
        "Values with a name, to be used as `local.name`.",
    ),
];

const VARIABLE: &[Entry] = &[
    attribute("type", "type", "What the variable must hold."),
    attribute(
        "default",
        "any value",
        "Its value unless another is given; without it, one must be given.",
    ),
    attribute("description", "string", "What the variable is for."),
    block(
        "validation",
        "block, any number",
        "A condition that the value must meet.",
    ),
];

const VALIDATION: &[Entry] = &[
    attribute(
        "condition",
        "true or false",
        "True when the value is good; refers to the variable.",
    ),
    attribute(
        "error_message",
        "string",
        "What is said otherwise: a whole sentence.",
    ),
];

const DYNAMIC: &[Entry] = &[
    attribute(
        "for_each",
        "list, set or map",
        "A block is made for each of its elements.",
    ),
    attribute(
        "iterator",
        "name",
        "Name of the element in hand; the label of the dynamic block unless given.",
    ),
    attribute("labels", "list of strings", "Labels of each block."),
    Entry {
        is_single: true,
        ..block("content", "block, exactly one", "What each block holds.")
    },
];

/// Types that a variable can name.
pub(super) const VARIABLE_TYPES: &[&str] = &[
    "string",
    "number",
    "bool",
    "list(string)",
    "set(string)",
    "map(string)",
    "any",
];

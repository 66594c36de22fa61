//! The one table of the job language.
//!
//! Every block and every field of a job file is described here once, as `&'static` data: its names
//! in the language and in the API, its kind, what stands in JSON while it is unset, its default,
//! its allowed values and a sentence about it. Decoding, JSON printing and reading, differences,
//! admission, completion and hover all walk this table (spec: jobspec 12).
//!
//! Fields stand in the key order of the API's JSON, so that printing is walking. A field with an
//! empty `name` cannot be written in a job file; one with an empty `api_name` has no key of its own
//! in JSON (a shorthand, such as `version` in a constraint, or a block that decoding takes apart,
//! such as `port`). Imports nothing from the rest of the crate.

mod connect;
mod group;
mod job;
mod policy;
mod service;
mod storage;
mod task;

pub use connect::{CONNECT, GATEWAY, SIDECAR_SERVICE, SIDECAR_TASK};
pub use group::{DISCONNECT, EPHEMERAL_DISK, GROUP, NETWORK, PORT, SCALING, VOLUME};
pub use job::{JOB, MULTIREGION, PARAMETERIZED, PERIODIC, UI};
pub use policy::{AFFINITY, CONSTRAINT, MIGRATE, RESCHEDULE, RESTART, SPREAD, UPDATE};
pub use service::{CHECK, CHECK_RESTART, SERVICE, WEIGHTS};
pub use storage::{ARTIFACT, TEMPLATE, VOLUME_MOUNT};
pub use task::{
    ACTION, CONSUL, DEVICE, IDENTITY, LIFECYCLE, LOGS, RESOURCES, SECRET, TASK, TASK_SCALING, VAULT,
};

/// How many labels a block carries, and which API field takes the label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Labels {
    /// No label is allowed.
    None,
    /// One label; it fills the API field named here. `caption` is how the reference names the label
    /// in its messages (empty for some blocks: "Missing  for port").
    One {
        /// API field that receives the label.
        api_name: &'static str,
        /// The label's name in diagnostics.
        caption: &'static str,
    },
}

/// One block of the language, such as `update` or `check`.
#[derive(Debug)]
pub struct BlockSchema {
    /// Name in a job file.
    pub name: &'static str,
    /// Name of the structure in plan differences, such as `RestartPolicy`; empty where it has none.
    pub api_name: &'static str,
    /// Labels.
    pub labels: Labels,
    /// One sentence about the block.
    pub doc: &'static str,
    /// Fields in the order of the API's JSON.
    pub fields: &'static [FieldSchema],
}

/// What a field holds and how it is written.
#[derive(Debug, Clone, Copy)]
pub enum FieldKind {
    /// Text.
    String,
    /// Whole number of 64 bits.
    Integer,
    /// Whole number 0 to 255.
    UnsignedByte,
    /// Whole number -128 to 127.
    SignedByte,
    /// Whole number 0 to 18446744073709551615.
    Unsigned,
    /// `true` or `false`.
    Boolean,
    /// Duration; nanoseconds in JSON (spec: jobspec 6.4).
    Duration,
    /// List of texts.
    StringList,
    /// Map of texts, written as an attribute only.
    StringMapAttribute,
    /// Map of texts, written as a block only.
    StringMapBlock,
    /// Map of texts, written as a block or as an attribute.
    StringMap,
    /// Map from text to list of texts, written as a block (`header`).
    ListMapBlock,
    /// Map from text to anything, written as a block and evaluated late (spec: jobspec 6.5).
    FreeBlock,
    /// Map from text to anything, that a job file cannot write (it is filled by the server).
    Free,
    /// At most one block.
    Block(&'static BlockSchema),
    /// Any number of blocks; a list in JSON.
    BlockList(&'static BlockSchema),
    /// Any number of blocks keyed by their label; an object in JSON.
    BlockMap(&'static BlockSchema),
}

/// What stands in the JSON of `job run -output` while a field is unset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unset {
    /// `null`.
    Null,
    /// `""`.
    EmptyString,
    /// `0`.
    Zero,
    /// `false`.
    False,
    /// The key is absent.
    Omitted,
}

/// What a change of the field does to running allocations (spec: plan-diff).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateClass {
    /// Decided by the parent block or by rules outside the table.
    Inherit,
    /// The allocation keeps running and takes the new version on.
    InPlace,
    /// The allocation is replaced.
    Destructive,
}

/// One field of a block.
#[derive(Debug, Clone, Copy)]
pub struct FieldSchema {
    /// Name in a job file; empty when a job file cannot set it.
    pub name: &'static str,
    /// Key in the API's JSON; empty when it has none.
    pub api_name: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// JSON while unset, before any default is filled.
    pub unset: Unset,
    /// The job file must give it.
    pub required: bool,
    /// Default after canonicalisation as one would write it; empty when there is none.
    pub default: &'static str,
    /// Allowed values; empty when not enumerated.
    pub values: &'static [&'static str],
    /// One sentence about the field.
    pub doc: &'static str,
    /// Parsed, validated and shown, but without effect at run time.
    pub inert: bool,
    /// Name in plan differences where it differs from `api_name`.
    pub diff_name: Option<&'static str>,
    /// What a change does.
    pub update: UpdateClass,
}

impl FieldSchema {
    /// A field with the unset form that its kind usually has (`null`).
    pub(crate) const fn new(
        name: &'static str,
        api_name: &'static str,
        kind: FieldKind,
        doc: &'static str,
    ) -> Self {
        Self {
            name,
            api_name,
            kind,
            unset: Unset::Null,
            required: false,
            default: "",
            values: &[],
            doc,
            inert: false,
            diff_name: None,
            update: UpdateClass::Inherit,
        }
    }

    /// The field is a plain value in the API: unset it prints `""`, `0` or `false`.
    pub(crate) const fn plain(mut self) -> Self {
        self.unset = match self.kind {
            FieldKind::String => Unset::EmptyString,
            FieldKind::Boolean => Unset::False,
            FieldKind::Integer
            | FieldKind::UnsignedByte
            | FieldKind::SignedByte
            | FieldKind::Unsigned
            | FieldKind::Duration => Unset::Zero,
            _ => Unset::Null,
        };
        self
    }

    /// The key is absent while the field is unset.
    pub(crate) const fn omitted(mut self) -> Self {
        self.unset = Unset::Omitted;
        self
    }

    /// The job file must give the field.
    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Default after canonicalisation.
    pub(crate) const fn or(mut self, default: &'static str) -> Self {
        self.default = default;
        self
    }

    /// Allowed values.
    pub(crate) const fn one_of(mut self, values: &'static [&'static str]) -> Self {
        self.values = values;
        self
    }

    /// Without effect at run time.
    pub(crate) const fn inert(mut self) -> Self {
        self.inert = true;
        self
    }

    /// Is it written `name = value`?
    pub fn is_attribute(&self) -> bool {
        use FieldKind::*;
        !self.name.is_empty()
            && matches!(
                self.kind,
                String
                    | Integer
                    | UnsignedByte
                    | SignedByte
                    | Unsigned
                    | Boolean
                    | Duration
                    | StringList
                    | StringMapAttribute
                    | StringMap
            )
    }

    /// Is it written `name { ... }`?
    pub fn is_block(&self) -> bool {
        use FieldKind::*;
        !self.name.is_empty()
            && matches!(
                self.kind,
                StringMapBlock
                    | StringMap
                    | ListMapBlock
                    | FreeBlock
                    | Block(_)
                    | BlockList(_)
                    | BlockMap(_)
            )
    }

    /// The block this field holds, if it holds one with a schema.
    pub fn block(&self) -> Option<&'static BlockSchema> {
        match self.kind {
            FieldKind::Block(block) | FieldKind::BlockList(block) | FieldKind::BlockMap(block) => {
                Some(block)
            }
            _ => None,
        }
    }

    /// The JSON that stands for the unset field; `None` when the key is absent.
    pub fn unset_json(&self) -> Option<serde_json::Value> {
        match self.unset {
            Unset::Null => Some(serde_json::Value::Null),
            Unset::EmptyString => Some("".into()),
            Unset::Zero => Some(0.into()),
            Unset::False => Some(false.into()),
            Unset::Omitted => None,
        }
    }
}

impl BlockSchema {
    /// The field with this name in the language.
    pub fn field(&self, name: &str) -> Option<&'static FieldSchema> {
        self.fields
            .iter()
            .find(|field| field.name == name && !name.is_empty())
    }

    /// The field with this key in the API's JSON.
    pub fn api_field(&self, api_name: &str) -> Option<&'static FieldSchema> {
        self.fields
            .iter()
            .find(|field| field.api_name == api_name && !api_name.is_empty())
    }
}

/// Follows a path of block names (`["job", "group", "update"]`) to its schema.
pub fn find(path: &[&str]) -> Option<&'static BlockSchema> {
    let (first, rest) = path.split_first()?;
    let mut block = (*first == JOB.name).then_some(&JOB)?;
    for name in rest {
        block = block.field(name)?.block()?;
    }
    Some(block)
}

/// Short names for the tables: one constructor per common shape.
pub(crate) mod short {
    use super::{BlockSchema, FieldKind, FieldSchema};
    type Text = &'static str;

    /// Optional text, `null` while unset.
    pub const fn string(name: Text, api_name: Text, doc: Text) -> FieldSchema {
        FieldSchema::new(name, api_name, FieldKind::String, doc)
    }
    /// Optional whole number.
    pub const fn integer(name: Text, api_name: Text, doc: Text) -> FieldSchema {
        FieldSchema::new(name, api_name, FieldKind::Integer, doc)
    }
    /// Optional truth value.
    pub const fn boolean(name: Text, api_name: Text, doc: Text) -> FieldSchema {
        FieldSchema::new(name, api_name, FieldKind::Boolean, doc)
    }
    /// Optional duration.
    pub const fn duration(name: Text, api_name: Text, doc: Text) -> FieldSchema {
        FieldSchema::new(name, api_name, FieldKind::Duration, doc)
    }
    /// List of texts.
    pub const fn strings(name: Text, api_name: Text, doc: Text) -> FieldSchema {
        FieldSchema::new(name, api_name, FieldKind::StringList, doc)
    }
    /// Map of texts as a block.
    pub const fn map(name: Text, api_name: Text, doc: Text) -> FieldSchema {
        FieldSchema::new(name, api_name, FieldKind::StringMapBlock, doc)
    }
    /// Map of anything as a block.
    pub const fn free(name: Text, api_name: Text, doc: Text) -> FieldSchema {
        FieldSchema::new(name, api_name, FieldKind::FreeBlock, doc)
    }
    /// One block.
    pub const fn one(name: Text, api_name: Text, block: &'static BlockSchema) -> FieldSchema {
        FieldSchema::new(name, api_name, FieldKind::Block(block), block.doc)
    }
    /// Many blocks.
    pub const fn many(name: Text, api_name: Text, block: &'static BlockSchema) -> FieldSchema {
        FieldSchema::new(name, api_name, FieldKind::BlockList(block), block.doc)
    }
    /// A field of the given kind that only the server fills.
    pub const fn server(api_name: Text, kind: FieldKind) -> FieldSchema {
        FieldSchema::new(
            "",
            api_name,
            kind,
            "Filled by the server; a job file cannot set it.",
        )
    }
}

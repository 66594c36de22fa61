//! Help while a job file is being written: what may stand at the cursor, what a word means, and
//! what would mend a problem.
//!
//! Names, types, defaults, allowed values and sentences come from the tables that reading uses
//! (`schema`, `functions`), so help and reading cannot drift apart. A file is unfinished most of
//! the time it is edited: help rests on a scan of tokens (`scan`), never on a whole tree. May
//! import `schema`, `functions`, `syntax` and `diagnostics`; knows nothing of evaluating or
//! admission.

mod complete;
mod entries;
mod fixes;
mod hover;
mod mends;
mod place;
mod problems;
mod runtime;
mod scan;
mod snippets;

pub use fixes::with_fixes;
pub use problems::problems;

use crate::syntax::MAXIMUM_BYTES;

/// What a completion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompletionKind {
    /// A block, such as `update`.
    Block,
    /// An attribute, such as `count`.
    Attribute,
    /// An allowed value.
    Value,
    /// A function.
    Function,
    /// A variable of this file.
    Variable,
    /// A local of this file.
    Local,
    /// Something that only has a value where the task runs, such as `node.unique.name`.
    RuntimeReference,
}

/// One thing that may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What people see and type.
    pub label: String,
    /// The text that takes the place of what was typed. `#{...}` is a field to fill in, with the
    /// text that stands there first; `\t` at the start of a line is one more step of indentation.
    pub insert: String,
    /// What it is.
    pub kind: CompletionKind,
    /// Type and default.
    pub detail: String,
    /// A sentence about it.
    pub documentation: String,
}

/// What may stand at a cursor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Completions {
    /// Where what has been typed of it begins; it ends at the cursor.
    pub start_byte: usize,
    /// The choices, the likeliest first. What has been typed does not narrow them.
    pub items: Vec<Completion>,
}

/// What a word of the file means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// First byte of the word.
    pub start_byte: usize,
    /// First byte after it.
    pub end_byte: usize,
    /// Its name.
    pub title: String,
    /// What it holds: `duration`, `block, at most one`, `join(separator, lists...)`.
    pub type_text: String,
    /// Its default; empty when it has none.
    pub default_text: String,
    /// What it is, in a sentence or two.
    pub text: String,
}

/// What may stand at this place of the file. Never fails, however unfinished the file is.
pub fn completions(source: &str, byte_offset: usize) -> Completions {
    match at_character(source, byte_offset) {
        Some(offset) => complete::completions(source, offset),
        None => Completions::default(),
    }
}

/// What the word at this place of the file means, when it is one of the language's or of this
/// file's.
pub fn hover(source: &str, byte_offset: usize) -> Option<Hover> {
    hover::hover(source, at_character(source, byte_offset)?)
}

/// The offset, moved back to where a character begins; `None` in a file too large to help with.
fn at_character(source: &str, offset: usize) -> Option<usize> {
    let offset = offset.min(source.len());
    let is_whole = |&at: &usize| source.is_char_boundary(at);
    (source.len() <= MAXIMUM_BYTES)
        .then(|| (0..=offset).rev().find(is_whole))
        .flatten()
}

#[cfg(test)]
mod tests;

//! What is wrong with a file, where, and what would mend it.

use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// The file is refused.
    Error,
    /// The file is taken.
    Warning,
}

/// One diagnostic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnosticView {
    /// How bad.
    pub severity: Severity,
    /// What, in a few words.
    pub summary: String,
    /// The rest.
    pub detail: String,
    /// Where it begins: bytes of UTF-8 from the start of the file. The page converts to the editor's units.
    pub start_byte: u32,
    /// Where it ends; not before `start_byte`.
    pub end_byte: u32,
    /// The line, counted from 1.
    pub line: u32,
    /// The column, counted from 1 as the command prints it.
    pub column: u32,
    /// Edits that would mend it.
    pub fixes: Vec<FixView>,
}

/// An edit that mends something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixView {
    /// What it does: `Add progress_deadline = "15m"`.
    pub label: String,
    /// The first byte that it replaces.
    pub start_byte: u32,
    /// The byte after the last one that it replaces.
    pub end_byte: u32,
    /// What it puts there.
    pub text: String,
}

//! The job language: from the text of a job file to the job a server receives, with the
//! reference's own words for everything that is wrong (spec: jobspec).
//!
//! The road: `syntax` (text to a tree with ranges) -> `variables` (declare, assign, locals) ->
//! `decode` (tree and `schema` to a JSON document, `expression` and `functions` on the way) ->
//! `json_output`. Diagnostics of every stage have one shape (`diagnostics`). What a server then
//! does with the document is `admission`, and `typed` reads the admitted one (`document` gives it
//! its shape).
//!
//! Beside the road: `format` lays a file out, `assist` helps while one is being written.
//!
//! The parser is our own. The HCL crates were measured first: they give no ranges in errors, stop
//! at the first error, accept line breaks inside quotes, refuse a byte-order mark, and cost some 80
//! kB of WebAssembly; and the reference's messages would have needed a second, tolerant parser
//! anyway. One recursive descent gives the tree and the real messages in one pass. `hcl-rs` remains
//! as the oracle of a differential test.
//!
//! Pure: no clock, no chance, no input or output; files arrive through
//! `ParseInput::path_functions`.

pub mod admission;
pub mod assist;
mod decode;
pub mod diagnostics;
pub mod document;
pub mod duration;
pub mod expression;
pub mod format;
pub mod functions;
pub mod json_output;
mod read;
pub mod reading;
pub mod schema;
pub mod syntax;
pub mod typed;
mod variables;

pub use diagnostics::{Diagnostic, Position, QuickFix, Range, Severity, Stage, render};
pub use reading::{FileError, ReadFiles};

use std::collections::BTreeMap;

/// What `parse` reads.
#[derive(Clone, Copy, Default)]
pub struct ParseInput<'a> {
    /// Base name of the job file, as diagnostics show it (`stdin` for `-`).
    pub file_name: &'a str,
    /// Text of the job file: HCL, or HCL's JSON form when it starts with `{`.
    pub source: &'a str,
    /// Values of `-var`, in the order of the flags.
    pub variables: &'a [(String, String)],
    /// Names and texts of `-var-file`, in the order of the flags.
    pub variable_files: &'a [(String, String)],
    /// The environment; only names that start with `NOMAD_VAR_` are read.
    pub environment: &'a [(String, String)],
    /// What `file()` and its like read; `None` when file access is off.
    pub path_functions: Option<&'a dyn ReadFiles>,
    /// `-hcl2-strict=false`: unknown names in `-var` and `-var-file` are ignored.
    pub lenient: bool,
}

/// Where each field of the document stands in the source, by paths such as
/// `group.api.update.canary` or `group.api.task.server.config`.
pub type SpanMap = BTreeMap<String, Range>;

/// What came of reading a job file.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    /// The job as the API's JSON before any default is filled; `None` when it could not be decoded.
    pub document: Option<serde_json::Value>,
    /// Where its fields stand.
    pub spans: SpanMap,
    /// Everything that is wrong, in the order of the reference.
    pub diagnostics: Vec<Diagnostic>,
    /// The work of evaluating its expressions, in steps of about a microsecond; 0 for a file that
    /// has none or was refused before.
    pub effort: usize,
}

/// Reads a job file. Never fails and never panics; errors are diagnostics.
pub fn parse(input: &ParseInput<'_>) -> Parsed {
    read::file(input)
}

/// What `job run -output` prints on standard output, or the diagnostics that it prints on standard
/// error below its own heading.
pub fn run_output(parsed: &Parsed) -> Result<String, String> {
    match &parsed.document {
        Some(document) => Ok(json_output::job(document)),
        None => Err(render(&parsed.diagnostics)),
    }
}

// The same unit tests run as wasm: see CONTRIBUTING.md.
#[cfg(all(test, target_arch = "wasm32"))]
#[macro_use]
extern crate yurt_everywhere;

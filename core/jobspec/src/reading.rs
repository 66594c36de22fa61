//! The files around a job file: the interface through which they are read, and how bytes become
//! the text of a job file (spec: jobspec 3.1, 8).
//!
//! May import `decode`, `syntax` and `diagnostics`.

use std::borrow::Cow;

use crate::diagnostics::{Diagnostic, Position, Range, Stage};
use crate::{decode, syntax};

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileError {
    /// There is no such file.
    Missing,
    /// It is there, but cannot be read: a whole sentence part without a full stop.
    Unreadable(String),
}

/// The files that `file()` and its like see, relative to the folder that commands are run in.
pub trait ReadFiles {
    /// What a file holds.
    fn read(&self, path: &str) -> Result<Cow<'_, [u8]>, FileError>;

    /// The regular files below a folder as paths from it, `/` between the parts; not those that
    /// lie more than `depth` folders further down. No order is asked for; no such folder, no files.
    fn list(&self, folder: &str, depth: usize) -> Result<Vec<String>, String>;

    /// The home directory, where there is one.
    fn home(&self) -> Option<String>;

    /// The folder that commands are run in, from the root.
    fn folder(&self) -> String;
}

/// Most files that one `list` may name.
pub const FILES_MAX: usize = 10_000;

/// The text of a job file or of a file of variables. Bytes that are no text are refused, except in
/// comments and in JSON, where they are replaced.
///
/// A comment is what no token covers, so the question is asked of the replaced text's tokens.
pub fn text<'b>(
    bytes: &'b [u8],
    file: &str,
    stage: Stage,
) -> Result<Cow<'b, str>, Box<Diagnostic>> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text));
    }
    let mut text = String::with_capacity(bytes.len());
    let mut replaced = Vec::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            replaced.push(text.len());
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    if decode::is_json(&text) || text.len() > syntax::MAXIMUM_BYTES {
        return Ok(Cow::Owned(text));
    }
    let tokens = syntax::tokenize(&text, false);
    let mut tokens = tokens.iter().peekable();
    let first = replaced.into_iter().find(|&at| {
        while tokens.next_if(|token| token.range.end.byte <= at).is_some() {}
        tokens
            .peek()
            .is_some_and(|token| token.range.start.byte <= at)
    });
    match first {
        None => Ok(Cow::Owned(text)),
        Some(at) => Err(Box::new(Diagnostic::error(
            stage,
            file,
            place(&text, at),
            "Invalid character encoding",
            "All input files must be UTF-8 encoded. Ensure that UTF-8 encoding is selected in your \
             editor.",
        ))),
    }
}

/// One column at a byte of a text.
fn place(text: &str, byte: usize) -> Range {
    let line = text[..byte].matches('\n').count() + 1;
    let start_of_line = text[..byte].rfind('\n').map_or(0, |at| at + 1);
    let before = text[start_of_line..byte].trim_start_matches('\u{feff}');
    let column = syntax::column_count(before) + 1;
    let at = |byte, column| Position { byte, line, column };
    let end = byte + char::REPLACEMENT_CHARACTER.len_utf8();
    Range {
        start: at(byte, column),
        end: at(end, column + 1),
    }
}

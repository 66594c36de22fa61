//! The layout that `nomad fmt` gives a file: indentation, spaces, `=` and comments in columns
//! (spec: jobspec 18).
//!
//! The layout works on tokens, never on meaning: what a line says is kept, only the blanks between
//! its parts change, so lines are never joined or split. May import `syntax` and `diagnostics`
//! only.
//!
//! * A line is indented by two spaces for each earlier line that left a bracket open.
//! * In neighbouring lines that hold a whole `name = value`, the `=` stand in one column; a blank
//!   line, a comment, or a value that goes on below ends the run. A heredoc does not end it.
//! * Comments behind something stand in one column in neighbouring lines too.
//! * Blank lines, comments, heredocs (whole, down to the closing tag), line ends and a missing last
//!   line end stay as they are.

mod layout;
mod lines;
mod report;
mod spacing;

pub use report::report;

use crate::diagnostics::{Diagnostic, Severity, Stage};
use crate::syntax;

/// The file as `nomad fmt` lays it out, or what is wrong with its syntax.
pub fn format(source: &str) -> Result<String, Vec<Diagnostic>> {
    if source.len() > syntax::MAXIMUM_BYTES {
        let detail = syntax::TOO_LARGE;
        return Err(vec![Diagnostic::nowhere(
            Stage::Parse,
            "File too large",
            detail,
        )]);
    }
    let (_, diagnostics) = syntax::parse_body(source, "", Stage::Parse);
    let refused = diagnostics
        .iter()
        .any(|each| each.severity == Severity::Error);
    if refused {
        return Err(diagnostics);
    }
    let mut lines = lines::split(source);
    spacing::apply(&mut lines);
    layout::indent(&mut lines);
    layout::align(&mut lines);
    let mark = if source.starts_with('\u{feff}') {
        "\u{feff}"
    } else {
        ""
    };
    Ok(format!("{mark}{}", layout::print(&lines)))
}

#[cfg(test)]
mod tests;

//! From text to a tree with ranges: lexer, recursive-descent parser with recovery, and the
//! reference's messages for everything that is not well formed (spec: jobspec 3, 7, 11.3).
//!
//! May import `diagnostics` only. Knows nothing of Nomad: `schema` and `decode` do.

mod characters;
mod collections;
mod expressions;
pub mod json;
mod lexer;
mod marks;
mod parser;
mod templates;
pub mod tree;

pub(crate) use characters::cluster_starts;
pub use characters::{column_count, is_identifier};
pub use lexer::{Kind, Token, tokenize};
pub use tree::{Attribute, Block, Body, Expression, ExpressionKind, Item, Label, Part, Step};

use crate::diagnostics::{Diagnostic, Position, Stage};
use parser::Parser;

/// Deepest nesting of blocks and tallest expression that are read; deeper text is refused, so that
/// no input can exhaust the stack.
pub const MAXIMUM_DEPTH: usize = 64;

/// What is said about deeper nesting; names `MAXIMUM_DEPTH`.
pub(crate) const TOO_DEEP: &str = "Nesting of more than 64 levels is not read.";

/// Largest text that is read, in bytes.
pub const MAXIMUM_BYTES: usize = 4 << 20;

/// What is said about a larger text; names `MAXIMUM_BYTES`.
pub(crate) const TOO_LARGE: &str = "A file of more than 4194304 bytes is not read.";

/// Reads a whole file.
pub fn parse_body(source: &str, file: &str, stage: Stage) -> (Body, Vec<Diagnostic>) {
    let mut parser = Parser::new(source, file, stage);
    let body = parser.file();
    (body, parser.diagnostics)
}

/// Reads text that is one expression, such as the value of `-var`.
pub fn parse_expression(source: &str, file: &str, stage: Stage) -> (Expression, Vec<Diagnostic>) {
    let mut parser = Parser::new(source, file, stage);
    let expression = parser.whole_expression();
    (expression, parser.diagnostics)
}

/// Reads text as a template, as strings of the JSON form are read. `first` is where its first
/// character stands: lines and columns count from there, bytes from the text's own start.
pub fn parse_template(
    source: &str,
    file: &str,
    stage: Stage,
    first: Position,
) -> (Expression, Vec<Diagnostic>) {
    let mut parser = Parser::for_template(source, file, stage, first);
    let expression = parser.whole_template();
    (expression, parser.diagnostics)
}

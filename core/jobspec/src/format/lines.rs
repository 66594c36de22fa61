//! From text to lines of pieces: tokens and the comments that stand between them.

use crate::syntax::{Kind, tokenize};

/// What a piece is to the layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A token of the language.
    Token(Kind),
    /// A whole heredoc, from its introduction to its closing tag.
    Heredoc,
    /// `/* ... */`.
    BlockComment,
    /// `# ...` or `// ...`: always the last of its line.
    LineComment,
}

/// A part of a line and the blanks before it.
#[derive(Debug, Clone)]
pub(super) struct Piece<'a> {
    pub part: Part,
    pub text: &'a str,
    pub spaces_before: usize,
}

/// A line in three cells, as they stand in columns.
#[derive(Debug, Clone, Default)]
pub(super) struct Line<'a> {
    /// What stands before the `=`; everything when the line holds no whole `name = value`.
    pub lead: Vec<Piece<'a>>,
    /// The `=` and the value.
    pub assign: Vec<Piece<'a>>,
    /// The comment behind the rest. A comment that has the line for itself is the lead.
    pub comment: Option<Piece<'a>>,
    /// How the line ends: `\n`, `\r\n`, or nothing at the end of the file.
    pub line_end: &'a str,
}

/// By how many the piece changes the number of open brackets.
pub(super) fn bracket_change(part: Part) -> i64 {
    use Kind::*;
    match part {
        Part::Token(OpenBrace | OpenBracket | OpenParenthesis | Interpolation | Directive) => 1,
        Part::Token(CloseBrace | CloseBracket | CloseParenthesis | SequenceEnd) => -1,
        _ => 0,
    }
}

/// The lines of a text whose syntax is right.
pub(super) fn split(source: &str) -> Vec<Line<'_>> {
    let tokens = tokenize(source, false);
    let mut lines = Vec::new();
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut read_to = tokens.first().map_or(0, |first| {
        first.range.start.byte.min(byte_order_mark(source))
    });
    // Where the heredoc in hand began, and how many are open in each other.
    let mut heredoc: Option<(usize, usize)> = None;
    for token in &tokens {
        let (start, end) = (token.range.start.byte, token.range.end.byte);
        heredoc = match (token.kind, heredoc) {
            (Kind::OpenHeredoc, None) => {
                comments(&source[read_to..start], &mut pieces);
                Some((start, 1))
            }
            (Kind::OpenHeredoc, Some((from, depth))) => Some((from, depth + 1)),
            (Kind::CloseHeredoc, Some((from, 1))) => {
                pieces.push(piece(Part::Heredoc, &source[from..end]));
                read_to = end;
                None
            }
            (Kind::CloseHeredoc, Some((from, depth))) => Some((from, depth - 1)),
            (_, inside) => {
                if inside.is_none() {
                    comments(&source[read_to..start], &mut pieces);
                    read_to = end;
                    match token.kind {
                        Kind::Newline | Kind::End => {
                            let pieces = std::mem::take(&mut pieces);
                            lines.push(cells(pieces, &source[start..end]));
                        }
                        kind => pieces.push(piece(Part::Token(kind), &source[start..end])),
                    }
                }
                inside
            }
        };
    }
    lines
}

fn byte_order_mark(source: &str) -> usize {
    source
        .chars()
        .next()
        .filter(|&first| first == '\u{feff}')
        .map_or(0, char::len_utf8)
}

fn piece(part: Part, text: &str) -> Piece<'_> {
    Piece {
        part,
        text,
        spaces_before: 0,
    }
}

/// The comments between two tokens. Nothing else but blanks stands there.
fn comments<'a>(between: &'a str, pieces: &mut Vec<Piece<'a>>) {
    let mut rest = between;
    while let Some(start) = rest.find(['#', '/']) {
        let text = &rest[start..];
        if let Some(inside) = text.strip_prefix("/*") {
            let length = inside.find("*/").map_or(text.len(), |end| end + 4);
            pieces.push(piece(Part::BlockComment, &text[..length]));
            rest = &text[length..];
        } else {
            pieces.push(piece(Part::LineComment, text));
            return;
        }
    }
}

fn cells<'a>(mut pieces: Vec<Piece<'a>>, line_end: &'a str) -> Line<'a> {
    let mut line = Line {
        line_end,
        ..Line::default()
    };
    if pieces.len() > 1 {
        line.comment = pieces.pop_if(|last| last.part == Part::LineComment);
    }
    let equals = pieces
        .iter()
        .position(|each| each.part == Part::Token(Kind::Equal));
    if let Some(at) = equals.filter(|&at| at > 0) {
        let open: i64 = pieces[at..]
            .iter()
            .map(|each| bracket_change(each.part))
            .sum();
        if open == 0 {
            line.assign = pieces.split_off(at);
        }
    }
    line.lead = pieces;
    line
}

//! Indentation and columns.

use super::lines::{Line, Piece, bracket_change};
use crate::syntax::column_count;

const INDENTATION: usize = 2;

/// Indents each line by the lines before it that left brackets open: however many a line leaves
/// open, the next is indented once more.
pub(super) fn indent(lines: &mut [Line<'_>]) {
    // One entry for each line that left brackets open: how many of them still are.
    let mut open: Vec<i64> = Vec::new();
    for line in lines {
        let pieces = line.lead.iter().chain(&line.assign);
        let change: i64 = pieces.map(|piece| bracket_change(piece.part)).sum();
        let mut closing = -change;
        while closing > 0 {
            let Some(last) = open.last_mut() else { break };
            let closed = closing.min(*last);
            *last -= closed;
            closing -= closed;
            if *last == 0 {
                open.pop();
            }
        }
        if let Some(first) = line.lead.first_mut() {
            first.spaces_before = open.len() * INDENTATION;
        }
        if change > 0 {
            open.push(change);
        }
    }
}

/// Puts the `=` of neighbouring lines in one column, then their comments.
pub(super) fn align(lines: &mut [Line<'_>]) {
    in_columns(
        lines,
        |line| (!line.assign.is_empty()).then(|| columns(&line.lead)),
        |line| line.assign.first_mut(),
    );
    in_columns(
        lines,
        |line| {
            let before = || columns(&line.lead) + columns(&line.assign);
            line.comment.is_some().then(before)
        },
        |line| line.comment.as_mut(),
    );
}

/// Moves a cell in each run of lines that have it to one space behind the longest of what stands
/// before it (`width`, `None` in lines without the cell).
fn in_columns<'a>(
    lines: &mut [Line<'a>],
    width: impl Fn(&Line<'a>) -> Option<usize>,
    cell: impl for<'l> Fn(&'l mut Line<'a>) -> Option<&'l mut Piece<'a>>,
) {
    let mut start = 0;
    while start < lines.len() {
        let run: Vec<usize> = lines[start..].iter().map_while(&width).collect();
        let longest = run.iter().copied().max().unwrap_or(0);
        for (line, width) in lines[start..].iter_mut().zip(&run) {
            if let Some(piece) = cell(line) {
                piece.spaces_before = longest - width + 1;
            }
        }
        start += run.len() + 1;
    }
}

fn columns(pieces: &[Piece<'_>]) -> usize {
    pieces
        .iter()
        .map(|piece| piece.spaces_before + column_count(piece.text))
        .sum()
}

/// The text of the lines.
pub(super) fn print(lines: &[Line<'_>]) -> String {
    let mut text = String::new();
    for line in lines {
        let pieces = line.lead.iter().chain(&line.assign).chain(&line.comment);
        for piece in pieces {
            text.extend(std::iter::repeat_n(' ', piece.spaces_before));
            text.push_str(piece.text);
        }
        text.push_str(line.line_end);
    }
    text
}

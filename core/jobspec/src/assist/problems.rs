//! All problems of a file that can be told at once. The reference stops at the first stage that
//! fails; an editor reads on as if the problems so far were mended.

use yurt_model::InOrder;

use super::fixes::{MENDED_MAX, Mend};
use super::scan::Span;
use crate::Parsed;
use crate::diagnostics::{Diagnostic, Position, Range, Severity, Stage};
use crate::syntax::{Kind, column_count};

/// A file is read at most this many times,
const ROUNDS: usize = 12;
/// and no more once this many bytes were read or steps of evaluation taken: typing must not wait.
const EFFORT_MAX: usize = 200_000;

/// What `check` finds in the file, and what it would find if that were mended: each at what is to
/// be underlined, with a change where one is obvious. Of one reading the first [`MENDED_MAX`]
/// problems are told.
pub fn problems(source: &str, check: &mut dyn FnMut(&str) -> Parsed) -> Vec<Diagnostic> {
    let mut text = source.to_owned();
    let mut edits = Edits::default();
    let mut all: Vec<Diagnostic> = Vec::new();
    let mut effort = 0;
    let mut is_cut = false;
    for _ in 0..ROUNDS {
        let read = check(&text);
        let found = read.diagnostics;
        let each = text.len() + read.effort;
        effort += each;
        let mend = Mend::of(&text);
        let found = found.into_iter().take(MENDED_MAX);
        let mut found: Vec<Diagnostic> = found.map(|each| mend.mended(each)).collect();
        // What follows from a cut is no problem of the file.
        found.retain(|each| {
            let follows = each.stage == Stage::Admission || each.summary.starts_with("Missing ");
            !(is_cut && follows)
        });
        let changes = mend.changes(&mut found, &mut is_cut);
        // Nor is what is said of a change: it stands where a problem stood.
        let known = all.len();
        for problem in found {
            let problem = edits.back(problem, source, &text);
            let same = |each: &Diagnostic| touch(each.range, problem.range);
            if !all[..known].iter().any(same) {
                all.push(problem);
            }
        }
        if changes.is_empty() || effort + each > EFFORT_MAX {
            break;
        }
        let mut before = usize::MAX;
        for (start, end, new) in changes {
            if end <= before {
                text.replace_range(start..end, &new);
                edits.0.push((start, end - start, new.len()));
                before = start;
            }
        }
    }
    all
}

/// Do two problems stand at one place?
fn touch(one: Option<Range>, other: Option<Range>) -> bool {
    let bytes = |range: Range| (range.start.byte, range.end.byte);
    match (one.map(bytes), other.map(bytes)) {
        (Some((start, end)), Some((from, to))) => {
            start == from && end == to || (start < to && from < end)
        }
        (one, other) => one == other,
    }
}

/// What has been replaced, in turn: where, how many bytes, and by how many.
#[derive(Default)]
struct Edits(Vec<(usize, usize, usize)>);

impl Edits {
    /// Where a byte of the mended text stands in the file.
    fn byte(&self, byte: usize) -> usize {
        let edits = self.0.iter().rev();
        edits.fold(byte, |byte, &(start, old, new)| match byte {
            _ if byte >= start + new => byte - new + old,
            _ => byte.min(start + old),
        })
    }

    fn back(&self, mut problem: Diagnostic, source: &str, text: &str) -> Diagnostic {
        if self.0.is_empty() {
            return problem;
        }
        if let Some(range) = &mut problem.range {
            for position in [&mut range.start, &mut range.end] {
                *position = place(source, self.byte(position.byte));
            }
        }
        problem.fix = problem.fix.and_then(|mut fix| {
            let was = text.get(fix.start_byte..fix.end_byte);
            fix.start_byte = self.byte(fix.start_byte);
            fix.end_byte = self.byte(fix.end_byte);
            (source.get(fix.start_byte..fix.end_byte) == was).then_some(fix)
        });
        problem
    }
}

/// Line and column of a byte.
fn place(source: &str, byte: usize) -> Position {
    let byte = source.floor_char_boundary(byte.min(source.len()));
    let before = &source[..byte];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Position {
        byte,
        line: before.matches('\n').count() + 1,
        column: column_count(&before[line_start..]) + 1,
    }
}

impl Mend<'_> {
    /// The problem at what is to be underlined, with its change.
    fn mended(&self, problem: Diagnostic) -> Diagnostic {
        let mut problem = self.with_fix(problem);
        if let Some((start, end)) = self.underlined(&problem) {
            let range = problem.range.get_or_insert_default();
            range.start = place(self.source, start);
            range.end = place(self.source, end);
        }
        problem
    }

    /// What to underline when it is not the place that the reference names.
    fn underlined(&self, problem: &Diagnostic) -> Option<Span> {
        let Some(range) = problem.range else {
            let name = problem.summary.strip_prefix("Unset variable \"")?;
            let mut variables = self.file.of_kind("variable");
            let label = |node: &&super::scan::Node<'_>| {
                let label = node.labels.first();
                label.is_some_and(|(label, _)| Some(*label) == name.strip_suffix('"'))
            };
            return variables.find(label)?.labels.first().map(|each| each.1);
        };
        let (start, end) = (range.start.byte, range.end.byte);
        if problem.summary == "Unterminated template string" {
            let mut tokens = self.file.tokens.iter().rev();
            let opening = tokens.find(|token| token.kind == Kind::OpenHeredoc)?.range;
            let text = self.source.get(opening.start.byte..opening.end.byte)?;
            return Some((
                opening.start.byte,
                opening.start.byte + text.trim_end().len(),
            ));
        }
        if problem.stage == Stage::Admission {
            if let Some(twin) = self.twin(problem, start) {
                return Some((twin.kind_span.0, twin.labels.first()?.1.1));
            }
            return self.wrong_value(problem, start);
        }
        if !self.source.get(start..end)?.trim().is_empty() {
            return None;
        }
        // A line break cannot be seen: what stands before it can.
        let mut tokens = self.file.tokens.iter().rev();
        let last = tokens
            .find(|token| token.range.end.byte <= start && !matches!(token.kind, Kind::Newline))?;
        let (mut from, to) = (last.range.start.byte, last.range.end.byte);
        if matches!(last.kind, Kind::CloseQuote | Kind::QuotedLiteral) {
            let opening = tokens.find(|token| token.kind == Kind::OpenQuote);
            from = opening.map_or(from, |token| token.range.start.byte);
        }
        Some((from, to))
    }

    /// The value that the server refuses, rather than all of its line.
    pub(super) fn wrong_value(&self, problem: &Diagnostic, start: usize) -> Option<Span> {
        let (_, mut found) = self.attribute(start).unzip();
        if let Some(label) = problem.summary.strip_prefix("port label ") {
            let (label, _) = label.split_once(" referenced")?;
            let attributes = self.file.nodes.iter().flat_map(|node| &node.attributes);
            let mut ports = attributes.filter(|each| each.name == "port");
            found = ports.find(|each| each.name_span.0 > start && self.file.value(each) == label);
        }
        let found = found.filter(|each| each.name_span.0 == start || each.name == "port")?;
        let value = self.file.value(found);
        let from = found.value.1 - self.source[found.value.0..found.value.1].trim_start().len();
        (!value.is_empty()).then_some((from, from + value.len()))
    }

    /// What to change before the file is read again, the last first; `found` loses what is but a
    /// consequence. Nothing: there is nothing more to find.
    fn changes(
        &self,
        found: &mut Vec<Diagnostic>,
        is_cut: &mut bool,
    ) -> Vec<(usize, usize, String)> {
        let at = |each: &Diagnostic| each.range.map_or(0, |range| range.start.byte);
        let is_unknown = |each: &Diagnostic| each.detail.ends_with("value must be known");
        let causes: Vec<usize> = found
            .iter()
            .filter(|each| !is_unknown(each))
            .map(at)
            .collect();
        found.retain(|each| {
            let around = self.attribute(at(each)).map(|(_, found)| found);
            let inside = |&cause: &usize| {
                around.is_some_and(|all| all.name_span.0 <= cause && cause <= all.value.1)
            };
            !(is_unknown(each) && causes.iter().any(inside))
        });
        let hides =
            |each: &&Diagnostic| each.stage != Stage::Admission && each.severity == Severity::Error;
        let mut hiding: Vec<&Diagnostic> = found.iter().filter(hides).collect();
        hiding.put_in_order_by_key(|each| at(each));
        let is_syntax = hiding.iter().any(|each| each.stage == Stage::Parse);
        if is_syntax {
            let mended = hiding.iter().position(|each| each.fix.is_some());
            hiding = vec![hiding[mended.unwrap_or(0)]];
        }
        let mut changes = Vec::new();
        for problem in hiding.iter().rev() {
            match &problem.fix {
                Some(fix) => {
                    changes.push((fix.start_byte, fix.end_byte, fix.replacement.clone()));
                }
                None => {
                    let Some((start, end)) = self.cut(at(problem), is_syntax) else {
                        return Vec::new();
                    };
                    *is_cut = true;
                    changes.push((start, end, String::new()));
                }
            }
        }
        // Behind the first mistake of syntax the others are guesses.
        if is_syntax && !changes.is_empty() {
            let first = at(hiding[0]);
            let mut is_first = true;
            found.retain(|each| at(each) == first && std::mem::take(&mut is_first));
        }
        changes
    }

    /// The item that a problem without an obvious change stands in: read on as if it were not
    /// there. Nothing may refer to it.
    fn cut(&self, at: usize, is_syntax: bool) -> Option<Span> {
        let is_kept = |node: usize| {
            matches!(
                self.file.nodes[node].kind,
                "locals" | "variable" | "variables" | ""
            )
        };
        if let Some((node, found)) = self.attribute(at) {
            return (!is_kept(node)).then_some((found.name_span.0, found.value.1));
        }
        let mut nodes = self.file.nodes.iter().filter(|_| !is_syntax);
        let node = nodes
            .find(|node| node.kind_span.0 <= at && at < node.body.0 && !node.kind.is_empty())?;
        let is_closed = node.body.1 < self.source.len() && !is_kept(node.parent);
        is_closed.then_some((node.kind_span.0, node.body.1 + 1))
    }
}

//! Obvious changes, more of them: for what is not closed, for stray characters, and for values
//! that the server refuses.

use super::fixes::{Fix, Mend};
use super::scan::Node;
use crate::diagnostics::Diagnostic;
use crate::functions::nearest;
use crate::schema::FieldKind;
use crate::syntax::Kind;

/// Names that other systems have for the types of variables.
const TYPES: &[(&str, &str)] = &[
    ("int integer float double num numeric", "number"),
    ("str text String", "string"),
    ("boolean Bool", "bool"),
    ("list array", "list(string)"),
    ("map object dict", "map(string)"),
];

/// What the server misses, and the line that gives it.
const MISSING: &[(&str, &str)] = &[
    ("missing required value interval", "interval = \"10s\""),
    ("missing required value timeout", "timeout = \"2s\""),
    ("http type must have http path", "path = \"/\""),
];

/// Units of time that Nomad does not have: how they end, and how many of which unit they are.
const UNITS: &[(&str, u64, &str)] = &[
    ("weeks", 168, "h"),
    ("week", 168, "h"),
    ("w", 168, "h"),
    ("days", 24, "h"),
    ("day", 24, "h"),
    ("d", 24, "h"),
    ("hours", 1, "h"),
    ("hour", 1, "h"),
    ("hrs", 1, "h"),
    ("hr", 1, "h"),
    ("minutes", 1, "m"),
    ("minute", 1, "m"),
    ("mins", 1, "m"),
    ("min", 1, "m"),
    ("seconds", 1, "s"),
    ("second", 1, "s"),
    ("secs", 1, "s"),
    ("sec", 1, "s"),
    ("h", 1, "h"),
    ("m", 1, "m"),
    ("s", 1, "s"),
    ("", 1, "s"),
];

/// A length of time as it can be read: `30` is `30s`, `1 day` is `24h`.
pub(super) fn duration(text: &str) -> Option<String> {
    let text = text.trim();
    let &(name, many, unit) = UNITS.iter().find(|(name, ..)| text.ends_with(name))?;
    let number: u64 = text.strip_suffix(name)?.trim_end().parse().ok()?;
    Some(format!("{}{unit}", number.checked_mul(many)?))
}

/// The indentation of the line that a byte stands in, and where the line begins.
pub(super) fn indent(source: &str, at: usize) -> (&str, usize) {
    let start = source[..at].rfind('\n').map_or(0, |at| at + 1);
    let line = &source[start..];
    let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
    (&line[..blank], start)
}

impl Mend<'_> {
    pub(super) fn syntax(&self, summary: &str, start: usize, end: usize) -> Option<Fix> {
        let text = self.source.get(start..end)?;
        let remove = |title: &str| Some((title.into(), start, end, String::new()));
        match summary {
            "Invalid multi-line string" => self.close_text(start),
            "Unterminated template string" => self.close_heredoc(),
            "Unclosed configuration block" => self.close_block(),
            "Unexpected comma after argument" => remove("Remove the comma"),
            "Invalid character" if text == ";" => remove("Remove the semicolon"),
            "Invalid character" if matches!(text, "“" | "”") => self.straight_quotes(start),
            "Invalid argument name" => {
                let node = self.file.nodes.iter().rfind(|node| node.body.0 <= start)?;
                let at = node.body.0.checked_sub(1)?;
                let title = format!("Make {} an argument", node.kind);
                matches!(node.kind, "env" | "meta").then(|| (title, at, at, "= ".into()))
            }
            "Invalid type specification" => {
                let named =
                    |names: &str| names.split(' ').any(|each| each == text.trim_matches('"'));
                let change = |to: &str| (format!("Change to {to}"), start, end, to.to_owned());
                TYPES
                    .iter()
                    .find(|(names, _)| named(names))
                    .map(|(_, to)| change(to))
            }
            "Unsupported argument" => {
                let (node, attribute) = self.attribute(start)?;
                let in_config = matches!(attribute.name, "image" | "command" | "args" | "ports");
                let is_free = !self.file.inside(node).any(|each| each.kind == "config");
                let (blank, _) = indent(self.source, start);
                let line = self.source.get(start..attribute.value.1)?.trim_end();
                let moved = format!("config {{\n{blank}  {line}\n{blank}}}");
                let is_task = self.file.nodes[node].kind == "task" && in_config && is_free;
                is_task.then(|| {
                    (
                        "Put it into config".into(),
                        start,
                        start + line.len(),
                        moved,
                    )
                })
            }
            _ => None,
        }
    }

    /// A text ends with its line, or before what closes the list around it.
    fn close_text(&self, line_end: usize) -> Option<Fix> {
        let before = &self.source[..line_end];
        let quotes = self.file.tokens.iter().rev();
        let mut opening = quotes.filter(|token| token.kind == Kind::OpenQuote);
        let quote = opening
            .find(|token| token.range.end.byte <= line_end)?
            .range;
        let (_, line) = indent(self.source, quote.start.byte);
        let head = before.get(line..quote.start.byte)?;
        let mut text = before.get(quote.end.byte..)?.trim_end();
        for (open, close) in [('[', ']'), ('(', ')'), ('[', ',')] {
            if head.contains(open) {
                text = text.strip_suffix(close).unwrap_or(text);
            }
        }
        let at = quote.end.byte + text.trim_end().len();
        Some(("Close the text".into(), at, at, "\"".into()))
    }

    /// A heredoc ends before the line that closes the block around it.
    fn close_heredoc(&self) -> Option<Fix> {
        let mut openings = self.file.tokens.iter().rev();
        let opening = openings
            .find(|token| token.kind == Kind::OpenHeredoc)?
            .range;
        let tag = self.source.get(opening.start.byte..opening.end.byte)?;
        let tag = tag.trim_start_matches(['<', '-']).trim();
        let (own, _) = indent(self.source, opening.start.byte);
        let mut at = opening.end.byte;
        for line in self.source[at..].split_inclusive('\n') {
            let blank = line.len() - line.trim_start().len();
            if line.trim() == "}" && blank < own.len() {
                break;
            }
            at += line.len();
        }
        let line_break = if self.source[..at].ends_with('\n') {
            ""
        } else {
            "\n"
        };
        let text = format!("{line_break}{tag}\n");
        Some((format!("End the text with {tag}"), at, at, text))
    }

    /// The innermost block whose closing brace stands further out than its header, or the last
    /// that is open, lacks a brace.
    fn close_block(&self) -> Option<Fix> {
        let braces = |node: &&Node<'_>| {
            let (own, _) = indent(self.source, node.kind_span.0);
            let close = node.body.1;
            let (closing, line) = indent(self.source, close.min(self.source.len()));
            let is_alone = self.source[line..].trim_start().starts_with('}');
            close < self.source.len() && is_alone && closing.len() < own.len()
        };
        let nodes = self.file.nodes.iter().skip(1);
        if let Some(node) = nodes.clone().rev().find(braces) {
            let (own, _) = indent(self.source, node.kind_span.0);
            let (_, line) = indent(self.source, node.body.1);
            let title = format!("Close {} here", node.kind);
            return Some((title, line, line, format!("{own}}}\n")));
        }
        let node = nodes.rev().find(|node| node.body.1 == self.source.len())?;
        let (own, _) = indent(self.source, node.kind_span.0);
        let at = self.source.trim_end().len();
        Some((
            format!("Close {}", node.kind),
            at,
            at,
            format!("\n{own}}}\n"),
        ))
    }

    fn straight_quotes(&self, start: usize) -> Option<Fix> {
        let (_, line) = indent(self.source, start);
        let text = self.source[line..].lines().next()?;
        let straight = text.replace(['“', '”'], "\"");
        Some((
            "Use straight quotes".into(),
            line,
            line + text.len(),
            straight,
        ))
    }

    /// `group "api"` and the brace on the next line.
    pub(super) fn brace_below(&self, at: usize) -> Option<Fix> {
        let from = self.source[..at].trim_end().len();
        let rest = self.source[at..].trim_start();
        let brace = self.source.len() - rest.len();
        rest.starts_with('{')
            .then(|| ("Move the brace up".into(), from, brace, " ".into()))
    }

    /// Two items without a comma, or a list that ended with its line.
    pub(super) fn separator(&self, next: usize) -> Fix {
        let at = self.source[..next].trim_end().len();
        let is_below = self.source[at..next].contains('\n');
        let is_item = self.source[next..].starts_with(char::is_alphabetic);
        let (title, text) = match is_below && is_item {
            true => ("Close the list", "]"),
            false => ("Add a comma", ","),
        };
        (title.into(), at, at, text.into())
    }

    /// The second of two blocks of one name, which is the one to be renamed.
    pub(super) fn twin(&self, problem: &Diagnostic, first: usize) -> Option<&Node<'_>> {
        problem.summary.split_once(" redefines '")?;
        let nodes = || self.file.nodes.iter();
        let one = self.file.headed_at(first)?;
        let label = |node: &Node<'_>| node.labels.first().map(|each| each.0.to_owned());
        let same = |node: &&Node<'_>| {
            node.kind == one.kind && node.parent == one.parent && label(node) == label(one)
        };
        nodes().rfind(same)
    }

    /// What the server refuses, at the attribute or block that begins at `start`.
    pub(super) fn refused(&self, problem: &Diagnostic, start: usize) -> Option<Fix> {
        let summary = &problem.summary;
        if let Some(twin) = self.twin(problem, start) {
            let (label, (from, to)) = *twin.labels.first()?;
            let title = format!("Rename to \"{label}-2\"");
            return Some((title, from, to, format!("\"{label}-2\"")));
        }
        if let Some((_, line)) = MISSING.iter().find(|(text, _)| summary.contains(text)) {
            let node = self.file.headed_at(start)?;
            return self.line_in_block(node.body.0.checked_sub(1)?, line);
        }
        let (from, to) = self.wrong_value(problem, start)?;
        let old = self.source.get(from..to)?;
        let change = |new: String| Some((format!("Change to {new}"), from, to, new));
        if let Some((_, least)) = summary.split_once(" value is ") {
            return change(least.split_once("; got")?.0.to_owned());
        }
        if let Some((_, limits)) = summary.split_once(" must be between [") {
            let (low, high) = limits.split_once(']')?.0.split_once(", ")?;
            let is_low = old.parse::<i64>().ok()? < low.parse().ok()?;
            return change(if is_low { low } else { high }.to_owned());
        }
        let name = old.trim_matches('"');
        let near = match self.field(from) {
            Some(field) if !field.values.is_empty() && matches!(field.kind, FieldKind::String) => {
                nearest(name, field.values.iter().copied())
            }
            Some(field) if field.name == "port" => {
                let ports = self
                    .file
                    .of_kind("port")
                    .flat_map(|node| node.labels.first());
                nearest(name, ports.map(|(label, _)| *label))
            }
            _ => None,
        };
        let near = near.filter(|near| *near != name)?;
        change(format!("\"{near}\""))
    }
}

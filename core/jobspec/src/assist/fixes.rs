//! Changes of the text that would mend a problem, where one is obvious.

use super::entries::Body;
use super::mends::{duration, indent};
use super::scan::{Attribute, Scan, scan};
use crate::diagnostics::{Diagnostic, Position, Range, Stage};
use crate::functions::{self, nearest, suggestion};
use crate::schema::{FieldKind, FieldSchema};

/// Changes are looked for at this many problems: each may take a walk over the file, and nobody
/// mends more at once.
pub(super) const MENDED_MAX: usize = 100;

/// The problems of a file, with a change for each that has an obvious one and none yet; only the
/// first [`MENDED_MAX`] are looked at.
pub fn with_fixes(mut diagnostics: Vec<Diagnostic>, source: &str) -> Vec<Diagnostic> {
    let mend = Mend::of(source);
    let others = diagnostics.split_off(diagnostics.len().min(MENDED_MAX));
    let first = diagnostics.into_iter();
    let first = first.map(|diagnostic| mend.with_fix(diagnostic));
    first.chain(others).collect()
}

/// A file whose problems are looked at.
pub(super) struct Mend<'a> {
    pub source: &'a str,
    pub file: Scan<'a>,
}

/// Title, first byte, byte after the last, and what takes their place.
pub(super) type Fix = (String, usize, usize, String);

impl<'a> Mend<'a> {
    pub fn of(source: &'a str) -> Self {
        Self {
            source,
            file: scan(source),
        }
    }

    /// The problem with a change, when it has an obvious one and none yet.
    pub fn with_fix(&self, diagnostic: Diagnostic) -> Diagnostic {
        if diagnostic.fix.is_some() {
            return diagnostic;
        }
        match self.fix(&diagnostic) {
            Some((title, start, end, text)) => {
                let at = |byte| Position {
                    byte,
                    ..Position::default()
                };
                let range = Range {
                    start: at(start),
                    end: at(end),
                };
                diagnostic.with_fix(title, range, text)
            }
            None => diagnostic,
        }
    }

    fn fix(&self, diagnostic: &Diagnostic) -> Option<Fix> {
        let range = diagnostic.range?;
        let (start, end) = (range.start.byte, range.end.byte);
        let text = self.source.get(start..end)?;
        let detail = &diagnostic.detail;
        match diagnostic.summary.as_str() {
            "Missing required argument" => self.required(start, quoted(detail)?),
            summary if summary.starts_with("Missing ") && detail.contains(" blocks must have ") => {
                let label = format!("\"{}\" ", self.free_label(summary));
                Some((
                    format!("Add the name {}", label.trim_end()),
                    start,
                    start,
                    label,
                ))
            }
            "Unsupported attribute" => self.reference(start, text, quoted(detail)?),
            "Unsupported argument" if detail.contains("Did you mean to define a block") => {
                self.without_equals(text, end)
            }
            "Unsuitable value type" => self.value(detail, start, end),
            "Incorrect attribute value type" => self.value(detail, start, end),
            "Argument or block definition required" if detail.contains("equals sign") => {
                let rest = self.source[end..].trim_start_matches([' ', '\t']);
                let colon = self.source.len() - rest.len();
                let follows = rest.starts_with(':');
                follows.then(|| ("Change : to =".into(), end, colon + 1, " =".into()))
            }
            "Invalid block definition" => {
                let equals = self.missing_equals(start);
                equals.or_else(|| self.brace_below(start))
            }
            "Missing item separator" => Some(self.separator(start)),
            "Invalid character" if text == "'" => self.double_quotes(start),
            "Missing task driver" => self.driver(start),
            summary if summary.ends_with("Missing task driver") => self.driver(start),
            _ if diagnostic.stage == Stage::Admission => self.refused(diagnostic, start),
            summary => self.syntax(summary, start, end).or_else(|| {
                let mut near = detail.split_once("Did you mean \"")?.1.split_once("\"?")?.0;
                if summary == "Call to unknown function" {
                    near = nearest(text, functions::all().map(|each| each.name)).unwrap_or(near);
                }
                let is_name = !text.is_empty() && text.chars().all(super::place::is_word);
                is_name.then(|| (format!("Change to {near}"), start, end, near.to_owned()))
            }),
        }
    }

    /// A line in the block that opens at `brace`.
    pub(super) fn line_in_block(&self, brace: usize, line: &str) -> Option<Fix> {
        let at = brace + 1;
        let rest = self.source.get(at..)?;
        let rest_of_line = rest.lines().next().unwrap_or_default();
        let (indent, _) = indent(self.source, brace);
        let title = format!("Add {line}");
        if rest_of_line.trim().is_empty() {
            return Some((title, at, at, format!("\n{indent}  {line}")));
        }
        let empty = rest_of_line.trim_start().starts_with('}');
        let blank = rest_of_line.len() - rest_of_line.trim_start().len();
        empty.then(|| {
            (
                title,
                at,
                at + blank,
                format!("\n{indent}  {line}\n{indent}"),
            )
        })
    }

    fn required(&self, brace: usize, name: &str) -> Option<Fix> {
        let node = self.file.node_at(brace + 1)?;
        let entry = Body::of(&self.file, node).entry(name, false)?;
        let field = entry.field?;
        let first = field.values.first().copied().unwrap_or_default();
        let line = match field.kind {
            FieldKind::String => format!("{name} = \"{first}\""),
            FieldKind::Integer => format!("{name} = 1"),
            _ => return None,
        };
        self.line_in_block(brace, &line)
    }

    /// The place of a task is its header, from the type to the label.
    fn driver(&self, header: usize) -> Option<Fix> {
        let node = self.file.headed_at(header)?;
        if node.kind != "task" {
            return None;
        }
        self.line_in_block(node.body.0 - 1, "driver = \"docker\"")
    }

    /// A label for a block that has none: no other block of its type has it.
    fn free_label(&self, summary: &str) -> String {
        let kind = summary.rsplit(' ').next().unwrap_or("name");
        let taken = |label: &str| {
            let mut others = self.file.of_kind(kind).flat_map(|node| node.labels.first());
            others.any(|(other, _)| *other == label)
        };
        let numbered = (1..).map(|number| match number {
            1 => kind.to_owned(),
            _ => format!("{kind}-{number}"),
        });
        let mut free = numbered.filter(|label| !taken(label));
        free.next().unwrap_or_default()
    }

    /// `local.nope`: the nearest name that is declared.
    fn reference(&self, start: usize, text: &str, name: &str) -> Option<Fix> {
        let before = &self.source[..start + text.find('.').unwrap_or(0)];
        let names: Vec<&str> = if before.ends_with("local") {
            let locals = self
                .file
                .of_kind("locals")
                .flat_map(|node| &node.attributes);
            locals.map(|local| local.name).collect()
        } else if before.ends_with("var") {
            let variables = self.file.of_kind("variable");
            let labels = variables.flat_map(|node| node.labels.first());
            labels.map(|(label, _)| *label).collect()
        } else {
            return None;
        };
        let near = suggestion(name, names)?;
        let at = start + text.rfind(name)?;
        Some((
            format!("Change to {near}"),
            at,
            at + name.len(),
            near.to_owned(),
        ))
    }

    /// `update = {`: it is a block.
    fn without_equals(&self, name: &str, end: usize) -> Option<Fix> {
        let rest = &self.source[end..];
        let equals = end + rest.find('=')?;
        let value = self.source[equals + 1..].trim_start_matches([' ', '\t']);
        let brace = self.source.len() - value.len();
        (value.starts_with('{') && self.source[end..equals].trim().is_empty())
            .then(|| (format!("Make {name} a block"), end, brace, " ".into()))
    }

    /// `region "x"` at the end of a line: the equals sign is missing.
    fn missing_equals(&self, at: usize) -> Option<Fix> {
        let before = self.source[..at].trim_end();
        let line_start = before.rfind('\n').map_or(0, |start| start + 1);
        let line = before[line_start..].trim_start();
        let line_start = before.len() - line.len();
        let name = line.split([' ', '\t', '"']).next()?;
        let value = line[name.len()..].trim_start();
        let around = self
            .file
            .nodes
            .iter()
            .rposition(|node| node.body.0 <= line_start && line_start <= node.body.1)?;
        Body::of(&self.file, around).entry(name, false)?;
        let (from, to) = (line_start + name.len(), before.len() - value.len());
        value
            .starts_with('"')
            .then(|| (format!("Set {name} with ="), from, to, " = ".into()))
    }

    fn double_quotes(&self, start: usize) -> Option<Fix> {
        let rest = &self.source[start + 1..];
        let text = rest.lines().next()?.split_once('\'')?.0;
        let end = start + text.len() + 2;
        let is_plain = !text.contains(['"', '\\']);
        is_plain.then(|| {
            (
                "Use double quotes".into(),
                start,
                end,
                format!("\"{text}\""),
            )
        })
    }

    /// A value of the wrong type: `start` to `end` is a text without its quotation marks, or
    /// another value from its first byte.
    fn value(&self, detail: &str, start: usize, end: usize) -> Option<Fix> {
        let text = self.source.get(start..end)?;
        let is_quoted = self.source[..start].ends_with('"') && self.source[end..].starts_with('"');
        let (from, to) = match is_quoted {
            true => (start - 1, end + 1),
            false => (start, end),
        };
        let change = |to_text: String| Some((format!("Change to {to_text}"), from, to, to_text));
        if detail.ends_with("a number is required.") || detail.ends_with("a number is required") {
            let digits: String = text
                .trim()
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            if !digits.is_empty() && is_quoted {
                return change(digits);
            }
            return change(self.default_number(from)?);
        }
        if detail.contains("bool required") || detail.ends_with("a bool is required") {
            return match text.to_ascii_lowercase().as_str() {
                "yes" | "on" | "1" | "y" => change("true".into()),
                "no" | "off" | "0" | "n" => change("false".into()),
                _ => None,
            };
        }
        if detail.contains("list of string required, but have string") && is_quoted {
            return change(format!("[\"{text}\"]"));
        }
        if detail.contains("string required, but have tuple") {
            let (_, attribute) = self.attribute(start)?;
            let list = self.file.value(attribute);
            let only = list.strip_prefix('[')?.strip_suffix(']')?.trim();
            let is_text = only.matches('"').count() == 2 && only.len() > 2;
            let is_one = is_text && only.starts_with('"') && only.ends_with('"');
            let title = format!("Change to {only}");
            return is_one.then(|| (title, start, start + list.len(), only.to_owned()));
        }
        let is_duration = detail.contains("Unsuitable duration value: time: ");
        let length = duration(text).filter(|_| is_duration && is_quoted)?;
        change(format!("\"{length}\""))
    }

    /// The default of the attribute whose value stands at this byte.
    fn default_number(&self, value: usize) -> Option<String> {
        let default = self.field(value)?.default;
        default.parse::<i64>().is_ok().then(|| default.to_owned())
    }

    /// The field that the attribute at this byte fills.
    pub(super) fn field(&self, at: usize) -> Option<&'static FieldSchema> {
        let (node, attribute) = self.attribute(at)?;
        Body::of(&self.file, node)
            .entry(attribute.name, false)?
            .field
    }

    /// The attribute at this byte, and the block that it stands in.
    pub(super) fn attribute(&self, at: usize) -> Option<(usize, &Attribute<'a>)> {
        let nodes = self.file.nodes.iter().enumerate();
        nodes.rev().find_map(|(node, each)| {
            let mut attributes = each.attributes.iter();
            let found = attributes.find(|each| each.name_span.0 <= at && at <= each.value.1);
            found.map(|found| (node, found))
        })
    }
}

/// The first text in quotation marks.
fn quoted(detail: &str) -> Option<&str> {
    Some(detail.split_once('"')?.1.split_once('"')?.0)
}

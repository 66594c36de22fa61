//! Reading YAML: block and flow collections, scalars of all styles, comments, anchors, aliases,
//! merge keys, the tags of the core types. One document; no complex keys (`? key`), no other tags.
//!
//! Time grows with the text: each line is looked at once. Aliases may make a value larger than its
//! text, so what they copy is counted.

use std::collections::BTreeMap;

use super::scalar::{self, Ends};
use crate::expression::{SIZE_MAX, Value};
use crate::functions;

/// Deepest nesting that is read.
const DEEPEST: usize = 60;

/// A line that is neither empty nor a comment.
struct Line<'a> {
    number: usize,
    indent: usize,
    text: &'a str,
}

pub(super) struct Reader<'a> {
    lines: Vec<Line<'a>>,
    at: usize,
    source: Vec<&'a str>,
    depth: usize,
    anchors: BTreeMap<String, Value>,
    /// Bytes that aliases have copied.
    copied: usize,
}

/// What may stand before a value: a name for it, and its type.
#[derive(Default)]
struct Properties<'a> {
    anchor: Option<&'a str>,
    tag: Option<&'a str>,
}

/// The value of a YAML text.
pub(in crate::functions) fn decode(text: &str) -> Result<Value, String> {
    let source: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    let mut lines = Vec::new();
    let mut ended = false;
    for (index, line) in source.iter().enumerate() {
        let content = without_comment(line).trim();
        let number = index + 1;
        let starts = lines.is_empty();
        match content {
            "" => continue,
            "---" if starts && !ended => continue,
            "..." if !starts => ended = true,
            directive if starts && directive.starts_with('%') => continue,
            _ if ended || (content == "---" && !line.starts_with(' ')) => {
                return Err(format!(
                    "on line {number}: unexpected extra content after value"
                ));
            }
            _ => {
                let indent = line.len() - line.trim_start_matches(' ').len();
                let text = content.strip_prefix("--- ").filter(|_| starts);
                let text = text.unwrap_or(content);
                lines.push(Line {
                    number,
                    indent,
                    text,
                });
            }
        }
    }
    let mut reader = Reader {
        lines,
        at: 0,
        source,
        depth: 0,
        anchors: BTreeMap::new(),
        copied: 0,
    };
    if reader.lines.is_empty() {
        return Ok(Value::Null);
    }
    let value = reader.block(0)?;
    match reader.lines.get(reader.at) {
        None => Ok(value),
        Some(line) => Err(format!("on line {}: unexpected content", line.number)),
    }
}

fn without_comment(line: &str) -> &str {
    let (mut quote, mut previous) = (None, ' ');
    for (at, character) in line.char_indices() {
        match (quote, character) {
            (None, '#') if previous == ' ' || previous == '\t' => return &line[..at],
            (None, '"' | '\'') if matches!(previous, ' ' | '[' | '{' | ',' | ':' | '\'') => {
                quote = Some(character);
            }
            (Some(open), _) if open == character && previous != '\\' => quote = None,
            _ => {}
        }
        previous = character;
    }
    line
}

/// Where `key: value` is split, outside quotes.
fn key_end(text: &str) -> Option<(String, &str)> {
    if text.starts_with(['"', '\'']) {
        let (key, rest) = scalar::quoted(text).ok()?;
        let rest = rest.trim_start().strip_prefix(':')?;
        return (rest.is_empty() || rest.starts_with(' ')).then(|| (key, rest.trim()));
    }
    if text.starts_with(['[', '{']) {
        return None;
    }
    match text.find(": ") {
        Some(at) => Some((text[..at].trim().to_owned(), text[at + 2..].trim())),
        None => text
            .strip_suffix(':')
            .map(|key| (key.trim().to_owned(), "")),
    }
}

fn is_item(text: &str) -> bool {
    text == "-" || text.starts_with("- ")
}

impl<'a> Reader<'a> {
    fn block(&mut self, indent: usize) -> Result<Value, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("nested too deeply".to_owned());
        }
        let Some(line) = self.lines.get(self.at) else {
            return Ok(Value::Null);
        };
        let (own, text, number) = (line.indent.max(indent), line.text, line.number);
        let value = if is_item(text) {
            self.list(own)
        } else if key_end(text).is_some() {
            self.map(own)
        } else {
            self.at += 1;
            self.value(text, number, own, own)
        };
        self.depth -= 1;
        value
    }

    fn list(&mut self, indent: usize) -> Result<Value, String> {
        let mut items = Vec::new();
        while let Some(line) = self.lines.get_mut(self.at) {
            if line.indent != indent || !is_item(line.text) {
                break;
            }
            let number = line.number;
            let rest = line.text[1..].trim_start();
            if is_item(rest) || key_end(rest).is_some() {
                // The rest of the line is a block of its own, further in.
                line.indent += line.text.len() - rest.len();
                line.text = rest;
                let inner = line.indent;
                items.push(self.block(inner)?);
            } else {
                self.at += 1;
                items.push(self.value(rest, number, indent + 1, indent + 1)?);
            }
        }
        Ok(Value::Tuple(items))
    }

    fn map(&mut self, indent: usize) -> Result<Value, String> {
        let mut members = BTreeMap::new();
        let mut merged = BTreeMap::new();
        while let Some(line) = self.lines.get(self.at) {
            let (number, text) = (line.number, line.text);
            if line.indent != indent {
                break;
            }
            let Some((key, rest)) = key_end(text) else {
                return Err(format!("on line {number}: could not find expected ':'"));
            };
            self.at += 1;
            // A list may stand at the indentation of its key.
            let next = self.lines.get(self.at);
            let same = next.is_some_and(|next| next.indent == indent && is_item(next.text));
            let least = if same { indent } else { indent + 1 };
            let value = self.value(rest, number, indent + 1, least)?;
            match key.as_str() {
                "<<" => merge(value, &mut merged)
                    .map_err(|reason| format!("on line {number}: {reason}"))?,
                _ => {
                    members.insert(key, value);
                }
            }
        }
        for (key, value) in merged {
            members.entry(key).or_insert(value);
        }
        Ok(Value::Object(members))
    }

    /// A value whose first line is this text: a scalar, a flow collection, or, when nothing is
    /// left but properties, what stands below and at least so far in.
    fn value(
        &mut self,
        text: &'a str,
        number: usize,
        indent: usize,
        nested: usize,
    ) -> Result<Value, String> {
        let (properties, text) = properties(text);
        let value = if text.is_empty() {
            match self.lines.get(self.at) {
                Some(line) if line.indent >= nested && line.number > number => {
                    let indent = line.indent;
                    self.block(indent)?
                }
                _ => Value::Null,
            }
        } else if text.starts_with(['|', '>']) {
            self.literal(text, number, indent)
        } else {
            self.lines_of(text, indent, properties.tag == Some("!!str"))?
        };
        let value = match properties.tag {
            Some(tag) => scalar::tagged(value, tag)?,
            None => value,
        };
        if let Some(anchor) = properties.anchor {
            self.anchors.insert(anchor.to_owned(), value.clone());
        }
        Ok(value)
    }

    /// A scalar or flow collection that may go on over further lines.
    fn lines_of(&mut self, text: &str, indent: usize, raw: bool) -> Result<Value, String> {
        let mut whole = text.to_owned();
        let is_plain = !text.starts_with(['[', '{', '"', '\'', '*']);
        let mut ends = Ends::default();
        ends.feed(text);
        while let Some(line) = self.lines.get(self.at) {
            let goes_on = is_plain || ends.is_open();
            if !goes_on || line.indent < indent || text.starts_with('*') {
                break;
            }
            if is_plain && key_end(line.text).is_some() {
                let number = line.number;
                let reason = "mapping values are not allowed in this context";
                return Err(format!("on line {number}: {reason}"));
            }
            whole.push(' ');
            whole.push_str(line.text);
            ends.feed(" ");
            ends.feed(line.text);
            self.at += 1;
        }
        if raw && is_plain {
            return Ok(Value::String(whole));
        }
        let (value, rest) = self.flow(&whole, 0, !is_plain)?;
        match rest.trim().is_empty() {
            true => Ok(value),
            false => Err("did not find expected end of collection".to_owned()),
        }
    }

    /// A flow collection or a scalar; `inside`: marks of collections end a plain scalar.
    fn flow<'t>(
        &mut self,
        text: &'t str,
        depth: usize,
        inside: bool,
    ) -> Result<(Value, &'t str), String> {
        if depth > DEEPEST {
            return Err("nested too deeply".to_owned());
        }
        let text = text.trim_start();
        if let Some(inner) = text.strip_prefix('[') {
            return self.flow_list(inner.trim_start(), depth);
        }
        if let Some(inner) = text.strip_prefix('{') {
            return self.flow_map(inner.trim_start(), depth);
        }
        if text.starts_with(['"', '\'']) {
            let (value, rest) = scalar::quoted(text)?;
            return Ok((Value::String(value), rest));
        }
        let marks: &[char] = if inside { &[',', ']', '}'] } else { &[] };
        let at = text.find(marks).unwrap_or(text.len());
        let plain = text[..at].trim();
        let value = match plain.strip_prefix('*') {
            Some(name) => self.alias(name)?,
            None => scalar::plain(plain)?,
        };
        Ok((value, &text[at..]))
    }

    fn flow_list<'t>(
        &mut self,
        mut rest: &'t str,
        depth: usize,
    ) -> Result<(Value, &'t str), String> {
        let mut items = Vec::new();
        loop {
            if let Some(rest) = rest.strip_prefix(']') {
                return Ok((Value::Tuple(items), rest));
            }
            let (item, after) = self.flow(rest, depth + 1, true)?;
            items.push(item);
            rest = separator(after, ']')?;
        }
    }

    fn flow_map<'t>(
        &mut self,
        mut rest: &'t str,
        depth: usize,
    ) -> Result<(Value, &'t str), String> {
        let mut members = BTreeMap::new();
        loop {
            if let Some(rest) = rest.strip_prefix('}') {
                return Ok((Value::Object(members), rest));
            }
            let (key, after) = match rest.starts_with(['"', '\'']) {
                true => scalar::quoted(rest)?,
                false => {
                    let at = rest
                        .find([':', ',', '}'])
                        .ok_or("did not find expected ':'")?;
                    (rest[..at].trim().to_owned(), &rest[at..])
                }
            };
            let (value, after) = match after.trim_start().strip_prefix(':') {
                Some(after) => self.flow(after, depth + 1, true)?,
                None => (Value::Null, after),
            };
            members.insert(key, value);
            rest = separator(after, '}')?;
        }
    }

    fn alias(&mut self, name: &str) -> Result<Value, String> {
        let value = self
            .anchors
            .get(name)
            .ok_or_else(|| format!("reference to undefined anchor \"{name}\""))?;
        self.copied = self.copied.saturating_add(functions::size(value));
        match self.copied <= SIZE_MAX {
            true => Ok(value.clone()),
            false => Err(format!("the aliases would exceed {SIZE_MAX} bytes")),
        }
    }

    /// `|` and `>`: the lines further in, as they are or joined.
    fn literal(&mut self, header: &str, number: usize, least: usize) -> Value {
        let given = header.chars().find_map(|each| each.to_digit(10));
        let mut base = given.map(|given| least.saturating_sub(1) + given as usize);
        let mut lines: Vec<&str> = Vec::new();
        let mut last = number;
        for (index, line) in self.source.iter().enumerate().skip(number) {
            let own = line.len() - line.trim_start_matches(' ').len();
            if line.trim().is_empty() {
                lines.push(line.get(base.unwrap_or(own)..).unwrap_or(""));
                continue;
            }
            let base = *base.get_or_insert(own);
            if own < least.max(1) || own < base {
                break;
            }
            lines.push(&line[base..]);
            last = index + 1;
        }
        while let Some(line) = self.lines.get(self.at)
            && line.number <= last
        {
            self.at += 1;
        }
        Value::String(scalar::literal(header, &lines))
    }
}

/// The anchor and the tag in front of a value, and the value.
fn properties(text: &str) -> (Properties<'_>, &str) {
    let mut found = Properties::default();
    let mut rest = text;
    while rest.starts_with(['&', '!']) {
        let end = rest.find(' ').unwrap_or(rest.len());
        match rest.strip_prefix('&') {
            Some(_) => found.anchor = Some(&rest[1..end]),
            None => found.tag = Some(&rest[..end]),
        }
        rest = rest[end..].trim_start();
    }
    (found, rest)
}

/// `<<`: the members of a map, or of several, of which the first counts.
fn merge(value: Value, into: &mut BTreeMap<String, Value>) -> Result<(), String> {
    let maps = match value {
        Value::Tuple(maps) => maps,
        map => vec![map],
    };
    for map in maps {
        let Value::Object(members) = map else {
            return Err("map merge requires map or sequence of maps as the value".to_owned());
        };
        for (key, value) in members {
            into.entry(key).or_insert(value);
        }
    }
    Ok(())
}

fn separator(text: &str, close: char) -> Result<&str, String> {
    let text = text.trim_start();
    match text.strip_prefix(',') {
        Some(rest) => Ok(rest.trim_start()),
        None if text.starts_with(close) => Ok(text),
        None => Err(format!("did not find expected ',' or '{close}'")),
    }
}

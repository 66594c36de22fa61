//! YAML: writing all of it that values need, reading the part that job files use (block and flow
//! collections, plain and quoted scalars, comments; no anchors, tags or several documents).

use super::encoding::json;
use crate::expression::{Number, Value};
use std::collections::BTreeMap;

/// The value as YAML: texts always in quotes, lists at the indentation of their key.
pub(super) fn encode(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, &mut text);
    text
}

fn write(value: &Value, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match (value.items(), value.members()) {
        (Some(items), _) if !items.is_empty() => {
            for item in items {
                text.push_str(&format!("{indent}- "));
                let mut inner = String::new();
                write(item, depth + 1, &mut inner);
                text.push_str(inner.trim_start_matches(' '));
            }
        }
        (_, Some(members)) if !members.is_empty() => {
            for (name, member) in members {
                text.push_str(&format!("{indent}{}:", quoted(name)));
                if is_nested(member) {
                    let deeper = usize::from(member.members().is_some());
                    text.push('\n');
                    write(member, depth + deeper, text);
                } else {
                    text.push(' ');
                    write(member, 0, text);
                }
            }
        }
        _ => {
            json(value, text);
            text.push('\n');
        }
    }
}

fn is_nested(value: &Value) -> bool {
    value.items().is_some_and(|items| !items.is_empty())
        || value.members().is_some_and(|members| !members.is_empty())
}

fn quoted(text: &str) -> String {
    let mut result = String::new();
    json(&Value::string(text), &mut result);
    result
}

/// A line that is neither empty nor a comment.
struct Line<'a> {
    number: usize,
    indent: usize,
    text: &'a str,
}

struct Reader<'a> {
    lines: Vec<Line<'a>>,
    at: usize,
    source: Vec<&'a str>,
    depth: usize,
}

/// The value of a YAML text.
pub(super) fn decode(text: &str) -> Result<Value, String> {
    let source: Vec<&str> = text.lines().collect();
    let lines = source.iter().enumerate().filter_map(|(index, line)| {
        let content = without_comment(line).trim();
        let skipped = content.is_empty() || content == "---";
        let indent = line.len() - line.trim_start_matches(' ').len();
        (!skipped).then_some(Line {
            number: index + 1,
            indent,
            text: content,
        })
    });
    let mut reader = Reader {
        lines: lines.collect(),
        at: 0,
        source,
        depth: 0,
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
            (None, '"' | '\'') if matches!(previous, ' ' | '[' | '{' | ',' | ':') => {
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
        let (key, rest) = quoted_scalar(text).ok()?;
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

impl<'a> Reader<'a> {
    fn block(&mut self, indent: usize) -> Result<Value, String> {
        self.depth += 1;
        if self.depth > 60 {
            return Err("nested too deeply".to_owned());
        }
        let Some(line) = self.lines.get(self.at) else {
            return Ok(Value::Null);
        };
        let (own, text) = (line.indent.max(indent), line.text);
        let value = if text == "-" || text.starts_with("- ") {
            self.list(own)
        } else if key_end(text).is_some() {
            self.map(own)
        } else {
            self.at += 1;
            self.scalar_lines(text, own)
        };
        self.depth -= 1;
        value
    }

    /// A scalar or flow collection that may go on over further lines.
    fn scalar_lines(&mut self, text: &str, indent: usize) -> Result<Value, String> {
        let mut whole = text.to_owned();
        while let Some(line) = self.lines.get(self.at) {
            let open = whole.starts_with(['[', '{']) && scalar(&whole).is_err();
            if !open || line.indent < indent {
                break;
            }
            whole.push(' ');
            whole.push_str(line.text);
            self.at += 1;
        }
        scalar(&whole)
    }

    fn list(&mut self, indent: usize) -> Result<Value, String> {
        let mut items = Vec::new();
        while let Some(line) = self.lines.get_mut(self.at) {
            if line.indent != indent || !(line.text == "-" || line.text.starts_with("- ")) {
                break;
            }
            let rest = line.text[1..].trim_start();
            if rest.is_empty() {
                self.at += 1;
                items.push(self.nested(indent + 1)?);
            } else {
                // The rest of the line is a block of its own, further in.
                line.indent += line.text.len() - rest.len();
                line.text = rest;
                let inner = line.indent;
                items.push(self.value_or_block(rest, inner)?);
            }
        }
        Ok(Value::Tuple(items))
    }

    fn value_or_block(&mut self, text: &'a str, indent: usize) -> Result<Value, String> {
        if text.starts_with(['|', '>']) {
            let number = self.lines[self.at].number;
            self.at += 1;
            return Ok(self.folded(text, number, indent));
        }
        self.block(indent)
    }

    fn nested(&mut self, least: usize) -> Result<Value, String> {
        match self.lines.get(self.at) {
            Some(line) if line.indent >= least => {
                let indent = line.indent;
                self.block(indent)
            }
            _ => Ok(Value::Null),
        }
    }

    fn map(&mut self, indent: usize) -> Result<Value, String> {
        let mut members = BTreeMap::new();
        while let Some(line) = self.lines.get(self.at) {
            let (number, text) = (line.number, line.text);
            if line.indent != indent {
                break;
            }
            let Some((key, rest)) = key_end(text) else {
                return Err(format!("on line {number}: could not find expected ':'"));
            };
            self.at += 1;
            let value = if rest.starts_with(['|', '>']) {
                self.folded(rest, number, indent + 1)
            } else if !rest.is_empty() {
                self.scalar_lines(rest, indent + 1)?
            } else {
                // A list may stand at the indentation of its key.
                let next = self.lines.get(self.at);
                let same = next.is_some_and(|next| {
                    next.indent == indent && (next.text == "-" || next.text.starts_with("- "))
                });
                self.nested(if same { indent } else { indent + 1 })?
            };
            members.insert(key, value);
        }
        Ok(Value::Object(members))
    }

    /// `|` and `>`: the lines further in, as they are or joined.
    fn folded(&mut self, introduction: &str, number: usize, least: usize) -> Value {
        let mut lines: Vec<&str> = Vec::new();
        let mut indent = None;
        let mut last = number;
        for (index, line) in self.source.iter().enumerate().skip(number) {
            let own = line.len() - line.trim_start_matches(' ').len();
            if line.trim().is_empty() {
                lines.push("");
                continue;
            }
            let base = *indent.get_or_insert(own);
            if own < least.max(1) || own < base {
                break;
            }
            lines.push(&line[base..]);
            last = index + 1;
        }
        while lines.last() == Some(&"") {
            lines.pop();
        }
        while self
            .lines
            .get(self.at)
            .is_some_and(|line| line.number <= last)
        {
            self.at += 1;
        }
        let separator = if introduction.starts_with('>') {
            " "
        } else {
            "\n"
        };
        let end = if introduction.contains('-') { "" } else { "\n" };
        Value::String(lines.join(separator) + end)
    }
}

/// A quoted scalar at the start of the text, and what follows it.
fn quoted_scalar(text: &str) -> Result<(String, &str), String> {
    let unterminated = || "found unexpected end of stream".to_owned();
    if let Some(inner) = text.strip_prefix('\'') {
        let mut result = String::new();
        let mut rest = inner;
        loop {
            let at = rest.find('\'').ok_or_else(unterminated)?;
            result.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            match rest.strip_prefix('\'') {
                Some(next) => {
                    result.push('\'');
                    rest = next;
                }
                None => return Ok((result, rest)),
            }
        }
    }
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => {
                let decoded = serde_json::from_str(&text[..=at]);
                let decoded = decoded.map_err(|_| "found unknown escape character".to_owned())?;
                return Ok((decoded, &text[at + 1..]));
            }
            _ => {}
        }
    }
    Err(unterminated())
}

fn scalar(text: &str) -> Result<Value, String> {
    if text.starts_with(['[', '{']) {
        let (value, rest) = flow(text, 0)?;
        return match rest.trim().is_empty() {
            true => Ok(value),
            false => Err("did not find expected end of collection".to_owned()),
        };
    }
    if text.starts_with(['"', '\'']) {
        let (value, rest) = quoted_scalar(text)?;
        return match rest.trim().is_empty() {
            true => Ok(Value::String(value)),
            false => Err("did not find expected key".to_owned()),
        };
    }
    if text.starts_with(['&', '*', '!', '%', '@', '`']) {
        return Err("anchors, aliases and tags are not supported here".to_owned());
    }
    Ok(plain(text))
}

fn plain(text: &str) -> Value {
    match text.to_ascii_lowercase().as_str() {
        "" | "~" | "null" => Value::Null,
        "true" | "yes" | "on" | "y" => Value::Boolean(true),
        "false" | "no" | "off" | "n" => Value::Boolean(false),
        _ => {
            let numeric =
                text.starts_with(|each: char| each.is_ascii_digit() || "+-.".contains(each));
            match Number::parse(text).filter(|_| numeric) {
                Some(number) => Value::Number(number),
                None => Value::string(text),
            }
        }
    }
}

fn flow(text: &str, depth: usize) -> Result<(Value, &str), String> {
    if depth > 60 {
        return Err("nested too deeply".to_owned());
    }
    let text = text.trim_start();
    if let Some(inner) = text.strip_prefix('[') {
        let mut items = Vec::new();
        let mut rest = inner.trim_start();
        loop {
            if let Some(rest) = rest.strip_prefix(']') {
                return Ok((Value::Tuple(items), rest));
            }
            let (item, after) = flow(rest, depth + 1)?;
            items.push(item);
            rest = separator(after, ']')?;
        }
    }
    if let Some(inner) = text.strip_prefix('{') {
        let mut members = BTreeMap::new();
        let mut rest = inner.trim_start();
        loop {
            if let Some(rest) = rest.strip_prefix('}') {
                return Ok((Value::Object(members), rest));
            }
            let (key, after) = match rest.starts_with(['"', '\'']) {
                true => quoted_scalar(rest)?,
                false => {
                    let at = rest
                        .find([':', ',', '}'])
                        .ok_or("did not find expected ':'")?;
                    (rest[..at].trim().to_owned(), &rest[at..])
                }
            };
            let (value, after) = match after.trim_start().strip_prefix(':') {
                Some(after) => flow(after, depth + 1)?,
                None => (Value::Null, after),
            };
            members.insert(key, value);
            rest = separator(after, '}')?;
        }
    }
    if text.starts_with(['"', '\'']) {
        let (value, rest) = quoted_scalar(text)?;
        return Ok((Value::String(value), rest));
    }
    let at = text
        .find([',', ']', '}'])
        .ok_or("did not find expected ',' or ']'")?;
    Ok((plain(text[..at].trim()), &text[at..]))
}

fn separator(text: &str, close: char) -> Result<&str, String> {
    let text = text.trim_start();
    match text.strip_prefix(',') {
        Some(rest) => Ok(rest.trim_start()),
        None if text.starts_with(close) => Ok(text),
        None => Err(format!("did not find expected ',' or '{close}'")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_reads() {
        let value = Value::from_json(&serde_json::json!({
            "a": 1, "b": ["x", {"c": true, "d": []}], "e": {"f": null}
        }));
        let text = encode(&value);
        assert_eq!(
            text,
            "\"a\": 1\n\"b\":\n- \"x\"\n- \"c\": true\n  \"d\": []\n\"e\":\n  \"f\": null\n"
        );
        assert_eq!(decode(&text), Ok(value));
        let read =
            decode("# list\nk: |\n  one\n  two\nl:\n  - y\n  - {a: 1, 'b': [2, x]}\n").unwrap();
        let expected = serde_json::json!({"k": "one\ntwo\n", "l": [true, {"a": 1, "b": [2, "x"]}]});
        assert_eq!(read.to_json(), expected);
    }
}

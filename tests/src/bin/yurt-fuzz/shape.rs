//! Changes that know the form of what they change: most of what comes out is a job again.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;
use yurt_model::Rng;

use crate::pick;

/// Parts of good job files, by the names they have there.
pub struct Pool {
    blocks: BTreeMap<String, Vec<String>>,
    values: BTreeMap<String, Vec<String>>,
}

/// A block of a text: its type, and where it is, from its type to its closing brace.
struct Block {
    kind: String,
    range: Range<usize>,
}

/// An attribute on a line of its own: its name, and where its value is.
struct Attribute {
    name: String,
    line: Range<usize>,
    value: Range<usize>,
}

impl Pool {
    /// Takes the good files apart.
    pub fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let (mut blocks, mut values) = (BTreeMap::new(), BTreeMap::new());
        for text in texts {
            for block in blocks_of(text) {
                let kind: &mut Vec<String> = blocks.entry(block.kind).or_default();
                kind.push(text[block.range].to_owned());
            }
            for attribute in attributes_of(text) {
                let name: &mut Vec<String> = values.entry(attribute.name).or_default();
                name.push(text[attribute.value].to_owned());
            }
        }
        Self { blocks, values }
    }

    /// One change that leaves a file a file.
    pub fn changed(&self, rng: &mut Rng, text: &str) -> String {
        let blocks: Vec<Block> = blocks_of(text)
            .into_iter()
            .filter(|block| block.kind != "job")
            .collect();
        let attributes = attributes_of(text);
        let choice = pick(rng, 12);
        if choice < 5 && !blocks.is_empty() {
            return self.with_block(rng, text, &blocks, choice);
        }
        if attributes.is_empty() {
            return text.to_owned();
        }
        let attribute = &attributes[pick(rng, attributes.len())];
        let value = &text[attribute.value.clone()];
        if choice == 11 {
            return with(text, attribute.line.clone(), "");
        }
        let new = match choice {
            5..=7 => match self.values.get(&attribute.name) {
                Some(same) => same[pick(rng, same.len())].clone(),
                None => other(rng, value),
            },
            8 => expression(rng, value),
            9 => return as_variable(rng, text, attribute),
            _ => other(rng, value),
        };
        with(text, attribute.value.clone(), &new)
    }

    fn with_block(&self, rng: &mut Rng, text: &str, blocks: &[Block], choice: usize) -> String {
        let block = &blocks[pick(rng, blocks.len())];
        let own = &text[block.range.clone()];
        let same = &self.blocks.get(&block.kind);
        let taken = same.map_or(own, |same| &same[pick(rng, same.len())]);
        match choice {
            0 | 1 => with(text, block.range.clone(), taken),
            2 => {
                let renamed = renamed(rng, taken);
                let at = block.range.end;
                with(text, at..at, &format!("\n{renamed}"))
            }
            3 => with(text, block.range.clone(), ""),
            // Any block, at the end of another: not always allowed there.
            _ => {
                let kinds = self.blocks.len();
                let Some(any) = self.blocks.values().nth(pick(rng, kinds)) else {
                    return text.to_owned();
                };
                let at = block.range.end - 1;
                with(text, at..at, &format!("\n{}\n", any[pick(rng, any.len())]))
            }
        }
    }
}

fn with(text: &str, range: Range<usize>, new: &str) -> String {
    format!("{}{new}{}", &text[..range.start], &text[range.end..])
}

/// Blocks that open at the end of a line, by counting braces: what people write.
fn blocks_of(text: &str) -> Vec<Block> {
    let (mut open, mut found, mut at) = (Vec::new(), Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        let start = at + (line.len() - line.trim_start().len());
        if bare.ends_with('{') {
            open.push((
                bare.split([' ', '\t', '"']).next().unwrap_or_default(),
                start,
            ));
        } else if bare.starts_with('}')
            && let Some((kind, from)) = open.pop()
            && kind
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
            && !kind.is_empty()
        {
            let (kind, range) = (kind.to_owned(), from..start + 1);
            found.push(Block { kind, range });
        }
        at += line.len();
    }
    found
}

/// Attributes with a value of one line.
fn attributes_of(text: &str) -> Vec<Attribute> {
    let (mut found, mut at) = (Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        if let Some((name, value)) = line.split_once('=')
            && !value.starts_with(['=', '>'])
            && !value.trim_end().ends_with(['{', '[', '(', ','])
            && !value.contains("<<")
            && name
                .trim()
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        {
            let from = at + line.len() - value.trim_start().len();
            found.push(Attribute {
                name: name.trim().to_owned(),
                line: at..at + line.len(),
                value: from..from + value.trim().len(),
            });
        }
        at += line.len();
    }
    found
}

/// A value like it.
fn other(rng: &mut Rng, value: &str) -> String {
    let numbers = [
        "0",
        "1",
        "2",
        "7",
        "100",
        "4096",
        "-1",
        "1.5",
        "100000",
        "2147483648",
    ];
    let texts = [
        "\"\"",
        "\"x\"",
        "\"30s\"",
        "\"1h\"",
        "\"0s\"",
        "\"-1s\"",
        "\"a b\"",
        "\"${meta.rack}\"",
        "\"${attr.kernel.name}\"",
        "\"dc1\"",
        "\"*\"",
        "\"host\"",
        "\"delay\"",
        "\"fail\"",
    ];
    let any = ["true", "false", "null", "[]", "{}", "[\"a\", \"b\"]"];
    let from: &[&str] = match value.as_bytes().first() {
        Some(b'0'..=b'9' | b'-') => &numbers,
        Some(b'"') => &texts,
        Some(b't' | b'f') => &any[..2],
        _ => &any,
    };
    from[pick(rng, from.len())].to_owned()
}

/// The same value by another road.
fn expression(rng: &mut Rng, value: &str) -> String {
    match pick(rng, 6) {
        0 => format!("[{value}][0]"),
        1 => format!("true ? {value} : {value}"),
        2 => format!("({value})"),
        3 => format!("try({value}, {value})"),
        4 => format!("{{ a = {value} }}[\"a\"]"),
        _ => format!("[for each in [{value}] : each][0]"),
    }
}

/// The value as the default of a variable, or as a local.
fn as_variable(rng: &mut Rng, text: &str, attribute: &Attribute) -> String {
    let name = format!("v{}", pick(rng, 1000));
    let value = &text[attribute.value.clone()];
    let (place, declared) = match pick(rng, 2) {
        0 => (
            "var",
            format!("\nvariable \"{name}\" {{\n  default = {value}\n}}\n"),
        ),
        _ => ("local", format!("\nlocals {{\n  {name} = {value}\n}}\n")),
    };
    with(text, attribute.value.clone(), &format!("{place}.{name}")) + &declared
}

/// The block with another label, where it has one.
fn renamed(rng: &mut Rng, block: &str) -> String {
    let head = block.lines().next().unwrap_or_default().len();
    match (block[..head].find('"'), block[..head].rfind('"')) {
        (Some(from), Some(to)) if from < to => with(block, to..to, &format!("-{}", pick(rng, 100))),
        _ => block.to_owned(),
    }
}

/// Variables of a file with values for them, as `-var-file` has them; often none.
pub fn variables_for(rng: &mut Rng, text: &str) -> String {
    if pick(rng, 3) > 0 {
        return String::new();
    }
    let values = [
        "1",
        "\"x\"",
        "true",
        "[\"a\"]",
        "{ a = 1 }",
        "null",
        "<<E\nx\nE",
    ];
    let names = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("variable \"")?.split('"').next());
    names
        .chain(["x"])
        .map(|name| format!("{name} = {}\n", values[pick(rng, values.len())]))
        .collect()
}

/// One change somewhere in a JSON value.
pub fn changed_json(rng: &mut Rng, value: &mut Value) {
    let inner = match value {
        Value::Object(fields) if !fields.is_empty() => fields.len(),
        Value::Array(items) if !items.is_empty() => items.len(),
        _ => 0,
    };
    // Deep inside rather than at the root.
    if inner > 0 && pick(rng, 12) > 0 {
        let which = pick(rng, inner);
        match value {
            Value::Object(fields) => {
                if pick(rng, 24) == 0 {
                    let name = fields.keys().nth(which).cloned().unwrap_or_default();
                    fields.shift_remove(&name);
                } else if let Some(value) = fields.values_mut().nth(which) {
                    changed_json(rng, value);
                }
            }
            Value::Array(items) => match pick(rng, 10) {
                0 => drop(items.remove(which)),
                1 => items.push(items[which].clone()),
                _ => changed_json(rng, &mut items[which]),
            },
            _ => {}
        }
        return;
    }
    *value = scalar(rng, value);
}

fn scalar(rng: &mut Rng, value: &Value) -> Value {
    let numbers = [
        0,
        1,
        2,
        5,
        100,
        -1,
        30_000_000_000,
        10_000_000,
        i64::MAX,
        i64::MIN,
    ];
    let texts = [
        "", "x", "docs", "service", "batch", "30s", "*", "0", "é", "running", "failed",
    ];
    match (value, pick(rng, 8)) {
        (_, 0) => Value::Null,
        (Value::Number(_), 1..=6) => numbers[pick(rng, numbers.len())].into(),
        (Value::String(_), 1..=6) => texts[pick(rng, texts.len())].into(),
        (Value::Bool(is), 1..=6) => (!is).into(),
        (_, 1) => 1.into(),
        (_, 2) => "x".into(),
        (_, 3) => true.into(),
        (_, 4) => Value::Array(Vec::new()),
        (_, 5) => Value::Object(serde_json::Map::new()),
        _ => value.clone(),
    }
}

/// One change to the lines of a text: values of the same line, or lines that move.
pub fn changed_lines(rng: &mut Rng, text: &str) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    if lines.is_empty() {
        return String::new();
    }
    let (a, b) = (pick(rng, lines.len()), pick(rng, lines.len()));
    match pick(rng, 8) {
        0 => drop(lines.remove(a)),
        1 => lines.swap(a, b),
        2 => lines.insert(b, lines[a].clone()),
        _ => {
            let digits = ["0", "1", "5", "99", "-1", "1000000", "99999999999999999999"];
            let words: Vec<&str> = lines[a].split(' ').collect();
            let which = pick(rng, words.len());
            let has_digit = words[which].contains(|letter: char| letter.is_ascii_digit());
            let new = match pick(rng, 3) {
                0 if has_digit => digits[pick(rng, digits.len())],
                0 => "",
                _ => words[pick(rng, words.len())],
            };
            let mut words = words.clone();
            words[which] = new;
            lines[a] = words.join(" ");
            if !lines[a].ends_with('\n') {
                lines[a].push('\n');
            }
        }
    }
    lines.concat()
}

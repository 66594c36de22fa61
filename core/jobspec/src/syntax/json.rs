//! JSON text with ranges: what HCL's JSON form and JSON variable files are read from.

use super::MAXIMUM_DEPTH;
use crate::diagnostics::{Diagnostic, Position, Range, Stage};

/// A JSON value and where it stands.
#[derive(Debug, Clone)]
pub struct Node {
    /// The value.
    pub value: Json,
    /// Where it stands.
    pub range: Range,
}

/// A JSON value.
#[derive(Debug, Clone)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number as written.
    Number(String),
    /// A text, escapes resolved.
    Text(String),
    /// `[...]`.
    List(Vec<Node>),
    /// `{...}`: names, where they stand, and values.
    Object(Vec<(String, Range, Node)>),
}

struct Reader<'a> {
    source: &'a str,
    position: Position,
    depth: usize,
}

type Problem = (Range, &'static str, String);

/// Reads a whole JSON text.
pub fn parse(source: &str, file: &str, stage: Stage) -> Result<Node, Box<Diagnostic>> {
    let start = if source.starts_with('\u{feff}') { 3 } else { 0 };
    let position = Position {
        byte: start,
        line: 1,
        column: 1,
    };
    let mut reader = Reader {
        source,
        position,
        depth: 0,
    };
    let result = reader.value().and_then(|node| {
        reader.space();
        match reader.rest().is_empty() {
            true => Ok(node),
            false => {
                let detail = "Extra data appears after the JSON value.".to_owned();
                Err((reader.here(1), "Extraneous data after value", detail))
            }
        }
    });
    result.map_err(|(range, summary, detail)| {
        Box::new(Diagnostic::error(stage, file, range, summary, detail))
    })
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.source[self.position.byte..]
    }

    fn advance(&mut self, bytes: usize) {
        let text = &self.source[self.position.byte..self.position.byte + bytes];
        match text.rfind('\n') {
            Some(last) => {
                self.position.line += text.matches('\n').count();
                self.position.column = 1 + super::column_count(&text[last + 1..]);
            }
            None => self.position.column += super::column_count(text),
        }
        self.position.byte += bytes;
    }

    fn space(&mut self) {
        let rest = self.rest();
        let bytes = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        self.advance(bytes);
    }

    fn here(&self, characters: usize) -> Range {
        let bytes: usize = self
            .rest()
            .chars()
            .take(characters)
            .map(char::len_utf8)
            .sum();
        let start = self.position;
        let end = Position {
            byte: start.byte + bytes,
            line: start.line,
            column: start.column + bytes,
        };
        Range { start, end }
    }

    fn since(&self, start: Position) -> Range {
        Range {
            start,
            end: self.position,
        }
    }

    fn value(&mut self) -> Result<Node, Problem> {
        self.space();
        if self.depth >= MAXIMUM_DEPTH {
            return Err((self.here(1), "Nesting too deep", super::TOO_DEEP.to_owned()));
        }
        self.depth += 1;
        let start = self.position;
        let value = match self.rest().chars().next() {
            Some('{') => self.object(),
            Some('[') => self.list(),
            Some('"') => self.text().map(Json::Text),
            Some('-' | '0'..='9') => self.number(),
            Some(letter) if letter.is_ascii_alphabetic() => self.keyword(),
            None => Err((
                self.here(0),
                "Missing JSON value",
                "A JSON value must start with a brace, a bracket, a number, a string, or a \
                 keyword."
                    .to_owned(),
            )),
            Some(_) => Err((
                self.here(1),
                "Invalid start of value",
                "A JSON value must start with a brace, a bracket, a number, a string, or a \
                 keyword."
                    .to_owned(),
            )),
        }?;
        self.depth -= 1;
        Ok(Node {
            value,
            range: self.since(start),
        })
    }

    fn keyword(&mut self) -> Result<Json, Problem> {
        let rest = self.rest();
        let length = rest
            .find(|each: char| !each.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        let (word, range) = (rest[..length].to_owned(), self.here(length));
        self.advance(length);
        match word.as_str() {
            "true" => Ok(Json::Boolean(true)),
            "false" => Ok(Json::Boolean(false)),
            "null" => Ok(Json::Null),
            _ => {
                let detail = format!("\"{word}\" is not a valid JSON keyword.");
                Err((range, "Invalid JSON keyword", detail))
            }
        }
    }

    fn number(&mut self) -> Result<Json, Problem> {
        let rest = self.rest();
        let part = |each: char| matches!(each, '0'..='9' | '-' | '+' | '.' | 'e' | 'E');
        let length = rest.find(|each| !part(each)).unwrap_or(rest.len());
        let (text, range) = (rest[..length].to_owned(), self.here(length));
        self.advance(length);
        if !is_number(&text) {
            let detail = "There is a syntax error in the given JSON number.".to_owned();
            return Err((range, "Invalid JSON number", detail));
        }
        Ok(Json::Number(text))
    }

    fn text(&mut self) -> Result<String, Problem> {
        let rest = self.rest();
        let mut escaped = false;
        let mut end = None;
        for (byte, character) in rest.char_indices().skip(1) {
            match character {
                '\n' => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => {
                    end = Some(byte + 1);
                    break;
                }
                _ => {}
            }
        }
        let Some(end) = end else {
            let detail = "There is no closing quote for this string.".to_owned();
            return Err((self.here(1), "Unterminated string", detail));
        };
        let decoded = serde_json::from_str(&rest[..end]);
        let range = self.here(1);
        self.advance(end);
        decoded.map_err(|_| {
            (
                range,
                "Invalid JSON string",
                "The string holds an invalid escape.".to_owned(),
            )
        })
    }

    /// Takes the comma, which nothing may close behind.
    fn comma(&mut self, close: char, what: &str, item: &str) -> Result<(), Problem> {
        let range = self.here(1);
        self.advance(1);
        self.space();
        match self.rest().starts_with(close) {
            false => Ok(()),
            true => Err((
                range,
                match what {
                    "array" => "Trailing comma in array",
                    _ => "Trailing comma in object",
                },
                format!(
                    "JSON does not permit a trailing comma after the final {item} in an {what}."
                ),
            )),
        }
    }

    fn list(&mut self) -> Result<Json, Problem> {
        self.advance(1);
        let mut items = Vec::new();
        loop {
            self.space();
            if self.rest().starts_with(']') {
                self.advance(1);
                return Ok(Json::List(items));
            }
            items.push(self.value()?);
            self.space();
            if self.rest().starts_with(',') {
                self.comma(']', "array", "element")?;
            } else if !self.rest().starts_with(']') {
                let detail = "A comma must separate each item of an array.".to_owned();
                return Err((self.here(1), "Missing array element separator", detail));
            }
        }
    }

    fn object(&mut self) -> Result<Json, Problem> {
        self.advance(1);
        let mut members = Vec::new();
        loop {
            self.space();
            if self.rest().starts_with('}') {
                self.advance(1);
                return Ok(Json::Object(members));
            }
            if !self.rest().starts_with('"') {
                let detail = "A JSON object must have a quoted name for each property.".to_owned();
                return Err((self.here(1), "Invalid object property name", detail));
            }
            let start = self.position;
            let name = self.text()?;
            let range = self.since(start);
            self.space();
            if !self.rest().starts_with(':') {
                let detail = "A colon must stand between the property's name and value.".to_owned();
                return Err((self.here(1), "Missing property value", detail));
            }
            self.advance(1);
            let value = self.value()?;
            members.push((name, range, value));
            self.space();
            if self.rest().starts_with(',') {
                self.comma('}', "object", "property")?;
            } else if !self.rest().starts_with('}') {
                let detail = "A comma must separate each property of an object.".to_owned();
                return Err((self.here(1), "Missing attribute separator", detail));
            }
        }
    }
}

/// Digits without a zero in front, then perhaps a fraction, then perhaps an exponent.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|each| each.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (text, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let zeros = whole.len() > 1 && whole.starts_with('0');
    digits(whole) && !zeros && digits(fraction) && digits(exponent)
}

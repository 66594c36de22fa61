//! Scalars of YAML: plain, quoted, literal and folded.

use crate::expression::{Number, Type, Value, convert};

/// Follows a quoted scalar or a flow collection over its lines.
#[derive(Default)]
pub(super) struct Ends {
    depth: usize,
    quote: Option<char>,
    escaped: bool,
    previous: Option<char>,
}

impl Ends {
    /// Takes the next piece of text.
    pub(super) fn feed(&mut self, text: &str) {
        for letter in text.chars() {
            let starts = self
                .previous
                .is_none_or(|previous| " [{,:'".contains(previous));
            match (self.quote, letter) {
                _ if self.escaped => self.escaped = false,
                (Some('"'), '\\') => self.escaped = true,
                (Some(open), _) if open == letter => self.quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') if starts => self.quote = Some(letter),
                (None, '[' | '{') => self.depth += 1,
                (None, ']' | '}') => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            self.previous = Some(letter);
        }
    }

    /// Is something still to be closed?
    pub(super) fn is_open(&self) -> bool {
        self.depth > 0 || self.quote.is_some()
    }
}

/// A quoted scalar at the start of the text, and what follows it.
pub(super) fn quoted(text: &str) -> Result<(String, &str), String> {
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
    let mut result = String::new();
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok((result, &text[at + 1..])),
            '\\' => {
                let (_, letter) = letters.next().ok_or_else(unterminated)?;
                let digits = match letter {
                    'x' => 2,
                    'u' => 4,
                    'U' => 8,
                    _ => 0,
                };
                let code = letters.by_ref().take(digits).map(|(_, digit)| digit);
                let code: String = code.collect();
                let made = match digits {
                    0 => escape(letter),
                    _ => u32::from_str_radix(&code, 16).ok().and_then(char::from_u32),
                };
                result.push(made.ok_or("found unknown escape character")?);
            }
            letter => result.push(letter),
        }
    }
    Err(unterminated())
}

fn escape(letter: char) -> Option<char> {
    Some(match letter {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        ' ' | '"' | '/' | '\\' => letter,
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        _ => return None,
    })
}

/// A plain scalar: null, a truth value of YAML 1.1, a number, or a text.
pub(super) fn plain(text: &str) -> Result<Value, String> {
    if text.starts_with(['&', '!', '%', '@', '`']) {
        return Err(format!(
            "found character that cannot start any token in {text}"
        ));
    }
    Ok(match text.to_ascii_lowercase().as_str() {
        "" | "~" | "null" => Value::Null,
        "true" | "yes" | "on" | "y" => Value::Boolean(true),
        "false" | "no" | "off" | "n" => Value::Boolean(false),
        ".inf" | "+.inf" => Value::Number(Number::infinity(false)),
        "-.inf" => Value::Number(Number::infinity(true)),
        _ => number(text).map_or_else(|| Value::string(text), Value::Number),
    })
}

/// A number: decimal, or `0x`, `0o`, `0b` and a leading zero for other bases; `_` between digits.
fn number(text: &str) -> Option<Number> {
    let digit = |text: &str| text.starts_with(|each: char| each.is_ascii_digit());
    let unsigned = text.trim_start_matches(['+', '-']);
    let fraction = unsigned.strip_prefix('.').is_some_and(digit);
    if text.len() - unsigned.len() > 1 || !(digit(unsigned) || fraction) {
        return None;
    }
    let joined = unsigned.replace('_', "");
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let based = |prefix: &str, base| {
        let digits = joined.strip_prefix(prefix)?;
        i64::from_str_radix(digits, base)
            .ok()
            .filter(|_| !digits.starts_with(['+', '-']))
    };
    let whole = based("0x", 16)
        .or_else(|| based("0o", 8))
        .or_else(|| based("0b", 2))
        .or_else(|| based("0", 8));
    if let Some(whole) = whole {
        return Some((sign * whole).into());
    }
    let signed = if sign < 0 {
        format!("-{joined}")
    } else {
        joined
    };
    Number::parse(&signed)
}

/// A value of the type that a tag names.
pub(super) fn tagged(value: Value, tag: &str) -> Result<Value, String> {
    let wanted = match tag {
        "!!str" => Type::String,
        "!!int" | "!!float" => Type::Number,
        "!!bool" => Type::Boolean,
        "!!null" => return Ok(Value::Null),
        "!!map" | "!!seq" => Type::Dynamic,
        _ => return Err(format!("unsupported tag \"{tag}\"")),
    };
    convert(&value, &wanted)
}

/// The text of `|` (as it is) or `>` (lines joined), its end as the header says: `-` none, `+` all.
pub(super) fn literal(header: &str, lines: &[&str]) -> String {
    let content = lines.iter().rposition(|line| !line.trim().is_empty());
    let content = content.map_or(0, |last| last + 1);
    let mut text = match header.starts_with('>') {
        true => folded(&lines[..content]),
        false => lines[..content].join("\n"),
    };
    if content > 0 && !header.contains('-') {
        text.push('\n');
    }
    if header.contains('+') {
        text.push_str(&"\n".repeat(lines.len() - content));
    }
    text
}

/// Lines joined by blanks, except around those that are further in; an empty line is a line break.
fn folded(lines: &[&str]) -> String {
    let mut text = String::new();
    let mut previous: Option<&str> = None;
    let further = |line: &str| line.starts_with([' ', '\t']);
    for line in lines {
        match previous {
            None => {}
            Some(before) if line.is_empty() || before.is_empty() => {
                let keeps = further(before) || further(line);
                if line.is_empty() || keeps {
                    text.push('\n');
                }
            }
            Some(before) if further(before) || further(line) => text.push('\n'),
            Some(_) => text.push(' '),
        }
        text.push_str(line);
        previous = Some(line);
    }
    text
}

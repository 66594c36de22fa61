//! `format` and `formatlist`.

use super::encoding::json;
use super::{
    Call, Failure, Function, Kind, failed, function, nullable, parameter, unsuitable, within_bounds,
};
use crate::expression::{Number, Type, Value, convert};

pub(super) static TABLE: &[Function] = &[
    function(
        "format",
        &[parameter("format", Kind::String)],
        Some(nullable("args", Kind::Any)),
        "The text with verbs such as `%s` and `%03d` replaced by the arguments.",
        |call| {
            text(call.text(0), &call.arguments[1..])
                .map(Value::String)
                .or_else(failed)
        },
    ),
    function(
        "formatlist",
        &[parameter("format", Kind::String)],
        Some(nullable("args", Kind::Any)),
        "One text for each item of the lists.",
        list,
    ),
];

fn list(call: &Call<'_>) -> Result<Value, Failure> {
    let arguments = &call.arguments[1..];
    let mut length = None;
    for (at, argument) in arguments.iter().enumerate() {
        let Some(items) = argument.items() else {
            continue;
        };
        match length {
            None => length = Some(items.len()),
            Some(other) if other != items.len() => {
                let reason = format!(
                    "argument {} has length {}, which is inconsistent with argument 1 of length \
                     {other}",
                    at + 1,
                    items.len()
                );
                return unsuitable(at + 1, "args", reason);
            }
            _ => {}
        }
    }
    let mut texts = Vec::new();
    let mut bytes = 0;
    for row in 0..length.unwrap_or(1) {
        let row: Vec<Value> = arguments
            .iter()
            .map(|each| {
                each.items()
                    .map_or_else(|| each.clone(), |items| items[row].clone())
            })
            .collect();
        match text(call.text(0), &row) {
            Ok(line) => {
                bytes += line.len();
                within_bounds(bytes).map_err(Failure::Call)?;
                texts.push(Value::String(line));
            }
            Err(reason) => return failed(format!("error on format iteration 0: {reason}")),
        }
    }
    Ok(Value::List(texts, Box::new(Type::String)))
}

/// One verb: `%-05.2f`.
#[derive(Default)]
struct Verb<'a> {
    raw: &'a str,
    letter: char,
    sharp: bool,
    zero: bool,
    minus: bool,
    plus: bool,
    space: bool,
    width: usize,
    precision: Option<usize>,
}

fn text(format: &str, arguments: &[Value]) -> Result<String, String> {
    let mut result = String::new();
    let (mut next, mut used) = (0, 0);
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        result.push_str(&rest[..at]);
        let offset = format.len() - rest.len() + at;
        let (verb, index, length) = verb(&rest[at..], offset)?;
        rest = &rest[at + length..];
        if verb.letter == '%' {
            result.push('%');
            continue;
        }
        let position = index.unwrap_or(next);
        next = position + 1;
        used = used.max(next);
        let Some(argument) = arguments.get(position) else {
            return Err(format!(
                "not enough arguments for \"{}\" at {offset}: need index {next} but have {} total",
                verb.raw,
                arguments.len()
            ));
        };
        let part = apply(&verb, argument).map_err(|reason| match reason {
            Some(reason) => {
                format!(
                    "unsupported value for \"{}\" at {offset}: {reason}",
                    verb.raw
                )
            }
            None => format!(
                "unsupported format verb '{}' in \"{}\" at offset {offset}",
                verb.letter, verb.raw
            ),
        })?;
        within_bounds(result.len() + part.len())?;
        result.push_str(&part);
    }
    within_bounds(result.len() + rest.len())?;
    result.push_str(rest);
    if used < arguments.len() {
        return Err(match used {
            0 => "too many arguments; no verbs in format string".to_owned(),
            _ => format!("too many arguments; only {used} used by format string"),
        });
    }
    Ok(result)
}

/// Reads one verb at the start of the text: what it is, which argument it names, its length.
fn verb(text: &str, offset: usize) -> Result<(Verb<'_>, Option<usize>, usize), String> {
    let mut verb = Verb::default();
    let mut index = None;
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some(&(at, character)) = characters.peek() {
        match character {
            '#' => verb.sharp = true,
            '0' => verb.zero = true,
            '-' => verb.minus = true,
            '+' => verb.plus = true,
            ' ' => verb.space = true,
            '1'..='9' => {
                verb.width = digits(&mut characters);
                continue;
            }
            '.' => {
                characters.next();
                verb.precision = Some(digits(&mut characters));
                continue;
            }
            '[' => {
                characters.next();
                index = digits(&mut characters).checked_sub(1);
                if characters.peek().is_none_or(|(_, each)| *each != ']') || index.is_none() {
                    return Err(format!("invalid argument index at offset {offset}"));
                }
            }
            letter => {
                let length = at + letter.len_utf8();
                verb.letter = letter;
                verb.raw = &text[..length];
                return Ok((verb, index, length));
            }
        }
        characters.next();
    }
    Err(format!(
        "unterminated format sequence starting at offset {offset}"
    ))
}

type Characters<'a> = std::iter::Peekable<std::iter::Skip<std::str::CharIndices<'a>>>;

/// A number without sign, at most 10,000.
fn digits(characters: &mut Characters<'_>) -> usize {
    let mut value = 0usize;
    while let Some(digit) = characters.peek().and_then(|(_, each)| each.to_digit(10)) {
        value = (value * 10 + digit as usize).min(10_000);
        characters.next();
    }
    value
}

fn apply(verb: &Verb<'_>, value: &Value) -> Result<String, Option<String>> {
    let number = |value: &Value| match convert(value, &Type::Number)? {
        Value::Number(number) => Ok(number),
        _ => Err("must not be null".to_owned()),
    };
    let part = match verb.letter {
        'v' if verb.sharp => encoded(value),
        'v' => match value {
            Value::String(text) => return Ok(pad(verb, text.clone(), false)),
            Value::Number(number) => return Ok(pad(verb, signed(verb, number.to_string()), true)),
            other => encoded(other),
        },
        't' => match convert(value, &Type::Boolean).map_err(Some)? {
            Value::Boolean(value) => value.to_string(),
            _ => return Err(Some("must not be null".into())),
        },
        's' | 'q' => {
            let Value::String(mut text) = convert(value, &Type::String).map_err(Some)? else {
                return Err(Some("must not be null".into()));
            };
            if let Some(precision) = verb.precision {
                text = super::text::first_clusters(&text, precision).to_owned();
            }
            match verb.letter {
                'q' => encoded(&Value::String(text)),
                _ => text,
            }
        }
        'b' | 'd' | 'o' | 'x' | 'X' => {
            let whole = number(value).map_err(Some)?.truncated();
            let text = match (verb.letter, whole.to_i128()) {
                ('d', _) | (_, None) => whole.to_string(),
                (letter, Some(whole)) => radix(letter, whole),
            };
            return Ok(pad(verb, signed(verb, text), true));
        }
        'e' | 'E' | 'f' | 'g' | 'G' => {
            let number = number(value).map_err(Some)?;
            return Ok(pad(verb, signed(verb, floating(verb, &number)), true));
        }
        _ => return Err(None),
    };
    Ok(pad(verb, part, false))
}

fn encoded(value: &Value) -> String {
    let mut text = String::new();
    json(value, &mut text);
    text
}

fn radix(letter: char, whole: i128) -> String {
    let size = whole.unsigned_abs();
    let digits = match letter {
        'b' => format!("{size:b}"),
        'o' => format!("{size:o}"),
        'x' => format!("{size:x}"),
        _ => format!("{size:X}"),
    };
    if whole < 0 {
        format!("-{digits}")
    } else {
        digits
    }
}

fn floating(verb: &Verb<'_>, number: &Number) -> String {
    let value = number.to_f64();
    let precision = verb.precision;
    let text = match verb.letter {
        'f' => return format!("{value:.*}", precision.unwrap_or(6)),
        'e' | 'E' => format!("{value:.*e}", precision.unwrap_or(6)),
        _ => {
            let exponent = if value == 0.0 {
                0
            } else {
                libm::floor(libm::log10(value.abs())) as i64
            };
            let limit = precision.map_or(21, |each| each.max(1) as i64);
            if exponent >= -4 && exponent < limit {
                return match precision {
                    None => number.to_string(),
                    Some(_) => {
                        let places = (limit - 1 - exponent).max(0) as usize;
                        let text = format!("{value:.places$}");
                        match text.contains('.') {
                            true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
                            false => text,
                        }
                    }
                };
            }
            format!("{value:e}")
        }
    };
    // An exponent has a sign and at least two digits.
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, size) = match exponent.strip_prefix('-') {
        Some(size) => ('-', size),
        None => ('+', exponent),
    };
    let letter = if verb.letter.is_uppercase() { 'E' } else { 'e' };
    format!("{digits}{letter}{sign}{size:0>2}")
}

fn signed(verb: &Verb<'_>, text: String) -> String {
    match text.starts_with('-') {
        false if verb.plus => format!("+{text}"),
        false if verb.space => format!(" {text}"),
        _ => text,
    }
}

fn pad(verb: &Verb<'_>, text: String, number: bool) -> String {
    let missing = verb
        .width
        .saturating_sub(crate::syntax::column_count(&text));
    if missing == 0 {
        return text;
    }
    if verb.minus {
        return text + &" ".repeat(missing);
    }
    if verb.zero && number {
        let sign = text.len() - text.trim_start_matches(['-', '+', ' ']).len();
        return format!("{}{}{}", &text[..sign], "0".repeat(missing), &text[sign..]);
    }
    " ".repeat(missing) + &text
}

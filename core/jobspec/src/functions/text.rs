//! Functions on texts.

use super::{
    Call, Failure, Function, Kind, LONGEST_TEXT, failed, function, items_within_bounds, parameter,
    within_bounds,
};
use crate::expression::Value;
use crate::syntax::{cluster_starts, column_count};

const TEXT: super::Parameter = parameter("str", Kind::String);

pub(super) static TABLE: &[Function] = &[
    function(
        "lower",
        &[TEXT],
        None,
        "The text in small letters.",
        |call| Ok(Value::String(call.text(0).to_lowercase())),
    ),
    function(
        "upper",
        &[TEXT],
        None,
        "The text in capital letters.",
        |call| Ok(Value::String(call.text(0).to_uppercase())),
    ),
    function(
        "title",
        &[TEXT],
        None,
        "Every word with a capital first letter.",
        title,
    ),
    function(
        "trim",
        &[TEXT, parameter("cutset", Kind::String)],
        None,
        "The text without the given characters at both ends.",
        |call| {
            let cut = call.text(1);
            Ok(Value::string(
                call.text(0).trim_matches(|each| cut.contains(each)),
            ))
        },
    ),
    function(
        "trimprefix",
        &[TEXT, parameter("prefix", Kind::String)],
        None,
        "The text without this beginning.",
        |call| {
            let text = call.text(0);
            Ok(Value::string(
                text.strip_prefix(call.text(1)).unwrap_or(text),
            ))
        },
    ),
    function(
        "trimsuffix",
        &[TEXT, parameter("suffix", Kind::String)],
        None,
        "The text without this end.",
        |call| {
            let text = call.text(0);
            Ok(Value::string(
                text.strip_suffix(call.text(1)).unwrap_or(text),
            ))
        },
    ),
    function(
        "trimspace",
        &[TEXT],
        None,
        "The text without space at both ends.",
        |call| Ok(Value::string(call.text(0).trim())),
    ),
    function(
        "chomp",
        &[TEXT],
        None,
        "The text without line breaks at its end.",
        |call| Ok(Value::string(call.text(0).trim_end_matches(['\r', '\n']))),
    ),
    function(
        "strlen",
        &[TEXT],
        None,
        "How many characters the text has.",
        |call| Ok(Value::integer(column_count(call.text(0)) as i64)),
    ),
    function("strrev", &[TEXT], None, "The text backwards.", reverse),
    function(
        "reverse",
        &[TEXT],
        None,
        "The text backwards; lists are refused.",
        reverse,
    ),
    function(
        "substr",
        &[
            TEXT,
            parameter("offset", Kind::Number),
            parameter("length", Kind::Number),
        ],
        None,
        "A piece of the text; a negative offset counts from the end, length -1 takes the rest.",
        substring,
    ),
    function(
        "split",
        &[parameter("separator", Kind::String), TEXT],
        None,
        "The pieces between the separators.",
        |call| {
            let (separator, text) = (call.text(0), call.text(1));
            items_within_bounds(match separator.is_empty() {
                true => text.chars().count(),
                false => text.matches(separator).count() + 1,
            })?;
            Ok(match separator.is_empty() {
                true => Value::strings(text.chars()),
                false => Value::strings(text.split(separator)),
            })
        },
    ),
    function(
        "join",
        &[parameter("separator", Kind::String)],
        Some(parameter("lists", Kind::StringList)),
        "The texts of the lists with a separator between them.",
        join,
    ),
    function(
        "replace",
        &[
            TEXT,
            parameter("substr", Kind::String),
            parameter("replace", Kind::String),
        ],
        None,
        "The text with every occurrence of one text replaced by another.",
        |call| {
            let (text, from, to) = (call.text(0), call.text(1), call.text(2));
            if (text.len() + 1).saturating_mul(to.len()) > LONGEST_TEXT {
                let made = text.matches(from).count().saturating_mul(to.len());
                within_bounds(text.len().saturating_add(made)).map_err(Failure::Call)?;
            }
            Ok(Value::String(text.replace(from, to)))
        },
    ),
    function(
        "regex_replace",
        &[
            TEXT,
            parameter("pattern", Kind::String),
            parameter("replace", Kind::String),
        ],
        None,
        "The text with every match of a pattern replaced.",
        |call| match super::regular::replace(call.text(0), call.text(1), call.text(2)) {
            Ok(text) => Ok(Value::String(text)),
            Err(reason) => super::unsuitable(1, "pattern", reason),
        },
    ),
    function(
        "indent",
        &[parameter("spaces", Kind::Number), TEXT],
        None,
        "The text with every line but the first moved to the right.",
        indent,
    ),
];

/// The first clusters of a text, at most so many.
pub(super) fn first_clusters(text: &str, count: usize) -> &str {
    &text[..cluster_starts(text).nth(count).unwrap_or(text.len())]
}

fn title(call: &Call<'_>) -> Result<Value, Failure> {
    let mut previous = ' ';
    let mut text = String::new();
    for character in call.text(0).chars() {
        if previous.is_alphanumeric() || previous == '_' || previous == '\'' {
            text.push(character);
        } else {
            text.extend(character.to_uppercase());
        }
        previous = character;
    }
    Ok(Value::String(text))
}

fn reverse(call: &Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    let mut reversed = String::with_capacity(text.len());
    let starts: Vec<usize> = cluster_starts(text).collect();
    let mut end = text.len();
    for start in starts.into_iter().rev() {
        reversed.push_str(&text[start..end]);
        end = start;
    }
    Ok(Value::String(reversed))
}

fn substring(call: &Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    let (mut offset, length) = (call.whole(1, "offset")?, call.whole(2, "length")?);
    if offset < 0 {
        offset += column_count(text) as i64;
    }
    let start = usize::try_from(offset).unwrap_or(0);
    let start = cluster_starts(text).nth(start).unwrap_or(text.len());
    let rest = &text[start..];
    // A negative length takes the rest.
    let length = usize::try_from(length).unwrap_or(rest.len());
    Ok(Value::string(first_clusters(rest, length)))
}

fn join(call: &Call<'_>) -> Result<Value, Failure> {
    if call.arguments.len() < 2 {
        return failed("at least one list is required");
    }
    let mut texts = Vec::new();
    for (number, list) in call.arguments[1..].iter().enumerate() {
        for (index, item) in list.items().unwrap_or_default().iter().enumerate() {
            match item {
                Value::String(text) => texts.push(text.as_str()),
                _ => {
                    let reason = match call.arguments.len() {
                        2 => format!("element {index} is null; cannot concatenate null values"),
                        _ => format!(
                            "element {index} of list {number} is null; cannot concatenate null \
                             values"
                        ),
                    };
                    return super::unsuitable(1 + number, "lists", reason);
                }
            }
        }
    }
    let separators = call.text(0).len().saturating_mul(texts.len());
    let bytes = texts.iter().map(|text| text.len());
    let bytes = bytes.fold(separators, usize::saturating_add);
    within_bounds(bytes).map_err(Failure::Call)?;
    Ok(Value::String(texts.join(call.text(0))))
}

fn indent(call: &Call<'_>) -> Result<Value, Failure> {
    let spaces = usize::try_from(call.whole(0, "spaces")?).unwrap_or(0);
    let lines = call.text(1).matches('\n').count();
    if lines == 0 {
        // Nothing is moved, however far.
        return Ok(Value::String(call.text(1).to_owned()));
    }
    let bytes = spaces
        .saturating_mul(lines)
        .saturating_add(call.text(1).len());
    within_bounds(bytes).map_err(Failure::Call)?;
    Ok(Value::String(
        call.text(1)
            .replace('\n', &format!("\n{}", " ".repeat(spaces))),
    ))
}

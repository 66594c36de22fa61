//! JSON, YAML, CSV, base64 and address encoding.

use super::{
    Call, Failure, Function, Kind, failed, function, items_within_bounds, nullable, parameter, yaml,
};
use crate::expression::Value;
use crate::json_output;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use yurt_model::Gather;

const TEXT: super::Parameter = parameter("str", Kind::String);

pub(super) static TABLE: &[Function] = &[
    function(
        "jsonencode",
        &[nullable("val", Kind::Any)],
        None,
        "The value as JSON.",
        |call| {
            let mut text = String::new();
            json(call.value(0), &mut text);
            Ok(Value::String(text))
        },
    ),
    function(
        "jsondecode",
        &[TEXT],
        None,
        "The value that the JSON text stands for.",
        |call| match serde_json::from_str(items_of(call.text(0), ",[", "{")?) {
            Ok(json) => Ok(Value::from_json(&json)),
            Err(error) => super::unsuitable(0, "str", error.to_string()),
        },
    ),
    function(
        "yamlencode",
        &[nullable("value", Kind::Any)],
        None,
        "The value as YAML.",
        |call| Ok(Value::String(yaml::encode(call.value(0)))),
    ),
    function(
        "yamldecode",
        &[parameter("src", Kind::String)],
        None,
        "The value that the YAML text stands for.",
        |call| {
            let text = items_of(call.text(0), ",\n[", "{")?;
            yaml::decode(text).or_else(|reason| super::unsuitable(0, "src", reason))
        },
    ),
    function(
        "csvdecode",
        &[TEXT],
        None,
        "A list with one object for each line.",
        comma_separated,
    ),
    function(
        "base64encode",
        &[TEXT],
        None,
        "The text in base64.",
        |call| Ok(Value::String(STANDARD.encode(call.text(0)))),
    ),
    function(
        "base64decode",
        &[TEXT],
        None,
        "The text that base64 stands for.",
        |call| {
            let text = call.text(0);
            let Ok(bytes) = STANDARD.decode(text) else {
                return failed(format!("failed to decode base64 data '{text}'"));
            };
            match String::from_utf8(bytes) {
                Ok(text) => Ok(Value::String(text)),
                Err(_) => failed("the result of decoding the provided string is not valid UTF-8"),
            }
        },
    ),
    function(
        "urlencode",
        &[TEXT],
        None,
        "The text as part of an address's query.",
        |call| {
            let mut text = String::new();
            for byte in call.text(0).bytes() {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                        text.push(char::from(byte));
                    }
                    b' ' => text.push('+'),
                    _ => text.push_str(&format!("%{byte:02X}")),
                }
            }
            Ok(Value::String(text))
        },
    ),
];

/// JSON with sorted keys; numbers print every digit.
pub(super) fn json(value: &Value, text: &mut String) {
    match value {
        Value::Number(number) if !number.is_infinite() => text.push_str(&number.to_string()),
        Value::List(items, _) | Value::Set(items, _) | Value::Tuple(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { "," });
                json(item, text);
            }
            text.push(']');
        }
        Value::Map(members, _) | Value::Object(members) => {
            text.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { "," });
                json_output::compact(&name.as_str().into(), text);
                text.push(':');
                json(member, text);
            }
            text.push('}');
        }
        other => json_output::compact(&other.to_json(), text),
    }
}

/// The text, unless it begins so many items that their list would be too long. What begins an
/// object takes the room of eight.
fn items_of<'t>(text: &'t str, items: &str, objects: &str) -> Result<&'t str, Failure> {
    let count = text.bytes().map(|byte| match char::from(byte) {
        byte if items.contains(byte) => 1,
        byte if objects.contains(byte) => 8,
        _ => 0,
    });
    items_within_bounds(count.sum())?;
    Ok(text)
}

fn comma_separated(call: &Call<'_>) -> Result<Value, Failure> {
    let mut rows = rows(items_of(call.text(0), ",", "\n")?)?.into_iter();
    let Some(header) = rows.next() else {
        return failed("missing header line");
    };
    let mut objects = Vec::new();
    for (index, row) in rows.enumerate() {
        if row.len() != header.len() {
            return failed(format!(
                "record on line {}: wrong number of fields",
                index + 2
            ));
        }
        let members: BTreeMap<String, Value> = header
            .iter()
            .cloned()
            .zip(row.into_iter().map(Value::String))
            .gather();
        objects.push(Value::Object(members));
    }
    let inner = objects
        .first()
        .map_or(crate::expression::Type::Dynamic, Value::value_type);
    Ok(Value::List(objects, Box::new(inner)))
}

fn rows(text: &str) -> Result<Vec<Vec<String>>, Failure> {
    let mut rows = Vec::new();
    let mut row: Vec<String> = Vec::new();
    let mut field = String::new();
    let (mut quoted, mut started) = (false, false);
    let mut characters = text.chars().filter(|&each| each != '\r').peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' if quoted => quoted = false,
            _ if quoted => field.push(character),
            '"' if field.is_empty() => {
                quoted = true;
                started = true;
            }
            ',' => {
                row.push(std::mem::take(&mut field));
                started = true;
            }
            '\n' => {
                if started || !field.is_empty() {
                    row.push(std::mem::take(&mut field));
                    rows.push(std::mem::take(&mut row));
                }
                started = false;
            }
            _ => field.push(character),
        }
    }
    if quoted {
        return failed("extraneous or missing \" in quoted-field");
    }
    if started || !field.is_empty() {
        row.push(field);
        rows.push(row);
    }
    Ok(rows)
}

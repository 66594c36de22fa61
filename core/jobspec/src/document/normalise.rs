//! Bringing a document into the one shape of jobs.

use std::fmt;

use serde_json::{Map, Value};
use yurt_model::Duration;

use super::shape::{JOB, Kind, Member};

/// How far a document has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// As a person sent it: what is unset is null, so that defaults can tell it from zero.
    Request,
    /// As servers keep it: what is unset has the zero of its kind, what only requests have is gone.
    Canonical,
}

/// A member holds something of another kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeError {
    /// Where, in the API's names: `TaskGroups[0].Count`.
    pub path: String,
    /// What belongs there.
    pub expected: &'static str,
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} must be {}", self.path, self.expected)
    }
}

impl std::error::Error for ShapeError {}

/// The document with exactly the members of a job, in one order; members that jobs do not have, and
/// those that servers assign, are left out. Equal jobs become equal documents, whether they came
/// from a job file, as JSON, or from an answer without its empty members.
pub fn normalise(document: &Value, stage: Stage) -> Result<Value, ShapeError> {
    object(document, JOB, stage, "")
}

fn object(
    value: &Value,
    members: &[Member],
    stage: Stage,
    path: &str,
) -> Result<Value, ShapeError> {
    let given = value.as_object().ok_or_else(|| ShapeError {
        path: if path.is_empty() { "Job" } else { path }.to_owned(),
        expected: "an object",
    })?;
    let mut result = Map::new();
    for member in members {
        if member.request_only && stage == Stage::Canonical {
            continue;
        }
        let value = given.get(member.name).unwrap_or(&Value::Null);
        let path = match path {
            "" => member.name.to_owned(),
            _ => format!("{path}.{}", member.name),
        };
        result.insert(
            member.name.to_owned(),
            self::member(value, member.kind, stage, &path)?,
        );
    }
    Ok(Value::Object(result))
}

fn member(value: &Value, kind: Kind, stage: Stage, path: &str) -> Result<Value, ShapeError> {
    if value.is_null() {
        return Ok(match stage {
            Stage::Request => Value::Null,
            Stage::Canonical => zero(kind),
        });
    }
    let wrong = |expected| ShapeError {
        path: path.to_owned(),
        expected,
    };
    Ok(match kind {
        Kind::Text if value.is_string() => value.clone(),
        Kind::Text => return Err(wrong("a text")),
        Kind::Int | Kind::OptionalInt => whole(value).ok_or_else(|| wrong("a whole number"))?,
        Kind::Span | Kind::OptionalSpan => span(value).ok_or_else(|| wrong("a duration"))?,
        Kind::Flag if value.is_boolean() => value.clone(),
        Kind::Flag => return Err(wrong("true or false")),
        Kind::Texts => texts(value).ok_or_else(|| wrong("a list of texts"))?,
        Kind::Map => map_of_texts(value).ok_or_else(|| wrong("a map of texts"))?,
        Kind::Free if is_empty(value) => Value::Null,
        Kind::Free => value.clone(),
        Kind::Inert => without_empty(value),
        Kind::Object(members) => object(value, members, stage, path)?,
        Kind::Objects(members) => {
            let list = value.as_array().ok_or_else(|| wrong("a list"))?;
            let list: Result<Vec<Value>, ShapeError> = list
                .iter()
                .enumerate()
                .filter(|(_, item)| !item.is_null())
                .map(|(i, item)| object(item, members, stage, &format!("{path}[{i}]")))
                .collect();
            null_if_empty(Value::Array(list?))
        }
        Kind::Keyed(members) => {
            let map = value.as_object().ok_or_else(|| wrong("a map"))?;
            let mut result = Map::new();
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            for key in keys.into_iter().filter(|key| !map[*key].is_null()) {
                let inner = object(&map[key], members, stage, &format!("{path}.{key}"))?;
                result.insert(key.clone(), inner);
            }
            null_if_empty(Value::Object(result))
        }
    })
}

fn zero(kind: Kind) -> Value {
    match kind {
        Kind::Text => Value::from(""),
        Kind::Int | Kind::Span => Value::from(0),
        Kind::Flag => Value::from(false),
        _ => Value::Null,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

fn null_if_empty(value: Value) -> Value {
    if is_empty(&value) { Value::Null } else { value }
}

fn whole(value: &Value) -> Option<Value> {
    if value.is_i64() {
        return Some(value.clone());
    }
    // Floating point is how some writers put whole numbers; 2^53 is the last that is exact.
    let number = value.as_f64()?;
    (number == whole_part(number) && number.abs() <= 9_007_199_254_740_992.0)
        .then(|| Value::from(number as i64))
}

fn whole_part(number: f64) -> f64 {
    // Exact on every platform: the cast cuts the fraction off.
    number as i64 as f64
}

fn span(value: &Value) -> Option<Value> {
    match value.as_str() {
        Some(text) => Some(Value::from(Duration::parse(text).ok()?.nanos())),
        None => whole(value),
    }
}

fn texts(value: &Value) -> Option<Value> {
    let list = value.as_array()?;
    list.iter()
        .all(Value::is_string)
        .then(|| null_if_empty(value.clone()))
}

fn map_of_texts(value: &Value) -> Option<Value> {
    let map = value.as_object()?;
    map.values()
        .all(Value::is_string)
        .then(|| null_if_empty(value.clone()))
}

/// Without what is null, empty, false or zero at any depth, so that two ways of leaving inert
/// settings out are the same.
fn without_empty(value: &Value) -> Value {
    match value {
        Value::Array(list) => Value::Array(list.iter().map(without_empty).collect()),
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, value)| (key.clone(), without_empty(value)))
                .filter(|(_, value)| !is_zero(value))
                .collect(),
        ),
        _ => value.clone(),
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Object(_) => false,
        Value::String(text) => text.is_empty(),
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_i64() == Some(0),
        _ => is_empty(value),
    }
}

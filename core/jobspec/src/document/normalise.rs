//! Bringing a document into the one shape of jobs.

use std::fmt;

use serde_json::{Map, Value};
use yurt_model::{Duration, InOrder};

use super::shape;
use crate::schema::{BlockSchema, FieldKind, JOB, TASK};

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
    object(document, &JOB, stage, "")
}

/// A task that servers add, with exactly the members of a task in a request.
pub(crate) fn added_task(task: &Value) -> Result<Value, ShapeError> {
    object(task, &TASK, Stage::Request, "Task")
}

fn object(
    value: &Value,
    block: &'static BlockSchema,
    stage: Stage,
    path: &str,
) -> Result<Value, ShapeError> {
    let given = value.as_object().ok_or_else(|| ShapeError {
        path: if path.is_empty() { "Job" } else { path }.to_owned(),
        expected: "an object",
    })?;
    let mut result = Map::new();
    for field in shape::members(block, stage) {
        let value = given.get(field.api_name).unwrap_or(&Value::Null);
        let path = match path {
            "" => field.api_name.to_owned(),
            _ => format!("{path}.{}", field.api_name),
        };
        let value = if shape::is_inert(block, &field) && !value.is_null() {
            let given = member(value, field.kind, Stage::Request, &path)?;
            without_empty(given, field.kind)
        } else if !value.is_null() {
            member(value, field.kind, stage, &path)?
        } else if stage == Stage::Request || shape::is_optional(block, &field) {
            Value::Null
        } else {
            zero(field.kind)
        };
        result.insert(field.api_name.to_owned(), value);
    }
    Ok(Value::Object(result))
}

fn member(value: &Value, kind: FieldKind, stage: Stage, path: &str) -> Result<Value, ShapeError> {
    let wrong = |expected| ShapeError {
        path: path.to_owned(),
        expected,
    };
    let expect = |value: Option<Value>, expected| value.ok_or_else(|| wrong(expected));
    match kind {
        FieldKind::String => expect(value.is_string().then(|| value.clone()), "a text"),
        FieldKind::Boolean => expect(value.is_boolean().then(|| value.clone()), "true or false"),
        FieldKind::Duration => expect(span(value), "a duration"),
        FieldKind::Integer
        | FieldKind::UnsignedByte
        | FieldKind::SignedByte
        | FieldKind::Unsigned => expect(whole(value), "a whole number"),
        FieldKind::StringList => expect(texts(value), "a list of texts"),
        FieldKind::StringMapAttribute | FieldKind::StringMapBlock | FieldKind::StringMap => {
            expect(map_of_texts(value), "a map of texts")
        }
        FieldKind::ListMapBlock | FieldKind::FreeBlock | FieldKind::Free => {
            Ok(null_if_empty(value.clone()))
        }
        FieldKind::Block(block) => object(value, block, stage, path),
        FieldKind::BlockList(block) => {
            let list = value.as_array().ok_or_else(|| wrong("a list"))?;
            let mut result = Vec::new();
            for (i, item) in list.iter().enumerate() {
                if !item.is_null() {
                    result.push(object(item, block, stage, &format!("{path}[{i}]"))?);
                }
            }
            Ok(null_if_empty(Value::Array(result)))
        }
        FieldKind::BlockMap(block) => {
            let map = value.as_object().ok_or_else(|| wrong("a map"))?;
            let mut entries: Vec<_> = map.iter().collect();
            entries.put_in_order_by_key(|(key, _)| *key);
            let mut result = Map::new();
            for (key, item) in entries.into_iter().filter(|(_, item)| !item.is_null()) {
                let item = object(item, block, stage, &format!("{path}.{key}"))?;
                result.insert(key.clone(), item);
            }
            Ok(null_if_empty(Value::Object(result)))
        }
    }
}

fn zero(kind: FieldKind) -> Value {
    match kind {
        FieldKind::String => Value::from(""),
        FieldKind::Boolean => Value::from(false),
        FieldKind::Integer
        | FieldKind::UnsignedByte
        | FieldKind::SignedByte
        | FieldKind::Unsigned
        | FieldKind::Duration => Value::from(0),
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

/// Without the members that are null, empty, false or zero, so that two ways of leaving inert
/// settings out are the same. What drivers and proxies are told (free maps) stays as it is.
fn without_empty(value: Value, kind: FieldKind) -> Value {
    match (value, kind) {
        (Value::Object(members), FieldKind::Block(block)) => {
            let kept = members.into_iter().filter_map(|(name, value)| {
                let kind = block.api_field(&name)?.kind;
                let value = without_empty(value, kind);
                (!is_zero(&value)).then_some((name, value))
            });
            Value::Object(kept.collect())
        }
        (Value::Array(list), FieldKind::BlockList(block)) => {
            let each = |item| without_empty(item, FieldKind::Block(block));
            Value::Array(list.into_iter().map(each).collect())
        }
        (Value::Object(map), FieldKind::BlockMap(block)) => {
            let each = |(key, item)| (key, without_empty(item, FieldKind::Block(block)));
            Value::Object(map.into_iter().map(each).collect())
        }
        (value, _) => value,
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

//! Attributes: from the value of an expression to the JSON of a field (spec: jobspec 6).

use super::{Decoder, Found, join};
use crate::diagnostics::Range;
use crate::duration;
use crate::expression::{Number, Scope, Type, Value, convert};
use crate::schema::{FieldKind, FieldSchema};
use crate::syntax::tree::*;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::rc::Rc;

const UNSUITABLE: &str = "Unsuitable value type";

impl Decoder<'_> {
    /// The JSON of an attribute; `None` when it is unset or wrong.
    pub(super) fn attribute(
        &mut self,
        field: &'static FieldSchema,
        attribute: &Attribute,
        scope: &Rc<Scope>,
        path: &str,
    ) -> Option<Json> {
        let value = self.evaluator.evaluate(&attribute.expression, scope);
        let range = attribute.expression.start_range();
        match to_json(field.kind, &value) {
            Ok(json) => json,
            Err(Unsuitable::Value(reason)) if self.is_condition => {
                let detail = format!(
                    "Inappropriate value for attribute \"{}\": {reason}.",
                    attribute.name
                );
                let range = attribute.expression.range;
                self.report(range, path, "Incorrect attribute value type", detail);
                None
            }
            Err(reason) => {
                self.unsuitable(range, path, &reason);
                None
            }
        }
    }

    /// Reports a value that does not suit its field.
    pub(super) fn unsuitable(&mut self, range: Range, path: &str, reason: &Unsuitable) {
        let (summary, detail) = match reason {
            Unsuitable::Value(reason) => (UNSUITABLE, format!("Unsuitable value: {reason}")),
            Unsuitable::Duration(reason) => {
                (UNSUITABLE, format!("Unsuitable duration value: {reason}"))
            }
            Unsuitable::NullDuration => (
                "Unsuitable value",
                "Unsuitable duration value: nil".to_owned(),
            ),
        };
        self.report(range, path, summary, detail);
    }

    /// A map of texts (or of lists of texts) that is written as a block.
    pub(super) fn map_block(&mut self, found: &Found<'_>, lists: bool, path: &str) -> Option<Json> {
        let mut members: BTreeMap<String, Json> = BTreeMap::new();
        for item in &found.body.items {
            let (name, value, range) = match item {
                Item::Attribute(attribute) => {
                    let expression = &attribute.expression;
                    let value = self.free_value(expression, &found.scope);
                    let path = join(path, &attribute.name);
                    self.spans.insert(path, attribute.range);
                    (&attribute.name, value, expression.start_range())
                }
                Item::Block(block) => (&block.kind, Value::Tuple(Vec::new()), block.open_brace),
            };
            let converted = match lists {
                true => to_json(FieldKind::StringList, &value),
                false => text_member(&value).map(Some),
            };
            match converted {
                Ok(json) => {
                    members.insert(name.clone(), json.unwrap_or(Json::Null));
                }
                Err(reason) => self.unsuitable(range, &join(path, name), &reason),
            }
        }
        Some(Json::Object(members.into_iter().collect::<Map<_, _>>()))
    }
}

/// Why a value does not suit.
pub(super) enum Unsuitable {
    /// The type or range is wrong.
    Value(String),
    /// The text is no duration.
    Duration(String),
    /// `null` for a duration.
    NullDuration,
}

impl From<String> for Unsuitable {
    fn from(reason: String) -> Self {
        Self::Value(reason)
    }
}

impl From<&str> for Unsuitable {
    fn from(reason: &str) -> Self {
        Self::Value(reason.to_owned())
    }
}

fn text_member(value: &Value) -> Result<Json, Unsuitable> {
    match convert(value, &Type::String)? {
        Value::String(text) => Ok(text.into()),
        Value::Null => Err("null value is not allowed".into()),
        _ => Err("value must be known".into()),
    }
}

/// Brings a value into the form of a field; `None` means unset.
pub(super) fn to_json(kind: FieldKind, value: &Value) -> Result<Option<Json>, Unsuitable> {
    if value.has_unknown() {
        return Err("value must be known".into());
    }
    if matches!(kind, FieldKind::Duration) {
        return to_duration(value).map(Some);
    }
    if matches!(value, Value::Null) {
        return Ok(None);
    }
    let strings = Type::List(Box::new(Type::String));
    let map = Type::Map(Box::new(Type::String));
    let (whole, named) = match kind {
        FieldKind::String => return Ok(Some(convert(value, &Type::String)?.to_json())),
        FieldKind::Boolean => return Ok(Some(convert(value, &Type::Boolean)?.to_json())),
        FieldKind::StringList => {
            return members(&convert(value, &strings)?).map(Some);
        }
        FieldKind::StringMap | FieldKind::StringMapAttribute => {
            return members(&convert(value, &map)?).map(Some);
        }
        FieldKind::UnsignedByte => ((0, 255), "between 0 and 255 inclusive"),
        FieldKind::SignedByte => ((-128, 127), "between -128 and 127"),
        FieldKind::Unsigned => (
            (0, i128::from(u64::MAX)),
            "between 0 and 18446744073709551615 inclusive",
        ),
        _ => (
            (i128::from(i64::MIN), i128::from(i64::MAX)),
            "between -9223372036854775808 and 9223372036854775807",
        ),
    };
    let number = match convert(value, &Type::Number)? {
        Value::Number(number) => number
            .to_i128()
            .filter(|each| (whole.0..=whole.1).contains(each)),
        _ => None,
    };
    let json = number.and_then(|number| {
        i64::try_from(number)
            .map(Json::from)
            .or_else(|_| u64::try_from(number).map(Json::from))
            .ok()
    });
    match json {
        Some(json) => Ok(Some(json)),
        None => Err(format!("value must be a whole number, {named}").into()),
    }
}

fn members(value: &Value) -> Result<Json, Unsuitable> {
    let nulls = |mut values: Box<dyn Iterator<Item = &Value> + '_>| {
        values.any(|each| matches!(each, Value::Null))
    };
    let has_null = match value {
        Value::Map(members, _) => nulls(Box::new(members.values())),
        other => nulls(Box::new(other.items().unwrap_or_default().iter())),
    };
    if has_null {
        Err("null value is not allowed".into())
    } else {
        Ok(value.to_json())
    }
}

fn to_duration(value: &Value) -> Result<Json, Unsuitable> {
    match value {
        Value::Null => Err(Unsuitable::NullDuration),
        Value::String(text) => match duration::parse(text) {
            Ok(nanoseconds) => Ok(nanoseconds.into()),
            Err(reason) => Err(Unsuitable::Duration(reason)),
        },
        Value::Number(number) => match Number::to_i64(number) {
            Some(nanoseconds) => Ok(nanoseconds.into()),
            None => Err(
                "value must be a whole number, between -9223372036854775808 and \
                         9223372036854775807"
                    .into(),
            ),
        },
        // The reference prints its type's inner form here; 66 stands for bool.
        Value::Boolean(_) => {
            Err("expected a string but found {{{} %!s(cty.primitiveTypeKind=66)}}".into())
        }
        other => Err(format!("expected a string but found {}", other.value_type().name()).into()),
    }
}

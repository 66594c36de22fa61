//! Values as the flat texts that a difference compares (spec: plan-diff 3).

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use crate::catalogue::{Field, Kind};

/// Flat fields: name and text.
pub(crate) type Flat = BTreeMap<String, String>;

/// The value at a path of keys (`Cron.Start`); null and absent are the same.
pub(crate) fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let found = path.split('.').try_fold(value, |value, key| value.get(key));
    found.filter(|value| !value.is_null())
}

/// The fields of one object; `None` has none.
pub(crate) fn flatten(fields: &[Field], object: Option<&Value>) -> Flat {
    let mut flat = Flat::new();
    let Some(object) = object else { return flat };
    for field in fields {
        let value = match field.path {
            "" => Some(object),
            path => at(object, path),
        };
        flatten_field(&mut flat, field, value);
    }
    flat
}

fn flatten_field(flat: &mut Flat, field: &Field, value: Option<&Value>) {
    let name = field.name.to_owned();
    match (field.kind, value) {
        (Kind::Entries, Some(value)) => {
            for (key, value) in value.as_object().into_iter().flatten() {
                flatten_free(flat, key.clone(), value, number_text);
            }
        }
        (Kind::Map, Some(Value::Object(entries))) => {
            for (key, value) in entries {
                flatten_free(flat, format!("{name}[{key}]"), value, plain_number);
            }
        }
        (Kind::Joined, Some(Value::Array(items))) if items.is_empty() => {}
        (Kind::Joined, Some(Value::Array(items))) => {
            let texts: Vec<_> = items.iter().filter_map(Value::as_str).collect();
            flat.insert(name, texts.join(","));
        }
        (Kind::Span, value) => {
            let nanoseconds = value.and_then(Value::as_i64).unwrap_or(0);
            flat.insert(name, yurt_model::Duration(nanoseconds).to_string());
        }
        (Kind::Entries | Kind::Map | Kind::Joined | Kind::Optional, None) => {}
        (_, Some(value)) => {
            flat.insert(name, scalar_text(value));
        }
        (kind, None) => {
            flat.insert(name, kind.unset().to_owned());
        }
    }
}

fn scalar_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => plain_number(number),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

fn plain_number(number: &Number) -> String {
    number.to_string()
}

/// A value of any shape: lists by index, maps by key.
fn flatten_free(flat: &mut Flat, name: String, value: &Value, number: fn(&Number) -> String) {
    match value {
        Value::Null => {
            flat.insert(name, "nil".into());
        }
        Value::Number(value) => {
            flat.insert(name, number(value));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten_free(flat, format!("{name}[{index}]"), item, number);
            }
        }
        Value::Object(entries) => flatten_entries(flat, &name, entries, number),
        scalar => {
            flat.insert(name, scalar_text(scalar));
        }
    }
}

fn flatten_entries(
    flat: &mut Flat,
    name: &str,
    entries: &Map<String, Value>,
    number: fn(&Number) -> String,
) {
    for (key, value) in entries {
        flatten_free(flat, format!("{name}[{key}]"), value, number);
    }
}

/// A number inside `config` and its like: they are all floats there, printed in their shortest form
/// and scientifically when the decimal exponent is below -4 or above 5.
fn number_text(number: &Number) -> String {
    float_text(number.as_f64().unwrap_or(0.0))
}

fn float_text(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return value.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats() {
        for (value, want) in [
            (1_000_000.0, "1e+06"),
            (2_097_152.0, "2.097152e+06"),
            (123_456_789.0, "1.23456789e+08"),
            (67_108_864.0, "6.7108864e+07"),
            (999_999.0, "999999"),
            (1.5, "1.5"),
            (-3.0, "-3"),
            (0.0001, "0.0001"),
            (0.000_01, "1e-05"),
            (0.0, "0"),
        ] {
            assert_eq!(float_text(value), want);
        }
    }
}

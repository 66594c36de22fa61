//! Conversions between types, with the reference's messages (spec: jobspec 6).

use super::number::Number;
use super::value::{Type, Value};
use std::collections::BTreeMap;

/// Converts, or says why not: `a number is required`.
pub fn convert(value: &Value, wanted: &Type) -> Result<Value, String> {
    match (value, wanted) {
        (Value::Null, _) => return Ok(Value::Null),
        (Value::Unknown, _) => return Ok(Value::Unknown),
        (_, Type::Dynamic) => return Ok(value.clone()),
        _ => {}
    }
    match wanted {
        Type::String => to_string(value),
        Type::Number => to_number(value),
        Type::Boolean => to_boolean(value),
        Type::List(inner) => {
            let items = elements(value, wanted, inner)?;
            let inner = settled(inner, &items);
            Ok(Value::List(items, Box::new(inner)))
        }
        Type::Set(inner) => {
            let items = elements(value, wanted, inner)?;
            let inner = settled(inner, &items);
            Ok(Value::set(items, inner))
        }
        Type::Map(inner) => to_map(value, wanted, inner),
        Type::Tuple(types) => match value {
            Value::Tuple(items) if items.len() == types.len() => {
                let pairs = items.iter().zip(types);
                let items = pairs.map(|(item, each)| convert(item, each));
                Ok(Value::Tuple(items.collect::<Result<_, _>>()?))
            }
            _ => Err(mismatch(&value.value_type(), wanted)),
        },
        Type::Object(types) => to_object(value, wanted, types),
        Type::Dynamic => Ok(value.clone()),
    }
}

/// The inner type of a collection: what was asked for, or what came.
fn settled(inner: &Type, items: &[Value]) -> Type {
    match inner {
        Type::Dynamic => unify(items.iter().map(Value::value_type)).unwrap_or(Type::Dynamic),
        _ => inner.clone(),
    }
}

fn to_string(value: &Value) -> Result<Value, String> {
    match value {
        Value::String(_) => Ok(value.clone()),
        Value::Number(number) => Ok(Value::String(number.to_string())),
        Value::Boolean(value) => Ok(Value::String(value.to_string())),
        _ => Err(mismatch(&value.value_type(), &Type::String)),
    }
}

fn to_number(value: &Value) -> Result<Value, String> {
    match value {
        Value::Number(_) => Ok(value.clone()),
        Value::String(text) => Number::parse(text)
            .map(Value::Number)
            .ok_or_else(|| "a number is required".to_owned()),
        _ => Err(mismatch(&value.value_type(), &Type::Number)),
    }
}

fn to_boolean(value: &Value) -> Result<Value, String> {
    match value {
        Value::Boolean(_) => Ok(value.clone()),
        Value::String(text) => match text.as_str() {
            "true" | "1" => Ok(Value::Boolean(true)),
            "false" | "0" => Ok(Value::Boolean(false)),
            "True" | "TRUE" => Err(lowercase("true")),
            "False" | "FALSE" => Err(lowercase("false")),
            _ => Err("a bool is required".to_owned()),
        },
        _ => Err(mismatch(&value.value_type(), &Type::Boolean)),
    }
}

fn lowercase(word: &str) -> String {
    format!("a bool is required; to convert from string, use lowercase \"{word}\"")
}

fn elements(value: &Value, wanted: &Type, inner: &Type) -> Result<Vec<Value>, String> {
    let mismatched = || mismatch(&value.value_type(), wanted);
    let items = value.items().ok_or_else(mismatched)?;
    let structural = matches!(value, Value::Tuple(_));
    if structural {
        for (index, item) in items.iter().enumerate() {
            if !could_convert(&item.value_type(), inner) {
                let reason = mismatch(&item.value_type(), inner);
                return Err(format!("element {index}: {reason}"));
            }
        }
    }
    items.iter().map(|item| convert(item, inner)).collect()
}

fn to_map(value: &Value, wanted: &Type, inner: &Type) -> Result<Value, String> {
    let members = value
        .members()
        .ok_or_else(|| mismatch(&value.value_type(), wanted))?;
    let mut converted = BTreeMap::new();
    for (name, member) in members {
        if !could_convert(&member.value_type(), inner) {
            let reason = mismatch(&member.value_type(), inner);
            return Err(format!("element \"{name}\": {reason}"));
        }
        converted.insert(name.clone(), convert(member, inner)?);
    }
    let items: Vec<Value> = converted.values().cloned().collect();
    let inner = settled(inner, &items);
    Ok(Value::Map(converted, Box::new(inner)))
}

fn to_object(
    value: &Value,
    wanted: &Type,
    types: &BTreeMap<String, Type>,
) -> Result<Value, String> {
    let members = value
        .members()
        .ok_or_else(|| mismatch(&value.value_type(), wanted))?;
    let missing: Vec<&str> = types
        .keys()
        .filter(|name| !members.contains_key(*name))
        .map(String::as_str)
        .collect();
    match missing.as_slice() {
        [] => {}
        [name] => return Err(format!("attribute \"{name}\" is required")),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|name| format!("\"{name}\"")).collect();
            let separator = if first.len() == 1 { " and " } else { ", and " };
            let names = format!("{}{separator}\"{last}\"", first.join(", "));
            return Err(format!("attributes {names} are required"));
        }
    }
    let mut converted = BTreeMap::new();
    for (name, each) in types {
        let member = &members[name];
        if !could_convert(&member.value_type(), each) {
            let reason = mismatch(&member.value_type(), each);
            return Err(format!("attribute \"{name}\": {reason}"));
        }
        converted.insert(name.clone(), convert(member, each)?);
    }
    Ok(Value::Object(converted))
}

/// Is there a conversion at all, whatever the value?
fn could_convert(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::Dynamic, _) | (_, Type::Dynamic) => true,
        (_, Type::String) => from.is_primitive(),
        (Type::String, Type::Number | Type::Boolean) => true,
        (Type::Tuple(items), Type::List(inner) | Type::Set(inner)) => {
            items.iter().all(|item| could_convert(item, inner))
        }
        (Type::List(item) | Type::Set(item), Type::List(inner) | Type::Set(inner)) => {
            could_convert(item, inner)
        }
        (Type::Object(members), Type::Map(inner)) => {
            members.values().all(|member| could_convert(member, inner))
        }
        (Type::Map(member), Type::Map(inner)) => could_convert(member, inner),
        (Type::Tuple(from), Type::Tuple(to)) => {
            from.len() == to.len() && from.iter().zip(to).all(|(a, b)| could_convert(a, b))
        }
        (Type::Object(from), Type::Object(to)) => to
            .iter()
            .all(|(name, to)| from.get(name).is_some_and(|from| could_convert(from, to))),
        (Type::Map(member), Type::Object(to)) => to.values().all(|to| could_convert(member, to)),
        _ => from == to,
    }
}

/// Why one type does not become another.
fn mismatch(got: &Type, wanted: &Type) -> String {
    match (got, wanted) {
        (Type::Tuple(_), Type::Map(_)) | (Type::Object(_), Type::List(_) | Type::Set(_)) => {
            format!("{} required", wanted.name())
        }
        _ if got.name() == wanted.name() => format!("{} required", wanted.name()),
        _ => format!("{} required, but have {}", wanted.name(), got.name()),
    }
}

/// The one type to which all of these can be brought, as conditionals and lists need it.
pub fn unify(types: impl IntoIterator<Item = Type>) -> Option<Type> {
    let mut result = Type::Dynamic;
    for next in types {
        result = unify_two(&result, &next)?;
    }
    Some(result)
}

fn unify_two(left: &Type, right: &Type) -> Option<Type> {
    match (left, right) {
        _ if left == right => Some(left.clone()),
        (Type::Dynamic, other) | (other, Type::Dynamic) => Some(other.clone()),
        (Type::String, other) | (other, Type::String) if other.is_primitive() => Some(Type::String),
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => {
            let items = a.iter().zip(b).map(|(a, b)| unify_two(a, b));
            Some(Type::Tuple(items.collect::<Option<_>>()?))
        }
        (Type::Tuple(a), Type::Tuple(b)) => {
            Some(Type::List(Box::new(unify(a.iter().chain(b).cloned())?)))
        }
        (Type::Tuple(items), Type::List(inner)) | (Type::List(inner), Type::Tuple(items)) => {
            let all = items.iter().chain([inner.as_ref()]).cloned();
            Some(Type::List(Box::new(unify(all)?)))
        }
        (Type::Tuple(items), Type::Set(inner)) | (Type::Set(inner), Type::Tuple(items)) => {
            let all = items.iter().chain([inner.as_ref()]).cloned();
            Some(Type::Set(Box::new(unify(all)?)))
        }
        (Type::Object(a), Type::Object(b)) if a.keys().eq(b.keys()) => {
            let mut members = BTreeMap::new();
            for (name, a) in a {
                members.insert(name.clone(), unify_two(a, &b[name])?);
            }
            Some(Type::Object(members))
        }
        (Type::Object(a), Type::Object(b)) => Some(Type::Map(Box::new(unify(
            a.values().chain(b.values()).cloned(),
        )?))),
        (Type::Object(members), Type::Map(inner)) | (Type::Map(inner), Type::Object(members)) => {
            let all = members.values().chain([inner.as_ref()]).cloned();
            Some(Type::Map(Box::new(unify(all)?)))
        }
        (Type::List(a), Type::List(b)) => Some(Type::List(Box::new(unify_two(a, b)?))),
        (Type::List(a), Type::Set(b)) | (Type::Set(a), Type::List(b)) => {
            Some(Type::List(Box::new(unify_two(a, b)?)))
        }
        (Type::Set(a), Type::Set(b)) => Some(Type::Set(Box::new(unify_two(a, b)?))),
        (Type::Map(a), Type::Map(b)) => Some(Type::Map(Box::new(unify_two(a, b)?))),
        _ => None,
    }
}

//! Values of expressions and their types, in the manner of the reference (spec: jobspec 6, 7).

use super::number::Number;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use yurt_model::{Gather, InOrder};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// What an expression with an error gives; whatever uses it is unknown too.
    Unknown,
    /// Text.
    String(String),
    /// Number.
    Number(Number),
    /// Truth value.
    Boolean(bool),
    /// Values of one type in order.
    List(Vec<Value>, Box<Type>),
    /// Distinct values of one type, sorted.
    Set(Vec<Value>, Box<Type>),
    /// Values of one type by name.
    Map(BTreeMap<String, Value>, Box<Type>),
    /// Values of any types in order.
    Tuple(Vec<Value>),
    /// Values of any types by name.
    Object(BTreeMap<String, Value>),
}

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Not known.
    Dynamic,
    /// Text.
    String,
    /// Number.
    Number,
    /// Truth value.
    Boolean,
    /// List of one type.
    List(Box<Type>),
    /// Set of one type.
    Set(Box<Type>),
    /// Map of one type.
    Map(Box<Type>),
    /// One type for each position.
    Tuple(Vec<Type>),
    /// One type for each name.
    Object(BTreeMap<String, Type>),
}

impl Type {
    /// The name that messages use.
    pub fn name(&self) -> String {
        match self {
            Self::Dynamic => "dynamic".into(),
            Self::String => "string".into(),
            Self::Number => "number".into(),
            Self::Boolean => "bool".into(),
            Self::List(inner) => format!("list of {}", inner.name()),
            Self::Set(inner) => format!("set of {}", inner.name()),
            Self::Map(inner) => format!("map of {}", inner.name()),
            Self::Tuple(_) => "tuple".into(),
            Self::Object(_) => "object".into(),
        }
    }

    /// String, number or bool?
    pub fn is_primitive(&self) -> bool {
        matches!(self, Self::String | Self::Number | Self::Boolean)
    }
}

impl Value {
    /// A text.
    pub fn string(text: impl Into<String>) -> Self {
        Self::String(text.into())
    }

    /// A whole number.
    pub fn integer(value: i64) -> Self {
        Self::Number(Number::from(value))
    }

    /// A list of texts.
    pub fn strings<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(
            texts.into_iter().map(Self::string).collect(),
            Box::new(Type::String),
        )
    }

    /// Its type.
    pub fn value_type(&self) -> Type {
        match self {
            Self::Null | Self::Unknown => Type::Dynamic,
            Self::String(_) => Type::String,
            Self::Number(_) => Type::Number,
            Self::Boolean(_) => Type::Boolean,
            Self::List(_, inner) => Type::List(inner.clone()),
            Self::Set(_, inner) => Type::Set(inner.clone()),
            Self::Map(_, inner) => Type::Map(inner.clone()),
            Self::Tuple(items) => Type::Tuple(items.iter().map(Self::value_type).collect()),
            Self::Object(members) => Type::Object(
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), value.value_type()))
                    .gather(),
            ),
        }
    }

    /// Does it hold anything unknown?
    pub fn has_unknown(&self) -> bool {
        match self {
            Self::Unknown => true,
            Self::List(items, _) | Self::Set(items, _) | Self::Tuple(items) => {
                items.iter().any(Self::has_unknown)
            }
            Self::Map(members, _) | Self::Object(members) => {
                members.values().any(Self::has_unknown)
            }
            _ => false,
        }
    }

    /// The items of a list, set or tuple.
    pub fn items(&self) -> Option<&[Value]> {
        match self {
            Self::List(items, _) | Self::Set(items, _) | Self::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The members of a map or object.
    pub fn members(&self) -> Option<&BTreeMap<String, Value>> {
        match self {
            Self::Map(members, _) | Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Keys and values in iteration order; `None` when it cannot be iterated.
    pub fn entries(&self) -> Option<Vec<(Value, Value)>> {
        match self {
            Self::Set(items, _) => Some(
                items
                    .iter()
                    .map(|item| (item.clone(), item.clone()))
                    .collect(),
            ),
            Self::List(items, _) | Self::Tuple(items) => Some(
                (0i64..)
                    .zip(items)
                    .map(|(index, item)| (Self::integer(index), item.clone()))
                    .collect(),
            ),
            Self::Map(members, _) | Self::Object(members) => Some(
                members
                    .iter()
                    .map(|(name, item)| (Self::string(name), item.clone()))
                    .collect(),
            ),
            _ => None,
        }
    }

    /// A set of these values: sorted, each once.
    pub fn set(items: Vec<Value>, inner: Type) -> Self {
        let mut keyed: Vec<_> = items
            .into_iter()
            .map(|item| (item.order_key(), item))
            .collect();
        keyed.put_in_order_by(|left, right| left.0.cmp(&right.0));
        let mut items: Vec<Value> = keyed.into_iter().map(|(_, item)| item).collect();
        items.dedup();
        Self::Set(items, Box::new(inner))
    }

    /// What sets are sorted by; two values of one type have it in common when they are equal.
    pub(crate) fn order_key(&self) -> (u8, Option<Number>, String) {
        match self {
            Self::Boolean(value) => (0, None, value.to_string()),
            Self::Number(value) => (1, Some(value.clone()), String::new()),
            Self::String(text) => (2, None, text.clone()),
            other => (3, None, other.to_json().to_string()),
        }
    }

    /// As JSON: whole numbers as integers, other numbers as floating point.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null | Self::Unknown => Json::Null,
            Self::String(text) => text.as_str().into(),
            Self::Number(number) => match number.to_i64() {
                Some(whole) => whole.into(),
                None => {
                    serde_json::Number::from_f64(number.to_f64()).map_or(Json::Null, Json::Number)
                }
            },
            Self::Boolean(value) => (*value).into(),
            Self::List(items, _) | Self::Set(items, _) | Self::Tuple(items) => {
                items.iter().map(Self::to_json).collect()
            }
            Self::Map(members, _) | Self::Object(members) => {
                let members = members
                    .iter()
                    .map(|(name, value)| (name.clone(), value.to_json()));
                Json::Object(members.collect())
            }
        }
    }

    /// From JSON, as `jsondecode` does.
    pub fn from_json(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Boolean(*value),
            Json::Number(number) => {
                Number::parse(&number.to_string()).map_or(Self::Null, Self::Number)
            }
            Json::String(text) => Self::string(text),
            Json::Array(items) => Self::Tuple(items.iter().map(Self::from_json).collect()),
            Json::Object(members) => Self::Object(
                members
                    .iter()
                    .map(|(name, item)| (name.clone(), Self::from_json(item)))
                    .gather(),
            ),
        }
    }
}

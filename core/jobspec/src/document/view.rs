//! Reading a document member by member: an absent member reads as the zero of its kind.

use serde_json::Value;
use yurt_model::{Duration, InOrder};

/// One object of a document.
#[derive(Clone, Copy, Debug)]
pub struct View<'a>(pub &'a Value);

impl<'a> View<'a> {
    /// The member, unless it is absent or null.
    pub fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Whether the member is there and not null.
    pub fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A text; empty when absent.
    pub fn text(self, name: &str) -> &'a str {
        self.get(name).and_then(Value::as_str).unwrap_or("")
    }

    /// A whole number; 0 when absent.
    pub fn int(self, name: &str) -> i64 {
        self.get(name).and_then(Value::as_i64).unwrap_or(0)
    }

    /// A length of time; zero when absent.
    pub fn span(self, name: &str) -> Duration {
        Duration(self.int(name))
    }

    /// A length of time, if it is there.
    pub fn optional_span(self, name: &str) -> Option<Duration> {
        self.get(name).and_then(Value::as_i64).map(Duration)
    }

    /// A truth value; false when absent.
    pub fn flag(self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// An object, if it is there.
    pub fn object(self, name: &str) -> Option<View<'a>> {
        self.get(name).map(View)
    }

    /// The objects of a list; none when absent.
    pub fn objects(self, name: &str) -> impl ExactSizeIterator<Item = View<'a>> + use<'a> {
        let list: &'a [Value] = match self.get(name) {
            Some(Value::Array(list)) => list,
            _ => &[],
        };
        list.iter().map(View)
    }

    /// The texts of a list; none when absent.
    pub fn texts(self, name: &str) -> Vec<&'a str> {
        match self.get(name) {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The members of a map, sorted by key; none when absent.
    pub fn entries(self, name: &str) -> Vec<(&'a str, &'a Value)> {
        let Some(Value::Object(map)) = self.get(name) else {
            return Vec::new();
        };
        let mut entries: Vec<_> = map
            .iter()
            .map(|(key, value)| (key.as_str(), value))
            .collect();
        entries.put_in_order_by_key(|(key, _)| *key);
        entries
    }

    /// The members of a map of texts, sorted by key.
    pub fn text_entries(self, name: &str) -> Vec<(&'a str, &'a str)> {
        self.entries(name)
            .into_iter()
            .filter_map(|(key, value)| Some((key, value.as_str()?)))
            .collect()
    }
}

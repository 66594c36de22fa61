//! The evaluator's part for objects and `for`.

use super::convert::convert;
use super::evaluate::Scope;
use super::evaluate::{Evaluator, Names};
use super::value::{Type, Value};
use crate::syntax::tree::*;
use std::collections::BTreeMap;
use yurt_model::Gather;

impl Evaluator<'_> {
    pub(super) fn object(&mut self, items: &[(ObjectKey, Expression)], scope: &Names) -> Value {
        let mut members = BTreeMap::new();
        let mut known = true;
        for (key, value) in items {
            let name = self.object_key(key, scope);
            let value = self.evaluate(value, scope);
            match name {
                Some(name) => {
                    members.insert(name, value);
                }
                None => known = false,
            }
        }
        if known {
            Value::Object(members)
        } else {
            Value::Unknown
        }
    }

    /// The name of an object's item.
    pub fn object_key(&mut self, key: &ObjectKey, scope: &Names) -> Option<String> {
        let expression = match key {
            ObjectKey::Name(name, _) => return Some(name.clone()),
            ObjectKey::Expression(expression) => expression,
        };
        if let ExpressionKind::Reference { .. } = expression.kind {
            self.report(
                expression.range,
                "Ambiguous attribute key",
                "If this expression is intended to be a reference, wrap it in parentheses. If \
                 it's instead intended as a literal name containing periods, wrap it in quotes to \
                 create a string literal.",
            );
            return None;
        }
        let value = self.evaluate(expression, scope);
        match convert(&value, &Type::String) {
            Ok(Value::String(name)) => return Some(name),
            Ok(Value::Null) => {
                self.report(
                    expression.range,
                    "Null value as key",
                    "Can't use a null value as a key.",
                );
            }
            Ok(_) => {}
            Err(reason) => {
                let detail = format!("Can't use this value as a key: {reason}.");
                self.report(expression.range, "Incorrect key type", detail);
            }
        }
        None
    }

    /// What a `for` goes through.
    pub(super) fn rounds(
        &mut self,
        collection: &Expression,
        scope: &Names,
        what: &str,
    ) -> Option<Vec<(Value, Value)>> {
        let value = self.evaluate(collection, scope);
        match value {
            Value::Unknown => return None,
            Value::Null => {
                let detail =
                    format!("A null value cannot be used as the collection in a 'for' {what}.");
                self.report(collection.range, "Iteration over null value", detail);
                return None;
            }
            _ => {}
        }
        let entries = value.entries();
        if entries.is_none() {
            let detail = format!(
                "A value of type {} cannot be used as the collection in a 'for' {what}.",
                value.value_type().name()
            );
            self.report(
                collection.range,
                "Iteration over non-iterable value",
                detail,
            );
        }
        entries
    }

    pub(super) fn round_scope<T>(inner: &For<T>, scope: &Names, key: Value, value: Value) -> Names {
        let mut names = [(inner.value_name.clone(), value)]
            .into_iter()
            .gather::<BTreeMap<_, _>>();
        if let Some(name) = &inner.key_name {
            names.insert(name.clone(), key);
        }
        Scope::child(scope, names)
    }

    pub(super) fn for_expression(&mut self, inner: &For<ForContent>, scope: &Names) -> Value {
        let Some(rounds) = self.rounds(&inner.collection, scope, "expression") else {
            return Value::Unknown;
        };
        let content = &inner.content;
        let mut list = Vec::new();
        let mut members: BTreeMap<String, Value> = BTreeMap::new();
        let mut groups: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let mut known = true;
        for (key, value) in rounds {
            let scope = Self::round_scope(inner, scope, key, value);
            match self.keeps(content, &scope) {
                Some(true) => {}
                Some(false) => continue,
                None => {
                    known = false;
                    continue;
                }
            }
            let Some(key) = &content.key else {
                list.push(self.evaluate(&content.value, &scope));
                continue;
            };
            let name = self.for_key(key, &scope);
            let value = self.evaluate(&content.value, &scope);
            let Some(name) = name else {
                known = false;
                continue;
            };
            if content.group {
                groups.entry(name).or_default().push(value);
            } else if let Some(first) = members.insert(name.clone(), value) {
                members.insert(name.clone(), first);
                let detail = format!(
                    "Two different items produced the key \"{name}\" in this 'for' expression. If \
                     duplicates are expected, use the ellipsis (...) after the value expression to \
                     enable grouping by key."
                );
                self.report(key.range, "Duplicate object key", detail);
            }
        }
        if !known {
            return Value::Unknown;
        }
        if content.key.is_none() {
            return Value::Tuple(list);
        }
        members.extend(
            groups
                .into_iter()
                .map(|(name, values)| (name, Value::Tuple(values))),
        );
        Value::Object(members)
    }

    fn keeps(&mut self, content: &ForContent, scope: &Names) -> Option<bool> {
        let Some(condition) = &content.condition else {
            return Some(true);
        };
        let value = self.evaluate(condition, scope);
        match convert(&value, &Type::Boolean) {
            Ok(Value::Boolean(keep)) => return Some(keep),
            Ok(Value::Null) => self.report(
                condition.range,
                "Condition is null",
                "The value of the 'if' clause must not be null.",
            ),
            Ok(_) => {}
            Err(reason) => {
                let detail = format!("The 'if' clause value is invalid: {reason}.");
                self.report(condition.range, "Invalid 'for' condition", detail);
            }
        }
        None
    }

    fn for_key(&mut self, key: &Expression, scope: &Names) -> Option<String> {
        let value = self.evaluate(key, scope);
        match convert(&value, &Type::String) {
            Ok(Value::String(name)) => return Some(name),
            Ok(Value::Null) => self.report(
                key.range,
                "Invalid object key",
                "Key expression in 'for' expression must not produce a null value.",
            ),
            Ok(_) => {}
            Err(reason) => {
                let detail = format!("The key expression produced an invalid result: {reason}.");
                self.report(key.range, "Invalid object key", detail);
            }
        }
        None
    }
}

//! The evaluator: from an expression to a value, with the reference's messages.
//!
//! An expression with an error is reported once and gives `Unknown`, which passes silently through
//! whatever uses it. A budget bounds the work, so that no job file can hold the page up.

use super::convert::{convert, unify};
use super::number::Number;
use super::operators::{self, Failure};
use super::runtime_reference;
use super::value::{Type, Value};
use crate::diagnostics::{Diagnostic, Range, Stage};
use crate::functions;
use crate::syntax::tree::*;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Names that expressions may use.
#[derive(Debug, Default)]
pub struct Scope {
    /// The surrounding scope.
    pub parent: Option<Rc<Scope>>,
    /// Names of this scope.
    pub names: BTreeMap<String, Value>,
}

impl Scope {
    /// A scope inside another one.
    pub fn child(parent: &Rc<Scope>, names: BTreeMap<String, Value>) -> Rc<Scope> {
        Rc::new(Scope {
            parent: Some(Rc::clone(parent)),
            names,
        })
    }

    fn get(&self, name: &str) -> Option<&Value> {
        let mut scope = Some(self);
        while let Some(here) = scope {
            if let Some(value) = here.names.get(name) {
                return Some(value);
            }
            scope = here.parent.as_deref();
        }
        None
    }
}

/// What becomes of references that the scope does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum References {
    /// They stay as text, for the client to fill in.
    Runtime,
    /// No references and no functions at all: defaults and assigned values.
    Forbidden,
}

/// How much work evaluation may still do.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Expressions still to be evaluated.
    pub steps: usize,
    /// Bytes and items still to be made.
    pub size: usize,
    /// It was not enough; one message has said so.
    pub exhausted: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            steps: 400_000,
            size: 16 << 20,
            exhausted: false,
        }
    }
}

/// Evaluates expressions of one file.
pub struct Evaluator<'a> {
    /// Text of the file, from which runtime references are taken.
    pub source: &'a str,
    /// Name of the file in messages.
    pub file: &'a str,
    /// Stage for messages.
    pub stage: Stage,
    /// What becomes of unknown references.
    pub references: References,
    /// Reads files for `file()` and its like.
    pub read_file: Option<&'a dyn Fn(&str) -> Result<String, String>>,
    /// Messages so far.
    pub diagnostics: Vec<Diagnostic>,
    /// Work that is still allowed.
    pub budget: Budget,
}

type Names = Rc<Scope>;

impl<'a> Evaluator<'a> {
    /// Reports an error.
    pub fn report(&mut self, range: Range, summary: &str, detail: impl Into<String>) {
        let error = Diagnostic::error(self.stage, self.file, range, summary, detail);
        self.diagnostics.push(error);
    }

    fn fail(&mut self, range: Range, summary: &str, detail: impl Into<String>) -> Value {
        self.report(range, summary, detail);
        Value::Unknown
    }

    /// Takes from the budget; false (and one message) when it is used up.
    fn spend(&mut self, range: Range, steps: usize, size: usize) -> bool {
        let Budget {
            steps: steps_left,
            size: size_left,
            exhausted,
        } = self.budget;
        if exhausted {
            return false;
        }
        if steps_left >= steps && size_left >= size {
            self.budget.steps -= steps;
            self.budget.size -= size;
            return true;
        }
        self.budget.exhausted = true;
        let detail = "Evaluating this job file takes more work than is allowed.";
        self.report(range, "Evaluation too large", detail);
        false
    }

    /// The value of an expression.
    pub fn evaluate(&mut self, expression: &Expression, scope: &Names) -> Value {
        if !self.spend(expression.range, 1, 0) {
            return Value::Unknown;
        }
        match &expression.kind {
            ExpressionKind::Number(text) => {
                Number::parse(text).map_or(Value::Unknown, Value::Number)
            }
            ExpressionKind::Boolean(value) => Value::Boolean(*value),
            ExpressionKind::Null => Value::Null,
            ExpressionKind::Template(parts) => self.template(parts, scope, expression.range),
            ExpressionKind::Wrap(inner) | ExpressionKind::Parentheses(inner) => {
                self.evaluate(inner, scope)
            }
            ExpressionKind::Reference {
                root,
                root_range,
                steps,
            } => self.reference(expression, root, *root_range, steps, scope),
            ExpressionKind::Relative { source, steps } => {
                let value = self.evaluate(source, scope);
                self.steps(value, steps)
            }
            ExpressionKind::Index {
                collection,
                key,
                brackets,
            } => {
                let value = self.evaluate(collection, scope);
                let key = self.evaluate(key, scope);
                self.index(&value, &key, *brackets)
            }
            ExpressionKind::Splat { source, each, .. } => self.splat(source, each, scope),
            ExpressionKind::SplatItem => scope.get(SPLAT_ITEM).cloned().unwrap_or(Value::Unknown),
            ExpressionKind::Call { .. } => self.call(expression, scope),
            ExpressionKind::Conditional { condition, yes, no } => {
                self.conditional(condition, yes, no, scope)
            }
            ExpressionKind::Binary {
                operator,
                left,
                right,
            } => self.binary(expression, *operator, left, right, scope),
            ExpressionKind::Negate { operand, .. } => self.negate(operand, scope),
            ExpressionKind::Not { operand, .. } => self.not(operand, scope),
            ExpressionKind::Tuple { items, .. } => Value::Tuple(
                items
                    .iter()
                    .map(|item| self.evaluate(item, scope))
                    .collect(),
            ),
            ExpressionKind::Object { items, .. } => self.object(items, scope),
            ExpressionKind::For(inner) => self.for_expression(inner, scope),
            ExpressionKind::Embedded { source, inner } => self.embedded(source, inner, scope),
        }
    }

    /// A template that is a text of its own inside JSON.
    fn embedded(&mut self, source: &str, inner: &Expression, scope: &Names) -> Value {
        let mut nested = Evaluator {
            source,
            file: self.file,
            stage: self.stage,
            references: self.references,
            read_file: self.read_file,
            diagnostics: std::mem::take(&mut self.diagnostics),
            budget: self.budget,
        };
        let value = nested.evaluate(inner, scope);
        self.budget = nested.budget;
        self.diagnostics = nested.diagnostics;
        value
    }

    // References.

    fn reference(
        &mut self,
        expression: &Expression,
        root: &str,
        root_range: Range,
        steps: &[Step],
        scope: &Names,
    ) -> Value {
        if let Some(value) = scope.get(root) {
            let value = value.clone();
            return self.steps(value, steps);
        }
        match self.references {
            References::Runtime => {
                Value::String(runtime_reference::text(self.source, expression.range))
            }
            References::Forbidden => self.fail(
                root_range,
                "Variables not allowed",
                "Variables may not be used here.",
            ),
        }
    }

    fn steps(&mut self, mut value: Value, steps: &[Step]) -> Value {
        for step in steps {
            value = match &step.key {
                StepKey::Attribute(name) => self.attribute(&value, name, step.range),
                StepKey::Text(text) => {
                    self.index(&value, &Value::string(text.as_str()), step.range)
                }
                StepKey::Number(text) => {
                    let key = Number::parse(text).map_or(Value::Unknown, Value::Number);
                    self.index(&value, &key, step.range)
                }
            };
            if value == Value::Unknown {
                break;
            }
        }
        value
    }

    fn attribute(&mut self, value: &Value, name: &str, range: Range) -> Value {
        const SUMMARY: &str = "Unsupported attribute";
        match value {
            Value::Unknown => Value::Unknown,
            Value::Null => self.fail(
                range,
                "Attempt to get attribute from null value",
                "This value is null, so it does not have any attributes.",
            ),
            Value::Object(members) => match members.get(name) {
                Some(member) => member.clone(),
                None => {
                    let detail =
                        format!("This object does not have an attribute named \"{name}\".");
                    self.fail(range, SUMMARY, detail)
                }
            },
            Value::Map(members, _) => match members.get(name) {
                Some(member) => member.clone(),
                None => {
                    let detail =
                        format!("This map does not have an element with the key \"{name}\".");
                    self.fail(range, "Missing map element", detail)
                }
            },
            Value::List(_, inner) if matches!(**inner, Type::Object(_)) => {
                let detail = format!(
                    "Can't access attributes on a list of objects. Did you mean to access \
                     attribute \"{name}\" for a specific element of the list, or across all \
                     elements of the list?"
                );
                self.fail(range, SUMMARY, detail)
            }
            Value::String(_) | Value::Number(_) | Value::Boolean(_) => {
                let kind = value.value_type().name();
                let detail =
                    format!("Can't access attributes on a primitive-typed value ({kind}).");
                self.fail(range, SUMMARY, detail)
            }
            _ => self.fail(range, SUMMARY, "This value does not have any attributes."),
        }
    }

    fn index(&mut self, value: &Value, key: &Value, range: Range) -> Value {
        const SUMMARY: &str = "Invalid index";
        const ABSENT: &str = "The given key does not identify an element in this collection value";
        if matches!(value, Value::Unknown) || matches!(key, Value::Unknown) {
            return Value::Unknown;
        }
        if matches!(value, Value::Null) {
            return self.fail(
                range,
                "Attempt to index null value",
                "This value is null, so it does not have any indices.",
            );
        }
        if matches!(key, Value::Null) {
            return self.fail(range, SUMMARY, "Can't use a null value as an indexing key.");
        }
        let wanted = match value {
            Value::List(..) | Value::Tuple(_) => Type::Number,
            Value::Map(..) | Value::Object(_) => Type::String,
            _ => return self.fail(range, SUMMARY, "This value does not have any indices."),
        };
        let key = match convert(key, &wanted) {
            Ok(key) => key,
            Err(reason) => return self.fail(range, SUMMARY, format!("{ABSENT}: {reason}.")),
        };
        let found = match &key {
            Value::Number(number) => {
                let index = number
                    .to_i64()
                    .and_then(|index| usize::try_from(index).ok());
                index.and_then(|index| value.items()?.get(index))
            }
            Value::String(text) => value.members().and_then(|members| members.get(text)),
            _ => None,
        };
        match found {
            Some(found) => found.clone(),
            None => self.fail(range, SUMMARY, format!("{ABSENT}.")),
        }
    }

    fn splat(&mut self, source: &Expression, each: &Expression, scope: &Names) -> Value {
        let value = self.evaluate(source, scope);
        let items = match value {
            Value::Unknown => return Value::Unknown,
            Value::Null => Vec::new(),
            Value::List(items, _) | Value::Set(items, _) | Value::Tuple(items) => items,
            single => vec![single],
        };
        let results = items.into_iter().map(|item| {
            let names = BTreeMap::from([(SPLAT_ITEM.to_owned(), item)]);
            self.evaluate(each, &Scope::child(scope, names))
        });
        Value::Tuple(results.collect())
    }

    // Operators.

    fn binary(
        &mut self,
        expression: &Expression,
        operator: BinaryOperator,
        left: &Expression,
        right: &Expression,
        scope: &Names,
    ) -> Value {
        let first = self.evaluate(left, scope);
        let second = self.evaluate(right, scope);
        match operators::binary(operator, &first, &second) {
            Ok(value) => value,
            Err(Failure::Operand(side, reason)) => {
                let (range, name) = if side == 0 {
                    (left.range, "left")
                } else {
                    (right.range, "right")
                };
                let detail = format!("Unsuitable value for {name} operand: {reason}.");
                self.fail(range, "Invalid operand", detail)
            }
            Err(Failure::Operation(reason)) => {
                let detail = format!("Error during operation: {reason}.");
                self.fail(expression.range, "Operation failed", detail)
            }
        }
    }

    fn unary_operand(&mut self, operand: &Expression, wanted: &Type, scope: &Names) -> Value {
        let value = self.evaluate(operand, scope);
        match convert(&value, wanted) {
            Ok(Value::Null) => {
                let detail = "Error during operation: argument must not be null.";
                self.fail(operand.range, "Operation failed", detail)
            }
            Ok(value) => value,
            Err(reason) => {
                let detail = format!("Unsuitable value for unary operand: {reason}.");
                self.fail(operand.range, "Invalid operand", detail)
            }
        }
    }

    fn negate(&mut self, operand: &Expression, scope: &Names) -> Value {
        match self.unary_operand(operand, &Type::Number, scope) {
            Value::Number(number) => Value::Number(number.negated()),
            _ => Value::Unknown,
        }
    }

    fn not(&mut self, operand: &Expression, scope: &Names) -> Value {
        match self.unary_operand(operand, &Type::Boolean, scope) {
            Value::Boolean(value) => Value::Boolean(!value),
            _ => Value::Unknown,
        }
    }

    fn conditional(
        &mut self,
        condition: &Expression,
        yes: &Expression,
        no: &Expression,
        scope: &Names,
    ) -> Value {
        // Both sides are evaluated for their types; errors count for the chosen side only.
        let before = self.diagnostics.len();
        let first = self.evaluate(yes, scope);
        let after_first = self.diagnostics.len();
        let second = self.evaluate(no, scope);
        let second_errors = self.diagnostics.split_off(after_first);
        let first_errors = self.diagnostics.split_off(before);
        let Some(common) = unify([first.value_type(), second.value_type()]) else {
            let detail = format!(
                "The true and false result expressions must have consistent types. The 'true' \
                 value is {}, but the 'false' value is {}.",
                first.value_type().name(),
                second.value_type().name()
            );
            let range = yes.range.to(no.range);
            return self.fail(range, "Inconsistent conditional result types", detail);
        };
        let value = self.evaluate(condition, scope);
        let chosen = match convert(&value, &Type::Boolean) {
            Ok(Value::Boolean(true)) => (first, first_errors),
            Ok(Value::Boolean(false)) => (second, second_errors),
            Ok(Value::Null) => {
                let detail =
                    "The condition value is null. Conditions must either be true or false.";
                return self.fail(condition.range, "Null condition", detail);
            }
            Ok(_) => return Value::Unknown,
            Err(_) => {
                return self.fail(
                    condition.range,
                    "Incorrect condition type",
                    "The condition expression must be of type bool.",
                );
            }
        };
        self.diagnostics.extend(chosen.1);
        convert(&chosen.0, &common).unwrap_or(Value::Unknown)
    }

    // Collections.

    fn object(&mut self, items: &[(ObjectKey, Expression)], scope: &Names) -> Value {
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
    fn rounds(
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

    fn round_scope<T>(inner: &For<T>, scope: &Names, key: Value, value: Value) -> Names {
        let mut names = BTreeMap::from([(inner.value_name.clone(), value)]);
        if let Some(name) = &inner.key_name {
            names.insert(name.clone(), key);
        }
        Scope::child(scope, names)
    }

    fn for_expression(&mut self, inner: &For<ForContent>, scope: &Names) -> Value {
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
            } else if members.contains_key(&name) {
                let detail = format!(
                    "Two different items produced the key \"{name}\" in this 'for' expression. If \
                     duplicates are expected, use the ellipsis (...) after the value expression to \
                     enable grouping by key."
                );
                self.report(key.range, "Duplicate object key", detail);
            } else {
                members.insert(name, value);
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

    // Templates.

    fn template(&mut self, parts: &[Part], scope: &Names, range: Range) -> Value {
        let mut text = String::new();
        match self.template_into(parts, scope, &mut text) && self.spend(range, 0, text.len()) {
            true => Value::String(text),
            false => Value::Unknown,
        }
    }

    fn template_into(&mut self, parts: &[Part], scope: &Names, text: &mut String) -> bool {
        let mut known = true;
        for part in parts {
            known &= match part {
                Part::Literal(literal, _) => {
                    text.push_str(literal);
                    true
                }
                Part::Interpolation(expression) => self.interpolation(expression, scope, text),
                Part::If { condition, yes, no } => {
                    let value = self.evaluate(condition, scope);
                    match convert(&value, &Type::Boolean) {
                        Ok(Value::Boolean(chosen)) => {
                            self.template_into(if chosen { yes } else { no }, scope, text)
                        }
                        Ok(Value::Null) => {
                            let detail = "The condition value is null. Conditions must either be \
                                          true or false.";
                            self.report(condition.range, "Null condition", detail);
                            false
                        }
                        Ok(_) => false,
                        Err(_) => {
                            let detail = "The condition expression must be of type bool.";
                            self.report(condition.range, "Incorrect condition type", detail);
                            false
                        }
                    }
                }
                Part::For(inner) => {
                    let Some(rounds) = self.rounds(&inner.collection, scope, "expression") else {
                        known = false;
                        continue;
                    };
                    rounds.into_iter().fold(true, |known, (key, value)| {
                        let scope = Self::round_scope(inner, scope, key, value);
                        let range = inner.collection.range;
                        self.spend(range, 1, 0)
                            && self.template_into(&inner.content, &scope, text)
                            && known
                    })
                }
            };
            if text.len() > self.budget.size && !self.spend(part.range(), 0, text.len()) {
                return false;
            }
        }
        known
    }

    fn interpolation(&mut self, expression: &Expression, scope: &Names, text: &mut String) -> bool {
        const SUMMARY: &str = "Invalid template interpolation value";
        let value = self.evaluate(expression, scope);
        match convert(&value, &Type::String) {
            Ok(Value::String(part)) => {
                text.push_str(&part);
                self.spend(expression.range, 0, part.len())
            }
            Ok(Value::Null) => {
                let detail = "The expression result is null. Cannot include a null value in a \
                              string template.";
                self.report(expression.range, SUMMARY, detail);
                false
            }
            Ok(_) => false,
            Err(reason) => {
                let detail =
                    format!("Cannot include the given value in a string template: {reason}.");
                self.report(expression.range, SUMMARY, detail);
                false
            }
        }
    }

    // Calls.

    fn call(&mut self, expression: &Expression, scope: &Names) -> Value {
        let ExpressionKind::Call {
            name,
            name_range,
            open,
            close,
            arguments,
            expand,
        } = &expression.kind
        else {
            return Value::Unknown;
        };
        if self.references == References::Forbidden {
            return self.fail(
                expression.range,
                "Function calls not allowed",
                "Functions may not be called here.",
            );
        }
        if let Some(value) = self.special_call(name, arguments, name_range.to(*open), scope) {
            return value;
        }
        let Some(function) = functions::find(name) else {
            let detail = functions::unknown(name);
            return self.fail(*name_range, "Call to unknown function", detail);
        };
        let mut values = Vec::with_capacity(arguments.len());
        let mut places = Vec::with_capacity(arguments.len());
        for (index, argument) in arguments.iter().enumerate() {
            let value = self.evaluate(argument, scope);
            if *expand && index + 1 == arguments.len() {
                match value {
                    Value::Unknown => return Value::Unknown,
                    Value::List(items, _) | Value::Set(items, _) | Value::Tuple(items) => {
                        places.extend(items.iter().map(|_| argument.start_range()));
                        values.extend(items);
                    }
                    _ => {
                        let detail = "The expanding argument (indicated by ...) must be of a \
                                      tuple, list, or set type.";
                        let summary = "Invalid expanding argument value";
                        return self.fail(argument.range, summary, detail);
                    }
                }
            } else {
                places.push(argument.start_range());
                values.push(value);
            }
        }
        let result = {
            let nonce = format!("{} {}", self.budget.steps, self.source.len());
            functions::call(function, values, self.read_file, &nonce)
        };
        self.call_result(function, result, &places, name_range.to(*open), *close)
    }

    fn call_result(
        &mut self,
        function: &functions::Function,
        result: Result<Value, functions::Failure>,
        places: &[Range],
        start: Range,
        close: Range,
    ) -> Value {
        let name = function.name;
        let failure = match result {
            Ok(value) => {
                let size = functions::size(&value);
                return if self.spend(start, 0, size) {
                    value
                } else {
                    Value::Unknown
                };
            }
            Err(failure) => failure,
        };
        match failure {
            functions::Failure::Unknown => Value::Unknown,
            functions::Failure::Missing {
                expected,
                parameter,
                variadic,
            } => {
                let least = if variadic { "at least " } else { "" };
                let detail = format!(
                    "Function \"{name}\" expects {least}{expected} argument(s). Missing value for \
                     \"{parameter}\"."
                );
                self.fail(close, "Not enough function arguments", detail)
            }
            functions::Failure::TooMany { expected } => {
                let range = places.get(expected).copied().unwrap_or(start);
                let detail = format!("Function \"{name}\" expects only {expected} argument(s).");
                self.fail(range, "Too many function arguments", detail)
            }
            functions::Failure::Argument {
                index,
                parameter,
                reason,
            } => {
                let range = places.get(index).copied().unwrap_or(start);
                let detail = format!("Invalid value for \"{parameter}\" parameter: {reason}.");
                self.fail(range, "Invalid function argument", detail)
            }
            functions::Failure::Call(reason) => {
                let detail = format!("Call to function \"{name}\" failed: {reason}.");
                self.fail(start, "Error in function call", detail)
            }
        }
    }

    /// `can`, `try` and `convert`, which look at expressions rather than values.
    fn special_call(
        &mut self,
        name: &str,
        arguments: &[Expression],
        start: Range,
        scope: &Names,
    ) -> Option<Value> {
        match (name, arguments) {
            ("can", [argument]) => {
                let before = self.diagnostics.len();
                let value = self.evaluate(argument, scope);
                let failed = self.diagnostics.len() > before || value.has_unknown();
                self.diagnostics.truncate(before);
                Some(Value::Boolean(!failed))
            }
            ("try", [_, ..]) => {
                let before = self.diagnostics.len();
                for argument in arguments {
                    let value = self.evaluate(argument, scope);
                    if self.diagnostics.len() == before {
                        return Some(value);
                    }
                    self.diagnostics.truncate(before);
                }
                let detail = "Call to function \"try\" failed: no expression succeeded.";
                Some(self.fail(start, "Error in function call", detail))
            }
            ("convert", [argument, wanted]) => {
                let file = self.file;
                let wanted = match crate::variables::type_constraint(wanted, file, self.stage) {
                    Ok(wanted) => wanted,
                    Err(error) => {
                        self.diagnostics.push(*error);
                        return Some(Value::Unknown);
                    }
                };
                let value = self.evaluate(argument, scope);
                Some(convert(&value, &wanted).unwrap_or_else(|reason| {
                    let detail = format!("Invalid value for \"value\" parameter: {reason}.");
                    self.fail(argument.start_range(), "Invalid function argument", detail)
                }))
            }
            _ => None,
        }
    }
}

/// Name of the splat's element in its scope; no identifier can be this.
const SPLAT_ITEM: &str = "*";

//! The evaluator: from an expression to a value, with the reference's messages.
//!
//! An expression with an error is reported once and gives `Unknown`, which passes silently through
//! whatever uses it. A budget bounds the work, so that no job file can hold the page up.

use super::convert::{convert, unify};
use super::number::Number;
use super::operators::{self, Failure};
use super::runtime_reference;
use super::value::{Type, Value};
use crate::ReadFiles;
use crate::diagnostics::{Diagnostic, Range, Stage};
use crate::functions;
use crate::syntax::tree::*;
use std::collections::BTreeMap;
use std::rc::Rc;
use yurt_model::Gather;

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

/// Most expressions that one job file may evaluate.
pub const STEPS_MAX: usize = 400_000;
/// Most bytes of values that one job file may make.
pub const SIZE_MAX: usize = 16 << 20;

/// What an error counts as, in steps: it takes far more room than a value.
const FAILURE_STEPS: usize = 20;

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

impl Budget {
    /// The work done so far, in steps; what was made counts as much at its limit as steps do.
    pub fn spent(&self) -> usize {
        let made = SIZE_MAX - self.size;
        STEPS_MAX - self.steps + made / (SIZE_MAX / STEPS_MAX)
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            steps: STEPS_MAX,
            size: SIZE_MAX,
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
    /// What `file()` and its like read.
    pub files: Option<&'a dyn ReadFiles>,
    /// Messages so far.
    pub diagnostics: Vec<Diagnostic>,
    /// Work that is still allowed.
    pub budget: Budget,
}

pub(super) type Names = Rc<Scope>;

impl<'a> Evaluator<'a> {
    /// Reports an error.
    pub fn report(&mut self, range: Range, summary: &str, detail: impl Into<String>) {
        self.budget.steps = self.budget.steps.saturating_sub(FAILURE_STEPS);
        let error = Diagnostic::error(self.stage, self.file, range, summary, detail);
        self.diagnostics.push(error);
    }

    pub(super) fn fail(&mut self, range: Range, summary: &str, detail: impl Into<String>) -> Value {
        self.report(range, summary, detail);
        Value::Unknown
    }

    /// Takes from the budget; false (and one message) when it is used up.
    pub(crate) fn spend(&mut self, range: Range, steps: usize, size: usize) -> bool {
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
        let detail = match steps_left < steps {
            true => format!("Evaluating this job file takes more than {STEPS_MAX} steps."),
            false => {
                format!("Evaluating this job file makes more than {SIZE_MAX} bytes of values.")
            }
        };
        self.report(range, "Evaluation too large", detail);
        false
    }

    /// The value of an expression.
    pub fn evaluate(&mut self, expression: &Expression, scope: &Names) -> Value {
        if !self.spend(expression.range, 1, 0) {
            return Value::Unknown;
        }
        match &expression.kind {
            ExpressionKind::Number(text) => match Number::parse(text) {
                Some(number) => Value::Number(number),
                None => self.fail(
                    expression.range,
                    "Invalid number literal",
                    "Failed to recognize the value of this number literal.",
                ),
            },
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
            ExpressionKind::Embedded { source, inner } => {
                self.embedded(source, inner, scope, expression.range.start.byte + 1)
            }
        }
    }

    /// A template that is a text of its own inside JSON, from this byte on.
    fn embedded(&mut self, source: &str, inner: &Expression, scope: &Names, byte: usize) -> Value {
        let before = self.diagnostics.len();
        let mut nested = Evaluator {
            source,
            file: self.file,
            stage: self.stage,
            references: self.references,
            files: self.files,
            diagnostics: std::mem::take(&mut self.diagnostics),
            budget: self.budget,
        };
        let value = nested.evaluate(inner, scope);
        self.budget = nested.budget;
        self.diagnostics = nested.diagnostics;
        for error in self.diagnostics.iter_mut().skip(before) {
            error.shift(byte);
        }
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
            // Borrowed as far as members are plainly there, so that a use costs what it yields.
            let (mut value, mut rest) = (value, steps);
            while let [step, after @ ..] = rest
                && let Some(member) = plain_member(value, &step.key)
            {
                (value, rest) = (member, after);
            }
            let found = match rest.split_first() {
                // What is missing is told without taking along all that is there.
                Some((step, rest)) => {
                    let member = self.step(value, step);
                    self.steps(member, rest)
                }
                None if !self.spend(expression.range, 0, functions::size(value)) => Value::Unknown,
                None => return value.clone(),
            };
            return match self.spend(expression.range, 0, functions::size(&found)) {
                true => found,
                false => Value::Unknown,
            };
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
            value = self.step(&value, step);
            if value == Value::Unknown {
                break;
            }
        }
        value
    }

    fn step(&mut self, value: &Value, step: &Step) -> Value {
        match &step.key {
            StepKey::Attribute(name) => self.attribute(value, name, step.range),
            StepKey::Text(text) => self.index(value, &Value::string(text.as_str()), step.range),
            StepKey::Number(text) => {
                let key = Number::parse(text).map_or(Value::Unknown, Value::Number);
                self.index(value, &key, step.range)
            }
        }
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
            let names = [(SPLAT_ITEM.to_owned(), item)]
                .into_iter()
                .gather::<BTreeMap<_, _>>();
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

    pub(super) fn unary_operand(
        &mut self,
        operand: &Expression,
        wanted: &Type,
        scope: &Names,
    ) -> Value {
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
}

/// Name of the splat's element in its scope; no identifier can be this.
const SPLAT_ITEM: &str = "*";

/// The member that a step leads to, when nothing has to be converted and nothing is missing.
fn plain_member<'v>(value: &'v Value, key: &StepKey) -> Option<&'v Value> {
    match (value, key) {
        (
            Value::Object(members) | Value::Map(members, _),
            StepKey::Attribute(name) | StepKey::Text(name),
        ) => members.get(name),
        (Value::List(items, _) | Value::Tuple(items), StepKey::Number(text)) => {
            items.get(text.parse::<usize>().ok()?)
        }
        _ => None,
    }
}

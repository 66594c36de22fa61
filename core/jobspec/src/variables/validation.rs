//! Validation blocks of variables (spec: jobspec 5.3).

use super::Resolver;
use super::references::collect_references;
use crate::Range;
use crate::diagnostics::{Diagnostic, Stage};
use crate::expression::{Scope, Type, Value, convert};
use crate::syntax::tree::*;
use std::collections::BTreeMap;
use std::rc::Rc;
use yurt_model::Gather;

impl Resolver<'_> {
    pub(super) fn validate(&mut self, variables: &Value) {
        for at in 0..self.variables.len() {
            for block in self.variables[at].validations.clone() {
                self.validate_one(at, block, variables);
            }
        }
    }

    fn validate_one(&mut self, at: usize, block: &Block, variables: &Value) {
        for name in ["condition", "error_message"] {
            if block.body.attribute(name).is_none() {
                let detail =
                    format!("The argument \"{name}\" is required, but no definition was found.");
                let range = block.open_brace.at_start();
                self.report(range, "Missing required argument", detail);
                return;
            }
        }
        let (Some(condition), Some(message)) = (
            block.body.attribute("condition"),
            block.body.attribute("error_message"),
        ) else {
            return;
        };
        let message_value =
            self.constant(self.input.source, self.input.file_name, &message.expression);
        let text = match &message_value {
            Value::String(text) if !text.trim().is_empty() => text.clone(),
            Value::Unknown => return,
            _ => {
                self.report(
                    message.expression.range,
                    "Invalid validation error message",
                    "An empty or blank string is not a valid nor useful error message.",
                );
                return;
            }
        };
        let name = self.variables[at].name.clone();
        if !self.condition_refers_to(&name, &condition.expression) {
            return;
        }
        let Some(assigned) = &self.variables[at].assigned else {
            return;
        };
        if assigned.value.has_unknown() {
            return;
        }
        let (file, range, origin) = (assigned.file.clone(), assigned.range, assigned.origin);
        let names = [("var".to_owned(), variables.clone())]
            .into_iter()
            .gather::<BTreeMap<_, _>>();
        let scope = Scope::child(&Rc::default(), names);
        let value = self.evaluate(&condition.expression, &scope, None);
        let place = condition.expression.range;
        match convert(&value, &Type::Boolean) {
            Ok(Value::Boolean(false)) => {
                let detail = format!(
                    "{text}\n\nThis was checked by the validation rule at {}:{}.",
                    self.input.file_name, block.kind_range
                );
                let summary = format!("Invalid value for {origin} variable");
                let error = Diagnostic::error(Stage::Decode, &file, range, summary, detail);
                self.diagnostics.push(error);
            }
            result => self.check_result(place, &result),
        }
    }

    /// What a condition gives is true or false.
    fn check_result(&mut self, place: Range, result: &Result<Value, String>) {
        let summary = "Invalid variable validation result";
        match result {
            Ok(Value::Null) => self.report(
                place,
                summary,
                "Validation condition expression must return either true or false, not null.",
            ),
            Ok(_) => {}
            Err(reason) => {
                let detail = format!("Invalid validation condition result value: {reason}.");
                self.report(place, summary, detail);
            }
        }
    }

    /// A condition may refer to its own variable only, and must.
    fn condition_refers_to(&mut self, name: &str, condition: &Expression) -> bool {
        let mut references = Vec::new();
        collect_references(condition, &mut Vec::new(), &mut references);
        let (mut own, mut good) = (false, true);
        for (root, range, steps) in references {
            let first = steps.first().map(|step| &step.key);
            let is_own = root == "var"
                && matches!(first, Some(StepKey::Attribute(attribute)) if attribute == name);
            own |= is_own;
            if !is_own {
                good = false;
                let range = steps.first().map_or(range, |step| range.to(step.range));
                let detail = format!(
                    "The condition for variable \"{name}\" can only refer to the variable itself, \
                     using var.{name}."
                );
                self.report(range, "Invalid reference in variable validation", detail);
            }
        }
        if !own {
            let detail = format!(
                "The condition for variable \"{name}\" must refer to var.{name} in order to test \
                 incoming values."
            );
            self.report(
                condition.range,
                "Invalid variable validation condition",
                detail,
            );
        }
        own && good
    }
}

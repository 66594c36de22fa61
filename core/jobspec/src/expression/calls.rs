//! The evaluator's part for function calls.

use super::convert::convert;
use super::evaluate::{Evaluator, Names, References};
use super::value::Value;
use crate::diagnostics::Range;
use crate::functions;
use crate::syntax::tree::*;

/// What looking for the nearest name of an unknown function counts as, in steps.
const UNKNOWN_STEPS: usize = 100;

impl Evaluator<'_> {
    pub(super) fn call(&mut self, expression: &Expression, scope: &Names) -> Value {
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
            if !self.spend(*name_range, UNKNOWN_STEPS, 0) {
                return Value::Unknown;
            }
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
            functions::call(function, values, self.files, &nonce)
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
                // To make a long list is work for each of its items.
                return if self.spend(start, size / size_of::<Value>(), size) {
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

//! The evaluator's part for templates.

use super::convert::convert;
use super::evaluate::{Evaluator, Names};
use super::value::{Type, Value};
use crate::diagnostics::Range;
use crate::syntax::tree::*;

impl Evaluator<'_> {
    pub(super) fn template(&mut self, parts: &[Part], scope: &Names, range: Range) -> Value {
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
}

//! Operators on values.

use super::convert::convert;
use super::number::Number;
use super::value::{Type, Value};
use crate::syntax::tree::BinaryOperator;
use std::cmp::Ordering;

/// Why an operator gave nothing.
pub(super) enum Failure {
    /// An operand has the wrong type: 0 left, 1 right.
    Operand(usize, String),
    /// The operation itself.
    Operation(&'static str),
}

/// Applies an operator with two sides.
pub(super) fn binary(
    operator: BinaryOperator,
    left: &Value,
    right: &Value,
) -> Result<Value, Failure> {
    use BinaryOperator::*;
    if matches!(operator, Equal | NotEqual) {
        if left.has_unknown() || right.has_unknown() {
            return Ok(Value::Unknown);
        }
        return Ok(Value::Boolean((left == right) == (operator == Equal)));
    }
    let wanted = if matches!(operator, And | Or) {
        Type::Boolean
    } else {
        Type::Number
    };
    let left = operand(left, &wanted, 0)?;
    let right = operand(right, &wanted, 1)?;
    match (&left, &right) {
        (Value::Boolean(left), Value::Boolean(right)) => Ok(Value::Boolean(if operator == And {
            *left && *right
        } else {
            *left || *right
        })),
        (Value::Number(left), Value::Number(right)) => numbers(operator, left, right),
        (Value::Null, _) | (_, Value::Null) => Err(Failure::Operation("argument must not be null")),
        _ => Ok(Value::Unknown),
    }
}

fn operand(value: &Value, wanted: &Type, side: usize) -> Result<Value, Failure> {
    convert(value, wanted).map_err(|reason| Failure::Operand(side, reason))
}

fn numbers(operator: BinaryOperator, left: &Number, right: &Number) -> Result<Value, Failure> {
    use BinaryOperator::*;
    let ordering = left.cmp(right);
    let truth = match operator {
        Less => Some(ordering == Ordering::Less),
        LessOrEqual => Some(ordering != Ordering::Greater),
        Greater => Some(ordering == Ordering::Greater),
        GreaterOrEqual => Some(ordering != Ordering::Less),
        _ => None,
    };
    if let Some(truth) = truth {
        return Ok(Value::Boolean(truth));
    }
    let (result, reason) = match operator {
        Add => (
            left.checked_add(right),
            "can't compute sum of opposing infinities",
        ),
        Subtract => (
            left.checked_sub(right),
            "can't subtract infinity from itself",
        ),
        Multiply => (left.checked_mul(right), "can't multiply zero by infinity"),
        Divide => (
            left.checked_div(right),
            "can't divide zero by zero or infinity by infinity",
        ),
        _ => (
            left.checked_rem(right),
            "can't use modulo with zero or infinity",
        ),
    };
    result.map(Value::Number).ok_or(Failure::Operation(reason))
}

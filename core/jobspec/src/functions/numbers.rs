//! Functions on numbers.

use super::{Call, Failure, Function, Kind, failed, function, parameter, unsuitable};
use crate::expression::{Number, Value};

const NUMBER: super::Parameter = parameter("num", Kind::Number);

pub(super) static TABLE: &[Function] = &[
    function(
        "abs",
        &[NUMBER],
        None,
        "The number without its sign.",
        |call| {
            let number = call.number(0);
            Ok(Value::Number(if number.is_negative() {
                number.negated()
            } else {
                number
            }))
        },
    ),
    function(
        "ceil",
        &[NUMBER],
        None,
        "The next whole number up.",
        |call| Ok(Value::Number(call.number(0).ceiling())),
    ),
    function(
        "floor",
        &[NUMBER],
        None,
        "The next whole number down.",
        |call| Ok(Value::Number(call.number(0).floor())),
    ),
    function(
        "signum",
        &[NUMBER],
        None,
        "-1, 0 or 1 by the number's sign.",
        |call| {
            let number = call.number(0);
            let sign = if number.is_zero() {
                0
            } else if number.is_negative() {
                -1
            } else {
                1
            };
            Ok(Value::integer(sign))
        },
    ),
    function(
        "log",
        &[NUMBER, parameter("base", Kind::Number)],
        None,
        "The logarithm to a base.",
        logarithm,
    ),
    function(
        "pow",
        &[NUMBER, parameter("power", Kind::Number)],
        None,
        "The number to a power.",
        power,
    ),
    function(
        "max",
        &[],
        Some(parameter("numbers", Kind::Number)),
        "The largest of the numbers.",
        |call| extreme(call, true),
    ),
    function(
        "min",
        &[],
        Some(parameter("numbers", Kind::Number)),
        "The smallest of the numbers.",
        |call| extreme(call, false),
    ),
    function(
        "parseint",
        &[
            parameter("number", Kind::Any),
            parameter("base", Kind::Number),
        ],
        None,
        "The whole number that the text is in a base from 2 to 62.",
        parse_integer,
    ),
];

fn logarithm(call: &Call<'_>) -> Result<Value, Failure> {
    let value = libm::log(call.number(0).to_f64()) / libm::log(call.number(1).to_f64());
    float(value)
}

fn power(call: &Call<'_>) -> Result<Value, Failure> {
    float(libm::pow(call.number(0).to_f64(), call.number(1).to_f64()))
}

fn float(value: f64) -> Result<Value, Failure> {
    match Number::from_f64(value) {
        Some(number) if !value.is_nan() => Ok(Value::Number(number)),
        _ => failed("the result is not a number"),
    }
}

fn extreme(call: &Call<'_>, largest: bool) -> Result<Value, Failure> {
    let numbers = (0..call.arguments.len()).map(|index| call.number(index));
    let chosen = if largest {
        numbers.max()
    } else {
        numbers.min()
    };
    chosen.map_or_else(
        || failed("must pass at least one number"),
        |each| Ok(Value::Number(each)),
    )
}

fn parse_integer(call: &Call<'_>) -> Result<Value, Failure> {
    let Value::String(text) = call.value(0) else {
        let kind = call.value(0).value_type().name();
        let reason = format!("first argument must be a string, not {kind}");
        return unsuitable(0, "number", reason);
    };
    let base = call.whole(1, "base")?;
    if !(2..=62).contains(&base) {
        return unsuitable(
            1,
            "base",
            "base must be a whole number between 2 and 62 inclusive",
        );
    }
    let invalid = || {
        let reason = format!("cannot parse \"{text}\" as a base {base} integer");
        unsuitable(0, "number", reason)
    };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() {
        return invalid();
    }
    let mut sum = Number::from(0);
    for character in digits.chars() {
        let value = match character {
            '0'..='9' => character as i64 - '0' as i64,
            'a'..='z' => character as i64 - 'a' as i64 + 10,
            'A'..='Z' if base <= 36 => character as i64 - 'A' as i64 + 10,
            'A'..='Z' => character as i64 - 'A' as i64 + 36,
            _ => return invalid(),
        };
        if value >= base {
            return invalid();
        }
        let shifted = sum.checked_mul(&base.into());
        let Some(next) = shifted.and_then(|each| each.checked_add(&value.into())) else {
            return invalid();
        };
        sum = next;
    }
    Ok(Value::Number(if negative { sum.negated() } else { sum }))
}

//! Types of variables, such as `list(string)` (spec: jobspec 5.1).

use crate::diagnostics::{Diagnostic, Range, Stage};
use crate::expression::Type;
use crate::syntax::tree::*;
use std::collections::BTreeMap;

/// Reads a type such as `list(string)`.
pub(crate) fn type_constraint(
    expression: &Expression,
    file: &str,
    stage: Stage,
) -> Result<Type, Box<Diagnostic>> {
    let refuse = |range: Range, detail: String| {
        Err(Box::new(Diagnostic::error(
            stage,
            file,
            range,
            "Invalid type specification",
            detail,
        )))
    };
    match &expression.kind {
        ExpressionKind::Parentheses(inner) => type_constraint(inner, file, stage),
        ExpressionKind::Reference { root, steps, .. } if steps.is_empty() => {
            let argument = match root.as_str() {
                "string" => return Ok(Type::String),
                "number" => return Ok(Type::Number),
                "bool" => return Ok(Type::Boolean),
                "list" | "set" | "map" => "specifying the element type",
                "tuple" => "specifying the element types as a list",
                "object" => "specifying the attribute types and values as a map",
                "any" => {
                    let detail = "The keyword \"any\" cannot be used in this type specification: \
                                  an exact type is required.";
                    return refuse(expression.range, detail.to_owned());
                }
                _ => {
                    let detail =
                        format!("The keyword \"{root}\" is not a valid type specification.");
                    return refuse(expression.range, detail);
                }
            };
            let detail = format!("The {root} type constructor requires one argument {argument}.");
            refuse(expression.range, detail)
        }
        ExpressionKind::Call {
            name,
            name_range,
            arguments,
            ..
        } => constructed(name, *name_range, arguments, expression, file, stage),
        _ => refuse(
            expression.range,
            "A type specification is either a primitive type keyword (bool, number, string) or a \
             complex type constructor call, like list(string)."
                .to_owned(),
        ),
    }
}

fn constructed(
    name: &str,
    name_range: Range,
    arguments: &[Expression],
    expression: &Expression,
    file: &str,
    stage: Stage,
) -> Result<Type, Box<Diagnostic>> {
    let refuse = |range: Range, detail: String| {
        Err(Box::new(Diagnostic::error(
            stage,
            file,
            range,
            "Invalid type specification",
            detail,
        )))
    };
    let inner = |argument: &Expression| type_constraint(argument, file, stage).map(Box::new);
    match (name, arguments) {
        ("list", [argument]) => Ok(Type::List(inner(argument)?)),
        ("set", [argument]) => Ok(Type::Set(inner(argument)?)),
        ("map", [argument]) => Ok(Type::Map(inner(argument)?)),
        ("tuple", [argument]) => match &argument.kind {
            ExpressionKind::Tuple { items, .. } => {
                let items = items.iter().map(|item| type_constraint(item, file, stage));
                Ok(Type::Tuple(items.collect::<Result<_, _>>()?))
            }
            _ => refuse(
                argument.range,
                "Tuple type constructor requires a list of element types.".into(),
            ),
        },
        ("object", [argument]) => match &argument.kind {
            ExpressionKind::Object { items, .. } => {
                let mut members = BTreeMap::new();
                for (key, value) in items {
                    let name = match key {
                        ObjectKey::Name(name, _) => name.clone(),
                        ObjectKey::Expression(key) => match key.literal_text() {
                            Some(text) => text.to_owned(),
                            None => {
                                let detail = "Object constructor map keys must be attribute names.";
                                return refuse(key.range, detail.to_owned());
                            }
                        },
                    };
                    members.insert(name, type_constraint(value, file, stage)?);
                }
                Ok(Type::Object(members))
            }
            _ => refuse(
                argument.range,
                "Object type constructor requires a map whose keys are attribute names and whose \
                 values are the corresponding attribute types."
                    .into(),
            ),
        },
        ("list" | "set" | "map" | "tuple" | "object", _) => {
            let detail = match name {
                "tuple" => "specifying the element types as a list",
                "object" => "specifying the attribute types and values as a map",
                _ => "specifying the element type",
            };
            let detail = format!("The {name} type constructor requires one argument {detail}.");
            refuse(expression.range, detail)
        }
        ("optional", _) => refuse(
            name_range,
            "Optional attribute modifier is only for type constraints, not for exact types.".into(),
        ),
        ("string" | "number" | "bool" | "any", _) => {
            let detail = format!("Primitive type keyword \"{name}\" does not expect arguments.");
            refuse(expression.range, detail)
        }
        _ => {
            let detail = format!("Keyword \"{name}\" is not a valid type constructor.");
            refuse(expression.range, detail)
        }
    }
}

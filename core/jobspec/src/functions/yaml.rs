//! YAML: writing all of it that values need, and (in `read`) reading.

mod read;
mod scalar;

pub(super) use read::decode;

use super::encoding::json;
use crate::expression::Value;

/// The value as YAML: texts always in quotes, lists at the indentation of their key.
pub(super) fn encode(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, &mut text);
    text
}

fn write(value: &Value, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match (value.items(), value.members()) {
        (Some(items), _) if !items.is_empty() => {
            for item in items {
                text.push_str(&format!("{indent}- "));
                let mut inner = String::new();
                write(item, depth + 1, &mut inner);
                text.push_str(inner.trim_start_matches(' '));
            }
        }
        (_, Some(members)) if !members.is_empty() => {
            for (name, member) in members {
                text.push_str(&format!("{indent}{}:", quoted(name)));
                if is_nested(member) {
                    let deeper = usize::from(member.members().is_some());
                    text.push('\n');
                    write(member, depth + deeper, text);
                } else {
                    text.push(' ');
                    write(member, 0, text);
                }
            }
        }
        _ => {
            json(value, text);
            text.push('\n');
        }
    }
}

fn is_nested(value: &Value) -> bool {
    value.items().is_some_and(|items| !items.is_empty())
        || value.members().is_some_and(|members| !members.is_empty())
}

fn quoted(text: &str) -> String {
    let mut result = String::new();
    json(&Value::string(text), &mut result);
    result
}

#[cfg(test)]
mod tests;

//! The printer of `job run -output`: four spaces of indentation, the document's own key order, and
//! the escapes of the reference's JSON (`<` as `\u003c`).

use serde_json::Value as Json;

/// Prints a document the way `job run -output` does: `{"Job": ...}` and a final line break.
pub fn job(document: &Json) -> String {
    let mut text = String::from("{\n    \"Job\": ");
    pretty(document, 1, &mut text);
    text.push_str("\n}\n");
    text
}

/// Prints any document in the same way, without the member around it and the final line break.
pub fn indented(document: &Json) -> String {
    let mut text = String::new();
    pretty(document, 0, &mut text);
    text
}

fn pretty(value: &Json, depth: usize, text: &mut String) {
    let line = |depth: usize, text: &mut String| {
        text.push('\n');
        text.extend(std::iter::repeat_n("    ", depth));
    };
    match value {
        Json::Array(items) if !items.is_empty() => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { "," });
                line(depth + 1, text);
                pretty(item, depth + 1, text);
            }
            line(depth, text);
            text.push(']');
        }
        Json::Object(members) if !members.is_empty() => {
            text.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { "," });
                line(depth + 1, text);
                string(name, text);
                text.push_str(": ");
                pretty(member, depth + 1, text);
            }
            line(depth, text);
            text.push('}');
        }
        _ => compact(value, text),
    }
}

/// Prints JSON on one line with the reference's escapes.
pub fn compact(value: &Json, text: &mut String) {
    match value {
        Json::Null => text.push_str("null"),
        Json::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Json::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => text.push_str(&floating(float)),
            None => text.push_str(&number.to_string()),
        },
        Json::String(value) => string(value, text),
        Json::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { "," });
                compact(item, text);
            }
            text.push(']');
        }
        Json::Object(members) => {
            text.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { "," });
                string(name, text);
                text.push(':');
                compact(member, text);
            }
            text.push('}');
        }
    }
}

/// Floating point: shortest digits, with an exponent below 1e-6 and from 1e21.
fn floating(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        return match exponent.strip_prefix('-') {
            Some(exponent) => format!("{digits}e-{exponent:0>2}").replace("e-0", "e-"),
            None => format!("{digits}e+{exponent:0>2}"),
        };
    }
    format!("{value}")
}

fn string(value: &str, text: &mut String) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '<' | '>' | '&' | '\u{0}'..='\u{1f}' | '\u{2028}' | '\u{2029}' => {
                text.push_str(&format!("\\u{:04x}", character as u32));
            }
            _ => text.push(character),
        }
    }
    text.push('"');
}

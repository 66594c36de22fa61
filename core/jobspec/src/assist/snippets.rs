//! The text that a completion puts into the file. `#{...}` is a field to fill in.

use super::entries::{Body, Entry};
use crate::functions::{Function, Kind};
use crate::schema::{FieldKind, FieldSchema};

/// A whole attribute or block with fields for what one gives.
pub(super) fn entry(entry: &Entry) -> String {
    let name = entry.name;
    if !entry.is_block {
        return format!("{name} = {}", value(entry.field));
    }
    let label = match (entry.is_labelled, name) {
        (false, _) => "",
        (true, "dynamic") => " \"#{block}\"",
        (true, _) => " \"#{name}\"",
    };
    if name == "dynamic" {
        return format!("{name}{label} {{\n\tfor_each = #{{}}\n\tcontent {{\n\t\t#{{}}\n\t}}\n}}");
    }
    let required = match entry.field.and_then(FieldSchema::block) {
        Some(schema) => Body::Block(schema).entries(),
        None => Vec::new(),
    };
    let lines: Vec<String> = required
        .iter()
        .filter(|each| each.field.is_some_and(|field| field.required))
        .map(|each| format!("\t{} = {}\n", each.name, value(each.field)))
        .collect();
    let lines = match lines.is_empty() {
        true => "\t#{}\n".to_owned(),
        false => lines.concat(),
    };
    format!("{name}{label} {{\n{lines}}}")
}

/// A value for a field: its default, its first allowed value, or an empty one of its type.
fn value(field: Option<&FieldSchema>) -> String {
    let Some(field) = field else {
        return "#{}".to_owned();
    };
    let first = field.values.first().copied().unwrap_or_default();
    let given = if field.default.is_empty() {
        first
    } else {
        field.default
    };
    match field.kind {
        FieldKind::String | FieldKind::Duration => {
            // A default in words, such as a template of names, is no value.
            let is_plain = !given.contains(['"', '$', '{', '}', ' ', '<', '`']);
            format!("\"#{{{}}}\"", if is_plain { given } else { "" })
        }
        FieldKind::StringList => "[\"#{}\"]".to_owned(),
        FieldKind::StringMap | FieldKind::StringMapAttribute => "{\n\t#{}\n}".to_owned(),
        FieldKind::Boolean if given.is_empty() => "#{true}".to_owned(),
        FieldKind::Boolean => {
            // One writes it to have the other.
            format!("#{{{}}}", given == "false")
        }
        _ => {
            let is_number = !given.is_empty() && given.parse::<i64>().is_ok();
            format!("#{{{}}}", if is_number { given } else { "" })
        }
    }
}

/// A call with a field for each argument.
pub(super) fn call(function: &Function) -> String {
    let fields: Vec<String> = function
        .parameters
        .iter()
        .chain(&function.variadic)
        .map(|parameter| format!("#{{{}}}", parameter.name))
        .collect();
    format!("{}({})", function.name, fields.join(", "))
}

/// `join(separator: string, lists: any...)`.
pub(super) fn signature(function: &Function) -> String {
    let of = |kind| match kind {
        Kind::String => "string",
        Kind::Number => "number",
        Kind::Boolean => "bool",
        Kind::StringList => "list of strings",
        Kind::Any => "any",
    };
    let mut parameters: Vec<String> = function
        .parameters
        .iter()
        .map(|parameter| format!("{}: {}", parameter.name, of(parameter.kind)))
        .collect();
    if let Some(rest) = &function.variadic {
        parameters.push(format!("{}: {}...", rest.name, of(rest.kind)));
    }
    format!("{}({})", function.name, parameters.join(", "))
}

//! What a word means.

use super::complete::{documentation, shortened};
use super::place::{self, Place, Where};
use super::scan::{Span, scan};
use super::{Hover, runtime, snippets};
use crate::functions;

pub(super) fn hover(source: &str, offset: usize) -> Option<Hover> {
    let word_end = offset
        + source[offset..]
            .find(|character| !place::is_word(character))
            .unwrap_or(source.len() - offset);
    let place = place::find(source, word_end);
    if place.word.0 == place.word.1 {
        return None;
    }
    match place.at {
        Where::Item => item(source, &place),
        Where::Value { .. } | Where::Template => reference(source, &place),
        Where::Text { .. } | Where::Nothing => None,
    }
}

fn item(source: &str, place: &Place<'_>) -> Option<Hover> {
    let (start, end) = place.word;
    let is_block = !source[end..]
        .trim_start_matches([' ', '\t'])
        .starts_with('=');
    let name = &source[start..end];
    let entry = place.body.entry(name, is_block)?;
    Some(Hover {
        start_byte: start,
        end_byte: end,
        title: entry.name.to_owned(),
        type_text: match entry.field.is_some_and(|field| field.required) {
            true => format!("{}, required", entry.type_text),
            false => entry.type_text.to_owned(),
        },
        default_text: entry.field.map_or("", |field| field.default).to_owned(),
        text: documentation(&entry),
    })
}

/// A function, a variable, a local, or a reference to where the task runs.
fn reference(source: &str, place: &Place<'_>) -> Option<Hover> {
    let (word_start, word_end) = place.word;
    let start = word_start - place.chain.len();
    let name = &source[word_start..word_end];
    let rest = &source[word_end..];
    if place.chain.is_empty() && rest.starts_with('(') {
        return function(name, place.word);
    }
    let tail = rest
        .find(|character| !place::is_word(character) && character != '.')
        .unwrap_or(rest.len());
    let whole = &source[start..word_end + tail];
    let mut parts = whole.split('.');
    match (parts.next()?, parts.next()) {
        ("var", Some(name)) => variable(source, name, start),
        ("local", Some(name)) => local(source, name, start),
        _ => {
            let whole = whole.trim_end_matches('.');
            let reference = runtime::find(whole)?;
            Some(Hover {
                start_byte: start,
                end_byte: start + whole.len(),
                title: whole.to_owned(),
                type_text: "string, known where the task runs".to_owned(),
                default_text: String::new(),
                text: reference.doc.to_owned(),
            })
        }
    }
}

fn function(name: &str, (start_byte, end_byte): Span) -> Option<Hover> {
    let function = functions::find(name)?;
    Some(Hover {
        start_byte,
        end_byte,
        title: name.to_owned(),
        type_text: snippets::signature(function),
        default_text: String::new(),
        text: function.doc.to_owned(),
    })
}

fn variable(source: &str, name: &str, start_byte: usize) -> Option<Hover> {
    let file = scan(source);
    let node = file.of_kind("variable").find(|node| {
        let label = node.labels.first();
        label.is_some_and(|(label, _)| *label == name)
    })?;
    let attribute = |name: &str| {
        let found = node.attributes.iter().find(|each| each.name == name);
        found.map_or("", |found| file.value(found))
    };
    let title = format!("var.{name}");
    Some(Hover {
        start_byte,
        end_byte: start_byte + title.len(),
        title,
        type_text: match attribute("type") {
            "" => "variable".to_owned(),
            of_type => format!("variable, {of_type}"),
        },
        default_text: shortened(attribute("default")),
        text: match attribute("description").trim_matches('"') {
            "" => "A variable of this file.".to_owned(),
            description => description.to_owned(),
        },
    })
}

fn local(source: &str, name: &str, start_byte: usize) -> Option<Hover> {
    let file = scan(source);
    let mut locals = file.of_kind("locals").flat_map(|node| &node.attributes);
    let local = locals.find(|each| each.name == name)?;
    let title = format!("local.{name}");
    Some(Hover {
        start_byte,
        end_byte: start_byte + title.len(),
        title,
        type_text: "local".to_owned(),
        default_text: String::new(),
        text: format!("Stands for {}", shortened(file.value(local))),
    })
}

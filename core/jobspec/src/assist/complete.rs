//! What may stand at the cursor.

use super::entries::{Body, Entry, VARIABLE_TYPES};
use super::place::{self, Place, Where};
use super::scan::{Scan, scan};
use super::{Completion, CompletionKind, Completions, runtime, snippets};
use crate::functions;
use crate::schema::FieldKind;

pub(super) fn completions(source: &str, offset: usize) -> Completions {
    let place = place::find(source, offset);
    let choices = Choices {
        source,
        offset,
        file: scan(source),
        place,
    };
    choices.all()
}

struct Choices<'a> {
    source: &'a str,
    offset: usize,
    /// All of the file.
    file: Scan<'a>,
    place: Place<'a>,
}

impl Choices<'_> {
    fn all(&self) -> Completions {
        let word = self.place.word.0;
        let chain = self.place.chain;
        let (start_byte, items) = match self.place.at {
            Where::Item => (word, self.items()),
            Where::Value { attribute, in_list } => {
                (word - chain.len(), self.values(attribute, in_list))
            }
            Where::Template => (word - chain.len(), self.in_template()),
            Where::Text { attribute, start } => self.in_text(attribute, start),
            Where::Nothing => (word, Vec::new()),
        };
        Completions { start_byte, items }
    }

    /// The node of the whole file that the cursor stands in.
    fn node(&self) -> usize {
        let start = self.place.body_start;
        start
            .and_then(|start| self.file.node_at(start))
            .unwrap_or_default()
    }

    // Names of attributes and blocks.

    fn items(&self) -> Vec<Completion> {
        let rest = self.source[self.offset..].trim_start_matches(place::is_word);
        let named_only = rest
            .trim_start_matches([' ', '\t'])
            .starts_with(['=', '{', '"']);
        let entries = self.place.body.entries().into_iter();
        entries
            .filter(|entry| !self.is_given(entry))
            .map(|entry| Completion {
                label: entry.name.to_owned(),
                insert: match named_only {
                    true => entry.name.to_owned(),
                    false => snippets::entry(&entry),
                },
                kind: match entry.is_block {
                    true => CompletionKind::Block,
                    false => CompletionKind::Attribute,
                },
                detail: detail(&entry),
                documentation: documentation(&entry),
            })
            .collect()
    }

    /// It may stand only once, and does so elsewhere than at the cursor.
    fn is_given(&self, entry: &Entry) -> bool {
        let node = self.node();
        let word = self.place.word.0;
        let as_attribute = self.file.nodes[node]
            .attributes
            .iter()
            .any(|each| each.name == entry.name && each.name_span.0 != word);
        let as_block = self
            .file
            .inside(node)
            .any(|each| each.kind == entry.name && each.kind_span.0 != word);
        entry.is_single && (as_attribute || as_block)
    }

    // Values.

    fn values(&self, attribute: &str, in_list: bool) -> Vec<Completion> {
        let mut items = Vec::new();
        if self.place.chain.is_empty() {
            let quote = |text: &str| format!("\"{text}\"");
            items = match self.place.body {
                Body::Variable if attribute == "type" => {
                    let types = VARIABLE_TYPES.iter();
                    types.map(|name| value(name, "type", "")).collect()
                }
                _ => self.allowed(attribute, in_list, quote),
            };
        }
        items.extend(self.names());
        if self.place.chain.is_empty() {
            items.extend(calls());
        } else {
            items.extend(self.references("", ""));
        }
        items
    }

    /// The values that an attribute takes, as far as they can be told; `quote` writes a text.
    fn allowed(
        &self,
        attribute: &str,
        in_list: bool,
        quote: impl Fn(&str) -> String,
    ) -> Vec<Completion> {
        let labels = |kind: &str| -> Vec<Completion> {
            let mut items: Vec<Completion> = Vec::new();
            for (label, _) in self.file.of_kind(kind).flat_map(|node| node.labels.first()) {
                let item = value(&quote(label), kind, "");
                if !items.contains(&item) {
                    items.push(item);
                }
            }
            items
        };
        if let (Body::Free, "ports", true) = (self.place.body, attribute, in_list) {
            return labels("port");
        }
        let entry = self.place.body.entry(attribute, false);
        let Some(field) = entry.and_then(|entry| entry.field) else {
            return Vec::new();
        };
        let is_default = |text: &str| match text == field.default {
            true => "default",
            false => "",
        };
        let is_text = matches!(field.kind, FieldKind::String | FieldKind::Duration);
        match field.kind {
            FieldKind::Boolean => ["true", "false"]
                .map(|text| value(text, is_default(text), ""))
                .to_vec(),
            _ if !field.values.is_empty() && is_text != in_list => field
                .values
                .iter()
                .map(|text| value(&quote(text), is_default(text), ""))
                .collect(),
            FieldKind::String if field.name == "port" => labels("port"),
            FieldKind::String if field.name == "volume" => labels("volume"),
            _ if in_list || field.default.is_empty() || field.default.contains(' ') => Vec::new(),
            _ if is_text => vec![value(&quote(field.default), "default", "")],
            _ => vec![value(field.default, "default", "")],
        }
    }

    // References.

    /// Variables, locals and the elements of dynamic blocks around the cursor.
    fn names(&self) -> Vec<Completion> {
        let mut items = Vec::new();
        for node in self
            .file
            .of_kind("variable")
            .filter(|node| node.parent == 0)
        {
            let Some((label, _)) = node.labels.first() else {
                continue;
            };
            let attribute = |name: &str| {
                let mut all = node.attributes.iter();
                let found = all.find(|each| each.name == name);
                found.map_or("", |found| self.file.value(found))
            };
            let (of_type, default) = (attribute("type"), attribute("default"));
            items.push(Completion {
                label: format!("var.{label}"),
                insert: format!("var.{label}"),
                kind: CompletionKind::Variable,
                detail: joined(of_type, default),
                documentation: attribute("description").trim_matches('"').to_owned(),
            });
        }
        let locals = self.file.of_kind("locals").filter(|node| node.parent == 0);
        for local in locals.flat_map(|node| &node.attributes) {
            items.push(Completion {
                label: format!("local.{}", local.name),
                insert: format!("local.{}", local.name),
                kind: CompletionKind::Local,
                detail: shortened(self.file.value(local)),
                documentation: String::new(),
            });
        }
        let mut node = self.node();
        while node > 0 {
            let this = &self.file.nodes[node];
            if let ("dynamic", Some((label, _))) = (this.kind, this.labels.first()) {
                for (part, what) in [("value", "Element in hand."), ("key", "Its key.")] {
                    items.push(Completion {
                        label: format!("{label}.{part}"),
                        insert: format!("{label}.{part}"),
                        kind: CompletionKind::Local,
                        detail: format!("dynamic \"{label}\""),
                        documentation: what.to_owned(),
                    });
                }
            }
            node = this.parent;
        }
        items.retain(|item| item.label.starts_with(self.place.chain));
        items
    }

    /// What has a value only where the task runs, between `before` and `after`.
    fn references(&self, before: &str, after: &str) -> Vec<Completion> {
        let mut items = Vec::new();
        for reference in runtime::all() {
            let (start, end) = runtime::around_own_name(reference.name);
            let own_names = match reference.name.contains('<') {
                true => self.own_names(reference.name),
                false => vec![(String::new(), String::new())],
            };
            for (own, own_insert) in own_names {
                let label = format!("{start}{own}{end}");
                if label.starts_with(self.place.chain) {
                    items.push(Completion {
                        label: format!("{before}{label}{after}"),
                        insert: format!("{before}{start}{own_insert}{end}{after}"),
                        kind: CompletionKind::RuntimeReference,
                        detail: "where the task runs".to_owned(),
                        documentation: reference.doc.to_owned(),
                    });
                }
            }
        }
        items
    }

    /// What may stand for the `<...>` of a reference, and how it is written: the names that the
    /// file gives, or a field to fill in.
    fn own_names(&self, reference: &str) -> Vec<(String, String)> {
        let mut names: Vec<(String, String)> = Vec::new();
        let mut add = |name: &str| {
            let name = name.replace('-', "_");
            if !names.iter().any(|(known, _)| *known == name) {
                names.push((name.clone(), name));
            }
        };
        if reference.contains("<label>") {
            let ports = self
                .file
                .of_kind("port")
                .flat_map(|node| node.labels.first());
            ports.for_each(|(label, _)| add(label));
        } else if reference.starts_with("NOMAD_META_") {
            let keys = self.file.of_kind("meta").flat_map(|node| &node.attributes);
            keys.for_each(|key| add(key.name));
        }
        if names.is_empty() {
            let (start, end) = runtime::around_own_name(reference);
            let own = &reference[start.len()..reference.len() - end.len()];
            let field = own.trim_matches(['<', '>']);
            names.push((own.to_owned(), format!("#{{{field}}}")));
        }
        names
    }

    fn in_template(&self) -> Vec<Completion> {
        let rest = self.source[self.offset..].trim_start_matches(place::is_word);
        let closed = rest.trim_start_matches([' ', '~']).starts_with('}');
        let mut items = self.names();
        items.extend(self.references("", ""));
        if !closed {
            items.iter_mut().for_each(|item| item.insert.push('}'));
        }
        if self.place.chain.is_empty() {
            items.extend(calls());
        }
        items
    }

    /// Inside quotes: allowed values, else references in braces.
    fn in_text(&self, attribute: &str, start: usize) -> (usize, Vec<Completion>) {
        let word = self.place.word.0;
        let typed = &self.source[start..word];
        let after_dollar = typed.ends_with('$') && !typed.ends_with("$$");
        if !after_dollar && !typed.contains("${") {
            let in_list = matches!(self.place.body, Body::Free) || self.is_list(attribute);
            let items = self.allowed(attribute, in_list, str::to_owned);
            let items: Vec<_> = items
                .into_iter()
                .filter(|item| !matches!(item.label.as_str(), "true" | "false"))
                .collect();
            if !items.is_empty() {
                return (start, items);
            }
        }
        let mut items: Vec<Completion> = self.names();
        for item in &mut items {
            item.label = format!("${{{}}}", item.label);
            item.insert.clone_from(&item.label);
        }
        items.extend(self.references("${", "}"));
        (word - usize::from(after_dollar), items)
    }

    fn is_list(&self, attribute: &str) -> bool {
        let entry = self.place.body.entry(attribute, false);
        let field = entry.and_then(|entry| entry.field);
        field.is_some_and(|field| matches!(field.kind, FieldKind::StringList))
    }
}

fn calls() -> impl Iterator<Item = Completion> {
    functions::all().map(|function| Completion {
        label: function.name.to_owned(),
        insert: snippets::call(function),
        kind: CompletionKind::Function,
        detail: snippets::signature(function),
        documentation: function.doc.to_owned(),
    })
}

fn value(text: &str, detail: &str, documentation: &str) -> Completion {
    Completion {
        label: text.to_owned(),
        insert: text.to_owned(),
        kind: CompletionKind::Value,
        detail: detail.to_owned(),
        documentation: documentation.to_owned(),
    }
}

/// Type and default, as they stand beside a name.
fn detail(entry: &Entry) -> String {
    let default = entry.field.map_or("", |field| field.default);
    let required = entry.field.is_some_and(|field| field.required);
    match required {
        true => format!("{}, required", entry.type_text),
        false => joined(entry.type_text, default),
    }
}

fn joined(of_type: &str, default: &str) -> String {
    match (of_type, default) {
        (of_type, "") => of_type.to_owned(),
        ("", default) => format!("default {}", shortened(default)),
        (of_type, default) => format!("{of_type}, default {}", shortened(default)),
    }
}

/// The sentence about an entry, its allowed values, and whether it does anything here.
pub(super) fn documentation(entry: &Entry) -> String {
    let mut text = entry.doc.to_owned();
    if let Some(field) = entry.field {
        if !field.values.is_empty() {
            text.push_str(&format!(" One of: {}.", field.values.join(", ")));
        }
        if field.inert {
            text.push_str(" Read and shown here, but without effect on the simulation.");
        }
    }
    text
}

/// The first line of a text, and not much of it.
pub(super) fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None if line.len() < text.len() => format!("{line} ..."),
        None => line.to_owned(),
    }
}

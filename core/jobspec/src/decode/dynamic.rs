//! `dynamic` blocks (spec: jobspec 9).

use super::{Decoder, Found};
use crate::diagnostics::Range;
use crate::expression::{Scope, Type, Value, convert};
use crate::schema::{BlockSchema, FieldSchema, Labels};
use crate::syntax::tree::*;
use std::collections::BTreeMap;
use std::rc::Rc;
use yurt_model::Gather;

impl Decoder<'_> {
    /// The blocks of a body in source order, dynamic ones expanded.
    pub(super) fn expand<'t>(
        &mut self,
        body: &'t Body,
        schema: &'static BlockSchema,
        scope: &Rc<Scope>,
    ) -> Vec<Found<'t>> {
        let mut found = Vec::new();
        for block in body.blocks() {
            if block.kind == "dynamic" {
                self.expand_one(block, schema, scope, &mut found);
            } else {
                found.push(Found::literal(block, scope));
            }
        }
        found
    }

    fn missing_argument(&mut self, block: &Block, name: &str) {
        let detail = format!("The argument \"{name}\" is required, but no definition was found.");
        let range = block.open_brace.at_start();
        self.report(range, "", "Missing required argument", detail);
    }

    fn expand_one<'t>(
        &mut self,
        block: &'t Block,
        schema: &'static BlockSchema,
        scope: &Rc<Scope>,
        found: &mut Vec<Found<'t>>,
    ) {
        let labels = Labels::One {
            api_name: "",
            caption: "type",
        };
        let problem = super::label_problem(labels, "dynamic", &block.labels, block.open_brace);
        if let Some((range, summary, detail)) = problem {
            return self.report(range, "", &summary, detail);
        }
        let Some(kind) = block.labels.first() else {
            return;
        };
        let field = schema
            .field(&kind.text)
            .filter(|field| FieldSchema::is_block(field));
        let Some(field) = field else {
            let detail = format!("Blocks of type \"{}\" are not expected here.", kind.text);
            return self.report(kind.range, "", "Unsupported block type", detail);
        };
        let Some(for_each) = block.body.attribute("for_each") else {
            return self.missing_argument(block, "for_each");
        };
        let needs_label = field
            .block()
            .is_some_and(|inner| matches!(inner.labels, Labels::One { .. }));
        let label_list = block.body.attribute("labels");
        if needs_label && label_list.is_none() {
            return self.missing_argument(block, "labels");
        }
        let Some(content) = block.body.blocks().find(|inner| inner.kind == "content") else {
            return self.report(
                block.open_brace.at_start(),
                "",
                "Missing dynamic content block",
                "A dynamic block must have a nested block of type \"content\" to describe the body \
                 of each generated block.",
            );
        };
        let iterator = match block
            .body
            .attribute("iterator")
            .map(|each| &each.expression.kind)
        {
            Some(ExpressionKind::Reference { root, steps, .. }) if steps.is_empty() => root.clone(),
            _ => kind.text.clone(),
        };
        let value = self.evaluator.evaluate(&for_each.expression, scope);
        let Some(rounds) = self.rounds(&value, for_each.expression.range) else {
            return;
        };
        for (key, item) in rounds {
            let members = [("key".to_owned(), key), ("value".to_owned(), item)]
                .into_iter()
                .gather::<BTreeMap<_, _>>();
            let names = [(iterator.clone(), Value::Object(members))]
                .into_iter()
                .gather::<BTreeMap<_, _>>();
            let scope = Scope::child(scope, names);
            let labels = match label_list {
                Some(list) if needs_label => self.labels(&list.expression, &scope),
                _ => Some(Vec::new()),
            };
            let Some(labels) = labels else { return };
            found.push(Found {
                kind: &kind.text,
                kind_range: block.kind_range,
                header: block.header_range(),
                open_brace: content.open_brace,
                labels,
                body: &content.body,
                scope,
            });
        }
    }

    fn rounds(&mut self, value: &Value, range: Range) -> Option<Vec<(Value, Value)>> {
        const SUMMARY: &str = "Invalid dynamic for_each value";
        match value {
            Value::Unknown => None,
            Value::Null => {
                self.report(range, "", SUMMARY, "Cannot use a null value in for_each.");
                None
            }
            _ => {
                let entries = value.entries();
                if entries.is_none() {
                    let detail = format!(
                        "Cannot use a {} value in for_each. An iterable collection is required.",
                        value.value_type().name()
                    );
                    self.report(range, "", SUMMARY, detail);
                }
                entries
            }
        }
    }

    fn labels(&mut self, list: &Expression, scope: &Rc<Scope>) -> Option<Vec<Label>> {
        const SUMMARY: &str = "Invalid dynamic block label";
        let ExpressionKind::Tuple { items, .. } = &list.kind else {
            let detail = "A static list expression is required.";
            self.report(list.range, "", SUMMARY, detail);
            return None;
        };
        let mut labels = Vec::new();
        for item in items {
            let value = self.evaluator.evaluate(item, scope);
            match convert(&value, &Type::String) {
                Ok(Value::String(text)) => labels.push(Label {
                    text,
                    range: item.range,
                }),
                Ok(Value::Null) => {
                    let detail = "Cannot use a null value as a dynamic block label.";
                    self.report(item.range, "", SUMMARY, detail);
                    return None;
                }
                Ok(_) => return None,
                Err(reason) => {
                    let detail =
                        format!("Cannot use this value as a dynamic block label: {reason}.");
                    self.report(item.range, "", SUMMARY, detail);
                    return None;
                }
            }
        }
        Some(labels)
    }
}

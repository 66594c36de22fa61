//! Free-form maps such as `config` (spec: jobspec 6.5). They are evaluated after everything else,
//! so their errors are kept apart.

use super::{Decoder, Found, join};
use crate::diagnostics::Stage;
use crate::expression::{Scope, Value};
use crate::syntax::tree::*;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::rc::Rc;
use yurt_model::Gather;

impl Decoder<'_> {
    /// The JSON of a free-form block.
    pub(super) fn free_block(&mut self, found: &Found<'_>, path: &str) -> Json {
        let earlier = std::mem::take(&mut self.evaluator.diagnostics);
        self.evaluator.stage = Stage::Late;
        let value = self.free_body(found.body, &found.scope, path);
        self.evaluator.stage = Stage::Decode;
        self.late.append(&mut self.evaluator.diagnostics);
        self.evaluator.diagnostics = earlier;
        value.to_json()
    }

    fn free_body(&mut self, body: &Body, scope: &Rc<Scope>, path: &str) -> Value {
        let mut members: BTreeMap<String, Value> = BTreeMap::new();
        for item in &body.items {
            match item {
                Item::Attribute(attribute) => {
                    let path = join(path, &attribute.name);
                    let value = self.free_value(&attribute.expression, scope);
                    if value.has_unknown() {
                        let range = attribute.expression.start_range();
                        self.unsuitable(range, &path, &"value must be known".into());
                    }
                    self.spans.insert(path, attribute.range);
                    members.insert(attribute.name.clone(), value);
                }
                Item::Block(block) => {
                    let path = join(path, &block.kind);
                    let mut value = self.free_body(&block.body, scope, &path);
                    for label in block.labels.iter().rev() {
                        let inner = Value::Tuple(vec![value]);
                        value = Value::Object(
                            [(label.text.clone(), inner)]
                                .into_iter()
                                .gather::<BTreeMap<_, _>>(),
                        );
                    }
                    self.spans.entry(path).or_insert(block.kind_range);
                    let list = members
                        .entry(block.kind.clone())
                        .or_insert_with(|| Value::Tuple(Vec::new()));
                    if let Value::Tuple(items) = list {
                        items.push(value);
                    }
                }
            }
        }
        Value::Object(members)
    }

    /// A value in which every literal object stands in a list, as nested blocks do.
    pub(super) fn free_value(&mut self, expression: &Expression, scope: &Rc<Scope>) -> Value {
        let ExpressionKind::Object { items, .. } = &expression.kind else {
            return self.evaluator.evaluate(expression, scope);
        };
        let mut members = BTreeMap::new();
        for (key, value) in items {
            let name = self.evaluator.object_key(key, scope);
            let value = self.free_value(value, scope);
            members.insert(name.unwrap_or_default(), value);
        }
        Value::Tuple(vec![Value::Object(members)])
    }
}

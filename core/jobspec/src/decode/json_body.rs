//! HCL's JSON form: the same tree as from HCL text, built with the schema's help, because JSON
//! does not say what is a block and what an attribute (spec: jobspec 3.10).

use crate::diagnostics::{Diagnostic, Range, Stage};
use crate::functions;
use crate::schema::{self, BlockSchema, Labels};
use crate::syntax::json::{self, Json, Node};
use crate::syntax::tree::*;
use crate::syntax::{parse_expression, parse_template};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What the members of an object are.
#[derive(Clone, Copy)]
enum Shape {
    /// The top of a job file.
    File,
    /// The content of a block of the schema.
    Block(&'static BlockSchema),
    /// A `variable`.
    Variable,
    /// A `validation`, or anything of attributes alone.
    Attributes,
    /// A `dynamic` block for this surrounding block.
    Dynamic(&'static BlockSchema),
}

/// Is there anything in a text that makes it a template?
fn is_template(text: &str) -> bool {
    text.contains("${") || text.contains("%{")
}

/// What is said about a member that is neither an attribute nor a block: JSON does not tell which
/// of them was meant.
pub(crate) fn extraneous<'n>(
    name: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> (&'static str, String) {
    let near = functions::suggestion(name, names.into_iter().filter(|each| !each.is_empty()));
    let hint = near.map_or(String::new(), |near| format!(" Did you mean \"{near}\"?"));
    let detail = format!("No argument or block type is named \"{name}\".{hint}");
    ("Extraneous JSON object property", detail)
}

/// Is a file in JSON? (spec: jobspec 1)
pub(crate) fn is_json(source: &str) -> bool {
    let text = source.trim_start_matches('\u{feff}').trim_start();
    text.starts_with('{')
}

struct Builder<'a> {
    file: &'a str,
    stage: Stage,
    diagnostics: Vec<Diagnostic>,
}

/// Reads a job file in JSON.
pub(crate) fn file(source: &str, name: &str, stage: Stage, job: bool) -> (Body, Vec<Diagnostic>) {
    let mut builder = Builder {
        file: name,
        stage,
        diagnostics: Vec::new(),
    };
    match json::parse(source, name, stage) {
        Err(error) => (Body::default(), vec![*error]),
        Ok(node) => {
            let body = builder.body(&node, if job { Shape::File } else { Shape::Attributes });
            (body, builder.diagnostics)
        }
    }
}

impl Shape {
    /// The shape of a block of this name and whether it has a label; `None` for an attribute.
    fn inner(self, name: &str, value: &Node) -> Option<(Shape, bool)> {
        match (self, name) {
            (Shape::File, "job") => Some((Shape::Block(&schema::JOB), true)),
            (Shape::File, "variable") => Some((Shape::Variable, true)),
            (Shape::File, "variables" | "locals") => Some((Shape::Attributes, false)),
            (Shape::File, _) => None,
            (Shape::Variable, "validation") => Some((Shape::Attributes, false)),
            (Shape::Block(block), "dynamic") => Some((Shape::Dynamic(block), true)),
            (Shape::Dynamic(block), "content") => Some((Shape::Block(block), false)),
            (Shape::Block(block), _) => {
                let field = block.field(name).filter(|field| field.is_block())?;
                if field.is_attribute() && matches!(value.value, Json::Text(_)) {
                    return None;
                }
                let inner = field.block();
                let labelled = inner.is_some_and(|each| matches!(each.labels, Labels::One { .. }));
                Some((inner.map_or(Shape::Attributes, Shape::Block), labelled))
            }
            _ => None,
        }
    }
}

impl Builder<'_> {
    fn body(&mut self, node: &Node, shape: Shape) -> Body {
        let mut body = Body {
            items: Vec::new(),
            range: node.range,
        };
        let objects: Vec<&Node> = match &node.value {
            Json::List(items) => items.iter().collect(),
            _ => vec![node],
        };
        let mut set = BTreeMap::new();
        for object in objects {
            let Json::Object(members) = &object.value else {
                let detail = "A JSON object is required here, to define the content of a block.";
                let summary = "Incorrect JSON value type";
                let error = Diagnostic::error(self.stage, self.file, object.range, summary, detail);
                self.diagnostics.push(error);
                continue;
            };
            for (name, range, value) in members.iter().filter(|(name, ..)| name != "//") {
                match shape.inner(name, value) {
                    Some((inner, labelled)) => {
                        let mut blocks = Vec::new();
                        let kind = Label {
                            text: name.clone(),
                            range: *range,
                        };
                        self.blocks(&kind, value, inner, labelled, &mut blocks);
                        body.items.extend(blocks.into_iter().map(Item::Block));
                    }
                    None => {
                        let whole = range.to(value.range);
                        if let Some(first) = set.insert(name, whole) {
                            self.said_twice(first, name, *range);
                            set.insert(name, first);
                            continue;
                        }
                        body.items.push(Item::Attribute(Attribute {
                            name: name.clone(),
                            name_range: *range,
                            expression: self.attribute_value(name, value, shape),
                            range: whole,
                        }));
                    }
                }
            }
        }
        body
    }

    fn said_twice(&mut self, first: Range, name: &str, range: Range) {
        let place = format!("{}:{first}", self.file);
        let detail = format!("The argument \"{name}\" was already set at {place}.");
        let summary = "Duplicate argument";
        let error = Diagnostic::error(Stage::Decode, self.file, range, summary, detail);
        self.diagnostics.push(error);
    }

    fn attribute_value(&mut self, name: &str, value: &Node, shape: Shape) -> Expression {
        let code = matches!(shape, Shape::Variable) && name == "type"
            || matches!(shape, Shape::Dynamic(_)) && name == "iterator";
        match &value.value {
            Json::Text(text) if code => {
                let (mut expression, errors) = parse_expression(text, self.file, self.stage);
                self.diagnostics.extend(errors);
                expression.range = value.range;
                expression
            }
            _ => self.expression(value),
        }
    }

    fn blocks(
        &mut self,
        kind: &Label,
        node: &Node,
        shape: Shape,
        labelled: bool,
        blocks: &mut Vec<Block>,
    ) {
        match &node.value {
            Json::List(items) => {
                for item in items {
                    self.blocks(kind, item, shape, labelled, blocks);
                }
            }
            Json::Object(members) if labelled => {
                for (name, range, value) in members {
                    let label = Label {
                        text: name.clone(),
                        range: *range,
                    };
                    let contents: Vec<&Node> = match &value.value {
                        Json::List(items) => items.iter().collect(),
                        _ => vec![value],
                    };
                    for content in contents {
                        let shape = match shape {
                            Shape::Dynamic(block) => {
                                let inner = block.field(name).and_then(|field| field.block());
                                inner.map_or(Shape::Attributes, Shape::Dynamic)
                            }
                            other => other,
                        };
                        blocks.push(self.block(kind, vec![label.clone()], content, shape));
                    }
                }
            }
            Json::Null => {}
            _ => blocks.push(self.block(kind, Vec::new(), node, shape)),
        }
    }

    fn block(&mut self, kind: &Label, labels: Vec<Label>, node: &Node, shape: Shape) -> Block {
        let mut open_brace = node.range;
        open_brace.end = open_brace.start;
        open_brace.end.byte += 1;
        open_brace.end.column += 1;
        Block {
            kind: kind.text.clone(),
            kind_range: kind.range,
            labels,
            open_brace,
            close_brace: node.range,
            body: self.body(node, shape),
        }
    }

    fn expression(&mut self, node: &Node) -> Expression {
        let range = node.range;
        let (kind, height) = match &node.value {
            Json::Null => (ExpressionKind::Null, 0),
            Json::Boolean(value) => (ExpressionKind::Boolean(*value), 0),
            Json::Number(text) => (ExpressionKind::Number(text.clone()), 0),
            Json::Text(text) => return self.template(text, range),
            Json::List(items) => {
                let items: Vec<Expression> =
                    items.iter().map(|item| self.expression(item)).collect();
                let height = items.iter().map(|item| item.height).max().unwrap_or(0);
                (ExpressionKind::Tuple { items, open: range }, height)
            }
            Json::Object(members) => {
                let mut items = Vec::new();
                let mut height = 0;
                for (name, range, value) in members {
                    let value = self.expression(value);
                    height = height.max(value.height);
                    let key = match is_template(name) {
                        true => ObjectKey::Expression(self.template(name, *range)),
                        false => ObjectKey::Name(name.clone(), *range),
                    };
                    items.push((key, value));
                }
                (ExpressionKind::Object { items, open: range }, height)
            }
        };
        Expression {
            kind,
            range,
            height: height + 1,
        }
    }

    /// Texts are templates.
    fn template(&mut self, text: &str, range: Range) -> Expression {
        if !is_template(text) {
            let parts = vec![Part::Literal(text.to_owned(), range)];
            return Expression {
                kind: ExpressionKind::Template(parts),
                range,
                height: 1,
            };
        }
        // Behind the quotation mark. Escapes in front shift the rest, as in the reference.
        let mut first = range.start;
        first.column += 1;
        let (inner, errors) = parse_template(text, self.file, self.stage, first);
        self.diagnostics.extend(errors.into_iter().map(|mut error| {
            error.shift(range.start.byte + 1);
            error
        }));
        let height = inner.height + 1;
        let kind = ExpressionKind::Embedded {
            source: Rc::from(text),
            inner: Box::new(inner),
        };
        Expression {
            kind,
            range,
            height,
        }
    }
}

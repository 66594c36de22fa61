//! Reads blocks by their tables: every value has its type and its bounds before anybody uses it.

use std::collections::BTreeMap;
use std::rc::Rc;

use yurt_jobspec::expression::{Evaluator, References, Scope, Value};
use yurt_jobspec::functions::nearest;
use yurt_jobspec::syntax::tree::{Attribute, Block, Body};
use yurt_jobspec::{Diagnostic, Range, Stage};
use yurt_model::{Duration, Name};

use super::shape::{Kind, Shape};

/// The longest that anything may take.
const LENGTH_MAX: Duration = Duration::from_hours(24 * 366);

/// A value of the type that its field has.
enum Read {
    Text(Name),
    Texts(Vec<Name>),
    Whole(i64),
    Duration(Duration),
    Flag(bool),
    Map(TextsByName),
}

/// Texts by name; of several, each node takes the next.
pub(super) type TextsByName = BTreeMap<Name, Vec<Name>>;

/// What a block says, by field.
#[derive(Default)]
pub(super) struct Values {
    values: BTreeMap<&'static str, (Read, Range)>,
}

macro_rules! getter {
    ($name:ident, $variant:ident, $type:ty) => {
        /// What the field says, if it is there.
        pub(super) fn $name(&self, name: &str) -> Option<$type> {
            match self.values.get(name) {
                Some((Read::$variant(value), _)) => Some(value.clone()),
                _ => None,
            }
        }
    };
}

impl Values {
    getter!(text, Text, Name);
    getter!(texts, Texts, Vec<Name>);
    getter!(whole, Whole, i64);
    getter!(duration, Duration, Duration);
    getter!(flag, Flag, bool);
    getter!(map, Map, TextsByName);

    /// Whether the field is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Where the field's value stands.
    pub(super) fn range(&self, name: &str) -> Range {
        self.values
            .get(name)
            .map_or(Range::default(), |(_, range)| *range)
    }
}

/// Reads one file.
pub(super) struct Reader<'a> {
    evaluator: Evaluator<'a>,
    scope: Rc<Scope>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a str, source: &'a str) -> Self {
        Self {
            evaluator: Evaluator {
                source,
                file,
                stage: Stage::Decode,
                references: References::Forbidden,
                files: None,
                diagnostics: Vec::new(),
                budget: Default::default(),
            },
            scope: Rc::default(),
        }
    }

    /// Everything that is wrong with the file.
    pub(super) fn finish(self) -> Vec<Diagnostic> {
        self.evaluator.diagnostics
    }

    /// Says that what stands there cannot be.
    pub(super) fn error(&mut self, range: Range, summary: &str, detail: impl Into<String>) {
        self.evaluator.report(range, summary, detail);
    }

    /// Says what a field's value may be instead.
    pub(super) fn wrong(&mut self, values: &Values, name: &str, detail: &str) {
        self.error(
            values.range(name),
            &format!("Unsuitable value for \"{name}\""),
            detail,
        );
    }

    /// The label of a block; its absence has been told.
    pub(super) fn label(&self, block: &Block) -> Name {
        block
            .labels
            .first()
            .map_or_else(|| "".into(), |label| label.text.as_str().into())
    }

    /// The fields of a block, of which each has the right type. Fields and blocks that it does not
    /// have are errors.
    pub(super) fn fields(&mut self, body: &Body, shape: &Shape) -> Values {
        let mut values = Values::default();
        for attribute in body.attributes() {
            let field = shape
                .fields
                .iter()
                .find(|(name, _)| *name == attribute.name);
            let Some((name, kind)) = field else {
                self.unknown(attribute.name_range, &attribute.name, "argument", shape);
                continue;
            };
            let range = attribute.expression.range;
            if values.values.contains_key(name) {
                let detail = format!("The argument \"{name}\" was already set.");
                self.error(attribute.name_range, "Attribute redefined", detail);
            } else if let Some(value) = self.value(attribute, *kind) {
                values.values.insert(name, (value, range));
            }
        }
        for block in body.blocks() {
            let field = shape
                .fields
                .iter()
                .find(|(name, kind)| *name == block.kind && matches!(kind, Kind::Map));
            if let Some((name, _)) = field {
                let map = self.map_of_block(&block.body);
                values
                    .values
                    .insert(name, (Read::Map(map), block.kind_range));
                continue;
            }
            match shape.blocks.iter().find(|inner| inner.name == block.kind) {
                None => self.unknown(block.kind_range, &block.kind, "block", shape),
                Some(inner) if inner.labels != block.labels.len() => {
                    let detail = match inner.labels {
                        0 => format!("A {} block has no label.", inner.name),
                        _ => format!("A {} block has one label: {0} \"…\" {{.", inner.name),
                    };
                    self.error(block.header_range(), "Labels do not fit", detail);
                }
                Some(inner) if inner.is_many => {}
                Some(inner) => {
                    let first = body.blocks().find(|other| other.kind == block.kind);
                    if first.is_some_and(|first| first.kind_range != block.kind_range) {
                        let name = shape.name;
                        let detail = format!("A {name} has one {} block at most.", inner.name);
                        self.error(block.header_range(), "Said twice", detail);
                    }
                }
            }
        }
        values
    }

    fn unknown(&mut self, range: Range, name: &str, what: &str, shape: &Shape) {
        let fields = shape.fields.iter().map(|(name, _)| *name);
        let all: Vec<&str> = fields
            .chain(shape.blocks.iter().map(|block| block.name))
            .collect();
        let advice = match nearest(name, all.iter().copied()) {
            Some(near) => format!("Did you mean \"{near}\"?"),
            None => format!("There are: {}.", all.join(", ")),
        };
        let detail = format!("A {} has no {what} named \"{name}\". {advice}", shape.name);
        self.error(range, &format!("Unsupported {what}"), detail);
    }

    fn value(&mut self, attribute: &Attribute, kind: Kind) -> Option<Read> {
        let value = self.evaluator.evaluate(&attribute.expression, &self.scope);
        if value == Value::Unknown {
            return None; // Has been told.
        }
        match typed(&value, kind) {
            Ok(read) => Some(read),
            Err(detail) => {
                let summary = format!("Unsuitable value for \"{}\"", attribute.name);
                self.error(attribute.expression.range, &summary, detail);
                None
            }
        }
    }

    /// `meta { rack = "r1" }`: the same as `meta = { rack = "r1" }`.
    fn map_of_block(&mut self, body: &Body) -> TextsByName {
        let mut map = TextsByName::new();
        for attribute in body.attributes() {
            let value = self.evaluator.evaluate(&attribute.expression, &self.scope);
            match in_turn(&value) {
                Some(texts) => {
                    map.insert(attribute.name.as_str().into(), texts);
                }
                None if value == Value::Unknown => {}
                None => {
                    let range = attribute.expression.range;
                    self.error(
                        range,
                        "Unsuitable value",
                        "A text is wanted, or a list of texts.",
                    );
                }
            }
        }
        map
    }
}

/// A value as its field wants it, or what would be right.
fn typed(value: &Value, kind: Kind) -> Result<Read, String> {
    match kind {
        Kind::Text => text(value)
            .map(Read::Text)
            .ok_or_else(|| "A text is wanted.".into()),
        Kind::Texts => {
            let texts = value
                .items()
                .and_then(|items| items.iter().map(text).collect());
            texts
                .map(Read::Texts)
                .ok_or_else(|| "A list of texts is wanted.".into())
        }
        Kind::Whole(least, most) => match value {
            Value::Number(number) => number.to_i64(),
            _ => None,
        }
        .filter(|number| (least..=most).contains(number))
        .map(Read::Whole)
        .ok_or_else(|| format!("A whole number from {least} to {most} is wanted.")),
        Kind::Duration => text(value)
            .and_then(|text| Duration::parse(&text).ok())
            .filter(|length| (Duration::ZERO..=LENGTH_MAX).contains(length))
            .map(Read::Duration)
            .ok_or_else(|| "A length of time such as \"1m30s\" is wanted, a year at most.".into()),
        Kind::Flag => match value {
            Value::Boolean(flag) => Ok(Read::Flag(*flag)),
            _ => Err("It is true or false.".into()),
        },
        Kind::Map => value
            .members()
            .and_then(|members| {
                let texts = |(name, value): (&String, &Value)| {
                    Some((name.as_str().into(), in_turn(value)?))
                };
                members.iter().map(texts).collect()
            })
            .map(Read::Map)
            .ok_or_else(|| "Texts by name are wanted: { rack = \"r1\" }.".into()),
    }
}

/// Numbers and truth values are texts too where texts are wanted.
fn text(value: &Value) -> Option<Name> {
    match value {
        Value::String(text) => Some(text.as_str().into()),
        Value::Number(_) | Value::Boolean(_) => Some(value.to_json().to_string().as_str().into()),
        _ => None,
    }
}

/// One text, or several of which each node takes the next.
fn in_turn(value: &Value) -> Option<Vec<Name>> {
    match value.items() {
        Some([]) => None,
        Some(items) => items.iter().map(text).collect(),
        None => text(value).map(|text| vec![text]),
    }
}

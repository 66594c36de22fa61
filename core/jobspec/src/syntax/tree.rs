//! The syntax tree. Every node has its range.

use crate::diagnostics::Range;
use std::rc::Rc;

/// What stands between the braces of a block, or in a file.
#[derive(Debug, Clone, Default)]
pub struct Body {
    /// Attributes and blocks in source order.
    pub items: Vec<Item>,
    /// From the opening brace to the closing one; the whole file for a file.
    pub range: Range,
}

/// One entry of a body.
#[derive(Debug, Clone)]
pub enum Item {
    /// `name = expression`.
    Attribute(Attribute),
    /// `type labels { body }`.
    Block(Block),
}

/// `name = expression`.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Name.
    pub name: String,
    /// Where the name stands.
    pub name_range: Range,
    /// Value.
    pub expression: Expression,
    /// The whole of it.
    pub range: Range,
}

/// A label of a block.
#[derive(Debug, Clone)]
pub struct Label {
    /// Its text.
    pub text: String,
    /// Where it stands, quotation marks included.
    pub range: Range,
}

/// `type labels { body }`.
#[derive(Debug, Clone)]
pub struct Block {
    /// Type.
    pub kind: String,
    /// Where the type stands.
    pub kind_range: Range,
    /// Labels.
    pub labels: Vec<Label>,
    /// The opening brace.
    pub open_brace: Range,
    /// The closing brace.
    pub close_brace: Range,
    /// Content.
    pub body: Body,
}

impl Block {
    /// From the type to the last label.
    pub fn header_range(&self) -> Range {
        self.labels
            .last()
            .map_or(self.kind_range, |label| self.kind_range.to(label.range))
    }
}

impl Body {
    /// Its attributes.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.items.iter().filter_map(|item| match item {
            Item::Attribute(attribute) => Some(attribute),
            Item::Block(_) => None,
        })
    }

    /// Its blocks.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.items.iter().filter_map(|item| match item {
            Item::Block(block) => Some(block),
            Item::Attribute(_) => None,
        })
    }

    /// The attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes().find(|attribute| attribute.name == name)
    }
}

/// An expression.
#[derive(Debug, Clone)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// Where it stands.
    pub range: Range,
    /// One more than the tallest expression inside: bounds every later recursion.
    pub height: u16,
}

/// One step of a reference.
#[derive(Debug, Clone)]
pub struct Step {
    /// Attribute name or literal index.
    pub key: StepKey,
    /// From the dot or bracket to its end.
    pub range: Range,
}

/// Key of a step.
#[derive(Debug, Clone)]
pub enum StepKey {
    /// `.name`.
    Attribute(String),
    /// `["text"]`.
    Text(String),
    /// `[3]` or `.3`: the number as written.
    Number(String),
}

/// Key of an object constructor's item.
#[derive(Debug, Clone)]
pub enum ObjectKey {
    /// A bare name.
    Name(String, Range),
    /// Any other expression.
    Expression(Expression),
}

impl ObjectKey {
    /// Where it stands.
    pub fn range(&self) -> Range {
        match self {
            Self::Name(_, range) => *range,
            Self::Expression(expression) => expression.range,
        }
    }
}

/// A `for` expression or directive.
#[derive(Debug, Clone)]
pub struct For<T> {
    /// Name for the key, if given.
    pub key_name: Option<String>,
    /// Name for the value.
    pub value_name: String,
    /// What is iterated.
    pub collection: Expression,
    /// What each round gives.
    pub content: T,
}

/// Content of a `for` expression.
#[derive(Debug, Clone)]
pub struct ForContent {
    /// Key of an object's item.
    pub key: Option<Expression>,
    /// Value.
    pub value: Expression,
    /// Rounds for which this is false are left out.
    pub condition: Option<Expression>,
    /// `...`: values of equal keys gather in a list.
    pub group: bool,
    /// The opening bracket or brace.
    pub open: Range,
}

/// Operators with two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // The names say it.
pub enum BinaryOperator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// The kinds of expression.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // The variants say what their fields are.
pub enum ExpressionKind {
    /// A number as written.
    Number(String),
    /// `true` or `false`.
    Boolean(bool),
    /// `null`.
    Null,
    /// Quoted text or heredoc.
    Template(Vec<Part>),
    /// Quoted text that is one interpolation: keeps the type of the inner expression.
    Wrap(Box<Expression>),
    /// `root.step[step]`.
    Reference {
        root: String,
        root_range: Range,
        steps: Vec<Step>,
    },
    /// Steps after any other expression.
    Relative {
        source: Box<Expression>,
        steps: Vec<Step>,
    },
    /// `collection[key]` with a key that must be computed.
    Index {
        collection: Box<Expression>,
        key: Box<Expression>,
        brackets: Range,
    },
    /// `source[*]...`; `each` is applied to every element, which it names `SplatItem`.
    Splat {
        source: Box<Expression>,
        each: Box<Expression>,
        marker: Range,
    },
    /// The element inside a splat.
    SplatItem,
    /// `name(arguments)`.
    Call {
        name: String,
        name_range: Range,
        open: Range,
        close: Range,
        arguments: Vec<Expression>,
        expand: bool,
    },
    /// `condition ? yes : no`.
    Conditional {
        condition: Box<Expression>,
        yes: Box<Expression>,
        no: Box<Expression>,
    },
    /// `left operator right`.
    Binary {
        operator: BinaryOperator,
        left: Box<Expression>,
        right: Box<Expression>,
    },
    /// `-operand`.
    Negate {
        operand: Box<Expression>,
        symbol: Range,
    },
    /// `!operand`.
    Not {
        operand: Box<Expression>,
        symbol: Range,
    },
    /// `[items]`.
    Tuple { items: Vec<Expression>, open: Range },
    /// `{items}`.
    Object {
        items: Vec<(ObjectKey, Expression)>,
        open: Range,
    },
    /// `[for ...]` or `{for ...}`.
    For(Box<For<ForContent>>),
    /// `(inner)`.
    Parentheses(Box<Expression>),
    /// A template that is a text of its own: a string of the JSON form.
    Embedded {
        source: Rc<str>,
        inner: Box<Expression>,
    },
}

/// One part of a template.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // The variants say what their fields are.
pub enum Part {
    /// Text.
    Literal(String, Range),
    /// `${...}`.
    Interpolation(Expression),
    /// `%{ if }`.
    If {
        condition: Expression,
        yes: Vec<Part>,
        no: Vec<Part>,
    },
    /// `%{ for }`.
    For(Box<For<Vec<Part>>>),
}

impl Expression {
    /// Where messages about the expression's value point (spec: jobspec 11.2).
    pub fn start_range(&self) -> Range {
        use ExpressionKind::*;
        match &self.kind {
            Template(parts) => match parts.first() {
                Some(Part::Literal(_, range)) => *range,
                Some(Part::Interpolation(inner)) => inner.start_range(),
                _ => Range {
                    start: self.range.start,
                    end: self.range.end,
                },
            },
            Conditional { condition, .. } => condition.start_range(),
            Binary { left, .. } => left.start_range(),
            Negate { symbol, .. } | Not { symbol, .. } => *symbol,
            Tuple { open, .. } | Object { open, .. } => *open,
            For(inner) => inner.content.open,
            Parentheses(inner) => inner.start_range(),
            Call {
                name_range, open, ..
            } => name_range.to(*open),
            Splat { marker, .. } => *marker,
            _ => self.range,
        }
    }

    /// The text, when the expression is a quoted text without interpolation.
    pub fn literal_text(&self) -> Option<&str> {
        match &self.kind {
            ExpressionKind::Template(parts) => match parts.as_slice() {
                [] => Some(""),
                [Part::Literal(text, _)] => Some(text),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Expression {
    /// Visits the expressions directly inside.
    pub fn for_each_child<'t>(&'t self, visit: &mut dyn FnMut(&'t Expression)) {
        use ExpressionKind::*;
        match &self.kind {
            Number(_) | Boolean(_) | Null | Reference { .. } | SplatItem => {}
            Template(parts) => parts
                .iter()
                .for_each(|part| part.for_each_expression(visit)),
            Wrap(inner) | Parentheses(inner) | Embedded { inner, .. } => visit(inner),
            Relative { source, .. } => visit(source),
            Index {
                collection, key, ..
            } => [collection, key].into_iter().for_each(|each| visit(each)),
            Splat { source, each, .. } => [source, each].into_iter().for_each(|each| visit(each)),
            Call { arguments, .. } => arguments.iter().for_each(visit),
            Conditional { condition, yes, no } => {
                [condition, yes, no]
                    .into_iter()
                    .for_each(|each| visit(each));
            }
            Binary { left, right, .. } => [left, right].into_iter().for_each(|each| visit(each)),
            Negate { operand, .. } | Not { operand, .. } => visit(operand),
            Tuple { items, .. } => items.iter().for_each(visit),
            Object { items, .. } => items.iter().for_each(|(key, value)| {
                if let ObjectKey::Expression(key) = key {
                    visit(key);
                }
                visit(value);
            }),
            For(inner) => {
                visit(&inner.collection);
                inner.content.key.iter().for_each(&mut *visit);
                visit(&inner.content.value);
                inner.content.condition.iter().for_each(visit);
            }
        }
    }
}

impl Part {
    /// Where it stands; of a directive, its condition or collection.
    pub fn range(&self) -> Range {
        match self {
            Self::Literal(_, range) => *range,
            Self::Interpolation(inner) => inner.range,
            Self::If { condition, .. } => condition.range,
            Self::For(inner) => inner.collection.range,
        }
    }

    fn for_each_expression<'t>(&'t self, visit: &mut dyn FnMut(&'t Expression)) {
        match self {
            Self::Literal(..) => {}
            Self::Interpolation(inner) => visit(inner),
            Self::If { condition, yes, no } => {
                visit(condition);
                yes.iter()
                    .chain(no)
                    .for_each(|part| part.for_each_expression(visit));
            }
            Self::For(inner) => {
                visit(&inner.collection);
                inner
                    .content
                    .iter()
                    .for_each(|part| part.for_each_expression(visit));
            }
        }
    }
}

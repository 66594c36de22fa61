//! The functions of the language, as one table (spec: jobspec 8).
//!
//! Each function is a row: name, parameters, one sentence, implementation. Arguments arrive already
//! converted to the parameters' types. May import `expression`'s values and nothing else.

mod collections;
mod encoding;
mod files;
mod format;
mod glob;
mod hashes;
mod network;
mod numbers;
pub(crate) mod pattern;
mod regular;
mod text;
mod time;
mod yaml;

pub use time::moment;

use yurt_model::InOrder;

use crate::ReadFiles;
use crate::expression::{SIZE_MAX, Type, Value, convert};

/// Longest text that a function makes, in bytes: what it would exceed is refused before memory is
/// taken.
pub const LONGEST_TEXT: usize = 1 << 22;

/// Refuses a text of this many bytes when it is too long, naming the limit.
pub(crate) fn within_bounds(bytes: usize) -> Result<(), String> {
    match bytes <= LONGEST_TEXT {
        true => Ok(()),
        false => Err(format!("the text would exceed {LONGEST_TEXT} bytes")),
    }
}

/// Most items of a list that one function makes.
pub const MOST_ITEMS: usize = SIZE_MAX / size_of::<[u64; 6]>();

/// Refuses a list of this many items when it is too long, naming the limit.
pub(crate) fn items_within_bounds(items: usize) -> Result<(), Failure> {
    match items <= MOST_ITEMS {
        true => Ok(()),
        false => failed(format!("the list would exceed {MOST_ITEMS} items")),
    }
}

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    String,
    /// Number.
    Number,
    /// Truth value.
    Boolean,
    /// List of texts.
    StringList,
    /// Anything.
    Any,
}

/// One parameter.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Name, as messages give it.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// May it be `null`?
    pub nullable: bool,
}

/// One function.
#[derive(Debug)]
pub struct Function {
    /// Name.
    pub name: &'static str,
    /// Parameters that must be given.
    pub parameters: &'static [Parameter],
    /// The parameter that any number of further arguments go to.
    pub variadic: Option<Parameter>,
    /// One sentence.
    pub doc: &'static str,
    /// What it does.
    pub implementation: fn(&Call<'_>) -> Result<Value, Failure>,
}

/// One call.
pub struct Call<'a> {
    /// Arguments, converted.
    pub arguments: &'a [Value],
    /// The files around the job file; `None` when file access is off.
    pub files: Option<&'a dyn ReadFiles>,
    /// What stands for chance: differs from call to call, not from run to run.
    pub nonce: &'a str,
}

/// Why a call gave nothing.
#[allow(missing_docs)] // The variants say what their fields are.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// An argument is unknown because of an earlier error.
    Unknown,
    /// Too few arguments.
    Missing {
        expected: usize,
        parameter: &'static str,
        variadic: bool,
    },
    /// Too many arguments.
    TooMany { expected: usize },
    /// An argument is unsuitable.
    Argument {
        index: usize,
        parameter: String,
        reason: String,
    },
    /// The function itself failed.
    Call(String),
}

/// A failure of the function itself.
pub(crate) fn failed<T>(reason: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::Call(reason.into()))
}

/// An unsuitable argument.
pub(crate) fn unsuitable<T>(
    index: usize,
    parameter: &str,
    reason: impl Into<String>,
) -> Result<T, Failure> {
    Err(Failure::Argument {
        index,
        parameter: parameter.to_owned(),
        reason: reason.into(),
    })
}

impl Call<'_> {
    /// A text argument.
    pub(crate) fn text(&self, index: usize) -> &str {
        match self.arguments.get(index) {
            Some(Value::String(text)) => text,
            _ => "",
        }
    }

    /// A number argument.
    pub(crate) fn number(&self, index: usize) -> crate::expression::Number {
        match self.arguments.get(index) {
            Some(Value::Number(number)) => number.clone(),
            _ => 0.into(),
        }
    }

    /// A whole number argument.
    pub(crate) fn whole(&self, index: usize, parameter: &str) -> Result<i64, Failure> {
        match self.number(index).to_i64() {
            Some(whole) => Ok(whole),
            None => unsuitable(index, parameter, "a whole number is required"),
        }
    }

    /// An argument of any type.
    pub(crate) fn value(&self, index: usize) -> &Value {
        self.arguments.get(index).unwrap_or(&Value::Null)
    }
}

pub(crate) const fn parameter(name: &'static str, kind: Kind) -> Parameter {
    Parameter {
        name,
        kind,
        nullable: false,
    }
}

pub(crate) const fn nullable(name: &'static str, kind: Kind) -> Parameter {
    Parameter {
        name,
        kind,
        nullable: true,
    }
}

pub(crate) const fn function(
    name: &'static str,
    parameters: &'static [Parameter],
    variadic: Option<Parameter>,
    doc: &'static str,
    implementation: fn(&Call<'_>) -> Result<Value, Failure>,
) -> Function {
    Function {
        name,
        parameters,
        variadic,
        doc,
        implementation,
    }
}

/// Functions that look at expressions; the evaluator does them itself.
static SPECIAL: &[Function] = &[
    function(
        "can",
        &[nullable("expression", Kind::Any)],
        None,
        "Whether the expression can be evaluated without an error.",
        unevaluated,
    ),
    function(
        "convert",
        &[nullable("value", Kind::Any), nullable("type", Kind::Any)],
        None,
        "The value converted to a type such as `list(string)`.",
        unevaluated,
    ),
    function(
        "try",
        &[],
        Some(nullable("expressions", Kind::Any)),
        "The first of the expressions that can be evaluated without an error.",
        unevaluated,
    ),
];

fn unevaluated(_: &Call<'_>) -> Result<Value, Failure> {
    failed("wrong number of arguments")
}

/// All functions, topic by topic.
pub fn all() -> impl Iterator<Item = &'static Function> {
    [
        numbers::TABLE,
        text::TABLE,
        format::TABLE,
        collections::TABLE,
        encoding::TABLE,
        hashes::TABLE,
        time::TABLE,
        network::TABLE,
        files::TABLE,
        SPECIAL,
    ]
    .into_iter()
    .flatten()
}

/// The function of this name.
pub fn find(name: &str) -> Option<&'static Function> {
    all().find(|function| function.name == name)
}

/// What is said about a name that is no function.
pub fn unknown(name: &str) -> String {
    if let Some((namespace, _)) = name.rsplit_once("::") {
        return format!("There are no functions in namespace \"{namespace}::\".");
    }
    let mut names: Vec<&str> = all().map(|function| function.name).collect();
    names.put_in_order_by_key(|name| *name);
    match suggestion(name, names) {
        Some(near) => {
            format!("There is no function named \"{name}\". Did you mean \"{near}\"?")
        }
        None => format!("There is no function named \"{name}\"."),
    }
}

/// The first candidate that differs by fewer than three edits.
pub fn suggestion<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .into_iter()
        .find(|candidate| edits(name, candidate) < 3)
}

/// The candidate that differs least, by fewer than three edits.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let all = candidates.into_iter();
    let (distance, near) = all.map(|each| (edits(name, each), each)).min()?;
    (distance < 3).then_some(near)
}

/// How many characters must be inserted, removed or replaced.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    if from.chars().count().abs_diff(to.len()) > 2 {
        return 3;
    }
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, character) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(character != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

/// Checks and converts the arguments, then calls.
pub fn call(
    function: &Function,
    values: Vec<Value>,
    files: Option<&dyn ReadFiles>,
    nonce: &str,
) -> Result<Value, Failure> {
    let expected = function.parameters.len();
    if values.len() < expected {
        let parameter = function.parameters[values.len()].name;
        let variadic = function.variadic.is_some();
        return Err(Failure::Missing {
            expected,
            parameter,
            variadic,
        });
    }
    if function.variadic.is_none() && values.len() > expected {
        return Err(Failure::TooMany { expected });
    }
    let mut arguments = Vec::with_capacity(values.len());
    let mut unknown = false;
    for (index, value) in values.into_iter().enumerate() {
        let Some(parameter) = function
            .parameters
            .get(index)
            .copied()
            .or(function.variadic)
        else {
            break;
        };
        if value == Value::Null && !parameter.nullable {
            return unsuitable(index, parameter.name, "argument must not be null");
        }
        unknown |= value.has_unknown();
        let wanted = match parameter.kind {
            Kind::String => Type::String,
            Kind::Number => Type::Number,
            Kind::Boolean => Type::Boolean,
            Kind::StringList => Type::List(Box::new(Type::String)),
            Kind::Any => Type::Dynamic,
        };
        match convert(&value, &wanted) {
            Ok(value) => arguments.push(value),
            Err(reason) => return unsuitable(index, parameter.name, reason),
        }
    }
    if unknown {
        return Err(Failure::Unknown);
    }
    let value = (function.implementation)(&Call {
        arguments: &arguments,
        files,
        nonce,
    })?;
    if let Value::String(text) = &value {
        within_bounds(text.len()).map_err(Failure::Call)?;
    }
    Ok(value)
}

/// How many bytes a value takes, for the evaluator's budget.
pub fn size(value: &Value) -> usize {
    let own = size_of::<Value>();
    match value {
        Value::String(text) => own + text.len(),
        Value::Number(_) => own + size_of::<u64>(),
        Value::List(items, _) | Value::Set(items, _) | Value::Tuple(items) => {
            own + items.iter().map(size).sum::<usize>()
        }
        Value::Map(members, _) | Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| own + name.len() + size(value);
            own + members.iter().map(member).sum::<usize>()
        }
        _ => own,
    }
}

//! Variables and locals: declaration, assignment by environment, files and flags, validation, and
//! the scope that expressions of the job see (spec: jobspec 5).
//!
//! May import `syntax`, `expression` and `diagnostics`.

mod references;
mod types;
mod validation;

pub(crate) use types::type_constraint;

use crate::diagnostics::{Diagnostic, Range, Stage};
use crate::expression::{Budget, Evaluator, References, Scope, Type, Value, convert};
use crate::syntax::tree::*;
use crate::syntax::{is_identifier, parse_expression};
use crate::{ParseInput, ReadFiles};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use yurt_model::Gather;

/// A variable file that was read.
pub(crate) struct VariableFile<'a> {
    /// Base name.
    pub name: &'a str,
    /// Text.
    pub source: &'a str,
    /// Content.
    pub body: Body,
}

/// The value that won, and where it came from.
struct Assigned {
    value: Value,
    file: String,
    range: Range,
    origin: &'static str,
}

struct Variable<'a> {
    name: String,
    wanted: Option<Type>,
    assigned: Option<Assigned>,
    validations: Vec<&'a Block>,
}

/// What the declarations give.
pub(crate) struct Resolved {
    /// `var` and `local`.
    pub scope: Rc<Scope>,
    /// Errors.
    pub diagnostics: Vec<Diagnostic>,
    /// Work that is left.
    pub budget: Budget,
}

/// Declares, assigns, validates, and evaluates locals.
pub(crate) fn resolve(input: &ParseInput<'_>, body: &Body, files: &[VariableFile<'_>]) -> Resolved {
    let mut resolver = Resolver {
        input,
        variables: Vec::new(),
        diagnostics: Vec::new(),
        budget: Budget::default(),
    };
    resolver.declare(body);
    resolver.assign_environment();
    for file in files {
        resolver.assign_file(file);
    }
    resolver.assign_flags();
    resolver.require_values();
    let values = resolver.variables.iter().map(|variable| {
        let value = variable
            .assigned
            .as_ref()
            .map_or(Value::Unknown, |each| each.value.clone());
        (variable.name.clone(), value)
    });
    let variables = Value::Object(values.gather());
    let scope = resolver.locals(body, &variables);
    resolver.validate(&variables);
    Resolved {
        scope,
        diagnostics: resolver.diagnostics,
        budget: resolver.budget,
    }
}

struct Resolver<'a> {
    input: &'a ParseInput<'a>,
    variables: Vec<Variable<'a>>,
    diagnostics: Vec<Diagnostic>,
    budget: Budget,
}

impl<'a> Resolver<'a> {
    fn report(&mut self, range: Range, summary: &str, detail: impl Into<String>) {
        let file = self.input.file_name;
        self.diagnostics.push(Diagnostic::error(
            Stage::Decode,
            file,
            range,
            summary,
            detail,
        ));
    }

    fn nowhere(&mut self, summary: impl Into<String>, detail: impl Into<String>) {
        self.diagnostics
            .push(Diagnostic::nowhere(Stage::Decode, summary, detail));
    }

    /// A constant: no references, no functions.
    fn constant(&mut self, source: &str, file: &str, expression: &Expression) -> Value {
        let mut evaluator = Evaluator {
            source,
            file,
            stage: Stage::Decode,
            references: References::Forbidden,
            files: None,
            diagnostics: std::mem::take(&mut self.diagnostics),
            budget: self.budget,
        };
        let value = evaluator.evaluate(expression, &Rc::default());
        self.diagnostics = evaluator.diagnostics;
        self.budget = evaluator.budget;
        value
    }

    // Declaration.

    fn declare(&mut self, body: &'a Body) {
        for block in body.blocks() {
            match block.kind.as_str() {
                "variable" => self.declare_one(block),
                "variables" => self.declare_many(block),
                _ => {}
            }
        }
    }

    fn declare_many(&mut self, block: &'a Block) {
        self.refuse_blocks(block);
        for attribute in block.body.attributes() {
            let value = self.constant(
                self.input.source,
                self.input.file_name,
                &attribute.expression,
            );
            let variable = Variable {
                name: attribute.name.clone(),
                wanted: Some(value.value_type()),
                assigned: Some(Assigned {
                    value,
                    file: self.input.file_name.to_owned(),
                    range: attribute.expression.range,
                    origin: "default",
                }),
                validations: Vec::new(),
            };
            self.add(variable);
        }
    }

    fn refuse_blocks(&mut self, block: &Block) {
        for inner in block.body.blocks() {
            let summary = format!("Unexpected \"{}\" block", inner.kind);
            self.report(inner.kind_range, &summary, "Blocks are not allowed here.");
        }
    }

    fn add(&mut self, variable: Variable<'a>) {
        if self
            .variables
            .iter()
            .any(|other| other.name == variable.name)
        {
            let detail = format!("Duplicate {} variable definition found.", variable.name);
            self.nowhere("Duplicate variable", detail);
        } else {
            self.variables.push(variable);
        }
    }

    fn declare_one(&mut self, block: &'a Block) {
        let Some(label) = block.labels.first() else {
            return;
        };
        if !is_identifier(&label.text) {
            self.report(
                label.range,
                "Invalid variable name",
                "A name must start with a letter or underscore and may contain only letters, \
                 digits, underscores, and dashes.",
            );
        }
        let mut known = true;
        for attribute in block.body.attributes() {
            if !matches!(attribute.name.as_str(), "type" | "default" | "description") {
                known = false;
                self.unsupported_argument(block, attribute);
            }
        }
        for inner in block
            .body
            .blocks()
            .filter(|inner| inner.kind != "validation")
        {
            known = false;
            let detail = format!("Blocks of type \"{}\" are not expected here.", inner.kind);
            self.report(inner.kind_range, "Unsupported block type", detail);
        }
        let mut wanted = None;
        if let Some(attribute) = block.body.attribute("type") {
            match type_constraint(&attribute.expression, self.input.file_name, Stage::Decode) {
                Ok(found) => wanted = Some(found),
                Err(error) => {
                    self.diagnostics.push(*error);
                    known = false;
                }
            }
        }
        if let Some(attribute) = block.body.attribute("description") {
            self.constant(
                self.input.source,
                self.input.file_name,
                &attribute.expression,
            );
        }
        let mut assigned = None;
        if let Some(attribute) = block.body.attribute("default") {
            assigned = Some(self.default(attribute, &mut wanted));
        } else if !known {
            assigned = Some(self.assigned(Value::Unknown, label.range, "default"));
        }
        let validations = block
            .body
            .blocks()
            .filter(|inner| inner.kind == "validation")
            .collect();
        self.add(Variable {
            name: label.text.clone(),
            wanted,
            assigned,
            validations,
        });
    }

    fn unsupported_argument(&mut self, block: &Block, attribute: &Attribute) {
        let names = ["default", "description", "type"];
        let unset = names
            .into_iter()
            .filter(|name| block.body.attribute(name).is_none());
        let near = crate::functions::suggestion(&attribute.name, unset);
        let hint = near.map_or(String::new(), |near| format!(" Did you mean \"{near}\"?"));
        let detail = format!(
            "An argument named \"{}\" is not expected here.{hint}",
            attribute.name
        );
        self.report(attribute.name_range, "Unsupported argument", detail);
    }

    fn assigned(&self, value: Value, range: Range, origin: &'static str) -> Assigned {
        Assigned {
            value,
            file: self.input.file_name.to_owned(),
            range,
            origin,
        }
    }

    fn default(&mut self, attribute: &Attribute, wanted: &mut Option<Type>) -> Assigned {
        let range = attribute.expression.range;
        let value = self.constant(
            self.input.source,
            self.input.file_name,
            &attribute.expression,
        );
        let Some(wanted) = wanted else {
            *wanted = Some(value.value_type());
            return self.assigned(value, range, "default");
        };
        let value = match convert(&value, wanted) {
            Ok(value) => value,
            Err(reason) => {
                let detail = format!(
                    "This default value is not compatible with the variable's type constraint: \
                     {reason}."
                );
                self.report(range, "Invalid default value for variable", detail);
                Value::Unknown
            }
        };
        self.assigned(value, range, "default")
    }

    // Assignment.

    fn assign_environment(&mut self) {
        for (key, text) in self.input.environment {
            let Some(name) = key.strip_prefix("NOMAD_VAR_") else {
                continue;
            };
            if let Some(at) = self.variables.iter().position(|each| each.name == name) {
                self.assign_text(at, text, "env");
            }
        }
    }

    fn assign_flags(&mut self) {
        // The last value of a name wins, in the order of first mention.
        let mut order: Vec<&str> = Vec::new();
        let mut last: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, text) in self.input.variables {
            if last.insert(name, text).is_none() {
                order.push(name);
            }
        }
        for name in order {
            match self.variables.iter().position(|each| each.name == name) {
                Some(at) => self.assign_text(at, last[name], "cmd"),
                None if self.input.lenient => {}
                None => {
                    let detail = format!(
                        "A \"{name}\" variable was passed in the command line but was not found in \
                         known variables. To declare variable \"{name}\", place this block in \
                         your job file"
                    );
                    self.nowhere("Undefined -var variable", detail);
                }
            }
        }
    }

    fn assign_text(&mut self, at: usize, text: &str, origin: &'static str) {
        let variable = &self.variables[at];
        let (name, wanted) = (variable.name.clone(), variable.wanted.clone());
        let as_text = matches!(
            wanted,
            None | Some(Type::String | Type::Number | Type::Dynamic)
        );
        let place = if origin == "cmd" {
            "arguments"
        } else {
            "environment"
        };
        let (value, file, range) = if as_text {
            (Value::string(text), String::new(), Range::default())
        } else {
            let file = format!("<value for var.{name} from {place}>");
            let (expression, errors) = parse_expression(text, &file, Stage::Decode);
            if !errors.is_empty() {
                self.diagnostics.extend(errors);
                return;
            }
            let value = self.constant(text, &file, &expression);
            (value, file, expression.range)
        };
        let value = match convert(&value, &wanted.unwrap_or(Type::String)) {
            Ok(value) => value,
            Err(reason) => {
                let (summary, what) = match origin {
                    "cmd" => (
                        "Invalid argument value for -var variable",
                        "received arg value",
                    ),
                    _ => (
                        "Invalid environment value for variable",
                        "received env value",
                    ),
                };
                let detail = format!(
                    "The {what} for {name} is not compatible with the variable's type constraint: \
                     {reason}."
                );
                let error = Diagnostic::error(Stage::Decode, &file, range, summary, detail);
                self.diagnostics.push(error);
                Value::Unknown
            }
        };
        self.variables[at].assigned = Some(Assigned {
            value,
            file,
            range,
            origin,
        });
    }

    fn assign_file(&mut self, file: &VariableFile<'_>) {
        for item in &file.body.items {
            match item {
                Item::Attribute(attribute) => self.assign_attribute(file, attribute),
                Item::Block(block) => self.block_in_file(file, block),
            }
        }
    }

    fn block_in_file(&mut self, file: &VariableFile<'_>, block: &Block) {
        let name = block.labels.first().map_or("", |label| label.text.as_str());
        let (summary, detail) = if block.kind == "variable" {
            (
                "Variable declaration in a .var file".to_owned(),
                format!(
                    "A .var file is used to assign values to variables that have already been \
                     declared in job files, not to declare new variables. To declare variable \
                     \"{name}\", place this block in one of your job files\n\nTo set a value for \
                     this variable in {}, use the definition syntax instead:\n    {name} = <value>",
                    file.name
                ),
            )
        } else {
            let summary = format!("Unexpected \"{}\" block", block.kind);
            (summary, "Blocks are not allowed here.".to_owned())
        };
        let range = block.kind_range;
        self.diagnostics.push(Diagnostic::error(
            Stage::Decode,
            file.name,
            range,
            summary,
            detail,
        ));
    }

    fn assign_attribute(&mut self, file: &VariableFile<'_>, attribute: &Attribute) {
        let name = &attribute.name;
        let Some(at) = self.variables.iter().position(|each| each.name == *name) else {
            if !self.input.lenient {
                let detail = format!(
                    "A \"{name}\" variable was set but was not found in known variables. To \
                     declare variable \"{name}\", place this block in your job files"
                );
                self.nowhere("Undefined variable", detail);
            }
            return;
        };
        let range = attribute.expression.range;
        let value = self.constant(file.source, file.name, &attribute.expression);
        let wanted = self.variables[at].wanted.clone().unwrap_or(Type::String);
        let value = match convert(&value, &wanted) {
            Ok(value) => value,
            Err(reason) => {
                let detail = format!(
                    "The value for {name} is not compatible with the variable's type constraint: \
                     {reason}."
                );
                let summary = "Invalid value for variable";
                let error = Diagnostic::error(Stage::Decode, file.name, range, summary, detail);
                self.diagnostics.push(error);
                Value::Unknown
            }
        };
        let file = file.name.to_owned();
        self.variables[at].assigned = Some(Assigned {
            value,
            file,
            range,
            origin: "varfile",
        });
    }

    fn require_values(&mut self) {
        let unset = self
            .variables
            .iter()
            .filter(|variable| variable.assigned.is_none());
        for name in unset
            .map(|variable| variable.name.clone())
            .collect::<Vec<_>>()
        {
            self.nowhere(
                format!("Unset variable \"{name}\""),
                "A used variable must be set or have a default value; see \
                 https://developer.hashicorp.com/nomad/docs/reference/hcl2/variables  for details.",
            );
        }
    }

    fn evaluate(
        &mut self,
        expression: &Expression,
        scope: &Rc<Scope>,
        files: Option<&dyn ReadFiles>,
    ) -> Value {
        let mut evaluator = Evaluator {
            source: self.input.source,
            file: self.input.file_name,
            stage: Stage::Decode,
            references: References::Runtime,
            files,
            diagnostics: std::mem::take(&mut self.diagnostics),
            budget: self.budget,
        };
        let value = evaluator.evaluate(expression, scope);
        self.diagnostics = evaluator.diagnostics;
        self.budget = evaluator.budget;
        value
    }

    // Locals.

    /// Locals may refer to each other in any order: what fails is tried again until nothing moves.
    fn locals(&mut self, body: &'a Body, variables: &Value) -> Rc<Scope> {
        let mut given: Vec<&Attribute> = Vec::new();
        for block in body.blocks().filter(|block| block.kind == "locals") {
            self.refuse_blocks(block);
            given.extend(block.body.attributes());
        }
        // Of a name that two blocks give, the later one counts, where it stands.
        let mut names = BTreeSet::new();
        given.reverse();
        given.retain(|attribute| names.insert(attribute.name.as_str()));
        given.reverse();
        let mut waiting = VecDeque::from(references::in_order(&given));
        let names = [
            ("var".to_owned(), variables.clone()),
            ("local".to_owned(), Value::Object(BTreeMap::new())),
        ]
        .into_iter()
        .gather::<BTreeMap<_, _>>();
        let mut scope = Scope::child(&Rc::default(), names);
        let mut failures = 0;
        let mut first_errors = Vec::new();
        while let Some(attribute) = waiting.pop_front() {
            let before = self.diagnostics.len();
            let value = self.evaluate(&attribute.expression, &scope, self.input.path_functions);
            if self.budget.exhausted {
                break;
            }
            let errors = self.diagnostics.split_off(before);
            if errors.is_empty() {
                add_local(&mut scope, &attribute.name, value);
                failures = 0;
                continue;
            }
            if failures == 0 {
                first_errors = errors;
            }
            failures += 1;
            waiting.push_back(attribute);
            if failures >= waiting.len() {
                self.diagnostics.append(&mut first_errors);
                break;
            }
        }
        scope
    }
}

/// Adds a local to the scope, which nothing holds between two evaluations.
fn add_local(scope: &mut Rc<Scope>, name: &str, value: Value) {
    let names = Rc::get_mut(scope).map(|scope| &mut scope.names);
    if let Some(Value::Object(locals)) = names.and_then(|names| names.get_mut("local")) {
        locals.insert(name.to_owned(), value);
    }
}

//! From the syntax tree and the `schema` to the document: the API's JSON before any default is
//! filled (spec: jobspec 1 steps 5 to 7, 6, 9, 11.3, 13.1).
//!
//! The decoder walks the schema's table; what a block does beyond that (ports, identities, short
//! forms of constraints) is in `normalise`. May import everything below it, not `admission`.

mod dynamic;
mod free;
mod json_body;
mod normalise;
mod value;

pub(crate) use json_body::{extraneous, file as json_file, is_json};

use crate::diagnostics::{Diagnostic, Range, Stage};
use crate::expression::{Budget, Evaluator, References, Scope};
use crate::schema::{BlockSchema, FieldKind, FieldSchema, Labels};
use crate::syntax::tree::*;
use crate::{ParseInput, SpanMap, functions, schema};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;
use std::rc::Rc;
use yurt_model::{Gather, InOrder};

/// A block as it stands or as a `dynamic` block made it.
pub(crate) struct Found<'t> {
    kind: &'t str,
    kind_range: Range,
    header: Range,
    open_brace: Range,
    labels: Vec<Label>,
    body: &'t Body,
    scope: Rc<Scope>,
}

/// What decoding gives.
pub(crate) struct Decoded {
    /// The job.
    pub document: Option<Json>,
    /// Where its fields stand.
    pub spans: SpanMap,
    /// Errors.
    pub diagnostics: Vec<Diagnostic>,
    /// The work of evaluating its expressions, in steps.
    pub effort: usize,
}

pub(crate) struct Decoder<'a> {
    evaluator: Evaluator<'a>,
    /// Errors of free-form maps, which are evaluated after everything else.
    late: Vec<Diagnostic>,
    spans: SpanMap,
    /// The block in hand is a constraint or an affinity, whose errors are worded differently.
    is_condition: bool,
}

/// Decodes the one `job` block.
pub(crate) fn job(
    input: &ParseInput<'_>,
    block: &Block,
    scope: &Rc<Scope>,
    budget: Budget,
) -> Decoded {
    let evaluator = Evaluator {
        source: input.source,
        file: input.file_name,
        stage: Stage::Decode,
        references: References::Runtime,
        files: input.path_functions,
        diagnostics: Vec::new(),
        budget,
    };
    let mut decoder = Decoder {
        evaluator,
        late: Vec::new(),
        spans: SpanMap::new(),
        is_condition: false,
    };
    let found = Found::literal(block, scope);
    decoder.spans.insert("job".into(), block.header_range());
    let document = decoder.block(&found, &schema::JOB, "");
    let effort = decoder.evaluator.budget.spent();
    let mut diagnostics = decoder.evaluator.diagnostics;
    if diagnostics.is_empty() {
        diagnostics = decoder.late;
    }
    let document = diagnostics.is_empty().then_some(Json::Object(document));
    Decoded {
        document,
        spans: decoder.spans,
        diagnostics,
        effort,
    }
}

impl<'t> Found<'t> {
    fn literal(block: &'t Block, scope: &Rc<Scope>) -> Self {
        Self {
            kind: &block.kind,
            kind_range: block.kind_range,
            header: block.header_range(),
            open_brace: block.open_brace,
            labels: block.labels.clone(),
            body: &block.body,
            scope: Rc::clone(scope),
        }
    }
}

/// What reading a block counts as, in steps of evaluation: a block is far more work than an
/// expression, and takes far more room.
const BLOCK_STEPS: usize = 20;

/// Path of a part of the document.
fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// The fields that a body does not set as attributes, by name.
fn unset(schema: &'static BlockSchema, body: &Body) -> Vec<&'static FieldSchema> {
    let set: BTreeSet<&str> = body.attributes().map(|each| each.name.as_str()).gather();
    let fields = schema.fields.iter();
    let mut unset: Vec<_> = fields.filter(|field| !set.contains(field.name)).collect();
    unset.put_in_order_by_key(|field| field.name);
    unset
}

impl Decoder<'_> {
    fn report(&mut self, range: Range, path: &str, summary: &str, detail: impl Into<String>) {
        let evaluator = &self.evaluator;
        let mut error = Diagnostic::error(evaluator.stage, evaluator.file, range, summary, detail);
        error.path = (!path.is_empty()).then(|| path.to_owned());
        self.evaluator.diagnostics.push(error);
    }

    fn place(&self, range: Range) -> String {
        format!("{}:{range}", self.evaluator.file)
    }

    /// One block: its label, its fields, and what belongs to its kind.
    fn block(
        &mut self,
        found: &Found<'_>,
        schema: &'static BlockSchema,
        path: &str,
    ) -> Map<String, Json> {
        if !self.evaluator.spend(found.header, BLOCK_STEPS, 0) {
            return Map::new();
        }
        let blocks = self.expand(found.body, schema, &found.scope);
        self.check_names(found, schema, &blocks, path);
        let mut document = Map::new();
        let mut extra = Map::new();
        let condition =
            std::ptr::eq(schema, &schema::CONSTRAINT) || std::ptr::eq(schema, &schema::AFFINITY);
        for field in schema.fields {
            self.is_condition = condition;
            let value = self.field(field, found, &blocks, path);
            if field.api_name.is_empty() {
                if let Some(value) = value {
                    extra.insert(field.name.to_owned(), value);
                }
            } else if let Some(value) = value.or_else(|| field.unset_json()) {
                document.insert(field.api_name.to_owned(), value);
            }
        }
        if let (Labels::One { api_name, .. }, Some(label)) = (schema.labels, found.labels.first()) {
            let given = document
                .get(api_name)
                .and_then(Json::as_str)
                .unwrap_or_default();
            if given.is_empty() {
                document.insert(api_name.to_owned(), label.text.as_str().into());
            }
        }
        self.normalise(schema, found, &mut document, extra, path);
        document
    }

    // Names.

    fn check_names(
        &mut self,
        found: &Found<'_>,
        schema: &'static BlockSchema,
        blocks: &[Found<'_>],
        path: &str,
    ) {
        let set = |name: &str| found.body.attribute(name).is_some();
        for field in schema
            .fields
            .iter()
            .filter(|field| field.required && !set(field.name))
        {
            let detail = format!(
                "The argument \"{}\" is required, but no definition was found.",
                field.name
            );
            let range = found.open_brace.at_start();
            self.report(
                range,
                &join(path, field.name),
                "Missing required argument",
                detail,
            );
        }
        for block in blocks {
            if let Some(field) = schema.field(block.kind).filter(|field| field.is_block()) {
                self.check_labels(block, field, path);
            }
        }
        let is_known = |attribute: &&Attribute| {
            let field = schema.field(&attribute.name);
            field.is_some_and(FieldSchema::is_attribute)
        };
        let mut unknown = found.body.attributes().filter(|each| !is_known(each));
        let unset = unknown
            .next()
            .map(|first| (first, unset(schema, found.body)));
        if let Some((first, unset)) = unset {
            self.unsupported_argument(first, schema, &unset, path);
            unknown.for_each(|each| self.unsupported_argument(each, schema, &unset, path));
        }
        for block in blocks {
            let known = schema.field(block.kind).is_some_and(FieldSchema::is_block);
            if !known {
                self.unsupported_block(block.kind, block.kind_range, schema, path);
            }
        }
    }

    fn unsupported_argument(
        &mut self,
        attribute: &Attribute,
        schema: &'static BlockSchema,
        unset: &[&'static FieldSchema],
        path: &str,
    ) {
        let name = &attribute.name;
        if is_json(self.evaluator.source) {
            let names = unset.iter().map(|field| field.name);
            let (summary, detail) = extraneous(name, names);
            return self.report(attribute.name_range, &join(path, name), summary, detail);
        }
        let attributes = unset.iter().filter(|field| field.is_attribute());
        let near = functions::suggestion(name, attributes.map(|field| field.name));
        let is_block = schema.field(name).is_some_and(FieldSchema::is_block);
        let hint = match near {
            Some(near) => format!(" Did you mean \"{near}\"?"),
            None if is_block => format!(" Did you mean to define a block of type \"{name}\"?"),
            None => String::new(),
        };
        let detail = format!("An argument named \"{name}\" is not expected here.{hint}");
        self.report(
            attribute.name_range,
            &join(path, name),
            "Unsupported argument",
            detail,
        );
        self.offer(attribute.name_range, near);
    }

    /// Offers the near name as a change of the text.
    fn offer(&mut self, range: Range, near: Option<&str>) {
        let Some(near) = near else { return };
        if let Some(last) = self.evaluator.diagnostics.pop() {
            let fixed = last.with_fix(format!("Change to {near}"), range, near.to_owned());
            self.evaluator.diagnostics.push(fixed);
        }
    }

    fn unsupported_block(
        &mut self,
        kind: &str,
        range: Range,
        schema: &'static BlockSchema,
        path: &str,
    ) {
        let mut names: Vec<&str> = schema
            .fields
            .iter()
            .filter(|field| field.is_block())
            .map(|field| field.name)
            .collect();
        names.put_in_order_by_key(|name| *name);
        let near = functions::suggestion(kind, names);
        let hint = match near {
            Some(near) => format!(" Did you mean \"{near}\"?"),
            None if schema.field(kind).is_some_and(FieldSchema::is_attribute) => format!(
                " Did you mean to define argument \"{kind}\"? If so, use the equals sign to assign \
                 it a value."
            ),
            None => String::new(),
        };
        let detail = format!("Blocks of type \"{kind}\" are not expected here.{hint}");
        self.report(range, &join(path, kind), "Unsupported block type", detail);
        self.offer(range, near);
    }

    fn check_labels(&mut self, block: &Found<'_>, field: &FieldSchema, path: &str) {
        let labels = field.block().map_or(Labels::None, |schema| schema.labels);
        let problem = label_problem(labels, block.kind, &block.labels, block.open_brace);
        if let Some((range, summary, detail)) = problem {
            self.report(range, &join(path, block.kind), &summary, detail);
        }
    }

    // Fields.

    fn field(
        &mut self,
        field: &'static FieldSchema,
        found: &Found<'_>,
        blocks: &[Found<'_>],
        path: &str,
    ) -> Option<Json> {
        if field.name.is_empty() {
            return None;
        }
        let path = join(path, field.name);
        let attribute = found
            .body
            .attribute(field.name)
            .filter(|_| field.is_attribute());
        let own: Vec<&Found<'_>> = match field.is_block() {
            true => blocks
                .iter()
                .filter(|block| block.kind == field.name)
                .collect(),
            false => Vec::new(),
        };
        if let Some(attribute) = attribute {
            self.spans.insert(path.clone(), attribute.range);
            if let Some(block) = own.first() {
                self.defined_twice(attribute, block, &path);
            }
            return self.attribute(field, attribute, &found.scope, &path);
        }
        match field.kind {
            FieldKind::BlockList(schema) => self.block_list(&own, schema, &path),
            FieldKind::BlockMap(schema) => self.block_map(&own, schema, &path),
            _ => {
                let first = *own.first()?;
                self.single(&own, &path);
                self.spans.insert(path.clone(), first.header);
                match field.kind {
                    FieldKind::Block(schema) => Some(self.block(first, schema, &path).into()),
                    FieldKind::FreeBlock => Some(self.free_block(first, &path)),
                    FieldKind::ListMapBlock => self.map_block(first, true, &path),
                    _ => self.map_block(first, false, &path),
                }
            }
        }
    }

    fn single(&mut self, blocks: &[&Found<'_>], path: &str) {
        let [first, others @ ..] = blocks else { return };
        for other in others {
            let kind = other.kind;
            let detail = format!(
                "Only one {kind} block is allowed. Another was defined at {}.",
                self.place(first.kind_range)
            );
            self.report(
                other.kind_range,
                path,
                &format!("Duplicate {kind} block"),
                detail,
            );
        }
    }

    fn defined_twice(&mut self, attribute: &Attribute, block: &Found<'_>, path: &str) {
        let kind = block.kind;
        let detail = format!(
            "{kind} may not be defined more than once. Another definition is defined at {}.",
            self.place(attribute.range)
        );
        self.report(
            block.kind_range,
            path,
            &format!("Duplicate {kind} block"),
            detail,
        );
    }

    fn block_list(
        &mut self,
        blocks: &[&Found<'_>],
        schema: &'static BlockSchema,
        path: &str,
    ) -> Option<Json> {
        if blocks.is_empty() {
            return None;
        }
        let mut list = Vec::new();
        for (index, block) in blocks.iter().enumerate() {
            let name = match (schema.labels, block.labels.first()) {
                (Labels::One { .. }, Some(label)) => label.text.clone(),
                _ => index.to_string(),
            };
            let path = join(path, &name);
            self.spans.entry(path.clone()).or_insert(block.header);
            list.push(Json::Object(self.block(block, schema, &path)));
        }
        Some(Json::Array(list))
    }

    fn block_map(
        &mut self,
        blocks: &[&Found<'_>],
        schema: &'static BlockSchema,
        path: &str,
    ) -> Option<Json> {
        let list = self.block_list(blocks, schema, path)?;
        let Labels::One { api_name, .. } = schema.labels else {
            return None;
        };
        let mut members = std::collections::BTreeMap::new();
        for entry in list.as_array().into_iter().flatten() {
            let name = entry[api_name].as_str().unwrap_or_default();
            members.insert(name.to_owned(), entry.clone());
        }
        Some(Json::Object(members.into_iter().collect()))
    }
}

/// Too few or too many labels.
pub(crate) fn label_problem(
    wanted: Labels,
    kind: &str,
    labels: &[Label],
    open_brace: Range,
) -> Option<(Range, String, String)> {
    match (wanted, labels) {
        (Labels::None, [first, ..]) => Some((
            first.range,
            format!("Extraneous label for {kind}"),
            format!("No labels are expected for {kind} blocks."),
        )),
        (Labels::One { caption, .. }, []) => Some((
            open_brace,
            format!("Missing {caption} for {kind}"),
            format!("All {kind} blocks must have 1 labels ({caption})."),
        )),
        (Labels::One { caption, .. }, [_, second, ..]) => Some((
            second.range,
            format!("Extraneous label for {kind}"),
            format!("Only 1 labels ({caption}) are expected for {kind} blocks."),
        )),
        _ => None,
    }
}

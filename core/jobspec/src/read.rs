//! The order of reading: syntax, top level, variables, job (spec: jobspec 1).

use crate::decode::{self, label_problem};
use crate::diagnostics::{Diagnostic, Range, Stage};
use crate::schema::Labels;
use crate::syntax::{self, tree::*};
use crate::variables::{self, VariableFile};
use crate::{ParseInput, Parsed, functions};

pub(crate) fn file(input: &ParseInput<'_>) -> Parsed {
    let mut parsed = whole(input);
    for error in &mut parsed.diagnostics {
        if error.file == input.file_name {
            error.settle(input.source);
        }
    }
    parsed
}

fn whole(input: &ParseInput<'_>) -> Parsed {
    let failed = |diagnostics| Parsed {
        diagnostics,
        ..Parsed::default()
    };
    let (body, diagnostics) = body(input.source, input.file_name, Stage::Parse, true);
    if !diagnostics.is_empty() {
        return failed(diagnostics);
    }
    let mut files = Vec::new();
    for (name, source) in input.variable_files {
        let (body, diagnostics) = self::body(source, name, Stage::VariableFile, false);
        if !diagnostics.is_empty() {
            return failed(diagnostics);
        }
        files.push(VariableFile { name, source, body });
    }
    let job = match top_level(input, &body) {
        Ok(job) => job,
        Err(diagnostics) => return failed(diagnostics),
    };
    let resolved = variables::resolve(input, &body, &files);
    if !resolved.diagnostics.is_empty() {
        return Parsed {
            effort: resolved.budget.spent(),
            ..failed(resolved.diagnostics)
        };
    }
    let decoded = decode::job(input, job, &resolved.scope, resolved.budget);
    Parsed {
        document: decoded.document,
        spans: decoded.spans,
        diagnostics: decoded.diagnostics,
        effort: decoded.effort,
    }
}

/// The tree of a file in either form.
fn body(source: &str, name: &str, stage: Stage, job: bool) -> (Body, Vec<Diagnostic>) {
    if source.len() > syntax::MAXIMUM_BYTES {
        let detail = syntax::TOO_LARGE;
        let error = Diagnostic::error(stage, name, Range::default(), "File too large", detail);
        return (Body::default(), vec![error]);
    }
    match decode::is_json(source) {
        true => decode::json_file(source, name, stage, job),
        false => syntax::parse_body(source, name, stage),
    }
}

/// What may stand at the top (spec: jobspec 4).
const KINDS: [&str; 4] = ["job", "locals", "variable", "variables"];

/// What is said about an attribute at the top.
fn not_a_block(input: &ParseInput<'_>, name: &str) -> (&'static str, String) {
    if decode::is_json(input.source) {
        return decode::extraneous(name, KINDS);
    }
    let hint = match KINDS.contains(&name) {
        true => format!(" Did you mean to define a block of type \"{name}\"?"),
        false => String::new(),
    };
    let detail = format!("An argument named \"{name}\" is not expected here.{hint}");
    ("Unsupported argument", detail)
}

/// Checks what stands at the top and finds the job.
fn top_level<'t>(input: &ParseInput<'_>, body: &'t Body) -> Result<&'t Block, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let mut report = |range: Range, summary: &str, detail: String| {
        let file = input.file_name;
        diagnostics.push(Diagnostic::error(
            Stage::Decode,
            file,
            range,
            summary,
            detail,
        ));
    };
    let labelled = Labels::One {
        api_name: "",
        caption: "name",
    };
    let mut job: Option<&Block> = None;
    for item in &body.items {
        let block = match item {
            Item::Block(block) => block,
            Item::Attribute(attribute) => {
                let (summary, detail) = not_a_block(input, &attribute.name);
                report(attribute.name_range, summary, detail);
                continue;
            }
        };
        let labels = match block.kind.as_str() {
            "job" | "variable" => labelled,
            "locals" | "variables" => Labels::None,
            kind => {
                let hint = functions::suggestion(kind, KINDS)
                    .map_or(String::new(), |near| format!(" Did you mean \"{near}\"?"));
                let detail = format!("Blocks of type \"{kind}\" are not expected here.{hint}");
                report(block.kind_range, "Unsupported block type", detail);
                continue;
            }
        };
        if let Some((range, summary, detail)) =
            label_problem(labels, &block.kind, &block.labels, block.open_brace)
        {
            report(range, &summary, detail);
        } else if block.kind == "job" {
            match job {
                None => job = Some(block),
                Some(first) => {
                    let detail = format!(
                        "Only one block of type \"job\" is allowed. Previous definition was at \
                         {}:{}.",
                        input.file_name,
                        first.header_range()
                    );
                    report(block.header_range(), "Duplicate job block", detail);
                }
            }
        }
    }
    match job {
        Some(job) if diagnostics.is_empty() => Ok(job),
        None if diagnostics.is_empty() => Err(vec![Diagnostic::nowhere(
            Stage::Decode,
            "Missing job block",
            "A job block is required",
        )]),
        _ => Err(diagnostics),
    }
}

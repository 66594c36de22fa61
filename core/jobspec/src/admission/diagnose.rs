//! Refusals as diagnostics of the job file: each error at the place that it is about.

use yurt_model::Duration;

use super::{AdmissionContext, Refused, admit};
use crate::diagnostics::{Diagnostic, Range, Severity, Stage};
use crate::{Parsed, SpanMap};

/// Puts what admission says of a job that could be read to its diagnostics, as the editor tells
/// it: warnings, and why it is refused. Answers whether it is.
pub fn judge(parsed: &mut Parsed, file: &str, source: &str, context: &AdmissionContext) -> bool {
    let Some(document) = &parsed.document else {
        return false;
    };
    match admit(document, context) {
        Ok(admitted) => {
            let all = warnings(&admitted.warnings, file, &parsed.spans);
            parsed.diagnostics.extend(all);
            false
        }
        Err(refused) => {
            let all = diagnostics(&refused, file, source, &parsed.spans);
            parsed.diagnostics.extend(all);
            true
        }
    }
}

/// What is wrong with a job, for the editor: the errors of a refusal and its warnings, each at its
/// field, or at the nearest block around it that stands in the file.
pub fn diagnostics(
    refused: &Refused,
    file: &str,
    source: &str,
    spans: &SpanMap,
) -> Vec<Diagnostic> {
    let errors = refused.errors.iter().map(|error| {
        let path = error.path.as_deref().unwrap_or("");
        let mut diagnostic = at(file, path, &error.message, spans);
        if error.message.starts_with(HEALTHY_TOO_LATE) {
            diagnostic = raise_progress_deadline(diagnostic, path, source, spans);
        }
        diagnostic
    });
    errors
        .chain(warnings(&refused.warnings, file, spans))
        .collect()
}

/// Warnings for the editor, at the group that they name.
pub fn warnings(
    warnings: &[String],
    file: &str,
    spans: &SpanMap,
) -> impl Iterator<Item = Diagnostic> {
    warnings.iter().map(move |warning| {
        let lower = warning.to_ascii_lowercase();
        let group = lower
            .split_once("group \"")
            .and_then(|(before, _)| warning[before.len() + "group \"".len()..].split('"').next());
        let path = group.map_or(String::new(), |group| format!("group.{group}"));
        Diagnostic {
            severity: Severity::Warning,
            ..at(file, &path, warning, spans)
        }
    })
}

const HEALTHY_TOO_LATE: &str = "Healthy deadline must be less than progress deadline";

fn at(file: &str, path: &str, message: &str, spans: &SpanMap) -> Diagnostic {
    let range = place(path, spans);
    Diagnostic {
        severity: Severity::Error,
        summary: message.to_owned(),
        detail: String::new(),
        file: file.to_owned(),
        range,
        path: Some(path.to_owned()).filter(|path| !path.is_empty()),
        fix: None,
        stage: Stage::Admission,
    }
}

/// Where a path stands: itself, the block that it is inherited from, or what is around it, up to
/// the job.
fn place(path: &str, spans: &SpanMap) -> Option<Range> {
    let mut path = path;
    while !path.is_empty() {
        if let Some(range) = spans.get(path) {
            return Some(*range);
        }
        if let Some(range) = inherited(path).and_then(|path| spans.get(path)) {
            return Some(*range);
        }
        path = path.rsplit_once('.').map_or("", |(around, _)| around);
    }
    spans.get("job").copied()
}

/// The job-level block that a group's policy comes from: `group.api.update.canary` may stand at
/// `update.canary`.
fn inherited(path: &str) -> Option<&str> {
    let (_, inside) = path.strip_prefix("group.")?.split_once('.')?;
    let policies = ["update", "migrate", "reschedule"];
    let block = inside.split('.').next()?;
    policies.contains(&block).then_some(inside)
}

/// The guide's text of release 0.7 stumbles here: without a progress deadline it gets the default,
/// which its healthy deadline reaches. One line more, and it holds.
fn raise_progress_deadline(
    mut diagnostic: Diagnostic,
    path: &str,
    source: &str,
    spans: &SpanMap,
) -> Diagnostic {
    let Some(healthy) = diagnostic.summary.strip_prefix(HEALTHY_TOO_LATE) else {
        return diagnostic;
    };
    let healthy = healthy.trim_start_matches(": ").split(" > ").next();
    let Some(healthy) = healthy.and_then(|text| Duration::parse(text).ok()) else {
        return diagnostic;
    };
    let enough = in_minutes(Duration(healthy.nanos() / 2).times(3));
    diagnostic.detail = format!(
        "The progress deadline counts from the start of the deployment and must leave room for \
         one allocation to become healthy. Set progress_deadline to {enough}, or play this world \
         as release 0.7, which had no progress deadline."
    );
    let title = format!("Set progress_deadline = \"{enough}\"");
    let given = path.replace("healthy_deadline", "progress_deadline");
    let explicit = spans
        .get(&given)
        .or_else(|| inherited(&given).and_then(|path| spans.get(path)));
    if let Some(range) = explicit {
        return diagnostic.with_fix(title, *range, format!("progress_deadline = \"{enough}\""));
    }
    let Some(range) = diagnostic.range else {
        return diagnostic;
    };
    let (Some(before), Some(field)) = (
        source.get(..range.start.byte),
        source.get(range.start.byte..),
    ) else {
        return diagnostic;
    };
    if !field.starts_with("healthy_deadline") {
        return diagnostic;
    }
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    let indent: String = source[line_start..]
        .chars()
        .take_while(|c| c.is_whitespace() && *c != '\n')
        .collect();
    let end = Range {
        start: range.end,
        end: range.end,
    };
    diagnostic.with_fix(
        title,
        end,
        format!("\n{indent}progress_deadline = \"{enough}\""),
    )
}

/// Rounded up to whole minutes, as people write it.
fn in_minutes(length: Duration) -> String {
    let minute = 60_000_000_000;
    format!("{}m", length.nanos().saturating_add(minute - 1) / minute)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Position;

    fn range(source: &str, part: &str) -> Range {
        let start = source.find(part).expect("the part is in the source");
        let position = |byte| Position {
            byte,
            line: 1,
            column: 1,
        };
        Range {
            start: position(start),
            end: position(start + part.len()),
        }
    }

    #[test]
    fn the_guide_s_deadline_gets_a_line_more() {
        let source = "group \"api\" {\n  update {\n    healthy_deadline = \"10m\"\n  }\n}\n";
        let field = "healthy_deadline = \"10m\"";
        let spans = SpanMap::from([("group.api.update.healthy_deadline".to_owned(), {
            range(source, field)
        })]);
        let mut issues = super::super::issues::Issues::default();
        issues.add(
            "group.api.update.healthy_deadline",
            format!("{HEALTHY_TOO_LATE}: 10m0s > 10m0s"),
        );
        let refused = Refused::of(&issues, vec!["Group \"api\" has warnings: x".to_owned()]);
        let found = diagnostics(&refused, "docs.nomad.hcl", source, &spans);
        let fix = found[0].fix.clone().expect("a fix");
        let mut mended = source.to_owned();
        mended.replace_range(fix.start_byte..fix.end_byte, &fix.replacement);
        assert!(mended.contains("\"10m\"\n    progress_deadline = \"15m\"\n  }"));
        assert_eq!(found[1].path.as_deref(), Some("group.api"));
    }

    #[test]
    fn inherited_fields_stand_in_the_job() {
        let source = "update { canary = -1 }";
        let spans = SpanMap::from([("update.canary".to_owned(), range(source, "canary = -1"))]);
        let found = place("group.api.update.canary", &spans);
        assert_eq!(found, Some(range(source, "canary = -1")));
        assert_eq!(place("group.api.task.web.driver", &spans), None);
    }
}

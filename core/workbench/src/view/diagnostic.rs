//! What is wrong with a file, where, and what would mend it.

use yurt_model::InOrder;

use serde::{Deserialize, Serialize};
use yurt_jobspec::diagnostics::{self, Diagnostic, QuickFix};

use super::WorldView;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// The file is refused.
    Error,
    /// The file is taken.
    Warning,
}

/// One diagnostic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnosticView {
    /// How bad.
    pub severity: Severity,
    /// What, in a few words.
    pub summary: String,
    /// The rest.
    pub detail: String,
    /// Where it begins: bytes of UTF-8 from the start of the file. The page converts to the
    /// editor's units.
    pub start_byte: u32,
    /// Where it ends; not before `start_byte`.
    pub end_byte: u32,
    /// The line, counted from 1.
    pub line: u32,
    /// The column, counted from 1 as the command prints it.
    pub column: u32,
    /// Edits that would mend it.
    pub fixes: Vec<FixView>,
}

/// An edit that mends something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixView {
    /// What it does: `Add progress_deadline = "15m"`.
    pub label: String,
    /// The first byte that it replaces.
    pub start_byte: u32,
    /// The byte after the last one that it replaces.
    pub end_byte: u32,
    /// What it puts there.
    pub text: String,
    /// Instead of an edit: the name of the world in which nothing is wrong.
    pub world: Option<String>,
}

/// The fix that leaves the text alone and goes to a world that takes it.
pub(crate) fn world_fix(world: &WorldView, byte: u32) -> FixView {
    FixView {
        label: format!("Switch to {}", world.title),
        start_byte: byte,
        end_byte: byte,
        text: String::new(),
        world: Some(world.name.to_string()),
    }
}

/// The diagnostics of a file, by place; what has no place comes first, at the start of the file.
pub fn diagnostics(found: &[Diagnostic]) -> Vec<DiagnosticView> {
    let mut views: Vec<DiagnosticView> = found.iter().map(view).collect();
    views.put_in_order_by_key(|view| (view.start_byte, view.severity));
    views
}

fn view(diagnostic: &Diagnostic) -> DiagnosticView {
    let range = diagnostic.range.unwrap_or_default();
    DiagnosticView {
        severity: match diagnostic.severity {
            diagnostics::Severity::Error => Severity::Error,
            diagnostics::Severity::Warning => Severity::Warning,
        },
        summary: diagnostic.summary.clone(),
        detail: diagnostic.detail.clone(),
        start_byte: number(range.start.byte),
        end_byte: number(range.end.byte.max(range.start.byte)),
        line: number(range.start.line.max(1)),
        column: number(range.start.column.max(1)),
        fixes: diagnostic.fix.iter().map(fix).collect(),
    }
}

fn fix(fix: &QuickFix) -> FixView {
    FixView {
        label: fix.title.clone(),
        start_byte: number(fix.start_byte),
        end_byte: number(fix.end_byte),
        text: fix.replacement.clone(),
        world: None,
    }
}

/// Files are far shorter than 4 GiB; the jobspec reader sees to that.
pub(super) fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

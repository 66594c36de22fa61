//! What `nomad job plan` prints, whole, and its exit status (spec: plan-diff 7 to 13).
//!
//! Belongs here: the layout of a difference (`layout`), and what follows it (`dry_run`). Not here:
//! what differs (`yurt-diff`), who asks for a plan (`command`).
//! May import: model, diff, document, view (its labels), and of command its columns
//! and its reasons for what could not be placed.

mod dry_run;
mod layout;
mod quote;

use std::collections::BTreeMap;
use std::rc::Rc;

use yurt_diff::{DiffType, JobDiff};
use yurt_model::{AllocMetric, Index, JobType, Name, PlanAnnotations};

pub use layout::diff_document;
pub use quote::quote;

use crate::document::Document;
use crate::view::Label;

/// Everything that the output of a plan depends on.
#[derive(Clone, Copy, Debug)]
pub struct PlanTextInput<'a> {
    /// The annotated difference; absent with `-diff=false`.
    pub diff: Option<&'a JobDiff>,
    /// Shows the fields and blocks of what is added or removed as well.
    pub verbose: bool,
    /// The type of the planned job.
    pub job_type: JobType,
    /// Groups that would find no place, and why.
    pub failed_groups: &'a BTreeMap<Name, Rc<AllocMetric>>,
    /// When a periodic job would be launched next, and how far that is from now.
    pub next_launch: Option<&'a str>,
    /// The text of the job's warnings; empty when there are none.
    pub warnings: &'a str,
    /// Allocations that would be evicted.
    pub preempted: &'a [PreemptedAlloc],
    /// The index at which the plan holds; 0 for a new job.
    pub job_modify_index: Index,
    /// The name of the command that submits (`nomad job run`; it depends on the release).
    pub run: &'a str,
    /// What the help about the index says matches, in the release's words.
    pub index_matches: &'a str,
    /// The flags to repeat and the path as typed: `-var="k=v" docs.nomad.hcl`.
    pub arguments: &'a str,
}

/// An allocation that would be evicted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreemptedAlloc {
    /// Its id, whole.
    pub id: String,
    /// Its job.
    pub job_id: String,
    /// The job's namespace.
    pub namespace: String,
    /// The job's type.
    pub job_type: String,
    /// Its group.
    pub task_group: String,
}

/// The whole output.
pub fn render(input: &PlanTextInput<'_>) -> Document {
    let mut document = Document::new();
    if let Some(diff) = input.diff {
        document.append(diff_document(diff, input.verbose));
        document.print(Label::Plain, "");
    }
    document.print(Label::Heading, "[bold]Scheduler dry-run:[reset]");
    dry_run::outcome(&mut document, input);
    document.print(Label::Plain, "");
    if !input.warnings.is_empty() {
        let text = format!("[bold][yellow]Job Warnings:\n{}[reset]\n", input.warnings);
        document.print(Label::Plain, &text);
    }
    dry_run::preemptions(&mut document, input.preempted);
    dry_run::index_tail(&mut document, input);
    document
}

/// The lines about the scheduler's dry run alone: that all is well, or what found no place.
pub fn outcome(input: &PlanTextInput<'_>) -> Document {
    let mut document = Document::new();
    dry_run::outcome(&mut document, input);
    document
}

/// 0 when no allocation would be made or stopped, else 1 (spec: plan-diff 13).
pub fn exit_status(diff: &JobDiff, annotations: &PlanAnnotations) -> i32 {
    let mut groups = annotations.desired_updates.values();
    let acts = groups.any(|group| {
        group.stop + group.place + group.migrate + group.destructive_update + group.canary > 0
    });
    i32::from(diff.kind != DiffType::None && acts)
}

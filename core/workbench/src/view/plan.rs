//! A plan: what a job file would change.

use serde::{Deserialize, Serialize};

use super::Line;

/// What running the file would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanView {
    /// The file that was planned.
    pub file: String,
    /// The job.
    pub job_id: String,
    /// What would happen, in one sentence: `5 canaries, 5 left alone.`
    pub sentence: String,
    /// Nothing would change.
    pub empty: bool,
    /// Counters by group, in the order of the job file.
    pub groups: Vec<PlanGroupView>,
    /// The difference of the job, line by line as the command prints it.
    pub diff: Vec<DiffLineView>,
    /// Warnings about the file.
    pub warnings: Vec<String>,
    /// Why allocations would not be placed, line by line as the command prints it.
    pub failures: Vec<Line>,
    /// The index at which the plan holds.
    pub job_modify_index: u64,
    /// The command that runs exactly what was planned: `nomad job run -check-index 12 docs.nomad.hcl`.
    pub run_command: String,
}

/// What would happen to one group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanGroupView {
    /// The group.
    pub name: String,
    /// The counters that are not zero, in the order in which the command prints them.
    pub counters: Vec<CounterView>,
}

/// One counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterView {
    /// `create`, `canary`, `ignore`, `create/destroy update`, ….
    pub name: String,
    /// How many allocations.
    pub count: u64,
}

/// What a line of the difference says happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DiffKind {
    /// Context.
    Same,
    /// Added.
    Added,
    /// Removed.
    Removed,
    /// Edited.
    Edited,
}

/// A line of the difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffLineView {
    /// What happened.
    pub kind: DiffKind,
    /// The line, with its sign and indentation.
    pub line: Line,
}

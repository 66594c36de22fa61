//! The deployment panel: what is happening to the rollout, and what a person can do now.

use serde::{Deserialize, Serialize};

/// The deployment that matters now: the active one of the job in the editor, else its newest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentView {
    /// Its whole id.
    pub id: String,
    /// Its first eight characters.
    pub short_id: String,
    /// The job.
    pub job_id: String,
    /// The version it rolls out.
    pub job_version: u64,
    /// `running`, `paused`, `successful`, `failed`, `cancelled`.
    pub status: String,
    /// The reference's description of that status.
    pub description: String,
    /// Running or paused.
    pub active: bool,
    /// What is happening, in one or two short sentences: `5 of 5 canaries healthy. Waiting for you.`
    pub sentence: String,
    /// Nothing goes on until a person does something.
    pub waiting_for_person: bool,
    /// The groups that take part, in the order of the job file.
    pub groups: Vec<DeploymentGroupView>,
    /// What will end it or an allocation's hope if nothing comes before, soonest first.
    pub deadlines: Vec<DeadlineView>,
    /// `Promote`.
    pub promote: ButtonView,
    /// `Fail`.
    pub fail: ButtonView,
    /// `Pause`.
    pub pause: ButtonView,
    /// `Resume`.
    pub resume: ButtonView,
    /// The command that tells more: `nomad deployment status 8f2c1d3e`.
    pub status_command: String,
}

/// One group's row. A column is `None` where no group of the job uses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentGroupView {
    /// The group.
    pub name: String,
    /// Allocations that must become healthy.
    pub desired: i64,
    /// Canaries asked for.
    pub canaries: Option<i64>,
    /// Canaries placed.
    pub placed_canaries: i64,
    /// Placed canaries that are healthy now.
    pub healthy_canaries: i64,
    /// Allocations placed.
    pub placed: i64,
    /// Allocations that became healthy.
    pub healthy: i64,
    /// Allocations that became unhealthy.
    pub unhealthy: i64,
    /// The canaries were promoted.
    pub promoted: Option<bool>,
    /// Goes back to the last stable version when it fails.
    pub auto_revert: Option<bool>,
    /// When progress is due, in nanoseconds since 1970; `None` without a deadline or when it is over.
    pub progress_due_ns: Option<i64>,
}

/// Something that is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadlineView {
    /// What, in words: `progress deadline of api`, `healthy deadline of docs.api[3]`.
    pub label: String,
    /// When, in nanoseconds since 1970.
    pub due_ns: i64,
}

/// A button that stands for a command.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ButtonView {
    /// The command line that a click runs, when it would be accepted now.
    pub command: Option<String>,
    /// Why there is none, in one sentence; empty otherwise.
    pub why_not: String,
}

//! What a screen shows, as plain structs with public fields, and pure builders for them.
//!
//! Belongs here: one module for each thing on the screen; its struct, and the function that makes
//! it from a snapshot. Sentences are already in a person's words. Not here: how anything is drawn,
//! and commands. The structs cross from the worker to the page, so they hold text and numbers only,
//! never types of the engine.
//! May import: model, jobspec, diff, state and what the engine lets one read.

mod assist;
mod cluster;
mod deployment;
mod diagnostic;
mod job;
mod line_completion;
mod plan;
mod plan_basis;
mod plan_picture;
mod plan_place;
#[cfg(test)]
mod tests;
mod text;
mod usage;
mod world;

pub use assist::{
    CompletionKind, CompletionView, CompletionsView, FormattedView, HoverView, WordView,
    completions, formatted, hover,
};
pub use cluster::{
    AllocationView, ClusterChange, ClusterView, Health, MeterView, NodeView, VersionRole,
    VersionView, cluster,
};
pub use deployment::{ButtonView, DeadlineView, DeploymentGroupView, DeploymentView, deployment};
pub(crate) use diagnostic::world_fix;
pub use diagnostic::{DiagnosticView, FixView, Severity, diagnostics};
pub use job::{DispatchView, JobGroupView, JobView, job};
pub use line_completion::LineCompletionView;
pub use plan::{
    CounterView, DiffKind, DiffLineView, NoteView, PlanGroupView, PlanParts, PlanView, plan,
};
pub use plan_basis::{PlanBasis, plan_basis};
pub use plan_picture::{Fate, FateView, Occasion, PictureView};
pub use plan_place::PlaceView;
pub use text::{Label, Line, Span, clock_text, left_text, quote};
pub use usage::{UsageLine, UsageView, usage};
pub use world::{OPENING_JOB, WORLDS, WorldView, world};

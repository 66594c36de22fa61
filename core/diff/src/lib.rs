//! What changed between two jobs, and what a dry run says that the change brings.
//!
//! Belongs here: the comparison of two canonical documents (`JobSpec.document`), the catalogue of
//! what it compares and under which names, and the annotations. Not here: how a difference is
//! printed (that is the workbench), and what the scheduler decides. May import: model, and the
//! table of the language of jobspec.
//!
//! Whether a difference can be seen and whether it counts are two questions. Groups and tasks are
//! edited when anything at all differs, even what is never shown (spec: plan-diff 2).

mod annotate;
mod catalogue;
mod flatten;
mod generic;
mod job;
mod matching;
mod objects;
mod types;

pub use annotate::{
    FORCES_CREATE, FORCES_DESTROY, FORCES_DESTRUCTIVE, FORCES_IN_PLACE, annotate, counters,
    destructive_parts, meaning,
};
pub use job::{diff, stored_document};
pub use types::{DiffType, FieldDiff, JobDiff, ObjectDiff, TaskDiff, TaskGroupDiff};

// The same unit tests run as wasm: see CONTRIBUTING.md.
#[cfg(all(test, target_arch = "wasm32"))]
#[macro_use]
extern crate yurt_everywhere;

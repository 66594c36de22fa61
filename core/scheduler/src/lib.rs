//! The scheduler: an evaluation and a store in, a plan out.
//!
//! Belongs here: what a placement decision follows from (spec: deployments 5-20, 27-32; scheduling
//! 5-14). Not here: applying plans, waiting, queues. May import: `yurt-model`, `yurt-state`
//! (reading).
//!
//! Everything is a pure function: time, identifiers and chance come in, and the same input gives
//! the same output on every target.

#![forbid(unsafe_code)]

mod difference;
mod feasible;
mod fit;
mod generic;
mod input;
mod place;
mod ports;
mod preempt;
mod rank;
mod reconcile;
mod resources;
mod stack;
mod system;
#[cfg(test)]
mod tests;
mod update;

use yurt_model::{JobSpec, JobType};

pub use fit::{Dimension, node_fit};
pub use input::{SchedulerInput, SchedulerOutput};

/// How many attempts without progress end an evaluation (spec: scheduling 1).
pub const fn max_attempts(kind: JobType) -> u32 {
    match kind {
        JobType::Service | JobType::System => 5,
        JobType::Batch | JobType::Sysbatch => 2,
    }
}

/// Looks at the job of an evaluation and proposes what to do.
///
/// The caller applies the plan and stores `created` and `evaluation`. When the plan was committed
/// in part only, the caller stores `created`, takes over `blocked_eval` and `next_eval` into its
/// evaluation, and runs this again on the fresh store, with `attempt` raised by one, or back at 0
/// when the commit wrote something. With `attempt` at [`max_attempts`] the answer is a failed
/// evaluation without a plan.
pub fn schedule(input: SchedulerInput<'_>) -> SchedulerOutput {
    match input.evaluation.kind {
        JobType::Service | JobType::Batch => generic::run(input),
        JobType::System | JobType::Sysbatch => system::run(input),
    }
}

/// Which field makes the update from `old` to `new` replace allocations of the group; `None` when
/// they can be updated where they are (spec: deployments 13.1).
pub fn destructive_difference(old: &JobSpec, new: &JobSpec, group: &str) -> Option<String> {
    difference::destructive_difference(old, new, group)
}

// The same unit tests run as wasm: see CONTRIBUTING.md.
#[cfg(all(test, target_arch = "wasm32"))]
#[macro_use]
extern crate yurt_everywhere;

//! What a scheduler is given and what it answers.

use yurt_model::{Evaluation, Plan, Rng, Time, UuidMaker};
use yurt_state::Store;

/// Everything that a decision may depend on.
pub struct SchedulerInput<'a> {
    /// The state, not changed while the scheduler looks.
    pub store: &'a Store,
    /// The evaluation, as it is stored.
    pub evaluation: &'a Evaluation,
    /// The time of this attempt.
    pub now: Time,
    /// Where identifiers of new rows come from.
    pub ids: &'a mut UuidMaker,
    /// Chance for the order of nodes and for ports.
    pub rng: Rng,
    /// Count what is done to each group, for people (dry runs, and evaluations that ask for it).
    pub annotate: bool,
    /// How many attempts before this one made no progress.
    pub attempt: u32,
}

/// What a scheduler proposes.
#[derive(Clone, Debug)]
pub struct SchedulerOutput {
    /// What to write; `None` when there is nothing to submit.
    pub plan: Option<Plan>,
    /// The evaluation as it is to be stored if the plan is committed in full.
    pub evaluation: Evaluation,
    /// Follow-up and blocked evaluations, in the order of their creation, to be stored before the
    /// plan.
    pub created: Vec<Evaluation>,
    /// The evaluation was a blocked one and still cannot be placed in full: put it back to wait
    /// instead of storing it as complete. Its class eligibility in `evaluation` is fresh.
    pub reblock: bool,
}

//! What each evaluation did, for those who compare or explain.

use std::rc::Rc;

use yurt_model::{Evaluation, Plan, Time};
use yurt_state::Store;

use super::Cluster;

/// One evaluation that a scheduler has looked at, and what came of it.
#[derive(Clone, Debug)]
pub struct Processed {
    /// When.
    pub at: Time,
    /// The evaluation as it was before.
    pub before: Rc<Evaluation>,
    /// The evaluation as it was stored afterwards.
    pub after: Rc<Evaluation>,
    /// What was committed, in order; more than one when a plan was refused in part.
    pub plans: Vec<Rc<Plan>>,
    /// Plans that were submitted, and whether each was committed in full.
    pub submitted: Vec<bool>,
    /// Evaluations that it made.
    pub created: Vec<Evaluation>,
    /// It went back to wait for room.
    pub was_blocked_again: bool,
    /// The state just after it.
    pub store: Store,
}

impl Cluster {
    /// Begins to remember what evaluations do. Off at the start: a long history would grow for
    /// ever.
    pub fn trace_evaluations(&mut self) {
        self.trace.get_or_insert_with(Vec::new);
    }

    /// What evaluations did since the last call, in order.
    pub fn take_processed(&mut self) -> Vec<Processed> {
        self.trace.as_mut().map_or_else(Vec::new, std::mem::take)
    }
}

//! Plans: what a scheduler proposes and what came of it.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::{
    AllocClientStatus, AllocId, Allocation, Deployment, DeploymentStatusUpdate, EvalId, Index, Job,
    Name, Text,
};

/// What a plan does with one group, counted (spec: deployments 0).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct DesiredUpdates {
    /// Left alone.
    pub ignore: u64,
    /// New.
    pub place: u64,
    /// Moved to another node.
    pub migrate: u64,
    /// Stopped.
    pub stop: u64,
    /// Updated where they are.
    pub in_place_update: u64,
    /// Replaced.
    pub destructive_update: u64,
    /// New canaries.
    pub canary: u64,
    /// Evicted for the sake of this group.
    pub preemptions: u64,
    /// Marked unknown.
    pub disconnect: u64,
    /// Back from unknown.
    pub reconnect: u64,
    /// Rescheduled now (filled by disconnects only).
    pub reschedule_now: u64,
    /// To be rescheduled later.
    pub reschedule_later: u64,
}

/// What a plan would do, for people.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PlanAnnotations {
    /// Counters by group.
    pub desired_updates: BTreeMap<Name, DesiredUpdates>,
    /// Allocations that would be evicted.
    pub preempted: Vec<AllocId>,
}

/// An existing allocation that the plan stops.
#[derive(Clone, Debug, PartialEq)]
pub struct StopAlloc {
    /// Which.
    pub alloc_id: AllocId,
    /// The text that says why.
    pub description: Text,
    /// The client status to record at once (`lost`, `failed`), when the client cannot say it.
    pub client_status: Option<AllocClientStatus>,
    /// The evaluation that will look at it again.
    pub follow_up: Option<EvalId>,
}

/// What a scheduler proposes. Applying it is one write.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The evaluation it comes from.
    pub eval_id: Option<EvalId>,
    /// The priority of that evaluation.
    pub priority: i64,
    /// All or nothing.
    pub all_at_once: bool,
    /// The job as the scheduler saw it; new and updated allocations run this version unless they
    /// carry another.
    pub job: Option<Rc<Job>>,
    /// Allocations to stop, in order.
    pub stops: Vec<StopAlloc>,
    /// Whole allocations to write: new ones, in-place updates, marks on existing ones. In order.
    pub allocations: Vec<Allocation>,
    /// Allocations to evict, with the new one that needs the room.
    pub preemptions: Vec<(AllocId, AllocId)>,
    /// A deployment to create, or to write whole.
    pub deployment: Option<Deployment>,
    /// Status changes of deployments.
    pub deployment_updates: Vec<DeploymentStatusUpdate>,
    /// Counters, when asked for.
    pub annotations: Option<PlanAnnotations>,
    /// The state that the scheduler saw.
    pub snapshot_index: Index,
}

impl Plan {
    /// Adds an allocation to be written. It shares with the one before what both have.
    pub fn put(&mut self, mut alloc: Allocation) {
        if let Some(before) = self.allocations.last()
            && before.shared == alloc.shared
        {
            alloc.shared = before.shared.clone();
        }
        self.allocations.push(alloc);
    }

    /// Nothing to write (annotations alone are nothing).
    pub fn is_empty(&self) -> bool {
        self.stops.is_empty()
            && self.allocations.is_empty()
            && self.preemptions.is_empty()
            && self.deployment.is_none()
            && self.deployment_updates.is_empty()
    }
}

/// What came of a plan.
#[derive(Clone, Debug, Default)]
pub struct PlanResult {
    /// What was written; parts that did not fit are missing.
    pub committed: Plan,
    /// Everything was written.
    pub full: bool,
    /// The write, 0 when nothing was.
    pub index: Index,
}

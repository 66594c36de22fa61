//! The reconciler: what a job's allocations are, what they should be, and the difference
//! (spec: deployments 6-19).
//!
//! Belongs here: everything that is decided without choosing nodes. Not here: nodes, scores, the
//! plan. One file a topic; `group` reads as the table of contents.

mod buckets;
mod canary;
mod deployment;
mod disconnect;
mod follow_up;
mod group;
mod names;
mod reschedule;
mod set;
mod stops;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::rc::Rc;

use litemap::LiteMap;
use yurt_model::{
    AllocClientStatus, AllocId, Allocation, Deployment, DeploymentStatusUpdate, DesiredUpdates,
    EvalId, Evaluation, Job, Name, StopAlloc, TaskGroup, Time, UuidMaker,
};

pub(crate) use buckets::{TaintedNodes, is_expired, should_reconnect};
pub(crate) use deployment::{fresh_deployment, fresh_state, overtaken_text};
pub(crate) use names::NameIndex;
pub(crate) use reschedule::{tracker_of_replacement, tracker_without_placement};
pub(crate) use set::{AllocRef, AllocSet};

/// Why allocations stop, in the reference's words (spec: deployments 2.2).
pub(crate) mod reason {
    pub(crate) const NOT_NEEDED: &str = "alloc not needed due to job update";
    pub(crate) const UPDATING: &str = "alloc is being updated due to job update";
    pub(crate) const MIGRATING: &str = "alloc is being migrated";
    pub(crate) const TAINTED: &str = "alloc not needed as node is tainted";
    pub(crate) const LOST: &str = "alloc is lost since its node is down";
    /// For failed ones; one that is replaced at once says nothing (`Attempt::add`).
    pub(crate) const RESCHEDULED: &str = "alloc was rescheduled because it failed";
    pub(crate) const RECONNECTED: &str = "alloc not needed due to disconnected client reconnect";
    /// The client description of allocations whose node is silent.
    pub(crate) const UNKNOWN: &str = "alloc is unknown since its node is disconnected";
}

/// What the reconciler looks at.
pub(crate) struct ReconcileInput<'a> {
    /// The evaluation under way.
    pub evaluation: &'a Evaluation,
    /// The time.
    pub now: Time,
    /// Whether the batch scheduler looks.
    pub is_batch: bool,
    /// The job, unless it is gone.
    pub job: Option<&'a Rc<Job>>,
    /// Its allocations, of any version and incarnation.
    pub allocs: Vec<AllocRef<'a>>,
    /// Its newest deployment, of any status (services only).
    pub deployment: Option<&'a Deployment>,
    /// Nodes that are not simply there.
    pub tainted: TaintedNodes<'a>,
}

/// What becomes of an allocation of an older version (spec: deployments 13).
pub(crate) enum Update {
    /// Nothing.
    Ignore,
    /// It is replaced.
    Destructive,
    /// This record takes its place.
    InPlace(Box<Allocation>),
}

/// Decides between the three.
pub(crate) type Updater<'u> = dyn FnMut(&Rc<Allocation>, &TaskGroup) -> Update + 'u;

/// A new allocation that is wanted.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    pub group: Name,
    pub name_index: u32,
    pub canary: bool,
    /// The allocation that it replaces.
    pub previous: Option<AllocRef<'a>>,
    /// It replaces a failed one under its reschedule policy.
    pub reschedule: bool,
    /// It runs an older version as long as canaries wait (spec: deployments 20.2).
    pub downgrade: bool,
}

impl<'a> Place<'a> {
    /// The replacement of an allocation by its new version; no canary, whatever the old one was.
    pub(crate) fn destructive(old: AllocRef<'a>) -> Self {
        Self {
            canary: false,
            ..Self::replacing(old, false)
        }
    }

    fn replacing(previous: AllocRef<'a>, downgrade: bool) -> Self {
        Self {
            group: previous.group.clone(),
            name_index: previous.name_index,
            canary: previous.is_canary(),
            previous: Some(previous),
            reschedule: false,
            downgrade: downgrade && !previous.is_canary(),
        }
    }
}

/// What is to be done. Lists are in the order of the groups in the job file (groups that the job no
/// longer has come last, by name), within a group in the order of the steps that made them.
#[derive(Default)]
pub(crate) struct ReconcileResult<'a> {
    /// A deployment to create.
    pub deployment: Option<Deployment>,
    pub deployment_updates: Vec<DeploymentStatusUpdate>,
    pub places: Vec<Place<'a>>,
    /// Allocations to replace.
    pub destructive: Vec<AllocRef<'a>>,
    pub in_place: Vec<Allocation>,
    pub stops: Vec<StopAlloc>,
    /// Existing allocations with a new mark, by id.
    pub attribute_updates: BTreeMap<AllocId, Allocation>,
    pub disconnect_updates: BTreeMap<AllocId, Allocation>,
    pub reconnect_updates: BTreeMap<AllocId, Allocation>,
    /// Delayed evaluations, in the order of their times within a group.
    pub follow_ups: Vec<Evaluation>,
    pub desired: BTreeMap<Name, DesiredUpdates>,
    /// For repairs of names at placement.
    pub names: LiteMap<Name, NameIndex>,
}

/// One run of the reconciler: what it looks at, what it has found so far.
pub(crate) struct Pass<'p, 'a> {
    pub(crate) input: &'p ReconcileInput<'a>,
    pub(crate) ids: &'p mut UuidMaker,
    pub(crate) updater: &'p mut Updater<'p>,
    /// A deployment of another version or one that is over.
    pub(crate) old_deployment: Option<&'a Deployment>,
    /// The deployment of this version, a working copy; may be made on the way.
    pub(crate) deployment: Option<Deployment>,
    pub(crate) created: bool,
    pub(crate) result: ReconcileResult<'a>,
}

/// Looks at every group of the job (spec: deployments 6).
pub(crate) fn reconcile<'a, 'p>(
    input: &'p ReconcileInput<'a>,
    ids: &'p mut UuidMaker,
    updater: &'p mut Updater<'p>,
) -> ReconcileResult<'a> {
    let mut pass = Pass {
        input,
        ids,
        updater,
        old_deployment: None,
        deployment: None,
        created: false,
        result: ReconcileResult::default(),
    };
    pass.choose_deployment();
    let groups = pass.groups();
    let Some(job) = input.job.filter(|job| !job.stop) else {
        for (name, allocs) in groups {
            pass.stop_group(&name, allocs);
        }
        return pass.result;
    };
    let mut is_complete = true;
    for (name, allocs) in groups {
        is_complete &= pass.reconcile_group(job, &name, allocs);
    }
    pass.finish_deployment(is_complete);
    pass.result
}

impl<'a> Pass<'_, 'a> {
    /// The allocations by group: groups of the job in its order, then others by name.
    fn groups(&self) -> Vec<(Name, AllocSet<'a>)> {
        let mut by_name: LiteMap<Name, Vec<AllocRef<'a>>> = LiteMap::new();
        for alloc in &self.input.allocs {
            by_name.entry(alloc.group.clone()).or_default().push(alloc);
        }
        let mut groups = Vec::new();
        for group in self.input.job.iter().flat_map(|job| &job.spec.groups) {
            let allocs = by_name.remove(&group.name).unwrap_or_default();
            groups.push((group.name.clone(), AllocSet::new(allocs)));
        }
        groups.extend(
            by_name
                .into_iter()
                .map(|(name, list)| (name, AllocSet::new(list))),
        );
        groups
    }

    /// The job is gone or told to stop (spec: deployments 6.3).
    fn stop_group(&mut self, name: &Name, mut allocs: AllocSet<'a>) {
        allocs.retain(|alloc| !alloc.is_terminal());
        let updates = self.stop_all(&allocs);
        self.result.desired.insert(name.clone(), updates);
    }

    /// Stops every allocation of a group (spec: deployments 7.1).
    pub(crate) fn stop_all(&mut self, allocs: &AllocSet<'a>) -> DesiredUpdates {
        let found = buckets::classify(allocs, &self.input.tainted, self.input.now);
        let not_needed = [
            &found.untainted,
            &found.migrate,
            &found.disconnecting,
            &found.reconnecting,
        ];
        for set in not_needed {
            set.iter()
                .for_each(|alloc| self.stop(alloc, reason::NOT_NEEDED, None));
        }
        found
            .lost
            .iter()
            .for_each(|alloc| self.stop_lost(alloc, None));
        let unknown = |alloc: &AllocRef<'_>| alloc.client_status == AllocClientStatus::Unknown;
        for set in [&found.ignore, &found.expiring] {
            set.iter()
                .filter(unknown)
                .for_each(|alloc| self.stop(alloc, reason::NOT_NEEDED, None));
        }
        DesiredUpdates {
            stop: allocs.len() as u64,
            ..DesiredUpdates::default()
        }
    }

    pub(crate) fn stop(
        &mut self,
        alloc: &Allocation,
        reason: &'static str,
        follow_up: Option<EvalId>,
    ) {
        self.result.stops.push(StopAlloc {
            alloc_id: alloc.id,
            description: reason.into(),
            client_status: None,
            follow_up,
        });
    }

    pub(crate) fn stop_lost(&mut self, alloc: &Allocation, follow_up: Option<EvalId>) {
        self.result.stops.push(StopAlloc {
            alloc_id: alloc.id,
            description: reason::LOST.into(),
            client_status: Some(AllocClientStatus::Lost),
            follow_up,
        });
    }
}

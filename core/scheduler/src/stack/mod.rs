//! The stack: from all nodes to the one that is chosen (spec: scheduling 5.4, 6, 7.1, 9, 10).
//!
//! Belongs here: candidates, the order in which they are looked at, how many, and the record of
//! what was seen. Checks are in `feasible`, scores in `rank`.

pub(crate) mod ledger;
pub(crate) mod proposed;
mod ring;
mod select;

use std::collections::BTreeMap;

use yurt_model::{Job, Name, Node, Rng, SchedulerConfiguration};
use yurt_state::Store;

use crate::feasible::class_cache::ClassCache;
use crate::feasible::constraint::Check;
use crate::feasible::distinct::Distinct;
use crate::feasible::{GroupChecks, job_checks};
use crate::preempt;
use crate::rank::affinity::Affinities;
use crate::rank::spread::{SpreadState, Spreads};
use crate::resources::GroupNeeds;
use ledger::Ledger;
use ring::Ring;
pub(crate) use ring::{is_in_pool, may_run_on};
use select::Search;
pub(crate) use select::{Options, Selection, Winner};

/// Everything about one group of a job version that is read once in an attempt.
struct GroupStack<'a> {
    checks: GroupChecks<'a>,
    distinct: Distinct,
    needs: GroupNeeds,
    affinities: Affinities,
    spreads: Spreads,
    /// The job's priority.
    priority: i64,
    /// What was found out about the nodes of the ring, by position: they do not change during an
    /// attempt, and are looked at again for every allocation.
    seen: Vec<Seen>,
}

/// What is known of one node of the ring.
#[derive(Clone, Copy, Default)]
struct Seen {
    /// Whether everything that the node alone decides is fine; `Some(false)` only where the answer
    /// is that its class is not eligible.
    fits: Option<bool>,
    /// The number of its part in the ledger.
    slot: Option<u32>,
}

/// One job version: usually the only one; older ones while canaries wait.
struct JobStack<'a> {
    job: &'a Job,
    checks: Vec<Check>,
    cache: ClassCache,
    groups: BTreeMap<Name, GroupStack<'a>>,
    ring: Option<Ring<'a>>,
    spread: SpreadState,
}

/// The choice of nodes during one attempt.
pub(crate) struct Stack<'a> {
    store: &'a Store,
    configuration: &'a SchedulerConfiguration,
    is_batch: bool,
    rng: Rng,
    ports_rng: Rng,
    jobs: BTreeMap<u64, JobStack<'a>>,
    /// What the plan does so far.
    pub(crate) ledger: Ledger<'a>,
}

impl<'a> Stack<'a> {
    pub(crate) fn new(
        store: &'a Store,
        key: yurt_model::JobKey,
        is_batch: bool,
        rng: &Rng,
    ) -> Self {
        Self {
            store,
            configuration: store.scheduler_configuration(),
            is_batch,
            rng: rng.child("nodes", 0),
            ports_rng: rng.child("ports", 0),
            jobs: BTreeMap::new(),
            ledger: Ledger::new(store, key),
        }
    }

    /// Looks for a node for one allocation of a group. `job` must have the group.
    pub(crate) fn select(
        &mut self,
        job: &'a Job,
        group: &Name,
        options: &Options<'a, '_>,
    ) -> Selection<'a> {
        self.look(job, group, options, false)
    }

    /// As [`Stack::select`], with nodes on which less important allocations have to go, if the
    /// configuration lets this type of job evict. The caller tells the ledger of the winner's
    /// victims and writes them into the plan.
    pub(crate) fn select_evicting(
        &mut self,
        job: &'a Job,
        group: &Name,
        options: &Options<'a, '_>,
    ) -> Selection<'a> {
        let may_evict = self.may_evict(job);
        self.look(job, group, options, may_evict)
    }

    /// Whether jobs of this type may evict.
    pub(crate) fn may_evict(&self, job: &Job) -> bool {
        preempt::is_on(&self.configuration.preemption, job.spec.kind)
    }

    fn look(
        &mut self,
        job: &'a Job,
        group: &Name,
        options: &Options<'a, '_>,
        evicts: bool,
    ) -> Selection<'a> {
        let entry = self
            .jobs
            .entry(job.version)
            .or_insert_with(|| JobStack::new(job));
        if options.only.is_none() && entry.ring.is_none() {
            let mut rng = self.rng.child("ring", job.version);
            entry.ring = Some(Ring::new(self.store, &job.spec, self.is_batch, &mut rng));
        }
        entry.add_group(group, self.configuration.memory_oversubscription);
        entry.select(
            &mut self.ledger,
            self.configuration,
            group,
            &Search { options, evicts },
            &mut self.ports_rng,
        )
    }

    /// What a blocked evaluation of the current job must remember: classes, and whether any change
    /// of any node may matter.
    pub(crate) fn class_eligibility(&self, job: Option<&Job>) -> (BTreeMap<u64, bool>, bool) {
        match job.and_then(|job| self.jobs.get(&job.version)) {
            Some(stack) if stack.cache.has_escaped() => (BTreeMap::new(), true),
            Some(stack) => (stack.cache.exported(), false),
            None => (BTreeMap::new(), false),
        }
    }

    /// A node that takes new allocations.
    pub(crate) fn ready_node(&self, id: yurt_model::NodeId) -> Option<&'a Node> {
        self.store
            .node(id)
            .map(|node| &**node)
            .filter(|node| node.is_ready())
    }
}

impl<'a> JobStack<'a> {
    fn new(job: &'a Job) -> Self {
        let checks = job_checks(&job.spec);
        let escapes = checks.iter().any(|check| check.escapes);
        let cache = if job.spec.kind.is_per_node() {
            ClassCache::of_every_node(escapes)
        } else {
            ClassCache::new(escapes)
        };
        Self {
            job,
            checks,
            cache,
            groups: BTreeMap::new(),
            ring: None,
            spread: SpreadState::default(),
        }
    }

    fn add_group(&mut self, name: &Name, oversubscription: bool) {
        if self.groups.contains_key(name) {
            return;
        }
        let spec = &self.job.spec;
        let group = spec
            .group(name)
            .expect("the caller looked it up in this job");
        let stack = GroupStack {
            checks: GroupChecks::new(spec, group),
            distinct: Distinct::new(spec, group),
            needs: GroupNeeds::new(group, oversubscription),
            affinities: Affinities::new(spec, group),
            spreads: Spreads::new(spec, group, &mut self.spread),
            priority: spec.priority,
            seen: Vec::new(),
        };
        self.groups.insert(name.clone(), stack);
    }
}

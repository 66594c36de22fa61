//! The stack: from all nodes to the one that is chosen (spec: scheduling 5.4, 6, 7.1, 9, 10).
//!
//! Belongs here: candidates, the order in which they are looked at, how many, and the record of
//! what was seen. Checks are in `feasible`, scores in `rank`.

mod choice;
pub(crate) mod ledger;
mod memory;
pub(crate) mod proposed;
mod ring;
mod select;

use std::collections::BTreeMap;
use std::rc::Rc;

use litemap::LiteMap;
use yurt_model::job::Spread;
use yurt_model::{AllocMetric, Job, Name, Node, Rng, SchedulerConfiguration};
use yurt_state::Store;

use crate::feasible::class_cache::ClassCache;
use crate::feasible::constraint::Check;
use crate::feasible::distinct::Distinct;
use crate::feasible::{GroupChecks, job_checks};
use crate::rank::affinity::Affinities;
use crate::rank::spread::{SpreadState, Spreads};
use crate::resources::GroupNeeds;
use ledger::Ledger;
use memory::Memory;
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
    /// Nothing but room, and the nodes alone, decide whether it fits somewhere and how well.
    is_simple: bool,
    /// The group's own wishes do not tell nodes of one class apart.
    is_by_class: bool,
}

/// One job version: usually the only one; older ones while canaries wait.
struct JobStack<'a> {
    job: &'a Job,
    checks: Vec<Check>,
    cache: ClassCache,
    /// With what was found out about the nodes: they are looked at again for every allocation.
    groups: LiteMap<Name, (GroupStack<'a>, Memory)>,
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
    /// Every node is looked at as if for the first time: the same comes of it, slowly.
    pub(crate) forgets: bool,
    jobs: LiteMap<u64, JobStack<'a>>,
    /// The spreads of the last version that had any: they hold for an older one that has none
    /// (spec: scheduling 23.55).
    spreads: &'a [Spread],
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
        let spreads = store.job(&key).map_or(&[][..], |job| &job.spec.spreads);
        Self {
            store,
            configuration: store.scheduler_configuration(),
            is_batch,
            rng: rng.child("nodes", 0),
            ports_rng: rng.child("ports", 0),
            forgets: false,
            jobs: LiteMap::new(),
            spreads,
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
        self.configuration.preemption.allows(job.spec.kind)
    }

    fn look(
        &mut self,
        job: &'a Job,
        group: &Name,
        options: &Options<'a, '_>,
        evicts: bool,
    ) -> Selection<'a> {
        if !job.spec.spreads.is_empty() {
            self.spreads = &job.spec.spreads;
        }
        let spreads = self.spreads;
        if options.only.is_none() {
            self.ring(job);
        }
        let entry = self
            .jobs
            .entry(job.version)
            .or_insert_with(|| JobStack::new(job));
        let oversubscription = self.configuration.memory_oversubscription;
        entry.add_group(group, spreads, oversubscription, &mut self.ledger);
        let search = Search {
            options,
            evicts,
            forgets: self.forgets,
        };
        entry.select(
            &mut self.ledger,
            (self.configuration, self.store.ready_nodes()),
            group,
            &search,
            &mut self.ports_rng,
        )
    }

    /// The candidates of a job version.
    fn ring(&mut self, job: &'a Job) -> &Ring<'a> {
        let entry = self
            .jobs
            .entry(job.version)
            .or_insert_with(|| JobStack::new(job));
        entry.ring.get_or_insert_with(|| {
            let rng = self.rng.child("ring", job.version);
            let nodes = self.store.ready_nodes();
            Ring::new(nodes, &job.spec, self.is_batch, rng)
        })
    }

    /// Tells of all candidates in the record of a placement for which one node alone was looked at.
    pub(crate) fn note_candidates(&mut self, job: &'a Job, metrics: &mut AllocMetric) {
        self.ring(job).note(metrics);
    }

    /// What a blocked evaluation of the current job must remember: classes, and whether any change
    /// of any node may matter.
    pub(crate) fn class_eligibility(&self, job: Option<&Job>) -> (Rc<BTreeMap<u64, bool>>, bool) {
        match job.and_then(|job| self.jobs.get(&job.version)) {
            Some(stack) if stack.cache.has_escaped() => (Rc::default(), true),
            Some(stack) => (Rc::new(stack.cache.exported()), false),
            None => (Rc::default(), false),
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
            groups: LiteMap::new(),
            ring: None,
            spread: SpreadState::default(),
        }
    }

    fn add_group(
        &mut self,
        name: &Name,
        of_job: &[Spread],
        oversubscription: bool,
        ledger: &mut Ledger<'_>,
    ) {
        if self.groups.contains_key(name) {
            return;
        }
        let spec = &self.job.spec;
        let group = spec
            .group(name)
            .expect("the caller looked it up in this job");
        let checks = GroupChecks::new(spec, group);
        let distinct = Distinct::new(spec, group);
        let needs = GroupNeeds::new(group, oversubscription);
        let affinities = Affinities::new(spec, group);
        let spreads = Spreads::new(of_job, group, &mut self.spread, ledger);
        let stack = GroupStack {
            is_simple: needs.is_plain()
                && distinct.is_empty()
                && checks.volumes.is_empty()
                && !spreads.looks_back(),
            is_by_class: !checks.escapes && !affinities.escapes() && !spreads.escapes(),
            checks,
            distinct,
            needs,
            affinities,
            spreads,
            priority: spec.priority,
        };
        self.groups.insert(name.clone(), (stack, Memory::default()));
    }
}

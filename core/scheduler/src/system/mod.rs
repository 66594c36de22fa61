//! The scheduler of system and sysbatch jobs: one allocation of each name on every node that may
//! have it (spec: scheduling 14).
//!
//! Belongs here: one attempt. `nodes` compares what is there with what is required, `rollout` has
//! deployments, limits and canaries, `placement` puts things on their nodes. May import: what the
//! rest of the crate shares (`stack`, `update`).

mod nodes;
mod placement;
mod rollout;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use litemap::LiteMap;
use yurt_model::{
    AllocMetric, Allocation, Counts, Deployment, DesiredUpdates, EvalStatus, EvalTrigger,
    Evaluation, Gather, Job, JobType, Name, Node, NodeId, Plan, PlanAnnotations, StopAlloc, Time,
    UuidMaker,
};
use yurt_state::Store;

use crate::generic::{
    DesiredByGroup, count_preemptions, opening_plan, out_of_attempts, refuse_trigger,
    tainted_nodes, unheard_of,
};
use crate::reconcile::{TaintedNodes, reason};
use crate::stack::{Stack, is_in_pool, may_run_on};
use crate::{SchedulerInput, SchedulerOutput, max_attempts};

/// Something to be put on a node.
pub(crate) struct Item<'a> {
    node: &'a Node,
    name_index: u32,
    /// The allocation whose place it takes: it is stopped first.
    replaces: Option<&'a Rc<Allocation>>,
    /// The allocation that it follows, if nothing is stopped for it.
    previous: Option<&'a Rc<Allocation>>,
    is_canary: bool,
}

impl Item<'_> {
    /// An update that is carried out in this pass.
    fn is_due(&self) -> bool {
        self.replaces.is_some()
    }
}

/// What is to be done with one group.
#[derive(Default)]
pub(crate) struct GroupWork<'a> {
    /// Missing on nodes that should have it.
    places: Vec<Item<'a>>,
    /// Of an older spec, with their nodes.
    updates: Vec<&'a Rc<Allocation>>,
    /// On nodes that are back.
    reconnecting: Vec<&'a Rc<Allocation>>,
    /// To be replaced, before the limit.
    destructive: Vec<Item<'a>>,
    in_place: u64,
    ignored: Vec<&'a Rc<Allocation>>,
    stops: u64,
    migrations: u64,
    /// Nodes that turned out infeasible or full.
    lost_nodes: u64,
    /// How many of those were to get something that they had not.
    lost_places: u64,
    /// How many updates were to go to nodes that turned out infeasible.
    lost_updates: usize,
    /// How many canaries are wanted, while any are.
    canaries: u64,
    filtered: AllocMetric,
}

/// One attempt.
pub(crate) struct SystemAttempt<'a> {
    store: &'a Store,
    cause: &'a Evaluation,
    now: Time,
    ids: &'a mut UuidMaker,
    job: Option<&'a Rc<Job>>,
    is_sysbatch: bool,
    stack: Stack<'a>,
    plan: Plan,
    tainted: TaintedNodes<'a>,
    candidates: BTreeMap<NodeId, &'a Node>,
    available: Counts,
    not_ready: BTreeSet<NodeId>,
    /// The deployment of this version, a working copy.
    deployment: Option<Deployment>,
    is_new_deployment: bool,
    groups: LiteMap<Name, GroupWork<'a>>,
    queued: BTreeMap<Name, i64>,
    failed: BTreeMap<Name, AllocMetric>,
    created: Vec<Evaluation>,
}

/// Whether the schedulers of these jobs take evaluations with this trigger (spec: deployments 4).
fn takes(kind: JobType, trigger: EvalTrigger) -> bool {
    use EvalTrigger::{
        AllocStop, DeploymentWatcher, FailedFollowUp, JobDeregister, JobRegister, JobScaling,
        NodeDrain, NodeUpdate, PeriodicJob, Preemption, QueuedAllocs, Reconnect, RollingUpdate,
    };
    match trigger {
        JobRegister | NodeUpdate | FailedFollowUp | JobDeregister | RollingUpdate | Preemption
        | DeploymentWatcher | NodeDrain | AllocStop | QueuedAllocs | JobScaling | Reconnect => true,
        PeriodicJob => kind == JobType::Sysbatch,
        _ => false,
    }
}

/// Runs one attempt for a system or sysbatch evaluation.
pub(crate) fn run(input: SchedulerInput<'_>) -> SchedulerOutput {
    let SchedulerInput {
        store,
        evaluation,
        now,
        ids,
        rng,
        annotate,
        attempt,
    } = input;
    if !takes(evaluation.kind, evaluation.triggered_by) {
        return refuse_trigger(evaluation);
    }
    if attempt >= max_attempts(evaluation.kind) {
        return out_of_attempts(evaluation);
    }
    let key = evaluation.job_key();
    let job = store.job(&key);
    let allocs: Vec<_> = store.allocs_of_job(&key).collect();
    let mut work = SystemAttempt {
        store,
        cause: evaluation,
        now,
        ids,
        job,
        is_sysbatch: evaluation.kind == JobType::Sysbatch,
        stack: Stack::new(store, key, false, &rng),
        plan: opening_plan(store, evaluation, job),
        tainted: tainted_nodes(store, &allocs),
        candidates: BTreeMap::new(),
        available: Counts::default(),
        not_ready: BTreeSet::new(),
        deployment: None,
        is_new_deployment: false,
        groups: LiteMap::new(),
        queued: BTreeMap::new(),
        failed: BTreeMap::new(),
        created: Vec::new(),
    };
    for alloc in unheard_of(&allocs, &work.tainted) {
        work.stop(
            alloc,
            reason::LOST,
            Some(yurt_model::AllocClientStatus::Lost),
        );
    }
    work.find_candidates();
    work.choose_deployment();
    work.compare(&allocs);
    work.roll_out();
    work.place_all();
    work.trim_canaries();
    work.finish_deployment();
    work.finish(annotate)
}

impl<'a> SystemAttempt<'a> {
    /// The job, unless it is stopped or gone.
    fn running_job(&self) -> Option<&'a Rc<Job>> {
        self.job.filter(|job| !job.stop)
    }

    /// Ready nodes of the job's pool and datacenters, and those of its pool that are not ready
    /// (spec: scheduling 5.4).
    fn find_candidates(&mut self) {
        let Some(job) = self.running_job() else {
            return;
        };
        for node in self.store.nodes() {
            if !is_in_pool(node, &job.spec) {
                continue;
            }
            if !node.is_ready() {
                self.not_ready.insert(node.id);
            } else if may_run_on(node, &job.spec) {
                self.candidates.insert(node.id, node);
                self.available.add(&node.datacenter, 1);
            }
        }
    }

    fn stop(
        &mut self,
        alloc: &Allocation,
        description: &'static str,
        client_status: Option<yurt_model::AllocClientStatus>,
    ) {
        self.stack.ledger.stop(alloc);
        self.plan.stops.push(StopAlloc {
            alloc_id: alloc.id,
            description: description.into(),
            client_status,
            follow_up: None,
        });
    }

    fn group(&mut self, name: &Name) -> &mut GroupWork<'a> {
        self.groups.entry(name.clone()).or_default()
    }

    /// Nodes that have the group or get it.
    fn total(work: &GroupWork<'_>) -> u64 {
        let here = work.places.len() + work.ignored.len() + work.destructive.len();
        (here as u64 + work.in_place).saturating_sub(work.lost_nodes)
    }

    /// Counters of a group. For a system job `Place` counts every node that has the group or gets
    /// it, and what is full or infeasible still counts as replaced (as recorded).
    fn desired(&self, work: &GroupWork<'_>) -> DesiredUpdates {
        let places = (work.places.len() as u64).saturating_sub(work.lost_places);
        DesiredUpdates {
            ignore: work.ignored.len() as u64,
            place: if self.is_sysbatch {
                places
            } else {
                Self::total(work)
            },
            stop: work.stops,
            migrate: work.migrations,
            in_place_update: work.in_place,
            destructive_update: work.destructive.len() as u64,
            canary: work.canaries,
            ..DesiredUpdates::default()
        }
    }

    /// What is stored of the evaluation and beside it.
    fn finish(mut self, annotate: bool) -> SchedulerOutput {
        let mut desired: DesiredByGroup = self
            .groups
            .iter()
            .map(|(name, work)| (name.clone(), self.desired(work)))
            .gather();
        if annotate {
            // Told by dry runs alone, as recorded.
            count_preemptions(&self.plan, &mut desired);
        }
        let preempted = self.plan.preemptions.iter().map(|(victim, _)| *victim);
        let annotations = PlanAnnotations {
            desired_updates: desired,
            preempted: preempted.collect(),
        };
        self.plan.annotations = annotate.then(|| annotations.clone());
        let has_plan = !self.plan.is_empty() || self.plan.annotations.is_some();
        let mut evaluation = self.cause.clone();
        evaluation.snapshot_index = self.store.index();
        evaluation.status = EvalStatus::Complete;
        evaluation.status_description = "".into();
        evaluation.queued = Rc::new(self.queued);
        evaluation.failed_groups = self
            .failed
            .into_iter()
            .map(|(group, metrics)| (group, Rc::new(metrics)))
            .gather();
        evaluation.annotations = Some(Rc::new(annotations));
        if let Some(deployment) = &self.deployment {
            evaluation.deployment_id = Some(deployment.id);
        }
        SchedulerOutput {
            plan: has_plan.then_some(self.plan),
            evaluation,
            created: self.created,
            reblock: false,
        }
    }
}

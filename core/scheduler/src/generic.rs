//! The scheduler of service and batch jobs: one attempt (spec: deployments 5; scheduling 12).

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use litemap::LiteMap;
use yurt_model::{
    AllocClientStatus, AllocMetric, Allocation, Deployment, EvalId, EvalStatus, EvalTrigger,
    Evaluation, Gather, Job, JobType, Name, NodeStatus, Plan, PlanAnnotations, StopAlloc, Time,
};
use yurt_state::Store;

use crate::reconcile::{
    NameIndex, Place, ReconcileInput, ReconcileResult, TaintedNodes, reason, reconcile,
};
use crate::stack::Stack;
use crate::update::Versions;
use crate::{SchedulerInput, SchedulerOutput, max_attempts};

/// One attempt: what it sees, and the plan so far.
pub(crate) struct Attempt<'a> {
    pub(crate) store: &'a Store,
    pub(crate) cause: &'a Evaluation,
    pub(crate) now: Time,
    pub(crate) ids: &'a mut yurt_model::UuidMaker,
    pub(crate) job: Option<&'a Rc<Job>>,
    pub(crate) stack: Stack<'a>,
    pub(crate) plan: Plan,
    /// The deployment at hand: the one just made, else the job's newest.
    pub(crate) deployment: Option<Deployment>,
    /// The deployment of the last placement that used an older version; stays in force
    /// (spec: deployments 20.2).
    pub(crate) downgraded_to: Option<Option<yurt_model::DeploymentId>>,
    pub(crate) failed: BTreeMap<Name, AllocMetric>,
    /// Failed allocations that should move now and found no node.
    pub(crate) kept: Vec<&'a Rc<Allocation>>,
    pub(crate) queued: BTreeMap<Name, i64>,
    pub(crate) names: LiteMap<Name, NameIndex>,
}

/// Runs one attempt for a service or batch evaluation.
pub(crate) fn run(input: SchedulerInput<'_>) -> SchedulerOutput {
    run_attempt(input, false)
}

/// As [`run`]; with `forgets` nothing that was found out about a node is used again, so that tests
/// can compare.
pub(crate) fn run_attempt(input: SchedulerInput<'_>, forgets: bool) -> SchedulerOutput {
    let SchedulerInput {
        store,
        evaluation,
        now,
        ids,
        rng,
        annotate,
        attempt,
    } = input;
    if evaluation.triggered_by == EvalTrigger::Scheduled {
        return refuse_trigger(evaluation);
    }
    let key = evaluation.job_key();
    let is_batch = evaluation.kind == JobType::Batch;
    let job = store.job(&key);
    let mut stack = Stack::new(store, key.clone(), is_batch, &rng);
    stack.forgets = forgets;
    if attempt >= max_attempts(evaluation.kind) {
        return give_up(evaluation, ids, now, job, store.index());
    }
    let deployment = if is_batch {
        None
    } else {
        store.latest_deployment(&key)
    };
    let mut work = Attempt {
        store,
        cause: evaluation,
        now,
        ids,
        job,
        stack,
        plan: opening_plan(store, evaluation, job),
        deployment: deployment.map(|deployment| Deployment::clone(deployment)),
        downgraded_to: None,
        failed: BTreeMap::new(),
        kept: Vec::new(),
        queued: BTreeMap::new(),
        names: LiteMap::new(),
    };
    let result = work.reconcile(is_batch, deployment.map(|deployment| &**deployment));
    let (follow_ups, desired) = work.fill(result);
    work.finish(follow_ups, desired, annotate)
}

/// The plan of an attempt that has not done anything yet.
pub(crate) fn opening_plan(store: &Store, cause: &Evaluation, job: Option<&Rc<Job>>) -> Plan {
    Plan {
        eval_id: Some(cause.id),
        priority: cause.priority,
        all_at_once: job.is_some_and(|job| job.spec.all_at_once),
        job: job.cloned(),
        snapshot_index: store.index(),
        ..Plan::default()
    }
}

pub(crate) type DesiredByGroup = BTreeMap<Name, yurt_model::DesiredUpdates>;

impl<'a> Attempt<'a> {
    fn reconcile(
        &mut self,
        is_batch: bool,
        deployment: Option<&'a Deployment>,
    ) -> ReconcileResult<'a> {
        let allocs: Vec<_> = self.store.allocs_of_job(&self.cause.job_key()).collect();
        let tainted = tainted_nodes(self.store, &allocs);
        for alloc in unheard_of(&allocs, &tainted) {
            self.stack.ledger.stop(alloc);
            self.plan.stops.push(StopAlloc {
                alloc_id: alloc.id,
                description: reason::LOST.into(),
                client_status: Some(AllocClientStatus::Lost),
                follow_up: None,
            });
        }
        let input = ReconcileInput {
            evaluation: self.cause,
            now: self.now,
            is_batch,
            job: self.job,
            allocs,
            deployment,
            tainted,
        };
        let Some(job) = self.job else {
            return reconcile(&input, self.ids, &mut |_, _| {
                crate::reconcile::Update::Ignore
            });
        };
        let mut versions = Versions::new(self.store, job, self.cause.id, is_batch);
        let stack = &mut self.stack;
        reconcile(&input, self.ids, &mut |alloc, group| {
            versions.update(alloc, group, stack)
        })
    }

    /// Fills the plan in the order of the spec (deployments 5.5), then places.
    fn fill(&mut self, result: ReconcileResult<'a>) -> (Vec<Evaluation>, DesiredByGroup) {
        let mut desired = result.desired;
        self.names = result.names;
        if let Some(deployment) = result.deployment {
            self.deployment = Some(deployment.clone());
            self.plan.deployment = Some(deployment);
        }
        self.plan.deployment_updates = result.deployment_updates;
        let mut stopped: BTreeSet<_> = self.plan.stops.iter().map(|stop| stop.alloc_id).gather();
        for stop in result.stops {
            if stopped.insert(stop.alloc_id) {
                if let Some(alloc) = self.store.alloc(stop.alloc_id) {
                    self.stack.ledger.stop(alloc);
                }
                self.plan.stops.push(stop);
            }
        }
        let eval_id = self.cause.id;
        let marked = result
            .disconnect_updates
            .into_values()
            .chain(result.reconnect_updates.into_values())
            .map(|mut alloc| {
                alloc.eval_id = eval_id;
                alloc
            });
        self.plan.allocations.extend(marked);
        for mut alloc in result.in_place {
            self.join_deployment(&mut alloc);
            self.plan.put(alloc);
        }
        self.plan
            .allocations
            .extend(result.attribute_updates.into_values());
        for alloc in &self.plan.allocations {
            self.stack.ledger.place(alloc);
        }
        self.fill_queue(&result.places, &result.destructive);
        let most = result.destructive.len() + result.places.len();
        self.plan.allocations.reserve_exact(most);
        for alloc in &result.destructive {
            let place = Place::destructive(alloc);
            self.place(&place, Some(alloc));
        }
        for place in &result.places {
            self.place(place, None);
        }
        self.write_kept();
        self.count_queued();
        count_preemptions(&self.plan, &mut desired);
        (result.follow_ups, desired)
    }

    /// An allocation that is updated in place belongs to the newest deployment; its health starts
    /// anew (spec: deployments 5.6).
    fn join_deployment(&self, alloc: &mut Allocation) {
        let id = self.deployment.as_ref().map(|deployment| deployment.id);
        if id.is_some() && alloc.deployment_id != id {
            alloc.deployment_id = id;
            alloc.deployment_status = None;
        }
    }

    /// How many each group waits for: only groups that want something are listed, or else all,
    /// with 0.
    fn fill_queue(&mut self, places: &[Place<'_>], destructive: &[&Rc<Allocation>]) {
        let placed = places.iter().map(|place| &place.group);
        for group in placed.chain(destructive.iter().map(|alloc| &alloc.group)) {
            *self.queued.entry(group.clone()).or_insert(0) += 1;
        }
        if self.queued.is_empty() {
            let groups = self.job.iter().flat_map(|job| &job.spec.groups);
            self.queued = groups.map(|group| (group.name.clone(), 0)).gather();
        }
    }

    /// Takes what is written off the queue. Whatever was not changed since it was made counts as
    /// new, so updates of such allocations can bring a count below zero, as recorded.
    fn count_queued(&mut self) {
        for alloc in &self.plan.allocations {
            if alloc.create_index == alloc.modify_index
                && let Some(queued) = self.queued.get_mut(&alloc.group)
            {
                *queued -= 1;
            }
        }
    }

    /// What is stored of the evaluation and beside it (spec: deployments 5.8-5.14).
    fn finish(
        mut self,
        mut follow_ups: Vec<Evaluation>,
        desired: DesiredByGroup,
        annotate: bool,
    ) -> SchedulerOutput {
        let mut evaluation = self.cause.clone();
        let mut created = Vec::new();
        let has_failures = !self.failed.is_empty();
        let is_blocked = self.cause.status == EvalStatus::Blocked;
        let (classes, escaped) = self.stack.class_eligibility(self.job.map(|job| &**job));
        let is_early = self.cause.wait_until.is_some_and(|until| self.now < until);
        let may_block = follow_ups.is_empty() || !is_early;
        if has_failures && !is_blocked && self.cause.blocked_eval.is_none() && may_block {
            let trigger = EvalTrigger::QueuedAllocs;
            let text = "created to place remaining allocations";
            let mut blocked = self.blocked_eval(trigger, text);
            blocked.class_eligibility = classes.clone();
            blocked.escaped_class = escaped;
            blocked.failed_groups = self.failure_records();
            evaluation.blocked_eval = Some(blocked.id);
            created.push(blocked);
        }
        // What is done to each group is always kept with the evaluation; a plan carries it, and is
        // submitted even when it is empty, only when someone asked (spec: deployments 5.9, 5.14).
        let annotations = PlanAnnotations {
            desired_updates: desired,
            preempted: self
                .plan
                .preemptions
                .iter()
                .map(|(victim, _)| *victim)
                .collect(),
        };
        self.plan.annotations = annotate.then(|| annotations.clone());
        let has_plan = !self.plan.is_empty() || self.plan.annotations.is_some();
        if has_plan && self.cause.wait_until.is_none() {
            for follow_up in &mut follow_ups {
                follow_up.previous_eval = Some(self.cause.id);
            }
            if let Some(last) = follow_ups.last() {
                evaluation.next_eval = Some(last.id);
            }
            created.extend(follow_ups);
        }
        evaluation.snapshot_index = self.store.index();
        let reblock = is_blocked && has_failures;
        if reblock {
            // It goes back as it was; only what may wake it is new.
            evaluation.class_eligibility = classes;
            evaluation.escaped_class = escaped;
        } else {
            evaluation.failed_groups = self.failure_records();
            evaluation.queued = Rc::new(self.queued.clone());
            evaluation.annotations = Some(Rc::new(annotations));
            evaluation.status = EvalStatus::Complete;
            evaluation.status_description = "".into();
            evaluation.deployment_id = match &self.deployment {
                Some(deployment) => Some(deployment.id),
                None => evaluation.deployment_id,
            };
        }
        SchedulerOutput {
            plan: has_plan.then_some(self.plan),
            evaluation,
            created,
            reblock,
        }
    }

    fn failure_records(&self) -> BTreeMap<Name, Rc<AllocMetric>> {
        self.failed
            .iter()
            .map(|(group, metrics)| (group.clone(), Rc::new(metrics.clone())))
            .gather()
    }

    fn blocked_eval(&mut self, trigger: EvalTrigger, text: &str) -> Evaluation {
        let id = EvalId(self.ids.make());
        blocked_eval(
            id,
            self.cause,
            self.job,
            trigger,
            text,
            self.now,
            self.store.index(),
        )
    }
}

/// Nodes of these allocations that are down, disconnected, draining or gone.
pub(crate) fn tainted_nodes<'a>(
    store: &'a Store,
    allocs: &[&'a Rc<Allocation>],
) -> TaintedNodes<'a> {
    let mut tainted = TaintedNodes::new();
    for alloc in allocs {
        match store.node(alloc.node_id) {
            Some(node) if node.status == NodeStatus::Ready && node.drain.is_none() => (),
            Some(node) if node.status == NodeStatus::Initializing && node.drain.is_none() => (),
            node => {
                tainted.insert(alloc.node_id, node.map(|node| &**node));
            }
        }
    }
    tainted
}

/// Allocations that are told to stop, on nodes that are gone: they will never say that they did
/// (spec: deployments 5.3).
pub(crate) fn unheard_of<'a>(
    allocs: &[&'a Rc<Allocation>],
    tainted: &TaintedNodes<'_>,
) -> Vec<&'a Rc<Allocation>> {
    use yurt_model::AllocClientStatus::{Pending, Running};
    let is_gone = |alloc: &Allocation| {
        tainted
            .get(&alloc.node_id)
            .is_some_and(|node| node.is_none_or(|node| node.status == NodeStatus::Down))
    };
    allocs
        .iter()
        .copied()
        .filter(|alloc| alloc.is_server_terminal() && is_gone(alloc))
        .filter(|alloc| matches!(alloc.client_status, Pending | Running))
        .collect()
}

/// An evaluation that waits for room on behalf of another.
pub(crate) fn blocked_eval(
    id: EvalId,
    cause: &Evaluation,
    job: Option<&Rc<Job>>,
    trigger: EvalTrigger,
    text: &str,
    now: Time,
    snapshot_index: yurt_model::Index,
) -> Evaluation {
    let mut blocked = Evaluation::new(
        id,
        &cause.job_key(),
        cause.kind,
        cause.priority,
        trigger,
        now,
    );
    blocked.status = EvalStatus::Blocked;
    blocked.status_description = text.into();
    blocked.previous_eval = Some(cause.id);
    blocked.job_modify_index = job.map_or(cause.job_modify_index, |job| job.modify_index);
    blocked.snapshot_index = snapshot_index;
    blocked
}

/// Counts, for each group, what goes for its new allocations.
pub(crate) fn count_preemptions(plan: &Plan, desired: &mut DesiredByGroup) {
    for (_, by) in &plan.preemptions {
        let group = plan.allocations.iter().find(|alloc| alloc.id == *by);
        if let Some(updates) = group.and_then(|alloc| desired.get_mut(&alloc.group)) {
            updates.preemptions += 1;
        }
    }
}

/// Too many attempts made no progress (spec: deployments 5.12).
fn give_up(
    cause: &Evaluation,
    ids: &mut yurt_model::UuidMaker,
    now: Time,
    job: Option<&Rc<Job>>,
    index: yurt_model::Index,
) -> SchedulerOutput {
    let trigger = EvalTrigger::MaxPlanAttempts;
    let text = "created due to placement conflicts";
    let id = EvalId(ids.make());
    let mut blocked = blocked_eval(id, cause, job, trigger, text, now, index);
    // Nothing was looked at in this attempt, so any change of any node may help.
    blocked.escaped_class = true;
    let mut output = out_of_attempts(cause);
    output.evaluation.blocked_eval = Some(id);
    output.created.push(blocked);
    output
}

/// The evaluation ends failed, and nothing waits on its behalf.
pub(crate) fn out_of_attempts(cause: &Evaluation) -> SchedulerOutput {
    let attempts = max_attempts(cause.kind);
    failed(cause, format!("maximum attempts reached ({attempts})"))
}

/// The scheduler does not take evaluations with this trigger (spec: scheduling 2.3).
pub(crate) fn refuse_trigger(cause: &Evaluation) -> SchedulerOutput {
    let trigger = cause.triggered_by;
    failed(
        cause,
        format!("scheduler cannot handle '{trigger}' evaluation reason"),
    )
}

fn failed(cause: &Evaluation, description: String) -> SchedulerOutput {
    let mut evaluation = cause.clone();
    evaluation.status = EvalStatus::Failed;
    evaluation.status_description = description.into();
    SchedulerOutput {
        plan: None,
        evaluation,
        created: Vec::new(),
        reblock: false,
    }
}

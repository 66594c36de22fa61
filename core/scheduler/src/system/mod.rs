//! The scheduler of system and sysbatch jobs: one allocation of each group on every node that can
//! take it (spec: scheduling 14; deployments 29).
//!
//! Belongs here: one attempt, from the nodes to the plan. `nodes` says which nodes count, `compare`
//! what is on each of them and should be, `rollout` what is replaced now and what the deployment
//! becomes, `place` tries the nodes. Checks, scores and room are the stack's, as for other jobs.

mod compare;
mod nodes;
mod place;
mod rollout;

use std::collections::BTreeMap;
use std::rc::Rc;

use yurt_model::{
    AllocClientStatus, AllocMetric, Allocation, Deployment, DesiredUpdates, EvalStatus,
    EvalTrigger, Evaluation, Job, JobType, Name, Plan, PlanAnnotations, StopAlloc, Time, UuidMaker,
};
use yurt_state::Store;

use crate::generic::refuse_trigger;
use crate::reconcile::reason;
use crate::stack::Stack;
use crate::{SchedulerInput, SchedulerOutput, max_attempts};
use compare::Compared;
use nodes::Nodes;
use rollout::Rollout;

/// One attempt: what it sees, and the plan so far.
struct Attempt<'a> {
    store: &'a Store,
    cause: &'a Evaluation,
    now: Time,
    ids: &'a mut UuidMaker,
    job: Option<&'a Rc<Job>>,
    /// The job, unless it was told to stop.
    wanted: Option<&'a Rc<Job>>,
    stack: Stack<'a>,
    nodes: Nodes<'a>,
    plan: Plan,
    /// The deployment at hand: the one just made, else the job's newest, whatever its status.
    deployment: Option<Deployment>,
    groups: BTreeMap<Name, GroupCounts>,
    failed: BTreeMap<Name, AllocMetric>,
    /// What the nodes that were filtered have told, by group.
    filtered: BTreeMap<Name, AllocMetric>,
    created: Vec<Evaluation>,
}

/// What is counted for one group.
#[derive(Clone, Debug, Default)]
struct GroupCounts {
    desired: DesiredUpdates,
    /// Allocations that are waited for.
    queued: i64,
    /// Allocations, there or wanted, on nodes that can take them (spec: scheduling 14.5).
    candidates: i64,
    /// Allocations to be replaced on nodes that can take the replacement.
    destructive: i64,
    /// New allocations on nodes that had none.
    places: u64,
    /// Nodes that cannot take the group.
    filtered: u64,
}

/// Evaluations that these schedulers take (spec: scheduling 2.3).
fn accepts(kind: JobType, trigger: EvalTrigger) -> bool {
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
    if !accepts(evaluation.kind, evaluation.triggered_by) {
        return refuse_trigger(evaluation);
    }
    if attempt >= max_attempts(evaluation.kind) {
        return give_up(evaluation);
    }
    let key = evaluation.job_key();
    let job = store.job(&key);
    let wanted = job.filter(|job| !job.stop);
    let deployment = (evaluation.kind == JobType::System)
        .then(|| store.latest_deployment(&key))
        .flatten();
    let mut work = Attempt {
        store,
        cause: evaluation,
        now,
        ids,
        job,
        wanted,
        stack: Stack::per_node(store, key, &rng),
        nodes: Nodes::new(store, job.map(|job| &*job.spec)),
        plan: Plan {
            eval_id: Some(evaluation.id),
            priority: evaluation.priority,
            all_at_once: job.is_some_and(|job| job.spec.all_at_once),
            job: job.cloned(),
            snapshot_index: store.index(),
            ..Plan::default()
        },
        deployment: deployment.map(|deployment| Deployment::clone(deployment)),
        groups: BTreeMap::new(),
        failed: BTreeMap::new(),
        filtered: BTreeMap::new(),
        created: Vec::new(),
    };
    work.propose();
    work.finish(annotate)
}

/// Too many attempts made no progress; nothing waits on behalf of these jobs
/// (spec: scheduling 14.1).
fn give_up(cause: &Evaluation) -> SchedulerOutput {
    let mut evaluation = cause.clone();
    evaluation.status = EvalStatus::Failed;
    let attempts = max_attempts(cause.kind);
    evaluation.status_description = format!("maximum attempts reached ({attempts})").into();
    SchedulerOutput {
        plan: None,
        evaluation,
        created: Vec::new(),
        reblock: false,
    }
}

impl<'a> Attempt<'a> {
    /// Fills the plan.
    fn propose(&mut self) {
        let allocs: Vec<_> = self.store.allocs_of_job(&self.cause.job_key()).collect();
        self.stop_again_on_lost_nodes(&allocs);
        let mut rollout = Rollout::new(self.deployment.as_ref(), self.wanted);
        self.plan.deployment_updates.extend(rollout.cancel());
        let compared = self.compare(&allocs, &rollout);
        self.count(&compared);
        self.stop_and_mark(&compared);
        let places = self.roll(compared, &mut rollout);
        self.place_all(&places);
        self.note_filtered_groups();
        self.finish_rollout(rollout, &places);
        self.count_queued();
    }

    /// Allocations that are told to stop, on nodes that are gone, will never say that they did
    /// (spec: scheduling 12.1, step 4).
    fn stop_again_on_lost_nodes(&mut self, allocs: &[&'a Rc<Allocation>]) {
        use AllocClientStatus::{Lost, Pending, Running};
        for alloc in allocs.iter().filter(|alloc| alloc.is_server_terminal()) {
            let is_open = matches!(alloc.client_status, Pending | Running);
            if is_open && self.nodes.is_gone(alloc.node_id) {
                self.stop(alloc, reason::LOST, Some(Lost));
            }
        }
    }

    fn stop(&mut self, alloc: &Allocation, reason: &str, client_status: Option<AllocClientStatus>) {
        self.stack.ledger.stop(alloc);
        self.plan.stops.push(StopAlloc {
            alloc_id: alloc.id,
            description: reason.into(),
            client_status,
            follow_up: None,
        });
    }

    fn group(&mut self, name: &Name) -> &mut GroupCounts {
        self.groups.entry(name.clone()).or_default()
    }

    /// What is found of each group, before anything is placed.
    fn count(&mut self, compared: &Compared<'a>) {
        for group in self.job.iter().flat_map(|job| &job.spec.groups) {
            self.groups.entry(group.name.clone()).or_default();
        }
        for item in &compared.places {
            let group = self.group(&item.group);
            group.places += 1;
            group.desired.place += 1;
            group.candidates += 1;
        }
        for alloc in &compared.ignored {
            let group = self.group(&alloc.group);
            group.desired.ignore += 1;
            group.candidates += 1;
        }
        for alloc in &compared.stops {
            self.group(&alloc.group).desired.stop += 1;
        }
        for alloc in &compared.migrations {
            self.group(&alloc.group).desired.migrate += 1;
        }
        for alloc in &compared.disconnecting {
            self.group(&alloc.group).desired.disconnect += 1;
        }
        for alloc in &compared.reconnecting {
            self.group(&alloc.group).desired.reconnect += 1;
        }
    }

    /// What ends, and what is marked because its node fell silent or came back.
    fn stop_and_mark(&mut self, compared: &Compared<'a>) {
        for alloc in &compared.stops {
            self.stop(alloc, reason::NOT_NEEDED, None);
        }
        for alloc in &compared.migrations {
            self.stop(alloc, reason::TAINTED, None);
        }
        for alloc in &compared.lost {
            self.stop(alloc, reason::LOST, Some(AllocClientStatus::Lost));
        }
        for alloc in &compared.disconnecting {
            let mut update = Allocation::clone(alloc);
            update.eval_id = self.cause.id;
            update.client_status = AllocClientStatus::Unknown;
            update.client_description = reason::UNKNOWN.into();
            self.plan.allocations.push(update);
        }
        for alloc in &compared.reconnecting {
            let mut update = Allocation::clone(alloc);
            update.eval_id = self.cause.id;
            update.states.push(yurt_model::ClientStatusChange {
                status: AllocClientStatus::Running,
                time: self.now,
            });
            self.plan.allocations.push(update);
        }
    }

    /// Takes what is written off the queue. Whatever was not changed since it was made counts as
    /// new, as for other jobs.
    fn count_queued(&mut self) {
        for alloc in &self.plan.allocations {
            if alloc.create_index == alloc.modify_index
                && let Some(group) = self.groups.get_mut(&alloc.group)
            {
                group.queued -= 1;
            }
        }
    }

    /// What is stored of the evaluation and beside it.
    fn finish(mut self, annotate: bool) -> SchedulerOutput {
        let mut evaluation = self.cause.clone();
        let annotations = PlanAnnotations {
            desired_updates: self.desired_updates(),
            preempted: self
                .plan
                .preemptions
                .iter()
                .map(|(victim, _)| *victim)
                .collect(),
        };
        self.plan.annotations = annotate.then(|| annotations.clone());
        let has_plan = !self.plan.is_empty() || self.plan.annotations.is_some();
        evaluation.snapshot_index = self.store.index();
        evaluation.failed_groups = self
            .failed
            .iter()
            .map(|(group, metrics)| (group.clone(), Rc::new(metrics.clone())))
            .collect();
        evaluation.queued = self
            .groups
            .iter()
            .filter(|(name, _)| self.job.is_some_and(|job| job.spec.group(name).is_some()))
            .map(|(name, group)| (name.clone(), group.queued))
            .collect();
        evaluation.annotations = Some(Rc::new(annotations));
        evaluation.status = EvalStatus::Complete;
        evaluation.status_description = "".into();
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

    /// The counters that people see: for system jobs, everything that fits counts as placed
    /// (spec: scheduling 14.5).
    fn desired_updates(&self) -> BTreeMap<Name, DesiredUpdates> {
        let is_system = self.cause.kind == JobType::System;
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        self.groups
            .iter()
            .map(|(name, group)| {
                let mut desired = group.desired.clone();
                let is_known = self
                    .wanted
                    .is_some_and(|job| job.spec.group(name).is_some());
                if is_system && is_known {
                    desired.place = count(group.candidates);
                } else {
                    desired.place = group.places.saturating_sub(group.filtered);
                }
                (name.clone(), desired)
            })
            .collect()
    }
}

//! One watcher for each active deployment (spec: deployments 23).
//!
//! A watcher looks at the deployment's allocations and row whenever one of them was written, and
//! when its deadline passes. What it wants to write it collects for a second, so that five reports
//! make one evaluation, not five.

use std::rc::Rc;

use litemap::{Entry, LiteMap};
use yurt_model::{
    AllocId, Allocation, Deployment, DeploymentGroup, DeploymentId, DeploymentStatus,
    DeploymentStatusUpdate, DesiredTransition, Duration, EvalStatus, Index, Job, Time, description,
};
use yurt_state::{Change, Store, Touched};

use super::client_updates::may_reschedule;
use super::{Context, rollback};

/// How long what a watcher wants to write is collected: a second of its own, then a quarter in
/// which servers join what several watchers want (spec: deployments 3).
const BATCH_WINDOW: Duration = Duration::from_millis(1250);

/// All watchers, by deployment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watchers(LiteMap<DeploymentId, Watcher>);

#[derive(Clone, Debug)]
struct Watcher {
    /// The job as it was when the deployment was first seen, for the watcher's whole life.
    job: Rc<Job>,
    /// Some deadline passed once; it changes the text of any later failure.
    hit_deadline: bool,
    cutoff: Option<Time>,
    generation: u32,
    batch: Option<Batch>,
}

#[derive(Clone, Debug, Default)]
struct Batch {
    transitions: Vec<AllocId>,
}

/// What a watcher asks for.
#[derive(Debug)]
pub(crate) enum Wish {
    /// A write, now.
    Write(Change),
    /// Promote every group, now; a refusal is tried again at the next change.
    Promote(Change),
    /// Wake this watcher to write its batch.
    BatchAt(Time, DeploymentId),
    /// Wake this watcher at its deadline.
    DeadlineAt {
        at: Time,
        deployment: DeploymentId,
        generation: u32,
    },
}

impl Watchers {
    /// The job that a deployment's watcher holds.
    pub(crate) fn job(&self, id: DeploymentId) -> Option<Rc<Job>> {
        self.0.get(&id).map(|watcher| watcher.job.clone())
    }

    /// Looks at what a write touched.
    pub(crate) fn touched(
        &mut self,
        store: &Store,
        context: &mut Context<'_>,
        touched: &Touched,
    ) -> Vec<Wish> {
        let mut wishes = Vec::new();
        for id in &touched.deployments {
            self.look_at_row(store, *id, &mut wishes);
        }
        let mut seen: Vec<DeploymentId> = Vec::new();
        for alloc in touched.allocs.iter().filter_map(|id| store.alloc(*id)) {
            if let Some(id) = alloc.deployment_id.filter(|id| !seen.contains(id)) {
                seen.push(id);
                self.look_at_allocs(store, context, id, &mut wishes);
            }
        }
        wishes
    }

    /// A row was written: the watcher begins or ends, and the deadline may move.
    fn look_at_row(&mut self, store: &Store, id: DeploymentId, wishes: &mut Vec<Wish>) {
        let Some(deployment) = store.deployment(id).filter(|d| d.is_active()) else {
            self.0.remove(&id);
            return;
        };
        if let Entry::Vacant(free) = self.0.entry(id) {
            let key = deployment.job_key();
            let job = store
                .job_version(&key, deployment.job_version)
                .or_else(|| store.job(&key));
            let Some(job) = job.cloned() else { return };
            let watcher = Watcher {
                job,
                hit_deadline: false,
                cutoff: None,
                generation: 0,
                batch: None,
            };
            free.insert(watcher);
        }
        let Some(watcher) = self.0.get_mut(&id) else {
            return;
        };
        let cutoff = cutoff(store, deployment);
        if cutoff != watcher.cutoff {
            watcher.cutoff = cutoff;
            watcher.generation += 1;
            if let Some(at) = cutoff {
                let generation = watcher.generation;
                wishes.push(Wish::DeadlineAt {
                    at,
                    deployment: id,
                    generation,
                });
            }
        }
    }

    /// Some allocation of the deployment was written.
    fn look_at_allocs(
        &mut self,
        store: &Store,
        context: &mut Context<'_>,
        id: DeploymentId,
        wishes: &mut Vec<Wish>,
    ) {
        let (Some(watcher), Some(deployment)) = (self.0.get_mut(&id), store.deployment(id)) else {
            return;
        };
        let findings = inspect(store, deployment, &watcher.job, context.at);
        if findings.fails {
            let change = fail(store, context, deployment, watcher, findings.reverts);
            self.0.remove(&id);
            wishes.push(Wish::Write(change));
            return;
        }
        if may_auto_promote(store, deployment) {
            // Twice, as recorded: what the first promotion writes wakes the watcher before it has
            // seen the deployment promoted.
            for _ in 0..2 {
                let evaluation = context.deployment_evaluation(store, deployment);
                wishes.push(Wish::Promote(Change::DeploymentPromoted {
                    deployment_id: id,
                    groups: None,
                    evaluation: evaluation.map(Box::new),
                }));
            }
        }
        if findings.needs_eval || !findings.transitions.is_empty() {
            let is_new = watcher.batch.is_none();
            let batch = watcher.batch.get_or_insert_with(Batch::default);
            for alloc in findings.transitions {
                if !batch.transitions.contains(&alloc) {
                    batch.transitions.push(alloc);
                }
            }
            if is_new {
                wishes.push(Wish::BatchAt(context.at + BATCH_WINDOW, id));
            }
        }
    }

    /// The second is over: one write with everything that was collected.
    pub(crate) fn batch_due(
        &mut self,
        store: &Store,
        context: &mut Context<'_>,
        id: DeploymentId,
    ) -> Option<Change> {
        let batch = self.0.get_mut(&id)?.batch.take()?;
        let deployment = store.deployment(id)?;
        let reschedule = DesiredTransition {
            reschedule: Some(true),
            ..Default::default()
        };
        let transitions = batch
            .transitions
            .into_iter()
            .map(|id| (id, reschedule))
            .collect();
        let evals = context
            .deployment_evaluation(store, deployment)
            .into_iter()
            .collect();
        Some(Change::TransitionsSet { transitions, evals })
    }

    /// The deadline has passed: the deployment fails if some group is short (spec: deployments
    /// 23.3).
    pub(crate) fn deadline_due(
        &mut self,
        store: &Store,
        context: &mut Context<'_>,
        id: DeploymentId,
        generation: u32,
    ) -> Option<Change> {
        let watcher = self
            .0
            .get_mut(&id)
            .filter(|watcher| watcher.generation == generation)?;
        let deployment = store.deployment(id)?;
        watcher.hit_deadline = true;
        if deployment.status == DeploymentStatus::Paused {
            return None;
        }
        let short: Vec<&DeploymentGroup> = deployment
            .groups
            .iter()
            .filter(|group| is_short(group))
            .collect();
        if short.is_empty() {
            return None;
        }
        let reverts = short.iter().any(|group| {
            let update = watcher
                .job
                .spec
                .group(&group.name)
                .and_then(|g| g.update.as_ref());
            update.is_some_and(|update| update.auto_revert)
        });
        let change = fail(store, context, deployment, watcher, reverts);
        self.0.remove(&id);
        Some(change)
    }
}

#[derive(Default)]
struct Findings {
    fails: bool,
    reverts: bool,
    needs_eval: bool,
    transitions: Vec<AllocId>,
}

fn inspect(store: &Store, deployment: &Deployment, job: &Job, now: Time) -> Findings {
    let mut findings = Findings::default();
    let newest_eval = newest_eval_index(store, deployment);
    for alloc in store.allocs_of_deployment(deployment.id) {
        let Some(group) = deployment.group(&alloc.group) else {
            continue;
        };
        if alloc.is_unhealthy() {
            if fails_early(alloc, deployment, group, job, now) {
                findings.fails = true;
                findings.reverts |= group.auto_revert;
            } else if deployment.is_active() && !alloc.desired_transition.should_reschedule() {
                findings.transitions.push(alloc.id);
            }
        } else if alloc.is_healthy() {
            let decided = alloc
                .deployment_status
                .as_ref()
                .map_or(0, |status| status.modify_index);
            findings.needs_eval |= decided > newest_eval;
        }
    }
    findings
}

/// Unhealthy, and nothing can mend it: no deadline to wait for, or no attempt left.
fn fails_early(
    alloc: &Allocation,
    deployment: &Deployment,
    group: &DeploymentGroup,
    job: &Job,
    now: Time,
) -> bool {
    if group.progress_deadline == Duration::ZERO {
        return true;
    }
    let policy = job
        .spec
        .group(&alloc.group)
        .and_then(|group| group.reschedule.as_ref());
    deployment.is_active() && !may_reschedule(alloc, policy, now)
}

/// The newest state that some evaluation of the job has seen, or has yet to see.
fn newest_eval_index(store: &Store, deployment: &Deployment) -> Index {
    store
        .evals_of_job(&deployment.job_key())
        .filter(|eval| eval.status != EvalStatus::Canceled)
        .map(|eval| {
            if eval.snapshot_index == 0 {
                eval.create_index
            } else {
                eval.snapshot_index
            }
        })
        .max()
        .unwrap_or(0)
}

/// The earliest deadline of a group that is not done.
fn cutoff(store: &Store, deployment: &Deployment) -> Option<Time> {
    deployment
        .groups
        .iter()
        .filter(|group| !is_done(store, deployment, group))
        .filter_map(|group| group.require_progress_by)
        .min()
}

fn is_done(store: &Store, deployment: &Deployment, group: &DeploymentGroup) -> bool {
    if group.desired_canaries > 0 && !group.promoted {
        return false;
    }
    let healthy = store
        .allocs_of_deployment(deployment.id)
        .filter(|alloc| alloc.group == group.name && !alloc.is_terminal() && alloc.is_healthy())
        .count();
    i64::try_from(healthy).unwrap_or(i64::MAX) >= group.desired_total
}

/// Healthy canaries may wait for a person for ever.
fn is_short(group: &DeploymentGroup) -> bool {
    if group.desired_canaries > 0 && !group.promoted {
        group.healthy_allocs < group.desired_canaries
    } else {
        group.healthy_allocs < group.desired_total
    }
}

fn fail(
    store: &Store,
    context: &mut Context<'_>,
    deployment: &Deployment,
    watcher: &Watcher,
    reverts: bool,
) -> Change {
    let mut text = if watcher.hit_deadline {
        description::FAILED_PROGRESS.to_owned()
    } else {
        description::FAILED_ALLOCATIONS.to_owned()
    };
    let mut target = None;
    if reverts {
        let verdict = rollback::decide(store, deployment, &watcher.job);
        text.push_str(&verdict.suffix);
        target = verdict.rollback;
    }
    Change::DeploymentStatusSet {
        update: DeploymentStatusUpdate {
            deployment_id: deployment.id,
            status: DeploymentStatus::Failed,
            description: Rc::from(text),
        },
        rollback: target,
        evaluation: context
            .deployment_evaluation(store, deployment)
            .map(Box::new),
    }
}

/// Every group with canaries promotes itself and has exactly as many healthy canaries as it asked
/// for (spec: deployments 23.6).
fn may_auto_promote(store: &Store, deployment: &Deployment) -> bool {
    if !deployment.has_placed_canaries() || !deployment.requires_promotion() {
        return false;
    }
    deployment
        .groups
        .iter()
        .filter(|group| group.desired_canaries > 0)
        .all(|group| {
            let placed = &group.placed_canaries;
            let healthy = placed
                .iter()
                .filter(|id| store.alloc(**id).is_some_and(|alloc| alloc.is_healthy()))
                .count();
            let enough = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
            group.auto_promote
                && enough(placed.len()) >= group.desired_canaries
                && enough(healthy) == group.desired_canaries
        })
}

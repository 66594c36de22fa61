//! What clients report, and the evaluations that follow (spec: deployments 4; scheduling 16.5).

use yurt_model::{AllocClientStatus, Allocation, Duration, EvalTrigger, JobKey, NodeStatus, Time};
use yurt_state::{Change, ClientUpdate, Store};

use super::{Context, Decision};
use crate::event::Refusal;

/// Why the servers do not listen to a report: they hold its node for silent (spec: scheduling
/// 16.2). The client comes back to it once its node is there again.
pub(crate) fn refusal(store: &Store, update: &ClientUpdate) -> Option<Refusal> {
    let alloc = store.alloc(update.alloc_id)?;
    let node = store.node(alloc.node_id)?;
    let is_silent = matches!(node.status, NodeStatus::Down | NodeStatus::Disconnected);
    is_silent.then(|| {
        let (id, status) = (node.id, node.status);
        Refusal(format!(
            "node {id} is not allowed to update allocs while in status {status}"
        ))
    })
}

/// Takes a batch of reports from outside, or refuses it.
pub(crate) fn accept(
    store: &Store,
    context: &mut Context<'_>,
    updates: Vec<ClientUpdate>,
) -> Result<Decision, Refusal> {
    match updates.iter().find_map(|update| refusal(store, update)) {
        Some(refusal) => Err(refusal),
        None => Ok(apply(store, context, updates)),
    }
}

/// One write for a batch of reports, with at most one evaluation for each job.
pub(crate) fn apply(
    store: &Store,
    context: &mut Context<'_>,
    updates: Vec<ClientUpdate>,
) -> Decision {
    let mut jobs: Vec<JobKey> = Vec::new();
    let mut evals = Vec::new();
    for update in &updates {
        let Some(alloc) = store.alloc(update.alloc_id) else {
            continue;
        };
        let Some(trigger) = trigger(store, alloc, update, context.at) else {
            continue;
        };
        let key = alloc.job_key();
        if jobs.contains(&key) {
            continue;
        }
        let job = store.job(&key).unwrap_or(&alloc.job);
        evals.push(context.evaluation(&job.spec, trigger, job.job_modify_index));
        jobs.push(key);
    }
    Decision::change(Change::ClientsReported { updates, evals })
}

fn trigger(
    store: &Store,
    alloc: &Allocation,
    update: &ClientUpdate,
    now: Time,
) -> Option<EvalTrigger> {
    let was_unknown = alloc.client_status == AllocClientStatus::Unknown;
    let ends = update.status.is_terminal() && !alloc.is_client_terminal();
    if !was_unknown && !ends {
        return None;
    }
    let Some(job) = store.job(&alloc.job_key()) else {
        let must_stop = alloc.is_server_terminal();
        return (!must_stop).then_some(EvalTrigger::JobDeregister);
    };
    if was_unknown {
        return Some(EvalTrigger::Reconnect);
    }
    let group = job.spec.group(&alloc.group)?;
    let failed = update.status == AllocClientStatus::Failed && alloc.links.follow_up_eval.is_none();
    (failed && may_reschedule(alloc, group.reschedule.as_ref(), now))
        .then_some(EvalTrigger::AllocFailure)
}

/// Whether the policy leaves another attempt to the allocation's tracker.
pub(crate) fn may_reschedule(
    alloc: &Allocation,
    policy: Option<&yurt_model::job::ReschedulePolicy>,
    now: Time,
) -> bool {
    let Some(policy) = policy.filter(|policy| policy.is_enabled()) else {
        return false;
    };
    if policy.unlimited {
        return true;
    }
    let events = alloc
        .links
        .reschedule_tracker
        .as_ref()
        .map_or(&[][..], |tracker| &tracker.events);
    let recent = events
        .iter()
        .filter(|event| within(now - event.time, policy.interval))
        .count();
    i64::try_from(recent).unwrap_or(i64::MAX) < policy.attempts
}

fn within(age: Duration, interval: Duration) -> bool {
    age.nanos() < interval.nanos()
}

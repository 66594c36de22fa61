//! Nodes that fall silent and nodes that come back (spec: deployments 18).

use std::cmp::Ordering;
use std::collections::BTreeMap;

use yurt_model::job::ReconcileOption;
use yurt_model::{AllocClientStatus, AllocId, Allocation, Gather, Time};

use super::set::{AllocRef, AllocSet};

/// Why a reconnecting allocation, or what replaced it, stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loser {
    /// It failed while it was away.
    Failed,
    /// It is not wanted any more, or its replacement stays.
    NotNeeded,
    /// The original stays.
    Replacement,
}

type ById<'a> = BTreeMap<AllocId, AllocRef<'a>>;

/// Who stops and who stays after a reconnect.
#[derive(Default)]
pub(crate) struct Reconnected<'a> {
    pub stops: Vec<(AllocRef<'a>, Loser)>,
    pub stay: Vec<AllocRef<'a>>,
}

/// Decides for each reconnecting allocation (spec: deployments 18.2). `all` is the whole group.
pub(crate) fn reconnect<'a>(
    reconnecting: &AllocSet<'a>,
    all: &AllocSet<'a>,
    is_current: impl Fn(&Allocation) -> bool,
) -> Reconnected<'a> {
    let mut out = Reconnected::default();
    if reconnecting.is_empty() {
        return out;
    }
    let by_id: ById<'a> = all.iter().map(|alloc| (alloc.id, alloc)).gather();
    for alloc in reconnecting.iter() {
        if !alloc.is_server_terminal() && alloc.client_status == AllocClientStatus::Failed {
            out.stops.push((alloc, Loser::Failed));
            continue;
        }
        if alloc.is_server_terminal() || has_transition(alloc) || !is_current(alloc) {
            out.stops.push((alloc, Loser::NotNeeded));
            continue;
        }
        let mut stays = true;
        for replacement in replacements(alloc, &by_id) {
            if replacement.is_server_terminal() {
                continue;
            }
            if !replacement_wins(alloc, replacement) {
                if out.stops.iter().all(|(stop, _)| stop.id != replacement.id) {
                    out.stops.push((replacement, Loser::Replacement));
                }
            } else if stays {
                stays = false;
                out.stops.push((alloc, Loser::NotNeeded));
            }
        }
        if stays {
            out.stay.push(alloc);
        }
    }
    out
}

/// Whether servers have asked anything of it.
pub(crate) fn has_transition(alloc: &Allocation) -> bool {
    let transition = &alloc.desired_transition;
    transition.should_migrate()
        || transition.should_reschedule()
        || transition.should_force_reschedule()
}

/// The chain of allocations that replaced this one.
fn replacements<'a>(alloc: &Allocation, by_id: &ById<'a>) -> Vec<AllocRef<'a>> {
    let mut chain: Vec<AllocRef<'a>> = Vec::new();
    let mut next = alloc.links.next_allocation;
    // A chain without an end would be our own bug; it is not followed twice.
    while let Some(found) = next.and_then(|id| by_id.get(&id).copied()) {
        if chain.iter().any(|seen| seen.id == found.id) {
            break;
        }
        chain.push(found);
        next = found.links.next_allocation;
    }
    chain
}

/// Which of the two stays (spec: deployments 18.3).
fn replacement_wins(original: &Allocation, replacement: &Allocation) -> bool {
    let (old, new) = (&original.job, &replacement.job);
    if new.version > old.version || new.create_index > old.create_index {
        return true;
    }
    let strategy = original
        .task_group()
        .and_then(|group| group.disconnect.as_ref())
        .map_or(ReconcileOption::BestScore, |strategy| strategy.reconcile);
    match strategy {
        ReconcileOption::KeepOriginal => false,
        ReconcileOption::KeepReplacement => true,
        ReconcileOption::BestScore => has_better_score(original, replacement),
        ReconcileOption::LongestRunning => has_run_longer(original, replacement),
    }
}

fn has_better_score(original: &Allocation, replacement: &Allocation) -> bool {
    let score = |alloc: &Allocation| {
        alloc
            .metrics
            .scores
            .iter()
            .next()
            .map(|node| node.normalized)
    };
    let runs = |alloc: &Allocation| alloc.client_status == AllocClientStatus::Running;
    let is_better = match (score(original), score(replacement)) {
        (Some(old), Some(new)) => new > old,
        (None, Some(_)) => true,
        (_, None) => false,
    };
    is_better && (runs(replacement) || !runs(original))
}

fn has_run_longer(original: &Allocation, replacement: &Allocation) -> bool {
    match (running_since(original), running_since(replacement)) {
        (Some(old), Some(new)) => new.cmp(&old) != Ordering::Greater,
        (None, Some(_)) => true,
        (Some(_), None) => false,
        (None, None) => has_better_score(original, replacement),
    }
}

/// The start of the leader, or else of the task that has run longest.
fn running_since(alloc: &Allocation) -> Option<Time> {
    let start = |task: &yurt_model::TaskState| task.last_restart.or(task.started_at);
    let leader = alloc
        .task_group()?
        .tasks
        .iter()
        .find(|task| task.leader)
        .and_then(|task| alloc.task_state(&task.name));
    match leader {
        Some(leader) => start(leader),
        None => alloc
            .task_states
            .iter()
            .filter_map(|task| start(task))
            .min(),
    }
}

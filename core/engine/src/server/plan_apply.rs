//! Checking a plan against the store as it is now (spec: scheduling 15).

use std::collections::{BTreeMap, BTreeSet};

use yurt_model::{
    AllocClientStatus, AllocId, Allocation, EvalTrigger, Evaluation, Gather, JobKey,
    NodeEligibility, NodeId, NodeStatus, Plan,
};
use yurt_scheduler::node_fit;
use yurt_state::Store;

use super::Context;

/// The part of a plan that can be committed.
pub(crate) struct Checked {
    pub(crate) plan: Plan,
    pub(crate) is_full: bool,
}

/// Drops the stops, placements and evictions of every node that cannot take its part. An
/// all-at-once plan that loses anything loses everything.
pub(crate) fn check(store: &Store, mut plan: Plan) -> Checked {
    // Those that have ended meanwhile need not make room.
    plan.preemptions.retain(|(victim, _)| {
        store
            .alloc(*victim)
            .is_some_and(|alloc| !alloc.is_terminal())
    });
    let mut by_node: BTreeMap<NodeId, Vec<&Allocation>> = BTreeMap::new();
    for alloc in &plan.allocations {
        by_node.entry(alloc.node_id).or_default().push(alloc);
    }
    let gone: BTreeSet<AllocId> = plan
        .stops
        .iter()
        .map(|stop| stop.alloc_id)
        .chain(plan.preemptions.iter().map(|(victim, _)| *victim))
        .gather();
    let rejected: BTreeSet<NodeId> = by_node
        .iter()
        .filter(|(node, allocs)| !accepts(store, **node, allocs, &gone))
        .map(|(node, _)| *node)
        .gather();
    if rejected.is_empty() {
        return Checked {
            plan,
            is_full: true,
        };
    }
    if plan.all_at_once {
        let nothing = Plan {
            eval_id: plan.eval_id,
            priority: plan.priority,
            ..Plan::default()
        };
        return Checked {
            plan: nothing,
            is_full: false,
        };
    }
    let node_of = |id: AllocId| store.alloc(id).map(|alloc| alloc.node_id);
    let keeps = |id: AllocId| node_of(id).is_none_or(|node| !rejected.contains(&node));
    plan.allocations
        .retain(|alloc| !rejected.contains(&alloc.node_id));
    plan.stops.retain(|stop| keeps(stop.alloc_id));
    plan.preemptions.retain(|(victim, _)| keeps(*victim));
    let placed: BTreeSet<AllocId> = plan.allocations.iter().map(|alloc| alloc.id).gather();
    if let Some(deployment) = &mut plan.deployment {
        for group in &mut deployment.groups {
            group
                .placed_canaries
                .retain(|id| placed.contains(id) || store.alloc(*id).is_some());
        }
    }
    Checked {
        plan,
        is_full: false,
    }
}

fn accepts(
    store: &Store,
    node_id: NodeId,
    allocs: &[&Allocation],
    gone: &BTreeSet<AllocId>,
) -> bool {
    let Some(node) = store.node(node_id) else {
        return false;
    };
    let is = |alloc: &Allocation, status: AllocClientStatus| alloc.client_status == status;
    match node.status {
        NodeStatus::Disconnected => {
            return allocs
                .iter()
                .all(|alloc| is(alloc, AllocClientStatus::Unknown));
        }
        NodeStatus::Down => {
            return allocs
                .iter()
                .all(|alloc| is(alloc, AllocClientStatus::Lost) || stays_unknown(alloc));
        }
        NodeStatus::Initializing => return false,
        NodeStatus::Ready => {}
    }
    // What is there already needs no new room, and no permission.
    let is_live = |id: AllocId| store.alloc(id).is_some_and(|alloc| !alloc.is_terminal());
    if allocs.iter().all(|alloc| is_live(alloc.id)) {
        return true;
    }
    if node.eligibility != NodeEligibility::Eligible {
        return false;
    }
    let replaced: BTreeSet<AllocId> = allocs.iter().map(|alloc| alloc.id).gather();
    let staying = store
        .live_allocs_of_node(node_id)
        .into_iter()
        .filter(|alloc| !alloc.is_terminal())
        .filter(|alloc| !gone.contains(&alloc.id) && !replaced.contains(&alloc.id))
        .map(|alloc| &**alloc);
    node_fit(node, staying.chain(allocs.iter().copied())).is_ok()
}

/// Marked unknown, in a group that waits for its node instead of being replaced.
fn stays_unknown(alloc: &Allocation) -> bool {
    let disconnect = alloc
        .task_group()
        .and_then(|group| group.disconnect.as_ref());
    alloc.client_status == AllocClientStatus::Unknown
        && disconnect.is_some_and(|disconnect| !disconnect.replace)
}

/// One evaluation for each job that loses allocations to more important ones.
pub(crate) fn preemption_evaluations(
    store: &Store,
    context: &mut Context<'_>,
    plan: &Plan,
) -> Vec<Evaluation> {
    let mut jobs: Vec<JobKey> = Vec::new();
    let mut evals = Vec::new();
    for alloc in plan
        .preemptions
        .iter()
        .filter_map(|(victim, _)| store.alloc(*victim))
    {
        let key = alloc.job_key();
        if !jobs.contains(&key) {
            jobs.push(key);
            let spec = &alloc.job.spec;
            let index = alloc.job.job_modify_index;
            evals.push(context.evaluation(spec, EvalTrigger::Preemption, index));
        }
    }
    evals
}

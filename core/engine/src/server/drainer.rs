//! Emptying nodes at the pace that jobs allow (spec: deployments 27; scheduling 17).

use yurt_model::{
    AllocId, Allocation, DesiredTransition, EvalTrigger, JobKey, JobType, Name, Node, NodeEvent,
    NodeId,
};
use yurt_state::{Change, Store};

use super::Context;

/// Whether any node is being drained.
pub(crate) fn is_needed(store: &Store) -> bool {
    store.nodes().any(|node| node.drain.is_some())
}

/// Marks what may move now, and ends the drains of nodes that are empty.
pub(crate) fn look(store: &Store, context: &mut Context<'_>) -> Vec<Change> {
    let mut marked: Vec<&Allocation> = Vec::new();
    let mut changes = Vec::new();
    for node in store.nodes() {
        let Some(drain) = &node.drain else { continue };
        let is_over = drain.force || drain.force_deadline.is_some_and(|at| at <= context.at);
        let left: Vec<&Allocation> = remaining(store, node, drain.ignore_system_jobs);
        if left.is_empty() {
            changes.push(complete(context, node));
        } else if is_over || left.iter().all(|alloc| alloc.job.spec.kind.is_per_node()) {
            marked.extend(left.into_iter().filter(|alloc| may_mark(alloc)));
        } else {
            let services = left
                .into_iter()
                .filter(|alloc| alloc.job.spec.kind == JobType::Service);
            for alloc in services.filter(|alloc| may_mark(alloc)) {
                if room_to_move(store, alloc, &marked) {
                    marked.push(alloc);
                }
            }
        }
    }
    let ids: Vec<AllocId> = marked.iter().map(|alloc| alloc.id).collect();
    changes.extend(mark(store, context, &ids));
    changes
}

/// A drain's time is over: everything left on the node moves at once.
pub(crate) fn deadline(store: &Store, context: &mut Context<'_>, id: NodeId) -> Vec<Change> {
    let Some(node) = store.node(id) else {
        return Vec::new();
    };
    let Some(drain) = node
        .drain
        .as_ref()
        .filter(|d| d.force_deadline == Some(context.at))
    else {
        return Vec::new();
    };
    let ids: Vec<AllocId> = remaining(store, node, drain.ignore_system_jobs)
        .into_iter()
        .filter(|alloc| may_mark(alloc))
        .map(|alloc| alloc.id)
        .collect();
    mark(store, context, &ids)
}

fn remaining<'a>(store: &'a Store, node: &Node, ignores_system: bool) -> Vec<&'a Allocation> {
    store
        .allocs_of_node(node.id)
        .filter(|alloc| !alloc.is_client_terminal())
        .filter(|alloc| !(ignores_system && alloc.job.spec.kind.is_per_node()))
        .map(|alloc| &**alloc)
        .collect()
}

fn may_mark(alloc: &Allocation) -> bool {
    !alloc.is_server_terminal() && !alloc.desired_transition.should_migrate()
}

/// As many of a group may be on the move as its migrate block allows.
fn room_to_move(store: &Store, alloc: &Allocation, marked: &[&Allocation]) -> bool {
    let Some(group) = alloc.task_group() else {
        return true;
    };
    let most = group
        .migrate
        .as_ref()
        .map_or(1, |migrate| migrate.max_parallel);
    let is_peer = |other: &Allocation| other.group == alloc.group && other.job_id == alloc.job_id;
    let healthy = store
        .allocs_of_job(&alloc.job_key())
        .filter(|other| is_peer(other) && !other.is_terminal())
        .filter(|other| other.has_health() && !other.desired_transition.should_migrate())
        .count();
    let moving = marked.iter().filter(|other| is_peer(other)).count();
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    count(healthy) - (group.count - most) > count(moving)
}

fn mark(store: &Store, context: &mut Context<'_>, ids: &[AllocId]) -> Vec<Change> {
    if ids.is_empty() {
        return Vec::new();
    }
    let mut jobs: Vec<JobKey> = Vec::new();
    let mut evals = Vec::new();
    let mut transitions = Vec::new();
    for alloc in ids.iter().filter_map(|id| store.alloc(*id)) {
        let is_batch = alloc.job.spec.kind == JobType::Batch;
        let transition = DesiredTransition {
            migrate: Some(true),
            migrate_disable_placement: is_batch.then_some(true),
            ..DesiredTransition::default()
        };
        transitions.push((alloc.id, transition));
        let key = alloc.job_key();
        if !jobs.contains(&key) {
            let job = store.job(&key).unwrap_or(&alloc.job);
            let trigger = EvalTrigger::NodeDrain;
            let mut eval = context.evaluation(&job.spec, trigger, job.job_modify_index);
            eval.node_id = Some(alloc.node_id);
            evals.push(eval);
            jobs.push(key);
        }
    }
    vec![Change::TransitionsSet { transitions, evals }]
}

fn complete(context: &Context<'_>, node: &Node) -> Change {
    let event = NodeEvent {
        time: context.at,
        subsystem: Name::from("Drain"),
        message: Name::from("Node drain complete"),
    };
    Change::NodeDrainSet {
        node_id: node.id,
        drain: None,
        eligibility: node.eligibility,
        event: Some(event),
    }
}

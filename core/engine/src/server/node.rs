//! Nodes that come, go silent and come back (spec: scheduling 16).

use std::collections::BTreeMap;

use yurt_model::job::JobType;
use yurt_model::{
    AllocClientStatus, AllocDesiredStatus, Allocation, EvalTrigger, Evaluation, JobKey, Name, Node,
    NodeEvent, NodeStatus, Time,
};
use yurt_state::{Change, Store};

use super::Context;

/// The writes that bring a node to another status, with the evaluations that follow.
pub(crate) fn set_status(
    store: &Store,
    context: &mut Context<'_>,
    node: &Node,
    wanted: NodeStatus,
) -> Vec<Change> {
    let status = next_status(store, node, wanted);
    if status == node.status {
        return Vec::new();
    }
    let message = match (node.status, status) {
        (NodeStatus::Down, NodeStatus::Ready) => Some("Node reregistered by heartbeat"),
        (_, NodeStatus::Down | NodeStatus::Disconnected) => Some("Node heartbeat missed"),
        _ => None,
    };
    let event = message.map(|message| NodeEvent {
        time: context.at,
        subsystem: Name::from("Cluster"),
        message: Name::from(message),
        details: BTreeMap::new(),
    });
    let mut changes = vec![Change::NodeStatusSet {
        node_id: node.id,
        status,
        event,
    }];
    let makes_evals = matches!(
        (node.status, status),
        (_, NodeStatus::Down | NodeStatus::Disconnected)
            | (NodeStatus::Disconnected, _)
            | (
                NodeStatus::Initializing | NodeStatus::Down,
                NodeStatus::Ready
            )
    );
    if makes_evals {
        let evals = evaluations_for(store, context, node);
        if !evals.is_empty() {
            changes.push(Change::EvalsUpserted(evals));
        }
    }
    changes
}

/// A disconnected node that speaks again initializes first. It is ready once its client has
/// reported what it runs, or when it runs nothing (spec: scheduling 16.2).
fn next_status(store: &Store, node: &Node, wanted: NodeStatus) -> NodeStatus {
    let waits = || {
        node.owes_alloc_update
            && store
                .allocs_of_node(node.id)
                .any(|alloc| !alloc.is_terminal())
    };
    match (node.status, wanted) {
        (NodeStatus::Disconnected, NodeStatus::Ready) => NodeStatus::Initializing,
        (NodeStatus::Initializing, NodeStatus::Ready) if waits() => NodeStatus::Initializing,
        (_, wanted) => wanted,
    }
}

/// What a node becomes whose heartbeat was missed: disconnected while some allocation there may
/// stay unknown, else down (spec: scheduling 16.3).
pub(crate) fn status_after_silence(store: &Store, node: &Node, now: Time) -> NodeStatus {
    let may_wait = !matches!(node.status, NodeStatus::Down | NodeStatus::Initializing)
        && store
            .allocs_of_node(node.id)
            .any(|alloc| waits_for_node(alloc, now));
    if may_wait {
        NodeStatus::Disconnected
    } else {
        NodeStatus::Down
    }
}

fn waits_for_node(alloc: &Allocation, now: Time) -> bool {
    let lost_after = alloc
        .task_group()
        .and_then(|group| group.disconnect.as_ref())
        .map(|disconnect| disconnect.lost_after)
        .filter(|lost_after| !lost_after.is_zero_or_less());
    let Some(lost_after) = lost_after else {
        return false;
    };
    // Even one that has ended counts (spec: scheduling 23.37).
    if alloc.desired_status != AllocDesiredStatus::Run {
        return false;
    }
    let unknown_since = alloc
        .links
        .states
        .iter()
        .rev()
        .take_while(|change| change.status == AllocClientStatus::Unknown)
        .last()
        .map(|change| change.time);
    let is_expired = alloc.client_status == AllocClientStatus::Unknown
        && unknown_since.is_some_and(|since| since + lost_after <= now);
    !is_expired
}

/// One evaluation for each job that the node matters to (spec: scheduling 16.4).
pub(crate) fn evaluations_for(
    store: &Store,
    context: &mut Context<'_>,
    node: &Node,
) -> Vec<Evaluation> {
    let mut jobs: Vec<JobKey> = Vec::new();
    for alloc in store.allocs_of_node(node.id) {
        let matters = match alloc.job.spec.kind {
            JobType::Service => !(alloc.is_server_terminal() && alloc.is_client_terminal()),
            JobType::Batch => !alloc.is_client_terminal(),
            JobType::System => true,
            JobType::Sysbatch => false,
        };
        let key = alloc.job_key();
        if matters && !jobs.contains(&key) {
            jobs.push(key);
        }
    }
    for job in store
        .jobs()
        .filter(|job| job.spec.kind == JobType::System && !job.stop)
    {
        let key = job.key();
        if serves(&job.spec, node) && !jobs.contains(&key) {
            jobs.push(key);
        }
    }
    let mut evals = Vec::new();
    for key in jobs {
        let alloc = store.allocs_of_job(&key).next();
        let Some(job) = store.job(&key).or_else(|| alloc.map(|alloc| &alloc.job)) else {
            continue;
        };
        let trigger = EvalTrigger::NodeUpdate;
        let mut eval = context.evaluation(&job.spec, trigger, job.job_modify_index);
        eval.node_id = Some(node.id);
        evals.push(eval);
    }
    evals
}

fn serves(spec: &yurt_model::JobSpec, node: &Node) -> bool {
    let pool_matches = matches!(&*spec.node_pool, "all" | "") || spec.node_pool == node.node_pool;
    pool_matches
        && spec
            .datacenters
            .iter()
            .any(|pattern| glob(pattern, &node.datacenter))
}

/// Whether `text` is what `pattern` says; `*` stands for any run of characters.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|tail| {
            tail.char_indices()
                .map(|(at, _)| at)
                .chain([tail.len()])
                .any(|at| glob(rest, &tail[at..]))
        }),
    }
}

//! Sorting a group's allocations by what their nodes and clients say (spec: deployments 8).

use std::collections::BTreeMap;

use yurt_model::job::DisconnectStrategy;
use yurt_model::{
    AllocClientStatus, AllocDesiredStatus, Allocation, Duration, Node, NodeId, NodeStatus, Time,
};

use super::set::{AllocRef, AllocSet};

/// Nodes of a job's allocations that are not simply there: missing (`None`), down, draining or
/// disconnected.
pub(crate) type TaintedNodes<'a> = BTreeMap<NodeId, Option<&'a Node>>;

/// A group's allocations by what is to be decided about them. Each is in one bucket.
#[derive(Default)]
pub(crate) struct Buckets<'a> {
    /// Nothing is wrong with their nodes.
    pub untainted: AllocSet<'a>,
    /// To be moved.
    pub migrate: AllocSet<'a>,
    /// Gone with their nodes.
    pub lost: AllocSet<'a>,
    /// Their nodes have just fallen silent.
    pub disconnecting: AllocSet<'a>,
    /// Their nodes are back.
    pub reconnecting: AllocSet<'a>,
    /// Nothing to do.
    pub ignore: AllocSet<'a>,
    /// Unknown for too long.
    pub expiring: AllocSet<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bucket {
    Untainted,
    Migrate,
    Lost,
    Disconnecting,
    Reconnecting,
    Ignore,
    Expiring,
}

/// Sorts allocations into buckets; `now` decides which unknown ones are overdue.
pub(crate) fn classify<'a>(
    allocs: &AllocSet<'a>,
    tainted: &TaintedNodes<'_>,
    now: Time,
) -> Buckets<'a> {
    let mut lists: [Vec<AllocRef<'a>>; 7] = Default::default();
    for alloc in allocs.iter() {
        lists[bucket_of(alloc, tainted, now) as usize].push(alloc);
    }
    let [
        untainted,
        migrate,
        lost,
        disconnecting,
        reconnecting,
        ignore,
        expiring,
    ] = lists.map(AllocSet::new);
    Buckets {
        untainted,
        migrate,
        lost,
        disconnecting,
        reconnecting,
        ignore,
        expiring,
    }
}

/// The table of deployments 8, first match wins; the numbers are its rows.
fn bucket_of(alloc: &Allocation, tainted: &TaintedNodes<'_>, now: Time) -> Bucket {
    use AllocClientStatus::{Failed, Unknown};
    let returns = should_reconnect(alloc);
    let client = alloc.client_status;
    if returns && !alloc.is_server_terminal() && client == Failed {
        return Bucket::Reconnecting; // 1
    }
    if alloc.is_terminal() && !returns {
        return bucket_of_ended(alloc); // 2-5
    }
    if is_expired(alloc, now) {
        return Bucket::Expiring; // 6
    }
    if returns && client == Failed && alloc.desired_status == AllocDesiredStatus::Stop {
        return Bucket::Ignore; // 7
    }
    let taint = tainted.get(&alloc.node_id);
    if let Some(Some(node)) = taint
        && node.status == NodeStatus::Disconnected
    {
        return match client {
            Unknown => Bucket::Untainted,                             // 8
            AllocClientStatus::Pending => Bucket::Lost,               // 9
            _ if lost_after(alloc) == Duration::ZERO => Bucket::Lost, // 10
            _ => Bucket::Disconnecting,                               // 11
        };
    }
    if alloc.desired_transition.should_migrate() {
        return Bucket::Migrate; // 12
    }
    match taint {
        Some(None) => Bucket::Lost, // 15
        Some(Some(node)) if node.status == NodeStatus::Down => bucket_on_down_node(alloc), // 16-18
        Some(Some(node)) if node.status != NodeStatus::Ready => Bucket::Untainted, // 19
        _ if returns => Bucket::Reconnecting, // 13
        _ => Bucket::Untainted,     // 14
    }
}

fn bucket_of_ended(alloc: &Allocation) -> Bucket {
    if alloc.is_server_terminal() {
        return if alloc.desired_transition.disables_placement() {
            Bucket::Untainted // 2
        } else {
            Bucket::Ignore // 3
        };
    }
    if alloc.is_canary() && alloc.desired_transition.should_migrate() {
        Bucket::Migrate // 4
    } else {
        Bucket::Untainted // 5
    }
}

fn bucket_on_down_node(alloc: &Allocation) -> Bucket {
    if replaces_on_disconnect(alloc) {
        return Bucket::Lost; // 18
    }
    match alloc.client_status {
        AllocClientStatus::Unknown => Bucket::Untainted, // 16
        AllocClientStatus::Running => Bucket::Disconnecting, // 17
        _ => Bucket::Lost,                               // 18
    }
}

fn strategy(alloc: &Allocation) -> Option<&DisconnectStrategy> {
    alloc.task_group()?.disconnect.as_ref()
}

/// How long the allocation counts as unknown when its node falls silent; zero when not at all.
pub(crate) fn lost_after(alloc: &Allocation) -> Duration {
    strategy(alloc).map_or(Duration::ZERO, |strategy| strategy.lost_after)
}

/// Whether a silent node's allocation is replaced meanwhile (the default).
pub(crate) fn replaces_on_disconnect(alloc: &Allocation) -> bool {
    strategy(alloc).is_none_or(|strategy| strategy.replace)
}

/// The newest recorded client status is `unknown`, and what the client says now is not final.
pub(crate) fn should_reconnect(alloc: &Allocation) -> bool {
    use AllocClientStatus::{Failed, Running, Unknown};
    matches!(alloc.client_status, Unknown | Running | Failed)
        && alloc
            .links
            .states
            .last()
            .is_some_and(|change| change.status == Unknown)
}

/// Since when the allocation is unknown: the earliest of the most recent run of such records.
pub(crate) fn unknown_since(alloc: &Allocation) -> Option<Time> {
    let is_unknown = |status| status == AllocClientStatus::Unknown;
    let mut changes = alloc
        .links
        .states
        .iter()
        .rev()
        .skip_while(|change| !is_unknown(change.status));
    let mut since = changes.next()?.time;
    for change in changes.take_while(|change| is_unknown(change.status)) {
        since = change.time;
    }
    Some(since)
}

pub(crate) fn is_expired(alloc: &Allocation, now: Time) -> bool {
    let wait = lost_after(alloc);
    alloc.client_status == AllocClientStatus::Unknown
        && wait > Duration::ZERO
        && unknown_since(alloc).is_some_and(|since| since + wait <= now)
}

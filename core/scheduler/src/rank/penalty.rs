//! Nodes on which the allocation has failed before (spec: scheduling 9.2).

use std::collections::BTreeSet;

use yurt_model::{AllocClientStatus, Allocation, NodeId};

/// What a penalised node scores.
pub(crate) const SCORE: f64 = -1.0;

/// The nodes to avoid for the replacement of an allocation.
pub(crate) fn nodes(previous: &Allocation) -> BTreeSet<NodeId> {
    let mut nodes = BTreeSet::new();
    if previous.client_status == AllocClientStatus::Failed {
        nodes.insert(previous.node_id);
    }
    if let Some(tracker) = &previous.links.reschedule_tracker {
        nodes.extend(tracker.events.iter().map(|event| event.previous_node));
    }
    nodes
}

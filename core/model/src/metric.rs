//! What one placement saw: the reasons behind a choice or a failure (spec: scheduling 10).

use std::collections::BTreeMap;

use crate::{Name, NodeId};

/// The record of one selection. The same record explains a placement ("why here?") and a failure
/// ("why nowhere?").
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AllocMetric {
    /// Nodes looked at.
    pub nodes_evaluated: u32,
    /// Nodes refused by a check.
    pub nodes_filtered: u32,
    /// Candidates in the pool.
    pub nodes_in_pool: u32,
    /// The pool's name.
    pub node_pool: Name,
    /// Candidates by datacenter.
    pub nodes_available: BTreeMap<Name, u32>,
    /// Refused nodes by node class.
    pub class_filtered: BTreeMap<Name, u32>,
    /// Refused nodes by reason.
    pub constraint_filtered: BTreeMap<Name, u32>,
    /// Nodes without room.
    pub nodes_exhausted: u32,
    /// Nodes without room by node class.
    pub class_exhausted: BTreeMap<Name, u32>,
    /// Nodes without room by what was short.
    pub dimension_exhausted: BTreeMap<Name, u32>,
    /// What each task of the group asked of the short resources: (cpu in MHz, memory in MiB).
    pub resources_exhausted: BTreeMap<Name, (i64, i64)>,
    /// The best nodes, best first, at most five.
    pub scores: Vec<NodeScore>,
    /// Further placements of the group that were not tried after this failure.
    pub coalesced_failures: u32,
}

/// How one node scored.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeScore {
    /// The node.
    pub node_id: NodeId,
    /// Scores by name, in the order of the names.
    pub scores: BTreeMap<&'static str, f64>,
    /// The mean of the scores that counted: what is compared.
    pub normalized: f64,
}

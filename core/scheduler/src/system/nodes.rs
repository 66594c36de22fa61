//! Which nodes count for a job that runs on all of them (spec: scheduling 5.4).

use std::collections::{BTreeMap, BTreeSet};

use yurt_model::{JobSpec, Name, Node, NodeId, NodeStatus};
use yurt_state::Store;

use crate::stack::{is_in_pool, may_run_on};

/// The nodes as one attempt sees them.
pub(super) struct Nodes<'a> {
    store: &'a Store,
    /// Ready nodes of the job's pool and datacenters, in the order of their ids.
    pub candidates: BTreeMap<NodeId, &'a Node>,
    /// Nodes of the pool that take nothing new, in any datacenter (spec: scheduling 23.26).
    not_ready: BTreeSet<NodeId>,
    /// Candidates by datacenter.
    pub available: BTreeMap<Name, u32>,
}

/// What keeps a node from being simply there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taint {
    /// It is down, or there is no such node.
    Gone,
    /// It is silent, but may come back.
    Disconnected,
    /// It is to be emptied.
    Draining,
}

impl<'a> Nodes<'a> {
    pub(super) fn new(store: &'a Store, spec: Option<&JobSpec>) -> Self {
        let mut nodes = Self {
            store,
            candidates: BTreeMap::new(),
            not_ready: BTreeSet::new(),
            available: BTreeMap::new(),
        };
        let Some(spec) = spec else { return nodes };
        for node in store.nodes().filter(|node| is_in_pool(node, spec)) {
            if !node.is_ready() {
                nodes.not_ready.insert(node.id);
            } else if may_run_on(node, spec) {
                *nodes.available.entry(node.datacenter.clone()).or_default() += 1;
                nodes.candidates.insert(node.id, node);
            }
        }
        nodes
    }

    pub(super) fn taint(&self, id: NodeId) -> Option<Taint> {
        let Some(node) = self.store.node(id) else {
            return Some(Taint::Gone);
        };
        match node.status {
            NodeStatus::Down => Some(Taint::Gone),
            NodeStatus::Disconnected => Some(Taint::Disconnected),
            _ => node.drain.as_ref().map(|_| Taint::Draining),
        }
    }

    pub(super) fn is_gone(&self, id: NodeId) -> bool {
        self.taint(id) == Some(Taint::Gone)
    }

    pub(super) fn is_not_ready(&self, id: NodeId) -> bool {
        self.not_ready.contains(&id)
    }

    pub(super) fn is_candidate(&self, id: NodeId) -> bool {
        self.candidates.contains_key(&id)
    }
}

//! Writing nodes (spec: scheduling 16).

use std::rc::Rc;

use yurt_model::{AllocId, Node, NodeEligibility, NodeEvent, NodeId, NodeStatus};

use super::Write;
use crate::{Change, Store};

/// Events that a node keeps (spec: scheduling 1).
const NODE_EVENTS_KEPT: usize = 10;

impl Store {
    pub(crate) fn apply_to_node(&mut self, write: &mut Write, change: Change) {
        match change {
            Change::NodeUpserted(node) => self.put_node(write, *node),
            Change::NodeStatusSet {
                node_id,
                status,
                event,
            } => {
                let at = write.at;
                self.edit_node(write, node_id, event, |node| {
                    node.status = status;
                    node.status_updated_at = at;
                    let is_silent = matches!(status, NodeStatus::Down | NodeStatus::Disconnected);
                    node.owes_alloc_update |= is_silent;
                });
                if status == NodeStatus::Ready {
                    Write::touch(&mut write.touched.opened_nodes, node_id);
                }
            }
            Change::NodeDrainSet {
                node_id,
                drain,
                last_drain,
                eligibility,
                event,
            } => {
                let was_open = self.is_eligible(node_id);
                self.edit_node(write, node_id, event, |node| {
                    node.drain = drain;
                    node.last_drain = last_drain.or(node.last_drain.take());
                    node.eligibility = eligibility;
                });
                self.note_opening(write, node_id, was_open);
            }
            Change::NodeEligibilitySet {
                node_id,
                eligibility,
                event,
            } => {
                let was_open = self.is_eligible(node_id);
                self.edit_node(write, node_id, event, |node| node.eligibility = eligibility);
                self.note_opening(write, node_id, was_open);
            }
            _ => {}
        }
    }

    fn is_eligible(&self, id: NodeId) -> bool {
        let node = self.nodes.get(&id);
        node.is_some_and(|node| node.eligibility == NodeEligibility::Eligible)
    }

    fn note_opening(&self, write: &mut Write, id: NodeId, was_open: bool) {
        if !was_open && self.is_eligible(id) {
            Write::touch(&mut write.touched.opened_nodes, id);
        }
    }

    /// A client has reported: its node owes nothing any more. Not a change that people see.
    pub(crate) fn settle_node(&mut self, id: NodeId) {
        let owing = self.nodes.get(&id).filter(|node| node.owes_alloc_update);
        if let Some(node) = owing {
            let mut node = Node::clone(node);
            node.owes_alloc_update = false;
            self.write_node(Rc::new(node));
        }
    }

    fn put_node(&mut self, write: &mut Write, node: Node) {
        let mut node = node.with_computed_class();
        node.create_index = self
            .nodes
            .get(&node.id)
            .map_or(write.index, |old| old.create_index);
        if node.status == NodeStatus::Ready {
            Write::touch(&mut write.touched.opened_nodes, node.id);
        }
        self.store_node(write, node);
    }

    fn edit_node(
        &mut self,
        write: &mut Write,
        id: NodeId,
        event: Option<NodeEvent>,
        edit: impl FnOnce(&mut Node),
    ) {
        let Some(node) = self.nodes.get(&id) else {
            return;
        };
        let mut node = (**node).clone();
        edit(&mut node);
        node.events.extend(event);
        let surplus = node.events.len().saturating_sub(NODE_EVENTS_KEPT);
        node.events.drain(..surplus);
        self.store_node(write, node);
    }

    fn store_node(&mut self, write: &mut Write, mut node: Node) {
        node.modify_index = write.index;
        self.node_index = write.index;
        Write::touch(&mut write.touched.nodes, node.id);
        self.write_node(Rc::new(node));
    }

    /// Puts a node into its table and the index of those that are ready.
    fn write_node(&mut self, node: Rc<Node>) {
        let (allocs, by_node) = (&self.allocs, &self.allocs_by_node);
        let is_live = |id: &&AllocId| {
            let alloc = allocs.get(id);
            alloc.is_some_and(|alloc| !alloc.is_client_terminal())
        };
        let count_live = || by_node.list(&node.id).iter().filter(is_live).count();
        Rc::make_mut(&mut self.ready).put(&node, count_live);
        self.nodes.insert(node.id, node);
    }

    /// Forgets a node.
    pub(crate) fn remove_node(&mut self, write: &mut Write, id: NodeId) {
        if self.nodes.remove(&id).is_some() {
            Rc::make_mut(&mut self.ready).remove(id);
            self.node_index = write.index;
            Write::touch(&mut write.touched.nodes, id);
        }
    }
}

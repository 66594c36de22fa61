//! Writing nodes (spec: scheduling 16).

use std::rc::Rc;

use yurt_model::{Node, NodeEvent, NodeId};

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
                self.edit_node(write, node_id, event, |node| node.status = status);
                let at = write.at;
                self.edit_node(write, node_id, None, |node| node.status_updated_at = at);
            }
            Change::NodeDrainSet {
                node_id,
                drain,
                eligibility,
                event,
            } => {
                self.edit_node(write, node_id, event, |node| {
                    node.drain = drain;
                    node.eligibility = eligibility;
                });
            }
            Change::NodeEligibilitySet {
                node_id,
                eligibility,
                event,
            } => {
                self.edit_node(write, node_id, event, |node| node.eligibility = eligibility);
            }
            _ => {}
        }
    }

    fn put_node(&mut self, write: &mut Write, node: Node) {
        let mut node = node.with_computed_class();
        node.create_index = self
            .nodes
            .get(&node.id)
            .map_or(write.index, |old| old.create_index);
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
        self.nodes.insert(node.id, Rc::new(node));
    }

    /// Forgets a node.
    pub(crate) fn remove_node(&mut self, write: &mut Write, id: NodeId) {
        if self.nodes.remove(&id).is_some() {
            self.node_index = write.index;
            Write::touch(&mut write.touched.nodes, id);
        }
    }
}

//! What is on the nodes if the plan so far is carried out (spec: scheduling 9.1).
//!
//! A node's part is added up when it is first looked at in an attempt, and kept true from then on.

use std::collections::BTreeSet;
use std::rc::Rc;

use litemap::LiteMap;
use yurt_model::{AllocId, AllocatedResources, Allocation, JobId, Name, Namespace, Node, NodeId};
use yurt_state::Store;

use crate::fit::Sum;
use crate::ports::{PortMap, shared_ports};

/// Two allocations hold one port (spec: scheduling 8.3).
const PORT_COLLISION: &str = "port collision";

/// An allocation that takes room on a node.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub id: AllocId,
    pub resources: Rc<AllocatedResources>,
    /// For allocations of a job with our job's id: the group, and whether the namespace is ours.
    pub sibling: Option<(Name, bool)>,
    /// Static ports that others may hold too.
    pub shared_ports: Vec<i64>,
}

impl Tenant {
    /// It is of our job.
    pub(crate) fn is_ours(&self) -> bool {
        self.sibling.as_ref().is_some_and(|(_, is_ours)| *is_ours)
    }
}

/// What is on one node.
#[derive(Clone, Debug)]
pub(crate) struct NodeUsage {
    pub tenants: Vec<Tenant>,
    pub sum: Sum,
    /// How many tenants are of a job with our job's id.
    siblings: usize,
    ports: Option<Result<PortMap, String>>,
    /// The score of the node when this much is on it; asked again and again while other nodes fill.
    pub scored: Option<(Sum, f64)>,
}

impl NodeUsage {
    fn empty() -> Self {
        Self {
            tenants: Vec::new(),
            sum: Sum::default(),
            siblings: 0,
            ports: None,
            scored: None,
        }
    }

    fn add(&mut self, tenant: Tenant) {
        self.sum.add(&tenant.resources);
        self.siblings += usize::from(tenant.sibling.is_some());
        if let Some(Ok(ports)) = &mut self.ports
            && ports
                .take(&tenant.resources, &tenant.shared_ports)
                .is_some()
        {
            self.ports = None; // Looked at anew: the other may share its port.
        }
        self.tenants.push(tenant);
    }

    /// Takes an allocation away.
    pub(crate) fn remove(&mut self, id: AllocId) -> Option<Tenant> {
        let position = self.tenants.iter().position(|tenant| tenant.id == id)?;
        let tenant = self.tenants.remove(position);
        self.sum.subtract(&tenant.resources);
        self.siblings -= usize::from(tenant.sibling.is_some());
        let is_alone = |tenant: &Tenant| tenant.shared_ports.is_empty();
        match &mut self.ports {
            Some(Ok(ports)) if is_alone(&tenant) && self.tenants.iter().all(is_alone) => {
                ports.give_back(&tenant.resources);
            }
            // Perhaps it was the one that stood in the way, or another holds its port too.
            ports => *ports = None,
        }
        Some(tenant)
    }

    /// Allocations of our job's id and this group, whatever the namespace (spec: scheduling 9.2).
    pub(crate) fn same_group(&self, group: &str) -> usize {
        self.siblings_in(|name, _| name == group)
    }

    /// Whether the node holds an allocation of our job, of this group if one is given.
    pub(crate) fn holds_job(&self, group: Option<&str>) -> bool {
        self.siblings_in(|name, is_ours| is_ours && group.is_none_or(|group| group == name)) > 0
    }

    fn siblings_in(&self, is: impl Fn(&str, bool) -> bool) -> usize {
        if self.siblings == 0 {
            return 0;
        }
        self.tenants
            .iter()
            .filter_map(|tenant| tenant.sibling.as_ref())
            .filter(|(name, is_ours)| is(name, *is_ours))
            .count()
    }

    /// The node's ports, built when first asked for.
    pub(crate) fn ports(&mut self, node: &Node) -> Result<&PortMap, String> {
        if self.ports.is_none() {
            let tenants = self.tenants.iter();
            let all = tenants.map(|tenant| (&*tenant.resources, &tenant.shared_ports[..]));
            // An evicted allocation and its successor collide until the first has ended.
            self.ports = Some(PortMap::of_node(node).and_then(|mut map| {
                let collision = map.take_all(all);
                collision.map_or(Ok(map), |_| Err(PORT_COLLISION.to_owned()))
            }));
        }
        match &self.ports {
            Some(Ok(map)) => Ok(map),
            Some(Err(error)) => Err(error.clone()),
            None => unreachable!("built above"),
        }
    }
}

/// The nodes as they will be.
pub(crate) struct Proposed<'a> {
    store: &'a Store,
    namespace: Namespace,
    job_id: JobId,
    /// Where in `usages` the parts of nodes are, by their rows, one too many; 0 where nobody has
    /// looked.
    slots: Vec<u32>,
    /// The same for nodes that are gone.
    slots_of_gone: LiteMap<NodeId, usize>,
    /// Rows of nodes on which the plan has changed something, in order, perhaps repeatedly.
    pub(super) changed: Vec<u32>,
    usages: Vec<NodeUsage>,
    /// The node that was chosen last and its row: what is placed is placed there.
    pub(super) chosen: Option<(NodeId, u32)>,
    /// Allocations that the plan takes away.
    stopped: BTreeSet<AllocId>,
}

impl<'a> Proposed<'a> {
    pub(crate) fn new(store: &'a Store, namespace: Namespace, job_id: JobId) -> Self {
        Self {
            store,
            namespace,
            job_id,
            slots: Vec::new(),
            slots_of_gone: LiteMap::new(),
            changed: Vec::new(),
            usages: Vec::new(),
            chosen: None,
            stopped: BTreeSet::new(),
        }
    }

    fn tenant(&self, alloc: &Allocation) -> Tenant {
        Tenant {
            shared_ports: shared_ports(alloc),
            id: alloc.id,
            resources: alloc.resources.clone(),
            sibling: (alloc.job_id == self.job_id)
                .then(|| (alloc.group.clone(), alloc.namespace == self.namespace)),
        }
    }

    fn row_of(&self, node: NodeId) -> Option<u32> {
        match self.chosen {
            Some((chosen, row)) if chosen == node => Some(row),
            _ => self.store.ready_nodes().row_of(node),
        }
    }

    /// What is on a node.
    pub(crate) fn on(&mut self, node: NodeId) -> &mut NodeUsage {
        let slot = self.slot(node);
        &mut self.usages[slot]
    }

    /// The number of a node's part, for [`Proposed::at`]; the same during an attempt.
    pub(crate) fn slot(&mut self, node: NodeId) -> usize {
        match self.row_of(node) {
            Some(row) => self.slot_of_row(row, node),
            None => match self.slots_of_gone.get(&node) {
                Some(slot) => *slot,
                None => {
                    let slot = self.look_up(node);
                    self.slots_of_gone.insert(node, slot);
                    slot
                }
            },
        }
    }

    /// As [`Proposed::slot`], of a node whose row is known.
    pub(crate) fn slot_of_row(&mut self, row: u32, node: NodeId) -> usize {
        let nodes = self.store.ready_nodes();
        self.slots.resize(nodes.row_count(), 0);
        let slot = self.slots[row as usize];
        if slot > 0 {
            return slot as usize - 1;
        }
        let slot = if nodes.is_empty(row) {
            self.usages.push(NodeUsage::empty());
            self.usages.len() - 1
        } else {
            self.look_up(node)
        };
        self.slots[row as usize] = u32::try_from(slot + 1).unwrap_or(0);
        slot
    }

    /// Adds up what is on a node.
    fn look_up(&mut self, node: NodeId) -> usize {
        let mut usage = NodeUsage::empty();
        // What servers have stopped keeps its room until its client says that it is over
        // (spec: scheduling 8.2).
        for alloc in self.store.live_allocs_of_node(node) {
            if !self.stopped.contains(&alloc.id) {
                usage.add(self.tenant(alloc));
            }
        }
        self.usages.push(usage);
        self.usages.len() - 1
    }

    /// What is on the node with that number.
    pub(crate) fn at(&mut self, slot: usize) -> &mut NodeUsage {
        &mut self.usages[slot]
    }

    /// What is on a node that the plan changes, if anybody has looked.
    fn known(&mut self, node: NodeId) -> Option<&mut NodeUsage> {
        let slot = match self.row_of(node) {
            Some(row) => {
                self.changed.push(row);
                let slot = self.slots.get(row as usize).copied().unwrap_or(0);
                (slot as usize).checked_sub(1)?
            }
            None => *self.slots_of_gone.get(&node)?,
        };
        Some(&mut self.usages[slot])
    }

    /// The plan takes an allocation away.
    pub(crate) fn stop(&mut self, alloc: &Allocation) {
        self.stopped.insert(alloc.id);
        if let Some(usage) = self.known(alloc.node_id) {
            usage.remove(alloc.id);
        }
    }

    /// The plan leaves an allocation of the store where it is after all.
    pub(crate) fn unstop(&mut self, alloc: &Allocation) {
        if self.stopped.remove(&alloc.id) && !alloc.is_client_terminal() {
            let tenant = self.tenant(alloc);
            if let Some(usage) = self.known(alloc.node_id) {
                usage.add(tenant);
            }
        }
    }

    /// The plan adds an allocation, or changes what one has.
    pub(crate) fn place(&mut self, alloc: &Allocation) {
        let tenant = self.tenant(alloc);
        let node = alloc.node_id;
        let slot = match self.row_of(node) {
            Some(row) => {
                self.changed.push(row);
                self.slot_of_row(row, node)
            }
            None => self.slot(node),
        };
        let usage = &mut self.usages[slot];
        usage.remove(alloc.id);
        usage.add(tenant);
    }
}

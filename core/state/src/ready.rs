//! Which nodes take new allocations, kept true with every write: whoever looks for one walks the
//! nodes that he looks at, not all that there are.

use std::collections::BTreeMap;
use std::rc::Rc;

use litemap::LiteMap;
use yurt_model::{Name, Node, NodeId};

/// What nodes must have in common to be the same to a job that asks for no more than room: the
/// computed class, and processor, memory and disk.
type Shape = (u64, (i64, i64, i64));

/// Small numbers for shapes; those of shapes that no node has any more are given again.
#[derive(Clone, Debug, Default)]
struct Shapes {
    numbers: LiteMap<Shape, u32>,
    /// How many nodes have the shape of that number.
    uses: Vec<u32>,
    free: Vec<u32>,
}

impl Shapes {
    fn of(node: &Node) -> Shape {
        (node.computed_class, node.available())
    }

    fn take(&mut self, node: &Node) -> u32 {
        let (uses, free) = (&mut self.uses, &mut self.free);
        let number = *self.numbers.entry(Self::of(node)).or_insert_with(|| {
            free.pop().unwrap_or_else(|| {
                uses.push(0);
                number(uses.len() - 1)
            })
        });
        self.uses[number as usize] += 1;
        number
    }

    fn give_back(&mut self, node: &Node) {
        let shape = Self::of(node);
        if let Some(number) = self.numbers.get(&shape).copied() {
            self.uses[number as usize] -= 1;
            if self.uses[number as usize] == 0 {
                self.numbers.remove(&shape);
                self.free.push(number);
            }
        }
    }
}

/// A number of a row or shape: there are far fewer nodes than that.
fn number(n: usize) -> u32 {
    u32::try_from(n).expect("fewer nodes than numbers of 32 bits")
}

#[derive(Clone, Debug)]
struct Row {
    shape: u32,
    /// Allocations on the node that are not over for its client.
    live: u32,
}

/// All nodes as numbered rows, and lists of those that are ready, by pool and datacenter.
#[derive(Clone, Debug, Default)]
pub struct ReadyNodes {
    nodes: Vec<Option<Rc<Node>>>,
    rows: Vec<Row>,
    free: Vec<u32>,
    row_of: BTreeMap<NodeId, u32>,
    shapes: Shapes,
    lists: LiteMap<(Name, Name), Vec<u32>>,
}

impl ReadyNodes {
    /// The ready nodes' rows by pool and datacenter, in the order of the nodes' ids. None is empty.
    pub fn lists(&self) -> impl Iterator<Item = (&Name, &Name, &[u32])> {
        self.lists
            .iter()
            .map(|((pool, datacenter), rows)| (pool, datacenter, rows.as_slice()))
    }

    /// The row of a node. Rows stay the same while the store does; they say nothing of order.
    pub fn row_of(&self, id: NodeId) -> Option<u32> {
        self.row_of.get(&id).copied()
    }

    /// One more than the highest row.
    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// The node of a row of [`ReadyNodes::lists`].
    #[inline]
    pub fn node(&self, row: u32) -> &Node {
        let node = self.nodes[row as usize].as_ref();
        node.expect("the row of a node that is there")
    }

    /// A number that two nodes share if class, processor, memory and disk are the same.
    pub fn shape(&self, row: u32) -> u32 {
        self.rows[row as usize].shape
    }

    /// The shape of a row, and whether nothing runs there. Asked of every node that is looked at:
    /// part of the loop that asks.
    #[inline(always)]
    pub fn state(&self, row: usize) -> (usize, bool) {
        let row = &self.rows.as_slice()[row];
        (row.shape as usize, row.live == 0)
    }

    /// One more than the highest number of a shape.
    pub fn shape_count(&self) -> usize {
        self.shapes.uses.len()
    }

    /// Whether nothing runs on the node of a row.
    pub fn is_empty(&self, row: u32) -> bool {
        self.rows[row as usize].live == 0
    }

    /// A node is new or has changed. `count_live` is asked for the live allocations of a new one.
    pub(crate) fn put(&mut self, node: &Rc<Node>, count_live: impl FnOnce() -> usize) {
        let row = match self.row_of.get(&node.id) {
            Some(row) => *row,
            None => self.add_row(node, count_live()),
        };
        let shape = self.shapes.take(node);
        self.rows[row as usize].shape = shape;
        let old = self.nodes[row as usize].replace(node.clone());
        if let Some(old) = &old {
            self.shapes.give_back(old);
            let is_same_place = old.node_pool == node.node_pool
                && old.datacenter == node.datacenter
                && old.is_ready() == node.is_ready();
            if is_same_place {
                return;
            }
            self.unlist(old, row);
        }
        if node.is_ready() {
            let key = (node.node_pool.clone(), node.datacenter.clone());
            let list = self.lists.entry(key).or_default();
            let nodes = &self.nodes;
            let is_before = |other: &u32| {
                let other = nodes[*other as usize].as_ref();
                other.is_some_and(|other| other.id < node.id)
            };
            // Nodes mostly come in order.
            let place = match list.last() {
                Some(last) if !is_before(last) => list.partition_point(is_before),
                _ => list.len(),
            };
            list.insert(place, row);
        }
    }

    fn add_row(&mut self, node: &Node, live: usize) -> u32 {
        let new = Row {
            shape: 0,
            live: number(live),
        };
        let row = match self.free.pop() {
            Some(row) => {
                self.rows[row as usize] = new;
                row
            }
            None => {
                self.rows.push(new);
                self.nodes.push(None);
                number(self.rows.len() - 1)
            }
        };
        self.row_of.insert(node.id, row);
        row
    }

    fn unlist(&mut self, node: &Node, row: u32) {
        let key = (node.node_pool.clone(), node.datacenter.clone());
        if let Some(list) = self.lists.get_mut(&key) {
            list.retain(|other| *other != row);
            if list.is_empty() {
                self.lists.remove(&key);
            }
        }
    }

    /// A node is gone.
    pub(crate) fn remove(&mut self, id: NodeId) {
        if let Some(row) = self.row_of.remove(&id) {
            if let Some(node) = self.nodes[row as usize].take() {
                self.shapes.give_back(&node);
                self.unlist(&node, row);
            }
            self.free.push(row);
        }
    }

    /// How many allocations of a node count, if it is known.
    pub(crate) fn live(&self, id: NodeId) -> Option<usize> {
        let row = self.row_of.get(&id)?;
        Some(self.rows[*row as usize].live as usize)
    }

    /// An allocation of the node has begun to count, or ceased to.
    pub(crate) fn count_live(&mut self, id: NodeId, is_live: bool) {
        if let Some(row) = self.row_of.get(&id) {
            let live = &mut self.rows[*row as usize].live;
            if is_live {
                *live += 1;
            } else {
                *live -= 1;
            }
        }
    }
}

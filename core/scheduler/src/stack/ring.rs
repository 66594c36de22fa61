//! The candidates of a job in a random order, and where the next look begins
//! (spec: scheduling 5.4, 6).

use yurt_model::{AllocMetric, Counts, JobSpec, Name, Node, Rng, math};
use yurt_state::ReadyNodes;

/// How many ranked nodes are enough for batch jobs (spec: scheduling 6.3).
const LIMIT_BATCH: usize = 2;
/// How many candidates are drawn together.
const BATCH: usize = 16;
/// The pool that is all nodes.
const POOL_ALL: &str = "all";

/// The candidates. Their order is drawn as far as they are looked at.
pub(crate) struct Ring<'a> {
    nodes: &'a ReadyNodes,
    /// Rows of candidates: the first `drawn` in their random order, then those that are left.
    rows: Vec<u32>,
    drawn: usize,
    rng: Rng,
    position: usize,
    /// How many ranked nodes are enough; raised for groups with affinities or spreads, and then
    /// kept.
    pub limit: usize,
    /// Candidates by datacenter.
    pub available: Counts,
}

impl<'a> Ring<'a> {
    pub(crate) fn new(nodes: &'a ReadyNodes, spec: &JobSpec, is_batch: bool, rng: Rng) -> Self {
        let mut available = Counts::default();
        let mut rows: Vec<u32> = Vec::new();
        for (pool, datacenter, list) in nodes.lists() {
            if takes_pool(spec, pool) && matches_datacenters(&spec.datacenters, datacenter) {
                rows.extend(list);
                let n = u32::try_from(list.len()).unwrap_or(u32::MAX);
                available.add(datacenter, n);
            }
        }
        let limit = if is_batch {
            LIMIT_BATCH
        } else {
            (math::log2_ceil(rows.len()) as usize).max(2)
        };
        Self {
            nodes,
            rows,
            drawn: 0,
            rng,
            position: 0,
            limit,
            available,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Tells of the candidates in the record of a selection.
    pub(super) fn note(&self, metrics: &mut AllocMetric) {
        metrics.nodes_available.clone_from(&self.available);
        metrics.nodes_in_pool = u32::try_from(self.len()).unwrap_or(u32::MAX);
    }

    /// At most so many rows from the position on, and at least one if there is any.
    pub(super) fn ahead(&mut self, most: usize) -> &[u32] {
        if self.position == self.drawn {
            self.draw(BATCH);
        }
        let end = self.drawn.min(self.position.saturating_add(most));
        self.rows.get(self.position..end).unwrap_or(&[])
    }

    /// Moves on past rows of [`Ring::ahead`].
    pub(super) fn pass(&mut self, count: usize) {
        self.position += count;
        if self.position == self.rows.len() {
            self.position = 0;
        }
    }

    /// The row at the position, which moves on.
    pub(super) fn next(&mut self) -> Option<u32> {
        if self.position == self.drawn {
            self.draw(1);
        }
        let row = *self.rows.get(self.position)?;
        self.pass(1);
        Some(row)
    }

    /// Draws at most so many candidates that come next in the order.
    fn draw(&mut self, most: usize) {
        let rows = self.rows.as_mut_slice();
        let end = rows.len().min(self.drawn + most);
        for next in self.drawn..end {
            let bound = u32::try_from(rows.len() - next).unwrap_or(u32::MAX);
            let pick = next + self.rng.below(bound) as usize;
            rows.swap(next, pick);
        }
        self.drawn = end;
    }

    /// The node of a row.
    pub(crate) fn node(&self, row: u32) -> &'a Node {
        self.nodes.node(row)
    }
}

fn takes_pool(spec: &JobSpec, pool: &str) -> bool {
    spec.node_pool.is_empty() || &*spec.node_pool == POOL_ALL || &*spec.node_pool == pool
}

/// Whether the node is in the job's pool.
pub(crate) fn is_in_pool(node: &Node, spec: &JobSpec) -> bool {
    takes_pool(spec, &node.node_pool)
}

/// Whether a job may have allocations on the node at all, as far as pool and datacenter go.
pub(crate) fn may_run_on(node: &Node, spec: &JobSpec) -> bool {
    is_in_pool(node, spec) && matches_datacenters(&spec.datacenters, &node.datacenter)
}

/// Whether a datacenter matches one of the patterns, in which `*` is any run of characters.
pub(crate) fn matches_datacenters(patterns: &[Name], datacenter: &str) -> bool {
    patterns.iter().any(|pattern| matches(pattern, datacenter))
}

fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(start) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or("");
    for part in parts {
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_datacenters() {
        // Scheduling SC-37 and what the star means.
        let table = [
            ("dc*", "dc1", true),
            ("dc*", "dc22", true),
            ("eu-1", "eu-1", true),
            ("eu-1", "eu-11", false),
            ("*", "", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "acb", false),
            ("*-1", "eu-1", true),
            ("a*a", "a", false),
        ];
        for (pattern, text, want) in table {
            assert_eq!(matches(pattern, text), want, "{pattern} {text}");
        }
    }
}

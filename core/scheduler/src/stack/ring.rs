//! The candidates of a job in a random order, and where the next look begins
//! (spec: scheduling 5.4, 6).

use std::collections::BTreeMap;

use yurt_model::{JobSpec, Name, Node, Rng, math};
use yurt_state::Store;

/// How many ranked nodes are enough for batch jobs (spec: scheduling 6.3).
const LIMIT_BATCH: usize = 2;
/// The pool that is all nodes.
const POOL_ALL: &str = "all";

/// The candidates.
pub(crate) struct Ring<'a> {
    nodes: Vec<&'a Node>,
    position: usize,
    /// How many ranked nodes are enough; raised for groups with affinities or spreads, and then
    /// kept.
    pub limit: usize,
    /// Candidates by datacenter.
    pub available: BTreeMap<Name, u32>,
}

impl<'a> Ring<'a> {
    pub(crate) fn new(store: &'a Store, spec: &JobSpec, is_batch: bool, rng: &mut Rng) -> Self {
        let mut available: BTreeMap<Name, u32> = BTreeMap::new();
        let mut known: BTreeMap<&str, bool> = BTreeMap::new();
        let mut nodes: Vec<&Node> = Vec::new();
        for node in store.nodes() {
            if !node.is_ready() || !is_in_pool(node, spec) {
                continue;
            }
            let matches = *known
                .entry(&node.datacenter)
                .or_insert_with(|| matches_datacenters(&spec.datacenters, &node.datacenter));
            if matches {
                nodes.push(node);
                match available.get_mut(&node.datacenter) {
                    Some(n) => *n += 1,
                    None => {
                        available.insert(node.datacenter.clone(), 1);
                    }
                }
            }
        }
        rng.shuffle(&mut nodes);
        let limit = if is_batch {
            LIMIT_BATCH
        } else {
            (math::log2_ceil(nodes.len()) as usize).max(2)
        };
        Self {
            nodes,
            position: 0,
            limit,
            available,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The node at the position, which moves on; and the position.
    pub(crate) fn next(&mut self) -> Option<(usize, &'a Node)> {
        let position = self.position;
        let node = self.nodes.get(position).copied()?;
        self.position = (position + 1) % self.nodes.len();
        Some((position, node))
    }
}

/// Whether the node is in the job's pool.
pub(crate) fn is_in_pool(node: &Node, spec: &JobSpec) -> bool {
    spec.node_pool.is_empty() || &*spec.node_pool == POOL_ALL || spec.node_pool == node.node_pool
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

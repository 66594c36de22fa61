//! Which of the ranked nodes is taken, and which are told of (spec: scheduling 6.5, 10).

use std::rc::Rc;

use yurt_model::{AllocatedResources, Allocation, Node, NodeScores};

use super::select::Winner;
use crate::rank::Scores;

/// Nodes at or below this are set aside while better ones are looked for (spec: scheduling 6.5).
const SKIP_THRESHOLD: f64 = 0.0;
/// How many are set aside at most.
const SKIPPED_MAX: usize = 3;

/// A node that could take the allocation.
#[derive(Clone)]
pub(super) struct Ranked<'a> {
    pub node: &'a Node,
    /// Its row, where that is known.
    pub row: Option<u32>,
    pub resources: Rc<AllocatedResources>,
    pub scores: Scores,
    pub normalized: f64,
    pub victims: Vec<&'a Rc<Allocation>>,
}

/// The choice among nodes as they are ranked, one after the other.
pub(super) struct Choice<'a> {
    /// How many are enough.
    limit: usize,
    /// How many were ranked and not set aside.
    returned: usize,
    skipped: Vec<Ranked<'a>>,
    best: Option<Ranked<'a>>,
    /// The best few of all that were ranked, best first; the first seen among equals.
    top: Vec<(f64, &'a Node, Scores)>,
    /// Above [`SKIP_THRESHOLD`] and up to this a node is one of many.
    dull_until: f64,
}

impl<'a> Choice<'a> {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            returned: 0,
            skipped: Vec::new(),
            best: None,
            top: Vec::with_capacity(NodeScores::MAX + 1),
            dull_until: f64::NEG_INFINITY,
        }
    }

    /// Whether there are not enough yet.
    #[inline(always)]
    pub(super) fn wants_more(&self) -> bool {
        self.returned < self.limit
    }

    /// How many are missing.
    pub(super) fn missing(&self) -> usize {
        self.limit.saturating_sub(self.returned)
    }

    /// Above the first and up to the second score a node is one of many: neither the best, nor
    /// among the few that are told of, nor set aside.
    pub(super) fn dull(&self) -> (f64, f64) {
        (SKIP_THRESHOLD, self.dull_until)
    }

    /// Counts nodes that are some of many.
    pub(super) fn pass(&mut self, count: usize) {
        self.returned += count;
    }

    /// Counts a node with this score if it is one of many.
    pub(super) fn passes(&mut self, normalized: f64) -> bool {
        let (above, until) = self.dull();
        let is_dull = above < normalized && normalized <= until;
        self.pass(usize::from(is_dull));
        is_dull
    }

    /// Takes note of the next ranked node.
    pub(super) fn take(&mut self, ranked: Ranked<'a>) {
        let place = self.place_in_top(ranked.normalized);
        if place < NodeScores::MAX {
            let record = (ranked.normalized, ranked.node, ranked.scores);
            self.top.insert(place, record);
            self.top.truncate(NodeScores::MAX);
        }
        if ranked.normalized <= SKIP_THRESHOLD && self.skipped.len() < SKIPPED_MAX {
            self.skipped.push(ranked);
        } else {
            self.returned += 1;
            self.compare(ranked);
        }
        if let (Some(best), Some((last, ..))) = (&self.best, self.top.get(NodeScores::MAX - 1)) {
            self.dull_until = best.normalized.min(*last);
        }
    }

    fn place_in_top(&self, normalized: f64) -> usize {
        self.top
            .partition_point(|(kept, _, _)| kept.total_cmp(&normalized).is_ge())
    }

    fn compare(&mut self, ranked: Ranked<'a>) {
        let is_better = |best: &Ranked<'_>| ranked.normalized > best.normalized;
        if self.best.as_ref().is_none_or(is_better) {
            self.best = Some(ranked);
        }
    }

    /// The winner, if there is one, and the records of the best few. When not enough were found,
    /// those that were set aside count too.
    pub(super) fn end(mut self, is_per_node: bool) -> (Option<Winner<'a>>, NodeScores) {
        let missing = self.missing();
        for ranked in std::mem::take(&mut self.skipped).into_iter().take(missing) {
            self.compare(ranked);
        }
        let record = |(_, node, scores): &(f64, &Node, Scores)| scores.record(node, is_per_node);
        let scores = NodeScores::new(self.top.iter().map(record));
        let winner = self.best.map(|best| Winner {
            node: best.node,
            row: best.row,
            resources: best.resources,
            victims: best.victims,
        });
        (winner, scores)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yurt_model::testing;

    #[test]
    fn low_scores_are_set_aside_while_better_ones_are_looked_for() {
        // Scheduling SC-22, with the limit of three that is built in.
        let node = testing::node(1);
        let table: [(&[f64], usize, f64, usize); 6] = [
            (&[-1.0, 2.0, 3.0], 2, 3.0, 3),
            (&[-1.0, -2.0, 3.0, 4.0], 2, 4.0, 4),
            (&[-1.0, -6.0], 2, -1.0, 2),
            (&[-1.0, 5.0], 2, 5.0, 2),
            (&[-1.0, 5.0, -2.0, 2.0], 2, 5.0, 4),
            (&[-1.0, -6.0, -3.0, -4.0, -0.5, 1.0], 2, -0.5, 5),
        ];
        for (scores, limit, best, looked_at) in table {
            let mut choice = Choice::new(limit);
            let mut seen = 0;
            for score in scores {
                if !choice.wants_more() {
                    break;
                }
                seen += 1;
                choice.take(Ranked {
                    node: &node,
                    row: None,
                    resources: Rc::default(),
                    scores: Scores {
                        binpack: *score,
                        ..Scores::default()
                    },
                    normalized: *score,
                    victims: Vec::new(),
                });
            }
            let missing = choice.limit - choice.returned;
            for ranked in choice.skipped.clone().into_iter().take(missing) {
                choice.compare(ranked);
            }
            let won = choice.best.as_ref().map(|best| best.normalized);
            assert_eq!((won, seen), (Some(best), looked_at), "{scores:?}");
        }
    }
}

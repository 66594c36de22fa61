//! Which of the ranked nodes is taken, and which are told of (spec: scheduling 6.5, 10).

use std::rc::Rc;

use yurt_model::{AllocatedResources, Allocation, Node, NodeScores, ScorePacker};
use yurt_state::ReadyNodes;

use super::memory::Memory;
use super::select::Winner;
use crate::rank::Scores;

/// Nodes at or below this are set aside while better ones are looked for (spec: scheduling 6.5).
const SKIP_THRESHOLD: f64 = 0.0;
/// How many are set aside at most.
const SKIPPED_MAX: usize = 3;

/// A node that could take the allocation. Small, because most are soon forgotten.
#[derive(Clone, Copy)]
pub(super) struct Ranked {
    pub normalized: f64,
    pub source: Source,
}

/// Where the rest of what is known of a ranked node stands.
#[derive(Clone, Copy)]
pub(super) enum Source {
    /// In the memory under that code; it gives what the group asks of every node.
    Known {
        row: u32,
        code: u32,
        is_penalized: bool,
    },
    /// Among the choice's offers.
    Offer(usize),
}

/// What a node would give, and how good that is.
pub(super) struct Offered<'a> {
    pub node: &'a Node,
    /// Its row, where that is known.
    pub row: Option<u32>,
    pub resources: Rc<AllocatedResources>,
    pub scores: Scores,
    pub victims: Vec<&'a Rc<Allocation>>,
}

/// The choice among nodes as they are ranked, one after the other.
pub(super) struct Choice<'a> {
    /// How many are enough.
    limit: usize,
    /// How many were ranked and not set aside.
    returned: usize,
    /// Those that are set aside, then nothing.
    skipped: [Option<Ranked>; SKIPPED_MAX],
    best: Option<Ranked>,
    /// The best few of all that were ranked, best first; the first seen among equals.
    top: [Option<Ranked>; NodeScores::MAX],
    offers: Vec<Offered<'a>>,
    /// Above [`SKIP_THRESHOLD`] and up to this a node is one of many; also below where no more are
    /// set aside.
    dull_until: f64,
}

impl<'a> Choice<'a> {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            returned: 0,
            skipped: [None; SKIPPED_MAX],
            best: None,
            top: [None; NodeScores::MAX],
            offers: Vec::new(),
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
        let above = match self.skipped[SKIPPED_MAX - 1] {
            Some(_) => f64::NEG_INFINITY,
            None => SKIP_THRESHOLD,
        };
        (above, self.dull_until)
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

    /// Takes note of the next ranked node, and of what it would give.
    pub(super) fn take_offer(&mut self, offered: Offered<'a>) {
        let ranked = Ranked {
            normalized: offered.scores.normalized(),
            source: Source::Offer(self.offers.len()),
        };
        if self.take(ranked) {
            self.offers.push(offered);
        }
    }

    /// Takes note of the next ranked node; whether it matters.
    pub(super) fn take(&mut self, ranked: Ranked) -> bool {
        let is_told = self.put_in_top(ranked);
        let mut skipped = self.skipped.iter_mut();
        let free = skipped.find(|it| it.is_none() && ranked.normalized <= SKIP_THRESHOLD);
        let matters = match free {
            Some(free) => {
                *free = Some(ranked);
                true
            }
            None => {
                self.returned += 1;
                self.compare(ranked)
            }
        };
        if let (Some(best), Some(last)) = (&self.best, &self.top[NodeScores::MAX - 1]) {
            self.dull_until = best.normalized.min(last.normalized);
        }
        is_told || matters
    }

    /// Whether it is among the best few so far.
    fn put_in_top(&mut self, ranked: Ranked) -> bool {
        let mut place = NodeScores::MAX;
        while place > 0 {
            if let Some(kept) = &self.top[place - 1] {
                if kept.normalized.total_cmp(&ranked.normalized).is_ge() {
                    break;
                }
                if place < NodeScores::MAX {
                    self.top[place] = Some(*kept);
                }
            }
            place -= 1;
        }
        let is_among = place < NodeScores::MAX;
        if is_among {
            self.top[place] = Some(ranked);
        }
        is_among
    }

    /// Whether it is better than the best so far.
    fn compare(&mut self, ranked: Ranked) -> bool {
        let is_better = |best: &Ranked| ranked.normalized > best.normalized;
        let is_best = self.best.as_ref().is_none_or(is_better);
        if is_best {
            self.best = Some(ranked);
        }
        is_best
    }

    /// The winner, if there is one, and the records of the best few. When not enough were found,
    /// those that were set aside count too. `base`: what a known node gives.
    pub(super) fn end(
        &mut self,
        memory: &Memory,
        nodes: &'a ReadyNodes,
        base: &Rc<AllocatedResources>,
        is_per_node: bool,
    ) -> (Option<Winner<'a>>, NodeScores) {
        for ranked in self.skipped.into_iter().flatten().take(self.missing()) {
            self.compare(ranked);
        }
        let scores = self.records(memory, nodes, is_per_node);
        let winner = self.best.map(|best| match best.source {
            Source::Known { row, .. } => Winner {
                node: nodes.node(row),
                row: Some(row),
                resources: base.clone(),
                victims: Vec::new(),
            },
            Source::Offer(number) => {
                let offered = &mut self.offers[number];
                Winner {
                    node: offered.node,
                    row: offered.row,
                    resources: offered.resources.clone(),
                    victims: std::mem::take(&mut offered.victims),
                }
            }
        });
        (winner, scores)
    }

    /// The records of the best few. Those with one code are alike, and often all have it.
    fn records(&self, memory: &Memory, nodes: &ReadyNodes, is_per_node: bool) -> NodeScores {
        let mut packer = ScorePacker::default();
        let mut before = None;
        for ranked in self.top.iter().flatten() {
            match ranked.source {
                Source::Known {
                    row,
                    code,
                    is_penalized,
                } => {
                    let node = nodes.node(row);
                    if before.replace((code, is_penalized)) == Some((code, is_penalized)) {
                        packer.push_alike(node.id);
                    } else {
                        let scores = memory.scores(code, is_penalized);
                        packer.push(&scores.record(node, is_per_node));
                    }
                }
                Source::Offer(number) => {
                    before = None;
                    let offered = &self.offers[number];
                    packer.push(&offered.scores.record(offered.node, is_per_node));
                }
            }
        }
        packer.end()
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
            let nodes = ReadyNodes::default();
            let mut choice = Choice::new(limit);
            let mut seen = 0;
            for score in scores {
                if !choice.wants_more() {
                    break;
                }
                seen += 1;
                let offered = Offered {
                    node: &node,
                    row: None,
                    resources: Rc::default(),
                    scores: Scores {
                        binpack: *score,
                        ..Scores::default()
                    },
                    victims: Vec::new(),
                };
                choice.take_offer(offered);
            }
            choice.end(&Memory::default(), &nodes, &Rc::default(), false);
            let won = choice.best.as_ref().map(|best| best.normalized);
            assert_eq!((won, seen), (Some(best), looked_at), "{scores:?}");
        }
    }
}

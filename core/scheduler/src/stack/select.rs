//! One selection: look at nodes, rank those that do, take the best (spec: scheduling 6, 7.1, 9,
//! 10).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::rc::Rc;

use yurt_model::{
    AllocMetric, AllocatedResources, Allocation, JobSpec, Name, Node, NodeId, Rng,
    SchedulerAlgorithm, SchedulerConfiguration,
};

use super::ledger::Ledger;
use super::proposed::NodeUsage;
use super::ring::Ring;
use super::{GroupStack, JobStack, Seen};
use crate::feasible::class_cache::ClassCache;
use crate::feasible::constraint::Check;
use crate::feasible::{CLASS_INELIGIBLE, Verdict};
use crate::fit::{Dimension, Sum};
use crate::preempt;
use crate::rank::offer::offer;
use crate::rank::spread::SpreadState;
use crate::rank::{Scores, anti_affinity, binpack, penalty};

/// Nodes whose scores are kept (spec: scheduling 1).
const SCORES_KEPT_MAX: usize = 5;
/// Nodes at or below this are set aside while better ones are looked for (spec: scheduling 6.5).
const SKIP_THRESHOLD: f64 = 0.0;
/// How many are set aside at most.
const SKIPPED_MAX: usize = 3;

/// What one selection is about.
pub(crate) struct Options<'a, 'o> {
    /// The index of the name to be placed.
    pub name_index: u32,
    /// Nodes to avoid.
    pub penalty: &'o BTreeSet<NodeId>,
    /// Look at this node alone.
    pub only: Option<&'a Node>,
    /// The job runs on every node: only how full the node gets counts.
    pub is_per_node: bool,
}

/// The node that was chosen.
pub(crate) struct Winner<'a> {
    pub node: &'a Node,
    pub resources: Rc<AllocatedResources>,
    /// Allocations that have to go for it.
    pub victims: Vec<&'a Rc<Allocation>>,
}

/// One look, and whether it may evict.
pub(super) struct Search<'a, 'o> {
    pub options: &'o Options<'a, 'o>,
    pub evicts: bool,
}

/// What came of a selection.
pub(crate) struct Selection<'a> {
    pub winner: Option<Winner<'a>>,
    pub metrics: AllocMetric,
}

struct Ranked<'a> {
    node: &'a Node,
    resources: Rc<AllocatedResources>,
    scores: Scores,
    normalized: f64,
    victims: Vec<&'a Rc<Allocation>>,
}

impl<'a> Ranked<'a> {
    fn won(self) -> Winner<'a> {
        Winner {
            node: self.node,
            resources: self.resources,
            victims: self.victims,
        }
    }
}

impl<'a> JobStack<'a> {
    pub(super) fn select(
        &mut self,
        ledger: &mut Ledger<'a>,
        configuration: &SchedulerConfiguration,
        group: &Name,
        search: &Search<'a, '_>,
        rng: &mut Rng,
    ) -> Selection<'a> {
        let options = search.options;
        let Self {
            job,
            checks,
            cache,
            groups,
            ring,
            spread,
        } = self;
        let name = group;
        let mut seen = groups
            .get_mut(name)
            .map(|group| std::mem::take(&mut group.seen))
            .unwrap_or_default();
        let mut once = Seen::default();
        let group = &groups[name];
        let mut metrics = fresh_metrics(&job.spec, ring.as_ref());
        let (nodes_max, limit) = match (options.only, &mut *ring) {
            (None, Some(ring)) => {
                group.raise_limit(&mut ring.limit, configuration);
                (ring.len(), ring.limit)
            }
            _ => (1, 1),
        };
        seen.resize(nodes_max.max(seen.len()), Seen::default());
        let mut visited = 0;
        let mut next = || -> Option<Ranked<'a>> {
            while visited < nodes_max {
                visited += 1;
                let (place, node) = match (options.only, &mut *ring) {
                    (Some(node), _) => (None, node),
                    (None, Some(ring)) => ring.next().map(|(at, node)| (Some(at), node))?,
                    (None, None) => return None,
                };
                metrics.nodes_evaluated += 1;
                let seen = place.map_or(&mut once, |at| &mut seen[at]);
                let verdict = group
                    .test(seen, checks, node, cache, options.name_index)
                    .and_then(|()| group.distinct.test(node, ledger));
                if let Err(reason) = verdict {
                    note_filtered(&mut metrics, node, &reason);
                    continue;
                }
                let candidate = Candidate {
                    node,
                    slot: seen.slot(node, ledger),
                };
                match group.rank(&candidate, ledger, configuration, search, spread, rng) {
                    Ok(ranked) => return Some(ranked),
                    Err(dimension) => note_exhausted(&mut metrics, node, &dimension),
                }
            }
            None
        };
        let (winner, mut ranked) = choose(&mut next, limit);
        metrics.scores = best_scores(&ranked, options.is_per_node);
        let winner = winner.map(|i| ranked.swap_remove(i).won());
        if let Some(group) = groups.get_mut(name) {
            group.seen = seen;
        }
        Selection { winner, metrics }
    }
}

/// The record of a selection that has not begun.
fn fresh_metrics(spec: &JobSpec, ring: Option<&Ring<'_>>) -> AllocMetric {
    let mut metrics = AllocMetric {
        node_pool: spec.node_pool.clone(),
        ..AllocMetric::default()
    };
    if let Some(ring) = ring {
        metrics.nodes_available.clone_from(&ring.available);
        metrics.nodes_in_pool = u32::try_from(ring.len()).unwrap_or(u32::MAX);
    }
    metrics
}

/// A node that passed the tests.
struct Candidate<'a> {
    node: &'a Node,
    /// The number of its part in the ledger.
    slot: usize,
}

impl Seen {
    fn slot(&mut self, node: &Node, ledger: &mut Ledger<'_>) -> usize {
        if let Some(slot) = self.slot {
            return slot as usize;
        }
        let slot = ledger.proposed.slot(node.id);
        self.slot = u32::try_from(slot).ok();
        slot
    }
}

/// Takes nodes until enough are ranked; the position of the best in the list of all that were
/// ranked.
fn choose<'a>(
    next: &mut dyn FnMut() -> Option<Ranked<'a>>,
    limit: usize,
) -> (Option<usize>, Vec<Ranked<'a>>) {
    let mut ranked: Vec<Ranked<'a>> = Vec::new();
    let mut returned: Vec<usize> = Vec::new();
    let mut skipped: Vec<usize> = Vec::new();
    while returned.len() < limit {
        let Some(node) = next() else {
            let missing = limit - returned.len();
            returned.extend(skipped.into_iter().take(missing));
            break;
        };
        let is_low = node.normalized <= SKIP_THRESHOLD;
        ranked.push(node);
        let list = if is_low && skipped.len() < SKIPPED_MAX {
            &mut skipped
        } else {
            &mut returned
        };
        list.push(ranked.len() - 1);
    }
    let mut best: Option<usize> = None;
    for i in returned {
        if best.is_none_or(|best| ranked[i].normalized > ranked[best].normalized) {
            best = Some(i);
        }
    }
    (best, ranked)
}

/// The records of the best few, best first; the first seen among equals.
fn best_scores(ranked: &[Ranked<'_>], is_per_node: bool) -> Vec<yurt_model::NodeScore> {
    let mut best: Vec<&Ranked<'_>> = Vec::with_capacity(SCORES_KEPT_MAX + 1);
    for one in ranked {
        let place = best.partition_point(|kept| kept.normalized.total_cmp(&one.normalized).is_ge());
        if place < SCORES_KEPT_MAX {
            best.insert(place, one);
            best.truncate(SCORES_KEPT_MAX);
        }
    }
    best.into_iter()
        .map(|ranked| ranked.scores.record(ranked.node, is_per_node))
        .collect()
}

/// How full the node gets; remembered, because powers are dear and most nodes stay as they are.
fn fullness(node: &Node, usage: &mut NodeUsage, total: &Sum, algorithm: SchedulerAlgorithm) -> f64 {
    match usage.scored {
        Some((of, score)) if of == *total => score,
        _ => {
            let score = binpack::score(node, total, algorithm);
            usage.scored = Some((*total, score));
            score
        }
    }
}

impl<'a> GroupStack<'a> {
    /// With affinities or spreads more nodes are looked at (spec: scheduling 6.4).
    fn raise_limit(&self, limit: &mut usize, configuration: &SchedulerConfiguration) {
        if !self.affinities.is_empty() || !self.spreads.is_empty() {
            let floor = i64::from(configuration.node_limit_for_feasibility_checks);
            let wanted = floor.max(self.checks.group.count);
            *limit = usize::try_from(wanted).unwrap_or(usize::MAX);
        }
    }

    /// The tests that look at the node alone, or what is known of them.
    fn test<'c>(
        &'c self,
        seen: &mut Seen,
        of_job: &'c [Check],
        node: &Node,
        cache: &mut ClassCache,
        name_index: u32,
    ) -> Verdict<'c> {
        match seen.fits {
            Some(true) => return Ok(()),
            Some(false) => return Err(Cow::Borrowed(CLASS_INELIGIBLE)),
            None => (),
        }
        let verdict = self.checks.test(of_job, node, cache, name_index);
        // Volumes may depend on the allocation, and the first of a class is told another reason.
        seen.fits = match &verdict {
            Ok(()) if self.checks.volumes.is_empty() => Some(true),
            Err(reason) if reason == CLASS_INELIGIBLE => Some(false),
            _ => None,
        };
        verdict
    }

    fn rank(
        &self,
        candidate: &Candidate<'a>,
        ledger: &mut Ledger<'a>,
        configuration: &SchedulerConfiguration,
        search: &Search<'a, '_>,
        spread: &mut SpreadState,
        rng: &mut Rng,
    ) -> Result<Ranked<'a>, Dimension> {
        let group = self.checks.group;
        let options = search.options;
        let node = candidate.node;
        let (offer, victims) = if search.evicts {
            let asked = (group, &self.needs);
            ledger.offer_evicting(node, candidate.slot, asked, self.priority, rng)?
        } else {
            let usage = ledger.proposed.at(candidate.slot);
            (offer(node, usage, group, &self.needs, rng)?, Vec::new())
        };
        let usage = ledger.proposed.at(candidate.slot);
        let mut scores = Scores {
            binpack: fullness(node, usage, &offer.total, configuration.algorithm),
            devices: offer.device_score,
            ..Scores::default()
        };
        // For jobs that run on every node only how full the node gets counts.
        if !options.is_per_node {
            let here = usage.same_group(&group.name);
            scores.anti_affinity = anti_affinity::score(here, group.count);
            scores.penalty = options.penalty.contains(&node.id).then_some(penalty::SCORE);
            scores.affinity = self.affinities.score(node);
            scores.spread = self.spreads.score(node, ledger, spread);
            scores.preemption = preempt::score(&victims);
        }
        Ok(Ranked {
            node,
            resources: offer.resources,
            normalized: scores.normalized(),
            scores,
            victims,
        })
    }
}

fn note_filtered(metrics: &mut AllocMetric, node: &Node, reason: &str) {
    metrics.nodes_filtered += 1;
    count_class(&mut metrics.class_filtered, node);
    count(&mut metrics.constraint_filtered, reason);
}

fn note_exhausted(metrics: &mut AllocMetric, node: &Node, dimension: &Dimension) {
    metrics.nodes_exhausted += 1;
    count_class(&mut metrics.class_exhausted, node);
    count_display(&mut metrics.dimension_exhausted, dimension);
}

fn count_class(map: &mut BTreeMap<Name, u32>, node: &Node) {
    if !node.node_class.is_empty() {
        count(map, &node.node_class);
    }
}

fn count_display(map: &mut BTreeMap<Name, u32>, key: &impl Display) {
    count(map, &key.to_string());
}

fn count(map: &mut BTreeMap<Name, u32>, key: &str) {
    match map.get_mut(key) {
        Some(n) => *n += 1,
        None => {
            map.insert(key.into(), 1);
        }
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
            let mut list = scores.iter();
            let mut next = || {
                list.next().map(|score| Ranked {
                    node: &node,
                    resources: Rc::default(),
                    scores: Scores::default(),
                    normalized: *score,
                    victims: Vec::new(),
                })
            };
            let (winner, ranked) = choose(&mut next, limit);
            assert_eq!(
                winner.map(|i| ranked[i].normalized),
                Some(best),
                "{scores:?}"
            );
            assert_eq!(ranked.len(), looked_at, "{scores:?}");
        }
    }
}

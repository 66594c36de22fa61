//! One selection: look at nodes, rank those that do, take the best (spec: scheduling 6, 7.1, 9,
//! 10).

use std::collections::BTreeSet;
use std::rc::Rc;

use yurt_model::{
    AllocMetric, AllocatedResources, Allocation, JobSpec, Name, Node, NodeId, Rng,
    SchedulerAlgorithm, SchedulerConfiguration,
};
use yurt_state::ReadyNodes;

use super::choice::{Choice, Offered, Ranked, Source};
use super::ledger::Ledger;
use super::memory::{self, Memory, Skim, count_class};
use super::proposed::NodeUsage;
use super::ring::Ring;
use super::{GroupStack, JobStack};
use crate::feasible::class_cache::ClassCache;
use crate::feasible::constraint::Check;
use crate::feasible::{CLASS_INELIGIBLE, Verdict};
use crate::fit::{Dimension, Sum};
use crate::preempt;
use crate::rank::offer::offer;
use crate::rank::spread::SpreadState;
use crate::rank::{Scores, anti_affinity, binpack, penalty};

/// No score is above the first and up to the second.
const NEVER: (f64, f64) = (f64::INFINITY, f64::NEG_INFINITY);

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
    /// Its row, where that is known.
    pub row: Option<u32>,
    pub resources: Rc<AllocatedResources>,
    /// Allocations that have to go for it.
    pub victims: Vec<&'a Rc<Allocation>>,
}

/// One look, and whether it may evict.
pub(super) struct Search<'a, 'o> {
    pub options: &'o Options<'a, 'o>,
    pub evicts: bool,
    /// Every node is looked at as if for the first time.
    pub forgets: bool,
}

/// What came of a selection.
pub(crate) struct Selection<'a> {
    pub winner: Option<Winner<'a>>,
    pub metrics: AllocMetric,
}

impl<'a> JobStack<'a> {
    pub(super) fn select(
        &mut self,
        ledger: &mut Ledger<'a>,
        (configuration, nodes): (&SchedulerConfiguration, &'a ReadyNodes),
        group: &Name,
        search: &Search<'a, '_>,
        rng: &mut Rng,
    ) -> Selection<'a> {
        let Self {
            job,
            checks,
            cache,
            groups,
            ring,
            spread,
        } = self;
        let (group, memory) = groups.get_mut(group).expect("the caller has added it");
        let limit = match &mut *ring {
            Some(ring) if search.options.only.is_none() => {
                group.raise_limit(&mut ring.limit, configuration);
                ring.limit
            }
            _ => 1,
        };
        let escapes = checks.iter().any(|check| check.escapes);
        let mut look = Look {
            metrics: fresh_metrics(&job.spec, ring.as_ref()),
            choice: Choice::new(limit),
            is_exact: group.is_simple && !search.evicts,
            is_by_class: group.is_by_class && !escapes,
            group,
            checks,
            cache,
            ledger,
            configuration,
            nodes,
            search,
            spread,
            rng,
            memory,
            row: None,
        };
        match (search.options.only, ring) {
            (Some(node), _) => look.at(node),
            (None, Some(ring)) if search.forgets => look.around_plainly(ring),
            (None, Some(ring)) => look.around(ring),
            (None, None) => {}
        }
        look.memory.end(&mut look.metrics);
        let base = &look.group.needs.base;
        let is_per_node = search.options.is_per_node;
        let (winner, scores) = look.choice.end(look.memory, nodes, base, is_per_node);
        look.metrics.scores = scores;
        let chosen = winner.as_ref();
        look.ledger.proposed.chosen = chosen.and_then(|winner| Some((winner.node.id, winner.row?)));
        Selection {
            winner,
            metrics: look.metrics,
        }
    }
}

/// The record of a selection that has not begun.
fn fresh_metrics(spec: &JobSpec, ring: Option<&Ring<'_>>) -> AllocMetric {
    let mut metrics = AllocMetric {
        node_pool: spec.node_pool.clone(),
        ..AllocMetric::default()
    };
    if let Some(ring) = ring {
        ring.note(&mut metrics);
    }
    metrics
}

/// Resources, victims and scores.
type Found<'a> = (Rc<AllocatedResources>, Vec<&'a Rc<Allocation>>, Scores);

/// A selection under way.
struct Look<'a, 'l, 'o> {
    group: &'l GroupStack<'a>,
    checks: &'l [Check],
    cache: &'l mut ClassCache,
    ledger: &'l mut Ledger<'a>,
    configuration: &'l SchedulerConfiguration,
    nodes: &'a ReadyNodes,
    search: &'l Search<'a, 'o>,
    spread: &'l mut SpreadState,
    rng: &'l mut Rng,
    memory: &'l mut Memory,
    /// What happens on a node stays the same until the plan changes what is on it.
    is_exact: bool,
    /// It is the same on nodes of one class with the same room.
    is_by_class: bool,
    metrics: AllocMetric,
    choice: Choice<'a>,
    /// The row that is looked at, where nodes are looked at by their rows.
    row: Option<u32>,
}

impl<'a, 'l> Look<'a, 'l, '_> {
    /// Looks at one node.
    fn at(&mut self, node: &'a Node) {
        self.metrics.nodes_evaluated += 1;
        match self.test_alone(node) {
            Ok(()) => {
                let slot = self.ledger.proposed.slot(node.id);
                self.rank_anew(node, slot);
            }
            Err(reason) => note_filtered(&mut self.metrics, node, &reason),
        }
    }

    /// Looks at one node after the other, and at each as if for the first time. The same comes of
    /// [`Look::around`], only faster.
    fn around_plainly(&mut self, ring: &mut Ring<'a>) {
        let mut left = ring.len();
        while left > 0 && self.choice.wants_more() {
            left -= 1;
            if let Some(row) = ring.next() {
                self.at(ring.node(row));
            }
        }
    }

    /// Looks at one node after the other until enough are ranked.
    fn around(&mut self, ring: &mut Ring<'a>) {
        self.memory.begin(self.nodes, self.ledger.changed());
        let known_from = if self.is_exact {
            memory::KNOWN
        } else {
            memory::PASSED
        };
        // Most nodes were looked at before; where none is to be avoided their score says it all.
        let compares = self.is_exact && self.search.options.penalty.is_empty();
        let mut left = ring.len();
        while left > 0 && self.choice.wants_more() {
            let skim = Skim {
                nodes: self.nodes,
                is_by_class: self.is_by_class,
                is_exact: self.is_exact,
                dull: if compares { self.choice.dull() } else { NEVER },
                most: self.choice.missing(),
            };
            let rows = ring.ahead(left);
            let (passed, ranked) = self.memory.skim(rows, &skim);
            let row = rows.get(passed).copied();
            ring.pass(passed);
            self.choice.pass(ranked);
            left -= passed;
            let Some(row) = row.filter(|_| self.choice.wants_more()) else {
                continue;
            };
            ring.pass(1);
            left -= 1;
            self.row = Some(row);
            let mut code = self.memory.code(row);
            if code < known_from && self.is_by_class {
                code = self.memory.code_by_shape(row, self.nodes);
            }
            if code < known_from {
                self.learn(row, ring.node(row), code);
            } else if self.memory.is_ranked(code) && self.is_exact {
                self.rank_by_code(row, code);
            } else {
                let node = ring.node(row);
                let slot = self.ledger.proposed.slot_of_row(row, node.id);
                self.rank_anew(node, slot);
            }
        }
        let evaluated = ring.len() - left;
        self.metrics.nodes_evaluated += u32::try_from(evaluated).unwrap_or(u32::MAX);
    }

    /// Looks at a node of which too little is known, and keeps what is found out.
    fn learn(&mut self, row: u32, node: &'a Node, code: u32) {
        let shape = self.is_by_class.then(|| self.nodes.shape(row));
        if code != memory::PASSED {
            match self.test_alone(node) {
                Ok(()) if self.group.checks.volumes.is_empty() => {
                    let of_shape = shape.filter(|_| !self.is_exact);
                    self.memory.keep(row, of_shape, memory::PASSED);
                }
                // Volumes may depend on the allocation.
                Ok(()) => {}
                Err(reason) => {
                    // The first of a class is told another reason than the rest.
                    if reason == CLASS_INELIGIBLE {
                        let code = self.memory.filtered(node);
                        self.memory.keep(row, shape, code);
                    }
                    note_filtered(&mut self.metrics, node, &reason);
                    return;
                }
            }
        }
        if !self.is_exact {
            let slot = self.ledger.proposed.slot_of_row(row, node.id);
            self.rank_anew(node, slot);
            return;
        }
        let is_as_made = code == memory::FRESH && self.nodes.is_empty(row);
        let shape = shape.filter(|_| is_as_made);
        let slot = self.ledger.proposed.slot_of_row(row, node.id);
        match self.base_scores(node, slot) {
            Err(dimension) => {
                note_exhausted(&mut self.metrics, node, &dimension);
                let code = self.memory.exhausted(node, dimension);
                self.memory.keep(row, shape, code);
            }
            Ok((_, _, scores)) => {
                let values = self.group.spreads.values(node, self.ledger);
                let code = self.memory.ranked(scores, values);
                self.memory.keep(row, shape, code);
                self.rank_by_code(row, code);
            }
        }
    }

    /// Ranks a node that passed the tests which look at it alone, whatever is known of it.
    fn rank_anew(&mut self, node: &'a Node, slot: usize) {
        if let Err(reason) = self.group.distinct.test(node, self.ledger) {
            note_filtered(&mut self.metrics, node, &reason);
            return;
        }
        let (resources, victims, mut scores) = match self.base_scores(node, slot) {
            Ok(found) => found,
            Err(short) => {
                note_exhausted(&mut self.metrics, node, &short);
                return;
            }
        };
        if !self.search.options.is_per_node {
            scores.penalty = self.penalty(node);
            scores.spread = self.group.spreads.score(node, self.ledger, self.spread);
            scores.preemption = preempt::score(&victims);
        }
        let offered = Offered {
            node,
            row: self.row,
            resources,
            scores,
            victims,
        };
        self.choice.take_offer(offered);
    }

    /// What the node would give, what has to go for it, and the scores that neither the rest of
    /// the plan nor the allocation's past change.
    fn base_scores(&mut self, node: &'a Node, slot: usize) -> Result<Found<'a>, Dimension> {
        let stack = self.group;
        let group = stack.checks.group;
        let (offer, victims) = if self.search.evicts {
            let asked = (group, &stack.needs);
            self.ledger
                .offer_evicting(node, slot, asked, stack.priority, self.rng)?
        } else {
            let usage = self.ledger.proposed.at(slot);
            (
                offer(node, usage, group, &stack.needs, self.rng)?,
                Vec::new(),
            )
        };
        let usage = self.ledger.proposed.at(slot);
        let mut scores = Scores {
            binpack: fullness(node, usage, &offer.total, self.configuration.algorithm),
            devices: offer.device_score,
            ..Scores::default()
        };
        // For jobs that run on every node only how full the node gets counts.
        if !self.search.options.is_per_node {
            let here = usage.same_group(&group.name);
            scores.anti_affinity = anti_affinity::score(here, group.count);
            scores.affinity = stack.affinities.score(node);
        }
        Ok((offer.resources, victims, scores))
    }

    fn rank_by_code(&mut self, row: u32, code: u32) {
        let spreads = &self.group.spreads;
        let mut normalized = self
            .memory
            .normalized(code, spreads, self.ledger, self.spread);
        // Where none is to be avoided there is no need to see the node itself.
        let avoids = !self.search.options.penalty.is_empty();
        let is_penalized = avoids && self.penalty(self.nodes.node(row)).is_some();
        if is_penalized {
            normalized = self.memory.scores(code, true).normalized();
        }
        if avoids || !self.choice.passes(normalized) {
            self.choice.take(Ranked {
                normalized,
                source: Source::Known {
                    row,
                    code,
                    is_penalized,
                },
            });
        }
    }

    fn penalty(&self, node: &Node) -> Option<f64> {
        let is_penalized = self.search.options.penalty.contains(&node.id);
        is_penalized.then_some(penalty::SCORE)
    }

    /// The tests that look at the node alone (spec: scheduling 7.1, steps 2 to 6).
    fn test_alone(&mut self, node: &Node) -> Verdict<'l> {
        let name_index = self.search.options.name_index;
        let checks = &self.group.checks;
        checks.test(self.checks, node, self.cache, name_index)
    }
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

fn note_filtered(metrics: &mut AllocMetric, node: &Node, reason: &str) {
    metrics.nodes_filtered += 1;
    count_class(&mut metrics.class_filtered, &node.node_class, 1);
    metrics.constraint_filtered.add(reason, 1);
}

fn note_exhausted(metrics: &mut AllocMetric, node: &Node, dimension: &Dimension) {
    metrics.nodes_exhausted += 1;
    count_class(&mut metrics.class_exhausted, &node.node_class, 1);
    metrics.dimension_exhausted.add(&dimension.to_string(), 1);
}

impl GroupStack<'_> {
    /// With affinities or spreads more nodes are looked at (spec: scheduling 6.4).
    fn raise_limit(&self, limit: &mut usize, configuration: &SchedulerConfiguration) {
        if !self.affinities.is_empty() || !self.spreads.is_empty() {
            let floor = i64::from(configuration.node_limit_for_feasibility_checks);
            let wanted = floor.max(self.checks.group.count);
            *limit = usize::try_from(wanted).unwrap_or(usize::MAX);
        }
    }
}

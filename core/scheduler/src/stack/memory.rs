//! What is known of the nodes during an attempt, so that looking at one again costs next to
//! nothing.
//!
//! What happens when a node is looked at has a number. Few things happen on many nodes, so counts
//! are kept, and scores computed, once for each number.

use std::collections::BTreeMap;

use yurt_model::{AllocMetric, Counts, Name, Node};
use yurt_state::ReadyNodes;

use super::ledger::Ledger;
use crate::feasible::CLASS_INELIGIBLE;
use crate::fit::Dimension;
use crate::rank::spread::{SpreadState, Spreads, Values};
use crate::rank::{Scores, penalty};

/// What is known of a node: nothing yet, ...
pub(super) const FRESH: u32 = 0;
/// ... nothing, and the plan has changed what is on it, ...
pub(super) const CHANGED: u32 = 1;
/// ... that everything which the node alone decides is fine, ...
pub(super) const PASSED: u32 = 2;
/// ... or, from here on, the number of what happens.
pub(super) const KNOWN: u32 = 3;

/// What happens when a node is looked at.
#[derive(Clone, Debug)]
enum Outcome {
    /// Its class does not do.
    Filtered { class: Name },
    /// Something is short.
    Exhausted { dimension: Name, class: Name },
    /// It is ranked, with these scores but for the spread, whose number is beside them.
    Ranked { scores: Scores, spread: u32 },
}

/// What happens when a node is looked at, in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Filtered,
    Exhausted,
    Ranked,
}

/// The part of an outcome that is touched for every node.
#[derive(Clone, Copy, Debug)]
struct Head {
    kind: Kind,
    /// How often it was seen in this selection.
    seen: u32,
    /// The selection for which `normalized` is true.
    selection: u32,
    normalized: f64,
}

/// The values of one node that spreads look at, and their boost.
#[derive(Clone, Debug)]
struct Mix {
    values: Values,
    selection: u32,
    score: Option<f64>,
}

/// The bits of the scores, and the number of the spread.
type RankKey = (u64, Option<u64>, Option<u64>, u32);

/// What [`Memory::skim`] goes by.
pub(super) struct Skim<'n> {
    pub nodes: &'n ReadyNodes,
    /// What happens is the same on nodes of one class with the same room.
    pub is_by_class: bool,
    /// What is known holds as it is; otherwise only that a class does not do.
    pub is_exact: bool,
    /// A score above the first and up to the second is dull.
    pub dull: (f64, f64),
    /// How many ranked ones are enough.
    pub most: usize,
}

/// What is known of the nodes, for one group of a job version.
#[derive(Default)]
pub(super) struct Memory {
    /// By row.
    codes: Vec<u32>,
    /// By shape: what happens on a node on which nothing runs, or that it is filtered anyway.
    of_shape: Vec<u32>,
    /// How much of the ledger's changes is taken in.
    changes_read: usize,
    heads: Vec<Head>,
    outcomes: Vec<Outcome>,
    filtered: BTreeMap<Name, u32>,
    exhausted: BTreeMap<(Dimension, Name), u32>,
    ranked: BTreeMap<RankKey, u32>,
    mixes: Vec<Mix>,
    mix_numbers: BTreeMap<Values, u32>,
    /// The records of so many nodes whose class does not do.
    ineligible: BTreeMap<u32, Counts>,
    /// Filtered and exhausted ones that were seen in this selection.
    seen: Vec<u32>,
    /// The number of this selection.
    selection: u32,
}

impl Memory {
    /// A selection begins: what the plan has changed since the last is forgotten.
    pub(super) fn begin(&mut self, nodes: &ReadyNodes, changed: &[u32]) {
        self.codes.resize(nodes.row_count(), FRESH);
        self.of_shape.resize(nodes.shape_count(), FRESH);
        for row in &changed[self.changes_read..] {
            self.codes[*row as usize] = CHANGED;
        }
        self.changes_read = changed.len();
        self.selection += 1;
    }

    /// What is known of a row.
    #[inline(always)]
    pub(super) fn code(&self, row: u32) -> u32 {
        self.codes[row as usize]
    }

    /// As [`Memory::code`], from nodes of the same shape if there is nothing better.
    pub(super) fn code_by_shape(&mut self, row: u32, nodes: &ReadyNodes) -> u32 {
        let code = self.code(row);
        if code >= PASSED {
            return code;
        }
        let of_shape = self.of_shape[nodes.shape(row) as usize];
        if of_shape == PASSED {
            self.codes[row as usize] = of_shape;
            return of_shape;
        }
        code
    }

    /// Keeps what happens on a row, and on all of its shape if `shape` is given.
    pub(super) fn keep(&mut self, row: u32, shape: Option<u32>, code: u32) {
        self.codes[row as usize] = code;
        if let Some(shape) = shape {
            self.of_shape[shape as usize] = code;
        }
    }

    pub(super) fn is_ranked(&self, code: u32) -> bool {
        code >= KNOWN && self.heads[(code - KNOWN) as usize].kind == Kind::Ranked
    }

    fn add(&mut self, outcome: Outcome) -> u32 {
        self.heads.push(Head {
            kind: match outcome {
                Outcome::Filtered { .. } => Kind::Filtered,
                Outcome::Exhausted { .. } => Kind::Exhausted,
                Outcome::Ranked { .. } => Kind::Ranked,
            },
            seen: 0,
            selection: 0,
            normalized: 0.0,
        });
        self.outcomes.push(outcome);
        KNOWN + u32::try_from(self.outcomes.len() - 1).unwrap_or(u32::MAX)
    }

    /// The number of: its class does not do.
    pub(super) fn filtered(&mut self, node: &Node) -> u32 {
        if let Some(code) = self.filtered.get(&node.node_class) {
            return *code;
        }
        let class = node.node_class.clone();
        let code = self.add(Outcome::Filtered {
            class: class.clone(),
        });
        self.filtered.insert(class, code);
        code
    }

    /// The number of: something is short.
    pub(super) fn exhausted(&mut self, node: &Node, short: Dimension) -> u32 {
        let key = (short, node.node_class.clone());
        if let Some(code) = self.exhausted.get(&key) {
            return *code;
        }
        let code = self.add(Outcome::Exhausted {
            dimension: key.0.to_string().into(),
            class: key.1.clone(),
        });
        self.exhausted.insert(key, code);
        code
    }

    /// The number of: ranked with these scores, and a spread by these values.
    pub(super) fn ranked(&mut self, scores: Scores, values: Values) -> u32 {
        let spread = match self.mix_numbers.get(&values) {
            Some(number) => *number,
            None => {
                let number = u32::try_from(self.mixes.len()).unwrap_or(u32::MAX);
                self.mix_numbers.insert(values.clone(), number);
                self.mixes.push(Mix {
                    values,
                    selection: 0,
                    score: None,
                });
                number
            }
        };
        let bits = |score: Option<f64>| score.map(f64::to_bits);
        let key = (
            scores.binpack.to_bits(),
            bits(scores.anti_affinity),
            bits(scores.affinity),
            spread,
        );
        if let Some(code) = self.ranked.get(&key) {
            return *code;
        }
        let code = self.add(Outcome::Ranked { scores, spread });
        self.ranked.insert(key, code);
        code
    }

    /// Goes past rows that are some of many: those that are not ranked, and those whose score is
    /// dull, at most so many. How many were passed, and how many of them are ranked.
    ///
    /// This loop runs for every node of every look, and asks nothing that is not a slice: what is
    /// compiled for size does not take other lists to pieces.
    #[inline(never)]
    pub(super) fn skim(&mut self, rows: &[u32], look: &Skim<'_>) -> (usize, usize) {
        let (codes, heads) = (self.codes.as_mut_slice(), self.heads.as_mut_slice());
        let (of_shape, selection) = (self.of_shape.as_slice(), self.selection);
        let (above, until) = look.dull;
        let mut ranked = 0;
        for (passed, row) in rows.iter().enumerate() {
            let row = *row as usize;
            let mut code = codes[row];
            if code < PASSED && look.is_by_class {
                let (shape, is_empty) = look.nodes.state(row);
                let shared = of_shape[shape];
                let Some(head) = heads.get(shared.wrapping_sub(KNOWN) as usize) else {
                    return (passed, ranked);
                };
                if head.kind == Kind::Filtered || (code == FRESH && is_empty) {
                    code = shared;
                    codes[row] = code;
                }
            }
            let Some(head) = heads.get_mut(code.wrapping_sub(KNOWN) as usize) else {
                return (passed, ranked);
            };
            if head.seen > 0 {
                head.seen += 1;
            } else if head.kind == Kind::Ranked {
                let is_dull = above < head.normalized && head.normalized <= until;
                if head.selection != selection || !is_dull {
                    return (passed, ranked);
                }
                ranked += 1;
                if ranked == look.most {
                    return (passed + 1, ranked);
                }
            } else if head.kind == Kind::Filtered || look.is_exact {
                head.seen = 1;
                self.seen.push(code);
            } else {
                return (passed, ranked);
            }
        }
        (rows.len(), ranked)
    }

    /// What a ranked outcome comes to, as the plan is now.
    pub(super) fn normalized(
        &mut self,
        code: u32,
        spreads: &Spreads,
        ledger: &Ledger<'_>,
        state: &mut SpreadState,
    ) -> f64 {
        let head = self.heads[(code - KNOWN) as usize];
        if head.selection == self.selection {
            return head.normalized;
        }
        if let Outcome::Ranked { spread, .. } = self.outcomes[(code - KNOWN) as usize] {
            let mix = &mut self.mixes[spread as usize];
            if mix.selection != self.selection {
                mix.selection = self.selection;
                mix.score = spreads.score_of(&mix.values, ledger, state);
            }
        }
        let normalized = self.scores(code, false).normalized();
        let head = &mut self.heads[(code - KNOWN) as usize];
        head.selection = self.selection;
        head.normalized = normalized;
        normalized
    }

    /// The scores of a ranked outcome, after [`Memory::normalized`], on a node that is to be
    /// avoided or not.
    pub(super) fn scores(&self, code: u32, is_penalized: bool) -> Scores {
        match &self.outcomes[(code - KNOWN) as usize] {
            Outcome::Ranked { scores, spread } => Scores {
                spread: self.mixes[*spread as usize].score,
                penalty: is_penalized.then_some(penalty::SCORE),
                ..*scores
            },
            _ => Scores::default(),
        }
    }

    /// The selection ends: what was counted goes into its record.
    pub(super) fn end(&mut self, metrics: &mut AllocMetric) {
        let mut by_class = 0;
        for code in self.seen.drain(..) {
            let n = std::mem::take(&mut self.heads[(code - KNOWN) as usize].seen);
            match &self.outcomes[(code - KNOWN) as usize] {
                Outcome::Filtered { class } => {
                    metrics.nodes_filtered += n;
                    count_class(&mut metrics.class_filtered, class, n);
                    by_class += n;
                }
                Outcome::Exhausted { dimension, class } => {
                    metrics.nodes_exhausted += n;
                    count_class(&mut metrics.class_exhausted, class, n);
                    metrics.dimension_exhausted.add_name(dimension, n);
                }
                Outcome::Ranked { .. } => {}
            }
        }
        if by_class > 0 && metrics.constraint_filtered.is_empty() {
            // Many selections see the same number, and share its record.
            let record = self.ineligible.entry(by_class).or_insert_with(|| {
                let mut counts = Counts::default();
                counts.add(CLASS_INELIGIBLE, by_class);
                counts
            });
            metrics.constraint_filtered = record.clone();
        } else if by_class > 0 {
            metrics.constraint_filtered.add(CLASS_INELIGIBLE, by_class);
        }
    }
}

/// Adds to the count of a node class, unless the nodes have none.
pub(super) fn count_class(counts: &mut Counts, class: &str, n: u32) {
    if !class.is_empty() {
        counts.add(class, n);
    }
}

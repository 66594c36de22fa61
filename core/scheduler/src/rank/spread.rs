//! Wishes about how to spread (spec: scheduling 9.4).

use std::collections::BTreeMap;

use yurt_model::job::Spread;
use yurt_model::{JobSpec, Name, Node, TaskGroup};

use crate::feasible::target::Target;
use crate::stack::ledger::{Ledger, PropertyCounts};

/// Stands for all values that no target names.
const OTHERS: &str = "*";

/// What persists over the placements and groups of an attempt.
#[derive(Clone, Debug)]
pub(crate) struct SpreadState {
    /// The weights of all blocks that were read so far, of all groups.
    weight_sum: i64,
    /// The lowest boost seen so far.
    lowest: f64,
}

impl Default for SpreadState {
    fn default() -> Self {
        Self {
            weight_sum: 0,
            lowest: -1.0,
        }
    }
}

/// One block.
#[derive(Debug)]
struct Block {
    target: Target,
    weight: i64,
    /// The wanted number for each value; none means evenly.
    desired: BTreeMap<Name, f64>,
    is_even: bool,
}

/// The blocks of one group: the job's first.
#[derive(Debug)]
pub(crate) struct Spreads {
    group: Name,
    blocks: Vec<Block>,
}

impl Spreads {
    /// Reads the blocks; their weights are added to `state`.
    pub(crate) fn new(spec: &JobSpec, group: &TaskGroup, state: &mut SpreadState) -> Self {
        // One wish holds for each attribute, the last of the job's before those of the group; yet every
        // block adds its boost (seen in recordings of two blocks about one attribute).
        let wish = |attribute: &Name| {
            let mut wishes = spec.spreads.iter().rev().chain(group.spreads.iter().rev());
            wishes.find(|wish| wish.attribute == *attribute)
        };
        let mut blocks: Vec<Block> = Vec::new();
        for spread in spec.spreads.iter().chain(&group.spreads) {
            state.weight_sum += spread.weight;
            blocks.push(block(
                wish(&spread.attribute).unwrap_or(spread),
                group.count,
            ));
        }
        Self {
            group: group.name.clone(),
            blocks,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The sum of the blocks' boosts; not recorded when it is 0.
    pub(crate) fn score(
        &self,
        node: &Node,
        ledger: &mut Ledger<'_>,
        state: &mut SpreadState,
    ) -> Option<f64> {
        let mut total = 0.0;
        for block in &self.blocks {
            let counts = ledger.property(&block.target, Some(&self.group));
            let counts = ledger.counts(counts);
            let value = block.target.resolve(node);
            total += match value {
                None if block.is_even && counts.all().next().is_none() => 0.0,
                None => -1.0,
                Some(value) if block.is_even => even_boost(&value, counts),
                Some(value) => block.boost(&value, counts, state),
            };
        }
        (total != 0.0).then_some(total)
    }
}

fn block(spread: &Spread, count: i64) -> Block {
    let mut desired: BTreeMap<Name, f64> = BTreeMap::new();
    let mut sum = 0.0;
    for target in &spread.targets {
        let wanted = target.percent as f64 / 100.0 * count as f64;
        desired.insert(target.value.clone(), wanted);
        sum += wanted;
    }
    if 0.0 < sum && sum < count as f64 {
        desired.insert(OTHERS.into(), count as f64 - sum);
    }
    Block {
        target: Target::parse(&spread.attribute),
        weight: spread.weight,
        is_even: spread.targets.is_empty(),
        desired,
    }
}

impl Block {
    fn boost(&self, value: &str, counts: &PropertyCounts, state: &mut SpreadState) -> f64 {
        let (desired, used) = match self.desired.get(value) {
            Some(desired) => (*desired, counts.used(value)),
            None => match self.desired.get(OTHERS) {
                None => return -1.0,
                Some(desired) => (*desired, self.used_by_others(counts)),
            },
        };
        if desired == 0.0 {
            return state.lowest;
        }
        let weight = self.weight as f64 / state.weight_sum as f64;
        let boost = (desired - (used + 1) as f64) / desired * weight;
        state.lowest = state.lowest.min(boost);
        boost
    }

    fn used_by_others(&self, counts: &PropertyCounts) -> i64 {
        counts
            .all()
            .filter(|(value, _)| !self.desired.contains_key(*value))
            .map(|(_, used)| used)
            .sum()
    }
}

fn even_boost(value: &str, counts: &PropertyCounts) -> f64 {
    let mut range: Option<(i64, i64)> = None;
    for (_, used) in counts.all() {
        let (min, max) = range.unwrap_or((used, used));
        range = Some((min.min(used), max.max(used)));
    }
    let Some((min, max)) = range else {
        return 0.0;
    };
    let current = counts.used(value);
    let part = |n: i64| n as f64 / min as f64;
    if current != min {
        if min == 0 { -1.0 } else { part(min - current) }
    } else if min == max {
        -1.0
    } else if min == 0 {
        1.0
    } else {
        part(max - min)
    }
}

//! Wishes about how to spread (spec: scheduling 9.4).

use std::collections::BTreeSet;

use litemap::LiteMap;
use yurt_model::job::Spread;
use yurt_model::{Name, Node, TaskGroup};

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
    /// The number of its property in the ledger.
    property: usize,
    weight: i64,
    /// The wanted number for each value; none means evenly.
    desired: LiteMap<Name, f64>,
    is_even: bool,
    /// The values that the block itself names; all others are counted together, unless it names
    /// none.
    named: BTreeSet<Name>,
}

/// The values that the blocks see on a node, as numbers of the ledger.
pub(crate) type Values = Vec<Option<u32>>;

/// The blocks of one group: the job's first.
#[derive(Debug)]
pub(crate) struct Spreads {
    blocks: Vec<Block>,
}

impl Spreads {
    /// Reads the blocks, the job's first; their weights are added to `state`.
    pub(crate) fn new(
        of_job: &[Spread],
        group: &TaskGroup,
        state: &mut SpreadState,
        ledger: &mut Ledger<'_>,
    ) -> Self {
        // One wish holds for each attribute, the last of the job's before those of the group; yet
        // every block adds its boost (seen in recordings of two blocks about one attribute).
        let wish = |attribute: &Name| {
            let mut wishes = of_job.iter().rev().chain(group.spreads.iter().rev());
            wishes.find(|wish| wish.attribute == *attribute)
        };
        let mut blocks: Vec<Block> = Vec::new();
        for spread in of_job.iter().chain(&group.spreads) {
            state.weight_sum += spread.weight;
            let wish = wish(&spread.attribute).unwrap_or(spread);
            let mut block = Block::new(spread, wish, group.count);
            block.property = ledger.property(&block.target, Some(&group.name));
            blocks.push(block);
        }
        Self { blocks }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Whether the blocks tell nodes of one class apart.
    pub(crate) fn escapes(&self) -> bool {
        self.blocks.iter().any(|block| block.target.is_unique())
    }

    /// Whether it matters which nodes were looked at before: a value of which none is wanted gets
    /// the lowest boost so far.
    pub(crate) fn looks_back(&self) -> bool {
        let mut blocks = self.blocks.iter();
        blocks.any(|block| block.desired.values().any(|wanted| *wanted == 0.0))
    }

    /// The sum of the blocks' boosts; not recorded when it is 0.
    pub(crate) fn score(
        &self,
        node: &Node,
        ledger: &Ledger<'_>,
        state: &mut SpreadState,
    ) -> Option<f64> {
        let mut total = 0.0;
        for block in &self.blocks {
            let counts = ledger.counts(block.property);
            let value = block.target.resolve(node);
            total += match value {
                None => block.boost_of_none(counts),
                Some(value) => block.boost(&value, counts.used(&value), counts, state),
            };
        }
        (total != 0.0).then_some(total)
    }

    /// What [`Spreads::score_of`] needs of a node.
    pub(crate) fn values(&self, node: &Node, ledger: &mut Ledger<'_>) -> Values {
        let value = |block: &Block| {
            let value = block.target.resolve(node)?;
            Some(ledger.value_number(block.property, &value))
        };
        self.blocks.iter().map(value).collect()
    }

    /// As [`Spreads::score`], for every node with these values.
    pub(crate) fn score_of(
        &self,
        values: &Values,
        ledger: &Ledger<'_>,
        state: &mut SpreadState,
    ) -> Option<f64> {
        let mut total = 0.0;
        for (block, value) in self.blocks.iter().zip(values) {
            let counts = ledger.counts(block.property);
            total += match value {
                None => block.boost_of_none(counts),
                Some(value) => {
                    let used = counts.used_at(*value);
                    block.boost(counts.text(*value), used, counts, state)
                }
            };
        }
        (total != 0.0).then_some(total)
    }
}

impl Block {
    /// A block, and the wish that holds for its attribute.
    fn new(own: &Spread, wish: &Spread, count: i64) -> Self {
        let mut desired: LiteMap<Name, f64> = LiteMap::new();
        let mut sum = 0.0;
        for target in &wish.targets {
            let wanted = target.percent as f64 / 100.0 * count as f64;
            desired.insert(target.value.clone(), wanted);
            sum += wanted;
        }
        if 0.0 < sum && sum < count as f64 {
            desired.insert(OTHERS.into(), count as f64 - sum);
        }
        Self {
            target: Target::parse(&wish.attribute),
            property: 0,
            weight: wish.weight,
            is_even: wish.targets.is_empty(),
            desired,
            named: own
                .targets
                .iter()
                .map(|target| target.value.clone())
                .collect(),
        }
    }

    /// The boost of a node that has no such property.
    fn boost_of_none(&self, counts: &PropertyCounts) -> f64 {
        if self.is_even && counts.range().is_none() {
            0.0
        } else {
            -1.0
        }
    }

    /// The boost of a node with that value, which is used so often.
    fn boost(
        &self,
        value: &str,
        used: i64,
        counts: &PropertyCounts,
        state: &mut SpreadState,
    ) -> f64 {
        if self.is_even {
            return even_boost(used, counts);
        }
        let desired = self.desired.get(value).or_else(|| self.desired.get(OTHERS));
        let Some(desired) = desired.copied() else {
            return -1.0;
        };
        let used = if self.named.is_empty() || self.named.contains(value) {
            used
        } else {
            let of_named: i64 = self.named.iter().map(|value| counts.used(value)).sum();
            counts.total() - of_named
        };
        if desired == 0.0 {
            return state.lowest;
        }
        let weight = self.weight as f64 / state.weight_sum as f64;
        let boost = (desired - (used + 1) as f64) / desired * weight;
        state.lowest = state.lowest.min(boost);
        boost
    }
}

fn even_boost(current: i64, counts: &PropertyCounts) -> f64 {
    let Some((min, max)) = counts.range() else {
        return 0.0;
    };
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

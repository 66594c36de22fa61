//! What one placement saw: the reasons behind a choice or a failure (spec: scheduling 10).
//!
//! Every allocation keeps such a record, so it is small: texts and counts that several have in
//! common are shared, and scores that are 0 take no room.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use crate::{Name, NodeId};

/// The record of one selection. The same record explains a placement ("why here?") and a failure
/// ("why nowhere?").
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AllocMetric {
    /// Nodes looked at.
    pub nodes_evaluated: u32,
    /// Nodes refused by a check.
    pub nodes_filtered: u32,
    /// Candidates in the pool.
    pub nodes_in_pool: u32,
    /// The pool's name.
    pub node_pool: Name,
    /// Candidates by datacenter.
    pub nodes_available: Counts,
    /// Refused nodes by node class.
    pub class_filtered: Counts,
    /// Refused nodes by reason.
    pub constraint_filtered: Counts,
    /// Nodes without room.
    pub nodes_exhausted: u32,
    /// Nodes without room by node class.
    pub class_exhausted: Counts,
    /// Nodes without room by what was short.
    pub dimension_exhausted: Counts,
    /// What each task of the group asked of the short resources: (cpu in MHz, memory in MiB).
    pub resources_exhausted: BTreeMap<Name, (i64, i64)>,
    /// The best nodes, best first, at most five.
    pub scores: NodeScores,
    /// Further placements of the group that were not tried after this failure.
    pub coalesced_failures: u32,
}

/// Numbers by name, in the order of the names. A clone shares them.
#[derive(Clone, PartialEq, Default)]
pub struct Counts(Option<Rc<Vec<(Name, u32)>>>);

impl AllocMetric {
    /// Lets its counts share those of another that are the same.
    pub fn share_counts(&mut self, other: &Self) {
        for (own, other) in [
            (&mut self.nodes_available, &other.nodes_available),
            (&mut self.class_filtered, &other.class_filtered),
            (&mut self.constraint_filtered, &other.constraint_filtered),
        ] {
            if own == other {
                own.clone_from(other);
            }
        }
    }
}

impl Counts {
    fn list(&self) -> &[(Name, u32)] {
        self.0.as_ref().map_or(&[], |list| list)
    }

    /// The names and their numbers.
    pub fn iter(&self) -> std::slice::Iter<'_, (Name, u32)> {
        self.list().iter()
    }

    /// Nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.list()
            .binary_search_by(|(other, _)| (**other).cmp(name))
    }

    /// The number of a name that was counted.
    pub fn get(&self, name: &str) -> Option<u32> {
        self.find(name).ok().map(|place| self.list()[place].1)
    }

    /// Adds to the number of a name; one that is new begins at 0.
    pub fn add(&mut self, name: &str, n: u32) {
        self.add_with(name, n, || name.into());
    }

    /// As [`Counts::add`], with a text that is there already and is shared.
    pub fn add_name(&mut self, name: &Name, n: u32) {
        self.add_with(name, n, || name.clone());
    }

    fn add_with(&mut self, name: &str, n: u32, own: impl FnOnce() -> Name) {
        let place = self.find(name);
        let list = Rc::make_mut(self.0.get_or_insert_default());
        match place {
            Ok(place) => list[place].1 += n,
            Err(place) => {
                // Few more will come.
                list.reserve_exact(1);
                list.insert(place, (own(), n));
            }
        }
    }
}

impl<'a> IntoIterator for &'a Counts {
    type Item = &'a (Name, u32);
    type IntoIter = std::slice::Iter<'a, (Name, u32)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<const N: usize> From<[(Name, u32); N]> for Counts {
    fn from(list: [(Name, u32); N]) -> Self {
        let mut counts = Self::default();
        for (name, n) in list {
            counts.add(&name, n);
        }
        counts
    }
}

/// What a score is for, in the order of the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScoreName {
    /// The wish to spread.
    Spread,
    /// How full the node gets.
    Binpack,
    /// How well its devices suit.
    Devices,
    /// Others of the job on it.
    AntiAffinity,
    /// Preferences.
    Affinity,
    /// Earlier failures there.
    Penalty,
    /// What has to go.
    Preemption,
}

impl ScoreName {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Spread,
        Self::Binpack,
        Self::Devices,
        Self::AntiAffinity,
        Self::Affinity,
        Self::Penalty,
        Self::Preemption,
    ];

    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Spread => "allocation-spread",
            Self::Binpack => "binpack",
            Self::Devices => "devices",
            Self::AntiAffinity => "job-anti-affinity",
            Self::Affinity => "node-affinity",
            Self::Penalty => "node-reschedule-penalty",
            Self::Preemption => "preemption",
        }
    }
}

const SCORES: usize = ScoreName::ALL.len();

/// The scores of one node by name.
#[derive(Clone, Copy, Default, PartialEq)]
pub struct ScoreSet([Option<f64>; SCORES]);

impl ScoreSet {
    /// Sets one score.
    pub const fn set(&mut self, name: ScoreName, score: f64) {
        self.0[name as usize] = Some(score);
    }

    /// One score, by its name in answers.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.iter()
            .find(|(other, _)| *other == name)
            .map(|(_, score)| score)
    }

    /// The scores that are there, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, f64)> {
        ScoreName::ALL
            .into_iter()
            .zip(self.0)
            .filter_map(|(name, score)| score.map(|score| (name.as_str(), score)))
    }
}

/// How one node scored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NodeScore {
    /// The node.
    pub node_id: NodeId,
    /// Scores by name, in the order of the names.
    pub scores: ScoreSet,
    /// The mean of the scores that counted: what is compared.
    pub normalized: f64,
}

/// The nodes with the most of a score, packed.
///
/// For each node its id; then a bit for every score that is there, and unless that byte is
/// [`AS_BEFORE`] a bit for every score that is zero, the mean unless [`IS_MEAN`] is among the
/// latter, and the scores that are not zero.
#[derive(Clone, Default, PartialEq)]
pub struct NodeScores(Box<[u8]>);

/// In place of the bits of the scores that are there: all is as with the node before.
const AS_BEFORE: u8 = 1 << SCORES;
/// Among the bits of the zeros: the mean is that of the other scores.
const IS_MEAN: u8 = 1 << SCORES;

/// What the mean is where only zeros do not count.
fn mean(values: &[f64]) -> f64 {
    let mut sum = 0.0;
    for value in values {
        sum += value;
    }
    sum / values.len() as f64
}

impl NodeScores {
    /// How many nodes are kept at most (spec: scheduling 1).
    pub const MAX: usize = 5;

    /// Packs records; those beyond [`NodeScores::MAX`] are left out.
    pub fn new(records: impl IntoIterator<Item = NodeScore>) -> Self {
        let mut packer = ScorePacker::default();
        for record in records.into_iter().take(Self::MAX) {
            packer.push(&record);
        }
        packer.end()
    }

    /// No node was ranked.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The records, best first.
    pub fn iter(&self) -> impl Iterator<Item = NodeScore> {
        let mut rest = &*self.0;
        let mut before = (ScoreSet::default(), 0.0);
        std::iter::from_fn(move || {
            let id = u128::from_le_bytes(take(&mut rest)?);
            let [set] = take(&mut rest)?;
            if set != AS_BEFORE {
                before = take_scores(set, &mut rest)?;
            }
            let (scores, normalized) = before;
            Some(NodeScore {
                node_id: NodeId(crate::Uuid(id)),
                scores,
                normalized,
            })
        })
    }
}

/// Packs the records of at most [`NodeScores::MAX`] nodes, one after the other. Every placement
/// does.
#[derive(Default)]
pub struct ScorePacker {
    bytes: Bytes,
    before: Option<NodeScore>,
}

impl ScorePacker {
    /// The record of the next node.
    pub fn push(&mut self, record: &NodeScore) {
        if let Some(before) = &self.before
            && record.has_bits_of(before)
        {
            self.push_alike(record.node_id);
            return;
        }
        self.bytes.push(record.node_id.0.0.to_le_bytes());
        self.bytes.push_scores(record);
        self.before = Some(*record);
    }

    /// The next node, whose scores are those of the node before.
    pub fn push_alike(&mut self, node_id: NodeId) {
        self.bytes.push(node_id.0.0.to_le_bytes());
        self.bytes.push([AS_BEFORE]);
    }

    /// The packed records.
    pub fn end(self) -> NodeScores {
        NodeScores(self.bytes.all[..self.bytes.length].into())
    }
}

impl NodeScore {
    /// All but the node is the same, to the bit: minus zero is a number of its own.
    fn has_bits_of(&self, other: &Self) -> bool {
        let bits = |score: Option<f64>| score.map(f64::to_bits);
        let mut pairs = self.scores.0.iter().zip(&other.scores.0);
        pairs.all(|(own, other)| bits(*own) == bits(*other))
            && self.normalized.to_bits() == other.normalized.to_bits()
    }
}

/// Room for the records of as many nodes as are kept.
struct Bytes {
    all: [u8; NodeScores::MAX * (size_of::<u128>() + 2 + (1 + SCORES) * size_of::<f64>())],
    length: usize,
}

impl Default for Bytes {
    fn default() -> Self {
        let all = [0; _];
        Self { all, length: 0 }
    }
}

impl Bytes {
    fn push<const N: usize>(&mut self, bytes: [u8; N]) {
        // As an array of known length it is a store or two.
        if let Some(place) = self.all[self.length..].first_chunk_mut() {
            *place = bytes;
        }
        self.length += N;
    }

    fn push_scores(&mut self, record: &NodeScore) {
        let (mut set, mut zero) = (0, 0);
        let (mut values, mut count) = ([0.0; SCORES], 0);
        for (place, score) in record.scores.0.into_iter().enumerate() {
            let Some(score) = score else { continue };
            set |= 1 << place;
            if score.to_bits() == 0 {
                zero |= 1 << place;
            } else {
                values[count] = score;
                count += 1;
            }
        }
        let values = &values[..count];
        let is_mean = mean(values).to_bits() == record.normalized.to_bits();
        self.push([set, if is_mean { zero | IS_MEAN } else { zero }]);
        if !is_mean {
            self.push(record.normalized.to_le_bytes());
        }
        for value in values {
            self.push(value.to_le_bytes());
        }
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (bytes, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*bytes)
}

/// The scores that are there by these bits, and their mean.
fn take_scores(set: u8, rest: &mut &[u8]) -> Option<(ScoreSet, f64)> {
    let [zero] = take(rest)?;
    let told = if zero & IS_MEAN == 0 {
        Some(f64::from_le_bytes(take(rest)?))
    } else {
        None
    };
    let mut scores = ScoreSet::default();
    let (mut values, mut count) = ([0.0; SCORES], 0);
    for (place, score) in scores.0.iter_mut().enumerate() {
        if set >> place & 1 == 0 {
            continue;
        }
        let mut value = 0.0;
        if zero >> place & 1 == 0 {
            value = f64::from_le_bytes(take(rest)?);
            values[count] = value;
            count += 1;
        }
        *score = Some(value);
    }
    Some((scores, told.unwrap_or_else(|| mean(&values[..count]))))
}

// Their texts say what they hold, not how.

impl fmt::Debug for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.iter().map(|(name, n)| (name, n));
        f.debug_map().entries(entries).finish()
    }
}

impl fmt::Debug for ScoreSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl fmt::Debug for NodeScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Uuid;

    #[test]
    fn counts_stand_in_the_order_of_their_names() {
        let mut counts: Counts = [("b".into(), 2), ("a".into(), 1)].into();
        let shared = counts.clone();
        counts.add("b", 3);
        counts.add("aa", 7);
        let list: Vec<_> = counts.iter().map(|(name, n)| (&**name, *n)).collect();
        assert_eq!(list, [("a", 1), ("aa", 7), ("b", 5)]);
        assert_eq!((shared.get("b"), shared.get("aa")), (Some(2), None));
        assert!(Counts::default().is_empty() && !shared.is_empty());
    }

    #[test]
    fn packed_scores_come_out_as_they_were() {
        let record = |n: u128, scores: ScoreSet| NodeScore {
            node_id: NodeId(Uuid(n)),
            scores,
            normalized: n as f64 / 3.0,
        };
        let with = |mut set: ScoreSet, names: &[ScoreName], score| {
            names.iter().for_each(|name| set.set(*name, score));
            set
        };
        let none = ScoreSet::default();
        let all = |score| with(none, &ScoreName::ALL, score);
        let records = [
            record(1, with(none, &[ScoreName::Binpack], 0.7)),
            record(2, none),
            record(3, with(none, &[ScoreName::Preemption], -0.0)),
            record(4, all(0.0)),
            record(5, all(-0.5)),
        ];
        let same = |n| NodeScore {
            normalized: 0.25,
            ..record(n, with(all(0.25), &[ScoreName::Spread], 0.0))
        };
        let alike = [same(6), same(7), record(8, all(0.25))];
        assert!(ScoreName::ALL.is_sorted_by_key(|name| name.as_str()));
        let packed = NodeScores::new(records);
        let out: Vec<NodeScore> = packed.iter().collect();
        // By their texts, in which minus zero is not zero.
        assert_eq!(format!("{out:?}"), format!("{records:?}"));
        assert_eq!(out[3].scores.iter().count(), 7);
        assert_eq!(out[0].scores.get("binpack"), Some(0.7));
        let packed = NodeScores::new(alike);
        let out: Vec<NodeScore> = packed.iter().collect();
        assert_eq!(format!("{out:?}"), format!("{alike:?}"));
        // The second needs no more than its id.
        let six = size_of::<f64>() * 6;
        assert_eq!(
            packed.0.len(),
            (16 + 2 + six) + (16 + 1) + (16 + 2 + six + 16)
        );
    }
}

//! The indexes of a group's names: which are taken, which are taken twice (spec: deployments 11).

use std::collections::{BTreeMap, BTreeSet};

use super::set::AllocSet;

/// Taken indexes, and how often an index is taken beyond once.
#[derive(Clone, Debug)]
pub(crate) struct NameIndex {
    taken: BTreeSet<u32>,
    duplicates: BTreeMap<u32, u32>,
    count: u32,
    /// No free index below this one.
    lowest: u32,
}

impl NameIndex {
    /// The indexes that these allocations take, in a group of `count`.
    pub(crate) fn new(count: u32, allocs: &AllocSet<'_>) -> Self {
        let mut index = Self {
            taken: BTreeSet::new(),
            duplicates: BTreeMap::new(),
            count,
            lowest: 0,
        };
        for alloc in allocs.iter() {
            if !index.taken.insert(alloc.name_index) {
                *index.duplicates.entry(alloc.name_index).or_insert(0) += 1;
            }
        }
        index
    }

    /// Takes the `n` highest taken indexes out and returns them.
    pub(crate) fn highest(&mut self, n: usize) -> BTreeSet<u32> {
        let mut out = BTreeSet::new();
        while out.len() < n {
            let Some(index) = self.taken.pop_last() else {
                break;
            };
            self.lowest = self.lowest.min(index);
            out.insert(index);
        }
        out
    }

    /// `n` indexes to use: the lowest free ones below the count; when there are no more, 0, 1, 2, …
    pub(crate) fn next(&mut self, n: usize) -> Vec<u32> {
        let mut out = Vec::with_capacity(n);
        while out.len() < n && self.lowest < self.count {
            if self.taken.insert(self.lowest) {
                out.push(self.lowest);
            }
            self.lowest += 1;
        }
        out.extend((0..).take(n - out.len()));
        out
    }

    /// `n` indexes for canaries: those of allocations to be replaced, then free ones below the
    /// count, then the ones from the count on. Existing canaries' names are not used again in the
    /// first two.
    pub(crate) fn next_canaries(
        &self,
        n: usize,
        existing: &AllocSet<'_>,
        destructive: &AllocSet<'_>,
    ) -> Vec<u32> {
        let existing = existing.name_indexes();
        let replaced = destructive.name_indexes();
        let of_replaced = replaced
            .iter()
            .copied()
            .filter(|index| *index < self.count && !existing.contains(index));
        let free = (0..self.count).filter(|index| {
            !self.taken.contains(index) && !existing.contains(index) && !replaced.contains(index)
        });
        of_replaced
            .chain(free)
            .chain(self.count..)
            .take(n)
            .collect()
    }

    /// One use of the index ends.
    pub(crate) fn unset(&mut self, index: u32) {
        match self.duplicates.get_mut(&index) {
            Some(more) if *more > 0 => *more -= 1,
            _ => {
                self.taken.remove(&index);
                self.lowest = self.lowest.min(index);
            }
        }
    }

    /// The index under which a new allocation is really placed: another one when the wanted one is
    /// taken more than once.
    pub(crate) fn repaired(&mut self, wanted: u32) -> u32 {
        if self.duplicates.get(&wanted).is_none_or(|more| *more == 0) {
            return wanted;
        }
        let index = self.next(1)[0];
        self.unset(wanted);
        index
    }
}

//! The plan so far, as later choices see it: room on nodes, and values of properties that are in
//! use.

use std::collections::BTreeMap;
use std::rc::Rc;

use litemap::LiteMap;
use yurt_model::{AllocId, Allocation, JobKey, Name, Node, NodeId, Rng, TaskGroup};
use yurt_state::Store;

use super::proposed::Proposed;
use crate::feasible::target::Target;
use crate::fit::Dimension;
use crate::preempt::{self, Asker, Evicted};
use crate::rank::offer::Offer;
use crate::resources::GroupNeeds;

/// How often one value is in use.
#[derive(Clone, Copy, Debug, Default)]
struct Use {
    existing: i64,
    planned: i64,
    cleared: i64,
    /// It is or was in use.
    is_known: bool,
}

impl Use {
    /// How often it is used once the plan is carried out.
    fn count(&self) -> i64 {
        let mut cleared = self.cleared;
        if self.planned > 0 && cleared > 1 {
            cleared -= 1; // As the reference does, whatever the reason.
        }
        (self.existing + self.planned - cleared).max(0)
    }
}

/// How often each value of a property is in use by our job (spec: scheduling 7.3, 9.4).
#[derive(Clone, Debug)]
pub(crate) struct PropertyCounts {
    target: Target,
    /// Only this group's allocations count.
    group: Option<Name>,
    /// The values that anybody has asked about, as numbers.
    numbers: BTreeMap<Rc<str>, u32>,
    texts: Vec<Rc<str>>,
    uses: Vec<Use>,
    /// How many of the values that are or were in use are used so often.
    levels: LiteMap<i64, usize>,
    total: i64,
}

/// What an allocation does to the counts of a property.
#[derive(Clone, Copy)]
enum Kind {
    Existing,
    Planned,
    Cleared,
}

impl PropertyCounts {
    fn new(target: Target, group: Option<Name>) -> Self {
        Self {
            target,
            group,
            numbers: BTreeMap::new(),
            texts: Vec::new(),
            uses: Vec::new(),
            levels: LiteMap::new(),
            total: 0,
        }
    }

    fn counts(&self, group: &str) -> bool {
        self.group.as_ref().is_none_or(|own| &**own == group)
    }

    /// How often a value is used once the plan is carried out.
    pub(crate) fn used(&self, value: &str) -> i64 {
        let number = self.numbers.get(value);
        number.map_or(0, |number| self.used_at(*number))
    }

    /// As [`PropertyCounts::used`], of the value with that number.
    pub(crate) fn used_at(&self, number: u32) -> i64 {
        self.uses[number as usize].count()
    }

    /// The number of a value, for [`PropertyCounts::used_at`].
    pub(crate) fn number(&mut self, value: &str) -> u32 {
        if let Some(number) = self.numbers.get(value) {
            return *number;
        }
        self.uses.push(Use::default());
        let number = u32::try_from(self.uses.len() - 1).unwrap_or(u32::MAX);
        let text: Rc<str> = value.into();
        self.texts.push(text.clone());
        self.numbers.insert(text, number);
        number
    }

    /// The value with that number.
    pub(crate) fn text(&self, number: u32) -> &str {
        &self.texts[number as usize]
    }

    /// The lowest and the highest use among the values that are or were in use, if there are any.
    pub(crate) fn range(&self) -> Option<(i64, i64)> {
        let (min, _) = self.levels.first()?;
        let (max, _) = self.levels.last()?;
        Some((*min, *max))
    }

    /// The uses of all values together.
    pub(crate) fn total(&self) -> i64 {
        self.total
    }

    /// Counts one allocation more (or less) with this value.
    fn count(&mut self, kind: Kind, value: &str, n: i64) {
        let number = self.number(value);
        let entry = &mut self.uses[number as usize];
        let before = entry.is_known.then(|| entry.count());
        match kind {
            Kind::Existing => entry.existing += n,
            Kind::Planned => entry.planned += n,
            Kind::Cleared => entry.cleared += n,
        }
        entry.is_known |= !matches!(kind, Kind::Cleared);
        let after = entry.is_known.then(|| entry.count());
        if let Some(level) = before {
            self.total -= level;
            match self.levels.get_mut(&level) {
                Some(values) if *values > 1 => *values -= 1,
                _ => {
                    self.levels.remove(&level);
                }
            }
        }
        if let Some(level) = after {
            self.total += level;
            *self.levels.entry(level).or_insert(0) += 1;
        }
    }
}

/// A change of the plan that properties must know of.
#[derive(Clone, Debug)]
struct Entry {
    alloc: AllocId,
    group: Name,
    node: NodeId,
}

/// The plan so far.
pub(crate) struct Ledger<'a> {
    store: &'a Store,
    job: JobKey,
    pub(crate) proposed: Proposed<'a>,
    planned: Vec<Entry>,
    cleared: Vec<Entry>,
    properties: Vec<PropertyCounts>,
    evicted: Evicted,
}

impl<'a> Ledger<'a> {
    pub(crate) fn new(store: &'a Store, job: JobKey) -> Self {
        Self {
            store,
            proposed: Proposed::new(store, job.namespace.clone(), job.id.clone()),
            job,
            planned: Vec::new(),
            cleared: Vec::new(),
            properties: Vec::new(),
            evicted: Evicted::new(),
        }
    }

    /// Rows of nodes on which the plan has changed something, in order, perhaps repeatedly.
    pub(crate) fn changed(&self) -> &[u32] {
        &self.proposed.changed
    }

    fn entry(alloc: &Allocation) -> Entry {
        Entry {
            alloc: alloc.id,
            group: alloc.group.clone(),
            node: alloc.node_id,
        }
    }

    fn change(&mut self, entry: &Entry, kind: Kind, n: i64) {
        if self.properties.is_empty() {
            return;
        }
        let Some(node) = self.store.node(entry.node) else {
            return;
        };
        for property in &mut self.properties {
            if property.counts(&entry.group) {
                let value = property
                    .target
                    .resolve(node)
                    .map(|value| value.into_owned());
                if let Some(value) = value {
                    property.count(kind, &value, n);
                }
            }
        }
    }

    /// The plan stops an allocation.
    pub(crate) fn stop(&mut self, alloc: &Allocation) {
        self.proposed.stop(alloc);
        if !alloc.is_terminal() {
            let entry = Self::entry(alloc);
            self.change(&entry, Kind::Cleared, 1);
            self.cleared.push(entry);
        }
    }

    /// The plan evicts an allocation of another job.
    pub(crate) fn evict(&mut self, alloc: &Allocation) {
        // Properties count our own job alone.
        self.proposed.stop(alloc);
        let key = (alloc.job_key(), alloc.group.clone());
        *self.evicted.entry(key).or_insert(0) += 1;
    }

    /// What a node would give a group of our job if less important allocations went.
    pub(crate) fn offer_evicting(
        &mut self,
        node: &Node,
        slot: usize,
        asked: (&TaskGroup, &GroupNeeds),
        priority: i64,
        rng: &mut Rng,
    ) -> Result<(Offer, Vec<&'a Rc<Allocation>>), Dimension> {
        let asker = Asker {
            priority,
            evicted: &self.evicted,
        };
        let usage = self.proposed.at(slot);
        preempt::offer_evicting(node, self.store, usage, asked, rng, asker)
    }

    /// The plan leaves an allocation where it is after all.
    pub(crate) fn unstop(&mut self, alloc: &Allocation) {
        self.proposed.unstop(alloc);
        if let Some(position) = self
            .cleared
            .iter()
            .rposition(|entry| entry.alloc == alloc.id)
        {
            let entry = self.cleared.remove(position);
            self.change(&entry, Kind::Cleared, -1);
        }
    }

    /// The plan adds an allocation, or writes an existing one anew. The latter counts twice for
    /// properties, as in the reference (seen in recordings of even spreads after updates in place).
    pub(crate) fn place(&mut self, alloc: &Allocation) {
        if alloc.is_terminal() {
            return;
        }
        self.proposed.place(alloc);
        let entry = Self::entry(alloc);
        self.change(&entry, Kind::Planned, 1);
        self.planned.push(entry);
    }

    /// The counts of a property, kept true from now on; the same number for the same question.
    pub(crate) fn property(&mut self, target: &Target, group: Option<&Name>) -> usize {
        let known = self
            .properties
            .iter()
            .position(|property| property.target == *target && property.group.as_ref() == group);
        if let Some(known) = known {
            return known;
        }
        let mut property = PropertyCounts::new(target.clone(), group.cloned());
        let store = self.store;
        let value = |node: NodeId| {
            let node: &Node = store.node(node)?;
            target.resolve(node).map(|value| value.into_owned())
        };
        for alloc in store.allocs_of_job(&self.job) {
            if !alloc.is_terminal()
                && property.counts(&alloc.group)
                && let Some(value) = value(alloc.node_id)
            {
                property.count(Kind::Existing, &value, 1);
            }
        }
        for (entries, kind) in [
            (&self.planned, Kind::Planned),
            (&self.cleared, Kind::Cleared),
        ] {
            for entry in entries {
                let value = value(entry.node).filter(|_| property.counts(&entry.group));
                if let Some(value) = value {
                    property.count(kind, &value, 1);
                }
            }
        }
        self.properties.push(property);
        self.properties.len() - 1
    }

    /// The number of a value among those of a property.
    pub(crate) fn value_number(&mut self, property: usize, value: &str) -> u32 {
        self.properties[property].number(value)
    }

    /// The counts under a number of [`Ledger::property`].
    pub(crate) fn counts(&self, property: usize) -> &PropertyCounts {
        &self.properties[property]
    }
}

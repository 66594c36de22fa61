//! Ordered sets of one group's allocations.
//!
//! Order: by index of the name, then create index, then id. Where the reference leaves an order
//! open, this is the order that we fix (spec: deployments 0).

use std::collections::BTreeSet;
use std::rc::Rc;

use yurt_model::{AllocId, Allocation, Gather, InOrder, Index};

/// An allocation of the store, by reference.
pub(crate) type AllocRef<'a> = &'a Rc<Allocation>;

/// Some allocations of one group, in order, each once.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllocSet<'a>(Vec<AllocRef<'a>>);

fn key(alloc: &Allocation) -> (u32, Index, AllocId) {
    (alloc.name_index, alloc.create_index, alloc.id)
}

impl<'a> AllocSet<'a> {
    /// The set of these allocations.
    pub(crate) fn new(mut list: Vec<AllocRef<'a>>) -> Self {
        list.put_in_order_by_key(|alloc| key(alloc));
        list.dedup_by_key(|alloc| alloc.id);
        Self(list)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = AllocRef<'a>> + '_ {
        self.0.iter().copied()
    }

    pub(crate) fn contains(&self, alloc: &Allocation) -> bool {
        let wanted = key(alloc);
        self.0
            .binary_search_by_key(&wanted, |alloc| key(alloc))
            .is_ok()
    }

    /// The members that are not in `others`.
    pub(crate) fn without(&self, others: &Self) -> Self {
        if others.is_empty() {
            return self.clone();
        }
        Self(
            self.iter()
                .filter(|alloc| !others.contains(alloc))
                .collect(),
        )
    }

    /// The members of both.
    pub(crate) fn union(mut self, others: &Self) -> Self {
        if others.is_empty() {
            return self;
        }
        self.0.extend(others.iter());
        Self::new(self.0)
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&Allocation) -> bool) {
        self.0.retain(|alloc| keep(alloc));
    }

    /// The members that are, and those that are not.
    pub(crate) fn partition(self, is: impl Fn(&Allocation) -> bool) -> (Self, Self) {
        let (yes, no) = self.0.into_iter().partition(|alloc| is(alloc));
        (Self(yes), Self(no))
    }

    /// The indexes of the names.
    pub(crate) fn name_indexes(&self) -> BTreeSet<u32> {
        self.iter().map(|alloc| alloc.name_index).gather()
    }
}

//! Putting lists in order without a copy of the sorting code for each kind of list.
//!
//! Belongs here: the stable sort that all of `core/` uses. The standard library's is compiled anew
//! for every element type, about five kilobytes of wasm each time; here one copy sorts positions,
//! and what is compiled for each type only moves elements. It makes one allocation of four bytes
//! an element and compares through a pointer: use the standard sort where that is measured to
//! matter. May import: std.

use std::cmp::Ordering;

/// Stable sorting of any list.
pub trait InOrder<T> {
    /// Sorts by a comparison; equal elements keep their places among each other.
    fn put_in_order_by(&mut self, compare: impl FnMut(&T, &T) -> Ordering);

    /// Sorts by a key, which is asked for again in each comparison; equal elements keep their
    /// places among each other.
    fn put_in_order_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.put_in_order_by(|left, right| key(left).cmp(&key(right)));
    }
}

/// Collecting into maps and sets without a sort: the standard library's `collect` puts the pairs in
/// order first, by a sort that is compiled anew for each type of pair.
pub trait Gather: Iterator + Sized {
    /// The items, put in one after the other; as with `collect`, of equal keys the last one counts.
    fn gather<C: Default + Extend<Self::Item>>(self) -> C {
        let mut all = C::default();
        all.extend(self);
        all
    }
}

impl<I: Iterator> Gather for I {}

impl<T> InOrder<T> for [T] {
    fn put_in_order_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        let mut source = sorted_positions(self.len(), &mut |left, right| {
            compare(&self[left], &self[right])
        });
        // Each cycle of the permutation is walked once; a place that is done points at itself.
        for start in 0..self.len() {
            let mut place = start;
            loop {
                let from = std::mem::replace(&mut source[place], place as u32) as usize;
                if from == start {
                    break;
                }
                self.swap(place, from);
                place = from;
            }
        }
    }
}

/// For each place of the sorted list, the position its element has now.
fn sorted_positions(length: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<u32> {
    let mut positions: Vec<u32> = (0..length as u32).collect();
    positions.sort_by(|left, right| compare(*left as usize, *right as usize));
    positions
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::Rng;

    #[test]
    fn gathers_as_collect_collects() {
        let pairs = [(3, 'a'), (1, 'b'), (3, 'c'), (2, 'd')];
        let gathered: BTreeMap<i32, char> = pairs.into_iter().gather();
        let collected: BTreeMap<i32, char> = pairs.into_iter().collect();
        assert_eq!(gathered, collected);
    }

    #[test]
    fn sorts_as_the_standard_library_does() {
        let mut rng = Rng::new(7);
        for length in 0..70 {
            let list: Vec<(u32, usize)> = (0..length).map(|at| (rng.below(9), at)).collect();
            let (mut ours, mut theirs) = (list.clone(), list);
            ours.put_in_order_by_key(|item| item.0);
            theirs.sort_by_key(|item| item.0);
            assert_eq!(ours, theirs);
        }
    }
}

//! Chance as a tree: each owner draws from a stream of its own.
//!
//! A child stream depends on the parent's seed, a label and a number, never on how much the parent
//! has drawn, so adding a node does not rename another node's allocations.

/// A deterministic stream of numbers (SplitMix64). Cheap to copy and to store in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng {
    seed: u64,
    state: u64,
}

// Part of every draw: what is compiled for size would call it.
#[inline(always)]
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Rng {
    /// The root stream of a world.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            state: mix(seed ^ 0x9e37_79b9_7f4a_7c15),
        }
    }

    /// The stream of one owner: the same for the same label and number, however much `self` has
    /// drawn.
    pub fn child(&self, label: &str, number: u64) -> Self {
        let mut hash = self.seed ^ 0xcbf2_9ce4_8422_2325;
        for byte in label.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Self::new(mix(hash) ^ mix(number.wrapping_add(0x9e37_79b9_7f4a_7c15)))
    }

    /// The next 64 random bits.
    #[inline(always)]
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    /// A number in `0..bound`, each equally likely to within 2^-32; 0 when `bound` is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        let high = self.next_u64() >> 32;
        u32::try_from((high * u64::from(bound)) >> 32).unwrap_or(0)
    }

    /// A fraction in `0.0..1.0` with 53 random bits.
    pub fn fraction(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Puts `items` in a random order (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            let bound = u32::try_from(i + 1).unwrap_or(u32::MAX);
            items.swap(i, self.below(bound) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_does_not_depend_on_what_its_parent_drew() {
        let mut parent = Rng::new(7);
        let before = parent.child("node", 3);
        parent.next_u64();
        assert_eq!(before, parent.child("node", 3));
        assert_ne!(before, parent.child("node", 4));
        assert_ne!(before, parent.child("alloc", 3));
    }

    #[test]
    fn below_stays_below() {
        let mut rng = Rng::new(1);
        assert!((0..1000).all(|_| rng.below(7) < 7));
        assert_eq!(rng.below(0), 0);
    }
}

//! Random worlds and what happens in them, to find what must never be.
//!
//! Belongs here: from a seed to a world, its jobs and a walk of requests, faults and time, with the
//! invariants checked after every step. Not here: the invariants themselves (`yurt_engine::sim`),
//! a clock or threads (the command line has them). May import: engine, state, jobspec, model.
//!
//! The same seed gives the same walk and the same digest natively and in wasm.

#![forbid(unsafe_code)]

mod coverage;
mod jobs;
mod options;
mod walk;

use std::fmt;

use yurt_engine::Violation;

pub use coverage::Coverage;
pub use options::Options;

/// How a walk ended that found nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// A number for everything that can be seen in the store at the end.
    pub digest: u64,
    /// How many events happened.
    pub events: usize,
    /// How many of them the servers refused.
    pub refused: usize,
    /// How many allocations there were in the end.
    pub allocations: usize,
}

/// A walk that found something.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The walk to take again.
    pub seed: u64,
    /// The number of the event after which it was seen.
    pub event: usize,
    /// That event.
    pub what: String,
    /// What was seen.
    pub violations: Vec<Violation>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "seed {}: after event {}: {}",
            self.seed, self.event, self.what
        )?;
        for violation in &self.violations {
            writeln!(f, "  {violation}")?;
        }
        Ok(())
    }
}

/// Takes the walk of a seed; `tell` hears of each event before it happens.
pub fn run(seed: u64, tell: &mut dyn FnMut(usize, &str)) -> Result<Outcome, Failure> {
    walk::Walk::new(seed).run(tell)
}

// The same unit tests run as wasm: see CONTRIBUTING.md.
#[cfg(all(test, target_arch = "wasm32"))]
#[macro_use]
extern crate yurt_everywhere;

#[cfg(test)]
mod tests {
    use super::*;

    fn digests(seeds: std::ops::Range<u64>) -> u64 {
        seeds.fold(0xcbf2_9ce4_8422_2325, |hash, seed| {
            let outcome = run(seed, &mut |_, _| ()).unwrap_or_else(|failure| panic!("{failure}"));
            (hash ^ outcome.digest).wrapping_mul(0x0000_0100_0000_01b3)
        })
    }

    /// Pins, not truths: they change whenever a decision does, and then the new numbers are taken
    /// from the messages. What counts is that they are the same natively and in wasm. One test for
    /// each 200 seeds, so that they run side by side.
    mod walks_end_the_same_natively_and_in_wasm {
        use super::digests;

        #[test]
        fn from_0() {
            assert_eq!(digests(0..200), 5_223_392_124_346_326_991);
        }

        #[test]
        fn from_200() {
            assert_eq!(digests(200..400), 3_550_535_574_866_928_959);
        }

        #[test]
        fn from_400() {
            assert_eq!(digests(400..600), 15_292_942_036_252_494_765);
        }

        #[test]
        fn from_600() {
            assert_eq!(digests(600..800), 5_900_531_365_777_473_001);
        }

        #[test]
        fn from_800() {
            assert_eq!(digests(800..1000), 1_559_159_987_949_474_463);
        }
    }

    /// What walks must meet to be worth their time, and in how many of 200 at least.
    #[test]
    fn walks_meet_what_there_is() {
        let mut coverage = Coverage::default();
        (0..200).for_each(|seed| coverage.walk(seed));
        let wanted = [
            ("allocation is a canary of a service", 20),
            ("allocation is a canary of a system", 5),
            ("allocation is service unknown", 8),
            ("allocation is system unknown", 4),
            ("allocation is preempted service", 3),
            ("allocation is preempted system", 1),
            ("canaries are promoted of a service", 20),
            ("canaries are promoted of a system", 2),
            ("event JobTag", 20),
            ("event JobUntag", 4),
            ("job is forgotten", 10),
            ("job is as it was in a version unstable", 10),
            ("node is forgotten", 3),
            ("allocation is system failed", 5),
            ("allocation is sysbatch complete", 10),
            ("deployment Deployment completed successfully", 40),
            ("evaluation for preemption", 2),
            ("evaluation for reconnect", 5),
            ("evaluation for node-drain", 10),
            ("job is child batch", 10),
            ("job is child sysbatch", 5),
            ("task event Driver Failure", 10),
            ("task event Leader Task Dead", 5),
            ("task event Restart Signaled", 10),
            ("task event Signaling", 5),
            ("task has cores", 10),
            ("task has devices", 3),
            ("task is clean running", 5),
            ("walk comes to rest", 100),
        ];
        for (what, least) in wanted {
            let walks = coverage.walks_with(what);
            assert!(walks >= least, "{what}: in {walks} walks\n{coverage}");
        }
    }

    #[test]
    fn a_seed_is_a_walk() {
        assert_eq!(digests(0..20), digests(0..20));
        assert_ne!(digests(0..20), digests(20..40));
    }
}

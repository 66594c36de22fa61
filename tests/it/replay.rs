//! A journal is the whole history: played again it gives the same store, to the bit, natively and
//! in wasm.

use proptest::prelude::*;
use yurt_engine::sim::digest;
use yurt_engine::{Cluster, Journal};
use yurt_model::Duration;

use crate::walks::{self, Event, Version};

fn walked(events: &[Event]) -> Cluster {
    let mut cluster = Cluster::new(walks::world()).expect("the world is in order");
    for event in events {
        walks::happen(&mut cluster, event);
    }
    cluster
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn a_journal_gives_the_same_store(events in walks::walk()) {
        let cluster = walked(&events);
        let again = cluster.journal().replay(walks::world(), cluster.now());
        let again = again.expect("the world is in order");
        prop_assert_eq!(digest(again.store()), digest(cluster.store()));
        prop_assert_eq!(again.next_wakeup(), cluster.next_wakeup());
    }

    #[test]
    fn so_does_its_text(events in walks::walk()) {
        let cluster = walked(&events);
        let text = cluster.journal().to_text();
        let read = Journal::from_text(&text).expect("we read what we write");
        prop_assert_eq!(read.to_text(), text);
        let again = read.replay(walks::world(), cluster.now()).expect("the world is in order");
        prop_assert_eq!(digest(again.store()), digest(cluster.store()));
    }

    #[test]
    fn a_branch_goes_its_own_way(events in walks::walk(), more in walks::walk()) {
        let mut cluster = walked(&events);
        let branch = cluster.clone();
        let before = digest(branch.store());
        for event in &more {
            walks::happen(&mut cluster, event);
        }
        prop_assert_eq!(digest(branch.store()), before);
        let mut branch = branch;
        for event in &more {
            walks::happen(&mut branch, event);
        }
        prop_assert_eq!(digest(branch.store()), digest(cluster.store()));
    }
}

/// A rollout with a canary, a machine that dies in the middle, and time.
fn story() -> Vec<Event> {
    let version = |image| {
        Event::Register(Version {
            image,
            count: 5,
            max_parallel: 2,
            canary: 1,
            auto_promote: false,
            auto_revert: true,
        })
    };
    vec![
        version(0),
        Event::Advance(30),
        version(1),
        Event::Advance(20),
        Event::Promote,
        Event::Advance(7),
        Event::NodeStops(2),
        Event::Advance(60),
        Event::NodeStarts(2),
        version(3),
        Event::Advance(300),
    ]
}

#[test]
fn a_story_has_fixed_bits() {
    // When the engine changes on purpose this number changes with it; it must be the same natively
    // and in wasm.
    let cluster = walked(&story());
    assert_eq!(
        digest(cluster.store()),
        7_491_214_212_574_612_836,
        "at {:?}",
        cluster.now()
    );
    let deployments = cluster.store().deployments_of_job(&walks::key());
    assert_eq!(deployments.count(), 4);
}

#[test]
fn time_may_pass_in_any_steps() {
    let mut coarse = walked(&story());
    let mut fine = coarse.clone();
    let until = coarse.now() + Duration::from_minutes(15);
    coarse.run_until(until);
    while fine.now() < until {
        fine.run_until((fine.now() + Duration::from_millis(730)).min(until));
    }
    assert_eq!(digest(fine.store()), digest(coarse.store()));
}

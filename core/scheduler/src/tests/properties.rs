//! What holds for every plan: the same answer again, nothing left to do, no node over its
//! resources.

use std::collections::BTreeMap;

use yurt_model::Rng;

use super::world::{World, group, node, update};
use crate::node_fit;

/// A random history of registrations and health on a small cluster; checks after every step.
fn walk(seed: u64) {
    let mut rng = Rng::new(seed);
    let nodes = 2 + u128::from(rng.below(4));
    let mut w = World::new((1..=nodes).map(node));
    for step in 0..12 {
        let label = format!("seed {seed} step {step}");
        match rng.below(4) {
            0 => {
                let count = i64::from(rng.below(7));
                let image = format!("web:{}", rng.below(3));
                let (parallel, canary) = (i64::from(rng.below(3)), i64::from(rng.below(4)));
                let mut group = group(count, &image, update(parallel, canary));
                group.tasks[0].resources.cpu_mhz = 500 + i64::from(rng.below(3)) * 700;
                w.register(step, vec![group]);
            }
            1 => w.settle(),
            _ => {
                w.settle();
                w.evaluate();
            }
        }
        // Evaluations without news come to rest: after a few, nothing more is planned.
        let mut texts = Vec::new();
        for _ in 0..12 {
            texts.push(w.evaluate());
            w.settle();
        }
        let last = texts.last().expect("some");
        assert!(last.contains("no plan"), "{label}: {texts:#?}");
        check_nodes(&w, &label);
        check_names(&w, &label);
    }
}

fn check_nodes(w: &World, label: &str) {
    for node in w.store.nodes() {
        let live = w
            .store
            .allocs_of_node(node.id)
            .filter(|alloc| !alloc.is_terminal());
        let fit = node_fit(node, live.map(|alloc| &**alloc));
        assert_eq!(fit, Ok(()), "{label}: {}", node.name);
    }
}

/// At rest, a name is used by one allocation of each version at most.
fn check_names(w: &World, label: &str) {
    let mut seen: BTreeMap<(u32, u64), u32> = BTreeMap::new();
    for alloc in w.live() {
        *seen
            .entry((alloc.name_index, alloc.job.version))
            .or_insert(0) += 1;
    }
    let canaries_repeat = w.live().iter().filter(|alloc| alloc.is_canary()).count();
    let repeated = seen.values().filter(|n| **n > 1).count();
    assert!(repeated <= canaries_repeat, "{label}: {seen:?}");
}

#[test]
fn plans_come_to_rest_and_fit() {
    for seed in 0..40 {
        walk(seed);
    }
}

#[test]
fn the_same_input_gives_the_same_answer() {
    let texts = || {
        let mut w = World::new((1..=5).map(node));
        let mut out = Vec::new();
        for version in 0..4 {
            let image = format!("web:{version}");
            out.push(w.register(version, vec![group(4, &image, update(2, 1))]));
            let placed: Vec<_> = w
                .live()
                .iter()
                .map(|alloc| (alloc.id, alloc.node_id))
                .collect();
            out.push(format!("{placed:?}"));
            out.push(w.heal());
            if version > 0 {
                out.push(w.promote());
                (0..4).for_each(|_| out.push(w.heal()));
            }
        }
        out
    };
    assert_eq!(texts(), texts());
}

//! Which of the nodes that fit is best (spec: scheduling 6, 9).

use std::collections::BTreeSet;

use yurt_model::{NodeScore, SchedulerAlgorithm};

use crate::traps::play::{Play, batch, change, node, service};

const PREFERENCE: &str = "affinity {\nattribute = \"${meta.rack}\"\nvalue = \"r1\"\n}";

/// The node of SC-49: 4000 MHz and 8192 MiB, of which 100 and 256 are kept.
fn kept() -> Play {
    Play::on([kept_node()])
}

fn kept_node() -> yurt_model::Node {
    change(node(1), |node| {
        (node.reserved.cpu_mhz, node.reserved.memory_mb) = (100, 256);
    })
}

/// The best node's scores, as the allocation with that index in the list of names tells them.
fn scores(play: &Play, index: usize) -> NodeScore {
    let best = play.live("docs")[index].metrics.scores.iter().next();
    best.expect("a node was looked at")
}

fn is_near(found: f64, want: f64) -> bool {
    (found - want).abs() < 0.000_05
}

/// Section 6.3, SC-20.
#[test]
fn trap_06_not_every_node_is_looked_at() {
    let looked_at = |nodes, job| {
        let mut play = Play::new(nodes);
        play.run(&job);
        play.live("docs")[0].metrics.nodes_evaluated
    };
    for (nodes, want) in [(1, 1), (4, 2), (8, 3), (10, 4), (100, 7)] {
        assert_eq!(looked_at(nodes, service()), want, "{nodes} nodes");
    }
    assert_eq!(looked_at(10, batch()), 2);
    assert_eq!(looked_at(10, service().group(PREFERENCE)), 10);
}

/// Section 6.2, SC-23: four selections of four nodes each see all sixteen.
#[test]
fn trap_07_the_ring_goes_on_where_the_last_selection_stopped() {
    let mut play = Play::new(16);
    play.run(&service().count(4));
    let live = play.live("docs");
    let seen = live.iter().flat_map(|alloc| alloc.metrics.scores.iter());
    let seen: BTreeSet<_> = seen.map(|score| score.node_id).collect();
    assert_eq!(seen.len(), 16);
}

/// Section 9.2, SC-49.
#[test]
fn trap_08_zeros_count_in_the_mean_for_preferences_alone() {
    let mut play = kept();
    play.run(&service().ask(500, 256));
    let plain = scores(&play, 0);
    let names: Vec<_> = plain.scores.iter().map(|(name, _)| name).collect();
    let want = [
        "binpack",
        "job-anti-affinity",
        "node-affinity",
        "node-reschedule-penalty",
    ];
    assert_eq!(names, want, "zeros are shown, a spread of none is not");
    assert!(is_near(plain.normalized, 0.1818), "{plain:?}");
    let mut play = kept();
    play.run(&service().ask(500, 256).group(PREFERENCE));
    let preferring = scores(&play, 0);
    assert!(
        is_near(preferring.normalized, 0.1818 / 2.0),
        "{preferring:?}"
    );
}

/// Section 9.2, SC-49.
#[test]
fn trap_09_anti_affinity_counts_the_group() {
    let mut play = kept();
    let job = service().ask(500, 256).count(3).and("other").count(5);
    play.run(&job);
    let live = play.live("docs");
    let of = |group: &str, index: u32| {
        let mut live = live.iter();
        let alloc = live.find(|alloc| &*alloc.group == group && alloc.name_index == index);
        let mut best = alloc.expect("placed").metrics.scores.iter();
        best.next().expect("a node was looked at")
    };
    let second = of("web", 1);
    assert!(
        is_near(
            second.scores.get("job-anti-affinity").expect("scored"),
            -2.0 / 3.0
        ),
        "{second:?}"
    );
    assert!(
        is_near(second.scores.get("binpack").expect("scored"), 0.3244),
        "{second:?}"
    );
    assert!(is_near(second.normalized, -0.1711), "{second:?}");
    // Its own count, and its own allocations.
    assert_eq!(
        of("other", 0)
            .scores
            .get("job-anti-affinity")
            .expect("scored"),
        0.0
    );
    assert!(is_near(
        of("other", 1)
            .scores
            .get("job-anti-affinity")
            .expect("scored"),
        -2.0 / 5.0
    ));
}

/// The same trap: a job of the same name elsewhere collides.
#[test]
fn trap_09_anti_affinity_ignores_the_namespace() {
    let mut play = Play::new(1);
    play.run(&service().head("namespace = \"other\""));
    play.run(&service().count(4));
    let first = scores(&play, 0);
    assert!(
        is_near(first.scores.get("job-anti-affinity").expect("scored"), -0.5),
        "{first:?}"
    );
}

/// Sections 8.1 and 9.3, SC-45 and SC-49.
#[test]
fn trap_11_the_fit_is_of_what_is_available_without_disk_or_peaks() {
    let ask = service().ask(500, 256);
    let disk = ask.clone().group("ephemeral_disk {\nsize = 9000\n}");
    let peak = ask
        .clone()
        .task("resources {\ncpu = 500\nmemory = 256\nmemory_max = 4096\n}");
    for job in [ask, disk] {
        let mut play = kept();
        play.run(&job);
        assert!(is_near(
            scores(&play, 0).scores.get("binpack").expect("scored"),
            0.1818
        ));
    }
    let hcl = peak
        .hcl()
        .replacen("resources {\ncpu = 500\nmemory = 256\n}\n", "", 1);
    let mut play = Play::with([kept_node()], |config| {
        config.scheduler.memory_oversubscription = true;
    });
    play.run_text(&hcl);
    let alloc = play.live("docs").remove(0);
    assert_eq!(alloc.resources.tasks[0].memory_max_mb, 4096);
    assert!(is_near(
        scores(&play, 0).scores.get("binpack").expect("scored"),
        0.1818
    ));
}

/// Section 9.3, SC-58.
#[test]
fn trap_12_spreading_keeps_the_name_of_binpack() {
    let mut play = Play::with([kept_node()], |config| {
        config.scheduler.algorithm = SchedulerAlgorithm::Spread;
    });
    play.run(&service().ask(500, 256));
    assert!(is_near(
        scores(&play, 0).scores.get("binpack").expect("scored"),
        0.8182
    ));
}

//! Spreading over values of an attribute (spec: scheduling 9.4).

use std::collections::BTreeMap;

use yurt_model::{AllocMetric, Node};

use crate::traps::play::{Play, change, id, node, service};

/// A node in a datacenter; with the same word as its meta `rack`.
fn place(number: u128, datacenter: &str) -> Node {
    change(node(number), |node| {
        node.datacenter = datacenter.into();
        node.meta.insert("rack".into(), datacenter.into());
    })
}

fn spread(attribute: &str, weight: u32, targets: &[(&str, u32)]) -> String {
    let targets = targets
        .iter()
        .map(|(value, percent)| format!("target \"{value}\" {{\npercent = {percent}\n}}\n"));
    let targets: String = targets.collect();
    format!("spread {{\nattribute = \"{attribute}\"\nweight = {weight}\n{targets}}}")
}

/// What each datacenter was given by the spreads; nothing where the sum was 0.
fn boosts(play: &Play, metrics: &AllocMetric) -> BTreeMap<String, Option<f64>> {
    let scores = metrics.scores.iter();
    let boosts = scores.map(|score| {
        let node = play.cluster.store().node(score.node_id).expect("there");
        let boost = score.scores.get("allocation-spread");
        (node.datacenter.to_string(), boost)
    });
    boosts.collect()
}

fn wanted(pairs: &[(&str, Option<f64>)]) -> BTreeMap<String, Option<f64>> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, boost)| ((*name).to_owned(), *boost))
        .collect()
}

/// SC-54: where one was placed −1, where none was +1, each block in full.
#[test]
fn trap_10_even_spreads_add_up_and_have_no_weight() {
    let mut play = Play::on([place(1, "dc1"), place(2, "dc2")]);
    let job = service()
        .group(&spread("${node.datacenter}", 10, &[]))
        .group(&spread("${meta.rack}", 90, &[]));
    play.run(&job.count(2));
    let live = play.live("docs");
    let first = boosts(&play, &live[0].metrics);
    assert_eq!(
        first,
        wanted(&[("dc1", None), ("dc2", None)]),
        "nothing is placed yet"
    );
    let mut second: Vec<_> = boosts(&play, &live[1].metrics)
        .into_values()
        .flatten()
        .collect();
    second.sort_by(f64::total_cmp);
    assert_eq!(second, [-2.0, 2.0]);
}

/// SC-57: in the plan that moves the allocations of `dc2` and `dc3`, none is left there.
#[test]
fn trap_54_a_value_that_was_emptied_is_the_minimum() {
    let mut play = Play::on([
        place(1, "dc1"),
        place(2, "dc2"),
        place(3, "dc3"),
        place(4, "dc2"),
        place(5, "dc3"),
        place(6, "dc1"),
    ]);
    let even = spread("${node.datacenter}", 50, &[]);
    let job = service().group(&even).update("max_parallel = 2").count(3);
    play.run(&job).settle();
    // Two of the three are replaced in one plan: their stops are staged one after the other.
    play.run(&job.env("1"));
    let live = play.live("docs");
    let mut new = live.iter().filter(|alloc| alloc.job.version == 1);
    let first = boosts(&play, &new.next().expect("replaced").metrics);
    let plus = first
        .values()
        .flatten()
        .filter(|boost| **boost == 1.0)
        .count();
    let minus = first
        .values()
        .flatten()
        .filter(|boost| **boost == -1.0)
        .count();
    // The one that is emptied is the minimum, 0; the others are above a minimum of 0.
    assert_eq!((plus, minus), (1, 2), "{first:?}");
}

/// SC-54: 2 and 3 there, none ever in `dc3`.
#[test]
fn trap_54_a_value_never_used_is_no_minimum() {
    let mut play = Play::on([place(1, "dc1"), place(2, "dc2"), place(3, "dc3")]);
    let job = service().group(&spread("${node.datacenter}", 50, &[]));
    let within = job
        .clone()
        .head("datacenters = [\"dc1\", \"dc2\"]")
        .count(5);
    play.run(&within).settle();
    let on = |play: &Play, number| {
        let live = play.live("docs");
        live.iter()
            .filter(|alloc| alloc.node_id == id(number))
            .count()
    };
    let (few, many) = match (on(&play, 1), on(&play, 2)) {
        (2, 3) => ("dc1", "dc2"),
        (3, 2) => ("dc2", "dc1"),
        other => panic!("{other:?}"),
    };
    play.run(&job.count(6));
    let sixth = play.live("docs").remove(5);
    let want = wanted(&[(few, Some(0.5)), (many, Some(-0.5)), ("dc3", Some(1.0))]);
    assert_eq!(boosts(&play, &sixth.metrics), want);
}

/// A lost allocation of version 0, which has no spread, is replaced as version 0 while version 1,
/// which has one, waits for promotion; the search began with version 1.
#[test]
fn trap_55_a_spread_of_the_job_is_remembered_for_older_versions() {
    let mut play = Play::on([place(1, "dc1"), place(2, "dc2"), place(3, "dc2")]);
    let job = service().update("canary = 1").count(2);
    play.run(&job).settle();
    let even = spread("${node.datacenter}", 50, &[]);
    play.run(&job.head(&even).env("1")).settle();
    let old = play.live("docs");
    let old = old
        .iter()
        .find(|alloc| alloc.job.version == 0)
        .expect("one is left");
    play.miss_heartbeat(old.node_id);
    let live = play.live("docs");
    let new = live
        .iter()
        .find(|alloc| alloc.links.previous_allocation == Some(old.id));
    let new = new.expect("replaced");
    assert_eq!(new.job.version, 0);
    let boosts = boosts(&play, &new.metrics);
    assert!(boosts.values().any(Option::is_some), "{boosts:?}");
}

/// Two groups that want all in `dc1`: (2 − 1) / 2, by 100 of 100 and by 100 of 200.
#[test]
fn trap_56_the_sum_of_weights_grows_from_group_to_group() {
    let mut play = Play::on([place(1, "dc1")]);
    let there = spread("${node.datacenter}", 100, &[("dc1", 100)]);
    let job = service()
        .group(&there)
        .count(2)
        .and("also")
        .group(&there)
        .count(2);
    play.run(&job);
    let live = play.live("docs");
    let first = |group: &str| {
        let mut of_group = live.iter().filter(|alloc| &*alloc.group == group);
        boosts(&play, &of_group.next().expect("placed").metrics)
    };
    assert_eq!(first("web"), wanted(&[("dc1", Some(0.5))]));
    assert_eq!(first("also"), wanted(&[("dc1", Some(0.25))]));
}

//! Canaries and their promotion (spec: deployments 14, 22, 31).

use yurt_model::{Duration, Time};

use crate::traps::play::{Play, Text, node, service};

/// A job of that many whose second version waits for its canaries.
fn docs(count: usize, canary: usize) -> Text {
    service()
        .count(count)
        .update(&format!("max_parallel = 1\ncanary = {canary}"))
}

fn canarying(count: usize, canary: usize) -> Play {
    let mut play = Play::new(8);
    play.run(&docs(count, canary)).settle();
    play.run(&docs(count, canary).env("1"));
    play
}

/// Sections 14.2 and 14.1.
#[test]
fn trap_05_canaries_are_for_replacements_and_are_refilled() {
    let mut play = Play::new(8);
    play.run(&docs(3, 1)).settle();
    play.run(&docs(3, 1).priority(60));
    assert_eq!(play.did(), ["job-register: ~[0, 1, 2]"]);
    play.settle().run(&docs(3, 1).priority(60).env("1"));
    assert_eq!(play.did(), ["job-register: canaries [0]"]);
    let live = play.live("docs");
    let canary = live.iter().find(|alloc| alloc.is_canary()).expect("placed");
    play.report(&[canary.id], "running", None);
    play.miss_heartbeat(canary.node_id);
    let live = play.live("docs");
    let canaries = live.iter().filter(|alloc| alloc.is_canary()).count();
    assert_eq!(canaries, 1);
    assert!(live.iter().all(|alloc| alloc.id != canary.id));
}

/// Section 31.1.
#[test]
fn trap_06_blue_and_green_end_with_the_promotion() {
    let mut play = canarying(3, 3);
    play.settle();
    play.promote().expect("all are healthy");
    assert_eq!(play.did(), ["deployment-watcher: not needed [0, 1, 2]"]);
    assert_eq!(play.deployment("docs"), "v1 successful 3/3/3 canaries 3/3");
}

/// Section 31.2.
#[test]
fn trap_07_after_promotion_namesakes_stop_and_one_batch_goes_on() {
    let mut play = canarying(5, 1);
    play.settle();
    play.promote().expect("it is healthy");
    assert_eq!(
        play.did(),
        ["deployment-watcher: not needed [0]; updating [1]; +[1]"]
    );
}

/// Section 31.3.
#[test]
fn trap_08_more_canaries_than_the_count_come_in_rounds() {
    let mut play = Play::new(8);
    play.run(&docs(3, 7)).settle();
    assert_eq!(play.counters(&docs(3, 7).env("1")), "Pl3 Ig3 Ca7");
    play.run(&docs(3, 7).env("1"));
    assert_eq!(play.did(), ["job-register: canaries [0, 1, 2]"]);
    play.settle();
    let live = play.live("docs");
    let names: Vec<u32> = live
        .iter()
        .filter(|a| a.is_canary())
        .map(|a| a.name_index)
        .collect();
    assert_eq!(names, [0, 1, 2, 3, 3, 4, 5], "a name is used twice");
}

/// Section 22.
#[test]
fn trap_09_promotion_counts_canaries_that_live_and_are_healthy() {
    let mut play = canarying(3, 2);
    play.start();
    let live = play.live("docs");
    let canaries: Vec<_> = live
        .iter()
        .filter(|a| a.is_canary())
        .map(|a| a.id)
        .collect();
    play.report(&canaries[..1], "running", Some(true));
    let refused = play.promote().expect_err("one of two");
    assert!(
        refused.contains("Task group \"web\" has 1/2 healthy allocations"),
        "{refused}"
    );
    // A healthy one that fails does not count any more.
    play.report(&canaries[1..], "running", Some(true));
    play.report(&canaries[..1], "failed", None);
    let refused = play.promote().expect_err("one is dead");
    assert!(refused.contains("has 1/2 healthy allocations"), "{refused}");
}

/// Section 22.
#[test]
fn trap_10_resuming_forgets_that_promotion_is_needed() {
    let mut play = canarying(3, 1);
    let manual = "Deployment is running but requires manual promotion";
    assert_eq!(play.description(), manual);
    play.pause(true).pause(false);
    assert_eq!(play.description(), "Deployment is running");
}

/// Section 22.5: nobody says when, so it is the beginning of time.
#[test]
fn trap_11_promotion_is_dated_by_its_caller() {
    let mut play = Play::with((1..=4).map(node), |config| {
        config.scheduling_delay = Duration::from_millis(100);
    });
    play.run(&docs(3, 1)).wait(1).settle();
    play.run(&docs(3, 1).env("1")).wait(1).settle();
    play.promote().expect("it is healthy");
    assert_eq!(play.deployment_row("docs").modify_time, Time::ZERO);
}

/// Sections 22 and 23.3.
#[test]
fn trap_12_healthy_canaries_wait_for_ever_and_a_pause_starts_anew() {
    let mut play = canarying(3, 1);
    play.settle().wait(3600);
    assert_eq!(play.deployment_row("docs").status.as_str(), "running");
    let mut play = canarying(3, 1);
    play.start().wait(500).pause(true);
    let by = play.deployment_row("docs").groups[0].require_progress_by;
    assert_eq!(by, Some(play.cluster.now() + Duration::from_secs(600)));
}

/// Section 11, trace 31.15: the canary has the name 0 as well.
#[test]
fn trap_32_a_name_that_is_used_twice_is_mended_when_it_is_placed() {
    let mut play = Play::new(8);
    play.run(&docs(3, 1)).settle();
    play.run(&docs(5, 1).env("1")).settle();
    play.promote().expect("it is healthy");
    assert_eq!(play.did(), ["deployment-watcher: +[3]"]);
    play.heal();
    assert_eq!(play.names("docs"), [0, 1, 2, 3, 4]);
    assert_eq!(play.did(), ["deployment-watcher: updating [0]; +[4]"]);
}

/// Section 2.1.
#[test]
fn trap_22_a_deployment_is_cancelled_with_two_l() {
    let mut play = canarying(3, 1);
    let first = play.deployment_row("docs").id;
    play.run(&docs(3, 1).env("2"));
    let first = play
        .cluster
        .store()
        .deployment(first)
        .expect("kept")
        .clone();
    assert_eq!(first.status.as_str(), "cancelled");
    assert_eq!(
        &*first.status_description,
        "Cancelled due to newer version of job"
    );
}

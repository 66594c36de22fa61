//! Allocations that fail, are lost or fall silent (spec: scheduling 13).

use crate::traps::play::{Play, service};

/// One that failed after its deployment had ended.
fn failed() -> Play {
    let mut play = Play::new(3);
    play.run(&service().count(2)).settle();
    let first = play.ids("docs")[0];
    play.report(&[first], "failed", None);
    play
}

/// Section 13.3, SC-96.
#[test]
fn trap_40_only_its_own_evaluation_or_the_last_second_reschedules() {
    let mut play = failed();
    assert_eq!(
        play.did(),
        ["alloc-failure: ~[0]; makes alloc-reschedule pending"]
    );
    play.wait(20).evaluate("docs");
    assert_eq!(play.did(), ["job-register: "], "it holds its slot");
    let mut own = failed();
    own.did();
    own.wait(30);
    assert_eq!(own.did(), ["alloc-reschedule: rescheduled [0]; +[0]"]);
    play.cluster
        .run_until(play.cluster.now() + yurt_model::Duration::from_millis(9200));
    play.evaluate("docs");
    assert_eq!(
        play.did(),
        ["job-register: rescheduled [0]; +[0]"],
        "less than a second left"
    );
}

/// Section 13.4, SC-101 and SC-102.
#[test]
fn trap_43_what_is_disconnected_waits_and_what_is_lost_does_not() {
    let mut play = Play::new(2);
    play.run(&service().group("disconnect {\nlost_after = \"5m\"\n}"))
        .settle();
    let node = play.live("docs")[0].node_id;
    play.miss_heartbeat(node);
    let did = play.did().join(" ");
    assert!(did.contains("~[0]") && !did.contains('+'), "{did}");
    play.wait(29);
    assert_eq!(play.live("docs").len(), 1);
    play.wait(2);
    assert_eq!(play.live("docs").len(), 2);
    let mut play = Play::new(2);
    play.run(&service()).settle();
    let node = play.live("docs")[0].node_id;
    play.miss_heartbeat(node);
    assert_eq!(play.did(), ["node-update: lost [0]; +[0]"]);
}

/// Section 13.4.
#[test]
fn trap_44_a_wait_for_a_lost_one_holds_the_whole_group() {
    let mut play = Play::new(3);
    let block = "disconnect {\nstop_on_client_after = \"30s\"\n}";
    play.run(&service().count(2).group(block)).settle();
    let live = play.live("docs");
    // One ends well: it is missing from the next look on.
    play.report(&[live[1].id], "complete", None);
    play.did();
    play.miss_heartbeat(live[0].node_id);
    let did = play.did().join(" ");
    assert!(did.contains("lost [0]") && !did.contains('+'), "{did}");
    play.wait(60);
    assert_eq!(play.names("docs"), [0, 1]);
}

/// Section 13.3; deployments 23.2.
#[test]
fn trap_45_in_an_active_deployment_the_watcher_allows_it() {
    let mut play = Play::new(2);
    play.run(&service()).start().did();
    play.report(&play.ids("docs"), "failed", Some(false));
    assert_eq!(play.did(), ["alloc-failure: "]);
    play.wait(2);
    assert_eq!(
        play.did(),
        ["deployment-watcher: ~[0]; makes alloc-reschedule pending"]
    );
}

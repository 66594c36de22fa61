//! Allocations that fail, are lost or fall silent (spec: scheduling 13).

use yurt_model::Duration;

use crate::traps::play::{Play, node, service};

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
        .run_until(play.cluster.now() + Duration::from_millis(9200));
    play.evaluate("docs");
    assert_eq!(
        play.did(),
        ["job-register: rescheduled [0]; +[0]"],
        "less than a second left"
    );
}

/// Servers that take ten seconds before they look.
fn slow() -> Play {
    let mut play = Play::with((1..=4).map(node), |config| {
        config.scheduling_delay = Duration::from_secs(10);
    });
    play.run(&service().count(3)).wait(12).settle().wait(30);
    play.did();
    play
}

/// Section 13.3, SC-97.
#[test]
fn trap_41_the_second_batch_is_called_a_failure() {
    // The third comes five seconds after the first, or a little sooner.
    for (third, follow_ups) in [(4, 1), (5, 2)] {
        let mut play = slow();
        let ids = play.ids("docs");
        play.report(&ids[..1], "failed", None);
        play.wait(3).report(&ids[1..2], "failed", None);
        play.wait(third - 3).report(&ids[2..], "failed", None);
        play.wait(10 - third);
        let evals = play.evals("docs");
        let waiting = evals.iter().filter(|eval| eval.wait_until.is_some());
        let told: Vec<_> = waiting
            .map(|eval| (eval.triggered_by.as_str(), &*eval.status_description))
            .collect();
        let both = [
            ("alloc-reschedule", "created for delayed rescheduling"),
            ("alloc-failure", ""),
        ];
        assert_eq!(told, both[..follow_ups], "{third} s");
    }
}

/// Section 12.1 step 9; deployments 5.10. Nobody makes the follow-up instead: a failed allocation
/// that names one counts as waiting for it (section 13.3), until its time is over.
#[test]
fn trap_42_what_was_delayed_itself_delays_nothing_else() {
    let mut play = slow();
    let ids = play.ids("docs");
    play.report(&ids[..1], "failed", None);
    // The follow-up is due; before anybody has looked at it another one fails.
    play.wait(33).did();
    play.report(&ids[1..2], "failed", None);
    play.wait(8);
    // It names a follow-up that nobody stores.
    assert_eq!(
        play.did(),
        ["alloc-reschedule: rescheduled [0]; +[0]; ~[1]"]
    );
    play.wait(12);
    assert_eq!(play.did(), ["alloc-failure: "]);
    play.wait(40);
    assert!(play.did().is_empty());
    // Any other look finds that the time is over.
    play.evaluate("docs").wait(11);
    assert_eq!(play.did(), ["job-register: rescheduled [1]; +[1]"]);
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

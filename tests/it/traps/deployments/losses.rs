//! Allocations that fail, move or get lost (spec: deployments 9, 12, 16 to 18).

use yurt_model::{AllocId, Duration, EvalTrigger, NodeStatus};
use yurt_scheduler::SchedulerOutput;

use crate::traps::play::{Play, Text, id, node, service};

const ALONE: &str = "constraint {\noperator = \"distinct_hosts\"\nvalue = \"true\"\n}";

/// Servers that take so many seconds before they look.
fn slow(nodes: u128, seconds: i64) -> Play {
    Play::with((1..=nodes).map(node), |config| {
        config.scheduling_delay = Duration::from_secs(seconds);
    })
}

/// What the scheduler would do for the newest evaluation of that trigger.
fn look(play: &Play, trigger: &str) -> SchedulerOutput {
    play.schedule(&play.newest_eval("docs", trigger), 0)
}

/// Stops, places, migrations, disconnects and what is rescheduled now of the group `web`.
fn counts(output: &SchedulerOutput) -> [u64; 5] {
    let plan = output.plan.as_ref().expect("there is something to do");
    let notes = plan.annotations.as_ref().expect("asked for");
    let web = &notes.desired_updates["web"];
    [
        web.stop,
        web.place,
        web.migrate,
        web.disconnect,
        web.reschedule_now,
    ]
}

/// Sections 14.1, 16.2, 17 and 18.1.
#[test]
fn trap_26_only_what_is_disconnected_counts_as_rescheduled_now() {
    let mut play = Play::new(3);
    play.run(&service().count(2)).settle();
    play.report(&play.ids("docs")[..1], "failed", None);
    let until = play.cluster.now() + Duration::from_millis(29_200);
    play.cluster.run_until(until);
    assert_eq!(play.counters(&service().count(2)), "Pl1 St1 Ig1");

    let mut play = slow(3, 1);
    play.run(&service().count(2)).wait(3).settle().wait(5);
    play.drain(play.live("docs")[0].node_id, 0).wait(1);
    assert_eq!(counts(&look(&play, "node-drain"))[..3], [0, 0, 1]);

    // No admission allows to be that quick.
    let block = "disconnect {\nlost_after = \"5m\"\n}";
    let mut spec = (*service().group(block).spec()).clone();
    let policy = spec.groups[0].reschedule.as_mut().expect("a default");
    policy.delay = Duration::ZERO;
    let mut play = slow(3, 1);
    play.run_spec(spec).wait(3).settle().wait(5);
    play.miss_heartbeat(play.live("docs")[0].node_id);
    let [stop, _, migrate, disconnect, now] = counts(&look(&play, "node-update"));
    assert_eq!([stop, migrate, disconnect, now], [0, 0, 1, 1]);
}

/// Section 14.1.
#[test]
fn trap_26_a_canary_that_is_lost_is_in_no_counter() {
    let docs = service().count(3).update("canary = 1");
    let mut play = slow(8, 1);
    play.run(&docs).wait(3).settle().wait(5);
    play.run(&docs.env("1")).wait(3).start();
    let live = play.live("docs");
    let canary = live.iter().find(|alloc| alloc.is_canary()).expect("placed");
    play.miss_heartbeat(canary.node_id);
    let output = look(&play, "node-update");
    let stops = &output.plan.as_ref().expect("a plan").stops;
    assert!(stops.iter().any(|stop| stop.alloc_id == canary.id));
    let alone = live.iter().filter(|a| a.node_id == canary.node_id).count() == 1;
    assert!(alone, "the node has nothing else");
    assert_eq!(counts(&output)[0], 0);
}

/// Section 9.3, scheduling SC-97; scheduling 12.1 step 9.
#[test]
fn trap_27_follow_ups_after_the_first_look_like_failures() {
    let mut play = slow(4, 10);
    play.run(&service().count(3)).wait(12).settle().wait(30);
    let ids = play.ids("docs");
    for (seconds, lost) in [(0, ids[0]), (3, ids[1]), (4, ids[2])] {
        play.wait(seconds).report(&[lost], "failed", None);
    }
    let output = look(&play, "alloc-failure");
    let told: Vec<_> = output
        .created
        .iter()
        .map(|eval| (eval.triggered_by, &*eval.status_description))
        .collect();
    assert_eq!(
        told,
        [
            (
                EvalTrigger::AllocReschedule,
                "created for delayed rescheduling"
            ),
            (EvalTrigger::AllocFailure, ""),
        ]
    );
    let waits = |at: usize| output.created[at].wait_until.expect("it is for later");
    assert_eq!(waits(1) - waits(0), Duration::from_secs(7));
    let mut late = (*play.newest_eval("docs", "alloc-failure")).clone();
    late.wait_until = Some(play.cluster.now());
    assert!(play.schedule(&late, 0).created.is_empty());
}

/// Section 7 steps 11 and 21.
#[test]
fn trap_28_a_replacement_that_waits_freezes_its_group_and_no_other() {
    let block = "disconnect {\nstop_on_client_after = \"30s\"\n}";
    let docs = service().count(2).group(block).and("api");
    let mut play = Play::new(1);
    play.run(&docs).settle();
    play.join(node(2));
    let live = play.live("docs");
    let web: Vec<_> = live.iter().filter(|a| &*a.group == "web").collect();
    // One ends well: its place is free, and stays so.
    play.report(&[web[1].id], "complete", None);
    play.miss_heartbeat(id(1));
    let groups: Vec<String> = play
        .live("docs")
        .iter()
        .map(|alloc| alloc.group.to_string())
        .collect();
    assert_eq!(groups, ["api"]);
}

/// Sections 9.1 and 18.2.
#[test]
fn trap_30_a_successor_only_matters_once_its_predecessor_has_ended() {
    let block = "disconnect {\nlost_after = \"5m\"\nreconcile = \"keep_original\"\n}";
    let docs = || service().group(block);
    let back = || {
        let mut play = Play::new(2);
        play.run(&docs()).settle();
        let first = play.live("docs")[0].clone();
        play.miss_heartbeat(first.node_id).wait(31).settle();
        assert_eq!(play.live("docs").len(), 2);
        play.status(first.node_id, NodeStatus::Ready);
        play.report(&[first.id], "running", None);
        play.status(first.node_id, NodeStatus::Ready).settle();
        assert_eq!(play.ids("docs"), [first.id], "it is kept");
        assert!(play.alloc(first.id).links.next_allocation.is_some());
        (play, first.id)
    };
    // It counts, and may be stopped.
    let (mut play, first) = back();
    play.evaluate("docs");
    assert_eq!(play.did(), ["job-register: "]);
    play.run(&docs().count(0));
    assert_eq!(play.told(first), "stop running");
    // Once it fails it is passed over: a fresh one, at once and without a predecessor.
    let (mut play, first) = back();
    play.report(&[first], "failed", None);
    assert_eq!(play.did(), ["alloc-failure: +[0]"]);
    assert_eq!(play.live("docs")[0].links.previous_allocation, None);
}

/// The version of what replaced that one.
fn version_after(play: &Play, old: AllocId) -> Option<u64> {
    let all = play.allocs("docs");
    let next = all
        .iter()
        .find(|a| a.links.previous_allocation == Some(old))?;
    Some(next.job.version)
}

fn updating(docs: &Text) -> Play {
    let mut play = Play::new(8);
    play.run(&docs.clone().group(ALONE)).settle();
    play.run(&docs.clone().group(ALONE).env("1"));
    play.did();
    play
}

/// Sections 17 and 20.2, trace 31.8.
#[test]
fn trap_35_what_migrates_takes_the_new_version_but_not_beside_canaries() {
    for (update, version) in [("max_parallel = 2", 1), ("canary = 1", 0)] {
        let mut play = updating(&service().count(4).update(update));
        let live = play.live("docs");
        let old = live.iter().rev().find(|alloc| alloc.job.version == 0);
        let old = old.expect("not all are new").clone();
        play.drain(old.node_id, 1).wait(3);
        assert_eq!(version_after(&play, old.id), Some(version), "{update}");
        if version == 1 {
            let new = play.live("docs");
            let new = new.iter().filter(|alloc| alloc.job.version == 1);
            assert_eq!(new.filter(|alloc| !alloc.has_health()).count(), 3);
        }
    }
}

/// Section 19.1.
#[test]
fn trap_36_groups_share_the_deployment_of_the_first() {
    let mut play = Play::new(2);
    play.run(&service().and("api"));
    let mut deployments = play.cluster.store().deployments();
    let first = deployments.next().expect("created");
    assert_eq!(first.groups.len(), 2);
    assert!(deployments.next().is_none());
}

/// Sections 16.1, 16.2 and 7.27: the deployment has failed, one of before is due for its
/// replacement and another is lost in the same look.
#[test]
fn trap_36_one_that_is_rescheduled_may_take_the_place_of_a_lost_one() {
    let mut play = updating(&service().count(4).update("canary = 1"));
    play.settle();
    play.fail_deployment().expect("it is active");
    play.settle();
    let old = play.live("docs");
    assert_eq!(play.names("docs"), [0, 1, 2, 3]);
    play.report(&[old[1].id], "failed", None);
    let until = play.cluster.now() + Duration::from_millis(29_500);
    play.cluster.run_until(until);
    play.did();
    play.miss_heartbeat(old[3].node_id);
    assert_eq!(
        play.did(),
        ["node-update: lost [3]; rescheduled [1]; +[1, 1]"]
    );
}

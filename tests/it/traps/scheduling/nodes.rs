//! Nodes that drain, fall silent and come back (spec: scheduling 16, 17).

use yurt_engine::Request;
use yurt_model::{NodeEligibility, NodeStatus};

use crate::traps::play::{Play, Text, batch, change, id, job, node, service};

const WAITS: &str = "disconnect {\nlost_after = \"5m\"\n}";
const GONE: &str = "disconnect {\nlost_after = \"5m\"\nreplace = true\n}";

fn is_draining(play: &Play, number: u128) -> bool {
    play.cluster
        .store()
        .node(id(number))
        .expect("there")
        .drain
        .is_some()
}

fn eligibility(play: &Play, number: u128) -> NodeEligibility {
    play.cluster
        .store()
        .node(id(number))
        .expect("there")
        .eligibility
}

/// Two allocations of the job on a node each; the second says whether it is well.
fn pair(second_is: Option<bool>) -> Play {
    let mut play = Play::new(2);
    let migrate = "migrate {\nmax_parallel = 1\n}\nupdate {\nmax_parallel = 0\n}";
    let apart = "constraint {\noperator = \"distinct_hosts\"\nvalue = \"true\"\n}";
    play.run(&service().count(2).head(apart).group(migrate))
        .start();
    let live = play.live("docs");
    let (here, there): (Vec<_>, Vec<_>) = live.iter().partition(|alloc| alloc.node_id == id(1));
    play.report(&[here[0].id], "running", Some(true));
    play.report(&[there[0].id], "running", second_is);
    play.did();
    play
}

/// Section 17, rule 3.
#[test]
fn trap_33_a_drain_alone_moves_nothing_and_any_verdict_counts() {
    let mut play = pair(None);
    play.drain(id(1), 3600).wait(5).evaluate("docs");
    assert_eq!(play.did(), ["job-register: "], "not flagged, so left alone");
    for verdict in [true, false] {
        let mut play = pair(Some(verdict));
        play.drain(id(1), 3600).wait(5);
        let did = play.did().join(" ");
        assert!(did.contains("migrating"), "{verdict}: {did}");
    }
}

/// Section 17, rule 6; SC-153.
#[test]
fn trap_34_batch_work_stopped_by_a_deadline_is_not_replaced() {
    let mut play = Play::new(2);
    play.run(&batch()).start();
    let alloc = play.live("docs").remove(0);
    play.drain(alloc.node_id, 60).wait(50);
    assert_eq!(play.told(alloc.id), "run running");
    play.wait(15);
    assert_eq!(play.told(alloc.id), "stop running");
    play.start().evaluate("docs").wait(5);
    assert!(play.live("docs").is_empty(), "it keeps its slot");
}

/// The same trap: nobody watches the allocations of a sysbatch job.
#[test]
fn trap_34_a_node_with_sysbatch_work_may_wait_for_the_deadline() {
    let mut play = Play::new(1);
    play.run(&job("docs", "sysbatch")).start();
    play.drain(id(1), 60).wait(10);
    assert_eq!(play.told(play.ids("docs")[0]), "run running");
    play.report(&play.ids("docs"), "complete", None);
    play.wait(20);
    assert!(is_draining(&play, 1));
    play.wait(40);
    assert!(!is_draining(&play, 1));
}

/// Section 17, rules 2 and 5; SC-155.
#[test]
fn trap_35_after_a_drain_the_node_is_not_eligible() {
    let mut play = Play::new(1);
    play.drain(id(1), 0).wait(2);
    assert!(!is_draining(&play, 1), "nothing to wait for");
    assert_eq!(eligibility(&play, 1), NodeEligibility::Ineligible);
    let mut play = Play::new(1);
    play.run(&service()).start();
    play.drain(id(1), 0);
    assert!(is_draining(&play, 1));
    play.must(Request::NodeDrain {
        id: id(1),
        drain: None,
        mark_eligible: false,
        message: None,
    });
    assert!(!is_draining(&play, 1));
    assert_eq!(eligibility(&play, 1), NodeEligibility::Ineligible);
}

/// Section 16.2, SC-131 and SC-132.
#[test]
fn trap_36_a_node_that_was_disconnected_initializes_first() {
    let mut play = Play::new(1);
    play.run(&service().group(WAITS)).settle();
    let ids = play.ids("docs");
    play.miss_heartbeat(id(1));
    assert_eq!(play.node_status(id(1)), NodeStatus::Disconnected);
    play.status(id(1), NodeStatus::Ready)
        .status(id(1), NodeStatus::Ready);
    assert_eq!(
        play.node_status(id(1)),
        NodeStatus::Initializing,
        "it owes a report"
    );
    play.report(&ids, "running", None);
    play.status(id(1), NodeStatus::Ready);
    assert_eq!(play.node_status(id(1)), NodeStatus::Ready);
    let mut play = Play::new(1);
    play.run(&service()).settle();
    play.miss_heartbeat(id(1));
    assert_eq!(play.node_status(id(1)), NodeStatus::Down);
    play.status(id(1), NodeStatus::Ready);
    assert_eq!(play.node_status(id(1)), NodeStatus::Ready, "at once");
}

/// Section 16.3.
#[test]
fn trap_37_even_what_has_ended_makes_a_silent_node_disconnected() {
    let silent = |how: fn(&mut Play)| {
        let mut play = Play::new(1);
        play.run(&batch().group(GONE)).start();
        how(&mut play);
        play.miss_heartbeat(id(1));
        play.node_status(id(1))
    };
    let completes = |play: &mut Play| play.report(&play.ids("docs"), "complete", None);
    assert_eq!(silent(completes), NodeStatus::Disconnected);
    let stops = |play: &mut Play| {
        play.stop("docs", false);
    };
    assert_eq!(silent(stops), NodeStatus::Down);
}

/// Section 16.4, SC-133.
#[test]
fn trap_38_a_bigger_node_makes_no_evaluation_and_releases_those_that_wait() {
    let big = |name: &str| -> Text { job(name, "service").ask(3000, 100) };
    let mut play = Play::new(1);
    play.run(&big("a")).settle();
    play.run(&big("b")).did();
    play.join(change(node(1), |node| node.resources.cpu_mhz = 8000));
    assert_eq!(play.did(), ["queued-allocs: +[0]"]);
    // What a node is, is another matter: its jobs are looked at.
    let mut play = Play::new(1);
    play.run(&big("a")).settle();
    play.did();
    play.join(node(1));
    assert!(play.did().is_empty(), "it is as it was");
    play.join(change(node(1), |node| {
        node.meta.insert("rack".into(), "2".into());
    }));
    assert_eq!(play.did(), ["node-update: "]);
}

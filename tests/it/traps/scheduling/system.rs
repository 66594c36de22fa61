//! Jobs that run on every node (spec: scheduling 14).

use std::collections::BTreeSet;

use yurt_engine::Request;

use crate::traps::play::{Play, Text, change, id, job, key, node, service, system, with_meta};

/// A system job that only nodes of the rack `r1` take.
fn picky() -> Text {
    system().head("constraint {\nattribute = \"${meta.rack}\"\nvalue = \"r1\"\n}")
}

/// Section 14.2 rows 7 and 8. (A node that moves to another datacenter under its allocations is
/// against an invariant of the simulation, so this node stays where it is.)
#[test]
fn trap_26_what_is_not_ready_keeps_its_allocation_until_the_job_changes() {
    let mut play = Play::new(2);
    play.run(&system()).settle();
    play.eligible(id(2), false).evaluate("docs");
    assert_eq!(play.live("docs").len(), 2);
    play.run(&system().env("1"));
    let on_second = play
        .live("docs")
        .iter()
        .filter(|alloc| alloc.node_id == id(2))
        .count();
    assert_eq!(on_second, 0);
}

/// Section 14.2, SC-107.
#[test]
fn trap_27_every_node_has_the_name_zero() {
    let mut play = Play::new(3);
    play.run(&system());
    assert_eq!(play.names("docs"), [0, 0, 0]);
    let nodes: BTreeSet<_> = play
        .live("docs")
        .iter()
        .map(|alloc| alloc.node_id)
        .collect();
    assert_eq!(nodes.len(), 3);
}

/// Section 14.4, SC-109 and SC-110.
#[test]
fn trap_28_nodes_that_do_not_fit_are_silent_unless_none_does() {
    let mut play = Play::on([with_meta(1, "rack", "r1"), node(2), node(3)]);
    play.run(&picky());
    let eval = play.newest_eval("docs", "job-register");
    assert!(eval.failed_groups.is_empty());
    assert_eq!((eval.queued["web"], play.live("docs").len()), (0, 1));
    let mut play = Play::new(2);
    play.run(&picky());
    let eval = play.newest_eval("docs", "job-register");
    let failure = &eval.failed_groups["web"];
    assert_eq!((failure.nodes_filtered, failure.nodes_evaluated), (2, 2));
    assert_eq!(
        failure.constraint_filtered.get("${meta.rack} = r1"),
        Some(2)
    );
    assert_eq!(eval.queued["web"], 0);
    assert!(play.open("docs").is_empty(), "nothing waits");
}

/// Section 14.4, SC-111; section 4: released, the whole job is looked at.
#[test]
fn trap_29_one_blocked_evaluation_stands_for_all_nodes_without_room() {
    let mut play = Play::new(3);
    let hog = job("hog", "service").ask(3500, 100).count(2).priority(90);
    play.run(&hog).settle();
    let hogs = play.ids("hog");
    play.run(&system().ask(1000, 100));
    let eval = play.newest_eval("docs", "job-register");
    let failure = &eval.failed_groups["web"];
    assert_eq!(
        (failure.nodes_exhausted, failure.coalesced_failures),
        (1, 1)
    );
    assert_eq!((eval.queued["web"], play.live("docs").len()), (2, 1));
    assert_eq!(play.open("docs"), ["queued-allocs blocked"]);
    assert!(play.newest_eval("docs", "queued-allocs").node_id.is_some());
    play.stop("hog", false).did();
    play.report(&hogs, "complete", None);
    assert_eq!(play.did_of("docs"), ["queued-allocs: +[0, 0]"]);
}

/// Section 14.5, SC-117; deployments 1.4 for the other.
#[test]
fn trap_30_the_canaries_of_a_system_job_are_a_percentage() {
    for (at_once, canaries) in [(2, 2), (10, 3)] {
        let update = format!("max_parallel = {at_once}\ncanary = 30");
        let mut play = Play::new(10);
        play.run(&system().update(&update)).settle();
        play.run(&system().update(&update).env("1"));
        let new = play.live("docs");
        let new = new.iter().filter(|alloc| alloc.job.version == 1);
        assert_eq!(new.count(), canaries, "{at_once} at once");
        assert_eq!(
            play.deployment_row("docs").groups[0].desired_canaries,
            canaries as i64
        );
    }
    let update = "max_parallel = 1\ncanary = 3";
    let mut play = Play::new(3);
    play.run(&service().count(4).update(update)).settle();
    play.run(&service().count(4).update(update).env("1"));
    assert_eq!(play.did(), ["job-register: canaries [0, 1, 2]"]);
}

/// Section 14.5.
#[test]
fn trap_31_the_total_of_a_system_deployment_follows_the_nodes() {
    let mut play = Play::new(3);
    play.run(&system());
    assert_eq!(play.deployment("docs"), "v0 running 3/0/3");
    play.join(node(4));
    assert_eq!(play.deployment("docs"), "v0 running 4/0/4");
    // A node that cannot have it does not count.
    play.join(change(node(5), |node| node.drivers.clear()));
    assert_eq!(play.deployment("docs"), "v0 running 4/0/4");
    // One that is there counts as long as it stays, though its node takes no more (as recorded:
    // `Place` of a system job counts it too).
    play.eligible(id(1), false).evaluate("docs");
    assert_eq!(play.deployment("docs"), "v0 running 4/0/4");
    play.eligible(id(1), true);
    let ids: Vec<_> = play.ids("docs");
    play.report(&ids[..3], "running", Some(true));
    play.wait(2);
    assert_eq!(play.deployment_row("docs").status.as_str(), "running");
    play.report(&ids[3..], "running", Some(true));
    play.wait(2);
    assert_eq!(play.deployment_row("docs").status.as_str(), "successful");
}

/// Deployments 1.4.
#[test]
fn trap_32_nothing_in_parallel_means_no_update_block() {
    let docs = || service().update("max_parallel = 0").count(3);
    let mut play = Play::new(3);
    play.run(&docs()).settle();
    play.run(&docs().env("1"));
    let live = play.live("docs");
    let versions: Vec<_> = live.iter().map(|alloc| alloc.job.version).collect();
    assert_eq!(versions, [1, 1, 1], "all at once");
    let mut deployments = play.cluster.store().deployments();
    assert!(deployments.next().is_none());
}

/// SC-116; jobspec 13.2: what the group leaves open is the job's.
#[test]
fn trap_32_so_it_is_on_every_node() {
    let none = "update {\nmax_parallel = 0\n}";
    for docs in [system().head(none), system().head(none).group(none)] {
        let mut play = Play::new(4);
        play.run(&docs).settle();
        play.run(&docs.env("1"));
        let live = play.live("docs");
        let versions: Vec<_> = live.iter().map(|alloc| alloc.job.version).collect();
        assert_eq!(versions, [1, 1, 1, 1]);
        let mut deployments = play.cluster.store().deployments();
        assert!(deployments.next().is_none());
    }
}

/// Sections 16.4 and 4.
#[test]
fn trap_39_sysbatch_hears_of_room_and_not_of_nodes() {
    let sweep = || job("docs", "sysbatch").ask(1000, 100);
    let mut play = Play::new(1);
    play.run(&sweep()).did();
    play.join(node(2));
    play.eligible(id(1), false).eligible(id(1), true);
    assert!(play.did_of("docs").is_empty(), "nodes come and go");
    let mut play = Play::new(1);
    play.run(&job("hog", "service").ask(3500, 100)).settle();
    let hog = play.ids("hog");
    play.run(&sweep()).did();
    play.stop("hog", false);
    play.report(&hog, "complete", None);
    assert_eq!(play.did_of("docs"), ["queued-allocs: +[0]"]);
}

/// Section 2.2, SC-2.
#[test]
fn trap_19_a_stop_is_always_an_evaluation_for_services() {
    for kind in ["batch", "system", "sysbatch"] {
        let mut play = Play::new(2);
        play.run(&job("docs", kind)).settle();
        play.must(Request::JobDeregister {
            key: key("docs"),
            purge: false,
            no_shutdown_delay: false,
            eval_priority: None,
        });
        let eval = play.newest_eval("docs", "job-deregister");
        assert_eq!(
            (eval.kind.as_str(), eval.status.as_str()),
            ("service", "complete")
        );
        assert!(play.live("docs").is_empty(), "{kind}");
    }
}

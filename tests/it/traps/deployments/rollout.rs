//! Updates, counts and names (spec: deployments 11 to 13, 15, 19, 25).

use yurt_engine::{JobRegister, Request};
use yurt_model::Duration;

use crate::traps::play::{Play, batch, job, key, node, service};

/// Section 15.
#[test]
fn trap_01_the_first_deployment_is_not_rolling() {
    let mut play = Play::new(5);
    play.run(&service().count(5));
    assert_eq!(play.did(), ["job-register: +[0, 1, 2, 3, 4]"]);
    assert_eq!(play.deployment("docs"), "v0 running 5/0/5");
    play.settle().run(&service().count(5).env("1"));
    assert_eq!(play.did(), ["job-register: updating [0]; +[0]"]);
}

/// Sections 7 and 19.1.
#[test]
fn trap_04_the_total_of_a_deployment_is_not_the_count() {
    // One has failed and waits for its replacement: it is ignored.
    let mut play = Play::new(3);
    play.run(&service().count(3)).settle();
    play.report(&play.ids("docs")[..1], "failed", None);
    play.run(&service().count(3).priority(60));
    assert_eq!(play.deployment("docs"), "v1 running 2/0/2");
    play.wait(40);
    assert_eq!(play.deployment_row("docs").groups[0].placed_allocs, 3);
    assert_eq!(play.deployment_row("docs").groups[0].desired_total, 2);
    // One migrates.
    let alone = "constraint {\noperator = \"distinct_hosts\"\nvalue = \"true\"\n}";
    let docs = || service().count(4).group(alone);
    let mut play = Play::with((1..=6).map(node), |config| {
        config.scheduling_delay = Duration::from_secs(5);
    });
    play.run(&docs()).wait(6).settle().wait(10).did();
    // It is marked after a second, and looked at with the new version at hand.
    play.drain(play.live("docs")[0].node_id, 0).wait(2);
    play.run(&docs().env("1")).wait(5);
    assert_eq!(
        play.did()[0],
        "node-drain: migrating [0]; updating [1]; +[0, 1]"
    );
    assert_eq!(play.deployment_row("docs").groups[0].desired_total, 3);
}

/// Sections 1.4, 5.6 and 19.1.
#[test]
fn trap_02_a_change_of_priority_is_a_deployment_and_takes_health_back() {
    let mut play = Play::new(3);
    play.run(&service().count(3)).settle();
    play.run(&service().count(3).priority(60));
    assert_eq!(play.deployment("docs"), "v1 running 3/0/3");
    assert!(play.live("docs").iter().all(|alloc| !alloc.has_health()));
    play.settle().run(&service().count(4).priority(60));
    assert_eq!(play.deployment("docs"), "v2 running 4/0/4");
}

/// Section 15.
#[test]
fn trap_03_updates_in_place_have_no_limit() {
    let mut play = Play::new(3);
    play.run(&service().count(5)).settle();
    play.run(&service().count(5).priority(60));
    assert_eq!(play.did(), ["job-register: ~[0, 1, 2, 3, 4]"]);
}

/// Sections 25.5 and 19.1: the record that is cancelled is the scheduler's doing.
#[test]
fn trap_23_stopping_is_a_version_and_purging_forgets() {
    let mut play = Play::with((1..=2).map(node), |config| {
        config.scheduling_delay = Duration::from_millis(100);
    });
    play.run(&service()).wait(1);
    play.stop("docs", false);
    assert_eq!((play.job("docs").version, play.job("docs").stop), (1, true));
    assert_eq!(
        play.deployment("docs"),
        "v0 running 1/0/1",
        "nobody has looked yet"
    );
    play.wait(1);
    assert_eq!(play.description(), "Cancelled because job is stopped");
    play.stop("docs", true);
    assert!(play.allocs("docs").is_empty());
    assert!(
        play.cluster
            .store()
            .latest_deployment(&key("docs"))
            .is_none()
    );
}

/// Sections 25.1 and 25.6.
#[test]
fn trap_24_the_mark_of_a_stop_counts_as_a_change() {
    let mut play = Play::new(1);
    play.run(&service()).settle();
    play.stop("docs", false).settle();
    assert_eq!(play.counters(&service()), "Pl1");
    play.run(&service());
    assert_eq!(
        (play.job("docs").version, play.job("docs").stop),
        (2, false)
    );
    play.settle().wait(3600);
    play.run(&service());
    assert_eq!(play.job("docs").version, 2, "a later time alone is none");
}

/// Section 25.1.
#[test]
fn trap_25_two_indexes_of_a_job() {
    let mut play = Play::new(1);
    play.run(&service()).settle();
    let job = play.job("docs");
    assert!(
        job.modify_index > job.job_modify_index,
        "its status has changed since"
    );
    let register = |index| {
        let mut register = JobRegister::of(service().spec());
        register.enforce_index = Some(index);
        Request::JobRegister(register)
    };
    assert!(play.ask(register(job.modify_index)).is_err());
    let reply = play
        .ask(register(job.job_modify_index))
        .expect("the right one");
    assert_eq!(reply.job_modify_index, job.modify_index);
}

/// Sections 4 and 9.1.
#[test]
fn trap_29_a_service_that_ends_well_is_replaced_at_the_next_look() {
    let mut play = Play::new(1);
    play.run(&service()).settle();
    play.report(&play.ids("docs"), "complete", None);
    assert!(play.did().is_empty());
    play.wait(3600).evaluate("docs");
    assert_eq!(play.did(), ["job-register: +[0]"]);
}

/// Sections 11 and 12.
#[test]
fn trap_31_the_lowest_names_are_taken_and_the_highest_given_up() {
    let mut play = Play::new(3);
    play.run(&service().count(5)).settle();
    play.run(&service().count(3));
    assert!(play.did()[0].starts_with("job-register: not needed [3, 4]"));
    play.settle();
    let ids = play.ids("docs");
    play.report(&[ids[1]], "complete", None);
    play.did();
    play.run(&service().count(4));
    let did = play.did();
    assert!(did[0].contains("+[1, 3]"), "{did:?}");
}

/// Section 7, steps 1 and 4.
#[test]
fn trap_33_a_stopped_past_is_ignored_for_batch_and_absent_for_services() {
    for (kind, want) in [("service", "Ig1"), ("batch", "Ig2")] {
        let mut play = Play::new(2);
        play.run(&job("docs", kind)).settle();
        play.run(&job("docs", kind).env("1")).settle();
        assert_eq!(play.allocs("docs").len(), 2);
        assert_eq!(play.counters(&job("docs", kind).env("1")), want, "{kind}");
    }
}

/// Sections 5.7 and 20.5.
#[test]
fn trap_37_what_finds_no_node_counts_as_an_update_and_survives() {
    let mut play = Play::new(1);
    play.run(&service()).settle();
    let old = play.ids("docs");
    let big = service().ask(9000, 100);
    assert_eq!(play.counters(&big), "De1");
    play.run(&big);
    assert_eq!(play.ids("docs"), old);
}

/// Section 26.
#[test]
fn trap_38_a_job_that_only_waits_is_pending_and_a_stopped_one_dies_late() {
    let status = |play: &Play| play.job("docs").status.as_str().to_owned();
    // The deployment of a job without any room is active, so this is about batch work.
    let mut play = Play::new(0);
    play.run(&batch());
    assert_eq!(status(&play), "pending");
    let mut play = Play::with([node(1)], |config| {
        config.scheduling_delay = Duration::from_millis(100);
    });
    play.run(&service()).wait(1).settle();
    play.stop("docs", false);
    assert_eq!(status(&play), "running");
    play.wait(1);
    assert_eq!(status(&play), "dead");
}

/// Section 13.
#[test]
fn trap_34_what_replaces_and_what_does_not() {
    let rule = |left: &str, right: &str| {
        service().head(&format!(
            "constraint {{\nattribute = \"{left}\"\nvalue = \"{right}\"\n}}"
        ))
    };
    let cases = [
        ("meta", service().head("meta {\nplace = \"home\"\n}"), "De1"),
        (
            "a longer goodbye",
            service().task("kill_timeout = \"9s\""),
            "In1",
        ),
        ("leader", service().task("leader = true"), "In1"),
        (
            "a rule that holds",
            rule("${node.datacenter}", "dc1"),
            "In1",
        ),
        ("a rule that does not", rule("${meta.rack}", "r1"), "De1"),
    ];
    let mut play = Play::new(1);
    play.run(&service()).settle();
    for (what, job, want) in cases {
        assert_eq!(play.counters(&job), want, "{what}");
    }
}

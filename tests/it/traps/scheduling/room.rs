//! Room: what takes it, what gives it back, and who waits for it (spec: scheduling 4, 8, 11, 12).

use yurt_model::NodeStatus;

use crate::traps::play::{Play, Text, address, change, id, job, node, service};

/// More than half of a node.
fn big(name: &str) -> Text {
    job(name, "service").ask(3000, 100)
}

fn evicting(nodes: u128) -> Play {
    Play::with((1..=nodes).map(node), |config| {
        config.scheduler.preemption.service = true
    })
}

/// Section 8.2.
#[test]
fn trap_13_only_the_first_dimension_that_is_short_is_named() {
    let mut play = Play::new(1);
    play.run(&service().ask(9000, 90_000));
    let failure = play.failure("docs");
    let dimensions: Vec<_> = failure.dimension_exhausted.iter().collect();
    assert_eq!(dimensions, [&("cpu".into(), 1)]);
}

/// Section 8.2, SC-16: what stops elsewhere holds its room until its client says so.
#[test]
fn trap_14_a_stopping_allocation_holds_its_room() {
    let mut play = Play::new(1);
    play.run(&big("a")).settle();
    let old = play.ids("a");
    play.run(&big("b")).did();
    play.stop("a", false);
    assert!(play.did_of("b").is_empty(), "nothing was released");
    play.evaluate("b");
    assert!(play.live("b").is_empty(), "the room is still taken");
    play.did();
    play.report(&old, "complete", None);
    assert_eq!(play.did_of("b"), ["queued-allocs: +[0]"]);
}

/// The same section: the stops of a plan make room in it at once.
#[test]
fn trap_14_a_stop_of_the_same_plan_makes_room_at_once() {
    let mut play = Play::new(1);
    play.run(&big("docs")).settle();
    play.run(&big("docs").env("1"));
    assert_eq!(play.did(), ["job-register: updating [0]; +[0]"]);
}

/// The table of section 4.
#[test]
fn trap_15_a_lost_allocation_releases_nobody_and_a_ready_node_does() {
    let mut play = Play::new(2);
    play.run(&big("a").count(2)).settle();
    play.run(&big("b").priority(90)).did();
    play.miss_heartbeat(id(1));
    assert_eq!(play.node_status(id(1)), NodeStatus::Down);
    assert!(play.did_of("b").is_empty());
    play.status(id(1), NodeStatus::Ready);
    assert_eq!(play.did_of("b"), ["queued-allocs: +[0]"]);
}

/// Sections 4.6 and 12.1.
#[test]
fn trap_16_one_blocked_evaluation_waits_and_keeps_its_id() {
    let mut play = Play::new(1);
    play.run(&big("docs").count(2));
    let blocked = play.newest_eval("docs", "queued-allocs").id;
    assert_eq!(
        play.newest_eval("docs", "job-register").blocked_eval,
        Some(blocked)
    );
    play.did();
    // Another node that is too small.
    play.join(change(node(2), |node| node.resources.cpu_mhz = 1000));
    assert_eq!(play.did(), ["queued-allocs: no place for web; waits again"]);
    assert_eq!(play.newest_eval("docs", "queued-allocs").id, blocked);
    // Looked at again, it still has one.
    play.evaluate("docs");
    assert_eq!(play.open("docs"), ["queued-allocs blocked"]);
}

/// Sections 2.4 and 12.1.
#[test]
fn trap_17_a_failure_to_place_is_complete_and_failed_means_attempts() {
    let mut play = Play::new(0);
    play.run(&service());
    let eval = play.newest_eval("docs", "job-register");
    assert_eq!(eval.status.as_str(), "complete");
    assert!(eval.failed_groups.contains_key("web"));
    for (kind, attempts) in [("service", 5), ("batch", 2)] {
        let mut play = Play::new(0);
        play.run(&job("docs", kind));
        let eval = play.newest_eval("docs", "job-register");
        assert_eq!(
            play.schedule(&eval, attempts - 1)
                .evaluation
                .status
                .as_str(),
            "complete"
        );
        let last = play.schedule(&eval, attempts);
        assert_eq!(last.evaluation.status.as_str(), "failed");
        let text = format!("maximum attempts reached ({attempts})");
        assert_eq!(*last.evaluation.status_description, *text);
        let created: Vec<_> = last
            .created
            .iter()
            .map(|e| e.triggered_by.as_str())
            .collect();
        assert_eq!(created, ["max-plan-attempts"]);
    }
}

/// Section 12.1 steps 5 and 10.
#[test]
fn trap_20_only_new_allocations_lower_what_is_queued() {
    let mut play = Play::new(1);
    play.run(&big("docs")).settle();
    play.run(&big("docs").count(3));
    assert_eq!(
        play.did()[0],
        "job-register: ~[0]; makes queued-allocs blocked; no place for web"
    );
    assert_eq!(play.newest_eval("docs", "job-register").queued["web"], 2);
}

/// Section 10: one search for the first failure, none for the others of the group.
#[test]
fn trap_21_after_one_failure_the_rest_of_the_group_is_not_tried() {
    let mut play = Play::new(3);
    play.run(&big("docs").count(5).and("small").count(2));
    let eval = play.newest_eval("docs", "job-register");
    let groups: Vec<_> = eval
        .failed_groups
        .keys()
        .map(|name| name.to_string())
        .collect();
    assert_eq!(groups, ["web"]);
    assert_eq!(eval.failed_groups["web"].coalesced_failures, 1);
    assert_eq!(eval.failed_groups["web"].nodes_evaluated, 3);
    assert_eq!(play.live("docs").len(), 5);
}

/// The same trap, for a smaller ask: an older version's replacement comes after what failed.
#[test]
fn trap_21_a_smaller_ask_of_a_group_that_failed_is_not_tried() {
    let mut play = Play::new(3);
    let update = "canary = 1";
    play.run(&service().count(3).update(update)).settle();
    // A canary too big for any node, and then an old one is lost: its replacement would fit.
    play.run(&service().count(3).update(update).ask(9000, 100));
    play.did();
    let lost = play.live("docs")[0].clone();
    play.miss_heartbeat(lost.node_id);
    let what = play.did();
    assert!(what[0].starts_with("node-update: lost [0]"), "{what:?}");
    assert!(what[0].ends_with("no place for web"), "{what:?}");
    assert!(!what[0].contains('+'), "{what:?}");
}

/// Sections 12.2 step 4 and 14.4.
#[test]
fn trap_22_a_service_keeps_the_old_one_and_a_system_job_does_not() {
    for (kind, live) in [("service", 1), ("system", 0)] {
        let mut play = Play::new(1);
        play.run(&job("docs", kind)).settle();
        play.run(&job("docs", kind).ask(9000, 100));
        assert_eq!(play.live("docs").len(), live, "{kind}");
    }
}

/// Sections 10 and 11.1, SC-65.
#[test]
fn trap_23_the_search_that_evicts_tells_its_own_counts() {
    let mut play = evicting(4);
    play.run(&big("low").priority(20).count(4)).settle();
    play.run(&big("docs").priority(90));
    let metrics = play.live("docs")[0].metrics.clone();
    assert_eq!((metrics.nodes_evaluated, metrics.nodes_exhausted), (2, 0));
    // All four are as important now, or nearly: the second search finds nothing either.
    let mut play = evicting(4);
    play.run(&big("low").priority(85).count(4)).settle();
    play.run(&big("docs").priority(90));
    let failure = play.failure("docs");
    assert_eq!((failure.nodes_evaluated, failure.nodes_exhausted), (4, 4));
}

/// Sections 11.1 and 11.2, SC-67 and SC-76.
#[test]
fn trap_24_eviction_needs_a_difference_of_ten() {
    for (low, evicts) in [(41, false), (40, true)] {
        let mut play = evicting(1);
        play.run(&big("low").priority(low)).settle();
        play.run(&big("docs").priority(50));
        assert_eq!(play.live("docs").len(), usize::from(evicts), "50 and {low}");
    }
    // Its own job is never evicted, whatever it was.
    let mut play = evicting(1);
    play.run(&big("docs").priority(20)).settle();
    play.run(&big("docs").priority(90).count(2));
    assert_eq!(play.live("docs").len(), 1);
    // By default system jobs alone evict.
    for (kind, evicts) in [
        ("service", false),
        ("batch", false),
        ("sysbatch", false),
        ("system", true),
    ] {
        let mut play = Play::new(1);
        play.run(&big("low").priority(20)).settle();
        play.run(&job("docs", kind).ask(3000, 100).priority(100));
        assert_eq!(play.live("docs").len(), usize::from(evicts), "{kind}");
    }
}

/// Section 8.3: a task's own network takes bandwidth and ports of one address.
#[test]
fn a_network_of_a_task_takes_bandwidth_and_ports() {
    let task = "config {\nimage = \"a\"\n}\nresources {\ncpu = 100\nnetwork {\nmbits = 400\nport \
                \"http\" {\nstatic = 8080\n}\nport \"admin\" {}\n}\n}";
    let docs = |id: &str, port: u32, mbits: u32| {
        let task = task.replace("8080", &port.to_string());
        let task = task.replace("400", &mbits.to_string());
        format!(
            "job \"{id}\" {{\ndatacenters = [\"*\"]\ngroup \"web\" {{\ntask \"server\" {{\ndriver \
             = \"docker\"\n{task}\n}}\n}}\n}}\n"
        )
    };
    let mut play = Play::on([change(node(1), |node| {
        node.resources.networks = vec![address("10.0.0.1", "default")];
        node.resources.networks[0].mbits = 1000;
    })]);
    play.run_text(&docs("a", 8080, 400)).settle();
    let live = play.live("a");
    let ports: Vec<_> = live[0].resources.ports.iter().collect();
    let labels: Vec<&str> = ports.iter().map(|port| &*port.label).collect();
    assert_eq!((labels, ports[0].value), (vec!["http", "admin"], 8080));
    assert!((20_000..=32_000).contains(&ports[1].value), "{ports:?}");
    for (id, port, mbits, want) in [
        ("b", 8080, 400, "network: reserved port collision http=8080"),
        ("c", 8081, 601, "network: bandwidth exceeded"),
    ] {
        play.run_text(&docs(id, port, mbits));
        let failure = play.failure(id);
        let told: Vec<_> = failure.dimension_exhausted.iter().collect();
        assert_eq!(told, [&(want.into(), 1)]);
    }
    play.run_text(&docs("d", 8081, 600));
    assert_eq!(play.live("d").len(), 1);
}

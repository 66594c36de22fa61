//! Which nodes are chosen and why others are not: scenarios of scheduling 5-12, by their numbers.

use std::collections::BTreeMap;

use yurt_model::job::{
    Affinity, Constraint, JobType, PortRequest, Spread, SpreadTarget, TaskGroup,
};
use yurt_model::testing;
use yurt_model::{AllocMetric, Counts, EvalStatus, Node, NodeScore};

use super::world::{World, group, node};

fn constraint(left: &str, operand: &str, right: &str) -> Constraint {
    Constraint {
        left: left.into(),
        operand: operand.into(),
        right: right.into(),
    }
}

fn with(mut node: Node, edit: impl FnOnce(&mut Node)) -> Node {
    edit(&mut node);
    node.with_computed_class()
}

fn counts(map: &Counts) -> Vec<(&str, u32)> {
    map.iter().map(|(key, n)| (&**key, *n)).collect()
}

fn failure(w: &World, group: &str) -> AllocMetric {
    let output = w.last.as_ref().expect("an evaluation");
    AllocMetric::clone(
        output
            .evaluation
            .failed_groups
            .get(group)
            .expect("a failure"),
    )
}

/// The newest allocations' metrics, by name index.
fn metrics(w: &World) -> Vec<AllocMetric> {
    w.live()
        .iter()
        .map(|alloc| AllocMetric::clone(&alloc.metrics))
        .collect()
}

fn first(metrics: &AllocMetric) -> NodeScore {
    metrics.scores.iter().next().expect("a ranked node")
}

fn one(count: i64) -> TaskGroup {
    group(count, "web:1", None)
}

#[test]
fn few_nodes_are_looked_at() {
    // SC-20: the logarithm of the number of candidates, at least two.
    for (nodes, evaluated) in [(1, 1), (4, 2), (8, 3), (10, 4), (100, 7)] {
        let mut w = World::new((1..=nodes).map(node));
        w.register(0, vec![one(1)]);
        assert_eq!(metrics(&w)[0].nodes_evaluated, evaluated, "{nodes} nodes");
    }
}

#[test]
fn the_second_look_starts_where_the_first_ended() {
    // SC-23.
    let mut w = World::new((1..=4).map(node));
    w.register(0, vec![one(2)]);
    let seen: Vec<_> = metrics(&w)
        .iter()
        .flat_map(|metrics| {
            metrics
                .scores
                .iter()
                .map(|score| score.node_id)
                .collect::<Vec<_>>()
        })
        .collect();
    let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (4, 4));
}

#[test]
fn no_nodes() {
    // SC-1.
    let mut w = World::new([]);
    let text = w.register(0, vec![one(10)]);
    assert_eq!(text, "api Pl10; no plan; failures; none");
    let failure = failure(&w, "api");
    assert_eq!(
        (failure.nodes_evaluated, failure.coalesced_failures),
        (0, 9)
    );
    let output = w.last.as_ref().unwrap();
    assert_eq!(output.evaluation.queued.values().sum::<i64>(), 10);
    let blocked = &output.created[0];
    assert_eq!(blocked.status, EvalStatus::Blocked);
    assert_eq!(
        &*blocked.status_description,
        "created to place remaining allocations"
    );
    assert_eq!(output.evaluation.blocked_eval, Some(blocked.id));
}

#[test]
fn filter_reasons_collapse_by_class() {
    // SC-29.
    let nodes = (1..=8).map(|n| {
        with(node(n), |node| {
            node.node_class = "mac".into();
            node.attributes
                .insert("kernel.name".into(), "darwin".into());
        })
    });
    let mut w = World::new(nodes);
    let mut job = testing::spec("docs", JobType::Service, vec![one(1)]);
    job.constraints
        .push(constraint("${attr.kernel.name}", "=", "linux"));
    w.register_spec(0, job);
    let failure = failure(&w, "api");
    let want = [
        ("${attr.kernel.name} = linux", 1),
        ("computed class ineligible", 7),
    ];
    assert_eq!(counts(&failure.constraint_filtered), want);
    assert_eq!(failure.nodes_filtered, 8);
    assert_eq!(counts(&failure.class_filtered), [("mac", 8)]);
}

#[test]
fn one_reason_a_node() {
    // Each row: what the group asks, what the node is, the reason (7.2, SC-28, SC-30, SC-44).
    type Ask = fn(&mut TaskGroup);
    type Is = fn(&mut Node);
    let as_it_is: Is = |_| ();
    let rows: [(Ask, Is, Option<&str>); 9] = [
        (|_| (), as_it_is, None),
        (
            |group| group.constraints.push(constraint("${meta.x}", "!=", "y")),
            as_it_is,
            None,
        ),
        (
            |group| {
                group
                    .constraints
                    .push(constraint("${meta.x}", "is_set", ""))
            },
            as_it_is,
            Some("${meta.x} is_set "),
        ),
        (
            |group| {
                group.tasks[0]
                    .constraints
                    .push(constraint("${node.class}", "=", "gpu"))
            },
            as_it_is,
            Some("${node.class} = gpu"),
        ),
        (
            // Drivers come before the group's constraints.
            |group| group.constraints.push(constraint("${meta.x}", "=", "y")),
            |node| node.drivers.get_mut("docker").expect("a driver").healthy = false,
            Some("missing drivers"),
        ),
        (
            |_| (),
            |node| {
                node.drivers.get_mut("docker").expect("a driver").healthy = false;
                node.attributes.insert("driver.docker".into(), "1".into());
            },
            Some("missing drivers"),
        ),
        (
            |_| (),
            |node| node.resources.networks.clear(),
            Some("missing network"),
        ),
        (
            |group| {
                let port = PortRequest {
                    label: "http".into(),
                    value: 0,
                    to: 0,
                    host_network: "public".into(),
                    ignore_collision: false,
                };
                group.networks.push(yurt_model::job::NetworkRequest {
                    dynamic_ports: vec![port],
                    ..Default::default()
                });
            },
            as_it_is,
            Some("missing host network \"public\" for port \"http\""),
        ),
        (
            |group| {
                let both = constraint("${meta.missing}", "distinct_property", "");
                group.constraints.push(both);
            },
            as_it_is,
            Some("missing property \"${meta.missing}\""),
        ),
    ];
    for (i, (ask, is, reason)) in rows.into_iter().enumerate() {
        let mut w = World::new([with(node(1), is)]);
        let mut group = one(1);
        ask(&mut group);
        w.register(0, vec![group]);
        let output = w.last.as_ref().unwrap();
        let got = output.evaluation.failed_groups.get("api");
        let reasons = got.map(|metrics| counts(&metrics.constraint_filtered));
        let want = reason.map(|reason| vec![(reason, 1)]);
        assert_eq!(reasons, want, "row {i}");
    }
}

#[test]
fn distinct_hosts_and_properties() {
    // SC-31.
    let mut w = World::new((1..=2).map(node));
    let mut job = testing::spec("docs", JobType::Service, vec![one(3)]);
    job.constraints.push(constraint("", "distinct_hosts", ""));
    w.register_spec(0, job);
    assert_eq!(w.live().len(), 2);
    assert_eq!(
        counts(&failure(&w, "api").constraint_filtered),
        [("distinct_hosts", 2)]
    );
    assert_eq!(w.last.as_ref().unwrap().evaluation.queued["api"], 1);
    // SC-33: four nodes on two racks, two to a rack.
    let racked = |n: u128| {
        with(node(n), |node| {
            node.meta
                .insert("rack".into(), format!("r{}", n % 2).as_str().into());
        })
    };
    let mut w = World::new((1..=4).map(racked));
    let mut group = one(5);
    group
        .constraints
        .push(constraint("${meta.rack}", "distinct_property", "2"));
    w.register(0, vec![group]);
    let on_first_rack = w
        .live()
        .iter()
        .filter(|alloc| alloc.node_id.0.0 % 2 == 1)
        .count();
    assert_eq!((w.live().len(), on_first_rack), (4, 2));
    let failure = failure(&w, "api");
    let reasons = counts(&failure.constraint_filtered);
    let used = |rack: &str| format!("distinct_property: ${{meta.rack}}={rack} used by 2 allocs");
    assert_eq!(
        reasons,
        [(used("r0").as_str(), 2), (used("r1").as_str(), 2)]
    );
}

#[test]
fn exhaustion_names_the_first_dimension() {
    // SC-61, and the order of dimensions (8.2).
    let mut w = World::new((1..=2).map(node));
    let mut group = one(10);
    group.tasks[0].resources.memory_mb = 9000;
    w.register(0, vec![group.clone()]);
    let failure_now = failure(&w, "api");
    assert_eq!(failure_now.nodes_exhausted, 2);
    assert_eq!(counts(&failure_now.dimension_exhausted), [("memory", 2)]);
    assert_eq!(failure_now.coalesced_failures, 9);
    assert_eq!(failure_now.resources_exhausted["server"], (0, 90_000));
    group.tasks[0].resources.cpu_mhz = 5000;
    w.register(1, vec![group]);
    assert_eq!(
        counts(&failure(&w, "api").dimension_exhausted),
        [("cpu", 2)]
    );
}

#[test]
fn a_full_node_and_a_wrong_one() {
    // SC-62: what the blocked evaluation remembers of the classes.
    let full = with(node(1), |node| node.node_class = "a".into());
    let wrong = with(node(2), |node| {
        node.node_class = "b".into();
        node.attributes.insert("os".into(), "other".into());
    });
    let mut w = World::new([full.clone(), wrong.clone()]);
    let mut group = one(1);
    group
        .constraints
        .push(constraint("${attr.os}", "!=", "other"));
    group.tasks[0].resources.cpu_mhz = 9000;
    w.register(0, vec![group]);
    let failure = failure(&w, "api");
    assert_eq!((failure.nodes_filtered, failure.nodes_exhausted), (1, 1));
    assert_eq!(
        (counts(&failure.nodes_available), failure.nodes_in_pool),
        (vec![("dc1", 2)], 2)
    );
    let blocked = &w.last.as_ref().unwrap().created[0];
    let want = BTreeMap::from([(full.computed_class, true), (wrong.computed_class, false)]);
    assert_eq!(*blocked.class_eligibility, want);
    assert!(!blocked.escaped_class);
}

#[test]
fn a_constraint_on_single_nodes_escapes_the_classes() {
    // SC-19.
    let mut w = World::new([node(1)]);
    let mut group = one(1);
    group
        .constraints
        .push(constraint("${attr.unique.hostname}", "=", "x"));
    w.register(0, vec![group]);
    let blocked = &w.last.as_ref().unwrap().created[0];
    assert!(blocked.escaped_class);
    assert!(blocked.class_eligibility.is_empty());
}

fn score(metrics: &AllocMetric, node: u128, key: &str) -> Option<f64> {
    let scores = metrics
        .scores
        .iter()
        .find(|score| score.node_id.0.0 == node)?;
    scores.scores.get(key)
}

fn near(got: f64, want: f64) -> bool {
    (got - want).abs() < 5e-4
}

#[test]
fn binpack_and_anti_affinity() {
    // SC-49 and SC-58.
    let mut w = World::new([with(node(1), |node| {
        node.reserved.cpu_mhz = 100;
        node.reserved.memory_mb = 256;
    })]);
    let mut group = one(3);
    group.tasks[0].resources.cpu_mhz = 500;
    group.tasks[0].resources.memory_mb = 256;
    w.register(0, vec![group]);
    let all = metrics(&w);
    assert!(near(score(&all[0], 1, "binpack").unwrap(), 0.1818));
    assert!(near(score(&all[1], 1, "binpack").unwrap(), 0.3244));
    assert!(near(
        score(&all[1], 1, "job-anti-affinity").unwrap(),
        -0.6667
    ));
    assert!(near(first(&all[1]).normalized, -0.1711));
}

#[test]
fn affinities_count_even_when_they_are_zero() {
    // SC-51: weights over the sum of their sizes.
    let nodes = [
        ("dc1", "4.9", ""),
        ("dc2", "2", ""),
        ("dc2", "2", "large"),
        ("dc1", "2", ""),
    ];
    let nodes = nodes.into_iter().zip(1..).map(|((dc, kernel, class), n)| {
        with(node(n), |node| {
            node.datacenter = dc.into();
            node.node_class = class.into();
            node.attributes
                .insert("kernel.version".into(), kernel.into());
        })
    });
    let mut w = World::new(nodes);
    let affinity = |left: &str, operand: &str, right: &str, weight| Affinity {
        left: left.into(),
        operand: operand.into(),
        right: right.into(),
        weight,
    };
    let mut job = testing::spec("docs", JobType::Service, vec![one(1)]);
    job.datacenters = vec!["*".into()];
    job.affinities = vec![
        affinity("${node.datacenter}", "=", "dc1", 100),
        affinity("${node.datacenter}", "=", "dc2", -100),
        affinity("${attr.kernel.version}", "version", "> 4.0", 50),
        affinity("${node.class}", "is", "large", 50),
    ];
    w.register_spec(0, job);
    let metrics = metrics(&w).remove(0);
    assert_eq!(metrics.nodes_evaluated, 4, "all nodes are looked at");
    let got: Vec<f64> = (1..=4)
        .map(|n| score(&metrics, n, "node-affinity").unwrap())
        .collect();
    for (got, want) in got.iter().zip([0.5, -1.0 / 3.0, -1.0 / 6.0, 1.0 / 3.0]) {
        assert!(near(*got, want), "{got} for {want}");
    }
    let binpack = score(&metrics, 1, "binpack").unwrap();
    assert!(near(first(&metrics).normalized, (0.5 + binpack) / 2.0));
}

/// Twenty small nodes, half in each of two datacenters.
fn two_datacenters() -> World {
    World::new((1..=10).map(|n| {
        with(node(n), |node| {
            node.datacenter = if n <= 5 { "dc1" } else { "dc2" }.into();
        })
    }))
}

#[test]
fn spreads_reach_their_targets() {
    // SC-59: evenly, and by percentages in steps of ten.
    let in_first = |targets: Vec<SpreadTarget>| {
        let mut w = two_datacenters();
        let mut job = testing::spec("docs", JobType::Service, vec![one(10)]);
        job.datacenters = vec!["dc*".into()];
        job.spreads = vec![Spread {
            attribute: "${node.datacenter}".into(),
            weight: 100,
            targets,
        }];
        w.register_spec(0, job);
        assert_eq!(w.live().len(), 10);
        w.live()
            .iter()
            .filter(|alloc| alloc.node_id.0.0 <= 5)
            .count()
    };
    assert_eq!(in_first(Vec::new()), 5);
    for percent in (0..=100).step_by(10) {
        let target = |value: &str, percent| SpreadTarget {
            value: value.into(),
            percent,
        };
        let targets = vec![target("dc1", percent), target("dc2", 100 - percent)];
        assert_eq!(
            in_first(targets),
            usize::try_from(percent / 10).unwrap(),
            "{percent} %"
        );
    }
}

#[test]
fn ports() {
    // SC-41 to SC-43.
    let ask = |label: &str, value| PortRequest {
        label: label.into(),
        value,
        to: 0,
        host_network: "".into(),
        ignore_collision: false,
    };
    let with_ports = |reserved: Vec<PortRequest>, dynamic: Vec<PortRequest>| {
        let mut group = one(1);
        group.networks.push(yurt_model::job::NetworkRequest {
            reserved_ports: reserved,
            dynamic_ports: dynamic,
            ..Default::default()
        });
        group
    };
    let narrow = || {
        with(node(1), |node| {
            node.resources.min_dynamic_port = 20_000;
            node.resources.max_dynamic_port = 20_000;
            node.reserved.ports = "22,80".into();
        })
    };
    let dimension = |group: TaskGroup| {
        let mut w = World::new([narrow()]);
        w.register(0, vec![group]);
        let output = w.last.as_ref().unwrap();
        let failure = output.evaluation.failed_groups.get("api");
        failure.map(|metrics| {
            metrics
                .dimension_exhausted
                .iter()
                .next()
                .unwrap()
                .0
                .to_string()
        })
    };
    assert_eq!(dimension(with_ports(vec![], vec![ask("a", 0)])), None);
    assert_eq!(
        dimension(with_ports(vec![], vec![ask("a", 0), ask("b", 0)])).as_deref(),
        Some("network: dynamic port selection failed")
    );
    assert_eq!(
        dimension(with_ports(vec![ask("ssh", 22)], vec![])).as_deref(),
        Some("network: reserved port collision ssh=22")
    );
    let mut two = with_ports(vec![ask("http", 8080)], vec![]);
    two.count = 2;
    assert_eq!(
        dimension(two).as_deref(),
        Some("network: reserved port collision http=8080")
    );
}

#[test]
fn cores_are_the_lowest_free_ones() {
    // SC-46.
    let mut w = World::new([with(node(1), |node| node.reserved.cores = vec![0])]);
    let mut group = one(2);
    group.tasks[0].resources.cores = 2;
    group.tasks[0].resources.cpu_mhz = 0;
    w.register(0, vec![group]);
    assert_eq!(w.live()[0].resources.tasks[0].cores, [1, 2]);
    assert_eq!(w.live()[0].resources.cpu_mhz, 2000);
    assert_eq!(
        counts(&failure(&w, "api").dimension_exhausted),
        [("cores", 1)]
    );
}

#[test]
fn an_update_that_finds_no_room_leaves_the_old_one_alone() {
    // SC-85.
    let mut w = World::new([node(1)]);
    w.register(0, vec![one(1)]);
    w.settle();
    let mut group = group(1, "web:2", None);
    group.tasks[0].resources.cpu_mhz = 9000;
    let text = w.register(1, vec![group]);
    assert_eq!(text, "api De1; no plan; failures; none");
    assert_eq!(w.live()[0].job.version, 0);
}

#[test]
fn a_blocked_evaluation_goes_back_or_completes() {
    // SC-80.
    let mut w = World::new([]);
    w.register(0, vec![one(1)]);
    let blocked = w.last.as_ref().unwrap().created[0].clone();
    w.run(blocked.clone());
    let output = w.last.as_ref().unwrap();
    assert!(output.reblock && output.created.is_empty());
    assert_eq!(output.evaluation.status, EvalStatus::Blocked);
    w.apply(yurt_state::Change::NodeUpserted(Box::new(node(1))));
    assert_eq!(w.run(blocked), "api Pl1; new [0]; none");
    assert_eq!(
        w.last.as_ref().unwrap().evaluation.status,
        EvalStatus::Complete
    );
}

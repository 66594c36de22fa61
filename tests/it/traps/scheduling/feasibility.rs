//! Which nodes a group may run on (spec: scheduling 5 to 7).

use yurt_model::{DriverInfo, HostVolume, NodeEligibility};

use crate::traps::play::{Play, Text, address, change, node, service};

fn constraint(attribute: &str, operator: &str, value: &str) -> String {
    format!(
        "constraint {{\nattribute = \"{attribute}\"\noperator = \"{operator}\"\n\
         value = \"{value}\"\n}}"
    )
}

/// The reasons for which nodes were refused, with how many.
fn reasons(play: &mut Play, job: &Text) -> Vec<(String, u32)> {
    play.run(job);
    let failure = play.failure("docs");
    let reasons = failure.constraint_filtered.iter();
    reasons
        .map(|(text, count)| (text.to_string(), *count))
        .collect()
}

fn is_placed(play: &mut Play, job: &Text) -> bool {
    play.run(job);
    !play.live("docs").is_empty()
}

fn on_node_with(attribute: &str, value: &str) -> Play {
    Play::on([change(node(1), |node| {
        node.attributes.insert(attribute.into(), value.into());
    })])
}

/// Section 7.1, SC-29.
#[test]
fn trap_01_classmates_collapse_into_one_reason() {
    let linux = service().head(&constraint("${attr.kernel.name}", "=", "linux"));
    let found = reasons(&mut Play::new(8), &linux);
    let want = [
        ("${attr.kernel.name} = linux".to_owned(), 1),
        ("computed class ineligible".to_owned(), 7),
    ];
    assert_eq!(found, want);
}

/// Section 7.1: job constraints, then drivers, then the group's constraints.
#[test]
fn trap_02_drivers_are_checked_before_group_constraints() {
    let without_driver = || Play::on([change(node(1), |node| node.drivers.clear())]);
    let wants = service().group(&constraint("${meta.rack}", "=", "r1"));
    let found = reasons(&mut without_driver(), &wants);
    assert_eq!(found, [("missing drivers".to_owned(), 1)]);
    let more = wants.head(&constraint("${meta.zone}", "=", "a"));
    let found = reasons(&mut without_driver(), &more);
    assert_eq!(found, [("${meta.zone} = a".to_owned(), 1)]);
    // A table that says so wins over the attribute (SC-30).
    let unhealthy = change(node(1), |node| {
        let broken = DriverInfo {
            detected: true,
            healthy: false,
        };
        node.drivers.insert("docker".into(), broken);
        node.attributes.insert("driver.docker".into(), "1".into());
    });
    let found = reasons(&mut Play::on([unhealthy]), &service());
    assert_eq!(found, [("missing drivers".to_owned(), 1)]);
}

/// Section 7.1 step 6: host volumes are looked at node by node.
#[test]
fn trap_03_a_missing_volume_does_not_poison_the_class() {
    let volume = "volume \"data\" {\ntype = \"host\"\nsource = \"data\"\n}";
    let job = service().group(volume);
    let mut play = Play::new(3);
    let found = reasons(&mut play, &job);
    assert_eq!(found, [("missing compatible host volumes".to_owned(), 3)]);
    // One more of the same class that has it.
    play.join(change(node(4), |node| {
        let volume = HostVolume { read_only: false };
        node.host_volumes.insert("data".into(), volume);
    }));
    assert_eq!(play.live("docs").len(), 1);
}

/// Sections 7.2, 7.4 and 7.5.
#[test]
fn trap_04_what_is_missing_differs_and_is_set_leaves_a_space() {
    let differs = service().head(&constraint("${meta.rack}", "!=", "r1"));
    assert!(is_placed(&mut Play::new(1), &differs));
    let is_set =
        service().head("constraint {\nattribute = \"${meta.rack}\"\noperator = \"is_set\"\n}");
    let found = reasons(&mut Play::new(1), &is_set);
    assert_eq!(found, [("${meta.rack} is_set ".to_owned(), 1)]);
    let class =
        service().head("constraint {\nattribute = \"${node.class}\"\noperator = \"is_set\"\n}");
    assert!(is_placed(&mut Play::new(1), &class), "set, though empty");
}

/// Section 7.5, SC-25 and SC-26.
#[test]
fn trap_05_versions_and_pre_releases() {
    let cases = [
        ("1.3.0-beta1", "version", ">= 0.6.1", false),
        ("1.3.0-beta1", "semver", ">= 0.6.1", true),
        ("1.2.3", "version", "~> 1.0", true),
        ("1.7.0-alpha1", "version", ">= 1.6.0-beta1", false),
        ("1.7.0-alpha1", "semver", ">= 1.6.0-beta1", true),
        ("1.7.0-beta", "semver", ">= 1.7.0", false),
    ];
    for (left, operator, right, fits) in cases {
        let job = service().head(&constraint("${attr.app}", operator, right));
        let placed = is_placed(&mut on_node_with("app", left), &job);
        assert_eq!(placed, fits, "{left} {operator} {right}");
    }
}

/// The same trap. No admission lets such a constraint through, so it is put in by hand.
#[test]
fn trap_05_semver_knows_no_pessimistic_operator() {
    for (right, fits) in [(">= 1.0.0", true), ("~> 1.0", false)] {
        let job = service().head(&constraint("${attr.app}", "semver", ">= 1.0.0"));
        let mut spec = (*job.spec()).clone();
        spec.constraints[0].right = right.into();
        let mut play = on_node_with("app", "1.2.3");
        play.run_spec(spec);
        assert_eq!(play.live("docs").len(), usize::from(fits), "{right}");
    }
}

/// Section 5.4.
#[test]
fn trap_25_available_nodes_are_candidates_by_datacenter() {
    let elsewhere =
        |number, datacenter: &str| change(node(number), |node| node.datacenter = datacenter.into());
    let mut far = elsewhere(3, "dc2");
    far.eligibility = NodeEligibility::Ineligible;
    let mut play = Play::on([node(1), node(2), far, elsewhere(4, "dc3")]);
    let job = service().head("datacenters = [\"dc1\", \"dc2\"]");
    play.run(&job.ask(9000, 100));
    let failure = play.failure("docs");
    let available: Vec<_> = failure.nodes_available.iter().collect();
    assert_eq!(available, [&("dc1".into(), 2)]);
    assert_eq!(failure.nodes_in_pool, 2);
    assert_eq!(&*failure.node_pool, "default");
}

/// Sections 5.4 and 7.5, SC-27 and SC-37.
#[test]
fn trap_52_patterns_and_sets() {
    let cases = [
        ("${attr.app}", "regexp", "tal", true),
        ("${attr.app}", "regexp", "^tal", false),
        ("${attr.app}", "set_contains", "metal,  big  ", true),
        ("${attr.app}", "set_contains", "metal,small", false),
    ];
    for (left, operator, right, fits) in cases {
        let job = service().head(&constraint(left, operator, right));
        let placed = is_placed(&mut on_node_with("app", "metal,big"), &job);
        assert_eq!(placed, fits, "{operator} {right}");
    }
    for (pattern, fits) in [
        ("d*", true),
        ("d?1", false),
        ("dc[1]", false),
        ("dc", false),
    ] {
        let job = service().head(&format!("datacenters = [\"{pattern}\"]"));
        assert_eq!(is_placed(&mut Play::new(1), &job), fits, "{pattern}");
    }
}

/// Sections 7.2 and 8.3, SC-42 and SC-44.
#[test]
fn trap_53_ports_that_are_taken_exhaust_and_networks_that_are_missing_filter() {
    let port = |more: &str| format!("network {{\nport \"http\" {{\nstatic = 8080\n{more}}}\n}}");
    let mut play = Play::on([change(node(1), |node| {
        node.resources.networks = vec![address("192.168.0.1", "default")];
    })]);
    play.run(&service().group(&port("")).count(2));
    let failure = play.failure("docs");
    let dimensions: Vec<_> = failure.dimension_exhausted.iter().collect();
    let want = "network: reserved port collision http=8080";
    assert_eq!(dimensions, [&(want.into(), 1)]);
    assert_eq!((failure.nodes_exhausted, failure.nodes_filtered), (1, 0));
    let found = reasons(
        &mut Play::new(1),
        &service().group(&port("host_network = \"public\"\n")),
    );
    let want = "missing host network \"public\" for port \"http\"";
    assert_eq!(found, [(want.to_owned(), 1)]);
}

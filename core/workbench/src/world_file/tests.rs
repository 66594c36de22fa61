//! Goal: worlds are read as they say, and what is wrong with them is told with its place. Method:
//! the example of the manual, a table of mistakes, and jobs run on images of a world.

use super::*;
use crate::session::Session;
use yurt_engine::Cluster;
use yurt_model::NodeEligibility;

/// The example that is told to people.
const EXAMPLE: &str = include_str!("../../../../docs/world.hcl");

fn errors(source: &str) -> Vec<String> {
    match read("w.hcl", source, None) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn the_example_is_what_it_says() {
    let config = read("w.hcl", EXAMPLE, None).expect("the example is sound");
    assert_eq!(config.seed, 7);
    assert_eq!(config.epoch.rfc3339(), "2026-03-02T08:00:00Z");
    assert_eq!(config.scheduler.algorithm, SchedulerAlgorithm::Spread);
    assert!(config.scheduler.preemption.service && config.scheduler.preemption.system);
    assert_eq!(config.heartbeat_grace, Duration::from_secs(10));
    let told: Vec<String> = config
        .nodes
        .iter()
        .map(|node| {
            let rack = node.meta.get("rack").map_or("none", |rack| rack);
            let devices: usize = node
                .resources
                .devices
                .iter()
                .map(|of| of.instances.len())
                .sum();
            let (cpu_mhz, memory_mb, _) = node.available();
            format!(
                "{} {} {rack} {cpu_mhz} {memory_mb} {devices}",
                node.name, node.node_pool
            )
        })
        .collect();
    let wanted = [
        "web-1 default r1 13500 32256 0",
        "web-2 default r2 13500 32256 0",
        "web-3 default r3 13500 32256 0",
        "web-4 default r1 13500 32256 0",
        "web-5 default r2 13500 32256 0",
        "web-6 default r3 13500 32256 0",
        "gpu gpu none 4000 8192 2",
    ];
    assert_eq!(told, wanted);
    assert!(config.nodes[0].host_volumes["certificates"].read_only);
    assert!(!config.nodes[6].drivers.contains_key("raw_exec"));
}

#[test]
fn what_is_not_said_is_as_recorded() {
    let config = read("w.hcl", "", Some(3)).expect("nothing is sound");
    let recorded = ClusterConfig::of_recordings(3);
    assert_eq!(config.nodes, recorded.nodes);
    assert_eq!((config.seed, config.epoch), (3, recorded.epoch));
    let config = read("w.hcl", "node \"a\" {\n  eligible = false\n}\n", None).expect("sound");
    assert_eq!(config.nodes.len(), 1);
    assert_eq!(config.nodes[0].eligibility, NodeEligibility::Ineligible);
}

/// What is wrong is told with its place, all of it, and before any memory is taken for it.
#[test]
fn what_is_wrong_is_told() {
    let cases: &[(&str, &[&str])] = &[
        (
            "sead = 1",
            &[
                "w.hcl:1,1-5: Unsupported argument; A world has no argument named \"sead\". \
               Did you mean \"seed\"?",
            ],
        ),
        (
            "seed = -1",
            &["w.hcl:1,8-10: Unsuitable value for \"seed\"; \
               A whole number from 0 to 9223372036854775807 is wanted."],
        ),
        (
            "node \"n\" {\n  count = 1000000\n}",
            &["w.hcl:2,11-18: Unsuitable value for \"count\"; \
               A whole number from 0 to 20000 is wanted."],
        ),
        (
            "node \"a\" {\n  count = 15000\n}\nnode \"b\" {\n  count = 15000\n}",
            &["w.hcl:4,1-9: Too many nodes; \
               A world may have at most 20000 nodes; here are 30000."],
        ),
        (
            "node \"a\" {}\nnode \"a\" {}",
            &["w.hcl:2,1-9: Names of nodes are unique; There is a node \"a\" already."],
        ),
        (
            "node \"a\" {\n  memory_mb = 256\n  reserved {\n    memory_mb = 512\n  }\n}",
            &["w.hcl:1,1-9: More is reserved than is there; \
               A node cannot keep more from jobs than it has."],
        ),
        (
            "node {}",
            &["w.hcl:1,1-5: Labels do not fit; A node block has one label: node \"…\" {."],
        ),
        (
            "image \"x:1\" {\n  exit_code = 1\n  pull = \"soon\"\n}",
            &[
                "w.hcl:3,10-16: Unsuitable value for \"pull\"; \
                 A length of time such as \"1m30s\" is wanted, a year at most.",
                "w.hcl:1,1-12: An end without a time; \
                 Say with runs_for how long it runs before it ends so.",
            ],
        ),
        (
            "image \"x:1\" {\n  check {\n    status = \"bad\"\n  }\n}",
            &["w.hcl:3,14-19: Unsuitable value for \"status\"; \
               It is \"passing\", \"warning\" or \"failing\"."],
        ),
        (
            "node \"a\" {\n  device \"gpu\" {}\n}",
            &[
                "w.hcl:2,3-15: Unsuitable label; Devices are named by vendor, type and name: \
               device \"nvidia/gpu/1080ti\".",
            ],
        ),
        (
            "start = \"yesterday\"\nrelease = \"3\"",
            &[
                "w.hcl:2,11-14: Unsuitable value for \"release\"; It is \"2.0\" or \"0.7\".",
                "w.hcl:1,9-20: Unsuitable value for \"start\"; \
                 It is a time from 1970 to 2262 such as \"2026-01-05T09:00:00Z\".",
            ],
        ),
        (
            "node \"\" {}",
            &["w.hcl:1,1-8: Unsuitable label; A node has a name: node \"web\" {."],
        ),
        (
            "node \"a\" {\n  datacenter = \"dc*\"\n  node_pool = \"all\"\n}\n\
             node \"b\" {\n  datacenter = \"\"\n  node_pool = \"a b\"\n}",
            &[
                "w.hcl:2,16-21: Unsuitable value for \"datacenter\"; \
                 A name without * is wanted: jobs have patterns, nodes have names.",
                "w.hcl:3,15-20: Unsuitable value for \"node_pool\"; \
                 The pool \"all\" is that of every node; a node has one of its own.",
                "w.hcl:6,16-18: Unsuitable value for \"datacenter\"; \
                 A name without * is wanted: jobs have patterns, nodes have names.",
                "w.hcl:7,15-20: Unsuitable value for \"node_pool\"; \
                 Letters, digits, - and _ are wanted, 128 at most.",
            ],
        ),
        (
            "node \"a\" {\n  network \"x\" {\n    address = \"home\"\n    \
             reserved_ports = \"80-70\"\n  }\n  reserved {\n    ports = \"99999\"\n  }\n}",
            &[
                "w.hcl:4,22-29: Unsuitable value for \"reserved_ports\"; \
                 A list such as \"22,8500-8600\" is wanted: \
                 invalid range: ending value (70) less than starting (80) value.",
                "w.hcl:3,15-21: Unsuitable value for \"address\"; \
                 An address such as \"10.0.0.5\" is wanted.",
                "w.hcl:7,13-20: Unsuitable value for \"ports\"; \
                 A list such as \"22,8500-8600\" is wanted: \
                 port must be < 65536 but found 99999.",
            ],
        ),
        (
            "scheduler {}\nscheduler {}\nnode \"a\" {}\nnode \"b\" {}",
            &["w.hcl:2,1-10: Said twice; A world has one scheduler block at most."],
        ),
        (
            "node \"a\" {\n  meta = { rack = [] }\n}",
            &["w.hcl:2,10-23: Unsuitable value for \"meta\"; \
               Texts by name are wanted: { rack = \"r1\" }."],
        ),
    ];
    for (source, wanted) in cases {
        assert_eq!(errors(source), *wanted, "{source}");
    }
}

fn session(world: &str) -> Session {
    let config = read("w.hcl", world, None).expect("a sound world");
    let mut session = Session::on(Cluster::new(config).expect("a sound world"));
    session.files.write("job.hcl", JOB);
    session.execute("nomad job run -detach job.hcl");
    session
}

const JOB: &str = "job \"j\" {\n  group \"g\" {\n    count = 2\n    task \"t\" {\n      \
                   driver = \"docker\"\n      config {\n        image = \"x:1\"\n      }\n    \
                   }\n  }\n}\n";

/// The first start on a node waits for the image, and the next does not.
#[test]
fn an_image_is_pulled_once_on_a_node() {
    let mut session =
        session("node \"n\" {}\nimage \"x:1\" {\n  pull = \"20s\"\n  runs_for = \"5s\"\n}\n");
    let begin = session.now();
    // By when; how many have started; how often one has ended.
    for (seconds, started, restarts) in [(19, 0, 0), (22, 2, 0), (50, 2, 2)] {
        session.advance_to(begin + Duration::from_secs(seconds));
        let states = session
            .store()
            .allocs()
            .map(|alloc| alloc.task_states[0].clone());
        let states: Vec<_> = states.filter(|state| state.started_at.is_some()).collect();
        assert_eq!(states.len(), started, "after {seconds} s");
        assert!(
            states.iter().all(|state| state.restarts == restarts),
            "after {seconds} s"
        );
    }
}

/// What an image writes tells how it answers.
#[test]
fn answers_are_as_the_image_says() {
    let traffic = "traffic {\n    latency = \"200ms\"\n    error_percent = 40\n  }\n";
    let mut session = session(&format!(
        "node \"n\" {{}}\nimage \"x:1\" {{\n  {traffic}}}\n"
    ));
    session.advance_to(session.now() + Duration::from_minutes(20));
    let printed = session.execute("nomad alloc logs -job j");
    let lines: Vec<String> = printed.document.iter().map(|line| line.text()).collect();
    let answers: Vec<&String> = lines.iter().filter(|line| line.contains("GET /")).collect();
    let errors = answers.iter().filter(|line| line.contains(" 500 ")).count();
    assert!(answers.len() > 200, "{lines:?}");
    assert!(
        (30..=50).contains(&(errors * 100 / answers.len())),
        "{errors} of {}",
        answers.len()
    );
    let slow = answers
        .iter()
        .filter_map(|line| line.rsplit(' ').nth(1)?.parse::<u64>().ok());
    assert!(
        slow.clone().all(|ms| (100..300).contains(&ms)),
        "{:?}",
        slow.max()
    );
}

/// Pools are there as soon as a node is in them.
#[test]
fn a_pool_of_the_world_is_known() {
    for (pool, is_known) in [("gpu", true), ("none", false)] {
        let mut session = session("node \"n\" {\n  node_pool = \"gpu\"\n}\n");
        let job = JOB.replacen('{', &format!("{{\n  node_pool = \"{pool}\""), 1);
        session.files.write("pool.hcl", job);
        let status = session.execute("nomad job run -detach pool.hcl").status;
        assert_eq!(status, Some(i32::from(!is_known)), "{pool}");
    }
}

/// A catalogue as people read it.
#[test]
fn images_are_told() {
    let config = read("w.hcl", EXAMPLE, None).expect("the example is sound");
    let session = Session::on(Cluster::new(config).expect("a sound world"));
    let text = session.images_text();
    let listed: Vec<&str> = text.lines().filter(|line| line.contains(": ")).collect();
    assert_eq!(
        listed[listed.len() - 2..],
        [
            "api-server:1.4: pulled in 4s, starts in 500ms, runs for ever, \
             checks failing after 30s, answers in 80ms, 5% of them errors",
            "importer:2: starts in 100ms, exits with status 1 after 45s",
        ]
    );
}

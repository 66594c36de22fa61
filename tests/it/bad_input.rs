//! Input that makes no sense: recordings and journals with unknown ids, wrong types, impossible
//! times and impossible sizes are refused with words, and nothing panics.

use serde_json::{Value, json};
use yurt_cli::schedule::scenario;
use yurt_engine::{Cluster, ClusterConfig, Input, Journal, NODES_MAX, Request};
use yurt_model::{Duration, Node, NodeId, Rng, Uuid};

const NODE: &str = "6f1d5fd6-7b1c-4c3b-8d0a-000000000001";

fn node() -> Value {
    json!({
        "ID": NODE, "Name": "n1", "Datacenter": "dc1",
        "Drivers": {"docker": {"Detected": true, "Healthy": true}},
        "NodeResources": {
            "Cpu": {"CpuShares": 4000}, "Memory": {"MemoryMB": 8192}, "Disk": {"DiskMB": 10000},
        },
    })
}

fn job(count: i64) -> Value {
    json!({
        "ID": "web", "Name": "web", "Type": "service", "Priority": 50, "Datacenters": ["dc1"],
        "TaskGroups": [{
            "Name": "g", "Count": count,
            "Tasks": [{
                "Name": "t", "Driver": "docker", "Config": {"image": "web:1"},
                "Resources": {"CPU": 100, "MemoryMB": 64},
            }],
        }],
    })
}

/// A job as servers keep it: in a namespace and a pool.
fn pooled(mut job: Value) -> Value {
    job["Namespace"] = json!("default");
    job["NodePool"] = json!("default");
    job
}

/// A recording whose node has a size that is its own.
fn with_size(place: &str, size: i64) -> String {
    let mut node = node();
    node["ReservedResources"] = json!({"Disk": {"DiskMB": 0}});
    *node.pointer_mut(place).expect("the node has it") = json!(size);
    json!({"family": "A", "nodes": [node]}).to_string()
}

fn with_step(event: Value) -> String {
    json!({"family": "A", "nodes": [node()], "steps": [{"ev": event}]}).to_string()
}

/// What a line of a recording is refused with.
#[test]
fn recordings_that_make_no_sense() {
    let many = format!("[{}]", vec!["0"; 1_000_000].join(","));
    let cases = [
        ("{".into(), "EOF while parsing"),
        ("[]".into(), "a scenario is an object"),
        (json!({"nodes": 5}).to_string(), "\"nodes\" must be a list"),
        (json!({"steps": {}}).to_string(), "\"steps\" must be a list"),
        (json!({"nodes": [{}]}).to_string(), "a node without an id"),
        (
            with_size("/NodeResources/Memory/MemoryMB", i64::MIN),
            "node n1: \"MemoryMB\" must be from 0 to 1099511627776, not -9223372036854775808",
        ),
        (
            with_size("/NodeResources/Cpu/CpuShares", i64::MAX),
            "node n1: \"CpuShares\" must be from 0 to",
        ),
        (
            with_size("/ReservedResources/Disk/DiskMB", 10_001),
            "node n1: \"DiskMB\" reserved must be from 0 to 10000, not 10001",
        ),
        (
            json!({"steps": [7]}).to_string(),
            "step 1: no event: \"do\" must be its name",
        ),
        (
            with_step(json!({"do": "explode"})),
            "step 1: no event \"explode\"",
        ),
        (
            with_step(json!({"do": "register"})),
            "step 1: \"job\" must be an object, not null",
        ),
        (
            with_step(json!({"do": "register", "job": "web"})),
            "\"job\" must be an object",
        ),
        (
            with_step(json!({"do": "advance", "s": "soon"})),
            "\"s\" must be a number of seconds",
        ),
        (
            with_step(json!({"do": "advance", "s": -1})),
            "from 0 to 315360000, not -1",
        ),
        (
            with_step(json!({"do": "advance", "s": 1e300})),
            "\"s\" must be a number of seconds",
        ),
        (
            with_step(json!({"do": "drain", "deadline": 1e18})),
            "\"deadline\" must be",
        ),
        (
            with_step(json!({"do": "scale", "id": "web", "count": 1.5})),
            "\"count\" must be a whole number, not 1.5",
        ),
        (
            with_step(json!({"do": "scale", "id": "web", "count": 99_999_999_999_999_999_999.0})),
            "\"count\" must be a whole number",
        ),
        (
            with_step(json!({"do": "eligibility", "eligible": "no"})),
            "must be true or false",
        ),
        (
            format!("{{\"nodes\": {many}}}"),
            "a world may have at most 20000 nodes; this one asks for 1000000",
        ),
        (
            format!("{{\"steps\": {many}}}"),
            "a scenario may have at most 100000 steps; this one has 1000000",
        ),
    ];
    for (line, want) in cases {
        let shown: String = line.chars().take(120).collect();
        let error = scenario(&line).expect_err(&shown);
        assert!(error.contains(want), "{shown}\n{error}");
    }
}

/// What is well formed and fits nothing is answered in its step, and the rest is played.
#[test]
fn events_about_what_is_not_there() {
    let cases = [
        (
            json!({"do": "alloc_stop", "a": "web.g[0]@0#9"}),
            "no allocation",
        ),
        (json!({"do": "node_miss", "node": "n9"}), "no node \"n9\""),
        (
            json!({"do": "drain", "node": "n9", "deadline": 1}),
            "no node \"n9\"",
        ),
        (json!({"do": "promote", "id": "gone"}), "no deployment"),
        (
            json!({"do": "scale", "id": "gone", "group": "g", "count": 2}),
            "not found",
        ),
        (
            json!({"do": "revert", "id": "gone", "version": 3}),
            "not found",
        ),
        (
            json!({"do": "client", "updates": [{"a": "gone", "s": "running"}]}),
            "no allocation",
        ),
        (
            json!({"do": "register", "job": pooled(job(10_000_000))}),
            "total count was greater than configured job_max_count: 10000000 > 50000",
        ),
        (
            json!({"do": "register", "job": pooled(job(i64::MAX))}),
            "total count was greater than configured job_max_count",
        ),
    ];
    for (event, want) in cases {
        let told = scenario(&with_step(event.clone())).expect("it is well formed");
        assert!(told.contains(&want.replace('"', "\\\"")), "{event}\n{told}");
    }
}

/// What a line of a journal is refused with.
#[test]
fn journals_that_make_no_sense() {
    let good = r#"{"at_ns":5,"do":"eligibility","node":"ID","eligible":true}"#.replace("ID", NODE);
    let cases = [
        ("{", "line 2 of the journal: EOF"),
        ("5", "line 2 of the journal: "),
        (r#"{"at_ns":5}"#, "line 2 of the journal: "),
        (r#"{"at_ns":5,"do":"explode"}"#, "line 2 of the journal: "),
        (
            r#"{"at_ns":"noon","do":"system_gc"}"#,
            "line 2 of the journal: ",
        ),
        (
            r#"{"at_ns":1e99,"do":"system_gc"}"#,
            "line 2 of the journal: ",
        ),
        (
            r#"{"at_ns":5,"do":"node_stops","node":"n1"}"#,
            "\"n1\" is not an identifier",
        ),
        (
            r#"{"at_ns":5,"do":"eligibility","node":7,"eligible":true}"#,
            "line 2 of the journal: ",
        ),
    ];
    for (line, want) in cases {
        let error = Journal::from_text(&format!("{good}\n{line}\n")).expect_err(line);
        assert!(error.to_string().contains(want), "{line}\n{error}");
    }
}

/// Ids of nobody and times before the start or at the end of all time change nothing else.
#[test]
fn journals_about_what_is_not_there() {
    let lines = [
        (5, r#""do":"node_stops","node":"ID""#),
        (i64::MIN, r#""do":"heartbeat_missed","node":"ID""#),
        (0, r#""do":"eligibility","node":"ID","eligible":false"#),
        (
            1,
            r#""do":"drain","node":"ID","deadline_ns":9223372036854775807,"ignore_system_jobs":false"#,
        ),
        (2, r#""do":"drain_stop","node":"ID","mark_eligible":true"#),
        (3, r#""do":"system_gc""#),
    ];
    for (at, what) in lines {
        let text = format!("{{\"at_ns\":{at},{}}}\n", what.replace("ID", NODE));
        let journal = Journal::from_text(&text).expect(what);
        let config = ClusterConfig::of_recordings(1);
        let until = config.epoch + Duration::from_secs(60);
        let cluster = journal.replay(config, until).expect(what);
        assert_eq!(cluster.store().node_count(), 5, "{what}");
    }
}

#[test]
fn a_world_of_a_million_nodes_is_refused() {
    let mut config = ClusterConfig::of_recordings(1);
    let pattern = config.nodes[0].clone();
    config.nodes = vec![pattern; 20_001];
    let error = Cluster::new(config).expect_err("it is too large");
    assert!(error.contains("at most 20000 nodes"), "{error}");
}

/// A full world takes a node's second registration, and nobody new.
#[test]
fn one_node_more_than_a_world_may_have_is_refused() {
    let mut config = ClusterConfig::of_recordings(1);
    let pattern = config.nodes[0].clone();
    let numbered = |number: usize| Node {
        id: NodeId(Uuid(number as u128)),
        name: format!("n{number}").into(),
        ..pattern.clone()
    };
    config.nodes = (0..NODES_MAX).map(numbered).collect();
    let mut cluster = Cluster::new(config).expect("it is just small enough");
    let mut register = |number| {
        let request = Request::NodeRegister(Box::new(numbered(number)));
        let reply = cluster.handle(cluster.now(), Input::Request(request)).reply;
        (reply, cluster.store().node_count())
    };
    let (reply, count) = register(NODES_MAX - 1);
    assert!(reply.is_ok() && count == NODES_MAX, "{reply:?}");
    let (reply, count) = register(NODES_MAX);
    let refused = "a world may have at most 20000 nodes; \"n20000\" is one more";
    assert_eq!(reply.unwrap_err().to_string(), refused);
    assert_eq!(count, NODES_MAX);
}

/// Lines that are almost right: one value anywhere is exchanged for another.
#[test]
fn nothing_panics_at_values_in_the_wrong_place() {
    let line = json!({
        "family": "A", "seed": 3, "config": {"SchedulerAlgorithm": "spread"},
        "nodes": [node()],
        "steps": [
            {"ev": {"do": "register", "job": job(2)}},
            {"ev": {"do": "client", "select": "pending", "set": "running", "h": true}},
            {"ev": {"do": "advance", "s": 20}},
            {"ev": {"do": "scale", "id": "web", "group": "g", "count": 3}},
            {"ev": {"do": "drain", "node": "n1", "deadline": 10}},
            {"ev": {"do": "advance", "s": 20}},
        ],
    });
    let wrong = [
        json!(null),
        json!(-1),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(1e300),
        json!("x"),
        json!([]),
        json!({}),
        json!(true),
    ];
    let places = places(&line, String::new());
    let mut rng = Rng::new(7).child("wrong", 0);
    for place in &places {
        for value in &wrong {
            // A third of them all: each place meets three of nine.
            if rng.below(3) > 0 {
                continue;
            }
            let mut changed = line.clone();
            *changed.pointer_mut(place).expect("it is there") = value.clone();
            let _ = scenario(&changed.to_string());
        }
    }
}

/// The pointers to every value below one.
fn places(value: &Value, at: String) -> Vec<String> {
    let below: Vec<(String, &Value)> = match value {
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.map(|(i, item)| (format!("{at}/{i}"), item)).collect()
        }
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (format!("{at}/{name}"), member))
            .collect(),
        _ => Vec::new(),
    };
    let mut all: Vec<String> = below.iter().map(|(at, _)| at.clone()).collect();
    for (at, value) in below {
        all.extend(places(value, at));
    }
    all
}

//! What happens on and to nodes over time, told as stories: a network that fails for a moment, a
//! machine that dies and comes back, batch work on a node that is emptied.

use serde_json::{Value, json};
use yurt_engine::{Cluster, ClusterConfig, DrainRequest, Fault, Input, JobRegister, Request};
use yurt_jobspec::admission::{AdmissionContext, admit};
use yurt_model::{AllocClientStatus, Allocation, Duration, JobKey, NodeId};
use yurt_state::ClientUpdate;

const SECOND: i64 = 1_000_000_000;

/// One job on the cluster of the recordings.
struct Story {
    cluster: Cluster,
}

impl Story {
    /// A job of that type, with that image and those members of its group; settled.
    fn new(kind: &str, image: &str, group: Value) -> Self {
        let mut members = json!({
            "Name": "api",
            "Tasks": [{ "Name": "server", "Driver": "docker", "Config": { "image": image } }],
        });
        for (key, value) in group.as_object().into_iter().flatten() {
            members[key] = value.clone();
        }
        let job = json!({
            "ID": "docs", "Type": kind, "Datacenters": ["dc1"], "TaskGroups": [members],
        });
        let admitted = admit(&job, &AdmissionContext::default()).expect("the job is in order");
        let cluster = Cluster::new(ClusterConfig::of_recordings(1)).expect("a sound world");
        let mut story = Self { cluster };
        story.ask(Request::JobRegister(JobRegister::of(admitted.spec)));
        story.wait(20);
        story
    }

    fn ask(&mut self, request: Request) {
        let handled = self
            .cluster
            .handle(self.cluster.now(), Input::Request(request));
        handled.reply.expect("the request is in order");
    }

    fn fault(&mut self, fault: Fault) {
        let _reply = self.cluster.handle(self.cluster.now(), Input::Fault(fault));
    }

    fn wait(&mut self, seconds: i64) {
        let until = self.cluster.now() + Duration::from_secs(seconds);
        self.cluster.run_until(until);
    }

    fn allocs(&self) -> impl Iterator<Item = &Allocation> {
        let allocs = self
            .cluster
            .store()
            .allocs_of_job(&JobKey::in_default("docs"));
        allocs.map(|alloc| &**alloc)
    }

    /// The node of the first allocation that runs.
    fn busy_node(&self) -> NodeId {
        self.allocs()
            .find(|alloc| !alloc.is_terminal())
            .expect("one runs")
            .node_id
    }

    fn node(&self, id: NodeId) -> String {
        let node = self.cluster.store().node(id).expect("it is there");
        let draining = if node.drain.is_some() {
            " draining"
        } else {
            ""
        };
        format!("{} {}{draining}", node.status, node.eligibility.as_str())
    }

    /// The allocations: what servers want and what clients say, sorted.
    fn told(&self) -> Vec<String> {
        let one = |alloc: &Allocation| format!("{} {}", alloc.desired_status, alloc.client_status);
        let mut told: Vec<String> = self.allocs().map(one).collect();
        told.sort();
        told
    }
}

fn disconnect() -> Value {
    json!({ "Disconnect": { "LostAfter": 300 * SECOND, "Replace": true } })
}

#[test]
fn a_network_that_fails_for_a_moment() {
    let mut story = Story::new("service", "web:1", disconnect());
    let node = story.busy_node();
    story.fault(Fault::HeartbeatMissed(node));
    story.wait(1);
    assert_eq!(story.node(node), "disconnected eligible");
    assert_eq!(
        story.told(),
        ["run unknown"],
        "its replacement waits for the policy's delay"
    );
    story.wait(10);
    assert_eq!(story.node(node), "ready eligible");
    assert_eq!(
        story.told(),
        ["run running"],
        "the same tasks ran all along"
    );
    let restarts = story
        .allocs()
        .flat_map(|alloc| &alloc.task_states)
        .map(|task| task.restarts);
    assert_eq!(restarts.sum::<u64>(), 0);
    // The evaluation that would have replaced it is called off.
    let mut evals = story.cluster.store().evals();
    assert!(evals.any(|eval| &*eval.status_description == "allocs reconnected"));
}

#[test]
fn a_machine_that_is_away_for_too_long() {
    let mut story = Story::new("service", "web:1", disconnect());
    let node = story.busy_node();
    story.fault(Fault::NodeStops(node));
    story.wait(5);
    assert_eq!(story.told(), ["run unknown"]);
    story.wait(40);
    assert_eq!(
        story.told(),
        ["run running", "run unknown"],
        "replaced after the delay"
    );
    story.wait(300);
    assert_eq!(story.told(), ["run running", "stop lost"]);
    story.wait(10);
    assert_eq!(
        story.node(node),
        "down eligible",
        "nothing there may be unknown any longer"
    );
}

/// A node that cannot be reached works on; what becomes of its tasks is seen when it is back.
#[test]
fn a_node_that_is_cut_off() {
    let lost = ["run running", "stop lost"];
    let unknown = ["run running", "run unknown"];
    let stops = json!({ "Disconnect": { "StopOnClientAfter": 10 * SECOND, "Replace": true } });
    // The group; what is told after a minute; how long the tasks there ran on, in seconds.
    let cases = [
        ("not prepared", json!({}), lost, 60..=65),
        ("tolerant", disconnect(), unknown, 60..=65),
        ("stops by itself", stops, lost, 10..=16),
    ];
    for (name, group, away, ran_on) in cases {
        let mut story = Story::new("service", "web:1", group);
        let node = story.busy_node();
        let cut = story.cluster.now();
        story.fault(Fault::NodeCut(node));
        story.wait(60);
        assert_eq!(story.told(), away, "{name}, away");
        story.fault(Fault::NodeStarts(node));
        story.wait(20);
        assert_eq!(story.node(node), "ready eligible", "{name}");
        assert_eq!(
            story.told(),
            ["run running", "stop complete"],
            "{name}, back"
        );
        let mut stopped = story.allocs().filter(|alloc| alloc.is_terminal());
        let state = &stopped.next().expect("one was stopped").task_states[0];
        let ended = state.finished_at.expect("its task has ended") - cut;
        assert!(
            ran_on.contains(&(ended.nanos() / SECOND)),
            "{name}: {ended}"
        );
    }
}

/// A cut that is over before a heartbeat is missed changes nothing.
#[test]
fn a_cut_that_nobody_notices() {
    let mut story = Story::new("service", "web:1", json!({}));
    let node = story.busy_node();
    let before = story.cluster.store().index();
    story.fault(Fault::NodeCut(node));
    story.wait(2);
    story.fault(Fault::NodeStarts(node));
    story.wait(60);
    assert_eq!(story.told(), ["run running"]);
    assert_eq!(story.cluster.store().index(), before, "nothing was written");
}

#[test]
fn a_silent_node_is_not_listened_to() {
    let mut story = Story::new("service", "web:1", json!({}));
    let alloc = story.allocs().next().expect("one runs").clone();
    story.fault(Fault::NodeStops(alloc.node_id));
    story.wait(10);
    assert_eq!(story.node(alloc.node_id), "down eligible");
    let update = ClientUpdate {
        alloc_id: alloc.id,
        status: AllocClientStatus::Running,
        description: "".into(),
        task_states: Vec::new(),
        deployment_status: None,
    };
    let report = Input::Request(Request::ClientReport(vec![update]));
    let refusal = story
        .cluster
        .handle(story.cluster.now(), report)
        .reply
        .expect_err("refused");
    let node = alloc.node_id;
    let text = format!("node {node} is not allowed to update allocs while in status down");
    assert_eq!(refusal.to_string(), text);
}

fn drain(story: &mut Story, node: NodeId, deadline: i64) {
    story.ask(Request::NodeDrain {
        id: node,
        drain: Some(DrainRequest {
            deadline: Duration::from_secs(deadline),
            ignore_system_jobs: false,
        }),
        mark_eligible: false,
        message: None,
    });
}

#[test]
fn batch_work_ends_by_itself_or_at_the_deadline() {
    let mut story = Story::new("batch", "web:1", json!({}));
    let node = story.busy_node();
    drain(&mut story, node, 60);
    story.wait(50);
    assert_eq!(
        story.told(),
        ["run running"],
        "left alone until the deadline"
    );
    assert_eq!(story.node(node), "ready ineligible draining");
    story.wait(20);
    assert_eq!(
        story.told(),
        ["stop complete"],
        "stopped, and nothing in its place"
    );
    assert_eq!(story.node(node), "ready ineligible");
    let events = &story
        .cluster
        .store()
        .node(node)
        .expect("it is there")
        .events;
    let last = events.last().expect("a drain leaves events");
    assert_eq!(&*last.message, "Node drain complete");
    assert_eq!(
        last.details.get("deadline_reached").map(|text| &**text),
        Some("true")
    );
}

#[test]
fn a_job_moves_at_the_pace_of_its_migrate_block() {
    let migrate = |at_once: usize| {
        json!({
            "Count": 10,
            "Migrate": {
                "MaxParallel": at_once,
                "HealthCheck": "task_states",
                "MinHealthyTime": 5 * SECOND,
                "HealthyDeadline": 60 * SECOND,
            },
        })
    };
    for at_once in [1, 2, 10] {
        let mut story = Story::new("service", "web:1", migrate(at_once));
        let node = story.busy_node();
        let there = story.allocs().filter(|alloc| alloc.node_id == node).count();
        drain(&mut story, node, 3600);
        story.wait(3);
        let count = |story: &Story, wanted: &str| {
            story
                .told()
                .iter()
                .filter(|told| told.starts_with(wanted))
                .count()
        };
        assert_eq!(
            count(&story, "stop"),
            there.min(at_once),
            "{at_once} at once"
        );
        story.wait(30);
        assert_eq!(story.node(node), "ready ineligible", "{at_once} at once");
        assert_eq!(count(&story, "stop complete"), there);
        assert_eq!(count(&story, "run running"), 10);
    }
}

//! Random walks: what may happen to a cluster, as data, and a cluster that it happens to.
//!
//! Shared by the properties; not a test itself.

use std::rc::Rc;

use proptest::prelude::*;
use serde_json::{Value, json};
use yurt_engine::{
    Cluster, ClusterConfig, DrainRequest, Fault, Handled, Input, JobDispatch, JobRegister, Request,
};
use yurt_jobspec::admission::{AdmissionContext, admit};
use yurt_model::{Duration, JobKey, JobSpec, NodeId};

/// The job that walks are about.
pub fn key() -> JobKey {
    JobKey::in_default("docs")
}

/// A version of the job.
#[derive(Clone, Debug)]
pub struct Version {
    pub image: usize,
    pub count: i64,
    pub max_parallel: i64,
    pub canary: i64,
    pub auto_promote: bool,
    pub auto_revert: bool,
}

const IMAGES: [&str; 5] = ["web:1", "web:2", "web:3", "web:4-crash", "web:5-slow"];

impl Version {
    /// A block that limits nothing makes no deployment, and canaries without one never end.
    fn canary(&self) -> i64 {
        if self.max_parallel == 0 {
            0
        } else {
            self.canary
        }
    }

    /// The job as a server would store it.
    pub fn spec(&self) -> Rc<JobSpec> {
        let document: Value = json!({
            "ID": "docs",
            "Name": "docs",
            "Type": "service",
            "Datacenters": ["dc1"],
            "TaskGroups": [{
                "Name": "api",
                "Count": self.count,
                "Update": {
                    "MaxParallel": self.max_parallel,
                    "Canary": self.canary(),
                    "AutoPromote": self.auto_promote && self.canary() > 0,
                    "AutoRevert": self.auto_revert,
                    "MinHealthyTime": 5_000_000_000_i64,
                    "HealthyDeadline": 60_000_000_000_i64,
                    "ProgressDeadline": 120_000_000_000_i64,
                },
                "Tasks": [{
                    "Name": "server",
                    "Driver": "docker",
                    "Config": { "image": IMAGES[self.image % IMAGES.len()] },
                    "Resources": { "CPU": 500, "MemoryMB": 256 },
                }],
            }],
        });
        let admitted = admit(&document, &AdmissionContext::default());
        admitted.expect("the job is in order").spec
    }
}

/// Something that happens in a walk.
#[derive(Clone, Debug)]
pub enum Event {
    Register(Version),
    Promote,
    Fail,
    Pause(bool),
    Scale(i64),
    Stop,
    Evaluate(bool),
    Revert(u64),
    StopAlloc(usize),
    NodeStops(usize),
    NodeStarts(usize),
    Eligible(usize, bool),
    /// Drains a node with a deadline in seconds; a negative one forces it.
    Drain(usize, i64),
    DrainEnds(usize, bool),
    /// Submits the periodic job, with or without overlap.
    Periodic(bool),
    Force,
    /// Submits the parameterized job.
    Parameterized,
    /// Dispatches it, with or without the meta it asks for, under one of a few tokens.
    Dispatch(bool, u8),
    /// Stops or purges the periodic job (true) or the parameterized one.
    StopParent(bool, bool),
    Advance(i64),
}

/// A job that starts other jobs.
fn parent(id: &str, member: &str, block: Value) -> Request {
    let mut document = json!({
        "ID": id,
        "Name": id,
        "Type": "batch",
        "Datacenters": ["dc1"],
        "TaskGroups": [{
            "Name": "work",
            "Tasks": [{
                "Name": "sweep",
                "Driver": "docker",
                "Config": { "image": "sweep-batch:1" },
                "Resources": { "CPU": 100, "MemoryMB": 64 },
            }],
        }],
    });
    document[member] = block;
    let admitted = admit(&document, &AdmissionContext::default());
    submitted(admitted.expect("the job is in order").spec)
}

fn submitted(spec: Rc<JobSpec>) -> Request {
    Request::JobRegister(JobRegister::of(spec))
}

/// A request about a job that starts other jobs.
fn about_a_parent(event: &Event) -> Option<Request> {
    let (nightly, encode) = (JobKey::in_default("nightly"), JobKey::in_default("encode"));
    Some(match event {
        Event::Periodic(overlaps) => parent(
            "nightly",
            "Periodic",
            json!({
                "Enabled": true,
                "SpecType": "cron",
                "Specs": ["*/20 * * * * * *", "* * * * *"],
                "ProhibitOverlap": !overlaps,
                "TimeZone": "Europe/Berlin",
            }),
        ),
        Event::Parameterized => parent(
            "encode",
            "ParameterizedJob",
            json!({ "MetaRequired": ["file"] }),
        ),
        Event::Force => Request::JobPeriodicForce { key: nightly },
        Event::Dispatch(is_whole, token) => Request::JobDispatch(JobDispatch {
            key: encode,
            payload: Some(b"movie".as_slice().into()),
            meta: is_whole
                .then(|| ("file".into(), "a".into()))
                .into_iter()
                .collect(),
            id_prefix: None,
            idempotency_token: (*token > 0).then(|| token.to_string().into()),
            priority: 0,
        }),
        Event::StopParent(is_periodic, purge) => Request::JobDeregister {
            key: if *is_periodic { nightly } else { encode },
            purge: *purge,
            no_shutdown_delay: false,
            eval_priority: None,
        },
        _ => return None,
    })
}

fn version() -> impl Strategy<Value = Version> {
    let numbers = (0..IMAGES.len(), 0..7_i64, 0..4_i64, 0..4_i64);
    (numbers, any::<bool>(), any::<bool>()).prop_map(
        |((image, count, max_parallel, canary), auto_promote, auto_revert)| Version {
            image,
            count,
            max_parallel,
            canary,
            auto_promote,
            auto_revert,
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => version().prop_map(Event::Register),
        3 => Just(Event::Promote),
        1 => Just(Event::Fail),
        1 => any::<bool>().prop_map(Event::Pause),
        1 => (0..7_i64).prop_map(Event::Scale),
        1 => Just(Event::Stop),
        1 => any::<bool>().prop_map(Event::Evaluate),
        1 => (0..4_u64).prop_map(Event::Revert),
        1 => (0..8_usize).prop_map(Event::StopAlloc),
        2 => (0..5_usize).prop_map(Event::NodeStops),
        2 => (0..5_usize).prop_map(Event::NodeStarts),
        1 => (0..5_usize, any::<bool>()).prop_map(|(node, is)| Event::Eligible(node, is)),
        1 => (0..5_usize, -1..60_i64).prop_map(|(node, s)| Event::Drain(node, s)),
        1 => (0..5_usize, any::<bool>()).prop_map(|(node, is)| Event::DrainEnds(node, is)),
        1 => any::<bool>().prop_map(Event::Periodic),
        1 => Just(Event::Force),
        1 => Just(Event::Parameterized),
        1 => (any::<bool>(), 0..3_u8).prop_map(|(is_whole, t)| Event::Dispatch(is_whole, t)),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(one, purge)| Event::StopParent(one, purge)),
        8 => (1..60_i64).prop_map(Event::Advance),
    ]
}

/// A walk: it begins with a job.
pub fn walk() -> impl Strategy<Value = Vec<Event>> {
    (version(), prop::collection::vec(event(), 1..30)).prop_map(|(first, mut events)| {
        events.insert(0, Event::Register(first));
        events
    })
}

/// The world that walks happen in.
pub fn world() -> ClusterConfig {
    ClusterConfig::of_recordings(7)
}

/// Lets one event happen; `None` when it does not apply.
pub fn happen(cluster: &mut Cluster, event: &Event) -> Option<Handled> {
    let request = match event {
        Event::Advance(seconds) => {
            cluster.run_until(cluster.now() + Duration::from_secs(*seconds));
            return None;
        }
        Event::NodeStops(node) => {
            return Some(fault(cluster, *node, Fault::NodeStops));
        }
        Event::NodeStarts(node) => {
            return Some(fault(cluster, *node, Fault::NodeStarts));
        }
        Event::Register(version) => submitted(version.spec()),
        other => about_a_parent(other).or_else(|| request(cluster, other))?,
    };
    Some(cluster.handle(cluster.now(), Input::Request(request)))
}

fn node(cluster: &Cluster, number: usize) -> NodeId {
    cluster.config().nodes[number].id
}

fn fault(cluster: &mut Cluster, number: usize, of: fn(NodeId) -> Fault) -> Handled {
    let fault = of(node(cluster, number));
    cluster.handle(cluster.now(), Input::Fault(fault))
}

fn request(cluster: &Cluster, event: &Event) -> Option<Request> {
    let store = cluster.store();
    let deployment = || store.latest_deployment(&key()).map(|d| d.id);
    Some(match event {
        Event::Promote => Request::DeploymentPromote {
            id: deployment()?,
            groups: None,
        },
        Event::Fail => Request::DeploymentFail { id: deployment()? },
        Event::Pause(pause) => Request::DeploymentPause {
            id: deployment()?,
            pause: *pause,
        },
        Event::Scale(count) => Request::JobScale {
            key: key(),
            group: "api".into(),
            count: Some(*count),
            enforce_index: None,
            message: "walked".into(),
            is_error: false,
        },
        Event::Stop => Request::JobDeregister {
            key: key(),
            purge: false,
            no_shutdown_delay: false,
            eval_priority: None,
        },
        Event::Evaluate(force_reschedule) => Request::JobEvaluate {
            key: key(),
            force_reschedule: *force_reschedule,
        },
        Event::Revert(version) => Request::JobRevert {
            key: key(),
            version: *version,
            enforce_prior_version: None,
        },
        Event::StopAlloc(number) => Request::AllocStop {
            id: store.allocs_of_job(&key()).rev().nth(*number)?.id,
            no_shutdown_delay: false,
            reschedule: false,
        },
        Event::Eligible(number, eligible) => Request::NodeEligibility {
            id: node(cluster, *number),
            eligible: *eligible,
        },
        Event::Drain(number, seconds) => Request::NodeDrain {
            id: node(cluster, *number),
            drain: Some(DrainRequest {
                deadline: Duration::from_secs(*seconds),
                ignore_system_jobs: false,
            }),
            mark_eligible: false,
            message: None,
        },
        Event::DrainEnds(number, mark_eligible) => Request::NodeDrain {
            id: node(cluster, *number),
            drain: None,
            mark_eligible: *mark_eligible,
            message: None,
        },
        _ => return None,
    })
}

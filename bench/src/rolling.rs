//! A rolling update of a large job, simulated to its end.

use std::rc::Rc;

use serde_json::json;
use yurt_engine::{Cluster, ClusterConfig, Input, JobRegister, Request, Wakeup};
use yurt_model::{DeploymentStatus, Duration, JobKey, JobSpec};

use crate::scheduling::node;
use crate::{Clock, Row, admitted, median};

/// The longest that an update may take on the simulated clock.
const PATIENCE: Duration = Duration::from_hours(24);

/// The job that is updated.
const JOB: &str = "bench";

fn spec(id: &str, count: u32, image: &str, max_parallel: u32) -> Rc<JobSpec> {
    let document = json!({
        "ID": id,
        "Name": id,
        "Type": "service",
        "Datacenters": ["dc1", "dc2"],
        "TaskGroups": [{
            "Name": "web",
            "Count": count,
            "Update": {
                "MaxParallel": max_parallel,
                "MinHealthyTime": 10_000_000_000_i64,
                "HealthyDeadline": 60_000_000_000_i64,
                "ProgressDeadline": 120_000_000_000_i64,
            },
            "Tasks": [{
                "Name": "server",
                "Driver": "docker",
                "Config": { "image": image },
                "Resources": { "CPU": 500, "MemoryMB": 256 },
            }],
        }],
    });
    admitted(&document)
}

pub(crate) fn register(cluster: &mut Cluster, spec: Rc<JobSpec>) {
    let request = Request::JobRegister(JobRegister::of(spec));
    let handled = cluster.handle(cluster.now(), Input::Request(request));
    handled.reply.expect("the job is registered");
}

/// Lets time pass until the deployment of the newest version of a job has ended; its status, and
/// how many steps it took.
fn until_deployed(cluster: &mut Cluster, id: &str) -> (Option<DeploymentStatus>, u64) {
    let end = cluster.now() + PATIENCE;
    let key = JobKey::in_default(id);
    let mut steps = 0;
    loop {
        let version = cluster.store().job(&key).map(|job| job.version);
        let deployment = cluster
            .store()
            .latest_deployment(&key)
            .filter(|deployment| Some(deployment.job_version) == version);
        let status = deployment.map(|deployment| deployment.status);
        if deployment.is_some_and(|deployment| !deployment.is_active()) {
            return (status, steps);
        }
        match cluster.next_wakeup() {
            Wakeup::At(at) if at <= end => {
                cluster.run_until(at);
                steps += 1;
            }
            _ => return (status, steps),
        }
    }
}

/// A cluster of so many nodes, with nothing on them.
pub(crate) fn cluster_of(nodes: usize) -> Cluster {
    let mut config = ClusterConfig::of_recordings(7);
    config.nodes = (0..nodes).map(node).collect();
    Cluster::new(config).expect("the world is in order")
}

/// A cluster of so many nodes whose job of `count` allocations is up.
pub(crate) fn deployed(count: u32, nodes: usize) -> Cluster {
    let mut cluster = cluster_of(nodes);
    register(&mut cluster, spec(JOB, count, "web:1", 10));
    until_deployed(&mut cluster, JOB);
    cluster
}

/// A cluster whose jobs have been updated one allocation at a time, so that none went its way at
/// the moments of another; what came before is forgotten.
pub(crate) fn updated_singly(count: u32, jobs: u32, nodes: usize) -> Cluster {
    let mut cluster = cluster_of(nodes);
    for image in ["web:1", "web:2"] {
        let ids: Vec<String> = (0..jobs).map(|number| format!("bench-{number}")).collect();
        for id in &ids {
            register(&mut cluster, spec(id, count / jobs, image, 1));
        }
        for id in &ids {
            until_deployed(&mut cluster, id);
        }
    }
    cluster.run_until(cluster.now() + PATIENCE);
    cluster
}

/// Measures the update of all allocations of a job, ten at a time, each healthy for ten seconds.
pub fn measure(clock: &Clock<'_>, count: u32, runs: usize) -> Row {
    let ready = deployed(count, count as usize / 10);
    let mut ended = None;
    let run = |mut cluster: Cluster| {
        register(&mut cluster, spec(JOB, count, "web:2", 10));
        let (status, steps) = until_deployed(&mut cluster, JOB);
        ended = status;
        steps
    };
    let (milliseconds, decisions) = median(clock, runs, || ready.clone(), run);
    let status = ended.map_or_else(|| "nothing".to_string(), |status| status.to_string());
    Row {
        workload: format!("update {count} allocations, 10 at a time: {status}"),
        milliseconds,
        runs,
        decisions,
    }
}

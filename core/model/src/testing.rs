//! Small jobs and allocations for the tests of other crates (feature `testing`).
//!
//! Everything has the value that the reference fills in when nothing is said, so that a test names
//! only what it is about.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Value, json};

use crate::job::{
    EphemeralDisk, HealthCheck, JobSpec, JobType, LogConfig, RestartMode, RestartPolicy, Task,
    TaskGroup, TaskResources, UpdateStrategy,
};
use crate::{
    AllocId, AllocLinks, AllocMetric, Allocation, Duration, EvalId, Job, JobId, Node,
    NodeEligibility, NodeId, NodeResources, NodeStatus, ReservedResources, SharedAlloc, Time, Uuid,
};

/// A main task with two restarts in half an hour, a delay of 15 s, then failure.
pub fn task(name: &str, driver: &str, config: Value) -> Task {
    Task {
        name: name.into(),
        driver: driver.into(),
        config,
        env: Vec::new(),
        meta: Vec::new(),
        constraints: Vec::new(),
        affinities: Vec::new(),
        resources: TaskResources {
            cpu_mhz: 100,
            memory_mb: 64,
            ..TaskResources::default()
        },
        restart: restart(),
        lifecycle: None,
        leader: false,
        kill_timeout: Duration::from_secs(5),
        kill_signal: "".into(),
        shutdown_delay: Duration::ZERO,
        services: Vec::new(),
        logs: LogConfig {
            max_files: 10,
            max_file_size_mb: 10,
            disabled: false,
        },
        artifact_count: 0,
        template_count: 0,
    }
}

/// The default restart policy of a service.
pub fn restart() -> RestartPolicy {
    RestartPolicy {
        attempts: 2,
        interval: Duration::from_minutes(30),
        delay: Duration::from_secs(15),
        mode: RestartMode::Fail,
        render_templates: false,
    }
}

/// The default update block.
pub fn update() -> UpdateStrategy {
    UpdateStrategy {
        stagger: Duration::from_secs(30),
        max_parallel: 1,
        health_check: HealthCheck::Checks,
        min_healthy_time: Duration::from_secs(10),
        healthy_deadline: Duration::from_minutes(5),
        progress_deadline: Duration::from_minutes(10),
        auto_revert: false,
        auto_promote: false,
        canary: 0,
    }
}

/// A group without an update block.
pub fn group(name: &str, count: i64, tasks: Vec<Task>) -> TaskGroup {
    TaskGroup {
        name: name.into(),
        count,
        constraints: Vec::new(),
        affinities: Vec::new(),
        spreads: Vec::new(),
        update: None,
        migrate: None,
        restart: restart(),
        reschedule: None,
        disconnect: None,
        ephemeral_disk: EphemeralDisk {
            size_mb: 300,
            sticky: false,
            migrate: false,
        },
        networks: Vec::new(),
        volumes: Vec::new(),
        services: Vec::new(),
        tasks,
        meta: Vec::new(),
        shutdown_delay: Duration::ZERO,
        max_run_duration: Duration::ZERO,
        scaling: None,
    }
}

/// A job in the namespace `default` and the datacenter `dc1`. Its document holds the id alone: give
/// it other members where equality of specs matters.
pub fn spec(id: &str, kind: JobType, groups: Vec<TaskGroup>) -> JobSpec {
    JobSpec {
        document: json!({ "ID": id }),
        id: JobId::from(id),
        name: id.into(),
        namespace: "default".into(),
        region: "global".into(),
        kind,
        priority: 50,
        all_at_once: false,
        datacenters: vec!["dc1".into()],
        node_pool: "default".into(),
        constraints: Vec::new(),
        affinities: Vec::new(),
        spreads: Vec::new(),
        update: None,
        periodic: None,
        parameterized: None,
        groups,
        meta: Vec::new(),
    }
}

/// A pending allocation of the job's first group on the node with number `node`.
pub fn alloc(number: u128, job: &Rc<Job>, name_index: u32, node: u128, at: Time) -> Allocation {
    Allocation {
        id: AllocId(Uuid(number)),
        name_index,
        node_id: NodeId(Uuid(node)),
        node_name: format!("node-{node}").into(),
        links: AllocLinks::default(),
        resources: Rc::default(),
        metrics: Rc::new(AllocMetric::default()),
        shared: Rc::new(SharedAlloc::wanted(
            job,
            &job.spec.groups[0].name,
            EvalId(Uuid(1)),
            at,
        )),
    }
}

/// A ready node `node-<number>` of 4000 MHz and 8192 MiB in the datacenter `dc1`.
pub fn node(number: u128) -> Node {
    Node {
        id: NodeId(Uuid(number)),
        name: format!("node-{number}").into(),
        datacenter: "dc1".into(),
        node_pool: "default".into(),
        node_class: "".into(),
        http_address: "127.0.0.1:4646".into(),
        attributes: BTreeMap::new(),
        meta: BTreeMap::new(),
        drivers: BTreeMap::new(),
        host_volumes: BTreeMap::new(),
        resources: NodeResources {
            cpu_mhz: 4000,
            total_cores: 4,
            memory_mb: 8192,
            disk_mb: 20_000,
            ..NodeResources::default()
        },
        reserved: ReservedResources::default(),
        status: NodeStatus::Ready,
        status_updated_at: Time::ZERO,
        eligibility: NodeEligibility::Eligible,
        drain: None,
        last_drain: None,
        owes_alloc_update: false,
        computed_class: 0,
        events: Vec::new(),
        create_index: 0,
        modify_index: 0,
    }
    .with_computed_class()
}

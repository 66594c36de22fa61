//! One evaluation that places a service job on a large cluster.
//!
//! Nodes have four cores of 3,500 MHz, 32,000 MiB and 100 GiB, in two datacenters and 25 racks. The
//! job may run on twelve of the racks and asks for 6,000 MHz and 6,000 MiB, so two allocations fill
//! a node, and 1,200 do not all fit on 1,000 nodes.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Value, json};
use yurt_model::{
    DriverInfo, EvalId, EvalTrigger, Evaluation, JobKey, JobSpec, Node, NodeEligibility, NodeId,
    NodeNetwork, NodeResources, NodeStatus, Plan, ReservedResources, Rng, SchedulerConfiguration,
    Time, Uuid, UuidMaker,
};
use yurt_scheduler::{SchedulerInput, schedule};
use yurt_state::{Change, JobWrite, Store};

use crate::{Clock, Row, admitted, median, mix};

const NOW: Time = Time(1_700_000_000_000_000_000);
const RACKS: usize = 25;
const RACKS_ALLOWED: usize = 12;

/// How much is placed where.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// How many nodes the cluster has.
    pub nodes: usize,
    /// How many allocations are asked for.
    pub allocations: u32,
    /// Whether they are to be spread evenly over the racks.
    pub spread: bool,
}

/// Every case, cheapest first.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for spread in [false, true] {
        for allocations in [50, 300, 1200] {
            for nodes in [1_000, 5_000, 10_000] {
                cases.push(Case {
                    nodes,
                    allocations,
                    spread,
                });
            }
        }
    }
    cases
}

/// A node of the measured clusters.
pub(crate) fn node(number: usize) -> Node {
    let works = DriverInfo {
        detected: true,
        healthy: true,
    };
    let rack = format!("r{}", number % RACKS + 1);
    Node {
        id: NodeId(Uuid(number as u128 + 1)),
        name: format!("node-{number}").into(),
        datacenter: if number.is_multiple_of(2) {
            "dc1"
        } else {
            "dc2"
        }
        .into(),
        node_pool: "default".into(),
        attributes: [("kernel.name".into(), "linux".into())].into(),
        meta: [("rack".into(), rack.as_str().into())].into(),
        drivers: [("docker".into(), works)].into(),
        resources: NodeResources {
            cpu_mhz: 14_000,
            total_cores: 4,
            memory_mb: 32_000,
            disk_mb: 102_400,
            networks: vec![NodeNetwork {
                mode: "host".into(),
                device: "eth0".into(),
                ip: "192.168.0.100".into(),
                alias: "default".into(),
                mbits: 1000,
                reserved_ports: "".into(),
            }],
            ..NodeResources::default()
        },
        node_class: "".into(),
        http_address: "192.168.0.100:4646".into(),
        host_volumes: BTreeMap::new(),
        reserved: ReservedResources::default(),
        status: NodeStatus::Ready,
        status_updated_at: NOW,
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

fn spec(case: Case) -> Rc<JobSpec> {
    let racks: Vec<String> = (1..=RACKS_ALLOWED).map(|rack| format!("r{rack}")).collect();
    let spread: Value = if case.spread {
        json!([{ "Attribute": "${meta.rack}", "Weight": 100 }])
    } else {
        Value::Null
    };
    let document = json!({
        "ID": "bench",
        "Name": "bench",
        "Type": "service",
        "Datacenters": ["dc1", "dc2"],
        "Constraints": [{
            "LTarget": "${meta.rack}",
            "RTarget": racks.join(","),
            "Operand": "set_contains_any",
        }],
        "TaskGroups": [{
            "Name": "web",
            "Count": case.allocations,
            "Spreads": spread,
            "Tasks": [{
                "Name": "server",
                "Driver": "docker",
                "Config": { "image": "web:1" },
                "Resources": { "CPU": 6000, "MemoryMB": 6000 },
            }],
        }],
    });
    admitted(&document)
}

/// A cluster with the job registered and its evaluation waiting.
pub struct World {
    store: Store,
    evaluation: Evaluation,
}

impl World {
    /// Builds the cluster of a case.
    pub fn new(case: Case) -> Self {
        let mut store = Store::new(100, SchedulerConfiguration::of_a_fresh_cluster());
        let mut apply = |change| {
            store.apply(NOW, change).expect("a write in order");
        };
        for number in 0..case.nodes {
            apply(Change::NodeUpserted(Box::new(node(number))));
        }
        let spec = spec(case);
        let key = JobKey::in_default("bench");
        let evaluation = Evaluation::new(
            EvalId(Uuid(7)),
            &key,
            spec.kind,
            50,
            EvalTrigger::JobRegister,
            NOW,
        );
        apply(Change::JobUpserted {
            job: Box::new(JobWrite::fresh(spec, NOW)),
            evaluation: Some(Box::new(evaluation.clone())),
            no_shutdown_delay: false,
        });
        Self { store, evaluation }
    }

    /// Schedules; what is to be written.
    pub fn plan(&self) -> Plan {
        let rng = Rng::new(42);
        let mut ids = UuidMaker::new(rng.child("ids", 0));
        let output = schedule(SchedulerInput {
            store: &self.store,
            evaluation: &self.evaluation,
            now: NOW,
            ids: &mut ids,
            rng: rng.child("attempt", 0),
            annotate: false,
            attempt: 0,
        });
        output.plan.unwrap_or_default()
    }

    /// Schedules; how many were placed, and a number for where.
    pub fn place(&self) -> (usize, u64) {
        let plan = self.plan();
        let decisions = plan
            .allocations
            .iter()
            .fold(0, |hash, alloc| mix(hash, &alloc.node_name));
        (plan.allocations.len(), decisions)
    }
}

/// Measures one case.
pub fn measure(clock: &Clock<'_>, case: Case, runs: usize) -> Row {
    let world = World::new(case);
    let mut placed = 0;
    let run = |()| {
        let (count, decisions) = world.place();
        placed = count;
        decisions
    };
    let (milliseconds, decisions) = median(clock, runs, || (), run);
    let spread = if case.spread { ", spread" } else { "" };
    Row {
        workload: format!(
            "place {placed} of {} on {} nodes{spread}",
            case.allocations, case.nodes
        ),
        milliseconds,
        runs,
        decisions,
    }
}

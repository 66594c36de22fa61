//! Random clusters and jobs, on which remembering what happens on nodes must change nothing: every
//! evaluation of [`World`] is also made by looking at each node anew, and compared.

use yurt_model::job::{
    Affinity, Constraint, JobSpec, JobType, NetworkRequest, PortRequest, Spread, SpreadTarget,
    TaskGroup,
};
use yurt_model::{
    AllocClientStatus, JobKey, Node, NodeEligibility, Rng, SchedulerAlgorithm, testing,
};
use yurt_state::Change;

use super::world::{World, group, node, update};

/// One of these.
fn pick<T: Copy>(rng: &mut Rng, list: &[T]) -> T {
    list[rng.below(u32::try_from(list.len()).expect("few")) as usize]
}

fn often(rng: &mut Rng, percent: u32) -> bool {
    rng.below(100) < percent
}

fn random_node(number: u128, rng: &mut Rng) -> Node {
    let mut node = node(number);
    node.datacenter = pick(rng, &["dc1", "dc1", "dc2", "dc3"]).into();
    node.node_pool = pick(rng, &["default", "default", "default", "gpu"]).into();
    node.node_class = pick(rng, &["", "", "small", "large"]).into();
    let rack = format!("r{}", rng.below(6));
    if often(rng, 90) {
        node.meta.insert("rack".into(), rack.as_str().into());
    }
    if often(rng, 30) {
        node.meta.insert("unique.slot".into(), rack.as_str().into());
    }
    node.attributes.insert(
        "kernel.name".into(),
        pick(rng, &["linux", "linux", "windows"]).into(),
    );
    node.resources.cpu_mhz = pick(rng, &[2000, 4000, 4000, 8000]);
    node.resources.memory_mb = pick(rng, &[2048, 8192, 8192]);
    node.reserved.memory_mb = pick(rng, &[0, 0, 512]);
    if often(rng, 5) {
        node.eligibility = NodeEligibility::Ineligible;
    }
    node.with_computed_class()
}

fn random_constraint(rng: &mut Rng) -> Constraint {
    let (left, operand, right) = pick(
        rng,
        &[
            ("${attr.kernel.name}", "=", "linux"),
            ("${meta.rack}", "set_contains_any", "r0,r1,r2,r3"),
            ("${meta.rack}", "!=", "r4"),
            ("${node.class}", "=", "large"),
            ("${meta.unique.slot}", "is_set", ""),
            ("${node.unique.name}", "!=", "node-3"),
            ("", "distinct_hosts", ""),
            ("${meta.rack}", "distinct_property", "3"),
        ],
    );
    Constraint {
        left: left.into(),
        operand: operand.into(),
        right: right.into(),
    }
}

fn random_spread(rng: &mut Rng) -> Spread {
    let percent = pick(rng, &[0, 20, 50, 100]);
    let target = SpreadTarget {
        value: pick(rng, &["r0", "r1", "dc1"]).into(),
        percent,
    };
    Spread {
        attribute: pick(
            rng,
            &[
                "${meta.rack}",
                "${meta.rack}",
                "${node.datacenter}",
                "${meta.unique.slot}",
            ],
        )
        .into(),
        weight: pick(rng, &[50, 100]),
        targets: if often(rng, 40) {
            vec![target]
        } else {
            Vec::new()
        },
    }
}

fn random_affinity(rng: &mut Rng) -> Affinity {
    let (left, right) = pick(
        rng,
        &[
            ("${meta.rack}", "r1"),
            ("${node.class}", "small"),
            ("${node.unique.name}", "node-2"),
        ],
    );
    Affinity {
        left: left.into(),
        operand: "=".into(),
        right: right.into(),
        weight: pick(rng, &[-50, 20, 100]),
    }
}

fn random_group(name: &str, rng: &mut Rng) -> TaskGroup {
    let count = i64::from(rng.below(30));
    let image = format!("web:{}", rng.below(2));
    let block = update(1 + i64::from(rng.below(4)), i64::from(rng.below(2)));
    let mut group = group(count, &image, block);
    group.name = name.into();
    group.tasks[0].resources.cpu_mhz = pick(rng, &[100, 500, 700, 1500]);
    group.tasks[0].resources.memory_mb = pick(rng, &[100, 300, 1000]);
    if often(rng, 40) {
        group.constraints.push(random_constraint(rng));
    }
    if often(rng, 40) {
        group.spreads.push(random_spread(rng));
    }
    if often(rng, 25) {
        group.affinities.push(random_affinity(rng));
    }
    if often(rng, 15) {
        group.networks = vec![NetworkRequest {
            dynamic_ports: vec![PortRequest {
                label: "http".into(),
                value: 0,
                to: 0,
                host_network: "".into(),
                ignore_collision: false,
            }],
            ..NetworkRequest::default()
        }];
    }
    if often(rng, 10) {
        group.tasks[0].resources.cores = 1;
    }
    group
}

fn random_job(id: &str, rng: &mut Rng) -> JobSpec {
    let kind = pick(rng, &[JobType::Service, JobType::Service, JobType::Batch]);
    let mut groups = vec![random_group("api", rng)];
    if often(rng, 40) {
        groups.push(random_group("web", rng));
    }
    let mut spec = testing::spec(id, kind, groups);
    spec.datacenters = vec![pick(rng, &["*", "dc*", "dc1"]).into()];
    spec.node_pool = pick(rng, &["default", "default", "all"]).into();
    spec.priority = pick(rng, &[20, 50, 90]);
    if often(rng, 40) {
        spec.constraints.push(random_constraint(rng));
    }
    if often(rng, 40) {
        spec.spreads.push(random_spread(rng));
    }
    spec
}

/// Some allocations fail, and so are placed anew with a penalty on their nodes.
fn fail_some(w: &mut World, rng: &mut Rng) {
    let live = w.live();
    for alloc in live.iter().filter(|alloc| alloc.name_index % 5 == 0) {
        if often(rng, 50) {
            w.report(alloc.id, AllocClientStatus::Failed, None);
        }
    }
}

fn walk(seed: u64) {
    let mut rng = Rng::new(seed);
    let nodes = 1 + u128::from(rng.below(if seed.is_multiple_of(4) { 150 } else { 30 }));
    let mut w = World::new((1..=nodes).map(|number| random_node(number, &mut rng)));
    let mut configuration = w.store.scheduler_configuration().clone();
    configuration.preemption.service = often(&mut rng, 50);
    configuration.node_limit_for_feasibility_checks = pick(&mut rng, &[3, 20, 100]);
    if often(&mut rng, 30) {
        configuration.algorithm = SchedulerAlgorithm::Spread;
    }
    w.apply(Change::SchedulerConfigurationSet(Box::new(configuration)));
    for step in 0..6 {
        match rng.below(5) {
            0 => {
                w.register_spec(step, random_job("docs", &mut rng));
            }
            1 | 2 => {
                let id = pick(&mut rng, &["docs", "other", "third"]);
                w.register_spec(step, random_job(id, &mut rng));
            }
            3 => {
                let number = 1 + u128::from(rng.below(u32::try_from(nodes).expect("few")));
                let changed = random_node(number, &mut rng);
                w.apply(Change::NodeUpserted(Box::new(changed)));
            }
            _ => fail_some(&mut w, &mut rng),
        }
        if w.store.job(&JobKey::in_default("docs")).is_some() {
            w.settle();
            w.evaluate();
        }
    }
}

#[test]
fn what_is_remembered_changes_nothing() {
    for seed in 0..60 {
        walk(seed);
    }
}

//! Who is evicted, by the numbers of the spec (scheduling 9.5, 11).

use std::rc::Rc;

use yurt_model::job::{DeviceRequest, NetworkRequest, PortRequest};
use yurt_model::{
    AllocatedPort, AllocatedTask, JobType, NodeDevice, NodeDeviceInstance, NodeId, NodeNetwork,
    SchedulerConfiguration, Time, Uuid, testing,
};

use super::*;
use crate::tests::world;

/// An allocation of a job of this priority.
fn alloc(number: u128, priority: i64, resources: AllocatedResources) -> Rc<Allocation> {
    let mut spec = testing::spec(
        "other",
        JobType::Service,
        vec![world::group(1, "a:1", None)],
    );
    spec.priority = priority;
    let job = Rc::new(yurt_model::Job {
        spec: spec.into(),
        stop: false,
        version: 0,
        status: yurt_model::JobStatus::Running,
        stable: false,
        create_index: 1,
        modify_index: 1,
        job_modify_index: 1,
        submit_time: Time(0),
        version_tag: None,
        parent: None,
        dispatched: false,
        payload: None,
        dispatch_token: None,
    });
    let mut alloc = testing::alloc(number, &job, 0, 1, Time(0));
    alloc.resources = Rc::new(resources);
    Rc::new(alloc)
}

fn cpu(cpu_mhz: i64) -> AllocatedResources {
    AllocatedResources {
        cpu_mhz,
        ..AllocatedResources::default()
    }
}

fn asker(evicted: &Evicted) -> Asker<'_> {
    Asker {
        priority: 100,
        evicted,
    }
}

/// The candidates as a node with these allocations has them.
fn all<'a>(allocs: &'a [Rc<Allocation>], evicted: &Evicted) -> Vec<Candidate<'a>> {
    let mut list: Vec<_> = allocs
        .iter()
        .map(|alloc| Candidate::new(alloc, asker(evicted)))
        .collect();
    list.put_in_order_by_key(|one| one.priority);
    list
}

fn numbers(victims: &[&Rc<Allocation>]) -> Vec<u128> {
    let mut numbers: Vec<u128> = victims.iter().map(|alloc| alloc.id.0.0).collect();
    numbers.sort_unstable();
    numbers
}

#[test]
fn distances_and_scores() {
    // Scheduling SC-66.
    let sum = |(cpu_mhz, memory_mb, disk_mb)| Sum {
        cpu_mhz,
        memory_mb,
        disk_mb,
    };
    let need = sum((2048, 512, 4096));
    for (has, want) in [
        ((2048, 512, 4096), 0.0),
        ((1024, 400, 1024), 0.928),
        ((8192, 200, 1024), 3.152),
        ((2048, 500, 4096), 0.023),
    ] {
        let distance = room::distance(&need, &sum(has));
        assert!((distance - want).abs() < 0.001, "{has:?}: {distance}");
    }
    // SC-77.
    let one = alloc(1, 30, cpu(1));
    let score = score(&[&one]).unwrap();
    assert!((score - 0.99994).abs() < 0.00001, "{score}");
    assert_eq!(super::score(&[]), None);
}

#[test]
fn only_much_less_important_jobs_go() {
    // SC-67: ten less is enough, nine is not.
    let evicted = Evicted::new();
    for (priority, want) in [(91, false), (90, true), (100, false), (110, false)] {
        let alloc = alloc(1, priority, cpu(1));
        let candidate = Candidate::new(&alloc, asker(&evicted));
        assert_eq!(candidate.is_evictable, want, "{priority}");
    }
}

#[test]
fn processor_is_made_free_by_the_fewest() {
    let node = testing::node(1);
    let evicted = Evicted::new();
    // SC-68, the reserved 100 MHz held by another, and SC-69.
    type Row = (&'static [(i64, i64)], i64, &'static [u128]);
    let table: [Row; 5] = [
        // The rest of the node is held by the job itself.
        (&[(30, 1000)], 3000, &[0]),
        (&[(95, 1000)], 3000, &[]),
        (&[(100, 1900), (30, 1500), (30, 600)], 1000, &[1]),
        (&[(100, 3200), (30, 500)], 4000, &[]),
        (&[(50, 2000), (20, 2000)], 1500, &[1]),
    ];
    for (held, ask, want) in table {
        let allocs: Vec<_> = (0..)
            .zip(held)
            .map(|(i, (priority, mhz))| alloc(i, *priority, cpu(*mhz)))
            .collect();
        let ask = Sum::of(&cpu(ask));
        let victims = room::victims(&node, ask, &all(&allocs, &evicted));
        assert_eq!(numbers(&victims), want, "{held:?}");
    }
}

#[test]
fn a_group_that_lost_enough_is_spared() {
    // As SC-71, for processor: what goes beyond `migrate.max_parallel` costs 50 each.
    let allocs = [alloc(1, 30, cpu(1000)), alloc(2, 30, cpu(3000))];
    let key = (allocs[0].job_key(), allocs[0].group.clone());
    let evicted = Evicted::from([(key, 2)]);
    let has_block = allocs[0]
        .task_group()
        .and_then(|group| group.migrate.as_ref());
    let most = has_block.map_or(0, |migrate| migrate.max_parallel);
    let want = if most > 0 {
        (3 - most) as f64 * 50.0
    } else {
        0.0
    };
    let given = Candidate::new(&allocs[0], asker(&evicted)).penalty;
    assert!((given - want).abs() < 1e-9, "{given} {want}");
}

/// An allocation with this static port on this address.
fn port_holder(number: u128, priority: i64, value: i64, ip: &str) -> Rc<Allocation> {
    let port = AllocatedPort {
        label: "ssh".into(),
        value,
        to: 0,
        host_ip: ip.into(),
        is_static: true,
    };
    let resources = AllocatedResources {
        ports: vec![port],
        ..AllocatedResources::default()
    };
    alloc(number, priority, resources)
}

/// A network with one address and the ports that the node keeps there.
fn network(device: &str, ip: &str, kept: &str) -> NodeNetwork {
    NodeNetwork {
        mode: "host".into(),
        device: device.into(),
        ip: ip.into(),
        alias: "default".into(),
        mbits: 1000,
        reserved_ports: kept.into(),
    }
}

/// A group that asks for static ports.
fn asking(ports: &[i64]) -> TaskGroup {
    let mut group = world::group(1, "a:1", None);
    group.networks = vec![NetworkRequest {
        mode: "host".into(),
        mbits: 0,
        reserved_ports: ports
            .iter()
            .map(|value| PortRequest {
                label: format!("p{value}").into(),
                value: *value,
                to: 0,
                host_network: "".into(),
                ignore_collision: false,
            })
            .collect(),
        dynamic_ports: Vec::new(),
    }];
    group
}

#[test]
fn static_ports_are_taken_from_those_that_may_go() {
    const V4: &str = "127.0.0.1";
    const V6: &str = "::1";
    // Holders by number with their priority, port and address; ports kept on the first address;
    // ports asked for; who goes. The asker's priority is 100.
    type Row = (
        &'static [(u128, i64, i64, &'static str)],
        &'static str,
        &'static [i64],
        &'static [u128],
    );
    let table: [Row; 9] = [
        // SC-72 is the second row: one that stays rules the device out.
        (&[(1, 30, 22, V4), (2, 30, 22, V6)], "", &[22], &[1]),
        (&[(1, 100, 22, V4), (2, 100, 22, V6)], "", &[22], &[]),
        (&[(1, 30, 22, V4), (2, 100, 22, V6)], "", &[22], &[]),
        (&[(1, 100, 22, V4), (2, 30, 22, V6)], "", &[22], &[]),
        // What the node keeps nobody can give.
        (&[(2, 30, 22, V6)], "22", &[22], &[2]),
        (&[(2, 100, 22, V6)], "22", &[22], &[]),
        // A port that is free on some address needs nobody to go.
        (&[(1, 30, 22, V4)], "", &[22], &[]),
        (
            &[(1, 30, 22, V4), (2, 30, 22, V6), (3, 30, 80, V4)],
            "",
            &[22, 80],
            &[1],
        ),
        (
            &[(2, 30, 22, V6), (3, 30, 80, V6)],
            "22,80",
            &[22, 80],
            &[2, 3],
        ),
    ];
    let evicted = Evicted::new();
    for (holders, kept, ports, want) in table {
        let mut node = world::node(1);
        node.resources.networks = vec![network("lo", V4, kept), network("lo", V6, "")];
        let allocs: Vec<_> = holders
            .iter()
            .map(|(number, priority, port, ip)| port_holder(*number, *priority, *port, ip))
            .collect();
        let victims = ports::victims(&node, &asking(ports), &all(&allocs, &evicted));
        assert_eq!(numbers(&victims), want, "{holders:?} {kept:?} {ports:?}");
    }
}

#[test]
fn another_device_of_the_node_may_have_the_port() {
    let mut node = world::node(1);
    node.resources.networks = vec![
        network("eth0", "10.0.0.1", ""),
        network("eth1", "10.0.0.2", ""),
    ];
    let stays = port_holder(1, 100, 22, "10.0.0.1");
    let goes = port_holder(2, 30, 22, "10.0.0.2");
    let allocs = [stays, goes];
    let victims = ports::victims(&node, &asking(&[22]), &all(&allocs, &Evicted::new()));
    assert_eq!(numbers(&victims), [2]);
}

#[test]
fn a_static_port_goes_round_once_for_each_address() {
    let mut node = world::node(1);
    node.resources.networks = vec![network("lo", "127.0.0.1", ""), network("lo", "::1", "")];
    let group = asking(&[8080]);
    let mut map = crate::ports::PortMap::of_node(&node).unwrap();
    let mut rng = Rng::new(1);
    let mut seen = Vec::new();
    for _ in 0..3 {
        match map.offer(&group.networks[0], &mut rng) {
            Ok(ports) => {
                seen.push(ports[0].host_ip.to_string());
                let ports = AllocatedResources {
                    ports,
                    ..AllocatedResources::default()
                };
                assert_eq!(map.take(&ports, &[]), None);
            }
            Err(error) => seen.push(error),
        }
    }
    let collision = "reserved port collision p8080=8080";
    assert_eq!(seen, ["127.0.0.1", "::1", collision]);
}

#[test]
fn bandwidth_is_made_free_by_who_comes_nearest() {
    // Priority and MBits of allocations 0, 1, ...; how many of the last one's group the plan
    // evicts already, who goes, for 320 MBits of 1000.
    type Row = (&'static [(i64, i64)], i64, &'static [u128]);
    let table: [Row; 6] = [
        // SC-70, and SC-71 with more than `migrate.max_parallel` gone.
        (&[(100, 150), (30, 500), (30, 320)], 0, &[2]),
        (&[(100, 150), (30, 500), (40, 300)], 1, &[1]),
        (&[(100, 150), (30, 500), (30, 320)], 1, &[1]),
        // Enough is free; never enough; all, for who matches worst is kept first.
        (&[(100, 150), (30, 500)], 0, &[]),
        (&[(100, 850), (30, 100)], 0, &[]),
        (
            &[(100, 500), (30, 200), (30, 200), (30, 100)],
            0,
            &[1, 2, 3],
        ),
    ];
    let node = world::node(1);
    let device = node.resources.networks[0].device.clone();
    let mut group = world::group(1, "a:1", None);
    group.tasks[0].resources.networks = vec![NetworkRequest {
        mbits: 320,
        ..NetworkRequest::default()
    }];
    for (held, gone, want) in table {
        let allocs: Vec<_> = (0..)
            .zip(held)
            .map(|(i, (priority, mbits))| {
                let resources = AllocatedResources {
                    bandwidth: vec![(device.clone(), *mbits)],
                    ..AllocatedResources::default()
                };
                alloc(i, *priority, resources)
            })
            .collect();
        let mut candidates = all(&allocs, &Evicted::new());
        let last = candidates
            .iter_mut()
            .find(|one| one.alloc.id == allocs[held.len() - 1].id);
        last.expect("it is there").penalty = gone as f64 * MIGRATE_PENALTY;
        let victims = ports::victims(&node, &group, &candidates);
        assert_eq!(numbers(&victims), want, "{held:?} {gone}");
    }
}

#[test]
fn the_cheapest_device_is_freed() {
    let device = |name: &str| NodeDevice {
        vendor: "v".into(),
        kind: "gpu".into(),
        name: name.into(),
        instances: (0..5)
            .map(|i| NodeDeviceInstance {
                id: format!("{name}{i}").into(),
                healthy: true,
            })
            .collect(),
        attributes: BTreeMap::new(),
    };
    let mut node = testing::node(1);
    node.id = NodeId(Uuid(1));
    node.resources.devices = vec![device("a"), device("b")];
    let holder = |number, priority, name: &str, ids: std::ops::Range<u32>| {
        let full: Name = format!("v/gpu/{name}").into();
        let task = AllocatedTask {
            name: "server".into(),
            cpu_mhz: 0,
            cores: Vec::new(),
            memory_mb: 0,
            memory_max_mb: 0,
            devices: ids
                .map(|i| (full.clone(), Name::from(format!("{name}{i}"))))
                .collect(),
        };
        let resources = AllocatedResources {
            tasks: vec![task],
            ..AllocatedResources::default()
        };
        alloc(number, priority, resources)
    };
    let allocs = [
        holder(1, 30, "a", 0..2),
        holder(2, 40, "a", 2..4),
        holder(3, 30, "b", 0..2),
        holder(4, 30, "b", 2..4),
        holder(5, 30, "b", 4..5),
    ];
    let mut group = world::group(1, "a:1", None);
    // SC-73 and SC-74.
    for (count, want) in [(4, &[3, 4][..]), (6, &[])] {
        group.tasks[0].resources.devices = vec![DeviceRequest {
            name: "gpu".into(),
            count,
            constraints: Vec::new(),
            affinities: Vec::new(),
        }];
        let victims = devices::victims(&node, &group, &all(&allocs, &Evicted::new()));
        assert_eq!(numbers(&victims), want, "{count}");
    }
}

#[test]
fn a_fresh_cluster_lets_system_jobs_alone_evict() {
    // SC-76.
    let preemption = SchedulerConfiguration::of_a_fresh_cluster().preemption;
    let kinds = [
        JobType::Service,
        JobType::Batch,
        JobType::System,
        JobType::Sysbatch,
    ];
    let on = kinds.map(|kind| preemption.allows(kind));
    assert_eq!(on, [false, false, true, false]);
}

//! What groups ask of nodes, and what they are given there (spec: scheduling 7.3, 8.3, 8.4, 10).

use yurt_model::job::{
    DeviceRequest, JobType, NetworkRequest, PortRequest, TaskGroup, VolumeRequest,
};
use yurt_model::{
    AllocClientStatus, HostVolume, JobKey, Node, NodeDevice, NodeDeviceInstance, NodeNetwork,
    testing,
};

use super::world::{World, group, node};

fn one() -> TaskGroup {
    group(1, "web:1", None)
}

fn port(value: i64, host_network: &str) -> PortRequest {
    PortRequest {
        label: "http".into(),
        value,
        to: 0,
        host_network: host_network.into(),
        ignore_collision: false,
    }
}

/// A node with a second network, and a name for it of its own.
fn node_with_two_networks() -> Node {
    let mut node = node(1);
    node.meta.insert("net".into(), "private".into());
    node.resources.networks.push(NodeNetwork {
        mode: "host".into(),
        device: "eth1".into(),
        ip: "10.0.0.5".into(),
        alias: "private".into(),
        mbits: 0,
        reserved_ports: "".into(),
    });
    node.with_computed_class()
}

/// Why the group found no node: what was short, or why nodes were filtered.
fn trouble(w: &World) -> Option<String> {
    let output = w.last.as_ref().expect("an evaluation");
    let metrics = output.evaluation.failed_groups.get("api")?;
    let reasons = &metrics.constraint_filtered;
    let mut all = metrics.dimension_exhausted.iter().chain(reasons.iter());
    all.next().map(|(text, _)| text.to_string())
}

#[test]
fn a_network_may_be_named_by_a_target() {
    // The name of a host network, the address of the port, or why there is none.
    let table = [
        ("", Ok("192.168.0.100")),
        ("default", Ok("192.168.0.100")),
        ("private", Ok("10.0.0.5")),
        ("${meta.net}", Ok("10.0.0.5")),
        (
            "${meta.none}",
            Err("invalid host network \"${meta.none}\" template for port \"http\""),
        ),
        (
            "${node.datacenter}",
            Err("missing host network \"dc1\" for port \"http\""),
        ),
    ];
    for (name, wanted) in table {
        for value in [0, 8080] {
            let mut network = NetworkRequest::default();
            let ports = match value {
                0 => &mut network.dynamic_ports,
                _ => &mut network.reserved_ports,
            };
            ports.push(port(value, name));
            let mut group = one();
            group.networks.push(network);
            let mut w = World::new([node_with_two_networks()]);
            w.register(0, vec![group.clone()]);
            let live = w.live();
            let given = live.first().map(|alloc| &*alloc.resources.ports[0].host_ip);
            let text = trouble(&w);
            assert_eq!(given.ok_or(text.as_deref()), wanted.map_err(Some), "{name}");
            if value > 0 && given.is_some() {
                group.count = 2;
                w.register(1, vec![group]);
                let text = "network: reserved port collision http=8080";
                assert_eq!(trouble(&w).as_deref(), Some(text), "{name}");
            }
        }
    }
}

/// A node with one device of two instances, one of which works.
fn node_with_a_device() -> Node {
    let mut node = node(1);
    let instance = |id: &str, healthy| NodeDeviceInstance {
        id: id.into(),
        healthy,
    };
    node.resources.devices.push(NodeDevice {
        vendor: "nvidia".into(),
        kind: "gpu".into(),
        name: "t4".into(),
        instances: vec![instance("a", false), instance("b", true)],
        attributes: Default::default(),
    });
    node.with_computed_class()
}

#[test]
fn one_task_after_the_other_is_given_what_it_asks() {
    // Tasks as devices and cores that they ask for, twice; what is short for the second time.
    let table: [(&[(u64, i64)], &str); 4] = [
        (&[(1, 0), (0, 3)], "devices: no devices match request"),
        (&[(0, 3), (1, 0)], "cores"),
        (&[(1, 3)], "devices: no devices match request"),
        (&[(2, 0)], "missing devices"),
    ];
    for (tasks, wanted) in table {
        let mut group = one();
        let task = group.tasks.pop().expect("it has one");
        for (i, (devices, cores)) in tasks.iter().enumerate() {
            let mut task = task.clone();
            task.name = format!("task{i}").as_str().into();
            task.resources.cores = *cores;
            if *devices > 0 {
                task.resources.devices.push(DeviceRequest {
                    name: "gpu".into(),
                    count: *devices,
                    constraints: Vec::new(),
                    affinities: Vec::new(),
                });
            }
            group.tasks.push(task);
        }
        group.count = 2;
        let mut w = World::new([node_with_a_device()]);
        w.register(0, vec![group]);
        assert_eq!(trouble(&w).as_deref(), Some(wanted), "{tasks:?}");
        let mut given = w.live().into_iter();
        let devices = given.next().map(|alloc| {
            let tasks = alloc.resources.tasks.iter();
            tasks.flat_map(|task| task.devices.clone()).collect()
        });
        let devices: Vec<_> = devices.unwrap_or_default();
        let works = devices.iter().all(|(_, id)| &**id == "b");
        assert!(works && given.next().is_none(), "{tasks:?}");
    }
}

#[test]
fn a_disk_that_stays_is_told_of_all_candidates() {
    let mut group = one();
    group.ephemeral_disk.sticky = true;
    let mut w = World::new((1..=4).map(node));
    w.register(0, vec![group.clone()]);
    let first = w.live()[0].clone();
    w.report(first.id, AllocClientStatus::Running, None);
    group.tasks[0] = testing::task("server", "docker", serde_json::json!({ "image": "web:2" }));
    w.register(1, vec![group]);
    let second = w.live().into_iter().find(|alloc| alloc.id != first.id);
    let second = second.expect("a replacement");
    assert_eq!(second.node_id, first.node_id);
    let metrics = &second.metrics;
    let available: Vec<_> = metrics.nodes_available.iter().collect();
    assert_eq!(available.len(), 1);
    let told = (metrics.nodes_evaluated, metrics.nodes_in_pool);
    assert_eq!((told, available[0].1), ((1, 4), 4));
}

#[test]
fn a_job_makes_room_beside_its_own_allocations() {
    // Two of a system job are to be on a node of 4000 MHz and 8192 MiB where another job has one.
    // The second has no room unless that goes; if it does not help, the first shortage is told.
    for (memory_mb, wanted) in [(100, None), (4200, Some("cpu"))] {
        let mut w = World::new([node(1)]);
        let mut low = one();
        low.tasks[0].resources.cpu_mhz = 1000;
        w.register_spec(0, testing::spec("low", JobType::Service, vec![low]));
        let mut group = group(2, "web:1", None);
        group.tasks[0].resources.cpu_mhz = 1600;
        group.tasks[0].resources.memory_mb = memory_mb;
        let mut spec = testing::spec("docs", JobType::System, vec![group]);
        spec.priority = 100;
        w.register_spec(0, spec);
        assert_eq!(trouble(&w).as_deref(), wanted, "{memory_mb}");
        let plan = w.last.as_ref().and_then(|output| output.plan.as_ref());
        let evicted = plan.map_or(0, |plan| plan.preemptions.len());
        assert_eq!(evicted, usize::from(wanted.is_none()), "{memory_mb}");
    }
}

#[test]
fn volumes_are_there_by_name_and_kind() {
    let compatible = "missing compatible host volumes";
    // Kind, only for reading, sticky, one for each allocation; why the second finds none.
    let table = [
        (("host", "old", true, false, false), None),
        (("host", "old", false, false, false), Some(compatible)),
        (("host", "new", false, false, false), None),
        (("host", "new", true, false, false), None),
        (("host", "new", true, true, false), Some(compatible)),
        (("host", "one", true, false, false), Some(compatible)),
        (("host", "one", false, false, true), Some(compatible)),
        (
            ("csi", "new", true, false, false),
            Some("missing CSI volume(s) new"),
        ),
        (
            ("csi", "one", true, false, true),
            Some("missing CSI volume(s) one[0]"),
        ),
    ];
    for (row, wanted) in table {
        let (kind, source, read_only, sticky, per_alloc) = row;
        let mut group = group(2, "web:1", None);
        group.volumes.push(VolumeRequest {
            name: "v".into(),
            kind: kind.into(),
            source: source.into(),
            read_only,
            sticky,
            per_alloc,
            access_mode: "".into(),
            attachment_mode: "".into(),
        });
        let mut node = node(1);
        for (name, read_only) in [("old", true), ("new", false), ("one[0]", false)] {
            let volume = HostVolume { read_only };
            node.host_volumes.insert(name.into(), volume);
        }
        let mut w = World::new([node]);
        w.register(0, vec![group]);
        assert_eq!(trouble(&w).as_deref(), wanted, "{row:?}");
        let placed = match (wanted, per_alloc, kind) {
            (None, ..) => 2,
            (_, true, "host") => 1,
            _ => 0,
        };
        assert_eq!(w.live().len(), placed, "{row:?}");
    }
}

#[test]
fn a_port_may_be_shared_by_all_who_say_so() {
    // Who accepts a collision, one job after the other, and how many of each then run on the node.
    let table = [
        ([true, true], [2, 2]),
        ([false, true], [1, 2]),
        ([true, false], [2, 0]),
        ([false, false], [1, 0]),
    ];
    for (accepts, wanted) in table {
        let mut w = World::new([node(1)]);
        let mut ids = Vec::new();
        for (name, ignore_collision) in ["first", "second"].into_iter().zip(accepts) {
            let mut group = group(2, "web:1", None);
            let mut port = port(8080, "");
            port.ignore_collision = ignore_collision;
            group.networks.push(NetworkRequest {
                reserved_ports: vec![port],
                ..NetworkRequest::default()
            });
            w.register_spec(0, testing::spec(name, JobType::Service, vec![group]));
            ids.push(JobKey::in_default(name));
        }
        let running = ids.iter().map(|key| w.store.allocs_of_job(key).count());
        assert_eq!(running.collect::<Vec<_>>(), wanted, "{accepts:?}");
        let allocs = w.store.allocs_of_node(node(1).id);
        let fits = crate::node_fit(&node(1), allocs.map(|alloc| &**alloc));
        assert_eq!(fits, Ok(()), "{accepts:?}");
        // What goes takes the port along only when nobody else has it.
        let first = w.store.allocs_of_job(&ids[0]).next().map(|alloc| alloc.id);
        w.report(first.expect("one runs"), AllocClientStatus::Complete, None);
        let mut third = one();
        third.networks.push(NetworkRequest {
            reserved_ports: vec![port(8080, "")],
            ..NetworkRequest::default()
        });
        w.register_spec(0, testing::spec("docs", JobType::Service, vec![third]));
        let is_free = wanted[0] + wanted[1] == 1;
        assert_eq!(trouble(&w).is_none(), is_free, "{accepts:?}");
    }
}

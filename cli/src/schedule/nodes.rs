//! Nodes and the scheduler configuration, as recordings write them.

use std::collections::BTreeMap;

use serde_json::Value;
use yurt_model::{
    DriverInfo, HostVolume, Name, Node, NodeDevice, NodeDeviceInstance, NodeEligibility, NodeId,
    NodeNetwork, NodeResources, NodeStatus, PreemptionConfig, ReservedResources,
    SchedulerAlgorithm, SchedulerConfiguration,
};

use super::{EPOCH, list, text};

/// A node of the recording, ready.
pub(super) fn node(recorded: &Value) -> Result<Node, String> {
    let id = text(&recorded["ID"])
        .parse()
        .map_err(|_| "a node without an id")?;
    let pool = text(&recorded["NodePool"]);
    let eligibility = if recorded["SchedulingEligibility"] == "ineligible" {
        NodeEligibility::Ineligible
    } else {
        NodeEligibility::Eligible
    };
    let node = Node {
        id: NodeId(id),
        name: text(&recorded["Name"]).into(),
        datacenter: text(&recorded["Datacenter"]).into(),
        node_pool: if pool.is_empty() { "default" } else { pool }.into(),
        node_class: text(&recorded["NodeClass"]).into(),
        http_address: "192.168.0.100:4646".into(),
        attributes: names(&recorded["Attributes"]),
        meta: names(&recorded["Meta"]),
        drivers: map(&recorded["Drivers"], |driver| DriverInfo {
            detected: driver["Detected"] == true,
            healthy: driver["Healthy"] == true,
        }),
        host_volumes: map(&recorded["HostVolumes"], |volume| HostVolume {
            read_only: volume["ReadOnly"] == true,
        }),
        resources: resources(&recorded["NodeResources"]),
        reserved: reserved(&recorded["ReservedResources"]),
        status: NodeStatus::Ready,
        status_updated_at: EPOCH,
        eligibility,
        drain: None,
        last_drain: None,
        owes_alloc_update: false,
        computed_class: 0,
        events: Vec::new(),
        create_index: 0,
        modify_index: 0,
    };
    check_sizes(&node)?;
    Ok(node.with_computed_class())
}

/// Most that a node of a recording has of anything: room for a sum over all nodes.
const SIZE_MAX: i64 = 1 << 40;

/// A node without room is one with 0 of something, never with less.
fn check_sizes(node: &Node) -> Result<(), String> {
    let (has, keeps) = (&node.resources, &node.reserved);
    let sizes = [
        ("CpuShares", has.cpu_mhz, keeps.cpu_mhz),
        ("MemoryMB", has.memory_mb, keeps.memory_mb),
        ("DiskMB", has.disk_mb, keeps.disk_mb),
    ];
    for (dimension, has, keeps) in sizes {
        if !(0..=SIZE_MAX).contains(&has) {
            let name = &node.name;
            return Err(format!(
                "node {name}: \"{dimension}\" must be from 0 to {SIZE_MAX}, not {has}"
            ));
        }
        if !(0..=has).contains(&keeps) {
            let name = &node.name;
            return Err(format!(
                "node {name}: \"{dimension}\" reserved must be from 0 to {has}, not {keeps}"
            ));
        }
    }
    Ok(())
}

fn map<T>(value: &Value, read: impl Fn(&Value) -> T) -> BTreeMap<Name, T> {
    let members = value.as_object().into_iter().flatten();
    members
        .map(|(key, member)| (Name::from(key.as_str()), read(member)))
        .collect()
}

fn names(value: &Value) -> BTreeMap<Name, Name> {
    map(value, |member| Name::from(text(member)))
}

fn whole(value: &Value) -> i64 {
    value.as_i64().unwrap_or(0)
}

fn resources(recorded: &Value) -> NodeResources {
    let cores = whole(&recorded["Cpu"]["TotalCpuCores"]);
    NodeResources {
        cpu_mhz: whole(&recorded["Cpu"]["CpuShares"]),
        total_cores: u16::try_from(cores).unwrap_or(0),
        memory_mb: whole(&recorded["Memory"]["MemoryMB"]),
        disk_mb: whole(&recorded["Disk"]["DiskMB"]),
        networks: list(&recorded["Networks"]).iter().map(network).collect(),
        devices: list(&recorded["Devices"]).iter().map(device).collect(),
        min_dynamic_port: whole(&recorded["MinDynamicPort"]),
        max_dynamic_port: whole(&recorded["MaxDynamicPort"]),
    }
}

/// The address with the device `eth1` has the alias `private`, every other one `default`.
fn network(recorded: &Value) -> NodeNetwork {
    let device = text(&recorded["Device"]);
    let is_host = recorded["Mode"] == "host";
    NodeNetwork {
        mode: text(&recorded["Mode"]).into(),
        device: device.into(),
        ip: text(&recorded["IP"]).into(),
        alias: match device {
            "eth1" => "private",
            _ if is_host => "default",
            _ => "",
        }
        .into(),
        mbits: whole(&recorded["MBits"]),
        reserved_ports: "".into(),
    }
}

fn device(recorded: &Value) -> NodeDevice {
    let instance = |instance: &Value| NodeDeviceInstance {
        id: text(&instance["ID"]).into(),
        healthy: instance["Healthy"] == true,
    };
    NodeDevice {
        vendor: text(&recorded["Vendor"]).into(),
        kind: text(&recorded["Type"]).into(),
        name: text(&recorded["Name"]).into(),
        instances: list(&recorded["Instances"]).iter().map(instance).collect(),
        attributes: map(&recorded["Attributes"], Clone::clone),
    }
}

fn reserved(recorded: &Value) -> ReservedResources {
    ReservedResources {
        cpu_mhz: whole(&recorded["Cpu"]["CpuShares"]),
        memory_mb: whole(&recorded["Memory"]["MemoryMB"]),
        disk_mb: whole(&recorded["Disk"]["DiskMB"]),
        cores: Vec::new(),
        ports: text(&recorded["Networks"]["ReservedHostPorts"]).into(),
    }
}

/// The scheduler configuration before the first event; what is absent is off.
pub(super) fn scheduler_configuration(recorded: &Value) -> SchedulerConfiguration {
    let preemption = |kind: &str| recorded["PreemptionConfig"][kind] == true;
    SchedulerConfiguration {
        algorithm: if recorded["SchedulerAlgorithm"] == "spread" {
            SchedulerAlgorithm::Spread
        } else {
            SchedulerAlgorithm::Binpack
        },
        preemption: PreemptionConfig {
            system: preemption("SystemSchedulerEnabled"),
            sysbatch: preemption("SysBatchSchedulerEnabled"),
            batch: preemption("BatchSchedulerEnabled"),
            service: preemption("ServiceSchedulerEnabled"),
        },
        memory_oversubscription: recorded["MemoryOversubscriptionEnabled"] == true,
        ..SchedulerConfiguration::of_a_fresh_cluster()
    }
}

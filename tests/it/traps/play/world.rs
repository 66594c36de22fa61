//! Nodes for tests of traps.
//!
//! Belongs here: what a node is unless a test says otherwise.

use std::collections::BTreeMap;

use yurt_model::{
    DriverInfo, Node, NodeEligibility, NodeId, NodeNetwork, NodeResources, NodeStatus,
    ReservedResources, Time, Uuid,
};

/// A node `node-<number>` that runs docker: 4000 MHz, 8192 MiB, one address.
pub(crate) fn node(number: u128) -> Node {
    let works = DriverInfo {
        detected: true,
        healthy: true,
    };
    let node = Node {
        id: id(number),
        name: format!("node-{number}").into(),
        datacenter: "dc1".into(),
        node_pool: "default".into(),
        node_class: "".into(),
        http_address: "127.0.0.1:4646".into(),
        attributes: BTreeMap::from([("nomad.version".into(), "2.0.6".into())]),
        meta: BTreeMap::new(),
        drivers: BTreeMap::from([("docker".into(), works)]),
        host_volumes: BTreeMap::new(),
        resources: NodeResources {
            cpu_mhz: 4000,
            total_cores: 4,
            memory_mb: 8192,
            disk_mb: 20_000,
            networks: vec![address("192.168.0.1", "default")],
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
    };
    node.with_computed_class()
}

pub(crate) fn address(ip: &str, alias: &str) -> NodeNetwork {
    NodeNetwork {
        mode: "host".into(),
        device: "eth0".into(),
        ip: ip.into(),
        alias: alias.into(),
        mbits: 1000,
        reserved_ports: "".into(),
    }
}

/// A node with something changed, and its class computed again.
pub(crate) fn change(mut node: Node, how: impl FnOnce(&mut Node)) -> Node {
    how(&mut node);
    node.with_computed_class()
}

/// A node with that meta.
pub(crate) fn with_meta(number: u128, key: &str, value: &str) -> Node {
    change(node(number), |node| {
        node.meta.insert(key.into(), value.into());
    })
}

pub(crate) fn id(number: u128) -> NodeId {
    NodeId(Uuid(number))
}

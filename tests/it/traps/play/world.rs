//! Nodes for tests of traps.
//!
//! Belongs here: what a node is unless a test says otherwise.

use std::collections::BTreeMap;

use yurt_model::{DriverInfo, Node, NodeId, NodeNetwork, Uuid, testing};

/// A node `node-<number>` that runs docker: 4000 MHz, 8192 MiB, one address.
pub(crate) fn node(number: u128) -> Node {
    let works = DriverInfo {
        detected: true,
        healthy: true,
    };
    change(testing::node(number), |node| {
        node.attributes = BTreeMap::from([("nomad.version".into(), "2.0.6".into())]);
        node.drivers = BTreeMap::from([("docker".into(), works)]);
        node.resources.networks = vec![address("192.168.0.1", "default")];
    })
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

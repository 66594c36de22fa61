//! Who goes when a static port is taken (spec: scheduling 11.4).
//!
//! Bandwidth is not modelled, so ports alone decide.

use std::rc::Rc;

use yurt_model::job::{NetworkRequest, PortRequest};
use yurt_model::{Allocation, Name, Node, NodeNetwork, TaskGroup};

use super::Candidate;
use crate::ports::parse_ports;

/// The network of the host that a port without one means.
const DEFAULT_NETWORK: &str = "default";

/// The holders of the static ports that the group needs, on the first device of the node on which
/// all of them may go; empty when there is none.
pub(super) fn victims<'a>(
    node: &Node,
    group: &TaskGroup,
    all: &[Candidate<'a>],
) -> Vec<&'a Rc<Allocation>> {
    let Some(ask) = group.networks.first() else {
        return Vec::new();
    };
    let mut devices: Vec<&Name> = Vec::new();
    for network in &node.resources.networks {
        if !devices.contains(&&network.device) {
            devices.push(&network.device);
        }
    }
    let on = |device| victims_on(device, node, ask, all).filter(|list| !list.is_empty());
    devices.into_iter().find_map(on).unwrap_or_default()
}

/// The holders on one device; none when it does not help that they go.
fn victims_on<'a>(
    device: &Name,
    node: &Node,
    ask: &NetworkRequest,
    all: &[Candidate<'a>],
) -> Option<Vec<&'a Rc<Allocation>>> {
    let mut victims: Vec<&'a Rc<Allocation>> = Vec::new();
    for port in ask.reserved_ports.iter().filter(|p| !p.ignore_collision) {
        let alias = match &*port.host_network {
            "" => DEFAULT_NETWORK,
            alias => alias,
        };
        let networks = node.resources.networks.iter();
        let addresses: Vec<&NodeNetwork> = networks
            .filter(|network| network.device == *device && *network.alias == *alias)
            .filter(|network| !is_kept(node, network, port))
            .collect();
        let holders = |address: &NodeNetwork| -> Vec<&Candidate<'a>> {
            let holds = |one: &&Candidate<'_>| {
                let mut ports = one.resources().ports.iter();
                ports.any(|held| held.value == port.value && held.host_ip == address.ip)
            };
            all.iter().filter(holds).collect()
        };
        let by_address: Vec<_> = addresses.iter().map(|address| holders(address)).collect();
        // One that stays rules the device out, whatever address it is on.
        if by_address.iter().flatten().any(|one| !one.is_evictable) {
            return None;
        }
        // An address is enough, and the first is what is offered next.
        let fewest = by_address.iter().min_by_key(|holders| holders.len())?;
        if fewest.is_empty() {
            continue; // The port is free.
        }
        for holder in by_address.first()? {
            if !victims.iter().any(|known| known.id == holder.alloc.id) {
                victims.push(holder.alloc);
            }
        }
    }
    Some(victims)
}

/// The node keeps the port on this address for itself.
fn is_kept(node: &Node, network: &NodeNetwork, port: &PortRequest) -> bool {
    [&node.reserved.ports, &network.reserved_ports]
        .into_iter()
        .filter_map(|list| parse_ports(list).ok())
        .flatten()
        .any(|kept| i64::from(kept) == port.value)
}

//! Who goes when a static port is taken (spec: scheduling 11.4).
//!
//! Bandwidth is not modelled, so ports alone decide.

use std::rc::Rc;

use yurt_model::{Allocation, Node, TaskGroup};

use super::Candidate;

/// The network of the host that a port without one means.
const DEFAULT_NETWORK: &str = "default";

/// The holders of the static ports that the group needs, on the first network of the node on which
/// all of them may go; empty when there is none.
pub(super) fn victims<'a>(
    node: &Node,
    group: &TaskGroup,
    all: &[Candidate<'a>],
) -> Vec<&'a Rc<Allocation>> {
    let Some(ask) = group.networks.first() else {
        return Vec::new();
    };
    let mut victims: Vec<&'a Rc<Allocation>> = Vec::new();
    for port in ask
        .reserved_ports
        .iter()
        .filter(|port| !port.ignore_collision)
    {
        let alias = match &*port.host_network {
            "" => DEFAULT_NETWORK,
            alias => alias,
        };
        let addresses = node.resources.networks.iter();
        let mut addresses = addresses.filter(|network| *network.alias == *alias);
        let holders = addresses.find_map(|address| {
            let holds = |one: &&Candidate<'_>| {
                let mut ports = one.resources().ports.iter();
                ports.any(|held| held.value == port.value && held.host_ip == address.ip)
            };
            let holders: Vec<_> = all.iter().filter(holds).collect();
            let may_go = holders.iter().all(|one| one.is_evictable);
            may_go.then_some(holders)
        });
        let Some(holders) = holders else {
            return Vec::new();
        };
        for holder in holders {
            if !victims.iter().any(|known| known.id == holder.alloc.id) {
                victims.push(holder.alloc);
            }
        }
    }
    victims
}

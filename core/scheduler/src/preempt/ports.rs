//! Who goes when a static port is taken or bandwidth is short (spec: scheduling 11.4).

use std::rc::Rc;

use yurt_model::job::PortRequest;
use yurt_model::{Allocation, InOrder, Name, Node, NodeNetwork, TaskGroup, parse_ports};

use super::Candidate;
use crate::feasible::network;

/// The network of the host that a port without one means.
const DEFAULT_NETWORK: &str = "default";

/// What a group asks of a device.
struct Ask {
    /// Static ports that must be free.
    ports: Vec<PortRequest>,
    /// MBits per second; only tasks' own networks count.
    mbits: i64,
}

impl Ask {
    fn of(group: &TaskGroup, node: &Node) -> Self {
        let own = || {
            group
                .tasks
                .iter()
                .filter_map(|t| t.resources.networks.first())
        };
        let networks = group.networks.first().into_iter().chain(own());
        Self {
            ports: networks
                .flat_map(|it| network::with_aliases(it, node).into_owned().reserved_ports)
                .filter(|port| !port.ignore_collision)
                .collect(),
            mbits: own().map(|network| network.mbits).sum(),
        }
    }
}

/// The holders of the static ports and of the bandwidth that the group needs, on the first device
/// of the node on which enough of them may go; empty when there is none.
pub(super) fn victims<'a>(
    node: &Node,
    group: &TaskGroup,
    all: &[Candidate<'a>],
) -> Vec<&'a Rc<Allocation>> {
    let ask = Ask::of(group, node);
    let mut devices: Vec<&Name> = Vec::new();
    for network in &node.resources.networks {
        if !devices.contains(&&network.device) {
            devices.push(&network.device);
        }
    }
    let on = |device| {
        let mut victims = port_holders(device, node, &ask, all)?;
        free_bandwidth(device, node, &ask, all, &mut victims)?;
        (!victims.is_empty()).then_some(victims)
    };
    let victims = devices.into_iter().find_map(on).unwrap_or_default();
    victims.into_iter().map(|one| one.alloc).collect()
}

/// The holders of static ports on one device; none when it does not help that they go.
fn port_holders<'c, 'a>(
    device: &Name,
    node: &Node,
    ask: &Ask,
    all: &'c [Candidate<'a>],
) -> Option<Vec<&'c Candidate<'a>>> {
    let mut victims: Vec<&'c Candidate<'a>> = Vec::new();
    for port in &ask.ports {
        let alias = match &*port.host_network {
            "" => DEFAULT_NETWORK,
            alias => alias,
        };
        let networks = node.resources.networks.iter();
        let addresses: Vec<&NodeNetwork> = networks
            .filter(|network| network.device == *device && *network.alias == *alias)
            .filter(|network| !is_kept(node, network, port))
            .collect();
        let holders = |address: &NodeNetwork| -> Vec<&'c Candidate<'a>> {
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
            if !is_in(&victims, holder) {
                victims.push(*holder);
            }
        }
    }
    Some(victims)
}

fn is_in(list: &[&Candidate<'_>], one: &Candidate<'_>) -> bool {
    list.iter().any(|known| known.alloc.id == one.alloc.id)
}

/// Adds who must go for the bandwidth: of the lowest priority first, who comes nearest to what is
/// needed; those that turn out not to be needed stay. None when it is never enough.
fn free_bandwidth<'c, 'a>(
    device: &Name,
    node: &Node,
    ask: &Ask,
    all: &'c [Candidate<'a>],
    victims: &mut Vec<&'c Candidate<'a>>,
) -> Option<()> {
    let held = |one: &Candidate<'_>| one.resources().mbits_on(device);
    let mut networks = node.resources.networks.iter();
    let whole = networks.find(|network| network.device == *device)?.mbits;
    let staying = all.iter().filter(|one| !is_in(victims, one));
    let free = whole - staying.map(held).sum::<i64>();
    let far = |one: &Candidate<'_>, need: i64| (need - held(one)).abs() as f64 / need as f64;
    let mut evictable: Vec<_> = all
        .iter()
        .filter(|one| one.is_evictable && held(one) > 0 && !is_in(victims, one))
        .collect();
    let mut picked: Vec<&'c Candidate<'a>> = Vec::new();
    let mut room = free;
    while room < ask.mbits {
        let need = ask.mbits - room;
        let priority = evictable.first()?.priority;
        let equals = evictable.iter().take_while(|one| one.priority == priority);
        let costs = equals.map(|one| far(one, need) + one.penalty).enumerate();
        let (nearest, _) = costs.reduce(|best, next| if next.1 < best.1 { next } else { best })?;
        let one = evictable.remove(nearest);
        room += held(one);
        picked.push(one);
    }
    picked.put_in_order_by(|left, right| far(right, ask.mbits).total_cmp(&far(left, ask.mbits)));
    let mut room = free;
    for one in picked {
        if room < ask.mbits {
            room += held(one);
            victims.push(one);
        }
    }
    Some(())
}

/// The node keeps the port on this address for itself.
fn is_kept(node: &Node, network: &NodeNetwork, port: &PortRequest) -> bool {
    [&node.reserved.ports, &network.reserved_ports]
        .into_iter()
        .filter_map(|list| parse_ports(list).ok())
        .flatten()
        .any(|kept| i64::from(kept) == port.value)
}

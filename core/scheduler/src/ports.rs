//! Ports and bandwidth of nodes: what is taken, what can be offered (spec: scheduling 8.3).

use yurt_model::job::NetworkRequest;
use yurt_model::{
    AllocatedPort, AllocatedResources, Allocation, Name, Node, PORTS, Rng, parse_ports,
};

/// The dynamic range of nodes that name none (spec: scheduling 1).
const DYNAMIC_MIN: i64 = 20_000;
const DYNAMIC_MAX: i64 = 32_000;
/// Random picks before the exact search (spec: scheduling 1).
const RANDOM_TRIES: u32 = 20;
/// So many ports of one request are gone through one by one; among more they are looked up.
const FEW_PORTS: usize = 32;
/// The alias of a port that names no network of the host.
const DEFAULT_NETWORK: &str = "default";

/// One address of a node and the ports taken on it.
#[derive(Clone, Debug)]
struct Address {
    /// Its place in [`PortMap::devices`].
    device: usize,
    alias: Name,
    ip: Name,
    taken: Box<[u64]>,
}

impl Address {
    fn is_taken(&self, port: usize) -> bool {
        self.taken[port / 64] >> (port % 64) & 1 == 1
    }

    fn set(&mut self, port: usize, taken: bool) {
        let bit = 1 << (port % 64);
        if taken {
            self.taken[port / 64] |= bit;
        } else {
            self.taken[port / 64] &= !bit;
        }
    }
}

/// A network device of a node, and the bandwidth that is left on it in MBits per second.
#[derive(Clone, Debug)]
struct Device {
    name: Name,
    mbits: i64,
}

/// The ports and the bandwidth of one node, as far as they are taken.
#[derive(Clone, Debug)]
pub(crate) struct PortMap {
    devices: Vec<Device>,
    addresses: Vec<Address>,
    dynamic_min: i64,
    dynamic_max: i64,
}

fn index(port: i64) -> Option<usize> {
    usize::try_from(port).ok().filter(|port| *port < PORTS)
}

impl PortMap {
    /// The ports that the node itself keeps; `Err` when its lists cannot be read.
    pub(crate) fn of_node(node: &Node) -> Result<Self, String> {
        let invalid = |_| "invalid node".to_owned();
        let everywhere = parse_ports(&node.reserved.ports).map_err(invalid)?;
        let mut addresses = Vec::new();
        let mut devices: Vec<Device> = Vec::new();
        for network in node
            .resources
            .networks
            .iter()
            .filter(|network| !network.ip.is_empty())
        {
            let known = devices.iter().position(|it| it.name == network.device);
            let device = known.unwrap_or(devices.len());
            if known.is_none() {
                devices.push(Device {
                    name: network.device.clone(),
                    mbits: network.mbits,
                });
            }
            let mut address = Address {
                device,
                alias: network.alias.clone(),
                ip: network.ip.clone(),
                taken: vec![0; PORTS / 64].into_boxed_slice(),
            };
            let own = parse_ports(&network.reserved_ports).map_err(invalid)?;
            for port in everywhere.iter().chain(&own) {
                address.set(usize::from(*port), true);
            }
            addresses.push(address);
        }
        let or = |value: i64, default| if value > 0 { value } else { default };
        Ok(Self {
            devices,
            addresses,
            dynamic_min: or(node.resources.min_dynamic_port, DYNAMIC_MIN),
            dynamic_max: or(node.resources.max_dynamic_port, DYNAMIC_MAX),
        })
    }

    /// Takes an allocation's ports and bandwidth; the first port that was taken already, if any,
    /// but for those that it `shares`.
    pub(crate) fn take(&mut self, resources: &AllocatedResources, shares: &[i64]) -> Option<i64> {
        for device in &mut self.devices {
            device.mbits -= resources.mbits_on(&device.name);
        }
        let mut collision = None;
        for port in &resources.ports {
            for address in self.addresses.iter_mut().filter(|a| a.ip == port.host_ip) {
                let Some(n) = index(port.value) else { continue };
                let is_alone = !shares.contains(&port.value);
                if address.is_taken(n) && is_alone && collision.is_none() {
                    collision = Some(port.value);
                }
                address.set(n, true);
            }
        }
        collision
    }

    /// Takes the ports and the bandwidth of all that run on a node; the first port that two hold
    /// of which neither shares it.
    pub(crate) fn take_all<'r>(
        &mut self,
        all: impl Iterator<Item = (&'r AllocatedResources, &'r [i64])> + Clone,
    ) -> Option<i64> {
        // Those that share stand aside: who came first does not matter.
        let sharing = all.clone().filter(|(_, shares)| !shares.is_empty());
        let alone = all.filter(|(_, shares)| shares.is_empty());
        alone
            .chain(sharing)
            .find_map(|(resources, shares)| self.take(resources, shares))
    }

    /// Gives an allocation's ports and bandwidth back. Nobody may share them.
    pub(crate) fn give_back(&mut self, resources: &AllocatedResources) {
        for device in &mut self.devices {
            device.mbits += resources.mbits_on(&device.name);
        }
        for port in &resources.ports {
            for address in self.addresses.iter_mut().filter(|a| a.ip == port.host_ip) {
                if let Some(n) = index(port.value) {
                    address.set(n, false);
                }
            }
        }
    }

    /// Ports for a request, or why there are none.
    pub(crate) fn offer(
        &self,
        ask: &NetworkRequest,
        rng: &mut Rng,
    ) -> Result<Vec<AllocatedPort>, String> {
        let mut offer: Vec<AllocatedPort> = Vec::new();
        for port in &ask.reserved_ports {
            let mut trouble = no_address(&port.host_network);
            let found = self.on_network(&port.host_network).find(|address| {
                match index(port.value) {
                    None => trouble = format!("invalid port {} (out of range)", port.value),
                    Some(n) if address.is_taken(n) && !port.ignore_collision => {
                        trouble = format!("reserved port collision {}={}", port.label, port.value);
                    }
                    Some(_) => return true,
                }
                false
            });
            let address = found.ok_or(trouble)?;
            offer.push(offered(&port.label, port.value, port.to, address, true));
        }
        for port in &ask.dynamic_ports {
            let mut trouble = no_address(&port.host_network);
            let mut found = None;
            for address in self.on_network(&port.host_network) {
                found = self.free_port(address, &offer, rng).map(|n| (n, address));
                if found.is_some() {
                    break;
                }
                trouble = "dynamic port selection failed".to_owned();
            }
            let (value, address) = found.ok_or(trouble)?;
            offer.push(offered(&port.label, value, port.to, address, false));
        }
        Ok(offer)
    }

    /// Bandwidth and ports on one address for a task's own network, or why there are none. They
    /// are added to `own`, what the allocation gets so far.
    pub(crate) fn offer_to_task(
        &self,
        ask: &NetworkRequest,
        own: &mut AllocatedResources,
        rng: &mut Rng,
    ) -> Result<(), String> {
        let mut trouble = "no networks available".to_owned();
        for address in &self.addresses {
            match self.offer_on(address, ask, own, rng) {
                Ok(ports) => {
                    own.ports.extend(ports);
                    if ask.mbits > 0 {
                        let device = self.devices[address.device].name.clone();
                        own.bandwidth.push((device, ask.mbits));
                    }
                    return Ok(());
                }
                Err(error) => trouble = error,
            }
        }
        Err(trouble)
    }

    fn offer_on(
        &self,
        address: &Address,
        ask: &NetworkRequest,
        own: &AllocatedResources,
        rng: &mut Rng,
    ) -> Result<Vec<AllocatedPort>, String> {
        let device = &self.devices[address.device];
        if ask.mbits > device.mbits - own.mbits_on(&device.name) {
            return Err("bandwidth exceeded".to_owned());
        }
        let mut given = own.ports.clone();
        for port in &ask.reserved_ports {
            let n = index(port.value)
                .ok_or_else(|| format!("invalid port {} (out of range)", port.value))?;
            let is_ours = |it: &AllocatedPort| it.value == port.value && it.host_ip == address.ip;
            if address.is_taken(n) || given.iter().any(is_ours) {
                let (label, value) = (&port.label, port.value);
                return Err(format!("reserved port collision {label}={value}"));
            }
            given.push(offered(&port.label, port.value, port.to, address, true));
        }
        for port in &ask.dynamic_ports {
            let value = self
                .free_port(address, &given, rng)
                .ok_or("dynamic port selection failed")?;
            given.push(offered(&port.label, value, port.to, address, false));
        }
        Ok(given.split_off(own.ports.len()))
    }

    fn on_network<'s>(&'s self, alias: &'s str) -> impl Iterator<Item = &'s Address> {
        let alias = if alias.is_empty() {
            DEFAULT_NETWORK
        } else {
            alias
        };
        self.addresses
            .iter()
            .filter(move |address| &*address.alias == alias)
    }

    fn free_port(&self, address: &Address, offer: &[AllocatedPort], rng: &mut Rng) -> Option<i64> {
        let (min, max) = (self.dynamic_min, self.dynamic_max);
        let ours = || offer.iter().filter(|other| other.host_ip == address.ip);
        let all = (offer.len() > FEW_PORTS).then(|| {
            let mut all = address.clone();
            let ports = ours().filter_map(|other| index(other.value));
            ports.for_each(|n| all.set(n, true));
            all
        });
        let is_free = |port: i64| {
            index(port).is_some_and(|n| match &all {
                Some(all) => !all.is_taken(n),
                None => !address.is_taken(n) && !ours().any(|other| other.value == port),
            })
        };
        let width = u32::try_from(max - min).unwrap_or(0);
        for _ in 0..RANDOM_TRIES.min(width) {
            let port = min + i64::from(rng.below(width));
            if is_free(port) {
                return Some(port);
            }
        }
        let free: Vec<i64> = (min..=max).filter(|port| is_free(*port)).collect();
        let pick = rng.below(u32::try_from(free.len()).unwrap_or(u32::MAX));
        free.get(pick as usize).copied()
    }
}

/// The static ports of an allocation that others may hold too.
pub(crate) fn shared_ports(alloc: &Allocation) -> Vec<i64> {
    if alloc.resources.ports.is_empty() {
        return Vec::new();
    }
    let networks = alloc.task_group().into_iter().flat_map(|g| &g.networks);
    let ports = networks.flat_map(|network| &network.reserved_ports);
    ports
        .filter(|port| port.ignore_collision)
        .map(|port| port.value)
        .collect()
}

fn no_address(alias: &str) -> String {
    let alias = if alias.is_empty() {
        DEFAULT_NETWORK
    } else {
        alias
    };
    format!("no addresses available for {alias} network")
}

fn offered(label: &Name, value: i64, to: i64, address: &Address, is_static: bool) -> AllocatedPort {
    AllocatedPort {
        label: label.clone(),
        value,
        to: if to == -1 { value } else { to },
        host_ip: address.ip.clone(),
        is_static,
    }
}

#[cfg(test)]
mod tests {
    use yurt_model::job::PortRequest;
    use yurt_model::{InOrder, NodeNetwork, testing};

    use super::*;

    fn network(device: &str, ip: &str, mbits: i64) -> NodeNetwork {
        NodeNetwork {
            mode: "host".into(),
            device: device.into(),
            ip: ip.into(),
            alias: "default".into(),
            mbits,
            reserved_ports: "22".into(),
        }
    }

    fn ask(mbits: i64, ports: &[i64]) -> NetworkRequest {
        let port = |value: &i64| PortRequest {
            label: "http".into(),
            value: *value,
            to: 0,
            host_network: "".into(),
            ignore_collision: false,
        };
        let (fixed, free) = ports.iter().partition(|value| **value > 0);
        let (fixed, free): (Vec<i64>, Vec<i64>) = (fixed, free);
        NetworkRequest {
            mbits,
            reserved_ports: fixed.iter().map(port).collect(),
            dynamic_ports: free.iter().map(port).collect(),
            ..NetworkRequest::default()
        }
    }

    /// Tasks with networks of their own, one after the other; port 0 is a dynamic one.
    #[test]
    fn networks_of_tasks() {
        let one = &[network("eth0", "10.0.0.1", 1000)][..];
        let two = &[one[0].clone(), network("eth1", "10.0.0.2", 100)][..];
        let pair = &[network("lo", "127.0.0.1", 100), network("lo", "::1", 100)][..];
        type Row<'a> = (&'a [NodeNetwork], &'a [(i64, &'a [i64])], &'a [&'a str]);
        let table: [Row<'_>; 9] = [
            (&[], &[(0, &[])], &["no networks available"]),
            (
                one,
                &[(600, &[80]), (600, &[])],
                &["10.0.0.1:80", "bandwidth exceeded"],
            ),
            (
                one,
                &[(1000, &[80]), (0, &[81])],
                &["10.0.0.1:80", "10.0.0.1:81"],
            ),
            (
                one,
                &[(1, &[80]), (1, &[80])],
                &["10.0.0.1:80", "reserved port collision http=80"],
            ),
            (one, &[(1, &[22])], &["reserved port collision http=22"]),
            (
                one,
                &[(1, &[70_000])],
                &["invalid port 70000 (out of range)"],
            ),
            // A device and its bandwidth are one, however many addresses; all ports share one.
            (
                two,
                &[(950, &[80]), (90, &[80, 0])],
                &["10.0.0.1:80", "10.0.0.2:80"],
            ),
            (
                pair,
                &[(60, &[80]), (60, &[80])],
                &["127.0.0.1:80", "bandwidth exceeded"],
            ),
            (
                pair,
                &[(50, &[80]), (50, &[80, 0])],
                &["127.0.0.1:80", "::1:80"],
            ),
        ];
        for (networks, asked, want) in table {
            let mut node = testing::node(1);
            node.resources.networks = networks.to_vec();
            let (mut map, mut rng) = (PortMap::of_node(&node).unwrap(), Rng::new(1));
            let seen = [true, false].map(|is_one| tell(&mut map, asked, is_one, &mut rng));
            assert_eq!(seen, [want, want], "{asked:?}");
            let left: Vec<_> = map.devices.iter().map(|device| device.mbits).collect();
            let fresh = PortMap::of_node(&node).unwrap();
            assert!(
                left.iter()
                    .eq(fresh.devices.iter().map(|device| &device.mbits))
            );
        }
    }

    /// What is given to requests of one allocation, or of one after the other; given back after.
    fn tell(
        map: &mut PortMap,
        asked: &[(i64, &[i64])],
        is_one: bool,
        rng: &mut Rng,
    ) -> Vec<String> {
        let (mut seen, mut held) = (Vec::new(), Vec::new());
        let mut own = AllocatedResources::default();
        for (mbits, ports) in asked {
            let before = own.ports.len();
            let told = map.offer_to_task(&ask(*mbits, ports), &mut own, rng);
            let new = &own.ports[before..];
            assert!(new.iter().all(|port| port.host_ip == new[0].host_ip));
            let first = || format!("{}:{}", new[0].host_ip, new[0].value);
            seen.push(told.map_or_else(|error| error, |()| first()));
            if !is_one {
                assert_eq!(map.take(&own, &[]), None);
                held.push(std::mem::take(&mut own));
            }
        }
        held.iter().for_each(|own| map.give_back(own));
        seen
    }

    /// A request for all that a node has gets each port once, and one more gets nothing; neither
    /// takes longer than it must (it once took minutes).
    #[test]
    fn every_dynamic_port_at_once() {
        let mut node = testing::node(1);
        node.resources.networks = vec![network("lo", "127.0.0.1", 100)];
        let map = PortMap::of_node(&node).unwrap();
        let range = DYNAMIC_MIN..=DYNAMIC_MAX;
        let mut want: Vec<i64> = range.clone().collect();
        let given = map.offer(&ask(0, &vec![0; want.len()]), &mut Rng::new(1));
        let mut given: Vec<_> = given.unwrap().iter().map(|port| port.value).collect();
        given.put_in_order_by_key(|port| *port);
        assert_eq!(given, want);
        want.push(0);
        let more = map.offer(&ask(0, &vec![0; want.len()]), &mut Rng::new(1));
        assert_eq!(more.unwrap_err(), "dynamic port selection failed");
    }
}

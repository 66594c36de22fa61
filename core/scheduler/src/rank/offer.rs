//! What a node would give a group, or what it lacks (spec: scheduling 8.3, 8.4, 9.3).

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use yurt_model::job::{DeviceRequest, TaskGroup};
use yurt_model::{AllocatedResources, Gather, InOrder, Name, Node, NodeDevice, Rng};

use crate::feasible::device;
use crate::fit::{Dimension, Sum};
use crate::resources::GroupNeeds;
use crate::stack::proposed::NodeUsage;

/// What a node would give.
pub(crate) struct Offer {
    pub resources: Rc<AllocatedResources>,
    /// Everything on the node with it.
    pub total: Sum,
    /// How well the devices suit, when the group has a preference.
    pub device_score: Option<f64>,
}

/// Ports, then tasks' own networks, devices and cores, then the sums; the first that fails is
/// reported.
pub(crate) fn offer(
    node: &Node,
    usage: &mut NodeUsage,
    group: &TaskGroup,
    needs: &GroupNeeds,
    rng: &mut Rng,
) -> Result<Offer, Dimension> {
    let network = group.networks.first();
    let asks_ports = needs.has_ports;
    let mut device_score = None;
    let mut resources = needs.base.clone();
    if asks_ports || needs.has_cores || needs.has_devices {
        let mut own = AllocatedResources::clone(&resources);
        if let Some(network) = network.filter(|_| asks_ports) {
            let ports = usage.ports(node).map_err(Dimension::Network)?;
            own.ports = ports.offer(network, rng).map_err(Dimension::Network)?;
        }
        for task in group.tasks.iter().filter(|_| asks_ports) {
            if let Some(network) = task.resources.networks.first() {
                let ports = usage.ports(node).map_err(Dimension::Network)?;
                let given = ports.offer_to_task(network, &mut own, rng);
                given.map_err(Dimension::Network)?;
            }
        }
        if needs.has_devices {
            device_score = give_devices(node, usage, group, &mut own)?;
        }
        if needs.has_cores {
            give_cores(node, usage, group, &mut own)?;
        }
        resources = Rc::new(own);
    }
    let mut total = usage.sum;
    total.add(&resources);
    total.fits(node)?;
    Ok(Offer {
        resources,
        total,
        device_score,
    })
}

/// The lowest free cores; their whole speed is counted.
fn give_cores(
    node: &Node,
    usage: &NodeUsage,
    group: &TaskGroup,
    own: &mut AllocatedResources,
) -> Result<(), Dimension> {
    let mut taken: BTreeSet<u16> = node.reserved.cores.iter().copied().gather();
    for tenant in &usage.tenants {
        taken.extend(tenant.resources.tasks.iter().flat_map(|task| &task.cores));
    }
    let total = node.resources.total_cores;
    let core_mhz = if total == 0 {
        0
    } else {
        node.resources.cpu_mhz / i64::from(total)
    };
    for (task, given) in group.tasks.iter().zip(&mut own.tasks) {
        let wanted = usize::try_from(task.resources.cores).unwrap_or(0);
        if wanted == 0 {
            continue;
        }
        given.cores = (0..total)
            .filter(|core| !taken.contains(core))
            .take(wanted)
            .collect();
        if given.cores.len() < wanted {
            return Err(Dimension::Cores);
        }
        taken.extend(&given.cores);
        given.cpu_mhz = core_mhz * task.resources.cores;
        own.cpu_mhz += given.cpu_mhz;
    }
    Ok(())
}

/// Instances for every request; the score is the share of the preferences that hold.
fn give_devices(
    node: &Node,
    usage: &NodeUsage,
    group: &TaskGroup,
    own: &mut AllocatedResources,
) -> Result<Option<f64>, Dimension> {
    if node.resources.devices.is_empty() {
        return Err(Dimension::Devices("no devices available"));
    }
    let mut taken: BTreeMap<Name, BTreeSet<Name>> = BTreeMap::new();
    for tenant in &usage.tenants {
        for (kind, id) in tenant.resources.tasks.iter().flat_map(|task| &task.devices) {
            taken.entry(kind.clone()).or_default().insert(id.clone());
        }
    }
    let (mut matching, mut weights) = (0.0, 0.0);
    for (task, given) in group.tasks.iter().zip(&mut own.tasks) {
        for request in &task.resources.devices {
            if request.count == 0 {
                return Err(Dimension::Devices("invalid request of zero devices"));
            }
            let (name, ids, score) = best_device(node, request, &taken)
                .ok_or(Dimension::Devices("no devices match request"))?;
            taken
                .entry(name.clone())
                .or_default()
                .extend(ids.iter().cloned());
            given
                .devices
                .extend(ids.into_iter().map(|id| (name.clone(), id)));
            matching += score;
            weights += weight_sum(request);
        }
    }
    Ok((weights > 0.0).then(|| matching / weights))
}

fn weight_sum(request: &DeviceRequest) -> f64 {
    request
        .affinities
        .iter()
        .map(|affinity| affinity.weight.abs() as f64)
        .sum()
}

/// The device with the best preference that has enough free instances; the first in the order of
/// names among equals. With its instances and the weights that match.
fn best_device(
    node: &Node,
    request: &DeviceRequest,
    taken: &BTreeMap<Name, BTreeSet<Name>>,
) -> Option<(Name, Vec<Name>, f64)> {
    let mut best: Option<(Name, Vec<Name>, f64)> = None;
    let mut devices: Vec<(Name, &NodeDevice)> = node
        .resources
        .devices
        .iter()
        .map(|device| (device::full_name(device), device))
        .collect();
    devices.put_in_order_by(|left, right| left.0.cmp(&right.0));
    for (name, device) in devices {
        if !device::matches(device, request) {
            continue;
        }
        let in_use = taken.get(&name);
        let wanted = usize::try_from(request.count).unwrap_or(usize::MAX);
        let free: Vec<Name> = device
            .instances
            .iter()
            .filter(|one| one.healthy && in_use.is_none_or(|in_use| !in_use.contains(&one.id)))
            .map(|one| one.id.clone())
            .take(wanted)
            .collect();
        if free.len() < wanted {
            continue;
        }
        let score: f64 = request
            .affinities
            .iter()
            .filter(|affinity| {
                let (left, right) = (&affinity.left, &affinity.right);
                device::holds_on_device(device, left, &affinity.operand, right)
            })
            .fold(0.0, |sum, affinity| sum + affinity.weight as f64);
        if best.as_ref().is_none_or(|(_, _, best)| score > *best) {
            best = Some((name, free, score));
        }
    }
    best
}

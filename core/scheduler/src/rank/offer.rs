//! What a node would give a group, or what it lacks (spec: scheduling 8.3, 8.4, 9.3).

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use yurt_model::job::{DeviceRequest, Task, TaskGroup};
use yurt_model::{
    AllocatedResources, AllocatedTask, InOrder, Name, Node, NodeDevice, Rng, math::how_many,
};

use crate::feasible::{device, network};
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

/// The group's ports, then for one task after the other its own network, devices and cores, then
/// the sums; the first that fails is reported.
pub(crate) fn offer(
    node: &Node,
    usage: &mut NodeUsage,
    group: &TaskGroup,
    needs: &GroupNeeds,
    rng: &mut Rng,
) -> Result<Offer, Dimension> {
    let mut device_score = None;
    let mut resources = needs.base.clone();
    if !needs.is_plain() {
        let mut own = AllocatedResources::clone(&resources);
        if let Some(network) = group.networks.first().filter(|_| needs.has_ports) {
            let network = network::with_aliases(network, node);
            let ports = usage.ports(node).map_err(Dimension::Network)?;
            own.ports = ports.offer(&network, rng).map_err(Dimension::Network)?;
        }
        let mut rest = Rest::of(node, usage, needs);
        for (place, task) in group.tasks.iter().enumerate() {
            if let Some(network) = task.resources.networks.first() {
                let ports = usage.ports(node).map_err(Dimension::Network)?;
                let given = ports.offer_to_task(network, &mut own, rng);
                given.map_err(Dimension::Network)?;
            }
            rest.give_devices(task, &mut own.tasks[place])?;
            own.cpu_mhz += rest.give_cores(task, &mut own.tasks[place])?;
        }
        device_score = (rest.weights > 0.0).then(|| rest.matching / rest.weights);
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

/// Devices and cores of a node while tasks are given some.
struct Rest<'n> {
    node: &'n Node,
    cores_taken: BTreeSet<u16>,
    devices_taken: BTreeMap<Name, BTreeSet<Name>>,
    /// The weights of the preferences that hold for what was given, and of all of them.
    matching: f64,
    weights: f64,
}

impl<'n> Rest<'n> {
    fn of(node: &'n Node, usage: &NodeUsage, needs: &GroupNeeds) -> Self {
        let mut rest = Self {
            node,
            cores_taken: BTreeSet::new(),
            devices_taken: BTreeMap::new(),
            matching: 0.0,
            weights: 0.0,
        };
        let tasks = || usage.tenants.iter().flat_map(|it| &it.resources.tasks);
        if needs.has_cores {
            rest.cores_taken.extend(&node.reserved.cores);
            rest.cores_taken
                .extend(tasks().flat_map(|task| &task.cores));
        }
        if needs.has_devices {
            for (kind, id) in tasks().flat_map(|task| &task.devices) {
                let ids = rest.devices_taken.entry(kind.clone()).or_default();
                ids.insert(id.clone());
            }
        }
        rest
    }

    /// The lowest free cores; their whole speed is counted, and answered.
    fn give_cores(&mut self, task: &Task, given: &mut AllocatedTask) -> Result<i64, Dimension> {
        let wanted = how_many(task.resources.cores);
        if wanted == 0 {
            return Ok(0);
        }
        let total = self.node.resources.total_cores;
        given.cores = (0..total)
            .filter(|core| !self.cores_taken.contains(core))
            .take(wanted)
            .collect();
        if given.cores.len() < wanted {
            return Err(Dimension::Cores);
        }
        self.cores_taken.extend(&given.cores);
        let core_mhz = self.node.resources.cpu_mhz / i64::from(total.max(1));
        given.cpu_mhz = core_mhz * task.resources.cores;
        Ok(given.cpu_mhz)
    }

    /// Instances for every request of a task.
    fn give_devices(&mut self, task: &Task, given: &mut AllocatedTask) -> Result<(), Dimension> {
        for request in &task.resources.devices {
            if self.node.resources.devices.is_empty() {
                return Err(Dimension::Devices("no devices available"));
            }
            if request.count == 0 {
                return Err(Dimension::Devices("invalid request of zero devices"));
            }
            let (name, ids, score) = best_device(self.node, request, &self.devices_taken)
                .ok_or(Dimension::Devices("no devices match request"))?;
            let taken = self.devices_taken.entry(name.clone()).or_default();
            taken.extend(ids.iter().cloned());
            given
                .devices
                .extend(ids.into_iter().map(|id| (name.clone(), id)));
            self.matching += score;
            self.weights += weight_sum(request);
        }
        Ok(())
    }
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

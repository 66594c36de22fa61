//! Whether allocations fit on a node together (spec: scheduling 8.2).

use std::collections::BTreeSet;
use std::fmt;

use yurt_model::{AllocatedResources, Allocation, Node};

use crate::ports::{PortMap, shared_ports};

/// What was short on a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    /// Processor in MHz.
    Cpu,
    /// Reserved cores.
    Cores,
    /// Memory.
    Memory,
    /// Disk.
    Disk,
    /// Devices, with the reason.
    Devices(&'static str),
    /// Ports and bandwidth, with the reason.
    Network(String),
    /// Ports that two allocations hold, with the reason (found by plan apply only).
    Port(String),
    /// Devices that two allocations hold (found by plan apply only).
    DeviceOversubscribed,
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cores => f.write_str("cores"),
            Self::Memory => f.write_str("memory"),
            Self::Disk => f.write_str("disk"),
            Self::Devices(reason) => write!(f, "devices: {reason}"),
            Self::Network(reason) => write!(f, "network: {reason}"),
            Self::Port(reason) => f.write_str(reason),
            Self::DeviceOversubscribed => f.write_str("device oversubscribed"),
        }
    }
}

/// Processor in MHz, memory and disk in MiB, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub cpu_mhz: i64,
    pub memory_mb: i64,
    pub disk_mb: i64,
}

impl Sum {
    /// What an allocation has.
    pub(crate) fn of(resources: &AllocatedResources) -> Self {
        let mut sum = Self::default();
        sum.add(resources);
        sum
    }

    /// What a node has for allocations.
    pub(crate) fn of_node(node: &Node) -> Self {
        let (cpu_mhz, memory_mb, disk_mb) = node.available();
        Self {
            cpu_mhz,
            memory_mb,
            disk_mb,
        }
    }

    /// Adds another sum.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.cpu_mhz += other.cpu_mhz;
        self.memory_mb += other.memory_mb;
        self.disk_mb += other.disk_mb;
    }

    /// Whether this is enough for `ask`.
    pub(crate) fn covers(&self, ask: &Self) -> bool {
        self.cpu_mhz >= ask.cpu_mhz
            && self.memory_mb >= ask.memory_mb
            && self.disk_mb >= ask.disk_mb
    }

    pub(crate) fn add(&mut self, resources: &AllocatedResources) {
        self.cpu_mhz += resources.cpu_mhz;
        self.memory_mb += resources.memory_mb;
        self.disk_mb += resources.disk_mb;
    }

    pub(crate) fn subtract(&mut self, resources: &AllocatedResources) {
        self.cpu_mhz -= resources.cpu_mhz;
        self.memory_mb -= resources.memory_mb;
        self.disk_mb -= resources.disk_mb;
    }

    /// The first of processor, memory and disk that a node does not have.
    pub(crate) fn fits(&self, node: &Node) -> Result<(), Dimension> {
        let (cpu_mhz, memory_mb, disk_mb) = node.available();
        if self.cpu_mhz > cpu_mhz {
            Err(Dimension::Cpu)
        } else if self.memory_mb > memory_mb {
            Err(Dimension::Memory)
        } else if self.disk_mb > disk_mb {
            Err(Dimension::Disk)
        } else {
            Ok(())
        }
    }
}

/// Whether all of `allocs` fit on `node` together: the test of plan apply. Client-terminal ones are
/// skipped; the caller leaves out those that its plan stops and those that servers have stopped.
pub fn node_fit<'a>(
    node: &Node,
    allocs: impl IntoIterator<Item = &'a Allocation>,
) -> Result<(), Dimension> {
    let live = allocs
        .into_iter()
        .filter(|alloc| !alloc.is_client_terminal());
    let live: Vec<(&AllocatedResources, Vec<i64>)> = live
        .map(|alloc| (&*alloc.resources, shared_ports(alloc)))
        .collect();
    let mut used = Sum::default();
    let mut cores = BTreeSet::new();
    let mut devices = BTreeSet::new();
    let mut is_device_shared = false;
    for (resources, _) in &live {
        used.add(resources);
        for task in &resources.tasks {
            for core in &task.cores {
                if !cores.insert(*core) {
                    return Err(Dimension::Cores);
                }
            }
            for device in &task.devices {
                is_device_shared |= !devices.insert(device);
            }
        }
    }
    used.fits(node)?;
    if live
        .iter()
        .any(|(resources, _)| !resources.ports.is_empty())
    {
        let mut map = PortMap::of_node(node)
            .map_err(|error| Dimension::Port(format!("reserved node port collision: {error}")))?;
        let all = live
            .iter()
            .map(|(resources, shares)| (*resources, &shares[..]));
        if let Some(port) = map.take_all(all) {
            let text = format!("reserved alloc port collision: port {port} already in use");
            return Err(Dimension::Port(text));
        }
    }
    if is_device_shared {
        return Err(Dimension::DeviceOversubscribed);
    }
    Ok(())
}

//! Whether allocations fit on a node together (spec: scheduling 8.2).

use std::fmt;

use yurt_model::{Allocation, Node};

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
    /// Ports that plans took twice, with the reason (found by plan apply only).
    Port(String),
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
        }
    }
}

/// Whether all of `allocs` fit on `node` together; client-terminal ones are skipped. The caller leaves
/// out those that its plan stops, and for plan apply also those that servers have stopped.
pub fn node_fit<'a>(
    node: &Node,
    allocs: impl IntoIterator<Item = &'a Allocation>,
) -> Result<(), Dimension> {
    let (cpu_mhz, memory_mb, disk_mb) = node.available();
    let mut used = (0, 0, 0);
    for alloc in allocs
        .into_iter()
        .filter(|alloc| !alloc.is_client_terminal())
    {
        used.0 += alloc.resources.cpu_mhz;
        used.1 += alloc.resources.memory_mb;
        used.2 += alloc.resources.disk_mb;
    }
    if used.0 > cpu_mhz {
        Err(Dimension::Cpu)
    } else if used.1 > memory_mb {
        Err(Dimension::Memory)
    } else if used.2 > disk_mb {
        Err(Dimension::Disk)
    } else {
        Ok(())
    }
}

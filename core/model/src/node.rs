//! Nodes: the machines of the pool.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::{Index, Name, NodeId, Time};

/// Whether a node is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeStatus {
    /// Registered, not yet ready.
    Initializing,
    /// Takes part.
    Ready,
    /// Silent; its allocations are lost.
    Down,
    /// Silent; its allocations are unknown for a while.
    Disconnected,
}

impl NodeStatus {
    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Initializing => "initializing",
            Self::Ready => "ready",
            Self::Down => "down",
            Self::Disconnected => "disconnected",
        }
    }
}

impl fmt::Display for NodeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether new allocations may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeEligibility {
    /// They may.
    Eligible,
    /// They may not.
    Ineligible,
}

impl NodeEligibility {
    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eligible => "eligible",
            Self::Ineligible => "ineligible",
        }
    }
}

/// A drain under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrainStrategy {
    /// When everything left is moved at once; `None` waits for ever.
    pub force_deadline: Option<Time>,
    /// Force at once (a negative deadline).
    pub force: bool,
    /// Leave system jobs alone.
    pub ignore_system_jobs: bool,
    /// When it began.
    pub started_at: Time,
}

/// What became of a drain (spec: scheduling 16.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrainStatus {
    /// It is under way.
    Draining,
    /// Everything has left.
    Complete,
    /// Someone ended it before.
    Canceled,
}

impl DrainStatus {
    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draining => "draining",
            Self::Complete => "complete",
            Self::Canceled => "canceled",
        }
    }
}

/// What a node remembers of its last drain, also once it is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastDrain {
    /// What became of it.
    pub status: DrainStatus,
    /// When it began.
    pub started_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// What was said about it; empty when nothing was.
    pub message: Name,
}

/// A driver's state on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriverInfo {
    /// It is there.
    pub detected: bool,
    /// It works.
    pub healthy: bool,
}

/// What a node has.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct NodeResources {
    /// Processor in MHz over all cores.
    pub cpu_mhz: i64,
    /// Number of cores; each has an equal share of `cpu_mhz`.
    pub total_cores: u16,
    /// Memory in MiB.
    pub memory_mb: i64,
    /// Disk in MiB.
    pub disk_mb: i64,
    /// Networks, in order.
    pub networks: Vec<NodeNetwork>,
    /// Devices.
    pub devices: Vec<NodeDevice>,
    /// First dynamic port; 0 means the default range (20000).
    pub min_dynamic_port: i64,
    /// Last dynamic port; 0 means the default range (32000).
    pub max_dynamic_port: i64,
}

/// What is kept from jobs.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ReservedResources {
    /// Processor in MHz.
    pub cpu_mhz: i64,
    /// Memory in MiB.
    pub memory_mb: i64,
    /// Disk in MiB.
    pub disk_mb: i64,
    /// Reserved core ids.
    pub cores: Vec<u16>,
    /// Ports of the host that are taken, as a list of numbers and ranges (`22,80,8500-8600`).
    pub ports: Name,
}

/// A network of a node.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeNetwork {
    /// `host`, `bridge`, `cni/…`.
    pub mode: Name,
    /// The device.
    pub device: Name,
    /// The address, empty when there is none.
    pub ip: Name,
    /// The alias that a port's `host_network` names; `default` for the first.
    pub alias: Name,
    /// Bandwidth in MBits per second.
    pub mbits: i64,
    /// Ports taken on this network alone, in the form of [`ReservedResources::ports`].
    pub reserved_ports: Name,
}

/// A group of equal devices on a node.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeDevice {
    /// The vendor.
    pub vendor: Name,
    /// The type.
    pub kind: Name,
    /// The model's name.
    pub name: Name,
    /// Instances.
    pub instances: Vec<NodeDeviceInstance>,
    /// Typed attributes, in the HTTP API's form.
    pub attributes: BTreeMap<Name, Value>,
}

/// One device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeDeviceInstance {
    /// Its id.
    pub id: Name,
    /// It works.
    pub healthy: bool,
}

/// A volume of the host that jobs may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostVolume {
    /// Only for reading.
    pub read_only: bool,
}

/// Something that happened to a node; the last ten are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeEvent {
    /// When.
    pub time: Time,
    /// Which part: `Cluster`, `Drain`, ….
    pub subsystem: Name,
    /// What.
    pub message: Name,
    /// Particulars, by name.
    pub details: BTreeMap<Name, Name>,
}

/// A machine of the pool.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its id.
    pub id: NodeId,
    /// Its name.
    pub name: Name,
    /// Its datacenter.
    pub datacenter: Name,
    /// Its pool.
    pub node_pool: Name,
    /// Its class; may be empty.
    pub node_class: Name,
    /// The address of its API.
    pub http_address: Name,
    /// Attributes, without the `attr.` prefix.
    pub attributes: BTreeMap<Name, Name>,
    /// Meta.
    pub meta: BTreeMap<Name, Name>,
    /// Drivers by name.
    pub drivers: BTreeMap<Name, DriverInfo>,
    /// Host volumes by name.
    pub host_volumes: BTreeMap<Name, HostVolume>,
    /// What it has.
    pub resources: NodeResources,
    /// What is kept from jobs.
    pub reserved: ReservedResources,
    /// Whether it is there.
    pub status: NodeStatus,
    /// When the status last changed.
    pub status_updated_at: Time,
    /// Whether new allocations may come.
    pub eligibility: NodeEligibility,
    /// A drain under way.
    pub drain: Option<DrainStrategy>,
    /// The drain under way or the one before, with what was said about it.
    pub last_drain: Option<LastDrain>,
    /// It has missed heartbeats, and its client has not reported allocations since: then it is not
    /// ready yet while it has live allocations (spec: scheduling 16.2).
    pub owes_alloc_update: bool,
    /// A number that is the same for nodes that no constraint but a unique one can tell apart
    /// (spec: scheduling 5.1). Set by [`Node::with_computed_class`].
    pub computed_class: u64,
    /// What happened to it, oldest first, at most ten.
    pub events: Vec<NodeEvent>,
    /// The write that made it.
    pub create_index: Index,
    /// The write that last changed it.
    pub modify_index: Index,
}

impl Node {
    /// Ready, not draining, eligible: new allocations may be placed.
    pub fn is_ready(&self) -> bool {
        self.status == NodeStatus::Ready
            && self.drain.is_none()
            && self.eligibility == NodeEligibility::Eligible
    }

    /// Processor, memory and disk that jobs can have: total less reserved.
    pub fn available(&self) -> (i64, i64, i64) {
        (
            self.resources.cpu_mhz - self.reserved.cpu_mhz,
            self.resources.memory_mb - self.reserved.memory_mb,
            self.resources.disk_mb - self.reserved.disk_mb,
        )
    }

    /// The node with its class computed from what it is now.
    pub fn with_computed_class(mut self) -> Self {
        let mut hash = Fnv::new();
        hash.text(&self.datacenter);
        hash.text(&self.node_class);
        hash.text(&self.node_pool);
        for map in [&self.attributes, &self.meta] {
            for (key, value) in map.iter().filter(|(key, _)| !key.starts_with("unique.")) {
                hash.text(key);
                hash.text(value);
            }
            hash.text("|");
        }
        for device in &self.resources.devices {
            for part in [&device.vendor, &device.kind, &device.name] {
                hash.text(part);
            }
            for (key, value) in &device.attributes {
                hash.text(key);
                hash.text(&value.to_string());
            }
        }
        self.computed_class = hash.0;
        self
    }
}

struct Fnv(u64);

impl Fnv {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn text(&mut self, text: &str) {
        // The end mark keeps ("ab", "c") apart from ("a", "bc").
        for byte in text.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

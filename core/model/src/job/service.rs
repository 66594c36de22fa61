//! Networks, volumes, services and checks.

use crate::{Duration, Name};

/// A network that a group or a task asks for.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct NetworkRequest {
    /// `host`, `bridge`, `none`, `cni/…`; empty means `host`.
    pub mode: Name,
    /// Legacy bandwidth in MBits per second; only task networks count it.
    pub mbits: i64,
    /// Static ports, in order.
    pub reserved_ports: Vec<PortRequest>,
    /// Dynamic ports, in order.
    pub dynamic_ports: Vec<PortRequest>,
}

/// One port asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortRequest {
    /// The label.
    pub label: Name,
    /// The number for a static port, 0 for a dynamic one.
    pub value: i64,
    /// The port inside the network namespace; 0 is unset, -1 is the chosen number.
    pub to: i64,
    /// The alias of the host's network; empty means `default`.
    pub host_network: Name,
    /// A collision with another static port is accepted.
    pub ignore_collision: bool,
}

/// A volume that a group asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeRequest {
    /// The name within the group.
    pub name: Name,
    /// `host` or `csi`.
    pub kind: Name,
    /// The volume's name on the node, or its id.
    pub source: Name,
    /// Only for reading.
    pub read_only: bool,
    /// Stay with the same volume.
    pub sticky: bool,
    /// One source for each allocation: the source gets the suffix `[index]`.
    pub per_alloc: bool,
    /// `single-node-writer` and so on.
    pub access_mode: Name,
    /// `file-system` or `block-device`.
    pub attachment_mode: Name,
}

/// A service that a group or task registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The name after interpolation of job, group, task and base.
    pub name: Name,
    /// `nomad` or `consul`.
    pub provider: Name,
    /// The label of its port.
    pub port_label: Name,
    /// How the address is chosen.
    pub address_mode: Name,
    /// Tags.
    pub tags: Vec<Name>,
    /// Tags while the allocation is a canary; empty means `tags`.
    pub canary_tags: Vec<Name>,
    /// The task that a group service belongs to; empty means none.
    pub task_name: Name,
    /// What health updates look at: `require_healthy`, `ignore_warnings` or `ignore`.
    pub on_update: Name,
    /// The checks.
    pub checks: Vec<Check>,
}

/// A check of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The name.
    pub name: Name,
    /// `http`, `tcp`, `grpc`, `script`.
    pub kind: Name,
    /// The path of an HTTP check.
    pub path: Name,
    /// How often.
    pub interval: Duration,
    /// How long one run may take.
    pub timeout: Duration,
    /// The task it runs in; empty means the service's.
    pub task_name: Name,
    /// As for the service.
    pub on_update: Name,
    /// When to restart the task.
    pub check_restart: Option<CheckRestart>,
    /// Good results in a row before the check passes; 0 and 1 are the same (services of Consul).
    pub success_before_passing: i64,
    /// Bad results in a row before the check is critical; 0 and 1 are the same (services of
    /// Consul).
    pub failures_before_critical: i64,
    /// Bad results in a row before the check warns, where that is fewer.
    pub failures_before_warning: i64,
}

/// When a failing check restarts its task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRestart {
    /// Failures in a row; 0 switches it off.
    pub limit: i64,
    /// How long after a start failures do not count.
    pub grace: Duration,
    /// Whether warnings count as passing.
    pub ignore_warnings: bool,
}

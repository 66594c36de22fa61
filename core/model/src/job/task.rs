//! Tasks and what they need.

use serde_json::Value;

use super::{Affinity, Constraint, NetworkRequest, RestartPolicy, Service};
use crate::{Duration, Name};

/// One process of a group.
#[derive(Clone, Debug)]
pub struct Task {
    /// The name, unique in the group.
    pub name: Name,
    /// The driver that runs it.
    pub driver: Name,
    /// The driver's own settings, free in form.
    pub config: Value,
    /// Environment variables.
    pub env: Vec<(Name, Name)>,
    /// Meta of the task alone (merged meta is task over group over job).
    pub meta: Vec<(Name, Name)>,
    /// Conditions on nodes, after the job's and the group's.
    pub constraints: Vec<Constraint>,
    /// Preferences for nodes.
    pub affinities: Vec<Affinity>,
    /// What it needs of a node.
    pub resources: TaskResources,
    /// How it restarts; the group's policy unless the task has its own.
    pub restart: RestartPolicy,
    /// When it runs relative to the main tasks; absent for a main task.
    pub lifecycle: Option<Lifecycle>,
    /// When the leader stops, the others are stopped.
    pub leader: bool,
    /// How long a kill waits before it forces.
    pub kill_timeout: Duration,
    /// The signal that asks it to stop; empty means the driver's default.
    pub kill_signal: Name,
    /// How long a stop waits between deregistering services and the kill.
    pub shutdown_delay: Duration,
    /// Task-level services.
    pub services: Vec<Service>,
    /// Log rotation.
    pub logs: LogConfig,
    /// How many artifacts are fetched before the start.
    pub artifact_count: usize,
    /// How many templates are rendered before the start.
    pub template_count: usize,
}

/// When a task runs relative to the main tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifecycle {
    /// Before, after the start of, or after the end of the main tasks.
    pub hook: LifecycleHook,
    /// Runs for as long as the main tasks do.
    pub sidecar: bool,
}

/// The moment of a lifecycle task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifecycleHook {
    /// Before the main tasks.
    Prestart,
    /// Once the main tasks run.
    Poststart,
    /// After the main tasks have stopped.
    Poststop,
}

/// What a task needs of a node.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TaskResources {
    /// Processor share in MHz (0 when cores are asked for).
    pub cpu_mhz: i64,
    /// Whole cores.
    pub cores: i64,
    /// Memory in MiB.
    pub memory_mb: i64,
    /// The most memory in MiB where oversubscription is on; 0 none, -1 no limit.
    pub memory_max_mb: i64,
    /// Memory for secrets in MiB, counted in addition.
    pub secrets_mb: i64,
    /// Devices.
    pub devices: Vec<DeviceRequest>,
    /// Legacy task networks.
    pub networks: Vec<NetworkRequest>,
}

/// Devices of one kind that a task asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceRequest {
    /// `type`, `vendor/type` or `vendor/type/name`.
    pub name: Name,
    /// How many instances.
    pub count: u64,
    /// Conditions on the device.
    pub constraints: Vec<Constraint>,
    /// Preferences for devices.
    pub affinities: Vec<Affinity>,
}

/// A group's scratch disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EphemeralDisk {
    /// Its size in MiB.
    pub size_mb: i64,
    /// Prefer the node of the allocation before.
    pub sticky: bool,
    /// Move the data along.
    pub migrate: bool,
}

/// Log rotation of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// How many files are kept.
    pub max_files: i64,
    /// The size of each in MiB.
    pub max_file_size_mb: i64,
    /// No logs are collected.
    pub disabled: bool,
}

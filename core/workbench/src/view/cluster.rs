//! The cluster as a picture: nodes, and on each its allocations by version and health.

use serde::{Deserialize, Serialize};

/// The whole pool.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClusterView {
    /// One sentence: `5 nodes ready, 10 allocations running.`
    pub sentence: String,
    /// The nodes, by name.
    pub nodes: Vec<NodeView>,
    /// The job versions that have allocations in the picture, newest first: the legend.
    pub versions: Vec<VersionView>,
}

/// A job version in the legend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionView {
    /// The job.
    pub job_id: String,
    /// The version.
    pub version: u64,
    /// Which colour and shape it has.
    pub role: VersionRole,
    /// What runs in it, when one word says it: the image of its only task (`api-server:1.4`).
    pub image: String,
    /// Its allocations that are not terminal.
    pub live: u32,
}

/// A version's place in the story; it decides about colour and shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum VersionRole {
    /// The newest stable version of its job, as long as it has live allocations: the calm colour.
    Stable,
    /// The newest version of its job, not stable yet: the warm colour.
    Newest,
    /// Any other; the number (0 to 3) picks one of the other four colours.
    Other(u8),
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeView {
    /// Its whole id.
    pub id: String,
    /// Its first eight characters.
    pub short_id: String,
    /// Its name.
    pub name: String,
    /// Its datacenter.
    pub datacenter: String,
    /// `ready`, `down`, ….
    pub status: String,
    /// `eligible` or `ineligible`.
    pub eligibility: String,
    /// A drain is under way.
    pub draining: bool,
    /// It takes part and may get new allocations.
    pub ready: bool,
    /// Processor in MHz.
    pub cpu_mhz: MeterView,
    /// Memory in MiB.
    pub memory_mb: MeterView,
    /// Its allocations: the live ones, then the newest terminal ones. By job, group, name index,
    /// newest version last.
    pub allocations: Vec<AllocationView>,
    /// Terminal allocations that are left out of `allocations`.
    pub hidden_terminal: u32,
    /// The command that tells more: `nomad node status 1a2b3c4d`.
    pub status_command: String,
}

/// A capacity and how much of it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MeterView {
    /// Taken by allocations that are not terminal.
    pub used: i64,
    /// What jobs can have.
    pub total: i64,
}

/// Whether a deployment found an allocation healthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Health {
    /// Not decided, or nobody asks.
    Unknown,
    /// Healthy.
    Healthy,
    /// Unhealthy.
    Unhealthy,
}

/// An allocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllocationView {
    /// Its whole id.
    pub id: String,
    /// Its first eight characters.
    pub short_id: String,
    /// Its name: `docs.api[3]`.
    pub name: String,
    /// Its job.
    pub job_id: String,
    /// Its group.
    pub group: String,
    /// The number in its name.
    pub name_index: u32,
    /// The version of the job that it runs.
    pub job_version: u64,
    /// That version's place in the story.
    pub role: VersionRole,
    /// `pending`, `running`, `complete`, `failed`, `lost`, `unknown`.
    pub client_status: String,
    /// `run`, `stop`, `evict`.
    pub desired_status: String,
    /// Healthy or not.
    pub health: Health,
    /// A canary that was not promoted.
    pub canary: bool,
    /// It is stopped or on its way there.
    pub stopping: bool,
    /// Nothing of it runs any more.
    pub terminal: bool,
    /// It ended badly (`failed` or `lost`).
    pub failed: bool,
    /// One sentence for hover and screen readers: `docs.api[3], version 1, canary, running, healthy`.
    pub description: String,
    /// The command that tells more: `nomad alloc status 5e0f9a1b`.
    pub status_command: String,
}

//! A job as the engine reads it.
//!
//! A [`JobSpec`] is what a person asked for: the canonical *document* (the job in the HTTP API's
//! names, every field of the language, live or inert) together with the typed fields that decisions
//! read. A [`Job`] is one stored version: a spec and what servers assign to it. Specs are shared,
//! never edited: a change is a new spec.

mod policy;
mod service;
mod task;

use std::fmt;
use std::rc::Rc;

use serde_json::Value;

use crate::{Duration, Index, JobId, Name, Namespace, Time};

pub use policy::{
    Affinity, Constraint, DelayFunction, DisconnectStrategy, HealthCheck, MigrateStrategy,
    ReconcileOption, ReschedulePolicy, RestartMode, RestartPolicy, Spread, SpreadTarget,
    UpdateStrategy,
};
pub use service::{Check, CheckRestart, NetworkRequest, PortRequest, Service, VolumeRequest};
pub use task::{
    DeviceRequest, EphemeralDisk, Lifecycle, LifecycleHook, LogConfig, Task, TaskResources,
};

/// Which scheduler a job belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobType {
    /// Runs until it is stopped; has deployments.
    Service,
    /// Runs until it is done.
    Batch,
    /// One allocation on every feasible node, for ever.
    System,
    /// One allocation on every feasible node, until done.
    Sysbatch,
}

impl JobType {
    /// The name in job files and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Batch => "batch",
            Self::System => "system",
            Self::Sysbatch => "sysbatch",
        }
    }

    /// The type of that name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Service, Self::Batch, Self::System, Self::Sysbatch]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }

    /// True for batch and sysbatch: work that ends.
    pub const fn is_batch(self) -> bool {
        matches!(self, Self::Batch | Self::Sysbatch)
    }

    /// True for system and sysbatch: one allocation on each node.
    pub const fn is_per_node(self) -> bool {
        matches!(self, Self::System | Self::Sysbatch)
    }
}

impl fmt::Display for JobType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a job stands. Derived from its deployments, allocations and evaluations
/// (spec: deployments 26).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum JobStatus {
    /// Waits for its evaluation.
    #[default]
    Pending,
    /// Has something alive.
    Running,
    /// Nothing is left to do.
    Dead,
}

impl JobStatus {
    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Dead => "dead",
        }
    }
}

impl fmt::Display for JobStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Names one job: ids are unique within a namespace. Ordered by namespace, then id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobKey {
    /// The namespace.
    pub namespace: Namespace,
    /// The id within it.
    pub id: JobId,
}

impl JobKey {
    /// The key of a job in the namespace `default`.
    pub fn in_default(id: &str) -> Self {
        Self {
            namespace: Rc::from("default"),
            id: JobId::from(id),
        }
    }
}

/// What a person asked for, canonical: defaults filled in, implied constraints added.
#[derive(Clone, Debug)]
pub struct JobSpec {
    /// The whole job under the HTTP API's names, without what servers assign (indexes, version,
    /// status, submit time, `Stop`). Two specs are the same exactly when these are equal.
    pub document: Value,
    /// The job's id.
    pub id: JobId,
    /// The name; the same as the id unless given.
    pub name: Name,
    /// The namespace.
    pub namespace: Namespace,
    /// The region.
    pub region: Name,
    /// Which scheduler.
    pub kind: JobType,
    /// 1 to 100 (more where the servers allow it); higher goes first.
    pub priority: i64,
    /// All or nothing: no part of a plan that does not fit is applied.
    pub all_at_once: bool,
    /// Patterns of datacenters; `*` matches any run of characters.
    pub datacenters: Vec<Name>,
    /// The pool of nodes.
    pub node_pool: Name,
    /// Conditions that every node must meet, in the order they are tested.
    pub constraints: Vec<Constraint>,
    /// Preferences for nodes.
    pub affinities: Vec<Affinity>,
    /// Wishes about how to spread.
    pub spreads: Vec<Spread>,
    /// The job-level update block, if the type has one.
    pub update: Option<UpdateStrategy>,
    /// Its launches, when it is periodic.
    pub periodic: Option<Periodic>,
    /// Its dispatch rules, when it is parameterized.
    pub parameterized: Option<Parameterized>,
    /// The groups, in the order of the job file.
    pub groups: Vec<TaskGroup>,
    /// Job-level meta, in key order of the document.
    pub meta: Vec<(Name, Name)>,
}

impl JobSpec {
    /// The key under which the job is stored.
    pub fn key(&self) -> JobKey {
        JobKey {
            namespace: self.namespace.clone(),
            id: self.id.clone(),
        }
    }

    /// The group of that name.
    pub fn group(&self, name: &str) -> Option<&TaskGroup> {
        self.groups.iter().find(|group| &*group.name == name)
    }

    /// The group's part of the document.
    pub fn group_document(&self, name: &str) -> Option<&Value> {
        self.document["TaskGroups"]
            .as_array()?
            .iter()
            .find(|group| group["Name"] == name)
    }

    /// A periodic or parameterized parent: registering it starts nothing.
    pub fn is_parent(&self) -> bool {
        self.periodic.is_some() || self.parameterized.is_some()
    }
}

impl PartialEq for JobSpec {
    fn eq(&self, other: &Self) -> bool {
        self.document == other.document
    }
}

/// A periodic job's launches.
#[derive(Clone, Debug, PartialEq)]
pub struct Periodic {
    /// Whether launches happen at all.
    pub enabled: bool,
    /// Cron expressions; the earliest next time counts.
    pub crons: Vec<Name>,
    /// An IANA time zone; `UTC` unless given.
    pub time_zone: Name,
    /// Skip a launch while the one before is alive.
    pub prohibit_overlap: bool,
}

/// A parameterized job's dispatch rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameterized {
    /// `optional`, `required` or `forbidden`.
    pub payload: Name,
    /// Meta keys that a dispatch must give.
    pub meta_required: Vec<Name>,
    /// Meta keys that a dispatch may give.
    pub meta_optional: Vec<Name>,
}

/// Tasks that are placed together on one node.
#[derive(Clone, Debug)]
pub struct TaskGroup {
    /// The name, unique in the job.
    pub name: Name,
    /// How many allocations are wanted.
    pub count: i64,
    /// Conditions on nodes, after the job's.
    pub constraints: Vec<Constraint>,
    /// Preferences for nodes.
    pub affinities: Vec<Affinity>,
    /// Wishes about how to spread.
    pub spreads: Vec<Spread>,
    /// How updates roll; absent for types that have none.
    pub update: Option<UpdateStrategy>,
    /// How drained allocations move; service only.
    pub migrate: Option<MigrateStrategy>,
    /// How failed tasks restart on the same node.
    pub restart: RestartPolicy,
    /// How failed allocations move to another node.
    pub reschedule: Option<ReschedulePolicy>,
    /// What happens when the node's connection is lost.
    pub disconnect: Option<DisconnectStrategy>,
    /// The group's scratch disk.
    pub ephemeral_disk: EphemeralDisk,
    /// The group's networks; the first is the one that counts.
    pub networks: Vec<NetworkRequest>,
    /// Volumes asked for, by name.
    pub volumes: Vec<VolumeRequest>,
    /// Group-level services.
    pub services: Vec<Service>,
    /// The tasks, in the order of the job file.
    pub tasks: Vec<Task>,
    /// Group-level meta.
    pub meta: Vec<(Name, Name)>,
    /// How long a stop waits between deregistering services and killing tasks.
    pub shutdown_delay: Duration,
    /// How long an allocation may run at all (batch types); zero means for ever.
    pub max_run_duration: Duration,
    /// The limits of `scaling`, when the block is there and enabled.
    pub scaling: Option<Scaling>,
}

impl TaskGroup {
    /// The task of that name.
    pub fn task(&self, name: &str) -> Option<&Task> {
        self.tasks.iter().find(|task| &*task.name == name)
    }

    /// The update block when it limits anything: absent, or with `max_parallel = 0`, it is empty
    /// and makes no deployments (spec: deployments 1.4).
    pub fn effective_update(&self) -> Option<&UpdateStrategy> {
        self.update.as_ref().filter(|update| !update.is_empty())
    }
}

/// The limits within which a group may be scaled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scaling {
    /// The smallest count.
    pub min: i64,
    /// The largest count.
    pub max: i64,
    /// Whether the policy is in force.
    pub enabled: bool,
}

/// One stored version of a job.
#[derive(Clone, Debug)]
pub struct Job {
    /// What was asked for.
    pub spec: Rc<JobSpec>,
    /// The job was told to stop.
    pub stop: bool,
    /// Counts up from 0 with each change of the spec.
    pub version: u64,
    /// Derived; see [`JobStatus`].
    pub status: JobStatus,
    /// A deployment of this version succeeded.
    pub stable: bool,
    /// The write that made this incarnation of the job.
    pub create_index: Index,
    /// The write that last changed anything, status included.
    pub modify_index: Index,
    /// The write that last changed the spec: what `-check-index` compares.
    pub job_modify_index: Index,
    /// When this version was submitted.
    pub submit_time: Time,
    /// The version's tag, if it has one.
    pub version_tag: Option<VersionTag>,
    /// The periodic or parameterized parent that made it.
    pub parent: Option<JobId>,
    /// It was made by dispatch.
    pub dispatched: bool,
    /// The token by which a repeated dispatch finds it again, if one was given.
    pub dispatch_token: Option<Name>,
    /// Dispatch payload (decoded bytes).
    pub payload: Option<Rc<[u8]>>,
}

impl Job {
    /// The key under which the job is stored.
    pub fn key(&self) -> JobKey {
        self.spec.key()
    }

    /// The key of the job that made it, if one did.
    pub fn parent_key(&self) -> Option<JobKey> {
        Some(JobKey {
            namespace: self.spec.namespace.clone(),
            id: self.parent.clone()?,
        })
    }

    /// Whether a person gave this version that name.
    pub fn has_tag(&self, name: &str) -> bool {
        let tag = self.version_tag.as_ref();
        tag.is_some_and(|tag| *tag.name == *name)
    }

    /// The job's id.
    pub fn id(&self) -> &JobId {
        &self.spec.id
    }

    /// It waits to be dispatched, and is no child of such a job.
    pub fn is_parameterized(&self) -> bool {
        self.spec.parameterized.is_some() && !self.dispatched
    }

    /// It only starts other jobs: periodic, or parameterized and not dispatched itself.
    pub fn is_parent(&self) -> bool {
        self.spec.periodic.is_some() || self.is_parameterized()
    }

    /// The same incarnation and version: what a deployment belongs to (spec: deployments 0).
    pub fn is_same_version(&self, version: u64, create_index: Index) -> bool {
        self.version == version && self.create_index == create_index
    }

    /// Whether registering `spec`, as a job that is to `stop` or not, over this version would
    /// change anything.
    /// The stop flag and a version tag count as spec; status, stability, indexes and submit time do
    /// not (spec: deployments 25.1).
    pub fn spec_changed_by(&self, spec: &JobSpec, stop: bool) -> bool {
        self.stop != stop || self.version_tag.is_some() || *self.spec != *spec
    }
}

/// A name that a person gave to one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionTag {
    /// The tag.
    pub name: Name,
    /// What it is for.
    pub description: Name,
    /// When it was given.
    pub tagged_time: Time,
}

//! Allocations: a group of a job version on a node, from placement to the end.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use crate::{
    AllocId, AllocLinks, AllocMetric, DeploymentId, EvalId, Index, Job, JobId, JobKey, Name,
    Namespace, NodeId, TaskGroup, TaskState, Text, Time,
};

/// What the servers want of an allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AllocDesiredStatus {
    /// It shall run.
    Run,
    /// It shall stop.
    Stop,
    /// It makes room for a more important one.
    Evict,
}

impl AllocDesiredStatus {
    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Stop => "stop",
            Self::Evict => "evict",
        }
    }
}

impl fmt::Display for AllocDesiredStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the client says of an allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AllocClientStatus {
    /// Not started.
    Pending,
    /// Some task runs.
    Running,
    /// All tasks ended well.
    Complete,
    /// Some task ended badly.
    Failed,
    /// Its node is gone.
    Lost,
    /// Its node is silent for now; not terminal.
    Unknown,
}

impl AllocClientStatus {
    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Lost => "lost",
            Self::Unknown => "unknown",
        }
    }

    /// The status of that name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        use AllocClientStatus::{Complete, Failed, Lost, Pending, Running, Unknown};
        [Pending, Running, Complete, Failed, Lost, Unknown]
            .into_iter()
            .find(|s| s.as_str() == name)
    }

    /// Nothing of it runs any more, nor will.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Complete | Self::Failed | Self::Lost)
    }
}

impl fmt::Display for AllocClientStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An allocation's health within a deployment or migration.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct AllocDeploymentStatus {
    /// Healthy or not; `None` until decided.
    pub healthy: Option<bool>,
    /// When that was decided.
    pub timestamp: Option<Time>,
    /// It is a canary that was not promoted.
    pub canary: bool,
    /// The write that last changed this status.
    pub modify_index: Index,
}

/// What servers ask the scheduler to do with an allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct DesiredTransition {
    /// Move it to another node.
    pub migrate: Option<bool>,
    /// It may be rescheduled although its deployment is active.
    pub reschedule: Option<bool>,
    /// Reschedule it whatever its policy says.
    pub force_reschedule: Option<bool>,
    /// Do not wait between deregistering and killing.
    pub no_shutdown_delay: Option<bool>,
    /// Move it away and do not replace it.
    pub migrate_disable_placement: Option<bool>,
}

impl DesiredTransition {
    /// Moves are wanted.
    pub fn should_migrate(&self) -> bool {
        self.migrate == Some(true)
    }

    /// Rescheduling is allowed.
    pub fn should_reschedule(&self) -> bool {
        self.reschedule == Some(true)
    }

    /// Rescheduling is forced.
    pub fn should_force_reschedule(&self) -> bool {
        self.force_reschedule == Some(true)
    }

    /// A move without replacement.
    pub fn disables_placement(&self) -> bool {
        self.migrate_disable_placement == Some(true)
    }

    /// Takes over every flag that `newer` has.
    pub fn merge(&mut self, newer: &Self) {
        fn take(to: &mut Option<bool>, from: Option<bool>) {
            if from.is_some() {
                *to = from;
            }
        }
        take(&mut self.migrate, newer.migrate);
        take(&mut self.reschedule, newer.reschedule);
        take(&mut self.force_reschedule, newer.force_reschedule);
        take(&mut self.no_shutdown_delay, newer.no_shutdown_delay);
        take(
            &mut self.migrate_disable_placement,
            newer.migrate_disable_placement,
        );
    }
}

/// A port that an allocation got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllocatedPort {
    /// The label.
    pub label: Name,
    /// The number on the host.
    pub value: i64,
    /// The port inside the network namespace, 0 when unset.
    pub to: i64,
    /// The host's address.
    pub host_ip: Name,
    /// Asked for by number.
    pub is_static: bool,
}

/// What one task got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllocatedTask {
    /// The task.
    pub name: Name,
    /// Processor in MHz.
    pub cpu_mhz: i64,
    /// Reserved cores.
    pub cores: Vec<u16>,
    /// Memory in MiB.
    pub memory_mb: i64,
    /// The most memory in MiB; 0 when there is no separate limit.
    pub memory_max_mb: i64,
    /// Device instances: (vendor/type/name, instance id).
    pub devices: Vec<(Name, Name)>,
}

/// What an allocation got of its node. Shared between the versions of an allocation's record.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct AllocatedResources {
    /// Needed processor in MHz, lifecycle hooks merged (spec: scheduling 8.1).
    pub cpu_mhz: i64,
    /// Needed memory in MiB, lifecycle hooks merged.
    pub memory_mb: i64,
    /// Disk in MiB.
    pub disk_mb: i64,
    /// What each task got, in the order of the job file.
    pub tasks: Vec<AllocatedTask>,
    /// Ports.
    pub ports: Vec<AllocatedPort>,
    /// Bandwidth of tasks' own networks: the node's device, and MBits per second.
    pub bandwidth: Vec<(Name, i64)>,
}

impl AllocatedResources {
    /// MBits per second on a device of the node.
    pub fn mbits_on(&self, device: &str) -> i64 {
        let on = self.bandwidth.iter().filter(|(name, _)| **name == *device);
        on.map(|(_, mbits)| mbits).sum()
    }
}

/// A group of a job version, placed on a node: what it has alone. The rest reads and writes as if
/// it stood here too.
#[derive(Clone, Debug)]
pub struct Allocation {
    /// Its id.
    pub id: AllocId,
    /// The number in its name: `<job>.<group>[<index>]`.
    pub name_index: u32,
    /// The node.
    pub node_id: NodeId,
    /// The node's name, as it was at placement.
    pub node_name: Name,
    /// Relations to others, and its past.
    pub links: AllocLinks,
    /// What it got of its node.
    pub resources: Rc<AllocatedResources>,
    /// Why it is where it is.
    pub metrics: Rc<AllocMetric>,
    /// What others have too. A write makes it this allocation's own until the store finds that the
    /// same was written to another.
    pub shared: Rc<SharedAlloc>,
}

/// What is mostly the same for many allocations, as for those that one plan places: how they came
/// to be and when they were written. The rest reads and writes as if it stood here too.
#[derive(Clone, Debug)]
pub struct SharedAlloc {
    /// What others have too that were written at other times.
    pub common: Rc<CommonAlloc>,
    /// The evaluation that last wrote it.
    pub eval_id: EvalId,
    /// Its health in its deployment; `None` is "no status at all".
    pub deployment_status: Option<AllocDeploymentStatus>,
    /// The tasks, in the order of the job file; empty until the client reports, whose own records
    /// they are.
    pub task_states: Vec<Rc<TaskState>>,
    /// The write that made it.
    pub create_index: Index,
    /// The write that last changed it.
    pub modify_index: Index,
    /// The write of servers that last changed it (not of its client).
    pub alloc_modify_index: Index,
    /// When it was made.
    pub create_time: Time,
    /// When it last changed.
    pub modify_time: Time,
}

/// What allocations have in common that run the same and stand alike, whenever that was written.
#[derive(Clone, Debug)]
pub struct CommonAlloc {
    /// The namespace.
    pub namespace: Namespace,
    /// The job.
    pub job_id: JobId,
    /// The job version it runs.
    pub job: Rc<Job>,
    /// The group's name.
    pub group: Name,
    /// The deployment it belongs to.
    pub deployment_id: Option<DeploymentId>,
    /// What the servers want.
    pub desired_status: AllocDesiredStatus,
    /// Why; often empty.
    pub desired_description: Text,
    /// What servers ask the scheduler to do with it.
    pub desired_transition: DesiredTransition,
    /// What the client says.
    pub client_status: AllocClientStatus,
    /// More of that; often empty.
    pub client_description: Text,
}

impl SharedAlloc {
    /// Of an allocation that is wanted from `now` on; no client and no write knows of it yet.
    pub fn wanted(job: &Rc<Job>, group: &Name, eval_id: EvalId, now: Time) -> Self {
        Self {
            common: Rc::new(CommonAlloc {
                namespace: job.spec.namespace.clone(),
                job_id: job.spec.id.clone(),
                job: job.clone(),
                group: group.clone(),
                deployment_id: None,
                desired_status: AllocDesiredStatus::Run,
                desired_description: "".into(),
                desired_transition: DesiredTransition::default(),
                client_status: AllocClientStatus::Pending,
                client_description: "".into(),
            }),
            eval_id,
            deployment_status: None,
            task_states: Vec::new(),
            create_index: 0,
            modify_index: 0,
            alloc_modify_index: 0,
            create_time: now,
            modify_time: now,
        }
    }
}

impl Deref for Allocation {
    type Target = SharedAlloc;

    fn deref(&self) -> &SharedAlloc {
        &self.shared
    }
}

impl DerefMut for Allocation {
    fn deref_mut(&mut self) -> &mut SharedAlloc {
        Rc::make_mut(&mut self.shared)
    }
}

impl Deref for SharedAlloc {
    type Target = CommonAlloc;

    fn deref(&self) -> &CommonAlloc {
        &self.common
    }
}

impl DerefMut for SharedAlloc {
    fn deref_mut(&mut self) -> &mut CommonAlloc {
        Rc::make_mut(&mut self.common)
    }
}

impl PartialEq for SharedAlloc {
    /// What differs most comes first. Tasks are the same only if they are one.
    fn eq(&self, other: &Self) -> bool {
        let are_tasks_one = || {
            let mut pairs = self.task_states.iter().zip(&other.task_states);
            self.task_states.len() == other.task_states.len()
                && pairs.all(|(own, other)| Rc::ptr_eq(own, other))
        };
        self.modify_index == other.modify_index
            && self.create_index == other.create_index
            && self.alloc_modify_index == other.alloc_modify_index
            && self.create_time == other.create_time
            && self.modify_time == other.modify_time
            && self.eval_id == other.eval_id
            && self.deployment_status == other.deployment_status
            && are_tasks_one()
            && (Rc::ptr_eq(&self.common, &other.common) || self.common == other.common)
    }
}

impl PartialEq for CommonAlloc {
    /// What differs most comes first. Jobs are the same only if they are one.
    fn eq(&self, other: &Self) -> bool {
        self.client_status == other.client_status
            && self.desired_status == other.desired_status
            && Rc::ptr_eq(&self.job, &other.job)
            && self.deployment_id == other.deployment_id
            && self.desired_transition == other.desired_transition
            && self.group == other.group
            && self.job_id == other.job_id
            && self.namespace == other.namespace
            && self.desired_description == other.desired_description
            && self.client_description == other.client_description
    }
}

impl Allocation {
    /// The full name: `<job id>.<group>[<index>]`, with the job's name for system jobs
    /// (spec: deployments 0).
    pub fn name(&self) -> String {
        let job = if self.job.spec.kind.is_per_node() {
            &self.job.spec.name
        } else {
            &self.job_id.0
        };
        format!("{job}.{}[{}]", self.group, self.name_index)
    }

    /// The key of its job.
    pub fn job_key(&self) -> JobKey {
        JobKey {
            namespace: self.namespace.clone(),
            id: self.job_id.clone(),
        }
    }

    /// Its group in the job version that it runs.
    pub fn task_group(&self) -> Option<&TaskGroup> {
        self.job.spec.group(&self.group)
    }

    /// Its node was away from it for a time, or is.
    pub fn was_unknown(&self) -> bool {
        let mut states = self.links.states.iter();
        states.any(|change| change.status == AllocClientStatus::Unknown)
    }

    /// Servers want it gone.
    pub fn is_server_terminal(&self) -> bool {
        self.desired_status != AllocDesiredStatus::Run
    }

    /// Its client says that it is over.
    pub fn is_client_terminal(&self) -> bool {
        self.client_status.is_terminal()
    }

    /// Either of the two.
    pub fn is_terminal(&self) -> bool {
        self.is_server_terminal() || self.is_client_terminal()
    }

    /// It is a canary that was not promoted.
    pub fn is_canary(&self) -> bool {
        self.deployment_status
            .as_ref()
            .is_some_and(|status| status.canary)
    }

    /// It was decided that it is healthy.
    pub fn is_healthy(&self) -> bool {
        self.deployment_status
            .as_ref()
            .is_some_and(|status| status.healthy == Some(true))
    }

    /// It was decided that it is not healthy.
    pub fn is_unhealthy(&self) -> bool {
        self.deployment_status
            .as_ref()
            .is_some_and(|status| status.healthy == Some(false))
    }

    /// It was decided whether it is healthy.
    pub fn has_health(&self) -> bool {
        self.deployment_status
            .as_ref()
            .is_some_and(|status| status.healthy.is_some())
    }

    /// All tasks ended, none badly; false while nothing was reported.
    pub fn ran_successfully(&self) -> bool {
        !self.task_states.is_empty() && self.task_states.iter().all(|task| task.is_successful())
    }

    /// The state of one task.
    pub fn task_state(&self, name: &str) -> Option<&TaskState> {
        let mut states = self.task_states.iter().map(|task| &**task);
        states.find(|task| &*task.name == name)
    }

    /// The latest end of a task, or else when the record last changed: the time from which the wait
    /// for rescheduling counts (spec: deployments 10.1).
    pub fn failure_time(&self) -> Time {
        self.task_states
            .iter()
            .filter_map(|task| task.finished_at)
            .max()
            .unwrap_or(self.modify_time)
    }
}

//! Deployments (spec: deployments 1.1, 2.1).

use std::fmt;
use std::rc::Rc;

use crate::{AllocId, DeploymentId, Duration, Index, JobId, JobKey, Name, Namespace, Time};

/// The descriptions of a deployment's status; part of what people see.
pub mod description {
    /// Created without canaries to promote; promoted; resumed.
    pub const RUNNING: &str = "Deployment is running";
    /// Created with canaries that a person must promote.
    pub const NEEDS_PROMOTION: &str = "Deployment is running but requires manual promotion";
    /// Created with canaries that promote themselves.
    pub const AUTO_PROMOTION: &str = "Deployment is running pending automatic promotion";
    /// Paused by a person.
    pub const PAUSED: &str = "Deployment is paused";
    /// Every group is complete.
    pub const SUCCESSFUL: &str = "Deployment completed successfully";
    /// The job was stopped.
    pub const STOPPED_JOB: &str = "Cancelled because job is stopped";
    /// A newer version was evaluated.
    pub const NEWER_JOB: &str = "Cancelled due to newer version of job";
    /// An allocation was unhealthy and nothing can mend it.
    pub const FAILED_ALLOCATIONS: &str = "Failed due to unhealthy allocations";
    /// No progress in time.
    pub const FAILED_PROGRESS: &str = "Failed due to progress deadline";
    /// Failed by a person.
    pub const FAILED_BY_USER: &str = "Deployment marked as failed";
}

/// Where a deployment stands. The states of multi-region jobs are not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeploymentStatus {
    /// Under way.
    Running,
    /// Halted by a person.
    Paused,
    /// Done.
    Successful,
    /// Given up.
    Failed,
    /// Overtaken (two l, unlike evaluations).
    Cancelled,
}

impl DeploymentStatus {
    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Successful => "successful",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Still under way, if only paused.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }
}

impl fmt::Display for DeploymentStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One group's part in a deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct DeploymentGroup {
    /// The group's name.
    pub name: Name,
    /// Copied from the update block.
    pub auto_revert: bool,
    /// Copied from the update block.
    pub auto_promote: bool,
    /// Copied from the update block; zero means no deadline.
    pub progress_deadline: Duration,
    /// When progress is due; `None` until the first placement.
    pub require_progress_by: Option<Time>,
    /// The canaries were promoted.
    pub promoted: bool,
    /// Canaries placed, in order; the list only grows.
    pub placed_canaries: Vec<AllocId>,
    /// Canaries asked for.
    pub desired_canaries: i64,
    /// Allocations that must become healthy (not the same as `count`).
    pub desired_total: i64,
    /// Allocations placed or joined.
    pub placed_allocs: i64,
    /// Allocations that became healthy; never falls when one dies.
    pub healthy_allocs: i64,
    /// Allocations that became unhealthy.
    pub unhealthy_allocs: i64,
}

/// The rollout of one job version.
#[derive(Clone, Debug, PartialEq)]
pub struct Deployment {
    /// Its id.
    pub id: DeploymentId,
    /// The job's namespace.
    pub namespace: Namespace,
    /// The job.
    pub job_id: JobId,
    /// The version it rolls out.
    pub job_version: u64,
    /// The incarnation of the job.
    pub job_create_index: Index,
    /// The job's modify index when it was made.
    pub job_modify_index: Index,
    /// The job's spec index when it was made.
    pub job_spec_modify_index: Index,
    /// Where it stands.
    pub status: DeploymentStatus,
    /// What that means; see [`description`].
    pub status_description: Name,
    /// The priority of evaluations made for it.
    pub eval_priority: i64,
    /// Groups that take part, in the order of the job file.
    pub groups: Vec<DeploymentGroup>,
    /// The write that made it.
    pub create_index: Index,
    /// The write that last changed it.
    pub modify_index: Index,
    /// When it was made.
    pub create_time: Time,
    /// When it last changed.
    pub modify_time: Time,
}

impl Deployment {
    /// The key of its job.
    pub fn job_key(&self) -> JobKey {
        JobKey {
            namespace: self.namespace.clone(),
            id: self.job_id.clone(),
        }
    }

    /// The state of one group, if it takes part.
    pub fn group(&self, name: &str) -> Option<&DeploymentGroup> {
        self.groups.iter().find(|group| &*group.name == name)
    }

    /// The state of one group, to change it.
    pub fn group_mut(&mut self, name: &str) -> Option<&mut DeploymentGroup> {
        self.groups.iter_mut().find(|group| &*group.name == name)
    }

    /// Still under way, if only paused.
    pub const fn is_active(&self) -> bool {
        self.status.is_active()
    }

    /// Running, and some group's canaries are not promoted.
    pub fn requires_promotion(&self) -> bool {
        self.status == DeploymentStatus::Running
            && self
                .groups
                .iter()
                .any(|group| group.desired_canaries > 0 && !group.promoted)
    }

    /// What the status says while canaries wait to be promoted; `None` when none do.
    pub fn promotion_text(&self) -> Option<&'static str> {
        self.requires_promotion().then(|| {
            if self.has_auto_promote() {
                description::AUTO_PROMOTION
            } else {
                description::NEEDS_PROMOTION
            }
        })
    }

    /// Running, with groups, and every group that has canaries promotes itself.
    pub fn has_auto_promote(&self) -> bool {
        self.status == DeploymentStatus::Running
            && !self.groups.is_empty()
            && self
                .groups
                .iter()
                .all(|group| group.desired_canaries == 0 || group.auto_promote)
    }

    /// Some canary was placed.
    pub fn has_placed_canaries(&self) -> bool {
        self.groups
            .iter()
            .any(|group| !group.placed_canaries.is_empty())
    }
}

/// A change of a deployment's status.
#[derive(Clone, Debug, PartialEq)]
pub struct DeploymentStatusUpdate {
    /// Which.
    pub deployment_id: DeploymentId,
    /// The new status.
    pub status: DeploymentStatus,
    /// The new description.
    pub description: Rc<str>,
}

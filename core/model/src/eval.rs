//! Evaluations: requests to look at a job again (spec: deployments 2.3, 4; scheduling 2).

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use crate::{
    AllocMetric, DeploymentId, Duration, EvalId, Index, JobId, JobKey, JobType, Name, Namespace,
    NodeId, PlanAnnotations, Time,
};

/// Where an evaluation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EvalStatus {
    /// Waits for a scheduler, or for its time.
    Pending,
    /// Waits for room.
    Blocked,
    /// Done.
    Complete,
    /// Given up.
    Failed,
    /// No longer needed (one l, unlike deployments).
    Canceled,
}

impl EvalStatus {
    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Blocked => "blocked",
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    /// Nothing more will happen to it.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Complete | Self::Failed | Self::Canceled)
    }
}

impl fmt::Display for EvalStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! triggers {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// Why an evaluation was made.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum EvalTrigger { $($(#[$doc])* $variant,)* }

        impl EvalTrigger {
            /// The name in answers.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The trigger of that name, if there is one.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

triggers! {
    /// A job was registered, reverted, or evaluated by hand.
    JobRegister = "job-register",
    /// A job was stopped or purged.
    JobDeregister = "job-deregister",
    /// A periodic launch.
    PeriodicJob = "periodic-job",
    /// Allocations were marked to leave a draining node.
    NodeDrain = "node-drain",
    /// A node came, went, or changed.
    NodeUpdate = "node-update",
    /// A person stopped an allocation.
    AllocStop = "alloc-stop",
    /// Garbage collection.
    Scheduled = "scheduled",
    /// Of older releases.
    RollingUpdate = "rolling-update",
    /// A deployment made progress, was promoted, resumed or failed.
    DeploymentWatcher = "deployment-watcher",
    /// A failed evaluation is tried again.
    FailedFollowUp = "failed-follow-up",
    /// Plans were refused too often.
    MaxPlanAttempts = "max-plan-attempts",
    /// An allocation failed.
    AllocFailure = "alloc-failure",
    /// Placements failed for want of room.
    QueuedAllocs = "queued-allocs",
    /// Allocations were evicted.
    Preemption = "preemption",
    /// A group was scaled.
    JobScaling = "job-scaling",
    /// A disconnected node has been away too long.
    MaxDisconnectTimeout = "max-disconnect-timeout",
    /// A disconnected node came back.
    Reconnect = "reconnect",
    /// The time to reschedule has come.
    AllocReschedule = "alloc-reschedule",
}

impl fmt::Display for EvalTrigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A request to look at a job again, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Its id.
    pub id: EvalId,
    /// The job's namespace.
    pub namespace: Namespace,
    /// The job.
    pub job_id: JobId,
    /// Higher goes first.
    pub priority: i64,
    /// Which scheduler looks; stopping always uses the service scheduler.
    pub kind: JobType,
    /// Why it was made.
    pub triggered_by: EvalTrigger,
    /// Where it stands.
    pub status: EvalStatus,
    /// More about the status; often empty.
    pub status_description: Name,
    /// The job's spec index when it was made.
    pub job_modify_index: Index,
    /// The node it is about.
    pub node_id: Option<NodeId>,
    /// The deployment it belongs to, or the one that its scheduling saw.
    pub deployment_id: Option<DeploymentId>,
    /// It waits until then.
    pub wait_until: Option<Time>,
    /// It waits so long from its creation (follow-ups of failed ones).
    pub wait: Duration,
    /// The one that comes after it.
    pub next_eval: Option<EvalId>,
    /// The one that it follows.
    pub previous_eval: Option<EvalId>,
    /// The one that waits for room on its behalf.
    pub blocked_eval: Option<EvalId>,
    /// Why groups could not be placed, by group.
    pub failed_groups: BTreeMap<Name, Rc<AllocMetric>>,
    /// How many allocations each group still waits for.
    pub queued: Rc<BTreeMap<Name, i64>>,
    /// For blocked ones: computed classes known to fit or not.
    pub class_eligibility: Rc<BTreeMap<u64, bool>>,
    /// For blocked ones: constraints look at single nodes, so any change may help.
    pub escaped_class: bool,
    /// What the plan would do, when asked for.
    pub annotations: Option<Rc<PlanAnnotations>>,
    /// The state that the scheduler saw.
    pub snapshot_index: Index,
    /// The write that made it.
    pub create_index: Index,
    /// The write that last changed it.
    pub modify_index: Index,
    /// When it was made.
    pub create_time: Time,
    /// When it last changed.
    pub modify_time: Time,
}

impl Evaluation {
    /// A pending evaluation of a job with everything else unset; indexes come with the write.
    pub fn new(
        id: EvalId,
        job: &JobKey,
        kind: JobType,
        priority: i64,
        triggered_by: EvalTrigger,
        now: Time,
    ) -> Self {
        Self {
            id,
            namespace: job.namespace.clone(),
            job_id: job.id.clone(),
            priority,
            kind,
            triggered_by,
            status: EvalStatus::Pending,
            status_description: Name::from(""),
            job_modify_index: 0,
            node_id: None,
            deployment_id: None,
            wait_until: None,
            wait: Duration::ZERO,
            next_eval: None,
            previous_eval: None,
            blocked_eval: None,
            failed_groups: BTreeMap::new(),
            queued: Rc::default(),
            class_eligibility: Rc::default(),
            escaped_class: false,
            annotations: None,
            snapshot_index: 0,
            create_index: 0,
            modify_index: 0,
            create_time: now,
            modify_time: now,
        }
    }

    /// Plans were refused too often before it was made: it is tried again after a while.
    pub fn had_no_plan(&self) -> bool {
        self.triggered_by == EvalTrigger::MaxPlanAttempts
    }

    /// The key of its job.
    pub fn job_key(&self) -> JobKey {
        JobKey {
            namespace: self.namespace.clone(),
            id: self.job_id.clone(),
        }
    }
}

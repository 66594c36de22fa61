//! The closed list of writes, and what a write touched.

use std::rc::Rc;

use yurt_model::{
    AllocClientStatus, AllocDeploymentStatus, AllocId, DeploymentId, DeploymentStatusUpdate,
    DesiredTransition, DrainStrategy, EvalId, Evaluation, Job, JobKey, JobSpec, LastDrain, Name,
    Node, NodeEligibility, NodeEvent, NodeId, NodeStatus, Plan, SchedulerConfiguration, TaskState,
    Text, Time,
};

/// One entry of a group's scaling history (spec: scheduling 20).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScalingEvent {
    /// When.
    pub time: Time,
    /// The new count; `None` when there is only a message.
    pub count: Option<i64>,
    /// The count before.
    pub previous_count: i64,
    /// What was said about it.
    pub message: Rc<str>,
    /// It tells of an error.
    pub is_error: bool,
    /// The evaluation that came of it.
    pub eval_id: Option<EvalId>,
}

/// The text that a version was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The job file.
    pub source: Rc<str>,
    /// `hcl2` or `json`.
    pub format: Name,
    /// The variables that were given, as they were given.
    pub variables: Rc<str>,
}

/// A job to write. The version and indexes are given by the write (spec: deployments 25.2).
#[derive(Clone, Debug)]
pub struct JobWrite {
    /// What is asked for.
    pub spec: Rc<JobSpec>,
    /// The job is to stop.
    pub stop: bool,
    /// The stable flag of the new version (copied by stop, scale and rollback; false for register).
    pub stable: bool,
    /// When it was submitted.
    pub submit_time: Time,
    /// The version's tag (copied by rollback and stop).
    pub version_tag: Option<yurt_model::job::VersionTag>,
    /// The parent that made it.
    pub parent: Option<yurt_model::JobId>,
    /// It was made by dispatch.
    pub dispatched: bool,
    /// The token by which a repeated dispatch finds it again.
    pub dispatch_token: Option<Name>,
    /// Dispatch payload.
    pub payload: Option<Rc<[u8]>>,
    /// The source text, when it is known.
    pub submission: Option<Rc<Submission>>,
}

impl JobWrite {
    /// A job that is submitted for itself: it runs, is not known to be stable, and no other job
    /// made it.
    pub fn fresh(spec: Rc<JobSpec>, submit_time: Time) -> Self {
        Self {
            spec,
            stop: false,
            stable: false,
            submit_time,
            version_tag: None,
            parent: None,
            dispatched: false,
            dispatch_token: None,
            payload: None,
            submission: None,
        }
    }

    /// A copy of a stored version, to be written again as a new one.
    pub fn copy_of(job: &Job) -> Self {
        Self {
            spec: job.spec.clone(),
            stop: job.stop,
            stable: job.stable,
            submit_time: job.submit_time,
            version_tag: job.version_tag.clone(),
            parent: job.parent.clone(),
            dispatched: job.dispatched,
            dispatch_token: job.dispatch_token.clone(),
            payload: job.payload.clone(),
            submission: None,
        }
    }
}

/// An older version to go back to, written together with a failed deployment.
pub type Rollback = JobWrite;

/// What a client reports of one allocation.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientUpdate {
    /// Which.
    pub alloc_id: AllocId,
    /// Its status.
    pub status: AllocClientStatus,
    /// More of that.
    pub description: Text,
    /// All task states, in the order of the job file.
    pub task_states: Vec<Rc<TaskState>>,
    /// Health as the client judges it; `None` says nothing.
    pub deployment_status: Option<AllocDeploymentStatus>,
}

/// One write. Evaluations inside a change are stored at the same index.
#[derive(Clone, Debug)]
pub enum Change {
    /// A job is registered, scaled, stopped or rolled back: a new version.
    JobUpserted {
        /// The job.
        job: Box<JobWrite>,
        /// Its evaluation, if it gets one.
        evaluation: Option<Box<Evaluation>>,
        /// Every allocation of the incarnation stops without waiting (stop only).
        no_shutdown_delay: bool,
    },
    /// A job and all of its things are removed.
    JobPurged {
        /// Which.
        key: JobKey,
        /// The evaluation that finds nothing.
        evaluation: Option<Box<Evaluation>>,
    },
    /// Someone scaled a group, or only said something about it.
    ScalingEventAdded {
        /// Which job.
        key: JobKey,
        /// Which group.
        group: Name,
        /// What happened.
        event: ScalingEvent,
    },
    /// A version is marked stable or not.
    JobStabilitySet {
        /// Which job.
        key: JobKey,
        /// Which version.
        version: u64,
        /// The mark.
        stable: bool,
    },
    /// A version gets a tag, or loses it.
    JobVersionTagged {
        /// Which job.
        key: JobKey,
        /// Which version.
        version: u64,
        /// The tag; `None` takes it away.
        tag: Option<yurt_model::job::VersionTag>,
    },
    /// Evaluations are made or changed.
    EvalsUpserted(Vec<Evaluation>),
    /// Evaluations and allocations are forgotten (garbage collection).
    Collected {
        /// Evaluations.
        evals: Vec<EvalId>,
        /// Allocations.
        allocs: Vec<AllocId>,
        /// Deployments.
        deployments: Vec<DeploymentId>,
        /// Jobs (with versions and summaries).
        jobs: Vec<JobKey>,
        /// Nodes.
        nodes: Vec<NodeId>,
    },
    /// A plan, or the part of it that fits, with the evaluations of preempted jobs.
    PlanApplied {
        /// What is written.
        plan: Box<Plan>,
        /// Evaluations of jobs that lost allocations.
        preemption_evals: Vec<Evaluation>,
    },
    /// Clients report, in one batch, with the evaluations that follow from it.
    ClientsReported {
        /// The reports.
        updates: Vec<ClientUpdate>,
        /// Evaluations.
        evals: Vec<Evaluation>,
    },
    /// Flags are set on allocations, with the evaluations that follow from it.
    TransitionsSet {
        /// The flags, merged into what is there.
        transitions: Vec<(AllocId, DesiredTransition)>,
        /// Evaluations.
        evals: Vec<Evaluation>,
    },
    /// A deployment's status changes.
    DeploymentStatusSet {
        /// The change.
        update: DeploymentStatusUpdate,
        /// The version to go back to.
        rollback: Option<Box<Rollback>>,
        /// Its evaluation.
        evaluation: Option<Box<Evaluation>>,
    },
    /// Canaries are promoted.
    DeploymentPromoted {
        /// Which deployment.
        deployment_id: DeploymentId,
        /// Which groups; `None` means all.
        groups: Option<Vec<Name>>,
        /// Its evaluation.
        evaluation: Option<Box<Evaluation>>,
    },
    /// Health is set by hand.
    AllocHealthSet {
        /// Which deployment.
        deployment_id: DeploymentId,
        /// Healthy ones.
        healthy: Vec<AllocId>,
        /// Unhealthy ones.
        unhealthy: Vec<AllocId>,
        /// The failure that follows.
        update: Option<DeploymentStatusUpdate>,
        /// The version to go back to.
        rollback: Option<Box<Rollback>>,
        /// Its evaluation.
        evaluation: Option<Box<Evaluation>>,
    },
    /// A node registers or changes.
    NodeUpserted(Box<Node>),
    /// A node's status changes.
    NodeStatusSet {
        /// Which.
        node_id: NodeId,
        /// The new status.
        status: NodeStatus,
        /// What to note on the node.
        event: Option<NodeEvent>,
    },
    /// A drain starts, changes or ends.
    NodeDrainSet {
        /// Which.
        node_id: NodeId,
        /// The drain; `None` ends it.
        drain: Option<DrainStrategy>,
        /// What is remembered of it; `None` changes nothing about that.
        last_drain: Option<LastDrain>,
        /// The eligibility afterwards.
        eligibility: NodeEligibility,
        /// What to note on the node.
        event: Option<NodeEvent>,
    },
    /// A node may or may not take new allocations.
    NodeEligibilitySet {
        /// Which.
        node_id: NodeId,
        /// The new eligibility.
        eligibility: NodeEligibility,
        /// What to note on the node.
        event: Option<NodeEvent>,
    },
    /// A person takes a service of an allocation out of the list.
    ServiceDeregistered {
        /// Whose.
        alloc_id: AllocId,
        /// The id of the registration.
        service_id: Name,
    },
    /// The scheduler configuration changes.
    SchedulerConfigurationSet(Box<SchedulerConfiguration>),
}

/// What one write touched. Watchers are functions of this. Ids stand in the order of the writes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Touched {
    /// The index of the write.
    pub index: yurt_model::Index,
    /// Jobs.
    pub jobs: Vec<JobKey>,
    /// Evaluations.
    pub evals: Vec<EvalId>,
    /// Allocations.
    pub allocs: Vec<AllocId>,
    /// Deployments.
    pub deployments: Vec<DeploymentId>,
    /// Nodes.
    pub nodes: Vec<NodeId>,
    /// Those of the nodes that have become ready, or may take allocations again: evaluations that
    /// wait for room are tried again (spec: scheduling 4.3).
    pub opened_nodes: Vec<NodeId>,
}

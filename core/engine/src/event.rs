//! Every message between the parts: what comes in, what is answered, what is waited for.
//!
//! Belongs here: closed enums without behaviour. May import: `yurt_model`, `yurt_state` (its row
//! types), `client` (its timers
//! and what may be asked of it).

use std::fmt;
use std::rc::Rc;

use yurt_model::{
    AllocId, DeploymentId, Duration, EvalId, Index, JobKey, JobSpec, Name, Node, NodeId,
    NodeStatus, SchedulerConfiguration, Time,
};
use yurt_state::{ClientUpdate, Submission};

use crate::client::ClientTimer;
pub use crate::client::{ClientOrder, RestartScope};

/// What can happen to a cluster from outside. Each goes to the journal with its time.
#[derive(Clone, Debug)]
pub enum Input {
    /// Someone asks the servers for something.
    Request(Request),
    /// Something breaks or is mended.
    Fault(Fault),
}

/// A write that someone asks the servers for. (Reads need no request: they look at a snapshot.)
#[derive(Clone, Debug)]
pub enum Request {
    /// Submit a job.
    JobRegister(JobRegister),
    /// Stop a job.
    JobDeregister {
        /// Which.
        key: JobKey,
        /// Forget it altogether.
        purge: bool,
        /// Do not wait between deregistering services and killing tasks.
        no_shutdown_delay: bool,
        /// The priority of the evaluation, if not the job's.
        eval_priority: Option<i64>,
    },
    /// Register an old version again.
    JobRevert {
        /// Which.
        key: JobKey,
        /// The version to go back to.
        version: u64,
        /// Refuse unless this is the current version.
        enforce_prior_version: Option<u64>,
    },
    /// Look at a job again.
    JobEvaluate {
        /// Which.
        key: JobKey,
        /// Reschedule failed allocations whatever their policy says.
        force_reschedule: bool,
    },
    /// Change one group's count.
    JobScale {
        /// Which.
        key: JobKey,
        /// The group.
        group: Name,
        /// The new count; `None` only records the message.
        count: Option<i64>,
        /// Refuse unless this is the job's spec index.
        enforce_index: Option<Index>,
        /// What is said about it in the group's scaling history.
        message: Rc<str>,
        /// It tells of an error; then there is no count.
        is_error: bool,
    },
    /// Start a child of a parameterized job.
    JobDispatch(JobDispatch),
    /// Launch a periodic job now.
    JobPeriodicForce {
        /// Which.
        key: JobKey,
    },
    /// Mark a version.
    JobStability {
        /// Which.
        key: JobKey,
        /// The version.
        version: u64,
        /// The mark.
        stable: bool,
    },
    /// Give a version a name by which it is found, and by which it is kept.
    JobTag {
        /// Which.
        key: JobKey,
        /// The version; `None` means the current one.
        version: Option<u64>,
        /// The tag, which one version of a job may have.
        name: Name,
        /// What it is for; may be empty.
        description: Name,
    },
    /// Take a tag away.
    JobUntag {
        /// Which.
        key: JobKey,
        /// The tag.
        name: Name,
    },
    /// Promote canaries.
    DeploymentPromote {
        /// Which deployment.
        id: DeploymentId,
        /// Which groups; `None` means all.
        groups: Option<Vec<Name>>,
    },
    /// Fail a deployment.
    DeploymentFail {
        /// Which.
        id: DeploymentId,
    },
    /// Pause or resume a deployment.
    DeploymentPause {
        /// Which.
        id: DeploymentId,
        /// True to pause.
        pause: bool,
    },
    /// Set the health of allocations by hand.
    DeploymentSetHealth {
        /// Which deployment.
        id: DeploymentId,
        /// Healthy ones.
        healthy: Vec<AllocId>,
        /// Unhealthy ones.
        unhealthy: Vec<AllocId>,
    },
    /// Stop one allocation; it is replaced.
    AllocStop {
        /// Which.
        id: AllocId,
        /// Do not wait between deregistering services and killing tasks.
        no_shutdown_delay: bool,
        /// Treat it as a failure that obeys the reschedule policy.
        reschedule: bool,
    },
    /// Have the client of an allocation restart tasks or send a signal.
    AllocOrder {
        /// Which.
        id: AllocId,
        /// What is asked for.
        order: ClientOrder,
    },
    /// Take a service registration out of the list.
    ServiceDeregister {
        /// The id of the registration.
        id: Name,
    },
    /// A node registers, or registers again.
    NodeRegister(Box<Node>),
    /// A node says how it is, or is said to be down.
    NodeStatus {
        /// Which.
        id: NodeId,
        /// The status.
        status: NodeStatus,
    },
    /// A node may or may not take new allocations.
    NodeEligibility {
        /// Which.
        id: NodeId,
        /// Whether it may.
        eligible: bool,
    },
    /// A drain starts, changes or (with `None`) ends.
    NodeDrain {
        /// Which.
        id: NodeId,
        /// What is asked.
        drain: Option<DrainRequest>,
        /// When a drain ends: whether the node may take allocations again.
        mark_eligible: bool,
        /// What is said about it, for others to read.
        message: Option<Name>,
    },
    /// A client's report, where clients are not simulated.
    ClientReport(Vec<ClientUpdate>),
    /// Forget everything that has ended and that nobody needs, however young it is.
    SystemGarbageCollect,
    /// The scheduler configuration changes.
    SchedulerConfiguration(Box<SchedulerConfiguration>),
}

/// A job to be registered.
#[derive(Clone, Debug)]
pub struct JobRegister {
    /// The job, admitted.
    pub spec: Rc<JobSpec>,
    /// The text it was made from.
    pub submission: Option<Rc<Submission>>,
    /// Refuse unless this is the job's spec index (0: unless the job is new).
    pub enforce_index: Option<Index>,
    /// The priority of the evaluation, if not the job's.
    pub eval_priority: Option<i64>,
    /// Keep the counts of groups of the same name.
    pub preserve_counts: bool,
    /// Keep the resources of tasks of the same name.
    pub preserve_resources: bool,
    /// The job as submitted says that it was dispatched.
    pub dispatched: bool,
}

impl JobRegister {
    /// A plain submission of a job, with nothing enforced and no text behind it.
    pub fn of(spec: Rc<JobSpec>) -> Self {
        Self {
            spec,
            submission: None,
            enforce_index: None,
            eval_priority: None,
            preserve_counts: false,
            preserve_resources: false,
            dispatched: false,
        }
    }
}

/// A dispatch that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobDispatch {
    /// The parameterized job.
    pub key: JobKey,
    /// What the child is given to work on.
    pub payload: Option<Rc<[u8]>>,
    /// Meta beside the parent's.
    pub meta: Vec<(Name, Name)>,
    /// A part of the child's id.
    pub id_prefix: Option<Name>,
    /// Of several dispatches with one token only the first starts a child.
    pub idempotency_token: Option<Name>,
    /// The child's priority; 0 means the parent's.
    pub priority: i64,
}

/// A drain that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrainRequest {
    /// After so long everything left is moved at once; zero waits for ever, negative forces now.
    pub deadline: Duration,
    /// Leave system jobs alone.
    pub ignore_system_jobs: bool,
}

/// Something breaks or is mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The machine of a node dies: no heartbeat, no tasks.
    NodeStops(NodeId),
    /// The machine of a node starts again, or it reaches the servers again.
    NodeStarts(NodeId),
    /// A node's heartbeat is missed, without the machine being touched.
    HeartbeatMissed(NodeId),
    /// A node and the servers do not reach each other until it starts; its tasks run on.
    NodeCut(NodeId),
}

/// The answer to a request that was carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The write, or the newest one when nothing was written.
    pub index: Index,
    /// The evaluation that was made.
    pub eval_id: Option<EvalId>,
    /// The job's spec index after a registration.
    pub job_modify_index: Index,
    /// The version that a failed deployment was rolled back to.
    pub reverted_version: Option<u64>,
    /// The job that was started, by dispatch or by a periodic launch.
    pub child: Option<yurt_model::JobId>,
}

/// The answer to a request that was not carried out: the reference's text, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub String);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A reason for the cluster to wake up by itself. Small, for there may be one for every allocation:
/// what is rare and large is boxed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timer {
    /// A client goes on.
    Client(ClientTimer),
    /// The clients' collected reports reach the servers.
    ReportsArrive,
    /// The schedulers look at the evaluations that are ready.
    SchedulersLook,
    /// The time of a delayed evaluation has come.
    EvalDue(EvalId),
    /// Blocked evaluations that ran out of attempts are tried again.
    RetryFailedPlans,
    /// The watcher of a deployment writes what it has collected.
    DeploymentBatch(DeploymentId),
    /// Progress of a deployment is due.
    ProgressDeadline(Box<ProgressDeadline>),
    /// A silent node's heartbeat is due.
    HeartbeatDue(Box<NodeWait>),
    /// A node that starts is ready.
    NodeReady(Box<NodeWait>),
    /// The drainer writes what it has collected.
    DrainerBatch,
    /// The time of a drain may be over.
    DrainDeadlines,
    /// A periodic job is to be launched.
    PeriodicLaunch(Box<PeriodicLaunch>),
}

/// Progress of a deployment that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgressDeadline {
    /// Which.
    pub deployment: DeploymentId,
    /// Which arming of the timer this is; older ones are void.
    pub generation: u32,
}

/// Something that a node is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeWait {
    /// Which.
    pub node: NodeId,
    /// Which wait this is; older ones are void.
    pub generation: u32,
}

/// A launch that is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodicLaunch {
    /// The job.
    pub job: JobKey,
    /// When; void when the job waits for another launch.
    pub launch: Time,
}

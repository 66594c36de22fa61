//! The base everything stands on, and Nomad's nouns as plain data.
//!
//! Belongs here: ids, time, chance, exact mathematics (`base`), and one module for each noun of
//! Nomad with small total functions on it. Not here: any rule that needs more than the value itself
//! (those are in `admission`, `scheduler`, `server`, `client`). May import: std, libm, regex-lite,
//! serde_json. `base` imports nothing of ours; the nouns import `base`.

pub mod base;

mod alloc;
mod cluster;
mod deployment;
mod eval;
pub mod job;
pub mod launch;
mod links;
mod metric;
mod node;
mod plan;
mod ports;
mod release;
mod task_state;
#[cfg(feature = "testing")]
pub mod testing;

pub use alloc::{
    AllocClientStatus, AllocDeploymentStatus, AllocDesiredStatus, AllocatedPort,
    AllocatedResources, AllocatedTask, Allocation, CommonAlloc, DesiredTransition, SharedAlloc,
};
pub use base::{
    AllocId, DeploymentId, Duration, EvalId, Gather, InOrder, Index, JobId, Name, Namespace,
    NodeId, Pattern, Recent, Rng, Text, Time, Uuid, UuidMaker, math,
};
pub use cluster::{PreemptionConfig, SchedulerAlgorithm, SchedulerConfiguration};
pub use deployment::{
    Deployment, DeploymentGroup, DeploymentStatus, DeploymentStatusUpdate, description,
};
pub use eval::{EvalStatus, EvalTrigger, Evaluation};
pub use job::{Job, JobKey, JobSpec, JobStatus, JobType, Task, TaskGroup};
pub use links::{
    AllocLinks, ClientStatusChange, Links, RescheduleEvent, RescheduleOutcome, RescheduleTracker,
};
pub use metric::{AllocMetric, Counts, NodeScore, NodeScores, ScoreName, ScorePacker, ScoreSet};
pub use node::{
    DrainStatus, DrainStrategy, DriverInfo, HostVolume, LastDrain, Node, NodeDevice,
    NodeDeviceInstance, NodeEligibility, NodeEvent, NodeNetwork, NodeResources, NodeStatus,
    ReservedResources,
};
pub use plan::{DesiredUpdates, Plan, PlanAnnotations, PlanResult, StopAlloc};
pub use ports::{PORTS, parse_ports};
pub use release::Release;
pub use task_state::{Details, Ends, TaskEnds, TaskEvent, TaskPhase, TaskState, Told};

// The same unit tests run as wasm: see CONTRIBUTING.md.
#[cfg(all(test, target_arch = "wasm32"))]
#[macro_use]
extern crate yurt_everywhere;

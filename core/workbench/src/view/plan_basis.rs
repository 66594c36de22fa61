//! What a plan rests on: while it is the same, the plan still holds.

use yurt_model::{AllocId, JobKey, NodeId};
use yurt_state::Store;

/// What of the cluster decided about a plan. That a task becomes healthy is not among it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanBasis {
    job: Option<(u64, bool)>,
    nodes: Vec<(NodeId, bool)>,
    allocations: Vec<(AllocId, bool)>,
}

/// What a plan of the job would rest on now.
pub fn plan_basis(store: &Store, key: &JobKey) -> PlanBasis {
    PlanBasis {
        job: store.job(key).map(|job| (job.job_modify_index, job.stop)),
        nodes: store
            .nodes()
            .map(|node| (node.id, node.is_ready()))
            .collect(),
        allocations: store
            .allocs()
            .filter(|alloc| !alloc.is_terminal())
            .map(|alloc| (alloc.id, alloc.job_id == key.id))
            .collect(),
    }
}

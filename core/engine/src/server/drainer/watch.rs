//! What a job's groups allow while some of their nodes are being drained (spec: scheduling 17.3).

use std::collections::BTreeSet;

use yurt_model::{AllocId, Allocation, Index, Job, JobType, NodeId, TaskGroup, math::how_many};
use yurt_state::Store;

/// What one look at a group finds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Findings {
    /// Allocations that may move now.
    pub(super) may_move: Vec<AllocId>,
    /// Nodes on which an allocation has ended since the last look.
    pub(super) left: BTreeSet<NodeId>,
    /// Something still runs on a draining node.
    pub(super) goes_on: bool,
}

/// Looks at a job; `seen` is the write up to which it was looked at before. Groups that move when
/// the drainer says so are those with a migrate block; batch groups are only followed, and jobs
/// that run on every node are not looked at.
pub(super) fn look(store: &Store, job: &Job, draining: &BTreeSet<NodeId>, seen: Index) -> Findings {
    let mut found = Findings::default();
    for group in &job.spec.groups {
        let is_batch = job.spec.kind == JobType::Batch;
        if is_batch || (job.spec.kind == JobType::Service && group.migrate.is_some()) {
            look_at_group(store, job, group, draining, seen, &mut found);
        }
    }
    found
}

fn look_at_group(
    store: &Store,
    job: &Job,
    group: &TaskGroup,
    draining: &BTreeSet<NodeId>,
    seen: Index,
    found: &mut Findings,
) {
    let mut healthy = 0_i64;
    let mut candidates: Vec<AllocId> = Vec::new();
    let key = job.key();
    let allocs = store.allocs_of_job(&key);
    for alloc in allocs.filter(|alloc| alloc.group == group.name) {
        let is_moving = alloc.desired_transition.should_migrate();
        if is_counted(alloc) && !is_moving {
            healthy += 1;
        }
        if !draining.contains(&alloc.node_id) {
            continue;
        }
        if alloc.is_client_terminal() {
            if alloc.modify_index > seen {
                found.left.insert(alloc.node_id);
            }
        } else {
            found.goes_on = true;
            if !is_moving {
                candidates.push(alloc.id);
            }
        }
    }
    let Some(migrate) = group
        .migrate
        .as_ref()
        .filter(|_| job.spec.kind == JobType::Service)
    else {
        return; // Batch work is left alone until the deadline.
    };
    let most = healthy.saturating_sub(group.count.saturating_sub(migrate.max_parallel));
    let most = candidates.into_iter().take(how_many(most));
    found.may_move.extend(most);
}

/// A verdict counts, whatever it is (spec: scheduling 23.33).
fn is_counted(alloc: &Allocation) -> bool {
    !alloc.is_terminal() && alloc.has_health()
}

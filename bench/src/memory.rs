//! What allocations weigh: clusters that hold many, for `yurt-weigh` to weigh.

use std::any::Any;

use crate::rolling;
use crate::scheduling::{Case, World};

/// What is held while it is weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// The plan of a scheduler: allocations as they enter the store.
    Placed,
    /// A cluster that has brought them up: store, clients, events and timers.
    Running,
    /// A cluster in which each came up at moments of its own: nothing of what happened is shared.
    Single,
}

/// All of them.
pub const WORKLOADS: [Workload; 3] = [Workload::Placed, Workload::Running, Workload::Single];

/// Among how many jobs those are that came up singly: one after the other they would take days.
const JOBS: u32 = 12;

/// Nodes of the clusters; room for twelve thousand allocations of either kind.
const NODES: usize = 15_000;

impl Workload {
    /// As the table names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Placed => "placed allocations",
            Self::Running => "running allocations, all that a cluster keeps of them",
            Self::Single => "the same, each updated alone: with its own moments and evaluation",
        }
    }
}

/// Something that holds this many allocations, and what all of them share.
pub fn held(workload: Workload, count: u32) -> Box<dyn Any> {
    match workload {
        Workload::Placed => {
            let world = World::new(Case {
                nodes: NODES,
                allocations: count,
                spread: false,
            });
            let plan = world.plan();
            assert_eq!(plan.allocations.len(), count as usize);
            Box::new((world, plan))
        }
        Workload::Running => Box::new(rolling::deployed(count, NODES / 10)),
        Workload::Single => Box::new(rolling::updated_singly(count, JOBS, NODES / 10)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_weighed_holds_what_it_says() {
        for workload in [Workload::Running, Workload::Single] {
            let held = held(workload, 24);
            let cluster = held.downcast_ref::<yurt_engine::Cluster>();
            let cluster = cluster.expect("a cluster");
            assert_eq!(cluster.store().alloc_count(), 24);
            let healthy = cluster.store().allocs().filter(|alloc| alloc.is_healthy());
            assert_eq!(healthy.count(), 24);
        }
    }
}

//! Preemption: making room by evicting less important allocations (spec: scheduling 11).
//!
//! Belongs here: who may be evicted, and the cheapest set that makes room; one file for each thing
//! that can be short. Not here: when it is tried (`place`, `system`) and how the node then ranks
//! (`rank`). May import: `feasible::device`, `feasible::network`, `fit`, `rank::offer`,
//! `stack::proposed`.

mod devices;
mod ports;
mod room;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::rc::Rc;

use yurt_model::{
    AllocatedResources, Allocation, InOrder, JobKey, Name, Node, Rng, TaskGroup, math,
};
use yurt_state::Store;

use crate::fit::{Dimension, Sum};
use crate::rank::offer::{Offer, offer};
use crate::resources::GroupNeeds;
use crate::stack::proposed::NodeUsage;

/// How much more important a job must be than one that it evicts (spec: scheduling 11.2).
const PRIORITY_DELTA_MIN: i64 = 10;
/// What each allocation beyond a group's `migrate.max_parallel` costs (spec: scheduling 11.3).
const MIGRATE_PENALTY: f64 = 50.0;
/// Steepness and middle of the curve of [`score`] (spec: scheduling 9.2).
const SCORE_RATE: f64 = 0.0048;
const SCORE_ORIGIN: f64 = 2048.0;

/// How many allocations of each group the plan evicts already.
pub(crate) type Evicted = BTreeMap<(JobKey, Name), i64>;

/// Who needs the room.
#[derive(Clone, Copy)]
pub(crate) struct Asker<'p> {
    /// The job's priority. It never evicts its own allocations.
    pub priority: i64,
    /// What the plan evicts already.
    pub evicted: &'p Evicted,
}

/// An allocation of another job on the node.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    alloc: &'a Rc<Allocation>,
    priority: i64,
    /// It may go; the others only stand in the way.
    is_evictable: bool,
    /// Added to its distance, when its group has lost too many already.
    penalty: f64,
}

impl<'a> Candidate<'a> {
    fn new(alloc: &'a Rc<Allocation>, asker: Asker<'_>) -> Self {
        let priority = alloc.job.spec.priority;
        let group = alloc.task_group();
        let most = group.and_then(|group| group.migrate.as_ref());
        let most = most.map_or(0, |migrate| migrate.max_parallel);
        let already = if most > 0 && !asker.evicted.is_empty() {
            let key = (alloc.job_key(), alloc.group.clone());
            asker.evicted.get(&key).copied().unwrap_or(0)
        } else {
            0
        };
        let beyond = if most > 0 && already >= most {
            already + 1 - most
        } else {
            0
        };
        Self {
            alloc,
            priority,
            is_evictable: asker.priority - priority >= PRIORITY_DELTA_MIN,
            penalty: beyond as f64 * MIGRATE_PENALTY,
        }
    }

    fn resources(&self) -> &'a AllocatedResources {
        &self.alloc.resources
    }
}

/// The other jobs' allocations on a node, those of lowest priority first.
fn candidates<'a>(store: &'a Store, usage: &NodeUsage, asker: Asker<'_>) -> Vec<Candidate<'a>> {
    let mut list: Vec<Candidate<'a>> = usage
        .tenants
        .iter()
        .filter(|tenant| !tenant.is_ours())
        .filter_map(|tenant| store.alloc(tenant.id))
        .map(|alloc| Candidate::new(alloc, asker))
        .collect();
    // Stable, so that the node's order decides among equals.
    list.put_in_order_by_key(|candidate| candidate.priority);
    list
}

/// What a node would give if some allocations went, and these; `Err` with what stays short.
pub(crate) fn offer_evicting<'a>(
    node: &Node,
    store: &'a Store,
    usage: &mut NodeUsage,
    (group, needs): (&TaskGroup, &GroupNeeds),
    rng: &mut Rng,
    asker: Asker<'_>,
) -> Result<(Offer, Vec<&'a Rc<Allocation>>), Dimension> {
    let mut victims: Vec<&'a Rc<Allocation>> = Vec::new();
    // The node without those that have to go; made only when some have.
    let mut rest: Option<NodeUsage> = None;
    let mut crowd = Sum::default();
    // What is told when it does not help: of room, what was short at first.
    let mut told: Option<Dimension> = None;
    loop {
        let current = rest.as_mut().unwrap_or(usage);
        let short = match offer(node, current, group, needs, rng) {
            Ok(mut offer) => {
                // The score counts those that make room as if they stayed (spec: scheduling 9.3).
                offer.total.merge(&crowd);
                return Ok((offer, victims));
            }
            Err(short) => short,
        };
        let is_room = matches!(short, Dimension::Cpu | Dimension::Memory | Dimension::Disk);
        let all = candidates(store, current, asker);
        if !all.iter().any(|candidate| candidate.is_evictable) {
            return Err(told.filter(|_| is_room).unwrap_or(short));
        }
        let more = match &short {
            Dimension::Network(_) => ports::victims(node, group, &all),
            Dimension::Devices(_) => devices::victims(node, group, &all),
            _ if is_room => room::victims(node, needs.asked_of(node, group), &all),
            _ => Vec::new(),
        };
        if more.is_empty() {
            return Err(told.filter(|_| is_room).unwrap_or(short));
        }
        if is_room {
            told.get_or_insert(short);
        }
        let mut next = current.clone();
        for victim in &more {
            next.remove(victim.id);
            if is_room {
                crowd.add(&victim.resources);
            }
        }
        victims.extend(more);
        rest = Some(next);
    }
}

/// How good it is to evict these: near 1 for few of low priority (spec: scheduling 9.2).
pub(crate) fn score(victims: &[&Rc<Allocation>]) -> Option<f64> {
    let priorities = victims.iter().map(|alloc| alloc.job.spec.priority);
    let highest = priorities.clone().max()?.max(1) as f64;
    let sum = priorities.sum::<i64>() as f64;
    let weight = highest + sum / highest;
    Some(1.0 / (1.0 + math::exp(SCORE_RATE * (weight - SCORE_ORIGIN))))
}

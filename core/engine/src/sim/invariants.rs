//! What must hold after every drain. A violation is a bug of ours, never of the person who plays.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use yurt_model::{AllocId, Allocation, Deployment, JobKey, Name, Node};
use yurt_scheduler::node_fit;
use yurt_state::Store;

/// Something that must never be, found in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which invariant.
    pub rule: &'static str,
    /// What was seen.
    pub seen: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.seen)
    }
}

/// Looks for violations of every invariant.
pub fn check(store: &Store) -> Vec<Violation> {
    let mut found = Vec::new();
    store
        .nodes()
        .for_each(|node| nodes_hold_what_fits(store, node, &mut found));
    for job in store.jobs() {
        one_deployment_is_active(store, &job.key(), &mut found);
        counts_match_allocations(store, &job.key(), &mut found);
    }
    store
        .deployments()
        .for_each(|d| counters_are_possible(store, d, &mut found));
    store
        .allocs()
        .for_each(|alloc| links_point_back(store, alloc, &mut found));
    found
}

fn violated(found: &mut Vec<Violation>, rule: &'static str, seen: String) {
    found.push(Violation { rule, seen });
}

/// No node holds more than it has: plan apply checks every placement.
fn nodes_hold_what_fits(store: &Store, node: &Node, found: &mut Vec<Violation>) {
    let live = store
        .allocs_of_node(node.id)
        .filter(|alloc| !alloc.is_terminal());
    if let Err(dimension) = node_fit(node, live.map(|alloc| &**alloc)) {
        let seen = format!("{} is over its {dimension}", node.name);
        violated(found, "a node holds no more than it has", seen);
    }
}

/// A newer deployment cancels the one before it in the evaluation that makes it.
fn one_deployment_is_active(store: &Store, key: &JobKey, found: &mut Vec<Violation>) {
    let active = store
        .deployments_of_job(key)
        .filter(|d| d.is_active())
        .count();
    if active > 1 {
        let seen = format!("{} has {active}", key.id);
        violated(found, "at most one deployment of a job is active", seen);
    }
}

/// The counts that fall as well as rise are those of the allocations themselves.
fn counts_match_allocations(store: &Store, key: &JobKey, found: &mut Vec<Violation>) {
    let (Some(job), Some(summary)) = (store.job(key), store.job_summary(key)) else {
        return;
    };
    let mut running: BTreeMap<Name, i64> = BTreeMap::new();
    for alloc in store.allocs_of_job(key) {
        if alloc.job.create_index == job.create_index
            && alloc.client_status == yurt_model::AllocClientStatus::Running
        {
            *running.entry(alloc.group.clone()).or_default() += 1;
        }
    }
    for (group, counts) in &summary.groups {
        let seen = running.get(group).copied().unwrap_or(0);
        if counts.running != seen {
            let text = format!(
                "{}.{group} counts {} and has {seen}",
                key.id, counts.running
            );
            violated(found, "a summary counts the running allocations", text);
        }
    }
}

/// Health is only counted of what was placed; unpromoted live canaries are at most those asked for.
fn counters_are_possible(store: &Store, deployment: &Deployment, found: &mut Vec<Violation>) {
    for group in &deployment.groups {
        let name = format!("{} {}", deployment.id.short(), group.name);
        if group.healthy_allocs + group.unhealthy_allocs > group.placed_allocs {
            let seen = format!(
                "{name}: {} healthy, {} unhealthy of {}",
                group.healthy_allocs, group.unhealthy_allocs, group.placed_allocs
            );
            violated(
                found,
                "a deployment counts the health of placed allocations alone",
                seen,
            );
        }
        let live: BTreeSet<AllocId> = group
            .placed_canaries
            .iter()
            .filter_map(|id| store.alloc(*id))
            .filter(|alloc| !alloc.is_terminal() && alloc.is_canary())
            .map(|alloc| first_of_line(store, alloc))
            .collect();
        let live = live.len();
        if i64::try_from(live).unwrap_or(i64::MAX) > group.desired_canaries {
            let seen = format!("{name}: {live} of {}", group.desired_canaries);
            violated(found, "no more canaries live than were asked for", seen);
        }
    }
}

/// The allocation at the head of a line of replacements. A failed canary may be replaced twice at
/// once when another allocation is lost in the same moment (spec: deployments 33.36), and an
/// unknown one lives beside its replacement: each line counts once.
fn first_of_line(store: &Store, alloc: &Allocation) -> AllocId {
    let mut first = alloc.id;
    let mut before = alloc.previous_allocation;
    for _ in 0..store.alloc_count() {
        match before
            .and_then(|id| store.alloc(id))
            .filter(|old| old.is_canary())
        {
            Some(old) => {
                first = old.id;
                before = old.previous_allocation;
            }
            None => break,
        }
    }
    first
}

/// An allocation that replaced another is the one that the other names, unless that was collected
/// or has been replaced again.
fn links_point_back(store: &Store, alloc: &Allocation, found: &mut Vec<Violation>) {
    let Some(next) = alloc.next_allocation.and_then(|id| store.alloc(id)) else {
        return;
    };
    if next.previous_allocation != Some(alloc.id) {
        let seen = format!("{} names {}", alloc.id.short(), next.id.short());
        violated(found, "the next allocation names the one before it", seen);
    }
}

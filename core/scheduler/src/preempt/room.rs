//! Who goes when processor, memory or disk is short (spec: scheduling 11.3).

use std::rc::Rc;

use yurt_model::{Allocation, InOrder, Node};

use super::Candidate;
use crate::fit::Sum;

/// How far an allocation is from what is needed; 0 is a perfect match. What is not needed does not
/// count.
pub(super) fn distance(need: &Sum, has: &Sum) -> f64 {
    let part = |need: i64, has: i64| {
        if need > 0 {
            let share = (need - has) as f64 / need as f64;
            share * share
        } else {
            0.0
        }
    };
    let parts = part(need.memory_mb, has.memory_mb)
        + part(need.cpu_mhz, has.cpu_mhz)
        + part(need.disk_mb, has.disk_mb);
    parts.sqrt()
}

/// The cheapest set of `all` (lowest priority first) whose room, with what is free, covers `ask`;
/// empty when there is none.
pub(super) fn victims<'a>(node: &Node, ask: Sum, all: &[Candidate<'a>]) -> Vec<&'a Rc<Allocation>> {
    let mut free = Sum::of_node(node);
    for candidate in all {
        free.subtract(candidate.resources());
    }
    let mut evictable: Vec<Candidate<'a>> =
        all.iter().filter(|one| one.is_evictable).copied().collect();
    let mut picked: Vec<Candidate<'a>> = Vec::new();
    let (mut room, mut need) = (free, ask);
    // The job's own allocations are not counted, so there may seem to be room before anyone goes.
    while picked.is_empty() || !room.covers(&ask) {
        let Some(priority) = evictable.first().map(|one| one.priority) else {
            return Vec::new();
        };
        let mut best: Option<(usize, f64)> = None;
        let equals = evictable.iter().take_while(|one| one.priority == priority);
        for (i, one) in equals.enumerate() {
            let cost = distance(&need, &Sum::of(one.resources())) + one.penalty;
            if best.is_none_or(|(_, least)| cost < least) {
                best = Some((i, cost));
            }
        }
        let (i, _) = best.expect("the first has its own priority");
        let one = evictable.remove(i);
        room.add(one.resources());
        need.subtract(one.resources());
        picked.push(one);
    }
    prune(free, ask, picked)
}

/// Those of the picks that are enough, the ones that match worst first: they give the most.
fn prune<'a>(free: Sum, ask: Sum, mut picked: Vec<Candidate<'a>>) -> Vec<&'a Rc<Allocation>> {
    let far = |one: &Candidate<'_>| distance(&ask, &Sum::of(one.resources()));
    picked.put_in_order_by(|left, right| far(right).total_cmp(&far(left)));
    let mut room = free;
    let mut kept = Vec::new();
    for one in picked {
        room.add(one.resources());
        kept.push(one.alloc);
        if room.covers(&ask) {
            break;
        }
    }
    kept
}

//! Rules about allocations.

use std::rc::Rc;

use yurt_model::job::JobType;
use yurt_model::{AllocClientStatus, AllocDesiredStatus, Allocation, TaskPhase};
use yurt_state::Store;

use super::{Check, Rule, Seen};

/// By how much a job must be more important than what makes room for it (spec: scheduling 11.2).
const PREEMPTION_DIFFERENCE: i64 = 10;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "the next allocation names the one before it",
        because: "Replacing writes both ends of the link.",
        check: Check::Always(|store, seen| each(store, seen, link_points_back)),
    },
    Rule {
        name: "an allocation is of a group of its job version",
        because: "Schedulers place groups of the version that they hand out.",
        check: Check::Always(|store, seen| each(store, seen, group_exists)),
    },
    Rule {
        name: "an allocation that is not over is on a node that exists",
        because: "Nodes with allocations that may go on are not forgotten.",
        check: Check::Always(|store, seen| each(store, seen, node_exists)),
    },
    Rule {
        name: "a placed allocation is in a datacenter and a pool of its job",
        because: "Both are checked before any other constraint.",
        check: Check::Always(|store, seen| each(store, seen, node_is_allowed)),
    },
    Rule {
        name: "an allocation's deployment is one of its job",
        because: "A deployment belongs to one job for ever.",
        check: Check::Always(|store, seen| each(store, seen, deployment_is_own)),
    },
    Rule {
        name: "a follow-up is an evaluation of the same job",
        because: "It is made in the plan that delays the allocation.",
        check: Check::Always(|store, seen| each(store, seen, follow_up_is_own)),
    },
    Rule {
        name: "what was preempted is evicted",
        because: "Preemption is the only reason to evict, and what ends such an allocation once \
                  more is its node, or a newer version of a job that runs once on each node.",
        check: Check::Always(|store, seen| each(store, seen, preempted_is_evicted)),
    },
    Rule {
        name: "only the less important makes room, and where that is allowed",
        because: "Allocations of other jobs whose priority is at least ten lower may be preempted, \
                  for types of jobs whose flag is on (spec: scheduling 11.1, 11.2).",
        check: Check::Step(preemption_is_allowed),
    },
    Rule {
        name: "no task of an ended allocation runs, unless another has failed",
        because: "An allocation is complete when its last task is over. It has failed as soon as \
                  one of them has; the others are told to stop then, and what cleans up runs.",
        check: Check::Always(|store, seen| each(store, seen, ended_has_no_running_task)),
    },
    Rule {
        name: "an allocation's own indexes are in order",
        because: "Every write has a higher index than the one before it.",
        check: Check::Always(|store, seen| each(store, seen, indexes_are_in_order)),
    },
    Rule {
        name: "what servers have stopped stays stopped",
        because: "Only a new allocation takes its place.",
        check: Check::Step(|before, after, seen| changed(before, after, seen, stays_stopped)),
    },
    Rule {
        name: "what has ended on its client stays ended",
        because: "Tasks that are dead are not started again in the same allocation.",
        check: Check::Step(|before, after, seen| changed(before, after, seen, stays_ended)),
    },
    Rule {
        name: "an allocation never moves or changes its name",
        because: "Another node or name is another allocation.",
        check: Check::Step(|before, after, seen| changed(before, after, seen, stays_itself)),
    },
    Rule {
        name: "an allocation's job version never falls",
        because: "Updates in place go to newer versions only; going back is a newer version too.",
        check: Check::Step(|before, after, seen| changed(before, after, seen, version_rises)),
    },
];

fn each(store: &Store, seen: &mut Seen<'_>, rule: fn(&Store, &Allocation) -> Option<String>) {
    for alloc in store.allocs() {
        if let Some(what) = rule(store, alloc) {
            seen.note(format!("{} {}: {what}", alloc.id.short(), alloc.name()));
        }
    }
}

fn changed(
    before: &Store,
    after: &Store,
    seen: &mut Seen<'_>,
    rule: fn(&Allocation, &Allocation) -> Option<String>,
) {
    for new in after.allocs() {
        let old = before.alloc(new.id);
        if let Some(old) = old.filter(|old| !Rc::ptr_eq(old, new))
            && let Some(what) = rule(old, new)
        {
            seen.note(format!("{} {}: {what}", new.id.short(), new.name()));
        }
    }
}

fn link_points_back(store: &Store, alloc: &Allocation) -> Option<String> {
    let next = alloc.links.next_allocation.and_then(|id| store.alloc(id))?;
    (next.links.previous_allocation != Some(alloc.id)).then(|| format!("names {}", next.id.short()))
}

fn group_exists(_: &Store, alloc: &Allocation) -> Option<String> {
    alloc
        .task_group()
        .is_none()
        .then(|| format!("version {} has no such group", alloc.job.version))
}

fn node_exists(store: &Store, alloc: &Allocation) -> Option<String> {
    let is_there = alloc.is_terminal() || store.node(alloc.node_id).is_some();
    (!is_there).then(|| format!("node {} is unknown", alloc.node_id.short()))
}

fn node_is_allowed(store: &Store, alloc: &Allocation) -> Option<String> {
    let node = store.node(alloc.node_id)?;
    let spec = &alloc.job.spec;
    if &*spec.node_pool != "all" && spec.node_pool != node.node_pool {
        return Some(format!("{} is in the pool {}", node.name, node.node_pool));
    }
    // Globs are the scheduler's own matter; plain names must be equal.
    let is_named = spec
        .datacenters
        .iter()
        .any(|name| name.contains(['*', '?', '[']) || *name == node.datacenter);
    (!is_named).then(|| format!("{} is in {}", node.name, node.datacenter))
}

fn deployment_is_own(store: &Store, alloc: &Allocation) -> Option<String> {
    let deployment = store.deployment(alloc.deployment_id?)?;
    (deployment.job_key() != alloc.job_key()).then(|| {
        format!(
            "deployment {} is of {}",
            deployment.id.short(),
            deployment.job_id
        )
    })
}

fn follow_up_is_own(store: &Store, alloc: &Allocation) -> Option<String> {
    let eval = store.eval(alloc.links.follow_up_eval?)?;
    (eval.job_id != alloc.job_id)
        .then(|| format!("evaluation {} is of {}", eval.id.short(), eval.job_id))
}

/// Evicted allocations are stopped again in three cases: as lost, when their node goes before they
/// have ended (spec: deployments 5, scheduling 12.1); when a newer version of a sysbatch job takes
/// the place of what has ended of an older one (spec: scheduling 14.2); and when they were away:
/// what is not wanted any more is told so when it is back (spec: deployments 18.2).
fn preempted_is_evicted(_: &Store, alloc: &Allocation) -> Option<String> {
    // What was lost may be told to be over when its node speaks again.
    let was_lost = alloc.desired_description.starts_with("alloc is lost");
    let may_stop = alloc.client_status == AllocClientStatus::Lost
        || was_lost
        || alloc.was_unknown()
        || alloc.job.spec.kind == JobType::Sysbatch;
    match (alloc.links.preempted_by, alloc.desired_status) {
        (Some(_), AllocDesiredStatus::Run) => Some("preempted and wanted".into()),
        (Some(_), AllocDesiredStatus::Stop) if !may_stop => Some(format!(
            "preempted, then stopped: {}",
            alloc.desired_description
        )),
        (None, AllocDesiredStatus::Evict) => Some("evicted by nobody".into()),
        _ => None,
    }
}

/// The flag may be turned between two looks: either way will do.
fn preemption_is_allowed(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    for alloc in after.allocs() {
        let by = alloc.links.preempted_by.and_then(|id| after.alloc(id));
        let was = before.alloc(alloc.id);
        let is_new = was.is_none_or(|was| was.links.preempted_by.is_none());
        let Some(by) = by.filter(|_| is_new) else {
            continue;
        };
        let kind = by.job.spec.kind;
        let difference = by.job.spec.priority - alloc.job.spec.priority;
        let stores = [before, after];
        let is_allowed =
            stores.map(|store| store.scheduler_configuration().preemption.allows(kind));
        if difference < PREEMPTION_DIFFERENCE
            || !is_allowed.contains(&true)
            || alloc.job_key() == by.job_key()
            || alloc.node_id != by.node_id
        {
            let (id, name, other) = (alloc.id.short(), alloc.name(), by.name());
            seen.note(format!("{id} {name} by {other}, of a {kind}, {difference}"));
        }
    }
}

fn ended_has_no_running_task(_: &Store, alloc: &Allocation) -> Option<String> {
    let is_over = matches!(
        alloc.client_status,
        AllocClientStatus::Complete | AllocClientStatus::Failed
    );
    let mut tasks = alloc.task_states.iter();
    let may_run = tasks.any(|task| task.phase == TaskPhase::Dead && task.failed);
    let running = alloc
        .task_states
        .iter()
        .find(|task| task.phase == TaskPhase::Running)
        .filter(|_| is_over && !may_run)?;
    Some(format!("{} and {} runs", alloc.client_status, running.name))
}

fn indexes_are_in_order(store: &Store, alloc: &Allocation) -> Option<String> {
    let order = [
        alloc.create_index,
        alloc.alloc_modify_index,
        alloc.modify_index,
        store.index(),
    ];
    (!order.is_sorted()).then(|| format!("{order:?}"))
}

fn stays_stopped(old: &Allocation, new: &Allocation) -> Option<String> {
    (old.is_server_terminal() && !new.is_server_terminal())
        .then(|| format!("{} became {}", old.desired_status, new.desired_status))
}

fn stays_ended(old: &Allocation, new: &Allocation) -> Option<String> {
    let was_over = matches!(
        old.client_status,
        AllocClientStatus::Complete | AllocClientStatus::Failed
    );
    (was_over && !new.is_client_terminal())
        .then(|| format!("{} became {}", old.client_status, new.client_status))
}

fn stays_itself(old: &Allocation, new: &Allocation) -> Option<String> {
    let is_same = old.node_id == new.node_id
        && old.name_index == new.name_index
        && old.group == new.group
        && old.job_id == new.job_id
        && old.create_index == new.create_index;
    (!is_same).then(|| format!("was {} on {}", old.name(), old.node_name))
}

fn version_rises(old: &Allocation, new: &Allocation) -> Option<String> {
    (new.job.create_index == old.job.create_index && new.job.version < old.job.version)
        .then(|| format!("from {} to {}", old.job.version, new.job.version))
}

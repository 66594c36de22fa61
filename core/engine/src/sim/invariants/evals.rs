//! Rules about evaluations.

use std::collections::BTreeMap;
use std::rc::Rc;

use yurt_model::{EvalStatus, Evaluation, JobType};
use yurt_state::Store;

use super::{Check, Rule, Seen};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "at most one evaluation of a job is blocked",
        because: "An older one is a duplicate and is cancelled.",
        check: Check::Settled(one_is_blocked),
    },
    Rule {
        name: "a blocked evaluation has a job",
        because: "Stopping or purging a job cancels what waits for it.",
        check: Check::Settled(blocked_has_a_job),
    },
    Rule {
        name: "evaluations that name each other are of one job",
        because: "Blocked, next and previous ones are made on behalf of the same job.",
        check: Check::Always(links_are_of_one_job),
    },
    Rule {
        name: "an evaluation's indexes are in order",
        because: "Every write has a higher index than the one before it.",
        check: Check::Always(indexes_are_in_order),
    },
    Rule {
        name: "no evaluation is left in line",
        because: "The broker hands out one after the other until none is ready.",
        check: Check::Settled(none_is_left),
    },
    Rule {
        name: "an evaluation that has ended stays ended",
        because: "What is left to do is done by another one.",
        check: Check::Step(ended_stays),
    },
];

fn one_is_blocked(store: &Store, seen: &mut Seen<'_>) {
    let mut blocked: BTreeMap<_, u32> = BTreeMap::new();
    // Jobs on every node have a blocked evaluation for each node that is full.
    let waits =
        |eval: &&Rc<Evaluation>| eval.status == EvalStatus::Blocked && !eval.kind.is_per_node();
    for eval in store.evals().filter(waits) {
        if was_let_be(store, eval) {
            continue;
        }
        *blocked.entry((&eval.namespace, &eval.job_id)).or_default() += 1;
    }
    for ((_, job), count) in blocked.into_iter().filter(|(_, count)| *count > 1) {
        seen.note(format!("{job} has {count}"));
    }
}

/// When a job is stopped or purged, what waits for it is no longer tracked (spec: scheduling 4.7).
/// If the job is registered again before anybody has looked, it stays as it is until an evaluation
/// ends clean. Where versions since then are no longer kept, nobody knows.
fn was_let_be(store: &Store, eval: &Evaluation) -> bool {
    let versions = store.job_versions(&eval.job_key()).iter();
    let (later, earlier): (Vec<_>, Vec<_>) =
        versions.partition(|job| job.job_modify_index > eval.create_index);
    let Some(then) = earlier.iter().map(|job| job.version).max() else {
        return true;
    };
    let is_whole = (1..)
        .zip(later.iter().rev())
        .all(|(n, job)| job.version == then + n);
    !is_whole || later.iter().any(|job| job.stop)
}

fn blocked_has_a_job(store: &Store, seen: &mut Seen<'_>) {
    for eval in store.evals() {
        if eval.status == EvalStatus::Blocked && store.job(&eval.job_key()).is_none() {
            seen.note(format!("{} waits for {}", eval.id.short(), eval.job_id));
        }
    }
}

fn links_are_of_one_job(store: &Store, seen: &mut Seen<'_>) {
    for eval in store.evals() {
        for other in [eval.next_eval, eval.previous_eval, eval.blocked_eval] {
            let other = other.and_then(|id| store.eval(id));
            if let Some(other) = other.filter(|other| other.job_id != eval.job_id) {
                let (id, job) = (eval.id.short(), &other.job_id);
                seen.note(format!("{id} of {} names one of {job}", eval.job_id));
            }
        }
    }
}

fn indexes_are_in_order(store: &Store, seen: &mut Seen<'_>) {
    for eval in store.evals() {
        let order = [eval.create_index, eval.modify_index, store.index()];
        if !order.is_sorted() {
            seen.note(format!("{}: {order:?}", eval.id.short()));
        }
    }
}

fn none_is_left(store: &Store, seen: &mut Seen<'_>) {
    for eval in store.evals() {
        if eval.status == EvalStatus::Pending && eval.wait_until.is_none() {
            let (id, why) = (eval.id.short(), eval.triggered_by);
            seen.note(format!("{id} of {}, made for {why}", eval.job_id));
        }
    }
}

fn ended_stays(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    for new in after.evals() {
        let Some(old) = before.eval(new.id).filter(|old| !Rc::ptr_eq(old, new)) else {
            continue;
        };
        // A system job's duplicate runs when its own node opens (spec: scheduling 4.1).
        let may_run = old.status == EvalStatus::Canceled
            && old.kind == JobType::System
            && old.node_id.is_some();
        if old.status.is_terminal() && old.status != new.status && !may_run {
            let id = new.id.short();
            seen.note(format!("{id}: {} became {}", old.status, new.status));
        }
    }
}

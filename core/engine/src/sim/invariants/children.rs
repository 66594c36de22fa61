//! Rules about parents and the jobs that they start: by dispatch, and by the clock.

use std::collections::BTreeSet;
use std::rc::Rc;

use yurt_model::{Job, JobStatus, Time};
use yurt_state::Store;

use super::{Check, Rule, Seen};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "a child is named after its parent and what started it",
        because: "Its id is the parent's, then `dispatch-` or `periodic-` and what makes it the \
                  only one (spec: scheduling 18, 19).",
        check: Check::Always(names_tell),
    },
    Rule {
        name: "a token starts one child",
        because: "A token that a child of the parent has answers with that child (spec: \
                  scheduling 19).",
        check: Check::Always(tokens_are_used_once),
    },
    Rule {
        name: "a job that starts others has no allocations of its own",
        because: "It has no evaluations; its children have (spec: scheduling 19).",
        check: Check::Always(parents_run_nothing),
    },
    Rule {
        name: "a dispatched child was given what its parent asks for",
        because: "Payload and meta are checked before anything is made (spec: scheduling 19).",
        check: Check::Step(|before, after, seen| each_new(before, after, seen, has_what_is_asked)),
    },
    Rule {
        name: "the clock launches nothing beside what runs where overlaps are prohibited",
        because: "A launch is skipped while a child has an evaluation or an allocation that is \
                  not over; only a forced one is not (spec: scheduling 18).",
        check: Check::Step(|before, after, seen| each_new(before, after, seen, nothing_overlaps)),
    },
    Rule {
        name: "a parent counts its children",
        because: "The counts are kept in the writes that change a child's status.",
        check: Check::Step(counts_stay_right),
    },
];

fn names_tell(store: &Store, seen: &mut Seen<'_>) {
    for job in store.jobs() {
        let Some(parent) = &job.parent else { continue };
        let id = job.id().as_str();
        let rest = id.strip_prefix(parent.as_str());
        let rest = rest.and_then(|rest| rest.strip_prefix('/')).unwrap_or("");
        // What a dispatched job with a schedule launches is dispatched too.
        let by_clock = rest.starts_with("periodic-");
        let by_dispatch = job.dispatched && rest.starts_with("dispatch-");
        if !by_clock && !by_dispatch {
            seen.note(format!("{id} is a child of {parent}"));
        }
    }
}

fn tokens_are_used_once(store: &Store, seen: &mut Seen<'_>) {
    let mut used = BTreeSet::new();
    for job in store.jobs() {
        if let (Some(token), Some(parent)) = (&job.dispatch_token, &job.parent)
            && !job.id().as_str().contains("/periodic-")
            && !used.insert((&job.spec.namespace, parent, token))
        {
            seen.note(format!("{token} of {parent} has started {}", job.id()));
        }
    }
}

fn parents_run_nothing(store: &Store, seen: &mut Seen<'_>) {
    for alloc in store.allocs() {
        if alloc.job.is_parent() {
            seen.note(format!("{} {}", alloc.id.short(), alloc.name()));
        }
    }
}

/// Children that a step has made, with their parents as they are now.
fn each_new(
    before: &Store,
    after: &Store,
    seen: &mut Seen<'_>,
    rule: fn(&Store, &Job, &Job) -> Option<String>,
) {
    for child in after.jobs() {
        let parent = child.parent_key().and_then(|key| after.job(&key));
        let is_new = |child: &Job| before.index() < child.create_index && child.version == 0;
        if let Some(parent) = parent.filter(|_| is_new(child))
            && let Some(what) = rule(after, parent, child)
        {
            seen.note(format!("{}: {what}", child.id()));
        }
    }
}

/// The child keeps its parent's rules, so that one can see what was asked of it.
fn has_what_is_asked(_: &Store, parent: &Job, child: &Job) -> Option<String> {
    let rules = child.spec.parameterized.as_ref();
    let rules = rules.filter(|_| child.dispatched && parent.is_parameterized())?;
    let meta = &child.spec.meta;
    let is_given = |name: &&yurt_model::Name| meta.iter().any(|(key, _)| key == *name);
    if let Some(missing) = rules.meta_required.iter().find(|name| !is_given(name)) {
        return Some(format!("{missing} is not given"));
    }
    let mut of_parent = parent.spec.meta.iter();
    if let Some((lost, _)) = of_parent.find(|(key, _)| !is_given(&key)) {
        return Some(format!("{lost} of its parent is lost"));
    }
    let has_payload = child
        .payload
        .as_ref()
        .is_some_and(|bytes| !bytes.is_empty());
    match (&*rules.payload, has_payload) {
        ("required", false) => Some("has no payload".into()),
        ("forbidden", true) => Some("has a payload".into()),
        _ => None,
    }
}

/// A launch by the clock is written at the very instant that the schedule names; people are not
/// that exact.
fn nothing_overlaps(store: &Store, parent: &Job, child: &Job) -> Option<String> {
    let schedule = parent.spec.periodic.as_ref()?;
    let just_before = Time(child.submit_time.0 - 1);
    // A parent that was written since is no witness.
    let is_witness = schedule.prohibit_overlap
        && parent.job_modify_index < child.create_index
        && schedule.next_launch(just_before) == Some(child.submit_time);
    if !is_witness {
        return None;
    }
    let was_there = |index: u64| index < child.create_index;
    let mut others = store
        .children_of(&parent.key())
        .filter(|other| other.id() != child.id() && was_there(other.create_index));
    let other = others.find(|other| {
        let key = other.key();
        let mut allocs = store.allocs_of_job(&key);
        let mut evals = store.evals_of_job(&key);
        allocs.any(|alloc| !alloc.is_terminal() && was_there(alloc.create_index))
            || evals.any(|eval| !eval.status.is_terminal() && was_there(eval.create_index))
    })?;
    Some(format!("{} was not over", other.id()))
}

/// How many children are pending, running and dead.
type Children = (u64, u64, u64);

/// What a parent's summary says of its children, and what they are. Nothing where some are
/// children of an earlier incarnation: those were never counted.
fn children(store: &Store, parent: &Job) -> Option<(Children, Children)> {
    let key = parent.key();
    let says = store.job_summary(&key)?.children?;
    let mut are = (0, 0, 0);
    for child in store.children_of(&key) {
        if child.create_index < parent.create_index {
            return None;
        }
        match child.status {
            JobStatus::Pending => are.0 += 1,
            JobStatus::Running => are.1 += 1,
            JobStatus::Dead => are.2 += 1,
        }
    }
    Some((says, are))
}

fn counts_stay_right(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    for parent in after.jobs().filter(|job| job.is_parent()) {
        let old = before.job(&parent.key());
        let old: Option<&Rc<Job>> = old.filter(|old| old.create_index == parent.create_index);
        let was_right =
            old.is_none_or(|old| children(before, old).is_some_and(|(says, are)| says == are));
        if let Some((says, are)) = children(after, parent).filter(|_| was_right)
            && says != are
        {
            seen.note(format!("{} says {says:?} and has {are:?}", parent.id()));
        }
    }
}

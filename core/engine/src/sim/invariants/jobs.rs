//! Rules about jobs, their versions and their counts.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use yurt_model::{
    AllocClientStatus, AllocDesiredStatus, EvalStatus, Gather, Job, JobStatus, JobType, Name,
    TaskGroup,
};
use yurt_state::Store;

use super::{Check, Rule, Seen};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "a summary counts the allocations that start, run or are unknown",
        because: "It is kept beside the allocations in the same writes.",
        check: Check::Always(summaries),
    },
    Rule {
        name: "versions of a job are listed newest first, each once",
        because: "A version is stored when it is registered and never written again but for marks.",
        check: Check::Always(versions_descend),
    },
    Rule {
        name: "the current job is the newest version",
        because: "Going back to an old version makes a new one.",
        check: Check::Always(current_is_newest),
    },
    Rule {
        name: "a dead job has nothing that lives",
        because: "A service's or batch's status follows from its allocations and evaluations.",
        check: Check::Always(dead_is_dead),
    },
    Rule {
        name: "a job's version never falls while it is known",
        because: "Every registration that changes something adds one.",
        check: Check::Step(version_rises),
    },
    Rule {
        name: "the store's index never falls",
        because: "It counts writes.",
        check: Check::Step(index_rises),
    },
    Rule {
        name: "a service that has settled runs what it asks for",
        because: "Either all is placed, or an evaluation waits for room, or a deployment holds.",
        check: Check::Settled(settled_is_whole),
    },
    Rule {
        name: "names of a settled service are used once",
        because: "A name is given again only when its allocation is replaced, canaries apart.",
        check: Check::Settled(names_are_used_once),
    },
];

fn summaries(store: &Store, seen: &mut Seen<'_>) {
    for job in store.jobs() {
        let key = job.key();
        let Some(summary) = store.job_summary(&key) else {
            continue;
        };
        // Of each group: those that start, run, and are unknown.
        let mut found: BTreeMap<Name, [i64; 3]> = BTreeMap::new();
        for alloc in store.allocs_of_job(&key) {
            let place = match alloc.client_status {
                AllocClientStatus::Pending => 0,
                AllocClientStatus::Running => 1,
                AllocClientStatus::Unknown => 2,
                _ => continue,
            };
            if alloc.job.create_index == job.create_index {
                found.entry(alloc.group.clone()).or_default()[place] += 1;
            }
        }
        for (group, counts) in &summary.groups {
            let has = found.get(group).copied().unwrap_or_default();
            let says = [counts.starting, counts.running, counts.unknown];
            if says != has {
                seen.note(format!(
                    "{}.{group} counts {says:?} and has {has:?}",
                    job.id()
                ));
            }
        }
    }
}

fn versions_descend(store: &Store, seen: &mut Seen<'_>) {
    for job in store.jobs() {
        let versions: Vec<u64> = store
            .job_versions(&job.key())
            .iter()
            .map(|job| job.version)
            .collect();
        if !versions.windows(2).all(|pair| pair[0] > pair[1]) {
            seen.note(format!("{}: {versions:?}", job.id()));
        }
    }
}

fn current_is_newest(store: &Store, seen: &mut Seen<'_>) {
    for job in store.jobs() {
        let newest = store.job_versions(&job.key()).first();
        if newest.is_none_or(|newest| newest.version != job.version) {
            seen.note(format!("{} is at {}", job.id(), job.version));
        }
    }
}

fn dead_is_dead(store: &Store, seen: &mut Seen<'_>) {
    // A system job is dead as soon as it is stopped.
    let is_dead = |job: &&Rc<Job>| {
        job.status == JobStatus::Dead && matches!(job.spec.kind, JobType::Service | JobType::Batch)
    };
    for job in store.jobs().filter(is_dead) {
        let lives = store
            .allocs_of_job(&job.key())
            .find(|alloc| !alloc.is_terminal());
        if let Some(alloc) = lives {
            seen.note(format!("{} has {}", job.id(), alloc.id.short()));
        }
    }
}

fn version_rises(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    for job in after.jobs() {
        let old = before.job(&job.key());
        if old.is_some_and(|old| old.create_index == job.create_index && old.version > job.version)
        {
            seen.note(format!("{} is at {}", job.id(), job.version));
        }
    }
}

fn index_rises(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    if after.index() < before.index() {
        seen.note(format!("from {} to {}", before.index(), after.index()));
    }
}

/// Services that nothing holds up: not stopped, nothing blocked or delayed, no deployment that
/// waits or was given up.
fn at_rest(store: &Store) -> impl Iterator<Item = &Job> {
    store.jobs().map(|job| &**job).filter(|job| {
        let key = job.key();
        let waits = store.evals_of_job(&key).any(|eval| {
            matches!(
                eval.status,
                EvalStatus::Blocked | EvalStatus::Pending | EvalStatus::Failed
            )
        });
        let latest = store.latest_deployment(&key);
        let holds = latest.is_some_and(|deployment| {
            deployment.is_active()
                || deployment.status == yurt_model::DeploymentStatus::Failed
                || deployment.job_version != job.version
        });
        // What failed too often is not replaced any more; and what is complete, as after
        // `stop_on_client_after`, brings no evaluation by itself (spec: scheduling 16.5).
        let gave_up = store.allocs_of_job(&key).any(|alloc| {
            let is_complete = alloc.client_status == AllocClientStatus::Complete
                && alloc.desired_status == AllocDesiredStatus::Run;
            let is_over = is_complete || alloc.client_status == AllocClientStatus::Failed;
            is_over && alloc.links.next_allocation.is_none()
        });
        job.spec.kind == JobType::Service
            && !job.stop
            && job.spec.periodic.is_none()
            && job.spec.parameterized.is_none()
            && !waits
            && !holds
            && !gave_up
    })
}

fn live_names(store: &Store, job: &Job, group: &TaskGroup) -> Vec<u32> {
    store
        .allocs_of_job(&job.key())
        .filter(|alloc| !alloc.is_terminal() && alloc.group == group.name)
        .map(|alloc| alloc.name_index)
        .collect()
}

fn settled_is_whole(store: &Store, seen: &mut Seen<'_>) {
    for job in at_rest(store) {
        for group in &job.spec.groups {
            let live = live_names(store, job, group).len();
            if i64::try_from(live).unwrap_or(i64::MAX) != group.count {
                seen.note(format!(
                    "{}.{} has {live} of {}",
                    job.id(),
                    group.name,
                    group.count
                ));
            }
        }
    }
}

/// A second round of canaries may repeat the names of the first (spec: deployments 11), and names
/// are given anew while their owners are away: jobs with canaries or unknown allocations are left
/// out.
fn names_are_used_once(store: &Store, seen: &mut Seen<'_>) {
    let has_canaries = |job: &Job| {
        let mut deployments = store.deployments_of_job(&job.key());
        deployments.any(|deployment| {
            let mut groups = deployment.groups.iter();
            groups.any(|group| group.desired_canaries > 0)
        })
    };
    let was_away = |job: &Job| {
        let mut allocs = store.allocs_of_job(&job.key());
        allocs.any(|alloc| alloc.was_unknown())
    };
    for job in at_rest(store).filter(|job| !has_canaries(job) && !was_away(job)) {
        for group in &job.spec.groups {
            let names = live_names(store, job, group);
            let once: BTreeSet<&u32> = names.iter().gather();
            if once.len() != names.len() {
                seen.note(format!("{}.{}: {names:?}", job.id(), group.name));
            }
        }
    }
}

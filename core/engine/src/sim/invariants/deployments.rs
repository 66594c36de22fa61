//! Rules about deployments.

use std::collections::BTreeSet;
use std::rc::Rc;

use yurt_model::job::JobType;
use yurt_model::math::how_many;
use yurt_model::{AllocId, Allocation, Deployment, DeploymentGroup, DeploymentStatus, NodeStatus};
use yurt_state::Store;

use super::{Check, Rule, Seen};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "at most one deployment of a job is active",
        because: "A newer one cancels the one before it in the evaluation that makes it.",
        check: Check::Always(one_is_active),
    },
    Rule {
        name: "a deployment counts the health of placed allocations alone",
        because: "Health is reported by allocations that the plan added to the deployment. A \
                  system job's group may join it after them.",
        check: Check::Always(|store, seen| each(store, seen, health_is_of_placed)),
    },
    Rule {
        name: "no more canaries live than were asked for",
        because: "Canaries are placed for those that are missing.",
        check: Check::Always(|store, seen| each(store, seen, canaries_are_few)),
    },
    Rule {
        name: "a deployment's canaries are its own allocations",
        because: "The plan that places a canary writes its id into the deployment.",
        check: Check::Always(|store, seen| each(store, seen, canaries_are_own)),
    },
    Rule {
        name: "a successful deployment is promoted where it had canaries",
        because: "Until then it waits, or fails. What was wanted is nothing any more where the \
                  nodes of a system job left before it was placed.",
        check: Check::Always(|store, seen| each(store, seen, success_is_promoted)),
    },
    Rule {
        name: "a successful deployment has seen the health of all that it wanted",
        because: "Success waits for it; a client may still withdraw what a person said.",
        check: Check::Always(|store, seen| each(store, seen, success_is_whole)),
    },
    Rule {
        name: "a deployment is of a version that its job had",
        because: "Versions only rise.",
        check: Check::Always(version_was_there),
    },
    Rule {
        name: "a deployment that has ended stays as it ended",
        because: "Only active ones can be promoted, failed or paused.",
        check: Check::Step(ended_stays),
    },
    Rule {
        name: "a deployment's counters never fall",
        because: "They count what happened, not what is.",
        check: Check::Step(counters_rise),
    },
    Rule {
        name: "what a deployment wants stays as it was made",
        because: "The total is taken when the deployment is made; a system job's alone is counted \
                  anew in each pass (spec: deployments 33.4, scheduling 14.5).",
        check: Check::Step(total_stays),
    },
    Rule {
        name: "a promoted group stays promoted",
        because: "There is no way back but a new version.",
        check: Check::Step(promotion_stays),
    },
    Rule {
        name: "promotion needs enough healthy canaries",
        because: "The server refuses it otherwise, and the watcher waits for them.",
        check: Check::Step(promotion_is_earned),
    },
];

fn each(
    store: &Store,
    seen: &mut Seen<'_>,
    rule: fn(&Store, &Deployment, &DeploymentGroup) -> Option<String>,
) {
    for deployment in store.deployments() {
        for group in &deployment.groups {
            if let Some(what) = rule(store, deployment, group) {
                let (id, job) = (deployment.id.short(), &deployment.job_id);
                seen.note(format!("{id} of {job}, {}: {what}", group.name));
            }
        }
    }
}

fn one_is_active(store: &Store, seen: &mut Seen<'_>) {
    for job in store.jobs() {
        let active = store
            .deployments_of_job(&job.key())
            .filter(|deployment| deployment.is_active())
            .count();
        if active > 1 {
            seen.note(format!("{} has {active}", job.id()));
        }
    }
}

/// What a system job places names the deployment that is active, whether or not its group is part
/// of it yet; health counts once it is (spec: scheduling 14.4, 14.5, deployments 21.1).
fn health_is_of_placed(
    store: &Store,
    deployment: &Deployment,
    group: &DeploymentGroup,
) -> Option<String> {
    let (healthy, unhealthy) = (group.healthy_allocs, group.unhealthy_allocs);
    let is_more = healthy + unhealthy > group.placed_allocs;
    (is_more && !is_of_system_job(store, deployment)).then(|| {
        format!(
            "{healthy} healthy, {unhealthy} unhealthy of {}",
            group.placed_allocs
        )
    })
}

/// A canary that replaces another does not count: a lost one is replaced and missed at once (spec:
/// deployments 33.36). Nor do canaries of another version: when a lost allocation of an older
/// version is replaced in the same pass, they are written to that version's deployment (spec:
/// deployments 20).
fn canaries_are_few(
    store: &Store,
    deployment: &Deployment,
    group: &DeploymentGroup,
) -> Option<String> {
    let mut asked = group.desired_canaries;
    let mut live = 0;
    let canaries = group.placed_canaries.iter();
    for alloc in canaries.filter_map(|id| store.alloc(*id)) {
        let is_counted = !alloc.is_terminal()
            && alloc.is_canary()
            && alloc.job.version == deployment.job_version
            && alloc.links.previous_allocation.is_none()
            && !is_missed(store, alloc);
        if is_counted {
            live += 1;
            asked = asked.max(asked_by_update(alloc));
        }
    }
    (live > asked).then(|| format!("{live} of {asked}"))
}

/// An evaluation goes by the update block, also where the deployment was made without canaries and
/// its row stays as it was made (spec: deployments 14.2, 21.5). A system job asks for a share.
fn asked_by_update(alloc: &Allocation) -> i64 {
    let is_share = alloc.job.spec.kind.is_per_node();
    let group = alloc.task_group().filter(|_| !is_share);
    group
        .and_then(|group| group.effective_update())
        .map_or(0, |update| update.canary)
}

/// A canary that was to go is missed at once, and lives on where its node's part of the plan is
/// refused (spec: deployments 14.1, scheduling 15): it is to move, or its node was not ready
/// since it was placed.
fn is_missed(store: &Store, canary: &Allocation) -> bool {
    let is_away = store.node(canary.node_id).is_none_or(|node| {
        node.status != NodeStatus::Ready || node.status_updated_at > canary.create_time
    });
    is_away || canary.desired_transition.should_migrate()
}

fn canaries_are_own(
    store: &Store,
    deployment: &Deployment,
    group: &DeploymentGroup,
) -> Option<String> {
    let mut known = BTreeSet::new();
    for id in &group.placed_canaries {
        if !known.insert(*id) {
            return Some(format!("{} is listed twice", id.short()));
        }
        if let Some(alloc) = store.alloc(*id)
            && alloc.job_key() != deployment.job_key()
        {
            return Some(format!("{} is of {}", id.short(), alloc.job_id));
        }
    }
    None
}

fn is_of_system_job(store: &Store, deployment: &Deployment) -> bool {
    let job = store.job(&deployment.job_key());
    job.is_some_and(|job| job.spec.kind == JobType::System)
}

/// A group without candidates holds nobody up, and the last count of canaries stays in its row
/// (spec: scheduling 14.5).
fn success_is_promoted(
    store: &Store,
    deployment: &Deployment,
    group: &DeploymentGroup,
) -> Option<String> {
    let has_left = is_of_system_job(store, deployment) && group.placed_canaries.is_empty();
    let is_done = deployment.status == DeploymentStatus::Successful && !has_left;
    (is_done && group.desired_canaries > 0 && !group.promoted)
        .then(|| format!("{} canaries wait", group.desired_canaries))
}

/// The total of a system job is counted anew in each pass, whatever became of the deployment.
fn success_is_whole(
    store: &Store,
    deployment: &Deployment,
    group: &DeploymentGroup,
) -> Option<String> {
    let job = store.job(&deployment.job_key());
    let is_fixed = job.is_none_or(|job| !job.spec.kind.is_per_node());
    let is_done = deployment.status == DeploymentStatus::Successful && is_fixed;
    let wanted = group.desired_total.max(group.desired_canaries);
    let judged = group.healthy_allocs + group.unhealthy_allocs;
    (is_done && judged < wanted).then(|| format!("{judged} of {wanted} judged"))
}

fn version_was_there(store: &Store, seen: &mut Seen<'_>) {
    for deployment in store.deployments() {
        let Some(job) = store.job(&deployment.job_key()) else {
            continue;
        };
        if job.create_index == deployment.job_create_index && deployment.job_version > job.version {
            let (id, version) = (deployment.id.short(), deployment.job_version);
            seen.note(format!("{id}: version {version} of {}", job.version));
        }
    }
}

/// Deployments that a step changed, before and after.
fn changed<'a>(
    before: &'a Store,
    after: &'a Store,
) -> impl Iterator<Item = (&'a Rc<Deployment>, &'a Rc<Deployment>)> {
    after.deployments().filter_map(|new| {
        let old = before.deployment(new.id)?;
        (!Rc::ptr_eq(old, new)).then_some((old, new))
    })
}

fn ended_stays(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    for (old, new) in changed(before, after) {
        if !old.is_active() && old.status != new.status {
            let id = new.id.short();
            seen.note(format!("{id}: {} became {}", old.status, new.status));
        }
    }
}

/// The same group before and after.
fn groups<'a>(
    before: &'a Store,
    after: &'a Store,
) -> impl Iterator<Item = (&'a Deployment, &'a DeploymentGroup, &'a DeploymentGroup)> {
    changed(before, after).flat_map(|(old, new)| {
        new.groups
            .iter()
            .filter_map(move |group| Some((&**new, old.group(&group.name)?, group)))
    })
}

fn counters_rise(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    for (deployment, old, new) in groups(before, after) {
        let falls = new.placed_allocs < old.placed_allocs
            || new.unhealthy_allocs < old.unhealthy_allocs
            || new.placed_canaries.len() < old.placed_canaries.len();
        if falls {
            seen.note(format!("{} {}", deployment.id.short(), new.name));
        }
    }
}

fn total_stays(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    for (deployment, old, new) in groups(before, after) {
        let job = after.job(&deployment.job_key());
        let is_fixed = job.is_none_or(|job| !job.spec.kind.is_per_node());
        if is_fixed && old.desired_total != new.desired_total {
            let (id, name) = (deployment.id.short(), &new.name);
            let (was, is) = (old.desired_total, new.desired_total);
            seen.note(format!("{id} {name}: {was} became {is}"));
        }
    }
}

fn promotion_stays(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    for (deployment, old, new) in groups(before, after) {
        if old.promoted && !new.promoted {
            seen.note(format!("{} {}", deployment.id.short(), new.name));
        }
    }
}

fn promotion_is_earned(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    let lives = |alloc: &&Rc<Allocation>| !alloc.is_terminal();
    let is_healthy = |id: AllocId| {
        let was = before.alloc(id).filter(lives);
        // A canary may have become healthy between the two, and the watcher have promoted it; it
        // may even have ended and been collected.
        let Some(is) = after.alloc(id) else {
            return true;
        };
        is.is_healthy() || was.is_some_and(|alloc| alloc.is_healthy())
    };
    for (deployment, old, new) in groups(before, after) {
        // Counters do not do here: they go down for each canary that was marked unhealthy by hand,
        // and not up again (spec: deployments 21.1, 22).
        let canaries = new.placed_canaries.iter();
        let healthy = canaries.filter(|id| is_healthy(**id)).count();
        let wanted = how_many(new.desired_canaries);
        if new.promoted && !old.promoted && healthy < wanted {
            let id = deployment.id.short();
            seen.note(format!("{id} {}: {healthy} of {wanted}", new.name));
        }
    }
}

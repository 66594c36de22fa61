//! Rules about versions of jobs: which are kept, which are stable, and what is made of them.

use std::collections::BTreeSet;
use std::rc::Rc;

use yurt_model::{Deployment, DeploymentStatus, EvalTrigger, Gather, Job, Name};
use yurt_state::Store;

use super::{Check, Rule, Seen};

/// Untagged versions of a job that are kept (spec: deployments 25.10).
const VERSIONS_KEPT: usize = 6;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "a version with a tag is never forgotten",
        because: "Tagged versions are never pruned (spec: deployments 25.9).",
        check: Check::Step(tagged_stays),
    },
    Rule {
        name: "a job with a tagged version is not collected as garbage",
        because: "A tag keeps even a dead job; only a purge forgets it (spec: deployments 25.9).",
        check: Check::Step(tagged_is_kept),
    },
    Rule {
        name: "a tag is given to one version",
        because: "A second one is refused; only a rollback copies the tag of the version that it \
                  goes back to (spec: deployments 25.9, 33.19).",
        check: Check::Step(tags_are_given_once),
    },
    Rule {
        name: "a new version is not kept beside more than five others without tags",
        because: "With the seventh untagged version one of them goes (spec: deployments 25.10).",
        check: Check::Step(versions_are_few),
    },
    Rule {
        name: "the newest stable version is not forgotten",
        because: "When its turn comes the one above it goes (spec: deployments 25.10).",
        check: Check::Step(stable_stays),
    },
    Rule {
        name: "a version whose deployment has succeeded is stable",
        because: "Both are one write (spec: deployments 25.5).",
        check: Check::Step(success_is_stable),
    },
    Rule {
        name: "nothing is rolled out of a version that was stopped",
        because: "A stopped job places nothing, and has no new deployment (spec: deployments \
                  32.11, 25.6).",
        check: Check::Step(stopped_is_not_deployed),
    },
    Rule {
        name: "a version whose deployment has failed gets no other one",
        because: "A failed deployment blocks its version for good (spec: deployments 33.18).",
        check: Check::Step(failure_is_final),
    },
    Rule {
        name: "what belongs to a job goes with it",
        because: "A purge and a collection forget the job's allocations and deployments in the \
                  same write (spec: deployments 25.6, scheduling 22).",
        check: Check::Step(nothing_is_left),
    },
    Rule {
        name: "a job that was stopped has come to an end",
        because: "Its evaluation stops what runs and cancels its deployment.",
        check: Check::Settled(stopped_has_ended),
    },
];

/// Jobs that a step has changed, before and after, where they are the same incarnation.
fn kept<'a>(
    before: &'a Store,
    after: &'a Store,
) -> impl Iterator<Item = (&'a Rc<Job>, &'a Rc<Job>)> {
    let wrote = move |new: &&Rc<Job>| new.modify_index > before.index();
    after.jobs().filter(wrote).filter_map(move |new| {
        let old = before.job(&new.key())?;
        (new.create_index == old.create_index).then_some((old, new))
    })
}

fn tagged_stays(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    for (old, _) in kept(before, after) {
        let key = old.key();
        let tagged = before.job_versions(&key).iter();
        for version in tagged.filter(|version| version.version_tag.is_some()) {
            if after.job_version(&key, version.version).is_none() {
                seen.note(format!("{} of {}", version.version, old.id()));
            }
        }
    }
}

/// A purge brings an evaluation, but for parents, of which nothing can be said.
fn tagged_is_kept(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    for old in before.jobs().filter(|old| !old.is_parent()) {
        let key = old.key();
        let mut versions = before.job_versions(&key).iter();
        let is_kept = after.job(&key).is_some();
        if is_kept || !versions.any(|version| version.version_tag.is_some()) {
            continue;
        }
        let mut evals = after.evals_of_job(&key);
        let is_purged = evals.any(|eval| {
            eval.triggered_by == EvalTrigger::JobDeregister && eval.create_index > before.index()
        });
        if !is_purged {
            seen.note(format!("{} is gone", old.id()));
        }
    }
}

/// Only where no version was added: then somebody may have given a tag.
fn tags_are_given_once(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    for new in after.jobs() {
        let key = new.key();
        let versions = after.job_versions(&key);
        let tags = versions.iter().filter_map(|job| job.version_tag.as_ref());
        let names: BTreeSet<&Name> = tags.map(|tag| &tag.name).gather();
        let had = before.job_versions(&key);
        let is_same = had
            .first()
            .is_some_and(|old| old.version == new.version && old.create_index == new.create_index);
        for name in names.into_iter().filter(|_| is_same) {
            let were = had.iter().filter(|job| job.has_tag(name)).count();
            let are = versions.iter().filter(|job| job.has_tag(name)).count();
            if are > were.max(1) {
                seen.note(format!("{name} is on {are} of {}", new.id()));
            }
        }
    }
}

/// Where a tag was taken away there may be more; then there are not more than before.
fn versions_are_few(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    let untagged = |store: &Store, job: &Job| {
        let versions = store.job_versions(&job.key()).iter();
        versions.filter(|one| one.version_tag.is_none()).count()
    };
    for (old, new) in kept(before, after).filter(|(old, new)| old.version < new.version) {
        let (was, is) = (untagged(before, old), untagged(after, new));
        if is > was.max(VERSIONS_KEPT) {
            seen.note(format!("{} has {is}", new.id()));
        }
    }
}

fn stable_stays(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    for (old, new) in kept(before, after) {
        let key = new.key();
        let Some(stable) = before.latest_stable_version(&key) else {
            continue;
        };
        let is_newer = |job: &Rc<Job>| job.stable && job.version > stable.version;
        let is_followed = after.job_versions(&key).iter().any(is_newer);
        if !is_followed && after.job_version(&key, stable.version).is_none() {
            seen.note(format!("{} of {}", stable.version, old.id()));
        }
    }
}

/// The job version that a deployment is of, where it is still kept.
fn version_of<'a>(store: &'a Store, deployment: &Deployment) -> Option<&'a Rc<Job>> {
    let version = store.job_version(&deployment.job_key(), deployment.job_version)?;
    (version.create_index == deployment.job_create_index).then_some(version)
}

fn success_is_stable(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    for deployment in after.deployments() {
        let is = |deployment: &Deployment| deployment.status == DeploymentStatus::Successful;
        let old = before.deployment(deployment.id);
        if !is(deployment) || old.is_some_and(|old| is(old)) {
            continue;
        }
        if let Some(version) = version_of(after, deployment).filter(|version| !version.stable) {
            seen.note(format!("{} of {}", version.version, version.id()));
        }
    }
}

/// Deployments that a step has made.
fn made<'a>(before: &'a Store, after: &'a Store) -> impl Iterator<Item = &'a Rc<Deployment>> {
    after
        .deployments()
        .filter(|deployment| before.deployment(deployment.id).is_none())
}

fn stopped_is_not_deployed(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    for deployment in made(before, after) {
        if let Some(version) = version_of(after, deployment).filter(|version| version.stop) {
            let id = deployment.id.short();
            seen.note(format!(
                "{id} is of {} of {}",
                version.version,
                version.id()
            ));
        }
    }
    for alloc in after.allocs() {
        if alloc.create_index > before.index() && alloc.job.stop {
            seen.note(format!("{} {}", alloc.id.short(), alloc.name()));
        }
    }
}

fn failure_is_final(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    for deployment in made(before, after) {
        let failed = after
            .deployments_of_job(&deployment.job_key())
            .find(|other| {
                other.status == DeploymentStatus::Failed
                    && other.create_index < deployment.create_index
                    && other.modify_index < deployment.create_index
                    && other.job_version == deployment.job_version
                    && other.job_create_index == deployment.job_create_index
            });
        if let Some(failed) = failed {
            let (id, failed) = (deployment.id.short(), failed.id.short());
            seen.note(format!("{id} after {failed} of {}", deployment.job_id));
        }
    }
}

fn nothing_is_left(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    for job in before.jobs() {
        let key = job.key();
        if after.job(&key).is_some() {
            continue;
        }
        let allocs = after.allocs_of_job(&key).count();
        let deployments = after.deployments_of_job(&key).count();
        if allocs + deployments > 0 {
            let id = job.id();
            seen.note(format!(
                "{allocs} allocations, {deployments} deployments of {id}"
            ));
        }
    }
}

fn stopped_has_ended(store: &Store, seen: &mut Seen<'_>) {
    for job in store.jobs().filter(|job| job.stop) {
        let key = job.key();
        let mut allocs = store.allocs_of_job(&key);
        if let Some(alloc) = allocs.find(|alloc| !alloc.is_terminal()) {
            seen.note(format!("{} of {} lives", alloc.id.short(), job.id()));
        }
        let mut deployments = store.deployments_of_job(&key);
        if let Some(deployment) = deployments.find(|deployment| deployment.is_active()) {
            seen.note(format!("{} of {} goes on", deployment.id.short(), job.id()));
        }
    }
}

//! Writing jobs and their versions (spec: deployments 25).

use std::collections::BTreeMap;
use std::rc::Rc;

use yurt_model::job::VersionTag;
use yurt_model::{DesiredTransition, EvalId, EvalStatus, Job, JobKey, JobStatus, Name};

use super::{StateError, Write};
use crate::change::{JobWrite, Rollback, ScalingEvent};
use crate::{Store, Submission};

/// Untagged versions of a job that are kept (spec: deployments 25.10).
const VERSIONS_KEPT: usize = 6;

/// Entries of a group's scaling history that are kept.
const SCALING_EVENTS_KEPT: usize = 20;

impl Store {
    pub(crate) fn check_version(&self, key: &JobKey, version: u64) -> Result<(), StateError> {
        if self.job_version(key, version).is_some() {
            return Ok(());
        }
        Err(StateError(format!(
            "job \"{}\" in namespace \"{}\" at version {version} not found",
            key.id, key.namespace
        )))
    }

    /// Writes a new version: number and indexes by spec: deployments 25.2.
    pub(crate) fn put_job(&mut self, write: &mut Write, job: JobWrite) {
        let key = job.spec.key();
        let old = self.jobs.get(&key);
        let stored = Rc::new(Job {
            spec: job.spec,
            stop: job.stop,
            version: old.map_or(0, |old| old.version + 1),
            status: old.map_or(JobStatus::Pending, |old| old.status),
            stable: job.stable,
            create_index: old.map_or(write.index, |old| old.create_index),
            modify_index: write.index,
            job_modify_index: write.index,
            submit_time: job.submit_time,
            version_tag: job.version_tag,
            parent: job.parent,
            dispatched: job.dispatched,
            dispatch_token: job.dispatch_token,
            payload: job.payload,
        });
        let mut versions = self.job_versions(&key).to_vec();
        versions.insert(0, stored.clone());
        drop_surplus_version(&mut versions);
        if let Some(submission) = job.submission {
            self.put_submission(&key, stored.version, submission);
        }
        self.versions.insert(key.clone(), Rc::new(versions));
        let old = self.put_job_row(&key, Some(&stored));
        self.prepare_summary(write, &stored);
        self.count_child(write, old.as_deref(), Some(&stored));
        write.touch_job(&key);
    }

    /// The texts of the newest six versions are kept.
    fn put_submission(&mut self, key: &JobKey, version: u64, submission: Rc<Submission>) {
        self.submissions.insert((key.clone(), version), submission);
        let written = self.versions_with_text(key);
        if written.len() > VERSIONS_KEPT {
            self.submissions.remove(&(key.clone(), written[0]));
        }
    }

    fn versions_with_text(&self, key: &JobKey) -> Vec<u64> {
        let rows = self.submissions.from(&(key.clone(), 0));
        rows.take_while(|((job, _), _)| job == key)
            .map(|((_, version), _)| *version)
            .collect()
    }

    /// Writes an older version again, with a failed deployment. Only the number and the indexes are
    /// new: the stable flag, the tag and the submit time are copied (spec: deployments 23.5).
    pub(crate) fn roll_back(&mut self, write: &mut Write, rollback: Option<Box<Rollback>>) {
        if let Some(rollback) = rollback {
            let key = rollback.spec.key();
            self.put_job(write, *rollback);
            self.derive_job_status(write, &key);
        }
    }

    /// Adds to a group's scaling history, newest first; old entries go.
    pub(crate) fn add_scaling_event(&mut self, key: &JobKey, group: Name, event: ScalingEvent) {
        let old = self.scaling_events.get(key);
        let mut events = old.map_or_else(BTreeMap::new, |old| (**old).clone());
        let of_group: &mut Vec<ScalingEvent> = events.entry(group).or_default();
        of_group.insert(0, event);
        of_group.truncate(SCALING_EVENTS_KEPT);
        self.scaling_events.insert(key.clone(), Rc::new(events));
    }

    /// Marks a version. Marking an older one rewrites the record of the current job with that
    /// version's content, as was measured (spec: deployments 25.5).
    pub(crate) fn set_stability(
        &mut self,
        write: &mut Write,
        key: &JobKey,
        version: u64,
        stable: bool,
    ) {
        let Some(job) = self.job_version(key, version) else {
            return;
        };
        if job.stable == stable {
            return;
        }
        let mut job = (**job).clone();
        job.stable = stable;
        job.modify_index = write.index;
        self.replace_version(key, &Rc::new(job));
        write.touch_job(key);
    }

    /// Gives a version a tag, or takes it away (spec: deployments 25.9).
    pub(crate) fn tag_version(
        &mut self,
        write: &mut Write,
        key: &JobKey,
        version: u64,
        tag: Option<VersionTag>,
    ) {
        let Some(job) = self.job_version(key, version) else {
            return;
        };
        let mut job = (**job).clone();
        job.version_tag = tag;
        job.modify_index = write.index;
        let job = Rc::new(job);
        if self
            .job(key)
            .is_some_and(|current| current.version == version)
        {
            self.put_job_row(key, Some(&job));
        }
        self.put_version(key, &job);
        write.touch_job(key);
    }

    pub(crate) fn skip_shutdown_delays(&mut self, write: &mut Write, key: &JobKey) {
        let Some(created) = self.jobs.get(key).map(|job| job.create_index) else {
            return;
        };
        let skip = DesiredTransition {
            no_shutdown_delay: Some(true),
            ..Default::default()
        };
        let ids: Vec<_> = self
            .allocs_of_job(key)
            .filter(|alloc| alloc.job.create_index == created)
            .map(|alloc| alloc.id)
            .collect();
        ids.into_iter()
            .for_each(|id| self.set_transition(write, id, skip));
    }

    /// Removes a job and everything that belongs to it; open evaluations end.
    pub(crate) fn purge_job(&mut self, write: &mut Write, key: &JobKey) {
        let allocs: Vec<_> = self.allocs_of_job(key).map(|alloc| alloc.id).collect();
        allocs
            .into_iter()
            .for_each(|id| self.remove_alloc(write, id));
        let deployments: Vec<_> = self.deployments_of_job(key).map(|d| d.id).collect();
        deployments
            .into_iter()
            .for_each(|id| self.remove_deployment(write, id));
        let open: Vec<EvalId> = self
            .evals_of_job(key)
            // Blocked ones are cancelled by the clean end of the evaluation that this write brings.
            .filter(|eval| eval.status == EvalStatus::Pending)
            .map(|eval| eval.id)
            .collect();
        for id in open {
            self.end_eval(
                write,
                id,
                EvalStatus::Complete,
                &format!("job {} deleted", key.id),
            );
        }
        self.remove_job(write, key);
    }

    /// Forgets a job, its versions, texts and counts.
    pub(crate) fn remove_job(&mut self, write: &mut Write, key: &JobKey) {
        for version in self.versions_with_text(key) {
            self.submissions.remove(&(key.clone(), version));
        }
        let removed = self.put_job_row(key, None);
        self.versions.remove(key);
        self.summaries.remove(key);
        self.scaling_events.remove(key);
        self.count_child(write, removed.as_deref(), None);
        write.touch_job(key);
    }
}

/// With more than six untagged versions the lowest goes, unless it is the newest stable one: then
/// the one above it goes (spec: deployments 25.10). `versions` are newest first.
fn drop_surplus_version(versions: &mut Vec<Rc<Job>>) {
    let untagged: Vec<usize> = (0..versions.len())
        .filter(|&i| versions[i].version_tag.is_none())
        .collect();
    if untagged.len() <= VERSIONS_KEPT {
        return;
    }
    let latest_stable = versions
        .iter()
        .find(|job| job.stable)
        .map(|job| job.version);
    let lowest = untagged[VERSIONS_KEPT];
    let is_protected = latest_stable == Some(versions[lowest].version);
    versions.remove(if is_protected {
        untagged[VERSIONS_KEPT - 1]
    } else {
        lowest
    });
}

//! The derived status of a job, and its counts (spec: deployments 26).

use std::rc::Rc;

use yurt_model::{AllocClientStatus, AllocId, Allocation, Job, JobKey, JobStatus, JobType};

use super::Write;
use crate::store::token_key;
use crate::summary::GroupSummary;
use crate::table::Table;
use crate::{JobSummary, Store};

impl Store {
    /// Derives a job's status anew; a change of it is a change of the job and of its stored
    /// version.
    pub(crate) fn derive_job_status(&mut self, write: &mut Write, key: &JobKey) {
        if let Some(job) = self.jobs.get(key) {
            let status = self.job_status(key, job);
            self.set_job_status(write, key, status);
        }
    }

    /// Writes a status that is known without looking.
    pub(crate) fn set_job_status(&mut self, write: &mut Write, key: &JobKey, status: JobStatus) {
        let Some(job) = self.jobs.get(key).filter(|job| job.status != status) else {
            return;
        };
        let before = job.clone();
        let mut job = (*before).clone();
        job.status = status;
        job.modify_index = write.index;
        let job = Rc::new(job);
        self.replace_version(key, &job);
        self.count_child(write, Some(&before), Some(&job));
        write.touch_job(key);
    }

    /// Keeps the counts of a parent's children: a child was written, or is gone.
    pub(crate) fn count_child(&mut self, write: &Write, old: Option<&Job>, new: Option<&Job>) {
        for (job, is_new) in [(old, false), (new, true)] {
            let Some((job, key)) = job.and_then(|job| Some((job, job.parent_key()?))) else {
                continue;
            };
            let Some(row) = self.summaries.get_mut(&key) else {
                continue;
            };
            let summary = Rc::make_mut(row);
            let (pending, running, dead) = summary.children.get_or_insert_default();
            let count = match job.status {
                JobStatus::Pending => pending,
                JobStatus::Running => running,
                JobStatus::Dead => dead,
            };
            // Children of an earlier incarnation of the parent were never counted in this one.
            *count = if is_new {
                *count + 1
            } else {
                count.saturating_sub(1)
            };
            summary.modify_index = write.index;
        }
    }

    /// Writes the row of a job, or takes it away, and keeps the tables by which children are found
    /// without a walk over all of them. Answers the row before.
    pub(crate) fn put_job_row(&mut self, key: &JobKey, new: Option<&Rc<Job>>) -> Option<Rc<Job>> {
        let old = match new {
            Some(job) => self.jobs.insert(key.clone(), job.clone()),
            None => self.jobs.remove(key),
        };
        for (job, is_new) in [(old.as_ref(), false), (new, true)] {
            let Some((job, parent)) = job.and_then(|job| Some((job, job.parent.as_ref()?))) else {
                continue;
            };
            let put = |table: &mut Table<JobKey, Rc<Job>>, key: JobKey| {
                if is_new {
                    table.insert(key, job.clone());
                } else {
                    table.remove(&key);
                }
            };
            if job.status != JobStatus::Dead {
                put(&mut self.live_children, key.clone());
            }
            if let Some(token) = &job.dispatch_token {
                put(
                    &mut self.dispatched,
                    token_key(&key.namespace, parent, token),
                );
            }
        }
        old
    }

    /// Puts a changed record of the current version into both tables.
    pub(crate) fn replace_version(&mut self, key: &JobKey, job: &Rc<Job>) {
        self.put_job_row(key, Some(job));
        self.put_version(key, job);
    }

    /// Writes a version that is kept over itself.
    pub(crate) fn put_version(&mut self, key: &JobKey, job: &Rc<Job>) {
        if let Some(list) = self.versions.get_mut(key) {
            let list = Rc::make_mut(list);
            if let Some(slot) = list.iter_mut().find(|other| other.version == job.version) {
                *slot = job.clone();
            }
        }
    }

    fn job_status(&self, key: &JobKey, job: &Job) -> JobStatus {
        if job.spec.kind == JobType::System || job.is_parent() {
            return if job.stop {
                JobStatus::Dead
            } else {
                JobStatus::Running
            };
        }
        let has_live_deployment = self.latest_deployment(key).is_some_and(|d| d.is_active());
        if has_live_deployment || self.has_live_alloc(key) {
            return JobStatus::Running;
        }
        let mut had_evals = false;
        for eval in self.evals_of_job(key) {
            if !eval.status.is_terminal() {
                return JobStatus::Pending;
            }
            had_evals = true;
        }
        if had_evals || job.stop {
            JobStatus::Dead
        } else {
            JobStatus::Pending
        }
    }

    /// The newest come first: of the older ones most have ended.
    fn has_live_alloc(&self, key: &JobKey) -> bool {
        let mut allocs = self.allocs_of_job(key).rev();
        allocs.any(|alloc| !alloc.is_terminal())
    }

    /// Makes the summary of a job, with a row for each group; a new incarnation starts from
    /// nothing.
    pub(crate) fn prepare_summary(&mut self, write: &Write, job: &Job) {
        let key = job.key();
        let old = self
            .summaries
            .get(&key)
            .filter(|old| old.create_index == job.create_index);
        let mut summary = old.map_or_else(
            || JobSummary {
                create_index: job.create_index,
                ..JobSummary::default()
            },
            |old| (**old).clone(),
        );
        for group in &job.spec.groups {
            summary.group_mut(&group.name);
        }
        if job.is_parent() && summary.children.is_none() {
            summary.children = Some((0, 0, 0));
        }
        summary.modify_index = write.index;
        self.summaries.insert(key, Rc::new(summary));
    }

    /// Counts an allocation that was written: `old` is the record before, `None` when it is new.
    pub(crate) fn count(&mut self, write: &Write, old: Option<&Allocation>, new: &Allocation) {
        let before = old.map(|old| old.client_status);
        if before == Some(new.client_status) {
            return;
        }
        let Some(counts) = self.counts_of(write, new) else {
            return;
        };
        if let Some(status) = before {
            leave(counts, status);
        }
        if before.is_none() && new.client_status == AllocClientStatus::Pending {
            counts.queued = (counts.queued - 1).max(0);
        }
        match new.client_status {
            AllocClientStatus::Pending => counts.starting += 1,
            AllocClientStatus::Running => counts.running += 1,
            AllocClientStatus::Complete => counts.complete += 1,
            AllocClientStatus::Failed => counts.failed += 1,
            AllocClientStatus::Lost => counts.lost += 1,
            AllocClientStatus::Unknown => counts.unknown += 1,
        }
    }

    /// An allocation is forgotten: if its client never said that it is over, it is counted as one
    /// that starts or runs no longer. What has ended stays counted.
    pub(crate) fn uncount(&mut self, write: &Write, id: AllocId) {
        let alloc = self.allocs.get(&id).cloned();
        let Some(alloc) = alloc.filter(|alloc| !alloc.is_client_terminal()) else {
            return;
        };
        if let Some(counts) = self.counts_of(write, &alloc) {
            leave(counts, alloc.client_status);
        }
    }

    /// The counts of an allocation's group, to be written; none when its job is another one now.
    fn counts_of(&mut self, write: &Write, alloc: &Allocation) -> Option<&mut GroupSummary> {
        let row = self.summaries.get_mut(&alloc.job_key())?;
        if row.create_index != alloc.job.create_index {
            return None;
        }
        let summary = Rc::make_mut(row);
        summary.modify_index = write.index;
        Some(summary.group_mut(&alloc.group))
    }
}

/// One allocation less has that status.
fn leave(counts: &mut GroupSummary, status: AllocClientStatus) {
    if let Some(bucket) = falling_bucket(counts, status) {
        *bucket = (*bucket - 1).max(0);
    }
}

/// The count that an allocation leaves; failed and complete ones are counted for ever.
fn falling_bucket(counts: &mut GroupSummary, status: AllocClientStatus) -> Option<&mut i64> {
    match status {
        AllocClientStatus::Pending => Some(&mut counts.starting),
        AllocClientStatus::Running => Some(&mut counts.running),
        AllocClientStatus::Lost => Some(&mut counts.lost),
        AllocClientStatus::Unknown => Some(&mut counts.unknown),
        AllocClientStatus::Complete | AllocClientStatus::Failed => None,
    }
}

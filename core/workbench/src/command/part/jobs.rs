//! Lists of jobs.

use std::rc::Rc;

use yurt_model::{InOrder, Job};

use super::Scene;
use crate::command::columns::{self, row};
use crate::command::times::absolute;

/// The jobs, by id.
pub(crate) fn table(scene: Scene<'_>, jobs: &[Rc<Job>]) -> Vec<String> {
    if jobs.is_empty() {
        return vec!["No running jobs".into()];
    }
    let mut jobs = jobs.to_vec();
    jobs.put_in_order_by(|a, b| a.id().cmp(b.id()));
    let mut rows = vec![row(["ID", "Type", "Priority", "Status", "Submit Date"])];
    rows.extend(jobs.iter().map(|job| {
        vec![
            job.id().to_string(),
            kind(job),
            job.spec.priority.to_string(),
            status(job),
            absolute(job.submit_time, scene.release),
        ]
    }));
    columns::list(&rows)
}

/// The type, with what makes the job a parent.
fn kind(job: &Job) -> String {
    let kind = job.spec.kind.as_str();
    if job.spec.periodic.is_some() {
        format!("{kind}/periodic")
    } else if job.is_parameterized() {
        format!("{kind}/parameterized")
    } else {
        kind.into()
    }
}

/// The status, and that the job was told to stop.
pub(crate) fn status(job: &Job) -> String {
    if job.stop {
        format!("{} (stopped)", job.status)
    } else {
        job.status.to_string()
    }
}

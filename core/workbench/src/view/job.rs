//! The job of the file in the editor, in a line.

use serde::{Deserialize, Serialize};
use yurt_model::{AllocClientStatus, JobKey};
use yurt_state::Store;

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobView {
    /// Its id.
    pub id: String,
    /// `service`, `batch`, ….
    pub kind: String,
    /// The version the servers have.
    pub version: u64,
    /// `pending`, `running`, `dead`.
    pub status: String,
    /// That version's deployment succeeded.
    pub stable: bool,
    /// It was told to stop.
    pub stopped: bool,
    /// What to say after its name: `version 1, 5 of 5 running`.
    pub sentence: String,
}

/// A job, if the servers know it.
pub fn job(store: &Store, key: &JobKey) -> Option<JobView> {
    let job = store.job(key)?;
    let wanted: i64 = job.spec.groups.iter().map(|group| group.count).sum();
    let running = store
        .allocs_of_job(key)
        .filter(|alloc| alloc.job.version == job.version)
        .filter(|alloc| alloc.client_status == AllocClientStatus::Running)
        .count();
    let sentence = if job.stop {
        "is stopped".to_string()
    } else if job.spec.kind.is_per_node() {
        format!("version {}, {running} running", job.version)
    } else {
        format!("version {}, {running} of {wanted} running", job.version)
    };
    Some(JobView {
        id: job.spec.id.to_string(),
        kind: job.spec.kind.as_str().to_string(),
        version: job.version,
        status: job.status.as_str().to_string(),
        stable: job.stable,
        stopped: job.stop,
        sentence,
    })
}

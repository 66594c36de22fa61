//! Going back to the latest stable version when a deployment fails (spec: deployments 22, 23.5).

use yurt_model::{Deployment, Job};
use yurt_state::{Rollback, Store};

/// What a failed deployment with `auto_revert` leads to.
pub(crate) struct Verdict {
    /// What is appended to the description of the failure; empty for no suffix.
    pub(crate) suffix: String,
    /// The version to write again.
    pub(crate) rollback: Option<Box<Rollback>>,
    /// The number of the version that was gone back to.
    pub(crate) version: Option<u64>,
}

/// The target is the highest stable version, stopped or not. `held` is the job as the deployment's
/// watcher holds it.
pub(crate) fn decide(store: &Store, deployment: &Deployment, held: &Job) -> Verdict {
    let key = deployment.job_key();
    let Some(target) = store.latest_stable_version(&key) else {
        let suffix = " - no stable job version to auto revert to".to_owned();
        return Verdict {
            suffix,
            rollback: None,
            version: None,
        };
    };
    let number = target.version;
    if *target.spec == *held.spec && target.stop == held.stop {
        let suffix = format!(
            " - not rolling back to stable job version {number} \
             as current job has same specification"
        );
        return Verdict {
            suffix,
            rollback: None,
            version: None,
        };
    }
    let mut rollback = Rollback::copy_of(target);
    rollback.submission = store.submission(&key, number).cloned();
    Verdict {
        suffix: format!(" - rolling back to job version {number}"),
        rollback: Some(Box::new(rollback)),
        version: Some(number),
    }
}

//! What transcripts wait for, as questions to the store.

use std::rc::Rc;

use yurt_model::{Deployment, DeploymentGroup, EvalStatus, Job, JobKey};
use yurt_state::Store;

use super::format::Wait;

/// Whether what is waited for is the case.
pub(super) fn holds(wait: &Wait, store: &Store) -> bool {
    match wait {
        Wait::Deployment { job, status } => {
            deployment(store, job).is_some_and(|deployment| deployment.status.as_str() == status)
        }
        Wait::Healthy { job, group, count } => {
            group_of(store, job, group).is_some_and(|group| group.healthy_allocs >= *count)
        }
        Wait::Unhealthy { job, group, count } => {
            group_of(store, job, group).is_some_and(|group| group.unhealthy_allocs >= *count)
        }
        Wait::Allocs { job, status, count } => {
            let allocs = store.allocs_of_job(&JobKey::in_default(job));
            let with = allocs.filter(|alloc| alloc.client_status.as_str() == status);
            with.count() == *count
        }
        Wait::Job { job, status } => {
            current(store, job).is_some_and(|job| job.status.as_str() == status)
        }
        Wait::Version { job, version } => {
            current(store, job).is_some_and(|job| job.version >= *version)
        }
        Wait::Settled { job } => {
            let mut evals = store.evals_of_job(&JobKey::in_default(job));
            evals.all(|eval| eval.status != EvalStatus::Pending || eval.wait_until.is_some())
        }
        Wait::Node { name, status } => {
            node(store, name).is_some_and(|node| node.status.as_str() == status)
        }
        Wait::Drained { name } => node(store, name).is_some_and(|node| {
            let mut allocs = store.allocs_of_node(node.id);
            node.drain.is_none() && allocs.all(|alloc| alloc.is_client_terminal())
        }),
        Wait::Children { job, count } => {
            let children = store.jobs().filter(|child| {
                child
                    .parent
                    .as_ref()
                    .is_some_and(|parent| parent.as_str() == job)
            });
            children.count() >= *count
        }
    }
}

fn current<'a>(store: &'a Store, job: &str) -> Option<&'a Rc<Job>> {
    store.job(&JobKey::in_default(job))
}

/// The newest deployment of the job's current version.
fn deployment<'a>(store: &'a Store, job: &str) -> Option<&'a Rc<Deployment>> {
    let job = current(store, job)?;
    store.deployments_of_job(&job.key()).rfind(|deployment| {
        job.is_same_version(deployment.job_version, deployment.job_create_index)
    })
}

fn group_of<'a>(store: &'a Store, job: &str, group: &str) -> Option<&'a DeploymentGroup> {
    deployment(store, job)?.group(group)
}

fn node<'a>(store: &'a Store, name: &str) -> Option<&'a Rc<yurt_model::Node>> {
    store.nodes().find(|node| *node.name == *name)
}

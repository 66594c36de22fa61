//! Requests about deployments (spec: deployments 22).

use std::rc::Rc;

use yurt_model::{
    AllocId, Deployment, DeploymentId, DeploymentStatus, DeploymentStatusUpdate, Job, Name,
    description,
};
use yurt_state::{Change, Store};

use super::Held;
use crate::event::Refusal;
use crate::server::{Context, Decision, rollback};

/// The active deployment, or the text for one that is not there or has ended.
fn active(store: &Store, id: DeploymentId, verb: &str) -> Result<Rc<Deployment>, Refusal> {
    let Some(deployment) = store.deployment(id) else {
        return Err(Refusal("deployment not found".to_owned()));
    };
    if deployment.is_active() {
        return Ok(deployment.clone());
    }
    Err(Refusal(format!("can't {verb} terminal deployment")))
}

/// The job that the deployment's watcher holds, or the stored version.
fn held_job(store: &Store, held: &Held<'_>, deployment: &Deployment) -> Option<Rc<Job>> {
    (held.watched_job)(deployment.id).or_else(|| {
        store
            .job_version(&deployment.job_key(), deployment.job_version)
            .cloned()
    })
}

pub(super) fn promote(
    store: &Store,
    context: &mut Context<'_>,
    id: DeploymentId,
    groups: Option<Vec<Name>>,
) -> Result<Decision, Refusal> {
    let deployment = active(store, id, "promote")?;
    let eval = context.deployment_evaluation(store, &deployment);
    let eval_id = eval.as_ref().map(|eval| eval.id);
    let evaluation = eval.map(Box::new);
    let change = Change::DeploymentPromoted {
        deployment_id: id,
        groups,
        evaluation,
    };
    Ok(Decision {
        eval_id,
        ..Decision::change(change)
    })
}

pub(super) fn fail(
    store: &Store,
    context: &mut Context<'_>,
    held: &Held<'_>,
    id: DeploymentId,
) -> Result<Decision, Refusal> {
    let deployment = active(store, id, "fail")?;
    let mut text = description::FAILED_BY_USER.to_owned();
    let mut decision = Decision::default();
    let mut target = None;
    if deployment.groups.iter().any(|group| group.auto_revert)
        && let Some(job) = held_job(store, held, &deployment)
    {
        let verdict = rollback::decide(store, &deployment, &job);
        text.push_str(&verdict.suffix);
        decision.reverted_version = verdict.version;
        target = verdict.rollback;
    }
    let eval = context.deployment_evaluation(store, &deployment);
    decision.eval_id = eval.as_ref().map(|eval| eval.id);
    decision.changes.push(Change::DeploymentStatusSet {
        update: status_update(id, DeploymentStatus::Failed, &text),
        rollback: target,
        evaluation: eval.map(Box::new),
    });
    Ok(decision)
}

fn status_update(
    deployment_id: DeploymentId,
    status: DeploymentStatus,
    text: &str,
) -> DeploymentStatusUpdate {
    DeploymentStatusUpdate {
        deployment_id,
        status,
        description: Rc::from(text),
    }
}

pub(super) fn pause(
    store: &Store,
    context: &mut Context<'_>,
    id: DeploymentId,
    pause: bool,
) -> Result<Decision, Refusal> {
    let deployment = active(store, id, if pause { "pause" } else { "resume" })?;
    // Pausing makes no evaluation; resuming always says that the deployment simply runs.
    let (status, text, eval) = if pause {
        (DeploymentStatus::Paused, description::PAUSED, None)
    } else {
        let eval = context.deployment_evaluation(store, &deployment);
        (DeploymentStatus::Running, description::RUNNING, eval)
    };
    let eval_id = eval.as_ref().map(|eval| eval.id);
    let change = Change::DeploymentStatusSet {
        update: status_update(id, status, text),
        rollback: None,
        evaluation: eval.map(Box::new),
    };
    Ok(Decision {
        eval_id,
        ..Decision::change(change)
    })
}

pub(super) fn set_health(
    store: &Store,
    context: &mut Context<'_>,
    held: &Held<'_>,
    id: DeploymentId,
    healthy: Vec<AllocId>,
    unhealthy: Vec<AllocId>,
) -> Result<Decision, Refusal> {
    if healthy.is_empty() && unhealthy.is_empty() {
        let text = "must specify at least one healthy/unhealthy allocation ID";
        return Err(Refusal(text.to_owned()));
    }
    let deployment = active(store, id, "set health of allocations for a")?;
    let mut decision = Decision::default();
    let mut update = None;
    let mut target = None;
    if !unhealthy.is_empty() {
        let mut text = description::FAILED_ALLOCATIONS.to_owned();
        let reverts = unhealthy
            .iter()
            .filter_map(|id| store.alloc(*id))
            .any(|alloc| {
                deployment
                    .group(&alloc.group)
                    .is_some_and(|group| group.auto_revert)
            });
        if reverts && let Some(job) = held_job(store, held, &deployment) {
            let verdict = rollback::decide(store, &deployment, &job);
            // Without any stable version this path, and this one alone, adds no suffix
            // (spec: deployments 33.21).
            if store.latest_stable_version(&deployment.job_key()).is_some() {
                text.push_str(&verdict.suffix);
            }
            decision.reverted_version = verdict.version;
            target = verdict.rollback;
        }
        update = Some(status_update(id, DeploymentStatus::Failed, &text));
    }
    let eval = context.deployment_evaluation(store, &deployment);
    decision.eval_id = eval.as_ref().map(|eval| eval.id);
    decision.changes.push(Change::AllocHealthSet {
        deployment_id: id,
        healthy,
        unhealthy,
        update,
        rollback: target,
        evaluation: eval.map(Box::new),
    });
    Ok(decision)
}

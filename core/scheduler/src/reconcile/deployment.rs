//! The job's deployment: which one counts, when one is made, when it is complete or cancelled
//! (spec: deployments 6, 19).

use std::rc::Rc;

use yurt_model::{
    Deployment, DeploymentGroup, DeploymentId, DeploymentStatus, DeploymentStatusUpdate, Job,
    TaskGroup, Time, description,
};

use super::Pass;

impl Pass<'_, '_> {
    /// Sorts the newest deployment into old or current; one that is overtaken is cancelled.
    pub(crate) fn choose_deployment(&mut self) {
        let Some(deployment) = self.input.deployment else {
            return;
        };
        let job = self.input.job.filter(|job| !job.stop);
        let is_same = job.is_some_and(|job| {
            job.is_same_version(deployment.job_version, deployment.job_create_index)
        });
        if is_same && deployment.status != DeploymentStatus::Successful {
            self.deployment = Some(deployment.clone());
            return;
        }
        self.old_deployment = Some(deployment);
        if !is_same && deployment.is_active() {
            let text = overtaken_text(job);
            self.update_deployment(deployment.id, DeploymentStatus::Cancelled, text);
        }
    }

    fn update_deployment(&mut self, id: DeploymentId, status: DeploymentStatus, text: &str) {
        self.result.deployment_updates.push(DeploymentStatusUpdate {
            deployment_id: id,
            status,
            description: text.into(),
        });
    }

    /// The current deployment is halted.
    pub(crate) fn is_paused(&self) -> bool {
        self.has_status(DeploymentStatus::Paused)
    }

    /// The current deployment has failed.
    pub(crate) fn is_failed(&self) -> bool {
        self.has_status(DeploymentStatus::Failed)
    }

    fn has_status(&self, status: DeploymentStatus) -> bool {
        self.deployment
            .as_ref()
            .is_some_and(|deployment| deployment.status == status)
    }

    /// A group joins the current deployment, which is made for the first (spec: deployments 19.1).
    pub(crate) fn join_deployment(&mut self, job: &Rc<Job>, state: DeploymentGroup) {
        if self.deployment.is_none() {
            self.created = true;
            let id = DeploymentId(self.ids.make());
            let priority = self.input.evaluation.priority;
            self.deployment = Some(fresh_deployment(id, job, priority, self.input.now));
        }
        if let Some(deployment) = &mut self.deployment {
            deployment.groups.push(state);
        }
    }

    /// What follows for the deployment once every group was looked at (spec: deployments 6.6, 6.7).
    pub(crate) fn finish_deployment(&mut self, is_complete: bool) {
        let Some(mut deployment) = self.deployment.take() else {
            return;
        };
        // Said of a failed one too; whoever writes it down drops that (spec: deployments 33.39).
        if is_complete {
            let status = DeploymentStatus::Successful;
            self.update_deployment(deployment.id, status, description::SUCCESSFUL);
        }
        if self.created {
            if let Some(text) = deployment.promotion_text() {
                deployment.status_description = text.into();
            }
            self.result.deployment = Some(deployment);
        }
    }
}

/// Why a deployment is cancelled: there is another version of its job, or none that runs.
pub(crate) fn overtaken_text(running: Option<&Rc<Job>>) -> &'static str {
    match running {
        Some(_) => description::NEWER_JOB,
        None => description::STOPPED_JOB,
    }
}

/// A deployment of a version that no group has joined yet.
pub(crate) fn fresh_deployment(
    id: DeploymentId,
    job: &Job,
    eval_priority: i64,
    now: Time,
) -> Deployment {
    Deployment {
        id,
        namespace: job.spec.namespace.clone(),
        job_id: job.spec.id.clone(),
        job_version: job.version,
        job_create_index: job.create_index,
        job_modify_index: job.modify_index,
        job_spec_modify_index: job.job_modify_index,
        status: DeploymentStatus::Running,
        status_description: description::RUNNING.into(),
        eval_priority,
        groups: Vec::new(),
        create_index: 0,
        modify_index: 0,
        create_time: now,
        modify_time: now,
    }
}

/// A group's part in a deployment that does not exist yet.
pub(crate) fn fresh_state(group: &TaskGroup) -> DeploymentGroup {
    let update = group.update.as_ref();
    DeploymentGroup {
        name: group.name.clone(),
        auto_revert: update.is_some_and(|update| update.auto_revert),
        auto_promote: update.is_some_and(|update| update.auto_promote),
        progress_deadline: update
            .map(|update| update.progress_deadline)
            .unwrap_or_default(),
        require_progress_by: None,
        promoted: false,
        placed_canaries: Vec::new(),
        desired_canaries: 0,
        desired_total: 0,
        placed_allocs: 0,
        healthy_allocs: 0,
        unhealthy_allocs: 0,
    }
}

//! Writing deployments (spec: deployments 21, 22).

use std::rc::Rc;

use yurt_model::{
    AllocDeploymentStatus, AllocId, Allocation, Deployment, DeploymentId, DeploymentStatus,
    DeploymentStatusUpdate, Name, Time, description,
};

use super::{StateError, Write};
use crate::Store;

impl Store {
    pub(crate) fn check_deployment_update(&self, id: DeploymentId) -> Result<(), StateError> {
        let Some(deployment) = self.deployments.get(&id) else {
            return Err(StateError(format!(
                "Deployment ID \"{id}\" couldn't be updated as it does not exist"
            )));
        };
        if deployment.is_active() {
            return Ok(());
        }
        let status = deployment.status;
        Err(StateError(format!(
            "Deployment \"{id}\" has terminal status \"{status}\":"
        )))
    }

    /// Enough healthy canaries in every selected group, or one line for each that has too few.
    pub(crate) fn check_promotion(
        &self,
        id: DeploymentId,
        groups: Option<&[Name]>,
    ) -> Result<(), StateError> {
        self.check_deployment_update(id)?;
        let Some(deployment) = self.deployments.get(&id) else {
            return Ok(());
        };
        let counted = self.promotable(deployment, groups);
        let short: Vec<String> = deployment
            .groups
            .iter()
            .filter(|group| is_selected(groups, &group.name) && group.desired_canaries > 0)
            .filter_map(|group| {
                let healthy = counted
                    .iter()
                    .filter(|alloc| alloc.group == group.name)
                    .count();
                let desired = group.desired_canaries;
                let is_short = i64::try_from(healthy).unwrap_or(i64::MAX) < desired;
                is_short.then(|| {
                    let name = &group.name;
                    format!("Task group \"{name}\" has {healthy}/{desired} healthy allocations")
                })
            })
            .collect();
        if short.is_empty() {
            Ok(())
        } else {
            Err(StateError(error_list(&short)))
        }
    }

    /// The live, healthy canaries of the selected groups.
    fn promotable(&self, deployment: &Deployment, groups: Option<&[Name]>) -> Vec<Rc<Allocation>> {
        deployment
            .groups
            .iter()
            .flat_map(|group| &group.placed_canaries)
            .filter_map(|id| self.allocs.get(id))
            .filter(|alloc| alloc.deployment_id == Some(deployment.id))
            .filter(|alloc| is_selected(groups, &alloc.group))
            .filter(|alloc| !alloc.is_terminal() && alloc.is_healthy())
            .cloned()
            .collect()
    }

    pub(crate) fn promote(&mut self, write: &mut Write, id: DeploymentId, groups: Option<&[Name]>) {
        let Some(stored) = self.deployments.get(&id) else {
            return;
        };
        let counted: Vec<AllocId> = self
            .promotable(stored, groups)
            .iter()
            .map(|alloc| alloc.id)
            .collect();
        let mut deployment = (**stored).clone();
        for group in deployment
            .groups
            .iter_mut()
            .filter(|g| is_selected(groups, &g.name))
        {
            group.promoted = true;
            if group.require_progress_by.is_some() {
                group.require_progress_by = Some(write.at + group.progress_deadline);
            }
        }
        if deployment.status == DeploymentStatus::Running && !deployment.requires_promotion() {
            deployment.status_description = Name::from(description::RUNNING);
        }
        // The caller may say when it promoted; nobody does, and zero is stored
        // (spec: deployments 33.11).
        deployment.modify_time = Time::ZERO;
        self.store_deployment(write, deployment);
        for alloc in counted {
            self.edit_alloc(write, alloc, |alloc| {
                if let Some(status) = &mut alloc.deployment_status {
                    status.canary = false;
                }
            });
        }
    }

    pub(crate) fn set_deployment_status(
        &mut self,
        write: &mut Write,
        update: &DeploymentStatusUpdate,
    ) {
        let Some(stored) = self.deployments.get(&update.deployment_id) else {
            return;
        };
        let mut deployment = (**stored).clone();
        deployment.status = update.status;
        deployment.status_description = update.description.clone();
        deployment.modify_time = write.at;
        if update.status.is_active() {
            for group in &mut deployment.groups {
                if group.progress_deadline.nanos() != 0 {
                    group.require_progress_by = Some(write.at + group.progress_deadline);
                }
            }
        }
        let (key, version) = (deployment.job_key(), deployment.job_version);
        self.store_deployment(write, deployment);
        if update.status == DeploymentStatus::Successful {
            self.set_stability(write, &key, version, true);
        }
        self.derive_job_status(write, &key);
    }

    /// Stores a deployment that a plan carries: what clients have counted meanwhile stays, and so
    /// do groups that the plan's copy lacks (spec: deployments 21.5).
    pub(crate) fn put_deployment(&mut self, write: &mut Write, mut deployment: Deployment) {
        if let Some(stored) = self.deployments.get(&deployment.id) {
            deployment.create_index = stored.create_index;
            deployment.create_time = stored.create_time;
            for old in &stored.groups {
                match deployment.group_mut(&old.name) {
                    Some(group) => {
                        group.placed_canaries.clone_from(&old.placed_canaries);
                        group.placed_allocs = old.placed_allocs;
                        group.healthy_allocs = old.healthy_allocs;
                        group.unhealthy_allocs = old.unhealthy_allocs;
                        group.require_progress_by = old.require_progress_by;
                        group.promoted |= old.promoted;
                    }
                    None => deployment.groups.push(old.clone()),
                }
            }
        } else {
            deployment.create_index = write.index;
            deployment.create_time = write.at;
            self.deployments_by_job
                .link(&deployment.job_key(), deployment.id);
        }
        deployment.modify_time = write.at;
        self.store_deployment(write, deployment);
    }

    fn store_deployment(&mut self, write: &mut Write, mut deployment: Deployment) {
        deployment.modify_index = write.index;
        Write::touch(&mut write.touched.deployments, deployment.id);
        self.deployments.insert(deployment.id, Rc::new(deployment));
    }

    /// Forgets a deployment.
    pub(crate) fn remove_deployment(&mut self, write: &mut Write, id: DeploymentId) {
        if let Some(deployment) = self.deployments.remove(&id) {
            self.deployments_by_job.unlink(&deployment.job_key(), id);
            Write::touch(&mut write.touched.deployments, id);
        }
    }

    pub(crate) fn check_health(
        &self,
        id: DeploymentId,
        healthy: &[AllocId],
        unhealthy: &[AllocId],
    ) -> Result<(), StateError> {
        self.check_deployment_update(id)?;
        for alloc_id in healthy.iter().chain(unhealthy) {
            let Some(alloc) = self.allocs.get(alloc_id) else {
                return Err(StateError(format!("unknown alloc \"{alloc_id}\"")));
            };
            if alloc.deployment_id != Some(id) {
                let text = format!("alloc \"{alloc_id}\" is not part of deployment \"{id}\"");
                return Err(StateError(text));
            }
        }
        Ok(())
    }

    pub(crate) fn set_health(&mut self, write: &mut Write, id: AllocId, healthy: bool) {
        let (at, index) = (write.at, write.index);
        self.edit_alloc(write, id, |alloc| {
            let status = alloc
                .deployment_status
                .get_or_insert_with(AllocDeploymentStatus::default);
            status.healthy = Some(healthy);
            status.timestamp = Some(at);
            status.modify_index = index;
        });
    }

    /// Lets a deployment's counters follow the write of one of its allocations
    /// (spec: deployments 21.1, 21.2). Terminal deployments are counted too.
    pub(crate) fn count_in_deployment(
        &mut self,
        write: &mut Write,
        old: Option<&Allocation>,
        new: &mut Allocation,
    ) {
        let Some(id) = new.deployment_id else { return };
        let health = |alloc: &Allocation| alloc.deployment_status.as_ref().and_then(|s| s.healthy);
        let is_new_here = old.is_none_or(|old| old.deployment_id != Some(id));
        let before = old.and_then(health);
        let after = health(new);
        let (placed, healthy, unhealthy) = match (is_new_here, before, after) {
            (true, _, _) => (1, 0, 0),
            (false, None, Some(true)) => (0, 1, 0),
            (false, None, Some(false)) => (0, 0, 1),
            (false, Some(true), Some(false)) => (0, -1, 1),
            _ => return,
        };
        let counts_as_write = placed == 1 || before.is_none();
        if before.is_none()
            && placed == 0
            && let Some(status) = &mut new.deployment_status
        {
            status.modify_index = write.index;
        }
        let Some(row) = self.deployments.get_mut(&id) else {
            return;
        };
        let deployment = Rc::make_mut(row);
        let Some(group) = deployment.group_mut(&new.group) else {
            return;
        };
        group.placed_allocs += placed;
        group.healthy_allocs += healthy;
        group.unhealthy_allocs += unhealthy;
        if counts_as_write && new.is_canary() && !group.placed_canaries.contains(&new.id) {
            group.placed_canaries.push(new.id);
        }
        if group.progress_deadline.nanos() != 0 {
            if placed == 1 && group.require_progress_by.is_none() {
                group.require_progress_by = Some(new.modify_time + group.progress_deadline);
            } else if healthy != 0 {
                let decided = new.deployment_status.as_ref().and_then(|s| s.timestamp);
                let due = decided.map(|at| at + group.progress_deadline);
                group.require_progress_by = group.require_progress_by.max(due);
            }
        }
        deployment.modify_time = new.modify_time;
        deployment.modify_index = write.index;
        Write::touch(&mut write.touched.deployments, id);
    }
}

fn is_selected(groups: Option<&[Name]>, name: &Name) -> bool {
    groups.is_none_or(|groups| groups.contains(name))
}

/// Several errors as one text: a count, then a line each (spec: deployments 2.4).
fn error_list(errors: &[String]) -> String {
    let head = match errors.len() {
        1 => "1 error occurred:".to_owned(),
        n => format!("{n} errors occurred:"),
    };
    let lines: String = errors
        .iter()
        .map(|error| format!("\t* {error}\n"))
        .collect();
    format!("{head}\n{lines}\n")
}

//! Writing allocations: indexes, counters, and what clients report (spec: deployments 21.1-21.4).

use std::rc::Rc;

use yurt_model::{
    AllocClientStatus, AllocDeploymentStatus, AllocId, Allocation, DesiredTransition, EvalStatus,
    JobKey,
};

use super::Write;
use crate::{ClientUpdate, Store};

impl Store {
    /// Stores an allocation's record as it is, keeps the indexes true and lets its deployment and
    /// its job's counts follow. `alloc.modify_index` and times are set by the callers' kind of
    /// write.
    pub(crate) fn store_alloc(&mut self, write: &mut Write, mut alloc: Allocation) {
        let old = self.allocs.get(&alloc.id).cloned();
        alloc.modify_index = write.index;
        self.count_in_deployment(write, old.as_deref(), &mut alloc);
        self.count(write, old.as_deref(), &alloc);
        let before = old.as_ref().and_then(|old| old.deployment_id);
        if before != alloc.deployment_id {
            if let Some(deployment) = before {
                self.allocs_by_deployment.unlink(&deployment, alloc.id);
            }
            if let Some(deployment) = alloc.deployment_id {
                self.allocs_by_deployment.link(&deployment, alloc.id);
            }
        }
        let is_new = old.is_none();
        if is_new {
            self.allocs_by_job.link(&alloc.job_key(), alloc.id);
            self.allocs_by_node.link(&alloc.node_id, alloc.id);
        }
        let was_live = old.is_some_and(|old| !old.is_client_terminal());
        self.count_on_node(&alloc, was_live, !alloc.is_client_terminal());
        Write::touch(&mut write.touched.allocs, alloc.id);
        self.share_with_kin(&mut alloc, is_new);
        write.recent.share(&mut alloc.shared);
        self.allocs.insert(alloc.id, Rc::new(alloc));
    }

    /// Lets an allocation share what is the same for the newest of its job, whenever that was
    /// written.
    fn share_with_kin(&self, alloc: &mut Allocation, is_new: bool) {
        let newest = self.allocs_of_job(&alloc.job_key()).rev();
        for other in newest.filter(|other| other.id != alloc.id).take(2) {
            let common = &other.shared.common;
            if !Rc::ptr_eq(common, &alloc.shared.common) && *common == alloc.shared.common {
                Rc::make_mut(&mut alloc.shared).common = common.clone();
            }
            if is_new && other.resources == alloc.resources {
                alloc.resources = other.resources.clone();
            }
            if is_new && let Some(metrics) = Rc::get_mut(&mut alloc.metrics) {
                metrics.share_counts(&other.metrics);
            }
        }
    }

    fn count_on_node(&mut self, alloc: &Allocation, was_live: bool, is_live: bool) {
        if was_live != is_live {
            Rc::make_mut(&mut self.ready).count_live(alloc.node_id, is_live);
        }
    }

    /// Changes an allocation as servers do.
    pub(crate) fn edit_alloc(
        &mut self,
        write: &mut Write,
        id: AllocId,
        edit: impl FnOnce(&mut Allocation),
    ) {
        if let Some(alloc) = self.allocs.get(&id) {
            let mut alloc = (**alloc).clone();
            edit(&mut alloc);
            alloc.alloc_modify_index = write.index;
            self.store_alloc(write, alloc);
        }
    }

    pub(crate) fn set_transition(
        &mut self,
        write: &mut Write,
        id: AllocId,
        transition: DesiredTransition,
    ) {
        self.edit_alloc(write, id, |alloc| {
            alloc.desired_transition.merge(&transition)
        });
    }

    /// Takes over what clients report; jobs' statuses follow.
    pub(crate) fn apply_client_updates(&mut self, write: &mut Write, updates: Vec<ClientUpdate>) {
        let mut jobs: Vec<JobKey> = Vec::new();
        for update in updates {
            let Some(stored) = self.allocs.get(&update.alloc_id) else {
                continue;
            };
            let mut alloc = (**stored).clone();
            // One that is to stop keeps what it waited for (as recorded).
            let was_unknown = alloc.client_status == AllocClientStatus::Unknown;
            if was_unknown && !alloc.is_server_terminal() {
                self.drop_follow_up(write, &mut alloc);
            }
            merge_health(&mut alloc, update.deployment_status, write);
            alloc.client_status = update.status;
            alloc.client_description = update.description;
            alloc.task_states = update.task_states;
            alloc.modify_time = write.at;
            let key = alloc.job_key();
            self.settle_node(alloc.node_id);
            self.store_alloc(write, alloc);
            if !jobs.contains(&key) {
                jobs.push(key);
            }
        }
        jobs.iter()
            .for_each(|key| self.derive_job_status(write, key));
    }

    /// An unknown allocation is back: the evaluation that waited for its end is not needed, unless
    /// another live one shares it (spec: deployments 18.4).
    fn drop_follow_up(&mut self, write: &mut Write, alloc: &mut Allocation) {
        let Some(follow_up) = alloc.links.follow_up_eval else {
            return;
        };
        alloc.links.follow_up_eval = None;
        let is_shared = self.allocs_of_job(&alloc.job_key()).any(|other| {
            other.id != alloc.id
                && other.links.follow_up_eval == Some(follow_up)
                && !other.is_terminal()
        });
        let is_open = self
            .evals
            .get(&follow_up)
            .is_some_and(|eval| !eval.status.is_terminal());
        if is_open && !is_shared {
            self.end_eval(write, follow_up, EvalStatus::Canceled, "allocs reconnected");
        }
    }

    /// Forgets an allocation.
    pub(crate) fn remove_alloc(&mut self, write: &mut Write, id: AllocId) {
        if let Some(alloc) = self.allocs.remove(&id) {
            self.count_on_node(&alloc, !alloc.is_client_terminal(), false);
            self.allocs_by_job.unlink(&alloc.job_key(), id);
            self.allocs_by_node.unlink(&alloc.node_id, id);
            if let Some(deployment) = alloc.deployment_id {
                self.allocs_by_deployment.unlink(&deployment, id);
            }
            self.deregistered.remove(&id);
            Write::touch(&mut write.touched.allocs, id);
        }
    }
}

/// Takes from the client only a newly set or changed health; its canary flag never. A client's
/// "unset" erases nothing (spec: deployments 21.3).
fn merge_health(alloc: &mut Allocation, reported: Option<AllocDeploymentStatus>, write: &Write) {
    let Some(reported) = reported else { return };
    match &mut alloc.deployment_status {
        Some(status) => {
            if reported.healthy.is_some() && reported.healthy != status.healthy {
                status.healthy = reported.healthy;
                status.timestamp = reported.timestamp;
                status.modify_index = write.index;
            }
        }
        None => {
            alloc.deployment_status = Some(AllocDeploymentStatus {
                modify_index: write.index,
                ..reported
            });
        }
    }
}

//! Applying a plan: one transaction in a fixed order (spec: deployments 21.5).

use std::rc::Rc;

use yurt_model::{
    AllocClientStatus, AllocDesiredStatus, AllocId, Allocation, ClientStatusChange, JobKey,
    JobStatus, Plan, StopAlloc,
};

use super::Write;
use crate::Store;

impl Store {
    pub(crate) fn apply_plan(&mut self, write: &mut Write, plan: Plan) {
        if let Some(deployment) = plan.deployment {
            self.put_deployment(write, deployment);
        }
        for update in &plan.deployment_updates {
            // Updates of a deployment that has ended meanwhile are dropped (spec: deployments
            // 33.39).
            if self.check_deployment_update(update.deployment_id).is_ok() {
                self.set_deployment_status(write, update);
            }
        }
        if let Some(row) = plan.eval_id.and_then(|id| self.evals.get_mut(&id)) {
            Rc::make_mut(row).modify_index = write.index;
        }
        let mut jobs: Vec<JobKey> = Vec::new();
        let mut alive: Vec<JobKey> = Vec::new();
        for alloc in plan.allocations {
            let key = alloc.job_key();
            let lives = !alloc.is_terminal();
            if self.put_planned_alloc(write, alloc) {
                note(if lives { &mut alive } else { &mut jobs }, key);
            }
        }
        for stop in plan.stops {
            let key = self.allocs.get(&stop.alloc_id).map(|alloc| alloc.job_key());
            self.stop_alloc(write, stop);
            key.into_iter().for_each(|key| note(&mut jobs, key));
        }
        for (victim, by) in plan.preemptions {
            let key = self.allocs.get(&victim).map(|alloc| alloc.job_key());
            self.preempt_alloc(write, victim, by);
            key.into_iter().for_each(|key| note(&mut jobs, key));
        }
        for key in jobs.iter().filter(|key| !alive.contains(key)) {
            self.derive_job_status(write, key);
        }
        // A new or live allocation makes its job running without a further look.
        for key in &alive {
            self.set_job_status(write, key, JobStatus::Running);
        }
    }

    /// Writes an allocation of a plan; false when it was skipped: nothing new is made for a job
    /// that is gone or stopped (spec: deployments 21.4).
    fn put_planned_alloc(&mut self, write: &mut Write, mut alloc: Allocation) -> bool {
        alloc.alloc_modify_index = write.index;
        alloc.modify_time = write.at;
        match self.allocs.get(&alloc.id).cloned() {
            Some(stored) => {
                keep_what_clients_own(&mut alloc, &stored);
                if alloc.client_status != stored.client_status {
                    record_status(&mut alloc, write);
                }
            }
            None => {
                let is_wanted = self.jobs.get(&alloc.job_key()).is_some_and(|job| !job.stop);
                if !is_wanted {
                    return false;
                }
                alloc.create_index = write.index;
                alloc.create_time = write.at;
                if let Some(previous) = alloc.links.previous_allocation {
                    let id = alloc.id;
                    self.edit_alloc(write, previous, |old| old.links.next_allocation = Some(id));
                }
            }
        }
        self.store_alloc(write, alloc);
        true
    }

    fn stop_alloc(&mut self, write: &mut Write, stop: StopAlloc) {
        let Some(alloc) = self.allocs.get(&stop.alloc_id) else {
            return;
        };
        let mut alloc = (**alloc).clone();
        alloc.desired_status = AllocDesiredStatus::Stop;
        alloc.desired_description = stop.description;
        if stop.follow_up.is_some() {
            alloc.links.follow_up_eval = stop.follow_up;
        }
        // Only these two are the servers' to say; anything else is the client's.
        if let Some(status @ (AllocClientStatus::Lost | AllocClientStatus::Unknown)) =
            stop.client_status
        {
            alloc.client_status = status;
            record_status(&mut alloc, write);
        }
        alloc.modify_time = write.at;
        alloc.alloc_modify_index = write.index;
        self.store_alloc(write, alloc);
    }

    fn preempt_alloc(&mut self, write: &mut Write, victim: AllocId, by: AllocId) {
        let at = write.at;
        self.edit_alloc(write, victim, |alloc| {
            alloc.desired_status = AllocDesiredStatus::Evict;
            alloc.desired_description = format!("Preempted by alloc ID {by}").into();
            alloc.links.preempted_by = Some(by);
            alloc.modify_time = at;
        });
    }
}

fn note(list: &mut Vec<JobKey>, key: JobKey) {
    if !list.contains(&key) {
        list.push(key);
    }
}

/// A change of status that the servers make is remembered with its time: reconnects and delays
/// count from it (spec: deployments 8, 10.4).
fn record_status(alloc: &mut Allocation, write: &Write) {
    let status = alloc.client_status;
    let time = write.at;
    alloc.links.states.push(ClientStatusChange { status, time });
}

/// What a server's write of an existing allocation leaves as it was (spec: deployments 21.4).
fn keep_what_clients_own(alloc: &mut Allocation, stored: &Allocation) {
    alloc.create_index = stored.create_index;
    alloc.create_time = stored.create_time;
    if alloc.links.next_allocation != stored.links.next_allocation {
        alloc.links.next_allocation = stored.links.next_allocation;
    }
    alloc.task_states.clone_from(&stored.task_states);
    let said_by_servers = matches!(
        alloc.client_status,
        AllocClientStatus::Lost | AllocClientStatus::Unknown
    );
    if !said_by_servers {
        alloc.client_status = stored.client_status;
        alloc.client_description = stored.client_description.clone();
    }
}

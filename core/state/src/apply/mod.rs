//! What each change does to the tables. One file a kind of row.
//!
//! Every function here either refuses before it writes anything, or writes everything at one index.

mod alloc;
mod deployment;
mod eval;
mod job;
mod node;
mod plan;
mod status;
#[cfg(test)]
mod tests;

use yurt_model::{Evaluation, Index, JobKey, Recent, SharedAlloc, Time};

use crate::{Change, Store, Touched};

/// Why a write was refused: the reference's text, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateError(pub String);

/// One write under way: when it happens, its index, and what it has touched so far.
pub(crate) struct Write {
    pub(crate) at: Time,
    pub(crate) index: Index,
    pub(crate) touched: Touched,
    /// What was written to allocations, for those to which the same is.
    pub(crate) recent: Recent<SharedAlloc>,
}

impl Write {
    fn touch_job(&mut self, key: &JobKey) {
        if !self.touched.jobs.contains(key) {
            self.touched.jobs.push(key.clone());
        }
    }

    fn touch<T: PartialEq + Copy>(list: &mut Vec<T>, id: T) {
        if list.last() != Some(&id) && !list.contains(&id) {
            list.push(id);
        }
    }
}

impl Store {
    /// Applies one change at the next index and says what it touched. Nothing is written when it is
    /// refused.
    pub fn apply(&mut self, at: Time, change: Change) -> Result<Touched, StateError> {
        let index = self.index + 1;
        let mut write = Write {
            at,
            index,
            touched: Touched {
                index,
                ..Touched::default()
            },
            recent: Recent::default(),
        };
        self.check(&change)?;
        self.index = index;
        self.carry_out(&mut write, change);
        Ok(write.touched)
    }

    fn check(&self, change: &Change) -> Result<(), StateError> {
        match change {
            Change::DeploymentStatusSet { update, .. } => {
                self.check_deployment_update(update.deployment_id)
            }
            Change::DeploymentPromoted {
                deployment_id,
                groups,
                ..
            } => self.check_promotion(*deployment_id, groups.as_deref()),
            Change::AllocHealthSet {
                deployment_id,
                healthy,
                unhealthy,
                ..
            } => self.check_health(*deployment_id, healthy, unhealthy),
            Change::JobStabilitySet { key, version, .. }
            | Change::JobVersionTagged { key, version, .. } => self.check_version(key, *version),
            _ => Ok(()),
        }
    }

    fn carry_out(&mut self, write: &mut Write, change: Change) {
        match change {
            Change::JobUpserted {
                job,
                evaluation,
                no_shutdown_delay,
            } => {
                let key = job.spec.key();
                self.put_job(write, *job);
                if no_shutdown_delay {
                    self.skip_shutdown_delays(write, &key);
                }
                self.put_new_job_eval(write, evaluation);
                self.derive_job_status(write, &key);
            }
            Change::JobPurged { key, evaluation } => {
                self.purge_job(write, &key);
                self.put_evals(write, evaluation.into_iter().map(|eval| *eval));
            }
            Change::ScalingEventAdded { key, group, event } => {
                self.add_scaling_event(&key, group, event);
            }
            Change::JobStabilitySet {
                key,
                version,
                stable,
            } => {
                self.set_stability(write, &key, version, stable);
            }
            Change::JobVersionTagged { key, version, tag } => {
                self.tag_version(write, &key, version, tag);
            }
            Change::EvalsUpserted(evals) => self.put_evals(write, evals),
            collected @ Change::Collected { .. } => self.collect(write, collected),
            Change::PlanApplied {
                plan,
                preemption_evals,
            } => {
                self.apply_plan(write, *plan);
                self.put_evals(write, preemption_evals);
            }
            Change::ClientsReported { updates, evals } => {
                self.apply_client_updates(write, updates);
                self.put_evals(write, evals);
            }
            Change::TransitionsSet { transitions, evals } => {
                for (id, transition) in transitions {
                    self.set_transition(write, id, transition);
                }
                evals
                    .into_iter()
                    .for_each(|eval| self.put_eval(write, eval));
            }
            Change::DeploymentStatusSet {
                update,
                rollback,
                evaluation,
            } => {
                self.set_deployment_status(write, &update);
                self.roll_back(write, rollback);
                evaluation
                    .into_iter()
                    .for_each(|eval| self.put_eval(write, *eval));
            }
            Change::DeploymentPromoted {
                deployment_id,
                groups,
                evaluation,
            } => {
                self.promote(write, deployment_id, groups.as_deref());
                evaluation
                    .into_iter()
                    .for_each(|eval| self.put_eval(write, *eval));
            }
            Change::AllocHealthSet {
                deployment_id: _,
                healthy,
                unhealthy,
                update,
                rollback,
                evaluation,
            } => {
                healthy
                    .into_iter()
                    .for_each(|id| self.set_health(write, id, true));
                unhealthy
                    .into_iter()
                    .for_each(|id| self.set_health(write, id, false));
                if let Some(update) = update {
                    self.set_deployment_status(write, &update);
                }
                self.roll_back(write, rollback);
                evaluation
                    .into_iter()
                    .for_each(|eval| self.put_eval(write, *eval));
            }
            change @ (Change::NodeUpserted(_)
            | Change::NodeStatusSet { .. }
            | Change::NodeDrainSet { .. }
            | Change::NodeEligibilitySet { .. }) => self.apply_to_node(write, change),
            Change::ServiceDeregistered {
                alloc_id,
                service_id,
            } => self.deregister_service(alloc_id, service_id),
            Change::SchedulerConfigurationSet(configuration) => {
                self.scheduler = (*configuration).into();
                self.scheduler_index = write.index;
            }
        }
    }

    /// Forgets what nobody needs any more.
    fn collect(&mut self, write: &mut Write, collected: Change) {
        let Change::Collected {
            evals,
            allocs,
            deployments,
            jobs,
            nodes,
        } = collected
        else {
            return;
        };
        evals.into_iter().for_each(|id| self.remove_eval(write, id));
        for id in allocs {
            self.uncount(write, id);
            self.remove_alloc(write, id);
        }
        for id in deployments {
            self.remove_deployment(write, id);
        }
        jobs.iter().for_each(|key| self.remove_job(write, key));
        nodes.into_iter().for_each(|id| self.remove_node(write, id));
    }

    /// Stores the evaluation of a freshly written job: it records the job's spec index.
    fn put_new_job_eval(&mut self, write: &mut Write, evaluation: Option<Box<Evaluation>>) {
        if let Some(mut eval) = evaluation {
            eval.job_modify_index = write.index;
            self.put_eval(write, *eval);
        }
    }
}

//! What is replaced now, and what the job's deployment becomes (spec: scheduling 14.3, 14.5;
//! deployments 29).

use std::collections::BTreeSet;
use std::rc::Rc;

use yurt_model::{
    AllocId, Allocation, Deployment, DeploymentGroup, DeploymentId, DeploymentStatus,
    DeploymentStatusUpdate, Job, JobType, Name, TaskGroup, description,
};

use super::Attempt;
use super::compare::{Compared, Item};
use crate::reconcile::{AllocRef, Update, fresh_state, reason};
use crate::update::Versions;

/// How the job's deployments stand at the beginning of an attempt, and what becomes of them.
pub(super) struct Rollout {
    /// The deployment that counts now: of this version and not done, or one that has failed.
    current: Option<Deployment>,
    /// The version (with its incarnation) of one that was set aside.
    old_version: Option<(u64, yurt_model::Index)>,
    superseded: Option<DeploymentStatusUpdate>,
    /// It was made in this attempt.
    created: bool,
    /// Live canaries of the deployment, by group.
    canaries: Vec<(Name, AllocId)>,
}

impl Rollout {
    pub(super) fn new(latest: Option<&Deployment>, job: Option<&Rc<Job>>) -> Self {
        let mut rollout = Self {
            current: None,
            old_version: None,
            superseded: None,
            created: false,
            canaries: Vec::new(),
        };
        let Some(latest) = latest else { return rollout };
        let is_same =
            job.is_some_and(|job| job.is_same_version(latest.job_version, latest.job_create_index));
        let is_over = latest.status == DeploymentStatus::Successful;
        if !is_over && (is_same || !latest.is_active()) {
            rollout.current = Some(latest.clone());
            return rollout;
        }
        rollout.old_version = Some((latest.job_version, latest.job_create_index));
        if !is_same && latest.is_active() {
            let text = if job.is_none() {
                description::STOPPED_JOB
            } else {
                description::NEWER_JOB
            };
            rollout.superseded = Some(status(latest.id, DeploymentStatus::Cancelled, text));
        }
        rollout
    }

    /// The end of a deployment that was overtaken.
    pub(super) fn cancel(&self) -> Option<DeploymentStatusUpdate> {
        self.superseded.clone()
    }

    fn state(&self, group: &str) -> Option<&DeploymentGroup> {
        self.current.as_ref()?.group(group)
    }

    /// Whether a replacement in the group would be a canary (spec: scheduling 14.2, row 9).
    pub(super) fn may_be_canary(&self, group: &TaskGroup) -> bool {
        let wants = group
            .update
            .as_ref()
            .is_some_and(|update| !update.is_empty() && update.canary > 0);
        wants
            && match &self.current {
                Some(_) => self.state(&group.name).is_some_and(|state| !state.promoted),
                None => true,
            }
    }

    fn is_halted(&self) -> bool {
        self.current.as_ref().is_some_and(|deployment| {
            matches!(
                deployment.status,
                DeploymentStatus::Paused | DeploymentStatus::Failed
            )
        })
    }
}

fn status(id: DeploymentId, status: DeploymentStatus, text: &str) -> DeploymentStatusUpdate {
    DeploymentStatusUpdate {
        deployment_id: id,
        status,
        description: text.into(),
    }
}

impl<'a> Attempt<'a> {
    /// Sorts updates into those where they are and replacements, stops as many as may be replaced
    /// now, and begins a deployment if one is due. Answers everything that is to be placed.
    pub(super) fn roll(&mut self, compared: Compared<'a>, rollout: &mut Rollout) -> Vec<Item<'a>> {
        let Some(job) = self.wanted else {
            return Vec::new();
        };
        self.join_deployment(job, &compared.rolling, rollout);
        let destructive = self.update_in_place(job, &compared.updates);
        let mut items = compared.places;
        for group in &job.spec.groups {
            let of_group = destructive
                .iter()
                .filter(|(old, _)| old.group == group.name);
            let mut limit = self.limit(job, group, &compared.ignored, rollout);
            for (old, canary) in of_group {
                if limit == 0 {
                    break;
                }
                let canary = *canary && job.version != 0;
                limit -= usize::from(!canary);
                self.stop(old, reason::UPDATING, None);
                if let Some(node) = self.nodes.candidates.get(&old.node_id) {
                    items.push(Item {
                        group: group.name.clone(),
                        name_index: old.name_index,
                        node,
                        previous: Some(old),
                        replaces: true,
                        canary,
                    });
                }
            }
        }
        for item in &items {
            self.group(&item.group).queued += 1;
        }
        for alloc in &compared.ignored {
            if let Some(deployment) = &rollout.current
                && alloc.is_canary()
                && alloc.deployment_id == Some(deployment.id)
            {
                rollout.canaries.push((alloc.group.clone(), alloc.id));
            }
        }
        items
    }

    /// How many replacements may begin (spec: scheduling 14.3).
    fn limit(
        &self,
        job: &Job,
        group: &TaskGroup,
        ignored: &[AllocRef<'a>],
        rollout: &Rollout,
    ) -> usize {
        let of = |update: Option<&yurt_model::job::UpdateStrategy>| {
            update
                .map(|update| usize::try_from(update.max_parallel).unwrap_or(0))
                .filter(|max| *max > 0)
        };
        let max = of(group.update.as_ref()).or(of(job.spec.update.as_ref()));
        let max = max.unwrap_or(usize::MAX);
        let Some(deployment) = &rollout.current else {
            return max;
        };
        let undecided = ignored
            .iter()
            .filter(|alloc| alloc.group == group.name)
            .filter(|alloc| alloc.deployment_id == Some(deployment.id) && !alloc.has_health())
            .count();
        max.saturating_sub(undecided)
    }

    /// Groups begin a deployment, or join the current one.
    fn join_deployment(&mut self, job: &Rc<Job>, rolling: &BTreeSet<Name>, rollout: &mut Rollout) {
        let is_known_version = rollout
            .old_version
            .is_some_and(|(version, incarnation)| job.is_same_version(version, incarnation));
        if self.cause.kind != JobType::System || is_known_version || rollout.is_halted() {
            return;
        }
        for group in &job.spec.groups {
            let has_block = group.update.as_ref().is_some_and(|u| !u.is_empty());
            if !has_block || !rolling.contains(&group.name) || rollout.state(&group.name).is_some()
            {
                continue;
            }
            if rollout.current.is_none() {
                rollout.created = true;
                let id = DeploymentId(self.ids.make());
                let priority = self.cause.priority;
                let made = crate::reconcile::fresh_deployment(id, job, priority, self.now);
                rollout.current = Some(made);
            }
            if let Some(deployment) = &mut rollout.current {
                deployment.groups.push(fresh_state(group));
            }
        }
        if rollout.created {
            self.deployment.clone_from(&rollout.current);
        }
    }

    /// Writes what can be updated where it is; answers what must be replaced.
    fn update_in_place(
        &mut self,
        job: &'a Rc<Job>,
        updates: &[(AllocRef<'a>, bool)],
    ) -> Vec<(AllocRef<'a>, bool)> {
        let is_batch = self.cause.kind == JobType::Sysbatch;
        let mut versions = Versions::new(self.store, job, self.cause.id, is_batch);
        let deployment = self.deployment.as_ref().map(|deployment| deployment.id);
        let mut destructive = Vec::new();
        for (alloc, canary) in updates {
            let Some(group) = job.spec.group(&alloc.group) else {
                continue;
            };
            let update = versions.update(alloc, group, &mut self.stack);
            let counts = self.group(&alloc.group);
            counts.candidates += 1;
            match update {
                Update::Destructive => {
                    counts.desired.destructive_update += 1;
                    counts.destructive += 1;
                    destructive.push((*alloc, *canary));
                }
                Update::InPlace(mut update) => {
                    counts.desired.in_place_update += 1;
                    if deployment.is_some() && update.deployment_id != deployment {
                        update.deployment_id = deployment;
                        update.deployment_status = None;
                    }
                    self.write_in_place(*update);
                }
                // Work that is done stays done.
                Update::Ignore => counts.desired.in_place_update += 1,
            }
        }
        destructive
    }

    /// The newest write of an allocation counts: one that has just come back is already planned.
    fn write_in_place(&mut self, update: Allocation) {
        let planned = &mut self.plan.allocations;
        match planned.iter_mut().find(|planned| planned.id == update.id) {
            Some(planned) => {
                let states = std::mem::take(&mut planned.states);
                *planned = Allocation { states, ..update };
            }
            None => {
                self.stack.ledger.place(&update);
                planned.push(update);
            }
        }
    }

    /// Takes back canaries that are too many, and says how the deployment stands.
    pub(super) fn finish_rollout(&mut self, rollout: Rollout, items: &[Item<'a>]) {
        let Some(job) = self.wanted else { return };
        let mut is_canarying = false;
        for group in &job.spec.groups {
            is_canarying |= self.trim_canaries(job, group, &rollout, items);
        }
        let Some(mut deployment) = self.deployment.take() else {
            return;
        };
        let mut is_complete = !is_canarying;
        for state in &mut deployment.groups {
            if let Some(counts) = self.groups.get(&state.name) {
                state.desired_total = counts.candidates;
            }
            is_complete &= state.healthy_allocs >= state.desired_total;
        }
        if rollout.created {
            let text = description::RUNNING;
            let running = status(deployment.id, DeploymentStatus::Running, text);
            self.plan.deployment_updates.push(running);
        }
        if deployment.requires_promotion() {
            let text = if deployment.has_auto_promote() {
                description::AUTO_PROMOTION
            } else {
                description::NEEDS_PROMOTION
            };
            deployment.status_description = text.into();
        } else if is_complete {
            let text = description::SUCCESSFUL;
            let done = status(deployment.id, DeploymentStatus::Successful, text);
            self.plan.deployment_updates.push(done);
        }
        self.plan.deployment = Some(deployment.clone());
        self.deployment = Some(deployment);
    }

    /// Leaves as many canaries as the percentage allows; true while the group waits for them
    /// (spec: scheduling 14.5).
    fn trim_canaries(
        &mut self,
        job: &Job,
        group: &TaskGroup,
        rollout: &Rollout,
        items: &[Item<'a>],
    ) -> bool {
        let destructive = self.group(&group.name).destructive;
        let Some(update) = group.update.as_ref().filter(|update| {
            !update.is_empty() && update.canary > 0 && job.version != 0 && destructive > 0
        }) else {
            return false;
        };
        let state = rollout.state(&group.name);
        if state.is_none_or(|state| state.promoted) {
            return false;
        }
        let running = rollout
            .canaries
            .iter()
            .filter(|(name, _)| *name == group.name)
            .count();
        let existing = i64::try_from(running).unwrap_or(i64::MAX);
        let share = (update.canary * (destructive + existing) + 99) / 100;
        let wanted = share.min(update.max_parallel);
        let kept = usize::try_from(wanted - existing).unwrap_or(0);
        let surplus: BTreeSet<AllocId> = items
            .iter()
            .filter(|item| item.canary && item.group == group.name)
            .filter_map(|item| item.previous)
            .map(|previous| previous.id)
            .filter(|id| {
                let planned = self.plan.allocations.iter();
                planned
                    .filter(|alloc| alloc.previous_allocation == Some(*id))
                    .any(Allocation::is_canary)
            })
            .skip(kept)
            .collect();
        self.plan
            .stops
            .retain(|stop| !surplus.contains(&stop.alloc_id));
        self.plan.allocations.retain(|alloc| {
            let previous = alloc.previous_allocation;
            previous.is_none_or(|id| !surplus.contains(&id))
        });
        if let Some(state) = self
            .deployment
            .as_mut()
            .and_then(|deployment| deployment.group_mut(&group.name))
        {
            state.desired_canaries = wanted;
        }
        self.group(&group.name).desired.canary = u64::try_from(wanted).unwrap_or(0);
        true
    }
}

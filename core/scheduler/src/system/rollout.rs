//! Updates, their limit, canaries, and the deployment of a system job (spec: scheduling 14.3,
//! 14.5).

use std::collections::BTreeSet;
use std::rc::Rc;

use yurt_model::{
    AllocDeploymentStatus, AllocId, Allocation, ClientStatusChange, Deployment, DeploymentId,
    DeploymentStatus, DeploymentStatusUpdate, Gather, Job, Name, TaskGroup, description,
    math::how_many,
};

use super::{GroupWork, Item, SystemAttempt};
use crate::feasible::version::{Form, Requirement, release_meets};
use crate::reconcile::{Update, fresh_deployment, fresh_state, overtaken_text, reason};
use crate::update::Versions;

impl<'a> SystemAttempt<'a> {
    /// Takes the newest deployment as the current one, or ends it.
    pub(super) fn choose_deployment(&mut self) {
        if self.is_sysbatch {
            return;
        }
        let Some(latest) = self.store.latest_deployment(&self.cause.job_key()) else {
            return;
        };
        let job = self.running_job();
        let is_same =
            job.is_some_and(|job| job.is_same_version(latest.job_version, latest.job_create_index));
        // One that failed stays the one at hand: after a rollback nothing is rolled out, and
        // allocations are placed without a deployment (as recorded).
        if is_same || (job.is_some() && latest.status == DeploymentStatus::Failed) {
            self.deployment = Some(Deployment::clone(latest));
        } else if latest.is_active() {
            let text = overtaken_text(job);
            self.update_deployment(latest.id, DeploymentStatus::Cancelled, text);
        }
    }

    fn update_deployment(&mut self, id: DeploymentId, status: DeploymentStatus, text: &str) {
        self.plan.deployment_updates.push(DeploymentStatusUpdate {
            deployment_id: id,
            status,
            description: text.into(),
        });
    }

    /// Decides group by group what is updated now.
    pub(super) fn roll_out(&mut self) {
        let Some(job) = self.running_job() else {
            return;
        };
        self.sort_updates(job);
        for group in &job.spec.groups {
            let work = std::mem::take(self.group(&group.name));
            self.join_deployment(job, group, &work);
            self.groups.insert(group.name.clone(), work);
        }
        for group in &job.spec.groups {
            let mut work = std::mem::take(self.group(&group.name));
            self.join_in_place(&group.name);
            self.limit_updates(job, group, &mut work);
            // Those that wait for the canaries' promotion are not taken off again (as recorded).
            let updates = work.destructive.iter().filter(|item| item.is_due()).count();
            let waiting = work.places.len() + updates;
            self.queued
                .insert(group.name.clone(), i64::try_from(waiting).unwrap_or(0));
            self.groups.insert(group.name.clone(), work);
        }
    }

    /// Nothing, in place, or replaced.
    fn sort_updates(&mut self, job: &'a Rc<Job>) {
        let mut versions = Versions::new(self.store, job, self.cause.id, self.is_sysbatch);
        for group in &job.spec.groups {
            let updates = std::mem::take(&mut self.group(&group.name).updates);
            for alloc in updates {
                match versions.update(alloc, group, &mut self.stack) {
                    Update::Ignore if alloc.is_terminal() => {
                        self.group(&group.name).in_place += 1;
                    }
                    Update::Ignore => {
                        self.group(&group.name).ignored.push(alloc);
                    }
                    Update::InPlace(update) => {
                        self.plan.put(*update);
                        self.group(&group.name).in_place += 1;
                    }
                    Update::Destructive => self.add_destructive(&group.name, alloc),
                }
            }
            let reconnecting = std::mem::take(&mut self.group(&group.name).reconnecting);
            for alloc in reconnecting {
                match versions.renew(alloc, group, &mut self.stack) {
                    Update::InPlace(mut update) => {
                        // Written down, or it would come back once more at the next look.
                        let (status, time) = (update.client_status, self.now);
                        let states = &mut update.links.states;
                        states.push(ClientStatusChange { status, time });
                        self.plan.put(*update);
                        self.group(&group.name).in_place += 1;
                    }
                    Update::Destructive => self.add_destructive(&group.name, alloc),
                    Update::Ignore => self.group(&group.name).ignored.push(alloc),
                }
            }
        }
    }

    fn add_destructive(&mut self, group: &Name, alloc: &'a Rc<Allocation>) {
        let Some(node) = self.candidates.get(&alloc.node_id).copied() else {
            return;
        };
        self.group(group).destructive.push(Item {
            node,
            name_index: alloc.name_index,
            replaces: Some(alloc),
            previous: None,
            is_canary: false,
        });
    }

    /// A group joins the deployment of this version, which is made for the first.
    fn join_deployment(&mut self, job: &Rc<Job>, group: &TaskGroup, work: &GroupWork<'_>) {
        let has_limit = group
            .update
            .as_ref()
            .is_some_and(|update| !update.is_empty());
        let may_join = self.deployment.as_ref().is_none_or(|deployment| {
            deployment.status == DeploymentStatus::Running
                && deployment.group(&group.name).is_none()
        });
        let has_updates = work.in_place > 0 || !work.destructive.is_empty();
        let is_due = has_limit && may_join && (has_updates || self.is_fresh(job, work));
        if self.is_sysbatch || !is_due || self.has_nodes_before_deployments() {
            return;
        }
        let (ids, priority, now) = (&mut self.ids, self.cause.priority, self.now);
        let is_new = self.deployment.is_none();
        let deployment = self
            .deployment
            .get_or_insert_with(|| fresh_deployment(DeploymentId(ids.make()), job, priority, now));
        deployment.groups.push(fresh_state(group));
        self.is_new_deployment |= is_new;
    }

    /// Clients of before release 1.11 do not report the health of system jobs: with one of them
    /// among the candidates there is no deployment (spec: scheduling 14.5).
    fn has_nodes_before_deployments(&self) -> bool {
        let old = Requirement::parse("< 1.11.0", Form::Semver);
        old.is_some_and(|old| self.candidates.values().any(|n| release_meets(n, &old)))
    }

    /// On some node nothing of this version ever ran.
    fn is_fresh(&self, job: &Job, work: &GroupWork<'_>) -> bool {
        work.places.iter().any(|item| {
            item.previous
                .is_none_or(|old| !old.job.is_same_version(job.version, job.create_index))
        })
    }

    /// What is updated in place belongs to the deployment; its health starts anew.
    fn join_in_place(&mut self, group: &Name) {
        let Some(deployment) = &self.deployment else {
            return;
        };
        for alloc in &mut self.plan.allocations {
            let is_marked = alloc.client_status == yurt_model::AllocClientStatus::Unknown;
            if alloc.group == *group && !is_marked && alloc.deployment_id != Some(deployment.id) {
                alloc.deployment_id = Some(deployment.id);
                alloc.deployment_status = None;
            }
        }
    }

    /// Takes what may not be replaced yet out of the work, and stages the stops of the rest.
    /// Canaries do not use the limit up: which of them stay is known once they have their nodes.
    fn limit_updates(&mut self, job: &Job, group: &TaskGroup, work: &mut GroupWork<'a>) {
        let canaries = self.canaries_wanted(job, group, work);
        let is_canarying = canaries.is_some();
        let mut limit = self.limit(job, group, work);
        for item in &mut work.destructive {
            let Some(old) = item.replaces else { continue };
            if limit > 0 {
                limit -= usize::from(!is_canarying);
                item.is_canary = is_canarying;
                self.stop(old, reason::UPDATING, None);
            } else {
                item.replaces = None;
            }
        }
    }

    /// Takes back canaries that are more than the share of what can be replaced: what they were to
    /// replace stays. Nodes that cannot have the group are not counted (spec: scheduling 14.5,
    /// SC-118).
    pub(super) fn trim_canaries(&mut self) {
        let Some(job) = self.running_job() else {
            return;
        };
        for group in &job.spec.groups {
            let mut work = std::mem::take(self.group(&group.name));
            if let Some((wanted, existing)) = self.canaries_wanted(job, group, &work) {
                work.canaries = wanted as u64;
                let deployment = self.deployment.as_mut();
                if let Some(state) = deployment.and_then(|d| d.group_mut(&group.name)) {
                    state.desired_canaries = i64::try_from(wanted).unwrap_or(i64::MAX);
                }
                // Those that run stay, then those that follow canaries that failed.
                let held = existing + self.count_followers(&group.name);
                let surplus: BTreeSet<AllocId> = self
                    .plan
                    .allocations
                    .iter()
                    .filter(|alloc| alloc.create_index == 0 && alloc.is_canary())
                    .filter(|alloc| alloc.group == group.name)
                    .filter_map(|alloc| alloc.links.previous_allocation)
                    .skip(wanted.saturating_sub(held))
                    .gather();
                // They are still waited for.
                let waiting = i64::try_from(surplus.len()).unwrap_or(0);
                *self.queued.entry(group.name.clone()).or_insert(0) += waiting;
                let stays = |id: &AllocId| !surplus.contains(id);
                self.plan.stops.retain(|stop| stays(&stop.alloc_id));
                self.plan
                    .allocations
                    .retain(|alloc| alloc.links.previous_allocation.as_ref().is_none_or(stays));
            }
            self.groups.insert(group.name.clone(), work);
        }
    }

    /// How many new allocations of the group follow canaries of this deployment that have ended.
    fn count_followers(&self, group: &Name) -> usize {
        let deployment = self.deployment.as_ref().map(|deployment| deployment.id);
        let new =
            self.plan.allocations.iter().filter(|alloc| {
                alloc.create_index == 0 && alloc.group == *group && !alloc.is_canary()
            });
        new.filter_map(|alloc| self.store.alloc(alloc.links.previous_allocation?))
            .filter(|old| old.is_canary() && old.deployment_id == deployment)
            .count()
    }

    /// How many may be replaced in this pass.
    fn limit(&self, job: &Job, group: &TaskGroup, work: &GroupWork<'_>) -> usize {
        let of = |update: &Option<yurt_model::job::UpdateStrategy>| {
            update.as_ref().map_or(0, |update| update.max_parallel)
        };
        let limit = [of(&group.update), of(&job.spec.update)]
            .into_iter()
            .find(|limit| *limit > 0);
        let Some(limit) = limit.map(how_many) else {
            return usize::MAX;
        };
        if self.is_sysbatch {
            return limit;
        }
        let Some(deployment) = &self.deployment else {
            return limit;
        };
        let waiting = work
            .ignored
            .iter()
            .filter(|alloc| alloc.deployment_id == Some(deployment.id) && !alloc.has_health())
            .count();
        limit.saturating_sub(waiting)
    }

    /// For a group that rolls out canaries: how many are wanted, and how many live. The block's
    /// number is a percentage.
    fn canaries_wanted(
        &self,
        job: &Job,
        group: &TaskGroup,
        work: &GroupWork<'a>,
    ) -> Option<(usize, usize)> {
        let update = group.update.as_ref()?;
        let deployment = self.deployment.as_ref()?;
        let state = deployment.group(&group.name)?;
        let destructive = work.destructive.len().saturating_sub(work.lost_updates);
        if update.canary <= 0 || state.promoted || job.version == 0 || destructive == 0 {
            return None;
        }
        let is_live_canary = |alloc: &&&Rc<Allocation>| {
            alloc.deployment_id == Some(deployment.id) && alloc.is_canary()
        };
        let existing = work.ignored.iter().filter(is_live_canary).count();
        let hundredfold = update
            .canary
            .saturating_mul((destructive + existing) as i64);
        let share = hundredfold.saturating_add(99) / 100;
        let wanted = how_many(share.min(update.max_parallel));
        Some((wanted, existing))
    }

    /// Totals, completion and the text of the status.
    pub(super) fn finish_deployment(&mut self) {
        let Some(mut deployment) = self.deployment.take() else {
            return;
        };
        let mut is_complete = !deployment.groups.is_empty();
        for state in &mut deployment.groups {
            let Some(work) = self.groups.get(&state.name) else {
                continue;
            };
            let total = Self::total(work);
            state.desired_total = i64::try_from(total).unwrap_or(i64::MAX);
            let is_canarying = state.desired_canaries > 0 && !state.promoted;
            is_complete &= state.healthy_allocs >= state.desired_total && !is_canarying;
        }
        if self.is_new_deployment {
            let text = description::RUNNING;
            self.update_deployment(deployment.id, DeploymentStatus::Running, text);
        } else if let Some(text) = deployment.promotion_text() {
            // Told from the second look on (as recorded).
            deployment.status_description = text.into();
        }
        let may_end = matches!(
            deployment.status,
            DeploymentStatus::Running | DeploymentStatus::Paused | DeploymentStatus::Successful
        );
        if is_complete && may_end {
            let status = DeploymentStatus::Successful;
            self.update_deployment(deployment.id, status, description::SUCCESSFUL);
        }
        self.plan.deployment = Some(deployment.clone());
        self.deployment = Some(deployment);
    }

    /// The mark of a new canary.
    pub(super) fn canary_mark(&self, is_canary: bool) -> Option<AllocDeploymentStatus> {
        (is_canary && self.deployment.is_some()).then(|| AllocDeploymentStatus {
            canary: true,
            ..AllocDeploymentStatus::default()
        })
    }
}

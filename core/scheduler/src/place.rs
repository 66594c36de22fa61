//! Placing one allocation (spec: deployments 20; scheduling 12.2).

use std::collections::BTreeMap;
use std::rc::Rc;

use yurt_model::{
    AllocClientStatus, AllocDeploymentStatus, AllocId, AllocLinks, AllocMetric, Allocation,
    DeploymentId, EvalId, Gather, InOrder, Job, Node, Plan, RescheduleTracker, SharedAlloc,
    StopAlloc, TaskGroup, Time, UuidMaker,
};

use crate::generic::Attempt;
use crate::rank::penalty;
use crate::reconcile::{Place, reason, tracker_of_replacement, tracker_without_placement};
use crate::stack::{Options, Selection, Stack, Winner};

impl<'a> Attempt<'a> {
    /// Places one allocation, or records why not. `replaced`: what stops for its sake, if it is
    /// placed.
    pub(crate) fn place(&mut self, place: &Place<'a>, replaced: Option<&'a Rc<Allocation>>) {
        let Some(current) = self.job else { return };
        let downgrade = if place.downgrade {
            self.older_version(place)
        } else {
            None
        };
        if let Some((_, deployment)) = &downgrade {
            self.downgraded_to = Some(*deployment);
        }
        let job = downgrade.map_or(current, |(job, _)| job);
        let Some(group) = job.spec.group(&place.group) else {
            return;
        };
        if let Some(metrics) = self.failed.get_mut(&place.group) {
            metrics.coalesced_failures += 1;
            note_exhausted_resources(metrics, group);
            return;
        }
        if let Some(old) = replaced {
            // What is replaced makes room before its replacement looks for some.
            self.stack.ledger.stop(old);
        }
        let selection = self.select(place, job, group);
        match selection.winner {
            Some(winner) => {
                let metrics = selection.metrics;
                self.add(place, job, group, winner, metrics);
                if let Some(old) = replaced {
                    self.plan.stops.push(StopAlloc {
                        alloc_id: old.id,
                        description: reason::UPDATING.into(),
                        client_status: None,
                        follow_up: None,
                    });
                }
            }
            None => {
                if let Some(old) = replaced {
                    self.stack.ledger.unstop(old);
                }
                let mut metrics = selection.metrics;
                note_exhausted_resources(&mut metrics, group);
                self.failed.insert(place.group.clone(), metrics);
                self.keep_for_later(place);
            }
        }
    }

    /// The job version and deployment for a replacement while canaries wait
    /// (spec: deployments 20.2).
    fn older_version(&self, place: &Place<'a>) -> Option<(&'a Rc<Job>, Option<DeploymentId>)> {
        let current = self.job?;
        let key = current.key();
        let mut deployments: Vec<_> = self
            .store
            .deployments_of_job(&key)
            .filter(|deployment| deployment.job_create_index == current.create_index)
            .collect();
        deployments.put_in_order_by_key(|deployment| std::cmp::Reverse(deployment.job_version));
        let settled = deployments.into_iter().find(|deployment| {
            deployment
                .group(&place.group)
                .is_some_and(|state| state.promoted || state.desired_canaries == 0)
        });
        let previous = place.previous.map(|alloc| &alloc.job);
        let found = match settled {
            Some(deployment) => {
                let job = self.store.job_version(&key, deployment.job_version)?;
                Some((job, Some(deployment.id)))
            }
            None => {
                let previous = previous?;
                let has_no_block = previous
                    .spec
                    .update
                    .as_ref()
                    .is_none_or(|update| update.is_empty());
                let job = self.store.job_version(&key, previous.version)?;
                has_no_block.then_some((job, None))
            }
        };
        let version_min = previous.map_or(0, |job| job.version);
        found
            .filter(|(job, _)| job.version >= version_min && job.spec.group(&place.group).is_some())
    }

    fn select(&mut self, place: &Place<'a>, job: &'a Rc<Job>, group: &TaskGroup) -> Selection<'a> {
        let penalty = place
            .previous
            .map(|alloc| penalty::nodes(alloc))
            .unwrap_or_default();
        let options = |only| Options {
            name_index: place.name_index,
            penalty: &penalty,
            only,
            is_per_node: false,
        };
        if let Some(node) = self.preferred_node(place, job, group) {
            let mut selection = self.stack.select(job, &place.group, &options(Some(node)));
            if selection.winner.is_some() {
                self.stack.note_candidates(job, &mut selection.metrics);
                return selection;
            }
        }
        let selection = self.stack.select(job, &place.group, &options(None));
        if selection.winner.is_some() || !self.stack.may_evict(job) {
            return selection;
        }
        // What the second look saw is what is told (spec: scheduling 11.1).
        let group = &place.group;
        self.stack.select_evicting(job, group, &options(None))
    }

    /// The node of the allocation before, when its disk is to stay (spec: scheduling 12.2).
    fn preferred_node(&self, place: &Place<'a>, job: &Job, group: &TaskGroup) -> Option<&'a Node> {
        let previous = place.previous?;
        let disk = &group.ephemeral_disk;
        let (old, new) = (&previous.job.spec, &job.spec);
        let is_same_place = old.node_pool == new.node_pool && old.datacenters == new.datacenters;
        if !(disk.sticky || disk.migrate) || !is_same_place {
            return None;
        }
        self.stack.ready_node(previous.node_id)
    }

    /// Adds a new allocation to the plan.
    fn add(
        &mut self,
        place: &Place<'a>,
        job: &Rc<Job>,
        group: &TaskGroup,
        winner: Winner<'a>,
        metrics: AllocMetric,
    ) {
        let name_index = match self.names.get_mut(&place.group) {
            Some(names) => names.repaired(place.name_index),
            None => place.name_index,
        };
        let moved = place.previous.filter(|_| place.reschedule);
        let tracker = moved.map(|previous| Rc::new(tracker_of_replacement(previous, self.now)));
        if let Some(moved) = moved {
            self.silence_stop(moved.id);
        }
        let is_canary = place.canary && self.deployment.is_some();
        let alloc = NewAlloc {
            job,
            group,
            name_index,
            eval_id: self.cause.id,
            deployment_id: self.deployment_of_new(),
            deployment_status: is_canary.then(|| AllocDeploymentStatus {
                canary: true,
                ..AllocDeploymentStatus::default()
            }),
            previous: place.previous.map(|previous| previous.id),
            tracker,
            now: self.now,
        }
        .on(&winner, metrics, self.ids, self.plan.allocations.last());
        evict(&winner.victims, alloc.id, &mut self.stack, &mut self.plan);
        self.stack.ledger.place(&alloc);
        self.plan.allocations.push(alloc);
    }

    /// What a failed allocation's replacement stops says no reason (as recorded); the text stays on
    /// those that nothing replaces, as when they failed while their nodes were silent.
    fn silence_stop(&mut self, moved: AllocId) {
        let mut stops = self.plan.stops.iter_mut();
        if let Some(stop) = stops.find(|stop| stop.alloc_id == moved) {
            stop.description = "".into();
        }
    }

    fn deployment_of_new(&self) -> Option<DeploymentId> {
        if let Some(downgraded) = self.downgraded_to {
            return downgraded;
        }
        self.deployment
            .as_ref()
            .filter(|deployment| deployment.is_active())
            .map(|deployment| deployment.id)
    }

    /// A move that found no node: the allocation stays as it is, with a note, so that it is tried
    /// again (spec: deployments 20.7).
    fn keep_for_later(&mut self, place: &Place<'a>) {
        let Some(previous) = place.previous.filter(|_| place.reschedule) else {
            return;
        };
        self.stack.ledger.unstop(previous);
        self.kept.push(previous);
    }

    /// Takes the moves that found no node out of the stops and notes it on their allocations.
    pub(crate) fn write_kept(&mut self) {
        if self.kept.is_empty() {
            return;
        }
        let mut kept: BTreeMap<AllocId, &'a Rc<Allocation>> =
            self.kept.iter().map(|alloc| (alloc.id, *alloc)).gather();
        self.plan
            .stops
            .retain(|stop| !kept.contains_key(&stop.alloc_id));
        for planned in &mut self.plan.allocations {
            if kept.remove(&planned.id).is_some() {
                note_no_placement(planned);
            }
        }
        for alloc in kept.into_values() {
            let mut alloc = Allocation::clone(alloc);
            note_no_placement(&mut alloc);
            self.plan.put(alloc);
        }
    }
}

/// What a new allocation is, but for its node.
pub(crate) struct NewAlloc<'p> {
    pub job: &'p Rc<Job>,
    pub group: &'p TaskGroup,
    pub name_index: u32,
    pub eval_id: EvalId,
    pub deployment_id: Option<DeploymentId>,
    pub deployment_status: Option<AllocDeploymentStatus>,
    pub previous: Option<AllocId>,
    pub tracker: Option<Rc<RescheduleTracker>>,
    pub now: Time,
}

impl NewAlloc<'_> {
    /// The allocation on the node that was chosen for it. `before` is the last of the plan, which
    /// it shares with what both have.
    pub(crate) fn on(
        self,
        winner: &Winner<'_>,
        metrics: AllocMetric,
        ids: &mut UuidMaker,
        before: Option<&Allocation>,
    ) -> Allocation {
        let before = before.filter(|before| self.is_like(before));
        Allocation {
            id: AllocId(ids.make()),
            name_index: self.name_index,
            node_id: winner.node.id,
            node_name: winner.node.name.clone(),
            shared: before.map_or_else(|| Rc::new(self.shared()), |before| before.shared.clone()),
            links: AllocLinks::to_previous(self.previous, self.tracker),
            resources: winner.resources.clone(),
            metrics: Rc::new(metrics),
        }
    }

    /// Whether another allocation is new too, and of the same.
    fn is_like(&self, other: &Allocation) -> bool {
        other.create_index == 0
            && Rc::ptr_eq(&other.job, self.job)
            && other.eval_id == self.eval_id
            && other.deployment_id == self.deployment_id
            && other.deployment_status == self.deployment_status
            && other.create_time == self.now
            && other.group == self.group.name
    }

    fn shared(&self) -> SharedAlloc {
        let mut shared = SharedAlloc::wanted(self.job, &self.group.name, self.eval_id, self.now);
        shared.deployment_id = self.deployment_id;
        shared.deployment_status.clone_from(&self.deployment_status);
        shared
    }
}

/// Takes what has to go for a new allocation off its node.
pub(crate) fn evict(
    victims: &[&Rc<Allocation>],
    by: AllocId,
    stack: &mut Stack<'_>,
    plan: &mut Plan,
) {
    for victim in victims {
        stack.ledger.evict(victim);
        plan.preemptions.push((victim.id, by));
    }
}

/// Notes the failed move, but not on one whose node is silent (as recorded).
fn note_no_placement(alloc: &mut Allocation) {
    if alloc.client_status != AllocClientStatus::Unknown {
        alloc.links.reschedule_tracker = Some(tracker_without_placement(alloc));
    }
}

/// What each task asks of what was short, added once for each failed placement
/// (spec: scheduling 10).
pub(crate) fn note_exhausted_resources(metrics: &mut AllocMetric, group: &TaskGroup) {
    let is_short = |what: &str| metrics.dimension_exhausted.get(what).is_some();
    let (cpu, memory) = (is_short("cpu"), is_short("memory"));
    if metrics.dimension_exhausted.is_empty() {
        return;
    }
    for task in &group.tasks {
        let entry = metrics
            .resources_exhausted
            .entry(task.name.clone())
            .or_insert((0, 0));
        entry.0 += if cpu { task.resources.cpu_mhz } else { 0 };
        entry.1 += if memory { task.resources.memory_mb } else { 0 };
    }
}

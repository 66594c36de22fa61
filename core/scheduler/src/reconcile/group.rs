//! One group: the steps of deployments 7, in their order.

use std::rc::Rc;

use yurt_model::{
    AllocClientStatus, Allocation, ClientStatusChange, DeploymentGroup, DesiredUpdates, Job, Name,
    TaskGroup, Time, math::how_many,
};

use super::buckets::{self, Buckets};
use super::deployment::fresh_state;
use super::disconnect::{self, Loser, Reconnected};
use super::follow_up::Delayed;
use super::reschedule::{self, Filter, FollowUps};
use super::set::{AllocRef, AllocSet};
use super::{NameIndex, Pass, Place, Update, reason};

/// The work on one group.
pub(super) struct GroupPass<'g, 'p, 'a> {
    pub(super) pass: &'g mut Pass<'p, 'a>,
    pub(super) job: &'a Rc<Job>,
    pub(super) group: &'a TaskGroup,
    pub(super) count: u32,
    /// The group's part in the current deployment, or in the one that may be made.
    pub(super) state: DeploymentGroup,
    /// The current deployment has the group already.
    existing: bool,
    pub(super) updates: DesiredUpdates,
    pub(super) places: Vec<Place<'a>>,
    pub(super) names: NameIndex,
}

/// Failed or lost allocations and what is done about them.
#[derive(Default)]
struct Troubled<'a> {
    /// Failed, to be replaced now.
    now: AllocSet<'a>,
    /// Failed, to be replaced later; also in the bucket that they came from.
    later: Vec<(AllocRef<'a>, Time)>,
    /// Gone with their nodes.
    lost: AllocSet<'a>,
}

/// What the update function said.
#[derive(Default)]
struct Updates<'a> {
    destructive: AllocSet<'a>,
    in_place: Vec<Allocation>,
}

fn is_older(alloc: &Allocation, job: &Job) -> bool {
    alloc.job.version < job.version || alloc.job.create_index < job.create_index
}

fn is_current(alloc: &Allocation, job: &Job) -> bool {
    job.is_same_version(alloc.job.version, alloc.job.create_index)
}

impl<'a> Pass<'_, 'a> {
    /// Reconciles one group; true when it is complete.
    pub(super) fn reconcile_group(
        &mut self,
        job: &'a Rc<Job>,
        name: &Name,
        whole: AllocSet<'a>,
    ) -> bool {
        let is_batch = self.input.is_batch;
        let mut all = whole.clone();
        all.retain(|alloc| {
            !alloc.is_server_terminal()
                || (is_batch && !alloc.desired_transition.should_reschedule())
        });
        let Some(group) = job.spec.group(name).filter(|group| group.count > 0) else {
            let updates = self.stop_all(&all);
            self.result.desired.insert(name.clone(), updates);
            return true;
        };
        let state = self
            .deployment
            .as_ref()
            .and_then(|d| d.group(name))
            .cloned();
        let count = u32::try_from(group.count).unwrap_or(u32::MAX);
        let mut work = GroupPass {
            job,
            group,
            count,
            existing: state.is_some(),
            state: state.unwrap_or_else(|| fresh_state(group)),
            updates: DesiredUpdates::default(),
            places: Vec::new(),
            names: NameIndex::new(count, &AllocSet::default()),
            pass: self,
        };
        let is_complete = work.run(all, &whole);
        let GroupPass {
            updates,
            places,
            names,
            ..
        } = work;
        self.result.places.extend(places);
        self.result.names.insert(name.clone(), names);
        self.result.desired.insert(name.clone(), updates);
        is_complete
    }
}

impl<'a> GroupPass<'_, '_, 'a> {
    /// The steps of deployments 7 from 4 on. `all`: the group's allocations that count; `whole`:
    /// with those that servers have stopped.
    fn run(&mut self, mut all: AllocSet<'a>, whole: &AllocSet<'a>) -> bool {
        let had_this_version = all.iter().any(|alloc| is_current(alloc, self.job));
        self.ignore_finished(&mut all);
        let canaries = self.settle_canaries(&mut all);
        let input = self.pass.input;
        let mut found = buckets::classify(&all, &input.tainted, input.now);
        self.updates.ignore += found.ignore.len() as u64;
        let mut troubled = self.filter_failed(&mut found);
        self.reconnect(&mut found, &mut troubled, whole);
        troubled.lost = std::mem::take(&mut troubled.lost).union(&found.expiring);
        self.disconnect(&mut found, &mut troubled);
        let lost_later = self.delay_lost(&troubled.lost);
        let migrate_later = self.delay_failed(&troubled, &found.migrate);

        let Buckets {
            mut untainted,
            mut migrate,
            ..
        } = found;
        let named = untainted.clone().union(&migrate).union(&troubled.now);
        self.names = NameIndex::new(self.count, &named.union(&troubled.lost));
        self.stop_excess(
            &mut untainted,
            &mut migrate,
            &troubled.lost,
            &canaries,
            &lost_later,
        );
        let updates = self.compare_versions(&untainted);
        if self.is_canarying() {
            untainted = untainted.without(&canaries);
        }
        let needs_canaries = self.plan_canaries(&canaries, &updates.destructive);
        let limit = self.limit(&untainted, &updates.destructive, &migrate);

        let wanted = if lost_later.is_empty() {
            self.wanted_places(&untainted, &migrate, &troubled)
        } else {
            Vec::new() // One that waits holds up the whole group (spec: deployments 33.28).
        };
        if !self.existing {
            self.state.desired_total += wanted.len() as i64;
        }
        let is_settled = updates.destructive.is_empty()
            && updates.in_place.is_empty()
            && wanted.is_empty()
            && migrate.is_empty()
            && troubled.now.is_empty()
            && troubled.later.is_empty()
            && !needs_canaries;
        let limit = self.apply_places(wanted, &troubled, &migrate, limit);
        self.replace(&updates.destructive, limit);
        self.migrate(&migrate, &migrate_later);
        let has_updates = !updates.destructive.is_empty() || !updates.in_place.is_empty();
        self.maybe_join_deployment(had_this_version, has_updates);
        self.pass.result.in_place.extend(updates.in_place);
        if self.places.len() > self.count as usize {
            self.places.truncate(self.count as usize);
            self.updates.place = u64::from(self.count);
        }
        is_settled && self.is_complete()
    }

    /// Batch work of older versions that has ended is not repeated for their sake (step 4).
    fn ignore_finished(&mut self, all: &mut AllocSet<'a>) {
        if self.pass.input.is_batch {
            let job = self.job;
            let before = all.len();
            all.retain(|alloc| !(alloc.is_terminal() && is_older(alloc, job)));
            self.updates.ignore += (before - all.len()) as u64;
        }
    }

    fn filter(&self, set: &AllocSet<'a>, is_disconnecting: bool) -> reschedule::Filtered<'a> {
        let filter = Filter {
            eval_id: self.pass.input.evaluation.id,
            now: self.pass.input.now,
            is_batch: self.pass.input.is_batch,
            deployment: self.pass.deployment.as_ref(),
            is_disconnecting,
        };
        filter.apply(set)
    }

    /// Takes those to be rescheduled now out of the untainted ones (step 7).
    fn filter_failed(&mut self, found: &mut Buckets<'a>) -> Troubled<'a> {
        let stay = self.filter(&found.untainted, false);
        let moving = self.filter(&found.migrate, false);
        found.untainted = stay.untainted;
        let mut later = stay.later;
        later.extend(moving.later);
        Troubled {
            now: stay.now.union(&moving.now),
            later,
            lost: std::mem::take(&mut found.lost),
        }
    }

    /// Decides about allocations whose nodes are back (step 8).
    fn reconnect(
        &mut self,
        found: &mut Buckets<'a>,
        troubled: &mut Troubled<'a>,
        whole: &AllocSet<'a>,
    ) {
        let job = self.job;
        let Reconnected { stops, stay } =
            disconnect::reconnect(&found.reconnecting, whole, |alloc| is_current(alloc, job));
        for (alloc, loser) in &stops {
            match loser {
                Loser::NotNeeded => self.pass.stop(alloc, reason::NOT_NEEDED, None),
                Loser::Replacement => self.pass.stop(alloc, reason::RECONNECTED, None),
                Loser::Failed => {
                    self.pass.stop(alloc, reason::RESCHEDULED, None);
                    if let Some(stop) = self.pass.result.stops.last_mut() {
                        stop.client_status = Some(AllocClientStatus::Failed);
                    }
                }
            }
        }
        self.updates.stop += stops.len() as u64;
        let stopped = AllocSet::new(stops.into_iter().map(|(alloc, _)| alloc).collect());
        found.untainted = found.untainted.without(&stopped);
        found.migrate = found.migrate.without(&stopped);
        found.disconnecting = found.disconnecting.without(&stopped);
        found.expiring = found.expiring.without(&stopped);
        troubled.now = troubled.now.without(&stopped);
        troubled.lost = troubled.lost.without(&stopped);
        troubled.later.retain(|(alloc, _)| !stopped.contains(alloc));

        for alloc in &stay {
            let is_back = alloc.client_status == AllocClientStatus::Running
                && !alloc.is_server_terminal()
                && !disconnect::has_transition(alloc);
            if is_back {
                self.updates.reconnect += 1;
                let mut update = Allocation::clone(alloc);
                update.links.states.push(ClientStatusChange {
                    status: AllocClientStatus::Running,
                    time: self.pass.input.now,
                });
                self.pass.result.reconnect_updates.insert(alloc.id, update);
            }
        }
        found.untainted = std::mem::take(&mut found.untainted).union(&AllocSet::new(stay));
    }

    /// Marks allocations whose nodes have just fallen silent (step 10).
    fn disconnect(&mut self, found: &mut Buckets<'a>, troubled: &mut Troubled<'a>) {
        if found.disconnecting.is_empty() {
            return;
        }
        let now = self.pass.input.now;
        let filtered = self.filter(&found.disconnecting, true);
        self.updates.disconnect = found.disconnecting.len() as u64;
        self.updates.reschedule_now = filtered.now.len() as u64;
        let timeouts = found
            .disconnecting
            .iter()
            .map(|alloc| (alloc, now + buckets::lost_after(alloc)))
            .collect();
        let follow_ups = self.pass.follow_up(timeouts, Delayed::Disconnect);
        for alloc in found.disconnecting.iter() {
            let mut update = Allocation::clone(alloc);
            update.client_status = AllocClientStatus::Unknown;
            update.client_description = reason::UNKNOWN.into();
            update.links.follow_up_eval = follow_ups.get(&alloc.id).copied();
            self.pass.result.disconnect_updates.insert(alloc.id, update);
        }
        found.untainted = std::mem::take(&mut found.untainted).union(&filtered.untainted);
        troubled.now = std::mem::take(&mut troubled.now).union(&filtered.now);
        troubled.later.extend(filtered.later);
    }

    /// Evaluations for lost allocations that their clients must stop first (step 11).
    fn delay_lost(&mut self, lost: &AllocSet<'a>) -> FollowUps {
        let now = self.pass.input.now;
        let later: Vec<_> = lost
            .iter()
            .filter_map(|alloc| {
                reschedule::wait_for_client_stop(alloc, now).map(|time| (alloc, time))
            })
            .collect();
        self.pass.follow_up(later, Delayed::Lost)
    }

    /// Evaluations for failed allocations that are replaced later, noted on the allocations (step
    /// 12); returns those of allocations that migrate, to be noted where they are stopped.
    fn delay_failed(&mut self, troubled: &Troubled<'a>, migrate: &AllocSet<'a>) -> FollowUps {
        self.updates.reschedule_later = troubled.later.len() as u64;
        let follow_ups = self
            .pass
            .follow_up(troubled.later.clone(), Delayed::Reschedule);
        let result = &mut self.pass.result;
        for (alloc, _) in &troubled.later {
            let id = follow_ups.get(&alloc.id).copied();
            if let Some(update) = result.disconnect_updates.get_mut(&alloc.id) {
                update.links.follow_up_eval = id;
            } else if !migrate.contains(alloc) {
                let mut update = Allocation::clone(alloc);
                update.links.follow_up_eval = id;
                result.attribute_updates.insert(alloc.id, update);
            }
        }
        follow_ups
    }

    /// Asks the update function about every allocation that stays (step 16).
    fn compare_versions(&mut self, untainted: &AllocSet<'a>) -> Updates<'a> {
        let mut destructive = Vec::new();
        let mut in_place = Vec::new();
        for alloc in untainted.iter() {
            match (self.pass.updater)(alloc, self.group) {
                Update::Ignore => self.updates.ignore += 1,
                Update::Destructive => destructive.push(alloc),
                Update::InPlace(update) => in_place.push(*update),
            }
        }
        self.updates.in_place_update += in_place.len() as u64;
        if !self.existing {
            self.state.desired_total += (destructive.len() + in_place.len()) as i64;
        }
        Updates {
            destructive: AllocSet::new(destructive),
            in_place,
        }
    }

    /// How many destructive updates may start (spec: deployments 15).
    fn limit(
        &self,
        untainted: &AllocSet<'a>,
        destructive: &AllocSet<'a>,
        migrate: &AllocSet<'a>,
    ) -> usize {
        let Some(update) = self.group.effective_update() else {
            return self.count as usize;
        };
        if destructive.is_empty() && migrate.is_empty() {
            return self.count as usize;
        }
        let parallel = how_many(update.max_parallel);
        let Some(deployment) = &self.pass.deployment else {
            return parallel;
        };
        if !self.is_ready() {
            return 0;
        }
        let mut waiting = 0;
        for alloc in untainted.iter() {
            if alloc.deployment_id == Some(deployment.id) {
                if alloc.is_unhealthy() {
                    return 0;
                }
                waiting += usize::from(!alloc.is_healthy());
            }
        }
        parallel.saturating_sub(waiting)
    }

    /// Nothing holds up placements and updates.
    fn is_ready(&self) -> bool {
        !self.pass.is_paused() && !self.pass.is_failed() && !self.is_canarying()
    }

    /// What is missing (spec: deployments 16.1).
    fn wanted_places(
        &mut self,
        untainted: &AllocSet<'a>,
        migrate: &AllocSet<'a>,
        troubled: &Troubled<'a>,
    ) -> Vec<Place<'a>> {
        let is_canarying = self.is_canarying();
        let mut wanted: Vec<Place<'a>> = troubled
            .now
            .iter()
            .map(|alloc| Place {
                reschedule: true,
                ..Place::replacing(alloc, is_canarying)
            })
            .collect();
        let existing = untainted.len() + migrate.len() + troubled.now.len();
        let missing = (self.count as usize).saturating_sub(existing);
        wanted.extend(
            troubled
                .lost
                .iter()
                .take(missing)
                .map(|alloc| Place::replacing(alloc, is_canarying)),
        );
        let fresh = missing.saturating_sub(troubled.lost.len());
        if fresh > 0 {
            let places = self.names.next(fresh).into_iter().map(|name_index| Place {
                group: self.group.name.clone(),
                name_index,
                canary: false,
                previous: None,
                reschedule: false,
                downgrade: is_canarying,
            });
            wanted.extend(places);
        }
        wanted
    }

    /// Places what may be placed now and stops what is thereby replaced; returns what is left of
    /// the limit (spec: deployments 16.2).
    fn apply_places(
        &mut self,
        wanted: Vec<Place<'a>>,
        troubled: &Troubled<'a>,
        migrate: &AllocSet<'a>,
        limit: usize,
    ) -> usize {
        if self.is_ready() {
            self.updates.place += wanted.len() as u64;
            let mut failed = troubled.now.without(migrate);
            let unknown = &self.pass.result.disconnect_updates;
            failed.retain(|alloc| {
                !unknown.contains_key(&alloc.id)
                    && alloc.client_status != AllocClientStatus::Unknown
            });
            self.stop_counted(&failed, reason::RESCHEDULED);
            let left = limit - wanted.len().min(limit);
            self.places.extend(wanted);
            return left;
        }
        let lost = troubled.lost.len().min(wanted.len());
        self.places.extend(wanted[..lost].iter().cloned());
        self.updates.place += lost as u64;
        let failed_deployment = match &self.pass.deployment {
            Some(deployment) if self.pass.is_failed() => Some(deployment.id),
            _ => None,
        };
        for place in wanted.into_iter().filter(|place| place.reschedule) {
            let Some(previous) = place.previous else {
                continue;
            };
            if failed_deployment.is_some() && previous.deployment_id == failed_deployment {
                continue;
            }
            self.places.push(place);
            self.updates.place += 1;
            if !self
                .pass
                .result
                .disconnect_updates
                .contains_key(&previous.id)
            {
                self.pass.stop(previous, reason::RESCHEDULED, None);
                self.updates.stop += 1;
            }
        }
        limit
    }

    /// Replaces as many as the limit allows, lowest names first (step 23).
    fn replace(&mut self, destructive: &AllocSet<'a>, limit: usize) {
        let allowed = if self.is_ready() {
            limit.min(destructive.len())
        } else {
            0
        };
        self.updates.destructive_update += allowed as u64;
        self.updates.ignore += (destructive.len() - allowed) as u64;
        self.pass
            .result
            .destructive
            .extend(destructive.iter().take(allowed));
    }

    /// Moves what is left to be moved (spec: deployments 17).
    fn migrate(&mut self, migrate: &AllocSet<'a>, follow_ups: &FollowUps) {
        let is_canarying = self.is_canarying();
        for alloc in migrate.iter() {
            self.updates.migrate += 1;
            let follow_up = follow_ups.get(&alloc.id).copied();
            self.pass.stop(alloc, reason::MIGRATING, follow_up);
            let transition = &alloc.desired_transition;
            let only_stops = transition.should_reschedule() || transition.disables_placement();
            if !(self.pass.input.is_batch && only_stops) {
                self.places.push(Place::replacing(alloc, is_canarying));
            }
        }
    }

    /// Makes or joins the deployment (spec: deployments 19.1).
    fn maybe_join_deployment(&mut self, had_this_version: bool, has_updates: bool) {
        if self.existing {
            if let Some(state) = self
                .pass
                .deployment
                .as_mut()
                .and_then(|deployment| deployment.group_mut(&self.group.name))
            {
                state.clone_from(&self.state);
            }
            return;
        }
        let is_needed = self.group.effective_update().is_some()
            && self.state.desired_total != 0
            && (has_updates || !had_this_version)
            && !self.pass.input.is_batch;
        if is_needed {
            self.pass.join_deployment(self.job, self.state.clone());
        }
    }

    /// The group's part of the deployment is done (spec: deployments 19.2).
    fn is_complete(&self) -> bool {
        let Some(deployment) = &self.pass.deployment else {
            return false;
        };
        deployment.group(&self.group.name).is_none_or(|state| {
            state.healthy_allocs >= state.desired_total.max(state.desired_canaries)
                && (state.desired_canaries == 0 || state.promoted)
        })
    }
}

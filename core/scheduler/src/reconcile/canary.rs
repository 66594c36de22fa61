//! Canaries: which live, which must go, how many are missing (spec: deployments 14).

use std::collections::BTreeSet;

use yurt_model::{AllocId, Deployment, Gather};

use super::group::GroupPass;
use super::set::AllocSet;
use super::{Place, buckets, reason};

fn placed_in(deployment: &Deployment, unpromoted_only: bool) -> impl Iterator<Item = AllocId> + '_ {
    deployment
        .groups
        .iter()
        .filter(move |group| !(unpromoted_only && group.promoted))
        .flat_map(|group| group.placed_canaries.iter().copied())
}

impl<'a> GroupPass<'_, '_, 'a> {
    /// Stops canaries that nobody waits for, takes those on bad nodes out of `all`, and returns the
    /// canaries that count (spec: deployments 14.1).
    pub(super) fn settle_canaries(&mut self, all: &mut AllocSet<'a>) -> AllocSet<'a> {
        let mut overtaken: BTreeSet<AllocId> = self
            .pass
            .old_deployment
            .map(|old| placed_in(old, true).gather())
            .unwrap_or_default();
        if let Some(current) = self
            .pass
            .deployment
            .as_ref()
            .filter(|_| self.pass.is_failed())
        {
            overtaken.extend(placed_in(current, true));
        }
        if !overtaken.is_empty() {
            let (stopped, rest) = all.clone().partition(|alloc| overtaken.contains(&alloc.id));
            self.stop_counted(&stopped, reason::NOT_NEEDED);
            *all = rest;
        }
        let placed: BTreeSet<AllocId> = match &self.pass.deployment {
            Some(current) => placed_in(current, false).gather(),
            None => return AllocSet::default(),
        };
        if placed.is_empty() {
            return AllocSet::default();
        }
        let (canaries, _) = all.clone().partition(|alloc| placed.contains(&alloc.id));
        let input = self.pass.input;
        let found = buckets::classify(&canaries, &input.tainted, input.now);
        // These stops are in no counter (spec: deployments 33.26).
        for alloc in found.migrate.iter() {
            self.pass.stop(alloc, reason::MIGRATING, None);
        }
        for alloc in found.lost.iter() {
            self.pass.stop_lost(alloc, None);
        }
        *all = all.without(&found.migrate).without(&found.lost);
        found.untainted
    }

    /// Canaries were asked for and are not promoted.
    pub(super) fn is_canarying(&self) -> bool {
        self.state.desired_canaries != 0 && !self.state.promoted
    }

    /// Plans the canaries that are missing; true when canaries are required at all
    /// (spec: deployments 14.2).
    pub(super) fn plan_canaries(
        &mut self,
        canaries: &AllocSet<'a>,
        destructive: &AllocSet<'a>,
    ) -> bool {
        // A block with `max_parallel = 0` is no block (spec: scheduling 23.32).
        let Some(update) = self.group.effective_update() else {
            return false;
        };
        let missing = update.canary - canaries.len() as i64;
        if destructive.is_empty() || missing <= 0 || self.state.promoted {
            return false;
        }
        self.state.desired_canaries = update.canary;
        if self.pass.is_paused() || self.pass.is_failed() {
            return true;
        }
        self.updates.canary += missing.unsigned_abs();
        // No more than `count` are placed in one evaluation (spec: deployments 7.27); one more
        // shows that there was something to cut, however many canaries are asked for.
        let wanted = missing.min(i64::from(self.count) + 1).unsigned_abs() as usize;
        let places = self
            .names
            .next_canaries(wanted, canaries, destructive)
            .into_iter()
            .map(|name_index| Place {
                group: self.group.name.clone(),
                name_index,
                canary: true,
                previous: None,
                reschedule: false,
                downgrade: false,
            });
        self.places.extend(places);
        true
    }
}

//! Which allocations are too many (spec: deployments 12).

use yurt_model::AllocClientStatus;

use super::group::GroupPass;
use super::reason;
use super::reschedule::FollowUps;
use super::set::AllocSet;

impl<'a> GroupPass<'_, '_, 'a> {
    /// Stops the lost ones and those beyond the count; what is stopped leaves `untainted` and
    /// `migrate`.
    pub(super) fn stop_excess(
        &mut self,
        untainted: &mut AllocSet<'a>,
        migrate: &mut AllocSet<'a>,
        lost: &AllocSet<'a>,
        canaries: &AllocSet<'a>,
        follow_ups: &FollowUps,
    ) {
        for alloc in lost.iter() {
            let follow_up = follow_ups.get(&alloc.id).copied();
            self.pass.stop_lost(alloc, follow_up);
        }
        self.updates.stop += lost.len() as u64;

        let is_canarying = self.is_canarying();
        let mut working = if is_canarying {
            untainted.without(canaries)
        } else {
            untainted.clone()
        };
        let known = working
            .iter()
            .filter(|alloc| alloc.client_status != AllocClientStatus::Unknown)
            .count();
        let mut excess = (known + migrate.len()).saturating_sub(self.count as usize);
        if excess == 0 {
            return;
        }
        working.retain(|alloc| !alloc.is_server_terminal());
        if !is_canarying && !canaries.is_empty() {
            // Promoted canaries take the places of those that have the same names.
            let names = canaries.name_indexes();
            let (twins, _) = working
                .without(canaries)
                .partition(|alloc| names.contains(&alloc.name_index));
            self.stop_some(twins, &mut excess, &mut working, untainted);
        }
        if excess > 0 && !migrate.is_empty() {
            let highest = super::NameIndex::new(self.count, migrate).highest(excess);
            let (moving, _) = migrate
                .clone()
                .partition(|alloc| highest.contains(&alloc.name_index));
            let stopped = self.stop_some(moving, &mut excess, &mut working, untainted);
            for alloc in stopped.iter() {
                self.names.unset(alloc.name_index);
            }
            *migrate = migrate.without(&stopped);
        }
        if excess > 0 {
            let highest = self.names.highest(excess);
            let (named, _) = working
                .clone()
                .partition(|alloc| highest.contains(&alloc.name_index));
            self.stop_some(named, &mut excess, &mut working, untainted);
        }
        if excess > 0 {
            self.stop_some(working.clone(), &mut excess, &mut working, untainted);
        }
    }

    /// Stops members of `from` until nothing is in excess; returns those that were stopped.
    fn stop_some(
        &mut self,
        from: AllocSet<'a>,
        excess: &mut usize,
        working: &mut AllocSet<'a>,
        untainted: &mut AllocSet<'a>,
    ) -> AllocSet<'a> {
        let stopped = AllocSet::new(from.iter().take(*excess).collect());
        *excess -= stopped.len();
        self.stop_counted(&stopped, reason::NOT_NEEDED);
        *working = working.without(&stopped);
        *untainted = untainted.without(&stopped);
        stopped
    }

    /// Stops these and counts them.
    pub(super) fn stop_counted(&mut self, allocs: &AllocSet<'a>, reason: &'static str) {
        for alloc in allocs.iter() {
            self.pass.stop(alloc, reason, None);
        }
        self.updates.stop += allocs.len() as u64;
    }
}

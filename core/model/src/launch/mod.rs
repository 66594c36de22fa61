//! When a periodic job is launched: cron expressions read by the clocks of a place.
//!
//! Belongs here: the calendar, cron expressions (`cron`), time zones (`zone`, `zones`), and what
//! follows from them for a periodic block. Not here: what a launch does (that is the servers').
//! May import: `base`, `job`.

mod cron;
#[cfg(test)]
mod tests;
mod zone;
mod zones;

pub use cron::Cron;
pub use zone::Zone;

use crate::base::Time;
use crate::job::{JobSpec, Periodic};

impl Periodic {
    /// The zone whose clocks count; that of a block which was never validated may be unknown.
    pub fn zone(&self) -> Option<Zone> {
        Zone::find(&self.time_zone)
    }

    /// The first launch strictly after `after`, the earliest of all expressions; `None` when there
    /// is none (spec: scheduling 18). Whether the block is enabled is not asked.
    pub fn next_launch(&self, after: Time) -> Option<Time> {
        let zone = self.zone()?;
        let after = after.0.div_euclid(1_000_000_000);
        let crons = self.crons.iter().filter_map(|text| Cron::parse(text).ok());
        let next = crons.filter_map(|cron| cron.next(after, zone)).min()?;
        next.checked_mul(1_000_000_000).map(Time)
    }
}

impl JobSpec {
    /// The next launch of a job that is launched by time alone: periodic, enabled, and not to be
    /// dispatched first.
    pub fn next_launch(&self, after: Time) -> Option<Time> {
        let periodic = self.periodic.as_ref().filter(|periodic| periodic.enabled)?;
        if self.parameterized.is_some() {
            return None;
        }
        periodic.next_launch(after)
    }

    /// That launch as the clocks of the job's zone show it, and how far it is from `now`:
    /// `2026-11-24T03:00:00Z (17h14m10s from now)`.
    pub fn next_launch_text(&self, now: Time) -> Option<String> {
        let launch = self.next_launch(now)?;
        let at = self.periodic.as_ref()?.zone()?.rfc3339(launch);
        let seconds = (launch - now).nanos() / 1_000_000_000;
        let left = crate::base::Duration::from_secs(seconds);
        Some(format!("{at} ({left} from now)"))
    }
}

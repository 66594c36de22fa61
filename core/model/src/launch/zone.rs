//! Clocks of places: how far they are from UTC at an instant, and when that changes next.

use crate::base::{Duration, Time};

use super::zones::ZONES;

const DAY: i64 = 86_400;

/// A place's clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(&'static Rule);

/// How a zone's clocks go, in minutes east of UTC.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// Outside of summer time.
    pub(super) standard: i16,
    /// Summer time, where there is one.
    pub(super) summer: Option<Summer>,
}

/// When clocks are set differently, every year.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Summer {
    /// Minutes east of UTC.
    pub(super) offset: i16,
    /// Shown by the clocks before the change.
    pub(super) begins: Change,
    /// Shown by the clocks before the change.
    pub(super) ends: Change,
}

/// A day of the year and a minute of it, which may lie outside of that day.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// 1 to 12.
    pub(super) month: u8,
    /// Which such weekday of the month, from 1; 5 is the last one.
    pub(super) week: u8,
    /// 0 is Sunday.
    pub(super) weekday: u8,
    /// Minutes after the midnight at which that day begins.
    pub(super) minute: i16,
}

impl Zone {
    /// The zone of that IANA name; `None` when there is none. The empty name is UTC, and so is
    /// `Local`: simulated servers stand there.
    pub fn find(name: &str) -> Option<Self> {
        let name = if name.is_empty() { "UTC" } else { name };
        let found = ZONES
            .iter()
            .find(|(_, names)| names.split(' ').any(|other| other == name));
        found.map(|(rule, _)| Self(rule))
    }

    /// How far its clocks are ahead of UTC at that time.
    pub fn offset(self, at: Time) -> Duration {
        Duration::from_secs(self.offset_seconds(at.0.div_euclid(1_000_000_000)))
    }

    /// The time as its clocks show it: `2026-11-24T03:00:00+01:00`, with `Z` for UTC's own.
    pub fn rfc3339(self, at: Time) -> String {
        let minutes = self.offset(at).nanos() / 60_000_000_000;
        let utc = (at + self.offset(at)).rfc3339();
        if minutes == 0 {
            return utc;
        }
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
        format!("{}{sign}{hours:02}:{rest:02}", utc.trim_end_matches('Z'))
    }

    /// The offset in seconds; `at` is in seconds since 1970.
    pub(super) fn offset_seconds(self, at: i64) -> i64 {
        let last = self.changes_near(at).filter(|(when, _)| *when <= at).max();
        last.map_or(i64::from(self.0.standard) * 60, |(_, offset)| offset)
    }

    /// When its clocks are set next, in seconds since 1970.
    pub(super) fn next_change(self, after: i64) -> Option<i64> {
        let changes = self.changes_near(after).map(|(when, _)| when);
        changes.filter(|when| *when > after).min()
    }

    /// The changes of that year and its neighbours: when, and the offset from then on.
    fn changes_near(self, at: i64) -> impl Iterator<Item = (i64, i64)> {
        let standard = i64::from(self.0.standard) * 60;
        let year = civil_of_day(at.div_euclid(DAY)).0;
        let summer = self.0.summer.as_ref();
        summer.into_iter().flat_map(move |summer| {
            let other = i64::from(summer.offset) * 60;
            (year - 1..=year + 1).flat_map(move |year| {
                [
                    (summer.begins.shown_in(year) - standard, other),
                    (summer.ends.shown_in(year) - other, standard),
                ]
            })
        })
    }
}

impl Change {
    /// What the clocks of the place show then, as seconds since 1970.
    fn shown_in(&self, year: i64) -> i64 {
        let first = day_of_civil(year, u32::from(self.month), 1);
        let to_weekday = (i64::from(self.weekday) - i64::from(weekday(first))).rem_euclid(7);
        let mut day = first + to_weekday + 7 * (i64::from(self.week) - 1);
        if day >= first + i64::from(days_in_month(year, u32::from(self.month))) {
            day -= 7;
        }
        day * DAY + i64::from(self.minute) * 60
    }
}

/// The day as a count from 1970-01-01.
pub(super) fn day_of_civil(year: i64, month: u32, day: u32) -> i64 {
    // Years begin in March, so that the leap day is the last one.
    let year = if month <= 2 { year - 1 } else { year };
    let month = i64::from((month + 9) % 12);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of a count from 1970-01-01.
pub(super) fn civil_of_day(day: i64) -> (i64, u32, u32) {
    let (year, month, day, ..) = Time(day.saturating_mul(DAY * 1_000_000_000)).civil();
    (year, month, day)
}

/// 0 is Sunday.
pub(super) fn weekday(day: i64) -> u32 {
    u32::try_from((day + 4).rem_euclid(7)).unwrap_or(0)
}

pub(super) fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

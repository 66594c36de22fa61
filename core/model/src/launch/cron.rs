//! Cron expressions: reading them, and the next time that one matches (spec: scheduling 18).

use super::zone::{Zone, civil_of_day, day_of_civil, days_in_month, weekday};

const DAY: i64 = 86_400;

/// The years that an expression can name.
const YEARS: std::ops::RangeInclusive<u32> = 1970..=2099;

/// A set of years is so many words of bits.
const YEAR_WORDS: usize = 3;

/// A cron expression. Sets are bits, counted from the smallest value of the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    seconds: u64,
    minutes: u64,
    hours: u64,
    months: u64,
    years: [u64; YEAR_WORDS],
    days: Days,
}

/// Which days of a month match. With both fields restricted, a day need match only one of them.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
struct Days {
    of_month: u64,
    /// Days whose nearest working day matches (`15W`).
    near: u64,
    /// The last day of the month (`L`).
    last: bool,
    /// The last working day (`LW`).
    last_working: bool,
    is_of_month_restricted: bool,
    of_week: u64,
    /// The last such day of the month (`5L`).
    last_of_week: u64,
    /// Such a day in its first to fifth week: one set for each week (`5#2`).
    nth: [u64; 5],
    is_of_week_restricted: bool,
}

/// One field of an expression.
struct Field {
    name: &'static str,
    low: u32,
    high: u32,
    names: &'static [&'static str],
}

const fn field(name: &'static str, low: u32, high: u32, names: &'static [&'static str]) -> Field {
    Field {
        name,
        low,
        high,
        names,
    }
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];
const SECOND: Field = field("second", 0, 59, &[]);
const MINUTE: Field = field("minute", 0, 59, &[]);
const HOUR: Field = field("hour", 0, 23, &[]);
const DAY_OF_MONTH: Field = field("day-of-month", 1, 31, &[]);
const MONTH: Field = field("month", 1, 12, &MONTHS);
const DAY_OF_WEEK: Field = field("day-of-week", 0, 7, &WEEKDAYS);
const YEAR: Field = field("year", *YEARS.start(), *YEARS.end(), &[]);

/// Names for common expressions.
const ALIASES: [(&str, &str); 6] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// What one entry of a field's list means.
enum Entry {
    All,
    Steps { from: u32, to: u32, by: u32 },
    Last,
    LastWorking,
    Near(u32),
    LastOfWeek(u32),
    Nth(u32, usize),
}

impl Cron {
    /// Reads five fields (minute first), six (with a year) or seven (with seconds too), or an
    /// alias. Further fields are ignored. The error is the reason in a refusal of the job.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let alias = ALIASES.iter().find(|(name, _)| *name == text);
        let text = alias.map_or(text, |(_, meaning)| meaning);
        let given: Vec<&str> = text.split_whitespace().collect();
        if given.len() < 5 {
            return Err("missing field(s)".to_owned());
        }
        let (second, rest) = match given.len() {
            5 | 6 => ("0", &given[..]),
            _ => (given[0], &given[1..]),
        };
        let mut days = Days::default();
        let cron = Self {
            seconds: bits(&SECOND, second)?,
            minutes: bits(&MINUTE, rest[0])?,
            hours: bits(&HOUR, rest[1])?,
            months: {
                days.read(&DAY_OF_MONTH, rest[2])?;
                bits(&MONTH, rest[3])?
            },
            years: {
                days.read(&DAY_OF_WEEK, rest[4])?;
                years(rest.get(5).copied().unwrap_or("*"))?
            },
            days,
        };
        Ok(cron)
    }

    /// The first instant after `after` at which the zone's clocks show a matching time, both in
    /// seconds since 1970. A time that the clocks skip is skipped; one that they show twice matches
    /// twice. `None` when there is none up to 2099.
    pub(super) fn next(&self, after: i64, zone: Zone) -> Option<i64> {
        let mut after = after;
        loop {
            // From here on, up to the next change, the clocks go evenly.
            let offset = zone.offset_seconds(after + 1);
            let change = zone.next_change(after + 1);
            let found = self.next_shown(after + offset).map(|shown| shown - offset);
            match (found, change) {
                (Some(found), Some(change)) if found < change => return Some(found),
                (found, None) => return found,
                (_, Some(change)) if civil_of_day(change.div_euclid(DAY)).0 > last_year() => {
                    return None;
                }
                (_, Some(change)) => after = change - 1,
            }
        }
    }

    /// The first matching time of a calendar, strictly after `after`, in seconds since 1970 of that
    /// calendar.
    fn next_shown(&self, after: i64) -> Option<i64> {
        let from = after.checked_add(1)?;
        let first_day = from.div_euclid(DAY);
        let start = civil_of_day(first_day);
        let first_of_day = self.time_of_day(0)?;
        for year in start.0.max(i64::from(*YEARS.start()))..=last_year() {
            if !self.has_year(year) {
                continue;
            }
            for month in (1..=12).filter(|month| has(self.months, month - 1)) {
                if (year, month) < (start.0, start.1) {
                    continue;
                }
                for day in 1..=days_in_month(year, month) {
                    if (year, month, day) < start || !self.days.has(year, month, day) {
                        continue;
                    }
                    let count = day_of_civil(year, month, day);
                    if count > first_day {
                        return Some(count * DAY + first_of_day);
                    }
                    if let Some(time) = self.time_of_day(from.rem_euclid(DAY)) {
                        return Some(count * DAY + time);
                    }
                }
            }
        }
        None
    }

    /// The first matching second of a day, not before `from`.
    fn time_of_day(&self, from: i64) -> Option<i64> {
        let part = |length: i64, count: i64| u32::try_from(from / length % count).unwrap_or(0);
        let (hour, minute, second) = (part(3_600, 24), part(60, 60), part(1, 60));
        let (first_minute, first_second) = (first(self.minutes, 0)?, first(self.seconds, 0)?);
        let at = |hour: u32, minute: u32, second: u32| {
            Some(i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second))
        };
        if has(self.hours, hour) {
            if has(self.minutes, minute)
                && let Some(second) = first(self.seconds, second)
            {
                return at(hour, minute, second);
            }
            if let Some(minute) = first(self.minutes, minute + 1) {
                return at(hour, minute, first_second);
            }
        }
        at(first(self.hours, hour + 1)?, first_minute, first_second)
    }

    fn has_year(&self, year: i64) -> bool {
        let from_first = year - i64::from(*YEARS.start());
        usize::try_from(from_first).is_ok_and(|n| {
            self.years
                .get(n / 64)
                .is_some_and(|word| word >> (n % 64) & 1 == 1)
        })
    }
}

fn last_year() -> i64 {
    i64::from(*YEARS.end())
}

fn has(set: u64, value: u32) -> bool {
    value < 64 && set >> value & 1 == 1
}

/// The smallest member that is not below `from`.
fn first(set: u64, from: u32) -> Option<u32> {
    let rest = set.checked_shr(from)?;
    (rest != 0).then(|| from + rest.trailing_zeros())
}

impl Days {
    fn read(&mut self, field: &Field, text: &str) -> Result<(), String> {
        let is_of_month = field.name == DAY_OF_MONTH.name;
        let mut is_restricted = true;
        for entry in entries(field, text)? {
            match entry {
                Entry::All => is_restricted = false,
                Entry::Steps { from, to, by } if is_of_month => {
                    self.of_month |= steps(from - 1, to - 1, by);
                }
                Entry::Steps { from, to, by } => {
                    let days = steps(from, to, by);
                    self.of_week |= (days & 0x7f) | (days >> 7);
                }
                Entry::Last => self.last = true,
                Entry::LastWorking => self.last_working = true,
                Entry::Near(day) => self.near |= 1 << day,
                Entry::LastOfWeek(day) => self.last_of_week |= 1 << (day % 7),
                Entry::Nth(day, week) => self.nth[week - 1] |= 1 << (day % 7),
            }
        }
        if is_of_month {
            self.is_of_month_restricted = is_restricted;
        } else {
            self.is_of_week_restricted = is_restricted;
        }
        Ok(())
    }

    fn has(&self, year: i64, month: u32, day: u32) -> bool {
        match (self.is_of_month_restricted, self.is_of_week_restricted) {
            (false, false) => true,
            (true, false) => self.has_of_month(year, month, day),
            (false, true) => self.has_of_week(year, month, day),
            (true, true) => {
                self.has_of_month(year, month, day) || self.has_of_week(year, month, day)
            }
        }
    }

    fn has_of_month(&self, year: i64, month: u32, day: u32) -> bool {
        let length = days_in_month(year, month);
        let nearest = |wanted: u32| nearest_working_day(year, month, wanted, length);
        has(self.of_month, day - 1)
            || (self.last && day == length)
            || (self.last_working && nearest(length) == day)
            || (1..=length).any(|wanted| has(self.near, wanted) && nearest(wanted) == day)
    }

    fn has_of_week(&self, year: i64, month: u32, day: u32) -> bool {
        let of_week = weekday(day_of_civil(year, month, day));
        let week = usize::try_from((day - 1) / 7).unwrap_or(0);
        has(self.of_week, of_week)
            || has(self.nth[week], of_week)
            || (has(self.last_of_week, of_week) && day + 7 > days_in_month(year, month))
    }
}

/// The day from Monday to Friday that is nearest to `day` in the same month.
fn nearest_working_day(year: i64, month: u32, day: u32, length: u32) -> u32 {
    match weekday(day_of_civil(year, month, day)) {
        6 if day > 1 => day - 1,
        6 => day + 2,
        0 if day < length => day + 1,
        0 => day - 2,
        _ => day,
    }
}

fn steps(from: u32, to: u32, by: u32) -> u64 {
    let values = (from..=to).step_by(usize::try_from(by).unwrap_or(usize::MAX));
    values.fold(0, |set, value| set | 1 << value)
}

/// The values of a field that has no special entries.
fn bits(field: &Field, text: &str) -> Result<u64, String> {
    let mut set = 0;
    for entry in entries(field, text)? {
        let (from, to, by) = plain(field, &entry);
        set |= steps(from - field.low, to.max(field.low) - field.low, by);
    }
    Ok(set)
}

fn plain(field: &Field, entry: &Entry) -> (u32, u32, u32) {
    match *entry {
        Entry::Steps { from, to, by } => (from, to, by),
        _ => (field.low, field.high, 1),
    }
}

fn years(text: &str) -> Result<[u64; YEAR_WORDS], String> {
    let mut set = [0; YEAR_WORDS];
    for entry in entries(&YEAR, text)? {
        let (from, to, by) = plain(&YEAR, &entry);
        for year in (from..=to).step_by(usize::try_from(by).unwrap_or(usize::MAX)) {
            let n = usize::try_from(year - YEAR.low).unwrap_or(0);
            set[n / 64] |= 1 << (n % 64);
        }
    }
    Ok(set)
}

fn entries(field: &Field, text: &str) -> Result<Vec<Entry>, String> {
    let refusal = || format!("syntax error in {} field: '{text}'", field.name);
    let lower = text.to_ascii_lowercase();
    let read = |part| entry(field, part).ok_or_else(refusal);
    lower.split(',').map(read).collect()
}

fn entry(field: &Field, text: &str) -> Option<Entry> {
    if let Some(special) = special(field, text) {
        return Some(special);
    }
    let (range, by) = match text.split_once('/') {
        Some((range, step)) => (range, Some(number(step).filter(|step| *step > 0)?)),
        None => (text, None),
    };
    let (from, to) = match (range, range.split_once('-')) {
        ("*" | "?", _) if by.is_none() => return Some(Entry::All),
        ("*" | "?", _) => (field.low, field.high),
        (_, Some((from, to))) => (value(field, from)?, value(field, to)?),
        // With a step, one value is where the steps begin.
        (_, None) => {
            let from = value(field, range)?;
            (from, if by.is_some() { field.high } else { from })
        }
    };
    let by = by.unwrap_or(1);
    Some(Entry::Steps { from, to, by })
}

fn number(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

fn value(field: &Field, text: &str) -> Option<u32> {
    let is_name = |name: &str| text == name || (text.len() == 3 && name.starts_with(text));
    if let Some(position) = field.names.iter().position(|name| is_name(name)) {
        return Some(field.low + u32::try_from(position).ok()?);
    }
    number(text).filter(|value| (field.low..=field.high).contains(value))
}

/// `L`, `LW`, `15W`; `5L`, `5#2`.
fn special(field: &Field, text: &str) -> Option<Entry> {
    match (field.name, text) {
        ("day-of-month", "l") => Some(Entry::Last),
        ("day-of-month", "lw") => Some(Entry::LastWorking),
        ("day-of-month", _) => value(field, text.strip_suffix('w')?).map(Entry::Near),
        ("day-of-week", _) => match text.split_once('#') {
            Some((day, week)) => {
                let week = usize::try_from(number(week)?).ok()?;
                let day = value(field, day)?;
                (1..=5).contains(&week).then_some(Entry::Nth(day, week))
            }
            None => value(field, text.strip_suffix('l')?).map(Entry::LastOfWeek),
        },
        _ => None,
    }
}

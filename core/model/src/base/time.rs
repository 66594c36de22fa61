//! Simulated time: nanoseconds since 1970, and signed durations that print and parse as Go's do.
//!
//! Nothing here reads a clock: a `Time` always came in with an input.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// A point in simulated time, in nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(pub i64);

/// A signed length of time in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration(pub i64);

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// So many whole nanoseconds.
    pub const fn from_nanos(n: i64) -> Self {
        Self(n)
    }

    /// So many whole milliseconds.
    pub const fn from_millis(n: i64) -> Self {
        Self(n.saturating_mul(1_000_000))
    }

    /// So many whole seconds.
    pub const fn from_secs(n: i64) -> Self {
        Self(n.saturating_mul(1_000_000_000))
    }

    /// So many whole minutes.
    pub const fn from_minutes(n: i64) -> Self {
        Self::from_secs(n.saturating_mul(60))
    }

    /// So many whole hours.
    pub const fn from_hours(n: i64) -> Self {
        Self::from_secs(n.saturating_mul(3600))
    }

    /// Nanoseconds.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Seconds with their fraction.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// `n` times this duration, held at the largest value instead of wrapping.
    pub const fn times(self, n: i64) -> Self {
        Self(self.0.saturating_mul(n))
    }

    /// True when no time is left: zero or negative.
    pub const fn is_zero_or_less(self) -> bool {
        self.0 <= 0
    }

    /// Reads Go's form: an optional sign, then numbers with units (`1h30m`, `1.5s`, `100ms`), or
    /// `0`.
    pub fn parse(text: &str) -> Result<Self, DurationError> {
        let (negative, mut rest) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        if rest == "0" {
            return Ok(Self::ZERO);
        }
        if rest.is_empty() {
            return Err(DurationError::Invalid);
        }
        let mut total = 0i128;
        while !rest.is_empty() {
            let end = rest
                .find(|c: char| !c.is_ascii_digit() && c != '.')
                .unwrap_or(rest.len());
            let (number, after) = rest.split_at(end);
            let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
            if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
                return Err(DurationError::Invalid);
            }
            let end = after
                .find(|c: char| c.is_ascii_digit() || c == '.')
                .unwrap_or(after.len());
            let (unit, after) = after.split_at(end);
            if unit.is_empty() {
                return Err(DurationError::MissingUnit);
            }
            let scale = unit_nanos(unit).ok_or_else(|| DurationError::UnknownUnit(unit.into()))?;
            total += scaled(whole, fraction, scale).ok_or(DurationError::Invalid)?;
            rest = after;
        }
        let signed = if negative { -total } else { total };
        i64::try_from(signed)
            .map(Self)
            .map_err(|_| DurationError::Invalid)
    }
}

fn unit_nanos(unit: &str) -> Option<i128> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

fn scaled(whole: &str, fraction: &str, scale: i128) -> Option<i128> {
    // More than 18 digits of either part cannot be a duration that fits in 64 bits or matters in
    // it.
    if whole.trim_start_matches('0').len() > 19 {
        return None;
    }
    let whole: i128 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let fraction = &fraction[..fraction.len().min(18)];
    let part = if fraction.is_empty() {
        0
    } else {
        let digits: i128 = fraction.parse().ok()?;
        digits * scale / 10i128.pow(u32::try_from(fraction.len()).ok()?)
    };
    Some(whole * scale + part)
}

/// Why a text is not a duration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DurationError {
    /// Not in the form at all, or too long for 64 bits of nanoseconds.
    Invalid,
    /// A number without its unit.
    MissingUnit,
    /// A unit that does not exist.
    UnknownUnit(String),
}

impl fmt::Display for Duration {
    /// Go's form: `1h0m0s`, `1m30s`, `1.5s`, `100ms`, `0s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let n = self.0.unsigned_abs();
        if n < 1_000_000_000 {
            let (scale, unit) = match n {
                0..1_000 => (1, "ns"),
                1_000..1_000_000 => (1_000, "µs"),
                _ => (1_000_000, "ms"),
            };
            return write_decimal(f, n, scale, unit);
        }
        let (hours, rest) = (n / 3_600_000_000_000, n % 3_600_000_000_000);
        let (minutes, rest) = (rest / 60_000_000_000, rest % 60_000_000_000);
        if hours > 0 {
            write!(f, "{hours}h")?;
        }
        if hours > 0 || minutes > 0 {
            write!(f, "{minutes}m")?;
        }
        write_decimal(f, rest, 1_000_000_000, "s")
    }
}

fn write_decimal(f: &mut fmt::Formatter<'_>, n: u64, scale: u64, unit: &str) -> fmt::Result {
    let (whole, rest) = (n / scale, n % scale);
    if rest == 0 {
        return write!(f, "{whole}{unit}");
    }
    let width = scale.ilog10() as usize;
    let digits = format!("{rest:0width$}");
    write!(f, "{whole}.{}{unit}", digits.trim_end_matches('0'))
}

impl Time {
    /// The zero of the reference's clocks: "not set".
    pub const ZERO: Self = Self(0);

    /// True when the time was never set.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Year, month, day, hour, minute, second in UTC.
    pub fn civil(self) -> (i64, u32, u32, u32, u32, u32) {
        let seconds = self.0.div_euclid(1_000_000_000);
        let (days, second_of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        // Days to a civil date, counting years from March so that the leap day is last.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 {
            month_from_march + 3
        } else {
            month_from_march - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let of = |n: i64| u32::try_from(n).unwrap_or(0);
        let (hour, minute) = (second_of_day / 3600, second_of_day / 60 % 60);
        (
            year,
            of(month),
            of(day),
            of(hour),
            of(minute),
            of(second_of_day % 60),
        )
    }

    /// `2026-11-23T09:42:11Z`, to the second, in UTC.
    pub fn rfc3339(self) -> String {
        let (year, month, day, hour, minute, second) = self.civil();
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

impl Add<Duration> for Time {
    type Output = Self;

    fn add(self, length: Duration) -> Self {
        Self(self.0.saturating_add(length.0))
    }
}

impl AddAssign<Duration> for Time {
    fn add_assign(&mut self, length: Duration) {
        *self = *self + length;
    }
}

impl Sub<Duration> for Time {
    type Output = Self;

    fn sub(self, length: Duration) -> Self {
        Self(self.0.saturating_sub(length.0))
    }
}

impl Sub for Time {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl Add for Duration {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Duration {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_print_and_parse_as_go_does() {
        let cases = [
            ("0s", 0),
            ("1ns", 1),
            ("1.5µs", 1_500),
            ("100ms", 100_000_000),
            ("1.5s", 1_500_000_000),
            ("10m0s", 600_000_000_000),
            ("1h0m0s", 3_600_000_000_000),
            ("-1m30s", -90_000_000_000),
        ];
        for (text, nanos) in cases {
            assert_eq!(Duration(nanos).to_string(), text);
            assert_eq!(Duration::parse(text), Ok(Duration(nanos)), "{text}");
        }
        assert_eq!(Duration::parse("1h"), Ok(Duration::from_hours(1)));
        assert_eq!(Duration::parse("0"), Ok(Duration::ZERO));
        assert_eq!(Duration::parse(".5s"), Ok(Duration::from_millis(500)));
        assert_eq!(Duration::parse("10"), Err(DurationError::MissingUnit));
        assert_eq!(
            Duration::parse("1d"),
            Err(DurationError::UnknownUnit("d".into()))
        );
        for bad in ["", "s", "-", "1.2.3s", "99999999999h"] {
            assert!(Duration::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn civil_dates() {
        assert_eq!(Time(0).rfc3339(), "1970-01-01T00:00:00Z");
        assert_eq!(
            Time(1_709_210_096_000_000_000).rfc3339(),
            "2024-02-29T12:34:56Z"
        );
        assert_eq!(Time(-1_000_000_000).rfc3339(), "1969-12-31T23:59:59Z");
    }
}

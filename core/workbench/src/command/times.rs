//! Times as the commands print them.

use yurt_model::{Duration, Release, Time};

/// The units of a rough length of time, in seconds, longest first.
const UNITS: [(i64, &str); 6] = [
    (365 * 86_400, "y"),
    (30 * 86_400, "mo"),
    (86_400, "d"),
    (3_600, "h"),
    (60, "m"),
    (1, "s"),
];

/// A length of time in its largest unit and the one below: `1h2m`, `3s`, `0s`. Fractions of a
/// second are cut off.
pub fn rough(length: Duration) -> String {
    let mut seconds = length.nanos().unsigned_abs() as i64 / 1_000_000_000;
    let Some(first) = UNITS.iter().position(|(size, _)| seconds >= *size) else {
        return "0s".into();
    };
    let mut text = String::new();
    for (size, unit) in &UNITS[first..UNITS.len().min(first + 2)] {
        let number = seconds / size;
        seconds %= size;
        if number > 0 {
            text.push_str(&format!("{number}{unit}"));
        }
    }
    text
}

/// A length of time cut to whole seconds, in all its units: `17h14m10s`.
pub fn rough_exact(length: Duration) -> String {
    Duration::from_secs(length.nanos() / 1_000_000_000).to_string()
}

/// How long ago a time was, or how far ahead it is: `3s ago`, `4s from now`; empty for a time that
/// was never set.
pub fn ago(time: Time, now: Time) -> String {
    if time.is_zero() {
        return String::new();
    }
    let length = now - time;
    let direction = if length.nanos() >= 0 {
        "ago"
    } else {
        "from now"
    };
    format!("{} {direction}", rough(length))
}

/// A time to the second, in the release's form: `2026-11-23T09:41:34Z`, `07/26/17 19:57:47 UTC`.
pub fn absolute(time: Time, release: Release) -> String {
    match release {
        Release::V2_0 => time.rfc3339(),
        Release::V0_7 => {
            let (year, month, day, hour, minute, second) = time.civil();
            let year = year.rem_euclid(100);
            format!("{month:02}/{day:02}/{year:02} {hour:02}:{minute:02}:{second:02} UTC")
        }
    }
}

/// The same, `N/A` when there is none.
pub fn absolute_or_na(time: Option<Time>, release: Release) -> String {
    match time.filter(|time| !time.is_zero()) {
        Some(time) => absolute(time, release),
        None => "N/A".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_ago() {
        let now = Time(1_795_427_000_000_000_000);
        let cases = [
            (0, "0s ago"),
            (999_999_999, "0s ago"),
            (3_000_000_000, "3s ago"),
            (61_000_000_000, "1m1s ago"),
            (3_600_000_000_000, "1h ago"),
            (3_605_000_000_000, "1h ago"),
            (3_725_000_000_000, "1h2m ago"),
            (90_061_000_000_000, "1d1h ago"),
            (40 * 86_400_000_000_000, "1mo10d ago"),
            (-4_500_000_000, "4s from now"),
        ];
        for (nanos, want) in cases {
            assert_eq!(ago(now - Duration(nanos), now), want, "{nanos}");
        }
        assert_eq!(ago(Time::ZERO, now), "");
    }

    #[test]
    fn the_forms_of_the_releases() {
        let time = Time(1_501_099_067_000_000_000);
        assert_eq!(absolute(time, Release::V2_0), "2017-07-26T19:57:47Z");
        assert_eq!(absolute(time, Release::V0_7), "07/26/17 19:57:47 UTC");
        assert_eq!(absolute_or_na(None, Release::V2_0), "N/A");
    }
}

//! Functions on timestamps (RFC 3339). There is no function that asks for the time.

use super::{Call, Failure, Function, Kind, failed, function, parameter, unsuitable};
use crate::duration;
use crate::expression::Value;
use yurt_model::Time;

pub(super) static TABLE: &[Function] = &[
    function(
        "formatdate",
        &[
            parameter("format", Kind::String),
            parameter("time", Kind::String),
        ],
        None,
        "The timestamp in another form, such as `YYYY-MM-DD hh:mm`.",
        format_date,
    ),
    function(
        "timeadd",
        &[
            parameter("timestamp", Kind::String),
            parameter("duration", Kind::String),
        ],
        None,
        "The timestamp moved by a duration.",
        add,
    ),
];

/// A moment as clocks of its zone show it.
struct Timestamp {
    /// Seconds since 1970 of the zone's own clock.
    local_seconds: i64,
    nanoseconds: i64,
    /// Seconds east of UTC.
    offset: i64,
}

const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn days_from_date(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn date_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

/// The moment that a text of the form of RFC 3339 names; `None` when it names none, or one that is
/// further from 1970 than some 290 years.
pub fn moment(text: &str) -> Option<Time> {
    let time = parse(text)?;
    let seconds = time.local_seconds - time.offset;
    let nanos = seconds.checked_mul(1_000_000_000)?;
    nanos.checked_add(time.nanoseconds).map(Time)
}

fn parse(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = text.get(from..to)?;
        digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| digits.parse().ok())?
    };
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if bytes.len() < 20 || marks.iter().any(|&(at, mark)| bytes[at] != mark) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let in_range = (1..=12).contains(&month) && hour < 24 && minute < 60 && second < 60;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !in_range || !(1..=length).contains(&day) {
        return None;
    }
    let mut rest = &text[19..];
    let mut nanoseconds = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let end = fraction.find(|each: char| !each.is_ascii_digit())?;
        let digits = format!("{:0<9}", &fraction[..end]);
        nanoseconds = digits.get(..9)?.parse().ok()?;
        rest = &fraction[end..];
    }
    let offset = match rest {
        "Z" => 0,
        _ => {
            let at = text.len() - rest.len();
            let sign = if rest.starts_with('-') { -1 } else { 1 };
            if rest.len() != 6 || !rest.starts_with(['-', '+']) || bytes[at + 3] != b':' {
                return None;
            }
            sign * (number(at + 1, at + 3)? * 3600 + number(at + 4, at + 6)? * 60)
        }
    };
    let days = days_from_date(year, month, day);
    let local_seconds = days * 86_400 + hour * 3600 + minute * 60 + second;
    Some(Timestamp {
        local_seconds,
        nanoseconds,
        offset,
    })
}

fn zone(offset: i64, colon: &str) -> String {
    let (sign, size) = if offset < 0 {
        ('-', -offset)
    } else {
        ('+', offset)
    };
    format!("{sign}{:02}{colon}{:02}", size / 3600, size / 60 % 60)
}

fn print(time: &Timestamp) -> String {
    let (year, month, day) = date_from_days(time.local_seconds.div_euclid(86_400));
    let second = time.local_seconds.rem_euclid(86_400);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let zone = if time.offset == 0 {
        "Z".to_owned()
    } else {
        zone(time.offset, ":")
    };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{zone}")
}

fn timestamp(call: &Call<'_>, at: usize, name: &str) -> Result<Timestamp, Failure> {
    match parse(call.text(at)) {
        Some(time) => Ok(time),
        None => unsuitable(at, name, "not a valid RFC3339 timestamp"),
    }
}

fn add(call: &Call<'_>) -> Result<Value, Failure> {
    let mut time = timestamp(call, 0, "timestamp")?;
    let moved = match duration::parse(call.text(1)) {
        Ok(nanoseconds) => nanoseconds,
        Err(reason) => return unsuitable(1, "duration", reason),
    };
    let total = i128::from(time.nanoseconds) + i128::from(moved);
    time.local_seconds += total.div_euclid(1_000_000_000) as i64;
    if time.local_seconds.div_euclid(86_400) > 2_932_896 {
        return failed("the result is out of range");
    }
    Ok(Value::String(print(&time)))
}

fn format_date(call: &Call<'_>) -> Result<Value, Failure> {
    let time = timestamp(call, 1, "time")?;
    let mut text = String::new();
    let mut rest = call.text(0);
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let Some(end) = rest[1..].find('\'') else {
                return unsuitable(0, "format", "unterminated literal '");
            };
            text.push_str(if end == 0 { "'" } else { &rest[1..1 + end] });
            rest = &rest[end + 2..];
            continue;
        }
        let length: usize = rest
            .chars()
            .take_while(|&each| each == first)
            .map(char::len_utf8)
            .sum();
        let token = &rest[..length];
        rest = &rest[length..];
        if !first.is_ascii_alphabetic() {
            text.push_str(token);
            continue;
        }
        match field(token, &time) {
            Some(part) => text.push_str(&part),
            None => {
                let reason = format!("invalid date format verb \"{token}\"");
                return unsuitable(0, "format", reason);
            }
        }
    }
    Ok(Value::String(text))
}

fn field(token: &str, time: &Timestamp) -> Option<String> {
    let days = time.local_seconds.div_euclid(86_400);
    let (year, month, day) = date_from_days(days);
    let seconds = time.local_seconds.rem_euclid(86_400);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let hour_of_half = if hour % 12 == 0 { 12 } else { hour % 12 };
    let weekday = DAYS[(days + 4).rem_euclid(7) as usize];
    let month_name = MONTHS[(month - 1).clamp(0, 11) as usize];
    let half = if hour < 12 { "am" } else { "pm" };
    Some(match token {
        "YYYY" => format!("{year:04}"),
        "YY" => format!("{:02}", year % 100),
        "MMMM" => month_name.into(),
        "MMM" => month_name[..3].into(),
        "MM" => format!("{month:02}"),
        "M" => month.to_string(),
        "DD" => format!("{day:02}"),
        "D" => day.to_string(),
        "EEEE" => weekday.into(),
        "EEE" => weekday[..3].into(),
        "hh" => format!("{hour:02}"),
        "h" => hour.to_string(),
        "HH" => format!("{hour_of_half:02}"),
        "H" => hour_of_half.to_string(),
        "AA" => half.to_uppercase(),
        "aa" => half.into(),
        "mm" => format!("{minute:02}"),
        "m" => minute.to_string(),
        "ss" => format!("{second:02}"),
        "s" => second.to_string(),
        "ZZZZZ" => zone(time.offset, ":"),
        "ZZZZ" => zone(time.offset, ""),
        "ZZZ" if time.offset == 0 => "UTC".into(),
        "ZZZ" => zone(time.offset, ""),
        "Z" if time.offset == 0 => "Z".into(),
        "Z" => zone(time.offset, ":"),
        _ => return None,
    })
}

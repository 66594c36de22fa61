//! Tables of expressions, zones and the launches that follow.

use super::*;
use crate::base::Name;

/// `2026-11-23T09:45:50Z` as a time.
fn time(text: &str) -> Time {
    let number = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
    let (month, day) = (number(5..7), number(8..10));
    let (hour, minute, second) = (number(11..13), number(14..16), number(17..19));
    let days = zone::day_of_civil(
        number(0..4),
        u32::try_from(month).unwrap(),
        u32::try_from(day).unwrap(),
    );
    Time(((days * 24 + hour) * 3600 + minute * 60 + second) * 1_000_000_000)
}

fn periodic(crons: &[&str], zone: &str) -> Periodic {
    Periodic {
        enabled: true,
        crons: crons.iter().map(|cron| Name::from(*cron)).collect(),
        time_zone: zone.into(),
        prohibit_overlap: false,
    }
}

/// The next launches, as the zone's clocks show them, each to the minute or second.
fn launches(crons: &[&str], zone: &str, after: &str, count: usize) -> Vec<String> {
    let periodic = periodic(crons, zone);
    let mut at = time(after);
    let mut all = Vec::new();
    while all.len() < count {
        let Some(next) = periodic.next_launch(at) else {
            break;
        };
        all.push(periodic.zone().unwrap().rfc3339(next));
        at = next;
    }
    all
}

#[test]
fn launches_in_utc() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "0 3 * * *",
            "2026-11-23T09:45:50Z",
            &["2026-11-24T03:00:00Z", "2026-11-25T03:00:00Z"],
        ),
        // Strictly after.
        (
            "0 3 * * *",
            "2026-11-24T03:00:00Z",
            &["2026-11-25T03:00:00Z"],
        ),
        (
            "0 3 * * *",
            "2026-11-24T02:59:59Z",
            &["2026-11-24T03:00:00Z"],
        ),
        // Six fields are minute to year.
        (
            "*/15 * * * * *",
            "2026-01-01T00:00:00Z",
            &[
                "2026-01-01T00:15:00Z",
                "2026-01-01T00:30:00Z",
                "2026-01-01T00:45:00Z",
                "2026-01-01T01:00:00Z",
            ],
        ),
        // Seven fields begin with seconds.
        (
            "*/20 59 23 31 12 * 2026",
            "2026-12-31T23:59:00Z",
            &["2026-12-31T23:59:20Z", "2026-12-31T23:59:40Z"],
        ),
        // Extra fields do not count.
        (
            "0 0 0 1 1 * 2027 foo bar",
            "2026-01-01T00:00:00Z",
            &["2027-01-01T00:00:00Z"],
        ),
        // Both days restricted: either matches.
        (
            "15 3 13 * 5",
            "2026-11-01T00:00:00Z",
            &[
                "2026-11-06T03:15:00Z",
                "2026-11-13T03:15:00Z",
                "2026-11-20T03:15:00Z",
                "2026-11-27T03:15:00Z",
                "2026-12-04T03:15:00Z",
                "2026-12-11T03:15:00Z",
                "2026-12-13T03:15:00Z",
            ],
        ),
        (
            "0 0 ? * 5",
            "2026-11-01T00:00:00Z",
            &["2026-11-06T00:00:00Z"],
        ),
        (
            "0 0 6 * ?",
            "2026-11-07T00:00:00Z",
            &["2026-12-06T00:00:00Z"],
        ),
        (
            "5-10/5,40 0 1 1 *",
            "2026-01-01T00:00:00Z",
            &[
                "2026-01-01T00:05:00Z",
                "2026-01-01T00:10:00Z",
                "2026-01-01T00:40:00Z",
                "2027-01-01T00:05:00Z",
            ],
        ),
        // A value with a step goes on to the end of the field.
        (
            "0 20/2 * * *",
            "2026-01-01T00:00:00Z",
            &[
                "2026-01-01T20:00:00Z",
                "2026-01-01T22:00:00Z",
                "2026-01-02T20:00:00Z",
            ],
        ),
        (
            "0 12 * feb-MAR Mon,Wednesday",
            "2026-03-30T00:00:00Z",
            &[
                "2026-03-30T12:00:00Z",
                "2027-02-01T12:00:00Z",
                "2027-02-03T12:00:00Z",
            ],
        ),
        // 0 and 7 are Sunday.
        (
            "0 0 * * 7",
            "2026-11-23T00:00:00Z",
            &["2026-11-29T00:00:00Z"],
        ),
        (
            "0 0 * * 5-7",
            "2026-11-23T00:00:00Z",
            &[
                "2026-11-27T00:00:00Z",
                "2026-11-28T00:00:00Z",
                "2026-11-29T00:00:00Z",
                "2026-12-04T00:00:00Z",
            ],
        ),
        (
            "0 0 29 2 *",
            "2026-01-01T00:00:00Z",
            &["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"],
        ),
        // 2100 has no leap day, and is too far anyway.
        ("0 0 29 2 *", "2096-02-29T00:00:00Z", &[]),
        (
            "0 0 31 * *",
            "2026-01-31T00:00:00Z",
            &["2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z"],
        ),
        (
            "0 0 L * *",
            "2028-02-01T00:00:00Z",
            &["2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z"],
        ),
        // The last of January 2027 is a Sunday.
        (
            "0 0 LW * *",
            "2027-01-01T00:00:00Z",
            &["2027-01-29T00:00:00Z", "2027-02-26T00:00:00Z"],
        ),
        // A Saturday, a Sunday; the first on a Saturday does not leave its month.
        (
            "0 0 15W * *",
            "2026-08-01T00:00:00Z",
            &["2026-08-14T00:00:00Z", "2026-09-15T00:00:00Z"],
        ),
        (
            "0 0 15W 11 *",
            "2026-11-01T00:00:00Z",
            &["2026-11-16T00:00:00Z"],
        ),
        (
            "0 0 1W 8 *",
            "2026-08-01T00:00:00Z",
            &["2026-08-03T00:00:00Z"],
        ),
        (
            "0 0 * * fri#2",
            "2026-11-01T00:00:00Z",
            &["2026-11-13T00:00:00Z", "2026-12-11T00:00:00Z"],
        ),
        (
            "0 0 * * 5L",
            "2026-11-01T00:00:00Z",
            &["2026-11-27T00:00:00Z", "2026-12-25T00:00:00Z"],
        ),
        (
            "0 0 * * 1#5",
            "2026-11-01T00:00:00Z",
            &["2026-11-30T00:00:00Z", "2027-03-29T00:00:00Z"],
        ),
        ("@yearly", "2026-11-23T00:00:00Z", &["2027-01-01T00:00:00Z"]),
        (
            "@annually",
            "2026-11-23T00:00:00Z",
            &["2027-01-01T00:00:00Z"],
        ),
        (
            "@monthly",
            "2026-11-23T00:00:00Z",
            &["2026-12-01T00:00:00Z"],
        ),
        ("@weekly", "2026-11-23T00:00:00Z", &["2026-11-29T00:00:00Z"]),
        (
            " @daily ",
            "2026-11-23T00:00:00Z",
            &["2026-11-24T00:00:00Z"],
        ),
        ("@hourly", "2026-11-23T00:00:00Z", &["2026-11-23T01:00:00Z"]),
        // Never: a day that no month has, a year that is over, a range that is empty.
        ("0 0 30 2 *", "2026-01-01T00:00:00Z", &[]),
        ("0 0 31 4,6,9,11 *", "2026-01-01T00:00:00Z", &[]),
        ("0 0 1 1 * 2020", "2026-01-01T00:00:00Z", &[]),
        ("0 22-2 * * *", "2026-01-01T00:00:00Z", &[]),
        ("0 0 * 12-1 *", "2026-01-01T00:00:00Z", &[]),
        ("59 23 31 12 *", "2099-12-31T23:59:00Z", &[]),
        (
            "59 23 31 12 *",
            "1969-06-01T00:00:00Z",
            &["1970-12-31T23:59:00Z"],
        ),
    ];
    for (cron, after, want) in cases {
        let got = launches(&[cron], "UTC", after, want.len().max(1));
        assert_eq!(got, *want, "{cron} after {after}");
    }
}

#[test]
fn the_earliest_of_several_counts() {
    let both = ["0 3 * * *", "30 1 * * 2", "0 0 30 2 *"];
    let want = [
        "2026-11-24T01:30:00Z",
        "2026-11-24T03:00:00Z",
        "2026-11-25T03:00:00Z",
    ];
    assert_eq!(launches(&both, "", "2026-11-23T09:00:00Z", 3), want);
    assert_eq!(periodic(&[], "UTC").next_launch(Time(0)), None);
}

#[test]
fn launches_around_changes_of_clocks() {
    let cases: &[(&str, &str, &str, &[&str])] = &[
        (
            "0 3 * * *",
            "Europe/Berlin",
            "2026-11-23T09:45:50Z",
            &["2026-11-24T03:00:00+01:00"],
        ),
        // Forward over two o'clock: no launch that day.
        (
            "30 2 * * *",
            "America/New_York",
            "2026-03-07T00:00:00Z",
            &["2026-03-07T02:30:00-05:00", "2026-03-09T02:30:00-04:00"],
        ),
        (
            "0 2 * * *",
            "America/New_York",
            "2026-03-08T00:00:00Z",
            &["2026-03-09T02:00:00-04:00"],
        ),
        (
            "0 3 * * *",
            "America/New_York",
            "2026-03-08T00:00:00Z",
            &["2026-03-08T03:00:00-04:00"],
        ),
        // Back: the hour from one to two is shown twice.
        (
            "0 1 * * *",
            "America/New_York",
            "2026-11-01T00:00:00Z",
            &[
                "2026-11-01T01:00:00-04:00",
                "2026-11-01T01:00:00-05:00",
                "2026-11-02T01:00:00-05:00",
            ],
        ),
        (
            "*/30 1 1 11 *",
            "America/New_York",
            "2026-11-01T00:00:00Z",
            &[
                "2026-11-01T01:00:00-04:00",
                "2026-11-01T01:30:00-04:00",
                "2026-11-01T01:00:00-05:00",
                "2026-11-01T01:30:00-05:00",
            ],
        ),
        // The last matching time of all is shown twice.
        (
            "30 1 1 11 * 2026",
            "America/New_York",
            "2026-10-01T00:00:00Z",
            &["2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"],
        ),
        (
            "0 * * * *",
            "Europe/London",
            "2026-03-29T00:00:00Z",
            &["2026-03-29T02:00:00+01:00", "2026-03-29T03:00:00+01:00"],
        ),
        (
            "0 12 * * *",
            "Europe/London",
            "2026-10-24T12:00:00Z",
            &["2026-10-25T12:00:00Z", "2026-10-26T12:00:00Z"],
        ),
        // The south: summer ends in April and spans the new year.
        (
            "0 0 1 1,7 *",
            "Australia/Sydney",
            "2026-06-01T00:00:00Z",
            &["2026-07-01T00:00:00+10:00", "2027-01-01T00:00:00+11:00"],
        ),
        // Half an hour.
        (
            "15 2 * * *",
            "Australia/Lord_Howe",
            "2026-10-03T00:00:00Z",
            &["2026-10-05T02:15:00+11:00"],
        ),
        // Winter is what is off the standard; a change on a Friday at midnight.
        (
            "0 12 1 1,7 *",
            "Europe/Dublin",
            "2026-06-01T00:00:00Z",
            &["2026-07-01T12:00:00+01:00", "2027-01-01T12:00:00Z"],
        ),
        (
            "30 0 * * *",
            "Africa/Cairo",
            "2026-04-23T00:00:00Z",
            &["2026-04-25T00:30:00+03:00"],
        ),
        // A change that is set for minus one o'clock, that is, the evening before.
        (
            "30 23 * * *",
            "America/Nuuk",
            "2026-03-27T12:00:00Z",
            &["2026-03-27T23:30:00-02:00", "2026-03-29T23:30:00-01:00"],
        ),
        (
            "0 0 * * *",
            "Asia/Kathmandu",
            "2026-01-01T00:00:00Z",
            &["2026-01-02T00:00:00+05:45"],
        ),
        (
            "0 0 * * *",
            "Pacific/Kiritimati",
            "2026-01-01T00:00:00Z",
            &["2026-01-02T00:00:00+14:00"],
        ),
        (
            "0 0 * * *",
            "Local",
            "2026-01-01T00:00:00Z",
            &["2026-01-02T00:00:00Z"],
        ),
    ];
    for (cron, zone, after, want) in cases {
        let got = launches(&[cron], zone, after, want.len());
        assert_eq!(got, *want, "{cron} in {zone} after {after}");
    }
}

#[test]
fn zones_have_names() {
    for name in [
        "",
        "UTC",
        "Etc/GMT-5",
        "America/Argentina/Buenos_Aires",
        "US/Pacific",
        "GB",
    ] {
        assert!(Zone::find(name).is_some(), "{name}");
    }
    for name in [
        "Mars",
        "Europe/Atlantis",
        "europe/berlin",
        "Europe",
        "UTC GMT",
        "Berlin",
        " ",
    ] {
        assert_eq!(Zone::find(name), None, "{name}");
    }
    assert_eq!(periodic(&["@daily"], "Mars").next_launch(Time(0)), None);
    let names = zones::ZONES.iter().flat_map(|(_, names)| names.split(' '));
    let mut names: Vec<_> = names.collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!((names.len(), count), (598, 598));
}

#[test]
fn refusals() {
    let cases = [
        ("", "missing field(s)"),
        ("foo", "missing field(s)"),
        ("@never", "missing field(s)"),
        ("* * * *", "missing field(s)"),
        ("60 * * * *", "syntax error in minute field: '60'"),
        ("* 24 * * *", "syntax error in hour field: '24'"),
        ("* * 0 * *", "syntax error in day-of-month field: '0'"),
        ("* * 32 * *", "syntax error in day-of-month field: '32'"),
        ("* * * 13 *", "syntax error in month field: '13'"),
        ("* * * * 8", "syntax error in day-of-week field: '8'"),
        ("* * * * mo", "syntax error in day-of-week field: 'mo'"),
        (
            "* * * * mon#6",
            "syntax error in day-of-week field: 'mon#6'",
        ),
        ("* * * * * 1969", "syntax error in year field: '1969'"),
        ("61 * * * * * *", "syntax error in second field: '61'"),
        ("*/0 * * * *", "syntax error in minute field: '*/0'"),
        ("1,,2 * * * *", "syntax error in minute field: '1,,2'"),
        ("+5 * * * *", "syntax error in minute field: '+5'"),
        ("1-2-3 * * * *", "syntax error in minute field: '1-2-3'"),
        (
            "99999999999999999999 * * * *",
            "syntax error in minute field: '99999999999999999999'",
        ),
    ];
    for (text, want) in cases {
        assert_eq!(Cron::parse(text), Err(want.into()), "{text}");
    }
}

/// From any second, the next launch is after it, is shown by the clocks as the expression says, and
/// nothing between is skipped: the hour's launches are found one by one however one steps.
#[test]
fn steps_of_any_size_meet_the_same_launches() {
    let hourly = periodic(&["7 * * * *"], "America/St_Johns");
    let (start, end) = (time("2026-10-30T00:00:00Z"), time("2026-11-03T00:00:00Z"));
    let mut one_by_one = Vec::new();
    let mut at = start;
    while let Some(next) = hourly.next_launch(at).filter(|next| *next <= end) {
        assert!(next > at);
        one_by_one.push(next);
        at = next;
    }
    let mut stepped = Vec::new();
    let mut at = start;
    while at <= end {
        let next = hourly.next_launch(at).unwrap();
        if next <= end && stepped.last() != Some(&next) {
            stepped.push(next);
        }
        at += crate::base::Duration::from_secs(613);
    }
    assert_eq!(one_by_one, stepped);
    // One an hour, for both offsets are odd by half an hour.
    assert_eq!(one_by_one.len(), 4 * 24);
}

//! Rules about periodic jobs (spec: jobspec 15.2, scheduling 18).

use crate::admission::issues::Issues;
use crate::document::View;

/// The job's periodic block. Disabled blocks are not judged.
pub(super) fn periodic(job: View<'_>, issues: &mut Issues) {
    let Some(periodic) = job.object("Periodic") else {
        return;
    };
    if !matches!(job.text("Type"), "batch" | "sysbatch") {
        let text = "Periodic can only be used with \"batch\" or \"sysbatch\" scheduler";
        issues.add("periodic", text);
    }
    if !periodic.flag("Enabled") {
        return;
    }
    let mut own = Issues::default();
    let (spec, specs) = (periodic.text("Spec"), periodic.texts("Specs"));
    if !spec.is_empty() && !specs.is_empty() {
        own.add("periodic.crons", "Only cron or crons may be used");
    }
    if spec.is_empty() && specs.is_empty() {
        own.add("periodic.crons", "Must specify a spec");
    }
    let zone = periodic.text("TimeZone");
    if !is_time_zone(zone) {
        let text = format!("Invalid time zone {zone:?}: unknown time zone {zone}");
        own.add("periodic.time_zone", text);
    }
    match periodic.text("SpecType") {
        "cron" => {
            let single = Some(("periodic.cron", spec)).filter(|_| !spec.is_empty());
            let several = specs.into_iter().map(|spec| ("periodic.crons", spec));
            for (at, spec) in single.into_iter().chain(several) {
                if let Err(error) = cron_spec(spec) {
                    own.add(at, format!("Invalid cron spec {spec:?}: {error}"));
                }
            }
        }
        "test" => {}
        other => {
            let text = format!("Unknown periodic specification type {other:?}");
            own.add("periodic", text);
        }
    }
    issues.nest("", own);
}

/// Areas of the IANA time zone names. Which places an area has is not checked.
fn is_time_zone(name: &str) -> bool {
    const SINGLE: [&str; 26] = [
        "UTC",
        "GMT",
        "Local",
        "UCT",
        "Zulu",
        "Universal",
        "Greenwich",
        "EST",
        "MST",
        "HST",
        "CET",
        "EET",
        "MET",
        "WET",
        "EST5EDT",
        "CST6CDT",
        "MST7MDT",
        "PST8PDT",
        "GB",
        "Japan",
        "PRC",
        "ROK",
        "Singapore",
        "Turkey",
        "Israel",
        "Egypt",
    ];
    const AREAS: [&str; 14] = [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
        "Etc",
        "US",
        "Canada",
        "Brazil",
    ];
    match name.split_once('/') {
        Some((area, place)) => AREAS.contains(&area) && !place.is_empty(),
        None => name.is_empty() || SINGLE.contains(&name),
    }
}

/// One field of a cron expression.
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
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: [Field; 7] = [
    field("second", 0, 59, &[]),
    field("minute", 0, 59, &[]),
    field("hour", 0, 23, &[]),
    field("day-of-month", 1, 31, &[]),
    field("month", 1, 12, &MONTHS),
    field("day-of-week", 0, 7, &DAYS),
    field("year", 1970, 2099, &[]),
];

/// Five fields (minute first), six (with a year), seven (with seconds too), or an alias. Further
/// fields are ignored.
fn cron_spec(spec: &str) -> Result<(), String> {
    const ALIASES: [&str; 6] = [
        "@yearly",
        "@annually",
        "@monthly",
        "@weekly",
        "@daily",
        "@hourly",
    ];
    if ALIASES.contains(&spec.trim()) {
        return Ok(());
    }
    let given: Vec<&str> = spec.split_whitespace().collect();
    if given.len() < 5 {
        return Err("missing field(s)".to_owned());
    }
    let first = usize::from(given.len() < 7);
    for (field, text) in FIELDS[first..].iter().zip(&given) {
        if !text.split(',').all(|part| is_entry(field, part)) {
            return Err(format!("syntax error in {} field: '{text}'", field.name));
        }
    }
    Ok(())
}

fn is_entry(field: &Field, entry: &str) -> bool {
    let entry = entry.to_ascii_lowercase();
    let (range, step) = match entry.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (&*entry, None),
    };
    let step_holds = step.is_none_or(|step| step.parse::<u32>().is_ok_and(|n| n > 0));
    step_holds && (matches!(range, "*" | "?") || is_range(field, range) || is_special(field, range))
}

fn is_range(field: &Field, range: &str) -> bool {
    let value = |text: &str| {
        let named = field.names.iter().any(|name| text.starts_with(name));
        named
            || text
                .parse()
                .is_ok_and(|n| (field.low..=field.high).contains(&n))
    };
    match range.split_once('-') {
        Some((from, to)) => value(from) && value(to),
        None => value(range),
    }
}

/// `L`, `LW`, `15W`, `5L`, `5#2`.
fn is_special(field: &Field, entry: &str) -> bool {
    match field.name {
        "day-of-month" => {
            matches!(entry, "l" | "lw")
                || entry
                    .strip_suffix('w')
                    .is_some_and(|day| is_range(field, day))
        }
        "day-of-week" => {
            entry
                .strip_suffix('l')
                .is_some_and(|day| is_range(field, day))
                || entry.split_once('#').is_some_and(|(day, week)| {
                    is_range(field, day) && matches!(week, "1" | "2" | "3" | "4" | "5")
                })
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cron_specs() {
        let good = [
            "* * * * *",
            "*/15 * * * * *",
            "0 2 * * *",
            "15 3 13 * 5",
            "0 0 12 l jan-mar mon#2 2026",
            "@daily",
            "0 1 * * sun,6",
        ];
        for spec in good {
            assert_eq!(cron_spec(spec), Ok(()), "{spec}");
        }
        assert_eq!(cron_spec("foo"), Err("missing field(s)".into()));
        assert_eq!(
            cron_spec("60 * * * *"),
            Err("syntax error in minute field: '60'".into())
        );
    }
}

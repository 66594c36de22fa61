//! What tasks write: computed from what an image says it writes and from when the task ran, so that
//! nothing has to be kept.

use std::rc::Rc;

use yurt_model::{Allocation, Duration, InOrder, TaskState, Text, Time};

use super::image::{ImageCatalogue, LogLine, Traffic};

/// Most lines of one run that are told: older ones have been rotated away.
const LINES_MAX: i64 = 1_000;

/// A line that a task has written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// When.
    pub at: Time,
    /// To the standard error; else to the standard output.
    pub is_error: bool,
    /// The line, without its end.
    pub text: Rc<str>,
}

/// One run of a task: from its start to its end, if it has ended.
struct Run {
    start: Time,
    end: Option<Time>,
    /// What the driver said of the end.
    exit: Option<Text>,
}

/// The runs that the task's events still tell of, oldest first.
fn runs(state: &TaskState) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for event in &state.events {
        match (event.kind(), runs.last_mut()) {
            ("Started", _) => runs.push(Run {
                start: event.time,
                end: None,
                exit: None,
            }),
            ("Terminated", Some(run)) if run.end.is_none() => {
                run.end = Some(event.time);
                run.exit = Some(event.message().clone());
            }
            _ => {}
        }
    }
    runs
}

/// What a task of an allocation has written by `now`, in order.
pub fn task_logs(
    images: &ImageCatalogue,
    alloc: &Allocation,
    task: &str,
    now: Time,
) -> Vec<Logged> {
    let definition = alloc.task_group().and_then(|group| group.task(task));
    let (Some(definition), Some(state)) = (definition, alloc.task_state(task)) else {
        return Vec::new();
    };
    if definition.logs.disabled {
        return Vec::new();
    }
    let lines = images.log_lines(definition);
    let traffic = images.traffic(definition);
    let mut written = Vec::new();
    for run in runs(state) {
        let until = run.end.unwrap_or(now).min(now);
        let first = written.len();
        for line in &lines {
            write_line(alloc, line, traffic, (run.start, until), &mut written);
        }
        written[first..].put_in_order_by_key(|line| line.at);
        let failed = run
            .exit
            .as_ref()
            .filter(|text| !text.starts_with("Exit Code: 0"));
        if let (Some(end), Some(text)) = (run.end.filter(|end| *end <= now), failed) {
            written.push(Logged {
                at: end,
                is_error: true,
                text: format!("terminated: {}", text.to_lowercase()).into(),
            });
        }
    }
    written
}

fn write_line(
    alloc: &Allocation,
    line: &LogLine,
    traffic: Option<Traffic>,
    (start, until): (Time, Time),
    written: &mut Vec<Logged>,
) {
    let begins = start + line.after;
    if begins > until {
        return;
    }
    let (first, last) = match line.every {
        Some(every) if every > Duration::ZERO => {
            let last = (until - begins).nanos() / every.nanos();
            let times = line.times.map_or(i64::MAX, i64::from);
            let last = last.min(times.saturating_sub(1));
            ((last - LINES_MAX).max(0), last)
        }
        _ => (0, 0),
    };
    for number in first..=last {
        let every = line.every.unwrap_or(Duration::ZERO);
        written.push(Logged {
            at: begins + Duration(every.nanos() * number),
            is_error: line.is_error,
            text: filled(alloc, &line.text, traffic, number),
        });
    }
}

/// A line with its placeholders filled: `{number}` counts from 1, `{ms}` and `{status}` are of an
/// answer: they differ from line to line and are the same every time they are asked for.
fn filled(alloc: &Allocation, text: &Rc<str>, traffic: Option<Traffic>, number: i64) -> Rc<str> {
    if !text.contains('{') {
        return text.clone();
    }
    let mixed = (alloc.id.0.0 as u64 ^ number.unsigned_abs()).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (ms, is_error) = match traffic {
        None => (3 + (mixed >> 58), false),
        Some(traffic) => {
            let latency = traffic.latency.nanos().unsigned_abs() / 1_000_000;
            let thousandths = 500 + (mixed >> 44) % 1_000;
            let ms = latency.saturating_mul(thousandths) / 1_000;
            (ms, (mixed >> 32) % 100 < traffic.error_percent)
        }
    };
    let text = text.replace("{number}", &(number + 1).to_string());
    let text = text.replace("{status}", if is_error { "500" } else { "200" });
    text.replace("{ms}", &ms.to_string()).into()
}

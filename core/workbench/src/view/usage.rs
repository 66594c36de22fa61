//! What an allocation uses of what it was given, over the last minutes: a small picture, and the
//! same in words.

use serde::{Deserialize, Serialize};
use yurt_engine::{ImageCatalogue, TaskUsage, task_usage};
use yurt_model::{Allocation, Duration, Time};

/// Moments in the picture, the last of them now.
const MOMENTS: i64 = 61;

/// From one moment to the next: five minutes in all.
const BETWEEN: Duration = Duration::from_secs(5);

/// The height of the picture; its width is one for each moment.
const HEIGHT: i64 = 16;

/// What an allocation uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageView {
    /// The name of the allocation.
    pub name: String,
    /// Processor and memory; empty while no task runs.
    pub lines: Vec<UsageLine>,
}

/// How much of one thing it uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageLine {
    /// `CPU 12 of 100 MHz, at most 20 in the last 5 minutes`.
    pub text: String,
    /// The points of a polyline, in a picture of 60 by 16 whose bottom is nothing and whose top is
    /// all that it was given.
    pub points: String,
}

/// What an allocation uses and has used up to now.
pub fn usage(images: &ImageCatalogue, alloc: &Allocation, now: Time) -> UsageView {
    let moments: Vec<(i64, Vec<TaskUsage>)> = (0..MOMENTS)
        .map(|x| (x, now - BETWEEN.times(MOMENTS - 1 - x)))
        .map(|(x, at)| (x, task_usage(images, alloc, at)))
        .filter(|(_, tasks)| !tasks.is_empty())
        .collect();
    let given = |of: fn(&yurt_model::AllocatedTask) -> i64| {
        alloc.resources.tasks.iter().map(of).sum::<i64>()
    };
    let line = |label, unit, given: i64, used: fn(&TaskUsage) -> i64| {
        let sum = |(x, tasks): &(i64, Vec<TaskUsage>)| (*x, tasks.iter().map(used).sum());
        picture(
            label,
            unit,
            given,
            &moments.iter().map(sum).collect::<Vec<_>>(),
        )
    };
    let cpu = line("CPU", "MHz", given(|task| task.cpu_mhz), |task| {
        task.cpu_mhz
    });
    let memory = line("Memory", "MiB", given(|task| task.memory_mb), |task| {
        task.memory_kib / 1024
    });
    UsageView {
        name: alloc.name(),
        lines: cpu.into_iter().chain(memory).collect(),
    }
}

/// One line of the picture; `None` without values.
fn picture(label: &str, unit: &str, given: i64, values: &[(i64, i64)]) -> Option<UsageLine> {
    let most = values.iter().map(|(_, value)| *value).max()?;
    let (_, last) = values.last()?;
    let top = most.max(given).max(1);
    let mut points = String::new();
    for (x, value) in values {
        let y = HEIGHT - HEIGHT * value / top;
        points.push_str(&format!("{x},{y} "));
    }
    Some(UsageLine {
        text: format!("{label} {last} of {given} {unit}, at most {most} in the last 5 minutes"),
        points,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The points and the text.
    type Picture<'a> = (&'a str, &'a str);

    type Case<'a> = (&'a [(i64, i64)], Option<Picture<'a>>);

    #[test]
    fn a_picture_reaches_from_nothing_to_all() {
        let cases: [Case<'_>; 4] = [
            (&[], None),
            (
                &[(0, 0), (1, 50), (2, 100)],
                Some((
                    "0,16 1,8 2,0 ",
                    "CPU 100 of 100 MHz, at most 100 in the last 5 minutes",
                )),
            ),
            // More than was given: the top is the most.
            (
                &[(58, 200), (59, 100), (60, 0)],
                Some((
                    "58,0 59,8 60,16 ",
                    "CPU 0 of 100 MHz, at most 200 in the last 5 minutes",
                )),
            ),
            (
                &[(60, 25)],
                Some((
                    "60,12 ",
                    "CPU 25 of 100 MHz, at most 25 in the last 5 minutes",
                )),
            ),
        ];
        for (values, want) in cases {
            let line = picture("CPU", "MHz", 100, values);
            let line = line.as_ref().map(|line| (&*line.points, &*line.text));
            assert_eq!(line, want, "{values:?}");
        }
    }
}

//! `nomad alloc status`.

use std::collections::BTreeSet;
use std::fmt;

use yurt_engine::TaskUsage;
use yurt_model::job::LifecycleHook;
use yurt_model::{
    AllocClientStatus, Allocation, EvalStatus, Task, TaskState, Gather};

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::part::{self, Length, Scene, plain, section};
use super::times::{absolute, absolute_or_na, ago};
use super::{CommandError, Lines, Emulated, Execution, columns, gaps, look_up};
use crate::view::{Label, Line};
use crate::world::World;

/// Shows one allocation, or lists all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllocStatus {
    /// The beginning of its id.
    pub alloc: Option<String>,
    /// Only the first block.
    pub short: bool,
    /// Whole identifiers, and how the node was chosen.
    pub verbose: bool,
    /// What its tasks use.
    pub stats: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for AllocStatus {
    const NAME: &'static str = "alloc status";
    const USAGE: &'static str = "[options] <allocation>";
    const ABOUT: &'static str = "Shows an allocation, its tasks and what happened to them.";
    const FLAGS: &'static [Flag] = &[
        switch("short"),
        switch("verbose"),
        switch("stats"),
        switch("json"),
        valued("t"),
    ];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        if arguments.words.len() > 1 {
            return Err(UsageError::new(
                "This command takes one of the following argument conditions:\n * A single \
                 <allocation>\n * No arguments, with output format specified",
            ));
        }
        if arguments.is_on("json") {
            return Err(UsageError::new(gaps::no_json(Self::NAME)));
        }
        if arguments.value("t").is_some() {
            return Err(UsageError::new(gaps::no_template(Self::NAME)));
        }
        Ok(Self {
            short: arguments.is_on("short"),
            verbose: arguments.is_on("verbose"),
            stats: arguments.is_on("stats"),
            common: Common::of(&arguments),
            alloc: arguments.words.into_iter().next(),
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let scene = world.scene();
        let Some(prefix) = &self.alloc else {
            let all = scene.store.allocs().cloned();
            let mut allocs: Vec<_> = all
                .filter(|alloc| &*alloc.namespace == self.common.namespace())
                .collect();
            part::allocs::newest_first(&mut allocs);
            let rows = part::allocs::table(scene, &allocs, self.verbose);
            return Ok(Execution::done(plain(rows)));
        };
        let alloc = look_up::alloc(scene, prefix)?;
        let usage = if self.stats {
            yurt_engine::task_usage(world.images(), &alloc, world.scene().now)
        } else {
            Vec::new()
        };
        Ok(Execution::done(render(self, world.scene(), &alloc, &usage)))
    }
}

fn render(
    command: &AllocStatus,
    scene: Scene<'_>,
    alloc: &Allocation,
    usage: &[TaskUsage],
) -> Lines {
    let mut document = plain(columns::pairs(&overview(scene, alloc, command.verbose)));
    if command.short {
        section(&mut document, "Tasks", short_tasks(scene, alloc));
        return document;
    }
    addresses(alloc, &mut document);
    for state in &alloc.task_states {
        let task = alloc
            .task_group()
            .and_then(|group| group.task(&state.name));
        let usage = usage.iter().find(|usage| usage.task == state.name);
        task_block(scene, alloc, state, task, usage, &mut document);
    }
    if command.verbose || alloc.client_status == AllocClientStatus::Pending {
        let rows = scores(alloc, command.verbose);
        if !rows.is_empty() {
            section(&mut document, "Placement Metrics", rows);
        }
    }
    document
}

fn overview(scene: Scene<'_>, alloc: &Allocation, verbose: bool) -> Vec<(&'static str, String)> {
    let length = Length::of(verbose);
    let when = |time| {
        if verbose {
            absolute(time, scene.release)
        } else {
            ago(time, scene.now)
        }
    };
    let mut pairs = vec![
        ("ID", alloc.id.to_string()),
        ("Eval ID", length.id(alloc.eval_id.0)),
        ("Name", alloc.name()),
        ("Node ID", length.id(alloc.node_id.0)),
        ("Node Name", alloc.node_name.to_string()),
        ("Job ID", alloc.job_id.to_string()),
        ("Job Version", alloc.job.version.to_string()),
        ("Client Status", alloc.client_status.to_string()),
        ("Client Description", alloc.client_description.to_string()),
        ("Desired Status", alloc.desired_status.to_string()),
        ("Desired Description", alloc.desired_description.to_string()),
        ("Created", when(alloc.create_time)),
        ("Modified", when(alloc.modify_time)),
    ];
    if let Some(deployment) = alloc.deployment_id {
        pairs.push(("Deployment ID", length.id(deployment.0)));
        let status = alloc.deployment_status.as_ref();
        let health = match status.and_then(|status| status.healthy) {
            Some(true) => "healthy",
            Some(false) => "unhealthy",
            None => "unset",
        };
        pairs.push(("Deployment Health", health.into()));
        if alloc.is_canary() {
            pairs.push(("Canary", "true".into()));
        }
    }
    pairs.extend(rescheduling(scene, alloc, length));
    if verbose {
        let metric = &alloc.metrics;
        pairs.extend([
            ("Evaluated Nodes", metric.nodes_evaluated.to_string()),
            ("Filtered Nodes", metric.nodes_filtered.to_string()),
            ("Exhausted Nodes", metric.nodes_exhausted.to_string()),
            // The simulation takes no time to think.
            ("Allocation Time", "0s".into()),
            ("Failures", metric.coalesced_failures.to_string()),
        ]);
    }
    pairs
}

fn rescheduling(
    scene: Scene<'_>,
    alloc: &Allocation,
    length: Length,
) -> Vec<(&'static str, String)> {
    let mut pairs = Vec::new();
    if let Some(next) = alloc.links.next_allocation {
        pairs.push(("Replacement Alloc ID", length.id(next.0)));
    }
    let waiting = alloc
        .links.follow_up_eval
        .filter(|_| alloc.links.next_allocation.is_none())
        .and_then(|id| scene.store.eval(id))
        .filter(|eval| eval.status == EvalStatus::Pending);
    if let Some(until) = waiting.and_then(|eval| eval.wait_until) {
        pairs.push(("Reschedule Eligibility", ago(until, scene.now)));
    }
    let policy = alloc.task_group().and_then(|group| group.reschedule.as_ref());
    if let (Some(tracker), Some(policy)) = (&alloc.links.reschedule_tracker, policy) {
        let done = tracker
            .events
            .iter()
            .filter(|event| policy.unlimited || alloc.modify_time - event.time < policy.interval)
            .count();
        if done > 0 && policy.attempts > 0 && !policy.unlimited {
            let limit = policy.attempts;
            pairs.push(("Reschedule Attempts", format!("{done}/{limit}")));
        }
    }
    pairs
}

fn addresses(alloc: &Allocation, document: &mut Lines) {
    if alloc.resources.ports.is_empty() {
        return;
    }
    let mut rows = vec![columns::row(["Label", "Dynamic", "Address"])];
    rows.extend(alloc.resources.ports.iter().map(|port| {
        let mut address = part::address(&port.host_ip, port.value);
        if port.to > 0 {
            address.push_str(&format!(" -> {}", port.to));
        }
        // Every port of a group's network reads as dynamic, whatever was asked for.
        vec![format!("*{}", port.label), "yes".into(), address]
    }));
    section(document, "Allocation Addresses:", columns::list(&rows));
}

/// The name of a task with its place in the life of its allocation.
fn task_title(name: &str, task: Option<&Task>) -> String {
    let Some(lifecycle) = task.and_then(|task| task.lifecycle.as_ref()) else {
        return format!("Task \"{name}\"");
    };
    let hook = match lifecycle.hook {
        LifecycleHook::Prestart => "prestart",
        LifecycleHook::Poststart => "poststart",
        LifecycleHook::Poststop => "poststop",
    };
    let sidecar = if lifecycle.sidecar { " sidecar" } else { "" };
    format!("Task \"{name}\" ({hook}{sidecar})")
}

fn task_block(
    scene: Scene<'_>,
    alloc: &Allocation,
    state: &TaskState,
    task: Option<&Task>,
    usage: Option<&TaskUsage>,
    document: &mut Lines,
) {
    let title = task_title(&state.name, task);
    document.push(Line::default());
    document.push(Line::of(
        Label::Heading,
        format!("{title} is \"{}\"", state.phase.as_str()),
    ));
    document.push(Line::plain("Task Resources:"));
    let mut given = alloc.resources.tasks.iter();
    let given = given.find(|given| given.name == state.name);
    let mut cpu = format!("{} MHz", given.map_or(0, |given| given.cpu_mhz));
    let mut memory = format!("{} MiB", given.map_or(0, |given| given.memory_mb));
    if let Some(usage) = usage {
        cpu = format!("{}/{cpu}", usage.cpu_mhz);
        memory = format!("{}/{memory}", part::usage::kibibytes(usage.memory_kib));
    }
    let rows = [
        columns::row(["CPU", "Memory", "Disk", "Addresses"]),
        vec![
            cpu,
            memory,
            format!("{} MiB", alloc.resources.disk_mb),
            String::new(),
        ],
    ];
    document.extend(plain(columns::list_with_gaps(&rows)));
    if let Some(usage) = usage {
        part::usage::sections(usage, document);
    }
    document.push(Line::default());
    document.push(Line::of(Label::Heading, "Task Events:"));
    let pairs = [
        ("Started At", absolute_or_na(state.started_at, scene.release)),
        ("Finished At", absolute_or_na(state.finished_at, scene.release)),
        ("Total Restarts", state.restarts.to_string()),
        ("Last Restart", absolute_or_na(state.last_restart, scene.release)),
    ];
    document.extend(plain(columns::pairs(&pairs)));
    let mut rows = vec![columns::row(["Time", "Type", "Description"])];
    rows.extend(state.events.iter().rev().map(|event| {
        vec![
            absolute(event.time, scene.release),
            event.kind().to_string(),
            event.message().to_string(),
        ]
    }));
    section(document, "Recent Events:", columns::list(&rows));
}

fn short_tasks(scene: Scene<'_>, alloc: &Allocation) -> Vec<String> {
    let mut rows = vec![columns::row(["Name", "State", "Last Event", "Time"])];
    rows.extend(alloc.task_states.iter().map(|state| {
        let last = state.events.last();
        vec![
            state.name.to_string(),
            state.phase.as_str().into(),
            last.map_or(String::new(), |event| event.kind().to_string()),
            last.map_or(String::new(), |event| absolute(event.time, scene.release)),
        ]
    }));
    columns::list(&rows)
}

/// How the nodes scored that were looked at. Empty when none was ranked.
fn scores(alloc: &Allocation, verbose: bool) -> Vec<String> {
    let metric = &alloc.metrics;
    if metric.scores.is_empty() {
        return Vec::new();
    }
    let names: BTreeSet<&str> = metric
        .scores
        .iter()
        .flat_map(|score| score.scores.iter().map(|(name, _)| name).collect::<Vec<_>>())
        .gather();
    let mut heading = columns::row(["Node"]);
    heading.extend(names.iter().map(|name| (*name).to_string()));
    heading.push("final score".into());
    let mut rows = vec![heading];
    rows.extend(metric.scores.iter().map(|score| {
        let mut cells = vec![Length::of(verbose).id(score.node_id.0)];
        let values = names.iter().map(|name| score.scores.get(name));
        cells.extend(values.map(|value| three_digits(value.unwrap_or(0.0))));
        cells.push(three_digits(score.normalized));
        cells
    }));
    columns::list(&rows)
}

/// A number with three significant digits, without zeros at the end.
fn three_digits(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    // The digits before the point, counted by comparison: no logarithm whose last bit may differ.
    let mut decimals = 2i32;
    let mut bound = 1.0;
    while value.abs() < bound && decimals < 12 {
        decimals += 1;
        bound /= 10.0;
    }
    let mut bound = 10.0;
    while value.abs() >= bound && decimals > 0 {
        decimals -= 1;
        bound *= 10.0;
    }
    let text = format!("{value:.*}", usize::try_from(decimals).unwrap_or(0));
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').into()
    } else {
        text
    }
}

impl fmt::Display for AllocStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("short", self.short)
            .switch("verbose", self.verbose)
            .switch("stats", self.stats);
        f.write_str(&line.words(self.alloc.as_deref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_have_three_digits() {
        let cases = [
            (0.0, "0"),
            (0.040_97, "0.041"),
            (0.08, "0.08"),
            (-0.5, "-0.5"),
            (-0.21, "-0.21"),
            (0.333_333, "0.333"),
            (0.013_66, "0.0137"),
            (0.125, "0.125"),
            (1.0, "1"),
            (12.34, "12.3"),
        ];
        for (value, want) in cases {
            assert_eq!(three_digits(value), want, "{value}");
        }
    }
}

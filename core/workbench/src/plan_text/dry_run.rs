//! What follows the difference: the dry run's outcome, evictions, and the index (spec: plan-diff
//! 11, 12).

use std::collections::BTreeMap;

use yurt_model::{AllocMetric, JobType};

use super::{PlanTextInput, PreemptedAlloc};
use crate::command::columns::{list, row};
use crate::command::placement_reasons;
use crate::document::Document;
use crate::view::Label;

/// From this many evictions on they are summed up.
const MANY: usize = 10;

/// Whether everything found a place, what did not, and when a periodic job would run.
pub(super) fn outcome(document: &mut Document, input: &PlanTextInput<'_>) {
    let mut text = if input.failed_groups.is_empty() {
        "[bold][green]- All tasks successfully allocated.[reset]".to_owned()
    } else {
        failures(input)
    };
    if let Some(launch) = input.next_launch {
        text += &format!("\n[green]- If submitted now, next periodic launch would be at {launch}.");
    }
    document.print(Label::Plain, &text);
}

fn failures(input: &PlanTextInput<'_>) -> String {
    let place = match input.job_type {
        JobType::System => "allocations on all nodes",
        _ => "all allocations",
    };
    let mut text = format!("[bold][yellow]- WARNING: Failed to place {place}.[reset]\n");
    let groups = input.failed_groups.iter().map(|(name, metric)| {
        let count = metric.coalesced_failures + 1;
        let plural = if count > 1 { "s" } else { "" };
        let reasons = metric_lines(metric).join("\n");
        format!(
            "  [yellow]Task Group \"{name}\" (failed to place {count} allocation{plural}):\n\
             [reset][yellow]{reasons}[reset]"
        )
    });
    text += &groups.collect::<Vec<_>>().join("\n\n");
    text
}

fn metric_lines(metric: &AllocMetric) -> Vec<String> {
    let mut lines = placement_reasons(metric, "    ");
    let is_red = |line: &String| line.starts_with("    * Constraint \"missing drivers\"");
    for line in lines.iter_mut().filter(|line| is_red(line)) {
        *line = format!("[red]{line}[reset]");
    }
    lines
}

/// What would be evicted, one by one or summed up.
pub(super) fn preemptions(document: &mut Document, preempted: &[PreemptedAlloc]) {
    if preempted.is_empty() {
        return;
    }
    document.print(Label::Plain, "[bold][yellow]Preemptions:\n[reset]");
    for line in list(&table(preempted)) {
        document.print(Label::Plain, &line);
    }
}

fn table(preempted: &[PreemptedAlloc]) -> Vec<Vec<String>> {
    if preempted.len() < MANY {
        let head = row(["Alloc ID", "Job ID", "Task Group"]);
        let rows = preempted
            .iter()
            .map(|it| row([&*it.id, &it.job_id, &it.task_group]));
        return std::iter::once(head).chain(rows).collect();
    }
    let mut jobs: BTreeMap<[&str; 3], usize> = BTreeMap::new();
    let mut types: BTreeMap<&str, usize> = BTreeMap::new();
    for it in preempted {
        *jobs
            .entry([&it.job_id, &it.namespace, &it.job_type])
            .or_default() += 1;
        *types.entry(&it.job_type).or_default() += 1;
    }
    if jobs.len() < MANY {
        let head = row(["Job ID", "Namespace", "Job Type", "Preemptions"]);
        let rows = jobs.iter().map(|([job, namespace, kind], count)| {
            row([*job, *namespace, *kind, &*count.to_string()])
        });
        return std::iter::once(head).chain(rows).collect();
    }
    let head = row(["Job Type", "Preemptions"]);
    let rows = types
        .iter()
        .map(|(kind, count)| row([*kind, &*count.to_string()]));
    std::iter::once(head).chain(rows).collect()
}

/// The index, and how to submit exactly what was planned.
pub(super) fn index_tail(document: &mut Document, input: &PlanTextInput<'_>) {
    let (index, run) = (input.job_modify_index, input.run);
    let (arguments, matches) = (input.arguments, input.index_matches);
    let text = format!(
        "[reset][bold]Job Modify Index: {index}[reset]\n\
         To submit the job with version verification run:\n\n\
         {run} -check-index {index} {arguments}\n\n\
         When running the job with the check-index flag, the job will only be run if the\n\
         {matches} If the index has\n\
         changed, another user has modified the job and the plan's results are\n\
         potentially invalid."
    );
    document.print(Label::Plain, &text);
}

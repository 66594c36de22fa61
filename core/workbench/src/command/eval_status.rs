//! `nomad eval status`.

use std::fmt;

use yurt_model::Evaluation;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::part::{self, Length, Scene, evals, plain, section};
use super::times::{absolute, ago};
use super::{CommandError, Lines, Emulated, Execution, Monitor, columns, gaps, look_up, release};
use crate::world::World;

/// Shows one evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalStatus {
    /// The beginning of its id.
    pub eval: String,
    /// Follow it to its end.
    pub monitor: bool,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for EvalStatus {
    const NAME: &'static str = "eval status";
    const USAGE: &'static str = "[options] <evaluation>";
    const ABOUT: &'static str = "Shows an evaluation: why it was made and what came of it.";
    const FLAGS: &'static [Flag] = &[
        switch("monitor"),
        switch("verbose"),
        switch("json"),
        valued("t"),
    ];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        if arguments.is_on("json") {
            return Err(UsageError::new(gaps::no_json(Self::NAME)));
        }
        if arguments.value("t").is_some() {
            return Err(UsageError::new(gaps::no_template(Self::NAME)));
        }
        Ok(Self {
            monitor: arguments.is_on("monitor"),
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
            eval: arguments.one("<evaluation>")?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let scene = world.scene();
        let eval = look_up::eval(scene, &self.eval)?;
        if self.monitor {
            let monitor = Monitor::evaluation(eval.id, self.verbose);
            return Ok(world.follow(Vec::new(), monitor));
        }
        Ok(Execution::done(render(self, scene, &eval)))
    }
}

fn render(command: &EvalStatus, scene: Scene<'_>, eval: &Evaluation) -> Lines {
    let length = Length::of(command.verbose);
    let when = |time| {
        if command.verbose {
            absolute(time, scene.release)
        } else {
            ago(time, scene.now)
        }
    };
    let related = |id: Option<yurt_model::EvalId>| id.map_or(String::new(), |id| length.id(id.0));
    // The reference repeats the status where there is no description.
    let description = if eval.status_description.is_empty() {
        eval.status.as_str()
    } else {
        &eval.status_description
    };
    let mut pairs = vec![
        ("ID", length.id(eval.id.0)),
        ("Create Time", when(eval.create_time)),
        ("Modify Time", when(eval.modify_time)),
        ("Status", eval.status.to_string()),
        ("Status Description", description.to_string()),
        ("Type", eval.kind.to_string()),
        ("TriggeredBy", eval.triggered_by.to_string()),
        ("Job ID", eval.job_id.to_string()),
        ("Namespace", eval.namespace.to_string()),
    ];
    if let Some(node) = eval.node_id {
        pairs.push(("Node ID", length.id(node.0)));
    }
    pairs.extend([
        ("Priority", eval.priority.to_string()),
        ("Placement Failures", evals::placement_failures(eval)),
        ("Previous Eval", related(eval.previous_eval)),
        ("Next Eval", related(eval.next_eval)),
        ("Blocked Eval", related(eval.blocked_eval)),
    ]);
    if let Some(until) = eval.wait_until {
        pairs.push(("Wait Until", ago(until, scene.now)));
    }
    let mut document = plain(columns::pairs(&release::pairs(pairs, scene.release)));
    if !eval.failed_groups.is_empty() {
        let mut lines = Vec::new();
        for (group, metric) in &eval.failed_groups {
            let count = metric.coalesced_failures + 1;
            let plural = if count == 1 { "" } else { "s" };
            lines.push(format!(
                "Task Group \"{group}\" (failed to place {count} allocation{plural}):"
            ));
            lines.extend(part::failure::reasons(metric, "  "));
        }
        section(&mut document, "Failed Placements", lines);
    }
    annotations(eval, &mut document);
    document
}

fn annotations(eval: &Evaluation, document: &mut Lines) {
    let Some(annotations) = &eval.annotations else {
        return;
    };
    let mut rows = vec![columns::row([
        "Task Group",
        "Ignore",
        "Place",
        "Stop",
        "InPlace",
        "Destructive",
    ])];
    rows.extend(annotations.desired_updates.iter().map(|(group, counts)| {
        let numbers = [
            counts.ignore,
            counts.place,
            counts.stop,
            counts.in_place_update,
            counts.destructive_update,
        ];
        let mut cells = columns::row([group]);
        cells.extend(numbers.map(|number| number.to_string()));
        cells
    }));
    section(document, "Plan Annotations", columns::list(&rows));
}

impl fmt::Display for EvalStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("monitor", self.monitor)
            .switch("verbose", self.verbose);
        f.write_str(&line.words([self.eval.as_str()]))
    }
}

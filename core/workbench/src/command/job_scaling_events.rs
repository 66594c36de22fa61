//! `nomad job scaling-events`.

use std::fmt;

use yurt_model::InOrder;
use yurt_state::ScalingEvent;

use super::flags::{Arguments, CommandLine, Common, Flag, UsageError, switch};
use super::part::{Length, plain};
use super::times::absolute;
use super::{CommandError, Emulated, Execution, columns, look_up};
use crate::world::World;

/// Lists what was said and done about the counts of a job's groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobScalingEvents {
    /// The beginning of its id.
    pub job: String,
    /// Messages, errors and whole identifiers too.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for JobScalingEvents {
    const NAME: &'static str = "job scaling-events";
    const USAGE: &'static str = "[options] <job>";
    const ABOUT: &'static str = "Lists how a job's groups were scaled.";
    const FLAGS: &'static [Flag] = &[switch("verbose")];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        Ok(Self {
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
            job: arguments.one("<job>")?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let scene = world.scene();
        let job = look_up::job(scene, &self.common, &self.job)?;
        let key = job.key();
        let groups = scene.store.scaling_events(&key).into_iter().flatten();
        let mut events: Vec<_> = groups
            .flat_map(|(group, events)| events.iter().map(move |event| (group, event)))
            .collect();
        events.put_in_order_by_key(|(_, event)| std::cmp::Reverse(event.time));
        if events.is_empty() {
            return Ok(Execution::line("No events found"));
        }
        let mut heading = columns::row(["Task Group", "Count", "PrevCount"]);
        if self.verbose {
            heading.extend(columns::row(["Error", "Message", "Eval ID"]));
        }
        heading.push("Date".into());
        let mut rows = vec![heading];
        rows.extend(events.into_iter().map(|(group, event)| {
            let mut cells = vec![
                group.to_string(),
                event
                    .count
                    .map(|count| count.to_string())
                    .unwrap_or_default(),
                event.previous_count.to_string(),
            ];
            if self.verbose {
                cells.extend(details(event));
            }
            cells.push(absolute(event.time, scene.release));
            cells
        }));
        Ok(Execution::done(plain(columns::list(&rows))))
    }
}

fn details(event: &ScalingEvent) -> [String; 3] {
    let eval = event.eval_id.map(|id| Length::Full.id(id.0));
    [
        event.is_error.to_string(),
        event.message.to_string(),
        eval.unwrap_or_default(),
    ]
}

impl fmt::Display for JobScalingEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common).switch("verbose", self.verbose);
        f.write_str(&line.words([self.job.as_str()]))
    }
}

//! `nomad job eval`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch};
use super::{CommandError, Emulated, Execution, look_up};
use crate::view::Line;
use crate::world::World;

/// Asks the scheduler to look at a job again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobEval {
    /// The beginning of its id.
    pub job: String,
    /// Reschedule failed allocations whatever their policy says.
    pub force_reschedule: bool,
    /// Do not follow what comes of it.
    pub detach: bool,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for JobEval {
    const NAME: &'static str = "job eval";
    const USAGE: &'static str = "[options] <job>";
    const ABOUT: &'static str = "Asks the scheduler to look at a job again.";
    const FLAGS: &'static [Flag] = &[
        switch("force-reschedule"),
        switch("detach"),
        switch("verbose"),
    ];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        Ok(Self {
            force_reschedule: arguments.is_on("force-reschedule"),
            detach: arguments.is_on("detach"),
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
            job: arguments.one("<job>")?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let job = look_up::job(world.scene(), &self.common, &self.job)?;
        let eval = world
            .evaluate(&job.key(), self.force_reschedule)
            .map_err(|text| CommandError::new(format!("Error evaluating job: {text}")))?;
        if self.detach {
            let ids = eval.iter();
            let lines = ids.map(|id| Line::plain(format!("Created eval ID: \"{}\"", id.short())));
            return Ok(Execution::done(lines.collect()));
        }
        Ok(world.evaluation(Vec::new(), eval, false, self.verbose))
    }
}

impl fmt::Display for JobEval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("force-reschedule", self.force_reschedule)
            .switch("detach", self.detach)
            .switch("verbose", self.verbose);
        f.write_str(&line.words([self.job.as_str()]))
    }
}

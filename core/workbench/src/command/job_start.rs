//! `nomad job start`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch};
use super::{CommandError, Emulated, Execution, look_up};
use crate::view::Line;
use crate::world::World;

/// Starts a stopped job again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobStart {
    /// The beginning of its id.
    pub job: String,
    /// Do not follow what comes of it.
    pub detach: bool,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for JobStart {
    const NAME: &'static str = "job start";
    const USAGE: &'static str = "[options] <job>";
    const ABOUT: &'static str = "Starts a stopped job again.";
    const FLAGS: &'static [Flag] = &[switch("detach"), switch("verbose")];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        Ok(Self {
            detach: arguments.is_on("detach"),
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
            job: arguments.one("<job>")?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let job = look_up::job(world.scene(), &self.common, &self.job)?;
        if !job.stop {
            return Err(CommandError::new(format!(
                "Job \"{}\" has not been stopped and is running",
                job.id()
            )));
        }
        let eval = world
            .start(&job)
            .map_err(|text| CommandError::new(format!("Error starting job: {text}")))?;
        let document = vec![Line::plain("Job start successful")];
        let document = if eval.is_none() || self.detach {
            document
        } else {
            Vec::new()
        };
        Ok(world.evaluation(document, eval, self.detach, self.verbose))
    }
}

impl fmt::Display for JobStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("detach", self.detach)
            .switch("verbose", self.verbose);
        f.write_str(&line.words([self.job.as_str()]))
    }
}

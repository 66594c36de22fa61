//! `nomad job stop`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::{CommandError, Emulated, Execution, look_up};
use crate::view::Line;
use crate::world::World;

/// Stops a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobStop {
    /// The beginning of its id.
    pub job: String,
    /// Forget it at once.
    pub purge: bool,
    /// Stop tasks without their shutdown delay.
    pub no_shutdown_delay: bool,
    /// The priority of the evaluation, if not the job's.
    pub eval_priority: Option<i64>,
    /// Do not follow what comes of it.
    pub detach: bool,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for JobStop {
    const NAME: &'static str = "job stop";
    const USAGE: &'static str = "[options] <job>";
    const ABOUT: &'static str = "Stops a job; with -purge it is forgotten at once.";
    const FLAGS: &'static [Flag] = &[
        switch("detach"),
        switch("purge"),
        switch("no-shutdown-delay"),
        switch("verbose"),
        // Nobody is asked anything here, and there is one region.
        switch("yes").idle(),
        switch("global").idle(),
        valued("eval-priority"),
    ];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        Ok(Self {
            eval_priority: arguments.number("eval-priority")?,
            purge: arguments.is_on("purge"),
            no_shutdown_delay: arguments.is_on("no-shutdown-delay"),
            detach: arguments.is_on("detach"),
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
            job: arguments.one("<job>")?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let job = look_up::job(world.scene(), &self.common, &self.job)?;
        let eval = world
            .deregister(
                &job.key(),
                self.purge,
                self.no_shutdown_delay,
                self.eval_priority,
            )
            .map_err(|text| CommandError::new(format!("Error deregistering job: {text}")))?;
        if self.detach {
            let ids = eval.iter().map(|id| Line::plain(id.to_string()));
            return Ok(Execution::done(ids.collect()));
        }
        Ok(world.evaluation(Vec::new(), eval, false, self.verbose))
    }
}

impl fmt::Display for JobStop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let eval_priority = self.eval_priority.map(|number| number.to_string());
        let line = CommandLine::new(Self::NAME, &self.common)
            .value("eval-priority", eval_priority.as_deref())
            .switch("detach", self.detach)
            .switch("purge", self.purge)
            .switch("no-shutdown-delay", self.no_shutdown_delay)
            .switch("verbose", self.verbose);
        f.write_str(&line.words([self.job.as_str()]))
    }
}

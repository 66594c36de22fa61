//! `nomad job periodic force`.

use std::fmt;

use super::flags::{Arguments, CommandLine, Common, Flag, UsageError, switch};
use super::{CommandError, Emulated, Execution, look_up};
use crate::view::Line;
use crate::world::World;

/// Launches a periodic job now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobPeriodicForce {
    /// The beginning of its id.
    pub job: String,
    /// Do not follow what comes of it.
    pub detach: bool,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for JobPeriodicForce {
    const NAME: &'static str = "job periodic force";
    const USAGE: &'static str = "[options] <job>";
    const ABOUT: &'static str = "Launches a periodic job now, whatever its time and its overlap.";
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
        let is_periodic = |job: &yurt_model::Job| job.spec.periodic.is_some();
        let scene = world.scene();
        let job = look_up::parent(scene, &self.common, "periodic", &self.job, is_periodic)?;
        let eval = world.force_launch(&job.key()).map_err(|text| {
            CommandError::new(format!(
                "Error forcing periodic job \"{}\": {text}",
                job.id()
            ))
        })?;
        let document = if self.detach {
            vec![Line::plain("Force periodic successful")]
        } else {
            Vec::new()
        };
        Ok(world.evaluation(document, eval, self.detach, self.verbose))
    }
}

impl fmt::Display for JobPeriodicForce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("detach", self.detach)
            .switch("verbose", self.verbose);
        f.write_str(&line.words([self.job.as_str()]))
    }
}

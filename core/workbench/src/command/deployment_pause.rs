//! `nomad deployment pause`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch};
use super::{CommandError, Emulated, Execution, look_up};
use crate::world::World;

/// Halts a deployment: nothing new is placed until it is resumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentPause {
    /// The beginning of its id.
    pub deployment: String,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for DeploymentPause {
    const NAME: &'static str = "deployment pause";
    const USAGE: &'static str = "[options] <deployment id>";
    const ABOUT: &'static str = "Halts a deployment until it is resumed.";
    const FLAGS: &'static [Flag] = &[switch("verbose")];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        Ok(Self {
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
            deployment: arguments.one("<deployment id>")?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let found = look_up::deployment(world.scene(), &self.deployment)?;
        world
            .pause(found.id, true)
            .map_err(|text| CommandError::new(format!("Error pausing deployment: {text}")))?;
        let id = found.id;
        Ok(Execution::line(format!("Deployment \"{id}\" paused")))
    }
}

impl fmt::Display for DeploymentPause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common).switch("verbose", self.verbose);
        f.write_str(&line.words([self.deployment.as_str()]))
    }
}

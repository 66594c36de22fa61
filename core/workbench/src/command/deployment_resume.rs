//! `nomad deployment resume`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch};
use super::{CommandError, Emulated, Execution, look_up};
use crate::view::Line;
use crate::world::World;

/// Lets a paused deployment go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentResume {
    /// The beginning of its id.
    pub deployment: String,
    /// Do not follow what comes of it.
    pub detach: bool,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for DeploymentResume {
    const NAME: &'static str = "deployment resume";
    const USAGE: &'static str = "[options] <deployment id>";
    const ABOUT: &'static str = "Lets a paused deployment go on.";
    const FLAGS: &'static [Flag] = &[switch("detach"), switch("verbose")];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        Ok(Self {
            detach: arguments.is_on("detach"),
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
            deployment: arguments.one("<deployment id>")?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let found = look_up::deployment(world.scene(), &self.deployment)?;
        let eval = world
            .pause(found.id, false)
            .map_err(|text| CommandError::new(format!("Error resuming deployment: {text}")))?;
        let id = found.id;
        let mut document = vec![Line::plain(format!("Deployment \"{id}\" resumed"))];
        if !self.detach {
            document.push(Line::default());
        }
        Ok(world.evaluation(document, eval, self.detach, self.verbose))
    }
}

impl fmt::Display for DeploymentResume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("detach", self.detach)
            .switch("verbose", self.verbose);
        f.write_str(&line.words([self.deployment.as_str()]))
    }
}

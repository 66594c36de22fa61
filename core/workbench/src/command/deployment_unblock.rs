//! `nomad deployment unblock`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch};
use super::{CommandError, Emulated, Execution, look_up};
use crate::world::World;

/// Lets a blocked deployment of a multi-region job end. There is one region here, so no deployment
/// is ever blocked, and the answer is always a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentUnblock {
    /// The beginning of its id.
    pub deployment: String,
    /// Do not follow what comes of it.
    pub detach: bool,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for DeploymentUnblock {
    const NAME: &'static str = "deployment unblock";
    const USAGE: &'static str = "[options] <deployment id>";
    const ABOUT: &'static str = "Lets a blocked deployment of a multi-region job end.";
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
        // spec: deployments 2.4.
        let reason = if found.is_active() {
            "can't unblock running deployment"
        } else {
            "can't unblock terminal deployment"
        };
        Err(CommandError::new(format!(
            "Error unblocking deployment: Unexpected response code: 500 ({reason})"
        )))
    }
}

impl fmt::Display for DeploymentUnblock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("detach", self.detach)
            .switch("verbose", self.verbose);
        f.write_str(&line.words([self.deployment.as_str()]))
    }
}

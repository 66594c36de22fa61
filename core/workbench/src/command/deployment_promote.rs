//! `nomad deployment promote`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::{CommandError, Emulated, Execution, look_up};
use crate::world::World;

/// Promotes the canaries of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentPromote {
    /// The beginning of its id.
    pub deployment: String,
    /// Only these groups; all when there is none.
    pub groups: Vec<String>,
    /// Do not follow what comes of it.
    pub detach: bool,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl DeploymentPromote {
    /// Promotes all groups and follows what comes of it: what the button does.
    pub fn all(deployment: impl Into<String>) -> Self {
        Self {
            deployment: deployment.into(),
            groups: Vec::new(),
            detach: false,
            verbose: false,
            common: Common::default(),
        }
    }
}

impl Emulated for DeploymentPromote {
    const NAME: &'static str = "deployment promote";
    const USAGE: &'static str = "[options] <deployment id>";
    const ABOUT: &'static str =
        "Promotes the canaries of a deployment, so that the other allocations follow.";
    const FLAGS: &'static [Flag] = &[valued("group"), switch("detach"), switch("verbose")];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        Ok(Self {
            groups: arguments.texts("group"),
            detach: arguments.is_on("detach"),
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
            deployment: arguments.one("<deployment id>")?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let found = look_up::deployment(world.scene(), &self.deployment)?;
        let eval = world
            .promote(found.id, &self.groups)
            .map_err(|text| CommandError::new(format!("Error promoting deployment: {text}")))?;
        Ok(world.evaluation(Vec::new(), eval, self.detach, self.verbose))
    }
}

impl fmt::Display for DeploymentPromote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .values("group", &self.groups)
            .switch("detach", self.detach)
            .switch("verbose", self.verbose);
        f.write_str(&line.words([self.deployment.as_str()]))
    }
}

//! `nomad deployment fail`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch};
use super::{CommandError, Lines, Emulated, Execution, look_up};
use crate::view::Line;
use crate::world::World;

/// Marks a deployment as failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentFail {
    /// The beginning of its id.
    pub deployment: String,
    /// Do not follow what comes of it.
    pub detach: bool,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl DeploymentFail {
    /// Fails it and follows what comes of it: what the button does.
    pub fn of(deployment: impl Into<String>) -> Self {
        Self {
            deployment: deployment.into(),
            detach: false,
            verbose: false,
            common: Common::default(),
        }
    }
}

impl Emulated for DeploymentFail {
    const NAME: &'static str = "deployment fail";
    const USAGE: &'static str = "[options] <deployment id>";
    const ABOUT: &'static str =
        "Marks a deployment as failed; with auto_revert the job goes back to its last stable \
         version.";
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
        let failed = world
            .fail(found.id)
            .map_err(|text| CommandError::new(format!("Error failing deployment: {text}")))?;
        let mut document = render(&found.id.to_string(), failed.reverted_to);
        if !self.detach {
            document.push(Line::default());
        }
        Ok(world.evaluation(document, failed.eval_id, self.detach, self.verbose))
    }
}

fn render(id: &str, reverted_to: Option<u64>) -> Lines {
    let text = match reverted_to {
        Some(version) => {
            format!("Deployment \"{id}\" failed. Auto-reverted to job version {version}.")
        }
        None => format!("Deployment \"{id}\" failed"),
    };
    vec![Line::plain(text)]
}

impl fmt::Display for DeploymentFail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("detach", self.detach)
            .switch("verbose", self.verbose);
        f.write_str(&line.words([self.deployment.as_str()]))
    }
}

//! `nomad deployment list`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch};
use super::part::{Scene, deployment, plain};
use super::{CommandError, Lines, Emulated, Execution, gaps};
use crate::world::World;

/// Lists all deployments of the namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentList {
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for DeploymentList {
    const NAME: &'static str = "deployment list";
    const USAGE: &'static str = "[options]";
    const ABOUT: &'static str = "Lists all deployments, the newest first.";
    const FLAGS: &'static [Flag] = &[switch("verbose"), switch("json")];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        if !arguments.words.is_empty() {
            return Err(UsageError::new("This command takes no arguments"));
        }
        if arguments.is_on("json") {
            return Err(UsageError::new(gaps::no_json(Self::NAME)));
        }
        Ok(Self {
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        Ok(Execution::done(render(self, world.scene())))
    }
}

fn render(command: &DeploymentList, scene: Scene<'_>) -> Lines {
    let all = command.common.namespace() == "*";
    let deployments = scene.store.deployments().map(|deployment| &**deployment);
    let wanted = deployments
        .filter(|deployment| all || &*deployment.namespace == command.common.namespace());
    plain(deployment::table(scene, wanted, command.verbose))
}

impl fmt::Display for DeploymentList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common).switch("verbose", self.verbose);
        f.write_str(&line.words([]))
    }
}

//! `nomad deployment status`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::part::deployment;
use super::{CommandError, Emulated, Execution, Monitor, gaps, look_up};
use crate::world::World;

/// Shows one deployment, or lists all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentStatus {
    /// The beginning of its id; all deployments without one.
    pub deployment: Option<String>,
    /// Whole identifiers.
    pub verbose: bool,
    /// Follow it to its end.
    pub monitor: bool,
    /// As JSON.
    pub json: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for DeploymentStatus {
    const NAME: &'static str = "deployment status";
    const USAGE: &'static str = "[options] <deployment id>";
    const ABOUT: &'static str = "Shows a deployment: its status, its groups and their counts.";
    const FLAGS: &'static [Flag] = &[
        switch("verbose"),
        switch("monitor"),
        switch("json"),
        valued("wait").idle(),
        valued("t"),
    ];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        if arguments.words.len() > 1 {
            let text = "This command takes at most one argument: <deployment id>";
            return Err(UsageError::new(text));
        }
        if arguments.value("t").is_some() {
            return Err(UsageError::new(gaps::no_template(Self::NAME)));
        }
        Ok(Self {
            verbose: arguments.is_on("verbose"),
            monitor: arguments.is_on("monitor"),
            json: arguments.is_on("json"),
            common: Common::of(&arguments),
            deployment: arguments.words.into_iter().next(),
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let scene = world.scene();
        let Some(prefix) = &self.deployment else {
            let all = super::deployment_list::DeploymentList {
                verbose: self.verbose,
                common: self.common.clone(),
            };
            return all.execute(world);
        };
        let found = look_up::deployment(scene, prefix)?;
        if self.json {
            return Err(CommandError::new(gaps::no_json(Self::NAME)));
        }
        if self.monitor {
            let monitor = Monitor::deployment(found.id, self.verbose);
            return Ok(world.follow(Vec::new(), monitor));
        }
        let block = deployment::block(scene, &found, self.verbose);
        Ok(Execution::done(block))
    }
}

impl fmt::Display for DeploymentStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("verbose", self.verbose)
            .switch("monitor", self.monitor)
            .switch("json", self.json);
        f.write_str(&line.words(self.deployment.as_deref()))
    }
}

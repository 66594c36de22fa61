//! `nomad job revert`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::{CommandError, Emulated, Execution, look_up};
use crate::world::World;

/// Goes back to an earlier version of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRevert {
    /// The beginning of its id.
    pub job: String,
    /// The version, or its tag.
    pub version: String,
    /// Do not follow what comes of it.
    pub detach: bool,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for JobRevert {
    const NAME: &'static str = "job revert";
    const USAGE: &'static str = "[options] <job> <version|tag>";
    const ABOUT: &'static str = "Goes back to an earlier version of a job.";
    const FLAGS: &'static [Flag] = &[
        switch("detach"),
        switch("verbose"),
        valued("consul-token").idle(),
        valued("vault-token").idle(),
    ];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        let (detach, verbose) = (arguments.is_on("detach"), arguments.is_on("verbose"));
        let common = Common::of(&arguments);
        let [job, version] = <[String; 2]>::try_from(arguments.words).map_err(|_| {
            UsageError::new("This command takes two arguments: <job> <version|tag>")
        })?;
        Ok(Self {
            job,
            version,
            detach,
            verbose,
            common,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let scene = world.scene();
        let job = look_up::job(scene, &self.common, &self.job)?;
        let version = match self.version.parse() {
            Ok(version) => version,
            Err(_) => look_up::tagged(scene, &job.key(), &self.version)?.version,
        };
        let eval = world.revert(&job.key(), version).map_err(|text| {
            CommandError::new(format!("Error retrieving job versions: {text}"))
        })?;
        Ok(world.evaluation(Vec::new(), eval, self.detach, self.verbose))
    }
}

impl fmt::Display for JobRevert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("detach", self.detach)
            .switch("verbose", self.verbose);
        f.write_str(&line.words([self.job.as_str(), self.version.as_str()]))
    }
}

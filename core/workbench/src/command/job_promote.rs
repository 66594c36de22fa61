//! `nomad job promote`: promotes the canaries of a job's newest deployment.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::{CommandError, Emulated, Execution, look_up};
use crate::world::World;

/// Promotes the canaries of a job's newest deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobPromote {
    /// The beginning of the job's id.
    pub job: String,
    /// Only these groups; all when there is none.
    pub groups: Vec<String>,
    /// Do not follow what comes of it.
    pub detach: bool,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for JobPromote {
    const NAME: &'static str = "job promote";
    const USAGE: &'static str = "[options] <job>";
    const ABOUT: &'static str = "Promotes the canaries of a job's newest deployment.";
    const FLAGS: &'static [Flag] = &[valued("group"), switch("detach"), switch("verbose")];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        Ok(Self {
            groups: arguments.texts("group"),
            detach: arguments.is_on("detach"),
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
            job: arguments.one("<job>")?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let scene = world.scene();
        let job = look_up::job(scene, &self.common, &self.job)?;
        let Some(latest) = scene.store.latest_deployment(&job.key()) else {
            return Err(CommandError::new(format!(
                "Unable to promote job \"{}\" because there are no deployments",
                job.id()
            )));
        };
        let id = latest.id;
        let eval = world
            .promote(id, &self.groups)
            .map_err(|text| CommandError::new(format!("Error promoting deployment: {text}")))?;
        Ok(world.evaluation(Vec::new(), eval, self.detach, self.verbose))
    }
}

impl fmt::Display for JobPromote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .values("group", &self.groups)
            .switch("detach", self.detach)
            .switch("verbose", self.verbose);
        f.write_str(&line.words([self.job.as_str()]))
    }
}

//! `nomad job deployments`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::part::{deployment, plain};
use super::{CommandError, Emulated, Execution, gaps, look_up};
use crate::world::World;

/// Lists a job's deployments, or shows the newest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobDeployments {
    /// The beginning of its id.
    pub job: String,
    /// Only the newest, as a block.
    pub latest: bool,
    /// Those of earlier jobs of the same id too.
    pub all: bool,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for JobDeployments {
    const NAME: &'static str = "job deployments";
    const USAGE: &'static str = "[options] <job>";
    const ABOUT: &'static str = "Lists the deployments of a job, the newest first.";
    const FLAGS: &'static [Flag] = &[
        switch("latest"),
        switch("all"),
        switch("verbose"),
        switch("json"),
        valued("t"),
    ];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        if arguments.is_on("json") {
            return Err(UsageError::new(gaps::no_json(Self::NAME)));
        }
        if arguments.value("t").is_some() {
            return Err(UsageError::new(gaps::no_template(Self::NAME)));
        }
        Ok(Self {
            latest: arguments.is_on("latest"),
            all: arguments.is_on("all"),
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
            job: arguments.one("<job>")?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let scene = world.scene();
        let job = look_up::job(scene, &self.common, &self.job)?;
        let mut list = scene
            .store
            .deployments_of_job(&job.key())
            .filter(|deployment| self.all || deployment.job_create_index == job.create_index)
            .map(|deployment| &**deployment);
        let document = if self.latest {
            match list.next_back() {
                Some(latest) => deployment::block(scene, latest, self.verbose),
                None => plain(vec!["No deployment found".into()]),
            }
        } else {
            plain(deployment::table(scene, list, self.verbose))
        };
        Ok(Execution::done(document))
    }
}

impl fmt::Display for JobDeployments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("latest", self.latest)
            .switch("all", self.all)
            .switch("verbose", self.verbose);
        f.write_str(&line.words([self.job.as_str()]))
    }
}

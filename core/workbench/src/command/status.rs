//! `nomad status`: a job, an allocation, a deployment, an evaluation or a node, by the beginning of
//! its name.

use std::fmt;

use yurt_state::Found;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch};
use super::job_status::JobStatus;
use super::{Command, CommandError, Emulated, Execution, look_up};
use crate::world::World;

/// Shows whatever the prefix leads to, or lists all jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The beginning of an id; all jobs without one.
    pub prefix: Option<String>,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for Status {
    const NAME: &'static str = "status";
    const USAGE: &'static str = "[options] <identifier>";
    const ABOUT: &'static str = "Shows whatever the identifier begins: a job, an allocation, …";
    const FLAGS: &'static [Flag] = &[switch("verbose")];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        if arguments.words.len() > 1 {
            let text = "This command takes either no arguments or one: <job>";
            return Err(UsageError::new(text));
        }
        Ok(Self {
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
            prefix: arguments.words.into_iter().next(),
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let Some(prefix) = &self.prefix else {
            return self.of_job(None).execute(world);
        };
        let scene = world.scene();
        let jobs = look_up::jobs_with_prefix(scene, &self.common, prefix);
        if let Some(exact) = jobs.iter().find(|job| job.id().as_str() == prefix) {
            return self.of_job(Some(exact.id().to_string())).execute(world);
        }
        let store = scene.store;
        let mut found = Vec::new();
        if !jobs.is_empty() {
            found.push("job status");
        }
        if prefix.len() >= 2 && prefix.chars().all(|c| c.is_ascii_hexdigit() || c == '-') {
            let kinds = [
                (is_there(&store.allocs_by_prefix(prefix)), "alloc status"),
                (is_there(&store.deployments_by_prefix(prefix)), "deployment status"),
                (is_there(&store.evals_by_prefix(prefix)), "eval status"),
                (is_there(&store.nodes_by_prefix(prefix)), "node status"),
            ];
            found.extend(kinds.iter().filter(|(there, _)| *there).map(|(_, name)| *name));
        }
        match found.as_slice() {
            [] => Err(CommandError::new(format!(
                "Unable to resolve ID: \"{prefix}\""
            ))),
            ["job status"] => self.of_job(Some(prefix.clone())).execute(world),
            [name] => {
                let line = CommandLine::new(name, &self.common).switch("verbose", self.verbose);
                super::parse(&line.words([prefix.as_str()]))?.execute(world)
            }
            _ => Err(CommandError::new(format!(
                "Multiple matches found for id \"{prefix}\""
            ))),
        }
    }
}

fn is_there<T>(found: &Found<T>) -> bool {
    !matches!(found, Found::Nothing)
}

impl Status {
    fn of_job(&self, job: Option<String>) -> Command {
        Command::JobStatus(JobStatus {
            job,
            verbose: self.verbose,
            common: self.common.clone(),
            ..JobStatus::default()
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common).switch("verbose", self.verbose);
        f.write_str(&line.words(self.prefix.as_deref()))
    }
}

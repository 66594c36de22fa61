//! `nomad eval list`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::part::{evals, plain};
use super::{CommandError, Emulated, Execution, gaps};
use crate::world::World;

/// Lists evaluations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalList {
    /// Only those of this job.
    pub job: Option<String>,
    /// Only those of this status.
    pub status: Option<String>,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for EvalList {
    const NAME: &'static str = "eval list";
    const USAGE: &'static str = "[options]";
    const ABOUT: &'static str = "Lists evaluations, the newest first.";
    const FLAGS: &'static [Flag] = &[
        valued("job"),
        valued("status"),
        switch("verbose"),
        switch("json"),
        valued("t"),
    ];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        if !arguments.words.is_empty() {
            return Err(UsageError::new("This command takes no arguments"));
        }
        if arguments.is_on("json") {
            return Err(UsageError::new(gaps::no_json(Self::NAME)));
        }
        if arguments.value("t").is_some() {
            return Err(UsageError::new(gaps::no_template(Self::NAME)));
        }
        Ok(Self {
            job: arguments.text("job"),
            status: arguments.text("status"),
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let scene = world.scene();
        let matches = |wanted: &Option<String>, is: &str| match wanted {
            Some(wanted) => wanted == is,
            None => true,
        };
        let mut list: Vec<_> = scene
            .store
            .evals()
            .filter(|eval| matches(&self.job, eval.job_id.as_str()))
            .filter(|eval| matches(&self.status, eval.status.as_str()))
            .filter(|eval| {
                let namespace = self.common.namespace();
                namespace == "*" || &*eval.namespace == namespace
            })
            .cloned()
            .collect();
        evals::newest_first(&mut list);
        Ok(Execution::done(plain(evals::table(scene.release, &list, self.verbose))))
    }
}

impl fmt::Display for EvalList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .value("job", self.job.as_deref())
            .value("status", self.status.as_deref())
            .switch("verbose", self.verbose);
        f.write_str(&line.words([]))
    }
}

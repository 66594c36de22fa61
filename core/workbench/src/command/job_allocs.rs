//! `nomad job allocs`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::part::{allocs, plain};
use super::{CommandError, Emulated, Execution, gaps, look_up};
use crate::world::World;

/// Lists a job's allocations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobAllocs {
    /// The beginning of its id.
    pub job: String,
    /// Those of earlier jobs of the same id too.
    pub all: bool,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for JobAllocs {
    const NAME: &'static str = "job allocs";
    const USAGE: &'static str = "[options] <job>";
    const ABOUT: &'static str = "Lists the allocations of a job.";
    const FLAGS: &'static [Flag] = &[
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
            all: arguments.is_on("all"),
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
            job: arguments.one("<job>")?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let scene = world.scene();
        let job = look_up::job(scene, &self.common, &self.job)?;
        let mut list: Vec<_> = scene
            .store
            .allocs_of_job(&job.key())
            .filter(|alloc| self.all || alloc.job.create_index == job.create_index)
            .cloned()
            .collect();
        allocs::newest_first(&mut list);
        Ok(Execution::done(plain(allocs::table(scene, &list, self.verbose))))
    }
}

impl fmt::Display for JobAllocs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("all", self.all)
            .switch("verbose", self.verbose);
        f.write_str(&line.words([self.job.as_str()]))
    }
}

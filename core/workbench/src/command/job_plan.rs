//! `nomad job plan`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::part::job_file::JobFile;
use super::{CommandError, Done, Emulated, Execution, gaps};
use crate::world::World;

/// The exit status of every error of this command.
const ERROR_STATUS: i32 = 255;

/// Says what submitting a job would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobPlan {
    /// The job file.
    pub file: JobFile,
    /// With the difference.
    pub diff: bool,
    /// With everything of what is new.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for JobPlan {
    const NAME: &'static str = "job plan";
    const USAGE: &'static str = "[options] <path>";
    const ABOUT: &'static str = "Says what submitting a job would change, and where it would run.";
    const FLAGS: &'static [Flag] = &[
        switch("diff"),
        switch("verbose"),
        valued("var"),
        valued("var-file"),
        switch("hcl2-strict"),
        switch("json"),
        switch("json-output"),
        valued("t"),
        switch("policy-override"),
        valued("vault-namespace"),
    ];
    const USAGE_STATUS: i32 = ERROR_STATUS;

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        if arguments.is_on("json-output") {
            return Err(UsageError::new(gaps::no_json(Self::NAME)));
        }
        if arguments.value("t").is_some() {
            return Err(UsageError::new(gaps::no_template(Self::NAME)));
        }
        Ok(Self {
            diff: arguments.is_on_or_absent("diff"),
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
            file: JobFile::parse(arguments)?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        self.plan(world)
            .map_err(|error| error.with_status(ERROR_STATUS))
    }
}

impl JobPlan {
    fn plan(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let _job = self.file.read(world.files)?;
        Ok(Execution::Done(Done::default()))
    }
}

impl fmt::Display for JobPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switched_off("diff", !self.diff)
            .switch("verbose", self.verbose);
        f.write_str(&self.file.flags(line).words([self.file.path.as_str()]))
    }
}

//! `nomad job validate`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::part::job_file::JobFile;
use super::{CommandError, Emulated, Execution, job_run};
use crate::view::{Label, Line};
use crate::world::World;

/// Says whether a job would be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobValidate {
    /// The job file.
    pub file: JobFile,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for JobValidate {
    const NAME: &'static str = "job validate";
    const USAGE: &'static str = "[options] <path>";
    const ABOUT: &'static str = "Says whether a job would be taken.";
    const FLAGS: &'static [Flag] = &[
        valued("var"),
        valued("var-file"),
        switch("hcl2-strict"),
        switch("json"),
        valued("vault-namespace").idle(),
    ];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        Ok(Self {
            common: Common::of(&arguments),
            file: JobFile::parse(arguments)?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let job = self.file.read(world.files)?;
        let admitted = world.admit(&job.document).map_err(|refused| {
            // The reference ends the list with all its empty lines.
            CommandError::new(format!("Job validation errors:\n{refused}"))
        })?;
        let mut document = job_run::warnings(&admitted.warnings);
        document.push(Line::of(Label::Good, "Job validation successful"));
        Ok(Execution::done(document))
    }
}

impl fmt::Display for JobValidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.file.flags(CommandLine::new(Self::NAME, &self.common));
        f.write_str(&line.words([self.file.path.as_str()]))
    }
}

//! `nomad job tag unset`.

use std::fmt;

use super::flags::{Arguments, CommandLine, Common, Flag, UsageError, valued};
use super::{CommandError, Emulated, Execution, job_tag_apply, look_up};
use crate::view::Line;
use crate::world::World;

/// Takes the name of a version of a job away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobTagUnset {
    /// The beginning of its id.
    pub job: String,
    /// The tag.
    pub name: String,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for JobTagUnset {
    const NAME: &'static str = "job tag unset";
    const USAGE: &'static str = "[options] <job>";
    const ABOUT: &'static str = "Takes the name of a version of a job away.";
    const FLAGS: &'static [Flag] = &[valued("name")];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        Ok(Self {
            name: job_tag_apply::name(&arguments)?,
            common: Common::of(&arguments),
            job: arguments.one("<job>")?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let job = look_up::job(world.scene(), &self.common, &self.job)?;
        let name = &self.name;
        world
            .untag(&job.key(), name)
            .map_err(|text| CommandError::new(format!("Error removing tag: {text}")))?;
        let text = format!("Tag \"{name}\" removed from job \"{}\"", job.id());
        Ok(Execution::done(vec![Line::plain(text)]))
    }
}

impl fmt::Display for JobTagUnset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common).value("name", Some(&self.name));
        f.write_str(&line.words([self.job.as_str()]))
    }
}

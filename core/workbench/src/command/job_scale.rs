//! `nomad job scale`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::{CommandError, Emulated, Execution, look_up};
use crate::view::Line;
use crate::world::World;

/// Changes the count of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobScale {
    /// The beginning of the job's id.
    pub job: String,
    /// The group; may be left out when there is only one.
    pub group: Option<String>,
    /// The new count, as typed.
    pub count: String,
    /// The index at which the job must be.
    pub check_index: Option<String>,
    /// Do not follow what comes of it.
    pub detach: bool,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for JobScale {
    const NAME: &'static str = "job scale";
    const USAGE: &'static str = "[options] <job> [<group>] <count>";
    const ABOUT: &'static str = "Changes the count of a group.";
    const FLAGS: &'static [Flag] = &[switch("detach"), switch("verbose"), valued("check-index")];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        let mut command = Self {
            job: String::new(),
            group: None,
            count: String::new(),
            check_index: arguments.text("check-index"),
            detach: arguments.is_on("detach"),
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
        };
        let mut words = arguments.words.into_iter();
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some(job), Some(count), None, None) => (command.job, command.count) = (job, count),
            (Some(job), group, Some(count), None) => {
                (command.job, command.group, command.count) = (job, group, count);
            }
            _ => {
                return Err(UsageError::new(
                    "This command requires at least two arguments and no more than three",
                ));
            }
        }
        Ok(command)
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let count = self.count.as_str();
        let count: i64 = count.parse().map_err(|_| {
            CommandError::new(format!(
                "Failed to convert count string to int: strconv.Atoi: parsing \"{count}\": \
                 invalid syntax"
            ))
        })?;
        let job = look_up::job(world.scene(), &self.common, &self.job)?;
        let groups = &job.spec.groups;
        let group = match (&self.group, groups.as_slice()) {
            (Some(name), _) => {
                let found = groups.iter().find(|group| *group.name == **name);
                found.ok_or_else(|| {
                    CommandError::new(format!("Group {name} not found within job"))
                })?
            }
            (None, [only]) => only,
            (None, _) => return Err(CommandError::new("Group name required")),
        };
        let check_index = super::job_run::check_index(self.check_index.as_deref())?;
        let name = group.name.clone();
        let eval = world
            .scale(&job.key(), &name, count, check_index)
            .map_err(|text| format!("Error submitting scaling request: {text}"))
            .map_err(CommandError::new)?;
        let document = vec![Line::plain("Job scale successful")];
        let document = if eval.is_none() || self.detach {
            document
        } else {
            Vec::new()
        };
        Ok(world.evaluation(document, eval, self.detach, self.verbose))
    }
}

impl fmt::Display for JobScale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("detach", self.detach)
            .switch("verbose", self.verbose)
            .value("check-index", self.check_index.as_deref());
        let words = [Some(&self.job), self.group.as_ref(), Some(&self.count)];
        f.write_str(&line.words(words.into_iter().flatten().map(String::as_str)))
    }
}

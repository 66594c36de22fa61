//! `nomad alloc restart`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::{CommandError, Emulated, Execution, look_up};
use crate::world::World;

/// Restarts the tasks of an allocation where they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllocRestart {
    /// The beginning of its id.
    pub alloc: String,
    /// Only this task.
    pub task: Option<String>,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for AllocRestart {
    const NAME: &'static str = "alloc restart";
    const USAGE: &'static str = "[options] <allocation> <task>";
    const ABOUT: &'static str = "Restarts the tasks of an allocation where they are.";
    const FLAGS: &'static [Flag] = &[valued("task"), switch("verbose").idle()];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        let common = Common::of(&arguments);
        let task = arguments.text("task");
        let mut words = arguments.words.into_iter();
        match (words.next(), words.next(), words.next()) {
            (Some(alloc), word, None) => Ok(Self {
                alloc,
                task: task.or(word),
                common,
            }),
            _ => Err(UsageError::new(
                "This command takes one or two arguments: <alloc-id> <task-name>",
            )),
        }
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let alloc = look_up::alloc(world.scene(), &self.alloc)?;
        world
            .restart_alloc(alloc.id, self.task.as_deref())
            .map_err(|text| {
                CommandError::new(format!("Failed to restart allocation:\n\n{text}"))
            })?;
        Ok(Execution::done(Vec::new()))
    }
}

impl fmt::Display for AllocRestart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common).value("task", self.task.as_deref());
        f.write_str(&line.words([self.alloc.as_str()]))
    }
}

//! `nomad alloc restart`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::{CommandError, Emulated, Execution, look_up};
use yurt_engine::{ClientOrder, RestartScope};
use crate::world::World;

/// Restarts the tasks of an allocation where they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllocRestart {
    /// The beginning of its id.
    pub alloc: String,
    /// Only this task.
    pub task: Option<String>,
    /// All tasks, those that have ended among them.
    pub all_tasks: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for AllocRestart {
    const NAME: &'static str = "alloc restart";
    const USAGE: &'static str = "[options] <allocation> <task>";
    const ABOUT: &'static str = "Restarts the tasks of an allocation where they are.";
    const FLAGS: &'static [Flag] = &[
        valued("task"),
        switch("all-tasks"),
        switch("verbose").idle(),
    ];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        let common = Common::of(&arguments);
        let all_tasks = arguments.is_on("all-tasks");
        let (alloc, task) = alloc_and_task(arguments)?;
        if all_tasks && task.is_some() {
            return Err(UsageError::new("-all-tasks cannot be used with a task"));
        }
        Ok(Self {
            alloc,
            task,
            all_tasks,
            common,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let alloc = look_up::alloc(world.scene(), &self.alloc)?;
        let scope = match &self.task {
            Some(name) => RestartScope::Task(look_up::task(&alloc, name)?),
            None if self.all_tasks => RestartScope::All,
            None => RestartScope::Running,
        };
        world
            .order(alloc.id, ClientOrder::Restart(scope))
            .map_err(|text| {
                CommandError::new(format!("Failed to restart allocation:\n\n{text}"))
            })?;
        Ok(Execution::done(Vec::new()))
    }
}

/// An allocation and a task of it: a word of its own or, before that, `-task`.
pub(super) fn alloc_and_task(arguments: Arguments) -> Result<(String, Option<String>), UsageError> {
    let task = arguments.text("task");
    let mut words = arguments.words.into_iter();
    match (words.next(), words.next(), words.next()) {
        (Some(alloc), word, None) => Ok((alloc, task.or(word))),
        _ => Err(UsageError::new(
            "This command takes one or two arguments: <alloc-id> <task-name>",
        )),
    }
}

impl fmt::Display for AllocRestart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .value("task", self.task.as_deref())
            .switch("all-tasks", self.all_tasks);
        f.write_str(&line.words([self.alloc.as_str()]))
    }
}

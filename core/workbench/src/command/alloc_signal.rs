//! `nomad alloc signal`.

use std::fmt;

use yurt_engine::ClientOrder;

use super::alloc_restart::alloc_and_task;
use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::{CommandError, Emulated, Execution, look_up};
use crate::world::World;

/// The signal that is sent when none is named.
const DEFAULT_SIGNAL: &str = "SIGKILL";

/// Sends a signal to the tasks of an allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllocSignal {
    /// The beginning of its id.
    pub alloc: String,
    /// Only this task.
    pub task: Option<String>,
    /// The signal.
    pub signal: Option<String>,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for AllocSignal {
    const NAME: &'static str = "alloc signal";
    const USAGE: &'static str = "[options] <allocation> <task>";
    const ABOUT: &'static str = "Sends a signal to the tasks of an allocation.";
    const FLAGS: &'static [Flag] = &[valued("s"), valued("task"), switch("verbose").idle()];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        let common = Common::of(&arguments);
        let signal = arguments.text("s");
        let (alloc, task) = alloc_and_task(arguments)?;
        Ok(Self {
            alloc,
            task,
            signal,
            common,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let alloc = look_up::alloc(world.scene(), &self.alloc)?;
        let task = self.task.as_ref();
        let task = task.map(|name| look_up::task(&alloc, name)).transpose()?;
        let signal = self.signal.as_deref().unwrap_or(DEFAULT_SIGNAL).into();
        world
            .order(alloc.id, ClientOrder::Signal { task, signal })
            .map_err(|text| CommandError::new(format!("Error signalling allocation: {text}")))?;
        Ok(Execution::done(Vec::new()))
    }
}

impl fmt::Display for AllocSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .value("s", self.signal.as_deref())
            .value("task", self.task.as_deref());
        f.write_str(&line.words([self.alloc.as_str()]))
    }
}

//! `nomad system gc`.

use std::fmt;

use super::flags::{Arguments, CommandLine, Common, Flag, UsageError};
use super::{CommandError, Emulated, Execution};
use crate::world::World;

/// Forgets everything that has ended and that nobody needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemGc {
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for SystemGc {
    const NAME: &'static str = "system gc";
    const USAGE: &'static str = "[options]";
    const ABOUT: &'static str =
        "Forgets stopped jobs, ended evaluations and allocations, and nodes that are down.";
    const FLAGS: &'static [Flag] = &[];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        if !arguments.words.is_empty() {
            return Err(UsageError::new("This command takes no arguments"));
        }
        Ok(Self {
            common: Common::of(&arguments),
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        world.collect_garbage().map_err(|text| {
            CommandError::new(format!("Error running system garbage-collection: {text}"))
        })?;
        Ok(Execution::done(Vec::new()))
    }
}

impl fmt::Display for SystemGc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&CommandLine::new(Self::NAME, &self.common).words([]))
    }
}

//! `nomad alloc stop`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch};
use super::{CommandError, Emulated, Execution, look_up};
use crate::view::Line;
use crate::world::World;

/// Stops an allocation; the scheduler replaces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllocStop {
    /// The beginning of its id.
    pub alloc: String,
    /// Stop tasks without their shutdown delay.
    pub no_shutdown_delay: bool,
    /// Do not follow what comes of it.
    pub detach: bool,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for AllocStop {
    const NAME: &'static str = "alloc stop";
    const USAGE: &'static str = "[options] <allocation>";
    const ABOUT: &'static str = "Stops an allocation; the scheduler puts another in its place.";
    const FLAGS: &'static [Flag] = &[
        switch("detach"),
        switch("no-shutdown-delay"),
        switch("verbose"),
    ];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        let command = Self {
            no_shutdown_delay: arguments.is_on("no-shutdown-delay"),
            detach: arguments.is_on("detach"),
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
            alloc: String::new(),
        };
        let [alloc] = <[String; 1]>::try_from(arguments.words).map_err(|_| {
            UsageError::new("This command takes one argument: <alloc-id>")
        })?;
        Ok(Self { alloc, ..command })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let alloc = look_up::alloc(world.scene(), &self.alloc)?;
        let eval = world
            .stop_alloc(alloc.id, self.no_shutdown_delay)
            .map_err(|text| CommandError::new(format!("Error stopping allocation: {text}")))?;
        if self.detach {
            let ids = eval.iter().map(|id| Line::plain(id.to_string()));
            return Ok(Execution::done(ids.collect()));
        }
        Ok(world.evaluation(Vec::new(), eval, false, self.verbose))
    }
}

impl fmt::Display for AllocStop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("detach", self.detach)
            .switch("no-shutdown-delay", self.no_shutdown_delay)
            .switch("verbose", self.verbose);
        f.write_str(&line.words([self.alloc.as_str()]))
    }
}

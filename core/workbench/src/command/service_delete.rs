//! `nomad service delete`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError};
use super::{CommandError, Emulated, Execution};
use crate::world::World;

/// Takes a registration of a service out of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceDelete {
    /// The name of the service.
    pub service: String,
    /// The id of the registration.
    pub id: String,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for ServiceDelete {
    const NAME: &'static str = "service delete";
    const USAGE: &'static str = "[options] <service_name> <service_id>";
    const ABOUT: &'static str = "Takes a registration of a service out of the list.";
    const FLAGS: &'static [Flag] = &[];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        let common = Common::of(&arguments);
        let [service, id] = <[String; 2]>::try_from(arguments.words).map_err(|_| {
            UsageError::new("This command takes two arguments: <service_name> and <service_id>")
        })?;
        Ok(Self {
            service,
            id,
            common,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        world.deregister_service(&self.id).map_err(|text| {
            CommandError::new(format!("Error deleting service registration: {text}"))
        })?;
        Ok(Execution::line("Successfully deleted service registration"))
    }
}

impl fmt::Display for ServiceDelete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common);
        f.write_str(&line.words([self.service.as_str(), self.id.as_str()]))
    }
}

//! `nomad node eligibility`.

use std::fmt;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch};
use super::{CommandError, Emulated, Execution, look_up};
use crate::world::World;

/// Says whether a node may take new allocations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeEligibility {
    /// The beginning of its id.
    pub node: String,
    /// It may.
    pub enable: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for NodeEligibility {
    const NAME: &'static str = "node eligibility";
    const USAGE: &'static str = "[options] <node>";
    const ABOUT: &'static str = "Says whether a node may take new allocations.";
    const FLAGS: &'static [Flag] = &[switch("enable"), switch("disable")];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        let (enable, disable) = (arguments.is_on("enable"), arguments.is_on("disable"));
        let common = Common::of(&arguments);
        if enable == disable {
            return Err(UsageError::new(
                "Either the '-enable' or '-disable' flag must be set",
            ));
        }
        let [node] = <[String; 1]>::try_from(arguments.words)
            .map_err(|_| UsageError::new("Node ID must be specified if -self isn't being used"))?;
        Ok(Self {
            node,
            enable,
            common,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let doing = "Error updating scheduling eligibility";
        let node = look_up::node(world.scene(), doing, &self.node)?;
        world
            .set_eligibility(node.id, self.enable)
            .map_err(|text| CommandError::new(format!("{doing}: {text}")))?;
        let word = if self.enable { "eligible" } else { "ineligible" };
        Ok(Execution::line(format!(
            "Node \"{}\" scheduling eligibility set: {word} for scheduling",
            node.id
        )))
    }
}

impl fmt::Display for NodeEligibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("enable", self.enable)
            .switch("disable", !self.enable);
        f.write_str(&line.words([self.node.as_str()]))
    }
}

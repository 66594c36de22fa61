//! `nomad node drain`.

use std::fmt;

use yurt_engine::DrainRequest;
use yurt_model::Duration;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::{CommandError, Emulated, Execution, look_up};
use crate::world::{FORCED, World};

/// The reference's deadline of a drain.
const DEFAULT_DEADLINE: Duration = Duration::from_hours(1);

/// Moves the allocations of a node elsewhere, or ends that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeDrain {
    /// The beginning of its id.
    pub node: String,
    /// Start the drain; otherwise end it.
    pub enable: bool,
    /// When what is left is moved at once, as typed.
    pub deadline: Option<String>,
    /// No deadline.
    pub no_deadline: bool,
    /// At once.
    pub force: bool,
    /// Leave system jobs alone.
    pub ignore_system: bool,
    /// After the end of the drain, take no new allocations.
    pub keep_ineligible: bool,
    /// Do not ask.
    pub yes: bool,
    /// Do not follow it.
    pub detach: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for NodeDrain {
    const NAME: &'static str = "node drain";
    const USAGE: &'static str = "[options] <node>";
    const ABOUT: &'static str = "Moves the allocations of a node elsewhere, or ends that.";
    const FLAGS: &'static [Flag] = &[
        switch("enable"),
        switch("disable"),
        valued("deadline"),
        switch("no-deadline"),
        switch("force"),
        switch("ignore-system"),
        switch("keep-ineligible"),
        switch("yes"),
        switch("detach"),
        valued("m"),
    ];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        let (enable, disable) = (arguments.is_on("enable"), arguments.is_on("disable"));
        if enable == disable {
            return Err(UsageError::new(
                "Either the '-enable' or '-disable' flag must be set, unless using '-monitor'",
            ));
        }
        let command = Self {
            node: String::new(),
            enable,
            deadline: arguments.text("deadline"),
            no_deadline: arguments.is_on("no-deadline"),
            force: arguments.is_on("force"),
            ignore_system: arguments.is_on("ignore-system"),
            keep_ineligible: arguments.is_on("keep-ineligible"),
            yes: arguments.is_on("yes"),
            detach: arguments.is_on("detach"),
            common: Common::of(&arguments),
        };
        let [node] = <[String; 1]>::try_from(arguments.words)
            .map_err(|_| UsageError::new("Node ID must be specified if -self isn't being used"))?;
        Ok(Self { node, ..command })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let doing = "Error toggling drain mode";
        let node = look_up::node(world.scene(), doing, &self.node)?;
        if !self.yes {
            let verb = if self.enable { "enable" } else { "disable" };
            // Nobody can answer here; the reference reads the end of its input the same way.
            return Err(CommandError::new(format!(
                "Are you sure you want to {verb} drain mode for node \"{}\"? [y/N] Failed to \
                 parse answer: EOF",
                node.id
            )));
        }
        let deadline = match &self.deadline {
            _ if self.no_deadline || self.force => None,
            None => Some(DEFAULT_DEADLINE),
            Some(text) => Some(Duration::parse(text).map_err(|_| {
                CommandError::new(format!("Failed to parse deadline \"{text}\""))
            })?),
        };
        let drain = self.enable.then_some(DrainRequest {
            deadline: match deadline {
                _ if self.force => FORCED,
                None => Duration::ZERO,
                Some(deadline) => deadline,
            },
            ignore_system_jobs: self.ignore_system,
        });
        let mark_eligible = !self.enable && !self.keep_ineligible;
        world
            .drain(node.id, drain, mark_eligible)
            .map_err(|text| CommandError::new(format!("{doing}: {text}")))?;
        let word = if self.enable { "set" } else { "unset" };
        Ok(Execution::line(format!(
            "Node \"{}\" drain strategy {word}",
            node.id
        )))
    }
}

impl fmt::Display for NodeDrain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("enable", self.enable)
            .switch("disable", !self.enable)
            .value("deadline", self.deadline.as_deref())
            .switch("no-deadline", self.no_deadline)
            .switch("force", self.force)
            .switch("ignore-system", self.ignore_system)
            .switch("keep-ineligible", self.keep_ineligible)
            .switch("yes", self.yes)
            .switch("detach", self.detach);
        f.write_str(&line.words([self.node.as_str()]))
    }
}

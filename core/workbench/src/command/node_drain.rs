//! `nomad node drain`.

use std::fmt;

use yurt_engine::DrainRequest;
use yurt_model::{Duration, Node};

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::{CommandError, Emulated, Execution, Monitor, look_up};
use crate::view::Line;
use crate::world::{FORCED, World};

/// The reference's deadline of a drain.
const DEFAULT_DEADLINE: Duration = Duration::from_hours(1);

/// What is to become of the drain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It starts, or changes.
    Enable,
    /// It ends.
    Disable,
    /// It is only followed.
    Monitor,
}

/// Moves the allocations of a node elsewhere, or ends that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeDrain {
    /// The beginning of its id.
    pub node: String,
    /// Start the drain, end it, or only look.
    pub action: Action,
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
    /// Why, for others to read.
    pub message: Option<String>,
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
        switch("monitor"),
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
        let monitor = arguments.is_on("monitor");
        if enable == disable && (enable || !monitor) {
            return Err(UsageError::new(
                "Either the '-enable' or '-disable' flag must be set, unless using '-monitor'",
            ));
        }
        let command = Self {
            node: String::new(),
            action: match (enable, disable) {
                (true, _) => Action::Enable,
                (false, true) => Action::Disable,
                (false, false) => Action::Monitor,
            },
            deadline: arguments.text("deadline"),
            no_deadline: arguments.is_on("no-deadline"),
            force: arguments.is_on("force"),
            ignore_system: arguments.is_on("ignore-system"),
            keep_ineligible: arguments.is_on("keep-ineligible"),
            yes: arguments.is_on("yes"),
            detach: arguments.is_on("detach"),
            message: arguments.text("m"),
            common: Common::of(&arguments),
        };
        command.check()?;
        let [node] = <[String; 1]>::try_from(arguments.words)
            .map_err(|_| UsageError::new("Node ID must be specified if -self isn't being used"))?;
        Ok(Self { node, ..command })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let doing = "Error toggling drain mode";
        let node = look_up::node(world.scene(), doing, &self.node)?;
        let id = node.id;
        if self.action == Action::Monitor {
            return Ok(self.follow_only(world, &node));
        }
        if !self.yes {
            let verb = match self.action {
                Action::Enable => "enable",
                _ => "disable",
            };
            // Nobody can answer here; the reference reads the end of its input the same way.
            return Err(CommandError::new(format!(
                "Are you sure you want to {verb} drain mode for node \"{id}\"? [y/N] Failed to \
                 parse answer: EOF"
            )));
        }
        let enables = self.action == Action::Enable;
        let drain = if enables { Some(self.request()?) } else { None };
        let mark_eligible = !enables && !self.keep_ineligible;
        world
            .drain(id, drain, mark_eligible, self.message.as_deref())
            .map_err(|text| CommandError::new(format!("{doing}: {text}")))?;
        let word = if enables { "set" } else { "unset" };
        let done = format!("Node \"{id}\" drain strategy {word}");
        if self.detach || !enables {
            return Ok(Execution::line(done));
        }
        let now = world.scene().now.rfc3339();
        let lines = [
            format!("{now}: Ctrl-C to stop monitoring: will not cancel the node drain"),
            format!("{now}: {done}"),
        ];
        let lines = lines.map(Line::plain).into();
        Ok(world.follow(lines, Monitor::drain(id, self.ignore_system)))
    }
}

impl NodeDrain {
    /// Which flags go together.
    fn check(&self) -> Result<(), UsageError> {
        let is_timed = self.deadline.is_some();
        let enables = self.action == Action::Enable;
        let refused = if !enables && (is_timed || self.force || self.no_deadline) {
            "-deadline, -force and -no-deadline can only be used with -enable"
        } else if self.no_deadline && (is_timed || self.force) {
            "-no-deadline can't be combined with -deadline or -force"
        } else if is_timed && self.force {
            "-deadline and -force can't be combined"
        } else if self.keep_ineligible && enables {
            "-keep-ineligible can only be used with -disable"
        } else {
            return Ok(());
        };
        Err(UsageError::new(refused))
    }

    fn request(&self) -> Result<DrainRequest, CommandError> {
        let deadline = match &self.deadline {
            _ if self.force => FORCED,
            _ if self.no_deadline => Duration::ZERO,
            None => DEFAULT_DEADLINE,
            Some(text) => match Duration::parse(text) {
                Ok(deadline) if deadline > Duration::ZERO => deadline,
                Ok(_) => {
                    let text = "A positive drain duration must be given";
                    return Err(CommandError::new(text));
                }
                Err(_) => {
                    let text = format!("Failed to parse deadline \"{text}\"");
                    return Err(CommandError::new(text));
                }
            },
        };
        Ok(DrainRequest {
            deadline,
            ignore_system_jobs: self.ignore_system,
        })
    }

    /// Follows a drain that someone else has started.
    fn follow_only(&self, world: &World<'_>, node: &Node) -> Execution {
        let id = node.id;
        let Some(drain) = &node.drain else {
            return Execution::line(format!("No drain strategy set for node \"{id}\""));
        };
        let now = world.scene().now.rfc3339();
        let line = format!("{now}: Monitoring node \"{id}\": Ctrl-C to detach monitoring");
        let monitor = Monitor::drain(id, drain.ignore_system_jobs);
        world.follow(vec![Line::plain(line)], monitor)
    }
}

impl fmt::Display for NodeDrain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("enable", self.action == Action::Enable)
            .switch("disable", self.action == Action::Disable)
            .switch("monitor", self.action == Action::Monitor)
            .value("deadline", self.deadline.as_deref())
            .switch("no-deadline", self.no_deadline)
            .switch("force", self.force)
            .switch("ignore-system", self.ignore_system)
            .switch("keep-ineligible", self.keep_ineligible)
            .switch("yes", self.yes)
            .switch("detach", self.detach)
            .value("m", self.message.as_deref());
        f.write_str(&line.words([self.node.as_str()]))
    }
}

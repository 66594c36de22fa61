//! The emulated `nomad`: what a person types, what it does, and what it prints.
//!
//! Belongs here: one file a command with `parse`, `execute`, `render` and the line it stands for;
//! the parts of screens that several of them print (`part`); monitors, which are commands that go
//! on as time passes (`monitor`). Not here: any rule of the cluster. May import: model, jobspec,
//! diff, state, view and the public face of the engine.
//!
//! Adding a command: a file, and a line in the table at the end of this one.

pub mod columns;
mod complete;
pub mod flags;
mod gaps;
mod look_up;
mod monitor;
mod part;
mod release;
#[cfg(test)]
mod tests;
pub mod times;
pub mod words;

use std::fmt;

use flags::{Arguments, COMMON, Flag, UsageError};

pub(crate) use complete::complete;
pub use monitor::{Monitor, Polled};
pub(crate) use part::failure::reasons as placement_reasons;
pub(crate) use part::job_file::ReadJob;
pub(crate) use part::{Scene, labelled};

use crate::view::{Label, Line, PlanView};
use crate::world::World;

/// What a command prints: labelled lines.
pub type Lines = Vec<Line>;

/// What came of a command.
#[derive(Debug)]
pub enum Execution {
    /// It is over.
    Done(Done),
    /// It goes on as time passes. The lines are printed at once.
    Follow(Lines, Box<Monitor>),
}

/// A command that is over.
#[derive(Debug, Default)]
pub struct Done {
    /// What it printed.
    pub document: Lines,
    /// Its exit status.
    pub status: i32,
    /// The plan that it made, for the screen.
    pub plan: Option<Box<PlanView>>,
}

impl Execution {
    /// Over, with status 0.
    pub(crate) fn done(document: Lines) -> Self {
        Self::Done(Done {
            document,
            ..Done::default()
        })
    }

    /// Over with one ordinary line.
    pub(crate) fn line(text: impl Into<String>) -> Self {
        Self::done(vec![Line::plain(text)])
    }
}

/// A command that went wrong, in the words of the reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandError {
    /// What it prints.
    pub document: Lines,
    /// Its exit status.
    pub status: i32,
}

impl CommandError {
    /// Status 1 and a text of one or more lines.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self {
            document: labelled(Label::Error, text.as_ref()),
            status: 1,
        }
    }

    /// The same with another status.
    pub fn with_status(self, status: i32) -> Self {
        Self { status, ..self }
    }
}

/// Where the reference sends people who typed a command wrong.
fn usage_error(name: &str, error: &UsageError) -> CommandError {
    let message = &error.message;
    let help = format!("{message}\nFor additional help try 'nomad {name} -help'");
    CommandError::new(help)
}

/// What every command is made of.
pub(crate) trait Emulated: Sized + fmt::Display {
    /// Its name: `job plan`.
    const NAME: &'static str;
    /// The name under which its help is found, where that is another one.
    const HELP_NAME: &'static str = Self::NAME;
    /// The words that it takes: `[options] <path>`.
    const USAGE: &'static str;
    /// One line about it, for help.
    const ABOUT: &'static str;
    /// Its flags.
    const FLAGS: &'static [Flag];
    /// The exit status of a line that does not fit.
    const USAGE_STATUS: i32 = 1;

    /// The words as a value.
    fn parse(arguments: Arguments) -> Result<Self, UsageError>;

    /// Does it.
    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError>;
}

/// A command as the table knows it.
pub(crate) struct Entry {
    /// The names that lead to it.
    names: &'static [&'static str],
    /// What is said of it.
    head: Head,
}

/// What is said of a command before its words are read; one piece of code for all of them.
struct Head {
    name: &'static str,
    help_name: &'static str,
    usage: &'static str,
    about: &'static str,
    flags: &'static [Flag],
    usage_status: i32,
}

impl Head {
    const fn of<C: Emulated>() -> Self {
        Self {
            name: C::NAME,
            help_name: C::HELP_NAME,
            usage: C::USAGE,
            about: C::ABOUT,
            flags: C::FLAGS,
            usage_status: C::USAGE_STATUS,
        }
    }

    fn help(&self) -> Lines {
        let mut lines = vec![
            format!("Usage: nomad {} {}", self.name, self.usage),
            String::new(),
            format!("  {}", self.about),
        ];
        for (is_idle, heading) in [
            (false, "Options that are emulated here:"),
            (true, "Options that are taken and change nothing here:"),
        ] {
            let flags = self.flags.iter().filter(|flag| flag.is_idle == is_idle);
            let flags: Vec<String> = flags
                .map(|flag| {
                    let value = if flag.takes_value { " <value>" } else { "" };
                    format!("  -{}{value}", flag.name)
                })
                .collect();
            if !flags.is_empty() {
                lines.extend([String::new(), heading.into(), String::new()]);
                lines.extend(flags);
            }
        }
        part::plain(lines)
    }

    #[inline(never)]
    fn arguments(&self, words: &[String]) -> Result<Arguments, UsageError> {
        Arguments::read(&[self.flags, COMMON], words)
    }

    #[inline(never)]
    fn refuse(&self, error: &UsageError) -> CommandError {
        if error.wants_help {
            return CommandError {
                document: self.help(),
                status: 0,
            };
        }
        usage_error(self.help_name, error).with_status(self.usage_status)
    }
}

fn read<C: Emulated>(words: &[String]) -> Result<C, CommandError> {
    let head = const { &Head::of::<C>() };
    let arguments = head.arguments(words);
    arguments
        .and_then(C::parse)
        .map_err(|error| head.refuse(&error))
}

/// Reads a command line. The error is what is printed instead.
pub fn parse(line: &str) -> Result<Command, CommandError> {
    let words = words::split(line)
        .ok_or_else(|| CommandError::new("A quote in this line is not closed."))?;
    let Some(("nomad", rest)) = words
        .split_first()
        .map(|(word, rest)| (word.as_str(), rest))
    else {
        return Err(gaps::not_nomad(&words));
    };
    let is_sign =
        |word: &&String| matches!(word.as_str(), "|" | ">" | ">>" | "<" | "&" | "&&" | ";");
    if let Some(sign) = rest
        .iter()
        .find(|word| is_sign(word) || word.ends_with(';'))
    {
        let text = format!("{sign}: a line here is one command, and nothing of a shell.");
        return Err(CommandError::new(text));
    }
    // The longest name that fits: `job` alone is none, `operator scheduler get-config` has three
    // words.
    for length in (1..=rest.len().min(3)).rev() {
        let name = rest[..length].join(" ");
        if let Some(command) = Command::read(&name, &rest[length..]) {
            return command;
        }
    }
    Err(gaps::unknown(rest))
}

/// Reads a line and does what it says.
pub fn run(line: &str, world: &mut World<'_>) -> Result<Execution, CommandError> {
    parse(line)?.execute(world)
}

/// What `job run -output` prints for these words after the name.
pub fn job_output(words: &[String], files: &crate::files::Files) -> Result<String, CommandError> {
    let command = read::<job_run::JobRun>(words)?;
    part::job_file::output(&command.file, files)
}

macro_rules! commands {
    ($($(#[$doc:meta])* $variant:ident = $module:ident $(, short $short:literal)?;)*) => {
        $(mod $module;)*

        /// An emulated command.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Command {
            $($(#[$doc])* $variant($module::$variant),)*
        }

        impl Command {
            /// The names that lead to a command, the short ones too.
            pub const NAMES: &[&str] = &[$($module::$variant::NAME, $($short,)?)*];

            /// All of them.
            pub(crate) const TABLE: &[Entry] = &[$(Entry {
                names: &[$module::$variant::NAME, $($short,)?],
                head: Head::of::<$module::$variant>(),
            },)*];

            fn read(name: &str, words: &[String]) -> Option<Result<Self, CommandError>> {
                $(if name == $module::$variant::NAME $(|| name == $short)? {
                    return Some(read::<$module::$variant>(words).map(Self::$variant));
                })*
                None
            }

            /// Does it.
            pub fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
                match self { $(Self::$variant(command) => command.execute(world),)* }
            }
        }

        impl fmt::Display for Command {
            /// The line that a person could type.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$variant(command) => command.fmt(f),)* }
            }
        }
    };
}

commands! {
    /// `nomad alloc checks`.
    AllocChecks = alloc_checks;
    /// `nomad alloc logs`.
    AllocLogs = alloc_logs, short "logs";
    /// `nomad alloc restart`.
    AllocRestart = alloc_restart;
    /// `nomad alloc signal`.
    AllocSignal = alloc_signal;
    /// `nomad alloc status`.
    AllocStatus = alloc_status;
    /// `nomad alloc stop`.
    AllocStop = alloc_stop;
    /// `nomad deployment fail`.
    DeploymentFail = deployment_fail;
    /// `nomad deployment list`.
    DeploymentList = deployment_list;
    /// `nomad deployment pause`.
    DeploymentPause = deployment_pause;
    /// `nomad deployment promote`.
    DeploymentPromote = deployment_promote;
    /// `nomad deployment resume`.
    DeploymentResume = deployment_resume;
    /// `nomad deployment status`.
    DeploymentStatus = deployment_status;
    /// `nomad deployment unblock`.
    DeploymentUnblock = deployment_unblock;
    /// `nomad eval list`.
    EvalList = eval_list;
    /// `nomad eval status`.
    EvalStatus = eval_status;
    /// `nomad job allocs`.
    JobAllocs = job_allocs;
    /// `nomad job deployments`.
    JobDeployments = job_deployments;
    /// `nomad job dispatch`.
    JobDispatch = job_dispatch;
    /// `nomad job eval`.
    JobEval = job_eval;
    /// `nomad job history`.
    JobHistory = job_history;
    /// `nomad job inspect`.
    JobInspect = job_inspect, short "inspect";
    /// `nomad job periodic force`.
    JobPeriodicForce = job_periodic_force;
    /// `nomad job plan`.
    JobPlan = job_plan, short "plan";
    /// `nomad job promote`.
    JobPromote = job_promote;
    /// `nomad job revert`.
    JobRevert = job_revert;
    /// `nomad job run`.
    JobRun = job_run, short "run";
    /// `nomad job scale`.
    JobScale = job_scale;
    /// `nomad job scaling-events`.
    JobScalingEvents = job_scaling_events;
    /// `nomad job start`.
    JobStart = job_start;
    /// `nomad job status`.
    JobStatus = job_status;
    /// `nomad job stop`.
    JobStop = job_stop, short "stop";
    /// `nomad job tag apply`.
    JobTagApply = job_tag_apply;
    /// `nomad job tag unset`.
    JobTagUnset = job_tag_unset;
    /// `nomad job validate`.
    JobValidate = job_validate, short "validate";
    /// `nomad node drain`.
    NodeDrain = node_drain;
    /// `nomad node eligibility`.
    NodeEligibility = node_eligibility;
    /// `nomad node status`.
    NodeStatus = node_status;
    /// `nomad operator scheduler get-config`.
    OperatorSchedulerGetConfig = operator_scheduler_get_config;
    /// `nomad operator scheduler set-config`.
    OperatorSchedulerSetConfig = operator_scheduler_set_config;
    /// `nomad service delete`.
    ServiceDelete = service_delete;
    /// `nomad service info`.
    ServiceInfo = service_info;
    /// `nomad service list`.
    ServiceList = service_list;
    /// `nomad status`.
    Status = status;
    /// `nomad system gc`.
    SystemGc = system_gc;
}

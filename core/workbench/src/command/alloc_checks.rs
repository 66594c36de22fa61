//! `nomad alloc checks`.

use std::fmt;

use yurt_engine::CheckResult;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::part::plain;
use super::times::absolute;
use super::{CommandError, Emulated, Execution, columns, gaps, look_up};
use crate::view::Line;
use crate::world::World;

/// Shows what the checks of an allocation have found last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllocChecks {
    /// The beginning of its id.
    pub alloc: String,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for AllocChecks {
    const NAME: &'static str = "alloc checks";
    const USAGE: &'static str = "[options] <allocation>";
    const ABOUT: &'static str = "Shows what the checks of an allocation's services found last.";
    const FLAGS: &'static [Flag] = &[switch("verbose"), switch("json"), valued("t")];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        if arguments.is_on("json") {
            return Err(UsageError::new(gaps::no_json(Self::NAME)));
        }
        if arguments.value("t").is_some() {
            return Err(UsageError::new(gaps::no_template(Self::NAME)));
        }
        Ok(Self {
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
            alloc: arguments.one("<allocation>")?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let alloc = look_up::alloc(world.scene(), &self.alloc)?;
        let checks = world.checks(alloc.id);
        if checks.is_empty() {
            return Ok(Execution::line("No checks found in allocation"));
        }
        let count = checks.len();
        let mut document = vec![Line::plain(format!("Status of {count} Nomad Service Checks"))];
        let release = world.scene().release;
        for check in &checks {
            document.push(Line::default());
            document.extend(plain(block(check, absolute(check.at, release))));
        }
        Ok(Execution::done(document))
    }
}

fn block(check: &CheckResult, at: String) -> Vec<String> {
    let task = check.task.as_ref().map_or("(group)", |task| task);
    let mut pairs = vec![
        ("ID", check.id.to_string()),
        ("Name", check.name.to_string()),
        ("Group", check.group.to_string()),
        ("Task", task.to_string()),
        ("Service", check.service.to_string()),
        ("Status", check.status.to_string()),
    ];
    if check.status_code > 0 {
        pairs.push(("StatusCode", check.status_code.to_string()));
    }
    pairs.extend([
        ("Mode", check.mode.to_string()),
        ("Timestamp", at),
        ("Output", check.output.to_string()),
    ]);
    columns::pairs(&pairs)
}

impl fmt::Display for AllocChecks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common).switch("verbose", self.verbose);
        f.write_str(&line.words([self.alloc.as_str()]))
    }
}

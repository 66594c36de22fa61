//! `nomad job tag apply`.

use std::fmt;

use super::flags::{Arguments, CommandLine, Common, Flag, UsageError, valued};
use super::{CommandError, Emulated, Execution, look_up};
use crate::view::Line;
use crate::world::World;

/// Gives a version of a job a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobTagApply {
    /// The beginning of its id.
    pub job: String,
    /// The tag.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// The version; `None` means the current one.
    pub version: Option<u64>,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for JobTagApply {
    const NAME: &'static str = "job tag apply";
    const USAGE: &'static str = "[options] <job>";
    const ABOUT: &'static str = "Gives a version of a job a name, by which it is found and kept.";
    const FLAGS: &'static [Flag] = &[valued("name"), valued("description"), valued("version")];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        let name = name(&arguments)?;
        let version = match arguments.text("version") {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| {
                UsageError::new(format!("Error parsing version value \"{text}\""))
            })?),
        };
        Ok(Self {
            name,
            description: arguments.text("description").unwrap_or_default(),
            version,
            common: Common::of(&arguments),
            job: arguments.one("<job>")?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let job = look_up::job(world.scene(), &self.common, &self.job)?;
        let Self {
            name, description, ..
        } = self;
        world
            .tag(&job.key(), self.version, name, description)
            .map_err(|text| CommandError::new(format!("Error tagging job version: {text}")))?;
        let version = self.version.unwrap_or(job.version);
        let text = format!("Job version {version} tagged with name \"{name}\"");
        Ok(Execution::done(vec![Line::plain(text)]))
    }
}

/// The tag that is talked about.
pub(super) fn name(arguments: &Arguments) -> Result<String, UsageError> {
    let name = arguments.text("name").filter(|name| !name.is_empty());
    name.ok_or_else(|| UsageError::new("A version tag name is required: -name"))
}

impl fmt::Display for JobTagApply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let description = Some(self.description.as_str()).filter(|text| !text.is_empty());
        let version = self.version.map(|version| version.to_string());
        let line = CommandLine::new(Self::NAME, &self.common)
            .value("name", Some(&self.name))
            .value("description", description)
            .value("version", version.as_deref());
        f.write_str(&line.words([self.job.as_str()]))
    }
}

//! `nomad job inspect`.

use std::fmt;
use std::rc::Rc;

use yurt_jobspec::json_output;
use yurt_model::Job;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::part::{Scene, job_json, labelled};
use super::{CommandError, Lines, Emulated, Execution, gaps, look_up};
use crate::view::Label;
use crate::world::World;

/// Prints a job as JSON, or the text it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobInspect {
    /// The beginning of its id.
    pub job: String,
    /// The version; the newest without one.
    pub version: Option<String>,
    /// The text instead.
    pub hcl: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for JobInspect {
    const NAME: &'static str = "job inspect";
    const USAGE: &'static str = "[options] <job>";
    const ABOUT: &'static str = "Prints a job as JSON, or with -hcl the text it was made from.";
    const FLAGS: &'static [Flag] = &[
        valued("version"),
        switch("hcl"),
        switch("json").idle(),
        valued("t"),
    ];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        if arguments.value("t").is_some() {
            return Err(UsageError::new(gaps::no_template(Self::NAME)));
        }
        Ok(Self {
            version: arguments.text("version"),
            hcl: arguments.is_on("hcl"),
            common: Common::of(&arguments),
            job: arguments.one("<job>")?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let scene = world.scene();
        let job = look_up::job(scene, &self.common, &self.job)?;
        let job = self.version_of(scene, job)?;
        if self.hcl {
            let submission = scene.store.submission(&job.key(), job.version);
            let submission = submission
                .ok_or_else(|| CommandError::new("No job source available for this version"))?;
            let text = submission.source.trim_end_matches('\n');
            return Ok(Execution::done(labelled(Label::Plain, text)));
        }
        Ok(Execution::done(render(&job)))
    }
}

impl JobInspect {
    fn version_of(&self, scene: Scene<'_>, job: Rc<Job>) -> Result<Rc<Job>, CommandError> {
        let Some(text) = &self.version else {
            return Ok(job);
        };
        let version = look_up::number("version", text)?;
        let found = scene.store.job_version(&job.key(), version).cloned();
        found.ok_or_else(|| {
            let id = job.id();
            CommandError::new(format!(
                "Error inspecting job: job {id} with version {version} not found"
            ))
        })
    }
}

fn render(job: &Job) -> Lines {
    let text = json_output::job(&job_json::of(job));
    labelled(Label::Plain, text.trim_end_matches('\n'))
}

impl fmt::Display for JobInspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .value("version", self.version.as_deref())
            .switch("hcl", self.hcl);
        f.write_str(&line.words([self.job.as_str()]))
    }
}

//! `nomad job history`.

use std::fmt;
use std::rc::Rc;

use yurt_diff::stored_document;
use yurt_jobspec::json_output;
use yurt_model::Job;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::part::{Scene, job_json, labelled, plain};
use super::times::absolute;
use super::{CommandError, Lines, Emulated, Execution, columns, gaps, look_up};
use crate::plan_text::diff_document;
use crate::view::{Label, Line};
use crate::world::World;

/// Lists the versions of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobHistory {
    /// The beginning of its id.
    pub job: String,
    /// With what each version changed.
    pub differences: bool,
    /// With each version as JSON.
    pub full: bool,
    /// Only this version, as typed.
    pub version: Option<String>,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for JobHistory {
    const NAME: &'static str = "job history";
    const USAGE: &'static str = "[options] <job>";
    const ABOUT: &'static str = "Lists the versions of a job; with -p what each of them changed.";
    const FLAGS: &'static [Flag] = &[
        switch("p"),
        switch("full"),
        valued("version"),
        switch("json"),
        valued("t"),
    ];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        if arguments.is_on("json") {
            return Err(UsageError::new(gaps::no_json(Self::NAME)));
        }
        if arguments.value("t").is_some() {
            return Err(UsageError::new(gaps::no_template(Self::NAME)));
        }
        Ok(Self {
            differences: arguments.is_on("p"),
            full: arguments.is_on("full"),
            version: arguments.text("version"),
            common: Common::of(&arguments),
            job: arguments.one("<job>")?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let scene = world.scene();
        let job = look_up::job(scene, &self.common, &self.job)?;
        let versions = scene.store.job_versions(&job.key());
        let document = match &self.version {
            None => render(self, scene, versions),
            Some(text) => {
                let version: u64 = text.parse().map_err(|_| {
                    CommandError::new(format!(
                        "Error parsing version value \"{text}\": strconv.ParseUint: parsing \
                         \"{text}\": invalid syntax"
                    ))
                })?;
                let at = versions.iter().position(|job| job.version == version);
                let at = at.ok_or_else(|| {
                    CommandError::new(format!("Job \"{}\" has no version {version}", job.id()))
                })?;
                block(self, scene, &versions[at], versions.get(at + 1))
            }
        };
        Ok(Execution::done(document))
    }
}

fn render(command: &JobHistory, scene: Scene<'_>, versions: &[Rc<Job>]) -> Lines {
    let mut document = Lines::new();
    for (at, job) in versions.iter().enumerate() {
        if at > 0 {
            document.push(Line::default());
        }
        document.extend(block(command, scene, job, versions.get(at + 1)));
    }
    document
}

fn block(
    command: &JobHistory,
    scene: Scene<'_>,
    job: &Job,
    before: Option<&Rc<Job>>,
) -> Lines {
    let mut pairs = vec![
        ("Version", job.version.to_string()),
        ("Stable", job.stable.to_string()),
        ("Submit Date", absolute(job.submit_time, scene.release)),
    ];
    if let Some(tag) = &job.version_tag {
        pairs.push(("Tag Name", tag.name.to_string()));
        if !tag.description.is_empty() {
            pairs.push(("Tag Description", tag.description.to_string()));
        }
    }
    // The names of what follows take part in the width of the column.
    let names: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
    let width = names.iter().map(|name| name.len()).max().unwrap_or(0);
    let mut document = plain(columns::pairs(&pairs));
    if let Some(before) = before.filter(|_| command.differences) {
        document.push(Line::plain(format!("{:width$} = ", "Diff")));
        document.extend(difference(before, job));
    }
    if command.full {
        document.push(Line::plain(format!("{:width$} = JSON Job:", "Full")));
        let json = job_json::sorted(&job_json::of(job));
        document.extend(labelled(Label::Plain, &json_output::indented(&json)));
    }
    document
}

impl fmt::Display for JobHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("p", self.differences)
            .switch("full", self.full)
            .value("version", self.version.as_deref());
        f.write_str(&line.words([self.job.as_str()]))
    }
}

/// What a version changed, as lines.
fn difference(before: &Job, after: &Job) -> Lines {
    let (old, new) = (stored_document(before), stored_document(after));
    match yurt_diff::diff(Some(&old), Some(&new), true) {
        Ok(diff) => diff_document(&diff, false).lines(),
        // Versions of one job have one id.
        Err(text) => vec![Line::plain(text)],
    }
}

//! `nomad job history`.

use std::fmt;
use std::rc::Rc;

use yurt_diff::stored_document;
use yurt_jobspec::json_output;
use yurt_model::{Job, JobKey};

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
    /// Each version is compared with this one instead of with the one before, as typed.
    pub diff_version: Option<String>,
    /// The same, by its tag.
    pub diff_tag: Option<String>,
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
        valued("diff-version"),
        valued("diff-tag"),
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
            diff_version: arguments.text("diff-version"),
            diff_tag: arguments.text("diff-tag"),
            common: Common::of(&arguments),
            job: arguments.one("<job>")?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let scene = world.scene();
        let job = look_up::job(scene, &self.common, &self.job)?;
        let versions = scene.store.job_versions(&job.key());
        let base = self.base(scene, &job.key())?;
        let document = match &self.version {
            None => render(self, scene, versions, base),
            Some(text) => {
                let version = look_up::number("version", text)?;
                let at = versions.iter().position(|job| job.version == version);
                let at = at.ok_or_else(|| {
                    CommandError::new(format!("Job \"{}\" has no version {version}", job.id()))
                })?;
                let before = base.or_else(|| versions.get(at + 1));
                block(self, scene, &versions[at], before)
            }
        };
        Ok(Execution::done(document))
    }
}

impl JobHistory {
    /// The version that all are compared with, if one was named (spec: deployments 25.9).
    fn base<'s>(
        &self,
        scene: Scene<'s>,
        job: &JobKey,
    ) -> Result<Option<&'s Rc<Job>>, CommandError> {
        match (&self.diff_version, &self.diff_tag) {
            (Some(text), _) => {
                let version = look_up::number("version", text)?;
                let found = scene.store.job_version(job, version);
                let missing = || look_up::no_version(&format!("version {version} not found"));
                found.ok_or_else(missing).map(Some)
            }
            (None, Some(tag)) => look_up::tagged(scene, job, tag).map(Some),
            (None, None) => Ok(None),
        }
    }
}

fn render(
    command: &JobHistory,
    scene: Scene<'_>,
    versions: &[Rc<Job>],
    base: Option<&Rc<Job>>,
) -> Lines {
    let mut document = Lines::new();
    for (at, job) in versions.iter().enumerate() {
        if at > 0 {
            document.push(Line::default());
        }
        let before = base.or_else(|| versions.get(at + 1));
        document.extend(block(command, scene, job, before));
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
    let is_compared = command.differences
        || command.diff_version.is_some()
        || command.diff_tag.is_some();
    let before = before.filter(|before| is_compared && before.version != job.version);
    if let Some(before) = before {
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
            .value("version", self.version.as_deref())
            .value("diff-version", self.diff_version.as_deref())
            .value("diff-tag", self.diff_tag.as_deref());
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

//! `nomad job run`.

use std::fmt;

use super::flags::{Arguments, CommandLine, Common, Flag, UsageError, switch, valued};
use super::part::job_file::{self, JobFile};
use super::part::labelled;
use super::{CommandError, Emulated, Execution, Lines, look_up};
use crate::view::{Label, Line};
use crate::world::{Registration, World};

/// Submits a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRun {
    /// The job file.
    pub file: JobFile,
    /// The index at which the job must be, as typed.
    pub check_index: Option<String>,
    /// Only print the job as JSON.
    pub output: bool,
    /// The priority of the evaluation, if not the job's.
    pub eval_priority: Option<i64>,
    /// Keep the counts of the running version.
    pub preserve_counts: bool,
    /// Keep the resources of the running version's tasks.
    pub preserve_resources: bool,
    /// Do not follow what comes of it.
    pub detach: bool,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for JobRun {
    const NAME: &'static str = "job run";
    const USAGE: &'static str = "[options] <path>";
    const ABOUT: &'static str = "Submits a job, new or changed, and follows its deployment.";
    const FLAGS: &'static [Flag] = &[
        valued("check-index"),
        switch("detach"),
        switch("output"),
        switch("preserve-counts"),
        switch("preserve-resources"),
        switch("verbose"),
        valued("var"),
        valued("var-file"),
        switch("hcl2-strict"),
        switch("json"),
        valued("eval-priority"),
        switch("policy-override").idle(),
        valued("consul-namespace").idle(),
        valued("vault-namespace").idle(),
    ];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        Ok(Self {
            check_index: arguments.text("check-index"),
            eval_priority: arguments.number("eval-priority")?,
            output: arguments.is_on("output"),
            preserve_counts: arguments.is_on("preserve-counts"),
            preserve_resources: arguments.is_on("preserve-resources"),
            detach: arguments.is_on("detach"),
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
            file: JobFile::parse(arguments)?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        if self.output {
            let text = job_file::output(&self.file, world.files)?;
            return Ok(Execution::done(labelled(Label::Plain, &text)));
        }
        let job = self.file.read(world.files)?;
        let check_index = check_index(self.check_index.as_deref())?;
        let registration = Registration {
            job,
            check_index,
            eval_priority: self.eval_priority,
            preserve_counts: self.preserve_counts,
            preserve_resources: self.preserve_resources,
            namespace: self.common.namespace.clone(),
        };
        let registered = world
            .register(registration)
            .map_err(|text| refused(&text))?;
        let mut document = warnings(&registered.warnings);
        let eval = registered.eval_id;
        if eval.is_none() || self.detach {
            document.push(Line::of(Label::Good, "Job registration successful"));
            let launch = registered.next_launch.iter();
            document.extend(
                launch.map(|launch| Line::plain(format!("Approximate next launch time: {launch}"))),
            );
        }
        Ok(world.evaluation(document, eval, self.detach, self.verbose))
    }
}

/// Warnings about a job, with the empty line after them.
pub(super) fn warnings(list: &[String]) -> Lines {
    if list.is_empty() {
        return Vec::new();
    }
    let text = yurt_jobspec::admission::warnings_text(list);
    labelled(Label::Warning, &format!("Job Warnings:\n{text}\n"))
}

/// The refusal of a submission; that of a wrong index reads differently from all others.
fn refused(text: &str) -> CommandError {
    let inner = text
        .strip_prefix("Unexpected response code: 500 (")
        .and_then(|text| text.strip_suffix(')'))
        .filter(|text| text.starts_with("Enforcing job modify index"));
    match inner {
        Some(inner) => CommandError::new(format!("{inner}\nJob not updated")),
        None => CommandError::new(format!("Error submitting job: {text}")),
    }
}

/// The number of `-check-index`.
pub(super) fn check_index(text: Option<&str>) -> Result<Option<u64>, CommandError> {
    text.map(|text| look_up::number("check-index", text)).transpose()
}

impl fmt::Display for JobRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let eval_priority = self.eval_priority.map(|number| number.to_string());
        let line = CommandLine::new(Self::NAME, &self.common)
            .value("check-index", self.check_index.as_deref())
            .value("eval-priority", eval_priority.as_deref())
            .switch("detach", self.detach)
            .switch("output", self.output)
            .switch("preserve-counts", self.preserve_counts)
            .switch("preserve-resources", self.preserve_resources)
            .switch("verbose", self.verbose);
        f.write_str(&self.file.flags(line).words([self.file.path.as_str()]))
    }
}

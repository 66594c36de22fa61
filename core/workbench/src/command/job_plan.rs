//! `nomad job plan`.

use std::fmt;

use yurt_diff::JobDiff;
use yurt_engine::PlanOutcome;
use yurt_jobspec::SpanMap;
use yurt_jobspec::admission::warnings_text;
use yurt_model::{Allocation, Gather};

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::part::Scene;
use super::part::job_file::JobFile;
use super::release::texts;
use super::{CommandError, Done, Emulated, Execution, gaps};
use crate::plan_text::{self, PlanTextInput, PreemptedAlloc};
use crate::view::{self, Occasion, PlanParts, PlanView};
use crate::world::{Planned, World};

/// The exit status of every error of this command.
const ERROR_STATUS: i32 = 255;

/// Says what submitting a job would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobPlan {
    /// The job file.
    pub file: JobFile,
    /// With the difference.
    pub diff: bool,
    /// With everything of what is new.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

/// The text that was planned, and where its fields stand.
#[derive(Clone, Copy)]
struct JobText<'a> {
    spans: &'a SpanMap,
    source: &'a str,
}

impl Emulated for JobPlan {
    const NAME: &'static str = "job plan";
    const USAGE: &'static str = "[options] <path>";
    const ABOUT: &'static str = "Says what submitting a job would change, and where it would run.";
    const FLAGS: &'static [Flag] = &[
        switch("diff"),
        switch("verbose"),
        valued("var"),
        valued("var-file"),
        switch("hcl2-strict"),
        switch("json"),
        switch("json-output"),
        valued("t"),
        switch("policy-override").idle(),
        valued("vault-namespace").idle(),
    ];
    const USAGE_STATUS: i32 = ERROR_STATUS;

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        if arguments.is_on("json-output") {
            return Err(UsageError::new(gaps::no_flag(Self::NAME, "json-output")));
        }
        if arguments.value("t").is_some() {
            return Err(UsageError::new(gaps::no_template(Self::NAME)));
        }
        Ok(Self {
            diff: arguments.is_on_or_absent("diff"),
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
            file: JobFile::parse(arguments)?,
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        self.plan(world)
            .map_err(|error| error.with_status(ERROR_STATUS))
    }
}

impl JobPlan {
    fn plan(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let job = self.file.read(world.files)?;
        let namespace = self.common.namespace.as_deref();
        let (spans, source) = (job.spans, job.source);
        let planned = world
            .plan(job.document, namespace)
            .map_err(|text| CommandError::new(format!("Error during plan: {text}")))?;
        let diff = difference(&planned.outcome)
            .map_err(|text| CommandError::new(format!("Error during plan: {text}")))?;
        let text = JobText {
            spans: &spans,
            source: &source,
        };
        let done = self.render(world.scene(), &planned, &diff, text);
        Ok(Execution::Done(done))
    }

    fn render(
        &self,
        scene: Scene<'_>,
        planned: &Planned,
        diff: &JobDiff,
        job: JobText<'_>,
    ) -> Done {
        let outcome = &planned.outcome;
        let texts = texts(scene.release);
        let preempted: Vec<PreemptedAlloc> = outcome
            .annotations
            .preempted
            .iter()
            .filter_map(|id| scene.store.alloc(*id))
            .map(|alloc| preempted(alloc))
            .collect();
        let launch = outcome.new.next_launch_text(scene.now);
        let input = PlanTextInput {
            diff: self.diff.then_some(diff),
            verbose: self.verbose,
            job_type: outcome.new.kind,
            failed_groups: &outcome.failed_groups,
            next_launch: launch.as_deref(),
            warnings: &warnings_text(&planned.warnings),
            preempted: &preempted,
            job_modify_index: outcome.job_modify_index,
            run: texts.run,
            index_matches: texts.index_matches,
            arguments: &self.arguments(),
        };
        let text = plan_text::render(&input);
        let coloured = self.common.colour == Some(true);
        let mut view = self.view(planned, diff, &input, job);
        view.text = text.lines();
        Done {
            document: if coloured {
                text.ansi_lines()
            } else {
                text.lines()
            },
            status: plan_text::exit_status(diff, &outcome.annotations),
            plan: Some(Box::new(view)),
        }
    }

    fn view(
        &self,
        planned: &Planned,
        diff: &JobDiff,
        input: &PlanTextInput<'_>,
        job: JobText<'_>,
    ) -> PlanView {
        let outcome = &planned.outcome;
        let groups = outcome.new.groups.iter();
        let unplaced = outcome.failed_groups.iter().map(|(name, metric)| {
            let more = u64::from(metric.coalesced_failures);
            (&**name, more + 1)
        });
        let preempted = input.preempted.iter();
        view::plan(PlanParts {
            file: &self.file.path,
            job_id: outcome.new.id.as_str(),
            kind: outcome.new.kind,
            occasion: if outcome.new.periodic.is_some() {
                Occasion::Launch(input.next_launch.map(String::from))
            } else if outcome.new.parameterized.is_some() {
                Occasion::Dispatch
            } else {
                Occasion::Now
            },
            groups: groups.map(|group| &*group.name).collect(),
            annotations: &outcome.annotations,
            tree: diff,
            diff: plan_text::diff_document(diff, self.verbose).lines(),
            spans: job.spans,
            source: job.source,
            warnings: planned.warnings.clone(),
            outcome: plan_text::outcome(input).lines(),
            unplaced: unplaced.gather(),
            preempted: preempted
                .map(|it| format!("{}.{}", it.job_id, it.task_group))
                .collect(),
            text: Vec::new(),
            job_modify_index: outcome.job_modify_index,
        })
    }

    /// The flags to give again, and the path as typed (spec: plan-diff 12).
    fn arguments(&self) -> String {
        let mut text = String::new();
        let mut flag = |name: &str, value: &str| {
            text.push_str(&format!("-{name}={} ", plan_text::quote(value)));
        };
        self.file.variables.iter().for_each(|pair| flag("var", pair));
        let files = self.file.variable_files.iter();
        files.for_each(|file| flag("var-file", file));
        if let Some(namespace) = &self.common.namespace {
            flag("namespace", namespace);
        }
        if self.file.lenient {
            text.push_str("-hcl2-strict=false ");
        }
        text + &self.file.path
    }
}

/// What changes, with what the scheduler says it brings.
fn difference(outcome: &PlanOutcome) -> Result<JobDiff, String> {
    let old = outcome.old.as_deref().map(yurt_diff::stored_document);
    let mut new = outcome.new.document.clone();
    new["Stop"] = false.into();
    new["Dispatched"] = false.into();
    let mut diff = yurt_diff::diff(old.as_ref(), Some(&new), true)?;
    yurt_diff::annotate(&mut diff, Some(&outcome.annotations));
    Ok(diff)
}

fn preempted(alloc: &Allocation) -> PreemptedAlloc {
    PreemptedAlloc {
        id: alloc.id.to_string(),
        job_id: alloc.job_id.to_string(),
        namespace: alloc.namespace.to_string(),
        job_type: alloc.job.spec.kind.to_string(),
        task_group: alloc.group.to_string(),
    }
}

impl fmt::Display for JobPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switched_off("diff", !self.diff)
            .switch("verbose", self.verbose);
        f.write_str(&self.file.flags(line).words([self.file.path.as_str()]))
    }
}

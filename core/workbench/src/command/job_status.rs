//! `nomad job status`.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use yurt_model::{AllocMetric, Deployment, EvalStatus, Evaluation, InOrder, Job, Name};

use super::flags::{Arguments, CommandLine, Common, Flag, UsageError, switch, valued};
use super::part::{self, Length, Scene, plain, section};
use super::release::{self, texts};
use super::times::{absolute, ago};
use super::{CommandError, Emulated, Execution, Lines, columns, gaps, look_up};
use crate::view::{Label, Line};
use crate::world::World;

/// Shows one job, or lists all of them.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct JobStatus {
    /// The beginning of its id; all jobs without one.
    pub job: Option<String>,
    /// Only the first block.
    pub short: bool,
    /// Evaluations too.
    pub evals: bool,
    /// Allocations of earlier jobs of the same id too.
    pub all_allocs: bool,
    /// Whole identifiers, and evaluations.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for JobStatus {
    const NAME: &'static str = "job status";
    const HELP_NAME: &'static str = "status";
    const USAGE: &'static str = "[options] <job>";
    const ABOUT: &'static str = "Shows a job, its deployment and its allocations, or lists all \
        jobs.";
    const FLAGS: &'static [Flag] = &[
        switch("short"),
        switch("evals"),
        switch("all-allocs"),
        switch("verbose"),
        switch("json"),
        valued("t"),
    ];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        if arguments.words.len() > 1 {
            let text = "This command takes either no arguments or one: <job>";
            return Err(UsageError::new(text));
        }
        if arguments.is_on("json") {
            return Err(UsageError::new(gaps::no_json(Self::NAME)));
        }
        if arguments.value("t").is_some() {
            return Err(UsageError::new(gaps::no_template(Self::NAME)));
        }
        Ok(Self {
            short: arguments.is_on("short"),
            evals: arguments.is_on("evals"),
            all_allocs: arguments.is_on("all-allocs"),
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
            job: arguments.words.into_iter().next(),
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let scene = world.scene();
        let Some(prefix) = &self.job else {
            let jobs = look_up::jobs_with_prefix(scene, &self.common, "");
            return Ok(Execution::done(plain(part::jobs::table(scene, &jobs))));
        };
        let job = look_up::job(scene, &self.common, prefix)?;
        Ok(Execution::done(render(self, scene, &job)))
    }
}

fn render(command: &JobStatus, scene: Scene<'_>, job: &Rc<Job>) -> Lines {
    let mut document = plain(columns::pairs(&overview(scene, job)));
    if command.short {
        return document;
    }
    if job.is_parent() {
        children(scene, job, &mut document);
        return document;
    }
    summary(scene, job, &mut document);
    let mut evals: Vec<_> = scene.store.evals_of_job(&job.key()).cloned().collect();
    part::evals::newest_first(&mut evals);
    if command.evals || command.verbose {
        let rows = part::evals::within_job(&evals, command.verbose);
        section(&mut document, "Evaluations", rows);
    }
    placement_failure(&evals, &mut document);
    rescheduling(scene, job, command.verbose, &mut document);
    if let Some(deployment) = latest_deployment(scene, job) {
        let block = part::deployment::within_job(scene, &deployment, command.verbose);
        document.extend(block);
    }
    let mut allocs: Vec<_> = scene
        .store
        .allocs_of_job(&job.key())
        .filter(|alloc| command.all_allocs || alloc.job.create_index == job.create_index)
        .cloned()
        .collect();
    part::allocs::newest_first(&mut allocs);
    let rows = part::allocs::table(scene, &allocs, command.verbose);
    section(&mut document, "Allocations", rows);
    document
}

fn overview(scene: Scene<'_>, job: &Job) -> Vec<(&'static str, String)> {
    let spec = &job.spec;
    let datacenters: Vec<&str> = spec.datacenters.iter().map(|name| &**name).collect();
    let mut pairs = vec![
        ("ID", spec.id.to_string()),
        ("Name", spec.name.to_string()),
        ("Submit Date", absolute(job.submit_time, scene.release)),
        ("Type", spec.kind.to_string()),
        ("Priority", spec.priority.to_string()),
        ("Datacenters", datacenters.join(",")),
    ];
    pairs.extend([
        ("Namespace", spec.namespace.to_string()),
        ("Node Pool", spec.node_pool.to_string()),
        ("Status", part::jobs::status(job)),
        ("Periodic", spec.periodic.is_some().to_string()),
        ("Parameterized", job.is_parameterized().to_string()),
    ]);
    if spec.periodic.is_some() && !job.is_parameterized() {
        pairs.push(("Next Periodic Launch", next_launch(scene, job)));
    }
    release::pairs(pairs, scene.release)
}

/// When a periodic job is launched next.
fn next_launch(scene: Scene<'_>, job: &Job) -> String {
    if job.stop {
        return "none (job stopped)".into();
    }
    let launch = job.spec.next_launch_text(scene.now);
    launch.unwrap_or_else(|| "none".into())
}

fn summary(scene: Scene<'_>, job: &Job, document: &mut Lines) {
    let unknown = texts(scene.release).summary_has_unknown;
    let mut heading = columns::row([
        "Task Group",
        "Queued",
        "Starting",
        "Running",
        "Failed",
        "Complete",
        "Lost",
    ]);
    heading.extend(unknown.then(|| "Unknown".to_string()));
    let mut rows = vec![heading];
    if let Some(summary) = scene.store.job_summary(&job.key()) {
        let mut groups: Vec<_> = summary.groups.iter().collect();
        groups.put_in_order_by_key(|(name, _)| name.clone());
        for (name, counts) in groups {
            let numbers = [
                counts.queued,
                counts.starting,
                counts.running,
                counts.failed,
                counts.complete,
                counts.lost,
            ];
            let mut cells = columns::row([name]);
            cells.extend(numbers.map(|number| number.to_string()));
            cells.extend(unknown.then(|| counts.unknown.to_string()));
            rows.push(cells);
        }
    }
    section(document, "Summary", columns::list(&rows));
}

/// Why the newest evaluation that failed to place something did, as long as one waits for room.
fn placement_failure(evals: &[Rc<Evaluation>], document: &mut Lines) {
    let blocked = evals.iter().any(|eval| eval.status == EvalStatus::Blocked);
    let failed = evals.iter().find(|eval| !eval.failed_groups.is_empty());
    let Some(failed) = failed.filter(|_| blocked) else {
        return;
    };
    section(
        document,
        "Placement Failure",
        failure_lines(&failed.failed_groups),
    );
}

fn failure_lines(groups: &BTreeMap<Name, Rc<AllocMetric>>) -> Vec<String> {
    let mut lines = Vec::new();
    for (group, metric) in groups {
        lines.push(format!("Task Group \"{group}\":"));
        lines.extend(part::failure::reasons(metric, "  "));
    }
    lines
}

/// When failed allocations will be tried elsewhere.
fn rescheduling(scene: Scene<'_>, job: &Job, verbose: bool, document: &mut Lines) {
    let mut times = BTreeMap::new();
    for alloc in scene.store.allocs_of_job(&job.key()) {
        let pending = alloc
            .links.follow_up_eval
            .filter(|_| alloc.links.next_allocation.is_none())
            .and_then(|id| scene.store.eval(id))
            .filter(|eval| !eval.status.is_terminal());
        let due = pending.and_then(|eval| eval.wait_until.map(|until| (until, eval.id)));
        if let Some(due) = due.filter(|(until, _)| *until > scene.now) {
            let soonest = times.entry(alloc.group.clone()).or_insert(due);
            *soonest = due.min(*soonest);
        }
    }
    if times.is_empty() {
        return;
    }
    let mut rows = vec![columns::row(["Task Group", "Eval ID", "Eval Time"])];
    rows.extend(times.into_iter().map(|(group, (until, id))| {
        vec![
            group.to_string(),
            Length::of(verbose).id(id.0),
            ago(until, scene.now),
        ]
    }));
    section(
        document,
        "Future Rescheduling Attempts",
        columns::list(&rows),
    );
}

/// The newest deployment of this incarnation of the job.
fn latest_deployment(scene: Scene<'_>, job: &Job) -> Option<Rc<Deployment>> {
    let mut all = scene.store.deployments_of_job(&job.key());
    all.rfind(|deployment| deployment.job_create_index == job.create_index)
        .cloned()
}

/// What a periodic or parameterized job has started.
fn children(scene: Scene<'_>, job: &Job, document: &mut Lines) {
    let (heading, list, none) = if let Some(rules) = job
        .spec
        .parameterized
        .as_ref()
        .filter(|_| job.is_parameterized())
    {
        let joined = |keys: &[Name]| {
            let keys: Vec<&str> = keys.iter().map(|key| &**key).collect();
            keys.join(", ")
        };
        let pairs = [
            ("Payload", rules.payload.to_string()),
            ("Required Metadata", joined(&rules.meta_required)),
            ("Optional Metadata", joined(&rules.meta_optional)),
        ];
        section(document, "Parameterized Job", columns::pairs(&pairs));
        (
            "Parameterized Job Summary",
            "Dispatched Jobs",
            "No dispatched instances of parameterized job found",
        )
    } else {
        (
            "Children Job Summary",
            "Previously Launched Jobs",
            "No instances of periodic job found",
        )
    };
    let counts = scene
        .store
        .job_summary(&job.key())
        .and_then(|summary| summary.children)
        .unwrap_or_default();
    let rows = [
        columns::row(["Pending", "Running", "Dead"]),
        vec![
            counts.0.to_string(),
            counts.1.to_string(),
            counts.2.to_string(),
        ],
    ];
    section(document, heading, columns::list(&rows));
    let key = job.key();
    let children = scene.store.children_of(&key);
    let mut rows = vec![columns::row(["ID", "Status"])];
    rows.extend(children.map(|child| vec![child.id().to_string(), part::jobs::status(child)]));
    if rows.len() == 1 {
        document.push(Line::default());
        document.push(Line::of(Label::Plain, none));
    } else {
        section(document, list, columns::list(&rows));
    }
}

impl fmt::Display for JobStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("short", self.short)
            .switch("evals", self.evals)
            .switch("all-allocs", self.all_allocs)
            .switch("verbose", self.verbose);
        f.write_str(&line.words(self.job.as_deref()))
    }
}

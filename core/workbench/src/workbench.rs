//! The workbench: everything behind a page, as one value that takes actions and says what changed.
//!
//! Belongs here: the journal, which views are shown and whether they changed, what the terminal
//! got. Not here: what a command does (`command`), how a view is made (`view`), how messages
//! travel.

use yurt_jobspec::admission::{self, AdmissionContext};
use yurt_jobspec::{ParseInput, Parsed, assist};

use yurt_model::{AllocId, Duration, JobKey, Time};

use crate::command::{self, Command};
use crate::protocol::{self, Action, Reaction, Respond, Topic};
use crate::session::{Printed, Session};
use crate::view::{
    self, ClusterChange, ClusterView, DeploymentView, DiagnosticView, JobView, Label, Line,
    PlanBasis, UsageView, WorldView,
};
use crate::{world, worlds};

pub use crate::view::OPENING_JOB;
pub use crate::worlds::OPENING_FILE;

/// Everything behind a page.
#[derive(Debug)]
pub struct Workbench {
    session: Session,
    world: &'static WorldView,
    started: Time,
    /// What changed the cluster or the folder, in order.
    journal: Vec<Action>,
    topics: Vec<Topic>,
    shown: Shown,
    /// The job of the file that was set last.
    job: JobKey,
    /// Counts the times that everything began anew.
    generation: u64,
    /// What the last plan rests on.
    planned_on: Option<PlanBasis>,
    /// The allocation that was looked at last.
    watched: Option<AllocId>,
    news: Reaction,
}

/// The views as the page has them.
#[derive(Debug, Default)]
struct Shown {
    /// The revision at which they were built; `None` when they must be built again.
    revision: Option<u64>,
    cluster: Option<ClusterView>,
    usage: Option<Option<UsageView>>,
    deployment: Option<Option<DeploymentView>>,
    job: Option<Option<JobView>>,
    /// The plan holds no more.
    outdated: bool,
}

impl Workbench {
    /// What a fresh page shows: the guide's job, up and running. Journals begin after that.
    pub fn opening() -> Self {
        Self::in_world(&view::WORLDS[0])
    }

    /// A fresh page in that world.
    fn in_world(world: &'static WorldView) -> Self {
        let (session, document) = worlds::open(world);
        let mut workbench = Self {
            started: session.cluster().config().epoch,
            session,
            world,
            journal: Vec::new(),
            topics: Vec::new(),
            shown: Shown::default(),
            job: JobKey::in_default(""),
            generation: 0,
            planned_on: None,
            watched: None,
            news: Reaction::default(),
        };
        workbench.set_file(OPENING_FILE, world.job);
        workbench.news.terminal.extend(document);
        workbench
    }

    /// The session, to read.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The journal as text.
    pub fn journal_text(&self) -> String {
        protocol::journal_text(&self.journal)
    }

    fn revision(&self) -> u64 {
        // Indexes begin anew with the cluster; the generation keeps old and new apart.
        (self.generation << 40) | self.session.store().index()
    }

    fn print(&mut self, printed: Printed) {
        self.news.terminal.extend(printed.document);
        if printed.status.is_some() {
            self.news.exit_status = printed.status;
        }
        if let Some(plan) = printed.plan {
            self.planned_on = Some(view::plan_basis(self.session.store(), &self.job));
            self.shown.outdated = false;
            self.news.plan = Some(plan.map(|plan| *plan));
        }
    }

    fn execute(&mut self, line: &str) {
        if self.session.is_following() {
            self.interrupt();
        }
        self.news.terminal.push(Line::echo(line));
        let printed = self.session.execute(line);
        if let (Some(0), Ok(Command::AllocStatus(asked))) = (printed.status, command::parse(line)) {
            let begins = |id: &AllocId| {
                let prefix = asked.alloc.as_deref();
                prefix.is_some_and(|prefix| id.to_string().starts_with(prefix))
            };
            let mut ids = self.session.store().allocs().map(|alloc| alloc.id);
            self.watched = ids.find(begins);
        }
        self.print(printed);
    }

    fn interrupt(&mut self) {
        if self.session.is_following() {
            self.news.terminal.push(Line::of(Label::Muted, "^C"));
            let printed = self.session.interrupt();
            self.print(printed);
        }
    }

    fn set_file(&mut self, name: &str, text: &str) {
        let parsed = self.parse(name, text);
        let id = parsed.document.as_ref().and_then(|job| job["ID"].as_str());
        if let Some(id) = id {
            let document = parsed.document.as_ref();
            let namespace = document.and_then(|job| job["Namespace"].as_str());
            let key = JobKey {
                namespace: namespace.unwrap_or("default").into(),
                id: id.into(),
            };
            if key != self.job {
                self.job = key;
                self.shown.revision = None;
            }
        }
        self.session.files.write(name, text);
    }

    fn parse(&self, name: &str, text: &str) -> Parsed {
        yurt_jobspec::parse(&ParseInput {
            file_name: name,
            source: text,
            path_functions: Some(&self.session.files),
            ..ParseInput::default()
        })
    }

    fn check(&self, name: &str, text: &str) -> Vec<DiagnosticView> {
        let context = world::admission_context(self.session.cluster());
        let mut other_world = None;
        let problems = assist::problems(text, &mut |read| {
            let mut parsed = self.parse(name, read);
            let is_refused = admission::judge(&mut parsed, name, read, &context);
            // What else is read is the file with a problem mended.
            if is_refused && read == text {
                let document = parsed.document.as_ref();
                other_world = document.and_then(|job| other_world_takes(job, &context));
            }
            parsed
        });
        let mut views = view::diagnostics(&problems);
        if let (Some(world), Some(first)) = (other_world, views.first_mut()) {
            first.fixes.push(view::world_fix(world, first.start_byte));
        }
        views
    }

    fn restore(&mut self, journal: &str) {
        let actions = match protocol::parse_journal(journal) {
            Ok(actions) => actions,
            Err((line, text)) => {
                let text = format!("This journal cannot be read: line {line}: {text}");
                self.news.terminal.push(Line::of(Label::Note, text));
                return;
            }
        };
        self.begin_anew(&view::WORLDS[0]);
        for action in actions {
            self.dispatch(action);
        }
    }

    /// Opens a world; what was is gone but for the journal that the page has kept.
    fn open_world(&mut self, name: &str) {
        match view::world(name) {
            Some(world) => self.begin_anew(world),
            None => {
                let text = format!("There is no world {name:?}.");
                self.news.terminal.push(Line::of(Label::Note, text));
            }
        }
    }

    fn begin_anew(&mut self, world: &'static WorldView) {
        let fresh = Self::in_world(world);
        let topics = std::mem::take(&mut self.topics);
        *self = Self {
            topics,
            generation: self.generation + 1,
            ..fresh
        };
        self.news.begun_anew = true;
        if *world != view::WORLDS[0] {
            let name = world.name.to_string();
            self.journal = vec![Action::OpenWorld { name }];
        }
    }

    /// What an allocation uses changes with time, once a second.
    fn refresh_usage(&mut self) {
        if !self.topics.contains(&Topic::Cluster) {
            return;
        }
        let alloc = self.watched.and_then(|id| self.session.store().alloc(id));
        let now = Time(self.session.now().0 / 1_000_000_000 * 1_000_000_000);
        let images = self.session.cluster().images();
        let view = Some(alloc.map(|alloc| view::usage(images, alloc, now)));
        if self.shown.usage != view {
            self.shown.usage.clone_from(&view);
            self.news.usage = view;
        }
    }

    /// Puts the views that changed into the news.
    fn refresh(&mut self) {
        self.refresh_usage();
        let revision = self.revision();
        self.news.revision = revision;
        if self.shown.revision == Some(revision) {
            self.news.plan_outdated = self.shown.outdated;
            return;
        }
        self.shown.revision = Some(revision);
        let store = self.session.store();
        let basis = self.planned_on.as_ref();
        self.shown.outdated =
            basis.is_some_and(|basis| *basis != view::plan_basis(store, &self.job));
        self.news.plan_outdated = self.shown.outdated;
        if self.topics.contains(&Topic::Cluster) {
            let view = view::cluster(store);
            let shown = self.shown.cluster.as_ref();
            if shown != Some(&view) {
                let change = shown.and_then(|shown| ClusterChange::between(shown, &view));
                match change {
                    // What was not taken yet is whole; it must stay so.
                    Some(change) if self.news.cluster.is_none() => {
                        self.news.cluster_change = Some(change);
                    }
                    _ => self.news.cluster = Some(view.clone()),
                }
                self.shown.cluster = Some(view);
            }
        }
        if self.topics.contains(&Topic::Deployment) {
            let view = view::deployment(store, &self.job);
            if self.shown.deployment.as_ref() != Some(&view) {
                self.shown.deployment = Some(view.clone());
                self.news.deployment = Some(view);
            }
        }
        if self.topics.contains(&Topic::Job) {
            let view = view::job(store, &self.job, self.session.now());
            if self.shown.job.as_ref() != Some(&view) {
                self.shown.job = Some(view.clone());
                self.news.job = Some(view);
            }
        }
    }
}

/// The world of another release that would take a job which is refused here.
fn other_world_takes(
    document: &serde_json::Value,
    here: &AdmissionContext,
) -> Option<&'static WorldView> {
    let mut others = view::WORLDS.iter();
    others.find(|world| {
        let there = AdmissionContext {
            release: world.release,
            ..here.clone()
        };
        world.release != here.release && admission::admit(document, &there).is_ok()
    })
}

impl Respond for Workbench {
    fn dispatch(&mut self, action: Action) {
        match &action {
            Action::Execute { line } => self.execute(line),
            Action::Interrupt => self.interrupt(),
            Action::SetFile { name, text } => self.set_file(name, text),
            Action::Advance { milliseconds } => {
                let length = i64::try_from(*milliseconds).unwrap_or(i64::MAX);
                let until = self.session.now() + Duration::from_millis(length);
                let printed = self.session.advance_to(until);
                self.print(printed);
            }
            Action::StepEvent => {
                if let Some(next) = self.session.next_event() {
                    let printed = self.session.advance_to(next);
                    self.print(printed);
                }
            }
            Action::Check { name, text } => {
                self.news.diagnostics = Some(self.check(name, text));
            }
            Action::Complete {
                question,
                text,
                byte,
            } => self.news.completions = Some(view::completions(*question, text, *byte)),
            Action::Hover {
                question,
                text,
                byte,
            } => self.news.hover = Some(view::hover(*question, text, *byte)),
            Action::CompleteLine { line } => {
                self.news.completed_line = Some(self.session.complete(line));
            }
            Action::Format { text } => self.news.formatted = Some(view::formatted(text)),
            Action::Subscribe { topics } => {
                self.topics = topics.clone();
                self.shown = Shown::default();
            }
            Action::OpenWorld { name } => return self.open_world(name),
            Action::Restore { journal } => return self.restore(journal),
            Action::ExportJournal => self.news.journal = Some(self.journal_text()),
            Action::Fault => (),
        }
        let changes = matches!(
            action,
            Action::Execute { .. }
                | Action::Interrupt
                | Action::SetFile { .. }
                | Action::Advance { .. }
                | Action::StepEvent
        );
        if changes {
            self.remember(action);
        }
    }

    fn take_reaction(&mut self) -> Reaction {
        self.refresh();
        let now = self.session.now();
        Reaction {
            now_ns: now.0,
            now_text: now.rfc3339(),
            started_ns: self.started.0,
            next_wakeup_ns: self.session.next_event().map(|time| time.0),
            following: self.session.is_following(),
            world: self.world.name.to_string(),
            ..std::mem::take(&mut self.news)
        }
    }
}

impl Workbench {
    /// Adds an action to the journal; time that passes in many small steps takes one entry.
    fn remember(&mut self, action: Action) {
        if let (
            Some(Action::Advance { milliseconds: sum }),
            Action::Advance { milliseconds: more },
        ) = (self.journal.last_mut(), &action)
        {
            *sum = sum.saturating_add(*more);
        } else {
            self.journal.push(action);
        }
    }
}

#[cfg(test)]
mod tests;

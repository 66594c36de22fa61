//! The workbench: everything behind a page, as one value that takes actions and says what changed.
//!
//! Belongs here: the journal, which views are shown and whether they changed, what the terminal got.
//! Not here: what a command does (`command`), how a view is made (`view`), how messages travel.

use yurt_jobspec::admission;
use yurt_jobspec::{ParseInput, Parsed};
use yurt_model::{Duration, JobKey, Release, Time};

use crate::protocol::{self, Action, Reaction, Respond, Topic};
use crate::session::{DEFAULT_SEED, Printed, Session};
use crate::view::{self, ClusterView, DeploymentView, DiagnosticView, JobView, Label, Line};
use crate::world;

/// The file that a fresh page has in its editor.
pub const OPENING_FILE: &str = "docs.nomad.hcl";

/// The job in it: the guide's, with the progress deadline that the guide's release did not know.
pub const OPENING_JOB: &str = include_str!("opening.nomad.hcl");

/// The longest that the opening waits for the job to be up.
const OPENING_MAX: Duration = Duration::from_minutes(15);

/// Events looked at in one step of the opening.
const OPENING_STEPS_MAX: usize = 10_000;

/// Everything behind a page.
#[derive(Debug)]
pub struct Workbench {
    session: Session,
    started: Time,
    /// What changed the cluster or the folder, in order.
    journal: Vec<Action>,
    topics: Vec<Topic>,
    shown: Shown,
    /// The job of the file that was set last.
    job: JobKey,
    /// Counts the times that everything began anew.
    generation: u64,
    news: Reaction,
}

/// The views as the page has them.
#[derive(Debug, Default)]
struct Shown {
    /// The revision at which they were built; `None` when they must be built again.
    revision: Option<u64>,
    cluster: Option<ClusterView>,
    deployment: Option<Option<DeploymentView>>,
    job: Option<Option<JobView>>,
}

impl Workbench {
    /// An empty cluster and an empty folder.
    pub fn empty() -> Self {
        let session = Session::new(DEFAULT_SEED, Release::V2_0);
        Self {
            started: session.now(),
            session,
            journal: Vec::new(),
            topics: Vec::new(),
            shown: Shown::default(),
            job: JobKey::in_default(""),
            generation: 0,
            news: Reaction::default(),
        }
    }

    /// What a fresh page shows: the guide's job, up and running.
    pub fn opening() -> Self {
        let mut workbench = Self::empty();
        workbench.dispatch(Action::SetFile {
            name: OPENING_FILE.into(),
            text: OPENING_JOB.into(),
        });
        workbench.dispatch(Action::Execute {
            line: format!("nomad job run -detach {OPENING_FILE}"),
        });
        let limit = workbench.started + OPENING_MAX;
        for _ in 0..OPENING_STEPS_MAX {
            let store = workbench.session.store();
            let latest = store.latest_deployment(&workbench.job);
            let settled = latest.is_some_and(|deployment| !deployment.is_active());
            if settled || workbench.session.now() >= limit {
                break;
            }
            workbench.dispatch(Action::StepEvent);
        }
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
            self.news.plan = Some(plan.map(|plan| *plan));
        }
    }

    fn execute(&mut self, line: &str) {
        if self.session.is_following() {
            self.interrupt();
        }
        self.news.terminal.push(Line::echo(line));
        let printed = self.session.execute(line);
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
        let read = |name: &str| {
            let missing = || format!("open {name}: no such file or directory");
            let text = self.session.files.read(name);
            text.map(|text| text.into_owned()).ok_or_else(missing)
        };
        yurt_jobspec::parse(&ParseInput {
            file_name: name,
            source: text,
            path_functions: Some(&read),
            ..ParseInput::default()
        })
    }

    fn check(&self, name: &str, text: &str) -> Vec<DiagnosticView> {
        let mut parsed = self.parse(name, text);
        let context = world::admission_context(self.session.cluster());
        if let Some(document) = &parsed.document {
            match admission::admit(document, &context) {
                Ok(admitted) => {
                    let warnings =
                        admission::warning_diagnostics(&admitted.warnings, name, &parsed.spans);
                    parsed.diagnostics.extend(warnings);
                }
                Err(refused) => {
                    let errors = admission::diagnostics(&refused, name, text, &parsed.spans);
                    parsed.diagnostics.extend(errors);
                }
            }
        }
        view::diagnostics(&parsed.diagnostics)
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
        let fresh = Self::empty();
        let topics = std::mem::take(&mut self.topics);
        *self = Self {
            topics,
            generation: self.generation + 1,
            ..fresh
        };
        for action in actions {
            self.dispatch(action);
        }
    }

    /// Puts the views that changed into the news.
    fn refresh(&mut self) {
        let revision = self.revision();
        self.news.revision = revision;
        if self.shown.revision == Some(revision) {
            return;
        }
        self.shown.revision = Some(revision);
        let store = self.session.store();
        if self.topics.contains(&Topic::Cluster) {
            let view = view::cluster(store);
            if self.shown.cluster.as_ref() != Some(&view) {
                self.shown.cluster = Some(view.clone());
                self.news.cluster = Some(view);
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
            let view = view::job(store, &self.job);
            if self.shown.job.as_ref() != Some(&view) {
                self.shown.job = Some(view.clone());
                self.news.job = Some(view);
            }
        }
    }
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
            Action::Subscribe { topics } => {
                self.topics = topics.clone();
                self.shown = Shown::default();
            }
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

//! The workbench: everything behind a page, as one value that takes actions and says what changed.
//!
//! Belongs here: the journal, which views are shown and whether they changed, what the terminal
//! got. Not here: what a command does (`command`), how a view is made (`view`), how messages
//! travel.

use std::rc::Rc;
use yurt_jobspec::admission;
use yurt_jobspec::{ParseInput, Parsed, assist};

use yurt_model::{Deployment, Duration, JobKey, Release, Time};

use crate::command::Lines;
use crate::protocol::{self, Action, Reaction, Respond, Topic};
use crate::session::{DEFAULT_SEED, Printed, Session};
use crate::view::{
    self, ClusterView, DeploymentView, DiagnosticView, JobView, Label, Line, PlanBasis,
};
use crate::world;

/// The file that a fresh page has in its editor.
pub const OPENING_FILE: &str = "docs.nomad.hcl";

/// The job in it: the guide's, with the progress deadline that the guide's release did not know.
pub const OPENING_JOB: &str = include_str!("opening.nomad.hcl");

/// The longest that the opening waits for the job to be up.
const OPENING_MAX: Duration = Duration::from_minutes(15);

/// Events looked at in one step of the opening.
const OPENING_STEPS_MAX: usize = 10_000;

/// The cluster that journals begin with: the guide's job was run and its deployment is over. With
/// what the terminal shows of that.
pub(crate) fn open() -> (Session, Lines) {
    let mut session = Session::new(DEFAULT_SEED, Release::V2_0);
    session.files.write(OPENING_FILE, OPENING_JOB);
    let line = format!("nomad job run -detach {OPENING_FILE}");
    let mut document = vec![Line::echo(&line)];
    document.extend(session.execute(&line).document);
    let limit = session.now() + OPENING_MAX;
    for _ in 0..OPENING_STEPS_MAX {
        let over = |deployment: &Rc<Deployment>| !deployment.is_active();
        let is_over = session.store().deployments().any(over);
        match session.next_event() {
            Some(next) if !is_over && next <= limit => session.advance_to(next),
            _ => break,
        };
    }
    (session, document)
}

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
    /// What the last plan rests on.
    planned_on: Option<PlanBasis>,
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
    /// The plan holds no more.
    outdated: bool,
}

impl Workbench {
    /// What a fresh page shows: the guide's job, up and running. Journals begin after that.
    pub fn opening() -> Self {
        let (session, document) = open();
        let mut workbench = Self {
            started: Session::new(DEFAULT_SEED, Release::V2_0).now(),
            session,
            journal: Vec::new(),
            topics: Vec::new(),
            shown: Shown::default(),
            job: JobKey::in_default(""),
            generation: 0,
            planned_on: None,
            news: Reaction::default(),
        };
        workbench.set_file(OPENING_FILE, OPENING_JOB);
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
        view::diagnostics(&assist::problems(text, &mut |text| {
            let mut parsed = self.parse(name, text);
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
            parsed.diagnostics
        }))
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
        let fresh = Self::opening();
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
            Action::Format { text } => self.news.formatted = Some(view::formatted(text)),
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

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Topic; 3] = [Topic::Cluster, Topic::Deployment, Topic::Job];

    fn opened() -> Workbench {
        let mut workbench = Workbench::opening();
        workbench.dispatch(Action::Subscribe {
            topics: ALL.to_vec(),
        });
        workbench
    }

    fn execute(workbench: &mut Workbench, line: &str) -> Reaction {
        workbench.dispatch(Action::Execute { line: line.into() });
        workbench.take_reaction()
    }

    fn advance(workbench: &mut Workbench, seconds: u64) -> Reaction {
        workbench.dispatch(Action::Advance {
            milliseconds: seconds * 1000,
        });
        workbench.take_reaction()
    }

    fn edit(workbench: &mut Workbench, from: &str, to: &str) {
        let text = OPENING_JOB.replace(from, to);
        assert_ne!(text, OPENING_JOB);
        workbench.dispatch(Action::SetFile {
            name: OPENING_FILE.into(),
            text,
        });
    }

    fn text(lines: &[Line]) -> String {
        let lines: Vec<String> = lines.iter().map(Line::text).collect();
        lines.join("\n")
    }

    #[test]
    fn a_fresh_page_shows_the_guides_job_running() {
        let mut workbench = opened();
        let reaction = workbench.take_reaction();
        let deployment = reaction.deployment.flatten().expect("a deployment");
        assert_eq!(deployment.status, "successful");
        let cluster = reaction.cluster.expect("subscribed");
        let running = cluster.nodes.iter().flat_map(|node| &node.allocations);
        assert_eq!(
            running
                .filter(|alloc| alloc.client_status == "running")
                .count(),
            5
        );
        assert_eq!(reaction.job.flatten().map(|job| job.version), Some(0));
        assert!(text(&reaction.terminal).starts_with("$ nomad job run -detach docs.nomad.hcl\n"));
        let quiet = workbench.take_reaction();
        assert_eq!(
            (quiet.cluster, quiet.deployment),
            (None, None),
            "nothing changed"
        );
    }

    #[test]
    fn the_guide_by_buttons() {
        let mut workbench = opened();
        edit(&mut workbench, "api-server:1.3", "api-server:1.4");
        let planned = execute(&mut workbench, "nomad job plan docs.nomad.hcl");
        let plan = planned.plan.flatten().expect("a plan");
        assert_eq!(plan.sentence, "5 canaries, 5 left alone.");
        assert_eq!(planned.exit_status, Some(1));
        let image = plan
            .diff
            .iter()
            .find(|line| line.line.text().contains("image:"));
        let place = image
            .and_then(|line| line.place)
            .expect("it is in the file");
        assert!(OPENING_JOB[place.byte as usize..].starts_with("image = "));
        assert!(!planned.plan_outdated);
        assert!(
            !advance(&mut workbench, 5).plan_outdated,
            "nothing happened"
        );
        let ran = execute(&mut workbench, &plan.run_command);
        assert!(ran.following && ran.plan_outdated);
        let again = execute(&mut workbench, "nomad job plan docs.nomad.hcl");
        assert!(!again.plan_outdated);
        execute(&mut workbench, "nomad job run docs.nomad.hcl");
        let waiting = advance(&mut workbench, 60);
        let deployment = waiting.deployment.flatten().expect("a deployment");
        assert!(deployment.waiting_for_person, "{deployment:#?}");
        let promote = deployment.promote.command.expect("it can be promoted");
        let promoted = execute(&mut workbench, &promote);
        assert!(text(&promoted.terminal).starts_with("^C\n$ nomad deployment promote "));
        let done = advance(&mut workbench, 60);
        assert_eq!(done.exit_status, Some(0));
        assert!(!done.following);
        let deployment = done.deployment.flatten().expect("a deployment");
        assert_eq!(deployment.status, "successful");
    }

    #[test]
    fn a_journal_brings_everything_back() {
        let mut workbench = opened();
        edit(&mut workbench, "api-server:1.3", "api-server:1.4");
        execute(&mut workbench, "nomad job run docs.nomad.hcl");
        advance(&mut workbench, 7);
        workbench.dispatch(Action::Interrupt);
        workbench.dispatch(Action::StepEvent);
        let journal = workbench.journal_text();
        let mut again = opened();
        execute(&mut again, "nomad job stop -purge docs");
        let before = again.take_reaction().revision;
        again.dispatch(Action::Restore { journal });
        assert_eq!(again.journal_text(), workbench.journal_text());
        let digest = |workbench: &Workbench| yurt_engine::sim::digest(workbench.session().store());
        assert_eq!(digest(&again), digest(&workbench));
        let (a, b) = (again.take_reaction(), workbench.take_reaction());
        assert_eq!(a.now_ns, b.now_ns);
        assert!(a.cluster.is_some(), "the page gets everything anew");
        assert!(
            a.revision > before,
            "what was there before counts as changed"
        );
    }

    #[test]
    fn time_in_many_steps_is_the_same_as_in_one() {
        let run = |steps: u64| {
            let mut workbench = opened();
            edit(&mut workbench, "api-server:1.3", "api-server:1.4");
            execute(&mut workbench, "nomad job run docs.nomad.hcl");
            let mut printed = Vec::new();
            for _ in 0..steps {
                workbench.dispatch(Action::Advance {
                    milliseconds: 40_000 / steps,
                });
                printed.extend(workbench.take_reaction().terminal);
            }
            let digest = yurt_engine::sim::digest(workbench.session().store());
            (digest, text(&printed), workbench.journal_text())
        };
        assert_eq!(run(1), run(1000));
    }

    #[test]
    fn what_is_wrong_with_a_text_that_is_typed() {
        let mut workbench = opened();
        let mut check = |text: &str| {
            workbench.dispatch(Action::Check {
                name: OPENING_FILE.into(),
                text: text.into(),
            });
            workbench.take_reaction().diagnostics.expect("an answer")
        };
        assert_eq!(check(OPENING_JOB), []);
        let guide = OPENING_JOB.replace("progress_deadline = \"15m\"", "");
        let found = check(&guide);
        assert!(
            found[0].summary.contains("Healthy deadline must be less"),
            "{found:#?}"
        );
        assert!(!found[0].fixes.is_empty());
        assert!(!check("job \"x\" {").is_empty());
        assert!(!check("job \"x\" {}").is_empty());
    }

    #[test]
    fn help_for_the_editor_is_answered_and_leaves_no_trace() {
        let mut workbench = opened();
        let journal = workbench.journal_text();
        let at = |part: &str| {
            let byte = OPENING_JOB.find(part).expect("a part of the job");
            u32::try_from(byte).expect("a short file")
        };
        workbench.dispatch(Action::Complete {
            question: 7,
            text: OPENING_JOB.into(),
            byte: at("count"),
        });
        workbench.dispatch(Action::Hover {
            question: 8,
            text: OPENING_JOB.into(),
            byte: at("canary") + 2,
        });
        workbench.dispatch(Action::Format {
            text: OPENING_JOB.replace("  ", ""),
        });
        let news = workbench.take_reaction();
        let completions = news.completions.expect("an answer");
        assert_eq!(completions.question, 7);
        let labels = completions.items.iter().map(|item| item.label.as_str());
        let offered: Vec<&str> = labels.collect();
        assert!(offered.contains(&"reschedule") && !offered.contains(&"update"));
        let hover = news.hover.expect("an answer");
        let word = hover.word.expect("a word of the language");
        assert_eq!((hover.question, word.title.as_str()), (8, "canary"));
        let formatted = news.formatted.expect("an answer");
        assert_eq!(formatted.after.as_deref(), Some(OPENING_JOB));
        assert_eq!(workbench.journal_text(), journal);
    }

    #[test]
    fn odd_actions_do_no_harm() {
        let mut workbench = opened();
        workbench.dispatch(Action::Interrupt);
        workbench.dispatch(Action::Fault);
        workbench.dispatch(Action::Restore {
            journal: "launch\n".into(),
        });
        let reaction = workbench.take_reaction();
        assert!(text(&reaction.terminal).ends_with("line 1: launch"));
        let unknown = execute(&mut workbench, "sudo rm -rf /");
        assert_eq!(unknown.exit_status, Some(127));
        let refused = execute(&mut workbench, "nomad job plan missing.hcl");
        assert_eq!((refused.plan, refused.exit_status), (Some(None), Some(255)));
    }
}

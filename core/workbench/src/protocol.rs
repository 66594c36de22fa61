//! What a page and its workbench say to each other.
//!
//! Belongs here: the messages, and the text form of a list of actions. Not here: what an action
//! does (`workbench`), how messages travel (the page's bridge and its worker: one [`Batch`] there,
//! one [`Reaction`] back, both as postcard).
//! May import: view.
//!
//! A page sends at most one batch a frame. The pace of the clock is the page's: it turns frames
//! into [`Action::Advance`]. Time that a page has not asked for does not pass.

use serde::{Deserialize, Serialize};

use crate::view::{
    ClusterChange, ClusterView, CompletionsView, DeploymentView, DiagnosticView, FormattedView,
    HoverView, JobView, Line, LineCompletionView, PlanView, UsageView,
};

/// Something a person did, or time that passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// A command line, typed or from a button: `nomad job plan docs.nomad.hcl`. `job plan` fills
    /// [`Reaction::plan`] beside what it prints.
    Execute {
        /// The line.
        line: String,
    },
    /// Ctrl-C: lets go of the monitor that is being followed.
    Interrupt,
    /// Writes a file of the working folder.
    SetFile {
        /// Its name.
        name: String,
        /// All of its text.
        text: String,
    },
    /// Lets simulated time pass.
    Advance {
        /// How much, in simulated milliseconds.
        milliseconds: u64,
    },
    /// Lets time pass to the next moment at which something happens, however far.
    StepEvent,
    /// Asks for the diagnostics of a text that is being typed; changes nothing.
    Check {
        /// The name that diagnostics give the file.
        name: String,
        /// Its text so far.
        text: String,
    },
    /// Asks what may stand at a place of a text; answered in [`Reaction::completions`].
    Complete {
        /// Repeated by the answer, so that a late one is known.
        question: u32,
        /// The text.
        text: String,
        /// The place, in bytes from its start.
        byte: u32,
    },
    /// Asks what the word at a place of a text means; answered in [`Reaction::hover`].
    Hover {
        /// Repeated by the answer.
        question: u32,
        /// The text.
        text: String,
        /// The place, in bytes from its start.
        byte: u32,
    },
    /// Asks what Tab makes of a command line; answered in [`Reaction::completed_line`].
    CompleteLine {
        /// The line so far.
        line: String,
    },
    /// Asks for a text laid out as `nomad fmt` does; answered in [`Reaction::formatted`].
    Format {
        /// The text.
        text: String,
    },
    /// Says which views the page shows; only these are built. All of them count as changed now.
    Subscribe {
        /// The views.
        topics: Vec<Topic>,
    },
    /// Starts over in another world (`view::WORLDS`).
    OpenWorld {
        /// Its name.
        name: String,
    },
    /// Starts over and does what a journal says, in the form of [`journal_text`].
    Restore {
        /// The journal.
        journal: String,
    },
    /// Asks for the journal so far, in the form of [`journal_text`].
    ExportJournal,
    /// Makes the worker of a test build panic; means nothing elsewhere.
    Fault,
}

/// A view that a page can subscribe to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Topic {
    /// [`Reaction::cluster`].
    Cluster,
    /// [`Reaction::deployment`].
    Deployment,
    /// [`Reaction::job`].
    Job,
}

/// What a page sends at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Counts up from 1 with each batch of this page's worker.
    pub sequence: u64,
    /// In the order in which they happened.
    pub actions: Vec<Action>,
}

/// What came of a batch. A view is there when it changed since the last reaction (or was just
/// subscribed to); the inner `None` says that there is nothing to show any more.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reaction {
    /// The batch; 0 for what a worker says unasked when it is ready.
    pub sequence: u64,
    /// Changes when anything in the cluster does.
    pub revision: u64,
    /// The simulated time in nanoseconds since 1970.
    pub now_ns: i64,
    /// The same as `2026-11-23T09:42:11Z`.
    pub now_text: String,
    /// When the simulation began, in nanoseconds since 1970.
    pub started_ns: i64,
    /// When something happens next by itself; `None` when nothing will.
    pub next_wakeup_ns: Option<i64>,
    /// The name of the world.
    pub world: String,
    /// Everything began anew in this batch: what was shown before is gone.
    pub begun_anew: bool,
    /// Lines that appeared in the terminal.
    pub terminal: Vec<Line>,
    /// A command is being followed; typing waits, Ctrl-C ends it.
    pub following: bool,
    /// The exit status of the last command that ended in this batch.
    pub exit_status: Option<i32>,
    /// The cluster.
    pub cluster: Option<ClusterView>,
    /// What changed in the cluster, where its nodes are still the same.
    pub cluster_change: Option<ClusterChange>,
    /// What the allocation of the last `alloc status` uses.
    pub usage: Option<Option<UsageView>>,
    /// The deployment that matters.
    pub deployment: Option<Option<DeploymentView>>,
    /// The job of the file that was set last.
    pub job: Option<Option<JobView>>,
    /// The plan that the last `job plan` made; `None` inside when its file was refused.
    pub plan: Option<Option<PlanView>>,
    /// The job or the cluster is no longer what the last plan was made for.
    pub plan_outdated: bool,
    /// The answer to the last [`Action::Check`], by place.
    pub diagnostics: Option<Vec<DiagnosticView>>,
    /// The answer to the last [`Action::Complete`].
    pub completions: Option<CompletionsView>,
    /// The answer to the last [`Action::Hover`].
    pub hover: Option<HoverView>,
    /// The answer to the last [`Action::Format`].
    pub formatted: Option<FormattedView>,
    /// The answer to the last [`Action::CompleteLine`].
    pub completed_line: Option<LineCompletionView>,
    /// The answer to [`Action::ExportJournal`].
    pub journal: Option<String>,
}

/// What a page's worker drives: the workbench, or something else that speaks the same.
pub trait Respond {
    /// Does one thing.
    fn dispatch(&mut self, action: Action);

    /// Takes what there is to say since the last time; its `sequence` is the caller's to fill.
    fn take_reaction(&mut self) -> Reaction;
}

/// The first line of a journal.
const JOURNAL_TITLE: &str = "# Yurt journal 1";

/// The line that ends a file in a journal. A file that has such a line itself names another end
/// after its name.
const FILE_END: &str = "EOF";

/// A list of actions as text. Files, commands and time are written in the format of transcripts, so
/// `yurt play` can play a journal. What changes nothing (checks, subscriptions) is left out, and
/// time that passed in several steps is added up.
pub fn journal_text(actions: &[Action]) -> String {
    let mut text = format!("{JOURNAL_TITLE}\n");
    let mut waited_ms = 0u64;
    for action in actions {
        if let Action::Advance { milliseconds } = action {
            waited_ms = waited_ms.saturating_add(*milliseconds);
            continue;
        }
        let line = match action {
            Action::Execute { line } => format!("$ {}\n", line.replace(['\n', '\r'], " ")),
            Action::Interrupt => "interrupt\n".to_string(),
            Action::StepEvent => "step\n".to_string(),
            Action::SetFile { name, text } => file_text(name, text),
            Action::OpenWorld { name } => format!("world {name}\n"),
            Action::Advance { .. }
            | Action::Check { .. }
            | Action::Complete { .. }
            | Action::Hover { .. }
            | Action::CompleteLine { .. }
            | Action::Format { .. }
            | Action::Subscribe { .. }
            | Action::Restore { .. }
            | Action::ExportJournal
            | Action::Fault => continue,
        };
        push_wait(&mut text, &mut waited_ms);
        text.push_str(&line);
    }
    push_wait(&mut text, &mut waited_ms);
    text
}

fn file_text(name: &str, text: &str) -> String {
    let line_end = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    if !text.lines().any(|line| line == FILE_END) {
        return format!("file {name}\n{text}{line_end}{FILE_END}\n");
    }
    let end = (1u32..)
        .map(|n| format!("{FILE_END}{n}"))
        .find(|end| !text.lines().any(|line| line == end))
        .unwrap_or_default();
    format!("file {name} {end}\n{text}{line_end}{end}\n")
}

fn push_wait(text: &mut String, waited_ms: &mut u64) {
    if *waited_ms > 0 {
        text.push_str(&format!("sleep {waited_ms}ms\n"));
        *waited_ms = 0;
    }
}

/// The actions of a journal, or the number of the line that is none and what it says.
pub fn parse_journal(text: &str) -> Result<Vec<Action>, (usize, String)> {
    let mut actions = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let action = match line.split_once(' ').unwrap_or((line, "")) {
            ("" | "#", _) => continue,
            ("$", rest) => Action::Execute { line: rest.into() },
            ("interrupt", "") => Action::Interrupt,
            ("step", "") => Action::StepEvent,
            ("world", name) if !name.is_empty() => Action::OpenWorld { name: name.into() },
            ("file", name) if !name.is_empty() => {
                let (name, end) = name.split_once(' ').unwrap_or((name, FILE_END));
                let mut body = String::new();
                for (_, line) in lines.by_ref().take_while(|(_, line)| *line != end) {
                    body.push_str(line);
                    body.push('\n');
                }
                Action::SetFile {
                    name: name.into(),
                    text: body,
                }
            }
            ("sleep", length) => match yurt_model::Duration::parse(length) {
                Ok(length) if length.nanos() >= 0 => Action::Advance {
                    milliseconds: length.nanos().unsigned_abs() / 1_000_000,
                },
                _ => return Err((index + 1, line.into())),
            },
            _ => return Err((index + 1, line.into())),
        };
        actions.push(action);
    }
    Ok(actions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advance(milliseconds: u64) -> Action {
        Action::Advance { milliseconds }
    }

    #[test]
    fn a_journal_there_and_back() {
        let file = Action::SetFile {
            name: "docs.nomad.hcl".into(),
            text: "job \"docs\" {\n}\n".into(),
        };
        let run = Action::Execute {
            line: "nomad job run docs.nomad.hcl".into(),
        };
        let world = Action::OpenWorld { name: "0.7".into() };
        let actions = [
            world.clone(),
            file.clone(),
            Action::Check {
                name: "docs.nomad.hcl".into(),
                text: "x".into(),
            },
            advance(16),
            advance(1_484),
            run.clone(),
            Action::StepEvent,
            Action::Interrupt,
            advance(2_000),
        ];
        let text = journal_text(&actions);
        assert_eq!(
            text,
            "# Yurt journal 1\nworld 0.7\nfile docs.nomad.hcl\njob \"docs\" {\n\
             }\nEOF\nsleep 1500ms\n\
             $ nomad job run docs.nomad.hcl\nstep\ninterrupt\nsleep 2000ms\n"
        );
        let back = parse_journal(&text).unwrap();
        let want = [
            world,
            file,
            advance(1500),
            run,
            Action::StepEvent,
            Action::Interrupt,
            advance(2000),
        ];
        assert_eq!(back, want);
        assert_eq!(journal_text(&back), text);
    }

    #[test]
    fn a_file_may_hold_the_line_that_ends_files() {
        let file = Action::SetFile {
            name: "a.hcl".into(),
            text: "data = <<EOF\nx\nEOF\n".into(),
        };
        let text = journal_text(std::slice::from_ref(&file));
        assert!(text.contains("file a.hcl EOF1\n"), "{text}");
        assert_eq!(parse_journal(&text), Ok(vec![file]));
    }

    #[test]
    fn a_line_that_is_no_action_is_named() {
        let bad = parse_journal("# x\n\nlaunch rockets\n");
        assert_eq!(bad, Err((3, "launch rockets".into())));
        assert!(parse_journal("sleep -1s\n").is_err());
    }

    #[test]
    fn messages_survive_the_journey() {
        let batch = Batch {
            sequence: 7,
            actions: vec![advance(5), Action::Interrupt],
        };
        let bytes = postcard::to_allocvec(&batch).unwrap();
        assert_eq!(postcard::from_bytes::<Batch>(&bytes).unwrap(), batch);
        let reaction = Reaction {
            deployment: Some(None),
            terminal: vec![Line::echo("nomad status")],
            ..Reaction::default()
        };
        let bytes = postcard::to_allocvec(&reaction).unwrap();
        assert_eq!(postcard::from_bytes::<Reaction>(&bytes).unwrap(), reaction);
    }
}

//! Playing a transcript: its steps on a world of its own, with what our commands print.
//!
//! What is recorded is never read here; the result is a transcript with our own output in its
//! place.

use yurt_model::{Duration, Release, Time};

use super::condition;
use super::format::{Recorded, Step, Transcript};
use super::placeholder;
use crate::session::{Printed, Session};
use crate::{view, worlds};

/// How often a wait looks, as long as something happens at all.
const POLL: Duration = Duration::from_millis(100);

/// From a line's being typed to the servers' hearing of it: the start of a program. Placeholders
/// are resolved before that, as whoever recorded the real thing did.
const COMMAND_TAKES: Duration = Duration::from_millis(50);

/// The longest wait, and the longest that a command is followed: then it is let go of.
const WAIT_MAX: Duration = Duration::from_hours(1);

/// The first comment of a journal: its commands are followed only as long as its time says.
const JOURNAL_TITLE: &str = "Yurt journal 1";

/// What came of playing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// The same steps with our own output.
    pub transcript: Transcript,
    /// Steps that did not come out as the transcript says: waits that never ended and the like.
    pub notes: Vec<String>,
}

/// Plays a transcript on a fresh world with that seed; a journal goes on from what a fresh page
/// shows.
pub fn play(transcript: &Transcript, seed: u64) -> Played {
    let release = transcript.steps.iter().find_map(|step| match step {
        Step::Release(release) => Some(*release),
        _ => None,
    });
    let session = if transcript.title() == JOURNAL_TITLE {
        worlds::open(&view::WORLDS[0]).0
    } else {
        Session::new(seed, release.unwrap_or(Release::V2_0))
    };
    play_on(session, transcript)
}

/// Plays a transcript on a world that is there already.
pub fn play_on(session: Session, transcript: &Transcript) -> Played {
    let mut player = Player {
        session,
        steps: Vec::new(),
        notes: Vec::new(),
        is_journal: transcript.title() == JOURNAL_TITLE,
    };
    for step in &transcript.steps {
        player.step(step);
    }
    player.interrupt();
    Played {
        transcript: Transcript {
            steps: player.steps,
        },
        notes: player.notes,
    }
}

struct Player {
    session: Session,
    steps: Vec<Step>,
    notes: Vec<String>,
    is_journal: bool,
}

impl Player {
    fn step(&mut self, step: &Step) {
        if !matches!(step, Step::Command(_)) {
            self.steps.push(step.clone());
        }
        match step {
            Step::Comment(_) | Step::Blank | Step::Release(_) => (),
            Step::File { name, text, .. } => self.session.files.write(name, text.as_str()),
            Step::Edit { name, old, new } => {
                if !self.session.files.replace(name, old, new) {
                    self.note(step);
                }
            }
            Step::Command(command) => self.command(&command.line),
            Step::Wait(wait) => {
                let limit = self.session.now() + WAIT_MAX;
                while !condition::holds(wait, self.session.store()) {
                    if self.session.now() >= limit {
                        return self.note(step);
                    }
                    self.pass_to(self.next_look().min(limit));
                }
            }
            Step::Sleep(length) => self.pass_to(self.session.now() + *length),
            Step::NodeDown(name) => self.set_node(step, name, false),
            Step::NodeUp(name) => self.set_node(step, name, true),
            Step::World(name) => match view::world(name) {
                Some(world) => self.session = worlds::open(world).0,
                None => self.note(step),
            },
            Step::Interrupt => self.interrupt(),
            Step::StepEvent => {
                if let Some(next) = self.session.next_event() {
                    self.pass_to(next);
                }
            }
        }
    }

    fn note(&mut self, step: &Step) {
        self.notes.push(format!("did not come true: {step}"));
    }

    fn set_node(&mut self, step: &Step, name: &str, up: bool) {
        if !self.session.set_node_up(name, up) {
            self.note(step);
        }
    }

    /// When a wait looks again: soon, but not before something happens.
    fn next_look(&self) -> Time {
        let soon = self.session.now() + POLL;
        self.session
            .next_event()
            .map_or(soon + WAIT_MAX, |next| next.max(soon))
    }

    fn command(&mut self, line: &str) {
        self.interrupt();
        self.steps.push(Step::Command(Recorded {
            line: line.into(),
            ..Recorded::default()
        }));
        let expanded = placeholder::expand(line, self.session.store());
        if !self.is_journal {
            self.session.advance_to(self.session.now() + COMMAND_TAKES);
        }
        let printed = self.session.execute(&expanded);
        self.print(printed);
        if !self.is_journal {
            self.follow_to_the_end();
        }
    }

    fn follow_to_the_end(&mut self) {
        let limit = self.session.now() + WAIT_MAX;
        while self.session.is_following() {
            if self.session.now() >= limit {
                return self.interrupt();
            }
            let next = self.session.next_event().unwrap_or(limit);
            self.pass_to(next.min(limit));
        }
    }

    fn pass_to(&mut self, until: Time) {
        let printed = self.session.advance_to(until);
        self.print(printed);
    }

    /// Lets go of the command that is followed.
    fn interrupt(&mut self) {
        let printed = self.session.interrupt();
        self.print(printed);
    }

    /// Puts what was printed under the last command.
    fn print(&mut self, printed: Printed) {
        let last = self.steps.iter_mut().rev().find_map(|step| match step {
            Step::Command(command) => Some(command),
            _ => None,
        });
        if let Some(command) = last.filter(|command| command.status.is_none()) {
            let lines = printed.document.iter().map(|line| line.text());
            command.output.extend(lines);
            command.status = printed.status.map(|status| status.to_string());
        }
    }
}

//! The bridge to the engine: a queue of actions out, reactions in, and a new engine when one dies.
//!
//! Belongs here: what is sent when, what was done so far, how to start again from it. Not here:
//! what any action or view means. At most one batch is under way, so a slow engine slows the clock
//! instead of piling up work.

use std::cell::RefCell;
use std::rc::Rc;

use yew::Callback;
use yurt_workbench::protocol::{Action, Batch, Reaction, Topic, journal_text};

use crate::screen::{Crash, Event};

/// What an engine says.
pub enum Message {
    /// An answer, or that it is ready.
    Reaction(Box<Reaction>),
    /// It is gone, and why.
    Death(String),
}

/// A wire to an engine; dropping it ends the engine.
pub trait Link {
    /// Sends a batch; the answer comes as a [`Message`].
    fn post(&self, batch: &Batch);
}

/// A way to start an engine that tells its messages to the callback.
pub type Start = dyn Fn(&Callback<Message>) -> Option<Box<dyn Link>>;

/// How to start an engine: a worker in the page, something else in tests.
#[derive(Clone)]
pub struct Connect(pub Rc<Start>);

impl PartialEq for Connect {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// How fast simulated time passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Time passes at all.
    pub playing: bool,
    /// Simulated seconds in a second.
    pub speed: u32,
}

/// Shortest real time between two steps of the clock, in milliseconds: thirty a second look smooth.
const STEP_MIN_MS: f64 = 32.0;

/// Real time that the clock may owe while the engine is busy, in milliseconds.
const OWED_MAX_MS: f64 = 250.0;

/// Deaths in a row after which the journal is not tried again.
const FAILURES_MAX: u32 = 2;

/// The bridge; clones are the same bridge.
#[derive(Clone)]
pub struct Bridge(Rc<RefCell<Wire>>);

impl PartialEq for Bridge {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

struct Wire {
    connect: Connect,
    tell: Callback<Event>,
    link: Option<Box<dyn Link>>,
    ready: bool,
    dead: bool,
    failures: u32,
    sequence: u64,
    queue: Vec<Action>,
    in_flight: Option<Batch>,
    /// What the batch in flight repeats after a death; it is in `done` already.
    replaying: bool,
    done: Vec<Action>,
    check: Option<Action>,
    pace: Pace,
    owed_ms: f64,
}

impl Bridge {
    /// A bridge that tells its events to `tell`; [`Bridge::frame`] starts the engine.
    pub fn new(connect: Connect, tell: Callback<Event>, pace: Pace) -> Self {
        Self(Rc::new(RefCell::new(Wire {
            connect,
            tell,
            link: None,
            ready: false,
            dead: true,
            failures: 0,
            sequence: 0,
            queue: Vec::new(),
            in_flight: None,
            replaying: false,
            done: Vec::new(),
            check: None,
            pace,
            owed_ms: 0.0,
        })))
    }

    /// Puts an action in the queue for the next frame.
    pub fn send(&self, action: Action) {
        let mut wire = self.0.borrow_mut();
        if let Action::Check { .. } = action {
            wire.check = Some(action.clone());
        }
        if is_question(&action) {
            // Only the last question of a kind still matters.
            let kind = std::mem::discriminant(&action);
            wire.queue
                .retain(|queued| std::mem::discriminant(queued) != kind);
        }
        wire.queue.push(action);
    }

    /// Changes how fast time passes.
    pub fn set_pace(&self, pace: Pace) {
        let mut wire = self.0.borrow_mut();
        wire.pace = pace;
        wire.owed_ms = 0.0;
    }

    /// A frame: so many milliseconds of real time passed.
    pub fn frame(&self, milliseconds: f64) {
        self.revive();
        let mut wire = self.0.borrow_mut();
        if wire.pace.playing && wire.ready {
            wire.owed_ms = (wire.owed_ms + milliseconds).min(OWED_MAX_MS);
        }
        if !wire.ready || wire.in_flight.is_some() {
            return;
        }
        if wire.pace.playing && (wire.owed_ms >= STEP_MIN_MS || !wire.queue.is_empty()) {
            // A few milliseconds at 10,000 times are well within both ranges.
            let milliseconds = (wire.owed_ms * f64::from(wire.pace.speed)) as u64;
            if milliseconds > 0 {
                // What was clicked happened after the time that led to it.
                wire.queue.insert(0, Action::Advance { milliseconds });
                wire.owed_ms = 0.0;
            }
        }
        if !wire.queue.is_empty() {
            let actions = std::mem::take(&mut wire.queue);
            wire.post(actions);
        }
    }

    /// A person did something since the world was opened.
    pub fn is_touched(&self) -> bool {
        let wire = self.0.borrow();
        wire.done
            .iter()
            .any(|action| !matches!(action, Action::Advance { .. } | Action::OpenWorld { .. }))
    }

    /// Everything done so far.
    pub fn done(&self) -> Vec<Action> {
        self.0.borrow().done.clone()
    }

    /// Everything done so far, as text.
    pub fn journal(&self) -> String {
        journal_text(&self.0.borrow().done)
    }

    fn revive(&self) {
        let (connect, dead) = {
            let mut wire = self.0.borrow_mut();
            let dead = std::mem::replace(&mut wire.dead, false);
            (wire.connect.clone(), dead)
        };
        if !dead {
            return;
        }
        let bridge = self.clone();
        // An engine in process may answer at once, so nothing is borrowed here.
        let link = connect.0(&Callback::from(move |message| bridge.receive(message)));
        self.0.borrow_mut().link = link;
    }

    fn receive(&self, message: Message) {
        let event = {
            let mut wire = self.0.borrow_mut();
            match message {
                Message::Reaction(reaction) => {
                    wire.accept(&reaction);
                    Event::Reaction(reaction)
                }
                Message::Death(why) => Event::Crash(wire.mourn(why)),
            }
        };
        let tell = self.0.borrow().tell.clone();
        tell.emit(event);
    }
}

impl Wire {
    fn post(&mut self, actions: Vec<Action>) {
        self.sequence += 1;
        let batch = Batch {
            sequence: self.sequence,
            actions,
        };
        if let Some(link) = &self.link {
            link.post(&batch);
        }
        self.in_flight = Some(batch);
    }

    fn accept(&mut self, reaction: &Reaction) {
        if !self.ready {
            self.ready = true;
            self.repeat();
            return;
        }
        let Some(batch) = self
            .in_flight
            .take_if(|batch| batch.sequence == reaction.sequence)
        else {
            return;
        };
        if std::mem::replace(&mut self.replaying, false) {
            return;
        }
        self.failures = 0;
        for action in batch.actions {
            remember(&mut self.done, action);
        }
    }

    /// What a fresh engine must be told before anything else.
    fn repeat(&mut self) {
        let mut actions = vec![Action::Subscribe {
            topics: vec![Topic::Cluster, Topic::Deployment, Topic::Job],
        }];
        actions.extend(self.done.iter().cloned());
        actions.extend(self.check.clone());
        self.replaying = true;
        self.post(actions);
    }

    fn mourn(&mut self, why: String) -> Crash {
        let mut all = self.done.clone();
        let mut lost = Vec::new();
        let batch = self.in_flight.take().filter(|_| !self.replaying);
        for action in batch.into_iter().flat_map(|batch| batch.actions) {
            if let Action::Execute { line } = &action {
                lost.push(line.clone());
            }
            remember(&mut all, action);
        }
        self.failures += 1;
        let afresh = self.failures >= FAILURES_MAX;
        if afresh {
            self.done.clear();
        }
        self.queue.clear();
        self.link = None;
        self.ready = false;
        self.replaying = false;
        // The next frame starts a new one, unless starting itself is what fails.
        self.dead = self.failures <= FAILURES_MAX;
        Crash {
            why,
            lost,
            journal: journal_text(&all),
            afresh,
            hopeless: !self.dead,
        }
    }
}

/// Does it only ask about a text?
fn is_question(action: &Action) -> bool {
    matches!(
        action,
        Action::Check { .. }
            | Action::Complete { .. }
            | Action::Hover { .. }
            | Action::CompleteLine { .. }
            | Action::Format { .. }
    )
}

/// Adds an action to what was done. Time that passes in many steps is kept as one.
fn remember(done: &mut Vec<Action>, action: Action) {
    match action {
        Action::Subscribe { .. } | Action::ExportJournal => {}
        action if is_question(&action) => {}
        // What was before is gone, for a new engine too.
        Action::OpenWorld { .. } => *done = vec![action],
        Action::Advance { milliseconds } => {
            if let Some(Action::Advance { milliseconds: sum }) = done.last_mut() {
                *sum = sum.saturating_add(milliseconds);
            } else {
                done.push(action);
            }
        }
        Action::Check { .. }
        | Action::Complete { .. }
        | Action::Hover { .. }
        | Action::CompleteLine { .. }
        | Action::Format { .. }
        | Action::Execute { .. }
        | Action::Interrupt
        | Action::SetFile { .. }
        | Action::StepEvent
        | Action::Restore { .. }
        | Action::Fault => done.push(action),
    }
}

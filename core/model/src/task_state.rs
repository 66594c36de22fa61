//! What happens to the tasks of an allocation.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use crate::{Name, Text, Time};

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskPhase {
    /// Not started yet, or waiting to start again.
    Pending,
    /// Runs.
    Running,
    /// Ended for good.
    Dead,
}

impl TaskPhase {
    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Dead => "dead",
        }
    }
}

/// What is told of an event, but for its time.
#[derive(Debug)]
pub struct Told {
    /// The type, as listings show it (`Received`, `Task Setup`, `Started`, `Terminated`, …).
    pub kind: Text,
    /// The text that listings show beside it.
    pub message: Text,
    /// Details by name, in order (exit code, signal, …), as answers give them.
    pub details: Details,
}

/// The details of an event.
#[derive(Debug)]
pub enum Details {
    /// Those of the program's own events.
    Fixed(&'static [(Text, Text)]),
    /// Any.
    Own(Box<[(Text, Text)]>),
}

/// Something that happened to a task.
#[derive(Clone)]
pub struct TaskEvent {
    /// When.
    pub time: Time,
    told: Shared,
}

/// What every task goes through is told once for the whole program.
#[derive(Clone)]
enum Shared {
    Fixed(&'static Told),
    Own(Rc<Told>),
}

impl TaskEvent {
    /// An event that is always told in the same way.
    pub const fn fixed(time: Time, told: &'static Told) -> Self {
        let told = Shared::Fixed(told);
        Self { time, told }
    }

    /// Any event.
    pub fn new(time: Time, kind: Text, message: Text, details: Vec<(Text, Text)>) -> Self {
        let told = Shared::Own(Rc::new(Told {
            kind,
            message,
            details: Details::Own(details.into()),
        }));
        Self { time, told }
    }

    fn told(&self) -> &Told {
        match &self.told {
            Shared::Fixed(told) => told,
            Shared::Own(told) => told,
        }
    }

    /// The type, as listings show it.
    pub fn kind(&self) -> &str {
        &self.told().kind
    }

    /// The text that listings show beside it.
    pub fn message(&self) -> &Text {
        &self.told().message
    }

    /// Details by name, in order.
    pub fn details(&self) -> &[(Text, Text)] {
        match &self.told().details {
            Details::Fixed(details) => details,
            Details::Own(details) => details,
        }
    }
}

impl PartialEq for TaskEvent {
    fn eq(&self, other: &Self) -> bool {
        self.time == other.time
            && self.kind() == other.kind()
            && self.message() == other.message()
            && self.details() == other.details()
    }
}

impl fmt::Debug for TaskEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskEvent")
            .field("time", &self.time)
            .field("kind", &self.kind())
            .field("message", self.message())
            .field("details", &self.details())
            .finish()
    }
}

/// One task's state within an allocation: what every task has. What only those have that ended or
/// started again reads and writes as if it stood here too.
#[derive(Clone, PartialEq)]
pub struct TaskState {
    /// The task.
    pub name: Name,
    /// Where it stands.
    pub phase: TaskPhase,
    /// It ended badly.
    pub failed: bool,
    /// When it last started.
    pub started_at: Option<Time>,
    /// What happened, oldest first; the newest ten are kept.
    pub events: Vec<TaskEvent>,
    /// What few tasks have.
    pub ends: TaskEnds,
}

/// The ends and restarts of a task.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ends {
    /// How often it was restarted.
    pub restarts: u64,
    /// When it was last restarted.
    pub last_restart: Option<Time>,
    /// When it ended.
    pub finished_at: Option<Time>,
}

/// The [`Ends`] of a task: one word until the first of them is written.
#[derive(Clone, Default)]
pub struct TaskEnds(Option<Box<Ends>>);

impl From<Ends> for TaskEnds {
    fn from(ends: Ends) -> Self {
        Self((ends != Ends::default()).then(|| Box::new(ends)))
    }
}

impl TaskEnds {
    fn get(&self) -> &Ends {
        const NONE: &Ends = &Ends {
            restarts: 0,
            last_restart: None,
            finished_at: None,
        };
        self.0.as_deref().unwrap_or(NONE)
    }
}

impl PartialEq for TaskEnds {
    /// Room that was taken for nothing makes no difference.
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Deref for TaskState {
    type Target = Ends;

    fn deref(&self) -> &Ends {
        self.ends.get()
    }
}

impl DerefMut for TaskState {
    fn deref_mut(&mut self) -> &mut Ends {
        self.ends.0.get_or_insert_default()
    }
}

impl fmt::Debug for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskState")
            .field("name", &self.name)
            .field("phase", &self.phase)
            .field("failed", &self.failed)
            .field("restarts", &self.restarts)
            .field("last_restart", &self.last_restart)
            .field("started_at", &self.started_at)
            .field("finished_at", &self.finished_at)
            .field("events", &self.events)
            .finish()
    }
}

impl TaskState {
    /// Of a task that has not begun.
    pub fn pending(name: Name) -> Self {
        Self {
            name,
            phase: TaskPhase::Pending,
            failed: false,
            started_at: None,
            events: Vec::new(),
            ends: TaskEnds::default(),
        }
    }

    /// Dead and not failed.
    pub fn is_successful(&self) -> bool {
        self.phase == TaskPhase::Dead && !self.failed
    }
}

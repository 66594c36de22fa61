//! What happens to the tasks of an allocation.

use std::fmt;
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

/// One task's state within an allocation.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskState {
    /// The task.
    pub name: Name,
    /// Where it stands.
    pub phase: TaskPhase,
    /// It ended badly.
    pub failed: bool,
    /// How often it was restarted.
    pub restarts: u64,
    /// When it was last restarted.
    pub last_restart: Option<Time>,
    /// When it last started.
    pub started_at: Option<Time>,
    /// When it ended.
    pub finished_at: Option<Time>,
    /// What happened, oldest first; the newest ten are kept.
    pub events: Vec<TaskEvent>,
}

impl TaskState {
    /// Dead and not failed.
    pub fn is_successful(&self) -> bool {
        self.phase == TaskPhase::Dead && !self.failed
    }
}

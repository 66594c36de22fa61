//! One task on its node: from being received to its end, one step at a time.

use std::rc::Rc;

use yurt_model::{Details, Duration, Task, TaskEvent, TaskPhase, TaskState, Text, Time, Told};

use super::image::ImageBehaviour;
use super::restart::{RestartTracker, WITHIN_POLICY};

/// Events that a task keeps.
const TASK_EVENTS_KEPT: usize = 10;

/// From the reception of an allocation to the set-up of its first tasks.
const SETUP_TAKES: Duration = Duration::from_millis(20);

const WELL_BEHAVED: &ImageBehaviour = &ImageBehaviour::well_behaved();

// What every task goes through.
const RECEIVED: &Told = &told("Received", "Task received by client", &[]);
const SET_UP_MESSAGE: &str = "Building Task Directory";
const SET_UP_DETAILS: &[(Text, Text)] = &[(Text::fixed("message"), Text::fixed(SET_UP_MESSAGE))];
const SET_UP: &Told = &told("Task Setup", SET_UP_MESSAGE, SET_UP_DETAILS);
const STARTED: &Told = &told("Started", "Task started by client", &[]);
const KILLED: &Told = &told("Killed", "Task successfully killed", &[]);

const fn told(kind: &'static str, message: &'static str, details: &'static [(Text, Text)]) -> Told {
    Told {
        kind: Text::fixed(kind),
        message: Text::fixed(message),
        details: Details::Fixed(details),
    }
}

/// The next thing that happens to a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskStep {
    /// Its directory is built.
    SetUp,
    /// An artifact is not there.
    ArtifactFails,
    /// A template cannot be rendered yet.
    TemplateWaits,
    /// The driver starts it, or fails to.
    Start,
    /// It exits by itself.
    Exit,
    /// The wait before a restart is over.
    Restart,
    /// The wait before the kill is over.
    Kill,
    /// A signal ends it.
    Signalled {
        /// It could not answer.
        by_force: bool,
    },
    /// It has stopped, or is killed by force.
    Stopped,
}

/// Where a task's own machinery stands (finer than what is reported).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Waits for its turn in the lifecycle.
    Waiting,
    /// Is being set up or started.
    Starting,
    /// Runs.
    Running,
    /// Waits to start again.
    Restarting,
    /// Was told to stop, or is about to be.
    Stopping,
    /// Has ended for good.
    Dead,
}

/// Why a task is stopped only to start again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RestartCause {
    /// A person asked.
    User,
    /// A person asked for all tasks, those that have ended among them.
    All,
    /// A check has failed too often.
    Check,
    /// A template was rendered anew.
    Template,
}

/// One task on its node.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TaskRunner {
    /// Shared with the store once it is reported.
    pub(super) state: Rc<TaskState>,
    pub(super) stage: Stage,
    /// `None`: as most images do.
    behaviour: Option<Rc<ImageBehaviour>>,
    pub(super) restarts: RestartTracker,
    /// Why it starts again once it has stopped.
    pub(super) restart_cause: Option<RestartCause>,
    /// Its artifacts and templates are in its directory; restarts find them there.
    pub(super) is_prepared: bool,
    /// It is about to be told to stop: its shutdown delay passes.
    pub(super) delays_stop: bool,
    generation: u32,
}

/// A wait that a task begins: the step after it, and how long.
pub(super) struct Wait {
    pub(super) step: TaskStep,
    pub(super) length: Duration,
}

impl TaskRunner {
    pub(super) fn received(task: &Task, now: Time) -> Self {
        let mut runner = Self {
            state: Rc::new(TaskState::pending(task.name.clone())),
            stage: Stage::Waiting,
            behaviour: None,
            restarts: RestartTracker::default(),
            restart_cause: None,
            is_prepared: false,
            delays_stop: false,
            generation: 0,
        };
        runner.record(TaskEvent::fixed(now, RECEIVED));
        runner
    }

    fn state_mut(&mut self) -> &mut TaskState {
        Rc::make_mut(&mut self.state)
    }

    /// What its image does this time.
    pub(super) fn behaviour(&self) -> &ImageBehaviour {
        self.behaviour.as_deref().unwrap_or(WELL_BEHAVED)
    }

    pub(super) fn behave(&mut self, behaviour: ImageBehaviour) {
        let is_usual = behaviour == *WELL_BEHAVED;
        self.behaviour = (!is_usual).then(|| Rc::new(behaviour));
    }

    /// Records an event; the newest ten are kept.
    pub(super) fn event(
        &mut self,
        time: Time,
        kind: &'static str,
        message: &str,
        details: &[(&'static str, &str)],
    ) {
        let details = details.iter();
        let details = details.map(|(name, value)| (Text::fixed(name), (*value).to_owned().into()));
        let message = message.to_owned().into();
        self.record(TaskEvent::new(
            time,
            kind.into(),
            message,
            details.collect(),
        ));
    }

    fn record(&mut self, event: TaskEvent) {
        let events = &mut self.state_mut().events;
        if events.len() == TASK_EVENTS_KEPT {
            events.remove(0);
        }
        // Few more will come.
        events.reserve_exact(1);
        events.push(event);
    }

    /// Begins a wait; earlier ones are void.
    pub(super) fn begin(&mut self) -> u32 {
        self.generation += 1;
        self.generation
    }

    pub(super) fn generation(&self) -> u32 {
        self.generation
    }

    pub(super) fn is_current(&self, generation: u32) -> bool {
        self.generation == generation
    }

    pub(super) fn begin_set_up(&mut self) -> Wait {
        self.stage = Stage::Starting;
        Wait {
            step: TaskStep::SetUp,
            length: SETUP_TAKES,
        }
    }

    /// Builds the task's directory.
    pub(super) fn set_up(&mut self, now: Time) {
        self.record(TaskEvent::fixed(now, SET_UP));
    }

    pub(super) fn started(&mut self, now: Time) {
        self.stage = Stage::Running;
        let state = self.state_mut();
        state.phase = TaskPhase::Running;
        state.started_at = Some(now);
        self.record(TaskEvent::fixed(now, STARTED));
    }

    /// Has ended because it was told to.
    pub(super) fn killed(&mut self, now: Time) {
        self.record(TaskEvent::fixed(now, KILLED));
        self.dead(now, false);
    }

    pub(super) fn start_failed(&mut self, now: Time, message: &str) {
        self.event(now, "Driver Failure", message, &[("driver_error", message)]);
    }

    pub(super) fn terminated(&mut self, now: Time, code: i64, signal: i64, out_of_memory: bool) {
        let mut message = format!("Exit Code: {code}");
        if signal != 0 {
            message.push_str(&format!(", Signal: {signal}"));
        }
        if out_of_memory {
            message.push_str(", Exit Message: \"OOM Killed\"");
        }
        let (code, signal) = (code.to_string(), signal.to_string());
        let oom = if out_of_memory { "true" } else { "false" };
        let details = [
            ("exit_code", code.as_str()),
            ("signal", signal.as_str()),
            ("oom_killed", oom),
        ];
        self.event(now, "Terminated", &message, &details);
    }

    pub(super) fn restarting(&mut self, now: Time, wait: Duration, reason: &str) -> Wait {
        self.stage = Stage::Restarting;
        let state = self.state_mut();
        state.phase = TaskPhase::Pending;
        state.restarts += 1;
        state.last_restart = Some(now);
        let delay = wait.nanos().to_string();
        let details = [("restart_reason", reason), ("start_delay", delay.as_str())];
        let mut message = format!("Task restarting in {wait}");
        if !reason.is_empty() && reason != WITHIN_POLICY {
            message = format!("{reason} - {message}");
        }
        self.event(now, "Restarting", &message, &details);
        Wait {
            step: TaskStep::Restart,
            length: wait,
        }
    }

    /// Ends the task for good.
    pub(super) fn dead(&mut self, now: Time, failed: bool) {
        self.begin(); // Whatever it waited for is void.
        self.stage = Stage::Dead;
        let state = self.state_mut();
        state.phase = TaskPhase::Dead;
        state.failed |= failed;
        state.finished_at = Some(now);
    }

    pub(super) fn is_dead(&self) -> bool {
        self.stage == Stage::Dead
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stage == Stage::Stopping
    }

    /// It waits for its turn again, as if it had never run.
    pub(super) fn rewind(&mut self, now: Time) {
        self.restarting(now, Duration::ZERO, "");
        self.begin(); // Whatever it waited for is void.
        self.stage = Stage::Waiting;
        let state = self.state_mut();
        (state.failed, state.finished_at) = (false, None);
    }

    /// Says that it will be killed.
    pub(super) fn killing(&mut self, now: Time, kill_timeout: Duration) {
        let text = kill_timeout.to_string();
        let message = format!("Sent interrupt. Waiting {text} before force killing");
        self.event(now, "Killing", &message, &[("kill_timeout", text.as_str())]);
    }

    /// Says that its shutdown delay passes, or that it does not.
    pub(super) fn shutdown_delay(&mut self, now: Time, delay: Duration, is_skipped: bool) {
        let (kind, verb) = if is_skipped {
            ("Skipping shutdown delay", "Skipping")
        } else {
            ("Waiting for shutdown delay", "Waiting for")
        };
        let message = format!("{verb} shutdown_delay of {delay} before killing the task.");
        self.event(now, kind, &message, &[]);
    }

    /// The end of a task that was asked to stop.
    pub(super) fn stopped(&mut self, now: Time, kill_timeout: Duration) {
        let is_forced = self.behaviour().stop_takes > kill_timeout;
        if is_forced {
            self.terminated(now, 137, 9, false);
        } else {
            self.terminated(now, 0, 0, false);
        }
    }
}

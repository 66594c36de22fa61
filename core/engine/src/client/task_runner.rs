//! One task on its node: from being received to its end, one step at a time.

use std::fmt;
use std::rc::Rc;

use yurt_model::{Duration, Name, Task, TaskEvent, TaskPhase, TaskState, Time};

use super::image::ImageBehaviour;
use super::restart::RestartTracker;

/// Events that a task keeps.
const TASK_EVENTS_KEPT: usize = 10;

/// From the reception of an allocation to the set-up of its first tasks.
const SETUP_TAKES: Duration = Duration::from_millis(20);

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
    /// It has stopped, or is killed by force.
    Stopped,
}

impl fmt::Display for TaskStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SetUp => "is set up",
            Self::ArtifactFails => "misses an artifact",
            Self::TemplateWaits => "waits for a template",
            Self::Start => "starts",
            Self::Exit => "exits",
            Self::Restart => "restarts",
            Self::Kill => "is told to stop",
            Self::Stopped => "has stopped",
        })
    }
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
    /// A check has failed too often.
    Check,
}

/// One task on its node.
#[derive(Clone, Debug)]
pub(super) struct TaskRunner {
    pub(super) state: TaskState,
    pub(super) stage: Stage,
    pub(super) behaviour: ImageBehaviour,
    pub(super) restarts: RestartTracker,
    /// Why it starts again once it has stopped.
    pub(super) restart_cause: Option<RestartCause>,
    /// Its artifacts and templates are in its directory; restarts find them there.
    pub(super) is_prepared: bool,
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
            state: TaskState {
                name: task.name.clone(),
                phase: TaskPhase::Pending,
                failed: false,
                restarts: 0,
                last_restart: None,
                started_at: None,
                finished_at: None,
                events: Vec::new(),
            },
            stage: Stage::Waiting,
            behaviour: ImageBehaviour::well_behaved(),
            restarts: RestartTracker::default(),
            restart_cause: None,
            is_prepared: false,
            generation: 0,
        };
        runner.event(now, "Received", "Task received by client", &[]);
        runner
    }

    /// Records an event; the newest ten are kept.
    pub(super) fn event(
        &mut self,
        time: Time,
        kind: &str,
        message: &str,
        details: &[(&str, &str)],
    ) {
        let events = &mut self.state.events;
        if events.len() == TASK_EVENTS_KEPT {
            events.remove(0);
        }
        events.push(TaskEvent {
            time,
            kind: Rc::from(kind),
            message: Rc::from(message),
            details: details
                .iter()
                .map(|(k, v)| (Name::from(*k), Name::from(*v)))
                .collect(),
        });
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
        let text = "Building Task Directory";
        self.event(now, "Task Setup", text, &[("message", text)]);
    }

    pub(super) fn started(&mut self, now: Time) {
        self.stage = Stage::Running;
        self.state.phase = TaskPhase::Running;
        self.state.started_at = Some(now);
        self.event(now, "Started", "Task started by client", &[]);
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
        self.state.phase = TaskPhase::Pending;
        self.state.restarts += 1;
        self.state.last_restart = Some(now);
        let delay = wait.nanos().to_string();
        let details = [("restart_reason", reason), ("start_delay", delay.as_str())];
        self.event(
            now,
            "Restarting",
            &format!("Task restarting in {wait}"),
            &details,
        );
        Wait {
            step: TaskStep::Restart,
            length: wait,
        }
    }

    /// Ends the task for good.
    pub(super) fn dead(&mut self, now: Time, failed: bool) {
        self.begin(); // Whatever it waited for is void.
        self.stage = Stage::Dead;
        self.state.phase = TaskPhase::Dead;
        self.state.failed |= failed;
        self.state.finished_at = Some(now);
    }

    pub(super) fn is_dead(&self) -> bool {
        self.stage == Stage::Dead
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stage == Stage::Stopping
    }

    /// A running task is asked to stop; one that waits is simply over.
    pub(super) fn kill(&mut self, now: Time, kill_timeout: Duration) -> Option<Wait> {
        if self.state.phase != TaskPhase::Running {
            self.dead(now, false);
            return None;
        }
        self.stage = Stage::Stopping;
        let text = kill_timeout.to_string();
        let message = format!("Sent interrupt. Waiting {text} before force killing");
        self.event(now, "Killing", &message, &[("kill_timeout", text.as_str())]);
        let length = self.behaviour.stop_takes.min(kill_timeout);
        Some(Wait {
            step: TaskStep::Stopped,
            length,
        })
    }

    /// The end of a task that was asked to stop.
    pub(super) fn stopped(&mut self, now: Time, kill_timeout: Duration) {
        let is_forced = self.behaviour.stop_takes > kill_timeout;
        if is_forced {
            self.terminated(now, 137, 9, false);
        } else {
            self.terminated(now, 0, 0, false);
        }
    }
}

//! Restarts and signals that somebody asks for.

use yurt_model::{Duration, Time};

use super::{AllocRunner, RestartCause, Stage, TaskStep, Wait};
use crate::client::RestartScope;

impl AllocRunner<'_> {
    /// Restarts tasks because a person asked.
    pub(in crate::client) fn restart_by_user(&mut self, scope: &RestartScope, now: Time) {
        if self.ending.is_some() {
            return;
        }
        let (text, cause) = match scope {
            RestartScope::Running => (
                "User requested running tasks to restart",
                RestartCause::User,
            ),
            RestartScope::Task(_) => ("User requested task to restart", RestartCause::User),
            RestartScope::All => ("User requested all tasks to restart", RestartCause::All),
        };
        self.starts_over |= cause == RestartCause::All;
        for index in 0..self.tasks.len() {
            let runner = &mut self.tasks[index];
            let is_asked = match scope {
                RestartScope::Task(name) => *name == runner.state.name,
                RestartScope::Running | RestartScope::All => true,
            };
            if is_asked && runner.stage == Stage::Running {
                runner.event(now, "Restart Signaled", text, &[]);
                runner.restart_cause = Some(cause);
                self.begin_stop(index, now);
            }
        }
        self.go_on(now);
    }

    /// Where all tasks start over: whether they may begin, which is once none of them runs.
    pub(super) fn has_started_over(&mut self, now: Time) -> bool {
        if !self.starts_over {
            return true;
        }
        let mut stages = self.tasks.iter().map(|task| task.stage);
        if stages.any(|stage| matches!(stage, Stage::Running | Stage::Stopping)) {
            return false;
        }
        self.starts_over = false;
        self.is_changed = true;
        let others = self.tasks.iter_mut();
        others
            .filter(|task| task.stage != Stage::Waiting)
            .for_each(|task| task.rewind(now));
        true
    }

    /// Sends a signal to the running tasks, or to one of them, because a person asked.
    pub(in crate::client) fn signal_by_user(
        &mut self,
        task: Option<&str>,
        signal: &str,
        now: Time,
    ) {
        let text = format!("Task being sent signal {signal}");
        for index in 0..self.tasks.len() {
            let is_asked = task.is_none_or(|name| *name == *self.tasks[index].state.name);
            if is_asked && self.tasks[index].stage == Stage::Running {
                self.signal(index, signal, &text, now);
            }
        }
        self.go_on(now);
    }

    /// A running task gets a signal. What asks a process to end ends it, as its image says; the
    /// rest it is used to.
    pub(super) fn signal(&mut self, index: usize, signal: &str, text: &str, now: Time) {
        self.is_changed = true;
        let runner = &mut self.tasks[index];
        runner.event(now, "Signaling", text, &[("task_signal", signal)]);
        let by_force = signal == "SIGKILL";
        if !by_force && !matches!(signal, "SIGTERM" | "SIGINT" | "SIGQUIT") {
            return;
        }
        let length = if by_force {
            Duration::ZERO
        } else {
            runner.behaviour().stop_takes
        };
        let step = TaskStep::Signalled { by_force };
        self.wait(index, Wait { step, length }, now);
    }

    /// The task has ended because of a signal; its restart policy decides.
    pub(super) fn ended_by_signal(&mut self, index: usize, by_force: bool, now: Time) {
        let (code, signal) = if by_force { (137, 9) } else { (0, 0) };
        self.tasks[index].terminated(now, code, signal, false);
        self.after_end(index, !by_force, now);
    }
}

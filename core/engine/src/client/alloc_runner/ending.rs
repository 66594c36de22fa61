//! How an allocation's tasks end: in which order they are told to stop, and how one of them is.
//!
//! First the shutdown delay of the group passes; then the leader stops, then all that are neither
//! sidecars nor poststop tasks, then the sidecars; poststop tasks start after that.

use yurt_model::job::LifecycleHook;
use yurt_model::{Duration, TaskPhase, Time};

use super::{AllocRunner, Stage, TaskStep, Wait, hook, is_sidecar};
use crate::client::ClientTimer;

/// The longest that a client waits before it kills by force, whatever the task says.
const MAX_KILL_TIMEOUT: Duration = Duration::from_secs(30);

/// The event of a task that ends because its leader has.
const LEADER_DEAD: (&str, &str) = ("Leader Task Dead", "Leader Task in Group dead");

/// The event of a sidecar that ends because the main tasks have.
const MAINS_DEAD: (&str, &str) = ("Main Tasks Dead", "Main tasks in the group died");

/// How far the stop of all tasks has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The shutdown delay of the group passes.
    Delayed,
    /// Tasks are told to stop, in their order.
    Going,
}

impl AllocRunner<'_> {
    /// The servers want it gone: it can no longer become healthy.
    pub(super) fn stop(&mut self, now: Time) {
        self.is_stopping = true;
        self.is_changed = true;
        let job = self.job.clone();
        for index in 0..self.tasks.len() {
            // What cleans up already is not waited for.
            let cleans_up = hook(self.task_in(&job, index)) == Some(LifecycleHook::Poststop)
                && !matches!(self.tasks[index].stage, Stage::Waiting | Stage::Dead);
            if cleans_up && !self.is_told_to_stop(index) {
                self.tell_to_stop(index, now);
            }
        }
        self.end_all(now);
    }

    /// All tasks are to end; [`Self::end_next`] says which is next.
    pub(super) fn end_all(&mut self, now: Time) {
        self.starts_over = false;
        if self.ending.is_some() {
            return;
        }
        self.is_changed = true;
        let delay = self.task_group().map(|group| group.shutdown_delay);
        let delay = delay.filter(|delay| !delay.is_zero_or_less() && !self.skips_shutdown_delay);
        let mut phases = self.tasks.iter().map(|task| task.state.phase);
        let runs = phases.any(|phase| phase == TaskPhase::Running);
        self.ending = match delay.filter(|_| runs) {
            Some(delay) => {
                self.wake_at(now + delay, ClientTimer::GroupDelay { alloc: self.id });
                Some(Ending::Delayed)
            }
            None => Some(Ending::Going),
        };
    }

    /// The shutdown delay of the group is over.
    pub(super) fn group_delay_is_over(&mut self, now: Time) {
        if self.ending == Some(Ending::Delayed) {
            self.ending = Some(Ending::Going);
            self.go_on(now);
        }
    }

    /// From now on no shutdown delay is waited for, not even one that passes already.
    pub(super) fn skip_shutdown_delays(&mut self, now: Time) {
        self.skips_shutdown_delay = true;
        if self.ending == Some(Ending::Delayed) {
            self.ending = Some(Ending::Going);
        }
        for index in 0..self.tasks.len() {
            if self.tasks[index].delays_stop {
                self.interrupt(index, now);
            }
        }
    }

    /// A failed task or a dead leader takes the others along.
    pub(super) fn end_for_siblings(&mut self, now: Time) -> bool {
        if self.ending.is_some() {
            return false;
        }
        let job = self.job.clone();
        let tasks = self.tasks_in(&job);
        let is_over = |i: &usize| self.tasks[*i].is_dead();
        let failed = (0..tasks.len()).filter(is_over).find(|&i| {
            self.tasks[i].state.failed && hook(tasks[i]) != Some(LifecycleHook::Poststop)
        });
        let mut leaders = (0..tasks.len()).filter(|&i| tasks[i].is_some_and(|task| task.leader));
        let (kind, text) = match failed {
            Some(index) => {
                let name = self.tasks[index].state.name.clone();
                let text = format!("Task's sibling \"{name}\" failed");
                ("Sibling Task Failed", text)
            }
            None if leaders.any(|i| is_over(&i)) => {
                let (kind, text) = LEADER_DEAD;
                (kind, text.to_owned())
            }
            None => return false,
        };
        for (index, task) in tasks.iter().enumerate() {
            let is_poststop = hook(*task) == Some(LifecycleHook::Poststop);
            if !is_poststop && !self.tasks[index].is_dead() {
                self.tasks[index].event(now, kind, &text, &[]);
            }
        }
        self.end_all(now);
        true
    }

    /// Tells those to stop whose turn it is; false when that is nobody.
    pub(super) fn end_next(&mut self, now: Time) -> bool {
        let job = self.job.clone();
        let tasks = self.tasks_in(&job);
        let of_hook = |i: usize| hook(tasks[i]);
        let live = |i: &usize| !self.tasks[*i].is_dead();
        let all = || (0..tasks.len()).filter(|&i| of_hook(i) != Some(LifecycleHook::Poststop));
        let others: Vec<usize> = all()
            .filter(|&i| !is_sidecar(tasks[i]))
            .filter(live)
            .collect();
        let mut mains = all().filter(|&i| of_hook(i).is_none()).peekable();
        let mains_over = mains.peek().is_some() && !mains.any(|i| live(&i));
        let goes = self.ending == Some(Ending::Going);
        let leads = |i: &usize| tasks[*i].is_some_and(|task| task.leader);
        let leader = others.iter().copied().find(leads);
        let is_waiting = |i: &usize| self.tasks[*i].stage == Stage::Waiting;
        let mut next: Vec<usize> = match leader {
            Some(leader) if goes => vec![leader],
            _ if goes => others.clone(),
            // With the main tasks over, one that is still at work may finish.
            _ if mains_over => others.iter().copied().filter(is_waiting).collect(),
            _ => Vec::new(),
        };
        let are_sidecars_next = others.is_empty() && (goes || mains_over);
        if are_sidecars_next {
            next = all().filter(live).collect();
        }
        next.retain(|&i| !self.is_told_to_stop(i));
        let mut leaders = (0..tasks.len()).filter(leads);
        let reason = if leaders.any(|i| !live(&i)) {
            Some(LEADER_DEAD)
        } else {
            (are_sidecars_next && mains_over).then_some(MAINS_DEAD)
        };
        for &index in &next {
            if let Some((kind, text)) = reason.filter(|_| !self.ends_for_others(index)) {
                self.tasks[index].event(now, kind, text, &[]);
            }
            self.tell_to_stop(index, now);
        }
        !next.is_empty()
    }

    /// Whether the task's last event says already that it ends because of another.
    fn ends_for_others(&self, index: usize) -> bool {
        let last = self.tasks[index].state.events.last();
        last.is_some_and(|event| matches!(event.kind(), "Sibling Task Failed" | "Leader Task Dead"))
    }

    fn is_told_to_stop(&self, index: usize) -> bool {
        let runner = &self.tasks[index];
        runner.is_stopping() && runner.restart_cause.is_none()
    }

    /// A running task is told to stop, for good; one that waits is simply over.
    fn tell_to_stop(&mut self, index: usize, now: Time) {
        self.is_changed = true;
        let timeout = self.kill_timeout(index);
        let runner = &mut self.tasks[index];
        runner.restart_cause = None;
        if runner.state.phase == TaskPhase::Running {
            runner.killing(now, timeout);
            self.begin_stop(index, now);
        } else {
            runner.dead(now, false);
        }
    }

    /// A running task is to end or to restart: its services are gone, and the shutdown delay passes
    /// before it is told.
    pub(super) fn begin_stop(&mut self, index: usize, now: Time) {
        self.is_changed = true;
        let delay = self.task_in(&self.job, index);
        let delay = delay.map_or(Duration::ZERO, |task| task.shutdown_delay);
        let skips = self.skips_shutdown_delay;
        let runner = &mut self.tasks[index];
        runner.stage = Stage::Stopping;
        if !delay.is_zero_or_less() {
            runner.shutdown_delay(now, delay, skips);
            if !skips {
                runner.delays_stop = true;
                let step = TaskStep::Kill;
                self.wait(
                    index,
                    Wait {
                        step,
                        length: delay,
                    },
                    now,
                );
                return;
            }
        }
        self.interrupt(index, now);
    }

    /// The task gets its signal, and has so much time to end by itself.
    pub(super) fn interrupt(&mut self, index: usize, now: Time) {
        self.tasks[index].delays_stop = false;
        let step = TaskStep::Stopped;
        let length = self.tasks[index].behaviour().stop_takes;
        let length = length.min(self.patience(index));
        self.wait(index, Wait { step, length }, now);
    }

    /// How long a task may take to stop, as its client allows it.
    fn kill_timeout(&self, index: usize) -> Duration {
        let asked = self.task_in(&self.job, index).map(|task| task.kill_timeout);
        asked.map_or(Duration::from_secs(5), |asked| asked.min(MAX_KILL_TIMEOUT))
    }

    /// How long a task has to end by itself: no time at all where the signal is one that no process
    /// can answer.
    pub(super) fn patience(&self, index: usize) -> Duration {
        let signal = self
            .task_in(&self.job, index)
            .map(|task| &*task.kill_signal);
        match signal {
            Some("SIGKILL") => Duration::ZERO,
            _ => self.kill_timeout(index),
        }
    }
}

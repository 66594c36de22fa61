//! The order of an allocation's tasks: prestart, main, poststart, poststop; leaders, sidecars,
//! siblings.

use yurt_model::job::LifecycleHook;
use yurt_model::{Duration, TaskPhase, Time};

use super::{AllocRunner, hook, lifecycle};
use crate::client::ClientTimer;
use crate::client::task_runner::Stage;

impl AllocRunner {
    /// Starts what may start now and stops what must stop because of another task's end.
    pub(super) fn go_on(&mut self, now: Time) {
        // Each round starts or kills at least one task, so there are at most two rounds a task.
        for _ in 0..=2 * self.tasks.len() {
            if !(self.kill_for_siblings(now) || self.start_next(now)) {
                break;
            }
        }
        self.look_at_health(now);
    }

    /// Sets the timer for the longest that the group may run; after a change of it, anew.
    pub(super) fn limit_run(&mut self) {
        let group = self.task_group();
        let limit = group.map_or(Duration::ZERO, |group| group.max_run_duration);
        if !limit.is_zero_or_less() {
            let alloc = self.id;
            self.wake_at(self.began + limit, ClientTimer::MaxRun { alloc });
        }
    }

    /// The allocation has run for as long as it may: it is stopped and has failed.
    pub(super) fn end_run(&mut self, now: Time) {
        let group = self.task_group();
        let limit = group.map_or(Duration::ZERO, |group| group.max_run_duration);
        let is_due = !limit.is_zero_or_less() && now - self.began >= limit;
        if is_due && !self.is_stopping && !self.has_overrun {
            self.has_overrun = true;
            self.is_changed = true;
            self.kill_all(now);
            self.go_on(now);
        }
    }

    /// A failed main task or a dead leader takes the others along; sidecars end with the main
    /// tasks.
    fn kill_for_siblings(&mut self, now: Time) -> bool {
        let job = self.job.clone();
        let tasks = self.tasks_in(&job);
        let failed = (0..tasks.len()).find(|&i| {
            self.tasks[i].is_dead()
                && self.tasks[i].state.failed
                && hook(tasks[i]) != Some(LifecycleHook::Poststop)
        });
        let leader = (0..tasks.len())
            .find(|&i| self.tasks[i].is_dead() && tasks[i].is_some_and(|t| t.leader));
        let mut mains = (0..tasks.len())
            .filter(|&i| hook(tasks[i]).is_none())
            .peekable();
        let mains_over = mains.peek().is_some() && mains.all(|i| self.tasks[i].is_dead());
        let reason = match (failed, leader) {
            (Some(index), _) => {
                let name = self.tasks[index].state.name.clone();
                Some((
                    "Sibling Task Failed",
                    format!("Task's sibling \"{name}\" failed"),
                ))
            }
            (None, Some(_)) => Some(("Leader Task Dead", "Leader Task in Group dead".to_owned())),
            (None, None) => None,
        };
        if reason.is_none() && !mains_over {
            return false;
        }
        let mut did_something = false;
        for (index, task) in tasks.iter().copied().enumerate() {
            let runner = &self.tasks[index];
            let is_poststop = hook(task) == Some(LifecycleHook::Poststop);
            if runner.is_dead() || runner.is_stopping() || is_poststop {
                continue;
            }
            // With the main tasks over, a poststart task that is still at work may finish.
            let is_sidecar = task.and_then(lifecycle).is_some_and(|l| l.sidecar);
            if reason.is_none() && !is_sidecar && runner.stage != Stage::Waiting {
                continue;
            }
            if let Some((kind, text)) = &reason {
                self.tasks[index].event(now, kind, text, &[]);
            }
            self.kill_after_delay(index, now);
            did_something = true;
        }
        did_something
    }

    fn start_next(&mut self, now: Time) -> bool {
        let job = self.job.clone();
        let tasks = self.tasks_in(&job);
        let hook_of = |i: usize| hook(tasks[i]);
        let indexes = || 0..tasks.len();
        let prestart_done = indexes()
            .filter(|&i| hook_of(i) == Some(LifecycleHook::Prestart))
            .all(|i| {
                let is_sidecar = tasks[i].and_then(lifecycle).is_some_and(|l| l.sidecar);
                let state = &self.tasks[i].state;
                if is_sidecar {
                    state.phase == TaskPhase::Running
                } else {
                    state.is_successful()
                }
            });
        let mains_run = indexes()
            .filter(|&i| hook_of(i).is_none())
            .all(|i| self.tasks[i].state.phase == TaskPhase::Running);
        let all_over = indexes()
            .filter(|&i| hook_of(i) != Some(LifecycleHook::Poststop))
            .all(|i| self.tasks[i].is_dead());
        let is_ending = self.is_stopping || self.has_overrun;
        let ready: Vec<usize> = indexes()
            .filter(|&i| self.tasks[i].stage == Stage::Waiting)
            .filter(|&i| match hook_of(i) {
                Some(LifecycleHook::Prestart) => !is_ending,
                None => prestart_done && !is_ending,
                Some(LifecycleHook::Poststart) => mains_run && !is_ending,
                Some(LifecycleHook::Poststop) => all_over,
            })
            .collect();
        for &index in &ready {
            let wait = self.tasks[index].begin_set_up();
            self.wait(index, wait, now);
        }
        !ready.is_empty()
    }
}

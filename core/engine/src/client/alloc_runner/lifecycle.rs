//! The order in which an allocation's tasks start: prestart, main, poststart, poststop.

use yurt_model::job::LifecycleHook;
use yurt_model::{Duration, TaskPhase, Time};

use super::{AllocRunner, hook, is_sidecar};
use crate::client::ClientTimer;
use crate::client::task_runner::Stage;

impl AllocRunner<'_> {
    /// Starts what may start now and stops what must stop because of another task's end.
    pub(super) fn go_on(&mut self, now: Time) {
        // Each round starts or stops a task, or begins the stop of all of them.
        for _ in 0..=2 * self.tasks.len() + 1 {
            let is_news = self.end_for_siblings(now) || self.end_next(now) || self.start_next(now);
            if !is_news {
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
            self.end_all(now);
            self.go_on(now);
        }
    }

    /// Starts the tasks whose turn has come; false when there are none.
    fn start_next(&mut self, now: Time) -> bool {
        if !self.has_started_over(now) {
            return false;
        }
        let job = self.job.clone();
        let tasks = self.tasks_in(&job);
        let hook_of = |i: usize| hook(tasks[i]);
        let indexes = || 0..tasks.len();
        let prestart_done = indexes()
            .filter(|&i| hook_of(i) == Some(LifecycleHook::Prestart))
            .all(|i| {
                let state = &self.tasks[i].state;
                if is_sidecar(tasks[i]) {
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
        let is_ending = self.ending.is_some();
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

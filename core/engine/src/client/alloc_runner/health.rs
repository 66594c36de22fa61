//! Following the health watch of an allocation and recording its result.

use yurt_model::job::TaskGroup;
use yurt_model::{Allocation, JobType, Time};

use super::AllocRunner;
use crate::client::ClientTimer;
use crate::client::health::{HealthWatch, Outcome};
use crate::client::task_runner::TaskRunner;

impl AllocRunner<'_> {
    pub(super) fn begin_watch(&mut self, alloc: &Allocation, now: Time) {
        self.deadline_generation += 1;
        self.watch = None;
        if let Some((watch, deadline)) = HealthWatch::of(alloc, now) {
            self.watch = Some(Box::new(watch));
            let generation = self.deadline_generation;
            self.wake_at(
                deadline,
                ClientTimer::HealthyDeadline {
                    alloc: self.id,
                    generation,
                },
            );
        }
    }

    pub(super) fn look_at_health(&mut self, now: Time) {
        let Some(mut watch) = self.watch.take() else {
            self.fail_without_watch(now);
            return;
        };
        let Some(group) = self.task_group() else {
            return;
        };
        let states: Vec<_> = self.tasks.iter().map(|task| &*task.state).collect();
        let behaviours: Vec<_> = self.tasks.iter().map(TaskRunner::behaviour).collect();
        let outcome = watch.look(group, &states, &behaviours, now);
        self.watch = Some(watch);
        // What is stopped before it was healthy ends as unhealthy when its tasks do (as recorded).
        if self.is_stopping && outcome != (Outcome::Decided { healthy: false }) {
            return;
        }
        self.follow(outcome, now);
    }

    /// An allocation of a deployment that has failed is unhealthy even where nothing is watched.
    fn fail_without_watch(&mut self, now: Time) {
        let is_open = self.deployment.is_some() && self.health.is_none() && !self.is_stopping;
        if is_open
            && self.job.spec.kind != JobType::Batch
            && self
                .tasks
                .iter()
                .any(|task| task.is_dead() && task.state.failed)
        {
            self.health = Some((false, now));
            self.is_changed = true;
        }
    }

    pub(super) fn watch_timer(
        &mut self,
        generation: u32,
        now: Time,
        fire: impl FnOnce(&mut HealthWatch, &TaskGroup, Time) -> Result<Outcome, Time>,
    ) {
        let Some(mut watch) = self.watch.take() else {
            return;
        };
        if watch.generation() != generation || self.is_stopping {
            self.watch = Some(watch);
            return;
        }
        let Some(group) = self.task_group() else {
            return;
        };
        let result = fire(&mut watch, group, now);
        self.watch = Some(watch);
        match result {
            Ok(outcome) => self.follow(outcome, now),
            Err(again_at) => {
                self.wake_at(
                    again_at,
                    ClientTimer::ChecksHealthy {
                        alloc: self.id,
                        generation,
                    },
                );
            }
        }
    }

    fn follow(&mut self, outcome: Outcome, now: Time) {
        match outcome {
            Outcome::Nothing => {}
            Outcome::Wait {
                tasks_at,
                checks_at,
                generation,
            } => {
                let alloc = self.id;
                self.wake_at(tasks_at, ClientTimer::TasksHealthy { alloc, generation });
                if let Some(at) = checks_at {
                    self.wake_at(at, ClientTimer::ChecksHealthy { alloc, generation });
                }
            }
            Outcome::Decided { healthy } => self.decide(healthy, now),
        }
    }

    /// The first result is final.
    pub(super) fn decide(&mut self, healthy: bool, now: Time) {
        let Some(watch) = self.watch.take() else {
            return;
        };
        self.health = Some((healthy, now));
        self.is_changed = true;
        let has_failed = self.tasks.iter().any(|task| task.state.failed);
        if healthy || has_failed || self.is_stopping || self.deployment.is_none() {
            return;
        }
        let job = self.job.clone();
        let services = self.unhealthy_services(now);
        for index in 0..self.tasks.len() {
            let Some(task) = self.task_in(&job, index) else {
                continue;
            };
            if let Some(text) = watch.reason(task, &self.tasks[index].state, &services) {
                self.tasks[index].event(now, "Alloc Unhealthy", &text, &[]);
            }
        }
    }
}

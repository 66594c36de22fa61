//! Allocation health: when a client says that an allocation of a deployment is healthy or not
//! (spec: deployments 24).

use yurt_model::job::{HealthCheck, LifecycleHook, TaskGroup};
use yurt_model::{Allocation, Duration, Name, Task, TaskPhase, TaskState, Time};

use super::checks;
use super::image::ImageBehaviour;

/// How often checks are looked at (spec: deployments 3).
const CHECK_POLL: Duration = Duration::from_millis(500);

/// What the watch looks at and how long it waits.
#[derive(Clone, Debug, PartialEq)]
struct Terms {
    min_healthy_time: Duration,
    healthy_deadline: Duration,
    uses_checks: bool,
}

/// The watch over one allocation, from its start until the first result, which is final.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct HealthWatch {
    terms: Terms,
    generation: u32,
    /// The latest start of a task that counts; `None` while some task is not running.
    mark: Option<Time>,
    tasks_are_healthy: bool,
    checks_are_healthy: bool,
}

/// What the tasks say of the allocation's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tasks {
    /// Some task ended that should not have.
    Over,
    /// Some task does not run yet, or not at the moment.
    NotRunning,
    /// All run, the last one since then.
    RunningSince(Time),
}

/// What a look at the watch leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Nothing new.
    Nothing,
    /// Wait for both timers, or the one that applies.
    Wait {
        tasks_at: Time,
        checks_at: Option<Time>,
        generation: u32,
    },
    /// The result.
    Decided { healthy: bool },
}

impl HealthWatch {
    /// The watch that an allocation gets, with its deadline; `None` when nothing is to be watched:
    /// health is known already, the type has none, or it is set by hand.
    pub(super) fn of(alloc: &Allocation, now: Time) -> Option<(Self, Time)> {
        let spec = &alloc.job.spec;
        if alloc.has_health() || spec.kind.is_batch() {
            return None;
        }
        let group = alloc.task_group()?;
        let terms = terms_of(group, alloc.deployment_id.is_some())?;
        let deadline = now + terms.healthy_deadline;
        let watch = Self {
            terms,
            generation: 0,
            mark: None,
            tasks_are_healthy: false,
            checks_are_healthy: false,
        };
        Some((watch, deadline))
    }

    /// The deadline that the terms give to a watch that starts now.
    pub(super) fn generation(&self) -> u32 {
        self.generation
    }

    /// Looks at the tasks after any of them changed.
    pub(super) fn look(
        &mut self,
        group: &TaskGroup,
        states: &[&TaskState],
        behaviours: &[&ImageBehaviour],
        now: Time,
    ) -> Outcome {
        match judge(group, states) {
            Tasks::Over => Outcome::Decided { healthy: false },
            Tasks::NotRunning => {
                if self.mark.take().is_some() {
                    self.reset();
                }
                Outcome::Nothing
            }
            Tasks::RunningSince(mark) if self.mark == Some(mark) => Outcome::Nothing,
            Tasks::RunningSince(mark) => {
                self.mark = Some(mark);
                self.reset();
                let checks_at = self.checks_at(group, states, behaviours, now);
                let generation = self.generation;
                Outcome::Wait {
                    tasks_at: now + self.terms.min_healthy_time,
                    checks_at,
                    generation,
                }
            }
        }
    }

    /// When the checks will have passed for long enough, if they are looked at and will.
    fn checks_at(
        &self,
        group: &TaskGroup,
        states: &[&TaskState],
        behaviours: &[&ImageBehaviour],
        now: Time,
    ) -> Option<Time> {
        let checks = checks::declared(group);
        if !self.terms.uses_checks || checks.is_empty() {
            return None;
        }
        let behaviour = |task: &Task| {
            let index = states.iter().position(|state| state.name == task.name)?;
            behaviours.get(index).copied()
        };
        checks::healthy_at(
            &checks,
            behaviour,
            now,
            self.terms.min_healthy_time,
            CHECK_POLL,
        )
    }

    fn reset(&mut self) {
        self.generation += 1;
        self.tasks_are_healthy = false;
        self.checks_are_healthy = false;
    }

    /// The tasks have run for the minimum healthy time.
    pub(super) fn tasks_healthy(&mut self, group: &TaskGroup) -> Outcome {
        self.tasks_are_healthy = true;
        self.result(group)
    }

    /// The checks have passed for the minimum healthy time. If the tasks are not healthy at that
    /// moment, a new full time begins (spec: deployments 24.3).
    pub(super) fn checks_healthy(&mut self, group: &TaskGroup, now: Time) -> Result<Outcome, Time> {
        if !self.tasks_are_healthy {
            return Err(now + self.terms.min_healthy_time);
        }
        self.checks_are_healthy = true;
        Ok(self.result(group))
    }

    fn result(&self, group: &TaskGroup) -> Outcome {
        let needs_checks = self.terms.uses_checks && !checks::declared(group).is_empty();
        if self.tasks_are_healthy && (self.checks_are_healthy || !needs_checks) {
            Outcome::Decided { healthy: true }
        } else {
            Outcome::Nothing
        }
    }

    /// The text of the event on a task when the allocation turned out unhealthy
    /// (spec: deployments 24.5; the first that matches).
    /// `services` are those whose checks do not pass.
    pub(super) fn reason(
        &self,
        task: &Task,
        state: &TaskState,
        services: &[Name],
    ) -> Option<String> {
        let deadline = self.terms.healthy_deadline;
        if state.failed {
            return Some("Unhealthy because of failed task".to_owned());
        }
        match state.phase {
            TaskPhase::Pending => Some(format!(
                "Task not running by healthy_deadline of {deadline}"
            )),
            TaskPhase::Dead if task.lifecycle.as_ref().is_none_or(|l| l.sidecar) => {
                Some("Unhealthy because of dead task".to_owned())
            }
            TaskPhase::Dead => (self.terms.uses_checks && !services.is_empty())
                .then(|| format!("Services not healthy by deadline: {}", services.join(", "))),
            TaskPhase::Running => {
                let least = self.terms.min_healthy_time;
                Some(format!(
                    "Task not running for min_healthy_time of {least} \
                     by healthy_deadline of {deadline}"
                ))
            }
        }
    }
}

/// A deployment's allocation goes by the update block, any other by the migrate block or its
/// defaults.
fn terms_of(group: &TaskGroup, is_in_deployment: bool) -> Option<Terms> {
    if is_in_deployment {
        let update = group.effective_update()?;
        if update.health_check == HealthCheck::Manual {
            return None;
        }
        return Some(Terms {
            min_healthy_time: update.min_healthy_time,
            healthy_deadline: update.healthy_deadline,
            uses_checks: update.health_check == HealthCheck::Checks,
        });
    }
    Some(match &group.migrate {
        Some(migrate) => Terms {
            min_healthy_time: migrate.min_healthy_time,
            healthy_deadline: migrate.healthy_deadline,
            uses_checks: migrate.health_check == HealthCheck::Checks,
        },
        None => Terms {
            min_healthy_time: Duration::from_secs(10),
            healthy_deadline: Duration::from_minutes(5),
            uses_checks: true,
        },
    })
}

fn judge(group: &TaskGroup, states: &[&TaskState]) -> Tasks {
    let mut latest = None;
    for state in states {
        let Some(task) = group.task(&state.name) else {
            continue;
        };
        let once = task
            .lifecycle
            .as_ref()
            .filter(|lifecycle| !lifecycle.sidecar);
        match once.map(|lifecycle| lifecycle.hook) {
            Some(LifecycleHook::Poststop) => continue,
            Some(LifecycleHook::Poststart) if state.is_successful() => continue,
            Some(LifecycleHook::Prestart) if state.is_successful() => continue,
            _ => {}
        }
        match state.phase {
            TaskPhase::Dead => return Tasks::Over,
            TaskPhase::Pending => return Tasks::NotRunning,
            TaskPhase::Running => latest = latest.max(state.started_at),
        }
    }
    latest.map_or(Tasks::NotRunning, Tasks::RunningSince)
}

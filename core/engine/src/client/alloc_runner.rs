//! One allocation on its node: the order of its tasks, its end, and what is reported of it.

use std::rc::Rc;

use yurt_model::job::{Job, Lifecycle, LifecycleHook, TaskGroup};
use yurt_model::{
    AllocClientStatus, AllocDeploymentStatus, AllocId, Allocation, DeploymentId, Duration, Index,
    JobType, Name, NodeId, Rng, Task, TaskPhase, Time,
};
use yurt_state::ClientUpdate;

use super::health::{HealthWatch, Outcome};
use super::image::{ImageCatalogue, RunEnd};
use super::restart::Verdict;
use super::task_runner::{Stage, TaskRunner, Wait};
use super::{ClientEffect, ClientTimer, TaskStep};

/// One allocation on its node.
#[derive(Clone, Debug)]
pub(super) struct AllocRunner {
    id: AllocId,
    node: NodeId,
    job: Rc<Job>,
    group: Name,
    deployment: Option<DeploymentId>,
    /// The servers' write that was taken over last.
    seen: Index,
    tasks: Vec<TaskRunner>,
    is_stopping: bool,
    skips_shutdown_delay: bool,
    watch: Option<HealthWatch>,
    /// Counts the watches, so that the timers of an older one are void.
    deadline_generation: u32,
    health: Option<(bool, Time)>,
    rng: Rng,
    effects: Vec<ClientEffect>,
    is_changed: bool,
}

impl AllocRunner {
    /// Receives an allocation and begins its first tasks.
    pub(super) fn start(alloc: &Allocation, rng: Rng, now: Time) -> (Self, Vec<ClientEffect>) {
        let group = alloc.task_group();
        let tasks = group.map_or_else(Vec::new, |group| {
            group
                .tasks
                .iter()
                .map(|task| TaskRunner::received(task, now))
                .collect()
        });
        let mut runner = Self {
            id: alloc.id,
            node: alloc.node_id,
            job: alloc.job.clone(),
            group: alloc.group.clone(),
            deployment: alloc.deployment_id,
            seen: alloc.alloc_modify_index,
            tasks,
            is_stopping: false,
            skips_shutdown_delay: false,
            watch: None,
            deadline_generation: 0,
            health: None,
            rng,
            effects: Vec::new(),
            is_changed: true,
        };
        runner.begin_watch(alloc, now);
        runner.go_on(now);
        let effects = runner.finish();
        (runner, effects)
    }

    pub(super) fn node(&self) -> NodeId {
        self.node
    }

    /// All tasks have ended for good and that was reported.
    pub(super) fn is_over(&self) -> bool {
        self.effects.is_empty() && self.tasks.iter().all(TaskRunner::is_dead)
    }

    fn task_group(&self) -> Option<&TaskGroup> {
        self.job.spec.group(&self.group)
    }

    /// A task's definition. `job` is a clone of `self.job`, held by the caller so that `self` stays
    /// free to change.
    fn task_in<'a>(&self, job: &'a Job, index: usize) -> Option<&'a Task> {
        job.spec
            .group(&self.group)?
            .task(&self.tasks[index].state.name)
    }

    fn tasks_in<'a>(&self, job: &'a Job) -> Vec<Option<&'a Task>> {
        (0..self.tasks.len())
            .map(|index| self.task_in(job, index))
            .collect()
    }

    /// Takes over what the servers wrote: a stop, another job version, another deployment.
    pub(super) fn server_wrote(&mut self, alloc: &Allocation, now: Time) -> Vec<ClientEffect> {
        if alloc.alloc_modify_index == self.seen {
            return Vec::new();
        }
        self.seen = alloc.alloc_modify_index;
        self.skips_shutdown_delay = alloc.desired_transition.no_shutdown_delay == Some(true);
        self.job = alloc.job.clone();
        if alloc.is_server_terminal() {
            if !self.is_stopping {
                self.stop(now);
            }
        } else {
            if alloc.deployment_id != self.deployment {
                self.deployment = alloc.deployment_id;
                self.health = None;
            }
            if self.health.is_none() {
                // The deadline starts again with each write until health is known.
                self.begin_watch(alloc, now);
            }
        }
        self.go_on(now);
        self.finish()
    }

    fn begin_watch(&mut self, alloc: &Allocation, now: Time) {
        self.deadline_generation += 1;
        self.watch = None;
        if let Some((watch, deadline)) = HealthWatch::of(alloc, now) {
            self.watch = Some(watch);
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

    /// The servers want it gone: no health is set any more, the leader goes first, or all at once.
    fn stop(&mut self, now: Time) {
        self.is_stopping = true;
        self.watch = None;
        self.is_changed = true;
        let job = self.job.clone();
        let leader = (0..self.tasks.len()).find(|&i| {
            !self.tasks[i].is_dead() && self.task_in(&job, i).is_some_and(|task| task.leader)
        });
        match leader {
            Some(leader) => self.kill_after_delay(leader, now),
            None => self.kill_all(now),
        }
    }

    fn kill_all(&mut self, now: Time) {
        let job = self.job.clone();
        for index in 0..self.tasks.len() {
            let is_poststop = hook(self.task_in(&job, index)) == Some(LifecycleHook::Poststop);
            let may = !self.tasks[index].is_dead() && !self.tasks[index].is_stopping();
            if may && !(is_poststop && self.tasks[index].stage == Stage::Waiting) {
                self.kill_after_delay(index, now);
            }
        }
    }

    fn kill_after_delay(&mut self, index: usize, now: Time) {
        let group = self
            .task_group()
            .map_or(Duration::ZERO, |group| group.shutdown_delay);
        let task = self
            .task_in(&self.job, index)
            .map_or(Duration::ZERO, |task| task.shutdown_delay);
        let delay = group + task;
        let waits = self.tasks[index].state.phase == TaskPhase::Running
            && !delay.is_zero_or_less()
            && !self.skips_shutdown_delay;
        if waits {
            self.tasks[index].stage = Stage::Stopping;
            self.wait(
                index,
                Wait {
                    step: TaskStep::Kill,
                    length: delay,
                },
                now,
            );
        } else {
            self.kill(index, now);
        }
    }

    fn kill(&mut self, index: usize, now: Time) {
        let timeout = self.kill_timeout(index);
        self.is_changed = true;
        if let Some(wait) = self.tasks[index].kill(now, timeout) {
            self.wait(index, wait, now);
        }
    }

    fn kill_timeout(&self, index: usize) -> Duration {
        self.task_in(&self.job, index)
            .map_or(Duration::from_secs(5), |task| task.kill_timeout)
    }

    /// Does what was due, unless it is void by now.
    pub(super) fn wake(
        &mut self,
        timer: &ClientTimer,
        images: &ImageCatalogue,
        now: Time,
    ) -> Vec<ClientEffect> {
        match timer {
            ClientTimer::Task {
                task,
                step,
                generation,
                ..
            } => {
                let index = self
                    .tasks
                    .iter()
                    .position(|runner| runner.state.name == *task);
                if let Some(index) = index.filter(|&i| self.tasks[i].is_current(*generation)) {
                    self.task_step(index, *step, images, now);
                    self.is_changed = true;
                    self.go_on(now);
                }
            }
            ClientTimer::HealthyDeadline { generation, .. } => {
                if *generation == self.deadline_generation && self.watch.is_some() {
                    self.decide(false, now);
                }
            }
            ClientTimer::TasksHealthy { generation, .. } => {
                self.watch_timer(*generation, now, |watch, group, _| {
                    Ok(watch.tasks_healthy(group))
                });
            }
            ClientTimer::ChecksHealthy { generation, .. } => {
                self.watch_timer(*generation, now, HealthWatch::checks_healthy);
            }
        }
        self.finish()
    }

    fn task_step(&mut self, index: usize, step: TaskStep, images: &ImageCatalogue, now: Time) {
        match step {
            TaskStep::SetUp => {
                self.choose_behaviour(index, images);
                let wait = self.tasks[index].set_up(now);
                self.wait(index, wait, now);
            }
            TaskStep::Restart => {
                self.choose_behaviour(index, images);
                self.tasks[index].stage = Stage::Starting;
                let length = self.tasks[index].behaviour.start_takes;
                self.wait(
                    index,
                    Wait {
                        step: TaskStep::Start,
                        length,
                    },
                    now,
                );
            }
            TaskStep::Start => self.start_task(index, now),
            TaskStep::Exit => {
                let RunEnd::Exits {
                    code,
                    signal,
                    out_of_memory,
                    ..
                } = self.tasks[index].behaviour.end
                else {
                    return;
                };
                self.tasks[index].terminated(now, code, signal, out_of_memory);
                self.after_end(index, code == 0 && signal == 0, now);
            }
            TaskStep::Kill => self.kill(index, now),
            TaskStep::Stopped => self.task_stopped(index, now),
        }
    }

    fn task_stopped(&mut self, index: usize, now: Time) {
        let timeout = self.kill_timeout(index);
        let runner = &mut self.tasks[index];
        runner.stopped(now, timeout);
        if runner.restart_when_stopped {
            runner.restart_when_stopped = false;
            let wait = runner.restarting(now, Duration::ZERO, "");
            self.wait(index, wait, now);
        } else {
            runner.event(now, "Killed", "Task successfully killed", &[]);
            runner.dead(now, false);
        }
    }

    fn choose_behaviour(&mut self, index: usize, images: &ImageCatalogue) {
        let job = self.job.clone();
        if let Some(task) = self.task_in(&job, index) {
            self.tasks[index].behaviour = images.behaviour(task, &mut self.rng);
        }
    }

    fn start_task(&mut self, index: usize, now: Time) {
        if let Some(failure) = self.tasks[index].behaviour.start_failure.clone() {
            self.tasks[index].start_failed(now, &failure.message);
            if failure.is_recoverable {
                self.after_end(index, false, now);
            } else {
                let text = "Error was unrecoverable";
                self.tasks[index].event(now, "Not Restarting", text, &[("restart_reason", text)]);
                self.tasks[index].dead(now, true);
            }
            return;
        }
        self.tasks[index].started(now);
        if let RunEnd::Exits { after, .. } = self.tasks[index].behaviour.end {
            self.wait(
                index,
                Wait {
                    step: TaskStep::Exit,
                    length: after,
                },
                now,
            );
        } else {
            self.tasks[index].begin();
        }
    }

    /// A task has ended by itself: it is done, starts again, or has failed.
    fn after_end(&mut self, index: usize, succeeded: bool, now: Time) {
        let job = self.job.clone();
        let Some(task) = self.task_in(&job, index) else {
            return;
        };
        let runs_once = task
            .lifecycle
            .as_ref()
            .is_some_and(|lifecycle| !lifecycle.sidecar);
        if succeeded && (runs_once || self.job.spec.kind.is_batch()) {
            self.tasks[index].dead(now, false);
            return;
        }
        let verdict = self.tasks[index]
            .restarts
            .decide(&task.restart, now, &mut self.rng);
        match verdict {
            Verdict::Restart { wait, reason } => {
                let wait = self.tasks[index].restarting(now, wait, &reason);
                self.wait(index, wait, now);
            }
            Verdict::GiveUp { reason } => {
                let details = [("restart_reason", reason.as_str()), ("fails_task", "true")];
                self.tasks[index].event(now, "Not Restarting", &reason, &details);
                self.tasks[index].dead(now, true);
            }
        }
    }

    /// Restarts running tasks because a person asked.
    pub(super) fn restart_by_user(&mut self, task: Option<&str>, now: Time) -> Vec<ClientEffect> {
        for index in 0..self.tasks.len() {
            let runner = &mut self.tasks[index];
            let is_asked = task.is_none_or(|name| name == &*runner.state.name);
            if !is_asked || runner.stage != Stage::Running {
                continue;
            }
            runner.event(
                now,
                "Restart Signaled",
                "User requested running tasks to restart",
                &[],
            );
            runner.restart_when_stopped = true;
            runner.stage = Stage::Stopping;
            let length = runner.behaviour.stop_takes;
            self.wait(
                index,
                Wait {
                    step: TaskStep::Stopped,
                    length,
                },
                now,
            );
            self.is_changed = true;
        }
        self.go_on(now);
        self.finish()
    }

    /// Starts what may start now and stops what must stop because of another task's end.
    fn go_on(&mut self, now: Time) {
        // Each round starts or kills at least one task, so there are at most two rounds a task.
        for _ in 0..=2 * self.tasks.len() {
            if !(self.kill_for_siblings(now) || self.start_next(now)) {
                break;
            }
        }
        self.look_at_health(now);
    }

    /// A failed main task or a dead leader takes the others along; sidecars end with the main tasks.
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
        let ready: Vec<usize> = indexes()
            .filter(|&i| self.tasks[i].stage == Stage::Waiting)
            .filter(|&i| match hook_of(i) {
                Some(LifecycleHook::Prestart) => !self.is_stopping,
                None => prestart_done && !self.is_stopping,
                Some(LifecycleHook::Poststart) => mains_run && !self.is_stopping,
                Some(LifecycleHook::Poststop) => all_over,
            })
            .collect();
        for &index in &ready {
            let wait = self.tasks[index].begin_set_up();
            self.wait(index, wait, now);
        }
        !ready.is_empty()
    }

    fn look_at_health(&mut self, now: Time) {
        let Some(mut watch) = self.watch.take() else {
            self.fail_without_watch(now);
            return;
        };
        let Some(group) = self.task_group() else {
            return;
        };
        let states: Vec<_> = self.tasks.iter().map(|task| &task.state).collect();
        let behaviours: Vec<_> = self.tasks.iter().map(|task| &task.behaviour).collect();
        let outcome = watch.look(group, &states, &behaviours, now);
        self.watch = Some(watch);
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

    fn watch_timer(
        &mut self,
        generation: u32,
        now: Time,
        fire: impl FnOnce(&mut HealthWatch, &TaskGroup, Time) -> Result<Outcome, Time>,
    ) {
        let Some(mut watch) = self.watch.take() else {
            return;
        };
        if watch.generation() != generation {
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
    fn decide(&mut self, healthy: bool, now: Time) {
        let Some(watch) = self.watch.take() else {
            return;
        };
        self.health = Some((healthy, now));
        self.is_changed = true;
        let has_failed = self.tasks.iter().any(|task| task.state.failed);
        if healthy || has_failed || self.deployment.is_none() {
            return;
        }
        let job = self.job.clone();
        for index in 0..self.tasks.len() {
            let Some(task) = self.task_in(&job, index) else {
                continue;
            };
            if let Some(text) = watch.reason(task, &self.tasks[index].state) {
                self.tasks[index].event(now, "Alloc Unhealthy", &text, &[]);
            }
        }
    }

    fn wait(&mut self, index: usize, wait: Wait, now: Time) {
        let generation = self.tasks[index].begin();
        let task = self.tasks[index].state.name.clone();
        let timer = ClientTimer::Task {
            alloc: self.id,
            task,
            step: wait.step,
            generation,
        };
        self.wake_at(now + wait.length, timer);
    }

    fn wake_at(&mut self, at: Time, timer: ClientTimer) {
        self.effects.push(ClientEffect::Wake { at, timer });
    }

    fn finish(&mut self) -> Vec<ClientEffect> {
        if std::mem::take(&mut self.is_changed) {
            let update = self.report();
            self.effects.push(ClientEffect::Report(update));
        }
        std::mem::take(&mut self.effects)
    }

    fn report(&self) -> ClientUpdate {
        let (status, description) = self.status();
        ClientUpdate {
            alloc_id: self.id,
            status,
            description: Rc::from(description),
            task_states: self.tasks.iter().map(|task| task.state.clone()).collect(),
            deployment_status: self.health.map(|(healthy, at)| AllocDeploymentStatus {
                healthy: Some(healthy),
                timestamp: Some(at),
                ..AllocDeploymentStatus::default()
            }),
        }
    }

    /// The status follows from the tasks (spec: deployments 2.2).
    fn status(&self) -> (AllocClientStatus, &'static str) {
        let any = |phase: TaskPhase| self.tasks.iter().any(|task| task.state.phase == phase);
        if self
            .tasks
            .iter()
            .any(|task| task.is_dead() && task.state.failed)
        {
            (AllocClientStatus::Failed, "Failed tasks")
        } else if any(TaskPhase::Running) {
            (AllocClientStatus::Running, "Tasks are running")
        } else if any(TaskPhase::Pending) {
            (AllocClientStatus::Pending, "No tasks have started")
        } else {
            (AllocClientStatus::Complete, "All tasks have completed")
        }
    }
}

fn lifecycle(task: &Task) -> Option<&Lifecycle> {
    task.lifecycle.as_ref()
}

fn hook(task: Option<&Task>) -> Option<LifecycleHook> {
    task.and_then(lifecycle).map(|lifecycle| lifecycle.hook)
}

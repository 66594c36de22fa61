//! One allocation on its node: the order of its tasks, its end, and what is reported of it.

use std::ops::{Deref, DerefMut};
use std::rc::Rc;

mod checks;
mod ending;
mod health;
mod lifecycle;
mod preparation;
mod restarting;
mod templates;

use yurt_model::job::{Job, Lifecycle, LifecycleHook, TaskGroup};
use yurt_model::{
    AllocClientStatus, AllocDeploymentStatus, AllocId, Allocation, DeploymentId, Duration, Index,
    Name, NodeId, Recent, Rng, Task, TaskPhase, Time,
};
use yurt_state::ClientUpdate;

use super::health::HealthWatch;
use super::image::{Images, RunEnd};
use super::restart::Verdict;
use super::task_runner::{RestartCause, Stage, TaskRunner, Wait};
use super::{ClientEffect, ClientTimer, TaskStep, usage};
use ending::Ending;
use templates::Rendered;

/// One allocation on its node, while something happens to it.
pub(super) struct AllocRunner<'a> {
    id: AllocId,
    course: &'a mut Course,
    rng: Rng,
    effects: Vec<ClientEffect>,
    is_changed: bool,
}

/// How far an allocation has come on its node: all that is kept of it between two things that
/// happen to it. Nothing in it is of this allocation alone, so that those that went the same way at
/// the same moments share it (see [`super::runners`]).
#[derive(Clone, Debug)]
pub(super) struct Course {
    /// When the client received it.
    began: Time,
    /// The servers' write that was taken over last.
    seen: Index,
    /// Shared with others whenever they came.
    belongs: Rc<Belongs>,
    tasks: Box<[TaskRunner]>,
    /// The servers want it gone.
    is_stopping: bool,
    /// How far the stop of all its tasks has come, whatever the reason.
    ending: Option<Ending>,
    /// All tasks start again from the first on, once those that run have stopped.
    starts_over: bool,
    /// For each task what its templates were rendered from; empty where none reads services.
    rendered: Box<[Rendered]>,
    /// It has run for longer than its group may, and was stopped for that.
    has_overrun: bool,
    skips_shutdown_delay: bool,
    watch: Option<Box<HealthWatch>>,
    /// Counts the watches, so that the timers of an older one are void.
    deadline_generation: u32,
    health: Option<(bool, Time)>,
    /// Its own chance; `None` until something was drawn from it.
    rng: Option<Box<Rng>>,
}

/// What an allocation runs, and for whom. It reads and writes as if it stood in its [`Course`].
#[derive(Clone, Debug)]
pub(super) struct Belongs {
    job: Rc<Job>,
    group: Name,
    deployment: Option<DeploymentId>,
}

impl PartialEq for Belongs {
    /// Jobs are the same only if they are one.
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.job, &other.job)
            && self.deployment == other.deployment
            && self.group == other.group
    }
}

impl Deref for Course {
    type Target = Belongs;

    fn deref(&self) -> &Belongs {
        &self.belongs
    }
}

impl DerefMut for Course {
    fn deref_mut(&mut self) -> &mut Belongs {
        Rc::make_mut(&mut self.belongs)
    }
}

impl PartialEq for Course {
    /// What differs soonest comes first. Taken apart, so that no field can be forgotten.
    fn eq(&self, other: &Self) -> bool {
        let Self {
            began,
            seen,
            belongs,
            tasks,
            is_stopping,
            ending,
            starts_over,
            rendered,
            has_overrun,
            skips_shutdown_delay,
            watch,
            deadline_generation,
            health,
            rng,
        } = self;
        *began == other.began
            && *seen == other.seen
            && *belongs == other.belongs
            && *is_stopping == other.is_stopping
            && *ending == other.ending
            && *starts_over == other.starts_over
            && *has_overrun == other.has_overrun
            && *skips_shutdown_delay == other.skips_shutdown_delay
            && *deadline_generation == other.deadline_generation
            && *health == other.health
            && *rng == other.rng
            && *watch == other.watch
            && *tasks == other.tasks
            && *rendered == other.rendered
    }
}

impl Deref for AllocRunner<'_> {
    type Target = Course;

    fn deref(&self) -> &Course {
        self.course
    }
}

impl DerefMut for AllocRunner<'_> {
    fn deref_mut(&mut self) -> &mut Course {
        self.course
    }
}

impl Course {
    /// An allocation that was just received.
    pub(super) fn received(alloc: &Allocation, now: Time) -> Self {
        let tasks = alloc.task_group().map_or_else(Box::default, |group| {
            let tasks = group.tasks.iter();
            tasks.map(|task| TaskRunner::received(task, now)).collect()
        });
        Self {
            began: now,
            seen: alloc.alloc_modify_index,
            belongs: Rc::new(Belongs {
                job: alloc.job.clone(),
                group: alloc.group.clone(),
                deployment: alloc.deployment_id,
            }),
            tasks,
            is_stopping: false,
            ending: None,
            starts_over: false,
            rendered: Box::default(),
            has_overrun: false,
            skips_shutdown_delay: false,
            watch: None,
            deadline_generation: 0,
            health: None,
            rng: None,
        }
    }

    /// Shares what it belongs to with those of late that belong to the same.
    pub(super) fn share(&mut self, recent: &Recent<Self>) {
        let mut others = recent.iter();
        if let Some(other) = others.find(|other| other.belongs == self.belongs) {
            self.belongs = other.belongs.clone();
        }
    }

    /// All tasks have ended for good and that was reported.
    pub(super) fn is_over(&self) -> bool {
        self.tasks.iter().all(TaskRunner::is_dead)
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

    /// How long the servers may be out of reach before the tasks are stopped (spec: deployments
    /// 1.7); `None` when that changes nothing.
    pub(super) fn bears_silence_for(&self) -> Option<Duration> {
        let disconnect = self.task_group()?.disconnect.as_ref()?;
        disconnect.stop_on_client_after
    }

    /// What is told of an allocation that was to stop when its machine died: nothing of it is left.
    pub(super) fn gone(alloc: &Allocation, now: Time) -> ClientUpdate {
        let mut course = Self::received(alloc, now);
        for task in &mut course.tasks {
            if let Some(state) = alloc.task_state(&task.state.name) {
                task.state = Rc::new(state.clone());
            }
            match task.state.phase {
                TaskPhase::Dead => task.stage = Stage::Dead,
                TaskPhase::Pending | TaskPhase::Running => task.dead(now, false),
            }
        }
        course.report(alloc.id)
    }

    /// How the allocation is, as the servers are told.
    pub(super) fn report(&self, alloc_id: AllocId) -> ClientUpdate {
        let (status, description) = self.status();
        ClientUpdate {
            alloc_id,
            status,
            description: description.into(),
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
        if self.has_overrun && self.tasks.iter().all(TaskRunner::is_dead) {
            return (AllocClientStatus::Failed, OVERRUN);
        }
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

impl<'a> AllocRunner<'a> {
    /// Something is about to happen to the allocation. `rng` is its own stream, from its start.
    pub(super) fn of(id: AllocId, course: &'a mut Course, rng: Rng) -> Self {
        Self {
            id,
            rng: course.rng.as_deref().cloned().unwrap_or(rng),
            course,
            effects: Vec::new(),
            is_changed: false,
        }
    }

    /// What comes of it, but for the report; and whether there is something to report.
    pub(super) fn finish(self, fresh: &Rng) -> (Vec<ClientEffect>, bool) {
        if self.rng != *fresh {
            self.course.rng = Some(Box::new(self.rng));
        }
        (self.effects, self.is_changed)
    }

    /// Begins the first tasks of an allocation that was received.
    pub(super) fn start(&mut self, alloc: &Allocation, now: Time) {
        self.is_changed = true;
        self.look_at_templates();
        self.begin_watch(alloc, now);
        self.limit_run();
        self.go_on(now);
    }

    /// Takes over what the servers wrote: a stop, another job version, another deployment.
    pub(super) fn server_wrote(&mut self, alloc: &Allocation, now: Time) {
        if alloc.alloc_modify_index == self.seen {
            return;
        }
        self.seen = alloc.alloc_modify_index;
        let is_other_job = !Rc::ptr_eq(&self.job, &alloc.job);
        if is_other_job {
            self.job = alloc.job.clone();
        }
        self.look_at_templates();
        if alloc.desired_transition.no_shutdown_delay == Some(true) {
            self.skip_shutdown_delays(now);
        }
        self.limit_run();
        for index in (0..self.tasks.len()).filter(|_| is_other_job) {
            if self.tasks[index].stage == Stage::Running {
                self.watch_for_failing_checks(index, now);
            }
        }
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
    }

    /// The servers have been out of reach for too long: all stops, and nothing starts again.
    fn stop_for_silence(&mut self, now: Time) {
        if !self.is_stopping {
            self.stop(now);
        }
        self.go_on(now);
    }

    /// Does what was due, unless it is void by now.
    pub(super) fn wake(
        &mut self,
        timer: &ClientTimer,
        images: &mut Images,
        alloc: &Allocation,
        now: Time,
    ) {
        match timer {
            ClientTimer::Task {
                task,
                step,
                generation,
                ..
            } => {
                let index = usize::from(*task);
                let runner = self.tasks.get(index);
                if runner.is_some_and(|runner| runner.is_current(*generation)) {
                    self.task_step(index, *step, images, alloc, now);
                    self.is_changed = true;
                    self.go_on(now);
                }
            }
            ClientTimer::CheckRestart(restart) => self.check_failed(restart, now),
            ClientTimer::MaxRun { .. } => self.end_run(now),
            ClientTimer::GroupDelay { .. } => self.group_delay_is_over(now),
            ClientTimer::TemplateChanged {
                task, generation, ..
            } => self.template_changed(usize::from(*task), *generation, now),
            ClientTimer::Silence(_) => self.stop_for_silence(now),
            ClientTimer::HealthyDeadline { generation, .. } => {
                let is_open = self.watch.is_some() && !self.is_stopping;
                if *generation == self.deadline_generation && is_open {
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
    }

    fn task_step(
        &mut self,
        index: usize,
        step: TaskStep,
        images: &mut Images,
        alloc: &Allocation,
        now: Time,
    ) {
        match step {
            TaskStep::SetUp => {
                self.tasks[index].set_up(now);
                self.choose_behaviour(index, images, alloc.node_id, now);
                self.prepare(index, now);
            }
            TaskStep::Restart => {
                self.choose_behaviour(index, images, alloc.node_id, now);
                self.prepare(index, now);
            }
            TaskStep::ArtifactFails => self.artifact_failed(index, now),
            TaskStep::TemplateWaits => self.template_waits(index, now),
            TaskStep::Start => self.start_task(index, alloc, now),
            TaskStep::Exit => {
                let RunEnd::Exits {
                    code,
                    signal,
                    out_of_memory,
                    ..
                } = self.tasks[index].behaviour().end
                else {
                    return;
                };
                self.tasks[index].terminated(now, code, signal, out_of_memory);
                self.after_end(index, code == 0 && signal == 0, now);
            }
            TaskStep::Kill => self.interrupt(index, now),
            TaskStep::Stopped => self.task_stopped(index, now),
            TaskStep::Signalled { by_force } => self.ended_by_signal(index, by_force, now),
        }
    }

    fn task_stopped(&mut self, index: usize, now: Time) {
        let patience = self.patience(index);
        let runner = &mut self.tasks[index];
        runner.stopped(now, patience);
        match runner.restart_cause.take() {
            Some(RestartCause::All) => runner.rewind(now),
            Some(RestartCause::User | RestartCause::Template) => {
                let wait = runner.restarting(now, Duration::ZERO, "");
                self.wait(index, wait, now);
            }
            // A failing check is a failure of the task: the restart policy decides.
            Some(RestartCause::Check) => self.after_end(index, false, now),
            None => {
                runner.killed(now);
            }
        }
    }

    fn choose_behaviour(&mut self, index: usize, images: &mut Images, node: NodeId, now: Time) {
        let job = self.job.clone();
        if let Some(task) = self.task_in(&job, index) {
            let (mut behaviour, pull) = images.next_start(node, task, &mut self.rng, now);
            behaviour.start_takes = behaviour.start_takes + pull;
            self.tasks[index].behave(behaviour);
            if !pull.is_zero_or_less() {
                self.tasks[index].event(now, "Driver", "Downloading image", &[]);
            }
        }
    }

    fn start_task(&mut self, index: usize, alloc: &Allocation, now: Time) {
        self.tasks[index].is_prepared = true;
        self.tasks[index].restarts.task_starts(now);
        self.forget_rendered(index);
        if let Some(failure) = self.tasks[index].behaviour().start_failure.clone() {
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
        if let Some(length) = self.ends_after(index, alloc) {
            let step = TaskStep::Exit;
            self.wait(index, Wait { step, length }, now);
        } else {
            self.tasks[index].begin();
        }
        self.watch_for_failing_checks(index, now);
    }

    /// How long a run lasts that begins now; `None` when it does not end by itself.
    fn ends_after(&self, index: usize, alloc: &Allocation) -> Option<Duration> {
        let runner = &self.tasks[index];
        let behaviour = runner.behaviour();
        let mut given = alloc.resources.tasks.iter();
        let given = given.find(|given| given.name == runner.state.name);
        match (&behaviour.end, given) {
            (RunEnd::Never, _) => None,
            (RunEnd::Exits { out_of_memory, .. }, Some(given)) if *out_of_memory => {
                usage::runs_out_after(behaviour.memory, given)
            }
            (RunEnd::Exits { after, .. }, _) => Some(*after),
        }
    }

    /// A task has ended by itself: it is done, starts again, or has failed.
    fn after_end(&mut self, index: usize, succeeded: bool, now: Time) {
        let job = self.job.clone();
        let Some(task) = self.task_in(&job, index) else {
            return;
        };
        // A sidecar is there for as long as the allocation runs, whatever the type of the job.
        let runs_once = match &task.lifecycle {
            Some(lifecycle) => !lifecycle.sidecar,
            None => self.job.spec.kind.is_batch(),
        };
        if succeeded && runs_once {
            self.tasks[index].dead(now, false);
            return;
        }
        let tracker = &mut self.course.tasks[index].restarts;
        let verdict = tracker.decide(&task.restart, now, &mut self.rng);
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

    fn wait(&mut self, index: usize, wait: Wait, now: Time) {
        let generation = self.tasks[index].begin();
        let timer = ClientTimer::Task {
            alloc: self.id,
            task: place_of(index),
            step: wait.step,
            generation,
        };
        self.wake_at(now + wait.length, timer);
    }

    fn wake_at(&mut self, at: Time, timer: ClientTimer) {
        self.effects.push(ClientEffect::Wake { at, timer });
    }
}

/// The client description of an allocation that ran for too long (spec: deployments 2.2).
pub(crate) const OVERRUN: &str = "allocation exceeded max_run_duration";

/// A task's place in its group, as timers hold it. No job file has room for so many tasks that it
/// would not fit.
fn place_of(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}

fn lifecycle(task: &Task) -> Option<&Lifecycle> {
    task.lifecycle.as_ref()
}

fn hook(task: Option<&Task>) -> Option<LifecycleHook> {
    task.and_then(lifecycle).map(|lifecycle| lifecycle.hook)
}

fn is_sidecar(task: Option<&Task>) -> bool {
    task.and_then(lifecycle).is_some_and(|one| one.sidecar)
}

//! The checks of an allocation: when they restart a task, and what they have found.

use yurt_model::{Allocation, Name, Time};
use yurt_state::Store;

use super::{AllocRunner, Course, RestartCause, Stage, TaskRunner, place_of};
use crate::client::checks::{self, CheckResult, Place};
use crate::client::{ClientTimer, FailingCheck};

impl AllocRunner<'_> {
    /// Sets a timer for the first check that will have failed too often in this run of a task.
    pub(super) fn watch_for_failing_checks(&mut self, index: usize, now: Time) {
        if let Some((at, check)) = self.first_to_fail(index, now) {
            let runner = &self.tasks[index];
            let timer = ClientTimer::CheckRestart(Box::new(FailingCheck {
                alloc: self.id,
                task: place_of(index),
                check,
                generation: runner.generation(),
            }));
            self.wake_at(at, timer);
        }
    }

    /// When the first check will have failed too often in this run of a task, and which.
    fn first_to_fail(&self, index: usize, now: Time) -> Option<(Time, Name)> {
        let runner = &self.tasks[index];
        let start = runner.state.started_at?;
        checks::declared(self.task_group()?)
            .into_iter()
            .filter(|one| one.answers.name == runner.state.name)
            .filter_map(|one| {
                let at = one.restarts_at(runner.behaviour(), start)?;
                Some((at, one.check.name.clone()))
            })
            .filter(|(at, _)| *at >= now)
            .min_by_key(|(at, _)| *at)
    }

    /// A check has failed too often: the task is stopped, and the restart policy decides.
    pub(super) fn check_failed(&mut self, restart: &FailingCheck, now: Time) {
        let (index, check) = (usize::from(restart.task), &restart.check);
        let runs = |runner: &TaskRunner| {
            runner.is_current(restart.generation) && runner.stage == Stage::Running
        };
        if !self.tasks.get(index).is_some_and(runs) {
            return;
        }
        // The job may have changed since: what counts is what it says now.
        let fails_now = |(at, name): (Time, Name)| at == now && name == *check;
        if !self.first_to_fail(index, now).is_some_and(fails_now) {
            return;
        }
        let runner = &mut self.tasks[index];
        let text = format!("healthcheck: check \"{check}\" unhealthy");
        runner.event(now, "Restart Signaled", &text, &[("restart_reason", &text)]);
        runner.restart_cause = Some(RestartCause::Check);
        self.begin_stop(index, now);
        self.go_on(now);
    }
}

impl Course {
    /// The services with a check that holds an update up, in the order of the job file.
    pub(super) fn unhealthy_services(&self, now: Time) -> Vec<Name> {
        let mut names: Vec<Name> = Vec::new();
        for one in self.task_group().map_or_else(Vec::new, checks::declared) {
            let mut tasks = self.tasks.iter();
            let runner = tasks.find(|runner| runner.state.name == one.answers.name);
            let runner = runner.filter(|runner| runner.stage == Stage::Running);
            let start = runner.and_then(|runner| Some((runner, runner.state.started_at?)));
            let is_good =
                start.is_some_and(|(runner, start)| one.is_good_at(runner.behaviour(), start, now));
            if !is_good && !names.contains(&one.service.name) {
                names.push(one.service.name.clone());
            }
        }
        names
    }

    /// What the checks have found last; a task that does not run has none.
    pub(in crate::client) fn checks(
        &self,
        store: &Store,
        alloc: &Allocation,
        now: Time,
    ) -> Vec<CheckResult> {
        let Some(group) = self.task_group() else {
            return Vec::new();
        };
        let (alloc_id, alloc_name) = (alloc.id.to_string(), alloc.name());
        let services = store.services_of_alloc(alloc);
        let mut found = Vec::new();
        for one in checks::declared(group) {
            let mut tasks = self.tasks.iter();
            let runner = tasks.find(|runner| runner.state.name == one.answers.name);
            let Some(runner) = runner.filter(|runner| runner.stage == Stage::Running) else {
                continue;
            };
            let Some(start) = runner.state.started_at else {
                continue;
            };
            let label = format!("-{}", one.service.port_label);
            let registered = services.iter().find(|service| service.id.ends_with(&label));
            let address = registered.map_or_else(String::new, |service| {
                format!("{}:{}", service.address, service.port)
            });
            let place = Place {
                alloc_id: &alloc_id,
                alloc_name: &alloc_name,
                address: &address,
            };
            found.push(checks::result(&one, &place, runner.behaviour(), start, now));
        }
        found
    }
}

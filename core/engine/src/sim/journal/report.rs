//! What scripted clients report, as a journal writes it.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use yurt_model::{
    AllocClientStatus, AllocDeploymentStatus, Ends, TaskEnds, TaskEvent, TaskPhase, TaskState, Time,
};
use yurt_state::ClientUpdate;

use super::id;
use crate::event::Request;

#[derive(Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(super) enum Entry {
    Report { allocs: Vec<Alloc> },
}

#[derive(Serialize, Deserialize)]
pub(super) struct Alloc {
    alloc: String,
    status: String,
    description: String,
    tasks: Vec<Task>,
    /// Healthy or not, when that was decided, and the canary flag.
    health: Option<(Option<bool>, Option<i64>, bool)>,
}

#[derive(Serialize, Deserialize)]
struct Task {
    name: String,
    phase: String,
    failed: bool,
    restarts: u64,
    last_restart_ns: Option<i64>,
    started_ns: Option<i64>,
    finished_ns: Option<i64>,
    events: Vec<Event>,
}

#[derive(Serialize, Deserialize)]
struct Event {
    at_ns: i64,
    kind: String,
    message: String,
    details: Vec<(String, String)>,
}

const PHASES: [TaskPhase; 3] = [TaskPhase::Pending, TaskPhase::Running, TaskPhase::Dead];

impl Entry {
    pub(super) fn of(updates: &[ClientUpdate]) -> Self {
        let allocs = updates.iter().map(Alloc::of).collect();
        Self::Report { allocs }
    }

    pub(super) fn request(self) -> Result<Request, String> {
        let Self::Report { allocs } = self;
        let updates: Result<_, String> = allocs.into_iter().map(Alloc::update).collect();
        updates.map(Request::ClientReport)
    }
}

impl Alloc {
    fn of(update: &ClientUpdate) -> Self {
        let health = update.deployment_status.as_ref();
        Self {
            alloc: update.alloc_id.to_string(),
            status: update.status.to_string(),
            description: update.description.to_string(),
            tasks: update
                .task_states
                .iter()
                .map(|state| Task::of(state))
                .collect(),
            health: health.map(|status| {
                let decided_at = status.timestamp.map(|at| at.0);
                (status.healthy, decided_at, status.canary)
            }),
        }
    }

    fn update(self) -> Result<ClientUpdate, String> {
        let status = AllocClientStatus::from_name(&self.status);
        let tasks = self.tasks.into_iter();
        let tasks: Result<_, String> = tasks.map(|task| task.state().map(Rc::new)).collect();
        Ok(ClientUpdate {
            alloc_id: id(&self.alloc)?,
            status: status.ok_or_else(|| format!("no client status \"{}\"", self.status))?,
            description: self.description.into(),
            task_states: tasks?,
            deployment_status: self.health.map(|(healthy, decided_at, canary)| {
                AllocDeploymentStatus {
                    healthy,
                    timestamp: decided_at.map(Time),
                    canary,
                    modify_index: 0,
                }
            }),
        })
    }
}

impl Task {
    fn of(state: &TaskState) -> Self {
        Self {
            name: state.name.to_string(),
            phase: state.phase.as_str().to_owned(),
            failed: state.failed,
            restarts: state.restarts,
            last_restart_ns: state.last_restart.map(|at| at.0),
            started_ns: state.started_at.map(|at| at.0),
            finished_ns: state.finished_at.map(|at| at.0),
            events: state.events.iter().map(Event::of).collect(),
        }
    }

    fn state(self) -> Result<TaskState, String> {
        let phase = PHASES
            .into_iter()
            .find(|phase| phase.as_str() == self.phase);
        Ok(TaskState {
            name: self.name.into(),
            phase: phase.ok_or_else(|| format!("no task state \"{}\"", self.phase))?,
            failed: self.failed,
            started_at: self.started_ns.map(Time),
            events: self.events.into_iter().map(Event::event).collect(),
            ends: TaskEnds::from(Ends {
                restarts: self.restarts,
                last_restart: self.last_restart_ns.map(Time),
                finished_at: self.finished_ns.map(Time),
            }),
        })
    }
}

impl Event {
    fn of(event: &TaskEvent) -> Self {
        let details = event.details().iter();
        Self {
            at_ns: event.time.0,
            kind: event.kind().to_owned(),
            message: event.message().to_string(),
            details: details
                .map(|(name, text)| (name.to_string(), text.to_string()))
                .collect(),
        }
    }

    fn event(self) -> TaskEvent {
        let details = self.details.into_iter();
        let details = details.map(|(name, text)| (name.into(), text.into()));
        let (time, kind, message) = (Time(self.at_ns), self.kind.into(), self.message.into());
        TaskEvent::new(time, kind, message, details.collect())
    }
}

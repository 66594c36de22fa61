//! Requests about deployments and allocations, as a journal writes them.

use serde::{Deserialize, Serialize};
use yurt_model::Name;

use super::{id, ids, texts};
use crate::event::{ClientOrder, Request, RestartScope};

#[derive(Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(super) enum Entry {
    Promote {
        deployment: String,
        groups: Option<Vec<String>>,
    },
    Fail {
        deployment: String,
    },
    Pause {
        deployment: String,
        pause: bool,
    },
    Health {
        deployment: String,
        healthy: Vec<String>,
        unhealthy: Vec<String>,
    },
    AllocStop {
        alloc: String,
        no_shutdown_delay: bool,
        reschedule: bool,
    },
    AllocRestart {
        alloc: String,
        task: Option<String>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        all_tasks: bool,
    },
    AllocSignal {
        alloc: String,
        task: Option<String>,
        signal: String,
    },
    ServiceDeregister {
        service: String,
    },
}

impl Entry {
    /// The entry of a request about a deployment or an allocation; the caller knows that it is one.
    pub(super) fn of(request: &Request) -> Self {
        match request {
            Request::DeploymentPromote { id, groups } => Self::Promote {
                deployment: id.to_string(),
                groups: groups.as_deref().map(texts),
            },
            Request::DeploymentFail { id } => Self::Fail {
                deployment: id.to_string(),
            },
            Request::DeploymentPause { id, pause } => Self::Pause {
                deployment: id.to_string(),
                pause: *pause,
            },
            Request::DeploymentSetHealth {
                id,
                healthy,
                unhealthy,
            } => Self::Health {
                deployment: id.to_string(),
                healthy: texts(healthy),
                unhealthy: texts(unhealthy),
            },
            Request::AllocStop {
                id,
                no_shutdown_delay,
                reschedule,
            } => Self::AllocStop {
                alloc: id.to_string(),
                no_shutdown_delay: *no_shutdown_delay,
                reschedule: *reschedule,
            },
            Request::ServiceDeregister { id } => Self::ServiceDeregister {
                service: id.to_string(),
            },
            Request::AllocOrder { id, order } => Self::of_order(id.to_string(), order),
            _ => unreachable!("this request is about neither a deployment nor an allocation"),
        }
    }

    fn of_order(alloc: String, order: &ClientOrder) -> Self {
        match order {
            ClientOrder::Restart(scope) => Self::AllocRestart {
                alloc,
                task: match scope {
                    RestartScope::Task(name) => Some(name.to_string()),
                    RestartScope::Running | RestartScope::All => None,
                },
                all_tasks: *scope == RestartScope::All,
            },
            ClientOrder::Signal { task, signal } => Self::AllocSignal {
                alloc,
                task: task.as_ref().map(ToString::to_string),
                signal: signal.to_string(),
            },
        }
    }

    pub(super) fn request(self) -> Result<Request, String> {
        Ok(match self {
            Self::Promote { deployment, groups } => Request::DeploymentPromote {
                id: id(&deployment)?,
                groups: groups.map(|groups| groups.into_iter().map(Name::from).collect()),
            },
            Self::Fail { deployment } => Request::DeploymentFail {
                id: id(&deployment)?,
            },
            Self::Pause { deployment, pause } => Request::DeploymentPause {
                id: id(&deployment)?,
                pause,
            },
            Self::Health {
                deployment,
                healthy,
                unhealthy,
            } => Request::DeploymentSetHealth {
                id: id(&deployment)?,
                healthy: ids(&healthy)?,
                unhealthy: ids(&unhealthy)?,
            },
            Self::AllocStop {
                alloc,
                no_shutdown_delay,
                reschedule,
            } => Request::AllocStop {
                id: id(&alloc)?,
                no_shutdown_delay,
                reschedule,
            },
            Self::ServiceDeregister { service } => {
                Request::ServiceDeregister { id: service.into() }
            }
            Self::AllocRestart {
                alloc,
                task,
                all_tasks,
            } => Request::AllocOrder {
                id: id(&alloc)?,
                order: ClientOrder::Restart(match task {
                    Some(name) => RestartScope::Task(name.into()),
                    None if all_tasks => RestartScope::All,
                    None => RestartScope::Running,
                }),
            },
            Self::AllocSignal {
                alloc,
                task,
                signal,
            } => Request::AllocOrder {
                id: id(&alloc)?,
                order: ClientOrder::Signal {
                    task: task.map(Name::from),
                    signal: signal.into(),
                },
            },
        })
    }
}

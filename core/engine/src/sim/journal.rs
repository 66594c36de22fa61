//! The inputs of a cluster, in order, with their times. With the world they are the whole history.
//!
//! A journal is written as lines of JSON with types of their own: renaming a field of the engine cannot
//! break a journal that someone has kept. A job is in it as its canonical document and its source text.

use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use yurt_jobspec::typed::spec_from_document;
use yurt_model::{AllocId, DeploymentId, Duration, JobKey, Name, NodeId, Time};
use yurt_state::Submission;

use super::cluster::Cluster;
use super::world::ClusterConfig;
use crate::event::{DrainRequest, Fault, Input, JobRegister, Request};

/// The inputs so far, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    entries: Rc<Vec<(Time, Input)>>,
}

/// Why a journal cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of the journal: {}", self.line, self.reason)
    }
}

impl Journal {
    pub(super) fn push(&mut self, at: Time, input: &Input) {
        Rc::make_mut(&mut self.entries).push((at, input.clone()));
    }

    /// The inputs with their times, oldest first.
    pub fn entries(&self) -> &[(Time, Input)] {
        &self.entries
    }

    /// Plays the journal in a fresh cluster and lets time pass up to `until`.
    pub fn replay(&self, config: ClusterConfig, until: Time) -> Result<Cluster, String> {
        let mut cluster = Cluster::new(config)?;
        for (at, input) in self.entries.iter() {
            // What was refused then is refused again: the journal holds attempts, not successes.
            cluster.handle(*at, input.clone());
        }
        if until > cluster.now() {
            cluster.run_until(until);
        }
        Ok(cluster)
    }

    /// The journal as text, one input a line. Inputs that only tests make (reports of clients, nodes
    /// registered by hand) are not part of it.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (at, input) in self.entries.iter() {
            let Some(entry) = Entry::of(*at, input) else {
                continue;
            };
            if let Ok(line) = serde_json::to_string(&entry) {
                text.push_str(&line);
                text.push('\n');
            }
        }
        text
    }

    /// Reads what [`Journal::to_text`] writes.
    pub fn from_text(text: &str) -> Result<Self, JournalError> {
        let mut journal = Self::default();
        for (number, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
        {
            let error = |reason: String| JournalError {
                line: number + 1,
                reason,
            };
            let entry: Entry = serde_json::from_str(line).map_err(|e| error(e.to_string()))?;
            let (at, input) = entry.input().map_err(error)?;
            journal.push(at, &input);
        }
        Ok(journal)
    }
}

#[derive(Serialize, Deserialize)]
struct Entry {
    at_ns: i64,
    #[serde(flatten)]
    what: What,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum What {
    Register {
        job: Value,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<(String, String, String)>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        enforce_index: Option<u64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        eval_priority: Option<i64>,
        #[serde(default)]
        preserve_counts: bool,
    },
    Deregister {
        job: (String, String),
        purge: bool,
        no_shutdown_delay: bool,
        #[serde(default)]
        eval_priority: Option<i64>,
    },
    Revert {
        job: (String, String),
        version: u64,
        #[serde(default)]
        enforce_prior_version: Option<u64>,
    },
    Evaluate {
        job: (String, String),
        force_reschedule: bool,
    },
    Scale {
        job: (String, String),
        group: String,
        count: Option<i64>,
        #[serde(default)]
        enforce_index: Option<u64>,
    },
    Stability {
        job: (String, String),
        version: u64,
        stable: bool,
    },
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
    },
    Eligibility {
        node: String,
        eligible: bool,
    },
    Drain {
        node: String,
        deadline_ns: i64,
        ignore_system_jobs: bool,
    },
    DrainStop {
        node: String,
        mark_eligible: bool,
    },
    NodeStops {
        node: String,
    },
    NodeStarts {
        node: String,
    },
    HeartbeatMissed {
        node: String,
    },
}

fn pair(key: &JobKey) -> (String, String) {
    (key.namespace.to_string(), key.id.to_string())
}

fn key((namespace, id): (String, String)) -> JobKey {
    JobKey {
        namespace: Rc::from(namespace),
        id: yurt_model::JobId(Rc::from(id)),
    }
}

fn id<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("\"{text}\" is not an identifier"))
}

fn ids<T: std::str::FromStr>(texts: &[String]) -> Result<Vec<T>, String> {
    texts.iter().map(|text| id(text)).collect()
}

impl Entry {
    fn of(at: Time, input: &Input) -> Option<Self> {
        let what = match input {
            Input::Request(request) => of_request(request)?,
            Input::Fault(Fault::NodeStops(node)) => What::NodeStops {
                node: node.to_string(),
            },
            Input::Fault(Fault::NodeStarts(node)) => What::NodeStarts {
                node: node.to_string(),
            },
            Input::Fault(Fault::HeartbeatMissed(node)) => What::HeartbeatMissed {
                node: node.to_string(),
            },
        };
        Some(Self { at_ns: at.0, what })
    }

    fn input(self) -> Result<(Time, Input), String> {
        let at = Time(self.at_ns);
        let fault = |fault: Fault| Ok((at, Input::Fault(fault)));
        match self.what {
            What::NodeStops { node } => fault(Fault::NodeStops(id(&node)?)),
            What::NodeStarts { node } => fault(Fault::NodeStarts(id(&node)?)),
            What::HeartbeatMissed { node } => fault(Fault::HeartbeatMissed(id(&node)?)),
            what => Ok((at, Input::Request(to_request(what)?))),
        }
    }
}

fn of_request(request: &Request) -> Option<What> {
    Some(match request {
        Request::JobRegister(register) => What::Register {
            job: register.spec.document.clone(),
            source: register.submission.as_ref().map(|submission| {
                let text = |part: &str| part.to_owned();
                (
                    text(&submission.source),
                    text(&submission.format),
                    text(&submission.variables),
                )
            }),
            enforce_index: register.enforce_index,
            eval_priority: register.eval_priority,
            preserve_counts: register.preserve_counts,
        },
        Request::JobDeregister {
            key,
            purge,
            no_shutdown_delay,
            eval_priority,
        } => What::Deregister {
            job: pair(key),
            purge: *purge,
            no_shutdown_delay: *no_shutdown_delay,
            eval_priority: *eval_priority,
        },
        Request::JobRevert {
            key,
            version,
            enforce_prior_version,
        } => What::Revert {
            job: pair(key),
            version: *version,
            enforce_prior_version: *enforce_prior_version,
        },
        Request::JobEvaluate {
            key,
            force_reschedule,
        } => What::Evaluate {
            job: pair(key),
            force_reschedule: *force_reschedule,
        },
        Request::JobScale {
            key,
            group,
            count,
            enforce_index,
        } => What::Scale {
            job: pair(key),
            group: group.to_string(),
            count: *count,
            enforce_index: *enforce_index,
        },
        Request::JobStability {
            key,
            version,
            stable,
        } => What::Stability {
            job: pair(key),
            version: *version,
            stable: *stable,
        },
        Request::AllocStop {
            id,
            no_shutdown_delay,
            reschedule,
        } => What::AllocStop {
            alloc: id.to_string(),
            no_shutdown_delay: *no_shutdown_delay,
            reschedule: *reschedule,
        },
        Request::AllocRestart { id, task } => What::AllocRestart {
            alloc: id.to_string(),
            task: task.as_ref().map(|task| task.to_string()),
        },
        _ => return of_deployment_or_node_request(request),
    })
}

fn of_deployment_or_node_request(request: &Request) -> Option<What> {
    let texts = |ids: &[AllocId]| ids.iter().map(ToString::to_string).collect();
    Some(match request {
        Request::DeploymentPromote { id, groups } => What::Promote {
            deployment: id.to_string(),
            groups: groups
                .as_ref()
                .map(|groups| groups.iter().map(ToString::to_string).collect()),
        },
        Request::DeploymentFail { id } => What::Fail {
            deployment: id.to_string(),
        },
        Request::DeploymentPause { id, pause } => What::Pause {
            deployment: id.to_string(),
            pause: *pause,
        },
        Request::DeploymentSetHealth {
            id,
            healthy,
            unhealthy,
        } => What::Health {
            deployment: id.to_string(),
            healthy: texts(healthy),
            unhealthy: texts(unhealthy),
        },
        Request::NodeEligibility { id, eligible } => What::Eligibility {
            node: id.to_string(),
            eligible: *eligible,
        },
        Request::NodeDrain {
            id,
            drain: Some(drain),
            ..
        } => What::Drain {
            node: id.to_string(),
            deadline_ns: drain.deadline.nanos(),
            ignore_system_jobs: drain.ignore_system_jobs,
        },
        Request::NodeDrain {
            id,
            drain: None,
            mark_eligible,
        } => What::DrainStop {
            node: id.to_string(),
            mark_eligible: *mark_eligible,
        },
        _ => return None,
    })
}

fn to_request(what: What) -> Result<Request, String> {
    Ok(match what {
        What::Register {
            job,
            source,
            enforce_index,
            eval_priority,
            preserve_counts,
        } => {
            let spec = spec_from_document(&job).map_err(|error| error.to_string())?;
            let submission = source.map(|(source, format, variables)| {
                Rc::new(Submission {
                    source: Rc::from(source),
                    format: Name::from(format),
                    variables: Rc::from(variables),
                })
            });
            Request::JobRegister(JobRegister {
                spec: Rc::new(spec),
                submission,
                enforce_index,
                eval_priority,
                preserve_counts,
            })
        }
        What::Deregister {
            job,
            purge,
            no_shutdown_delay,
            eval_priority,
        } => Request::JobDeregister {
            key: key(job),
            purge,
            no_shutdown_delay,
            eval_priority,
        },
        What::Revert {
            job,
            version,
            enforce_prior_version,
        } => Request::JobRevert {
            key: key(job),
            version,
            enforce_prior_version,
        },
        What::Evaluate {
            job,
            force_reschedule,
        } => Request::JobEvaluate {
            key: key(job),
            force_reschedule,
        },
        What::Scale {
            job,
            group,
            count,
            enforce_index,
        } => Request::JobScale {
            key: key(job),
            group: Name::from(group),
            count,
            enforce_index,
        },
        What::Stability {
            job,
            version,
            stable,
        } => Request::JobStability {
            key: key(job),
            version,
            stable,
        },
        What::AllocStop {
            alloc,
            no_shutdown_delay,
            reschedule,
        } => Request::AllocStop {
            id: id(&alloc)?,
            no_shutdown_delay,
            reschedule,
        },
        What::AllocRestart { alloc, task } => Request::AllocRestart {
            id: id(&alloc)?,
            task: task.map(Name::from),
        },
        what => return to_deployment_or_node_request(what),
    })
}

fn to_deployment_or_node_request(what: What) -> Result<Request, String> {
    let deployment = |text: String| id::<DeploymentId>(&text);
    let node = |text: String| id::<NodeId>(&text);
    Ok(match what {
        What::Promote {
            deployment: text,
            groups,
        } => Request::DeploymentPromote {
            id: deployment(text)?,
            groups: groups.map(|groups| groups.into_iter().map(Name::from).collect()),
        },
        What::Fail { deployment: text } => Request::DeploymentFail {
            id: deployment(text)?,
        },
        What::Pause {
            deployment: text,
            pause,
        } => Request::DeploymentPause {
            id: deployment(text)?,
            pause,
        },
        What::Health {
            deployment: text,
            healthy,
            unhealthy,
        } => Request::DeploymentSetHealth {
            id: deployment(text)?,
            healthy: ids(&healthy)?,
            unhealthy: ids(&unhealthy)?,
        },
        What::Eligibility {
            node: text,
            eligible,
        } => Request::NodeEligibility {
            id: node(text)?,
            eligible,
        },
        What::Drain {
            node: text,
            deadline_ns,
            ignore_system_jobs,
        } => Request::NodeDrain {
            id: node(text)?,
            drain: Some(DrainRequest {
                deadline: Duration(deadline_ns),
                ignore_system_jobs,
            }),
            mark_eligible: false,
        },
        What::DrainStop {
            node: text,
            mark_eligible,
        } => Request::NodeDrain {
            id: node(text)?,
            drain: None,
            mark_eligible,
        },
        _ => return Err("an input of a kind that cannot be here".to_owned()),
    })
}

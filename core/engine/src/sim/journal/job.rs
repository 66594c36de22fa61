//! Requests about jobs, as a journal writes them. A job is its canonical document and its source.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use yurt_jobspec::typed::spec_from_document;
use yurt_model::{JobId, JobKey, Name};
use yurt_state::Submission;

use crate::event::{JobDispatch, JobRegister, Request};

/// A job by namespace and id.
type Key = (String, String);

#[derive(Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(super) enum Entry {
    Register(Box<Register>),
    Deregister {
        job: Key,
        purge: bool,
        no_shutdown_delay: bool,
        #[serde(default)]
        eval_priority: Option<i64>,
    },
    Revert {
        job: Key,
        version: u64,
        #[serde(default)]
        enforce_prior_version: Option<u64>,
    },
    Evaluate {
        job: Key,
        force_reschedule: bool,
    },
    Scale {
        job: Key,
        group: String,
        count: Option<i64>,
        #[serde(default)]
        enforce_index: Option<u64>,
        #[serde(default)]
        message: String,
        #[serde(default)]
        is_error: bool,
    },
    Dispatch(Box<Dispatch>),
    PeriodicForce {
        job: Key,
    },
    Stability {
        job: Key,
        version: u64,
        stable: bool,
    },
    Tag(Tag),
    Untag {
        job: Key,
        name: String,
    },
}

#[derive(Serialize, Deserialize)]
pub(super) struct Tag {
    job: Key,
    #[serde(default)]
    version: Option<u64>,
    name: String,
    #[serde(default)]
    description: String,
}

impl Tag {
    fn request(self) -> Request {
        Request::JobTag {
            key: key(self.job),
            version: self.version,
            name: self.name.into(),
            description: self.description.into(),
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct Register {
    job: Value,
    /// Text, format and variables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<(String, String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enforce_index: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    eval_priority: Option<i64>,
    #[serde(default)]
    preserve_counts: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    preserve_resources: bool,
    #[serde(default)]
    dispatched: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Dispatch {
    job: Key,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payload: Option<Vec<u8>>,
    #[serde(default)]
    meta: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    idempotency_token: Option<String>,
    #[serde(default)]
    priority: i64,
}

impl Dispatch {
    fn of(dispatch: &JobDispatch) -> Self {
        let text = |name: &Option<Name>| name.as_ref().map(ToString::to_string);
        let meta = dispatch.meta.iter();
        Self {
            job: pair(&dispatch.key),
            payload: dispatch.payload.as_ref().map(|payload| payload.to_vec()),
            meta: meta
                .map(|(key, value)| (key.to_string(), value.to_string()))
                .collect(),
            id_prefix: text(&dispatch.id_prefix),
            idempotency_token: text(&dispatch.idempotency_token),
            priority: dispatch.priority,
        }
    }

    fn dispatch(self) -> JobDispatch {
        let meta = self.meta.into_iter();
        JobDispatch {
            key: key(self.job),
            payload: self.payload.map(Rc::from),
            meta: meta
                .map(|(key, value)| (Name::from(key), Name::from(value)))
                .collect(),
            id_prefix: self.id_prefix.map(Name::from),
            idempotency_token: self.idempotency_token.map(Name::from),
            priority: self.priority,
        }
    }
}

fn pair(key: &JobKey) -> Key {
    (key.namespace.to_string(), key.id.to_string())
}

fn key((namespace, id): Key) -> JobKey {
    JobKey {
        namespace: Rc::from(namespace),
        id: JobId(Rc::from(id)),
    }
}

impl Entry {
    /// The entry of a request about a job; the caller knows that it is one.
    pub(super) fn of(request: &Request) -> Self {
        match request {
            Request::JobRegister(register) => Self::Register(Box::new(Register::of(register))),
            Request::JobDeregister {
                key,
                purge,
                no_shutdown_delay,
                eval_priority,
            } => Self::Deregister {
                job: pair(key),
                purge: *purge,
                no_shutdown_delay: *no_shutdown_delay,
                eval_priority: *eval_priority,
            },
            Request::JobEvaluate {
                key,
                force_reschedule,
            } => Self::Evaluate {
                job: pair(key),
                force_reschedule: *force_reschedule,
            },
            Request::JobScale {
                key,
                group,
                count,
                enforce_index,
                message,
                is_error,
            } => Self::Scale {
                job: pair(key),
                group: group.to_string(),
                count: *count,
                enforce_index: *enforce_index,
                message: message.to_string(),
                is_error: *is_error,
            },
            Request::JobDispatch(dispatch) => Self::Dispatch(Box::new(Dispatch::of(dispatch))),
            Request::JobPeriodicForce { key } => Self::PeriodicForce { job: pair(key) },
            _ => Self::of_versions(request),
        }
    }

    /// The entry of a request about versions of a job.
    fn of_versions(request: &Request) -> Self {
        match request {
            Request::JobRevert {
                key,
                version,
                enforce_prior_version,
            } => Self::Revert {
                job: pair(key),
                version: *version,
                enforce_prior_version: *enforce_prior_version,
            },
            Request::JobStability {
                key,
                version,
                stable,
            } => Self::Stability {
                job: pair(key),
                version: *version,
                stable: *stable,
            },
            Request::JobTag {
                key,
                version,
                name,
                description,
            } => Self::Tag(Tag {
                job: pair(key),
                version: *version,
                name: name.to_string(),
                description: description.to_string(),
            }),
            Request::JobUntag { key, name } => Self::Untag {
                job: pair(key),
                name: name.to_string(),
            },
            _ => unreachable!("this request is not about a job"),
        }
    }

    pub(super) fn request(self) -> Result<Request, String> {
        Ok(match self {
            Self::Register(register) => Request::JobRegister(register.register()?),
            Self::Deregister {
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
            Self::Revert {
                job,
                version,
                enforce_prior_version,
            } => Request::JobRevert {
                key: key(job),
                version,
                enforce_prior_version,
            },
            Self::Evaluate {
                job,
                force_reschedule,
            } => Request::JobEvaluate {
                key: key(job),
                force_reschedule,
            },
            Self::Scale {
                job,
                group,
                count,
                enforce_index,
                message,
                is_error,
            } => Request::JobScale {
                key: key(job),
                group: Name::from(group),
                count,
                enforce_index,
                message: message.into(),
                is_error,
            },
            Self::Dispatch(dispatch) => Request::JobDispatch(dispatch.dispatch()),
            Self::PeriodicForce { job } => Request::JobPeriodicForce { key: key(job) },
            Self::Stability {
                job,
                version,
                stable,
            } => Request::JobStability {
                key: key(job),
                version,
                stable,
            },
            Self::Tag(tag) => tag.request(),
            Self::Untag { job, name } => Request::JobUntag {
                key: key(job),
                name: name.into(),
            },
        })
    }
}

impl Register {
    fn of(register: &JobRegister) -> Self {
        let source = register.submission.as_ref().map(|submission| {
            let text = |part: &str| part.to_owned();
            (
                text(&submission.source),
                text(&submission.format),
                text(&submission.variables),
            )
        });
        Self {
            job: register.spec.document.clone(),
            source,
            enforce_index: register.enforce_index,
            eval_priority: register.eval_priority,
            preserve_counts: register.preserve_counts,
            preserve_resources: register.preserve_resources,
            dispatched: register.dispatched,
        }
    }

    fn register(self) -> Result<JobRegister, String> {
        let spec = spec_from_document(&self.job).map_err(|error| error.to_string())?;
        let submission = self.source.map(|(source, format, variables)| {
            Rc::new(Submission {
                source: Rc::from(source),
                format: Name::from(format),
                variables: Rc::from(variables),
            })
        });
        Ok(JobRegister {
            spec: Rc::new(spec),
            submission,
            enforce_index: self.enforce_index,
            eval_priority: self.eval_priority,
            preserve_counts: self.preserve_counts,
            preserve_resources: self.preserve_resources,
            dispatched: self.dispatched,
        })
    }
}

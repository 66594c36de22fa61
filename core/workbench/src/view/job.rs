//! The job of the file in the editor: a line about it, and what can be done with it.

use serde::{Deserialize, Serialize};
use yurt_model::{AllocClientStatus, Job, JobKey, JobType, Time};
use yurt_state::Store;

use super::cluster::plural;
use super::{ButtonView, quote};

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobView {
    /// Its id.
    pub id: String,
    /// `service`, `batch`, ….
    pub kind: String,
    /// The version the servers have.
    pub version: u64,
    /// `pending`, `running`, `dead`.
    pub status: String,
    /// That version's deployment succeeded.
    pub stable: bool,
    /// It was told to stop.
    pub stopped: bool,
    /// What to say after its name: `version 1, 5 of 5 running`.
    pub sentence: String,
    /// Its groups, when their counts can be changed; else none.
    pub groups: Vec<JobGroupView>,
    /// `Scale`: the beginning of the command, `nomad job scale docs`; see [`JobView::scale_line`].
    pub scale: ButtonView,
    /// `Launch now`, for a periodic job.
    pub force: Option<ButtonView>,
    /// `Dispatch`, for a parameterized job.
    pub dispatch: Option<DispatchView>,
    /// `Stop`.
    pub stop: ButtonView,
    /// `Start`.
    pub start: ButtonView,
}

/// A group whose count can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobGroupView {
    /// The group.
    pub name: String,
    /// How many allocations are wanted.
    pub count: i64,
}

/// What a dispatch asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DispatchView {
    /// The beginning of the command, when it would be accepted now: `nomad job dispatch`.
    pub button: ButtonView,
    /// Meta keys that must be given.
    pub required: Vec<String>,
    /// Meta keys that may be given.
    pub optional: Vec<String>,
    /// A payload may be given.
    pub takes_payload: bool,
    /// A payload must be given.
    pub needs_payload: bool,
}

impl JobView {
    /// The line that gives a group another count.
    pub fn scale_line(&self, group: &str, count: i64) -> String {
        format!(
            "nomad job scale {} {} {count}",
            quote(&self.id),
            quote(group)
        )
    }

    /// The line that dispatches the job with meta, and with the payload that a file holds. A key
    /// without a value is left out.
    pub fn dispatch_line(&self, meta: &[(String, String)], payload: Option<&str>) -> String {
        let mut line = String::from("nomad job dispatch");
        for (key, value) in meta.iter().filter(|(_, value)| !value.is_empty()) {
            line.push_str(&format!(" -meta {}", quote(&format!("{key}={value}"))));
        }
        line.push_str(&format!(" {}", quote(&self.id)));
        if let Some(file) = payload {
            line.push_str(&format!(" {}", quote(file)));
        }
        line
    }
}

/// A job, if the servers know it.
pub fn job(store: &Store, key: &JobKey, now: Time) -> Option<JobView> {
    let job = store.job(key)?;
    let id = quote(job.id().as_str());
    let command = |verb: &str| ButtonView {
        command: Some(format!("nomad job {verb} {id}")),
        why_not: String::new(),
    };
    let not = |why: &str| ButtonView {
        command: None,
        why_not: why.to_string(),
    };
    let unless_stopped = |verb: &str| match job.stop {
        true => not("The job is stopped."),
        false => command(verb),
    };
    let scales = matches!(job.spec.kind, JobType::Service | JobType::Batch) && !job.is_parent();
    let groups = job.spec.groups.iter().filter(|_| scales);
    let rolling = store
        .latest_deployment(key)
        .is_some_and(|it| it.is_active());
    Some(JobView {
        id: job.spec.id.to_string(),
        kind: job.spec.kind.as_str().to_string(),
        version: job.version,
        status: job.status.as_str().to_string(),
        stable: job.stable,
        stopped: job.stop,
        sentence: sentence(store, key, job, now),
        groups: groups
            .map(|group| JobGroupView {
                name: group.name.to_string(),
                count: group.count,
            })
            .collect(),
        // Spec: deployments 25.
        scale: match rolling {
            true => not("Its deployment must end first."),
            false => unless_stopped("scale"),
        },
        force: job
            .spec
            .periodic
            .as_ref()
            .map(|_| unless_stopped("periodic force")),
        dispatch: dispatch(job, unless_stopped("dispatch")),
        stop: unless_stopped("stop"),
        start: match job.stop {
            true => command("start"),
            false => not("The job is not stopped."),
        },
    })
}

fn dispatch(job: &Job, button: ButtonView) -> Option<DispatchView> {
    let parameterized = job.spec.parameterized.as_ref();
    let parameterized = parameterized.filter(|_| job.is_parameterized())?;
    let texts = |keys: &[yurt_model::Name]| keys.iter().map(ToString::to_string).collect();
    Some(DispatchView {
        button,
        required: texts(&parameterized.meta_required),
        optional: texts(&parameterized.meta_optional),
        takes_payload: &*parameterized.payload != "forbidden",
        needs_payload: &*parameterized.payload == "required",
    })
}

fn sentence(store: &Store, key: &JobKey, job: &Job, now: Time) -> String {
    let version = format!("version {}", job.version);
    if job.stop {
        return "is stopped".to_string();
    }
    if job.is_parent() {
        let children = store
            .jobs()
            .filter(|child| child.parent.as_ref() == Some(&key.id));
        let count = children.count();
        let children = match count {
            1 => "1 child".to_string(),
            _ => format!("{count} children"),
        };
        let next = job.spec.next_launch(now);
        let next = next.map_or(String::new(), |at| {
            format!(", next launch {}", at.rfc3339())
        });
        return format!("{version}, {children}{next}");
    }
    let running = store
        .allocs_of_job(key)
        .filter(|alloc| alloc.job.version == job.version)
        .filter(|alloc| alloc.client_status == AllocClientStatus::Running)
        .count();
    if job.spec.kind.is_per_node() {
        let nodes = plural(running, "node");
        return format!("{version}, running on {running} {nodes}");
    }
    let wanted: i64 = job.spec.groups.iter().map(|group| group.count).sum();
    format!("{version}, {running} of {wanted} running")
}

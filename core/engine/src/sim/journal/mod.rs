//! The inputs of a cluster, in order, with their times. With the world they are the whole history.
//!
//! A journal is written as lines of JSON with types of their own: renaming a field of the engine
//! cannot break a journal that someone has kept. A job is in it as its canonical document and its
//! source text.

mod deployment;
mod job;
mod node;
mod report;

use std::fmt;
use std::rc::Rc;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use yurt_model::Time;

use super::cluster::Cluster;
use super::world::ClusterConfig;
use crate::event::{Input, Request};

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

    /// The journal as text, one input a line.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (at, input) in self.entries.iter() {
            // Texts, numbers and lists of them: nothing here can fail to become JSON.
            if let Ok(line) = serde_json::to_string(&Entry::of(*at, input)) {
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

/// One line: when, and what, by the part of the cluster that it is about. The name in `do` is
/// unique.
#[derive(Serialize, Deserialize)]
struct Entry {
    at_ns: i64,
    #[serde(flatten)]
    what: What,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum What {
    Job(job::Entry),
    Deployment(deployment::Entry),
    Node(node::Entry),
    Report(report::Entry),
}

impl Entry {
    fn of(at: Time, input: &Input) -> Self {
        let what = match input {
            Input::Fault(fault) => What::Node(node::Entry::of_fault(fault)),
            Input::Request(request) => What::of_request(request),
        };
        Self { at_ns: at.0, what }
    }

    fn input(self) -> Result<(Time, Input), String> {
        let input = match self.what {
            What::Job(entry) => Input::Request(entry.request()?),
            What::Deployment(entry) => Input::Request(entry.request()?),
            What::Node(entry) => entry.input()?,
            What::Report(entry) => Input::Request(entry.request()?),
        };
        Ok((Time(self.at_ns), input))
    }
}

impl What {
    fn of_request(request: &Request) -> Self {
        match request {
            Request::JobRegister(_)
            | Request::JobDeregister { .. }
            | Request::JobRevert { .. }
            | Request::JobEvaluate { .. }
            | Request::JobScale { .. }
            | Request::JobDispatch(_)
            | Request::JobPeriodicForce { .. }
            | Request::JobStability { .. }
            | Request::JobTag { .. }
            | Request::JobUntag { .. } => Self::Job(job::Entry::of(request)),
            Request::DeploymentPromote { .. }
            | Request::DeploymentFail { .. }
            | Request::DeploymentPause { .. }
            | Request::DeploymentSetHealth { .. }
            | Request::AllocStop { .. }
            | Request::AllocOrder { .. }
            | Request::ServiceDeregister { .. } => Self::Deployment(deployment::Entry::of(request)),
            Request::NodeRegister(_)
            | Request::NodeStatus { .. }
            | Request::NodeEligibility { .. }
            | Request::NodeDrain { .. }
            | Request::SystemGarbageCollect
            | Request::SchedulerConfiguration(_) => Self::Node(node::Entry::of(request)),
            Request::ClientReport(updates) => Self::Report(report::Entry::of(updates)),
        }
    }
}

fn id<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("\"{text}\" is not an identifier"))
}

fn ids<T: FromStr>(texts: &[String]) -> Result<Vec<T>, String> {
    texts.iter().map(|text| id(text)).collect()
}

fn texts<T: ToString>(items: &[T]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

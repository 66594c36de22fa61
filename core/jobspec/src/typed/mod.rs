//! From a canonical document to the typed job that decisions read.
//!
//! Belongs here: reading, one function for each noun. Not here: defaults (those are `admission`)
//! and rules. May import: serde_json, yurt-model, `document`.

mod group;
mod service;
mod task;

use std::fmt;
use std::rc::Rc;

use serde_json::Value;
use yurt_model::job::{
    Affinity, Constraint, HealthCheck, Parameterized, Periodic, Spread, SpreadTarget,
    UpdateStrategy,
};
use yurt_model::{JobId, JobSpec, JobType, Name};

use crate::admission::job_update;
use crate::document::{ShapeError, Stage, View, normalise};

/// Why a document is not a canonical job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypedError {
    /// A member holds something of another kind.
    Shape(ShapeError),
    /// A member that must be one of a few names is none of them.
    Unknown {
        /// Which member.
        member: &'static str,
        /// What it says.
        value: String,
    },
}

impl fmt::Display for TypedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(error) => error.fmt(f),
            Self::Unknown { member, value } => write!(f, "unknown {member} {value:?}"),
        }
    }
}

impl std::error::Error for TypedError {}

impl From<ShapeError> for TypedError {
    fn from(error: ShapeError) -> Self {
        Self::Shape(error)
    }
}

/// Reads a canonical job: one that servers answered or recorded, empty members left out or not.
/// The document of the result is in the one shape of jobs, so equal jobs are equal.
pub fn spec_from_document(document: &Value) -> Result<JobSpec, TypedError> {
    let mut document = normalise(document, Stage::Canonical)?;
    fill_job_update(&mut document);
    spec_from_canonical(document)
}

/// Recorded jobs lack the two members that servers keep of the job's update block.
fn fill_job_update(document: &mut Value) {
    if !document["Update"].is_null() {
        return;
    }
    let (stagger, max_parallel) = match document["Type"].as_str() {
        Some("service" | "system") => (30_000_000_000_i64, 1),
        _ => (0, 0),
    };
    document["Update"] = job_update(stagger, max_parallel);
}

/// Reads a document that is in the canonical shape already.
pub(crate) fn spec_from_canonical(document: Value) -> Result<JobSpec, TypedError> {
    let job = View(&document);
    let kind = JobType::from_name(job.text("Type"))
        .ok_or_else(|| unknown("job type", job.text("Type")))?;
    let update = match kind {
        JobType::Service | JobType::System => job.object("Update").map(update).transpose()?,
        JobType::Batch | JobType::Sysbatch => None,
    };
    let groups: Result<Vec<_>, TypedError> = job.objects("TaskGroups").map(group::read).collect();
    Ok(JobSpec {
        id: JobId::from(job.text("ID")),
        name: name(job, "Name"),
        namespace: Rc::from(job.text("Namespace")),
        region: name(job, "Region"),
        kind,
        priority: job.int("Priority"),
        all_at_once: job.flag("AllAtOnce"),
        datacenters: names(job, "Datacenters"),
        node_pool: name(job, "NodePool"),
        constraints: constraints(job),
        affinities: affinities(job),
        spreads: spreads(job),
        update,
        periodic: job.object("Periodic").map(periodic),
        parameterized: job.object("ParameterizedJob").map(parameterized),
        groups: groups?,
        meta: pairs(job, "Meta"),
        document,
    })
}

/// A job with its document changed: a count, an id, a block less. The result is read anew.
pub fn edited(spec: &JobSpec, edit: impl FnOnce(&mut Value)) -> Result<JobSpec, TypedError> {
    let mut document = spec.document.clone();
    edit(&mut document);
    spec_from_document(&document)
}

fn unknown(member: &'static str, value: &str) -> TypedError {
    TypedError::Unknown {
        member,
        value: value.to_owned(),
    }
}

fn name(view: View<'_>, member: &str) -> Name {
    Name::from(view.text(member))
}

fn names(view: View<'_>, member: &str) -> Vec<Name> {
    view.texts(member).into_iter().map(Name::from).collect()
}

fn pairs(view: View<'_>, member: &str) -> Vec<(Name, Name)> {
    view.text_entries(member)
        .into_iter()
        .map(|(key, value)| (Name::from(key), Name::from(value)))
        .collect()
}

fn constraints(view: View<'_>) -> Vec<Constraint> {
    view.objects("Constraints")
        .map(|constraint| Constraint {
            left: name(constraint, "LTarget"),
            right: name(constraint, "RTarget"),
            operand: name(constraint, "Operand"),
        })
        .collect()
}

fn affinities(view: View<'_>) -> Vec<Affinity> {
    view.objects("Affinities")
        .map(|affinity| Affinity {
            left: name(affinity, "LTarget"),
            right: name(affinity, "RTarget"),
            operand: name(affinity, "Operand"),
            weight: affinity.int("Weight"),
        })
        .collect()
}

fn spreads(view: View<'_>) -> Vec<Spread> {
    let target = |target: View<'_>| SpreadTarget {
        value: name(target, "Value"),
        percent: target.int("Percent"),
    };
    view.objects("Spreads")
        .map(|spread| Spread {
            attribute: name(spread, "Attribute"),
            weight: spread.int("Weight"),
            targets: spread.objects("SpreadTarget").map(target).collect(),
        })
        .collect()
}

/// An empty name is what servers keep at job level; there it means nothing.
fn health_check(value: &str) -> Result<HealthCheck, TypedError> {
    Ok(match value {
        "checks" | "" => HealthCheck::Checks,
        "task_states" => HealthCheck::TaskStates,
        "manual" => HealthCheck::Manual,
        other => return Err(unknown("health check", other)),
    })
}

fn update(update: View<'_>) -> Result<UpdateStrategy, TypedError> {
    Ok(UpdateStrategy {
        stagger: update.span("Stagger"),
        max_parallel: update.int("MaxParallel"),
        health_check: health_check(update.text("HealthCheck"))?,
        min_healthy_time: update.span("MinHealthyTime"),
        healthy_deadline: update.span("HealthyDeadline"),
        progress_deadline: update.span("ProgressDeadline"),
        auto_revert: update.flag("AutoRevert"),
        auto_promote: update.flag("AutoPromote"),
        canary: update.int("Canary"),
    })
}

fn periodic(periodic: View<'_>) -> Periodic {
    let mut crons = names(periodic, "Specs");
    if crons.is_empty() && periodic.has("Spec") && !periodic.text("Spec").is_empty() {
        crons.push(name(periodic, "Spec"));
    }
    Periodic {
        enabled: periodic.flag("Enabled"),
        crons,
        time_zone: name(periodic, "TimeZone"),
        prohibit_overlap: periodic.flag("ProhibitOverlap"),
    }
}

fn parameterized(parameterized: View<'_>) -> Parameterized {
    Parameterized {
        payload: name(parameterized, "Payload"),
        meta_required: names(parameterized, "MetaRequired"),
        meta_optional: names(parameterized, "MetaOptional"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_written_as_it_will_be_read() {
        for kind in ["service", "batch", "system", "sysbatch"] {
            let group = json!({"Name": "api", "Tasks": [{"Name": "server", "Driver": "docker"}]});
            let job = json!({"ID": "docs", "Type": kind, "TaskGroups": [group]});
            let once = spec_from_document(&job).expect("a job").document;
            let again = spec_from_document(&once).expect("a job").document;
            assert_eq!(once.to_string(), again.to_string(), "{kind}");
        }
    }
}

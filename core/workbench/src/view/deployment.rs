//! The deployment panel: what is happening to the rollout, and what a person can do now.

use serde::{Deserialize, Serialize};
use yurt_model::{
    AllocId, Deployment, DeploymentGroup, DeploymentStatus, InOrder, JobKey, Time, description,
};
use yurt_state::Store;

use super::Health;

/// Healthy deadlines shown beside the progress deadlines.
const HEALTHY_DEADLINES_SHOWN: usize = 1;

/// Allocations that a group names; a bar with more has no segments of its own for them.
const ALLOCATIONS_SHOWN: usize = 40;

/// The deployment that matters now: the active one of the job in the editor, else its newest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentView {
    /// Its whole id.
    pub id: String,
    /// Its first eight characters.
    pub short_id: String,
    /// The job.
    pub job_id: String,
    /// The version it rolls out.
    pub job_version: u64,
    /// `running`, `paused`, `successful`, `failed`, `cancelled`.
    pub status: String,
    /// The reference's description of that status.
    pub description: String,
    /// Running or paused.
    pub active: bool,
    /// What is happening, in one or two short sentences: `5 of 5 canaries healthy. Waiting for
    /// you.`
    pub sentence: String,
    /// Nothing goes on until a person does something.
    pub waiting_for_person: bool,
    /// The groups that take part, in the order of the job file.
    pub groups: Vec<DeploymentGroupView>,
    /// What will end it or an allocation's hope if nothing comes before, soonest first.
    pub deadlines: Vec<DeadlineView>,
    /// `Promote`.
    pub promote: ButtonView,
    /// `Fail`.
    pub fail: ButtonView,
    /// `Pause`.
    pub pause: ButtonView,
    /// `Resume`.
    pub resume: ButtonView,
    /// The command that tells more: `nomad deployment status 8f2c1d3e`.
    pub status_command: String,
}

/// One group's row. A column is `None` where no group of the job uses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentGroupView {
    /// The group.
    pub name: String,
    /// Allocations that must become healthy.
    pub desired: i64,
    /// Canaries asked for.
    pub canaries: Option<i64>,
    /// Canaries placed.
    pub placed_canaries: i64,
    /// Placed canaries that are healthy now.
    pub healthy_canaries: i64,
    /// Allocations placed.
    pub placed: i64,
    /// Allocations that became healthy.
    pub healthy: i64,
    /// Allocations that became unhealthy.
    pub unhealthy: i64,
    /// The allocations of the deployment that are not stopped, by their first eight characters:
    /// healthy ones first, then unhealthy ones, then those that are open; few of many.
    pub allocations: Vec<(String, Health)>,
    /// The canaries were promoted.
    pub promoted: Option<bool>,
    /// Goes back to the last stable version when it fails.
    pub auto_revert: Option<bool>,
    /// When progress is due, in nanoseconds since 1970; `None` without a deadline or when it is
    /// over.
    pub progress_due_ns: Option<i64>,
}

/// Something that is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadlineView {
    /// The allocation that it is about, by its first eight characters.
    pub allocation: Option<String>,
    /// What, in words: `progress deadline of api`, `healthy deadline of docs.api[3]`.
    pub label: String,
    /// When, in nanoseconds since 1970.
    pub due_ns: i64,
}

/// A button that stands for a command.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ButtonView {
    /// The command line that a click runs, when it would be accepted now.
    pub command: Option<String>,
    /// Why there is none, in one sentence; empty otherwise.
    pub why_not: String,
}

/// The deployment of a job that matters now, if it ever had one.
pub fn deployment(store: &Store, key: &JobKey) -> Option<DeploymentView> {
    let deployment = store
        .deployments_of_job(key)
        .rfind(|deployment| deployment.is_active())
        .or_else(|| store.latest_deployment(key))?;
    let story = Story::of(store, deployment);
    let short_id = deployment.id.0.short();
    let command = |verb: &str| Some(format!("nomad deployment {verb} {short_id}"));
    let over = || ButtonView {
        command: None,
        why_not: "The deployment is over.".into(),
    };
    let when = |possible: bool, verb: &str, why_not: &str| match (story.active, possible) {
        (true, true) => ButtonView {
            command: command(verb),
            why_not: String::new(),
        },
        (true, false) => ButtonView {
            command: None,
            why_not: why_not.to_string(),
        },
        (false, _) => over(),
    };
    let paused = deployment.status == DeploymentStatus::Paused;
    let cannot_promote = story.cannot_promote();
    Some(DeploymentView {
        id: deployment.id.to_string(),
        job_id: deployment.job_id.to_string(),
        job_version: deployment.job_version,
        status: deployment.status.as_str().to_string(),
        description: deployment.status_description.to_string(),
        active: story.active,
        sentence: story.sentence(),
        waiting_for_person: story.waits_for_person(),
        groups: deployment
            .groups
            .iter()
            .map(|group| group_view(store, group, &story))
            .collect(),
        deadlines: deadlines(store, deployment),
        promote: when(
            cannot_promote.is_none(),
            "promote",
            &cannot_promote.unwrap_or_default(),
        ),
        fail: when(true, "fail", ""),
        pause: when(!paused, "pause", "The deployment is paused already."),
        resume: when(paused, "resume", "The deployment is not paused."),
        status_command: format!("nomad deployment status {short_id}"),
        short_id,
    })
}

/// Nothing goes on in it until a person promotes.
pub(super) fn awaits_promotion(store: &Store, deployment: &Deployment) -> bool {
    Story::of(store, deployment).waits_for_person()
}

/// What the sentences and buttons follow from.
struct Story<'a> {
    deployment: &'a Deployment,
    active: bool,
    /// For each group, how many of its placed canaries live, belong to it and are healthy: what
    /// promotion counts (spec: deployments 22).
    healthy_canaries: Vec<i64>,
}

impl<'a> Story<'a> {
    fn of(store: &Store, deployment: &'a Deployment) -> Self {
        let counts = |id: &&AllocId| {
            store.alloc(**id).is_some_and(|alloc| {
                alloc.deployment_id == Some(deployment.id)
                    && !alloc.is_terminal()
                    && alloc.is_healthy()
            })
        };
        let healthy = |group: &DeploymentGroup| {
            let count = group.placed_canaries.iter().filter(counts).count();
            i64::try_from(count).unwrap_or(i64::MAX)
        };
        Self {
            deployment,
            active: deployment.is_active(),
            healthy_canaries: deployment.groups.iter().map(healthy).collect(),
        }
    }

    /// Groups whose canaries are still to be promoted, with their healthy canaries.
    fn unpromoted(&self) -> impl Iterator<Item = (&DeploymentGroup, i64)> {
        let healthy = self.healthy_canaries.iter().copied();
        self.deployment
            .groups
            .iter()
            .zip(healthy)
            .filter(|(group, _)| group.desired_canaries > 0 && !group.promoted)
    }

    /// Healthy and wanted canaries of those groups.
    fn canary_sums(&self) -> (i64, i64) {
        self.unpromoted()
            .fold((0, 0), |(have, want), (group, healthy)| {
                let wanted = group.desired_canaries;
                (have + healthy.min(wanted), want + wanted)
            })
    }

    /// Why promoting everything would be refused or do nothing.
    fn cannot_promote(&self) -> Option<String> {
        let with_canaries = |group: &DeploymentGroup| group.desired_canaries > 0;
        if !self.deployment.groups.iter().any(with_canaries) {
            return Some("There are no canaries to promote.".into());
        }
        if self.unpromoted().next().is_none() {
            return Some("The canaries are promoted.".into());
        }
        let (have, want) = self.canary_sums();
        (have < want).then(|| format!("Promote needs {want} healthy canaries; {have} are."))
    }

    fn waits_for_person(&self) -> bool {
        match self.deployment.status {
            DeploymentStatus::Paused => true,
            DeploymentStatus::Running => {
                self.cannot_promote().is_none() && !self.deployment.has_auto_promote()
            }
            DeploymentStatus::Successful
            | DeploymentStatus::Failed
            | DeploymentStatus::Cancelled => false,
        }
    }

    fn sentence(&self) -> String {
        let version = self.deployment.job_version;
        match self.deployment.status {
            DeploymentStatus::Running => self.running_sentence(),
            DeploymentStatus::Paused => format!("{} Paused: resume it to go on.", self.counts()),
            DeploymentStatus::Successful => format!("Version {version} is out. {}", self.counts()),
            DeploymentStatus::Failed => {
                let why = failure(&self.deployment.status_description);
                format!("Version {version} failed: {why}.")
            }
            DeploymentStatus::Cancelled => {
                let stopped = &*self.deployment.status_description == description::STOPPED_JOB;
                let why = if stopped {
                    "the job is stopped"
                } else {
                    "a newer version took its place"
                };
                format!("Version {version} was cancelled: {why}.")
            }
        }
    }

    fn running_sentence(&self) -> String {
        let counts = self.counts();
        if self.waits_for_person() {
            return format!("{counts} Waiting for you.");
        }
        let unhealthy: i64 = self
            .deployment
            .groups
            .iter()
            .map(|g| g.unhealthy_allocs)
            .sum();
        match unhealthy {
            0 => counts,
            _ => format!("{counts} {unhealthy} unhealthy."),
        }
    }

    /// `3 of 5 canaries healthy.` until they are promoted, `3 of 5 allocations healthy.` after
    /// that.
    fn counts(&self) -> String {
        let (have, want) = self.canary_sums();
        if want > 0 {
            return format!(
                "{have} of {want} {} healthy.",
                noun(want, "canary", "canaries")
            );
        }
        let sum = |of: fn(&DeploymentGroup) -> i64| -> i64 {
            self.deployment.groups.iter().map(of).sum()
        };
        let want = sum(|group| group.desired_total);
        let have = sum(|group| group.healthy_allocs.min(group.desired_total));
        format!(
            "{have} of {want} {} healthy.",
            noun(want, "allocation", "allocations")
        )
    }
}

fn noun<'a>(count: i64, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}

/// The reference's description of a failure in a person's words; what it says of going back stays.
fn failure(text: &str) -> String {
    let (base, rest) = match text.split_once(" - ") {
        Some((base, rest)) => (base, format!(", {rest}")),
        None => (text, String::new()),
    };
    let why = match base {
        description::FAILED_BY_USER => "it was marked as failed",
        description::FAILED_ALLOCATIONS => "an allocation was unhealthy",
        description::FAILED_PROGRESS => "no progress in time",
        other => other,
    };
    format!("{why}{rest}")
}

/// The allocations of one group, in the order in which a bar shows them.
fn allocations(store: &Store, deployment: &Deployment, group: &str) -> Vec<(String, Health)> {
    let all = store.allocs_of_deployment(deployment.id);
    let of_group = all.filter(|alloc| *alloc.group == *group && !alloc.is_terminal());
    let mut views: Vec<(u8, u32, String, Health)> = of_group
        .map(|alloc| {
            let (rank, health) = match (alloc.is_healthy(), alloc.is_unhealthy()) {
                (true, _) => (0, Health::Healthy),
                (_, true) => (1, Health::Unhealthy),
                _ => (2, Health::Unknown),
            };
            (rank, alloc.name_index, alloc.id.0.short(), health)
        })
        .collect();
    views.put_in_order_by(|a, b| (a.0, a.1, &a.2).cmp(&(b.0, b.1, &b.2)));
    views.truncate(ALLOCATIONS_SHOWN);
    let pairs = views.into_iter().map(|(_, _, id, health)| (id, health));
    pairs.collect()
}

fn group_view(store: &Store, group: &DeploymentGroup, story: &Story<'_>) -> DeploymentGroupView {
    let groups = &story.deployment.groups;
    // As in the reference's table, a column is there when any group uses it.
    let canaries = groups.iter().any(|group| group.desired_canaries > 0);
    let reverts = groups.iter().any(|group| group.auto_revert);
    let position = groups.iter().position(|other| other.name == group.name);
    let running = story.deployment.status == DeploymentStatus::Running;
    DeploymentGroupView {
        name: group.name.to_string(),
        desired: group.desired_total,
        canaries: canaries.then_some(group.desired_canaries),
        placed_canaries: i64::try_from(group.placed_canaries.len()).unwrap_or(i64::MAX),
        healthy_canaries: position.map_or(0, |at| story.healthy_canaries[at]),
        placed: group.placed_allocs,
        healthy: group.healthy_allocs,
        unhealthy: group.unhealthy_allocs,
        allocations: allocations(store, story.deployment, &group.name),
        promoted: canaries.then_some(group.promoted),
        auto_revert: reverts.then_some(group.auto_revert),
        progress_due_ns: group
            .require_progress_by
            .filter(|due| running && !due.is_zero())
            .map(|due| due.0),
    }
}

/// When, what, and the allocation that it is about.
type Due = (Time, String, Option<String>);

/// A paused deployment has no progress deadline, but its allocations keep theirs.
fn deadlines(store: &Store, deployment: &Deployment) -> Vec<DeadlineView> {
    if !deployment.is_active() {
        return Vec::new();
    }
    let running = deployment.status == DeploymentStatus::Running;
    let progress = deployment
        .groups
        .iter()
        .filter(|_| running)
        .filter_map(|group| {
            let due = group.require_progress_by.filter(|due| !due.is_zero())?;
            Some((due, format!("progress deadline of {}", group.name), None))
        });
    let mut healthy: Vec<Due> = store
        .allocs_of_deployment(deployment.id)
        .filter(|alloc| !alloc.is_terminal() && !alloc.has_health())
        .filter_map(|alloc| {
            let update = alloc.task_group()?.effective_update()?;
            let due = alloc.create_time + update.healthy_deadline;
            let label = format!("healthy deadline of {}", alloc.name());
            Some((due, label, Some(alloc.id.0.short())))
        })
        .collect();
    healthy.put_in_order_by(Ord::cmp);
    healthy.truncate(HEALTHY_DEADLINES_SHOWN);
    let mut all: Vec<Due> = progress.chain(healthy).collect();
    all.put_in_order_by(Ord::cmp);
    all.into_iter()
        .map(|(due, label, allocation)| DeadlineView {
            allocation,
            label,
            due_ns: due.0,
        })
        .collect()
}

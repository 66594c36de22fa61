//! The cluster as a picture: nodes, and on each its allocations by version and health.

use std::collections::BTreeMap;
use yurt_model::Gather;

use serde::{Deserialize, Serialize};
use yurt_model::{
    AllocClientStatus, Allocation, DeploymentStatus, EvalStatus, InOrder, Job, JobKey, Node,
    NodeEligibility, NodeStatus,
};
use yurt_state::Store;

use super::deployment::awaits_promotion;

/// Terminal allocations shown on each node, newest first; the rest are counted.
const TERMINAL_SHOWN: usize = 4;

/// Colours that are left for versions that are neither stable nor newest.
const OTHER_COLOURS: u64 = 4;

/// The whole pool.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClusterView {
    /// One sentence: `5 nodes ready, 10 allocations running.`
    pub sentence: String,
    /// The nodes, by name.
    pub nodes: Vec<NodeView>,
    /// The job versions that have allocations in the picture, newest first: the legend.
    pub versions: Vec<VersionView>,
    /// What goes on only when time passes, in one sentence; empty when nothing does.
    pub waiting: String,
}

/// What changed in a pool whose nodes are the same ones as before.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClusterChange {
    /// As in [`ClusterView`].
    pub sentence: String,
    /// As in [`ClusterView`].
    pub versions: Vec<VersionView>,
    /// As in [`ClusterView`].
    pub waiting: String,
    /// The nodes that changed, by their place in the list.
    pub nodes: Vec<(u32, NodeView)>,
}

impl ClusterChange {
    /// From one view to the next; `None` when the nodes are others.
    pub(crate) fn between(old: &ClusterView, new: &ClusterView) -> Option<Self> {
        let pairs = || old.nodes.iter().zip(&new.nodes);
        if old.nodes.len() != new.nodes.len() || pairs().any(|(old, new)| old.id != new.id) {
            return None;
        }
        let changed = (0..).zip(pairs()).filter(|(_, (old, new))| old != new);
        Some(Self {
            sentence: new.sentence.clone(),
            versions: new.versions.clone(),
            waiting: new.waiting.clone(),
            nodes: changed.map(|(at, (_, new))| (at, new.clone())).collect(),
        })
    }
}

/// A job version in the legend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionView {
    /// The job.
    pub job_id: String,
    /// The version.
    pub version: u64,
    /// Which colour and shape it has.
    pub role: VersionRole,
    /// What runs in it, when one word says it: the image of its only task (`api-server:1.4`).
    pub image: String,
    /// Its allocations that are not terminal.
    pub live: u32,
}

/// A version's place in the story; it decides about colour and shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum VersionRole {
    /// The newest stable version of its job, as long as it has live allocations: the calm colour.
    Stable,
    /// The newest version of its job, not stable yet: the warm colour.
    Newest,
    /// Any other; the number (0 to 3) picks one of the other four colours.
    Other(u8),
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeView {
    /// Its whole id.
    pub id: String,
    /// Its first eight characters.
    pub short_id: String,
    /// Its name.
    pub name: String,
    /// Its datacenter.
    pub datacenter: String,
    /// `ready`, `down`, ….
    pub status: String,
    /// `eligible` or `ineligible`.
    pub eligibility: String,
    /// A drain is under way.
    pub draining: bool,
    /// It takes part and may get new allocations.
    pub ready: bool,
    /// Processor in MHz.
    pub cpu_mhz: MeterView,
    /// Memory in MiB.
    pub memory_mb: MeterView,
    /// Its allocations: the live ones by job, group, version and name index, then the newest
    /// terminal ones, oldest first.
    pub allocations: Vec<AllocationView>,
    /// Terminal allocations that are left out of `allocations`.
    pub hidden_terminal: u32,
    /// The command that tells more: `nomad node status 1a2b3c4d`.
    pub status_command: String,
}

/// A capacity and how much of it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MeterView {
    /// Taken by allocations that are not terminal.
    pub used: i64,
    /// What jobs can have.
    pub total: i64,
}

/// Whether a deployment found an allocation healthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Health {
    /// Not decided, or nobody asks.
    Unknown,
    /// Healthy.
    Healthy,
    /// Unhealthy.
    Unhealthy,
}

/// An allocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllocationView {
    /// Its whole id.
    pub id: String,
    /// Its first eight characters.
    pub short_id: String,
    /// Its name: `docs.api[3]`.
    pub name: String,
    /// Its job.
    pub job_id: String,
    /// Its group.
    pub group: String,
    /// The number in its name.
    pub name_index: u32,
    /// The version of the job that it runs.
    pub job_version: u64,
    /// That version's place in the story.
    pub role: VersionRole,
    /// `pending`, `running`, `complete`, `failed`, `lost`, `unknown`.
    pub client_status: String,
    /// `run`, `stop`, `evict`.
    pub desired_status: String,
    /// Healthy or not.
    pub health: Health,
    /// A canary that was not promoted.
    pub canary: bool,
    /// It is stopped or on its way there.
    pub stopping: bool,
    /// Nothing of it runs any more.
    pub terminal: bool,
    /// It ended badly (`failed` or `lost`).
    pub failed: bool,
    /// One sentence for hover and screen readers: `docs.api[3], version 1, canary, running,
    /// healthy`.
    pub description: String,
    /// The command that tells more: `nomad alloc status 5e0f9a1b`.
    pub status_command: String,
}

/// The picture of everything in the store.
pub fn cluster(store: &Store) -> ClusterView {
    let stories: BTreeMap<JobKey, Story> = store
        .jobs()
        .map(|job| (job.key(), Story::of(store, &job.key())))
        .gather();
    let mut nodes: Vec<NodeView> = store
        .nodes()
        .map(|node| node_view(store, node, &stories))
        .collect();
    nodes.put_in_order_by(|a, b| (natural(&a.name), &a.id).cmp(&(natural(&b.name), &b.id)));
    ClusterView {
        sentence: sentence(store),
        versions: versions(store, &stories),
        waiting: waiting(store),
        nodes,
    }
}

/// Orders `node-10` after `node-9`: the text before a number at the end, then the number.
fn natural(name: &str) -> (&str, u64) {
    let text = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (text, name[text.len()..].parse().unwrap_or(0))
}

/// Which versions of a job are special.
struct Story {
    stable: Option<u64>,
    newest: u64,
}

impl Story {
    fn of(store: &Store, key: &JobKey) -> Self {
        let newest = store.job(key).map_or(0, |job| job.version);
        // A scaled version is born stable, before anything of it runs.
        let runs = |version: u64| {
            let mut live = store
                .allocs_of_job(key)
                .filter(|alloc| !alloc.is_terminal());
            live.any(|alloc| alloc.job.version == version)
        };
        let versions = store.job_versions(key).iter().filter(|job| job.stable);
        let running = versions
            .map(|job| job.version)
            .filter(|version| runs(*version));
        let latest = || store.latest_stable_version(key).map(|job| job.version);
        let stable = running.max().or_else(latest);
        // A job without deployments is never marked stable: what runs alone is calm all the same.
        let alone = || {
            let rolling = store
                .latest_deployment(key)
                .is_some_and(|deployment| deployment.job_version == newest);
            let mut live = store
                .allocs_of_job(key)
                .filter(|alloc| !alloc.is_terminal());
            (!rolling && live.all(|alloc| alloc.job.version == newest)).then_some(newest)
        };
        Self {
            stable: stable.or_else(alone),
            newest,
        }
    }

    fn role(&self, version: u64) -> VersionRole {
        if self.stable == Some(version) {
            VersionRole::Stable
        } else if version == self.newest {
            VersionRole::Newest
        } else {
            VersionRole::Other((version % OTHER_COLOURS) as u8)
        }
    }
}

fn role(stories: &BTreeMap<JobKey, Story>, alloc: &Allocation) -> VersionRole {
    // Allocations of a purged job have no story left.
    stories
        .get(&alloc.job_key())
        .map_or(VersionRole::Other(0), |story| story.role(alloc.job.version))
}

fn sentence(store: &Store) -> String {
    let ready = store.nodes().filter(|node| node.is_ready()).count();
    let total = store.node_count();
    let running = store
        .allocs()
        .filter(|alloc| alloc.client_status == AllocClientStatus::Running)
        .count();
    let nodes = if ready == total {
        format!("{total} {} ready", plural(total, "node"))
    } else {
        format!("{ready} of {total} nodes ready")
    };
    format!(
        "{nodes}, {running} {} running.",
        plural(running, "allocation")
    )
}

/// What waits for time to pass: the first of evaluations, allocations and deployments that does.
/// A launch at its hour and a node that is down wait for nothing.
fn waiting(store: &Store) -> String {
    let pending = store
        .evals()
        .filter(|eval| eval.status == EvalStatus::Pending);
    let evals = pending.filter(|eval| eval.wait_until.is_none()).count();
    if evals > 0 {
        let verb = if evals == 1 { "waits" } else { "wait" };
        return format!(
            "{evals} {} {verb} for the scheduler.",
            plural(evals, "evaluation")
        );
    }
    let mut starting = 0;
    let mut stopping = 0;
    for alloc in store.allocs().filter(|alloc| !alloc.is_client_terminal()) {
        match alloc.client_status {
            _ if alloc.is_server_terminal() => stopping += 1,
            AllocClientStatus::Pending => starting += 1,
            _ => (),
        }
    }
    let moves: Vec<String> = [(starting, "to start"), (stopping, "to stop")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {} {what}", plural(count, "allocation")))
        .collect();
    if !moves.is_empty() {
        return format!("Still to come: {}.", moves.join(", "));
    }
    let rolling = store.deployments().find(|deployment| {
        deployment.status == DeploymentStatus::Running && !awaits_promotion(store, deployment)
    });
    if let Some(deployment) = rolling {
        let job = &deployment.job_id;
        return format!("The deployment of {job} waits for allocations to be healthy.");
    }
    let delayed = store
        .evals()
        .filter(|eval| eval.status == EvalStatus::Pending);
    match delayed.count() {
        0 => String::new(),
        count => format!("{count} {} due later.", plural(count, "evaluation")),
    }
}

/// The noun for so many.
pub(super) fn plural(count: usize, noun: &str) -> String {
    if count == 1 {
        noun.to_string()
    } else {
        format!("{noun}s")
    }
}

fn versions(store: &Store, stories: &BTreeMap<JobKey, Story>) -> Vec<VersionView> {
    let mut seen: BTreeMap<(JobKey, std::cmp::Reverse<u64>), (&Job, u32)> = BTreeMap::new();
    for alloc in store.allocs().filter(|alloc| !alloc.is_client_terminal()) {
        let key = (alloc.job_key(), std::cmp::Reverse(alloc.job.version));
        seen.entry(key).or_insert((&alloc.job, 0)).1 += 1;
    }
    seen.into_iter()
        .map(|((key, _), (job, live))| VersionView {
            job_id: key.id.to_string(),
            version: job.version,
            role: stories
                .get(&key)
                .map_or(VersionRole::Other(0), |story| story.role(job.version)),
            image: image(job),
            live,
        })
        .collect()
}

/// The image of a job's only task, else nothing.
fn image(job: &Job) -> String {
    let mut tasks = job.spec.groups.iter().flat_map(|group| &group.tasks);
    match (tasks.next(), tasks.next()) {
        (Some(task), None) => task.config["image"].as_str().unwrap_or("").to_string(),
        _ => String::new(),
    }
}

fn node_view(store: &Store, node: &Node, stories: &BTreeMap<JobKey, Story>) -> NodeView {
    let all: Vec<&Allocation> = store
        .allocs_of_node(node.id)
        .map(|alloc| &**alloc)
        .collect();
    let (mut live, terminal): (Vec<&Allocation>, Vec<&Allocation>) = all
        .into_iter()
        .partition(|alloc| !alloc.is_client_terminal());
    let used = |of: fn(&Allocation) -> i64| live.iter().map(|alloc| of(alloc)).sum();
    let cpu_used = used(|alloc| alloc.resources.cpu_mhz);
    let memory_used = used(|alloc| alloc.resources.memory_mb);
    let (cpu, memory, _) = node.available();
    live.put_in_order_by(|a, b| {
        let key = |alloc: &Allocation| (alloc.job_key(), alloc.group.clone(), alloc.job.version);
        (key(a), a.name_index, a.id).cmp(&(key(b), b.name_index, b.id))
    });
    let hidden = terminal.len().saturating_sub(TERMINAL_SHOWN);
    let short_id = node.id.0.short();
    NodeView {
        status_command: format!("nomad node status {short_id}"),
        id: node.id.to_string(),
        short_id,
        name: node.name.to_string(),
        datacenter: node.datacenter.to_string(),
        status: node.status.as_str().to_string(),
        eligibility: node.eligibility.as_str().to_string(),
        draining: node.drain.is_some(),
        ready: node.status == NodeStatus::Ready && node.eligibility == NodeEligibility::Eligible,
        cpu_mhz: MeterView {
            used: cpu_used,
            total: cpu,
        },
        memory_mb: MeterView {
            used: memory_used,
            total: memory,
        },
        allocations: live
            .into_iter()
            .chain(terminal.into_iter().skip(hidden))
            .map(|alloc| allocation_view(alloc, role(stories, alloc)))
            .collect(),
        hidden_terminal: u32::try_from(hidden).unwrap_or(u32::MAX),
    }
}

fn allocation_view(alloc: &Allocation, role: VersionRole) -> AllocationView {
    let health = if alloc.is_healthy() {
        Health::Healthy
    } else if alloc.is_unhealthy() {
        Health::Unhealthy
    } else {
        Health::Unknown
    };
    let short_id = alloc.id.0.short();
    AllocationView {
        status_command: format!("nomad alloc status {short_id}"),
        id: alloc.id.to_string(),
        short_id,
        name: alloc.name(),
        job_id: alloc.job_id.to_string(),
        group: alloc.group.to_string(),
        name_index: alloc.name_index,
        job_version: alloc.job.version,
        role,
        client_status: alloc.client_status.as_str().to_string(),
        desired_status: alloc.desired_status.as_str().to_string(),
        health,
        canary: alloc.is_canary(),
        stopping: alloc.is_server_terminal(),
        terminal: alloc.is_client_terminal(),
        failed: matches!(
            alloc.client_status,
            AllocClientStatus::Failed | AllocClientStatus::Lost
        ),
        description: describe(alloc, health),
    }
}

/// Everything that the mark shows, in words.
fn describe(alloc: &Allocation, health: Health) -> String {
    let mut parts = vec![alloc.name(), format!("version {}", alloc.job.version)];
    if alloc.is_canary() {
        parts.push("canary".into());
    }
    if alloc.is_server_terminal() && !alloc.is_client_terminal() {
        parts.push("stopping".into());
    } else {
        parts.push(alloc.client_status.as_str().into());
    }
    match health {
        Health::Healthy if !alloc.is_client_terminal() => parts.push("healthy".into()),
        Health::Unhealthy => parts.push("unhealthy".into()),
        Health::Healthy | Health::Unknown => (),
    }
    if !alloc.client_description.is_empty() && alloc.is_client_terminal() {
        parts.push(alloc.client_description.to_string());
    }
    parts.join(", ")
}

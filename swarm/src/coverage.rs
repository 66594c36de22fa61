//! What walks meet: events, jobs, and what came of them, so that one sees where walks are thin.
//!
//! Belongs here: counting. Nothing here changes a walk. May import: engine, state, model.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use yurt_engine::Refusal;
use yurt_model::{AllocClientStatus, Allocation, Deployment, Job};
use yurt_state::Store;

use crate::walk::Walk;

/// What one walk has met.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// How often each event happened.
    events: BTreeMap<String, u64>,
    things: BTreeSet<String>,
}

/// Of many walks: in how many each thing was met, and how often each event happened.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    walks: u64,
    /// Walks, and times for events.
    met: BTreeMap<String, (u64, u64)>,
}

impl Seen {
    pub(crate) fn event(&mut self, name: String, refused: Option<&Refusal>) {
        if let Some(refusal) = refused {
            // What follows a number or a quoted name is the same thing.
            let end = refusal.0.find(['"', '\n', ':']).unwrap_or(refusal.0.len());
            let text = format!("event {name} is refused: {}", unnumbered(&refusal.0[..end]));
            *self.events.entry(text).or_default() += 1;
        }
        *self.events.entry(format!("event {name}")).or_default() += 1;
    }

    pub(crate) fn no_job(&mut self, refused: &str) {
        let text = format!("no job: {}", unnumbered(&refused.replace('\n', " ")));
        *self.events.entry(text).or_default() += 1;
    }

    fn note(&mut self, kind: &str, what: &str) {
        let text = format!("{kind} {what}");
        if !self.things.contains(&text) {
            self.things.insert(text);
        }
    }

    pub(crate) fn comes_to_rest(&mut self) {
        self.note("walk", "comes to rest");
    }

    pub(crate) fn look_at(&mut self, store: &Store) {
        for job in store.jobs() {
            self.job(job);
        }
        for alloc in store.allocs() {
            self.alloc(alloc);
        }
        for eval in store.evals() {
            self.note("evaluation for", eval.triggered_by.as_str());
            self.note("evaluation is", eval.status.as_str());
        }
        for deployment in store.deployments() {
            self.note("deployment", &unnumbered(&deployment.status_description));
        }
        for node in store.nodes() {
            self.note("node is", node.status.as_str());
            for event in &node.events {
                self.note("node event", &event.message);
            }
        }
        if store.service_registrations().next().is_some() {
            self.note("a service", "is registered");
        }
    }

    /// What only the difference between two looks tells.
    pub(crate) fn look_back(&mut self, before: &Store, after: &Store) {
        for node in before.nodes() {
            if after.node(node.id).is_none() {
                self.note("node is", "forgotten");
            }
        }
        for new in after.deployments() {
            let Some(old) = before.deployment(new.id) else {
                continue;
            };
            let promoted = |deployment: &Deployment| {
                let groups = deployment.groups.iter();
                groups.filter(|group| group.promoted).count()
            };
            let job = after.job(&new.job_key());
            if let Some(job) = job.filter(|_| promoted(new) > promoted(old)) {
                self.note("canaries are promoted of a", job.spec.kind.as_str());
            }
        }
        for old in before.jobs() {
            match after.job(&old.key()) {
                Some(new) => self.new_version(before, old, new),
                None => self.note("job is", "forgotten"),
            }
        }
    }

    fn new_version(&mut self, before: &Store, old: &Job, new: &Job) {
        if new.version > old.version {
            let mut versions = before.job_versions(&new.key()).iter();
            let again = versions.find(|job| job.spec == new.spec && job.version < old.version);
            if let Some(again) = again {
                let stable = if again.stable { "stable" } else { "unstable" };
                let tagged = again.version_tag.as_ref().map_or("", |_| " tagged");
                self.note(
                    "job is as it was in",
                    &format!("a version {stable}{tagged}"),
                );
            }
        }
    }

    fn job(&mut self, job: &Job) {
        let spec = &job.spec;
        let kind = match () {
            () if job.parent.is_some() => "child",
            () if spec.periodic.is_some() => "periodic",
            () if spec.parameterized.is_some() => "parameterized",
            () => "plain",
        };
        self.note("job is", &format!("{kind} {}", spec.kind));
        self.note("job is", &format!("{} {}", spec.kind, job.status));
        for group in &spec.groups {
            if let Some(update) = group.effective_update() {
                let canaries = if update.canary > 0 { "with" } else { "without" };
                self.note("job is", &format!("{} {canaries} canaries", spec.kind));
            }
        }
    }

    fn alloc(&mut self, alloc: &Allocation) {
        let kind = alloc.job.spec.kind;
        self.note("allocation is", &format!("{kind} {}", alloc.client_status));
        let end = alloc.desired_description.find("by alloc");
        let end = end.unwrap_or(alloc.desired_description.len());
        self.note(
            "allocation is wanted",
            &format!(
                "{} {}",
                alloc.desired_status,
                &alloc.desired_description[..end]
            ),
        );
        if alloc.links.preempted_by.is_some() {
            self.note("allocation is preempted", kind.as_str());
        }
        if alloc.desired_transition.should_force_reschedule() {
            self.note("allocation is forced to move", kind.as_str());
        }
        self.absence(alloc);
        if alloc.is_canary() {
            self.note("allocation is a canary of a", kind.as_str());
        }
        for port in &alloc.resources.ports {
            self.note("port is", if port.is_static { "static" } else { "dynamic" });
        }
        for task in &alloc.resources.tasks {
            if !task.cores.is_empty() {
                self.note("task has", "cores");
            }
            if !task.devices.is_empty() {
                self.note("task has", "devices");
            }
        }
        for state in &alloc.task_states {
            for event in &state.events {
                self.note("task event", event.kind());
            }
            if state.phase != yurt_model::TaskPhase::Pending {
                let how = if state.failed {
                    "failed"
                } else {
                    state.phase.as_str()
                };
                self.note("task is", &format!("{} {how}", state.name));
            }
        }
    }

    /// An allocation whose node was away.
    fn absence(&mut self, alloc: &Allocation) {
        let group = alloc.task_group().filter(|_| alloc.was_unknown());
        let Some(block) = group.and_then(|group| group.disconnect.as_ref()) else {
            return;
        };
        let is_replaced = match alloc.links.next_allocation {
            Some(_) => "replaced",
            None => "alone",
        };
        let kind = alloc.job.spec.kind;
        match (alloc.client_status, alloc.is_server_terminal()) {
            (AllocClientStatus::Unknown, false) => {
                self.note("allocation away is", &format!("{kind} {is_replaced}"));
            }
            (AllocClientStatus::Lost, _) => {
                self.note(
                    "allocation away is",
                    &format!("{kind} {is_replaced} and lost"),
                );
            }
            (AllocClientStatus::Running, false) if !block.replace => {
                self.note("allocation is back", "that was not to be replaced");
            }
            (AllocClientStatus::Running, false) => {
                let how = block.reconcile;
                self.note("allocation is back", &format!("{how:?} {is_replaced}"));
            }
            (_, true) if alloc.links.next_allocation.is_some() => {
                let how = block.reconcile;
                self.note("allocation is back", &format!("{how:?} and stops"));
            }
            _ => {}
        }
    }
}

/// Numbers make no difference.
fn unnumbered(text: &str) -> String {
    let mut out = String::new();
    for part in text.split_inclusive(|c: char| !c.is_ascii_digit()) {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        if rest.len() < part.len() {
            out.push('#');
        }
        out.push_str(rest);
    }
    out
}

impl Coverage {
    /// Takes the walk of a seed and adds what it met, whatever it found.
    pub fn walk(&mut self, seed: u64) {
        let (_, seen) = Walk::new(seed).run_and_see();
        self.walks += 1;
        for (text, times) in seen.events {
            let met = self.met.entry(text).or_default();
            *met = (met.0 + 1, met.1 + times);
        }
        for text in seen.things {
            self.met.entry(text).or_default().0 += 1;
        }
    }

    /// In how many walks something was met.
    pub fn walks_with(&self, what: &str) -> u64 {
        self.met.get(what).map_or(0, |met| met.0)
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} walks", self.walks)?;
        for (text, (walks, times)) in &self.met {
            match times {
                0 => writeln!(f, "{walks:>7}          {text}")?,
                times => writeln!(f, "{walks:>7} {times:>8} {text}")?,
            }
        }
        Ok(())
    }
}

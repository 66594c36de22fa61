//! What Nomad clients do: run the tasks of their allocations, restart them, judge their health, and
//! report.
//!
//! Belongs here: everything that happens on a node between a server's decision and the client's
//! report. Not here: any decision of the servers; this module never writes to the store, it answers
//! with [`ClientEffect`]s. May import: `yurt_model`, `yurt_state` (to read).
//!
//! All clients of the cluster are one value, [`Clients`], which is cloned with every snapshot.

mod alloc_runner;
mod checks;
mod health;
mod image;
mod logs;
mod restart;
mod runners;
mod task_runner;
mod usage;

#[cfg(test)]
mod check_tests;
#[cfg(test)]
mod lifecycle_tests;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use litemap::LiteMap;
use yurt_model::{AllocClientStatus, AllocId, Allocation, Name, NodeId, Rng, Time};
use yurt_state::{ClientUpdate, Store};

use alloc_runner::Course;
pub(crate) use alloc_runner::OVERRUN;
pub use checks::CheckResult;
use image::Images;
pub use image::{
    CheckPhase, CheckStatus, ImageBehaviour, ImageCatalogue, LogLine, RunEnd, StartFailure, Traffic,
};
pub use logs::{Logged, task_logs};
pub(crate) use restart::WITHIN_POLICY;
use runners::Runners;
pub use task_runner::TaskStep;
pub use usage::{MemoryUse, TaskUsage, task_usage};

/// A reason for a client to wake up. A timer whose generation has passed is ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientTimer {
    /// A task goes on to its next step.
    Task {
        /// The allocation.
        alloc: AllocId,
        /// The task's place in its group.
        task: u16,
        /// What happens.
        step: TaskStep,
        /// Which of the task's waits this is.
        generation: u32,
    },
    /// A check has failed so often that its task is restarted.
    CheckRestart(Box<FailingCheck>),
    /// The allocation has run for as long as its group may.
    MaxRun {
        /// The allocation.
        alloc: AllocId,
    },
    /// The servers have been out of reach for as long as its group may run without them.
    Silence(Box<Silence>),
    /// The shutdown delay of the group is over.
    GroupDelay {
        /// The allocation.
        alloc: AllocId,
    },
    /// A task hears that its templates were rendered anew.
    TemplateChanged {
        /// The allocation.
        alloc: AllocId,
        /// The task's place in its group.
        task: u16,
        /// Which of the task's runs this is about.
        generation: u32,
    },
    /// The tasks have run well for long enough.
    TasksHealthy {
        /// The allocation.
        alloc: AllocId,
        /// Which of the watch's waits this is.
        generation: u32,
    },
    /// The checks have passed for long enough.
    ChecksHealthy {
        /// The allocation.
        alloc: AllocId,
        /// Which of the watch's waits this is.
        generation: u32,
    },
    /// The allocation must be healthy by now.
    HealthyDeadline {
        /// The allocation.
        alloc: AllocId,
        /// Which of the watch's waits this is.
        generation: u32,
    },
}

/// A check that has failed so often that its task is restarted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailingCheck {
    alloc: AllocId,
    /// The task's place in its group.
    task: u16,
    check: Name,
    /// Which of the task's runs this is about.
    generation: u32,
}

/// An allocation whose servers are out of reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    alloc: AllocId,
    since: Time,
}

impl ClientTimer {
    /// The allocation it is about.
    pub fn alloc(&self) -> AllocId {
        match self {
            Self::Task { alloc, .. }
            | Self::MaxRun { alloc }
            | Self::GroupDelay { alloc }
            | Self::TemplateChanged { alloc, .. }
            | Self::TasksHealthy { alloc, .. }
            | Self::ChecksHealthy { alloc, .. }
            | Self::HealthyDeadline { alloc, .. } => *alloc,
            Self::CheckRestart(restart) => restart.alloc,
            Self::Silence(silence) => silence.alloc,
        }
    }
}

/// Which tasks of an allocation a person wants to restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestartScope {
    /// Those that run.
    Running,
    /// All, those that have ended among them, from the first on.
    All,
    /// One that runs.
    Task(Name),
}

/// What a person asks the client of an allocation for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientOrder {
    /// Tasks restart.
    Restart(RestartScope),
    /// Running tasks get a signal.
    Signal {
        /// The task; `None` means all that run.
        task: Option<Name>,
        /// The signal, as in `SIGHUP`.
        signal: Name,
    },
}

/// What a client asks of the world around it.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientEffect {
    /// Wake it at that time.
    Wake {
        /// When.
        at: Time,
        /// Why.
        timer: ClientTimer,
    },
    /// Tell the servers. Several reports of one allocation within a sync interval are one: the
    /// last.
    Report(ClientUpdate),
}

/// The local state of every client in the cluster.
#[derive(Clone, Debug)]
pub struct Clients {
    images: Images,
    runners: Runners,
    /// Allocations whose templates read services, or did.
    readers: BTreeSet<AllocId>,
    stopped_nodes: BTreeSet<NodeId>,
    /// Nodes whose machines work and that do not reach the servers, and since when.
    silent_nodes: LiteMap<NodeId, Time>,
}

impl Clients {
    /// Clients without work. `rng` is the stream that restarts draw their jitter from.
    pub fn new(images: ImageCatalogue, rng: Rng) -> Self {
        Self {
            images: Images::new(images),
            runners: Runners::new(rng),
            readers: BTreeSet::new(),
            stopped_nodes: BTreeSet::new(),
            silent_nodes: LiteMap::new(),
        }
    }

    /// What images do in this world.
    pub fn images(&self) -> &ImageCatalogue {
        &self.images.catalogue
    }

    /// Looks at an allocation that servers have written: starts it, stops it, or takes over a
    /// change.
    pub fn alloc_touched(&mut self, store: &Store, now: Time, id: AllocId) -> Vec<ClientEffect> {
        let Some(alloc) = store.alloc(id) else {
            self.runners.forget(id); // Forgotten by the servers: its tasks are destroyed.
            return Vec::new();
        };
        let node = alloc.node_id;
        if self.stopped_nodes.contains(&node) || !self.reaches_servers(node) {
            return Vec::new(); // It hears of it when it speaks to the servers again.
        }
        if self.runners.get(id).is_some() {
            let effects = self
                .runners
                .work(id, &mut |runner| runner.server_wrote(alloc, now));
            self.note_reader(id);
            self.forget_if_over(alloc);
            return effects;
        }
        if alloc.is_terminal() {
            return Vec::new();
        }
        let effects = self.runners.start(alloc, now);
        self.note_reader(id);
        effects
    }

    fn note_reader(&mut self, id: AllocId) {
        if self.runners.get(id).is_some_and(Course::reads_services) {
            self.readers.insert(id);
        }
    }

    /// Does what was due.
    pub fn wake(&mut self, store: &Store, now: Time, timer: &ClientTimer) -> Vec<ClientEffect> {
        let id = timer.alloc();
        let Some(alloc) = store.alloc(id) else {
            return Vec::new();
        };
        if let ClientTimer::Silence(silence) = timer
            && self.silent_nodes.get(&alloc.node_id) != Some(&silence.since)
        {
            return Vec::new();
        }
        let images = &mut self.images;
        let mut effects = self
            .runners
            .work(id, &mut |runner| runner.wake(timer, images, alloc, now));
        effects.extend(self.render(id, store, now));
        self.forget_if_over(alloc);
        effects
    }

    /// Renders the templates of an allocation anew, where they read services.
    fn render(&mut self, id: AllocId, store: &Store, now: Time) -> Vec<ClientEffect> {
        if !self.runners.get(id).is_some_and(Course::reads_services) {
            return Vec::new();
        }
        self.runners
            .work(id, &mut |runner| runner.render(store, now))
    }

    /// The machine dies: its tasks are gone and nothing is reported.
    pub fn node_stopped(&mut self, store: &Store, node: NodeId) -> Vec<ClientEffect> {
        self.runners.forget_all(&|id| is_on(store, id, node));
        self.stopped_nodes.insert(node);
        self.silent_nodes.remove(&node);
        Vec::new()
    }

    /// The node does not reach the servers any more, but its machine works. Some groups do not want
    /// to run on without them (spec: deployments 1.7).
    pub fn node_lost_servers(
        &mut self,
        store: &Store,
        now: Time,
        node: NodeId,
    ) -> Vec<ClientEffect> {
        if self.stopped_nodes.contains(&node) {
            return Vec::new();
        }
        let since = *self.silent_nodes.entry(node).or_insert(now);
        let all = self.runners.iter();
        let here = all.filter(|(id, _)| is_on(store, *id, node));
        let waits = here.filter_map(|(alloc, course)| {
            let at = since + course.bears_silence_for()?;
            let timer = ClientTimer::Silence(Box::new(Silence { alloc, since }));
            Some(ClientEffect::Wake { at, timer })
        });
        waits.collect()
    }

    /// Whether a working node and the servers hear each other.
    pub fn reaches_servers(&self, node: NodeId) -> bool {
        !self.silent_nodes.contains_key(&node)
    }

    /// The node speaks to the servers again: what they still want there and does not run starts,
    /// what they have stopped meanwhile and ran on a machine that died is told to be over, and what
    /// ran all along is reported to those who do not know.
    pub fn node_started(&mut self, store: &Store, now: Time, node: NodeId) -> Vec<ClientEffect> {
        self.stopped_nodes.remove(&node);
        self.silent_nodes.remove(&node);
        let ids: Vec<AllocId> = store.allocs_of_node(node).map(|alloc| alloc.id).collect();
        let mut effects = Vec::new();
        for id in ids {
            let is_unknown = store
                .alloc(id)
                .is_some_and(|alloc| alloc.client_status == AllocClientStatus::Unknown);
            effects.extend(self.alloc_touched(store, now, id));
            let is_gone = self.runners.get(id).is_none();
            if let Some(alloc) = store.alloc(id).filter(|alloc| is_gone && must_end(alloc)) {
                effects.push(ClientEffect::Report(Course::gone(alloc, now)));
            }
            if let Some(course) = self.runners.get(id).filter(|_| is_unknown) {
                effects.push(ClientEffect::Report(course.report(id)));
            }
        }
        effects
    }

    /// Does what a person asked for.
    pub fn obey(&mut self, now: Time, alloc: AllocId, order: &ClientOrder) -> Vec<ClientEffect> {
        self.runners.work(alloc, &mut |runner| match order {
            ClientOrder::Restart(scope) => runner.restart_by_user(scope, now),
            ClientOrder::Signal { task, signal } => {
                runner.signal_by_user(task.as_deref(), signal, now);
            }
        })
    }

    /// Services may have changed: templates that read them are rendered anew, where the servers can
    /// be asked.
    pub fn services_changed(&mut self, store: &Store, now: Time) -> Vec<ClientEffect> {
        let runners = &self.runners;
        self.readers.retain(|id| runners.get(*id).is_some());
        let readers: Vec<AllocId> = self.readers.iter().copied().collect();
        let mut effects = Vec::new();
        for id in readers {
            let alloc = store.alloc(id);
            let reaches_servers = alloc.is_some_and(|alloc| self.reaches_servers(alloc.node_id));
            if reaches_servers {
                effects.extend(self.render(id, store, now));
            }
        }
        effects
    }

    /// What the checks of an allocation have found last, while it is known to its client.
    pub fn checks(&self, store: &Store, now: Time, alloc: AllocId) -> Vec<CheckResult> {
        match (self.runners.get(alloc), store.alloc(alloc)) {
            (Some(course), Some(alloc)) => course.checks(store, alloc, now),
            _ => Vec::new(),
        }
    }

    /// What has ended while the servers are out of reach is known until they have heard of it:
    /// else it would start again, for they still want it.
    fn forget_if_over(&mut self, alloc: &Allocation) {
        let is_silent = !self.reaches_servers(alloc.node_id);
        let is_over = self.runners.get(alloc.id).is_some_and(Course::is_over);
        if is_over && !is_silent {
            self.runners.forget(alloc.id);
        }
    }
}

/// Servers have stopped it, and nobody has told them that it is over.
fn must_end(alloc: &Allocation) -> bool {
    alloc.is_server_terminal() && !alloc.is_client_terminal()
}

/// Whether an allocation was placed on that node.
fn is_on(store: &Store, id: AllocId, node: NodeId) -> bool {
    store.alloc(id).is_some_and(|alloc| alloc.node_id == node)
}

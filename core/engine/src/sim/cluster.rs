//! The cluster: it takes inputs, does everything that is due, and says when to wake next.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use litemap::LiteMap;
use yurt_model::{AllocId, EvalId, Node, NodeId, Release, Rng, Time, UuidMaker};
use yurt_state::{Change, ClientUpdate, StateError, Store, Touched};

use super::journal::Journal;
use super::queue::Queue;
use super::snapshot::Snapshot;
use super::trace::Processed;
use super::world::ClusterConfig;
use crate::client::{CheckResult, ClientEffect, Clients, ImageCatalogue};
use crate::event::{Fault, Input, NodeWait, Refusal, Reply, Request, Timer};
use crate::server::blocked::Blocked;
use crate::server::broker::Broker;
use crate::server::deployment_watcher::Watchers;
use crate::server::drainer::Drainer;
use crate::server::garbage::Collector;
use crate::server::periodic::Periodic;
use crate::server::{Context, endpoint, node};

/// Most steps that may follow from one input before we call it our own bug.
/// Ten times what registering a job of 50,000 allocations takes.
const STEPS_MAX: u32 = 5_000_000;

/// From a client's change to the servers: its sync interval and the servers' batch
/// (spec: deployments 3).
const REPORT_DELAY: yurt_model::Duration = yurt_model::Duration::from_millis(250);

/// From a machine's start to its node being ready.
const NODE_START: yurt_model::Duration = yurt_model::Duration::from_millis(500);

/// A whole cluster, stopped at one moment. Cloning it is cheap: time travel is a list of clones.
#[derive(Clone, Debug)]
pub struct Cluster {
    pub(super) config: ClusterConfig,
    pub(super) store: Store,
    pub(super) now: Time,
    pub(super) queue: Queue,
    pub(super) unseen: VecDeque<Touched>,
    pub(super) broker: Broker,
    pub(super) delayed: BTreeSet<EvalId>,
    pub(super) blocked: Blocked,
    pub(super) retries_failed_plans: bool,
    pub(super) watchers: Watchers,
    pub(super) clients: Clients,
    /// What clients have to say; reports of nodes that are held for silent stay here.
    pub(super) reports: BTreeMap<AllocId, ClientUpdate>,
    pub(super) are_reports_due: bool,
    pub(super) silent: LiteMap<NodeId, u32>,
    /// Nodes that were forgotten while their machines were off.
    pub(super) forgotten: BTreeMap<NodeId, Rc<Node>>,
    pub(super) generation: u32,
    pub(super) ids: UuidMaker,
    pub(super) rng: Rng,
    pub(super) drainer: Drainer,
    pub(super) periodic: Periodic,
    pub(super) collector: Collector,
    pub(super) are_schedulers_called: bool,
    pub(super) trace: Option<Vec<Processed>>,
    journal: Journal,
}

/// When something will next happen by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wakeup {
    /// At that time.
    At(Time),
    /// Never, until there is a new input.
    Idle,
}

/// What came of an input.
#[derive(Clone, Debug)]
pub struct Handled {
    /// The answer to a request; faults are answered with an empty reply.
    pub reply: Result<Reply, Refusal>,
    /// When to look again.
    pub wakeup: Wakeup,
}

impl Cluster {
    /// Starts a world; an error says what is wrong with it.
    pub fn new(config: ClusterConfig) -> Result<Self, String> {
        config.check()?;
        let rng = Rng::new(config.seed);
        let mut cluster = Self {
            store: Store::new(config.first_index, config.scheduler.clone()),
            now: config.epoch,
            queue: Queue::default(),
            unseen: VecDeque::new(),
            broker: Broker::default(),
            delayed: BTreeSet::new(),
            blocked: Blocked::default(),
            retries_failed_plans: false,
            watchers: Watchers::default(),
            clients: Clients::new(config.images.clone(), rng.child("clients", 0)),
            reports: BTreeMap::new(),
            are_reports_due: false,
            silent: LiteMap::new(),
            forgotten: BTreeMap::new(),
            generation: 0,
            ids: UuidMaker::new(rng.child("ids", 0)),
            rng,
            drainer: Drainer::default(),
            periodic: Periodic::default(),
            collector: Collector::new(config.epoch),
            are_schedulers_called: false,
            trace: None,
            journal: Journal::default(),
            config,
        };
        for node in cluster.config.nodes.clone() {
            let mut node = node;
            node.status_updated_at = cluster.now;
            node.events = endpoint::registered(cluster.now);
            cluster.write(Change::NodeUpserted(Box::new(node)));
        }
        cluster.drain();
        Ok(cluster)
    }

    /// Takes one input, does everything due by `at`, answers, and says when to wake next.
    ///
    /// `at` must not be before what was handled already; going back is a matter of clones.
    pub fn handle(&mut self, at: Time, input: Input) -> Handled {
        self.run_until(at);
        self.journal.push(self.now, &input);
        let reply = match input {
            Input::Request(request) => self.accept(request),
            Input::Fault(fault) => {
                self.break_or_mend(&fault);
                Ok(self.reply())
            }
        };
        self.drain();
        Handled {
            reply,
            wakeup: self.next_wakeup(),
        }
    }

    /// Lets time pass up to `at`: every timer due by then fires, in order.
    pub fn run_until(&mut self, at: Time) -> Wakeup {
        loop {
            self.collect_garbage(at);
            let Some((due, timer)) = self.queue.pop_due(at) else {
                break;
            };
            self.now = self.now.max(due);
            let is_eval = matches!(timer, Timer::EvalDue(_));
            self.fire(timer);
            // Evaluations that become due at one instant meet in the queue, so that those of one
            // job are seen together.
            let next = self.queue.next();
            let next_too = next
                .is_some_and(|(at, timer)| at <= self.now && matches!(timer, Timer::EvalDue(_)));
            if !(is_eval && next_too) {
                self.drain();
            }
        }
        self.now = self.now.max(at);
        self.next_wakeup()
    }

    /// Looks for garbage as often as servers do, up to `at` or to the next timer. It is no event
    /// that somebody waits for: it never wakes a cluster that has come to rest.
    fn collect_garbage(&mut self, at: Time) {
        while let Some(due) = self
            .collector
            .due()
            .filter(|_| self.config.collects_garbage)
        {
            let timer = self.queue.next_due();
            if due > at || timer.is_some_and(|timer| timer <= due) {
                return;
            }
            self.now = self.now.max(due);
            if let Some(change) = self.collector.look(&self.store, due) {
                self.write(change);
                self.drain();
            }
        }
    }

    /// The nodes that were forgotten because they were down for too long. They register again when
    /// their machines start.
    pub fn forgotten_nodes(&self) -> impl Iterator<Item = &Rc<Node>> {
        self.forgotten.values()
    }

    /// When the next timer is due.
    pub fn next_wakeup(&self) -> Wakeup {
        self.queue.next_due().map_or(Wakeup::Idle, Wakeup::At)
    }

    /// The simulated time.
    pub fn now(&self) -> Time {
        self.now
    }

    /// The release whose texts hold.
    pub fn release(&self) -> Release {
        self.config.release
    }

    /// What the cluster was started from.
    pub fn config(&self) -> &ClusterConfig {
        &self.config
    }

    /// What the checks of an allocation have found last (services of Nomad's own provider).
    pub fn checks(&self, alloc: AllocId) -> Vec<CheckResult> {
        self.clients.checks(&self.store, self.now, alloc)
    }

    /// What images do here.
    pub fn images(&self) -> &ImageCatalogue {
        self.clients.images()
    }

    /// The inputs so far.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The state, to be read.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The cluster as it is now, for whoever reads: cheap, and never changes.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(self)
    }

    pub(super) fn context(&mut self) -> (&Store, Context<'_>) {
        (
            &self.store,
            Context {
                at: self.now,
                ids: &mut self.ids,
            },
        )
    }

    fn reply(&self) -> Reply {
        Reply {
            index: self.store.index(),
            ..Reply::default()
        }
    }

    fn accept(&mut self, request: Request) -> Result<Reply, Refusal> {
        let watchers = &self.watchers;
        let held = endpoint::Held {
            watched_job: &|id| watchers.job(id),
        };
        let mut context = Context {
            at: self.now,
            ids: &mut self.ids,
        };
        let ending = ending_allocs(&self.store, &request);
        let decision = endpoint::handle(&self.store, &mut context, &held, request)?;
        let mut first_index = None;
        for change in decision.changes {
            let index = self.try_write(change).map_err(|error| Refusal(error.0))?;
            first_index.get_or_insert(index);
        }
        ending.into_iter().for_each(|id| self.room_after(id));
        if let Some((alloc, order)) = decision.order {
            let effects = self.clients.obey(self.now, alloc, &order);
            self.carry_out(effects);
        }
        Ok(Reply {
            index: self.store.index(),
            eval_id: decision.eval_id,
            job_modify_index: decision.job_modify_index.or(first_index).unwrap_or(0),
            reverted_version: decision.reverted_version,
            child: decision.child,
        })
    }

    fn break_or_mend(&mut self, fault: &Fault) {
        self.generation += 1;
        let generation = self.generation;
        let wait = |node| Box::new(NodeWait { node, generation });
        match *fault {
            Fault::NodeStops(node) => {
                let effects = self.clients.node_stopped(&self.store, node);
                self.carry_out(effects);
                self.reports.retain(|id, _| {
                    self.store
                        .alloc(*id)
                        .is_some_and(|alloc| alloc.node_id != node)
                });
                self.await_heartbeat(node);
            }
            Fault::NodeCut(node) => {
                let effects = self.clients.node_lost_servers(&self.store, self.now, node);
                self.carry_out(effects);
                self.await_heartbeat(node);
            }
            Fault::NodeStarts(node) => {
                self.silent.insert(node, generation);
                self.queue
                    .push(self.now + NODE_START, Timer::NodeReady(wait(node)));
            }
            Fault::HeartbeatMissed(node) => {
                self.heartbeat_missed(node);
                let effects = self.clients.node_lost_servers(&self.store, self.now, node);
                self.carry_out(effects);
                // The machine works: its next heartbeat gets through.
                if self.config.simulates_clients && !self.silent.contains_key(&node) {
                    self.silent.insert(node, generation);
                    let again = self.now + self.config.heartbeat_ttl;
                    self.queue.push(again, Timer::NodeReady(wait(node)));
                }
            }
        }
    }

    /// No heartbeat comes from a node until further notice.
    fn await_heartbeat(&mut self, node: NodeId) {
        let generation = self.generation;
        self.silent.insert(node, generation);
        let silence = self.config.heartbeat_ttl + self.config.heartbeat_grace;
        let wait = Box::new(NodeWait { node, generation });
        self.queue
            .push(self.now + silence, Timer::HeartbeatDue(wait));
    }

    pub(super) fn heartbeat_missed(&mut self, id: NodeId) {
        let Some(stored) = self.store.node(id).cloned() else {
            return;
        };
        let wanted = node::status_after_silence(&self.store, &stored, self.now);
        let (store, mut context) = self.context();
        let changes = node::set_status(store, &mut context, &stored, wanted);
        changes.into_iter().for_each(|change| self.write(change));
    }

    /// Collects what clients ask for: waits, and reports that travel together.
    pub(super) fn carry_out(&mut self, effects: Vec<ClientEffect>) {
        for effect in effects {
            match effect {
                ClientEffect::Wake { at, timer } => self.queue.push(at, Timer::Client(timer)),
                ClientEffect::Report(update) => {
                    self.call_for_reports();
                    self.reports.insert(update.alloc_id, update);
                }
            }
        }
    }

    pub(super) fn call_for_reports(&mut self) {
        if !self.are_reports_due {
            self.are_reports_due = true;
            let at = self.now + REPORT_DELAY;
            self.queue.push(at, Timer::ReportsArrive);
        }
    }

    /// Writes what cannot be refused (the caller has just looked).
    pub(super) fn write(&mut self, change: Change) {
        let written = self.try_write(change);
        debug_assert!(
            written.is_ok(),
            "a write of our own was refused: {written:?}"
        );
    }

    pub(super) fn try_write(&mut self, change: Change) -> Result<u64, StateError> {
        if let Change::Collected {
            evals,
            allocs,
            nodes,
            ..
        } = &change
        {
            self.collector.note(&self.store, evals, allocs);
            let nodes = nodes.iter().filter_map(|id| self.store.node(*id));
            self.forgotten
                .extend(nodes.map(|node| (node.id, node.clone())));
        }
        let touched = self.store.apply(self.now, change)?;
        let index = touched.index;
        self.collector.written(&self.store, self.now, &touched);
        self.unseen.push_back(touched);
        Ok(index)
    }

    /// Does everything that is to be done now: first what a write has touched, then evaluations, if
    /// schedulers take no time; else they are called.
    pub(super) fn drain(&mut self) {
        let at_once = self.config.scheduling_delay.is_zero_or_less();
        for _ in 0..STEPS_MAX {
            if let Some(touched) = self.unseen.pop_front() {
                self.react(&touched);
            } else if let Some(eval) = (at_once && !self.is_broker_paused())
                .then(|| self.broker.next())
                .flatten()
            {
                self.work(eval);
            } else {
                self.call_schedulers();
                #[cfg(debug_assertions)]
                self.assert_sound();
                return;
            }
        }
        panic!("{STEPS_MAX} steps without coming to rest at {:?}", self.now);
    }

    /// Evaluations stay where they are until the configuration says otherwise.
    pub(super) fn is_broker_paused(&self) -> bool {
        self.store.scheduler_configuration().pause_eval_broker
    }

    fn call_schedulers(&mut self) {
        let is_wanted = self.broker.has_ready() && !self.is_broker_paused();
        if is_wanted && !self.are_schedulers_called {
            self.are_schedulers_called = true;
            let at = self.now + self.config.scheduling_delay;
            self.queue.push(at, Timer::SchedulersLook);
        }
    }

    #[cfg(debug_assertions)]
    fn assert_sound(&self) {
        // Large worlds are checked by `yurt swarm`; here it would square their cost.
        if self.store.alloc_count() <= 200 {
            let violations = super::invariants::check(&self.store);
            assert!(violations.is_empty(), "at {:?}: {violations:#?}", self.now);
        }
    }
}

/// The allocations that a request from outside reports as ended: room may appear where they were.
fn ending_allocs(store: &Store, request: &Request) -> Vec<AllocId> {
    let Request::ClientReport(updates) = request else {
        return Vec::new();
    };
    ending(store, updates.iter())
}

/// The allocations that end with these reports.
pub(super) fn ending<'a>(
    store: &Store,
    updates: impl Iterator<Item = &'a ClientUpdate>,
) -> Vec<AllocId> {
    updates
        .filter(|update| update.status.is_terminal())
        .filter(|update| {
            store
                .alloc(update.alloc_id)
                .is_some_and(|a| !a.is_client_terminal())
        })
        .map(|update| update.alloc_id)
        .collect()
}

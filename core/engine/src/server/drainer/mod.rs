//! Emptying nodes at the pace that jobs allow (spec: scheduling 17, deployments 27).
//!
//! Two parts that work beside each other, as recorded. A *watcher* looks at the jobs that have
//! something on a draining node, whenever allocations change, and asks for moves; it looks away
//! until its last request is carried out, and what ended meanwhile it never sees. A *worker* takes
//! one request after the other, the watcher's and those of deadlines, and collects for a second
//! before it writes.

mod watch;

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, VecDeque};

use litemap::LiteMap;
use yurt_model::{
    AllocId, Allocation, DesiredTransition, DrainStatus, Duration, EvalTrigger, Gather, Index,
    JobKey, JobType, LastDrain, Name, Node, NodeEvent, NodeId, Time,
};
use yurt_state::{Change, Store, Touched};

use super::Context;

/// How long the drainer collects (spec: deployments 3).
const BATCH: Duration = Duration::from_secs(1);

/// Deadlines that are so near to each other are one (spec: deployments 3).
const DEADLINE_WINDOW: Duration = Duration::from_secs(5);

/// What the drainer wants of the cluster.
#[derive(Debug)]
pub(crate) enum Wish {
    /// A write, now.
    Write(Change),
    /// A call to [`Drainer::batch_due`].
    BatchAt(Time),
    /// A call to [`Drainer::deadlines_due`].
    DeadlinesAt(Time),
}

#[derive(Clone, Debug)]
enum Work {
    /// The watcher's request.
    Move(Vec<AllocId>),
    /// The time of these nodes is over.
    Over(Vec<NodeId>),
    /// A node may be empty.
    Leave(NodeId),
}

/// The drains that are under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drainer {
    /// Draining nodes, with the deadlines that are still to come.
    nodes: LiteMap<NodeId, Option<Time>>,
    /// Jobs with something on a draining node.
    jobs: Vec<JobKey>,
    /// Up to which write the watcher has looked.
    seen: Index,
    /// The watcher's request is not carried out yet.
    is_asking: bool,
    /// A job has been added since the watcher last looked.
    has_new_job: bool,
    requests: VecDeque<Work>,
    /// What is being collected, and the allocations that it moves.
    collecting: Option<(Work, Vec<AllocId>)>,
}

impl Drainer {
    /// Follows a write.
    pub(crate) fn touched(
        &mut self,
        store: &Store,
        context: &mut Context<'_>,
        touched: &Touched,
    ) -> Vec<Wish> {
        let mut wishes = Vec::new();
        for id in &touched.nodes {
            self.look_at_node(store, context, *id, &mut wishes);
        }
        if self.nodes.is_empty() && self.requests.is_empty() {
            return wishes;
        }
        let has_news = !touched.allocs.is_empty() && touched.index > self.seen;
        if (has_news || self.has_new_job) && !self.is_asking {
            self.watch(store);
        }
        self.work(store, context, &mut wishes);
        wishes
    }

    fn look_at_node(
        &mut self,
        store: &Store,
        context: &Context<'_>,
        id: NodeId,
        wishes: &mut Vec<Wish>,
    ) {
        let drained = store
            .node(id)
            .and_then(|node| Some((node, node.drain.as_ref()?)));
        let Some((node, drain)) = drained else {
            self.nodes.remove(&id);
            return;
        };
        let deadline = drain.force_deadline.filter(|at| *at > context.at);
        self.nodes.insert(id, deadline);
        if is_empty(store, id) {
            self.requests.push_back(Work::Leave(id));
        }
        if drain.force || (drain.force_deadline.is_some() && deadline.is_none()) {
            self.requests.push_back(Work::Over(vec![id]));
        } else if deadline.is_some() {
            wishes.extend(self.next_deadlines().map(|(at, _)| Wish::DeadlinesAt(at)));
        }
        for alloc in store.allocs_of_node(node.id) {
            let key = alloc.job_key();
            let is_watched = matches!(alloc.job.spec.kind, JobType::Service | JobType::Batch);
            if is_watched && !alloc.is_terminal() && !self.jobs.contains(&key) {
                self.jobs.push(key);
                self.has_new_job = true;
            }
        }
    }

    /// The watcher looks at its jobs.
    fn watch(&mut self, store: &Store) {
        let draining: BTreeSet<NodeId> = self.nodes.keys().copied().gather();
        let seen = std::mem::replace(&mut self.seen, store.index());
        self.has_new_job = false;
        let mut may_move = Vec::new();
        let mut left = BTreeSet::new();
        self.jobs.retain(|key| {
            let Some(job) = store.job(key) else {
                return false;
            };
            let found = watch::look(store, job, &draining, seen);
            may_move.extend(found.may_move);
            left.extend(found.left);
            found.goes_on
        });
        self.requests.extend(left.into_iter().map(Work::Leave));
        if !may_move.is_empty() {
            self.is_asking = true;
            self.requests.push_back(Work::Move(may_move));
        }
    }

    /// The worker takes requests, until one has to be collected.
    fn work(&mut self, store: &Store, context: &mut Context<'_>, wishes: &mut Vec<Wish>) {
        while self.collecting.is_none() {
            let Some(work) = self.requests.pop_front() else {
                return;
            };
            let moved = match &work {
                Work::Move(ids) => ids.clone(),
                Work::Over(nodes) => {
                    let nodes = nodes.iter().filter_map(|id| store.node(*id));
                    nodes.flat_map(|node| remaining(store, node)).collect()
                }
                Work::Leave(id) => match store.node(*id) {
                    Some(node) if node.drain.is_some() && is_empty(store, *id) => {
                        remaining(store, node)
                    }
                    _ => continue,
                },
            };
            if moved.is_empty() {
                wishes.extend(self.ends(store, context, &work).map(Wish::Write));
            } else if matches!(work, Work::Leave(_)) {
                // What runs on every node goes with the last of the others (as recorded).
                let marks = mark(store, context, &work, &moved).into_iter();
                wishes.extend(marks.map(Wish::Write));
                wishes.extend(self.ends(store, context, &work).map(Wish::Write));
            } else {
                self.collecting = Some((work, moved));
                wishes.push(Wish::BatchAt(context.at + BATCH));
            }
        }
    }

    /// The second is over: the writes that move what was collected, and that end drains.
    pub(crate) fn batch_due(&self, store: &Store, context: &mut Context<'_>) -> Vec<Change> {
        let Some((work, moved)) = &self.collecting else {
            return Vec::new();
        };
        let mut changes = mark(store, context, work, moved);
        changes.extend(self.ends(store, context, work));
        changes
    }

    /// Goes on after the writes of [`Drainer::batch_due`]. What happened while the watcher waited
    /// for its answer counts as seen.
    pub(crate) fn go_on(&mut self, store: &Store, context: &mut Context<'_>) -> Vec<Wish> {
        let mut wishes = Vec::new();
        let done = self.collecting.take();
        if matches!(done, Some((Work::Move(_), _))) {
            self.is_asking = false;
            self.seen = store.index();
            if self.has_new_job {
                self.watch(store);
            }
        }
        self.work(store, context, &mut wishes);
        wishes
    }

    /// A deadline may have come.
    pub(crate) fn deadlines_due(&mut self, store: &Store, context: &mut Context<'_>) -> Vec<Wish> {
        let mut wishes = Vec::new();
        match self.next_deadlines() {
            Some((at, nodes)) if at <= context.at => {
                for id in &nodes {
                    self.nodes.insert(*id, None);
                }
                self.requests.push_back(Work::Over(nodes));
                wishes.extend(self.next_deadlines().map(|(at, _)| Wish::DeadlinesAt(at)));
            }
            _ => {}
        }
        self.work(store, context, &mut wishes);
        wishes
    }

    /// The next deadline, with those that are handled together with it, at the last of them.
    fn next_deadlines(&self) -> Option<(Time, Vec<NodeId>)> {
        let first = self.nodes.values().flatten().min()?;
        let together = |at: &Time| *at <= *first + DEADLINE_WINDOW;
        let near = self.nodes.iter().filter_map(|(id, at)| Some((*id, (*at)?)));
        let near: Vec<(NodeId, Time)> = near.filter(|(_, at)| together(at)).collect();
        let last = near.iter().map(|(_, at)| *at).max()?;
        Some((last, near.into_iter().map(|(id, _)| id).collect()))
    }

    /// The writes that end drains with this work.
    fn ends<'s>(
        &self,
        store: &'s Store,
        context: &Context<'_>,
        work: &Work,
    ) -> impl Iterator<Item = Change> + use<'s> {
        let (nodes, is_over) = match work {
            Work::Move(_) => (Vec::new(), false),
            Work::Over(nodes) => (nodes.clone(), true),
            Work::Leave(node) => (vec![*node], false),
        };
        let at = context.at;
        nodes
            .into_iter()
            .filter_map(|id| store.node(id).filter(|node| node.drain.is_some()))
            .map(move |node| complete(at, node, is_over))
    }
}

/// Nothing is left on the node but what runs on every node.
fn is_empty(store: &Store, id: NodeId) -> bool {
    store
        .allocs_of_node(id)
        .all(|alloc| alloc.job.spec.kind == JobType::System || alloc.is_client_terminal())
}

/// What still has to leave a node before its drain ends.
fn remaining(store: &Store, node: &Node) -> Vec<AllocId> {
    let Some(drain) = &node.drain else {
        return Vec::new();
    };
    let stays =
        |alloc: &Allocation| drain.ignore_system_jobs && alloc.job.spec.kind == JobType::System;
    store
        .allocs_of_node(node.id)
        .filter(|alloc| !alloc.is_terminal() && !stays(alloc))
        .map(|alloc| alloc.id)
        .collect()
}

/// Marks allocations, with one evaluation for each job.
fn mark(store: &Store, context: &mut Context<'_>, work: &Work, ids: &[AllocId]) -> Vec<Change> {
    let is_over = matches!(work, Work::Over(_));
    let mut jobs: Vec<JobKey> = Vec::new();
    let mut evals = Vec::new();
    let mut transitions = Vec::new();
    for alloc in ids.iter().filter_map(|id| store.alloc(*id)) {
        let ends_here = is_over && alloc.job.spec.kind == JobType::Batch;
        let transition = DesiredTransition {
            migrate: Some(true),
            migrate_disable_placement: ends_here.then_some(true),
            ..DesiredTransition::default()
        };
        transitions.push((alloc.id, transition));
        let key = alloc.job_key();
        if !jobs.contains(&key) {
            let job = store.job(&key).unwrap_or(&alloc.job);
            let trigger = EvalTrigger::NodeDrain;
            evals.push(context.evaluation(&job.spec, trigger, job.job_modify_index));
            jobs.push(key);
        }
    }
    if transitions.is_empty() {
        return Vec::new();
    }
    vec![Change::TransitionsSet { transitions, evals }]
}

/// The end of a drain; the node takes no allocations until someone says so.
fn complete(at: Time, node: &Node, is_over: bool) -> Change {
    let details = is_over.then(|| (Name::from("deadline_reached"), Name::from("true")));
    let event = NodeEvent {
        time: at,
        subsystem: Name::from("Drain"),
        message: Name::from("Node drain complete"),
        details: details.into_iter().gather(),
    };
    let last_drain = node.last_drain.clone().map(|last| LastDrain {
        status: DrainStatus::Complete,
        updated_at: at,
        ..last
    });
    Change::NodeDrainSet {
        node_id: node.id,
        drain: None,
        last_drain,
        eligibility: node.eligibility,
        event: Some(event),
    }
}

//! What follows from a write and from a timer.

use std::collections::BTreeMap;

use yurt_model::{AllocId, EvalId, EvalStatus, Evaluation, JobKey, NodeId, NodeStatus, Time};
use yurt_state::{Change, Touched};

use super::cluster::{Cluster, ending};
use crate::event::{NodeWait, PeriodicLaunch, ProgressDeadline, Timer};
use crate::server::blocked::Blocking;
use crate::server::deployment_watcher::Wish;
use crate::server::{Context, client_updates, drainer, endpoint, node};

/// How often evaluations that ran out of attempts are tried again (spec: scheduling 1).
const FAILED_PLANS_RETRY: yurt_model::Duration = yurt_model::Duration::from_secs(60);

impl Cluster {
    /// Lets every part look at what a write touched.
    pub(super) fn react(&mut self, touched: &Touched) {
        for key in &touched.jobs {
            if self.store.job(key).is_none_or(|job| job.stop) {
                self.blocked.untrack(key);
            }
        }
        for id in &touched.evals {
            self.look_at_eval(*id);
        }
        if !touched.nodes.is_empty() && !self.reports.is_empty() {
            self.call_for_reports(); // Of nodes that are back.
        }
        for id in &touched.opened_nodes {
            self.look_at_opened_node(*id);
        }
        if self.config.simulates_clients {
            for id in &touched.allocs {
                let effects = self.clients.alloc_touched(&self.store, self.now, *id);
                self.carry_out(effects);
            }
            if !touched.allocs.is_empty() {
                let effects = self.clients.services_changed(&self.store, self.now);
                self.carry_out(effects);
            }
        }
        self.track(&touched.jobs);
        let mut context = Context {
            at: self.now,
            ids: &mut self.ids,
        };
        let wishes = self.watchers.touched(&self.store, &mut context, touched);
        for wish in wishes {
            self.grant(wish);
        }
        let mut context = Context {
            at: self.now,
            ids: &mut self.ids,
        };
        let wishes = self.drainer.touched(&self.store, &mut context, touched);
        self.grant_drainer(wishes);
    }

    fn look_at_eval(&mut self, id: EvalId) {
        let Some(eval) = self.store.eval(id).cloned() else {
            return;
        };
        match eval.status {
            EvalStatus::Pending => {
                let waits_from = eval.create_time + eval.wait;
                let due = eval.wait_until.unwrap_or(waits_from).max(waits_from);
                if due <= self.now {
                    self.broker.enqueue(&eval);
                } else if self.delayed.insert(id) {
                    self.queue.push(due, Timer::EvalDue(id));
                }
            }
            EvalStatus::Blocked => self.block(id),
            EvalStatus::Complete | EvalStatus::Failed | EvalStatus::Canceled => {
                self.blocked.forget(&eval);
                self.broker.forget(&eval.job_key(), id);
            }
        }
    }

    fn block(&mut self, id: EvalId) {
        let Some(eval) = self.store.eval(id).cloned() else {
            return;
        };
        match self.blocked.block(&eval) {
            Blocking::Waits { instead_of } => {
                instead_of
                    .into_iter()
                    .for_each(|old| self.cancel_duplicate(old));
                self.retry_later(&eval);
            }
            Blocking::Duplicate => self.cancel_duplicate(id),
            Blocking::MissedUnblock => self.broker.enqueue(&eval),
        }
    }

    /// What ran out of attempts is tried again after a while.
    fn retry_later(&mut self, eval: &Evaluation) {
        if eval.had_no_plan() && !self.retries_failed_plans {
            self.retries_failed_plans = true;
            self.queue
                .push(self.now + FAILED_PLANS_RETRY, Timer::RetryFailedPlans);
        }
    }

    fn cancel_duplicate(&mut self, id: EvalId) {
        let Some(eval) = self.store.eval(id) else {
            return;
        };
        let text = format!(
            "existing blocked evaluation exists for job \"{}\"",
            eval.job_id
        );
        self.cancel(vec![id], &text);
    }

    pub(super) fn cancel(&mut self, ids: Vec<EvalId>, why: &str) {
        let cancelled: Vec<_> = ids
            .into_iter()
            .filter_map(|id| self.store.eval(id))
            .filter(|eval| !eval.status.is_terminal())
            .map(|eval| {
                let mut eval = (**eval).clone();
                eval.status = EvalStatus::Canceled;
                eval.status_description = why.into();
                eval
            })
            .collect();
        if !cancelled.is_empty() {
            self.write(Change::EvalsUpserted(cancelled));
        }
    }

    /// A node that is ready may have room for those that wait, whether or not it takes new
    /// allocations now (as recorded).
    fn look_at_opened_node(&mut self, id: NodeId) {
        let node = self
            .store
            .node(id)
            .filter(|node| node.status == NodeStatus::Ready);
        if let Some(class) = node.map(|node| node.computed_class) {
            self.let_go(class, id);
        }
    }

    fn let_go(&mut self, class: u64, node: NodeId) {
        let released = self.blocked.unblock(class, node, self.store.index());
        self.enqueue_all(released);
    }

    fn enqueue_all(&mut self, ids: Vec<EvalId>) {
        for id in ids {
            if let Some(eval) = self.store.eval(id) {
                self.broker.enqueue(eval);
            }
        }
    }

    /// An allocation has ended: its node may have room.
    pub(super) fn room_after(&mut self, id: AllocId) {
        let node = self
            .store
            .alloc(id)
            .and_then(|alloc| self.store.node(alloc.node_id));
        if let Some((class, id)) = node.map(|node| (node.computed_class, node.id)) {
            self.let_go(class, id);
        }
    }

    fn grant(&mut self, wish: Wish) {
        match wish {
            Wish::Write(change) => self.write(change),
            Wish::Promote(change) => {
                // Refused while some canary is not counted as healthy; the next report tries again.
                let _refused = self.try_write(change);
            }
            Wish::BatchAt(at, id) => self.queue.push(at, Timer::DeploymentBatch(id)),
            Wish::DeadlineAt {
                at,
                deployment,
                generation,
            } => {
                let due = ProgressDeadline {
                    deployment,
                    generation,
                };
                self.queue.push(at, Timer::ProgressDeadline(Box::new(due)));
            }
        }
    }

    /// Does what a timer was set for.
    pub(super) fn fire(&mut self, timer: Timer) {
        let mut context = Context {
            at: self.now,
            ids: &mut self.ids,
        };
        match timer {
            Timer::Client(timer) => {
                let effects = self.clients.wake(&self.store, self.now, &timer);
                self.carry_out(effects);
            }
            Timer::ReportsArrive => self.reports_arrive(),
            Timer::SchedulersLook => {
                self.are_schedulers_called = false;
                if self.is_broker_paused() {
                    return;
                }
                // Those that are ready now; what follows from them is looked at in its turn.
                for eval in self.broker.take_ready() {
                    self.work(eval);
                    while let Some(touched) = self.unseen.pop_front() {
                        self.react(&touched);
                    }
                }
            }
            Timer::EvalDue(id) => {
                self.delayed.remove(&id);
                if let Some(eval) = self
                    .store
                    .eval(id)
                    .filter(|eval| eval.status == EvalStatus::Pending)
                {
                    self.broker.enqueue(eval);
                }
            }
            Timer::RetryFailedPlans => {
                self.retries_failed_plans = false;
                let released = self.blocked.unblock_failed();
                self.enqueue_all(released);
            }
            Timer::DeploymentBatch(id) => {
                let change = self.watchers.batch_due(&self.store, &mut context, id);
                change.into_iter().for_each(|change| self.write(change));
            }
            Timer::ProgressDeadline(due) => {
                let (id, generation) = (due.deployment, due.generation);
                let watchers = &mut self.watchers;
                let change = watchers.deadline_due(&self.store, &mut context, id, generation);
                change.into_iter().for_each(|change| self.write(change));
            }
            Timer::HeartbeatDue(wait) => {
                if self.silent.get(&wait.node) == Some(&wait.generation) {
                    self.heartbeat_due(wait);
                }
            }
            Timer::NodeReady(wait) => {
                if self.silent.get(&wait.node) == Some(&wait.generation) {
                    self.node_speaks(wait.node);
                }
            }
            Timer::DrainerBatch => self.drainer_batch(),
            Timer::DrainDeadlines => {
                let wishes = self.drainer.deadlines_due(&self.store, &mut context);
                self.grant_drainer(wishes);
            }
            Timer::PeriodicLaunch(due) => self.launch_due(due.job, due.launch),
        }
    }

    fn launch_due(&mut self, job: JobKey, launch: Time) {
        let mut context = Context {
            at: self.now,
            ids: &mut self.ids,
        };
        let (changes, next) = self.periodic.due(&self.store, &mut context, &job, launch);
        changes.into_iter().for_each(|change| self.write(change));
        self.launch_at(next, job);
    }

    /// Periodic jobs that were written are launched by what they say now.
    fn track(&mut self, jobs: &[JobKey]) {
        for (launch, job) in self.periodic.touched(&self.store, self.now, jobs) {
            self.launch_at(Some(launch), job);
        }
    }

    fn launch_at(&mut self, launch: Option<Time>, job: JobKey) {
        if let Some(launch) = launch {
            self.queue.push(
                launch,
                Timer::PeriodicLaunch(Box::new(PeriodicLaunch { job, launch })),
            );
        }
    }

    fn reports_arrive(&mut self) {
        self.are_reports_due = false;
        let (held, reports): (BTreeMap<_, _>, BTreeMap<_, _>) = std::mem::take(&mut self.reports)
            .into_iter()
            .partition(|(id, update)| {
                let alloc = self.store.alloc(*id);
                alloc.is_some_and(|alloc| !self.clients.reaches_servers(alloc.node_id))
                    || client_updates::refusal(&self.store, update).is_some()
            });
        self.reports = held;
        if reports.is_empty() {
            return;
        }
        let ended = ending(&self.store, reports.values());
        let mut context = Context {
            at: self.now,
            ids: &mut self.ids,
        };
        let updates = reports.into_values().collect();
        let decision = client_updates::apply(&self.store, &mut context, updates);
        decision
            .changes
            .into_iter()
            .for_each(|change| self.write(change));
        ended.into_iter().for_each(|id| self.room_after(id));
    }

    /// A silent node's heartbeat is missed; one that is disconnected is looked at again, for it
    /// goes down when nothing there may be unknown any longer.
    fn heartbeat_due(&mut self, wait: Box<NodeWait>) {
        self.heartbeat_missed(wait.node);
        let status = self.store.node(wait.node).map(|node| node.status);
        if status == Some(NodeStatus::Disconnected) {
            let again = self.now + self.config.heartbeat_ttl;
            self.queue.push(again, Timer::HeartbeatDue(wait));
        }
    }

    fn node_speaks(&mut self, id: NodeId) {
        if let Some(node) = self.forgotten.remove(&id) {
            let (store, mut context) = self.context();
            let decision = endpoint::register_again(store, &mut context, &node);
            decision
                .changes
                .into_iter()
                .for_each(|change| self.write(change));
        }
        let Some(stored) = self.store.node(id).cloned() else {
            return;
        };
        let (store, mut context) = self.context();
        let changes = node::set_status(store, &mut context, &stored, NodeStatus::Ready);
        changes.into_iter().for_each(|change| self.write(change));
        let effects = self.clients.node_started(&self.store, self.now, id);
        self.carry_out(effects);
        if !self.reports.is_empty() {
            self.call_for_reports(); // Of what happened while nobody could be told.
        }
        let is_ready = self
            .store
            .node(id)
            .is_some_and(|node| node.status == NodeStatus::Ready);
        if is_ready {
            self.silent.remove(&id);
        } else if let Some(generation) = self.silent.get(&id).copied() {
            let again = self.now + self.config.heartbeat_ttl;
            let wait = NodeWait {
                node: id,
                generation,
            };
            self.queue.push(again, Timer::NodeReady(Box::new(wait)));
        }
    }

    fn drainer_batch(&mut self) {
        let mut context = Context {
            at: self.now,
            ids: &mut self.ids,
        };
        let changes = self.drainer.batch_due(&self.store, &mut context);
        changes.into_iter().for_each(|change| self.write(change));
        let mut context = Context {
            at: self.now,
            ids: &mut self.ids,
        };
        let wishes = self.drainer.go_on(&self.store, &mut context);
        self.grant_drainer(wishes);
    }

    fn grant_drainer(&mut self, wishes: Vec<drainer::Wish>) {
        for wish in wishes {
            match wish {
                drainer::Wish::Write(change) => self.write(change),
                drainer::Wish::BatchAt(at) => self.queue.push(at, Timer::DrainerBatch),
                drainer::Wish::DeadlinesAt(at) => self.queue.push(at, Timer::DrainDeadlines),
            }
        }
    }
}

//! Putting allocations on their nodes (spec: scheduling 14.4).

use std::collections::BTreeSet;
use std::rc::Rc;

use yurt_model::{AllocMetric, Allocation, EvalId, EvalTrigger, Job, Name, Node, TaskGroup};

use super::SystemAttempt;
use crate::generic::blocked_eval;
use crate::place::{NewAlloc, evict, note_exhausted_resources};
use crate::stack::Options;

/// What is placed, of one item.
struct Wanted<'a> {
    node: &'a Node,
    name_index: u32,
    previous: Option<&'a Rc<Allocation>>,
    is_update: bool,
    is_canary: bool,
}

impl<'a> SystemAttempt<'a> {
    pub(super) fn place_all(&mut self) {
        let Some(job) = self.running_job() else {
            return;
        };
        for alloc in &self.plan.allocations {
            self.stack.ledger.place(alloc);
            // What was not changed since it was made counts as new, as recorded.
            if alloc.create_index == alloc.modify_index {
                *self.queued.entry(alloc.group.clone()).or_insert(0) -= 1;
            }
        }
        for group in &job.spec.groups {
            let Some(work) = self.groups.get(&group.name) else {
                continue;
            };
            let items: Vec<Wanted<'a>> = work
                .places
                .iter()
                .chain(work.destructive.iter().filter(|item| item.is_due()))
                .map(|item| Wanted {
                    node: item.node,
                    name_index: item.name_index,
                    previous: item.replaces.or(item.previous),
                    is_update: item.is_due(),
                    is_canary: item.is_canary,
                })
                .collect();
            for item in items {
                self.place(job, group, &item);
            }
            self.judge_filtered(&group.name);
        }
    }

    fn place(&mut self, job: &'a Rc<Job>, group: &TaskGroup, item: &Wanted<'a>) {
        let options = Options {
            name_index: item.name_index,
            penalty: &BTreeSet::new(),
            only: Some(item.node),
            is_per_node: true,
        };
        let selection = self.stack.select_evicting(job, &group.name, &options);
        let mut metrics = selection.metrics;
        match selection.winner {
            Some(winner) => {
                metrics.nodes_available.clone_from(&self.available);
                metrics.nodes_in_pool = u32::try_from(self.candidates.len()).unwrap_or(u32::MAX);
                metrics.node_pool = "".into();
                let is_active = |d: &&yurt_model::Deployment| d.is_active();
                let alloc = NewAlloc {
                    job,
                    group,
                    name_index: item.name_index,
                    eval_id: self.cause.id,
                    deployment_id: self.deployment.as_ref().filter(is_active).map(|d| d.id),
                    deployment_status: self.canary_mark(item.is_canary),
                    previous: item.previous.map(|previous| previous.id),
                    tracker: None,
                    now: self.now,
                }
                .on(&winner, metrics, self.ids, self.plan.allocations.last());
                evict(&winner.victims, alloc.id, &mut self.stack, &mut self.plan);
                self.stack.ledger.place(&alloc);
                self.plan.allocations.push(alloc);
                *self.queued.entry(group.name.clone()).or_insert(0) -= 1;
            }
            None if metrics.nodes_filtered > 0 => self.filtered(&group.name, item, &metrics),
            None => self.exhausted(group, item, metrics),
        }
    }

    /// The node may not have it: nothing is missing there.
    fn filtered(&mut self, group: &Name, item: &Wanted<'a>, metrics: &AllocMetric) {
        *self.queued.entry(group.clone()).or_insert(0) -= 1;
        let work = self.group(group);
        work.lost_nodes += 1;
        work.lost_places += u64::from(!item.is_update);
        work.lost_updates += usize::from(item.is_update);
        work.filtered.nodes_evaluated += metrics.nodes_evaluated;
        work.filtered.nodes_filtered += metrics.nodes_filtered;
        for (class, n) in &metrics.class_filtered {
            work.filtered.class_filtered.add(class, *n);
        }
        for (reason, n) in &metrics.constraint_filtered {
            work.filtered.constraint_filtered.add(reason, *n);
        }
    }

    /// A group that may run nowhere and runs nowhere has failed.
    fn judge_filtered(&mut self, group: &Name) {
        let is_done = self.queued.get(group).is_none_or(|queued| *queued <= 0);
        let work = self.group(group);
        let has_some = !work.ignored.is_empty() || work.in_place > 0;
        let places_any = work.lost_nodes < (work.places.len() + work.destructive.len()) as u64;
        if work.filtered.nodes_filtered > 0 && is_done && !has_some && !places_any {
            let metrics = work.filtered.clone();
            self.failed.entry(group.clone()).or_insert(metrics);
        }
    }

    /// The node is full: the group has failed there and waits for that node.
    fn exhausted(&mut self, group: &TaskGroup, item: &Wanted<'a>, mut metrics: AllocMetric) {
        let work = self.group(&group.name);
        work.lost_nodes += 1;
        work.lost_places += u64::from(!item.is_update);
        if let Some(failed) = self.failed.get_mut(&group.name) {
            failed.coalesced_failures += 1;
            note_exhausted_resources(failed, group);
            return;
        }
        metrics.nodes_available.clone_from(&self.available);
        metrics.nodes_in_pool = u32::try_from(self.candidates.len()).unwrap_or(u32::MAX);
        note_exhausted_resources(&mut metrics, group);
        let id = EvalId(self.ids.make());
        let mut blocked = blocked_eval(
            id,
            self.cause,
            self.job,
            EvalTrigger::QueuedAllocs,
            "created to place remaining allocations",
            self.now,
            self.store.index(),
        );
        blocked.node_id = Some(item.node.id);
        let (classes, escaped) = self.stack.class_eligibility(self.job.map(|job| &**job));
        blocked.class_eligibility = classes;
        blocked.escaped_class = escaped;
        blocked
            .failed_groups
            .insert(group.name.clone(), Rc::new(metrics.clone()));
        self.created.push(blocked);
        self.failed.insert(group.name.clone(), metrics);
    }
}

//! Trying one node for each new allocation (spec: scheduling 14.4).

use std::collections::BTreeSet;
use std::rc::Rc;

use yurt_model::{
    AllocDeploymentStatus, AllocId, AllocMetric, Allocation, EvalId, EvalTrigger, Job, TaskGroup,
};

use super::Attempt;
use super::compare::Item;
use crate::allocation;
use crate::generic::blocked_eval;
use crate::place::note_exhausted_resources;
use crate::stack::{Options, Selection, Winner};

impl<'a> Attempt<'a> {
    pub(super) fn place_all(&mut self, items: &[Item<'a>]) {
        let Some(job) = self.wanted else { return };
        for item in items {
            if let Some(group) = job.spec.group(&item.group) {
                self.place(job, group, item);
            }
        }
    }

    fn place(&mut self, job: &'a Rc<Job>, group: &'a TaskGroup, item: &Item<'a>) {
        // Making room by eviction, where the configuration lets it, is part of this selection.
        let Selection {
            winner,
            mut metrics,
        } = self.stack.select(
            job,
            &group.name,
            &Options {
                name_index: item.name_index,
                penalty: &BTreeSet::new(),
                only: Some(item.node),
            },
        );
        if let Some(winner) = winner {
            self.note_available(&mut metrics);
            metrics.node_pool = "".into();
            self.add(job, group, item, winner, metrics);
            return;
        }
        let counts = self.group(&group.name);
        counts.candidates -= 1;
        if metrics.nodes_filtered > 0 {
            counts.queued -= 1;
            counts.filtered += 1;
            counts.destructive -= i64::from(item.replaces);
            self.note_filtered(group, &metrics);
            return;
        }
        if let Some(failure) = self.failed.get_mut(&group.name) {
            failure.coalesced_failures += 1;
            note_exhausted_resources(failure, group);
            return;
        }
        self.note_available(&mut metrics);
        note_exhausted_resources(&mut metrics, group);
        self.failed.insert(group.name.clone(), metrics);
        self.wait_for_room(job, item);
    }

    fn note_available(&self, metrics: &mut AllocMetric) {
        metrics.nodes_available.clone_from(&self.nodes.available);
        let count = self.nodes.candidates.len();
        metrics.nodes_in_pool = u32::try_from(count).unwrap_or(u32::MAX);
    }

    /// One evaluation waits for room on the first full node of a group.
    fn wait_for_room(&mut self, job: &'a Rc<Job>, item: &Item<'a>) {
        let mut blocked = blocked_eval(
            EvalId(self.ids.make()),
            self.cause,
            Some(job),
            EvalTrigger::QueuedAllocs,
            "created to place remaining allocations",
            self.now,
            self.store.index(),
        );
        let (classes, escaped) = self.stack.class_eligibility(Some(job));
        blocked.class_eligibility = classes;
        blocked.escaped_class = escaped;
        blocked.node_id = Some(item.node.id);
        let failed = self.failed.iter();
        blocked.failed_groups = failed
            .map(|(group, metrics)| (group.clone(), Rc::new(metrics.clone())))
            .collect();
        self.created.push(blocked);
    }

    fn note_filtered(&mut self, group: &TaskGroup, metrics: &AllocMetric) {
        let sum = self.filtered.entry(group.name.clone()).or_default();
        sum.nodes_evaluated += metrics.nodes_evaluated;
        sum.nodes_filtered += metrics.nodes_filtered;
        let maps = [
            (&mut sum.class_filtered, &metrics.class_filtered),
            (&mut sum.constraint_filtered, &metrics.constraint_filtered),
        ];
        for (to, from) in maps {
            for (key, count) in from {
                *to.entry(key.clone()).or_default() += count;
            }
        }
    }

    /// A group of which nothing runs and nothing may run anywhere has failed; otherwise nodes that
    /// do not do are passed over in silence (spec: scheduling 23.28).
    pub(super) fn note_filtered_groups(&mut self) {
        for (name, metrics) in std::mem::take(&mut self.filtered) {
            let group = self.group(&name);
            let is_silent =
                group.queued > 0 || group.desired.ignore > 0 || group.desired.in_place_update > 0;
            if !is_silent {
                self.failed.entry(name).or_insert(metrics);
            }
        }
    }

    fn add(
        &mut self,
        job: &Rc<Job>,
        group: &TaskGroup,
        item: &Item<'a>,
        winner: Winner<'a>,
        metrics: AllocMetric,
    ) {
        let deployment = self.deployment.as_ref().filter(|d| d.is_active());
        let id = AllocId(self.ids.make());
        let alloc = Allocation {
            name_index: item.name_index,
            deployment_id: deployment.map(|deployment| deployment.id),
            deployment_status: item.canary.then(|| AllocDeploymentStatus {
                canary: true,
                ..AllocDeploymentStatus::default()
            }),
            previous_allocation: item.previous.map(|previous| previous.id),
            ..allocation::fresh(id, job, group, self.cause.id, winner, metrics, self.now)
        };
        self.stack.ledger.place(&alloc);
        self.plan.allocations.push(alloc);
    }
}

//! What becomes of an allocation when its job has a newer version (spec: deployments 13).

use std::collections::BTreeSet;
use std::rc::Rc;

use litemap::LiteMap;
use yurt_model::{AllocatedResources, Allocation, EvalId, Index, Job, Name, TaskGroup};
use yurt_state::Store;

use crate::difference::destructive_difference;
use crate::reconcile::Update;
use crate::resources;
use crate::stack::{Options, Stack, may_run_on};

/// Decides for one attempt; remembers how versions compare.
pub(crate) struct Versions<'a> {
    store: &'a Store,
    job: &'a Rc<Job>,
    eval_id: EvalId,
    is_batch: bool,
    /// Whether versions of a group (by incarnation and number) differ destructively from the
    /// newest.
    known: LiteMap<(Index, u64, Name), bool>,
}

impl<'a> Versions<'a> {
    pub(crate) fn new(store: &'a Store, job: &'a Rc<Job>, eval_id: EvalId, is_batch: bool) -> Self {
        Self {
            store,
            job,
            eval_id,
            is_batch,
            known: LiteMap::new(),
        }
    }

    /// Nothing, in place, or replaced: the tests in the order of the spec.
    pub(crate) fn update(
        &mut self,
        alloc: &Rc<Allocation>,
        group: &TaskGroup,
        stack: &mut Stack<'a>,
    ) -> Update {
        if alloc.job.job_modify_index == self.job.job_modify_index {
            return Update::Ignore;
        }
        self.renew(alloc, group, stack)
    }

    /// As [`Versions::update`], for an allocation that is written again in any case.
    pub(crate) fn renew(
        &mut self,
        alloc: &Rc<Allocation>,
        group: &TaskGroup,
        stack: &mut Stack<'a>,
    ) -> Update {
        if self.is_destructive(alloc) {
            return Update::Destructive;
        }
        if alloc.is_terminal() {
            return Update::Ignore;
        }
        let Some(node) = self.store.node(alloc.node_id) else {
            return Update::Destructive;
        };
        if !may_run_on(node, &self.job.spec) {
            return Update::Destructive;
        }
        let has_run_limit = alloc
            .task_group()
            .is_some_and(|old| !old.max_run_duration.is_zero_or_less());
        if !(self.is_batch && has_run_limit) {
            let options = Options {
                name_index: alloc.name_index,
                penalty: &BTreeSet::new(),
                only: Some(node),
                is_per_node: self.job.spec.kind.is_per_node(),
            };
            stack.ledger.stop(alloc);
            let selection = stack.select(self.job, &group.name, &options);
            stack.ledger.unstop(alloc);
            if selection.winner.is_none() {
                return Update::Destructive;
            }
        }
        let mut update = Allocation::clone(alloc);
        update.job = self.job.clone();
        update.eval_id = self.eval_id;
        update.resources = refitted(&alloc.resources, group);
        Update::InPlace(Box::new(update))
    }

    fn is_destructive(&mut self, alloc: &Allocation) -> bool {
        let old = &alloc.job;
        let key = (old.create_index, old.version, alloc.group.clone());
        let new = &self.job.spec;
        *self
            .known
            .entry(key)
            .or_insert_with(|| destructive_difference(&old.spec, new, &alloc.group).is_some())
    }
}

/// Ports, devices and cores stay; the order of tasks may have changed what is shared between them.
fn refitted(old: &Rc<AllocatedResources>, group: &TaskGroup) -> Rc<AllocatedResources> {
    let (mut cpu_mhz, memory_mb) = resources::merged(group);
    let of_cores = |task: &&yurt_model::AllocatedTask| !task.cores.is_empty();
    cpu_mhz += old
        .tasks
        .iter()
        .filter(of_cores)
        .map(|task| task.cpu_mhz)
        .sum::<i64>();
    if (cpu_mhz, memory_mb) == (old.cpu_mhz, old.memory_mb) {
        return old.clone();
    }
    Rc::new(AllocatedResources {
        cpu_mhz,
        memory_mb,
        ..AllocatedResources::clone(old)
    })
}

//! What is on the nodes against what the job requires there (spec: scheduling 14.2).

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use yurt_model::{AllocClientStatus, Allocation, Gather, Job, Name, NodeId, NodeStatus};

use super::{Item, SystemAttempt};
use crate::reconcile::{is_expired, reason, should_reconnect};

/// What becomes of one live allocation.
enum Fate {
    Stop,
    Migrate,
    Lost,
    Ignore,
    Unknown,
    Reconnect,
    Update,
}

/// A name of the job on a node.
type Slot = (NodeId, Name, u32);

impl<'a> SystemAttempt<'a> {
    /// Sorts every live allocation, then asks for what is missing.
    pub(super) fn compare(&mut self, allocs: &[&'a Rc<Allocation>]) {
        let mut live: BTreeMap<Slot, &'a Rc<Allocation>> = BTreeMap::new();
        let mut over: BTreeMap<Slot, &'a Rc<Allocation>> = BTreeMap::new();
        if let Some(job) = self.running_job() {
            for group in &job.spec.groups {
                self.group(&group.name);
                self.queued.insert(group.name.clone(), 0);
            }
        }
        for alloc in allocs {
            let slot = (alloc.node_id, alloc.group.clone(), alloc.name_index);
            if alloc.is_terminal() {
                let newer = over
                    .get(&slot)
                    .is_none_or(|old| old.create_index <= alloc.create_index);
                if newer {
                    over.insert(slot, alloc);
                }
            } else {
                let fate = self.fate(alloc);
                self.carry_out(alloc, fate);
                live.insert(slot, alloc);
            }
        }
        self.find_missing(&live, &over);
    }

    fn is_required(&self, alloc: &Allocation) -> bool {
        let group = self
            .running_job()
            .and_then(|job| job.spec.group(&alloc.group));
        group.is_some_and(|group| i64::from(alloc.name_index) < group.count)
    }

    /// The first row of the table that fits.
    fn fate(&self, alloc: &Allocation) -> Fate {
        let Some(job) = self.running_job().filter(|_| self.is_required(alloc)) else {
            return Fate::Stop;
        };
        let is_current = alloc.job.job_modify_index == job.job_modify_index;
        if alloc.desired_transition.should_migrate() {
            return Fate::Migrate;
        }
        let status = alloc.client_status;
        if is_expired(alloc, self.now) {
            return Fate::Lost;
        }
        let tainted = self.tainted.get(&alloc.node_id);
        if status == AllocClientStatus::Unknown {
            return Fate::Ignore; // Until its client says what became of it.
        }
        match tainted {
            None if should_reconnect(alloc) => return Fate::Reconnect,
            None => (),
            Some(_) if self.is_sysbatch && alloc.ran_successfully() => return Fate::Ignore,
            Some(Some(node)) if node.status == NodeStatus::Disconnected => {
                return match status {
                    AllocClientStatus::Running => Fate::Unknown,
                    _ => Fate::Ignore,
                };
            }
            Some(node) if node.is_none_or(|node| node.status == NodeStatus::Down) => {
                return Fate::Lost;
            }
            Some(_) => return Fate::Ignore,
        }
        if self.not_ready.contains(&alloc.node_id) {
            return if is_current { Fate::Ignore } else { Fate::Stop };
        }
        if !self.candidates.contains_key(&alloc.node_id) {
            return Fate::Stop;
        }
        if is_current {
            Fate::Ignore
        } else {
            Fate::Update
        }
    }

    fn carry_out(&mut self, alloc: &'a Rc<Allocation>, fate: Fate) {
        let group = alloc.group.clone();
        match fate {
            Fate::Stop => {
                self.stop(alloc, reason::NOT_NEEDED, None);
                self.group(&group).stops += 1;
            }
            Fate::Migrate => {
                self.stop(alloc, reason::TAINTED, None);
                self.group(&group).migrations += 1;
            }
            Fate::Lost => self.stop(alloc, reason::LOST, Some(AllocClientStatus::Lost)),
            Fate::Ignore => {
                self.group(&group).ignored.push(alloc);
            }
            Fate::Unknown => {
                let mut update = Allocation::clone(alloc);
                update.client_status = AllocClientStatus::Unknown;
                update.client_description = reason::UNKNOWN.into();
                update.eval_id = self.cause.id;
                self.plan.put(update);
            }
            Fate::Reconnect => self.group(&group).reconnecting.push(alloc),
            Fate::Update => self.group(&group).updates.push(alloc),
        }
    }

    fn find_missing(
        &mut self,
        live: &BTreeMap<Slot, &'a Rc<Allocation>>,
        over: &BTreeMap<Slot, &'a Rc<Allocation>>,
    ) {
        let Some(job) = self.running_job() else {
            return;
        };
        // Nodes that hold something of the job are looked at too, whether or not they take more.
        let holders = live.keys().map(|(node, _, _)| *node);
        let nodes: BTreeSet<NodeId> = self.candidates.keys().copied().chain(holders).gather();
        for node in nodes {
            for group in &job.spec.groups {
                for index in 0..u32::try_from(group.count).unwrap_or(0) {
                    let slot = (node, group.name.clone(), index);
                    if !live.contains_key(&slot) {
                        self.fill(job, over.get(&slot).copied(), slot);
                    }
                }
            }
        }
    }

    /// Nothing lives under this name on this node; `previous` is the last that did.
    fn fill(&mut self, job: &Job, previous: Option<&'a Rc<Allocation>>, slot: Slot) {
        let (id, group, name_index) = slot;
        if let Some(old) = previous.filter(|_| self.is_sysbatch) {
            let is_current = old.job.job_modify_index == job.job_modify_index;
            let work = self.group(&group);
            if is_current {
                work.ignored.push(old);
            } else {
                work.updates.push(old);
            }
        } else if let Some(node) = self.candidates.get(&id).copied()
            && !self.tainted.contains_key(&id)
        {
            self.group(&group).places.push(Item {
                node,
                name_index,
                replaces: None,
                previous,
                is_canary: false,
            });
        }
    }
}

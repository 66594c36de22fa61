//! What is on each node and what should be there (spec: scheduling 14.2).

use std::collections::{BTreeMap, BTreeSet};

use yurt_model::{AllocClientStatus, Allocation, Job, JobType, Name, Node, NodeId};

use super::Attempt;
use super::nodes::Taint;
use super::rollout::Rollout;
use crate::reconcile::{AllocRef, is_expired, should_reconnect};

/// A new allocation that is wanted on one node.
#[derive(Clone, Debug)]
pub(super) struct Item<'a> {
    pub group: Name,
    pub name_index: u32,
    pub node: &'a Node,
    /// The allocation of that name that was there before.
    pub previous: Option<AllocRef<'a>>,
    /// The one before is stopped for its sake.
    pub replaces: bool,
    pub canary: bool,
}

/// Everything that was found, in the order of the nodes' ids.
#[derive(Default)]
pub(super) struct Compared<'a> {
    /// Names without an allocation.
    pub places: Vec<Item<'a>>,
    /// Allocations of another version; replaced or updated where they are. The flag: as a canary.
    pub updates: Vec<(AllocRef<'a>, bool)>,
    /// Not wanted here.
    pub stops: Vec<AllocRef<'a>>,
    /// Told to leave their node.
    pub migrations: Vec<AllocRef<'a>>,
    /// Gone with their nodes.
    pub lost: Vec<AllocRef<'a>>,
    /// Their nodes have just fallen silent.
    pub disconnecting: Vec<AllocRef<'a>>,
    /// Their nodes are back; each is in `updates` or `ignored` too.
    pub reconnecting: Vec<AllocRef<'a>>,
    /// Left alone.
    pub ignored: Vec<AllocRef<'a>>,
    /// Groups of which some node has something to update, or never had this version.
    pub rolling: BTreeSet<Name>,
}

/// A group's name and an index.
type Slot = (Name, u32);

/// One node's allocations by the names they have; the newest if several had it.
#[derive(Default)]
struct OnNode<'a> {
    live: Vec<AllocRef<'a>>,
    ended: BTreeMap<Slot, AllocRef<'a>>,
}

fn slot(alloc: &Allocation) -> Slot {
    (alloc.group.clone(), alloc.name_index)
}

/// The names that the job wants on each node, in the order of the job file.
fn wanted_slots(job: &Job) -> Vec<Slot> {
    let mut slots = Vec::new();
    for group in &job.spec.groups {
        let count = u32::try_from(group.count).unwrap_or(0);
        slots.extend((0..count).map(|index| (group.name.clone(), index)));
    }
    slots
}

/// What becomes of a live allocation.
enum Fate {
    Stop,
    Migrate,
    Lost,
    Disconnect,
    Ignore,
    Compare,
}

impl<'a> Attempt<'a> {
    pub(super) fn compare(&self, allocs: &[AllocRef<'a>], rollout: &Rollout) -> Compared<'a> {
        let mut compared = Compared::default();
        let wanted = self.wanted.map_or_else(Vec::new, |job| wanted_slots(job));
        let mut nodes: BTreeMap<NodeId, OnNode<'a>> = BTreeMap::new();
        for id in self.nodes.candidates.keys() {
            nodes.entry(*id).or_default();
        }
        for alloc in allocs.iter().filter(|alloc| !alloc.is_terminal()) {
            nodes.entry(alloc.node_id).or_default().live.push(alloc);
        }
        for alloc in allocs.iter().filter(|alloc| alloc.is_terminal()) {
            let Some(on_node) = nodes.get_mut(&alloc.node_id) else {
                continue;
            };
            let latest = on_node.ended.entry(slot(alloc)).or_insert(alloc);
            if alloc.create_index > latest.create_index {
                *latest = alloc;
            }
        }
        for (id, on_node) in &nodes {
            self.compare_node(*id, on_node, &wanted, rollout, &mut compared);
        }
        self.note_rolling(allocs, nodes.keys(), &mut compared);
        compared
    }

    fn compare_node(
        &self,
        id: NodeId,
        on_node: &OnNode<'a>,
        wanted: &[Slot],
        rollout: &Rollout,
        compared: &mut Compared<'a>,
    ) {
        for alloc in &on_node.live {
            let is_wanted = wanted.contains(&slot(alloc));
            let returns = is_wanted && self.returns(alloc);
            match self.fate(alloc, is_wanted) {
                Fate::Stop => compared.stops.push(alloc),
                Fate::Migrate => compared.migrations.push(alloc),
                Fate::Lost => compared.lost.push(alloc),
                Fate::Disconnect => compared.disconnecting.push(alloc),
                Fate::Ignore => compared.ignored.push(alloc),
                Fate::Compare => {
                    if returns {
                        compared.reconnecting.push(alloc);
                    }
                    if self.is_current(alloc) {
                        compared.ignored.push(alloc);
                    } else {
                        let canary = self.wanted.is_some_and(|job| {
                            job.spec
                                .group(&alloc.group)
                                .is_some_and(|group| rollout.may_be_canary(group))
                        });
                        compared.updates.push((alloc, canary));
                    }
                }
            }
        }
        for slot in wanted {
            let is_taken = on_node
                .live
                .iter()
                .any(|alloc| alloc.group == slot.0 && alloc.name_index == slot.1);
            if !is_taken {
                self.compare_free(id, on_node.ended.get(slot).copied(), slot, compared);
            }
        }
    }

    /// A name that no live allocation of the node has.
    fn compare_free(
        &self,
        id: NodeId,
        ended: Option<AllocRef<'a>>,
        slot: &Slot,
        compared: &mut Compared<'a>,
    ) {
        if let Some(alloc) = ended.filter(|_| self.cause.kind == JobType::Sysbatch) {
            // Its work is done here, unless the work has changed.
            if self.is_current(alloc) {
                compared.ignored.push(alloc);
            } else {
                compared.updates.push((alloc, false));
            }
            return;
        }
        let Some(node) = self.nodes.candidates.get(&id) else {
            return;
        };
        compared.places.push(Item {
            group: slot.0.clone(),
            name_index: slot.1,
            node,
            previous: ended,
            replaces: false,
            canary: false,
        });
    }

    /// The table of scheduling 14.2; the numbers are its rows.
    fn fate(&self, alloc: &Allocation, is_wanted: bool) -> Fate {
        let is_unknown = alloc.client_status == AllocClientStatus::Unknown;
        if !is_wanted {
            return Fate::Stop; // 1
        }
        if alloc.desired_transition.should_migrate() {
            return Fate::Migrate; // 2
        }
        if is_expired(alloc, self.now) {
            return Fate::Lost; // 3
        }
        if is_unknown {
            return Fate::Ignore; // 4
        }
        let taint = self.nodes.taint(alloc.node_id);
        if taint.is_none() && should_reconnect(alloc) {
            return Fate::Compare; // 5
        }
        if let Some(taint) = taint {
            let is_done = self.cause.kind == JobType::Sysbatch && alloc.ran_successfully();
            let runs = alloc.client_status == AllocClientStatus::Running;
            return match taint {
                _ if is_done => Fate::Ignore,
                Taint::Disconnected if runs => Fate::Disconnect,
                Taint::Gone => Fate::Lost,
                Taint::Disconnected | Taint::Draining => Fate::Ignore,
            }; // 6
        }
        if self.nodes.is_not_ready(alloc.node_id) {
            return if self.is_current(alloc) {
                Fate::Ignore
            } else {
                Fate::Stop
            }; // 7
        }
        if !self.nodes.is_candidate(alloc.node_id) {
            return Fate::Stop; // 8
        }
        Fate::Compare // 9, 10
    }

    /// Its node is back after a silence.
    fn returns(&self, alloc: &Allocation) -> bool {
        alloc.client_status != AllocClientStatus::Unknown
            && self.nodes.taint(alloc.node_id).is_none()
            && should_reconnect(alloc)
    }

    /// It runs what the job says now.
    fn is_current(&self, alloc: &Allocation) -> bool {
        self.wanted
            .is_some_and(|job| job.job_modify_index == alloc.job.job_modify_index)
    }

    /// Notes the groups that may begin a deployment (spec: scheduling 14.5).
    fn note_rolling<'n>(
        &self,
        allocs: &[AllocRef<'a>],
        nodes: impl Iterator<Item = &'n NodeId>,
        compared: &mut Compared<'a>,
    ) {
        let Some(job) = self.wanted else { return };
        let had: BTreeSet<(NodeId, &Name)> = allocs
            .iter()
            .filter(|alloc| job.is_same_version(alloc.job.version, alloc.job.create_index))
            .map(|alloc| (alloc.node_id, &alloc.group))
            .collect();
        for id in nodes {
            for group in &job.spec.groups {
                if !had.contains(&(*id, &group.name)) {
                    compared.rolling.insert(group.name.clone());
                }
            }
        }
        let updated = compared.updates.iter();
        let names: Vec<Name> = updated.map(|(alloc, _)| alloc.group.clone()).collect();
        compared.rolling.extend(names);
    }
}

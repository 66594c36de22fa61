//! Evaluations that wait for room, and what lets them go (spec: scheduling 4).

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use litemap::LiteMap;
use yurt_model::{EvalId, EvalStatus, Evaluation, Index, JobKey, JobType, NodeId};

/// At most one evaluation for each job waits here, and for system jobs one for each full node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blocked {
    captured: LiteMap<JobKey, Captured>,
    /// What those wait for, each once; what nobody waits for any more may still be there.
    reaches: Vec<Rc<Reach>>,
    /// Of system jobs, by the node that was full. An entry stays when another node's evaluation
    /// takes the job's place above.
    by_node: LiteMap<JobKey, LiteMap<NodeId, EvalId>>,
    /// Duplicates that were let go by their nodes: they run although they are cancelled.
    let_go: BTreeSet<EvalId>,
    /// The newest write at which room on a class of nodes may have appeared.
    unblocked: LiteMap<u64, Index>,
}

#[derive(Clone, Debug)]
struct Captured {
    id: EvalId,
    age: Index,
    /// Shared: the children of one job mostly wait for the same.
    reach: Rc<Reach>,
    has_no_plan: bool,
}

/// The nodes on which room may help.
#[derive(Debug, PartialEq)]
struct Reach {
    classes: Rc<BTreeMap<u64, bool>>,
    is_escaped: bool,
}

/// What became of an evaluation that wants to wait.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Blocking {
    /// It waits, perhaps in place of an older one that is to be cancelled.
    Waits { instead_of: Option<EvalId> },
    /// An evaluation of the job that is newer waits already; this one is to be cancelled.
    Duplicate,
    /// Room appeared after the scheduler looked: it goes back to the queue at once.
    MissedUnblock,
}

impl Blocked {
    /// Takes an evaluation in.
    pub(crate) fn block(&mut self, eval: &Evaluation) -> Blocking {
        let captured = Captured {
            id: eval.id,
            age: eval.create_index.max(eval.snapshot_index),
            reach: self.reach_of(eval),
            has_no_plan: eval.had_no_plan(),
        };
        let missed = self
            .unblocked
            .iter()
            .any(|(class, index)| *index > eval.snapshot_index && captured.reach.has(*class));
        if missed {
            return Blocking::MissedUnblock;
        }
        let key = eval.job_key();
        let old = self.captured.get(&key).filter(|old| old.id != eval.id);
        if old.is_some_and(|old| old.age > captured.age) {
            return Blocking::Duplicate;
        }
        let instead_of = old.map(|old| old.id);
        if let Some(node) = eval.node_id
            && eval.kind == JobType::System
            && !eval.escaped_class
        {
            let nodes = self.by_node.entry(key.clone()).or_default();
            nodes.insert(node, eval.id);
        }
        self.captured.insert(key, captured);
        Blocking::Waits { instead_of }
    }

    /// What an evaluation waits for, shared with those that wait for the same.
    fn reach_of(&mut self, eval: &Evaluation) -> Rc<Reach> {
        let (classes, is_escaped) = (&eval.class_eligibility, eval.escaped_class);
        let is_same =
            |reach: &&Rc<Reach>| reach.is_escaped == is_escaped && reach.classes == *classes;
        if let Some(reach) = self.reaches.iter().find(is_same) {
            return reach.clone();
        }
        let classes = classes.clone();
        let reach = Rc::new(Reach {
            classes,
            is_escaped,
        });
        self.reaches.push(reach.clone());
        reach
    }

    /// Room may have appeared on a node of a class: answers whom that may help.
    pub(crate) fn unblock(&mut self, class: u64, node: NodeId, index: Index) -> Vec<EvalId> {
        self.unblocked.insert(class, index);
        let mut released = Vec::new();
        // Most of what ends helps nobody: then those that wait are not walked.
        if self.reaches.iter().any(|reach| reach.has(class)) {
            released = self.release(|captured| captured.reach.has(class));
            self.reaches.retain(|reach| Rc::strong_count(reach) > 1);
        }
        for (key, nodes) in self.by_node.iter_mut() {
            let Some(id) = nodes.remove(&node) else {
                continue;
            };
            released.push(id);
            if self.captured.get(key).is_some_and(|it| it.id == id) {
                self.captured.remove(key);
            } else {
                self.let_go.insert(id);
            }
        }
        self.by_node.retain(|_, nodes| !nodes.is_empty());
        released
    }

    /// Whether an evaluation runs although it is cancelled; asked once.
    pub(crate) fn takes_up(&mut self, id: EvalId) -> bool {
        self.let_go.remove(&id)
    }

    /// Those that ran out of attempts, to be tried again.
    pub(crate) fn unblock_failed(&mut self) -> Vec<EvalId> {
        self.release(|captured| captured.has_no_plan)
    }

    /// Forgets an evaluation that ended. A duplicate goes on waiting for its node; a clean end
    /// leaves nothing to wait for (spec: scheduling 2.4.6).
    pub(crate) fn forget(&mut self, eval: &Evaluation) {
        let key = eval.job_key();
        if eval.status == EvalStatus::Complete && eval.failed_groups.is_empty() {
            self.untrack(&key);
            return;
        }
        if self.captured.get(&key).is_some_and(|it| it.id == eval.id) {
            self.captured.remove(&key);
        }
        if eval.status != EvalStatus::Canceled
            && let Some(nodes) = self.by_node.get_mut(&key)
        {
            nodes.retain(|_, id| *id != eval.id);
        }
    }

    /// Forgets all that waits for a job: it is stopped, gone or has all that it wants.
    pub(crate) fn untrack(&mut self, key: &JobKey) {
        self.captured.remove(key);
        self.by_node.remove(key);
    }

    fn release(&mut self, is_released: impl Fn(&Captured) -> bool) -> Vec<EvalId> {
        let mut released = Vec::new();
        self.captured.retain(|_, captured| {
            let goes = is_released(captured);
            if goes {
                released.push(captured.id);
            }
            !goes
        });
        if !released.is_empty() {
            for (_, nodes) in self.by_node.iter_mut() {
                nodes.retain(|_, id| !released.contains(id));
            }
        }
        released
    }
}

impl Reach {
    /// A class that is known not to fit cannot help, unless single nodes are looked at.
    fn has(&self, class: u64) -> bool {
        self.is_escaped || self.classes.get(&class).copied().unwrap_or(true)
    }
}

#[cfg(test)]
mod tests {
    use yurt_model::{EvalTrigger, Time, Uuid};

    use super::*;

    const CLASSES: [u64; 2] = [7, 8];

    fn id(number: u128) -> EvalId {
        EvalId(Uuid(number))
    }

    fn node(number: u128) -> NodeId {
        NodeId(Uuid(number))
    }

    /// The evaluation `number` of a job, blocked on a node of the first class.
    fn blocked_on(kind: JobType, number: u128, on: u128) -> Evaluation {
        let key = JobKey::in_default("docs");
        let trigger = EvalTrigger::QueuedAllocs;
        let mut eval = Evaluation::new(id(number), &key, kind, 50, trigger, Time(1));
        eval.status = EvalStatus::Blocked;
        eval.node_id = Some(node(on));
        eval.create_index = Index::try_from(number).unwrap();
        eval.class_eligibility = Rc::new(BTreeMap::from([(CLASSES[0], true), (CLASSES[1], false)]));
        eval
    }

    fn cancel(blocked: &mut Blocked, mut eval: Evaluation) {
        eval.status = EvalStatus::Canceled;
        blocked.forget(&eval);
    }

    /// The first evaluation waits for node 1, the second for node 2.
    fn two(kind: JobType) -> Blocked {
        let mut blocked = Blocked::default();
        let (first, second) = (blocked_on(kind, 1, 1), blocked_on(kind, 2, 2));
        blocked.block(&first);
        let instead_of = Some(id(1));
        assert_eq!(blocked.block(&second), Blocking::Waits { instead_of });
        cancel(&mut blocked, first);
        blocked
    }

    #[test]
    fn what_a_node_lets_go() {
        // The job's type, a class and a node of it that open, and who is let go.
        let table: [(JobType, u64, u128, &[u128]); 6] = [
            (JobType::System, CLASSES[1], 1, &[1]),
            (JobType::System, CLASSES[1], 2, &[2]),
            (JobType::System, CLASSES[1], 3, &[]),
            (JobType::System, CLASSES[0], 1, &[2, 1]),
            (JobType::Sysbatch, CLASSES[1], 1, &[]),
            (JobType::Sysbatch, CLASSES[0], 1, &[2]),
        ];
        for (kind, class, on, wanted) in table {
            let mut blocked = two(kind);
            let wanted: Vec<EvalId> = wanted.iter().map(|number| id(*number)).collect();
            let case = format!("{kind:?} {class} {on}");
            assert_eq!(blocked.unblock(class, node(on), 9), wanted, "{case}");
            assert!(blocked.unblock(class, node(on), 10).is_empty(), "{case}");
            // The first was cancelled when the second came, and runs all the same.
            assert_eq!(blocked.takes_up(id(1)), wanted.contains(&id(1)), "{case}");
            assert!(
                !blocked.takes_up(id(1)) && !blocked.takes_up(id(2)),
                "{case}"
            );
        }
    }

    #[test]
    fn nobody_waits_for_what_is_over() {
        let clean = |blocked: &mut Blocked| {
            let mut eval = blocked_on(JobType::System, 3, 3);
            eval.status = EvalStatus::Complete;
            blocked.forget(&eval);
        };
        let stopped = |blocked: &mut Blocked| blocked.untrack(&JobKey::in_default("docs"));
        for end in [clean, stopped] {
            let mut blocked = two(JobType::System);
            end(&mut blocked);
            let released = CLASSES.map(|class| blocked.unblock(class, node(1), 9));
            assert_eq!(released, [[], []]);
        }
    }
}

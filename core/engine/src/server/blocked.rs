//! Evaluations that wait for room, and what lets them go (spec: scheduling 4).

use std::collections::BTreeMap;

use yurt_model::{EvalId, EvalTrigger, Evaluation, Index, JobKey};

/// At most one evaluation for each job waits here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blocked {
    captured: BTreeMap<JobKey, Captured>,
    /// The newest write at which room on a class of nodes may have appeared.
    unblocked: BTreeMap<u64, Index>,
}

#[derive(Clone, Debug)]
struct Captured {
    id: EvalId,
    age: Index,
    classes: BTreeMap<u64, bool>,
    is_escaped: bool,
    has_no_plan: bool,
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
            classes: eval.class_eligibility.clone(),
            is_escaped: eval.escaped_class,
            has_no_plan: eval.triggered_by == EvalTrigger::MaxPlanAttempts,
        };
        let missed = self
            .unblocked
            .iter()
            .any(|(class, index)| *index > eval.snapshot_index && captured.may_use(*class));
        if missed {
            return Blocking::MissedUnblock;
        }
        let key = eval.job_key();
        let old = self.captured.get(&key).filter(|old| old.id != eval.id);
        if old.is_some_and(|old| old.age > captured.age) {
            return Blocking::Duplicate;
        }
        let instead_of = old.map(|old| old.id);
        self.captured.insert(key, captured);
        Blocking::Waits { instead_of }
    }

    /// Room may have appeared on nodes of a class: answers whom that may help.
    pub(crate) fn unblock(&mut self, class: u64, index: Index) -> Vec<EvalId> {
        self.unblocked.insert(class, index);
        self.release(|captured| captured.may_use(class))
    }

    /// Those that ran out of attempts, to be tried again.
    pub(crate) fn unblock_failed(&mut self) -> Vec<EvalId> {
        self.release(|captured| captured.has_no_plan)
    }

    /// Whether an evaluation that ran out of attempts waits.
    pub(crate) fn has_failed(&self) -> bool {
        self.captured.values().any(|captured| captured.has_no_plan)
    }

    /// Forgets an evaluation that ended.
    pub(crate) fn forget(&mut self, key: &JobKey, id: EvalId) {
        if self
            .captured
            .get(key)
            .is_some_and(|captured| captured.id == id)
        {
            self.captured.remove(key);
        }
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
        released
    }
}

impl Captured {
    /// A class that is known not to fit cannot help, unless single nodes are looked at.
    fn may_use(&self, class: u64) -> bool {
        self.is_escaped || self.classes.get(&class).copied().unwrap_or(true)
    }
}

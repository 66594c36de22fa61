//! The queue of evaluations: which one is looked at next (spec: scheduling 3).

use std::cmp::Reverse;
use std::collections::BTreeSet;

use litemap::LiteMap;
use yurt_model::{EvalId, Evaluation, InOrder, Index, JobKey};

/// Evaluations that are ready, and those that wait behind another one of the same job.
///
/// One evaluation of a job is in flight at most. When it is done, the best of those that wait
/// becomes ready and the others are cancelled.
#[derive(Clone, Debug, Default)]
pub(crate) struct Broker {
    ready: BTreeSet<(Reverse<i64>, Index, EvalId)>,
    waiting: LiteMap<JobKey, Vec<Waiting>>,
    in_flight: LiteMap<JobKey, EvalId>,
    known: BTreeSet<EvalId>,
}

#[derive(Clone, Debug)]
struct Waiting {
    id: EvalId,
    priority: i64,
    create_index: Index,
    modify_index: Index,
}

impl Broker {
    /// Puts an evaluation in line; one that is known already is left where it is.
    pub(crate) fn enqueue(&mut self, eval: &Evaluation) {
        if !self.known.insert(eval.id) {
            return;
        }
        let key = eval.job_key();
        if self.in_flight.contains_key(&key) {
            self.waiting.entry(key).or_default().push(Waiting {
                id: eval.id,
                priority: eval.priority,
                create_index: eval.create_index,
                modify_index: eval.modify_index,
            });
        } else {
            self.in_flight.insert(key, eval.id);
            self.ready
                .insert((Reverse(eval.priority), eval.create_index, eval.id));
        }
    }

    /// All evaluations that can be looked at, in the order of [`Broker::next`].
    pub(crate) fn take_ready(&mut self) -> Vec<EvalId> {
        std::iter::from_fn(|| self.next()).collect()
    }

    /// Some evaluation could be looked at.
    pub(crate) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// The next evaluation to look at: the highest priority, then the oldest.
    pub(crate) fn next(&mut self) -> Option<EvalId> {
        self.ready.pop_first().map(|(_, _, id)| id)
    }

    /// An evaluation is done. The best of those that waited becomes ready: higher priority, then
    /// the newer one. Answers the others, which are to be cancelled.
    pub(crate) fn acknowledge(&mut self, key: &JobKey, id: EvalId) -> Vec<EvalId> {
        self.known.remove(&id);
        if self.in_flight.get(key) == Some(&id) {
            self.in_flight.remove(key);
        }
        let mut waiting = self.waiting.remove(key).unwrap_or_default();
        waiting.put_in_order_by_key(|w| (w.priority, w.modify_index, w.create_index));
        if let Some(best) = waiting.pop() {
            self.in_flight.insert(key.clone(), best.id);
            self.ready
                .insert((Reverse(best.priority), best.create_index, best.id));
        }
        for other in &waiting {
            self.known.remove(&other.id);
        }
        waiting.into_iter().map(|w| w.id).collect()
    }

    /// An evaluation has ended without having been looked at, as what pends at a purge does
    /// (spec: deployments 25.6). It must not be chosen before one that has work to do.
    pub(crate) fn forget(&mut self, key: &JobKey, id: EvalId) {
        let Some(waiting) = self.waiting.get_mut(key) else {
            return;
        };
        let count = waiting.len();
        waiting.retain(|w| w.id != id);
        if waiting.len() < count {
            self.known.remove(&id);
        }
        if waiting.is_empty() {
            self.waiting.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use yurt_model::{EvalTrigger, JobType, Time, Uuid};

    use super::*;

    fn eval(job: &str, number: u128, priority: i64, index: Index) -> Evaluation {
        let id = EvalId(Uuid(number));
        let key = JobKey::in_default(job);
        let trigger = EvalTrigger::JobRegister;
        let mut eval = Evaluation::new(id, &key, JobType::Service, priority, trigger, Time(1));
        eval.create_index = index;
        eval.modify_index = index;
        eval
    }

    #[test]
    fn a_higher_priority_of_another_job_goes_first() {
        let mut broker = Broker::default();
        broker.enqueue(&eval("low", 1, 50, 1));
        broker.enqueue(&eval("high", 2, 90, 2));
        assert_eq!(broker.next(), Some(EvalId(Uuid(2))));
        assert_eq!(broker.next(), Some(EvalId(Uuid(1))));
    }

    #[test]
    fn of_those_that_wait_for_the_same_job_the_newest_runs_and_the_rest_is_cancelled() {
        let mut broker = Broker::default();
        for number in 1..=3 {
            broker.enqueue(&eval("docs", number, 50, Index::try_from(number).unwrap()));
        }
        let key = JobKey::in_default("docs");
        assert_eq!(broker.next(), Some(EvalId(Uuid(1))));
        assert_eq!(broker.next(), None);
        assert_eq!(broker.acknowledge(&key, EvalId(Uuid(1))), [EvalId(Uuid(2))]);
        assert_eq!(broker.next(), Some(EvalId(Uuid(3))));
        assert!(broker.acknowledge(&key, EvalId(Uuid(3))).is_empty());
    }

    #[test]
    fn what_ended_while_it_waited_is_not_chosen_whatever_its_priority() {
        let mut broker = Broker::default();
        let key = JobKey::in_default("docs");
        broker.enqueue(&eval("docs", 1, 50, 1));
        broker.enqueue(&eval("docs", 2, 90, 2));
        broker.enqueue(&eval("docs", 3, 50, 3));
        broker.forget(&key, EvalId(Uuid(2)));
        assert_eq!(broker.next(), Some(EvalId(Uuid(1))));
        assert!(broker.acknowledge(&key, EvalId(Uuid(1))).is_empty());
        assert_eq!(broker.next(), Some(EvalId(Uuid(3))));
    }
}

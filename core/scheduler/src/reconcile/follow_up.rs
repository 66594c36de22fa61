//! Delayed evaluations that look at allocations again (spec: deployments 9.3).

use yurt_model::{Duration, EvalId, EvalTrigger, Evaluation, InOrder, Time};

use super::Pass;
use super::reschedule::FollowUps;
use super::set::AllocRef;

/// Allocations whose times are closer than this share an evaluation (spec: deployments 3).
const BATCH_WINDOW: Duration = Duration::from_secs(5);

/// What delayed evaluations are for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delayed {
    /// Failed allocations are replaced.
    Reschedule,
    /// Lost allocations are replaced once their clients have stopped them.
    Lost,
    /// Unknown allocations are given up.
    Disconnect,
}

impl Delayed {
    fn trigger(self, is_first: bool) -> EvalTrigger {
        match self {
            Self::Disconnect => EvalTrigger::MaxDisconnectTimeout,
            Self::Reschedule if is_first => EvalTrigger::AllocReschedule,
            // The later batches carry the other trigger (spec: deployments 33.27).
            Self::Reschedule | Self::Lost => EvalTrigger::AllocFailure,
        }
    }

    fn description(self, is_first: bool) -> &'static str {
        match self {
            Self::Disconnect => "created for delayed disconnect timeout",
            Self::Reschedule | Self::Lost if is_first => "created for delayed rescheduling",
            Self::Reschedule | Self::Lost => "",
        }
    }
}

impl<'a> Pass<'_, 'a> {
    /// Makes the evaluations and says which looks at which allocation.
    pub(crate) fn follow_up(
        &mut self,
        mut later: Vec<(AllocRef<'a>, Time)>,
        purpose: Delayed,
    ) -> FollowUps {
        later.put_in_order_by_key(|(_, time)| *time);
        let mut out = FollowUps::new();
        let mut batch: Option<(EvalId, Time)> = None;
        for (alloc, time) in later {
            let id = match batch {
                Some((id, start)) if time - start < BATCH_WINDOW => id,
                _ => {
                    let id = self.add_follow_up(time, purpose, batch.is_none());
                    batch = Some((id, time));
                    id
                }
            };
            out.insert(alloc.id, id);
        }
        out
    }

    fn add_follow_up(&mut self, time: Time, purpose: Delayed, is_first: bool) -> EvalId {
        let cause = self.input.evaluation;
        let id = EvalId(self.ids.make());
        let (kind, modify_index) = match self.input.job {
            Some(job) => (job.spec.kind, job.modify_index),
            None => (cause.kind, cause.job_modify_index),
        };
        let mut evaluation = Evaluation::new(
            id,
            &cause.job_key(),
            kind,
            cause.priority,
            purpose.trigger(is_first),
            self.input.now,
        );
        evaluation.job_modify_index = modify_index;
        evaluation.status_description = purpose.description(is_first).into();
        evaluation.wait_until = Some(time);
        self.result.follow_ups.push(evaluation);
        id
    }
}

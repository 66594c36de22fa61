//! One evaluation: the scheduler looks, the plan is checked and applied (spec: scheduling 2.4,
//! 12.1).

use std::rc::Rc;

use yurt_model::{EvalId, EvalStatus, Evaluation, Plan};
use yurt_scheduler::{SchedulerInput, SchedulerOutput, max_attempts, schedule};
use yurt_state::Change;

use super::cluster::Cluster;
use super::trace::Processed;
use crate::server::{Context, plan_apply};

/// What was done for one evaluation so far.
#[derive(Default)]
struct Done {
    plans: Vec<Rc<Plan>>,
    submitted: Vec<bool>,
    created: Vec<Evaluation>,
    was_blocked_again: bool,
}

impl Cluster {
    /// Processes an evaluation to its end.
    pub(super) fn work(&mut self, id: EvalId) {
        let Some(eval) = self.store.eval(id).cloned() else {
            return;
        };
        let key = eval.job_key();
        if self.blocked.takes_up(id) || !eval.status.is_terminal() {
            let done = self.schedule(&eval);
            self.remember(eval, done);
        }
        let surplus = self.broker.acknowledge(&key, id);
        self.cancel(surplus, "canceled after more recent eval was processed");
    }

    fn schedule(&mut self, eval: &Evaluation) -> Done {
        let mut eval = eval.clone();
        let rng = self.rng.child("evaluation", (eval.id.0.0 >> 64) as u64);
        let mut done = Done::default();
        let mut attempt = 0;
        let attempts = max_attempts(eval.kind);
        // Each round makes progress or raises `attempt`. Real progress is bounded by the nodes of
        // the plan; what is only written again, as the delay of an allocation on a node that takes
        // nothing is, would count as progress for ever.
        let rounds_max = self.store.node_count() + attempts as usize;
        for round in 0.. {
            if round >= rounds_max {
                attempt = attempts;
            }
            let mut output = schedule(SchedulerInput {
                store: &self.store,
                evaluation: &eval,
                now: self.now,
                ids: &mut self.ids,
                rng: rng.child("attempt", round as u64),
                annotate: false,
                attempt,
            });
            let Some(plan) = output.plan.take() else {
                self.finish(output, &mut done);
                return done;
            };
            // Whatever becomes of the plan: an allocation that is to be looked at later names its
            // follow-up, and the next round must find that.
            self.write_created(&mut output, &mut done);
            let checked = plan_apply::check(&self.store, plan);
            done.submitted.push(checked.is_full);
            if checked.is_full {
                self.commit(checked.plan, &mut done);
                self.finish(output, &mut done);
                return done;
            }
            eval.blocked_eval = output.evaluation.blocked_eval;
            eval.next_eval = output.evaluation.next_eval;
            attempt += 1;
            if !checked.plan.is_empty() {
                attempt = 0;
                self.commit(checked.plan, &mut done);
            }
        }
        unreachable!("the last attempt has no plan");
    }

    /// Follow-up and blocked evaluations are written before the plan that names them.
    fn write_created(&mut self, output: &mut SchedulerOutput, done: &mut Done) {
        let created = std::mem::take(&mut output.created);
        if !created.is_empty() {
            self.write(Change::EvalsUpserted(created.clone()));
            done.created.extend(created);
        }
    }

    fn commit(&mut self, plan: Plan, done: &mut Done) {
        let mut context = Context {
            at: self.now,
            ids: &mut self.ids,
        };
        let preemption_evals = plan_apply::preemption_evaluations(&self.store, &mut context, &plan);
        if self.trace.is_some() {
            done.plans.push(Rc::new(plan.clone()));
        }
        self.write(Change::PlanApplied {
            plan: Box::new(plan),
            preemption_evals,
        });
    }

    fn finish(&mut self, mut output: SchedulerOutput, done: &mut Done) {
        self.write_created(&mut output, done);
        let mut evaluation = output.evaluation;
        done.was_blocked_again = output.reblock;
        if output.reblock {
            evaluation.status = EvalStatus::Blocked;
        }
        self.write(Change::EvalsUpserted(vec![evaluation]));
    }

    fn remember(&mut self, before: Rc<Evaluation>, done: Done) {
        let after = self.store.eval(before.id).unwrap_or(&before).clone();
        if let Some(trace) = &mut self.trace {
            trace.push(Processed {
                at: self.now,
                before,
                after,
                plans: done.plans,
                submitted: done.submitted,
                created: done.created,
                was_blocked_again: done.was_blocked_again,
                store: self.store.clone(),
            });
        }
    }
}

//! One evaluation: the scheduler looks, the plan is checked and applied (spec: scheduling 2.4, 12.1).

use yurt_model::{EvalId, EvalStatus, Evaluation};
use yurt_scheduler::{SchedulerInput, SchedulerOutput, max_attempts, schedule};
use yurt_state::Change;

use super::cluster::Cluster;
use crate::server::{Context, plan_apply};

impl Cluster {
    /// Processes an evaluation to its end.
    pub(super) fn work(&mut self, id: EvalId) {
        let Some(eval) = self.store.eval(id).cloned() else {
            return;
        };
        let key = eval.job_key();
        if !eval.status.is_terminal() {
            self.schedule(&eval);
        }
        let surplus = self.broker.acknowledge(&key, id);
        self.cancel(surplus, "canceled after more recent eval was processed");
    }

    fn schedule(&mut self, eval: &Evaluation) {
        let rng = self.rng.child("evaluation", (eval.id.0.0 >> 64) as u64);
        let mut attempt = 0;
        // Each round makes progress or raises `attempt`; progress is bounded by the nodes of the plan.
        for round in 0..=(self.store.node_count() + max_attempts(eval.kind) as usize) {
            let output = schedule(SchedulerInput {
                store: &self.store,
                evaluation: eval,
                now: self.now,
                ids: &mut self.ids,
                rng: rng.child("attempt", round as u64),
                annotate: false,
                attempt,
            });
            let Some(plan) = output.plan.clone() else {
                self.finish(output);
                return;
            };
            let checked = plan_apply::check(&self.store, plan);
            if checked.is_full {
                self.commit(checked.plan, output);
                return;
            }
            attempt += 1;
            if !checked.plan.is_empty() {
                attempt = 0;
                self.write(Change::PlanApplied {
                    plan: Box::new(checked.plan),
                    preemption_evals: Vec::new(),
                });
            }
        }
    }

    fn commit(&mut self, plan: yurt_model::Plan, mut output: SchedulerOutput) {
        let created = std::mem::take(&mut output.created);
        if !created.is_empty() {
            self.write(Change::EvalsUpserted(created));
        }
        let mut context = Context {
            at: self.now,
            ids: &mut self.ids,
        };
        let preemption_evals = plan_apply::preemption_evaluations(&self.store, &mut context, &plan);
        self.write(Change::PlanApplied {
            plan: Box::new(plan),
            preemption_evals,
        });
        self.finish(output);
    }

    fn finish(&mut self, mut output: SchedulerOutput) {
        if !output.created.is_empty() {
            self.write(Change::EvalsUpserted(std::mem::take(&mut output.created)));
        }
        let mut evaluation = output.evaluation;
        if output.reblock {
            evaluation.status = EvalStatus::Blocked;
        }
        self.write(Change::EvalsUpserted(vec![evaluation]));
    }
}

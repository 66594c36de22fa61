//! A cluster at one moment, for whoever reads; and the dry run, which is a read.

use std::collections::BTreeMap;
use std::rc::Rc;

use yurt_model::{
    AllocMetric, EvalId, EvalTrigger, Evaluation, Index, Job, JobSpec, Name, PlanAnnotations,
    Release, Rng, Time, UuidMaker,
};
use yurt_scheduler::{SchedulerInput, schedule};
use yurt_state::{Change, JobWrite, Store};

use super::cluster::Cluster;
use crate::event::Refusal;
use crate::server::endpoint::enforce_index;

/// A cluster at one moment. It never changes; holding it costs a few pointers and, at the cluster's
/// next write, a copy of the pointers of the tables that are written.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The state.
    pub store: Store,
    /// The time.
    pub now: Time,
    /// The release whose texts hold.
    pub release: Release,
    rng: Rng,
}

/// What a dry run found. Nothing of it was written.
#[derive(Clone, Debug)]
pub struct PlanOutcome {
    /// The job as it is now, if there is one.
    pub old: Option<Rc<Job>>,
    /// The job as it would be.
    pub new: Rc<JobSpec>,
    /// Counters by group, and what would be evicted.
    pub annotations: PlanAnnotations,
    /// Why groups could not be placed.
    pub failed_groups: BTreeMap<Name, Rc<AllocMetric>>,
    /// Evaluations that would be made.
    pub created_evals: Vec<Evaluation>,
    /// What to give to `-check-index`; 0 for a new job.
    pub job_modify_index: Index,
}

impl Snapshot {
    pub(super) fn of(cluster: &Cluster) -> Self {
        Self {
            store: cluster.store.clone(),
            now: cluster.now,
            release: cluster.config.release,
            rng: cluster.rng.child("plan", cluster.store.index()),
        }
    }

    /// What registering `spec` would do: registers it in a copy of the store, schedules, and drops
    /// both (spec: deployments 25.3).
    pub fn plan(&self, spec: Rc<JobSpec>, enforced: Option<Index>) -> Result<PlanOutcome, Refusal> {
        let key = spec.key();
        let old = self.store.job(&key).cloned();
        enforce_index(old.as_ref(), enforced)?;
        let mut store = self.store.clone();
        let mut ids = UuidMaker::new(self.rng.child("ids", 0));
        let job_modify_index = old.as_ref().map_or(0, |job| job.job_modify_index);
        let mut outcome = PlanOutcome {
            old: old.clone(),
            new: spec.clone(),
            annotations: PlanAnnotations::default(),
            failed_groups: BTreeMap::new(),
            created_evals: Vec::new(),
            job_modify_index,
        };
        if old
            .as_ref()
            .is_none_or(|old| old.spec_changed_by(&spec, false))
        {
            let write = Change::JobUpserted {
                job: Box::new(JobWrite::fresh(spec.clone(), self.now)),
                evaluation: None,
                no_shutdown_delay: false,
            };
            store
                .apply(self.now, write)
                .map_err(|error| Refusal(error.0))?;
        }
        // A parent is scheduled too, as if it were a plain job, although registering it would start
        // nothing (spec: plan-diff 1.5).
        let id = EvalId(ids.make());
        let trigger = EvalTrigger::JobRegister;
        let mut eval = Evaluation::new(id, &key, spec.kind, spec.priority, trigger, self.now);
        eval.job_modify_index = store.index();
        let output = schedule(SchedulerInput {
            store: &store,
            evaluation: &eval,
            now: self.now,
            ids: &mut ids,
            rng: self.rng.child("schedule", 0),
            annotate: true,
            attempt: 0,
        });
        let of_plan = output.plan.and_then(|plan| plan.annotations);
        let of_eval = || output.evaluation.annotations.as_deref().cloned();
        outcome.annotations = of_plan.or_else(of_eval).unwrap_or_default();
        outcome.failed_groups = output.evaluation.failed_groups;
        outcome.created_evals = output.created;
        Ok(outcome)
    }
}

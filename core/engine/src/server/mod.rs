//! What Nomad servers do, as functions of the store: requests, queues of evaluations, plan apply,
//! the watcher of deployments, nodes and their heartbeats.
//!
//! Belongs here: every rule of the servers that is not the scheduler's. Nothing here writes: a
//! function answers with [`Change`]s and waits, and `sim` carries them out. Never imports `client`:
//! the two meet in `sim`, as they meet over a network in life. May import: `yurt_model`,
//! `yurt_jobspec` (admission), `yurt_state`, `yurt_scheduler`, `event`.

pub(crate) mod blocked;
pub(crate) mod broker;
pub(crate) mod client_updates;
pub(crate) mod deployment_watcher;
pub(crate) mod drainer;
pub(crate) mod endpoint;
pub(crate) mod garbage;
pub(crate) mod node;
pub(crate) mod periodic;
pub(crate) mod plan_apply;
pub(crate) mod rollback;

use yurt_model::{
    Deployment, EvalId, EvalTrigger, Evaluation, Index, JobKey, JobSpec, Time, UuidMaker,
};
use yurt_state::{Change, Store};

/// What a server function may use beside the store: the time and a source of identifiers.
pub(crate) struct Context<'a> {
    pub(crate) at: Time,
    pub(crate) ids: &'a mut UuidMaker,
}

impl Context<'_> {
    /// A pending evaluation of a job.
    pub(crate) fn evaluation(
        &mut self,
        spec: &JobSpec,
        triggered_by: EvalTrigger,
        job_modify_index: Index,
    ) -> Evaluation {
        let id = EvalId(self.ids.make());
        let mut eval = Evaluation::new(
            id,
            &spec.key(),
            spec.kind,
            spec.priority,
            triggered_by,
            self.at,
        );
        eval.job_modify_index = job_modify_index;
        eval
    }

    /// An evaluation on behalf of a deployment; `None` when its job is gone.
    pub(crate) fn deployment_evaluation(
        &mut self,
        store: &Store,
        deployment: &Deployment,
    ) -> Option<Evaluation> {
        let job = store.job(&deployment.job_key())?;
        let trigger = EvalTrigger::DeploymentWatcher;
        let mut eval = self.evaluation(&job.spec, trigger, job.job_modify_index);
        if deployment.eval_priority != 0 {
            eval.priority = deployment.eval_priority;
        }
        eval.deployment_id = Some(deployment.id);
        Some(eval)
    }
}

/// What a request leads to: writes in order, and what to answer.
#[derive(Debug, Default)]
pub(crate) struct Decision {
    pub(crate) changes: Vec<Change>,
    pub(crate) eval_id: Option<EvalId>,
    /// The spec index to answer; `None` means the index of the first write.
    pub(crate) job_modify_index: Option<Index>,
    pub(crate) reverted_version: Option<u64>,
    /// The job that was started, by dispatch or by a periodic launch.
    pub(crate) child: Option<yurt_model::JobId>,
    /// What the client of an allocation is asked for.
    pub(crate) order: Option<(yurt_model::AllocId, crate::event::ClientOrder)>,
}

impl Decision {
    pub(crate) fn change(change: Change) -> Self {
        Self {
            changes: vec![change],
            ..Self::default()
        }
    }
}

/// The job of that key, or the text for a job that is not there.
pub(crate) fn known<'a>(
    store: &'a Store,
    key: &JobKey,
) -> Result<&'a std::rc::Rc<yurt_model::Job>, crate::event::Refusal> {
    store
        .job(key)
        .ok_or_else(|| crate::event::Refusal("job not found".to_owned()))
}

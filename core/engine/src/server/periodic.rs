//! The dispatcher of periodic jobs: which are tracked, when each is launched next, and what a
//! launch writes (spec: scheduling 18).

use std::rc::Rc;

use litemap::LiteMap;
use yurt_jobspec::typed::edited;
use yurt_model::{EvalId, EvalTrigger, Evaluation, Index, Job, JobId, JobKey, Time};
use yurt_state::{Change, JobWrite, Store};

use super::{Context, Decision, known};
use crate::event::Refusal;

/// The jobs that are launched by time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Periodic {
    tracked: Rc<LiteMap<JobKey, Tracked>>,
}

#[derive(Clone, Copy, Debug)]
struct Tracked {
    /// The write of the spec from which the launch was computed.
    job_modify_index: Index,
    /// The next launch; `None` when the expressions never match again.
    launch: Option<Time>,
}

/// Whether launches happen: enabled, not stopped, and not to be dispatched first.
fn is_tracked(job: &Job) -> bool {
    let is_enabled = job.spec.periodic.as_ref().is_some_and(|p| p.enabled);
    is_enabled && !job.stop && !job.is_parameterized()
}

fn next_launch(job: &Job, after: Time) -> Option<Time> {
    job.spec.periodic.as_ref()?.next_launch(after)
}

impl Periodic {
    /// Looks at jobs that were written. The answer is what to wait for.
    pub(crate) fn touched(
        &mut self,
        store: &Store,
        now: Time,
        jobs: &[JobKey],
    ) -> Vec<(Time, JobKey)> {
        jobs.iter()
            .filter_map(|key| Some((self.look_at(store, now, key)?, key.clone())))
            .collect()
    }

    fn look_at(&mut self, store: &Store, now: Time, key: &JobKey) -> Option<Time> {
        let old = self.tracked.get(key).copied();
        let Some(job) = store.job(key).filter(|job| is_tracked(job)) else {
            if old.is_some() {
                Rc::make_mut(&mut self.tracked).remove(key);
            }
            return None;
        };
        let job_modify_index = job.job_modify_index;
        // A change of the status alone must not pass over a launch that is due at this instant.
        if old.is_some_and(|old| old.job_modify_index == job_modify_index) {
            return None;
        }
        let launch = next_launch(job, now);
        let tracked = Tracked {
            job_modify_index,
            launch,
        };
        Rc::make_mut(&mut self.tracked).insert(key.clone(), tracked);
        launch.filter(|_| old.and_then(|old| old.launch) != launch)
    }

    /// The time of a launch has come: what to write, and the next launch to wait for. Nothing when
    /// the job was changed meanwhile.
    pub(crate) fn due(
        &mut self,
        store: &Store,
        context: &mut Context<'_>,
        key: &JobKey,
        launch: Time,
    ) -> (Vec<Change>, Option<Time>) {
        let tracked = self.tracked.get(key).copied();
        let tracked = tracked.filter(|tracked| tracked.launch == Some(launch));
        let (Some(tracked), Some(job)) = (tracked, store.job(key)) else {
            return (Vec::new(), None);
        };
        let next = next_launch(job, launch);
        let tracked = Tracked {
            launch: next,
            ..tracked
        };
        Rc::make_mut(&mut self.tracked).insert(key.clone(), tracked);
        let prohibits = job
            .spec
            .periodic
            .as_ref()
            .is_some_and(|p| p.prohibit_overlap);
        if prohibits && has_live_child(store, key) {
            return (Vec::new(), next);
        }
        let launched = self::launch(store, context, job, launch);
        (launched.map(|done| done.changes).unwrap_or_default(), next)
    }
}

/// Launches a tracked job now, whatever its expressions and `prohibit_overlap` say.
pub(crate) fn force(
    store: &Store,
    context: &mut Context<'_>,
    key: &JobKey,
) -> Result<Decision, Refusal> {
    let job = known(store, key)?;
    if !is_tracked(job) {
        return Err(Refusal(format!(
            "can't force run non-tracked job \"{}\" ({})",
            key.id, key.namespace
        )));
    }
    let at = context.at;
    launch(store, context, job, at)
}

/// Whether something of an earlier launch is still going on.
fn has_live_child(store: &Store, parent: &JobKey) -> bool {
    store.live_children_of(parent).any(|child| {
        let key = child.key();
        store
            .evals_of_job(&key)
            .any(|eval| !eval.status.is_terminal())
            || store.allocs_of_job(&key).any(|alloc| !alloc.is_terminal())
    })
}

/// The child of that second. One that is there already is looked at again.
fn launch(
    store: &Store,
    context: &mut Context<'_>,
    parent: &Job,
    at: Time,
) -> Result<Decision, Refusal> {
    let seconds = at.0.div_euclid(1_000_000_000);
    let id = format!("{}/periodic-{seconds}", parent.id());
    let id = JobId::from(id.as_str());
    let spec = edited(&parent.spec, |document| {
        document["ID"] = id.as_str().into();
        document["Name"] = id.as_str().into();
        document["Periodic"] = serde_json::Value::Null;
    });
    let spec = Rc::new(spec.map_err(|error| Refusal(error.to_string()))?);
    let key = spec.key();
    let eval_id = EvalId(context.ids.make());
    let trigger = EvalTrigger::PeriodicJob;
    let mut eval = Evaluation::new(eval_id, &key, spec.kind, spec.priority, trigger, context.at);
    let old = store
        .job(&key)
        .filter(|old| !old.spec_changed_by(&spec, false));
    let change = match old {
        Some(old) => {
            eval.job_modify_index = old.job_modify_index;
            Change::EvalsUpserted(vec![eval])
        }
        None => {
            let mut write = JobWrite::copy_of(parent);
            write.spec = spec;
            write.stable = false;
            write.version_tag = None;
            write.submit_time = context.at;
            write.parent = Some(parent.id().clone());
            Change::JobUpserted {
                job: Box::new(write),
                evaluation: Some(Box::new(eval)),
                no_shutdown_delay: false,
            }
        }
    };
    Ok(Decision {
        eval_id: Some(eval_id),
        child: Some(id),
        ..Decision::change(change)
    })
}

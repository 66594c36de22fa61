//! Requests about jobs (spec: deployments 25; scheduling 20, 21).

use std::rc::Rc;

use serde_json::Value;
use yurt_jobspec::admission::{check_update, preserve_resources};
use yurt_model::{
    AllocClientStatus, DesiredTransition, EvalTrigger, Index, Job, JobKey, JobSpec, JobType, Name,
    TaskGroup,
};
use yurt_state::{Change, JobWrite, ScalingEvent, Store};

use crate::event::{JobRegister, Refusal};
use crate::server::{Context, Decision, known};

/// The most allocations that one job may ask for (spec: scheduling 1).
const JOB_MAX_COUNT: i64 = 50_000;

pub(super) fn register(
    store: &Store,
    context: &mut Context<'_>,
    register: JobRegister,
) -> Result<Decision, Refusal> {
    register_as(store, context, register, false)
}

/// Registers a job, or a version of it that was stopped as a job that is stopped.
fn register_as(
    store: &Store,
    context: &mut Context<'_>,
    register: JobRegister,
    stop: bool,
) -> Result<Decision, Refusal> {
    let key = register.spec.key();
    let old = store.job(&key);
    enforce_index(old, register.enforce_index)?;
    check_total(&register.spec)?;
    let spec = match old {
        Some(old) => {
            if old.dispatched && !register.dispatched {
                return Err(Refusal("field 'Dispatched' is read-only".to_owned()));
            }
            check_update(&old.spec, &register.spec).map_err(|error| Refusal(error.to_string()))?;
            kept(&register, old)?
        }
        None if register.dispatched => {
            let text = "job can't be submitted with 'Dispatched' set";
            return Err(Refusal(text.to_owned()));
        }
        None => register.spec,
    };
    let mut decision = Decision::default();
    // What was dispatched keeps the parent's rules, its payload and its token.
    let child = old.filter(|old| old.dispatched);
    let is_parent = spec.periodic.is_some() || (child.is_none() && spec.parameterized.is_some());
    let mut eval = (!is_parent).then(|| {
        let index = old.map_or(0, |old| old.job_modify_index);
        context.evaluation(&spec, EvalTrigger::JobRegister, index)
    });
    if let (Some(eval), Some(priority)) = (&mut eval, register.eval_priority) {
        eval.priority = priority;
    }
    decision.eval_id = eval.as_ref().map(|eval| eval.id);
    match old.filter(|old| !old.spec_changed_by(&spec, stop)) {
        Some(unchanged) => {
            decision.job_modify_index = Some(unchanged.modify_index);
            decision
                .changes
                .extend(eval.map(|eval| Change::EvalsUpserted(vec![eval])));
        }
        None => {
            let job = Box::new(JobWrite {
                spec,
                stop,
                stable: false,
                submit_time: context.at,
                version_tag: None,
                parent: child.and_then(|child| child.parent.clone()),
                dispatched: child.is_some(),
                dispatch_token: child.and_then(|child| child.dispatch_token.clone()),
                payload: child.and_then(|child| child.payload.clone()),
                submission: register.submission,
            });
            let evaluation = eval.map(Box::new);
            decision.changes.push(Change::JobUpserted {
                job,
                evaluation,
                no_shutdown_delay: false,
            });
        }
    }
    Ok(decision)
}

/// The spec with what it keeps of the version before (spec: deployments 25.1).
fn kept(register: &JobRegister, old: &Job) -> Result<Rc<JobSpec>, Refusal> {
    let mut spec = register.spec.clone();
    if register.preserve_counts {
        spec = with_counts_of(&spec, &old.spec);
    }
    if register.preserve_resources {
        let kept = preserve_resources(&spec, &old.spec);
        spec = Rc::new(kept.map_err(|error| Refusal(error.to_string()))?);
    }
    Ok(spec)
}

/// Refuses a job whose spec index is not what its author saw (spec: deployments 25.1).
pub(crate) fn enforce_index(job: Option<&Rc<Job>>, enforced: Option<Index>) -> Result<(), Refusal> {
    let Some(given) = enforced else { return Ok(()) };
    let text = match job {
        None if given == 0 => return Ok(()),
        None => format!("Enforcing job modify index {given}: job does not exist"),
        Some(job) if given == job.job_modify_index => return Ok(()),
        Some(_) if given == 0 => "Enforcing job modify index 0: job already exists".to_owned(),
        Some(job) => format!(
            "Enforcing job modify index {given}: \
             job exists with conflicting job modify index: {}",
            job.job_modify_index
        ),
    };
    Err(Refusal(text))
}

fn check_total(spec: &JobSpec) -> Result<(), Refusal> {
    let total = spec
        .groups
        .iter()
        .fold(0i64, |sum, group| sum.saturating_add(group.count));
    if total <= JOB_MAX_COUNT {
        return Ok(());
    }
    Err(Refusal(format!(
        "total count was greater than configured job_max_count: {total} > {JOB_MAX_COUNT}"
    )))
}

/// The spec with the counts that groups of the same name have in `old`.
fn with_counts_of(spec: &JobSpec, old: &JobSpec) -> Rc<JobSpec> {
    let mut kept = spec.clone();
    for group in &old.groups {
        set_count(&mut kept, &group.name, group.count);
    }
    Rc::new(kept)
}

/// Changes a group's count in both halves of a spec: the document and what is read from it.
fn set_count(spec: &mut JobSpec, group: &str, count: i64) {
    if let Some(group) = spec.groups.iter_mut().find(|other| &*other.name == group) {
        group.count = count;
    }
    let groups = spec.document["TaskGroups"].as_array_mut();
    if let Some(found) = groups.and_then(|list| list.iter_mut().find(|doc| doc["Name"] == group)) {
        found["Count"] = Value::from(count);
    }
}

pub(super) fn deregister(
    store: &Store,
    context: &mut Context<'_>,
    key: &JobKey,
    purge: bool,
    no_shutdown_delay: bool,
    eval_priority: Option<i64>,
) -> Decision {
    let Some(job) = store.job(key) else {
        return Decision::default();
    };
    let eval = (!job.is_parent()).then(|| {
        let trigger = EvalTrigger::JobDeregister;
        let mut eval = context.evaluation(&job.spec, trigger, job.job_modify_index);
        eval.kind = JobType::Service; // Whatever the job's type is (spec: deployments 4).
        eval.priority = eval_priority.unwrap_or(eval.priority);
        Box::new(eval)
    });
    let mut decision = Decision {
        eval_id: eval.as_ref().map(|eval| eval.id),
        ..Decision::default()
    };
    decision.changes.push(if purge {
        Change::JobPurged {
            key: key.clone(),
            evaluation: eval,
        }
    } else {
        let mut stopped = JobWrite::copy_of(job);
        stopped.stop = true;
        stopped.submit_time = context.at;
        Change::JobUpserted {
            job: Box::new(stopped),
            evaluation: eval,
            no_shutdown_delay,
        }
    });
    decision
}

pub(super) fn revert(
    store: &Store,
    context: &mut Context<'_>,
    key: &JobKey,
    version: u64,
    enforce_prior_version: Option<u64>,
) -> Result<Decision, Refusal> {
    let Some(current) = store.job(key) else {
        return Err(Refusal(format!("job \"{}\" not found", key.id)));
    };
    if version == current.version {
        return Err(Refusal("can't revert to current version".to_owned()));
    }
    let Some(target) = store.job_version(key, version) else {
        return Err(Refusal(format!(
            "job \"{}\" in namespace \"{}\" at version {version} not found",
            key.id, key.namespace
        )));
    };
    if let Some(enforced) = enforce_prior_version.filter(|v| *v != current.version) {
        let has = current.version;
        return Err(Refusal(format!(
            "Current job has version {has}; enforcing version {enforced}"
        )));
    }
    let register_it = JobRegister {
        submission: store.submission(key, version).cloned(),
        dispatched: current.dispatched,
        ..JobRegister::of(target.spec.clone())
    };
    // A version that was stopped is copied as it is (spec: deployments 25.4).
    register_as(store, context, register_it, target.stop)
}

pub(super) fn evaluate(
    store: &Store,
    context: &mut Context<'_>,
    key: &JobKey,
    force_reschedule: bool,
) -> Result<Decision, Refusal> {
    let job = known(store, key)?;
    if job.spec.periodic.is_some() {
        return Err(Refusal("can't evaluate periodic job".to_owned()));
    }
    if job.is_parameterized() {
        return Err(Refusal("can't evaluate parameterized job".to_owned()));
    }
    let eval = context.evaluation(&job.spec, EvalTrigger::JobRegister, job.job_modify_index);
    let eval_id = Some(eval.id);
    let forced: Vec<_> = if force_reschedule {
        forceable(store, job)
    } else {
        Vec::new()
    };
    let change = if forced.is_empty() {
        Change::EvalsUpserted(vec![eval])
    } else {
        let force = DesiredTransition {
            force_reschedule: Some(true),
            ..Default::default()
        };
        let transitions = forced.into_iter().map(|id| (id, force)).collect();
        Change::TransitionsSet {
            transitions,
            evals: vec![eval],
        }
    };
    Ok(Decision {
        eval_id,
        ..Decision::change(change)
    })
}

/// Failed allocations that nothing has replaced, in groups with a reschedule policy, even one that
/// allows no attempt: recorded so (against spec: deployments 25.8).
fn forceable(store: &Store, job: &Job) -> Vec<yurt_model::AllocId> {
    store
        .allocs_of_job(&job.key())
        .filter(|alloc| alloc.job.create_index == job.create_index)
        .filter(|alloc| alloc.client_status == AllocClientStatus::Failed)
        .filter(|alloc| alloc.links.next_allocation.is_none())
        .filter(|alloc| !alloc.desired_transition.should_force_reschedule())
        .filter(|alloc| {
            let group = job.spec.group(&alloc.group);
            group.is_some_and(|group| group.reschedule.is_some())
        })
        .map(|alloc| alloc.id)
        .collect()
}

/// What someone says about scaling.
pub(super) struct Said {
    pub(super) message: Rc<str>,
    pub(super) is_error: bool,
}

/// Whether the request makes sense by itself.
fn check_shape(count: Option<i64>, said: &Said) -> Result<(), Refusal> {
    if count.is_some_and(|count| count < 0) {
        return Err(Refusal(
            "a group cannot be scaled to a negative count".to_owned(),
        ));
    }
    if said.is_error && count.is_some() {
        let text = "a scaling event that tells of an error takes no count";
        return Err(Refusal(text.to_owned()));
    }
    Ok(())
}

pub(super) fn scale(
    store: &Store,
    context: &mut Context<'_>,
    key: &JobKey,
    group_name: &Name,
    count: Option<i64>,
    enforced: Option<Index>,
    said: Said,
) -> Result<Decision, Refusal> {
    check_shape(count, &said)?;
    let Some(job) = store.job(key) else {
        return Err(Refusal(format!("job \"{}\" not found", key.id)));
    };
    if job.spec.kind == JobType::System && count.is_some_and(|count| count > 1) {
        let text = "jobs of type \"system\" can only be scaled between 0 and 1";
        return Err(Refusal(text.to_owned()));
    }
    let Some(group) = job.spec.group(group_name) else {
        let text =
            format!("task group \"{group_name}\" specified for scaling does not exist in job");
        return Err(Refusal(text));
    };
    let at = context.at;
    let event = |eval_id| Change::ScalingEventAdded {
        key: key.clone(),
        group: group_name.clone(),
        event: ScalingEvent {
            time: at,
            count,
            previous_count: group.count,
            message: said.message,
            is_error: said.is_error,
            eval_id,
        },
    };
    let Some(count) = count else {
        return Ok(Decision::change(event(None)));
    };
    check_policy(group, count)?;
    let mut spec = (*job.spec).clone();
    set_count(&mut spec, group_name, count);
    check_total(&spec)?;
    let is_active = store
        .latest_deployment(key)
        .is_some_and(|d| d.is_active() && d.job_create_index == job.create_index);
    if is_active {
        return Err(Refusal(
            "job scaling blocked due to active deployment".to_owned(),
        ));
    }
    enforce_index(Some(job), enforced)?;
    let mut scaled = JobWrite::copy_of(job);
    scaled.spec = Rc::new(spec);
    scaled.submit_time = context.at;
    scaled.submission = store.submission(key, job.version).cloned();
    let mut decision = Decision::change(Change::JobUpserted {
        job: Box::new(scaled),
        evaluation: None,
        no_shutdown_delay: false,
    });
    if !job.is_parent() {
        // The evaluation is a write of its own, after the job's (spec: deployments 4).
        let index = store.index() + 1;
        let eval = context.evaluation(&job.spec, EvalTrigger::JobScaling, index);
        decision.eval_id = Some(eval.id);
        decision.changes.push(Change::EvalsUpserted(vec![eval]));
    }
    decision.changes.push(event(decision.eval_id));
    Ok(decision)
}

/// The bounds of the group's scaling policy, if it has one.
fn check_policy(group: &TaskGroup, count: i64) -> Result<(), Refusal> {
    let Some(policy) = &group.scaling else {
        return Ok(());
    };
    if count < policy.min {
        return Err(Refusal(format!(
            "group count was less than scaling policy minimum: {count} < {}",
            policy.min
        )));
    }
    if count > policy.max {
        return Err(Refusal(format!(
            "group count was greater than scaling policy maximum: {count} > {}",
            policy.max
        )));
    }
    Ok(())
}

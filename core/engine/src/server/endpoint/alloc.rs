//! Requests about allocations.

use yurt_model::{AllocId, DesiredTransition, EvalTrigger, Name};
use yurt_state::{Change, Store};

use crate::event::Refusal;
use crate::server::{Context, Decision};

/// Marks an allocation to be moved, with an evaluation of its job (spec: scheduling 21).
pub(super) fn stop(
    store: &Store,
    context: &mut Context<'_>,
    id: AllocId,
    no_shutdown_delay: bool,
    reschedule: bool,
) -> Result<Decision, Refusal> {
    let Some(alloc) = store.alloc(id) else {
        return Err(Refusal(format!("alloc not found: {id}")));
    };
    let trigger = EvalTrigger::AllocStop;
    let eval = context.evaluation(&alloc.job.spec, trigger, alloc.job.job_modify_index);
    let eval_id = Some(eval.id);
    let transition = DesiredTransition {
        migrate: Some(true),
        reschedule: reschedule.then_some(true),
        no_shutdown_delay: no_shutdown_delay.then_some(true),
        ..DesiredTransition::default()
    };
    let change = Change::TransitionsSet {
        transitions: vec![(id, transition)],
        evals: vec![eval],
    };
    Ok(Decision {
        eval_id,
        ..Decision::change(change)
    })
}

/// Restarts tasks where they run; nothing is written until the client reports.
pub(super) fn restart(store: &Store, id: AllocId, task: Option<Name>) -> Result<Decision, Refusal> {
    let Some(alloc) = store.alloc(id) else {
        return Err(Refusal(format!("alloc not found: {id}")));
    };
    if let Some(name) = &task
        && alloc
            .task_group()
            .is_none_or(|group| group.task(name).is_none())
    {
        return Err(Refusal(format!("Could not find task named: {name}")));
    }
    Ok(Decision {
        restart: Some((id, task)),
        ..Decision::default()
    })
}

/// Takes a service of an allocation out of the list; its client does not put it back.
pub(super) fn deregister_service(store: &Store, id: &Name) -> Result<Decision, Refusal> {
    let mut registered = store.service_registrations();
    let Some(found) = registered.find(|registration| registration.id == *id) else {
        return Err(Refusal("service registration not found".to_owned()));
    };
    Ok(Decision::change(Change::ServiceDeregistered {
        alloc_id: found.alloc_id,
        service_id: found.id,
    }))
}

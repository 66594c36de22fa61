//! Requests about allocations.

use yurt_model::{AllocId, DesiredTransition, EvalTrigger, Name, TaskPhase};
use yurt_state::{Change, Store};

use crate::event::{ClientOrder, Refusal, RestartScope};
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

/// Asks an allocation's client for something; nothing is written until the client reports.
pub(super) fn order(store: &Store, id: AllocId, order: ClientOrder) -> Result<Decision, Refusal> {
    let Some(alloc) = store.alloc(id) else {
        return Err(Refusal(format!("alloc not found: {id}")));
    };
    let task = match &order {
        ClientOrder::Restart(RestartScope::Task(name)) => Some(name),
        ClientOrder::Signal { task, .. } => task.as_ref(),
        ClientOrder::Restart(_) => None,
    };
    let group = alloc.task_group();
    let is_unknown = |name: &&Name| group.is_none_or(|group| group.task(name).is_none());
    if let Some(name) = task.filter(is_unknown) {
        return Err(Refusal(format!("Could not find task named: {name}")));
    }
    let runs = |name: &str| {
        let state = alloc.task_state(name);
        state.is_some_and(|state| state.phase == TaskPhase::Running)
    };
    if let ClientOrder::Signal { .. } = &order {
        let mut tasks = group.into_iter().flat_map(|group| &group.tasks);
        let asked = |name: &Name| task.is_none_or(|task| task == name);
        if let Some(idle) = tasks.find(|one| asked(&one.name) && !runs(&one.name)) {
            let name = &idle.name;
            let text = format!("Failed to signal task: {name}, err: Task not running");
            return Err(Refusal(format!("rpc error: 1 error occurred:\n\t* {text}")));
        }
    } else if task.is_some_and(|name| !runs(name)) {
        return Err(Refusal("Task not running".to_owned()));
    }
    Ok(Decision {
        order: Some((id, order)),
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

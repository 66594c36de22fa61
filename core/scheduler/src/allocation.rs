//! A new allocation's record, as far as it is the same for every kind of job.

use std::rc::Rc;

use yurt_model::{
    AllocClientStatus, AllocDesiredStatus, AllocId, AllocMetric, Allocation, DesiredTransition,
    EvalId, Job, TaskGroup, Time,
};

use crate::stack::Winner;

/// A group on the node that won, with index 0 in its name and nothing before it.
pub(crate) fn fresh(
    id: AllocId,
    job: &Rc<Job>,
    group: &TaskGroup,
    eval_id: EvalId,
    winner: Winner<'_>,
    metrics: AllocMetric,
    now: Time,
) -> Allocation {
    Allocation {
        id,
        namespace: job.spec.namespace.clone(),
        job_id: job.spec.id.clone(),
        job: job.clone(),
        group: group.name.clone(),
        name_index: 0,
        eval_id,
        node_id: winner.node.id,
        node_name: winner.node.name.clone(),
        deployment_id: None,
        deployment_status: None,
        desired_status: AllocDesiredStatus::Run,
        desired_description: "".into(),
        desired_transition: DesiredTransition::default(),
        client_status: AllocClientStatus::Pending,
        client_description: "".into(),
        task_states: Vec::new(),
        previous_allocation: None,
        next_allocation: None,
        follow_up_eval: None,
        preempted_by: None,
        reschedule_tracker: None,
        states: Vec::new(),
        resources: winner.resources,
        metrics: Rc::new(metrics),
        create_index: 0,
        modify_index: 0,
        alloc_modify_index: 0,
        create_time: now,
        modify_time: now,
    }
}

//! Requests: checked here, against the store as it is; what follows is a [`Decision`].

mod alloc;
mod deployment;
mod dispatch;
mod job;
mod node;
mod tag;

pub(crate) use job::enforce_index;
pub use node::NODES_MAX;
pub(crate) use node::{register_again, registered};
use yurt_model::Job;
use yurt_state::{Change, Store};

use super::{Context, Decision};
use crate::event::{Refusal, Request};
use std::rc::Rc;

/// What endpoints know of the world beside the store.
pub(crate) struct Held<'a> {
    /// The job that a deployment's watcher holds.
    pub(crate) watched_job: &'a dyn Fn(yurt_model::DeploymentId) -> Option<Rc<Job>>,
}

/// Checks a request and says what it leads to.
pub(crate) fn handle(
    store: &Store,
    context: &mut Context<'_>,
    held: &Held<'_>,
    request: Request,
) -> Result<Decision, Refusal> {
    match request {
        Request::JobRegister(_)
        | Request::JobDeregister { .. }
        | Request::JobRevert { .. }
        | Request::JobEvaluate { .. }
        | Request::JobScale { .. }
        | Request::JobDispatch(_)
        | Request::JobPeriodicForce { .. }
        | Request::JobStability { .. }
        | Request::JobTag { .. }
        | Request::JobUntag { .. } => about_a_job(store, context, request),
        Request::DeploymentPromote { id, groups } => {
            deployment::promote(store, context, id, groups)
        }
        Request::DeploymentFail { id } => deployment::fail(store, context, held, id),
        Request::DeploymentPause { id, pause } => deployment::pause(store, context, id, pause),
        Request::DeploymentSetHealth {
            id,
            healthy,
            unhealthy,
        } => deployment::set_health(store, context, held, id, healthy, unhealthy),
        Request::AllocStop {
            id,
            no_shutdown_delay,
            reschedule,
        } => alloc::stop(store, context, id, no_shutdown_delay, reschedule),
        Request::AllocOrder { id, order } => alloc::order(store, id, order),
        Request::ServiceDeregister { id } => alloc::deregister_service(store, &id),
        Request::NodeRegister(node) => node::register_within_limit(store, context, *node),
        Request::NodeStatus { id, status } => node::status(store, context, id, status),
        Request::NodeEligibility { id, eligible } => {
            node::eligibility(store, context, id, eligible)
        }
        Request::NodeDrain {
            id,
            drain,
            mark_eligible,
            message,
        } => node::drain(store, context, id, drain, mark_eligible, message),
        Request::ClientReport(updates) => super::client_updates::accept(store, context, updates),
        Request::SystemGarbageCollect => Ok(Decision {
            changes: super::garbage::all(store, context.at).into_iter().collect(),
            ..Decision::default()
        }),
        Request::SchedulerConfiguration(configuration) => Ok(Decision::change(
            Change::SchedulerConfigurationSet(configuration),
        )),
    }
}

fn about_a_job(
    store: &Store,
    context: &mut Context<'_>,
    request: Request,
) -> Result<Decision, Refusal> {
    match request {
        Request::JobRegister(register) => job::register(store, context, register),
        Request::JobDeregister {
            key,
            purge,
            no_shutdown_delay,
            eval_priority,
        } => Ok(job::deregister(
            store,
            context,
            &key,
            purge,
            no_shutdown_delay,
            eval_priority,
        )),
        Request::JobRevert {
            key,
            version,
            enforce_prior_version,
        } => job::revert(store, context, &key, version, enforce_prior_version),
        Request::JobEvaluate {
            key,
            force_reschedule,
        } => job::evaluate(store, context, &key, force_reschedule),
        Request::JobScale {
            key,
            group,
            count,
            enforce_index,
            message,
            is_error,
        } => {
            let said = job::Said { message, is_error };
            job::scale(store, context, &key, &group, count, enforce_index, said)
        }
        Request::JobDispatch(request) => dispatch::dispatch(store, context, &request),
        Request::JobPeriodicForce { key } => super::periodic::force(store, context, &key),
        Request::JobStability {
            key,
            version,
            stable,
        } => Ok(Decision::change(Change::JobStabilitySet {
            key,
            version,
            stable,
        })),
        Request::JobTag {
            key,
            version,
            name,
            description,
        } => tag::apply(store, context, key, version, name, description),
        Request::JobUntag { key, name } => tag::unset(store, key, &name),
        _ => unreachable!("this request is not about a job"),
    }
}

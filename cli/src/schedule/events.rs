//! The events of a recording, as inputs of a cluster.

use std::rc::Rc;

use serde_json::Value;
use yurt_engine::{
    Cluster, DrainRequest, Fault, Input, JobRegister, PlanOutcome, Refusal, Reply, Request,
};
use yurt_jobspec::admission::{AdmissionContext, check_names};
use yurt_jobspec::typed::spec_from_document;
use yurt_model::{
    AllocClientStatus, AllocDeploymentStatus, AllocId, Allocation, DeploymentId, Duration, JobKey,
    JobSpec, Name, NodeId, NodeStatus, TaskPhase, TaskState, Time,
};
use yurt_state::ClientUpdate;

use super::references::References;
use super::{list, nodes, text};

/// What came of an event.
#[derive(Default)]
pub(super) struct Outcome {
    /// The request was refused with this text.
    pub(super) refusal: Option<String>,
    /// The version that a failed deployment goes back to.
    pub(super) reverted_to: Option<u64>,
    /// The result of a dry run.
    pub(super) plan: Option<PlanOutcome>,
    /// How many allocations a selector matched.
    pub(super) updated: Option<usize>,
}

impl Outcome {
    /// The event does not fit what has happened.
    pub(super) fn not_played(reason: String) -> Self {
        Self {
            refusal: Some(format!("not played: {reason}")),
            ..Self::default()
        }
    }
}

/// Plays one event.
pub(super) fn play(
    cluster: &mut Cluster,
    references: &References,
    event: &Value,
) -> Result<Outcome, String> {
    match text(&event["do"]) {
        "advance" => {
            let until = cluster.now() + seconds(&event["s"]);
            cluster.run_until(until);
            Ok(Outcome::default())
        }
        "plan" => plan(cluster, event),
        "client" => client(cluster, references, event),
        "promote" | "fail" | "pause" | "resume" => deployment(cluster, event),
        "node_miss" => {
            let node = node_id(cluster, references, event)?;
            let fault = Input::Fault(Fault::HeartbeatMissed(node));
            Ok(answered(cluster.handle(cluster.now(), fault).reply))
        }
        "node_add" | "node_status" | "drain" | "drain_stop" | "eligibility" => {
            let request = node_request(cluster, references, event)?;
            Ok(ask(cluster, request))
        }
        "register" => register(cluster, event),
        _ => {
            let request = job_request(references, event)?;
            Ok(ask(cluster, request))
        }
    }
}

/// The job of an event, or why servers do not take it: node pools exist that some node names.
fn job_of(cluster: &Cluster, event: &Value) -> Result<Result<Rc<JobSpec>, Outcome>, String> {
    let spec = spec_from_document(&event["job"]).map_err(|error| error.to_string())?;
    let mut pools = vec!["default".to_owned(), "all".to_owned()];
    pools.extend(
        cluster
            .store()
            .nodes()
            .map(|node| node.node_pool.to_string()),
    );
    let context = AdmissionContext {
        node_pools: Some(pools),
        ..AdmissionContext::default()
    };
    Ok(match check_names(&spec, &context) {
        Ok(()) => Ok(Rc::new(spec)),
        Err(text) => Err(Outcome {
            refusal: Some(text),
            ..Outcome::default()
        }),
    })
}

fn register(cluster: &mut Cluster, event: &Value) -> Result<Outcome, String> {
    let spec = match job_of(cluster, event)? {
        Ok(spec) => spec,
        Err(refused) => return Ok(refused),
    };
    let request = Request::JobRegister(JobRegister::of(spec));
    Ok(ask(cluster, request))
}

fn ask(cluster: &mut Cluster, request: Request) -> Outcome {
    let at = cluster.now();
    answered(cluster.handle(at, Input::Request(request)).reply)
}

fn answered(reply: Result<Reply, Refusal>) -> Outcome {
    match reply {
        Ok(reply) => Outcome {
            reverted_to: reply.reverted_version,
            ..Outcome::default()
        },
        Err(refusal) => Outcome {
            refusal: Some(refusal.to_string()),
            ..Outcome::default()
        },
    }
}

fn seconds(value: &Value) -> Duration {
    let nanos = value.as_f64().unwrap_or(0.0) * 1e9;
    Duration::from_nanos(nanos.round() as i64)
}

fn key(event: &Value) -> JobKey {
    JobKey::in_default(text(&event["id"]))
}

fn job_request(references: &References, event: &Value) -> Result<Request, String> {
    Ok(match text(&event["do"]) {
        "revert" => Request::JobRevert {
            key: key(event),
            version: event["version"].as_u64().unwrap_or(0),
            enforce_prior_version: None,
        },
        "scale" => Request::JobScale {
            key: key(event),
            group: text(&event["group"]).into(),
            count: event["count"].as_i64(),
            enforce_index: None,
            message: "".into(),
            is_error: false,
        },
        "deregister" => Request::JobDeregister {
            key: key(event),
            purge: event["purge"] == true,
            no_shutdown_delay: false,
            eval_priority: None,
        },
        "eval" => Request::JobEvaluate {
            key: key(event),
            force_reschedule: event["force_reschedule"] == true,
        },
        "alloc_stop" => Request::AllocStop {
            id: alloc_id(references, &event["a"])?,
            no_shutdown_delay: false,
            reschedule: false,
        },
        other => return Err(format!("no event {other:?}")),
    })
}

fn alloc_id(references: &References, reference: &Value) -> Result<AllocId, String> {
    let reference = text(reference);
    let id = references.alloc_id(reference);
    id.ok_or_else(|| format!("no allocation {reference:?}"))
}

fn plan(cluster: &Cluster, event: &Value) -> Result<Outcome, String> {
    let spec = match job_of(cluster, event)? {
        Ok(spec) => spec,
        Err(refused) => return Ok(refused),
    };
    Ok(match cluster.snapshot().plan(spec, None) {
        Ok(plan) => Outcome {
            plan: Some(plan),
            ..Outcome::default()
        },
        Err(refusal) => Outcome {
            refusal: Some(refusal.to_string()),
            ..Outcome::default()
        },
    })
}

fn deployment(cluster: &mut Cluster, event: &Value) -> Result<Outcome, String> {
    let latest = cluster.store().latest_deployment(&key(event));
    let id: DeploymentId = latest.map(|d| d.id).ok_or("no deployment")?;
    let groups = event["groups"].as_array();
    let request = match text(&event["do"]) {
        "promote" => Request::DeploymentPromote {
            id,
            groups: groups.map(|names| names.iter().map(|n| Name::from(text(n))).collect()),
        },
        "fail" => Request::DeploymentFail { id },
        what => Request::DeploymentPause {
            id,
            pause: what == "pause",
        },
    };
    Ok(ask(cluster, request))
}

fn node_id(cluster: &Cluster, references: &References, event: &Value) -> Result<NodeId, String> {
    if !event["node_of"].is_null() {
        let id = alloc_id(references, &event["node_of"])?;
        let alloc = cluster.store().alloc(id);
        return alloc
            .map(|alloc| alloc.node_id)
            .ok_or_else(|| "the allocation is gone".into());
    }
    let name = text(&event["node"]);
    let mut nodes = cluster.store().nodes();
    let node = nodes.find(|node| &*node.name == name || node.id.to_string() == name);
    node.map(|node| node.id)
        .ok_or_else(|| format!("no node {name:?}"))
}

fn node_request(
    cluster: &Cluster,
    references: &References,
    event: &Value,
) -> Result<Request, String> {
    if event["do"] == "node_add" {
        let node = nodes::node(&event["def"])?;
        return Ok(Request::NodeRegister(Box::new(node)));
    }
    let id = node_id(cluster, references, event)?;
    Ok(match text(&event["do"]) {
        "node_status" => Request::NodeStatus {
            id,
            status: match text(&event["status"]) {
                "down" => NodeStatus::Down,
                "disconnected" => NodeStatus::Disconnected,
                "initializing" => NodeStatus::Initializing,
                _ => NodeStatus::Ready,
            },
        },
        "drain" => Request::NodeDrain {
            id,
            drain: Some(DrainRequest {
                deadline: seconds(&event["deadline"]),
                ignore_system_jobs: event["ignore_system"] == true,
            }),
            mark_eligible: false,
            message: None,
        },
        "drain_stop" => Request::NodeDrain {
            id,
            drain: None,
            mark_eligible: event["mark_eligible"] == true,
            message: None,
        },
        _ => Request::NodeEligibility {
            id,
            eligible: event["eligible"] == true,
        },
    })
}

fn client(
    cluster: &mut Cluster,
    references: &References,
    event: &Value,
) -> Result<Outcome, String> {
    let selector = text(&event["select"]);
    let mut reports: Vec<(AllocId, String, Option<bool>)> = Vec::new();
    if selector.is_empty() {
        for update in list(&event["updates"]) {
            let id = alloc_id(references, &update["a"])?;
            reports.push((id, text(&update["s"]).into(), update["h"].as_bool()));
        }
    } else {
        let most = event["count"].as_u64().unwrap_or(u64::MAX);
        let matching = references
            .named()
            .filter_map(|(_, id)| cluster.store().alloc(id))
            .filter(|alloc| is_selected(alloc, selector))
            .take(usize::try_from(most).unwrap_or(usize::MAX));
        let healthy = event["h"].as_bool();
        reports.extend(matching.map(|alloc| (alloc.id, text(&event["set"]).into(), healthy)));
    }
    let count = reports.len();
    let now = cluster.now();
    let updates = reports
        .into_iter()
        .filter_map(|(id, status, healthy)| {
            let alloc = cluster.store().alloc(id)?;
            Some(report(alloc, &status, healthy, now))
        })
        .collect();
    let mut outcome = ask(cluster, Request::ClientReport(updates));
    outcome.updated = (!selector.is_empty()).then_some(count);
    Ok(outcome)
}

fn is_selected(alloc: &Allocation, selector: &str) -> bool {
    match selector {
        "stopping" => alloc.is_server_terminal() && !alloc.is_client_terminal(),
        "need_health" => {
            !alloc.is_terminal() && alloc.deployment_id.is_some() && !alloc.has_health()
        }
        _ => !alloc.is_server_terminal() && alloc.client_status == AllocClientStatus::Pending,
    }
}

/// Task states follow from the status: all running, all ended well, or all failed.
fn report(alloc: &Allocation, status: &str, healthy: Option<bool>, now: Time) -> ClientUpdate {
    let status = AllocClientStatus::from_name(status).unwrap_or(AllocClientStatus::Running);
    let tasks = alloc.task_group().map_or(&[][..], |group| &group.tasks);
    let task_states = tasks
        .iter()
        .map(|task| task_state(alloc.task_state(&task.name), &task.name, status, now).into())
        .collect();
    ClientUpdate {
        alloc_id: alloc.id,
        status,
        description: "".into(),
        task_states,
        deployment_status: healthy.map(|healthy| AllocDeploymentStatus {
            healthy: Some(healthy),
            timestamp: Some(now),
            ..AllocDeploymentStatus::default()
        }),
    }
}

fn task_state(
    old: Option<&TaskState>,
    name: &Name,
    status: AllocClientStatus,
    now: Time,
) -> TaskState {
    let mut state = old
        .cloned()
        .unwrap_or_else(|| TaskState::pending(name.clone()));
    match status {
        AllocClientStatus::Pending => state.phase = TaskPhase::Pending,
        AllocClientStatus::Running => {
            if state.phase != TaskPhase::Running {
                state.started_at = Some(now);
            }
            state.phase = TaskPhase::Running;
        }
        _ => {
            state.phase = TaskPhase::Dead;
            state.failed = status == AllocClientStatus::Failed;
            state.finished_at = Some(now);
        }
    }
    state
}

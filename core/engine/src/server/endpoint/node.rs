//! Requests about nodes (spec: scheduling 16, 17).

use std::collections::BTreeMap;
use std::rc::Rc;

use yurt_model::{
    DrainStatus, DrainStrategy, Duration, LastDrain, Name, Node, NodeEligibility, NodeEvent,
    NodeId, NodeStatus, Time,
};
use yurt_state::{Change, Store};

use crate::event::{DrainRequest, Refusal};
use crate::server::{Context, Decision, node};

/// The most nodes that a world may have; a tab should stay usable.
pub const NODES_MAX: usize = 20_000;

fn found(store: &Store, id: NodeId) -> Result<Rc<Node>, Refusal> {
    store
        .node(id)
        .cloned()
        .ok_or_else(|| Refusal("node not found".to_owned()))
}

fn event(at: Time, subsystem: &str, message: &str) -> NodeEvent {
    NodeEvent {
        time: at,
        subsystem: Name::from(subsystem),
        message: Name::from(message),
        details: BTreeMap::new(),
    }
}

/// What happens first to a node.
pub(crate) fn registered(at: Time) -> Vec<NodeEvent> {
    vec![event(at, "Cluster", "Node registered")]
}

/// A machine comes back whose node was forgotten: it registers as one that nobody knows.
pub(crate) fn register_again(store: &Store, context: &mut Context<'_>, node: &Node) -> Decision {
    let mut node = node.clone();
    node.status = NodeStatus::Initializing;
    node.eligibility = NodeEligibility::Eligible;
    node.drain = None;
    node.last_drain = None;
    node.owes_alloc_update = false;
    register(store, context, node)
}

/// Registers a node, unless it is one more than a world may have.
pub(super) fn register_within_limit(
    store: &Store,
    context: &mut Context<'_>,
    node: Node,
) -> Result<Decision, Refusal> {
    if store.node(node.id).is_none() && store.node_count() >= NODES_MAX {
        let name = &node.name;
        return Err(Refusal(format!(
            "a world may have at most {NODES_MAX} nodes; \"{name}\" is one more"
        )));
    }
    Ok(register(store, context, node))
}

fn register(store: &Store, context: &mut Context<'_>, mut new: Node) -> Decision {
    if let Some(old) = store.node(new.id) {
        new.status = old.status;
        new.status_updated_at = old.status_updated_at;
        new.eligibility = old.eligibility;
        new.drain = old.drain.clone();
        new.last_drain = old.last_drain.clone();
        new.owes_alloc_update = old.owes_alloc_update;
        new.events = old.events.clone();
    } else {
        new.events = registered(context.at);
        new.status_updated_at = context.at;
    }
    let matters = match store.node(new.id) {
        None => new.status == NodeStatus::Ready,
        Some(old) => is_another_machine(old, &new),
    };
    let evals = if matters {
        node::evaluations_for(store, context, &new)
    } else {
        Vec::new()
    };
    let mut decision = Decision::change(Change::NodeUpserted(Box::new(new)));
    if !evals.is_empty() {
        decision.changes.push(Change::EvalsUpserted(evals));
    }
    decision
}

/// Whether jobs have to be looked at anew because of what a node is now. More processor, memory or
/// disk does not count: whoever waits for room is called anyway (spec: scheduling 16.4).
fn is_another_machine(old: &Node, new: &Node) -> bool {
    (&old.datacenter, &old.name, &old.node_class) != (&new.datacenter, &new.name, &new.node_class)
        || old.attributes != new.attributes
        || old.meta != new.meta
        || old.drivers != new.drivers
        || old.host_volumes != new.host_volumes
        || old.resources.devices != new.resources.devices
}

pub(super) fn status(
    store: &Store,
    context: &mut Context<'_>,
    id: NodeId,
    status: NodeStatus,
) -> Result<Decision, Refusal> {
    let stored = found(store, id)?;
    Ok(Decision {
        changes: node::set_status(store, context, &stored, status),
        ..Decision::default()
    })
}

pub(super) fn eligibility(
    store: &Store,
    context: &mut Context<'_>,
    id: NodeId,
    eligible: bool,
) -> Result<Decision, Refusal> {
    let stored = found(store, id)?;
    if eligible && stored.drain.is_some() {
        let text = "can not set node's scheduling eligibility to eligible while it is draining";
        return Err(Refusal(text.to_owned()));
    }
    let wanted = if eligible {
        NodeEligibility::Eligible
    } else {
        NodeEligibility::Ineligible
    };
    if stored.eligibility == wanted {
        return Ok(Decision::default());
    }
    let message = if eligible {
        "Node marked as eligible for scheduling"
    } else {
        "Node marked as ineligible for scheduling"
    };
    let mut decision = Decision::change(Change::NodeEligibilitySet {
        node_id: id,
        eligibility: wanted,
        event: Some(event(context.at, "Cluster", message)),
    });
    if eligible {
        let evals = node::evaluations_for(store, context, &stored);
        if !evals.is_empty() {
            decision.eval_id = evals.first().map(|eval| eval.id);
            decision.changes.push(Change::EvalsUpserted(evals));
        }
    }
    Ok(decision)
}

pub(super) fn drain(
    store: &Store,
    context: &mut Context<'_>,
    id: NodeId,
    request: Option<DrainRequest>,
    mark_eligible: bool,
    message: Option<Name>,
) -> Result<Decision, Refusal> {
    let stored = found(store, id)?;
    let Some(request) = request else {
        return Ok(stop_drain(store, context, &stored, mark_eligible, message));
    };
    let is_timed = request.deadline > Duration::ZERO;
    let strategy = DrainStrategy {
        force_deadline: is_timed.then(|| context.at + request.deadline),
        force: request.deadline < Duration::ZERO,
        ignore_system_jobs: request.ignore_system_jobs,
        started_at: stored
            .drain
            .as_ref()
            .map_or(context.at, |drain| drain.started_at),
    };
    let last_drain = LastDrain {
        status: DrainStatus::Draining,
        started_at: strategy.started_at,
        updated_at: context.at,
        message: message.unwrap_or_default(),
    };
    let message = if stored.drain.is_some() {
        "Node drain strategy updated"
    } else {
        "Node drain strategy set"
    };
    Ok(Decision::change(Change::NodeDrainSet {
        node_id: id,
        drain: Some(strategy),
        last_drain: Some(last_drain),
        eligibility: NodeEligibility::Ineligible,
        event: Some(event(context.at, "Drain", message)),
    }))
}

fn stop_drain(
    store: &Store,
    context: &mut Context<'_>,
    stored: &Node,
    mark_eligible: bool,
    message: Option<Name>,
) -> Decision {
    if stored.drain.is_none() && !mark_eligible {
        return Decision::default();
    }
    let eligibility = if mark_eligible {
        NodeEligibility::Eligible
    } else {
        stored.eligibility
    };
    // Ending what is not under way leaves the memory of the drain before as it is.
    let last = stored.last_drain.clone().filter(|_| stored.drain.is_some());
    let last_drain = last.map(|last| LastDrain {
        status: DrainStatus::Canceled,
        updated_at: context.at,
        message: message.unwrap_or_else(|| last.message.clone()),
        ..last
    });
    let mut decision = Decision::change(Change::NodeDrainSet {
        node_id: stored.id,
        drain: None,
        last_drain,
        eligibility,
        event: Some(event(context.at, "Drain", "Node drain disabled")),
    });
    if mark_eligible && stored.eligibility == NodeEligibility::Ineligible {
        let evals = node::evaluations_for(store, context, stored);
        if !evals.is_empty() {
            decision.changes.push(Change::EvalsUpserted(evals));
        }
    }
    decision
}

//! Rules about nodes.

use std::collections::BTreeSet;

use yurt_model::{NodeEligibility, NodeStatus};
use yurt_scheduler::node_fit;
use yurt_state::Store;

use super::{Check, Rule, Seen};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "a node holds no more than it has",
        because: "Plan apply checks every placement against what the node has left.",
        check: Check::Always(nothing_is_over),
    },
    Rule {
        name: "no two live allocations of a node share a port of one address",
        because: "A process cannot listen where another one does.",
        check: Check::Always(ports_are_not_shared),
    },
    Rule {
        name: "no two live allocations of a node share a core",
        because: "Reserved cores belong to one task.",
        check: Check::Always(cores_are_not_shared),
    },
    Rule {
        name: "a draining node takes no new allocations",
        because: "Starting a drain makes the node ineligible in the same write.",
        check: Check::Always(draining_is_ineligible),
    },
    Rule {
        name: "a node keeps at most ten events",
        because: "The oldest event goes when an eleventh comes.",
        check: Check::Always(events_are_few),
    },
    Rule {
        name: "nothing runs on a node that is down",
        because: "Its evaluation stops, replaces or loses what was there.",
        check: Check::Settled(down_is_empty),
    },
    Rule {
        name: "a node's history only grows",
        because: "The write that changes a node raises its modify index.",
        check: Check::Step(indexes_rise),
    },
];

fn nothing_is_over(store: &Store, seen: &mut Seen<'_>) {
    for node in store.nodes() {
        let live = store
            .allocs_of_node(node.id)
            .filter(|alloc| !alloc.is_terminal());
        if let Err(dimension) = node_fit(node, live.map(|alloc| &**alloc)) {
            seen.note(format!("{} is over its {dimension}", node.name));
        }
    }
}

fn ports_are_not_shared(store: &Store, seen: &mut Seen<'_>) {
    for node in store.nodes() {
        let mut taken = BTreeSet::new();
        for alloc in store.allocs_of_node(node.id) {
            if alloc.is_terminal() {
                continue;
            }
            for port in &alloc.resources.ports {
                if !taken.insert((&port.host_ip, port.value)) {
                    let seen_at = format!("{}:{} on {}", port.host_ip, port.value, node.name);
                    seen.note(seen_at);
                }
            }
        }
    }
}

fn cores_are_not_shared(store: &Store, seen: &mut Seen<'_>) {
    for node in store.nodes() {
        let live = store
            .allocs_of_node(node.id)
            .filter(|alloc| !alloc.is_terminal());
        let mut taken = BTreeSet::new();
        for core in live
            .flat_map(|alloc| &alloc.resources.tasks)
            .flat_map(|task| &task.cores)
        {
            if !taken.insert(*core) {
                seen.note(format!("core {core} of {}", node.name));
            }
        }
    }
}

fn draining_is_ineligible(store: &Store, seen: &mut Seen<'_>) {
    for node in store.nodes() {
        if node.drain.is_some() && node.eligibility == NodeEligibility::Eligible {
            seen.note(format!("{} drains and is eligible", node.name));
        }
    }
}

fn events_are_few(store: &Store, seen: &mut Seen<'_>) {
    for node in store.nodes() {
        if node.events.len() > 10 {
            seen.note(format!("{} has {}", node.name, node.events.len()));
        }
    }
}

fn down_is_empty(store: &Store, seen: &mut Seen<'_>) {
    for node in store.nodes() {
        if node.status != NodeStatus::Down {
            continue;
        }
        for alloc in store.allocs_of_node(node.id) {
            if !alloc.is_terminal() {
                let status = alloc.client_status;
                seen.note(format!("{} is {status} on {}", alloc.id.short(), node.name));
            }
        }
    }
}

fn indexes_rise(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    for node in after.nodes() {
        let old = before.node(node.id);
        if old.is_some_and(|old| old.modify_index > node.modify_index) {
            seen.note(format!("{} went back", node.name));
        }
    }
}

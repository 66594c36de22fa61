//! Rules about nodes.

use std::collections::BTreeSet;

use yurt_model::{AllocClientStatus, Allocation, Node, NodeDevice, NodeEligibility, NodeStatus};
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
        name: "no two live allocations of a node share a device",
        because: "An instance that is in use is not free (spec: scheduling 8.4).",
        check: Check::Always(devices_are_not_shared),
    },
    Rule {
        name: "an allocation gets what its node has",
        because: "Dynamic ports come from the node's range, the others were asked for; cores and \
                  devices are the node's own (spec: scheduling 8.3, 8.4).",
        check: Check::Step(gets_what_is_there),
    },
    Rule {
        name: "an unknown allocation waits for its node",
        because: "It became unknown because its node was silent, and what a node that is back has \
                  to say is heard before it is ready (spec: scheduling 13.4, 16.2).",
        check: Check::Always(unknown_waits),
    },
    Rule {
        name: "nodes that take allocations are listed",
        because: "The list is kept with every write of a node.",
        check: Check::Always(ready_are_listed),
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

/// Allocations of a node that neither servers nor their client have ended.
fn live<'a>(store: &'a Store, node: &Node) -> impl Iterator<Item = &'a Allocation> + use<'a> {
    let allocs = store.allocs_of_node(node.id).map(|alloc| &**alloc);
    allocs.filter(|alloc| !alloc.is_terminal())
}

fn nothing_is_over(store: &Store, seen: &mut Seen<'_>) {
    for node in store.nodes() {
        if let Err(dimension) = node_fit(node, live(store, node)) {
            seen.note(format!("{} is over its {dimension}", node.name));
        }
    }
}

fn ports_are_not_shared(store: &Store, seen: &mut Seen<'_>) {
    for node in store.nodes() {
        let mut taken = BTreeSet::new();
        for port in live(store, node).flat_map(|alloc| &alloc.resources.ports) {
            if !taken.insert((&port.host_ip, port.value)) {
                seen.note(format!("{}:{} on {}", port.host_ip, port.value, node.name));
            }
        }
    }
}

fn cores_are_not_shared(store: &Store, seen: &mut Seen<'_>) {
    for node in store.nodes() {
        let mut taken = BTreeSet::new();
        let tasks = live(store, node).flat_map(|alloc| &alloc.resources.tasks);
        for core in tasks.flat_map(|task| &task.cores) {
            if !taken.insert(*core) {
                seen.note(format!("core {core} of {}", node.name));
            }
        }
    }
}

fn devices_are_not_shared(store: &Store, seen: &mut Seen<'_>) {
    for node in store.nodes() {
        let mut taken = BTreeSet::new();
        let tasks = live(store, node).flat_map(|alloc| &alloc.resources.tasks);
        for (kind, instance) in tasks.flat_map(|task| &task.devices) {
            if !taken.insert((kind, instance)) {
                seen.note(format!("{kind} {instance} of {}", node.name));
            }
        }
    }
}

/// Allocations that a step has made.
fn gets_what_is_there(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    for alloc in after.allocs() {
        let is_new = alloc.create_index > before.index();
        let node = after.node(alloc.node_id).filter(|_| is_new);
        if let Some(what) = node.and_then(|node| not_there(node, alloc)) {
            let (id, name) = (alloc.id.short(), alloc.name());
            seen.note(format!("{id} {name} has {what} of {}", alloc.node_name));
        }
    }
}

fn not_there(node: &Node, alloc: &Allocation) -> Option<String> {
    let group = alloc.task_group()?;
    let has = &node.resources;
    let or = |given: i64, usual: i64| if given == 0 { usual } else { given };
    let dynamic = or(has.min_dynamic_port, 20_000)..=or(has.max_dynamic_port, 32_000);
    let of_tasks = group.tasks.iter().flat_map(|task| &task.resources.networks);
    let networks: Vec<_> = group.networks.iter().chain(of_tasks).collect();
    for port in &alloc.resources.ports {
        let mut asked = networks.iter().flat_map(|network| &network.reserved_ports);
        let is_asked = asked.any(|ask| ask.label == port.label && ask.value == port.value);
        let is_right = match port.is_static {
            true => is_asked,
            false => dynamic.contains(&port.value),
        };
        if !is_right {
            return Some(format!("the port {} {}", port.label, port.value));
        }
    }
    for task in &alloc.resources.tasks {
        let is_kept = |core: &&u16| **core >= has.total_cores || node.reserved.cores.contains(core);
        if let Some(core) = task.cores.iter().find(is_kept) {
            return Some(format!("the core {core}"));
        }
        for (kind, instance) in &task.devices {
            let mut devices = has.devices.iter().filter(|device| {
                **kind == *format!("{}/{}/{}", device.vendor, device.kind, device.name)
            });
            let works = |device: &NodeDevice| {
                let mut instances = device.instances.iter();
                instances.any(|one| one.id == *instance && one.healthy)
            };
            if !devices.any(works) {
                return Some(format!("the device {kind} {instance}"));
            }
        }
    }
    None
}

fn unknown_waits(store: &Store, seen: &mut Seen<'_>) {
    for node in store.nodes() {
        if node.status != NodeStatus::Ready || node.owes_alloc_update {
            continue;
        }
        for alloc in store.allocs_of_node(node.id) {
            if alloc.client_status == AllocClientStatus::Unknown && !alloc.is_server_terminal() {
                seen.note(format!("{} on {}", alloc.id.short(), node.name));
            }
        }
    }
}

fn ready_are_listed(store: &Store, seen: &mut Seen<'_>) {
    let ready = store.nodes().filter(|node| node.is_ready()).count();
    let lists = store.ready_nodes().lists();
    let listed: usize = lists.map(|(_, _, rows)| rows.len()).sum();
    if ready != listed {
        seen.note(format!("{listed} are listed and {ready} are ready"));
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

//! Who goes when devices are short (spec: scheduling 11.5).

use std::collections::BTreeSet;
use std::rc::Rc;

use yurt_model::job::DeviceRequest;
use yurt_model::{Allocation, Gather, InOrder, Name, Node, NodeDevice, TaskGroup};

use super::Candidate;
use crate::feasible::device;

/// An allocation and how many instances it would free.
type User<'c, 'a> = (&'c Candidate<'a>, usize);

/// The cheapest holders whose instances serve the first request of the group that they can help;
/// empty when there are none.
pub(super) fn victims<'a>(
    node: &Node,
    group: &TaskGroup,
    all: &[Candidate<'a>],
) -> Vec<&'a Rc<Allocation>> {
    let requests = group.tasks.iter().flat_map(|task| &task.resources.devices);
    for request in requests {
        let mut best: Option<(i64, Vec<&'a Rc<Allocation>>)> = None;
        for device in &node.resources.devices {
            if !device::matches(device, request) {
                continue;
            }
            let Some(option) = option(device, request, all) else {
                continue;
            };
            let cost = cost(&option);
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, option.iter().map(|(one, _)| one.alloc).collect()));
            }
        }
        if let Some((_, victims)) = best {
            return victims;
        }
    }
    Vec::new()
}

/// The sum of the priorities, each counted once.
fn cost(option: &[User<'_, '_>]) -> i64 {
    let priorities: BTreeSet<i64> = option.iter().map(|(one, _)| one.priority).gather();
    priorities.iter().sum()
}

/// Users of one device that free enough of it: found from the lowest priority up, then those that
/// hold most first. `None` when they are too few, or when nobody has to go.
fn option<'c, 'a>(
    device: &NodeDevice,
    request: &DeviceRequest,
    all: &'c [Candidate<'a>],
) -> Option<Vec<User<'c, 'a>>> {
    let name = device::full_name(device);
    let needed = usize::try_from(request.count).unwrap_or(usize::MAX);
    let healthy = device.instances.iter().filter(|one| one.healthy).count();
    let in_use: usize = all.iter().map(|one| held(one, &name)).sum();
    let free = healthy.saturating_sub(in_use);
    let mut users: Vec<User<'c, 'a>> = Vec::new();
    let mut freed = 0;
    let evictable = all.iter().filter(|one| one.is_evictable);
    for one in evictable {
        if freed + free >= needed {
            break;
        }
        let instances = held(one, &name);
        if instances > 0 {
            users.push((one, instances));
            freed += instances;
        }
    }
    if users.is_empty() || freed + free < needed {
        return None;
    }
    users.put_in_order_by_key(|(_, instances)| std::cmp::Reverse(*instances));
    let mut kept = Vec::new();
    let mut freed = 0;
    for user in users {
        freed += user.1;
        kept.push(user);
        if freed >= needed {
            break;
        }
    }
    Some(kept)
}

/// How many instances of a device an allocation holds.
fn held(one: &Candidate<'_>, device: &Name) -> usize {
    let tasks = one.resources().tasks.iter();
    tasks
        .flat_map(|task| &task.devices)
        .filter(|(name, _)| name == device)
        .count()
}

//! What a group asks of a node (spec: scheduling 8.1).

use std::rc::Rc;

use yurt_model::job::{LifecycleHook, Task};
use yurt_model::{AllocatedResources, AllocatedTask, Node, TaskGroup};

use crate::fit::Sum;

/// A group's needs, computed once for each version of it.
#[derive(Clone, Debug)]
pub(crate) struct GroupNeeds {
    /// What every placement gets when nothing depends on the node; shared between placements.
    pub base: Rc<AllocatedResources>,
    /// Its network asks for ports, or a task has a network of its own.
    pub has_ports: bool,
    /// Some task reserves cores.
    pub has_cores: bool,
    /// Some task asks for devices.
    pub has_devices: bool,
}

impl GroupNeeds {
    /// The needs of a group. `oversubscription`: whether `memory_max` is recorded.
    pub(crate) fn new(group: &TaskGroup, oversubscription: bool) -> Self {
        let tasks = group
            .tasks
            .iter()
            .map(|task| AllocatedTask {
                name: task.name.clone(),
                cpu_mhz: if task.resources.cores > 0 {
                    0
                } else {
                    task.resources.cpu_mhz
                },
                cores: Vec::new(),
                memory_mb: memory_of(task),
                memory_max_mb: match task.resources.memory_max_mb {
                    _ if !oversubscription => 0,
                    max if max > 0 => max + task.resources.secrets_mb,
                    max => max,
                },
                devices: Vec::new(),
            })
            .collect();
        let (cpu_mhz, memory_mb) = merged(group);
        let mut asked = group.tasks.iter().map(|task| &task.resources.networks);
        let has_task_networks = asked.any(|networks| !networks.is_empty());
        Self {
            base: Rc::new(AllocatedResources {
                cpu_mhz,
                memory_mb,
                disk_mb: group.ephemeral_disk.size_mb,
                tasks,
                ports: Vec::new(),
                bandwidth: Vec::new(),
            }),
            has_ports: has_task_networks
                || group.networks.first().is_some_and(|network| {
                    !network.reserved_ports.is_empty() || !network.dynamic_ports.is_empty()
                }),
            has_cores: group.tasks.iter().any(|task| task.resources.cores > 0),
            has_devices: group
                .tasks
                .iter()
                .any(|task| !task.resources.devices.is_empty()),
        }
    }
}

impl GroupNeeds {
    /// Nothing but room is asked for.
    pub(crate) fn is_plain(&self) -> bool {
        !(self.has_ports || self.has_cores || self.has_devices)
    }

    /// Processor, memory and disk that the group takes of a node; reserved cores count whole.
    pub(crate) fn asked_of(&self, node: &Node, group: &TaskGroup) -> Sum {
        let mut sum = Sum::of(&self.base);
        let total = i64::from(node.resources.total_cores);
        if self.has_cores && total > 0 {
            let cores: i64 = group.tasks.iter().map(|task| task.resources.cores).sum();
            sum.cpu_mhz += node.resources.cpu_mhz / total * cores;
        }
        sum
    }
}

fn memory_of(task: &Task) -> i64 {
    task.resources.memory_mb + task.resources.secrets_mb
}

/// Processor and memory with lifecycle tasks merged: tasks that never run at the same time share.
/// Tasks that reserve cores add no processor here.
pub(crate) fn merged(group: &TaskGroup) -> (i64, i64) {
    let mut sums = [(0_i64, 0_i64); 3]; // before, during, after
    for task in &group.tasks {
        let cpu_mhz = if task.resources.cores > 0 {
            0
        } else {
            task.resources.cpu_mhz
        };
        let mut add = |phase: usize| {
            sums[phase].0 += cpu_mhz;
            sums[phase].1 += memory_of(task);
        };
        match task
            .lifecycle
            .as_ref()
            .map(|lifecycle| (lifecycle.hook, lifecycle.sidecar))
        {
            Some((LifecycleHook::Prestart, is_sidecar)) => {
                add(0);
                if is_sidecar {
                    add(1);
                }
            }
            Some((LifecycleHook::Poststop, _)) => add(2),
            Some((LifecycleHook::Poststart, _)) | None => add(1),
        }
    }
    let most = |part: fn(&(i64, i64)) -> i64| sums.iter().map(part).max().unwrap_or(0);
    (most(|sum| sum.0), most(|sum| sum.1))
}

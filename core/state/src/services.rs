//! Services that run under Nomad's own provider: which allocation offers what at which address.
//!
//! A registration lasts as long as what offers it runs: from the start of its task (of the
//! allocation, for a service of the group) until servers tell it to stop, or its node falls silent.
//! It is therefore read from the allocations and never stored; only what a person deregisters by
//! hand is.

use std::collections::BTreeSet;
use std::rc::Rc;

use yurt_model::job::{Service, TaskGroup};
use yurt_model::{
    AllocClientStatus, AllocId, AllocatedPort, Allocation, JobId, Name, Namespace, Node, NodeId,
    TaskPhase, TaskState,
};

use crate::Store;

/// The provider whose services the servers keep.
const PROVIDER: &str = "nomad";

/// One service of one allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRegistration {
    /// Its id: allocation, owner, name and port label.
    pub id: Name,
    /// The name of the service.
    pub name: Name,
    /// The namespace of the job.
    pub namespace: Namespace,
    /// The job.
    pub job_id: JobId,
    /// The allocation.
    pub alloc_id: AllocId,
    /// The node that it runs on.
    pub node_id: NodeId,
    /// The datacenter of the node.
    pub datacenter: Name,
    /// The address.
    pub address: Name,
    /// The port; 0 when the service has none.
    pub port: i64,
    /// The tags, in the order of the job file; those for canaries while it is one.
    pub tags: Vec<Name>,
}

impl Store {
    /// All registrations, by allocation and in the order of the job file.
    pub fn service_registrations(&self) -> impl Iterator<Item = ServiceRegistration> {
        self.allocs()
            .flat_map(|alloc| self.services_of_alloc(alloc))
    }

    /// The services that people have deregistered by hand, by allocation.
    pub fn deregistered_services(&self) -> impl Iterator<Item = (AllocId, &Name)> {
        let all = self.deregistered.iter();
        all.flat_map(|(alloc, ids)| ids.iter().map(|id| (*alloc, id)))
    }

    /// What an allocation offers at the moment.
    pub fn services_of_alloc(&self, alloc: &Allocation) -> Vec<ServiceRegistration> {
        let offers =
            alloc.client_status == AllocClientStatus::Running && !alloc.is_server_terminal();
        let (Some(group), Some(node)) = (alloc.task_group(), self.node(alloc.node_id)) else {
            return Vec::new();
        };
        if !offers {
            return Vec::new();
        }
        let hidden = self.deregistered.get(&alloc.id);
        declared(alloc, group)
            .filter(|(_, service)| &*service.provider == PROVIDER)
            .map(|(owner, service)| registration(alloc, node, owner, service))
            .filter(|one| hidden.is_none_or(|hidden| !hidden.contains(&one.id)))
            .collect()
    }

    /// A person has taken a registration away.
    pub(crate) fn deregister_service(&mut self, alloc: AllocId, id: Name) {
        let old = self.deregistered.get(&alloc);
        let mut ids: BTreeSet<Name> = old.map(|ids| (**ids).clone()).unwrap_or_default();
        ids.insert(id);
        self.deregistered.insert(alloc, Rc::new(ids));
    }
}

/// The services of a group, then those of its tasks that run, each with the task it belongs to.
fn declared<'a>(
    alloc: &'a Allocation,
    group: &'a TaskGroup,
) -> impl Iterator<Item = (Option<&'a str>, &'a Service)> {
    let running = move |name: &str| {
        let state = alloc.task_state(name);
        state.is_some_and(|state| state.phase == TaskPhase::Running && !is_about_to_stop(state))
    };
    let of_tasks = group
        .tasks
        .iter()
        .filter(move |task| running(&task.name))
        .flat_map(|task| {
            task.services
                .iter()
                .map(|service| (Some(&*task.name), service))
        });
    group
        .services
        .iter()
        .map(|service| (None, service))
        .chain(of_tasks)
}

/// Whether the last that is known of a running task is that it will be told to stop: its services
/// go before the shutdown delay begins.
fn is_about_to_stop(state: &TaskState) -> bool {
    let kinds = [
        "Killing",
        "Restart Signaled",
        "Waiting for shutdown delay",
        "Skipping shutdown delay",
    ];
    let last = state.events.last();
    last.is_some_and(|event| kinds.contains(&event.kind()))
}

fn registration(
    alloc: &Allocation,
    node: &Node,
    owner: Option<&str>,
    service: &Service,
) -> ServiceRegistration {
    let text = |text: &str| Name::from(interpolated(alloc, node, owner, text));
    let name = text(&service.name);
    let owner = match owner {
        Some(task) => task.to_owned(),
        None => format!("group-{}", alloc.group),
    };
    let (address, port) = endpoint(alloc, node, &service.port_label);
    let tags = match service.canary_tags.as_slice() {
        tags @ [_, ..] if alloc.is_canary() => tags,
        _ => service.tags.as_slice(),
    };
    ServiceRegistration {
        id: format!(
            "_nomad-task-{}-{owner}-{name}-{}",
            alloc.id, service.port_label
        )
        .into(),
        name,
        namespace: alloc.namespace.clone(),
        job_id: alloc.job_id.clone(),
        alloc_id: alloc.id,
        node_id: alloc.node_id,
        datacenter: node.datacenter.clone(),
        address,
        port,
        tags: tags.iter().map(|tag| text(tag)).collect(),
    }
}

/// The address and port of a label; a label that is a number is the port itself, on the node.
fn endpoint(alloc: &Allocation, node: &Node, label: &str) -> (Name, i64) {
    let found = alloc
        .resources
        .ports
        .iter()
        .find(|port| &*port.label == label);
    if let Some(AllocatedPort { host_ip, value, .. }) = found {
        return (host_ip.clone(), *value);
    }
    let network = node.resources.networks.first();
    let ip = network.map_or_else(|| Name::from(""), |network| network.ip.clone());
    (ip, label.parse().unwrap_or(0))
}

/// A text with what the client knows put in: the allocation's environment, the node, and meta.
fn interpolated(alloc: &Allocation, node: &Node, task: Option<&str>, text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let Some((key, tail)) = after.split_once('}') else {
            out.push_str("${");
            rest = after;
            continue;
        };
        match value_of(alloc, node, task, key) {
            Some(value) => out.push_str(&value),
            None => out.push_str(&format!("${{{key}}}")),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn value_of(alloc: &Allocation, node: &Node, task: Option<&str>, key: &str) -> Option<String> {
    let key = key.strip_prefix("env.").unwrap_or(key);
    let spec = &alloc.job.spec;
    Some(match key {
        "NOMAD_ALLOC_ID" => alloc.id.to_string(),
        "NOMAD_SHORT_ALLOC_ID" => alloc.id.short(),
        "NOMAD_ALLOC_INDEX" => alloc.name_index.to_string(),
        "NOMAD_ALLOC_NAME" => alloc.name(),
        "NOMAD_TASK_NAME" => task?.to_owned(),
        "NOMAD_GROUP_NAME" => alloc.group.to_string(),
        "NOMAD_JOB_ID" => spec.id.to_string(),
        "NOMAD_JOB_NAME" => spec.name.to_string(),
        "NOMAD_NAMESPACE" => spec.namespace.to_string(),
        "NOMAD_REGION" => spec.region.to_string(),
        "NOMAD_DC" | "node.datacenter" => node.datacenter.to_string(),
        "node.unique.id" => node.id.to_string(),
        "node.unique.name" => node.name.to_string(),
        "node.class" => node.node_class.to_string(),
        "node.pool" => node.node_pool.to_string(),
        _ => return value_of_map(alloc, node, task, key),
    })
}

fn value_of_map(alloc: &Allocation, node: &Node, task: Option<&str>, key: &str) -> Option<String> {
    if let Some(name) = key.strip_prefix("attr.") {
        return node.attributes.get(name).map(ToString::to_string);
    }
    if let Some(name) = key.strip_prefix("meta.") {
        return node.meta.get(name).map(ToString::to_string);
    }
    if let Some(label) = key.strip_prefix("NOMAD_PORT_") {
        let mut ports = alloc.resources.ports.iter();
        let port = ports.find(|port| &*port.label == label)?;
        return Some((if port.to > 0 { port.to } else { port.value }).to_string());
    }
    let name = key.strip_prefix("NOMAD_META_")?;
    let group = alloc.task_group()?;
    let task = task.and_then(|name| group.task(name));
    let of_task = task.map_or(&[][..], |task| &task.meta);
    let mut meta = of_task
        .iter()
        .chain(&group.meta)
        .chain(&alloc.job.spec.meta);
    meta.find(|(key, _)| &**key == name)
        .map(|(_, value)| value.to_string())
}

//! What has a value only where a task runs (spec: jobspec 10): node facts and the task's
//! environment.

/// One reference, and a sentence about it. `<...>` in a name is for a name of one's own.
pub(super) struct Reference {
    pub name: &'static str,
    pub doc: &'static str,
}

const fn of(name: &'static str, doc: &'static str) -> Reference {
    Reference { name, doc }
}

/// Facts of the node: for constraints, affinities and spreads as well as for tasks.
pub(super) const NODE: &[Reference] = &[
    of("node.datacenter", "Datacenter of the node."),
    of("node.class", "Class of the node."),
    of("node.pool", "Pool that the node belongs to."),
    of("node.region", "Region of the node."),
    of("node.unique.id", "Identifier of the node."),
    of("node.unique.name", "Name of the node."),
    of(
        "attr.cpu.arch",
        "Architecture of its processors, such as `amd64`.",
    ),
    of("attr.cpu.numcores", "How many processor cores it has."),
    of(
        "attr.cpu.totalcompute",
        "All of its processors' speed, in MHz.",
    ),
    of("attr.cpu.modelname", "Model of its processors."),
    of("attr.memory.totalbytes", "All of its memory, in bytes."),
    of("attr.kernel.name", "Its kernel, such as `linux`."),
    of("attr.kernel.version", "Version of its kernel."),
    of("attr.os.name", "Its operating system."),
    of("attr.os.version", "Version of its operating system."),
    of("attr.driver.docker", "1 when it can run `docker` tasks."),
    of("attr.driver.docker.version", "Version of its Docker."),
    of("attr.nomad.version", "Version of its client."),
    of("attr.consul.version", "Version of its Consul agent."),
    of("attr.vault.version", "Version of its Vault server."),
    of("attr.unique.hostname", "Its host name."),
    of("attr.unique.network.ip-address", "Its address."),
    of(
        "meta.<key>",
        "What the node's configuration says under this key.",
    ),
];

/// Facts of a device: for constraints and affinities inside `device`.
pub(super) const DEVICE: &[Reference] = &[
    of("device.vendor", "Vendor of the device."),
    of("device.type", "Type of the device, such as `gpu`."),
    of("device.model", "Model of the device."),
    of("device.ids", "Identifiers of the group's devices."),
    of("device.attr.<name>", "An attribute of the device."),
];

/// The environment of a task.
pub(super) const TASK: &[Reference] = &[
    of("NOMAD_ALLOC_ID", "Identifier of the allocation."),
    of(
        "NOMAD_SHORT_ALLOC_ID",
        "First 8 characters of that identifier.",
    ),
    of(
        "NOMAD_ALLOC_NAME",
        "Name of the allocation: `job.group[index]`.",
    ),
    of("NOMAD_ALLOC_INDEX", "Its number within the group, from 0."),
    of(
        "NOMAD_ALLOC_DIR",
        "Folder that the tasks of the group share.",
    ),
    of("NOMAD_TASK_DIR", "Folder of the task: `local`."),
    of("NOMAD_SECRETS_DIR", "Folder for secrets of the task."),
    of("NOMAD_TASK_NAME", "Name of the task."),
    of("NOMAD_GROUP_NAME", "Name of the group."),
    of("NOMAD_JOB_ID", "Identifier of the job."),
    of("NOMAD_JOB_NAME", "Name of the job."),
    of(
        "NOMAD_JOB_PARENT_ID",
        "Identifier of the job that this one was dispatched from.",
    ),
    of("NOMAD_NAMESPACE", "Namespace of the job."),
    of("NOMAD_REGION", "Region in which the task runs."),
    of("NOMAD_DC", "Datacenter in which the task runs."),
    of("NOMAD_CPU_LIMIT", "Its share of the processors, in MHz."),
    of("NOMAD_CPU_CORES", "The cores that are reserved for it."),
    of("NOMAD_MEMORY_LIMIT", "Its memory, in MB."),
    of(
        "NOMAD_MEMORY_MAX_LIMIT",
        "The most memory it may take, in MB.",
    ),
    of(
        "NOMAD_PORT_<label>",
        "Port of this label, as the task sees it.",
    ),
    of("NOMAD_IP_<label>", "Address for the port of this label."),
    of(
        "NOMAD_ADDR_<label>",
        "Address and port for the port of this label.",
    ),
    of("NOMAD_HOST_PORT_<label>", "Port of this label on the node."),
    of(
        "NOMAD_HOST_IP_<label>",
        "Address of the node for the port of this label.",
    ),
    of(
        "NOMAD_HOST_ADDR_<label>",
        "Address and port on the node for this label.",
    ),
    of(
        "NOMAD_META_<key>",
        "What `meta` of the task, group or job says under this key.",
    ),
    of(
        "env[\"<name>\"]",
        "A variable of the client's own environment.",
    ),
];

/// Parts of the names of services.
pub(super) const SERVICE_NAME: &[Reference] = &[
    of("JOB", "Name of the job."),
    of("TASKGROUP", "Name of the group."),
    of("TASK", "Name of the task."),
    of("BASE", "Job, group and task, joined by hyphens."),
];

/// All of them.
pub(super) fn all() -> impl Iterator<Item = &'static Reference> {
    [NODE, DEVICE, TASK, SERVICE_NAME].into_iter().flatten()
}

/// The reference that a name stands for: itself, or the one with `<...>` where the name has its
/// own.
pub(super) fn find(name: &str) -> Option<&'static Reference> {
    all().find(|reference| reference.name == name).or_else(|| {
        all().find(|reference| {
            let (before, after) = around_own_name(reference.name);
            let own = name
                .strip_prefix(before)
                .and_then(|rest| rest.strip_suffix(after));
            before != reference.name && own.is_some_and(|own| !own.is_empty())
        })
    })
}

/// What stands before and behind the `<...>` of a name.
pub(super) fn around_own_name(name: &str) -> (&str, &str) {
    let Some((before, rest)) = name.split_once('<') else {
        return (name, "");
    };
    (before, rest.split_once('>').map_or("", |(_, after)| after))
}

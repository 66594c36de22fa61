//! Nodes of a world: what a block says of them, and what follows where it is silent.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use yurt_engine::{ClusterConfig, NODES_MAX};
use yurt_jobspec::syntax::tree::Block;
use yurt_model::{
    DriverInfo, HostVolume, Name, Node, NodeDevice, NodeDeviceInstance, NodeEligibility, NodeId,
    NodeNetwork, Rng, UuidMaker, parse_ports,
};

use super::reader::{Reader, TextsByName, Values};
use super::shape;

/// The nodes so far.
#[derive(Default)]
pub(super) struct Nodes {
    pub(super) list: Vec<Node>,
    names: BTreeSet<Name>,
}

/// Adds the nodes of one `node` block.
pub(super) fn read(reader: &mut Reader<'_>, block: &Block, seed: u64, nodes: &mut Nodes) {
    let values = reader.fields(&block.body, &shape::NODE);
    let label = reader.label(block);
    let count = values.whole("count");
    let wanted = usize::try_from(count.unwrap_or(1)).unwrap_or(NODES_MAX);
    let total = nodes.list.len() + wanted;
    if total > NODES_MAX {
        let detail = format!("A world may have at most {NODES_MAX} nodes; here are {total}.");
        return reader.error(block.header_range(), "Too many nodes", detail);
    }
    if is_empty_range(&values) {
        let detail = "The first dynamic port comes before the last.";
        return reader.wrong(&values, "min_dynamic_port", detail);
    }
    check_names(reader, block, &values);
    let template = template(reader, block, &values);
    let (cpu_mhz, memory_mb, disk_mb) = template.available();
    if cpu_mhz.min(memory_mb).min(disk_mb) < 0 {
        let detail = "A node cannot keep more from jobs than it has.";
        return reader.error(
            block.header_range(),
            "More is reserved than is there",
            detail,
        );
    }
    let [meta, attributes] =
        ["meta", "attributes"].map(|name| values.map(name).unwrap_or_default());
    for place in 0..wanted {
        let name = match count {
            Some(_) => format!("{label}-{}", place + 1).into(),
            None => label.clone(),
        };
        if !nodes.names.insert(name.clone()) {
            let detail = format!("There is a node \"{name}\" already.");
            return reader.error(block.header_range(), "Names of nodes are unique", detail);
        }
        let mut node = template.clone();
        put(&mut node.attributes, &attributes, place);
        put(&mut node.meta, &meta, place);
        nodes.list.push(named(node, name, seed, nodes.list.len()));
    }
}

/// Names that no node of the reference could have, and that no job could mean.
fn check_names(reader: &mut Reader<'_>, block: &Block, values: &Values) {
    if !block.labels.is_empty() && reader.label(block).is_empty() {
        let detail = "A node has a name: node \"web\" {.";
        reader.error(block.header_range(), "Unsuitable label", detail);
    }
    let is_bad = |name: &Name| name.is_empty() || name.contains('*');
    if values.text("datacenter").as_ref().is_some_and(is_bad) {
        let detail = "A name without * is wanted: jobs have patterns, nodes have names.";
        reader.wrong(values, "datacenter", detail);
    }
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    let is_pool = |name: &Name| (1..=128).contains(&name.len()) && name.chars().all(is_letter);
    if let Some(pool) = values.text("node_pool") {
        if !is_pool(&pool) {
            let detail = "Letters, digits, - and _ are wanted, 128 at most.";
            reader.wrong(values, "node_pool", detail);
        } else if &*pool == "all" {
            let detail = "The pool \"all\" is that of every node; a node has one of its own.";
            reader.wrong(values, "node_pool", detail);
        }
    }
}

/// The field says ports as the scheduler will read them.
fn check_ports(reader: &mut Reader<'_>, values: &Values, name: &str) {
    let said = values.text(name).unwrap_or_default();
    if let Err(trouble) = parse_ports(&said) {
        let detail = format!("A list such as \"22,8500-8600\" is wanted: {trouble}.");
        reader.wrong(values, name, &detail);
    }
}

fn is_empty_range(values: &Values) -> bool {
    let first = values.whole("min_dynamic_port");
    let last = values.whole("max_dynamic_port");
    first.zip(last).is_some_and(|(first, last)| first > last)
}

/// The node of the given place takes the text of its turn.
fn put(map: &mut BTreeMap<Name, Name>, texts: &TextsByName, place: usize) {
    for (key, texts) in texts {
        map.insert(key.clone(), texts[place % texts.len()].clone());
    }
}

/// A node of the recordings with what only it has: its name, its address, its id.
fn named(mut node: Node, name: Name, seed: u64, place: usize) -> Node {
    let number = place + 1;
    // By its name, so that the same node of another file of that seed is the same node.
    node.id = NodeId(UuidMaker::new(Rng::new(seed).child(&name, 0)).make());
    node.http_address = format!("10.0.{}.{}:4646", number / 256, number % 256).into();
    node.attributes
        .insert("unique.hostname".into(), name.clone());
    node.name = name;
    node
}

/// What all nodes of the block have.
fn template(reader: &mut Reader<'_>, block: &Block, values: &Values) -> Node {
    let mut node = ClusterConfig::of_recordings(0).nodes.swap_remove(0);
    node.attributes.remove("nomad.advertise.address");
    node.meta.clear();
    for (field, name) in [
        (&mut node.datacenter, "datacenter"),
        (&mut node.node_pool, "node_pool"),
        (&mut node.node_class, "node_class"),
    ] {
        *field = values.text(name).unwrap_or_else(|| field.clone());
    }
    let resources = &mut node.resources;
    for (field, name) in [
        (&mut resources.cpu_mhz, "cpu_mhz"),
        (&mut resources.memory_mb, "memory_mb"),
        (&mut resources.disk_mb, "disk_mb"),
        (&mut resources.min_dynamic_port, "min_dynamic_port"),
        (&mut resources.max_dynamic_port, "max_dynamic_port"),
    ] {
        *field = values.whole(name).unwrap_or(*field);
    }
    if let Some(cores) = values
        .whole("cores")
        .and_then(|cores| u16::try_from(cores).ok())
    {
        resources.total_cores = cores;
        node.attributes
            .insert("cpu.numcores".into(), cores.to_string().as_str().into());
    }
    if let Some(drivers) = values.texts("drivers") {
        set_drivers(&mut node, &drivers);
    }
    if values.flag("eligible") == Some(false) {
        node.eligibility = NodeEligibility::Ineligible;
    }
    parts(reader, block, &mut node);
    node
}

fn set_drivers(node: &mut Node, drivers: &[Name]) {
    node.attributes.retain(|key, _| !key.starts_with("driver."));
    node.drivers.clear();
    for driver in drivers {
        node.attributes
            .insert(format!("driver.{driver}").into(), "1".into());
        let working = DriverInfo {
            detected: true,
            healthy: true,
        };
        node.drivers.insert(driver.clone(), working);
    }
}

/// The blocks inside: networks replace the usual ones, the others add.
fn parts(reader: &mut Reader<'_>, block: &Block, node: &mut Node) {
    let mut networks = Vec::new();
    for inner in block.body.blocks() {
        match inner.kind.as_str() {
            "network" => networks.push(network(reader, inner)),
            "device" => node.resources.devices.extend(device(reader, inner)),
            "host_volume" => {
                let values = reader.fields(&inner.body, &shape::HOST_VOLUME);
                let read_only = values.flag("read_only").unwrap_or(false);
                node.host_volumes
                    .insert(reader.label(inner), HostVolume { read_only });
            }
            "reserved" => {
                let values = reader.fields(&inner.body, &shape::RESERVED);
                check_ports(reader, &values, "ports");
                let reserved = &mut node.reserved;
                reserved.cpu_mhz = values.whole("cpu_mhz").unwrap_or(0);
                reserved.memory_mb = values.whole("memory_mb").unwrap_or(0);
                reserved.disk_mb = values.whole("disk_mb").unwrap_or(0);
                reserved.ports = values.text("ports").unwrap_or_default();
            }
            _ => {} // Told by `fields`.
        }
    }
    if !networks.is_empty() {
        node.resources.networks = networks;
    }
}

fn network(reader: &mut Reader<'_>, block: &Block) -> NodeNetwork {
    let values = reader.fields(&block.body, &shape::NETWORK);
    check_ports(reader, &values, "reserved_ports");
    let address = values.text("address").unwrap_or_default();
    if !address.is_empty() && address.parse::<IpAddr>().is_err() {
        let detail = "An address such as \"10.0.0.5\" is wanted.";
        reader.wrong(&values, "address", detail);
    }
    let text = |name: &str, usual: &str| values.text(name).unwrap_or_else(|| usual.into());
    NodeNetwork {
        mode: text("mode", "host"),
        device: text("device", "eth0"),
        ip: text("address", "192.168.0.100"),
        alias: reader.label(block),
        mbits: values.whole("mbits").unwrap_or(1_000),
        reserved_ports: text("reserved_ports", ""),
    }
}

fn device(reader: &mut Reader<'_>, block: &Block) -> Option<NodeDevice> {
    let values = reader.fields(&block.body, &shape::DEVICE);
    let label = reader.label(block);
    let mut words = label.split('/');
    let (Some(vendor), Some(kind), Some(name), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        let detail = "Devices are named by vendor, type and name: device \"nvidia/gpu/1080ti\".";
        reader.error(block.header_range(), "Unsuitable label", detail);
        return None;
    };
    let instance = |number| NodeDeviceInstance {
        id: format!("{name}-{number}").into(),
        healthy: true,
    };
    let attributes = values.map("attributes").unwrap_or_default();
    Some(NodeDevice {
        vendor: vendor.into(),
        kind: kind.into(),
        name: name.into(),
        instances: (1..=values.whole("count").unwrap_or(1))
            .map(instance)
            .collect(),
        attributes: attributes
            .into_iter()
            .map(|(key, texts)| (key, texts[0].to_string().into()))
            .collect(),
    })
}

//! `nomad node status`.

use std::collections::BTreeSet;
use std::fmt;

use yurt_model::{Allocation, LastDrain, Name, Node};

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::part::{self, Scene, plain, section};
use super::times::absolute;
use super::{CommandError, Lines, Emulated, Execution, columns, gaps, look_up, release};
use crate::world::World;

/// Shows one node, or lists all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeStatus {
    /// The beginning of its id.
    pub node: Option<String>,
    /// With the number of running allocations.
    pub allocs: bool,
    /// Only the first blocks.
    pub short: bool,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for NodeStatus {
    const NAME: &'static str = "node status";
    const USAGE: &'static str = "[options] <node>";
    const ABOUT: &'static str = "Shows a node and its allocations, or lists all nodes.";
    const FLAGS: &'static [Flag] = &[
        switch("allocs"),
        switch("short"),
        switch("verbose"),
        switch("self").idle(),
        switch("stats").idle(),
        switch("json"),
        valued("t"),
    ];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        if arguments.words.len() > 1 {
            return Err(UsageError::new(
                "This command takes either one or no arguments",
            ));
        }
        if arguments.is_on("json") {
            return Err(UsageError::new(gaps::no_json(Self::NAME)));
        }
        if arguments.value("t").is_some() {
            return Err(UsageError::new(gaps::no_template(Self::NAME)));
        }
        Ok(Self {
            allocs: arguments.is_on("allocs"),
            short: arguments.is_on("short"),
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
            node: arguments.words.into_iter().next(),
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let scene = world.scene();
        let document = match &self.node {
            None => list(self, scene),
            Some(prefix) => {
                let node = look_up::node(scene, "Error querying node info", prefix)?;
                one(self, scene, &node)
            }
        };
        Ok(Execution::done(document))
    }
}

fn list(command: &NodeStatus, scene: Scene<'_>) -> Lines {
    let mut heading = columns::row(["ID", "Node Pool", "DC", "Name", "Class"]);
    let mut add = |name: &str| heading.push(name.into());
    if command.verbose {
        add("Address");
        add("Version");
    }
    add("Drain");
    add("Eligibility");
    add("Status");
    if command.allocs {
        add("Running Allocs");
    }
    let mut rows = vec![heading];
    for node in scene.store.nodes() {
        let mut cells = part::node_cells(node);
        if command.verbose {
            cells[0] = node.id.to_string();
            let address = node.http_address.split(':').next().unwrap_or_default();
            let version = node.attributes.get("nomad.version");
            let version = version.map_or(String::new(), |version| version.to_string());
            cells.splice(5..5, [address.to_string(), version]);
        }
        if command.allocs {
            let running = scene.store.allocs_of_node(node.id).filter(|alloc| {
                alloc.client_status == yurt_model::AllocClientStatus::Running
            });
            cells.push(running.count().to_string());
        }
        rows.push(cells);
    }
    if rows.len() == 1 {
        return Vec::new();
    }
    plain(columns::list(&release::columns(rows, scene.release)))
}

fn one(command: &NodeStatus, scene: Scene<'_>, node: &Node) -> Lines {
    let id = if command.verbose {
        node.id.to_string()
    } else {
        node.id.short()
    };
    let drivers: Vec<&str> = node
        .drivers
        .iter()
        .filter(|(_, driver)| driver.detected && driver.healthy)
        .map(|(name, _)| &**name)
        .collect();
    let pairs = [
        ("ID", id),
        ("Name", node.name.to_string()),
        ("Node Pool", node.node_pool.to_string()),
        ("Class", node.node_class.to_string()),
        ("DC", node.datacenter.to_string()),
        ("Drain", node.drain.is_some().to_string()),
        ("Eligibility", node.eligibility.as_str().into()),
        ("Status", node.status.to_string()),
        ("CSI Controllers", String::new()),
        ("CSI Drivers", String::new()),
        ("Host Volumes", names(node.host_volumes.keys())),
        ("Host Networks", names(other_networks(node))),
        ("Driver Status", drivers.join(",")),
    ];
    let mut document = plain(columns::pairs(&release::pairs(pairs, scene.release)));
    if !command.short {
        let mut heading = columns::row(["Time", "Subsystem", "Message"]);
        if command.verbose {
            heading.push("Details".into());
        }
        let mut rows = vec![heading];
        rows.extend(node.events.iter().rev().map(|event| {
            let mut row = vec![
                absolute(event.time, scene.release),
                event.subsystem.to_string(),
                event.message.to_string(),
            ];
            if command.verbose {
                let details = event.details.iter();
                let details = details.map(|(name, value)| format!("{name} = {value}"));
                row.push(details.collect::<Vec<_>>().join(", "));
            }
            row
        }));
        section(&mut document, "Node Events", columns::list(&rows));
        if let Some(last) = &node.last_drain {
            section(&mut document, "Last Drain", last_drain(scene, last));
        }
        section(&mut document, "Allocated Resources", allocated(scene, node));
    }
    let allocs = scene.store.allocs_of_node(node.id).cloned();
    let mut allocs: Vec<_> = allocs.collect();
    part::allocs::newest_first(&mut allocs);
    let rows = part::allocs::table(scene, &allocs, command.verbose);
    section(&mut document, "Allocations", rows);
    if command.verbose {
        for (title, map) in [("Attributes", &node.attributes), ("Meta", &node.meta)] {
            let pairs = map.iter().map(|(key, value)| (&**key, value.to_string()));
            let pairs: Vec<_> = pairs.collect();
            section(&mut document, title, columns::pairs(&pairs));
        }
    }
    document
}

fn names<'n>(names: impl Iterator<Item = &'n Name>) -> String {
    let names: Vec<&str> = names.map(|name| &**name).collect();
    names.join(",")
}

/// The aliases that a port may ask for beside the usual one, each once.
fn other_networks(node: &Node) -> impl Iterator<Item = &Name> {
    let aliases = node.resources.networks.iter().map(|network| &network.alias);
    let aliases: BTreeSet<&Name> = aliases.filter(|alias| &***alias != "default").collect();
    aliases.into_iter()
}

/// What became of the last drain, and what was said about it.
fn last_drain(scene: Scene<'_>, last: &LastDrain) -> Vec<String> {
    let mut pairs = vec![
        ("Status", last.status.as_str().to_string()),
        ("Started At", absolute(last.started_at, scene.release)),
        ("Updated At", absolute(last.updated_at, scene.release)),
    ];
    if !last.message.is_empty() {
        pairs.push(("Message", last.message.to_string()));
    }
    columns::pairs(&pairs)
}

fn allocated(scene: Scene<'_>, node: &Node) -> Vec<String> {
    let live = |alloc: &&std::rc::Rc<Allocation>| !alloc.is_client_terminal();
    let sum = |of: fn(&Allocation) -> i64| -> i64 {
        let allocs = scene.store.allocs_of_node(node.id).filter(live);
        allocs.map(|alloc| of(alloc)).sum()
    };
    let (cpu, memory, disk) = node.available();
    let rows = [
        columns::row(["CPU", "Memory", "Disk"]),
        vec![
            format!("{}/{cpu} MHz", sum(|alloc| alloc.resources.cpu_mhz)),
            format!(
                "{}/{}",
                mebibytes(sum(|alloc| alloc.resources.memory_mb)),
                mebibytes(memory)
            ),
            format!(
                "{}/{}",
                mebibytes(sum(|alloc| alloc.resources.disk_mb)),
                mebibytes(disk)
            ),
        ],
    ];
    columns::list(&rows)
}

/// An amount in the largest binary unit, with two significant digits below ten.
fn mebibytes(amount_mb: i64) -> String {
    if amount_mb == 0 {
        return "0 B".into();
    }
    if amount_mb < 1024 {
        return format!("{amount_mb} MiB");
    }
    let tenths = (amount_mb * 10 + 512) / 1024;
    if tenths < 100 {
        format!("{}.{} GiB", tenths / 10, tenths % 10)
    } else {
        format!("{} GiB", (amount_mb + 512) / 1024)
    }
}

impl fmt::Display for NodeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("allocs", self.allocs)
            .switch("short", self.short)
            .switch("verbose", self.verbose);
        f.write_str(&line.words(self.node.as_deref()))
    }
}

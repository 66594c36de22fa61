//! The start of a simulation: its seed, its clock, its nodes, what images do.

use std::collections::BTreeMap;

use yurt_model::{
    DriverInfo, Duration, Gather, Index, Name, Node, NodeEligibility, NodeId, NodeNetwork,
    NodeResources, NodeStatus, Release, ReservedResources, Rng, SchedulerConfiguration, Time,
    UuidMaker,
};

use crate::client::ImageCatalogue;
pub use crate::server::endpoint::NODES_MAX;

/// Everything a cluster starts from. There is no default: who builds a world says what it is.
#[derive(Clone, Debug)]
pub struct ClusterConfig {
    /// Decides identifiers, the order of equal nodes, jitter.
    pub seed: u64,
    /// The time at the start.
    pub epoch: Time,
    /// The index of the newest write before the first of ours.
    pub first_index: Index,
    /// The nodes, ready or not, as they are at the start.
    pub nodes: Vec<Node>,
    /// What images do.
    pub images: ImageCatalogue,
    /// The scheduler configuration.
    pub scheduler: SchedulerConfiguration,
    /// Whose texts and defaults hold.
    pub release: Release,
    /// Whether clients run their allocations; else reports come in as requests.
    pub simulates_clients: bool,
    /// From an evaluation's becoming ready to a scheduler's looking at it. Short, and not nothing:
    /// who submits a job and looks at once sees that nothing has happened yet. Zero does it at
    /// once.
    pub scheduling_delay: Duration,
    /// Whether servers forget by themselves what nobody needs any more.
    pub collects_garbage: bool,
    /// How often nodes report that they live.
    pub heartbeat_ttl: Duration,
    /// How long servers wait beyond that.
    pub heartbeat_grace: Duration,
}

/// Five nodes in three racks, as those on which the reference was recorded.
const RACKS: [&str; 5] = ["r1", "r2", "r3", "r1", "r2"];

impl ClusterConfig {
    /// The cluster of the recordings: five nodes `node-1` … `node-5` in `dc1`, 4000 MHz, 8192 MiB
    /// and 20000 MiB of disk each, a heartbeat of two seconds with two of grace.
    pub fn of_recordings(seed: u64) -> Self {
        let mut ids = UuidMaker::new(Rng::new(seed).child("node", 0));
        let nodes = RACKS
            .iter()
            .enumerate()
            .map(|(i, rack)| recorded_node(NodeId(ids.make()), &format!("node-{}", i + 1), rack))
            .collect();
        Self {
            seed,
            // 2026-01-05T09:00:00Z, a Monday morning.
            epoch: Time(1_767_603_600_000_000_000),
            first_index: 9,
            nodes,
            images: ImageCatalogue::by_suffix_alone(),
            scheduler: SchedulerConfiguration::of_a_fresh_cluster(),
            release: Release::V2_0,
            simulates_clients: true,
            scheduling_delay: Duration::from_millis(5),
            collects_garbage: true,
            heartbeat_ttl: Duration::from_secs(2),
            heartbeat_grace: Duration::from_secs(2),
        }
    }

    /// What is wrong with the world, if anything: said before any memory is taken for it.
    pub fn check(&self) -> Result<(), String> {
        if self.nodes.len() > NODES_MAX {
            return Err(format!(
                "a world may have at most {NODES_MAX} nodes; this one asks for {}",
                self.nodes.len()
            ));
        }
        Ok(())
    }
}

fn names(pairs: &[(&str, &str)]) -> BTreeMap<Name, Name> {
    pairs
        .iter()
        .map(|(key, value)| (Name::from(*key), Name::from(*value)))
        .gather()
}

/// The loopback device has both addresses. That shows in the recording of static ports: six
/// allocations that want the same port find room on five nodes.
fn loopback(ip: &str) -> NodeNetwork {
    NodeNetwork {
        mode: "host".into(),
        device: "lo".into(),
        ip: ip.into(),
        alias: "default".into(),
        mbits: 1000,
        reserved_ports: "".into(),
    }
}

fn recorded_node(id: NodeId, name: &str, rack: &str) -> Node {
    let working = DriverInfo {
        detected: true,
        healthy: true,
    };
    let drivers = ["docker", "mock_driver", "raw_exec"];
    let mut attributes = names(&[
        ("cpu.arch", "amd64"),
        ("cpu.numcores", "4"),
        ("driver.docker", "1"),
        ("driver.mock_driver", "1"),
        ("driver.raw_exec", "1"),
        ("kernel.name", "linux"),
        ("nomad.service_discovery", "true"),
        ("nomad.version", "2.0.6-dev"),
        ("os.name", "debian"),
        (
            "os.signals",
            "SIGABRT,SIGHUP,SIGINT,SIGKILL,SIGQUIT,SIGTERM,SIGUSR1,SIGUSR2",
        ),
    ]);
    attributes.insert("unique.hostname".into(), name.into());
    // All of them run on one machine, so each has a port of its own, and with it a class of its
    // own: nodes that are told apart by what is not unique share no verdict on a constraint.
    let port = name.rsplit('-').next().unwrap_or_default();
    let address = format!("127.0.0.1:500{port}");
    attributes.insert("nomad.advertise.address".into(), address.as_str().into());
    Node {
        id,
        name: name.into(),
        datacenter: "dc1".into(),
        node_pool: "default".into(),
        node_class: "general".into(),
        http_address: address.as_str().into(),
        attributes,
        meta: names(&[("rack", rack)]),
        drivers: drivers
            .iter()
            .map(|driver| (Name::from(*driver), working.clone()))
            .gather(),
        host_volumes: BTreeMap::new(),
        resources: NodeResources {
            cpu_mhz: 4000,
            total_cores: 4,
            memory_mb: 8192,
            disk_mb: 20_000,
            networks: vec![loopback("127.0.0.1"), loopback("::1")],
            ..NodeResources::default()
        },
        reserved: ReservedResources::default(),
        status: NodeStatus::Ready,
        status_updated_at: Time::ZERO,
        eligibility: NodeEligibility::Eligible,
        drain: None,
        last_drain: None,
        owes_alloc_update: false,
        computed_class: 0,
        events: Vec::new(),
        create_index: 0,
        modify_index: 0,
    }
}

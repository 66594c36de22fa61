//! What kind of walk a seed is: chosen first, printed first.

use std::collections::BTreeMap;
use std::fmt;

use yurt_engine::ClusterConfig;
use yurt_model::{
    HostVolume, Node, NodeDevice, NodeDeviceInstance, NodeId, NodeNetwork, PreemptionConfig, Rng,
    SchedulerAlgorithm, SchedulerConfiguration, UuidMaker,
};

/// The choices that hold for a whole walk.
#[derive(Clone, Debug)]
pub struct Options {
    /// The seed that all follows from.
    pub seed: u64,
    /// How many nodes there are at the start.
    pub nodes: usize,
    /// How many jobs the walk knows.
    pub jobs: u32,
    /// How many things happen.
    pub events: usize,
    /// How often machines die or come back, in percent of events.
    pub faults_percent: u32,
    /// The scheduler configuration.
    pub scheduler: SchedulerConfiguration,
    /// Whether one looks around whenever something happens by itself, and not after each event
    /// alone.
    pub looks_closely: bool,
    /// Whether the walk is taken once more from its journal, which costs as much as the walk.
    pub replays: bool,
    /// Whether what has ended is forgotten. Then walks are long, and at their end nobody can tell
    /// why a job has come to rest as it has.
    pub collects_garbage: bool,
    /// Whether there are few small nodes for jobs of different importance, so that some make room
    /// for others.
    pub is_crowded: bool,
}

impl Options {
    /// The choices of a seed.
    pub fn of(seed: u64) -> Self {
        let mut rng = Rng::new(seed).child("options", 0);
        let is_crowded = Self::is_crowded(seed);
        let mut chance = |percent| rng.below(100) < percent;
        let often = if is_crowded { 80 } else { 30 };
        let preemption = PreemptionConfig {
            system: chance(80),
            sysbatch: chance(often),
            batch: chance(often),
            service: chance(often),
        };
        let algorithm = if chance(25) {
            SchedulerAlgorithm::Spread
        } else {
            SchedulerAlgorithm::Binpack
        };
        let memory_oversubscription = chance(20);
        Self {
            seed,
            nodes: 1 + rng.below(if is_crowded { 3 } else { 7 }) as usize,
            jobs: if is_crowded { 3 } else { 1 + rng.below(3) },
            events: 10 + rng.below(40) as usize,
            faults_percent: [0, 5, 10, 20][rng.below(4) as usize],
            scheduler: SchedulerConfiguration {
                algorithm,
                preemption,
                memory_oversubscription,
                ..SchedulerConfiguration::of_a_fresh_cluster()
            },
            replays: seed.is_multiple_of(2),
            looks_closely: Rng::new(seed).child("looks", 0).below(8) == 0,
            collects_garbage: Rng::new(seed).child("garbage", 0).below(5) == 0,
            is_crowded,
        }
    }

    /// See the field of this name.
    pub(crate) fn is_crowded(seed: u64) -> bool {
        Rng::new(seed).child("crowd", 0).below(6) == 0
    }

    /// The world that the walk starts in.
    pub fn world(&self) -> ClusterConfig {
        let mut config = ClusterConfig::of_recordings(self.seed);
        config.scheduler = self.scheduler.clone();
        config.collects_garbage = self.collects_garbage;
        let mut rng = Rng::new(self.seed).child("nodes", 0);
        let mut ids = UuidMaker::new(rng.child("ids", 0));
        let pattern = config.nodes[0].clone();
        config.nodes = (0..self.nodes)
            .map(|number| node(&pattern, NodeId(ids.make()), number, &mut rng))
            .collect();
        if self.is_crowded {
            for node in &mut config.nodes {
                node.datacenter = "dc1".into();
                node.node_pool = "default".into();
                node.resources.cpu_mhz = 2000;
                node.resources.memory_mb = 2048;
                *node = node.clone().with_computed_class();
            }
        }
        config
    }
}

/// A node as nodes are in this world. `number` is its place; those that join go on counting.
pub(crate) fn node(pattern: &Node, id: NodeId, number: usize, rng: &mut Rng) -> Node {
    let mut node = pattern.clone();
    node.id = id;
    node.name = format!("node-{}", number + 1).into();
    node.datacenter = ["dc1", "dc1", "dc1", "dc2"][rng.below(4) as usize].into();
    if rng.below(6) == 0 {
        node.node_pool = "gpu".into();
    }
    node.node_class = ["general", "general", "big"][rng.below(3) as usize].into();
    let rack = format!("r{}", 1 + rng.below(3));
    // What a node needs for networks of the mode `bridge`.
    for plugin in ["bridge", "firewall", "host-local", "loopback", "portmap"] {
        let name = format!("plugins.cni.version.{plugin}");
        node.attributes.insert(name.as_str().into(), "1.4.0".into());
    }
    let bridge = NodeNetwork {
        mode: "bridge".into(),
        device: "nomad".into(),
        ip: "".into(),
        alias: "".into(),
        mbits: 0,
        reserved_ports: "".into(),
    };
    node.resources.networks.push(bridge);
    node.meta.insert("rack".into(), rack.as_str().into());
    if rng.below(3) == 0 {
        let read_only = rng.below(3) == 0;
        node.host_volumes
            .insert("data".into(), HostVolume { read_only });
    }
    let size = 1 + i64::from(rng.below(3));
    node.resources.cpu_mhz = 2000 * size;
    node.resources.memory_mb = 2048 * size;
    // Few ports, so that they run out now and then.
    node.resources.min_dynamic_port = 20_000;
    node.resources.max_dynamic_port = 20_000 + i64::from(rng.below(12));
    if rng.below(4) == 0 {
        node.resources.devices = vec![gpus(rng.below(4))];
    }
    if rng.below(6) == 0 {
        node.reserved.cores = vec![0];
        node.reserved.memory_mb = 256;
        node.reserved.ports = "8000,20001-20002".into();
    }
    node.with_computed_class()
}

/// Devices of one kind, of which one does not work where there are several.
fn gpus(count: u32) -> NodeDevice {
    let instances = (0..=count).map(|number| NodeDeviceInstance {
        id: format!("gpu-{number}").into(),
        healthy: number == 0 || number < count,
    });
    NodeDevice {
        vendor: "nvidia".into(),
        kind: "gpu".into(),
        name: "1080ti".into(),
        instances: instances.collect(),
        attributes: BTreeMap::new(),
    }
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "seed {}: {} nodes, {} jobs, {} events, {} % faults, {}",
            self.seed,
            self.nodes,
            self.jobs,
            self.events,
            self.faults_percent,
            self.scheduler.algorithm.as_str()
        )?;
        f.write_str(if self.is_crowded { ", crowded" } else { "" })?;
        f.write_str(if self.collects_garbage {
            ", collects garbage"
        } else {
            ""
        })
    }
}

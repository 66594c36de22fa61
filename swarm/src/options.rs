//! What kind of walk a seed is: chosen first, printed first.

use std::fmt;

use yurt_engine::ClusterConfig;
use yurt_model::{
    HostVolume, Node, NodeId, PreemptionConfig, Rng, SchedulerAlgorithm, SchedulerConfiguration,
    UuidMaker,
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
    /// Whether what has ended is forgotten. Then walks are long, and at their end nobody can tell
    /// why a job has come to rest as it has.
    pub collects_garbage: bool,
}

impl Options {
    /// The choices of a seed.
    pub fn of(seed: u64) -> Self {
        let mut rng = Rng::new(seed).child("options", 0);
        let mut chance = |percent| rng.below(100) < percent;
        let preemption = PreemptionConfig {
            system: chance(80),
            sysbatch: chance(30),
            batch: chance(30),
            service: chance(30),
        };
        let algorithm = if chance(25) {
            SchedulerAlgorithm::Spread
        } else {
            SchedulerAlgorithm::Binpack
        };
        let memory_oversubscription = chance(20);
        Self {
            seed,
            nodes: 1 + rng.below(7) as usize,
            jobs: 1 + rng.below(3),
            events: 10 + rng.below(50) as usize,
            faults_percent: [0, 5, 20][rng.below(3) as usize],
            scheduler: SchedulerConfiguration {
                algorithm,
                preemption,
                memory_oversubscription,
                ..SchedulerConfiguration::of_a_fresh_cluster()
            },
            collects_garbage: Rng::new(seed).child("garbage", 0).below(5) == 0,
        }
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
        config
    }
}

fn node(pattern: &Node, id: NodeId, number: usize, rng: &mut Rng) -> Node {
    let mut node = pattern.clone();
    node.id = id;
    node.name = format!("node-{}", number + 1).into();
    node.datacenter = ["dc1", "dc1", "dc1", "dc2"][rng.below(4) as usize].into();
    if rng.below(10) == 0 {
        node.node_pool = "gpu".into();
    }
    node.node_class = ["general", "general", "big"][rng.below(3) as usize].into();
    let rack = format!("r{}", 1 + rng.below(3));
    node.meta.insert("rack".into(), rack.as_str().into());
    if rng.below(3) == 0 {
        let volume = HostVolume { read_only: false };
        node.host_volumes.insert("data".into(), volume);
    }
    let size = 1 + i64::from(rng.below(3));
    node.resources.cpu_mhz = 2000 * size;
    node.resources.memory_mb = 2048 * size;
    // Few ports, so that they run out now and then.
    node.resources.min_dynamic_port = 20_000;
    node.resources.max_dynamic_port = 20_000 + i64::from(rng.below(12));
    node.with_computed_class()
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
        f.write_str(if self.collects_garbage {
            ", collects garbage"
        } else {
            ""
        })
    }
}

//! Files of worlds: what a simulation starts from, as data in HCL.
//!
//! ```hcl
//! seed    = 7
//! release = "2.0"
//!
//! node "web" {
//!   count     = 6                              # web-1 … web-6
//!   memory_mb = 4096
//!   meta      = { rack = ["r1", "r2", "r3"] }  # one after the other
//! }
//!
//! image "api-server:1.4" {
//!   pull     = "4s"
//!   runs_for = "1m"
//!   check {
//!     after  = "30s"
//!     status = "failing"
//!   }
//! }
//! ```
//!
//! Everything may be left out: what is not said is as in the cluster of the recordings. Belongs
//! here: what such a file may say, in tables ([`shape`]), and how it is read. Not here: what
//! images and nodes then do (the engine). May import `yurt_jobspec` for the language.

mod images;
mod nodes;
mod reader;
mod shape;
#[cfg(test)]
mod tests;

use yurt_engine::{ClusterConfig, ImageCatalogue};
use yurt_jobspec::functions::moment;
use yurt_jobspec::syntax::parse_body;
use yurt_jobspec::syntax::tree::{Block, Body};
use yurt_jobspec::{Diagnostic, Stage};
use yurt_model::{Duration, Node, Release, SchedulerAlgorithm, SchedulerConfiguration, Time};

use crate::session::DEFAULT_SEED;
use nodes::Nodes;
use reader::{Reader, Values};

/// Reads a world. `seed` wins over what the file says. The errors are all that is wrong with it.
pub fn read(file: &str, source: &str, seed: Option<u64>) -> Result<ClusterConfig, Vec<Diagnostic>> {
    let (mut config, nodes) = parse(file, source, seed)?;
    config.nodes = nodes.unwrap_or(config.nodes);
    Ok(config)
}

/// The nodes alone that a file describes, none where it describes none: for a cluster that is there
/// already and has that seed.
pub fn nodes(file: &str, source: &str, seed: u64) -> Result<Vec<Node>, Vec<Diagnostic>> {
    let (_, nodes) = parse(file, source, Some(seed))?;
    Ok(nodes.unwrap_or_default())
}

/// What a file says of the world, and the nodes that it describes, if it does.
type World = (ClusterConfig, Option<Vec<Node>>);

fn parse(file: &str, source: &str, seed: Option<u64>) -> Result<World, Vec<Diagnostic>> {
    let (body, errors) = parse_body(source, file, Stage::Decode);
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut reader = Reader::new(file, source);
    let world = world(&mut reader, &body, seed);
    match reader.finish() {
        errors if errors.is_empty() => Ok(world),
        errors => Err(errors),
    }
}

fn world(reader: &mut Reader<'_>, body: &Body, seed: Option<u64>) -> World {
    let values = reader.fields(body, &shape::WORLD);
    let said = values.whole("seed").map(i64::unsigned_abs);
    let mut config = ClusterConfig::of_recordings(seed.or(said).unwrap_or(DEFAULT_SEED));
    if let Some(release) = values.text("release") {
        match Release::from_name(&release) {
            Some(release) => config.release = release,
            None => reader.wrong(&values, "release", "It is \"2.0\" or \"0.7\"."),
        }
    }
    if let Some(start) = values.text("start") {
        match moment(&start).filter(|at| *at > Time::ZERO) {
            Some(start) => config.epoch = start,
            None => reader.wrong(
                &values,
                "start",
                "It is a time from 1970 to 2262 such as \"2026-01-05T09:00:00Z\".",
            ),
        }
    }
    config.collects_garbage = values
        .flag("collects_garbage")
        .unwrap_or(config.collects_garbage);
    let mut nodes: Option<Nodes> = None;
    let mut images = ImageCatalogue::by_suffix_alone();
    for block in body.blocks() {
        match block.kind.as_str() {
            "scheduler" => config.scheduler = scheduler(reader, block),
            "heartbeat" => heartbeat(reader, block, &mut config),
            "node" => nodes::read(reader, block, config.seed, nodes.get_or_insert_default()),
            "image" => images = images::read(reader, block, images),
            _ => {} // Told by `fields`.
        }
    }
    config.images = images;
    (config, nodes.map(|nodes| nodes.list))
}

fn scheduler(reader: &mut Reader<'_>, block: &Block) -> SchedulerConfiguration {
    let mut configuration = SchedulerConfiguration::of_a_fresh_cluster();
    let values = reader.fields(&block.body, &shape::SCHEDULER);
    match values.text("algorithm").as_deref() {
        None | Some("binpack") => {}
        Some("spread") => configuration.algorithm = SchedulerAlgorithm::Spread,
        Some(_) => reader.wrong(&values, "algorithm", "It is \"binpack\" or \"spread\"."),
    }
    let preemption = &mut configuration.preemption;
    for (name, flag) in [
        ("preempt_system", &mut preemption.system),
        ("preempt_sysbatch", &mut preemption.sysbatch),
        ("preempt_batch", &mut preemption.batch),
        ("preempt_service", &mut preemption.service),
        (
            "memory_oversubscription",
            &mut configuration.memory_oversubscription,
        ),
    ] {
        *flag = values.flag(name).unwrap_or(*flag);
    }
    configuration
}

fn heartbeat(reader: &mut Reader<'_>, block: &Block, config: &mut ClusterConfig) {
    let values = reader.fields(&block.body, &shape::HEARTBEAT);
    let at_least = |values: &Values, name: &str, length: Duration| {
        values
            .duration(name)
            .map_or(length, |said| said.max(Duration::from_secs(1)))
    };
    config.heartbeat_ttl = at_least(&values, "interval", config.heartbeat_ttl);
    config.heartbeat_grace = at_least(&values, "grace", config.heartbeat_grace);
}

//! The worlds of the page: their clusters, and what has happened there when one comes in.
//!
//! Belongs here: how the choices of `view::WORLDS` start. Not here: commands, actions.

use std::rc::Rc;

use yurt_engine::{Cluster, ClusterConfig};
use yurt_model::{Deployment, Duration, Node, NodeId, Rng, UuidMaker};

use crate::command::Lines;
use crate::session::{DEFAULT_SEED, Session};
use crate::view::{Line, WorldView};

/// The file that a fresh page has in its editor.
pub const OPENING_FILE: &str = "docs.nomad.hcl";

/// The longest that the opening waits for the job to be up.
const OPENING_MAX: Duration = Duration::from_minutes(15);

/// Events looked at in one step of the opening.
const OPENING_STEPS_MAX: usize = 10_000;

/// Racks of the nodes that are not those of the recordings.
const RACKS: u32 = 25;

/// Heartbeats a second that servers want: with more nodes, each reports less often.
const HEARTBEATS_A_SECOND: u32 = 50;

/// The cluster that journals begin with: the guide's job was run and its deployment is over. With
/// what the terminal shows of that.
pub(crate) fn open(world: &WorldView) -> (Session, Lines) {
    let cluster = Cluster::new(config(world)).expect("the worlds of the page are sound");
    let mut session = Session::on(cluster);
    session.files.write(OPENING_FILE, world.job);
    let line = format!("nomad job run -detach {OPENING_FILE}");
    let mut document = vec![Line::echo(&line)];
    document.extend(session.execute(&line).document);
    let limit = session.now() + OPENING_MAX;
    for _ in 0..OPENING_STEPS_MAX {
        let over = |deployment: &Rc<Deployment>| !deployment.is_active();
        let is_over = session.store().deployments().any(over);
        match session.next_event() {
            Some(next) if !is_over && next <= limit => session.advance_to(next),
            _ => break,
        };
    }
    (session, document)
}

fn config(world: &WorldView) -> ClusterConfig {
    let mut config = ClusterConfig {
        release: world.release,
        ..ClusterConfig::of_recordings(DEFAULT_SEED)
    };
    let recorded = u32::try_from(config.nodes.len()).unwrap_or(u32::MAX);
    if world.nodes > recorded {
        let mut ids = UuidMaker::new(Rng::new(DEFAULT_SEED).child("node", 0));
        let template = config.nodes.swap_remove(0);
        config.nodes = (1..=world.nodes)
            .map(|number| numbered(&template, NodeId(ids.make()), number))
            .collect();
        let seconds = i64::from(world.nodes.div_ceil(HEARTBEATS_A_SECOND));
        config.heartbeat_ttl = Duration::from_secs(seconds);
    }
    config
}

/// A node on a machine of its own; its class says nothing that only it has.
fn numbered(template: &Node, id: NodeId, number: u32) -> Node {
    let name = format!("node-{number}");
    let mut node = Node {
        id,
        http_address: format!("10.0.{}.{}:4646", number / 256, number % 256).into(),
        ..template.clone()
    };
    node.attributes.remove("nomad.advertise.address");
    let hostname = "unique.hostname".into();
    node.attributes.insert(hostname, name.as_str().into());
    let rack = format!("r{}", (number - 1) % RACKS + 1);
    node.meta.insert("rack".into(), rack.as_str().into());
    node.name = name.into();
    node
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::WORLDS;

    #[test]
    fn every_world_opens_with_its_job_running() {
        for world in &WORLDS {
            let (session, document) = open(world);
            let store = session.store();
            assert_eq!(store.node_count(), world.nodes as usize, "{}", world.name);
            let running = store.allocs().filter(|alloc| alloc.is_healthy()).count();
            assert_eq!(running, 5, "{}", world.name);
            assert!(document.len() > 1, "{}", world.name);
            assert_eq!(session.release(), world.release);
        }
    }
}

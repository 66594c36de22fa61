//! Networks: a group's mode and the host networks that its ports name (spec: scheduling 7.3).

use std::borrow::Cow;

use yurt_model::job::{NetworkRequest, PortRequest};
use yurt_model::{Name, Node};

use super::target::Target;
use super::version::{Form, Requirement, release_meets};

/// Whether a node has the network; `None` asks for a host network without ports.
pub(crate) fn test<'c>(node: &Node, ask: Option<&NetworkRequest>) -> Result<(), Cow<'c, str>> {
    let mode = ask.map_or("host", |ask| {
        if ask.mode.is_empty() {
            "host"
        } else {
            &ask.mode
        }
    });
    if mode == "none" {
        return Ok(());
    }
    let has_mode = node
        .resources
        .networks
        .iter()
        .any(|network| &*network.mode == mode || (network.mode.is_empty() && mode == "host"));
    let is_excused = mode == "bridge" && is_before_bridges(node);
    if !has_mode && !is_excused {
        return Err(Cow::Borrowed("missing network"));
    }
    let Some(ask) = ask else { return Ok(()) };
    for port in ask.reserved_ports.iter().chain(&ask.dynamic_ports) {
        if port.host_network.is_empty() {
            continue;
        }
        let target = Target::parse(&port.host_network);
        let Some(alias) = target.resolve(node) else {
            return Err(Cow::Owned(format!(
                "invalid host network {:?} template for port {:?}",
                port.host_network, port.label
            )));
        };
        let is_known = node
            .resources
            .networks
            .iter()
            .any(|network| *network.alias == *alias);
        if !is_known {
            return Err(Cow::Owned(format!(
                "missing host network {:?} for port {:?}",
                alias, port.label
            )));
        }
    }
    Ok(())
}

/// A request as the node reads it: ports whose network is named by a target get the alias that it
/// resolves to there, so that they are given on that network.
pub(crate) fn with_aliases<'r>(ask: &'r NetworkRequest, node: &Node) -> Cow<'r, NetworkRequest> {
    let is_target = |port: &PortRequest| port.host_network.starts_with("${");
    let mut ports = ask.reserved_ports.iter().chain(&ask.dynamic_ports);
    if !ports.any(is_target) {
        return Cow::Borrowed(ask);
    }
    let mut own = ask.clone();
    for port in own.reserved_ports.iter_mut().chain(&mut own.dynamic_ports) {
        if let Some(alias) = Target::parse(&port.host_network).resolve(node) {
            port.host_network = Name::from(&*alias);
        }
    }
    Cow::Owned(own)
}

/// Nodes of before release 0.12 do not say that they have bridges.
fn is_before_bridges(node: &Node) -> bool {
    Requirement::parse("< 0.12", Form::Loose).is_some_and(|old| release_meets(node, &old))
}

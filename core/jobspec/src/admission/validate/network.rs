//! Rules about networks and ports (spec: jobspec 15.4).

use crate::admission::issues::Issues;
use crate::document::View;

const MAX_PORT: i64 = 65_535;

/// The networks of a group and the older ones of its tasks.
pub(super) fn validate(group: View<'_>, at: &str) -> Issues {
    let mut issues = Issues::default();
    let mut labels: Vec<(&str, String)> = Vec::new();
    let mut statics: Vec<(i64, &str, String)> = Vec::new();
    for (i, network) in group.objects("Networks").enumerate() {
        let at = format!("{at}.network.{i}");
        for port in ports(network) {
            let label = port.text("Label");
            let at = format!("{at}.port.{label}");
            if labels.iter().any(|(known, _)| *known == label) {
                let text = format!("Port label {label} already in use by taskgroup network");
                issues.add(at.clone(), text);
            } else {
                labels.push((label, "taskgroup network".to_owned()));
            }
            static_port(port, "taskgroup network", &at, &mut statics, &mut issues);
            mapped_port(port, network.text("Mode"), &at, &mut issues);
        }
        hostname(network, &at, &mut issues);
        cni(network, &at, &mut issues);
    }
    for task in group.objects("Tasks") {
        let name = task.text("Name");
        let Some(resources) = task.object("Resources") else {
            continue;
        };
        for (i, network) in resources.objects("Networks").enumerate() {
            for port in ports(network) {
                let label = port.text("Label");
                let at = format!("{at}.task.{name}.resources.network.{i}.port.{label}");
                if let Some((_, owner)) = labels.iter().find(|(known, _)| *known == label) {
                    let text = format!("Port label {label} already in use by {owner}");
                    issues.add(at.clone(), text);
                }
                static_port(port, name, &at, &mut statics, &mut issues);
            }
        }
    }
    issues
}

fn ports(network: View<'_>) -> impl Iterator<Item = View<'_>> {
    let dynamic = network.objects("DynamicPorts");
    network.objects("ReservedPorts").chain(dynamic)
}

fn static_port<'a>(
    port: View<'a>,
    owner: &str,
    at: &str,
    statics: &mut Vec<(i64, &'a str, String)>,
    issues: &mut Issues,
) {
    let (value, label) = (port.int("Value"), port.text("Label"));
    if value == 0 {
        return;
    }
    let network = port.text("HostNetwork");
    let taken = statics
        .iter()
        .find(|(known, of, _)| *known == value && *of == network);
    if let Some((_, _, by)) = taken {
        if !port.flag("IgnoreCollision") {
            let text = format!("Static port {value} already reserved by {by}");
            issues.add(format!("{at}.static"), text);
        }
    } else if value > MAX_PORT {
        let text = format!("Port {label} ({value}) cannot be greater than {MAX_PORT}");
        issues.add(format!("{at}.static"), text);
    } else {
        statics.push((value, network, format!("{owner}:{label}")));
    }
}

fn mapped_port(port: View<'_>, mode: &str, at: &str, issues: &mut Issues) {
    let (to, label) = (port.int("To"), port.text("Label"));
    if to < -1 {
        let text = format!("Port {label:?} cannot be mapped to negative value {to}");
        issues.add(format!("{at}.to"), text);
    }
    if to > MAX_PORT {
        let text =
            format!("Port {label:?} cannot be mapped to a port ({to}) greater than {MAX_PORT}");
        issues.add(format!("{at}.to"), text);
    }
    if port.flag("IgnoreCollision") && !matches!(mode, "" | "host") {
        let text = format!(
            "Port {label:?} collision may not be ignored on non-host network mode {mode:?}"
        );
        issues.add(format!("{at}.ignore_collision"), text);
    }
}

fn hostname(network: View<'_>, at: &str, issues: &mut Issues) {
    let hostname = network.text("Hostname");
    if hostname.is_empty() || hostname.contains("${") {
        return;
    }
    let is_label = |label: &str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let edge = |c: char| c.is_ascii_alphanumeric() || c == '_';
        (1..=63).contains(&label.len())
            && label.chars().all(inner)
            && label.starts_with(edge)
            && label.ends_with(edge)
    };
    let name = hostname.strip_suffix('.').unwrap_or(hostname);
    if name.len() > 253 || !name.split('.').all(is_label) {
        let text = "Hostname is not a valid DNS name";
        issues.add(format!("{at}.hostname"), text);
    }
}

fn cni(network: View<'_>, at: &str, issues: &mut Issues) {
    let Some(cni) = network.object("CNI") else {
        return;
    };
    for (key, value) in cni.text_entries("Args") {
        let at = format!("{at}.cni.args");
        if key.contains(';') {
            let text = format!("invalid ';' character in CNI arg key {key:?}");
            issues.add(at.clone(), text);
        }
        if value.contains(';') {
            let text = format!("invalid ';' character in CNI arg value {value:?}");
            issues.add(at, text);
        }
    }
}

//! Rules about services (spec: jobspec 15.8).

use yurt_model::InOrder;

use super::check;
use crate::admission::issues::Issues;
use crate::document::View;

/// The services of a group, and how they go together with those of its tasks.
pub(super) fn group(group: View<'_>, at: &str) -> Issues {
    let mut issues = Issues::default();
    let mut unique: Vec<String> = Vec::new();
    let mut repeated: Vec<String> = Vec::new();
    for (i, service) in group.objects("Services").enumerate() {
        let name = service.text("Name");
        let at = format!("{at}.service.{i}");
        let id = format!("group->{name}:{}", service.text("PortLabel"));
        if unique.contains(&id) {
            repeated.push(id);
        } else {
            unique.push(id);
        }
        let heading = format!("Service[{i}] {name} validation failed: ");
        issues.nest(heading, one(service, &at));
        if service.text("AddressMode") == "driver" {
            let text = format!(
                "service {name:?} cannot use address_mode=\"driver\", only services defined in a \
                 \"task\" block can use this mode"
            );
            issues.add(format!("{at}.address_mode"), text);
        }
        for (j, given) in service.objects("Checks").enumerate() {
            let task = given.text("TaskName");
            if !task.is_empty() && !has_task(group, task) {
                let check = given.text("Name");
                let text = format!("Check {check} invalid: refers to non-existent task {task}");
                issues.add(format!("{at}.check.{j}.task"), text);
            }
        }
    }
    for task in group.objects("Tasks") {
        for service in task.objects("Services") {
            let name = task.text("Name");
            let owner = service.text("TaskName");
            let (label, service) = (service.text("PortLabel"), service.text("Name"));
            if owner != name {
                let text = format!(
                    "Service {service} is invalid: may only specify task the service belongs \
                     to, got {owner:?}"
                );
                issues.add(format!("{at}.task.{name}.service"), text);
            }
            let id = format!("{name}->{service}:{label}");
            if unique.contains(&id) {
                repeated.push(id);
            } else {
                unique.push(id);
            }
        }
    }
    if !repeated.is_empty() {
        let text = format!("Services are not unique: [{}]", repeated.join(" "));
        issues.add(format!("{at}.service.0"), text);
    }
    providers(group, at, &mut issues);
    issues
}

fn has_task(group: View<'_>, name: &str) -> bool {
    group.objects("Tasks").any(|task| task.text("Name") == name)
}

fn providers(group: View<'_>, at: &str, issues: &mut Issues) {
    let tasks = group.objects("Tasks");
    let of_tasks = tasks.flat_map(|task| task.objects("Services"));
    let mut providers: Vec<&str> = group
        .objects("Services")
        .chain(of_tasks)
        .map(|service| service.text("Provider"))
        .collect();
    providers.put_in_order_by_key(|name| *name);
    providers.dedup();
    if providers.len() > 1 {
        let text =
            "Multiple service providers used: task group services must use the same provider";
        issues.add(format!("{at}.service.0"), text);
    }
}

/// Script checks of group services run in a task, which must be named.
pub(super) fn script_checks(group: View<'_>, at: &str) -> Issues {
    let mut issues = Issues::default();
    for (i, service) in group.objects("Services").enumerate() {
        let name = service.text("Name");
        for (j, given) in service.objects("Checks").enumerate() {
            let is_script = given.text("Type") == "script";
            let has_task = [given, service]
                .iter()
                .any(|o| !o.text("TaskName").is_empty());
            if is_script && !has_task {
                let check = given.text("Name");
                let text = format!(
                    "Service [{}]->{name} or Check {check} must specify task parameter",
                    group.text("Name")
                );
                issues.add(format!("{at}.service.{i}.check.{j}.task"), text);
            }
        }
    }
    issues
}

/// One service.
fn one(service: View<'_>, at: &str) -> Issues {
    let mut issues = Issues::default();
    let name = service.text("Name");
    if !is_service_name(&without_interpolation(name)) {
        let text = format!(
            "Service name must be valid per RFC 1123 and can contain only alphanumeric \
             characters or dashes and must be no longer than 63 characters: {name:?}"
        );
        issues.add(format!("{at}.name"), text);
    }
    let mode = service.text("AddressMode");
    match mode {
        "" | "auto" | "host" | "driver" | "alloc" | "alloc_ipv6" => {
            if !service.text("Address").is_empty() && !matches!(mode, "" | "auto") {
                let text = "Service address_mode must be \"auto\" if address is set";
                issues.add(format!("{at}.address_mode"), text);
            }
        }
        _ => {
            let text = format!(
                "Service address_mode must be \"auto\", \"host\", or \"driver\"; not {mode:?}"
            );
            issues.add(format!("{at}.address_mode"), text);
        }
    }
    let on_update = service.text("OnUpdate");
    if !check::is_on_update(on_update) {
        let text = format!(
            "Service on_update must be \"require_healthy\", \"ignore_warnings\", or \"ignore\"; \
             not {on_update:?}"
        );
        issues.add(format!("{at}.on_update"), text);
    }
    if let Some(identity) = service.object("Identity")
        && identity.texts("Audience").is_empty()
    {
        let text = "Service identity must provide at least one target aud value";
        issues.add(format!("{at}.identity.aud"), text);
    }
    match service.text("Provider") {
        "consul" => consul(service, at, &mut issues),
        "nomad" => nomad(service, at, &mut issues),
        other => {
            let text = format!("Service provider must be \"consul\", or \"nomad\"; not {other:?}");
            issues.add(format!("{at}.provider"), text);
        }
    }
    issues
}

fn nomad(service: View<'_>, at: &str, issues: &mut Issues) {
    for (i, given) in service.objects("Checks").enumerate() {
        if let Err((member, text)) = check::nomad(service, given) {
            issues.add(format!("{at}.check.{i}.{member}"), text);
        }
    }
    if service.has("Connect") {
        let text = "Service with provider nomad cannot include Connect blocks";
        issues.add(format!("{at}.connect"), text);
    }
}

fn consul(service: View<'_>, at: &str, issues: &mut Issues) {
    for (i, given) in service.objects("Checks").enumerate() {
        if let Err((member, text)) = check::consul(service, given) {
            let check = given.text("Name");
            let at = format!("{at}.check.{i}.{member}");
            issues.add(at, format!("Check {check} invalid: {text}"));
        }
    }
    let name = service.text("Name");
    let kind = service.text("Kind");
    let kinds = [
        "",
        "api-gateway",
        "connect-proxy",
        "ingress-gateway",
        "mesh-gateway",
        "terminating-gateway",
    ];
    if !kinds.contains(&kind) {
        let text = format!("Service {name} kind must be one of consul service kind or empty");
        issues.add(format!("{at}.kind"), text);
    }
    if let Some(connect) = service.object("Connect") {
        let members = [
            connect.flag("Native"),
            connect.has("SidecarService"),
            connect.has("Gateway"),
        ];
        if members.iter().filter(|is_there| **is_there).count() != 1 {
            let text = "Consul Connect must be exclusively native, make use of a sidecar, or \
                        represent a Gateway";
            issues.add(format!("{at}.connect"), text);
        }
        if let Some(gateway) = connect.object("Gateway") {
            self::gateway(gateway, at, issues);
        }
    }
}

/// A gateway is of exactly one kind (spec: jobspec 15.10).
fn gateway(gateway: View<'_>, at: &str, issues: &mut Issues) {
    let kinds = ["Ingress", "Terminating", "Mesh"];
    let given = kinds.iter().filter(|kind| gateway.has(kind));
    if given.count() != 1 {
        let text = "One Consul Gateway Configuration must be set";
        issues.add(format!("{at}.connect.gateway"), text);
    } else if let Some(ingress) = gateway.object("Ingress")
        && ingress.objects("Listeners").len() == 0
    {
        let text = "Consul Ingress Gateway requires at least one listener";
        issues.add(format!("{at}.connect.gateway.ingress"), text);
    }
}

/// `${…}` may become anything that is allowed.
fn without_interpolation(name: &str) -> String {
    let mut result = String::new();
    let mut rest = name;
    while let Some(start) = rest.find("${") {
        let Some(end) = rest[start..].find('}') else {
            break;
        };
        result += &rest[..start];
        result.push('X');
        rest = &rest[start + end + 1..];
    }
    result + rest
}

fn is_service_name(name: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_edge = |c: char| c.is_ascii_alphanumeric();
    (1..=63).contains(&name.len())
        && name.chars().all(is_inner)
        && name.starts_with(is_edge)
        && name.ends_with(is_edge)
}

/// The services of a task.
pub(super) fn task(group: View<'_>, task: View<'_>, at: &str) -> Issues {
    let mut issues = Issues::default();
    let mut names: Vec<&str> = Vec::new();
    let mut ports: Vec<(&str, Vec<&str>)> = Vec::new();
    for (i, service) in task.objects("Services").enumerate() {
        let name = service.text("Name");
        let at = format!("{at}.service.{i}");
        let heading = format!("service[{i}] {name:?} validation failed: ");
        issues.nest(heading, one(service, &at));
        in_task(service, &at, &mut issues);
        if names.contains(&name) {
            issues.add(at.clone(), format!("service {name:?} is duplicate"));
        }
        names.push(name);
        let label = service.text("PortLabel");
        if !label.is_empty() {
            refer(&mut ports, label, name);
        }
        let mut checks: Vec<&str> = Vec::new();
        for (j, given) in service.objects("Checks").enumerate() {
            let check = given.text("Name");
            let at = format!("{at}.check.{j}");
            if checks.contains(&check) {
                issues.add(at.clone(), format!("check {check:?} is duplicate"));
            }
            checks.push(check);
            check_port(service, given, &at, &mut issues);
            let label = given.text("PortLabel");
            if !label.is_empty() && label.parse::<u16>().is_err() {
                refer(&mut ports, label, name);
            }
        }
    }
    let known = known_labels(group, task);
    for (label, services) in ports {
        if label.parse::<u16>().is_err() && !known.contains(&label) {
            let text = format!(
                "port label {label:?} referenced by services {} does not exist",
                services.join(", ")
            );
            issues.add(format!("{at}.service.0"), text);
        }
    }
    issues
}

fn refer<'a>(ports: &mut Vec<(&'a str, Vec<&'a str>)>, label: &'a str, service: &'a str) {
    match ports.iter_mut().find(|(known, _)| *known == label) {
        Some((_, services)) if services.contains(&service) => {}
        Some((_, services)) => services.push(service),
        None => ports.push((label, vec![service])),
    }
}

fn in_task(service: View<'_>, at: &str, issues: &mut Issues) {
    let name = service.text("Name");
    if service.has("Connect") {
        let text = format!(
            "service {name:?} cannot have \"connect\" block, only services defined in a \
             \"group\" block can"
        );
        issues.add(format!("{at}.connect"), text);
    }
    let mode = service.text("AddressMode");
    if matches!(mode, "alloc" | "alloc_ipv6") {
        let text = format!(
            "service {name:?} cannot use address_mode={mode:?}, only services defined in a \
             \"group\" block can use this mode"
        );
        issues.add(format!("{at}.address_mode"), text);
    }
}

fn check_port(service: View<'_>, given: View<'_>, at: &str, issues: &mut Issues) {
    let name = given.text("Name");
    let needs_port = matches!(given.text("Type"), "http" | "tcp" | "grpc");
    let label = match given.text("PortLabel") {
        "" => service.text("PortLabel"),
        own => own,
    };
    if needs_port && label.is_empty() {
        issues.add(
            format!("{at}.port"),
            format!("check {name:?} is missing a port"),
        );
    } else if label.parse::<u16>().is_ok() && given.text("AddressMode") != "driver" {
        let text = format!(
            "check {name:?} cannot use a numeric port {label} without setting \
             address_mode=\"driver\""
        );
        issues.add(format!("{at}.port"), text);
    }
}

fn known_labels<'a>(group: View<'a>, task: View<'a>) -> Vec<&'a str> {
    let own = task.object("Resources");
    group
        .objects("Networks")
        .chain(own.into_iter().flat_map(|own| own.objects("Networks")))
        .flat_map(|network| {
            let dynamic = network.objects("DynamicPorts");
            network.objects("ReservedPorts").chain(dynamic)
        })
        .map(|port| port.text("Label"))
        .collect()
}

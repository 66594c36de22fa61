//! Devices: whether a node has them, and which instances are given (spec: scheduling 7.3, 8.4).

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use yurt_model::job::{Constraint, DeviceRequest, TaskGroup};
use yurt_model::{Gather, Name, Node, NodeDevice};

use super::operand::{Operand, Prepared, holds};

/// The name under which instances are given: `vendor/type/name`.
pub(crate) fn full_name(device: &NodeDevice) -> Name {
    format!("{}/{}/{}", device.vendor, device.kind, device.name).into()
}

/// Whether a request's name means a device.
fn is_named(device: &NodeDevice, request: &str) -> bool {
    let parts: Vec<&str> = request.splitn(3, '/').collect();
    match parts[..] {
        [kind] => *device.kind == *kind,
        [vendor, kind] => *device.vendor == *vendor && *device.kind == *kind,
        [vendor, kind, name] => {
            *device.vendor == *vendor && *device.kind == *kind && *device.name == *name
        }
        _ => false,
    }
}

/// Whether a device is of the kind that a request asks for.
pub(crate) fn matches(device: &NodeDevice, request: &DeviceRequest) -> bool {
    is_named(device, &request.name)
        && request
            .constraints
            .iter()
            .all(|constraint| condition_holds(device, constraint))
}

fn condition_holds(device: &NodeDevice, constraint: &Constraint) -> bool {
    holds_on_device(
        device,
        &constraint.left,
        &constraint.operand,
        &constraint.right,
    )
}

/// Whether a condition on a device holds. Numbers with units are compared as quantities, when both
/// sides are; units of different kinds never compare.
pub(crate) fn holds_on_device(device: &NodeDevice, left: &str, operand: &str, right: &str) -> bool {
    let operand = Operand::parse(operand);
    let (left, right) = (resolve(device, left), resolve(device, right));
    if let (Some(left), Some(right)) = (&left, &right)
        && let Some(order) = operand.as_order()
        && let (Some(left), Some(right)) = (quantity(left), quantity(right))
    {
        let same_kind = left.1 == right.1;
        return same_kind && left.0.partial_cmp(&right.0).is_some_and(order);
    }
    let prepared = right
        .as_deref()
        .map_or(Prepared::Plain, |right| Prepared::new(operand, right));
    holds(operand, left.as_deref(), right.as_deref(), &prepared)
}

/// What a unit measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    Number,
    Bytes,
    BytesPerSecond,
    Hertz,
    Watts,
}

/// `12 GiB` as a number of the base unit and what it measures.
fn quantity(text: &str) -> Option<(f64, Measure)> {
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+')))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number: f64 = number.parse().ok()?;
    let (scale, measure) = scale(unit.trim())?;
    Some((number * scale, measure))
}

fn scale(unit: &str) -> Option<(f64, Measure)> {
    let (unit, per_second) = match unit.strip_suffix("/s") {
        Some(unit) => (unit, true),
        None => (unit, false),
    };
    let bytes = if per_second {
        Measure::BytesPerSecond
    } else {
        Measure::Bytes
    };
    let binary = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let decimal = ["kB", "MB", "GB", "TB", "PB", "EB"];
    let unit = if unit == "KB" { "kB" } else { unit };
    for (names, base) in [(binary, 1024.0), (decimal, 1000.0)] {
        if let Some(i) = names.iter().position(|name| *name == unit) {
            return Some(((0..=i).fold(1.0, |scale, _| scale * base), bytes));
        }
    }
    Some(match unit {
        _ if per_second => return None,
        "" => (1.0, Measure::Number),
        "MHz" => (1e6, Measure::Hertz),
        "GHz" => (1e9, Measure::Hertz),
        "mW" => (1e-3, Measure::Watts),
        "W" => (1.0, Measure::Watts),
        "kW" => (1e3, Measure::Watts),
        "MW" => (1e6, Measure::Watts),
        "GW" => (1e9, Measure::Watts),
        _ => return None,
    })
}

fn resolve<'d>(device: &'d NodeDevice, text: &'d str) -> Option<Cow<'d, str>> {
    let Some(inner) = text
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
    else {
        return Some(Cow::Borrowed(text));
    };
    match inner {
        "device.model" => Some(Cow::Borrowed(&device.name)),
        "device.vendor" => Some(Cow::Borrowed(&device.vendor)),
        "device.type" => Some(Cow::Borrowed(&device.kind)),
        "device.ids" => {
            let ids: Vec<&str> = device.instances.iter().map(|one| &*one.id).collect();
            Some(Cow::Owned(ids.join(",")))
        }
        _ => {
            let key = inner.strip_prefix("device.attr.")?;
            device
                .attributes
                .get(key)
                .and_then(attribute_text)
                .map(Cow::Owned)
        }
    }
}

/// A typed attribute as text, with its unit.
fn attribute_text(value: &Value) -> Option<String> {
    let inner = ["String", "Int", "Float", "Bool"]
        .iter()
        .find_map(|kind| value.get(kind).filter(|inner| !inner.is_null()))
        .unwrap_or(value);
    let text = match inner {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => return None,
    };
    match value.get("Unit").and_then(Value::as_str) {
        Some(unit) if !unit.is_empty() => Some(format!("{text} {unit}")),
        _ => Some(text),
    }
}

/// Whether a node's healthy devices are enough for all requests of a group.
pub(crate) fn test<'c>(node: &Node, group: &TaskGroup) -> Result<(), Cow<'c, str>> {
    let mut left: BTreeMap<Name, u64> = node
        .resources
        .devices
        .iter()
        .map(|device| {
            let healthy = device.instances.iter().filter(|one| one.healthy).count();
            (full_name(device), healthy as u64)
        })
        .gather();
    for request in group.tasks.iter().flat_map(|task| &task.resources.devices) {
        let device = node.resources.devices.iter().find(|device| {
            matches(device, request)
                && left
                    .get(&full_name(device))
                    .is_some_and(|n| *n >= request.count)
        });
        match device.and_then(|device| left.get_mut(&full_name(device))) {
            Some(n) => *n -= request.count,
            None => return Err(Cow::Borrowed("missing devices")),
        }
    }
    Ok(())
}

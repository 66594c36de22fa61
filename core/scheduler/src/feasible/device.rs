//! Devices: whether a node has them, and which instances are given (spec: scheduling 7.3, 8.4).

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use yurt_model::job::{Constraint, DeviceRequest, TaskGroup};
use yurt_model::{Name, Node, NodeDevice};

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

/// Whether a condition on a device holds.
pub(crate) fn holds_on_device(device: &NodeDevice, left: &str, operand: &str, right: &str) -> bool {
    let operand = Operand::parse(operand);
    let left = resolve(device, left);
    let right = resolve(device, right);
    let prepared = right
        .as_deref()
        .map_or(Prepared::Plain, |right| Prepared::new(operand, right));
    holds(operand, left.as_deref(), right.as_deref(), &prepared)
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
            let (_, value) = device.attributes.iter().find(|(name, _)| &***name == key)?;
            attribute_text(value).map(Cow::Owned)
        }
    }
}

/// A typed attribute as text, without its unit.
fn attribute_text(value: &Value) -> Option<String> {
    let inner = ["String", "Int", "Float", "Bool"]
        .iter()
        .find_map(|kind| value.get(kind).filter(|inner| !inner.is_null()))
        .unwrap_or(value);
    match inner {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
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
        .collect();
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

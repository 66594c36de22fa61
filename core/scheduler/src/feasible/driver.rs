//! Drivers (spec: scheduling 7.3).

use std::collections::BTreeSet;

use yurt_model::{Gather, Name, Node, TaskGroup};

/// A driver that a group needs.
#[derive(Clone, Debug)]
pub(crate) struct Driver {
    name: Name,
    /// The attribute that stands for the driver on nodes that do not list it.
    attribute: String,
}

/// The drivers that a group needs, each once.
pub(crate) fn needed(group: &TaskGroup) -> Vec<Driver> {
    let names: BTreeSet<&Name> = group.tasks.iter().map(|task| &task.driver).gather();
    names
        .into_iter()
        .map(|name| Driver {
            name: name.clone(),
            attribute: format!("driver.{name}"),
        })
        .collect()
}

impl Driver {
    /// Whether a node has the driver and it works. The driver's own entry decides, where there is
    /// one.
    pub(crate) fn is_on(&self, node: &Node) -> bool {
        match node.drivers.get(&self.name) {
            Some(info) => info.detected && info.healthy,
            None => node
                .attributes
                .get(self.attribute.as_str())
                .is_some_and(|value| is_true(value)),
        }
    }
}

/// The texts that mean true.
pub(crate) fn is_true(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "true" | "TRUE" | "True")
}

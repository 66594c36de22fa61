//! Feasibility: whether a node may take a group at all, and why not (spec: scheduling 7).
//!
//! Belongs here: one file a check, and their order. Not here: room (`rank::offer`), scores.

pub(crate) mod class_cache;
pub(crate) mod constraint;
pub(crate) mod device;
pub(crate) mod distinct;
mod driver;
pub(crate) mod network;
mod operand;
pub(crate) mod target;
pub(crate) mod version;
mod volume;

use std::borrow::Cow;

use serde_json::Value;
use yurt_model::job::{NetworkRequest, VolumeRequest};
use yurt_model::{JobSpec, Node, TaskGroup};

use class_cache::ClassCache;
use constraint::Check;
pub(crate) use driver::is_true;

/// Passed, or the reason for which the node is filtered.
pub(crate) type Verdict<'c> = Result<(), Cow<'c, str>>;

/// The reason when a node's class is known not to do.
pub(crate) const CLASS_INELIGIBLE: &str = "computed class ineligible";

/// The checks of one group of a job version.
#[derive(Debug)]
pub(crate) struct GroupChecks<'a> {
    pub group: &'a TaskGroup,
    drivers: Vec<driver::Driver>,
    constraints: Vec<Check>,
    has_devices: bool,
    network: Option<&'a NetworkRequest>,
    secret_providers: Vec<String>,
    pub(crate) volumes: &'a [VolumeRequest],
    /// They look at single nodes.
    pub(crate) escapes: bool,
}

/// The checks of a job version's own constraints.
pub(crate) fn job_checks(spec: &JobSpec) -> Vec<Check> {
    spec.constraints.iter().map(Check::new).collect()
}

impl<'a> GroupChecks<'a> {
    pub(crate) fn new(spec: &'a JobSpec, group: &'a TaskGroup) -> Self {
        let of_tasks = group.tasks.iter().flat_map(|task| &task.constraints);
        let constraints: Vec<Check> = group
            .constraints
            .iter()
            .chain(of_tasks)
            .map(Check::new)
            .collect();
        let has_csi = group.volumes.iter().any(|volume| &*volume.kind == "csi");
        Self {
            drivers: driver::needed(group),
            escapes: has_csi || constraints.iter().any(|check| check.escapes),
            constraints,
            has_devices: group
                .tasks
                .iter()
                .any(|task| !task.resources.devices.is_empty()),
            network: group.networks.first(),
            secret_providers: secret_providers(spec, &group.name),
            volumes: &group.volumes,
            group,
        }
    }

    /// Whether a node may take the group, as far as the node alone decides (spec: scheduling 7.1,
    /// steps 2 to 6).
    pub(crate) fn test<'c>(
        &'c self,
        job: &'c [Check],
        node: &Node,
        cache: &mut ClassCache,
        name_index: u32,
    ) -> Verdict<'c> {
        let class = node.computed_class;
        let of_job = cache.of_job(class);
        if of_job == Some(false) {
            return Err(Cow::Borrowed(CLASS_INELIGIBLE));
        }
        if let Err(reason) = job.iter().try_for_each(|check| check.test(node)) {
            cache.set_job(class, false);
            return Err(reason);
        }
        if of_job.is_none() {
            cache.set_job(class, true);
        }
        match cache.of_group(&self.group.name, class) {
            Some(false) => return Err(Cow::Borrowed(CLASS_INELIGIBLE)),
            Some(true) => (),
            None => {
                let verdict = self.test_group(node);
                cache.set_group(&self.group.name, self.escapes, class, verdict.is_ok());
                verdict?;
            }
        }
        // These look at what may change without the class changing, so they are never remembered.
        volume::test(node, self.volumes, name_index)
    }

    fn test_group(&self, node: &Node) -> Verdict<'_> {
        if !self.drivers.iter().all(|driver| driver.is_on(node)) {
            return Err(Cow::Borrowed("missing drivers"));
        }
        self.constraints
            .iter()
            .try_for_each(|check| check.test(node))?;
        if self.has_devices {
            device::test(node, self.group)?;
        }
        network::test(node, self.network)?;
        let has = |key: &String| node.attributes.contains_key(key.as_str());
        if !self.secret_providers.iter().all(has) {
            return Err(Cow::Borrowed("missing secrets provider"));
        }
        Ok(())
    }
}

/// The attributes that name the providers of a group's secrets.
fn secret_providers(spec: &JobSpec, group: &str) -> Vec<String> {
    let tasks = spec
        .group_document(group)
        .and_then(|group| group["Tasks"].as_array())
        .map_or(&[][..], Vec::as_slice);
    tasks
        .iter()
        .filter_map(|task| task["Secrets"].as_array())
        .flatten()
        .filter_map(|secret| secret.get("Provider").and_then(Value::as_str))
        .map(|provider| format!("plugins.secrets.{provider}.version"))
        .collect()
}

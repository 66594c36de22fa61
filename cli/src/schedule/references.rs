//! The names that recordings give to allocations and deployments instead of identifiers.

use std::collections::BTreeMap;

use yurt_model::{AllocId, Allocation, Deployment, DeploymentId};
use yurt_state::Store;

/// `docs.api[2]@1#0` is the first allocation ever made with that name by version 1 of its job;
/// `docs@1#0` is the first deployment of that version.
#[derive(Debug, Default)]
pub(super) struct References {
    allocs: BTreeMap<AllocId, String>,
    alloc_ids: BTreeMap<String, AllocId>,
    deployments: BTreeMap<DeploymentId, String>,
    ordinals: BTreeMap<String, u32>,
}

impl References {
    /// Names an allocation that was not seen before; the version is that of its job now.
    pub(super) fn meet(&mut self, alloc: &Allocation) {
        if self.allocs.contains_key(&alloc.id) {
            return;
        }
        let mut name = format!("{}@{}", alloc.name(), alloc.job.version);
        if alloc.job.spec.kind.is_per_node() {
            name = format!("{name}:{}", alloc.node_name);
        }
        let reference = self.numbered(name);
        self.alloc_ids.insert(reference.clone(), alloc.id);
        self.allocs.insert(alloc.id, reference);
    }

    /// Names a deployment that was not seen before.
    pub(super) fn meet_deployment(&mut self, deployment: &Deployment) {
        if !self.deployments.contains_key(&deployment.id) {
            let name = format!("{}@{}", deployment.job_id, deployment.job_version);
            let reference = self.numbered(name);
            self.deployments.insert(deployment.id, reference);
        }
    }

    /// Names everything in a store that has no name yet, oldest first.
    pub(super) fn meet_all(&mut self, store: &Store) {
        let mut allocs: Vec<_> = store.allocs().collect();
        allocs.sort_by_key(|alloc| (alloc.create_index, alloc.name_index, alloc.id));
        allocs.into_iter().for_each(|alloc| self.meet(alloc));
        let mut deployments: Vec<_> = store.deployments().collect();
        deployments.sort_by_key(|deployment| deployment.create_index);
        deployments
            .into_iter()
            .for_each(|deployment| self.meet_deployment(deployment));
    }

    fn numbered(&mut self, name: String) -> String {
        let ordinal = self.ordinals.entry(name.clone()).or_default();
        let reference = format!("{name}#{ordinal}");
        *ordinal += 1;
        reference
    }

    /// The name of an allocation.
    pub(super) fn alloc(&self, id: AllocId) -> String {
        self.allocs.get(&id).cloned().unwrap_or_default()
    }

    /// The name of a deployment.
    pub(super) fn deployment(&self, id: DeploymentId) -> String {
        self.deployments.get(&id).cloned().unwrap_or_default()
    }

    /// The allocation of that name.
    pub(super) fn alloc_id(&self, reference: &str) -> Option<AllocId> {
        self.alloc_ids.get(reference).copied()
    }

    /// Every name in their order, with its allocation.
    pub(super) fn named(&self) -> impl Iterator<Item = (&str, AllocId)> {
        self.alloc_ids
            .iter()
            .map(|(reference, id)| (reference.as_str(), *id))
    }
}

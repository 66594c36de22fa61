//! Counts of a job's allocations by group (spec: deployments 26).

use yurt_model::{Index, Name};

/// The counts of one group. `failed` and `complete` never fall; the rest follow the allocations.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct GroupSummary {
    /// Wanted and not placed.
    pub queued: i64,
    /// Placed and not started.
    pub starting: i64,
    /// Running.
    pub running: i64,
    /// Failed, ever.
    pub failed: i64,
    /// Ended well, ever.
    pub complete: i64,
    /// On nodes that are gone.
    pub lost: i64,
    /// On nodes that are silent.
    pub unknown: i64,
}

/// The counts of a job, groups in the order of their first appearance; one incarnation only.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct JobSummary {
    /// The groups.
    pub groups: Vec<(Name, GroupSummary)>,
    /// For periodic and parameterized parents: children that are (pending, running, dead).
    pub children: Option<(u64, u64, u64)>,
    /// The write that made it.
    pub create_index: Index,
    /// The write that last changed it.
    pub modify_index: Index,
}

impl JobSummary {
    /// The counts of one group.
    pub fn group(&self, name: &str) -> Option<&GroupSummary> {
        self.groups
            .iter()
            .find(|(group, _)| &**group == name)
            .map(|(_, summary)| summary)
    }

    pub(crate) fn group_mut(&mut self, name: &Name) -> &mut GroupSummary {
        let position = self
            .groups
            .iter()
            .position(|(group, _)| group == name)
            .unwrap_or_else(|| {
                self.groups.push((name.clone(), GroupSummary::default()));
                self.groups.len() - 1
            });
        &mut self.groups[position].1
    }
}

//! Preferences for nodes (spec: scheduling 9.2).

use yurt_model::{JobSpec, Node, TaskGroup};

use crate::feasible::constraint::Condition;

/// The affinities of job, group and tasks, read once.
#[derive(Debug)]
pub(crate) struct Affinities {
    list: Vec<(Condition, f64)>,
    weight_sum: f64,
}

impl Affinities {
    pub(crate) fn new(spec: &JobSpec, group: &TaskGroup) -> Self {
        let of_tasks = group.tasks.iter().flat_map(|task| &task.affinities);
        let list: Vec<(Condition, f64)> = spec
            .affinities
            .iter()
            .chain(&group.affinities)
            .chain(of_tasks)
            .map(|affinity| (Condition::of_affinity(affinity), affinity.weight as f64))
            .collect();
        let weight_sum = list.iter().map(|(_, weight)| weight.abs()).sum();
        Self { list, weight_sum }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether the preferences tell nodes of one class apart.
    pub(crate) fn escapes(&self) -> bool {
        self.list.iter().any(|(condition, _)| condition.escapes())
    }

    /// -1 to 1; counts even when it is 0. `None` when nothing is preferred.
    pub(crate) fn score(&self, node: &Node) -> Option<f64> {
        if self.list.is_empty() {
            return None;
        }
        let matching: f64 = self
            .list
            .iter()
            .filter(|(condition, _)| condition.holds_on(node))
            // `sum` of nothing is minus zero, which would show.
            .fold(0.0, |sum, (_, weight)| sum + weight);
        Some(matching / self.weight_sum)
    }
}

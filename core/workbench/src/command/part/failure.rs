//! Why a group could not be placed (spec: plan-diff 11).

use yurt_model::AllocMetric;

/// The reasons, each in a line that begins with `* ` after `indent`; texts are quoted, and quotes
/// within them escaped.
pub(crate) fn reasons(metric: &AllocMetric, indent: &str) -> Vec<String> {
    let mut lines = Vec::new();
    if metric.nodes_evaluated == 0 {
        lines.push("No nodes were eligible for evaluation".to_string());
    }
    for (datacenter, count) in &metric.nodes_available {
        if *count == 0 {
            lines.push(format!(
                "No nodes are available in datacenter {datacenter:?}"
            ));
        }
    }
    for (class, count) in &metric.class_filtered {
        lines.push(format!("Class {class:?}: {count} nodes excluded by filter"));
    }
    for (constraint, count) in &metric.constraint_filtered {
        lines.push(format!(
            "Constraint {constraint:?}: {count} nodes excluded by filter"
        ));
    }
    if metric.nodes_exhausted > 0 {
        let count = metric.nodes_exhausted;
        lines.push(format!("Resources exhausted on {count} nodes"));
    }
    for (class, count) in &metric.class_exhausted {
        lines.push(format!("Class {class:?} exhausted on {count} nodes"));
    }
    for (dimension, count) in &metric.dimension_exhausted {
        lines.push(format!(
            "Dimension {dimension:?} exhausted on {count} nodes"
        ));
    }
    lines
        .into_iter()
        .map(|line| format!("{indent}* {line}"))
        .collect()
}

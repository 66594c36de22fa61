//! A job's allocations keep away from each other (spec: scheduling 9.2).

/// Below 0 when `siblings` allocations of the same job and group are on the node, else nothing.
pub(crate) fn score(siblings: usize, count: i64) -> Option<f64> {
    if siblings == 0 {
        return None;
    }
    // One more than there are: the one to be placed counts.
    Some(-((siblings + 1) as f64) / (count as f64))
}

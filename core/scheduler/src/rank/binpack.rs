//! How full a node would be (spec: scheduling 9.3).

use yurt_model::{Node, SchedulerAlgorithm, math};

use crate::fit::Sum;

/// The best score (spec: scheduling 1).
const SCORE_MAX: f64 = 18.0;

/// 0 to 1; `used` includes what is to be placed. The key is `binpack` with either algorithm.
pub(crate) fn score(node: &Node, used: &Sum, algorithm: SchedulerAlgorithm) -> f64 {
    let (cpu_mhz, memory_mb, _) = node.available();
    let total = math::pow(10.0, free(used.cpu_mhz, cpu_mhz))
        + math::pow(10.0, free(used.memory_mb, memory_mb));
    let score = match algorithm {
        SchedulerAlgorithm::Binpack => 20.0 - total,
        SchedulerAlgorithm::Spread => total - 2.0,
    };
    score.clamp(0.0, SCORE_MAX) / SCORE_MAX
}

/// The free part; a node without any is full.
fn free(used: i64, available: i64) -> f64 {
    if available <= 0 {
        0.0
    } else {
        1.0 - used as f64 / available as f64
    }
}

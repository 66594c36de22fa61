//! Ranking: how good a node is among those that may take a group (spec: scheduling 9).
//!
//! Belongs here: one file a scorer, and how scores are put together. Not here: in which order nodes
//! are looked at, and how many (`stack`).

pub(crate) mod affinity;
pub(crate) mod anti_affinity;
pub(crate) mod binpack;
pub(crate) mod offer;
pub(crate) mod penalty;
pub(crate) mod spread;

use yurt_model::{Node, NodeScore, ScoreName, ScoreSet};

/// The scores of one node. Only some count in the mean, but all that are set are shown.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Scores {
    pub binpack: f64,
    pub devices: Option<f64>,
    pub anti_affinity: Option<f64>,
    pub penalty: Option<f64>,
    pub affinity: Option<f64>,
    pub spread: Option<f64>,
    pub preemption: Option<f64>,
}

impl Scores {
    /// The mean of the scores that count: what is compared.
    pub(crate) fn normalized(&self) -> f64 {
        let optional = [
            self.devices,
            self.anti_affinity,
            self.penalty,
            self.affinity,
            self.spread,
            self.preemption,
        ];
        let (mut sum, mut n) = (self.binpack, 1.0);
        for score in optional.into_iter().flatten() {
            sum += score;
            n += 1.0;
        }
        sum / n
    }

    /// The record that people see. Three scores are shown as 0 when they do not count, but not at
    /// all for jobs that run on every node.
    pub(crate) fn record(&self, node: &Node, is_per_node: bool) -> NodeScore {
        let mut scores = ScoreSet::default();
        scores.set(ScoreName::Binpack, self.binpack);
        if !is_per_node {
            scores.set(ScoreName::AntiAffinity, self.anti_affinity.unwrap_or(0.0));
            scores.set(ScoreName::Penalty, self.penalty.unwrap_or(0.0));
            scores.set(ScoreName::Affinity, self.affinity.unwrap_or(0.0));
        }
        for (name, score) in [
            (ScoreName::Devices, self.devices),
            (ScoreName::Spread, self.spread),
            (ScoreName::Preemption, self.preemption),
        ] {
            if let Some(score) = score {
                scores.set(name, score);
            }
        }
        NodeScore {
            node_id: node.id,
            scores,
            normalized: self.normalized(),
        }
    }
}

//! Settings of the whole cluster (spec: scheduling 1).

use crate::job::JobType;

/// Which nodes rank high.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SchedulerAlgorithm {
    /// The fullest that fit.
    #[default]
    Binpack,
    /// The emptiest.
    Spread,
}

impl SchedulerAlgorithm {
    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Binpack => "binpack",
            Self::Spread => "spread",
        }
    }
}

/// For which job types allocations of lower priority may be evicted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreemptionConfig {
    /// For system jobs (on by default).
    pub system: bool,
    /// For sysbatch jobs.
    pub sysbatch: bool,
    /// For batch jobs.
    pub batch: bool,
    /// For service jobs.
    pub service: bool,
}

impl PreemptionConfig {
    /// Whether jobs of this type may evict at all.
    pub const fn allows(&self, kind: JobType) -> bool {
        match kind {
            JobType::Service => self.service,
            JobType::Batch => self.batch,
            JobType::System => self.system,
            JobType::Sysbatch => self.sysbatch,
        }
    }
}

/// The scheduler configuration of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchedulerConfiguration {
    /// Which nodes rank high.
    pub algorithm: SchedulerAlgorithm,
    /// Who may evict.
    pub preemption: PreemptionConfig,
    /// Whether `memory_max` counts.
    pub memory_oversubscription: bool,
    /// Whether evaluations wait instead of being processed (spec: scheduling 3, rule 9).
    pub pause_eval_broker: bool,
    /// How many nodes are ranked when affinities or spreads exist.
    pub node_limit_for_feasibility_checks: u32,
}

impl SchedulerConfiguration {
    /// What a fresh cluster has.
    pub const fn of_a_fresh_cluster() -> Self {
        Self {
            algorithm: SchedulerAlgorithm::Binpack,
            preemption: PreemptionConfig {
                system: true,
                sysbatch: false,
                batch: false,
                service: false,
            },
            memory_oversubscription: false,
            pause_eval_broker: false,
            node_limit_for_feasibility_checks: 100,
        }
    }
}

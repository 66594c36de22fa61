//! The policies of a job: updates, restarts, rescheduling, migration, disconnects, and where to
//! place.

use std::fmt;

use crate::{Duration, Name};

/// A condition on nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// What is looked at, usually `${attr.…}` or `${meta.…}`.
    pub left: Name,
    /// What it is compared with.
    pub right: Name,
    /// The comparison, by its canonical name.
    pub operand: Name,
}

impl fmt::Display for Constraint {
    /// The reason shown when a node is filtered: the three parts with single spaces, even when the
    /// right one is empty (spec: scheduling 7.2).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.left, self.operand, self.right)
    }
}

/// A preference for nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affinity {
    /// What is looked at.
    pub left: Name,
    /// What it is compared with.
    pub right: Name,
    /// The comparison.
    pub operand: Name,
    /// -100 to 100, not 0.
    pub weight: i64,
}

/// A wish to spread allocations over the values of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread {
    /// The attribute.
    pub attribute: Name,
    /// 1 to 100.
    pub weight: i64,
    /// Shares by value; none means evenly.
    pub targets: Vec<SpreadTarget>,
}

/// One value's share in a spread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpreadTarget {
    /// The attribute's value.
    pub value: Name,
    /// Its share in percent, 0 to 100.
    pub percent: i64,
}

/// How a client decides that an allocation is healthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthCheck {
    /// Tasks run and all checks pass.
    Checks,
    /// Tasks run.
    TaskStates,
    /// Someone says so.
    Manual,
}

/// How an update rolls (spec: deployments 1.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateStrategy {
    /// Kept for old jobs; has no effect on service jobs.
    pub stagger: Duration,
    /// How many destructive updates at once; 0 makes the block empty.
    pub max_parallel: i64,
    /// What health means.
    pub health_check: HealthCheck,
    /// How long tasks must run well.
    pub min_healthy_time: Duration,
    /// How long an allocation may take to get healthy.
    pub healthy_deadline: Duration,
    /// How long the deployment may go without progress; zero switches this off.
    pub progress_deadline: Duration,
    /// Go back to the latest stable version on failure.
    pub auto_revert: bool,
    /// Promote when all canaries are healthy.
    pub auto_promote: bool,
    /// How many canaries; a percentage for system jobs.
    pub canary: i64,
}

impl UpdateStrategy {
    /// An empty block: no deployments and no limit.
    pub const fn is_empty(&self) -> bool {
        self.max_parallel == 0
    }
}

/// How drained allocations move (spec: deployments 1.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrateStrategy {
    /// How many at once.
    pub max_parallel: i64,
    /// What health means.
    pub health_check: HealthCheck,
    /// How long tasks must run well.
    pub min_healthy_time: Duration,
    /// How long it may take.
    pub healthy_deadline: Duration,
}

/// What happens when restarts are used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestartMode {
    /// Wait for the interval to end, then go on.
    Delay,
    /// The task has failed.
    Fail,
}

/// How a failed task restarts on its node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestartPolicy {
    /// Restarts within the interval.
    pub attempts: i64,
    /// The interval.
    pub interval: Duration,
    /// The wait before a restart (a jitter of up to a quarter is added).
    pub delay: Duration,
    /// What happens when they are used up.
    pub mode: RestartMode,
    /// Whether templates are rendered again.
    pub render_templates: bool,
}

/// How the wait grows from one rescheduling to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DelayFunction {
    /// Always the same.
    Constant,
    /// Doubles.
    Exponential,
    /// The sum of the two before.
    Fibonacci,
}

impl DelayFunction {
    /// The name in job files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Exponential => "exponential",
            Self::Fibonacci => "fibonacci",
        }
    }
}

/// How a failed allocation moves to another node (spec: deployments 1.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReschedulePolicy {
    /// How many times within the interval, unless unlimited.
    pub attempts: i64,
    /// The interval.
    pub interval: Duration,
    /// The first wait.
    pub delay: Duration,
    /// How waits grow.
    pub delay_function: DelayFunction,
    /// The longest wait; zero means no ceiling.
    pub max_delay: Duration,
    /// No limit on attempts.
    pub unlimited: bool,
}

impl ReschedulePolicy {
    /// Whether anything is ever rescheduled.
    pub const fn is_enabled(&self) -> bool {
        self.attempts > 0 || self.unlimited
    }
}

/// Which allocation stays when a lost node comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReconcileOption {
    /// The one on the better node.
    BestScore,
    /// The one that was there first.
    KeepOriginal,
    /// The one that replaced it.
    KeepReplacement,
    /// The one that has run longer.
    LongestRunning,
}

/// What happens to a group's allocations when their node's connection is lost
/// (spec: deployments 1.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisconnectStrategy {
    /// How long an allocation counts as unknown before it is lost; zero means not at all.
    pub lost_after: Duration,
    /// How long the client itself waits before it stops the allocation.
    pub stop_on_client_after: Option<Duration>,
    /// Whether a replacement is placed meanwhile.
    pub replace: bool,
    /// Which one stays.
    pub reconcile: ReconcileOption,
}

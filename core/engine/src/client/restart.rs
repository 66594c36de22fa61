//! The restart policy of one task: whether, when and why it starts again on its node.

use yurt_model::job::{RestartMode, RestartPolicy};
use yurt_model::{Duration, Rng, Time};

/// How often a task was restarted in the current interval.
#[derive(Clone, Debug, Default)]
pub(super) struct RestartTracker {
    count: i64,
    interval_began: Option<Time>,
}

/// What the policy says after an end.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// Start again after the wait.
    Restart { wait: Duration, reason: String },
    /// Give up.
    GiveUp { reason: String },
}

impl RestartTracker {
    /// Counts an end and decides. A jitter of up to a quarter of the delay is added to each wait.
    pub(super) fn decide(&mut self, policy: &RestartPolicy, now: Time, rng: &mut Rng) -> Verdict {
        if policy.attempts == 0 {
            return match policy.mode {
                RestartMode::Fail => Verdict::GiveUp {
                    reason: "Policy allows no restarts".to_owned(),
                },
                RestartMode::Delay => self.delay_to_next_interval(policy, now, rng),
            };
        }
        let is_over = self
            .interval_began
            .is_none_or(|began| (now - began).nanos() > policy.interval.nanos());
        if is_over {
            self.count = 0;
            self.interval_began = Some(now);
        }
        self.count += 1;
        if self.count <= policy.attempts {
            let wait = jittered(policy.delay, rng);
            return Verdict::Restart {
                wait,
                reason: "Restart within policy".to_owned(),
            };
        }
        match policy.mode {
            RestartMode::Fail => Verdict::GiveUp {
                reason: format!(
                    "Exceeded allowed attempts {} in interval {} and mode is \"fail\"",
                    policy.attempts, policy.interval
                ),
            },
            RestartMode::Delay => self.delay_to_next_interval(policy, now, rng),
        }
    }

    fn delay_to_next_interval(
        &mut self,
        policy: &RestartPolicy,
        now: Time,
        rng: &mut Rng,
    ) -> Verdict {
        let began = self.interval_began.unwrap_or(now);
        let rest = (began + policy.interval) - now;
        let wait = jittered(
            if rest.is_zero_or_less() {
                policy.delay
            } else {
                rest
            },
            rng,
        );
        let reason = format!(
            "Exceeded allowed attempts {} in interval {} and mode is \"delay\"",
            policy.attempts, policy.interval
        );
        Verdict::Restart { wait, reason }
    }
}

fn jittered(delay: Duration, rng: &mut Rng) -> Duration {
    let quarter = delay.nanos() as f64 * 0.25;
    Duration(delay.nanos() + (quarter * rng.fraction()) as i64)
}

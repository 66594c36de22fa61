//! The restart policy of one task: whether, when and why it starts again on its node.

use yurt_model::job::{RestartMode, RestartPolicy};
use yurt_model::{Duration, Rng, Time};

/// How often a task was restarted in the current interval.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RestartTracker {
    /// When the interval began, once it has.
    interval_began: Time,
    has_begun: bool,
    count: u32,
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
    /// The task starts: with its first start the first interval begins.
    pub(super) fn task_starts(&mut self, now: Time) {
        if !self.has_begun {
            self.begin(now);
        }
    }

    fn begin(&mut self, now: Time) {
        (self.interval_began, self.has_begun) = (now, true);
    }

    /// Counts an end and decides. A jitter of up to a quarter is added to the policy's delay, never
    /// to the rest of an interval.
    pub(super) fn decide(&mut self, policy: &RestartPolicy, now: Time, rng: &mut Rng) -> Verdict {
        let since = (now - self.interval_began).nanos();
        if !self.has_begun || since > policy.interval.nanos() {
            self.count = 0;
            self.begin(now);
        }
        self.count += 1;
        if i64::from(self.count) <= policy.attempts {
            let wait = jittered(policy.delay, rng);
            return Verdict::Restart {
                wait,
                reason: WITHIN_POLICY.to_owned(),
            };
        }
        match policy.mode {
            RestartMode::Fail if policy.attempts == 0 => Verdict::GiveUp {
                reason: "Policy allows no restarts".to_owned(),
            },
            RestartMode::Fail => Verdict::GiveUp {
                reason: format!(
                    "Exceeded allowed attempts {} in interval {} and mode is \"fail\"",
                    policy.attempts, policy.interval
                ),
            },
            RestartMode::Delay => self.delay_to_next_interval(policy, now),
        }
    }

    fn delay_to_next_interval(&mut self, policy: &RestartPolicy, now: Time) -> Verdict {
        let rest = (self.interval_began + policy.interval) - now;
        Verdict::Restart {
            wait: rest.max(Duration::ZERO),
            reason: APPLYING_A_DELAY.to_owned(),
        }
    }
}

/// Why a task waits for the next interval.
const APPLYING_A_DELAY: &str = "Exceeded allowed attempts, applying a delay";

/// Why a task restarts as usual; its event does not say so.
pub(crate) const WITHIN_POLICY: &str = "Restart within policy";

fn jittered(delay: Duration, rng: &mut Rng) -> Duration {
    let quarter = delay.nanos() as f64 * 0.25;
    delay + Duration((quarter * rng.fraction()) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wait in seconds: at least, at most; -1 is the end of it.
    type Wait = (f64, f64);

    /// A policy of so many attempts in a minute with 8 s between.
    fn policy(attempts: i64, mode: RestartMode) -> RestartPolicy {
        RestartPolicy {
            attempts,
            interval: Duration::from_secs(60),
            delay: Duration::from_secs(8),
            mode,
            render_templates: false,
        }
    }

    /// Ends of a task that first started at 0 s, in seconds, each with the wait that follows.
    #[test]
    fn attempts_are_counted_by_intervals_that_begin_with_the_first_start() {
        use RestartMode::{Delay, Fail};
        let within = (8.0, 10.0);
        let over = (-1.0, -1.0);
        let rest = |seconds: f64| (seconds, seconds);
        let cases: [(i64, RestartMode, &[i64], &[Wait]); 6] = [
            (0, Fail, &[5], &[over]),
            (2, Fail, &[5, 20, 40], &[within, within, over]),
            // The third comes after the interval, so it is the first of the next.
            (2, Fail, &[5, 20, 61], &[within, within, within]),
            // The interval began with the start and not with the first end.
            (1, Fail, &[50, 62], &[within, within]),
            (2, Delay, &[5, 20, 40], &[within, within, rest(20.0)]),
            // Every interval has its two attempts, and then the rest of it is waited for.
            (
                2,
                Delay,
                &[5, 20, 40, 61, 80, 100],
                &[within, within, rest(20.0), within, within, rest(21.0)],
            ),
        ];
        for (attempts, mode, ends, wanted) in cases {
            let mut tracker = RestartTracker::default();
            let mut rng = Rng::new(3);
            tracker.task_starts(Time(0));
            for (end, (least, most)) in ends.iter().zip(wanted) {
                let now = Time(0) + Duration::from_secs(*end);
                let wait = match tracker.decide(&policy(attempts, mode), now, &mut rng) {
                    Verdict::Restart { wait, .. } => wait.as_secs_f64(),
                    Verdict::GiveUp { .. } => -1.0,
                };
                let is_as_wanted = (*least..=*most).contains(&wait);
                assert!(
                    is_as_wanted,
                    "{attempts} {mode:?} {ends:?}: {wait} at {end}"
                );
            }
        }
    }

    #[test]
    fn jitter_uses_the_whole_quarter_and_no_more() {
        let mut rng = Rng::new(1);
        let waits: Vec<i64> = (0..1_000)
            .map(|_| jittered(Duration::from_secs(8), &mut rng).nanos())
            .collect();
        let (least, most) = (waits.iter().min().unwrap(), waits.iter().max().unwrap());
        assert!(*least >= 8_000_000_000 && *least < 8_020_000_000, "{least}");
        assert!(*most <= 10_000_000_000 && *most > 9_980_000_000, "{most}");
    }
}

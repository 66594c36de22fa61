//! Rules about restarts, rescheduling, updates and migration (spec: jobspec 15.3, deployments 1.4
//! to 1.6).

use yurt_model::Duration;

use crate::admission::issues::Issues;
use crate::document::View;

const MIN_RESTART_INTERVAL: Duration = Duration::from_secs(5);
const MIN_RESCHEDULE_DELAY: Duration = Duration::from_secs(5);
const MIN_RESCHEDULE_INTERVAL: Duration = Duration::from_secs(15);

/// The restart policy of a group or a task.
pub(super) fn restart(owner: View<'_>, at: &str, issues: &mut Issues) {
    let Some(policy) = owner.object("RestartPolicy") else {
        return;
    };
    let mode = policy.text("Mode");
    if !matches!(mode, "fail" | "delay") {
        let text = format!("Unsupported restart mode: {mode:?}");
        issues.add(format!("{at}.mode"), text);
    }
    let attempts = policy.int("Attempts");
    if mode == "delay" && attempts == 0 {
        let text = "Restart policy \"delay\" with 0 attempts is ambiguous";
        issues.add(format!("{at}.attempts"), text);
    }
    let (interval, delay) = (policy.span("Interval"), policy.span("Delay"));
    if interval < MIN_RESTART_INTERVAL {
        let text = format!("Interval can not be less than {MIN_RESTART_INTERVAL} (got {interval})");
        issues.add(format!("{at}.interval"), text);
    }
    if delay.times(attempts) > interval {
        let text = format!(
            "Nomad can't restart the TaskGroup {attempts} times in an interval of {interval} \
             with a delay of {delay}"
        );
        issues.add(at, text);
    }
}

/// A reschedule block under judgement.
struct Reschedule<'a> {
    attempts: i64,
    interval: Duration,
    delay: Duration,
    function: &'a str,
    max_delay: Duration,
    unlimited: bool,
}

/// The group's reschedule block.
pub(super) fn reschedule(group: View<'_>, kind: &str, at: &str, issues: &mut Issues) {
    let Some(policy) = group.object("ReschedulePolicy") else {
        return;
    };
    let at = format!("{at}.reschedule");
    if matches!(kind, "system" | "sysbatch") {
        let text = "System or sysbatch jobs should not have a reschedule policy";
        issues.add(at, text);
        return;
    }
    let policy = Reschedule {
        attempts: policy.int("Attempts"),
        interval: policy.span("Interval"),
        delay: policy.span("Delay"),
        function: policy.text("DelayFunction"),
        max_delay: policy.span("MaxDelay"),
        unlimited: policy.flag("Unlimited"),
    };
    if policy.attempts <= 0 && !policy.unlimited {
        return;
    }
    attempts(&policy, &at, issues);
    let delays = delays(&policy, &at);
    let delays_pass = delays.is_empty();
    issues.extend(delays);
    if policy.unlimited {
        return;
    }
    if policy.interval < MIN_RESCHEDULE_INTERVAL {
        let text = format!(
            "Interval cannot be less than {MIN_RESCHEDULE_INTERVAL} (got {})",
            policy.interval
        );
        issues.add(format!("{at}.interval"), text);
    }
    if delays_pass {
        viability(&policy, &at, issues);
    }
}

fn attempts(policy: &Reschedule<'_>, at: &str, issues: &mut Issues) {
    if policy.attempts > 0 && policy.interval.is_zero_or_less() {
        let text = "Interval must be a non zero value if Attempts > 0";
        issues.add(format!("{at}.interval"), text);
    }
    if policy.attempts > 0 && policy.unlimited {
        let text = format!(
            "Reschedule Policy with Attempts = {}, Interval = {}, and Unlimited = true is \
             ambiguous",
            policy.attempts, policy.interval
        );
        issues.add(format!("{at}.attempts"), text);
        let text = "If Attempts >0, Unlimited cannot also be set to true";
        issues.add(format!("{at}.unlimited"), text);
    }
}

fn delays(policy: &Reschedule<'_>, at: &str) -> Issues {
    let mut issues = Issues::default();
    let (delay, max_delay) = (policy.delay, policy.max_delay);
    if delay < MIN_RESCHEDULE_DELAY {
        let text = format!("Delay cannot be less than {MIN_RESCHEDULE_DELAY} (got {delay})");
        issues.add(format!("{at}.delay"), text);
    }
    if !matches!(policy.function, "constant" | "exponential" | "fibonacci") {
        let text = format!(
            "Invalid delay function {:?}, must be one of [\"constant\" \"exponential\" \
             \"fibonacci\"]",
            policy.function
        );
        issues.add(format!("{at}.delay_function"), text);
    }
    if policy.function != "constant" {
        if max_delay < MIN_RESCHEDULE_DELAY {
            // The text names the delay, not the ceiling.
            let text =
                format!("Max Delay cannot be less than {MIN_RESCHEDULE_DELAY} (got {delay})");
            issues.add(format!("{at}.max_delay"), text);
        }
        if max_delay < delay {
            let text = format!("Max Delay cannot be less than Delay {delay} (got {max_delay})");
            issues.add(format!("{at}.max_delay"), text);
        }
    }
    issues
}

fn viability(policy: &Reschedule<'_>, at: &str, issues: &mut Issues) {
    let Reschedule {
        attempts,
        interval,
        delay,
        function,
        max_delay,
        ..
    } = *policy;
    let (possible, needed) = match function {
        "constant" => (interval.nanos() / delay.nanos(), delay.times(attempts)),
        "exponential" => exponential(policy),
        _ => fibonacci(policy),
    };
    let is_viable = match function {
        "exponential" => possible == attempts,
        _ => needed <= interval,
    };
    if is_viable {
        return;
    }
    let mut text =
        format!("Nomad can only make {possible} attempts in {interval} with initial delay {delay}");
    text += &match function {
        "constant" => " and delay function \"constant\"".to_owned(),
        other => format!(", delay function {other:?}, and delay ceiling {max_delay}"),
    };
    issues.add(format!("{at}.attempts"), text);
    let text = format!("Set the interval to at least {needed} to accommodate {attempts} attempts");
    issues.add(format!("{at}.interval"), text);
}

/// Longer than can be told: no delay grows beyond that, whatever its ceiling.
fn is_endless(delay: Duration) -> bool {
    delay.nanos() == i64::MAX
}

/// How many attempts fit, and the interval that all of them need. Delays double up to the ceiling;
/// from there on each adds the ceiling.
fn exponential(policy: &Reschedule<'_>) -> (i64, Duration) {
    let (mut possible, mut needed) = (0, Duration::ZERO);
    let mut next = policy.delay;
    for done in 0..policy.attempts {
        if next > policy.max_delay || is_endless(next) {
            let left = policy.attempts - done;
            let room = policy.interval.nanos().saturating_sub(needed.nanos());
            // As many ceilings as stay below what is left of the interval.
            let more = (room - 1).div_euclid(policy.max_delay.nanos());
            return (
                possible + more.clamp(0, left),
                needed + policy.max_delay.times(left),
            );
        }
        needed = next;
        possible += i64::from(needed < policy.interval);
        next = next.times(2);
    }
    (possible, needed)
}

/// The same with delays that are the sum of the two before.
fn fibonacci(policy: &Reschedule<'_>) -> (i64, Duration) {
    let (mut possible, mut before, mut slot) = (0, Duration::ZERO, Duration::ZERO);
    for done in 0..policy.attempts {
        let next = if done < 2 {
            policy.delay
        } else {
            before + slot
        };
        if next > policy.max_delay || is_endless(next) {
            // This slot is the ceiling; each one after it adds the ceiling.
            let left = policy.attempts - done;
            let more = policy.interval.nanos() / policy.max_delay.nanos();
            return (possible + more.clamp(0, left), policy.max_delay.times(left));
        }
        (before, slot) = (slot, next);
        possible += i64::from(slot <= policy.interval);
    }
    (possible, slot)
}

/// The group's update block.
pub(super) fn update(group: View<'_>, kind: &str, at: &str, issues: &mut Issues) {
    let Some(update) = group.object("Update") else {
        return;
    };
    let at = format!("{at}.update");
    if !matches!(kind, "service" | "system") {
        let text = format!("Job type {kind:?} does not allow update block");
        issues.add(at.clone(), text);
    }
    let health_check = update.text("HealthCheck");
    if !matches!(health_check, "checks" | "task_states" | "manual") {
        let text = format!("Invalid health check given: {health_check:?}");
        issues.add(format!("{at}.health_check"), text);
    }
    let (max_parallel, canary) = (update.int("MaxParallel"), update.int("Canary"));
    if max_parallel < 0 {
        let text = format!("Max parallel can not be less than zero: {max_parallel} < 0");
        issues.add(format!("{at}.max_parallel"), text);
    }
    if canary < 0 {
        let text = format!("Canary count can not be less than zero: {canary} < 0");
        issues.add(format!("{at}.canary"), text);
    }
    if canary == 0 && update.flag("AutoPromote") {
        let text = "Auto Promote requires a Canary count greater than zero";
        issues.add(format!("{at}.auto_promote"), text);
    }
    update_times(update, &at, issues);
}

fn update_times(update: View<'_>, at: &str, issues: &mut Issues) {
    let min_healthy = update.span("MinHealthyTime");
    let healthy = update.span("HealthyDeadline");
    let progress = update.span("ProgressDeadline");
    if min_healthy < Duration::ZERO {
        let text = format!("Minimum healthy time may not be less than zero: {min_healthy}");
        issues.add(format!("{at}.min_healthy_time"), text);
    }
    if healthy.is_zero_or_less() {
        let text = format!("Healthy deadline must be greater than zero: {healthy}");
        issues.add(format!("{at}.healthy_deadline"), text);
    }
    if progress < Duration::ZERO {
        let text = format!("Progress deadline must be zero or greater: {progress}");
        issues.add(format!("{at}.progress_deadline"), text);
    }
    if min_healthy >= healthy {
        let text = format!(
            "Minimum healthy time must be less than healthy deadline: {min_healthy} > {healthy}"
        );
        issues.add(format!("{at}.min_healthy_time"), text);
    }
    if progress != Duration::ZERO && healthy >= progress {
        let text =
            format!("Healthy deadline must be less than progress deadline: {healthy} > {progress}");
        issues.add(format!("{at}.healthy_deadline"), text);
    }
    let stagger = update.span("Stagger");
    if stagger.is_zero_or_less() {
        let text = format!("Stagger must be greater than zero: {stagger}");
        issues.add(format!("{at}.stagger"), text);
    }
}

/// The group's migrate block.
pub(super) fn migrate(group: View<'_>, kind: &str, at: &str, issues: &mut Issues) {
    let Some(migrate) = group.object("Migrate") else {
        return;
    };
    let at = format!("{at}.migrate");
    if kind != "service" {
        let text = format!("Job type {kind:?} does not allow migrate block");
        issues.add(at, text);
        return;
    }
    let max_parallel = migrate.int("MaxParallel");
    if max_parallel < 0 {
        let text = format!("MaxParallel must be >= 0 but found {max_parallel}");
        issues.add(format!("{at}.max_parallel"), text);
    }
    match migrate.text("HealthCheck") {
        "checks" | "task_states" => {}
        "" => issues.add(format!("{at}.health_check"), "Missing HealthCheck"),
        other => {
            let text = format!("Invalid HealthCheck: {other:?}");
            issues.add(format!("{at}.health_check"), text);
        }
    }
    let (min_healthy, healthy) = (
        migrate.span("MinHealthyTime"),
        migrate.span("HealthyDeadline"),
    );
    if min_healthy < Duration::ZERO {
        let text = format!("MinHealthyTime is {min_healthy} and must be >= 0");
        issues.add(format!("{at}.min_healthy_time"), text);
    }
    if healthy < Duration::ZERO {
        let text = format!("HealthyDeadline is {healthy} and must be >= 0");
        issues.add(format!("{at}.healthy_deadline"), text);
    }
    if min_healthy > healthy {
        let text = "MinHealthyTime must be less than HealthyDeadline";
        issues.add(format!("{at}.min_healthy_time"), text);
    }
}

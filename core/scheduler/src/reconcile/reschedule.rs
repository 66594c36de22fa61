//! Which failed allocations are replaced now, later, or not (spec: deployments 9, 10).

use std::collections::BTreeMap;
use std::rc::Rc;

use yurt_model::job::{DelayFunction, ReschedulePolicy};
use yurt_model::{
    AllocClientStatus, AllocDesiredStatus, Allocation, Deployment, Duration, EvalId,
    RescheduleEvent, RescheduleOutcome, RescheduleTracker, Time,
};

use super::buckets::{replaces_on_disconnect, unknown_since};
use super::set::{AllocRef, AllocSet};

/// Close enough to "now" (spec: deployments 3).
const NOW_WINDOW: Duration = Duration::from_secs(1);
/// Past moves that are kept when there is no limit on them (spec: deployments 3).
const EVENTS_KEPT_MAX: usize = 5;

/// What the filter needs to know beside the allocations.
pub(crate) struct Filter<'a> {
    /// The evaluation under way.
    pub eval_id: EvalId,
    /// The time.
    pub now: Time,
    /// Whether the batch scheduler looks.
    pub is_batch: bool,
    /// The current deployment.
    pub deployment: Option<&'a Deployment>,
    /// The allocations' nodes have just fallen silent.
    pub is_disconnecting: bool,
}

/// What came of the filter. `later` is also part of `untainted`.
#[derive(Default)]
pub(crate) struct Filtered<'a> {
    pub untainted: AllocSet<'a>,
    pub now: AllocSet<'a>,
    pub later: Vec<(AllocRef<'a>, Time)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Never,
    Now,
    Later(Time),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    Untainted,
    Drop,
    Candidate,
}

impl Filter<'_> {
    /// Splits the set (spec: deployments 9.1).
    pub(crate) fn apply<'s>(&self, set: &AllocSet<'s>) -> Filtered<'s> {
        let (mut untainted, mut now, mut later) = (Vec::new(), Vec::new(), Vec::new());
        for alloc in set.iter() {
            let is_unknown = alloc.client_status == AllocClientStatus::Unknown;
            let was_replaced = alloc.links.next_allocation.is_some() && alloc.is_terminal();
            if (self.is_disconnecting && is_unknown) || was_replaced {
                continue;
            }
            match keep(alloc, self.is_batch) {
                Keep::Untainted if !self.is_disconnecting => {
                    untainted.push(alloc);
                    continue;
                }
                Keep::Drop => continue,
                Keep::Untainted | Keep::Candidate => (),
            }
            match self.when(alloc) {
                When::Now => now.push(alloc),
                When::Never => untainted.push(alloc),
                When::Later(time) => {
                    untainted.push(alloc);
                    later.push((alloc, time));
                }
            }
        }
        Filtered {
            untainted: AllocSet::new(untainted),
            now: AllocSet::new(now),
            later,
        }
    }

    /// Now, later or never (spec: deployments 9.2).
    fn when(&self, alloc: &Allocation) -> When {
        let transition = &alloc.desired_transition;
        let belongs = self
            .deployment
            .is_some_and(|d| d.is_active() && alloc.deployment_id == Some(d.id));
        if belongs && !transition.should_reschedule() {
            return When::Never;
        }
        let is_forced = transition.should_force_reschedule() && alloc.is_client_terminal();
        let otherwise = if is_forced { When::Now } else { When::Never };
        if self.is_disconnecting && !replaces_on_disconnect(alloc) {
            return otherwise;
        }
        let is_follow_up = alloc.links.follow_up_eval == Some(self.eval_id);
        let is_unknown = alloc.client_status == AllocClientStatus::Unknown;
        let next = if self.is_disconnecting {
            next_time_after(alloc, self.now)
        } else if is_unknown && is_follow_up {
            unknown_since(alloc).and_then(|since| next_time_after(alloc, since))
        } else {
            next_time(alloc, self.is_batch)
        };
        match next {
            Some(time) if is_follow_up || time - self.now <= NOW_WINDOW => When::Now,
            Some(_) if is_forced => When::Now,
            Some(time) if alloc.links.follow_up_eval.is_none() => When::Later(time),
            _ => otherwise,
        }
    }
}

/// The keep table of deployments 9.1.
fn keep(alloc: &Allocation, is_batch: bool) -> Keep {
    let client = alloc.client_status;
    let last_failed = last_reschedule_failed(alloc);
    if !is_batch {
        return match client {
            _ if alloc.is_server_terminal() && last_failed => Keep::Candidate,
            _ if alloc.is_server_terminal() => Keep::Drop,
            AllocClientStatus::Complete | AllocClientStatus::Lost => Keep::Drop,
            _ => Keep::Candidate,
        };
    }
    if alloc.desired_transition.disables_placement() {
        return Keep::Untainted;
    }
    if alloc.desired_transition.should_reschedule() {
        return Keep::Candidate;
    }
    match alloc.desired_status {
        AllocDesiredStatus::Stop if alloc.ran_successfully() => Keep::Untainted,
        AllocDesiredStatus::Stop if last_failed => Keep::Candidate,
        AllocDesiredStatus::Stop | AllocDesiredStatus::Evict => Keep::Drop,
        AllocDesiredStatus::Run if client == AllocClientStatus::Failed => Keep::Candidate,
        AllocDesiredStatus::Run => Keep::Untainted,
    }
}

fn last_reschedule_failed(alloc: &Allocation) -> bool {
    alloc
        .links
        .reschedule_tracker
        .as_ref()
        .is_some_and(|tracker| tracker.last == Some(RescheduleOutcome::NoPlacement))
}

fn policy(alloc: &Allocation) -> Option<&ReschedulePolicy> {
    alloc
        .task_group()?
        .reschedule
        .as_ref()
        .filter(|policy| policy.is_enabled())
}

/// When a failed allocation may move, if ever (spec: deployments 10.1).
pub(crate) fn next_time(alloc: &Allocation, is_batch: bool) -> Option<Time> {
    let is_stopped = alloc.desired_status == AllocDesiredStatus::Stop;
    if is_stopped && !last_reschedule_failed(alloc) {
        return None;
    }
    let has_failed = matches!(
        alloc.client_status,
        AllocClientStatus::Failed | AllocClientStatus::Lost
    );
    let is_asked = is_batch && alloc.desired_transition.should_reschedule();
    if !has_failed && !is_asked {
        return None;
    }
    next_time_after(alloc, alloc.failure_time())
}

/// When an allocation that failed at `failure` may move, if ever.
fn next_time_after(alloc: &Allocation, failure: Time) -> Option<Time> {
    let policy = policy(alloc)?;
    let delay = delay(alloc, policy);
    let is_eligible = policy.unlimited
        || alloc
            .links
            .reschedule_tracker
            .as_ref()
            .is_none_or(|tracker| {
                let recent = tracker
                    .events
                    .iter()
                    .filter(|event| failure - event.time < policy.interval)
                    .count();
                i64::try_from(recent).is_ok_and(|n| n < policy.attempts) && delay < policy.interval
            });
    is_eligible.then(|| failure + delay)
}

/// How long the next move waits (spec: deployments 10.2).
fn delay(alloc: &Allocation, policy: &ReschedulePolicy) -> Duration {
    let events = alloc
        .links
        .reschedule_tracker
        .as_ref()
        .map_or(&[][..], |tracker| &tracker.events);
    let Some(last) = events.last() else {
        return policy.delay;
    };
    let grown = match policy.delay_function {
        DelayFunction::Constant => return policy.delay,
        DelayFunction::Exponential => last.delay.times(2),
        DelayFunction::Fibonacci => match events {
            [.., older, newer]
                if older.delay == policy.max_delay && newer.delay == policy.delay =>
            {
                newer.delay
            }
            [.., older, newer] => older.delay + newer.delay,
            _ => policy.delay,
        },
    };
    if policy.max_delay <= Duration::ZERO || grown <= policy.max_delay {
        return grown;
    }
    // After a quiet time as long as the ceiling, delays start anew.
    if alloc.failure_time() - last.time > policy.max_delay {
        policy.delay
    } else {
        policy.max_delay
    }
}

/// The past of the allocation that replaces `previous` now (spec: deployments 10.3).
pub(crate) fn tracker_of_replacement(previous: &Allocation, now: Time) -> RescheduleTracker {
    let policy = previous
        .task_group()
        .and_then(|group| group.reschedule.as_ref());
    let old = previous
        .links
        .reschedule_tracker
        .as_ref()
        .map_or(&[][..], |tracker| &tracker.events);
    let mut events: Vec<RescheduleEvent> = match policy {
        Some(policy) if policy.attempts > 0 => old
            .iter()
            .filter(|event| policy.interval > Duration::ZERO && now - event.time <= policy.interval)
            .cloned()
            .collect(),
        _ => old[old.len().saturating_sub(EVENTS_KEPT_MAX)..].to_vec(),
    };
    events.push(RescheduleEvent {
        time: now,
        previous_alloc: previous.id,
        previous_node: previous.node_id,
        delay: policy.map_or(Duration::ZERO, |policy| delay(previous, policy)),
    });
    RescheduleTracker {
        events,
        last: Some(RescheduleOutcome::Ok),
    }
}

/// The record of an allocation that should have moved and found no node (spec: deployments 20.7).
pub(crate) fn tracker_without_placement(alloc: &Allocation) -> Rc<RescheduleTracker> {
    let mut tracker = alloc
        .links
        .reschedule_tracker
        .as_deref()
        .cloned()
        .unwrap_or_default();
    tracker.last = Some(RescheduleOutcome::NoPlacement);
    Rc::new(tracker)
}

/// When the replacement of a lost allocation may start, if its group waits for the client to stop
/// it (spec: deployments 10.4).
pub(crate) fn wait_for_client_stop(alloc: &Allocation, now: Time) -> Option<Time> {
    let group = alloc.task_group()?;
    let wait = group.disconnect.as_ref()?.stop_on_client_after?;
    let lost_at = alloc
        .links
        .states
        .iter()
        .find(|change| change.status == AllocClientStatus::Lost)
        .map_or(now, |change| change.time);
    let kill_timeout = group
        .tasks
        .iter()
        .map(|task| task.kill_timeout)
        .fold(Duration::from_secs(5), Duration::max);
    Some(lost_at + wait + kill_timeout).filter(|time| *time > now)
}

/// Which follow-up evaluation looks at which allocation.
pub(crate) type FollowUps = BTreeMap<yurt_model::AllocId, EvalId>;

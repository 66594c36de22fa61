//! Checks of services over time: when they run, what they find, and when a failing one restarts
//! its task.
//!
//! Nothing ticks: an image says how its checks fare by the time since its start, so every result
//! can be computed when someone asks, and only what changes something gets a timer.

use std::rc::Rc;

use yurt_model::job::{Check, Service, TaskGroup};
use yurt_model::{Duration, Name, Task, Time};

use super::image::{CheckStatus, ImageBehaviour};

/// Most runs of one check that are looked at in search of a change.
const RUNS_MAX: i64 = 100_000;

/// A check with the service that it belongs to and the task that answers it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declared<'a> {
    pub(super) service: &'a Service,
    pub(super) check: &'a Check,
    /// The task whose block the service is in; `None` for a service of the group.
    pub(super) owner: Option<&'a Task>,
    /// The task that answers: the one named, the owner, or the first main task of the group.
    pub(super) answers: &'a Task,
}

/// Every check of a group, in the order of the job file. Where some service is of the provider
/// `consul`, only such checks are watched (spec: deployments 24.3).
pub(super) fn declared(group: &TaskGroup) -> Vec<Declared<'_>> {
    let of_group = group.services.iter().map(|service| (service, None));
    let of_tasks = group.tasks.iter().flat_map(|task| {
        task.services
            .iter()
            .map(move |service| (service, Some(task)))
    });
    let mut all = Vec::new();
    for (service, owner) in of_group.chain(of_tasks) {
        for check in &service.checks {
            let named = |name: &Name| group.task(name).filter(|_| !name.is_empty());
            let main = || group.tasks.iter().find(|task| task.lifecycle.is_none());
            let answers = named(&check.task_name)
                .or_else(|| named(&service.task_name))
                .or(owner)
                .or_else(main);
            if let Some(answers) = answers {
                all.push(Declared {
                    service,
                    check,
                    owner,
                    answers,
                });
            }
        }
    }
    let is_consul = |one: &Declared<'_>| &*one.service.provider == "consul";
    if all.iter().any(is_consul) {
        all.retain(is_consul);
    }
    all
}

/// What a check has found so far: its status follows the results only after so many in a row.
struct Counted {
    status: CheckStatus,
    good: i64,
    bad: i64,
}

impl Counted {
    /// Before the first run a check has not passed.
    const NEW: Self = Self {
        status: CheckStatus::Failing,
        good: 0,
        bad: 0,
    };

    /// Takes one result more and says what the check's status is after it.
    fn take(&mut self, check: &Check, result: CheckStatus) -> CheckStatus {
        if result == CheckStatus::Failing {
            (self.good, self.bad) = (0, self.bad + 1);
            if self.bad >= check.failures_before_critical {
                self.status = CheckStatus::Failing;
            } else if check.failures_before_warning > 0 && self.bad >= check.failures_before_warning
            {
                self.status = CheckStatus::Warning;
            }
        } else {
            (self.good, self.bad) = (self.good + 1, 0);
            if self.good >= check.success_before_passing {
                self.status = result;
            }
        }
        self.status
    }
}

impl Declared<'_> {
    /// Its status after the last run by `now`; `None` before the first.
    fn status(&self, behaviour: &ImageBehaviour, start: Time, now: Time) -> Option<CheckStatus> {
        let last = self.last_run(start, now)?;
        let check = self.check;
        let thresholds = [check.success_before_passing, check.failures_before_critical];
        if thresholds.iter().all(|least| *least <= 1) {
            return Some(behaviour.check_status(last - start));
        }
        let mut counted = Counted::NEW;
        let runs = (0..RUNS_MAX).map(|number| self.run(start, number));
        let before = runs.take_while(|at| *at <= last);
        before
            .map(|at| counted.take(check, behaviour.check_status(at - start)))
            .last()
    }

    fn interval(&self) -> Duration {
        // Admission wants at least a second; a recording may say anything.
        self.check.interval.max(Duration::from_secs(1))
    }

    /// The time of a run; the first comes after half an interval (spec: deployments 3).
    fn run(&self, start: Time, number: i64) -> Time {
        let interval = self.interval().nanos();
        start + Duration(interval.saturating_mul(number)) + Duration(interval / 2)
    }

    /// The last run by `now`.
    pub(super) fn last_run(&self, start: Time, now: Time) -> Option<Time> {
        let interval = self.interval().nanos();
        let since = (now - start).nanos() - interval / 2;
        (since >= 0).then(|| self.run(start, since / interval))
    }

    /// Whether what it has found last does not hold an update up.
    pub(super) fn is_good_at(&self, behaviour: &ImageBehaviour, start: Time, now: Time) -> bool {
        let status = self.status(behaviour, start, now);
        status.is_some_and(|status| self.is_good(status))
    }

    /// Whether a result does not hold an update up (spec: deployments 24.3).
    fn is_good(&self, status: CheckStatus) -> bool {
        let on_update = match &*self.check.on_update {
            "" => &*self.service.on_update,
            own => own,
        };
        match status {
            CheckStatus::Passing => true,
            CheckStatus::Warning => matches!(on_update, "ignore" | "ignore_warnings"),
            CheckStatus::Failing => on_update == "ignore",
        }
    }

    /// When the check has failed so often in a row that its task is restarted, for a task that
    /// started then; `None` when that does not come. Failures within the grace do not count.
    pub(super) fn restarts_at(&self, behaviour: &ImageBehaviour, start: Time) -> Option<Time> {
        let rule = self
            .check
            .check_restart
            .as_ref()
            .filter(|rule| rule.limit > 0)?;
        let is_bad = |status| match status {
            CheckStatus::Passing => false,
            CheckStatus::Warning => !rule.ignore_warnings,
            CheckStatus::Failing => true,
        };
        let mut counted = Counted::NEW;
        let mut failures = 0;
        for number in 0..RUNS_MAX {
            let at = self.run(start, number);
            let result = behaviour.check_status(at - start);
            let fails = is_bad(counted.take(self.check, result));
            failures = if fails && at - start >= rule.grace {
                failures + 1
            } else {
                0
            };
            if failures >= rule.limit {
                return Some(at);
            }
            let is_settled = at - start >= behaviour.checks_settle_after().max(rule.grace);
            if is_settled && !fails && !is_bad(result) {
                return None;
            }
        }
        None
    }
}

/// When all checks that count have passed for `least`, for tasks that have run since `start`; how
/// each task's checks fare is asked of `behaviour`. Results are looked at every `poll`.
pub(super) fn healthy_at<'a>(
    checks: &[Declared<'_>],
    behaviour: impl Fn(&Task) -> Option<&'a ImageBehaviour>,
    start: Time,
    least: Duration,
    poll: Duration,
) -> Option<Time> {
    let behaviours: Vec<&ImageBehaviour> = checks
        .iter()
        .map(|one| behaviour(one.answers))
        .collect::<Option<_>>()?;
    let settled = behaviours
        .iter()
        .map(|behaviour| behaviour.checks_settle_after())
        .max()?;
    let slowest = checks.iter().map(|one| {
        let runs = one
            .check
            .success_before_passing
            .max(one.check.failures_before_critical);
        one.interval().times(runs.clamp(0, RUNS_MAX) + 2)
    });
    let end = start + settled + slowest.max()?;
    let mut good: Vec<bool> = vec![false; checks.len()];
    let mut next: Vec<i64> = vec![0; checks.len()];
    let mut counted: Vec<Counted> = checks.iter().map(|_| Counted::NEW).collect();
    let mut passing_since: Option<Time> = None;
    for _ in 0..RUNS_MAX {
        let due = |i: usize| checks[i].run(start, next[i]);
        let i = (0..checks.len()).min_by_key(|&i| due(i))?;
        let at = due(i);
        if let Some(since) = passing_since
            && (at > since + least || at > end)
        {
            return Some(since + least);
        }
        if at > end {
            return None;
        }
        let result = behaviours[i].check_status(at - start);
        good[i] = checks[i].is_good(counted[i].take(checks[i].check, result));
        next[i] += 1;
        passing_since = match (good.iter().all(|good| *good), passing_since) {
            (true, None) => Some(start + polled(at - start, poll)),
            (true, since) => since,
            (false, _) => None,
        };
    }
    None
}

/// The first look at or after that time.
fn polled(time: Duration, poll: Duration) -> Duration {
    let poll = poll.nanos();
    Duration(time.nanos().saturating_add(poll - 1) / poll * poll)
}

/// What a check of Nomad's own provider has found last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// The check's id: the same for the same check of the same allocation.
    pub id: Rc<str>,
    /// Its name.
    pub name: Name,
    /// The name of the allocation.
    pub group: Rc<str>,
    /// The task whose service it is; `None` for a service of the group.
    pub task: Option<Name>,
    /// The service.
    pub service: Name,
    /// `pending`, `success` or `failure`.
    pub status: &'static str,
    /// The status of an HTTP answer; 0 when there is none.
    pub status_code: u16,
    /// `healthiness`, or `readiness` where updates do not look at it.
    pub mode: &'static str,
    /// When it last ran, or when the wait for its first run began.
    pub at: Time,
    /// What it says.
    pub output: Rc<str>,
}

/// Where a check knocks: the allocation's name and the address of the service.
pub(super) struct Place<'a> {
    pub(super) alloc_id: &'a str,
    pub(super) alloc_name: &'a str,
    pub(super) address: &'a str,
}

/// The last result of a check, for a task that has run since `start`.
pub(super) fn result(
    one: &Declared<'_>,
    place: &Place<'_>,
    behaviour: &ImageBehaviour,
    start: Time,
    now: Time,
) -> CheckResult {
    let last = one.last_run(start, now);
    let found = one.status(behaviour, start, now);
    let is_http = &*one.check.kind == "http";
    let (status, code, output) = match found {
        None => ("pending", 0, "nomad: waiting to run".to_owned()),
        Some(CheckStatus::Passing) if is_http => ("success", 200, "nomad: http ok".to_owned()),
        Some(CheckStatus::Passing) => ("success", 0, "nomad: tcp ok".to_owned()),
        Some(_) => ("failure", 0, refused(one, place, is_http)),
    };
    let key = [place.alloc_id, &one.service.name, &one.check.name].join("\n");
    CheckResult {
        id: digits(&key).into(),
        name: one.check.name.clone(),
        group: place.alloc_name.into(),
        task: one.owner.map(|task| task.name.clone()),
        service: one.service.name.clone(),
        status,
        status_code: code,
        mode: match &*one.check.on_update {
            "ignore" => "readiness",
            _ => "healthiness",
        },
        at: last.unwrap_or(start),
        output: output.into(),
    }
}

/// What a client says whose connection is not accepted.
fn refused(one: &Declared<'_>, place: &Place<'_>, is_http: bool) -> String {
    let address = place.address;
    let dial = format!("dial tcp {address}: connect: connection refused");
    if is_http {
        let path = one.check.path.trim_start_matches('/');
        format!("nomad: Get \"http://{address}/{path}\": {dial}")
    } else {
        format!("nomad: {dial}")
    }
}

/// 32 hexadecimal digits that stand for a text.
fn digits(text: &str) -> String {
    let hash = |mut value: u64| {
        for byte in text.bytes() {
            value = (value ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        value
    };
    format!(
        "{:016x}{:016x}",
        hash(0xcbf2_9ce4_8422_2325),
        hash(0x6c62_272e_07bb_0142)
    )
}

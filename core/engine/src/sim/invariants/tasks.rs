//! Rules about the life of tasks on their clients: their order, their restarts, their ends.
//!
//! A client reports all tasks of an allocation at once, so each report must make sense by itself.
//! Rules that read the job look away once it was changed in place: what the report tells may have
//! happened under the older version.

use std::collections::BTreeSet;
use std::rc::Rc;

use yurt_model::job::{LifecycleHook, RestartMode, RestartPolicy};
use yurt_model::{
    AllocClientStatus, Allocation, Duration, Task, TaskEvent, TaskPhase, TaskState, Time,
};
use yurt_state::Store;

use super::{Check, Rule, Seen};
use crate::client::{OVERRUN, WITHIN_POLICY};

/// The longest that a client waits for a task to end by itself.
const MAX_KILL_TIMEOUT: Duration = Duration::from_secs(30);

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "a task's state says when it started and when it ended",
        because: "Each is written in the step that it tells of.",
        check: Check::Step(|before, after, seen| each_task(before, after, seen, times_are_told)),
    },
    Rule {
        name: "a task tells at most ten events, in order of time",
        because: "The oldest goes when an eleventh comes, and clients tell what is, when it is.",
        check: Check::Step(|before, after, seen| each_task(before, after, seen, events_in_order)),
    },
    Rule {
        name: "an allocation's status follows from its tasks",
        because: "Its client reports both at once and derives one from the other.",
        check: Check::Step(|before, after, seen| each_alloc(before, after, seen, status_follows)),
    },
    Rule {
        name: "a main task runs once all that prepares has ended well",
        because: "A prestart task that is no sidecar is waited for, and its failure ends the rest.",
        check: Check::Step(|before, after, seen| each_alloc(before, after, seen, is_prepared)),
    },
    Rule {
        name: "a poststart task has seen every main task start",
        because: "It begins when all of them run.",
        check: Check::Step(|before, after, seen| each_alloc(before, after, seen, mains_have_run)),
    },
    Rule {
        name: "what cleans up runs when all others have ended",
        because: "A poststop task may rely on nobody else being at work.",
        check: Check::Step(|before, after, seen| each_alloc(before, after, seen, cleans_up_last)),
    },
    Rule {
        name: "nothing starts after the leader's end but what cleans up",
        because: "The end of the leader is the end of its group, once the group's delay is over. \
                  Sidecars are stopped after the main tasks; until these have ended, one that is \
                  on its way may start.",
        check: Check::Step(|before, after, seen| each_alloc(before, after, seen, leader_is_last)),
    },
    Rule {
        name: "a task restarts no more often than its policy allows",
        because: "Each interval has so many attempts, and two intervals at most touch one length.",
        check: Check::Step(|before, after, seen| each_alloc(before, after, seen, restarts_are_few)),
    },
    Rule {
        name: "a killed task ends within its patience",
        because: "After the shutdown delay and the kill timeout the client kills by force.",
        check: Check::Step(|before, after, seen| each_alloc(before, after, seen, kill_is_in_time)),
    },
    Rule {
        name: "a task's past only grows",
        because: "Restarts are counted, and a task that has ended for good does not run again.",
        check: Check::Step(past_grows),
    },
    Rule {
        name: "services are registered by what runs",
        because: "A client registers with the start of a task and deregisters before its end.",
        check: Check::Always(registered_runs),
    },
    Rule {
        name: "what servers have stopped has ended",
        because: "Every stop ends within the delays and timeouts of its tasks; what cleans up \
                  alone takes its time.",
        check: Check::Settled(stopped_has_ended),
    },
    Rule {
        name: "no main task outlives its leader or its failed sibling",
        because: "The client stops the others when one of these ends.",
        check: Check::Settled(nobody_outlives),
    },
];

/// Allocations that a step wrote.
fn written<'a>(before: &'a Store, after: &'a Store) -> impl Iterator<Item = &'a Rc<Allocation>> {
    after.allocs().filter(|new| {
        let old = before.alloc(new.id);
        !old.is_some_and(|old| Rc::ptr_eq(old, new))
    })
}

fn each_task(
    before: &Store,
    after: &Store,
    seen: &mut Seen<'_>,
    rule: fn(&TaskState) -> Option<String>,
) {
    for alloc in written(before, after) {
        for state in &alloc.task_states {
            if let Some(what) = rule(state) {
                seen.note(format!("{} {}: {what}", alloc.id.short(), state.name));
            }
        }
    }
}

fn each_alloc(
    before: &Store,
    after: &Store,
    seen: &mut Seen<'_>,
    rule: fn(&Allocation) -> Option<String>,
) {
    for alloc in written(before, after) {
        if let Some(what) = rule(alloc) {
            seen.note(format!("{} {}: {what}", alloc.id.short(), alloc.name()));
        }
    }
}

/// Whether it runs the version that it was placed with.
fn is_as_placed(alloc: &Allocation) -> bool {
    alloc.job.job_modify_index <= alloc.create_index
}

/// The tasks with their definitions, where these are those of the start.
fn told(alloc: &Allocation) -> Vec<(&Task, &TaskState)> {
    let group = alloc.task_group().filter(|_| is_as_placed(alloc));
    let tasks = group.into_iter().flat_map(|group| &group.tasks);
    tasks
        .filter_map(|task| Some((task, alloc.task_state(&task.name)?)))
        .collect()
}

fn hook(task: &Task) -> Option<LifecycleHook> {
    task.lifecycle.as_ref().map(|lifecycle| lifecycle.hook)
}

fn is_sidecar(task: &Task) -> bool {
    task.lifecycle.as_ref().is_some_and(|one| one.sidecar)
}

fn times_are_told(state: &TaskState) -> Option<String> {
    let (start, end) = (state.started_at, state.finished_at);
    let is_dead = state.phase == TaskPhase::Dead;
    let is_in_order = end.is_none_or(|end| start.is_none_or(|start| start <= end));
    match state.phase {
        TaskPhase::Running if start.is_none() => Some("runs and never started".into()),
        _ if is_dead != end.is_some() => {
            Some(format!("is {} and its end {end:?}", state.phase.as_str()))
        }
        _ if is_dead && !is_in_order => Some(format!("from {start:?} to {end:?}")),
        _ if state.failed && !is_dead => Some("has failed and is not dead".into()),
        _ => None,
    }
}

fn events_in_order(state: &TaskState) -> Option<String> {
    let events = &state.events;
    let is_sorted = events.is_sorted_by_key(|event| event.time);
    (events.len() > 10 || !is_sorted).then(|| format!("{events:?}"))
}

fn status_follows(alloc: &Allocation) -> Option<String> {
    let states = &alloc.task_states;
    let is_by_servers = matches!(
        alloc.client_status,
        AllocClientStatus::Lost | AllocClientStatus::Unknown
    );
    if states.is_empty() || is_by_servers || &*alloc.client_description == OVERRUN {
        return None;
    }
    let any = |phase: TaskPhase| states.iter().any(|state| state.phase == phase);
    let status = if states.iter().any(|state| state.failed) {
        AllocClientStatus::Failed
    } else if any(TaskPhase::Running) {
        AllocClientStatus::Running
    } else if any(TaskPhase::Pending) {
        AllocClientStatus::Pending
    } else {
        AllocClientStatus::Complete
    };
    (status != alloc.client_status).then(|| format!("{} and not {status}", alloc.client_status))
}

fn is_prepared(alloc: &Allocation) -> Option<String> {
    let tasks = told(alloc);
    let mut mains = tasks.iter().filter(|(task, _)| hook(task).is_none());
    let (_, main) = mains.find(|(_, state)| state.phase == TaskPhase::Running)?;
    let prestart = |task: &Task| hook(task) == Some(LifecycleHook::Prestart);
    let missing = tasks
        .iter()
        .filter(|(task, _)| prestart(task))
        .find(|(task, state)| {
            if is_sidecar(task) {
                state.started_at.is_none()
            } else {
                !state.is_successful() || state.finished_at > main.started_at
            }
        });
    missing.map(|(task, _)| format!("{} runs and {} was not ready", main.name, task.name))
}

fn mains_have_run(alloc: &Allocation) -> Option<String> {
    let tasks = told(alloc);
    let has_begun = |(task, state): &&(&Task, &TaskState)| {
        hook(task) == Some(LifecycleHook::Poststart) && state.started_at.is_some()
    };
    let (task, _) = tasks.iter().find(has_begun)?;
    let mut mains = tasks.iter().filter(|(task, _)| hook(task).is_none());
    let (main, _) = mains.find(|(_, state)| state.started_at.is_none())?;
    Some(format!("{} began without {}", task.name, main.name))
}

fn cleans_up_last(alloc: &Allocation) -> Option<String> {
    let tasks = told(alloc);
    let is_last = |task: &Task| hook(task) == Some(LifecycleHook::Poststop);
    let runs =
        |(task, state): &&(&Task, &TaskState)| is_last(task) && state.phase == TaskPhase::Running;
    let (task, state) = tasks.iter().find(runs)?;
    let lives = |(_, other): &&(&Task, &TaskState)| {
        other.phase != TaskPhase::Dead || other.finished_at > state.started_at
    };
    let (other, _) = tasks
        .iter()
        .filter(|(task, _)| !is_last(task))
        .find(lives)?;
    Some(format!("{} runs and {} is at work", task.name, other.name))
}

fn leader_is_last(alloc: &Allocation) -> Option<String> {
    let tasks = told(alloc);
    let (_, leader) = tasks.iter().find(|(task, _)| task.leader)?;
    let is_delayed = alloc.task_group()?.shutdown_delay > Duration::ZERO;
    let is_over = leader.phase == TaskPhase::Dead && !is_delayed;
    let end = leader.finished_at.filter(|_| is_over)?;
    let is_last = |task: &Task| hook(task) == Some(LifecycleHook::Poststop);
    let others = || {
        let is_other = |(task, _): &&(&Task, &TaskState)| !is_sidecar(task) && !is_last(task);
        tasks.iter().filter(is_other).map(|(_, state)| state)
    };
    // `None` as long as some other is still there.
    let are_gone = others().all(|state| state.phase == TaskPhase::Dead);
    let ends = others().filter_map(|state| state.finished_at);
    let sidecars_end = are_gone.then(|| ends.fold(end, Time::max));
    let begins = |(task, state): &&(&Task, &TaskState)| {
        let last = match is_sidecar(task) {
            true => sidecars_end,
            false => Some(end),
        };
        !is_last(task) && last.is_some_and(|last| state.started_at > Some(last))
    };
    let (task, _) = tasks.iter().find(begins)?;
    Some(format!(
        "{} started after the end of {}",
        task.name, leader.name
    ))
}

/// When a task was restarted because its policy said so.
fn restarts_by_policy(state: &TaskState) -> Vec<Time> {
    let by_policy = |event: &&TaskEvent| {
        let mut details = event.details().iter();
        event.kind() == "Restarting"
            && details.any(|(name, value)| &**name == "restart_reason" && &**value == WITHIN_POLICY)
    };
    let events = state.events.iter().filter(by_policy);
    events.map(|event| event.time).collect()
}

fn restarts_are_few(alloc: &Allocation) -> Option<String> {
    told(alloc).iter().find_map(|(task, state)| {
        let policy: &RestartPolicy = &task.restart;
        let times = restarts_by_policy(state);
        let within = |from: &Time| {
            let until = *from + policy.interval;
            let times = times.iter().filter(|time| *time >= from && **time < until);
            times.count() as i64
        };
        let most = times.iter().map(within).max().unwrap_or(0);
        if most > 2 * policy.attempts {
            return Some(format!(
                "{} restarted {most} times in an interval",
                task.name
            ));
        }
        // While all is told, the first interval is known: it begins with the first start.
        let first = state
            .events
            .first()
            .filter(|event| event.kind() == "Received");
        let begins = |event: &&TaskEvent| matches!(event.kind(), "Started" | "Driver Failure");
        let start = first.and_then(|_| state.events.iter().find(begins))?;
        let in_first = within(&start.time);
        let is_over = in_first > policy.attempts;
        let total = times.len() as i64;
        let is_never = policy.mode == RestartMode::Fail && policy.attempts == 0 && total > 0;
        (is_over || is_never).then(|| {
            format!(
                "{} restarted {in_first} times in its first interval",
                task.name
            )
        })
    })
}

/// A task that its machine took along was not killed.
fn kill_is_in_time(alloc: &Allocation) -> Option<String> {
    told(alloc).iter().find_map(|(task, state)| {
        let end = state.events.last().filter(|last| last.kind() == "Killed")?;
        let mut events = state.events.iter();
        let told = events.rfind(|event| event.kind() == "Killing")?;
        let patience = task.shutdown_delay + task.kill_timeout.min(MAX_KILL_TIMEOUT);
        let took = end.time - told.time;
        (took > patience).then(|| format!("{} took {took} of {patience}", task.name))
    })
}

fn past_grows(before: &Store, after: &Store, seen: &mut Seen<'_>) {
    for new in written(before, after) {
        let Some(old) = before.alloc(new.id) else {
            continue;
        };
        // A machine that starts again begins again.
        let began = |alloc: &Allocation| {
            let mut states = alloc.task_states.iter();
            states.find_map(|state| Some(state.events.first()?.time))
        };
        let is_other_run = began(old).is_some() && began(new) > began(old);
        let is_over = old.client_status.is_terminal();
        for state in &new.task_states {
            let Some(past) = old.task_state(&state.name) else {
                continue;
            };
            let rises = is_over && past.phase == TaskPhase::Dead && state.phase != TaskPhase::Dead;
            let falls = state.restarts < past.restarts && !is_other_run;
            if rises || falls {
                let (was, is) = (past.phase.as_str(), state.phase.as_str());
                let id = new.id.short();
                seen.note(format!("{id} {}: was {was}, is {is}", state.name));
            }
        }
    }
}

fn registered_runs(store: &Store, seen: &mut Seen<'_>) {
    let mut ids = BTreeSet::new();
    for one in store.service_registrations() {
        let alloc = store.alloc(one.alloc_id);
        let runs = alloc.is_some_and(|alloc| {
            let mut states = alloc.task_states.iter();
            !alloc.is_terminal() && states.any(|state| state.phase == TaskPhase::Running)
        });
        if !runs {
            seen.note(format!("{} is registered", one.id));
        }
        if !ids.insert(one.id.clone()) {
            seen.note(format!("{} is registered twice", one.id));
        }
    }
}

fn stopped_has_ended(store: &Store, seen: &mut Seen<'_>) {
    for alloc in store.allocs() {
        let cleans_up = |state: &Rc<TaskState>| {
            let group = alloc.task_group();
            let task = group.and_then(|group| group.task(&state.name));
            state.phase != TaskPhase::Dead && task.and_then(hook) == Some(LifecycleHook::Poststop)
        };
        let runs = !alloc.is_client_terminal()
            && alloc.is_server_terminal()
            && !alloc.task_states.iter().any(cleans_up);
        if runs && store.node(alloc.node_id).is_some() {
            let (id, status) = (alloc.id.short(), alloc.client_status);
            let tasks = alloc.task_states.iter();
            let last: Vec<_> = tasks
                .map(|state| (&state.name, state.events.last()))
                .collect();
            let name = alloc.name();
            seen.note(format!(
                "{id} {name} is {status} on {}: {last:?}",
                alloc.node_name
            ));
        }
    }
}

fn nobody_outlives(store: &Store, seen: &mut Seen<'_>) {
    for alloc in store.allocs() {
        if alloc.client_status != AllocClientStatus::Running {
            continue;
        }
        let tasks = told(alloc);
        let has_ended = tasks.iter().any(|(task, state)| {
            let is_poststop = hook(task) == Some(LifecycleHook::Poststop);
            state.phase == TaskPhase::Dead && (task.leader || (state.failed && !is_poststop))
        });
        let runs = |(task, state): &&(&Task, &TaskState)| {
            hook(task) != Some(LifecycleHook::Poststop) && state.phase == TaskPhase::Running
        };
        if let Some((task, _)) = tasks.iter().find(runs).filter(|_| has_ended) {
            seen.note(format!("{} {} runs", alloc.id.short(), task.name));
        }
    }
}

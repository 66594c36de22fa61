//! One more child of a job that has many already: what a write costs beside those that have ended
//! or wait for room.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Value, json};
use yurt_engine::{Cluster, Input, JobDispatch, Request, Wakeup};
use yurt_model::{Duration, JobKey, JobSpec};

use crate::rolling::{cluster_of, register};
use crate::{Clock, Row, admitted, median};

/// How the children came to be, and what became of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Children {
    /// Dispatched, each with a token, and run to their ends.
    DispatchedDead,
    /// Dispatched, and blocked for want of room.
    DispatchedBlocked,
    /// Dispatched, and blocked for no node suits them, while those of another job come and end.
    DispatchedBeside,
    /// Launched, one each minute, and blocked for want of room.
    LaunchedBlocked,
}

/// The job whose children are many, and the other one.
const JOBS: [&str; 2] = ["bench", "other"];

/// So many more come while the clock runs.
const MEASURED: u32 = 20;

/// Every kind, and how many there are before one more comes.
pub fn cases() -> Vec<(Children, u32)> {
    let kinds = [
        (Children::DispatchedDead, [100, 1_000, 5_000]),
        (Children::DispatchedBlocked, [100, 1_000, 5_000]),
        (Children::DispatchedBeside, [100, 1_000, 5_000]),
        (Children::LaunchedBlocked, [100, 1_000, 2_000]),
    ];
    let each = |(kind, counts): (Children, [u32; 3])| counts.map(|count| (kind, count));
    kinds.into_iter().flat_map(each).collect()
}

impl Children {
    fn spec(self, id: &str) -> Rc<JobSpec> {
        let wants_room = matches!(self, Self::DispatchedBlocked | Self::LaunchedBlocked);
        let wants_kernel = self == Self::DispatchedBeside && id == JOBS[0];
        let kernel = if wants_kernel { "plan9" } else { "linux" };
        let (periodic, parameterized) = match self {
            Self::LaunchedBlocked => (
                json!({ "Enabled": true, "Spec": "* * * * *", "SpecType": "cron" }),
                Value::Null,
            ),
            _ => (Value::Null, json!({ "Payload": "optional" })),
        };
        let document = json!({
            "ID": id,
            "Name": id,
            "Type": "batch",
            "Datacenters": ["dc1", "dc2"],
            "Constraints": [{
                "LTarget": "${attr.kernel.name}",
                "RTarget": kernel,
                "Operand": "=",
            }],
            "Periodic": periodic,
            "ParameterizedJob": parameterized,
            "TaskGroups": [{
                "Name": "work",
                "Count": 1,
                "Tasks": [{
                    "Name": "worker",
                    "Driver": "docker",
                    "Config": { "image": "batch:1" },
                    "Resources": {
                        "CPU": if wants_room { 1_000_000 } else { 500 },
                        "MemoryMB": 256,
                    },
                }],
            }],
        });
        admitted(&document)
    }

    /// Lets one more come while the clock runs.
    fn add_measured(self, cluster: &mut Cluster, number: u32) {
        let id = JOBS[usize::from(self == Self::DispatchedBeside)];
        self.add(cluster, id, number);
    }

    /// Lets one more come, and what follows from it happen.
    fn add(self, cluster: &mut Cluster, id: &str, number: u32) {
        match self {
            Self::LaunchedBlocked => {
                let Wakeup::At(launch) = cluster.next_wakeup() else {
                    return;
                };
                cluster.run_until(launch + Duration::from_secs(1));
            }
            _ => {
                let request = Request::JobDispatch(JobDispatch {
                    key: JobKey::in_default(id),
                    payload: None,
                    meta: Vec::new(),
                    id_prefix: None,
                    idempotency_token: Some(format!("token-{number}").as_str().into()),
                    priority: 0,
                });
                let handled = cluster.handle(cluster.now(), Input::Request(request));
                handled.reply.expect("the job is dispatched");
                cluster.run_until(cluster.now() + Duration::from_secs(1));
            }
        }
    }

    /// A cluster whose job has so many.
    fn grown(self, count: u32) -> Cluster {
        let mut cluster = cluster_of(10);
        let jobs = match self {
            Self::DispatchedBeside => &JOBS[..],
            _ => &JOBS[..1],
        };
        for id in jobs {
            register(&mut cluster, self.spec(id));
        }
        for number in 0..count {
            self.add(&mut cluster, JOBS[0], number);
        }
        cluster
    }
}

/// Measures what one write costs, the first of those that follow from one more child as the last.
pub fn measure(clock: &Clock<'_>, kind: Children, count: u32, runs: usize) -> Row {
    let grown = kind.grown(count);
    // To be dropped while the clock does not run.
    let done = RefCell::new(Vec::new());
    let prepare = || {
        done.borrow_mut().clear();
        let mut cluster = grown.clone();
        // The first write after a clone copies tables.
        kind.add_measured(&mut cluster, count);
        cluster
    };
    let run = |mut cluster: Cluster| {
        let before = cluster.store().index();
        for number in 0..MEASURED {
            kind.add_measured(&mut cluster, count + 1 + number);
        }
        let writes = cluster.store().index() - before;
        done.borrow_mut().push(cluster);
        writes
    };
    let (milliseconds, writes) = median(clock, runs, prepare, run);
    let key = JobKey::in_default("bench");
    let summary = grown.store().job_summary(&key).and_then(|row| row.children);
    let (pending, running, dead) = summary.unwrap_or_default();
    let how = match kind {
        Children::LaunchedBlocked => "launch",
        Children::DispatchedBeside => "dispatch to another",
        _ => "dispatch",
    };
    Row {
        workload: format!("write of a {how}: {pending} blocked, {running} running, {dead} dead"),
        milliseconds: milliseconds / writes.max(1) as f64,
        runs,
        decisions: writes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_are_what_their_kind_says() {
        let key = JobKey::in_default("bench");
        for (kind, counts) in [
            (Children::DispatchedDead, (0, 3, 0)),
            (Children::DispatchedBlocked, (3, 0, 0)),
            (Children::DispatchedBeside, (3, 0, 0)),
            (Children::LaunchedBlocked, (3, 0, 0)),
        ] {
            let cluster = kind.grown(3);
            let summary = cluster.store().job_summary(&key).expect("a summary");
            assert_eq!(summary.children, Some(counts), "{kind:?}");
        }
    }
}

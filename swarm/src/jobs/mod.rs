//! Random jobs that servers accept.
//!
//! Belongs here: what a job is in a walk, and its versions. What happens with it is the walk's
//! matter. May import: jobspec, model, and the choices of the walk.
//!
//! A task has a name for each place in the lifecycle and keeps its place under it: servers change a
//! `lifecycle` in place, and then nothing could be said of the order in which tasks ran.

mod group;
mod policies;
mod task;

use std::rc::Rc;

use serde_json::{Value, json};
use yurt_jobspec::admission::{AdmissionContext, admit};
use yurt_model::{JobSpec, Rng};

use crate::Options;

/// Nanoseconds.
const SECOND: i64 = 1_000_000_000;

/// What a job is for as long as the walk lasts: its scheduler, and what starts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Service,
    Batch,
    System,
    Sysbatch,
    /// Launched by the clock.
    Periodic(&'static str),
    /// Waits to be dispatched.
    Parameterized(&'static str),
}

impl Kind {
    /// The kind of the job of a number, which it keeps.
    pub(crate) fn of(seed: u64, number: u32) -> Self {
        let mut identity = Rng::new(seed).child("kind", u64::from(number));
        let types = if Options::is_crowded(seed) { 18 } else { 20 };
        match identity.below(types) {
            0..7 => Self::Service,
            7..10 => Self::Batch,
            10..14 => Self::System,
            14..16 => Self::Sysbatch,
            16 | 17 if Options::is_crowded(seed) => Self::Sysbatch,
            16 | 17 => Self::Periodic(pick(&mut identity, &["batch", "batch", "sysbatch"])),
            _ => Self::Parameterized(pick(&mut identity, &["batch", "batch", "sysbatch"])),
        }
    }

    /// The job's type.
    pub(crate) const fn scheduler(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Batch => "batch",
            Self::System => "system",
            Self::Sysbatch => "sysbatch",
            Self::Periodic(kind) | Self::Parameterized(kind) => kind,
        }
    }
}

/// A version of the job of a number; without one, the words by which servers refuse it.
pub(crate) fn version(seed: u64, number: u32, rng: &mut Rng) -> Result<Rc<JobSpec>, String> {
    let mut identity = Rng::new(seed).child("job", u64::from(number));
    let kind = Kind::of(seed, number);
    let scheduler = kind.scheduler();
    let groups = 1 + identity.below(2);
    let is_calm = one_in(&mut identity, 2);
    // A group comes or goes now and then.
    let groups = if one_in(rng, 10) { 3 - groups } else { groups };
    let mut job = json!({
        "ID": format!("job-{number}"),
        "Name": format!("job-{number}"),
        "Type": scheduler,
        "Priority": pick(&mut identity, &[20, 50, 50, 70, 90]),
        "Datacenters": [pick(&mut identity, &["dc1", "dc2", "*", "*"])],
        "NodePool": pick(&mut identity, &["default", "default", "default", "all", "gpu"]),
        "TaskGroups": (0..groups)
            .map(|n| group::group(n, scheduler, is_calm, rng))
            .collect::<Vec<_>>(),
    });
    if one_in(rng, 6) {
        job["Constraints"] = json!([policies::constraint(rng)]);
    }
    if matches!(kind, Kind::Service | Kind::Batch) && one_in(rng, 5) {
        job["Spreads"] = json!([policies::spread(rng)]);
    }
    if matches!(kind, Kind::Service | Kind::System) && one_in(rng, 6) {
        job["Update"] = policies::update(scheduler, rng);
    }
    if one_in(rng, 8) {
        job["Meta"] = json!({ "release": rng.below(3).to_string() });
    }
    if one_in(rng, 12) {
        job["AllAtOnce"] = json!(true);
    }
    if Options::is_crowded(seed) {
        crowd(&mut job, number, rng);
    }
    match kind {
        Kind::Periodic(_) => job["Periodic"] = periodic(rng),
        Kind::Parameterized(_) => job["ParameterizedJob"] = parameterized(&mut identity),
        _ => {}
    }
    // What is refused is no version: the walk goes on without.
    admit(&job, &AdmissionContext::default())
        .map(|admitted| admitted.spec)
        .map_err(|refused| refused.to_string())
}

/// Where there is little room, every job wants some of it, and each is less important than the
/// next.
fn crowd(job: &mut Value, number: u32, rng: &mut Rng) {
    job["Priority"] = json!(20 + 30 * number);
    job["Datacenters"] = json!(["*"]);
    job["NodePool"] = json!("default");
    let groups = job["TaskGroups"].as_array_mut();
    for group in groups.into_iter().flatten() {
        if let Some(tasks) = group["Tasks"].as_array_mut() {
            let memory_mb = pick(rng, &[256, 700, 900]);
            tasks[0]["Resources"]["MemoryMB"] = json!(memory_mb);
        }
    }
}

fn periodic(rng: &mut Rng) -> Value {
    json!({
        "Enabled": !one_in(rng, 8),
        "Spec": pick(rng, &["* * * * *", "*/5 * * * *", "*/15 * * * *", "@hourly"]),
        "SpecType": "cron",
        "ProhibitOverlap": one_in(rng, 2),
        "TimeZone": pick(rng, &["UTC", "UTC", "Europe/Zurich", "America/New_York"]),
    })
}

fn parameterized(identity: &mut Rng) -> Value {
    json!({
        "Payload": pick(identity, &["optional", "required", "forbidden"]),
        "MetaRequired": if one_in(identity, 2) { json!(["who"]) } else { json!([]) },
        "MetaOptional": if one_in(identity, 2) { json!(["why"]) } else { json!([]) },
    })
}

/// True once in so many times.
pub(crate) fn one_in(rng: &mut Rng, n: u32) -> bool {
    rng.below(n) == 0
}

/// One of several.
pub(crate) fn pick<T: Copy>(rng: &mut Rng, among: &[T]) -> T {
    among[rng.below(among.len() as u32) as usize]
}

/// A time in whole seconds, in nanoseconds.
fn seconds(rng: &mut Rng, least: i64, range: u32) -> i64 {
    (least + i64::from(rng.below(range))) * SECOND
}

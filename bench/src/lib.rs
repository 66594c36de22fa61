//! What Yurt costs: workloads whose price we watch, the same natively and in wasm.
//!
//! Belongs here: building a workload, running it under a clock that the caller hands in, and the
//! table of results. Not here: judging them (that is in `xtask`), reading a clock (the command line
//! and the wasm runner do). May import: the crates of `core`.

#![forbid(unsafe_code)]

use std::fmt;
use std::rc::Rc;

use serde_json::Value;
use yurt_jobspec::admission::{AdmissionContext, admit};
use yurt_model::JobSpec;

pub mod children;
pub mod jobspec;
pub mod memory;
pub mod rolling;
pub mod scheduling;

/// Milliseconds since any fixed moment.
pub type Clock<'a> = dyn Fn() -> f64 + 'a;

/// How often, and for how many milliseconds, a workload runs at least before it is measured:
/// WebAssembly is compiled again while it runs.
const WARM_UP: (usize, f64) = (2, 300.0);

/// Work that is shorter than so many milliseconds is done several times between two looks at the
/// clock: in Node one look takes 0.03 ms, which would count as work.
const SHORT: f64 = 5.0;

/// How often short work is done at most.
const TIMES_MAX: f64 = 100.0;

/// How often each workload runs.
const RUNS: usize = 5;

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was done, for people: `place 1200 of 1200 on 5000 nodes, spread`.
    pub workload: String,
    /// The median of the runs, in milliseconds.
    pub milliseconds: f64,
    /// How many runs there were.
    pub runs: usize,
    /// A number that is the same whenever the same decisions were made.
    pub decisions: u64,
}

/// A job as servers have it, of its document.
fn admitted(document: &Value) -> Rc<JobSpec> {
    let admitted = admit(document, &AdmissionContext::default());
    admitted.expect("the job is in order").spec
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:48}  {:>12.3} ms  (median of {})  {:016x}",
            self.workload, self.milliseconds, self.runs, self.decisions
        )
    }
}

/// Runs a workload several times; the median counts. Each run prepares afresh, off the clock.
pub fn median<T>(
    clock: &Clock<'_>,
    runs: usize,
    mut prepare: impl FnMut() -> T,
    mut run: impl FnMut(T) -> u64,
) -> (f64, u64) {
    let mut measured = Vec::with_capacity(runs);
    let mut decisions = 0;
    let (runs_before, milliseconds_before) = WARM_UP;
    let start = clock();
    let mut warmed = 0;
    while warmed < runs_before || clock() - start < milliseconds_before {
        run(prepare());
        warmed += 1;
    }
    let each = (clock() - start) / warmed as f64;
    let times = (SHORT / each).clamp(1.0, TIMES_MAX) as usize;
    for _ in 0..runs.max(1) {
        let prepared: Vec<T> = (0..times).map(|_| prepare()).collect();
        let start = clock();
        for one in prepared {
            decisions = run(one);
        }
        measured.push((clock() - start) / times as f64);
    }
    measured.sort_by(f64::total_cmp);
    (measured[measured.len() / 2], decisions)
}

/// What can be measured by name.
pub const FAMILIES: [&str; 4] = ["jobspec", "schedule", "rolling", "children"];

/// Measures one family, or all; each line is told as soon as it is known.
pub fn measure(clock: &Clock<'_>, family: Option<&str>, tell: &mut dyn FnMut(Row)) {
    let wanted = |name| family.is_none_or(|family| family == name);
    if wanted("jobspec") {
        jobspec::measure(clock, 9, tell);
    }
    if wanted("schedule") {
        for case in scheduling::cases() {
            tell(scheduling::measure(clock, case, RUNS));
        }
    }
    if wanted("rolling") {
        tell(rolling::measure(clock, 1000, RUNS));
    }
    if wanted("children") {
        for (kind, count) in children::cases() {
            tell(children::measure(clock, kind, count, RUNS));
        }
    }
}

impl Row {
    /// As a line that `cargo xtask bench` reads: workload, milliseconds, runs, decisions.
    pub fn to_line(&self) -> String {
        format!(
            "{}\t{:.6}\t{}\t{:016x}",
            self.workload, self.milliseconds, self.runs, self.decisions
        )
    }
}

/// Mixes a text into a running number.
fn mix(hash: u64, text: &str) -> u64 {
    text.bytes().fold(hash, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

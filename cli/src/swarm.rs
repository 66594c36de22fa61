//! `yurt swarm`: seeds, threads and the clock for `yurt-swarm`.
//!
//! Every seed is a cluster of its own, so threads share nothing but the next seed to take.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use yurt_swarm::{Coverage, Options, Outcome};

use crate::args::Swarm;

/// How often one hears how far it is.
const PROGRESS: Duration = Duration::from_secs(10);

/// What came of one seed: the outcome, or what to print.
type Told = (u64, Result<Outcome, String>);

/// Takes the walks of all seeds. Status 1 when one of them found something.
pub(crate) fn run(options: &Swarm, output: &mut dyn Write) -> io::Result<i32> {
    let end = options.from.saturating_add(options.seeds);
    if options.coverage {
        let mut coverage = Coverage::default();
        (options.from..end).for_each(|seed| coverage.walk(seed));
        write!(output, "{coverage}")?;
        return Ok(0);
    }
    let next = AtomicU64::new(options.from);
    let stop = AtomicBool::new(false);
    let started = Instant::now();
    let (tell, told) = mpsc::channel::<Told>();
    let threads = if options.verbose {
        1
    } else {
        thread::available_parallelism().map_or(1, usize::from)
    };
    thread::scope(|scope| {
        for _ in 0..threads {
            let tell = tell.clone();
            let (next, stop) = (&next, &stop);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end || tell.send((seed, walk(seed, options.verbose))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(tell);
        let status = report(options, started, &told, output);
        stop.store(true, Ordering::Relaxed);
        status
    })
}

fn report(
    options: &Swarm,
    started: Instant,
    told: &mpsc::Receiver<Told>,
    output: &mut dyn Write,
) -> io::Result<i32> {
    let (mut seeds, mut events, mut allocations, mut failures) = (0_u64, 0, 0, 0_u64);
    let mut said = started;
    for (seed, outcome) in told {
        match outcome {
            Ok(outcome) => {
                seeds += 1;
                events += outcome.events;
                allocations += outcome.allocations;
                if options.digests {
                    writeln!(output, "{seed} {:016x}", outcome.digest)?;
                }
            }
            Err(text) => {
                failures += 1;
                writeln!(output, "{}\n{text}", Options::of(seed))?;
                writeln!(output, "again: yurt swarm --from {seed} --seeds 1 -v")?;
            }
        }
        if !options.digests && said.elapsed() > PROGRESS {
            said = Instant::now();
            writeln!(output, "{seeds} seeds, {failures} failures")?;
            output.flush()?;
        }
        let minutes = started.elapsed().as_secs() / 60;
        if options.minutes.is_some_and(|limit| minutes >= limit) {
            break;
        }
    }
    if !options.digests {
        writeln!(
            output,
            "{seeds} seeds, {events} events, {allocations} allocations, {failures} failures \
             in {:.1} s",
            started.elapsed().as_secs_f64()
        )?;
    }
    Ok(i32::from(failures > 0))
}

/// One walk. A panic is a failure like any other, and its seed must not be lost.
fn walk(seed: u64, verbose: bool) -> Result<Outcome, String> {
    let mut latest = String::new();
    let walked = catch_unwind(AssertUnwindSafe(|| {
        yurt_swarm::run(seed, &mut |number, what| {
            if verbose {
                println!("{number}: {what}");
            }
            latest.clear();
            let _ = write!(latest, "event {number}: {what}");
        })
    }));
    match walked {
        Ok(Ok(outcome)) => Ok(outcome),
        Ok(Err(failure)) => Err(failure.to_string()),
        Err(_) => Err(format!("seed {seed}: a panic at {latest}")),
    }
}

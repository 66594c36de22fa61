//! Throws damaged and changed inputs at everything that reads files, and looks at what comes back.
//!
//! Belongs here: making inputs (`seeds`, `shape`, `damage`), the walk through every stage and what
//! must hold after it (`targets`): no panic, bounded time and memory, ranges inside the text, a
//! layout that is its own layout. Run it by `cargo xtask fuzz`; the same seed gives the same
//! inputs. May import: the crates of `core`, and the command line for what it alone reads.
//!
//! The walk runs on a stack of one megabyte, which is what WebAssembly has.

#![allow(unsafe_code, reason = "an allocator that counts")]

mod damage;
mod seeds;
mod shape;
mod targets;

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use yurt_model::Rng;

use seeds::Seeds;
use shape::Pool;
use targets::{Reached, Target};

/// The system's allocator, counting.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is the system allocator's; the counters do not touch the memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(held, Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Longest that one input may take.
const TIME_MAX: Duration = Duration::from_secs(1);
/// Most memory that one input of less than `SMALL` bytes may take, in bytes.
const MEMORY_MAX: usize = 64 << 20;
/// Inputs below this many bytes are held to `MEMORY_MAX`.
const SMALL: usize = 64 << 10;
/// The stack of the walk, in bytes.
const STACK: usize = 1 << 20;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (mut seconds, mut seed, mut only) = (5, 1, None);
    while let Some(argument) = arguments.next() {
        let number = arguments.next().and_then(|text| text.parse::<u64>().ok());
        match (argument.as_str(), number) {
            ("--seconds", Some(number)) => seconds = number,
            ("--seed", Some(number)) => seed = number,
            ("--only", Some(number)) => only = Some(number),
            _ => {
                eprintln!("yurt-fuzz [--seconds N] [--seed S] [--only NUMBER]");
                std::process::exit(2);
            }
        }
    }
    let walk = move || fuzz(Duration::from_secs(seconds), seed, only);
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(walk);
    let passed = thread.expect("a thread").join().unwrap_or(false);
    std::process::exit(i32::from(!passed));
}

/// What came of all inputs.
#[derive(Default)]
struct Sums {
    /// By what the inputs are; in each, how many came at least so far, by `Reached`.
    kinds: BTreeMap<&'static str, [u64; 4]>,
    /// Seconds and number of the slowest.
    slowest: (f64, u64),
    /// Bytes of the largest.
    largest: usize,
}

impl Sums {
    fn add(&mut self, number: u64, target: &Target<'_>, took: (f64, usize, Reached)) {
        let (seconds, memory, reached) = took;
        self.largest = self.largest.max(memory);
        if seconds > self.slowest.0 {
            self.slowest = (seconds, number);
        }
        let counts = self.kinds.entry(target.kind()).or_default();
        for count in &mut counts[..=reached as usize] {
            *count += 1;
        }
    }

    fn print(&self, seed: u64, seconds: f64) {
        let inputs: u64 = self.kinds.values().map(|counts| counts[0]).sum();
        println!(
            "seed {seed}: {inputs} inputs, {:.0} a second; the longest (number {}) took {:.1} ms, \
             the largest {:.1} MB",
            inputs as f64 / seconds,
            self.slowest.1,
            self.slowest.0 * 1e3,
            self.largest as f64 / f64::from(1 << 20),
        );
        for (kind, [all, parsed, admitted, compared]) in &self.kinds {
            let share = |count: &u64| 100.0 * *count as f64 / *all as f64;
            println!(
                "{all:>9} {kind}: {:.0} % make sense, {:.0} % admitted or played, {:.0} % compared",
                share(parsed),
                share(admitted),
                share(compared),
            );
        }
    }
}

/// Runs until the time is up or something is found; true when nothing was.
fn fuzz(time: Duration, seed: u64, only: Option<u64>) -> bool {
    let seeds = Seeds::new();
    let pool = Pool::of(seeds.good.iter().map(|&job| seeds.jobs[job].text.as_str()));
    let folder = PathBuf::from("target/fuzz");
    // An overflowing stack ends the process: what ran last is read from here.
    let _ = std::fs::create_dir_all(&folder);
    std::panic::set_hook(Box::new(|panic| {
        if let Some(place) = panic.location() {
            println!("{place}");
        }
    }));
    let start = Instant::now();
    let first = only.unwrap_or(0);
    let (mut number, mut sums) = (first, Sums::default());
    while number == first || (only.is_none() && start.elapsed() < time) {
        let mut rng = Rng::new(seed).child("input", number);
        let target = target(&mut rng, &seeds, &pool);
        let _ = std::fs::write(folder.join("current"), format!("{seed} {number}\n"));
        if only.is_some() {
            let _ = std::fs::write(folder.join("input"), target.bytes());
        }
        match held_to_bounds(&target) {
            Ok(took) => sums.add(number, &target, took),
            Err(found) => {
                let file = folder.join(format!("found-{seed}-{number}"));
                let _ = std::fs::write(&file, target.bytes());
                let again = format!("cargo xtask fuzz --seed {seed} --only {number}");
                println!("{found}\ninput: {}\nagain: {again}", file.display());
                return false;
            }
        }
        number += 1;
    }
    sums.print(seed, start.elapsed().as_secs_f64());
    true
}

/// An input: mostly job files, and most of those changed rather than damaged.
fn target<'a>(rng: &mut Rng, seeds: &'a Seeds, pool: &Pool) -> Target<'a> {
    let times = |rng: &mut Rng| 1 + pick(rng, 3);
    match pick(rng, 32) {
        0..=2 => {
            let job = &seeds.jobs[seeds.good[pick(rng, seeds.good.len())]];
            let mut document = job.document.clone().unwrap_or_default();
            for _ in 0..times(rng) {
                shape::changed_json(rng, &mut document);
            }
            let before = job.document.as_ref();
            Target::Document { before, document }
        }
        3 => {
            let line = seeds.scenarios[pick(rng, seeds.scenarios.len())];
            let mut scenario = serde_json::from_str(line).expect("a recording is JSON");
            for _ in 0..times(rng) {
                shape::changed_json(rng, &mut scenario);
            }
            Target::Scenario(scenario.to_string())
        }
        4 => {
            let mut text = seeds.transcripts[pick(rng, seeds.transcripts.len())].to_owned();
            for _ in 0..times(rng) {
                text = shape::changed_lines(rng, &text);
            }
            Target::Transcript(text)
        }
        5 => {
            let text = &seeds.journals[pick(rng, seeds.journals.len())];
            Target::Journal(journal(rng, text))
        }
        6 => Target::World(world(rng)),
        choice => job_file(rng, seeds, pool, choice < 13),
    }
}

/// A journal, some of whose lines are changed inside.
fn journal(rng: &mut Rng, text: &str) -> String {
    let line = |line: &str| {
        let mut value = serde_json::from_str(line).expect("a journal is JSON");
        for _ in 0..pick(rng, 3) {
            shape::changed_json(rng, &mut value);
        }
        format!("{value}\n")
    };
    text.lines().map(line).collect()
}

/// A world, damaged or with some of its values and blocks in other places.
fn world(rng: &mut Rng) -> Vec<u8> {
    let pool = Pool::of([seeds::WORLD].into_iter());
    let mut text = seeds::WORLD.to_owned();
    for _ in 0..pick(rng, 6) {
        text = pool.changed(rng, &text);
    }
    match pick(rng, 3) {
        0 => damage::damaged(rng, &text, &[seeds::WORLD.to_owned()]),
        _ => text.into_bytes(),
    }
}

fn job_file<'a>(rng: &mut Rng, seeds: &'a Seeds, pool: &Pool, damaged: bool) -> Target<'a> {
    let which = match damaged {
        true => pick(rng, seeds.jobs.len()),
        false => seeds.good[pick(rng, seeds.good.len())],
    };
    let job = &seeds.jobs[which];
    let bytes = if damaged {
        damage::damaged(rng, &job.text, &seeds.texts)
    } else if let (true, Ok(mut json)) =
        (job.text.starts_with('{'), serde_json::from_str(&job.text))
    {
        for _ in 0..=pick(rng, 3) {
            shape::changed_json(rng, &mut json);
        }
        json.to_string().into_bytes()
    } else {
        let mut text = job.text.clone();
        for _ in 0..=pick(rng, 4) {
            text = pool.changed(rng, &text);
        }
        text.into_bytes()
    };
    Target::JobFile {
        before: job.document.as_ref(),
        variables: shape::variables_for(rng, &job.text),
        cursor: pick(rng, bytes.len() + 1),
        bytes,
    }
}

/// The walk under its bounds: seconds, bytes, and how far it came.
fn held_to_bounds(target: &Target<'_>) -> Result<(f64, usize, Reached), String> {
    let mut best = f64::MAX;
    // A busy machine may delay any run once.
    for _ in 0..3 {
        let held = HELD.load(Relaxed);
        PEAK.store(held, Relaxed);
        let start = Instant::now();
        let answer = catch_unwind(AssertUnwindSafe(|| target.walk()));
        best = best.min(start.elapsed().as_secs_f64());
        let memory = PEAK.load(Relaxed).saturating_sub(held);
        let reached = answer.map_err(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or(panic.downcast_ref::<&str>().copied());
            format!("panic: {}", text.unwrap_or("?"))
        })??;
        if target.bytes().len() < SMALL && memory > MEMORY_MAX {
            return Err(format!("{memory} bytes of memory"));
        }
        if best < TIME_MAX.as_secs_f64() {
            return Ok((best, memory, reached));
        }
    }
    Err(format!("{best:.2} seconds"))
}

fn pick(rng: &mut Rng, length: usize) -> usize {
    rng.below(u32::try_from(length.max(1)).expect("short")) as usize
}

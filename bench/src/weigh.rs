//! Weighs a cluster: bytes of memory per allocation, beyond the job that all of them share.
//!
//! Belongs here: an allocator that counts, and the two clusters that are compared. Natively alone:
//! a pointer of 64 bits weighs more than one of WebAssembly. `cargo xtask bench` runs it.
//! May import: `yurt_bench`, `yurt_model` for the sizes of its records.

#![allow(unsafe_code, reason = "an allocator that counts")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use yurt_bench::memory::Workload;
use yurt_model::{AllocMetric, Allocation, Evaluation, SharedAlloc, TaskEvent, TaskState};

/// The system's allocator, counting.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);

/// Larger blocks are counted together.
const SIZE_MAX: usize = 1 << 16;

/// How many blocks of each size are held.
static BLOCKS: [AtomicUsize; SIZE_MAX + 1] = [const { AtomicUsize::new(0) }; SIZE_MAX + 1];

fn blocks(size: usize) -> &'static AtomicUsize {
    &BLOCKS[size.min(SIZE_MAX)]
}

// SAFETY: every call is the system allocator's; the counter does not touch the memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size(), Relaxed);
        blocks(layout.size()).fetch_add(1, Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        blocks(layout.size()).fetch_sub(1, Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How many allocations the smaller and the larger cluster run.
const COUNTS: [u32; 2] = [1_200, 12_000];

/// Parts of an allocation that weigh less are not told.
const PART_MIN: f64 = 12.0;

/// What is held, and in how many blocks of each size.
fn held() -> (usize, Vec<usize>) {
    let blocks = BLOCKS.iter().map(|count| count.load(Relaxed));
    (HELD.load(Relaxed), blocks.collect())
}

/// What a cluster of so many allocations holds.
fn weigh(workload: Workload, count: u32) -> (usize, Vec<usize>) {
    let (before, blocks_before) = held();
    let what = yurt_bench::memory::held(workload, count);
    let (bytes, mut blocks) = held();
    drop(what);
    for (count, before) in blocks.iter_mut().zip(blocks_before) {
        *count = count.saturating_sub(before);
    }
    (bytes - before, blocks)
}

/// The sizes of blocks that weigh most for each allocation, with how many of them it has. Blocks
/// are told by their size alone.
fn parts(small: &[usize], large: &[usize], more: f64) -> Vec<String> {
    let each = small.iter().zip(large).take(SIZE_MAX).enumerate();
    let mut parts: Vec<(usize, f64)> = each
        .map(|(size, (small, large))| (size, (*large as f64 - *small as f64) / more))
        .filter(|(size, blocks)| *size as f64 * blocks >= PART_MIN)
        .collect();
    parts.sort_by(|(size, blocks), (other, others)| {
        (*other as f64 * others).total_cmp(&(*size as f64 * blocks))
    });
    let text = |(size, blocks)| format!("{size} B x {blocks:.2}{}", name(size));
    parts.into_iter().map(text).collect()
}

/// The records that people may look for among the blocks.
fn name(size: usize) -> String {
    let counted = |value: usize| value + 2 * size_of::<usize>();
    let known = [
        (counted(size_of::<Allocation>()), "Allocation"),
        (counted(size_of::<SharedAlloc>()), "SharedAlloc"),
        (counted(size_of::<AllocMetric>()), "AllocMetric"),
        (counted(size_of::<TaskState>()), "TaskState"),
        (counted(size_of::<Evaluation>()), "Evaluation"),
        (size_of::<TaskEvent>() * 3, "three TaskEvents"),
    ];
    let names = known.iter().filter(|(other, _)| *other == size);
    let names: Vec<&str> = names.map(|(_, name)| *name).collect();
    if names.is_empty() {
        return String::new();
    }
    format!(" ({})", names.join(" or "))
}

fn main() {
    for workload in yurt_bench::memory::WORKLOADS {
        let [(small, small_blocks), (large, large_blocks)] =
            COUNTS.map(|count| weigh(workload, count));
        let more = COUNTS[1] - COUNTS[0];
        let each = large.saturating_sub(small) / more as usize;
        let parts = parts(&small_blocks, &large_blocks, f64::from(more)).join(", ");
        println!("{}\t{small}\t{large}\t{each}\t{parts}", workload.name());
    }
}

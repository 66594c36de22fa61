//! Weighs a cluster: bytes of memory per allocation, beyond the job that all of them share.
//!
//! Belongs here: an allocator that counts, and the two clusters that are compared. Natively alone:
//! a pointer of 64 bits weighs more than one of WebAssembly. `cargo xtask bench` runs it.
//! May import: `yurt_bench`.

#![allow(unsafe_code, reason = "an allocator that counts")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The system's allocator, counting.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is the system allocator's; the counter does not touch the memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size(), Relaxed);
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

/// How many allocations the smaller and the larger cluster run.
const COUNTS: [u32; 2] = [1_200, 12_000];

fn main() {
    for workload in yurt_bench::memory::WORKLOADS {
        let [small, large] = COUNTS.map(|count| {
            let before = HELD.load(Relaxed);
            let held = yurt_bench::memory::held(workload, count);
            let bytes = HELD.load(Relaxed) - before;
            drop(held);
            bytes
        });
        let more = (COUNTS[1] - COUNTS[0]) as usize;
        let each = large.saturating_sub(small) / more;
        println!("{}\t{small}\t{large}\t{each}", workload.name());
    }
}

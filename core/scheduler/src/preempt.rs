//! Preemption: making room by evicting less important allocations (spec: scheduling 11).
//!
//! Its place: `stack` asks here when a selection has found nothing and the job's type may evict.
//! Not there yet, so nothing is evicted.

//! What a reader of the specification stumbles over, a test for each of its traps.

mod jobspec;
mod plan_diff;

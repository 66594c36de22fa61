//! The traps of the specification's list 23 about scheduling.
//!
//! Not here yet: 41 and 42 (batches of follow-ups, and which evaluation may make them), 46 and 47
//! (plans that are refused in part).

mod feasibility;
mod jobs;
mod nodes;
mod ranking;
mod rescheduling;
mod room;
mod spreads;
mod system;

#[test]
fn every_trap_has_a_test() {
    let texts = [
        include_str!("feasibility.rs"),
        include_str!("jobs.rs"),
        include_str!("nodes.rs"),
        include_str!("ranking.rs"),
        include_str!("rescheduling.rs"),
        include_str!("room.rs"),
        include_str!("spreads.rs"),
        include_str!("system.rs"),
    ];
    super::assert_complete(&texts, 56, &[41, 42, 46, 47]);
}

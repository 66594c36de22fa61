//! The traps of the specification's list 23 about scheduling.

mod feasibility;
mod jobs;
mod nodes;
mod plans;
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
        include_str!("plans.rs"),
        include_str!("ranking.rs"),
        include_str!("rescheduling.rs"),
        include_str!("room.rs"),
        include_str!("spreads.rs"),
        include_str!("system.rs"),
    ];
    super::assert_complete(&texts, 56, &[]);
}

//! The traps of the specification's list 33 about deployments.

mod canaries;
mod failing;
mod losses;
mod rollout;

#[test]
fn every_trap_has_a_test() {
    let texts = [
        include_str!("canaries.rs"),
        include_str!("failing.rs"),
        include_str!("losses.rs"),
        include_str!("rollout.rs"),
    ];
    super::assert_complete(&texts, 40, &[]);
}

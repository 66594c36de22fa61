//! The traps of the specification's list 33 about deployments.

mod canaries;
mod failing;
mod rollout;

#[test]
fn every_trap_has_a_test() {
    let texts = [
        include_str!("canaries.rs"),
        include_str!("failing.rs"),
        include_str!("rollout.rs"),
    ];
    // These have none yet.
    let missing = [4, 26, 27, 28, 30, 32, 35, 36, 40];
    super::assert_complete(&texts, 40, &missing);
}

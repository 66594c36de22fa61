//! What a reader of the specification stumbles over, a test for each of its traps: named by its
//! number and words, built from the sentence and never from our output.
//!
//! Belongs here: `play`, a cluster whose clients say what a test says, and a folder or a file for
//! each list. May import: everything.

mod deployments;
mod jobspec;
mod plan_diff;
// Not every list needs every word of the driver.
#[allow(dead_code)]
mod play;
mod scheduling;

/// The numbers of the tests named `trap_<number>_…` in these texts.
fn numbers(texts: &[&str]) -> std::collections::BTreeSet<u32> {
    let lines = texts.iter().flat_map(|text| text.lines());
    lines
        .filter_map(|line| line.trim_start().strip_prefix("fn trap_"))
        .filter_map(|rest| rest.split('_').next()?.parse().ok())
        .collect()
}

/// The traps without a test are those of `missing`, no more and no fewer.
fn assert_complete(texts: &[&str], last: u32, missing: &[u32]) {
    let found = numbers(texts);
    let holes: Vec<u32> = (1..=last)
        .filter(|number| !found.contains(number))
        .collect();
    assert_eq!(holes, missing);
}

//! The recordings of the real thing, played on our cluster and compared.
//!
//! The table is a ratchet: it says how many commands of each recording agree, and a change in
//! either direction fails until the table says so too. Progress is recorded, and nothing slips back
//! unseen.

use yurt_workbench::session::DEFAULT_SEED;
use yurt_workbench::transcript::{self, Transcript};

/// A recording and how far we agree with it.
struct Recording {
    name: &'static str,
    text: &'static str,
    /// Commands that agree.
    agreeing: usize,
    /// Commands whose output is recorded.
    known: usize,
}

macro_rules! recordings {
    ($($folder:literal / $name:literal: $agreeing:literal of $known:literal,)*) => {
        &[$(Recording {
            name: concat!($folder, "/", $name),
            text: include_str!(concat!("../reference/", $folder, "/", $name, ".transcript")),
            agreeing: $agreeing,
            known: $known,
        },)*]
    };
}

/// Recordings that agree in full and must go on doing so.
const FULL: &[Recording] = recordings! {
    "cli" / "affinity-and-spread": 3 of 3,
    "cli" / "alloc-commands": 11 of 11,
    "cli" / "auto-promote": 5 of 5,
    "cli" / "batch-fail": 3 of 3,
    "cli" / "batch": 9 of 9,
    "cli" / "bluegreen-fail": 8 of 8,
    "cli" / "bluegreen-monitored": 4 of 4,
    "cli" / "bluegreen-promote": 15 of 15,
    "cli" / "canary-crash-autorevert": 6 of 6,
    "cli" / "canary-fail": 6 of 6,
    "cli" / "canary-promote": 7 of 7,
    "cli" / "check-index": 8 of 8,
    "cli" / "constraints": 12 of 12,
    "cli" / "deployment-errors": 15 of 15,
    "cli" / "in-place": 13 of 13,
    "cli" / "listing": 24 of 24,
    "cli" / "no-eligible-nodes": 7 of 7,
    "cli" / "node-down": 4 of 4,
    "cli" / "node-drain": 11 of 11,
    "cli" / "parameterized": 9 of 9,
    "cli" / "pause-resume": 12 of 12,
    "cli" / "periodic": 7 of 7,
    "cli" / "placement-failures": 10 of 10,
    "cli" / "plan-colours": 5 of 5,
    "cli" / "plan-edits-1": 23 of 23,
    "cli" / "plan-edits-2": 23 of 23,
    "cli" / "plan-verbose": 4 of 4,
    "cli" / "restart-and-reschedule": 6 of 6,
    "cli" / "revert": 11 of 11,
    "cli" / "rolling-count-and-image": 7 of 7,
    "cli" / "rolling-crash-no-revert": 8 of 8,
    "cli" / "rolling-update": 5 of 5,
    "cli" / "scale": 9 of 9,
    "cli" / "services-and-ports": 9 of 9,
    "cli" / "stop-and-purge": 12 of 12,
    "cli" / "supersede-canary": 10 of 10,
    "cli" / "system": 9 of 9,
    "cli" / "two-groups": 8 of 8,
    "cli" / "validate": 78 of 78,
    "cli" / "variables": 9 of 9,
    "guide" / "bluegreen-fail": 3 of 3,
    "guide" / "bluegreen-promote": 4 of 4,
    "guide" / "canary-promote": 4 of 4,
};

/// The others, with what is reached.
const PARTIAL: &[Recording] = recordings! {
    "cli" / "preemption": 9 of 9,
};

fn play(recording: &Recording, seed: u64) -> (Transcript, transcript::Verdict) {
    let recorded = Transcript::parse(recording.text).expect("recordings are transcripts");
    let played = transcript::play(&recorded, seed);
    let verdict = transcript::compare(&recorded, &played.transcript);
    (played.transcript, verdict)
}

#[test]
fn recordings_agree_in_full() {
    for recording in FULL {
        let (ours, verdict) = play(recording, DEFAULT_SEED);
        let first = verdict.differences.first();
        assert!(verdict.is_full(), "{}: {first:#?}\n{ours}", recording.name);
        assert_eq!(recording.agreeing, recording.known, "{}", recording.name);
        assert_eq!(verdict.known, recording.known, "{}", recording.name);
    }
}

#[test]
fn recordings_agree_as_far_as_the_table_says() {
    let mut moved = Vec::new();
    for recording in PARTIAL {
        let (_, verdict) = play(recording, DEFAULT_SEED);
        if (verdict.agreeing, verdict.known) != (recording.agreeing, recording.known) {
            let (name, was) = (recording.name, recording.agreeing);
            let (now, known) = (verdict.agreeing, verdict.known);
            moved.push(format!("{name}: {was} in the table, {now} of {known} now"));
        }
    }
    assert!(moved.is_empty(), "{moved:#?}");
}

#[test]
fn other_seeds_agree_as_well() {
    for recording in FULL {
        for seed in [1, 2] {
            let (ours, verdict) = play(recording, seed);
            let first = verdict.differences.first();
            let name = recording.name;
            assert!(verdict.is_full(), "{name}, seed {seed}: {first:#?}\n{ours}");
        }
    }
}

#[test]
fn playing_again_gives_the_same_text() {
    let recording = &FULL[0];
    let (first, _) = play(recording, 3);
    let (second, _) = play(recording, 3);
    assert_eq!(first.to_string(), second.to_string());
    let (other, _) = play(recording, 4);
    assert_ne!(
        first.to_string(),
        other.to_string(),
        "another seed, other identifiers"
    );
}

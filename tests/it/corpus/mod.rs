//! The corpus: job files of our own making with what the specification says of them
//! (`tests/corpus`, whose README explains the form).
//!
//! Each case is a job file, alone or inside a small frame, and sections of expectations; every
//! section is compared in full. Reads the file system.

mod cases;
mod check;
mod coverage;
mod fmt;
mod pairs;
mod submit;

use std::collections::BTreeSet;
use std::path::Path;

use cases::Case;

/// The cases of one folder.
fn folder(name: &str) -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(name);
    let entries = std::fs::read_dir(root).expect("a theme");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).expect("text");
        cases::read(&path.file_name().expect("a name").to_string_lossy(), &text)
    };
    files.iter().flat_map(read).collect()
}

fn corpus() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut files = Vec::new();
    for folder in std::fs::read_dir(root).expect("the corpus") {
        let folder = folder.expect("an entry").path();
        // Pairs have a form of their own: see `pairs`.
        if folder.is_dir() && !folder.ends_with("pairs") && !folder.ends_with("fmt") {
            let entries = std::fs::read_dir(folder).expect("a theme");
            files.extend(entries.map(|entry| entry.expect("an entry").path()));
        }
    }
    files.sort();
    files
        .iter()
        .flat_map(|path| {
            let text = std::fs::read_to_string(path).expect("text");
            cases::read(&path.file_name().expect("a name").to_string_lossy(), &text)
        })
        .collect()
}

#[test]
fn every_case_gives_what_the_specification_says() {
    let cases = corpus();
    let mut wrong = Vec::new();
    for case in cases
        .iter()
        .filter(|case| case.section("pending").is_none())
    {
        for problem in check::case(case) {
            wrong.push(format!("{}: {}: {problem}", case.file, case.name));
        }
    }
    let count = wrong.len();
    assert!(wrong.is_empty(), "{}\n{count} problems", wrong.join("\n"));
}

#[test]
fn the_corpus_covers_the_language() {
    let cases = corpus();
    let missing: BTreeSet<String> = coverage::missing(&cases).into_iter().collect();
    let excused = coverage::excused();
    let more: Vec<_> = missing.difference(&excused).collect();
    assert!(more.is_empty(), "not covered: {more:?}");
    let covered: Vec<_> = excused.difference(&missing).collect();
    assert!(
        covered.is_empty(),
        "covered, so take them off the list: {covered:?}"
    );
    let pending = cases
        .iter()
        .filter(|case| case.section("pending").is_some());
    assert_eq!(pending.count(), 0, "cases that wait for a repair");
    assert!(cases.len() >= coverage::CASES, "{} cases", cases.len());
}

//! The layout of files: text in, text out.

use super::*;

const CASES: &str = include_str!("../../tests/data/format.txt");

/// Name, file and laid-out file of each case.
fn cases() -> Vec<(&'static str, String, String)> {
    let unmarked = |text: &str| {
        let text = text.replace('·', " ").replace('⇥', "\t").replace('␍', "\r");
        match text.strip_suffix("∎\n") {
            Some(text) => text.to_owned(),
            None => text,
        }
    };
    let cases = CASES.split("\n## ").skip(1).map(|case| {
        let (name, files) = case.split_once('\n').expect("a name");
        let (before, after) = files.split_once("\n->\n").expect("two files");
        let before = unmarked(&format!("{before}\n"));
        // Cases stand apart by an empty line, which belongs to no file.
        let after = unmarked(&format!("{}\n", after.trim_end_matches('\n')));
        (name, before, after)
    });
    cases.collect()
}

#[test]
fn every_case_is_laid_out_as_written() {
    assert!(cases().len() > 30);
    for (name, before, after) in cases() {
        assert_eq!(format(&before).as_deref(), Ok(&*after), "{name}");
    }
}

#[test]
fn what_is_laid_out_stays() {
    for (name, _, after) in cases() {
        assert_eq!(format(&after).as_deref(), Ok(&*after), "{name}");
    }
}

#[test]
fn a_byte_order_mark_stays() {
    let laid_out = format("\u{feff}job \"a\" {\nx=1\n}\n");
    assert_eq!(laid_out.as_deref(), Ok("\u{feff}job \"a\" {\n  x = 1\n}\n"));
}

#[test]
fn what_is_no_file_is_refused_with_its_lines() {
    let source = "job \"a\" {\n  region @\n}\n";
    let problems = format(source).expect_err("a character that is none");
    let text = report(&problems[..1], "g.hcl", source);
    assert_eq!(
        text,
        "Error: Invalid character\n\n  on g.hcl line 2:\n   2:   region @\n\nThis character is \
         not used within the language.\n\n"
    );
}

#[test]
fn details_are_wrapped() {
    let source = "job \"a\" {\n  region = \"x\n}\n";
    let text = report(&format(source).expect_err("an open text"), "g.hcl", source);
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    assert!(text.starts_with("Error: Invalid multi-line string\n\n  on g.hcl line 2:\n   2: "));
}

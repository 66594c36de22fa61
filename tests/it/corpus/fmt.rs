//! How job files are laid out: cases (`tests/corpus/fmt`), and what holds for every job file there
//! is here: laid out it means the same, and laid out again it stays (spec: jobspec 18).

use serde_json::Value;
use yurt_jobspec::format::format;
use yurt_jobspec::{ParseInput, parse};

use super::pairs::{pairs, side};

const OUTPUTS: &str = include_str!("../../reference/jobspec/run-output.jsonl");
const PLANS: &str = include_str!("../../reference/plans/plans.jsonl");

/// Carriage returns, tabs and byte order marks are written `<cr>`, `<tab>`, `<bom>`.
fn unmarked(text: &str) -> String {
    text.replace("<cr>", "\r")
        .replace("<tab>", "\t")
        .replace("<bom>", "\u{feff}")
}

#[test]
fn every_case_is_laid_out_as_the_specification_says() {
    let mut wrong = Vec::new();
    let cases = super::folder("fmt");
    for case in &cases {
        let before = unmarked(case.section("before").expect("a file"));
        let got = format(&before);
        match (case.section("after"), got) {
            (Some(after), Ok(got)) if unmarked(after) == got => {}
            (None, Err(problems)) => {
                let want = case.section("refused").expect("what is wrong");
                if problems[0].summary != want {
                    wrong.push(format!("{}: {}", case.name, problems[0].summary));
                }
            }
            (_, got) => wrong.push(format!("{}: {got:#?}", case.name)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.len() >= 25, "{} cases", cases.len());
}

/// Every job file of the recordings and of the pairs.
fn files() -> Vec<String> {
    let mut files: Vec<String> = pairs()
        .iter()
        .flat_map(|case| [side(case, false), side(case, true)])
        .collect();
    for line in OUTPUTS.lines().chain(PLANS.lines()) {
        let recorded: Value = serde_json::from_str(line).expect("a line of JSON");
        let texts = recorded.as_object().expect("members").values();
        let texts = texts.filter_map(Value::as_str);
        files.extend(
            texts
                .filter(|text| text.contains("job \""))
                .map(str::to_owned),
        );
    }
    files
}

/// The job as JSON, without its blanks: a text such as `${ node.class }`, which is read when the
/// job runs, is kept as it is written, and its blanks are laid out too.
fn document(source: &str) -> Option<String> {
    let input = ParseInput {
        file_name: "docs.nomad.hcl",
        source,
        ..ParseInput::default()
    };
    let document = parse(&input).document?;
    Some(document.to_string().replace(' ', ""))
}

#[test]
fn laying_out_keeps_the_job_and_is_done_once() {
    let (mut read, mut wrong) = (0, Vec::new());
    for source in files() {
        let Ok(laid_out) = format(&source) else {
            continue;
        };
        read += 1;
        if document(&laid_out) != document(&source) {
            wrong.push(format!("another job:\n{source}"));
        }
        if format(&laid_out).as_ref() != Ok(&laid_out) {
            wrong.push(format!("laid out twice:\n{source}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(read > 400, "{read} files");
}

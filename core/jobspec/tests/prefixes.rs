//! A file is unfinished while it is written: at the end of every beginning of many files, help is
//! there, in bounded time, and knows the block that it stands in.

#[cfg(target_arch = "wasm32")]
#[macro_use]
extern crate yurt_everywhere;

use yurt_jobspec::assist::{completions, hover, problems};
use yurt_jobspec::{ParseInput, parse};

const WEB: &str = include_str!("data/web.nomad.hcl");
const OPENING: &str = include_str!("../../workbench/src/opening.nomad.hcl");

/// Whole files, and lines of the corpus in the block that they belong to.
fn files() -> Vec<String> {
    let mut files = vec![WEB.to_owned(), OPENING.to_owned()];
    let learners = include_str!("data/learner.txt").split("==== ").skip(1);
    files.extend(learners.map(|case| case.split("---- editor").next().unwrap_or(case).to_owned()));
    for text in [
        include_str!("../../../tests/corpus/blocks/1-policies.txt"),
        include_str!("../../../tests/corpus/blocks/2-task.txt"),
        include_str!("../../../tests/corpus/language/dynamic.txt"),
        include_str!("../../../tests/corpus/language/files.txt"),
        include_str!("../../../tests/corpus/syntax/errors.txt"),
    ] {
        for section in text.split("\n---- ").skip(1) {
            let (name, lines) = section.split_once('\n').unwrap_or_default();
            let lines = lines.split("\n==== ").next().unwrap_or_default();
            let around = match name {
                "in job" => "job \"docs\" {\n",
                "in group" => "job \"docs\" {\ngroup \"api\" {\n",
                "in task" => "job \"docs\" {\ngroup \"api\" {\ntask \"server\" {\n",
                "job" | "in file" => "",
                _ => continue,
            };
            files.push(format!("{around}{lines}"));
        }
    }
    files
}

/// What the editor would show, without a server.
fn shown(source: &str) -> usize {
    let mut readings = 0;
    let found = problems(source, &mut |source| {
        readings += 1;
        let input = ParseInput {
            file_name: "t.hcl",
            source,
            ..ParseInput::default()
        };
        parse(&input)
    });
    for problem in found {
        if let Some(range) = problem.range {
            let text = source.get(range.start.byte..range.end.byte);
            assert!(text.is_some(), "{problem:?}\n{source}");
        }
        if let Some(fix) = problem.fix {
            let text = source.get(fix.start_byte..fix.end_byte);
            assert!(text.is_some(), "{fix:?}\n{source}");
        }
    }
    readings
}

#[test]
fn every_beginning_of_a_file_gets_help() {
    let files = files();
    assert!(files.len() > 150, "{}", files.len());
    for file in &files {
        for at in (0..=file.len()).filter(|&at| file.is_char_boundary(at)) {
            let source = &file[..at];
            let found = completions(source, at);
            assert!(source.get(found.start_byte..at).is_some());
            if let Some(word) = hover(source, at.saturating_sub(1)) {
                assert!(source.get(word.start_byte..word.end_byte).is_some());
            }
            if at % 4 == 0 {
                assert!(shown(source) <= 12);
            }
        }
    }
}

/// At every attribute and block of a good file, what stands before it is enough to offer it; and so
/// is the file without the line, whatever follows.
#[test]
fn every_word_of_a_good_file_is_offered_where_it_stands() {
    let mut words = 0;
    for file in [WEB, OPENING] {
        let mut start = 0;
        let mut free = 0;
        for line in file.split_inclusive('\n') {
            let at = start + (line.len() - line.trim_start().len());
            start += line.len();
            let word: String = line
                .trim_start()
                .chars()
                .take_while(|each| *each == '_' || each.is_alphabetic())
                .collect();
            let is_closing = line.trim() == "}";
            free -= usize::from(is_closing && free > 0);
            if free == 0 && !word.is_empty() && !line.trim().starts_with('#') {
                words += 1;
                let without = format!("{}{}", &file[..at], &file[start..]);
                for source in [&file[..at], &without] {
                    let found = completions(source, at);
                    let is_offered = found.items.iter().any(|item| item.label == word);
                    assert!(is_offered, "{word} behind\n{}", &source[..at]);
                }
            }
            let opens = line.trim_end().ends_with('{');
            let is_free = matches!(word.as_str(), "config" | "env" | "meta");
            free += usize::from(opens && (is_free || free > 0));
        }
    }
    assert!(words > 50, "{words}");
}

/// What is not finished before the cursor, what is offered at it (`|`), and what is not.
const UNFINISHED: &[(&str, &str, &str)] = &[
    ("job \"a\" {\n  |", "group", "driver"),
    ("job \"a\" {\n  type = \"service\n  |", "priority", "canary"),
    (
        "job \"a\" {\n  datacenters = [\"dc1\n  |",
        "group",
        "canary",
    ),
    (
        "job \"a\" {\n  datacenters = [\"dc1\",\n  update {\n    |",
        "",
        "",
    ),
    (
        "job \"a\" {\n  update {\n    canary =\n    |",
        "max_parallel",
        "group",
    ),
    ("job \"a\" {\n  update {\n    canary = 1 +\n    |", "", ""),
    ("job \"a\" {\n  group {\n    |", "count", "driver"),
    ("job \"a\" {\n  group \"b\" {\n    cou|", "count", "driver"),
    (
        "job \"a\" {\n  group \"b\" {\n    count = 1\n    task {\n      |",
        "driver",
        "count",
    ),
    (
        "job \"a\" {\n  group \"b\" {\n    task \"c\" {\n      driver = \"docker\n      |",
        "resources",
        "count",
    ),
    (
        "job \"a\" {\n  group \"b\" {\n    task \"c\" {\n      resources {\n        cpu = 1\n        |\n  }\n}\n",
        "memory",
        "driver",
    ),
    (
        "job \"a\" {\n  group \"b\" {\n    network {\n      port \"x\" {\n        |\n",
        "static",
        "mode",
    ),
    (
        "job \"a\" {\n  group \"b\" {\n    service {\n      check {\n        type = \"|\n",
        "http",
        "interval",
    ),
    (
        "job \"a\" {\n  group \"b\" {\n    update {\n      health_check = \"|",
        "task_states",
        "canary",
    ),
    (
        "job \"a\" {\n  dynamic \"group\" {\n    content {\n      |",
        "count",
        "for_each",
    ),
    ("variable \"x\" {\n  |\njob \"a\" {\n", "default", "group"),
    ("variable \"x\" {\n  type = |\n", "list(string)", "group"),
    (
        "job \"a\" {\n  group \"b\" {\n  }\n  |\n",
        "update",
        "count",
    ),
    (
        "job \"a\" {\n  group \"b\" {\n    env = {\n  }\n  |\n  group",
        "restart",
        "priority",
    ),
];

#[test]
fn an_unfinished_file_offers_what_its_block_takes() {
    for (marked, offered, other) in UNFINISHED {
        let at = marked.find('|').expect("a cursor");
        let source = marked.replacen('|', "", 1);
        let found = completions(&source, at).items;
        let has = |label: &str| found.iter().any(|item| item.label == label);
        assert!(
            offered.is_empty() || has(offered),
            "{offered} at\n{marked}\n{found:?}"
        );
        assert!(other.is_empty() || !has(other), "{other} at\n{marked}");
    }
}

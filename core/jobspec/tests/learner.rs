//! Job files with the mistakes of people who learn, and what an editor shows of them: each problem
//! at its exact place, as many at once as can be told, and a change where one is obvious.

#[cfg(target_arch = "wasm32")]
#[macro_use]
extern crate yurt_everywhere;

use std::fmt::Write;

use yurt_jobspec::admission::{self, AdmissionContext};
use yurt_jobspec::assist;
use yurt_jobspec::{Diagnostic, ParseInput, Severity, parse};

/// Files of `data/learner.txt`: name, text, and what is expected of it.
fn cases() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let text = include_str!("data/learner.txt");
    text.split("==== ").skip(1).map(|case| {
        let (name, rest) = case.split_once('\n').expect("a name");
        let (source, expected) = rest.split_once("---- editor\n").unwrap_or((rest, ""));
        (name, source, expected)
    })
}

fn problems(source: &str) -> Vec<Diagnostic> {
    assist::problems(source, &mut |source| {
        let mut parsed = parse(&ParseInput {
            file_name: "t.hcl",
            source,
            ..ParseInput::default()
        });
        admission::judge(&mut parsed, "t.hcl", source, &AdmissionContext::default());
        parsed
    })
}

/// `line,column "what is underlined" summary`, and the change below it.
fn shown(source: &str) -> String {
    let mut text = String::new();
    for problem in problems(source) {
        if problem.severity != Severity::Error {
            continue;
        }
        let range = problem.range.unwrap_or_default();
        let under = source.get(range.start.byte..range.end.byte);
        let place = format!("{},{}", range.start.line, range.start.column);
        let _ = writeln!(
            text,
            "{place} {:?} {}",
            under.unwrap_or("?"),
            problem.summary
        );
        if let Some(fix) = problem.fix {
            let _ = writeln!(text, "  {}", fix.title);
        }
    }
    text
}

#[test]
fn mistakes_stand_at_their_place_with_a_change() {
    let mut wrong = String::new();
    for (name, source, expected) in cases() {
        let found = shown(source);
        if found != expected {
            let _ = write!(wrong, "==== {name}\n{source}---- editor\n{found}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

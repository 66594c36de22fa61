//! What servers say against jobs: one job, edited, and the recorded or specified texts.

#[cfg(target_arch = "wasm32")]
#[macro_use]
extern crate yurt_everywhere;

use serde_json::{Map, Value};
use yurt_jobspec::admission::{AdmissionContext, admit};

/// One case of the table.
#[derive(Default)]
struct Case {
    title: String,
    edits: Vec<(String, Value)>,
    whole: Vec<String>,
    errors: Vec<String>,
    warnings: Option<Vec<String>>,
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        let Some((kind, rest)) = line.split_once(' ').or(Some((line, ""))) else {
            continue;
        };
        if kind == "#" {
            cases.push(Case {
                title: rest.to_owned(),
                ..Case::default()
            });
        }
        let Some(case) = cases.last_mut() else {
            continue;
        };
        match kind {
            "=" => {
                let (path, value) = rest.split_once(' ').expect("a path and a value");
                let value = serde_json::from_str(value)
                    .unwrap_or_else(|error| panic!("{}: {error}: {value}", case.title));
                case.edits.push((full(path), value));
            }
            "-" => case.edits.push((full(rest), Value::Null)),
            "|" => case.whole.push(rest.to_owned()),
            ">" => case.errors.push(rest.to_owned()),
            "?" => {
                let list = case.warnings.get_or_insert_with(Vec::new);
                if !rest.is_empty() {
                    list.push(rest.replace("\\n", "\n").replace("\\t", "\t"));
                }
            }
            _ => {}
        }
    }
    cases
}

fn full(path: &str) -> String {
    let shorthands = [
        ("G", "TaskGroups.0"),
        ("T", "TaskGroups.0.Tasks.0"),
        ("S", "TaskGroups.0.Services.0"),
        ("C", "TaskGroups.0.Services.0.Checks.0"),
    ];
    let (head, rest) = path.split_once('.').unwrap_or((path, ""));
    let head = shorthands
        .iter()
        .find(|(short, _)| *short == head)
        .map_or(head, |(_, long)| long);
    format!("{head}.{rest}").trim_end_matches('.').to_owned()
}

fn set(target: &mut Value, path: &str, value: Value) {
    let Some((head, rest)) = path.split_once('.').or(Some((path, ""))) else {
        return;
    };
    let slot = match (target, head.parse::<usize>()) {
        (Value::Array(list), Ok(index)) => {
            if index == list.len() {
                list.push(Value::Null);
            }
            &mut list[index]
        }
        (target, _) => {
            if target.is_null() {
                *target = Value::Object(Map::new());
            }
            target
                .as_object_mut()
                .expect("an object")
                .entry(head)
                .or_insert(Value::Null)
        }
    };
    if rest.is_empty() {
        *slot = value;
    } else {
        set(slot, rest, value);
    }
}

#[test]
fn jobs_are_refused_in_the_words_of_the_reference() {
    let web: Value = serde_json::from_str(include_str!("data/web.json")).expect("JSON");
    let cases = cases(include_str!("data/refusals.txt"));
    assert!(cases.len() > 100, "the table was read");
    let mut complaints = Vec::new();
    for case in cases {
        let mut job = web.clone();
        for (path, value) in &case.edits {
            set(&mut job, path, value.clone());
        }
        let (errors, text, warnings) = match admit(&job, &AdmissionContext::default()) {
            Ok(admitted) => (Vec::new(), String::new(), admitted.warnings),
            Err(refused) => (
                refused.errors.clone(),
                refused.to_string(),
                refused.warnings,
            ),
        };
        let errors: Vec<String> = errors
            .iter()
            .map(|e| format!("{}: {}", e.path.as_deref().unwrap_or(""), e.message))
            .collect();
        if !case.whole.is_empty() {
            let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
            if lines != case.whole {
                complaints.push(format!("# {}\n{text}", case.title));
            }
        } else if errors != case.errors {
            complaints.push(format!("# {}\n{}", case.title, errors.join("\n")));
        }
        for expected in case.warnings.iter().flatten() {
            if !warnings.contains(expected) {
                complaints.push(format!("# {}: warnings\n{warnings:#?}", case.title));
            }
        }
        if case.warnings.is_some_and(|list| list.is_empty()) && !warnings.is_empty() {
            complaints.push(format!("# {}: warnings\n{warnings:#?}", case.title));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n\n"));
}

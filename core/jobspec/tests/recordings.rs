//! Every job file of the recorded scenarios: what the server said about it, or that it took it.

#[cfg(target_arch = "wasm32")]
#[macro_use]
extern crate yurt_everywhere;

use std::collections::BTreeMap;

use yurt_jobspec::admission::{AdmissionContext, admit};
use yurt_jobspec::{ParseInput, parse};
use yurt_model::Release;

/// A command that sent a job, and what it printed, without empty lines.
struct Sent {
    title: String,
    command: String,
    source: String,
    output: Vec<String>,
}

/// Recorded scenarios of the release of today, name and text.
const CLI: &[(&str, &str)] = yurt_everywhere::folder!("../../tests/reference/cli", "transcript");

/// Those of release 0.7.
const GUIDE: &[(&str, &str)] =
    yurt_everywhere::folder!("../../tests/reference/guide", "transcript");

/// The commands of a scenario that send a job file without variables.
fn sent(text: &str) -> Vec<Sent> {
    let mut files = BTreeMap::<&str, String>::new();
    let mut found = Vec::new();
    let mut title = "";
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
        match kind {
            "#" => title = rest,
            "file" => {
                let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "EOF").collect();
                files.insert(rest.trim(), text.join("\n") + "\n");
            }
            "edit" => {
                let mut parts = rest.splitn(3, " | ");
                let mut part = || parts.next().expect("three parts");
                let (name, old, new) = (part(), part(), part());
                let file = files.get_mut(name.trim()).expect("a file");
                *file = file.replace(old, new);
            }
            "$" => {
                let mut output = Vec::new();
                while let Some(line) = lines.next_if(|line| line.starts_with('|')) {
                    let line = line.get(2..).unwrap_or("").replace("\u{1b}[0m", "");
                    if !line.trim().is_empty() {
                        output.push(line);
                    }
                }
                let words: Vec<&str> = rest.split_whitespace().collect();
                let sends = ["run", "plan", "validate"]
                    .iter()
                    .any(|w| words.contains(w));
                let has_variables = rest.contains("-var");
                let source = words.last().and_then(|name| files.get(name));
                if let Some(source) = source.filter(|_| sends && !has_variables) {
                    found.push(Sent {
                        title: title.to_owned(),
                        command: rest.to_owned(),
                        source: source.clone(),
                        output,
                    });
                }
            }
            _ => {}
        }
    }
    found
}

/// The recorded refusal; empty when the job was taken, none when the file could not be read.
fn refusal(output: &[String]) -> Option<String> {
    let text = output.join("\n");
    if text.starts_with("Error getting job struct") {
        return None;
    }
    if let Some((_, errors)) = text.split_once("Job validation errors:\n") {
        return Some(errors.to_owned());
    }
    let refused = text.split_once("Unexpected response code: 500 (");
    Some(refused.map_or(String::new(), |(_, errors)| {
        errors.trim_end_matches(')').trim_end().to_owned()
    }))
}

/// The recorded warnings, each with the lines that belong to it.
fn warnings(output: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let from = output.iter().position(|l| l.contains("Job Warnings:"));
    let Some(from) = from else {
        return found;
    };
    for line in output[from + 1..].iter().skip(1) {
        match (line.strip_prefix("* "), found.last_mut()) {
            (Some(warning), _) => found.push(warning.to_owned()),
            (None, Some(last)) if line.starts_with('\t') => {
                last.push('\n');
                last.push_str(line);
            }
            _ => break,
        }
    }
    found
}

fn check(scenarios: &[(&str, &str)], release: Release, at_least: usize) {
    let context = AdmissionContext {
        release,
        namespaces: Some(vec!["default".to_owned()]),
        node_pools: Some(vec!["all".to_owned(), "default".to_owned()]),
        ..AdmissionContext::default()
    };
    let (mut count, mut complaints) = (0, Vec::new());
    for (name, text) in scenarios {
        for sent in sent(text) {
            let Some(expected) = refusal(&sent.output) else {
                continue;
            };
            let parsed = parse(&ParseInput {
                file_name: "job.nomad.hcl",
                source: &sent.source,
                ..ParseInput::default()
            });
            let document = parsed.document.expect("the file can be read");
            let (text, ours) = match admit(&document, &context) {
                Ok(admitted) => (String::new(), admitted.warnings),
                Err(refused) => (refused.to_string(), Vec::new()),
            };
            let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
            let text = lines.join("\n");
            count += 1;
            if text != expected || ours != warnings(&sent.output) {
                let Sent { title, command, .. } = sent;
                complaints.push(format!("{name}: {title}: {command}\n{text}\n{ours:#?}"));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n\n"));
    assert!(count >= at_least, "only {count} commands send a job");
}

#[test]
fn recorded_jobs_get_their_recorded_answers() {
    check(CLI, Release::V2_0, 200);
}

#[test]
fn the_guide_is_admitted_untouched_in_its_own_release() {
    check(GUIDE, Release::V0_7, 8);
}

//! Recorded plans, from two job files to every byte that is printed
//! (`tests/reference/plans/plans.jsonl`).
//!
//! The scheduler's part (counters, what found no place) and the time are read from the recording
//! here: this tests reading, admission, difference, annotations, launches and layout. `yurt plans`
//! does it all.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;
use yurt_diff::{annotate, diff};
use yurt_jobspec::admission::{self, AdmissionContext, Admitted, warnings_text};
use yurt_jobspec::{ParseInput, parse};
use yurt_model::{AllocMetric, DesiredUpdates, Duration, Name, PlanAnnotations, Release, Time};
use yurt_workbench::plan_text::{PlanTextInput, exit_status, render};

const PLANS: &str = include_str!("../reference/plans/plans.jsonl");
const FILE: &str = "docs.nomad.hcl";

/// Reads and admits a job file, or says what the plan says of it.
fn admitted(source: &str) -> Result<Admitted, String> {
    let parsed = parse(&ParseInput {
        file_name: FILE,
        source,
        ..ParseInput::default()
    });
    let errors = yurt_jobspec::render(&parsed.diagnostics);
    let document = parsed.document.ok_or(errors)?;
    let context = AdmissionContext {
        release: Release::V2_0,
        ..AdmissionContext::default()
    };
    admission::admit(&document, &context).map_err(|refused| {
        let text = refused.to_string();
        format!("Error during plan: Unexpected response code: 500 ({text})\n")
    })
}

/// What the recorded scheduler found, as far as its output tells.
#[derive(Default)]
struct Found {
    annotations: PlanAnnotations,
    failed: BTreeMap<Name, Rc<AllocMetric>>,
    /// The next launch, and the time until then.
    launch: Option<(Time, Duration)>,
    index: u64,
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

fn counters(text: &str) -> DesiredUpdates {
    let mut updates = DesiredUpdates::default();
    for (count, name) in text.split(", ").filter_map(|item| item.split_once(' ')) {
        let counter = match name {
            "canary" => &mut updates.canary,
            "create" => &mut updates.place,
            "create/destroy update" => &mut updates.destructive_update,
            "destroy" => &mut updates.stop,
            "ignore" => &mut updates.ignore,
            "in-place update" => &mut updates.in_place_update,
            "migrate" => &mut updates.migrate,
            other => panic!("a counter called {other}"),
        };
        *counter = count.parse().expect("a number");
    }
    updates
}

fn reason(metric: &mut AllocMetric, line: &str) {
    let count = |from: &str, to: &str| between(line, from, to).and_then(|text| text.parse().ok());
    let nodes = || line.rsplit(' ').nth(1).and_then(|text| text.parse().ok());
    let excluded = count("\": ", " nodes excluded");
    let quoted = between(line, "\"", "\"").unwrap_or_default();
    metric.nodes_evaluated = 5;
    match line.split(' ').next() {
        Some("No") => metric.nodes_evaluated = 0,
        Some("Constraint") => {
            let whole = line
                .strip_prefix("Constraint \"")
                .and_then(|text| text.rsplit_once("\": "));
            let (text, _) = whole.expect("a constraint");
            metric.constraint_filtered.add(text, excluded.unwrap_or(0));
        }
        Some("Resources") => metric.nodes_exhausted = nodes().unwrap_or(0),
        Some("Dimension") => {
            metric.dimension_exhausted.add(quoted, nodes().unwrap_or(0));
        }
        _ => panic!("a reason that reads {line}"),
    }
}

/// A time of the day of the recordings.
fn time(text: &str) -> Time {
    let clock = text
        .strip_prefix("2026-11-23T")
        .and_then(|text| text.strip_suffix('Z'));
    let parts = clock
        .expect("that day")
        .split(':')
        .map(|part| part.parse::<i64>());
    let seconds = parts.fold(0, |sum, part| sum * 60 + part.expect("a number"));
    Time((1_795_392_000 + seconds) * 1_000_000_000)
}

fn found(output: &str) -> Found {
    let mut found = Found::default();
    let mut group: Name = "".into();
    for line in output.lines() {
        let name = between(line, "Task Group \"", "\"").or(between(line, "Task Group: \"", "\""));
        if let Some(count) = between(line, "(failed to place ", " ") {
            group = name.expect("a group").into();
            let failures: u32 = count.parse().expect("a number");
            let metric = AllocMetric {
                coalesced_failures: failures - 1,
                ..AllocMetric::default()
            };
            found.failed.insert(group.clone(), Rc::new(metric));
        } else if let (Some(name), Some(text)) = (name, between(line, "\" (", ")")) {
            let updates = counters(text);
            found
                .annotations
                .desired_updates
                .insert(name.into(), updates);
        } else if let Some(text) = line.strip_prefix("    * ") {
            let metric = found.failed.get_mut(&group).and_then(Rc::get_mut);
            reason(metric.expect("a failed group"), text);
        } else if let Some(at) = between(line, "launch would be at ", " (") {
            let left = between(line, " (", " from now)").map(Duration::parse);
            let at = time(at);
            found.launch = Some((at, left.expect("a duration").expect("a duration")));
        } else if let Some(index) = line.strip_prefix("Job Modify Index: ") {
            found.index = index.parse().expect("an index");
        }
    }
    found
}

/// The old job as it was stored.
fn stored(plan: &Value) -> Option<Value> {
    let old = admitted(plan["old"].as_str()?).expect("the old job was stored");
    Some(old.spec.document.clone())
}

fn plan(recorded: &Value) -> Result<(String, i32), String> {
    let output = recorded["output"].as_str().expect("an output");
    let new = admitted(recorded["new"].as_str().expect("a job file"))?;
    let found = found(output);
    let old = stored(recorded);
    let mut difference = diff(old.as_ref(), Some(&new.spec.document), true)?;
    annotate(&mut difference, Some(&found.annotations));
    let (next, left) = found.launch.unzip();
    let now = Time(next.map_or(0, |next| next.0) - left.map_or(0, |left| left.0));
    let launch = new.spec.next_launch_text(now);
    let warnings = warnings_text(&new.warnings);
    let text = render(&PlanTextInput {
        diff: Some(&difference),
        verbose: recorded["verbose"] == true,
        job_type: new.spec.kind,
        failed_groups: &found.failed,
        next_launch: launch.as_deref(),
        warnings: &warnings,
        preempted: &[],
        job_modify_index: found.index,
        run: "nomad job run",
        index_matches: "job modify index given matches the server-side version.",
        arguments: FILE,
    });
    Ok((text.text(), exit_status(&difference, &found.annotations)))
}

/// Where two texts part.
fn parting(ours: &str, theirs: &str) -> String {
    let pairs = ours
        .lines()
        .chain([""; 1])
        .zip(theirs.lines().chain([""; 1]));
    let parted = pairs.enumerate().find(|(_, (ours, theirs))| ours != theirs);
    parted.map_or_else(String::new, |(number, (ours, theirs))| {
        format!(
            "line {}\n  ours:     {ours}\n  recorded: {theirs}",
            number + 1
        )
    })
}

#[test]
fn plans_print_the_recorded_bytes() {
    let mut wrong = Vec::new();
    for line in PLANS.lines() {
        let recorded: Value = serde_json::from_str(line).expect("a line of JSON");
        let (name, want) = (
            &recorded["name"],
            recorded["output"].as_str().expect("a text"),
        );
        let (text, status) = plan(&recorded).unwrap_or_else(|error| (error, 255));
        if text.trim_end() != want.trim_end() {
            wrong.push(format!("{name}: {}", parting(&text, want)));
        }
        if recorded["status"]
            .as_i64()
            .is_some_and(|want| want != i64::from(status))
        {
            wrong.push(format!("{name}: status {status}"));
        }
    }
    assert_eq!(PLANS.lines().count(), 104);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A plan in colours: every code where the reference has it.
#[test]
fn a_plan_in_colours_has_the_recorded_codes() {
    let old = r#"job "docs" {
      group "api" {
        count = 3
        task "server" {
          driver = "docker"
          config {
            image = "echo:1"
            args  = ["-text", "v1"]
          }
          env { COLOR = "blue" }
        }
      }
    }"#
    .replace("env { COLOR = \"blue\" }", "env {\n COLOR = \"blue\"\n }");
    let new = old
        .replace("echo:1", "echo:2")
        .replace("blue", "green")
        .replace("= 3", "= 4");
    let (old, new) = (
        admitted(&old).expect("sound"),
        admitted(&new).expect("sound"),
    );
    let (old, new) = (&old.spec.document, &new.spec.document);
    let mut difference = diff(Some(old), Some(new), true).expect("one job");
    let updates = DesiredUpdates {
        place: 1,
        ignore: 3,
        ..DesiredUpdates::default()
    };
    let annotations = PlanAnnotations {
        desired_updates: [("api".into(), updates)].into(),
        preempted: Vec::new(),
    };
    annotate(&mut difference, Some(&annotations));
    let text = yurt_workbench::plan_text::diff_document(&difference, false).ansi();
    let want = r#"^[[93m+/-^[[0m ^[[1mJob: "docs"
^[[93m+/-^[[0m ^[[1mTask Group: "api"^[[0m (^[[0m^[[32m1 create, ^[[0m3 ignore^[[0m)
  ^[[93m+/-^[[0m Count: "3" => "4" (^[[32mforces create^[[0m)
  ^[[93m+/-^[[0m ^[[1mTask: "server" ^[[0m(^[[33mforces create/destroy update^[[0m)
    ^[[93m+/-^[[0m Env[COLOR]: "blue" => "green"
    ^[[93m+/-^[[0m Config {
          args[0]: "-text"
          args[1]: "v1"
      ^[[93m+/-^[[0m image:   "echo:1" => "echo:2"
        }^[[0m
"#;
    assert_eq!(text.replace('\u{1b}', "^["), want);
}

/// Without the index, which is free in these recordings.
#[cfg(not(target_arch = "wasm32"))]
fn without_index(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let is_index = line.starts_with("Job Modify Index: ") || line.contains(" -check-index ");
        let digit = |c: char| if c.is_ascii_digit() { '#' } else { c };
        if is_index {
            line.chars()
                .map(digit)
                .collect::<String>()
                .replace("##", "#")
                .replace("##", "#")
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The whole way: the old job runs in a cluster, the new one is planned there. The command reads a
/// file.
#[cfg(not(target_arch = "wasm32"))]
#[test]
fn yurt_plans_prints_the_recorded_bytes() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/reference/plans/plans.jsonl");
    let mut printed = Vec::new();
    let words = ["plans".to_string(), file.to_string()];
    let status = yurt_cli::run(&words, &mut std::io::empty(), &mut printed);
    assert_eq!(status, 0);
    let printed = String::from_utf8(printed).expect("text");
    assert_eq!(printed.lines().count(), PLANS.lines().count());
    let mut wrong = Vec::new();
    for (ours, recorded) in printed.lines().zip(PLANS.lines()) {
        let read = |line| serde_json::from_str::<Value>(line).expect("a line of JSON");
        let (ours, recorded) = (read(ours), read(recorded));
        let text = |value: &Value| without_index(value["output"].as_str().expect("a text"));
        if text(&ours) != text(&recorded) {
            let place = parting(&text(&ours), &text(&recorded));
            wrong.push(format!("{}: {place}", recorded["name"]));
        }
        if !recorded["status"].is_null() && recorded["status"] != ours["status"] {
            wrong.push(format!("{}: status {}", recorded["name"], ours["status"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

//! From the text of a job file to what a server says about it, at its place in the text.

#[cfg(target_arch = "wasm32")]
#[macro_use]
extern crate yurt_everywhere;

use serde_json::Value;
use yurt_jobspec::admission::{AdmissionContext, admit, diagnostics, warning_diagnostics};
use yurt_jobspec::{ParseInput, Parsed, Severity, parse};

const WEB: &str = include_str!("data/web.nomad.hcl");

fn read(source: &str) -> (Parsed, Value) {
    let parsed = parse(&ParseInput {
        file_name: "web.nomad.hcl",
        source,
        ..ParseInput::default()
    });
    let document = parsed.document.clone().unwrap_or(Value::Null);
    (parsed, document)
}

#[test]
fn a_job_file_and_its_json_are_the_same_job() {
    let (_, from_file) = read(WEB);
    let mut from_json: Value = serde_json::from_str(include_str!("data/web.json")).expect("JSON");
    // The file leaves the check's name to the default.
    from_json["TaskGroups"][0]["Services"][0]["Checks"][0]["Name"] = Value::Null;
    let context = AdmissionContext::default();
    let from_file = admit(&from_file, &context).expect("a good job");
    let from_json = admit(&from_json, &context).expect("a good job");
    assert_eq!(from_file.spec.document, from_json.spec.document);
    assert_eq!(from_file.warnings.len(), 1);
}

#[test]
fn errors_stand_at_their_place() {
    // What is replaced, by what, and the text at the place of each error.
    let cases = [
        ("count = 3", "count = -1", vec!["count = -1"]),
        ("max_parallel     = 2", "canary = -1", vec!["canary = -1"]),
        (
            "mode     = \"fail\"",
            "mode = \"sulk\"",
            vec!["mode = \"sulk\""],
        ),
        (
            "\"http\"\n        path",
            "\"icmp\"\n        path",
            vec!["type     = \"icmp\""],
        ),
        ("memory = 128", "memory = 5", vec!["memory = 5"]),
        ("weight    = 50", "weight = 0", vec!["weight = 0"]),
        ("to = 8080", "static = 70000", vec!["static = 70000"]),
        ("driver = \"docker\"", "", vec!["task \"nginx\""]),
        ("priority    = 50", "priority = 500", vec!["priority = 500"]),
        (
            "value     = \"linux\"",
            "value = \"\"",
            vec!["value = \"\""],
        ),
        (
            "min_healthy_time = \"1s\"",
            "healthy_deadline = \"10m\"",
            vec!["healthy_deadline = \"10m\""],
        ),
        (
            "destination = \"local/index.html\"",
            "perms = \"999\"",
            vec!["template", "perms = \"999\""],
        ),
    ];
    for (old, new, expected) in cases {
        let source = WEB.replacen(old, new, 1);
        assert_ne!(source, WEB, "{old}");
        let (parsed, document) = read(&source);
        let refused = admit(&document, &AdmissionContext::default()).expect_err(new);
        let found: Vec<&str> = diagnostics(&refused, "web.nomad.hcl", &source, &parsed.spans)
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
            .map(|diagnostic| diagnostic.range.expect("a place"))
            .map(|range| &source[range.start.byte..range.end.byte])
            .collect();
        assert_eq!(found, expected, "{new}");
    }
}

#[test]
fn the_offered_line_mends_the_job() {
    let source = WEB.replacen("min_healthy_time = \"1s\"", "healthy_deadline = \"10m\"", 1);
    let (parsed, document) = read(&source);
    let context = AdmissionContext::default();
    let refused = admit(&document, &context).expect_err("10m is not below 10m");
    let found = diagnostics(&refused, "web.nomad.hcl", &source, &parsed.spans);
    let fix = found[0].fix.clone().expect("a fix");
    let mut mended = source.clone();
    mended.replace_range(fix.start_byte..fix.end_byte, &fix.replacement);
    assert!(
        mended.contains("\n    progress_deadline = \"15m\"\n"),
        "{mended}"
    );
    let (parsed, document) = read(&mended);
    let admitted = admit(&document, &context).expect("mended");
    let warnings: Vec<_> =
        warning_diagnostics(&admitted.warnings, "web.nomad.hcl", &parsed.spans).collect();
    assert_eq!(warnings[0].path.as_deref(), Some("group.front"));
    assert_eq!(warnings[0].severity, Severity::Warning);
}

//! Recorded job files and what `job run -output` printed for them, byte for byte.

#[cfg(target_arch = "wasm32")]
#[macro_use]
extern crate yurt_everywhere;

use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use yurt_jobspec::{FileError, ParseInput, ReadFiles, parse, run_output};

const RECORDING: &str = include_str!("../../../tests/reference/jobspec/run-output.jsonl");

/// Cases that do not agree yet, with the reason. A case that starts to agree must leave this list.
const KNOWN_GAPS: &[(&str, &str)] = &[];

fn pairs(value: &Value) -> Vec<(String, String)> {
    let members = value.as_object().into_iter().flatten();
    members
        .map(|(name, text)| (name.clone(), text.as_str().unwrap().to_owned()))
        .collect()
}

/// The files beside a recorded job file.
struct Beside<'a>(&'a BTreeMap<String, String>);

impl ReadFiles for Beside<'_> {
    fn read(&self, path: &str) -> Result<Cow<'_, [u8]>, FileError> {
        let text = self.0.get(path).ok_or(FileError::Missing)?;
        Ok(Cow::Borrowed(text.as_bytes()))
    }

    fn list(&self, _: &str, _: usize) -> Result<Vec<String>, String> {
        Ok(self.0.keys().cloned().collect())
    }

    fn home(&self) -> Option<String> {
        None
    }

    fn folder(&self) -> String {
        String::new()
    }
}

/// Reads one recorded case as the command line would; `Ok` is standard output.
fn read(case: &Value) -> Result<String, String> {
    let files: BTreeMap<String, String> = pairs(&case["files"]).into_iter().collect();
    let arguments: Vec<&str> = case["args"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|each| each.as_str().unwrap())
        .collect();
    let (mut variables, mut variable_files, mut lenient) = (Vec::new(), Vec::new(), false);
    let mut rest = arguments.into_iter();
    while let Some(argument) = rest.next() {
        match argument {
            "-var" => {
                let text = rest.next().unwrap();
                if let Some((name, value)) = text.split_once('=') {
                    variables.push((name.to_owned(), value.to_owned()));
                }
            }
            "-var-file" => {
                let name = rest.next().unwrap();
                variable_files.push((name.to_owned(), files[name].clone()));
            }
            "-hcl2-strict=false" => lenient = true,
            other => panic!("unexpected flag {other}"),
        }
    }
    let environment = pairs(&case["env"]);
    let parsed = parse(&ParseInput {
        file_name: "t.hcl",
        source: case["file"].as_str().unwrap(),
        variables: &variables,
        variable_files: &variable_files,
        environment: &environment,
        path_functions: Some(&Beside(&files)),
        lenient,
    });
    run_output(&parsed)
}

#[test]
fn recorded_job_files_give_the_recorded_bytes() {
    const HEADING: &str = "Error getting job struct: Error parsing job file from t.hcl:\n";
    let (mut agree, mut count) = (0, 0);
    let mut wrong = String::new();
    for line in RECORDING.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let name = case["name"].as_str().unwrap();
        let expected = match case["status"].as_i64() {
            Some(0) => Ok(case["stdout"].as_str().unwrap().to_owned()),
            _ => Err(case["stderr"].as_str().unwrap().to_owned()),
        };
        let ours = read(&case).map_err(|text| format!("{HEADING}{text}\n"));
        count += 1;
        let known = KNOWN_GAPS.iter().any(|(gap, _)| *gap == name);
        match (ours == expected, known) {
            (true, false) => agree += 1,
            (false, true) => {}
            (true, true) => {
                wrong.push_str(&format!("{name} agrees now: remove it from the list\n"))
            }
            (false, false) => {
                wrong.push_str(&format!("== {name}\nours: {ours:?}\nreal: {expected:?}\n"));
            }
        }
    }
    println!("{agree} of {count} recorded job files agree");
    assert!(wrong.is_empty(), "{agree} of {count} agree\n{wrong}");
}

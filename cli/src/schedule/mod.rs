//! `yurt schedule`: the scheduler recordings, run from their inputs alone.
//!
//! Belongs here: the format of the recordings, in and out. Not here: anything that decides. A line
//! of the file is a small cluster and a list of events; the answer is a line with what became of
//! each event, in the schema of the recordings. Results that the file may hold are never read.

mod check;
mod counts;
mod events;
mod nodes;
mod references;
mod render;

use std::io::{self, Write};

use serde_json::{Map, Value, json};
use yurt_diff::{annotate, diff};
use yurt_engine::{Cluster, ClusterConfig, ImageCatalogue};
use yurt_jobspec::admission::{AdmissionContext, check_names};
use yurt_jobspec::typed::spec_from_document;
use yurt_model::{Duration, Job, JobSpec, JobStatus, Release, Time};

use crate::args::Schedule;
use references::References;
use render::{Metrics, Recorder};

/// Runs the files in order. Status 1 when a file could not be read or a line not understood.
pub(crate) fn run(options: &Schedule, output: &mut dyn Write) -> io::Result<i32> {
    let mut status = 0;
    for file in &options.files {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) => {
                writeln!(output, "{file}: {error}")?;
                status = 1;
                continue;
            }
        };
        for (number, line) in text.lines().enumerate() {
            match scenario(line) {
                Ok(result) => writeln!(output, "{result}")?,
                Err(error) => {
                    writeln!(output, "{file}:{}: {error}", number + 1)?;
                    status = 1;
                }
            }
        }
    }
    Ok(status)
}

/// One line of a recording, as our result in the same schema.
pub fn scenario(line: &str) -> Result<String, String> {
    let recorded: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    if recorded["family"] == "L" {
        return differences(&recorded).map(|value| value.to_string());
    }
    check::check(&recorded)?;
    let mut cluster = Cluster::new(world(&recorded)?)?;
    cluster.trace_evaluations();
    let mut references = References::default();
    let mut recorder = Recorder::new(text(&recorded["placement"]), metrics_of(&recorded));
    recorder.begin(&cluster);
    let mut steps = Vec::new();
    let mut verdict = json!({});
    for step in list(&recorded["steps"]) {
        let event = &step["ev"];
        // An event about something that we never made is refused; the rest still tells something.
        let outcome = events::play(&mut cluster, &references, event)
            .unwrap_or_else(events::Outcome::not_played);
        let result = recorder.step(&mut cluster, &mut references, outcome);
        if event["do"] == "register" {
            verdict = register_verdict(&result);
        }
        steps.push(json!({ "out": result }));
    }
    let mut answer = identity(&recorded);
    if recorded["family"] == "K" {
        answer.insert("verdict".into(), verdict);
    }
    answer.insert("steps".into(), Value::Array(steps));
    Ok(Value::Object(answer).to_string())
}

/// Families about checks tell what was refused, families about ranking the scores too. Of the
/// former only the scenarios that are registrations and nothing else do so (recordings, family G).
fn metrics_of(recorded: &Value) -> Metrics {
    let mut events = list(&recorded["steps"])
        .iter()
        .map(|step| &step["ev"]["do"]);
    match text(&recorded["family"]) {
        "G" if events.all(|event| event == "register") => Metrics::Counts,
        "H" => Metrics::Scores,
        _ => Metrics::Hidden,
    }
}

fn identity(recorded: &Value) -> Map<String, Value> {
    ["family", "name", "seed"]
        .into_iter()
        .map(|key| (key.to_owned(), recorded[key].clone()))
        .filter(|(_, value)| !value.is_null())
        .collect()
}

/// What the evaluation of a registration did to each group.
fn register_verdict(result: &Value) -> Value {
    let mut evals = list(&result["evals"]).iter();
    let register = evals.rfind(|eval| eval["by"] == "job-register");
    register.map_or(json!({}), |eval| eval["DesiredTGUpdates"].clone())
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn world(recorded: &Value) -> Result<ClusterConfig, String> {
    Ok(ClusterConfig {
        seed: recorded["seed"].as_u64().unwrap_or(0),
        epoch: EPOCH,
        first_index: 0,
        nodes: list(&recorded["nodes"])
            .iter()
            .map(nodes::node)
            .collect::<Result<_, _>>()?,
        images: ImageCatalogue::by_suffix_alone(),
        scheduler: nodes::scheduler_configuration(&recorded["config"]),
        release: Release::V2_0,
        simulates_clients: false,
        scheduling_delay: Duration::ZERO,
        collects_garbage: false, // Nobody collected while the scenarios were recorded.
        heartbeat_ttl: Duration::from_secs(10),
        heartbeat_grace: Duration::from_secs(10),
    })
}

/// The start of every scenario; recordings count seconds from it.
pub(crate) const EPOCH: Time = Time(1_767_603_600_000_000_000);

/// Seconds since the start of the scenario, rounded as the recordings are.
pub(crate) fn seconds(time: Time) -> Value {
    let hundredths = ((time - EPOCH).nanos() + 5_000_000).div_euclid(10_000_000);
    if hundredths % 100 == 0 {
        json!(hundredths / 100)
    } else {
        json!(hundredths as f64 / 100.0)
    }
}

/// Family L: two jobs and their structural difference.
fn differences(recorded: &Value) -> Result<Value, String> {
    let spec = |side: &Value| -> Result<Option<JobSpec>, String> {
        if side.is_null() {
            return Ok(None);
        }
        let spec = spec_from_document(side).map_err(|error| error.to_string())?;
        Ok(Some(spec))
    };
    let (old, new) = (spec(&recorded["old"])?, spec(&recorded["new"])?);
    // The plain difference needs no servers; in a dry run a job in a pool that no node names was
    // never stored as the old one, and is refused as the new one.
    let context = AdmissionContext {
        node_pools: Some(vec!["default".into(), "all".into()]),
        ..AdmissionContext::default()
    };
    let refused = |spec: &Option<JobSpec>| check_names(spec.as_ref()?, &context).err();
    let (is_old_known, refusal) = (refused(&old).is_none(), refused(&new));
    let stored = |spec: Option<JobSpec>| spec.map(|spec| yurt_diff::stored_document(&bare(spec)));
    let (old, new) = (stored(old), stored(new));
    let mut answer = identity(recorded);
    match diff(old.as_ref(), new.as_ref(), false) {
        Ok(plain) => answer.insert("diff".into(), render::without_empty(&plain.to_json())),
        Err(error) => answer.insert("err".into(), error.into()),
    };
    let known = old.as_ref().filter(|_| is_old_known);
    if let Some(text) = refusal {
        answer.insert("plan_err".into(), text.into());
    }
    match diff(known, new.as_ref(), true) {
        Ok(mut contextual) => {
            let counters = render::annotations(&recorded["DesiredTGUpdates"]);
            let is_annotated = recorded["annotated"] == true;
            annotate(&mut contextual, is_annotated.then_some(&counters));
            let contextual = render::without_empty(&contextual.to_json());
            answer.insert("diff_contextual".into(), contextual)
        }
        Err(error) => answer.insert("plan_err".into(), error.into()),
    };
    Ok(Value::Object(answer))
}

/// A version as it would be stored first.
fn bare(spec: JobSpec) -> Job {
    Job {
        spec: spec.into(),
        stop: false,
        version: 0,
        status: JobStatus::Pending,
        stable: false,
        create_index: 0,
        modify_index: 0,
        job_modify_index: 0,
        submit_time: EPOCH,
        version_tag: None,
        parent: None,
        dispatched: false,
        dispatch_token: None,
        payload: None,
    }
}

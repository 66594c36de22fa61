//! What is damaged: recorded job files, scenarios, transcripts, and some of our own.

use serde_json::Value;
use yurt_engine::{Cluster, ClusterConfig, Input, JobRegister, Request};
use yurt_jobspec::admission::{AdmissionContext, admit};
use yurt_model::Duration;

use crate::damage::EXPRESSIONS;
use crate::targets::read;

/// Job files that were recorded, good and bad.
const RECORDED: &str = include_str!("../../../reference/jobspec/run-output.jsonl");

/// Scenarios of the scheduler, a line each.
const SCENARIOS: [&str; 3] = [
    include_str!("../../../reference/scheduler/A.jsonl"),
    include_str!("../../../reference/scheduler/B.jsonl"),
    include_str!("../../../reference/scheduler/D.jsonl"),
];
/// A longer scenario takes too much of a second by itself.
const SCENARIO_MAX: usize = 32 << 10;

/// Transcripts with jobs, nodes and waiting.
const TRANSCRIPTS: [&str; 6] = [
    include_str!("../../../reference/cli/check-index.transcript"),
    include_str!("../../../reference/cli/pause-resume.transcript"),
    include_str!("../../../reference/cli/batch-fail.transcript"),
    include_str!("../../../reference/cli/node-down.transcript"),
    include_str!("../../../reference/cli/parameterized.transcript"),
    include_str!("../../../reference/cli/periodic.transcript"),
];

/// A world that says everything that worlds can say.
pub const WORLD: &str = include_str!("../../../../docs/world.hcl");

/// A job file with what admission makes of it.
pub struct Job {
    /// Its text.
    pub text: String,
    /// The admitted document, if it is one.
    pub document: Option<Value>,
}

/// Everything to start from.
pub struct Seeds {
    /// Job files of any kind.
    pub jobs: Vec<Job>,
    /// Which of them are admitted.
    pub good: Vec<usize>,
    /// The texts of `jobs`, for damage that takes a part of another.
    pub texts: Vec<String>,
    /// Lines for `yurt schedule`.
    pub scenarios: Vec<&'static str>,
    /// Transcripts.
    pub transcripts: Vec<&'static str>,
    /// Journals of clusters.
    pub journals: Vec<String>,
}

impl Seeds {
    /// Reads and admits them all.
    pub fn new() -> Self {
        let texts = corpus();
        let context = AdmissionContext::default();
        let job = |text: &String| Job {
            text: text.clone(),
            document: read(text, &[]).document.and_then(|document| {
                let admitted = admit(&document, &context).ok()?;
                Some(admitted.spec.document.clone())
            }),
        };
        let jobs: Vec<Job> = texts.iter().map(job).collect();
        let good: Vec<usize> = (0..jobs.len())
            .filter(|&job| jobs[job].document.is_some())
            .collect();
        let journals = good
            .iter()
            .step_by(12)
            .filter_map(|&job| journal(&jobs[job]));
        let lines = SCENARIOS.iter().flat_map(|text| text.lines());
        Self {
            journals: journals.collect(),
            texts,
            good,
            scenarios: lines.filter(|line| line.len() < SCENARIO_MAX).collect(),
            transcripts: TRANSCRIPTS.to_vec(),
            jobs,
        }
    }
}

/// What a cluster wrote down that a job was registered on.
fn journal(job: &Job) -> Option<String> {
    let admitted = admit(job.document.as_ref()?, &AdmissionContext::default()).ok()?;
    let mut cluster = Cluster::new(ClusterConfig::of_recordings(1)).ok()?;
    for _ in 0..2 {
        let request = Request::JobRegister(JobRegister::of(admitted.spec.clone()));
        cluster.handle(cluster.now(), Input::Request(request));
        cluster.run_until(cluster.now() + Duration::from_secs(20));
    }
    Some(cluster.journal().to_text())
}

/// The recorded files, and some whose forms they lack.
fn corpus() -> Vec<String> {
    let recorded = RECORDED.lines().filter_map(|line| {
        let value: Value = serde_json::from_str(line).ok()?;
        Some(value["file"].as_str()?.to_owned())
    });
    let expressions = EXPRESSIONS.iter().map(|expression| {
        let inside = format!("x = {expression}");
        format!("job \"docs\" {{\n meta {{\n  {inside}\n }}\n}}\nlocals {{\n {inside}\n}}\n")
    });
    let dynamic = r#"job "docs" {
  dynamic "group" {
    for_each = ["a", "b"]
    labels   = [group.value]
    content {
      task "x" {
        driver = "docker"
        config {
          image = "x"
        }
      }
    }
  }
}
"#;
    let json = r#"{"variable": {"n": {"type": "number", "default": 2}}, "locals": {"a": "b"},
"job": {"docs": {"datacenters": ["dc1"], "type": "service", "priority": 60,
"meta": {"owner": "${local.a}"},
"constraint": [{"attribute": "${attr.kernel.name}", "value": "linux"}],
"update": {"max_parallel": 2, "canary": 1, "min_healthy_time": "10s"},
"group": {"api": [{
  "count": "${var.n + 1}", "network": [{"mode": "bridge", "port": {"http": {"to": 8080}}}],
  "service": [{"name": "api", "port": "http", "provider": "nomad", "tags": ["a"]}],
  "restart": {"attempts": 2, "interval": "5m", "delay": "15s", "mode": "fail"},
  "task": {"t": {
    "driver": "docker", "config": {"image": "x"}, "env": {"A": "%{ if true }y%{ endif }"},
    "resources": {"cpu": 200, "memory": 128}
  }}
}]}}}}"#;
    let own = [dynamic.to_owned(), json.to_owned()];
    recorded.chain(expressions).chain(own).collect()
}

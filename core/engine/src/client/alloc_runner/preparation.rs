//! What comes between the set-up of a task and its start: artifacts are fetched, templates are
//! rendered, and either may fail.
//!
//! Nothing is fetched in a simulation. By the names alone: an artifact whose file is called
//! `…-missing` is not there, as with images; and a template that reads a variable with `nomadVar`
//! waits for it, for nobody has written one.

use serde_json::Value;
use yurt_model::job::Job;
use yurt_model::{Duration, Time};

use super::AllocRunner;
use crate::client::TaskStep;
use crate::client::task_runner::{Stage, Wait};

/// One artifact's way to the task's directory.
const ARTIFACT_TAKES: Duration = Duration::from_millis(400);

/// The rendering of one template.
const TEMPLATE_TAKES: Duration = Duration::from_millis(20);

/// After so long a template that cannot be rendered says what it waits for.
const TEMPLATE_PATIENCE: Duration = Duration::from_secs(3);

/// What a task prepares: the numbers, and what is not there, read from its job's document.
#[derive(Default)]
struct Preparation {
    artifacts: usize,
    templates: usize,
    /// The first artifact that is not there: its place in the list, and where it should be.
    missing_artifact: Option<(usize, String)>,
    /// The variables that templates wait for.
    missing_variables: Vec<String>,
}

impl AllocRunner<'_> {
    /// Begins to fetch artifacts and to render templates; then the driver starts the task.
    pub(super) fn prepare(&mut self, index: usize, now: Time) {
        let job = self.job.clone();
        let preparation = preparation(&job, &self.group, &self.tasks[index].state.name);
        let renders = self
            .task_in(&job, index)
            .map(|task| task.restart.render_templates);
        let rendered = TEMPLATE_TAKES.times(whole(preparation.templates));
        let runner = &mut self.tasks[index];
        runner.stage = Stage::Starting;
        if runner.is_prepared {
            let mut length = runner.behaviour().start_takes;
            if renders == Some(true) {
                length = length + rendered;
            }
            self.wait(
                index,
                Wait {
                    step: TaskStep::Start,
                    length,
                },
                now,
            );
            return;
        }
        if preparation.artifacts > 0 {
            let text = "Client is downloading artifacts";
            runner.event(now, "Downloading Artifacts", text, &[]);
        }
        let fetched = |count: usize| ARTIFACT_TAKES.times(whole(count));
        let wait = if let Some((place, _)) = preparation.missing_artifact {
            Wait {
                step: TaskStep::ArtifactFails,
                length: fetched(place + 1),
            }
        } else if !preparation.missing_variables.is_empty() {
            Wait {
                step: TaskStep::TemplateWaits,
                length: fetched(preparation.artifacts) + TEMPLATE_PATIENCE,
            }
        } else {
            Wait {
                step: TaskStep::Start,
                length: fetched(preparation.artifacts) + rendered + runner.behaviour().start_takes,
            }
        };
        self.wait(index, wait, now);
    }

    /// An artifact is not there; the restart policy decides.
    pub(super) fn artifact_failed(&mut self, index: usize, now: Time) {
        let job = self.job.clone();
        let preparation = preparation(&job, &self.group, &self.tasks[index].state.name);
        let source = preparation
            .missing_artifact
            .map_or(String::new(), |(_, source)| source);
        let text = format!("failed to download artifact \"{source}\": bad response code: 404");
        let details = [("download_error", text.as_str())];
        self.tasks[index].event(now, "Failed Artifact Download", &text, &details);
        self.after_end(index, false, now);
    }

    /// A template waits for variables, and goes on waiting.
    pub(super) fn template_waits(&mut self, index: usize, now: Time) {
        let job = self.job.clone();
        let preparation = preparation(&job, &self.group, &self.tasks[index].state.name);
        let text = format!("Missing: {}", preparation.missing_variables.join(", "));
        self.tasks[index].event(now, "Template", &text, &[]);
        self.tasks[index].begin();
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::from(u16::MAX))
}

/// The document of a task.
pub(super) fn task_document<'a>(job: &'a Job, group: &str, task: &str) -> Option<&'a Value> {
    let group = job.spec.group_document(group)?;
    list(group, "Tasks").iter().find(|one| one["Name"] == task)
}

/// A list in a document; what is no list is an empty one.
pub(super) fn list<'a>(document: &'a Value, name: &str) -> &'a [Value] {
    document[name].as_array().map_or(&[], Vec::as_slice)
}

fn preparation(job: &Job, group: &str, task: &str) -> Preparation {
    let typed = job.spec.group(group).and_then(|group| group.task(task));
    let mut preparation = Preparation {
        artifacts: typed.map_or(0, |task| task.artifact_count),
        templates: typed.map_or(0, |task| task.template_count),
        ..Preparation::default()
    };
    let Some(document) = task_document(job, group, task) else {
        return preparation;
    };
    let (artifacts, templates) = (list(document, "Artifacts"), list(document, "Templates"));
    let source = |artifact: &Value| artifact["GetterSource"].as_str().unwrap_or("").to_owned();
    let missing = artifacts
        .iter()
        .position(|artifact| is_missing(&source(artifact)));
    let mut variables = Vec::new();
    for template in templates {
        for path in variables_read(template["EmbeddedTmpl"].as_str().unwrap_or("")) {
            let waits_for = format!("nomad.var.block({path}@{}.global)", job.spec.namespace);
            if !variables.contains(&waits_for) {
                variables.push(waits_for);
            }
        }
    }
    preparation.missing_artifact = missing.map(|place| (place, source(&artifacts[place])));
    preparation.missing_variables = variables;
    preparation
}

/// Whether a source ends in a file that is called `…-missing`, with or without an extension.
fn is_missing(source: &str) -> bool {
    let path = source.split(['?', '#']).next().unwrap_or("");
    let file = path.rsplit('/').next().unwrap_or("");
    file.split('.').next().unwrap_or("").ends_with("-missing")
}

/// The paths that a template reads with `nomadVar "path"`.
fn variables_read(template: &str) -> Vec<&str> {
    let mut paths = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find("nomadVar") {
        rest = &rest[at + "nomadVar".len()..];
        // A name that goes on, as `nomadVarList` does, is another function and never waits.
        let argument = rest.trim_start();
        let quote = argument.chars().next().filter(|c| matches!(c, '"' | '`'));
        if let Some(quote) = quote.filter(|_| argument.len() < rest.len()) {
            let argument = &argument[1..];
            if let Some(end) = argument.find(quote) {
                paths.push(&argument[..end]);
                rest = &argument[end + 1..];
            }
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_that_are_not_there() {
        let cases = [
            ("https://example.com/app-missing.tar.gz", true),
            ("https://example.com/app-missing?checksum=md5:1", true),
            ("git::https://example.com/app-missing", true),
            ("https://example.com/app.tar.gz", false),
            ("https://app-missing.example.com/app.zip", false),
            ("", false),
        ];
        for (source, want) in cases {
            assert_eq!(is_missing(source), want, "{source}");
        }
    }

    #[test]
    fn templates_that_wait() {
        let cases: [(&str, &[&str]); 6] = [
            (
                "{{ with nomadVar \"nomad/jobs/web\" }}{{ .key }}{{ end }}",
                &["nomad/jobs/web"],
            ),
            (
                "{{ with nomadVar `a/b` }}{{ end }}{{ with nomadVar \"c\" }}{{ end }}",
                &["a/b", "c"],
            ),
            (
                "{{ range nomadVarList \"nomad/jobs\" }}{{ .Path }}{{ end }}",
                &[],
            ),
            ("{{ if nomadVarExists \"a\" }}yes{{ end }}", &[]),
            ("PORT={{ env \"NOMAD_PORT_http\" }}", &[]),
            ("{{ with nomadVar \"never closed", &[]),
        ];
        for (template, want) in cases {
            assert_eq!(variables_read(template), want, "{template}");
        }
    }
}

//! Templates that read services with `nomadService`: rendered anew when those change, and what the
//! task is told of it (`change_mode`, after up to `splay`).

use serde_json::Value;
use yurt_model::job::Job;
use yurt_model::{Duration, Time};
use yurt_state::Store;

use super::preparation::{list, task_document};
use super::{AllocRunner, Course, RestartCause, Stage, place_of};
use crate::client::ClientTimer;

/// What the templates of a running task were rendered from.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rendered {
    /// For each template, what stands for the services that it reads; `None` before the first look.
    pub(super) from: Option<Vec<u64>>,
    /// The templates whose change the task has not heard of yet.
    pub(super) changed: Vec<usize>,
}

/// What a task is told when a template was rendered anew.
#[derive(Clone, Debug, PartialEq, Eq)]
enum ChangeMode {
    Noop,
    Restart,
    Signal(String),
    Script(String),
}

/// A template that reads services.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Template {
    services: Vec<String>,
    mode: ChangeMode,
    splay: Duration,
}

impl Course {
    /// Whether a change of services matters to it.
    pub(in crate::client) fn reads_services(&self) -> bool {
        !self.rendered.is_empty()
    }
}

impl AllocRunner<'_> {
    /// Takes over what the job says of templates.
    pub(super) fn look_at_templates(&mut self) {
        if !read_services(&self.job, &self.group) {
            self.rendered = Box::default();
        } else if self.rendered.is_empty() {
            self.rendered = vec![Rendered::default(); self.tasks.len()].into();
        }
    }

    fn rendered(&mut self, index: usize) -> Option<&mut Rendered> {
        self.rendered.get_mut(index)
    }

    /// The task starts, with its templates as they are then.
    pub(super) fn forget_rendered(&mut self, index: usize) {
        if let Some(rendered) = self.rendered(index) {
            *rendered = Rendered::default();
        }
    }

    /// Renders the templates of running tasks from the services that there are. What has changed
    /// is told to the task after its splay.
    pub(in crate::client) fn render(&mut self, store: &Store, now: Time) {
        let job = self.job.clone();
        for index in 0..self.tasks.len() {
            if self.tasks[index].stage != Stage::Running {
                continue;
            }
            let templates = templates(&job, &self.group, &self.tasks[index].state.name);
            if templates.is_empty() {
                continue;
            }
            let from: Vec<u64> = templates
                .iter()
                .map(|template| digest(store, &job, &template.services))
                .collect();
            let rendered = self.rendered(index);
            let Some(before) = rendered.and_then(|old| old.from.replace(from.clone())) else {
                continue; // It has just started with them.
            };
            for (place, template) in templates.iter().enumerate() {
                let is_same = before.get(place) == from.get(place);
                if !is_same && template.mode != ChangeMode::Noop {
                    self.note_change(index, place, template.splay, now);
                }
            }
        }
    }

    /// The task will hear of the change; those of one splay are told together.
    fn note_change(&mut self, index: usize, place: usize, splay: Duration, now: Time) {
        let Some(rendered) = self.rendered(index) else {
            return;
        };
        if rendered.changed.contains(&place) {
            return;
        }
        rendered.changed.push(place);
        if rendered.changed.len() == 1 {
            let wait = (splay.nanos().max(0) as f64 * self.rng.fraction()) as i64;
            let timer = ClientTimer::TemplateChanged {
                alloc: self.id,
                task: place_of(index),
                generation: self.tasks[index].generation(),
            };
            self.wake_at(now + Duration(wait), timer);
        }
    }

    /// The splay is over: a restart if any template wants one, else signals and scripts.
    pub(super) fn template_changed(&mut self, index: usize, generation: u32, now: Time) {
        let Some(runner) = self.tasks.get(index) else {
            return;
        };
        if !runner.is_current(generation) || runner.stage != Stage::Running {
            return;
        }
        let rendered = self.rendered(index);
        let changed =
            rendered.map_or_else(Vec::new, |rendered| std::mem::take(&mut rendered.changed));
        let job = self.job.clone();
        let templates = templates(&job, &self.group, &self.tasks[index].state.name);
        let mut modes: Vec<&ChangeMode> = Vec::new();
        for template in changed.iter().filter_map(|place| templates.get(*place)) {
            if !modes.contains(&&template.mode) {
                modes.push(&template.mode);
            }
        }
        if modes.contains(&&ChangeMode::Restart) {
            let text = "Template with change_mode restart re-rendered";
            let runner = &mut self.tasks[index];
            runner.event(now, "Restart Signaled", text, &[]);
            runner.restart_cause = Some(RestartCause::Template);
            self.begin_stop(index, now);
            modes.clear();
        }
        for mode in modes {
            match mode {
                ChangeMode::Signal(signal) => {
                    self.signal(index, signal, "Template re-rendered", now);
                }
                ChangeMode::Script(command) => {
                    let text = format!("Template ran script {command}. Exit code: 0");
                    self.tasks[index].event(now, "Task hook message", &text, &[]);
                    self.is_changed = true;
                }
                ChangeMode::Restart | ChangeMode::Noop => {}
            }
        }
        self.go_on(now);
    }
}

/// Whether any template of a group reads services.
pub(super) fn read_services(job: &Job, group: &str) -> bool {
    let tasks = job.spec.group(group).map_or(&[][..], |group| &group.tasks);
    let mut with_templates = tasks.iter().filter(|task| task.template_count > 0);
    with_templates.any(|task| !templates(job, group, &task.name).is_empty())
}

/// The templates of a task that read services, in the order of the job file.
fn templates(job: &Job, group: &str, task: &str) -> Vec<Template> {
    let Some(document) = task_document(job, group, task) else {
        return Vec::new();
    };
    let all = list(document, "Templates").iter();
    let read = all.filter_map(|template| {
        let services = services_read(template["EmbeddedTmpl"].as_str().unwrap_or(""));
        let is_rendered_once = template["Once"] == true;
        (!services.is_empty() && !is_rendered_once).then(|| Template {
            services,
            mode: mode(template),
            splay: Duration(template["Splay"].as_i64().unwrap_or(0)),
        })
    });
    read.collect()
}

fn mode(template: &Value) -> ChangeMode {
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    match template["ChangeMode"].as_str() {
        Some("noop") => ChangeMode::Noop,
        Some("signal") => ChangeMode::Signal(text(&template["ChangeSignal"])),
        Some("script") => ChangeMode::Script(text(&template["ChangeScript"]["Command"])),
        _ => ChangeMode::Restart,
    }
}

/// The names that a template reads with `nomadService "name"`, or with a number and a key before
/// the name.
fn services_read(template: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find("nomadService") {
        rest = &rest[at + "nomadService".len()..];
        // A name that goes on is another function.
        if !rest.starts_with(char::is_whitespace) {
            continue;
        }
        let action = rest.split("}}").next().unwrap_or("");
        let quote = |c: char| c == '"' || c == '`';
        let mut quoted = action.rsplit(quote);
        if let (Some(_), Some(name), Some(_)) = (quoted.next(), quoted.next(), quoted.next()) {
            names.push(name.to_owned());
        }
    }
    names
}

/// A number that stands for the registrations of those services.
fn digest(store: &Store, job: &Job, names: &[String]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut add = |text: &str| {
        for byte in text.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    };
    for one in store.service_registrations() {
        let is_read = names.iter().any(|name| **name == *one.name);
        if is_read && one.namespace == job.spec.namespace {
            add(&one.id);
            add(&one.address);
            add(&one.port.to_string());
            one.tags.iter().for_each(|tag| add(tag));
        }
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_that_templates_read() {
        let cases: [(&str, &[&str]); 6] = [
            (
                "{{ range nomadService \"web\" }}{{ .Address }}{{ end }}",
                &["web"],
            ),
            (
                "{{ range nomadService `a` }}x{{ end }}{{ range nomadService \"b\" }}{{ end }}",
                &["a", "b"],
            ),
            (
                "{{ range nomadService 1 (env \"NOMAD_ALLOC_ID\") \"redis\" }}{{ end }}",
                &["redis"],
            ),
            ("{{ range nomadServices }}{{ .Name }}{{ end }}", &[]),
            ("PORT={{ env \"NOMAD_PORT_http\" }}", &[]),
            ("{{ range nomadService \"never closed", &[]),
        ];
        for (template, want) in cases {
            assert_eq!(services_read(template), want, "{template}");
        }
    }
}

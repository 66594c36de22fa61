//! Job files for tests of traps: what every such job has, and what a test changes.
//!
//! Belongs here: building the text, and reading it as servers do.

use std::fmt::Write as _;
use std::rc::Rc;

use yurt_jobspec::admission::{AdmissionContext, admit};
use yurt_jobspec::{ParseInput, parse, render};
use yurt_model::JobSpec;

/// A job file in the making. Its last group is the one that `group` and the like speak of.
#[derive(Clone)]
pub(crate) struct Text {
    id: String,
    kind: &'static str,
    head: String,
    groups: Vec<Group>,
}

#[derive(Clone)]
struct Group {
    name: String,
    lines: String,
    task: String,
    cpu_mhz: i64,
    memory_mb: i64,
}

/// A job of that type with one group `web` of one small task.
pub(crate) fn job(id: &str, kind: &'static str) -> Text {
    let text = Text {
        id: id.into(),
        kind,
        head: String::new(),
        groups: Vec::new(),
    };
    text.and("web")
}

pub(crate) fn service() -> Text {
    job("docs", "service")
}

pub(crate) fn batch() -> Text {
    job("docs", "batch")
}

pub(crate) fn system() -> Text {
    job("docs", "system")
}

impl Text {
    fn last(&mut self) -> &mut Group {
        self.groups.last_mut().expect("there is a group")
    }

    /// More lines of the job.
    pub(crate) fn head(mut self, lines: &str) -> Self {
        self.head += &format!("{lines}\n");
        self
    }

    /// One more group.
    pub(crate) fn and(mut self, name: &str) -> Self {
        self.groups.push(Group {
            name: name.into(),
            lines: String::new(),
            task: String::new(),
            cpu_mhz: 100,
            memory_mb: 100,
        });
        self
    }

    /// More lines of the group.
    pub(crate) fn group(mut self, lines: &str) -> Self {
        self.last().lines += &format!("{lines}\n");
        self
    }

    /// More lines of the group's task.
    pub(crate) fn task(mut self, lines: &str) -> Self {
        self.last().task += &format!("{lines}\n");
        self
    }

    pub(crate) fn count(self, count: usize) -> Self {
        self.group(&format!("count = {count}"))
    }

    pub(crate) fn ask(mut self, cpu_mhz: i64, memory_mb: i64) -> Self {
        (self.last().cpu_mhz, self.last().memory_mb) = (cpu_mhz, memory_mb);
        self
    }

    /// A change that replaces allocations.
    pub(crate) fn env(self, value: &str) -> Self {
        self.task(&format!("env {{\n V = \"{value}\"\n}}"))
    }

    pub(crate) fn update(self, lines: &str) -> Self {
        self.group(&format!("update {{\n{lines}\n}}"))
    }

    pub(crate) fn priority(self, priority: i64) -> Self {
        self.head(&format!("priority = {priority}"))
    }

    pub(crate) fn hcl(&self) -> String {
        let mut text = format!(
            "job \"{}\" {{\ntype = \"{}\"\n{}",
            self.id, self.kind, self.head
        );
        for group in &self.groups {
            let (name, lines, task) = (&group.name, &group.lines, &group.task);
            let (cpu, memory) = (group.cpu_mhz, group.memory_mb);
            let _ = write!(
                text,
                "group \"{name}\" {{\n{lines}task \"t\" {{\ndriver = \"docker\"\nconfig {{\n\
                 image = \"web:1\"\n}}\nresources {{\ncpu = {cpu}\nmemory = {memory}\n}}\n{task}\
                 }}\n}}\n"
            );
        }
        text + "}\n"
    }

    /// The job as servers admit it.
    pub(crate) fn spec(&self) -> Rc<JobSpec> {
        admitted(&self.hcl())
    }
}

/// The job of a file, as servers admit it.
pub(crate) fn admitted(hcl: &str) -> Rc<JobSpec> {
    let parsed = parse(&ParseInput {
        source: hcl,
        ..ParseInput::default()
    });
    let document = parsed.document.as_ref();
    let document = document.unwrap_or_else(|| panic!("{}", render(&parsed.diagnostics)));
    let admitted = admit(document, &AdmissionContext::default());
    admitted.unwrap_or_else(|refused| panic!("{refused}")).spec
}

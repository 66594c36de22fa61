//! `nomad alloc logs`.

use std::fmt;

use yurt_engine::Logged;
use yurt_model::Allocation;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::part::Scene;
use super::{CommandError, Emulated, Execution, Monitor, look_up};
use crate::view::Line;
use crate::world::World;

/// How many lines `-tail` shows unless `-n` says otherwise.
const TAIL_LINES: usize = 10;

/// Shows what a task has written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllocLogs {
    /// The beginning of the allocation's id, or with `job` a job.
    pub alloc: String,
    /// The task; needed where the allocation has several.
    pub task: Option<String>,
    /// The first word is a job: one of its allocations is meant.
    pub job: bool,
    /// Only the standard error.
    pub stderr: bool,
    /// Only the standard output.
    pub stdout: bool,
    /// Go on with what comes.
    pub follow: bool,
    /// Only the end.
    pub tail: bool,
    /// How many lines of the end, as typed.
    pub lines: Option<String>,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for AllocLogs {
    const NAME: &'static str = "alloc logs";
    const USAGE: &'static str = "[options] <allocation> <task>";
    const ABOUT: &'static str = "Shows what a task has written, and with -f what it writes.";
    const FLAGS: &'static [Flag] = &[
        switch("stderr"),
        switch("stdout"),
        switch("f"),
        switch("tail"),
        switch("job"),
        switch("verbose").idle(),
        valued("task"),
        valued("n"),
    ];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        let command = Self {
            alloc: String::new(),
            task: arguments.text("task"),
            job: arguments.is_on("job"),
            stderr: arguments.is_on("stderr"),
            stdout: arguments.is_on("stdout"),
            follow: arguments.is_on("f"),
            tail: arguments.is_on("tail"),
            lines: arguments.text("n"),
            common: Common::of(&arguments),
        };
        let mut words = arguments.words.into_iter();
        let (Some(alloc), task, None) = (words.next(), words.next(), words.next()) else {
            return Err(UsageError::new("This command takes one or two arguments"));
        };
        Ok(Self {
            alloc,
            task: command.task.clone().or(task),
            ..command
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let alloc = self.alloc(world)?;
        let task = self.task_of(&alloc)?;
        let now = world.scene().now;
        let written = yurt_engine::task_logs(world.images(), &alloc, &task, now);
        let shown: Vec<Line> = written
            .iter()
            .filter(|line| self.wants(line))
            .map(|line| Line::plain(line.text.to_string()))
            .collect();
        let first = shown.len().saturating_sub(self.most()?);
        let lines = shown[first..].to_vec();
        if !self.follow {
            return Ok(Execution::done(lines));
        }
        let streams = (self.stdout || !self.stderr, self.stderr || !self.stdout);
        let monitor = Monitor::logs(world.images().clone(), alloc.id, &task, streams, now);
        Ok(world.follow(lines, monitor))
    }
}

impl AllocLogs {
    fn alloc(&self, world: &World<'_>) -> Result<std::rc::Rc<Allocation>, CommandError> {
        let scene: Scene<'_> = world.scene();
        if !self.job {
            return look_up::alloc(scene, &self.alloc);
        }
        let job = look_up::job(scene, &self.common, &self.alloc)?;
        let key = job.key();
        let live = scene.store.allocs_of_job(&key).find(|alloc| !alloc.is_terminal());
        let any = live.or_else(|| scene.store.allocs_of_job(&key).next_back());
        any.cloned().ok_or_else(|| {
            let id = &self.alloc;
            CommandError::new(format!("No allocations found for job \"{id}\""))
        })
    }

    fn task_of(&self, alloc: &Allocation) -> Result<String, CommandError> {
        let group = alloc.task_group();
        let tasks: Vec<String> = group.map_or_else(Vec::new, |group| {
            group.tasks.iter().map(|task| task.name.to_string()).collect()
        });
        match &self.task {
            Some(task) if tasks.contains(task) => Ok(task.clone()),
            Some(task) => Err(CommandError::new(format!(
                "Could not find task named: {task}"
            ))),
            None if tasks.len() == 1 => Ok(tasks.concat()),
            None => {
                let list = tasks.iter().map(|task| format!("  * {task}\n"));
                Err(CommandError::new(format!(
                    "Allocation \"{}\" is running the following tasks:\n{}\nPlease specify the \
                     task.",
                    alloc.id.short(),
                    list.collect::<String>()
                )))
            }
        }
    }

    /// Both streams unless one is asked for.
    fn wants(&self, line: &Logged) -> bool {
        self.stderr == self.stdout || line.is_error == self.stderr
    }

    /// How many lines of the end.
    fn most(&self) -> Result<usize, CommandError> {
        match &self.lines {
            None if self.tail => Ok(TAIL_LINES),
            None => Ok(usize::MAX),
            Some(text) => text
                .parse()
                .map_err(|_| CommandError::new(format!("Invalid number of lines: \"{text}\""))),
        }
    }
}

impl fmt::Display for AllocLogs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .switch("stderr", self.stderr)
            .switch("stdout", self.stdout)
            .switch("f", self.follow)
            .switch("tail", self.tail)
            .switch("job", self.job)
            .value("n", self.lines.as_deref());
        let words = [Some(self.alloc.as_str()), self.task.as_deref()];
        f.write_str(&line.words(words.into_iter().flatten()))
    }
}

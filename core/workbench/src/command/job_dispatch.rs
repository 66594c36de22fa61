//! `nomad job dispatch`.

use std::fmt;
use std::rc::Rc;

use yurt_engine::JobDispatch as Dispatch;
use yurt_jobspec::{FileError, ReadFiles};
use yurt_model::{Job, Name};

use super::flags::{Arguments, CommandLine, Common, Flag, UsageError, switch, valued};
use super::part::{Length, plain};
use super::{CommandError, Emulated, Execution, columns, look_up};
use crate::view::Line;
use crate::world::World;

/// Starts a child of a parameterized job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobDispatch {
    /// The beginning of the job's id.
    pub job: String,
    /// The file with the payload.
    pub payload: Option<String>,
    /// Meta as typed: `key=value`.
    pub meta: Vec<String>,
    /// A part of the child's id.
    pub id_prefix: Option<String>,
    /// Of several dispatches with one token only the first starts a child.
    pub idempotency_token: Option<String>,
    /// The child's priority, as typed.
    pub priority: Option<String>,
    /// Do not follow what comes of it.
    pub detach: bool,
    /// Whole identifiers.
    pub verbose: bool,
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for JobDispatch {
    const NAME: &'static str = "job dispatch";
    const USAGE: &'static str = "[options] <parameterized job> [input source]";
    const ABOUT: &'static str = "Starts a child of a parameterized job, with meta and a payload.";
    const FLAGS: &'static [Flag] = &[
        valued("meta"),
        switch("detach"),
        switch("verbose"),
        valued("id-prefix-template"),
        valued("idempotency-token"),
        valued("priority"),
    ];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        let mut command = Self {
            job: String::new(),
            payload: None,
            meta: arguments.texts("meta"),
            id_prefix: arguments.text("id-prefix-template"),
            idempotency_token: arguments.text("idempotency-token"),
            priority: arguments.text("priority"),
            detach: arguments.is_on("detach"),
            verbose: arguments.is_on("verbose"),
            common: Common::of(&arguments),
        };
        let mut words = arguments.words.into_iter();
        match (words.next(), words.next(), words.next()) {
            (Some(job), payload, None) => (command.job, command.payload) = (job, payload),
            _ => {
                return Err(UsageError::new(
                    "This command takes one or two arguments: <parameterized job> [input source]",
                ));
            }
        }
        Ok(command)
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let payload = self.read_payload(world)?;
        let meta = self.read_meta()?;
        let priority = self.read_priority()?;
        let scene = world.scene();
        let job = look_up::parent(
            scene,
            &self.common,
            "parameterized",
            &self.job,
            Job::is_parameterized,
        )?;
        let name = |text: &Option<String>| text.as_deref().map(Name::from);
        let dispatch = Dispatch {
            key: job.key(),
            payload,
            meta,
            id_prefix: name(&self.id_prefix),
            idempotency_token: name(&self.idempotency_token),
            priority,
        };
        let (child, eval) = world
            .dispatch(dispatch)
            .map_err(|text| CommandError::new(format!("Failed to dispatch job: {text}")))?;
        let mut pairs = vec![("Dispatched Job ID", child.to_string())];
        pairs.extend(eval.map(|id| ("Evaluation ID", Length::of(self.verbose).id(id.0))));
        let mut document = plain(columns::pairs(&pairs));
        let eval = eval.filter(|_| !self.detach);
        if eval.is_some() {
            document.push(Line::default());
        }
        Ok(world.evaluation(document, eval, false, self.verbose))
    }
}

impl JobDispatch {
    fn read_payload(&self, world: &World<'_>) -> Result<Option<Rc<[u8]>>, CommandError> {
        let Some(path) = &self.payload else {
            return Ok(None);
        };
        let bytes = world.files.read(path).map_err(|error| {
            let reason = match error {
                FileError::Missing => format!("open {path}: no such file or directory"),
                FileError::Unreadable(reason) => reason,
            };
            CommandError::new(format!("Error reading input data: {reason}"))
        })?;
        Ok(Some(Rc::from(&*bytes)))
    }

    fn read_meta(&self) -> Result<Vec<(Name, Name)>, CommandError> {
        let pairs = self.meta.iter().map(|text| {
            let pair = text.split_once('=').ok_or_else(|| {
                CommandError::new(format!(
                    "Error parsing meta value \"{text}\": it has to be key=value"
                ))
            })?;
            Ok((Name::from(pair.0), Name::from(pair.1)))
        });
        pairs.collect()
    }

    fn read_priority(&self) -> Result<i64, CommandError> {
        let Some(text) = &self.priority else {
            return Ok(0);
        };
        text.parse().map_err(|_| {
            CommandError::new(format!(
                "Error parsing priority \"{text}\": it has to be a number"
            ))
        })
    }
}

impl fmt::Display for JobDispatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = CommandLine::new(Self::NAME, &self.common)
            .values("meta", &self.meta)
            .switch("detach", self.detach)
            .switch("verbose", self.verbose)
            .value("id-prefix-template", self.id_prefix.as_deref())
            .value("idempotency-token", self.idempotency_token.as_deref())
            .value("priority", self.priority.as_deref());
        let words = [Some(&self.job), self.payload.as_ref()];
        f.write_str(&line.words(words.into_iter().flatten().map(String::as_str)))
    }
}

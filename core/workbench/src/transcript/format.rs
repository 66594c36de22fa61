//! The format of transcripts: a scenario as text, with what its commands printed.
//!
//! Belongs here: the steps, reading them and writing them. A journal is read too: it is a
//! transcript without output.

use std::fmt;

use yurt_model::{Duration, Release};

/// A scenario.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Transcript {
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `# text`; kept for printing.
    Comment(String),
    /// An empty line; kept for printing.
    Blank,
    /// `release NAME`: the world's release.
    Release(Release),
    /// `file NAME [END]` … `END`: writes a file of the working folder.
    File {
        /// Its name.
        name: String,
        /// The line that ends it.
        end: String,
        /// Its text, every line with its end.
        text: String,
    },
    /// `edit NAME | OLD | NEW`: replaces text in a file.
    Edit {
        /// The file.
        name: String,
        /// What is replaced, everywhere.
        old: String,
        /// By what.
        new: String,
    },
    /// `$ nomad …` with what it printed.
    Command(Recorded),
    /// `wait …`.
    Wait(Wait),
    /// `sleep D`.
    Sleep(Duration),
    /// `node-down NAME`.
    NodeDown(String),
    /// `node-up NAME`.
    NodeUp(String),
    /// `world NAME`: goes on in a fresh world of the page.
    World(String),
    /// `interrupt`: Ctrl-C.
    Interrupt,
    /// `step`: time passes until something happens.
    StepEvent,
}

/// A command and what it printed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Recorded {
    /// The line, with its placeholders.
    pub line: String,
    /// What it printed, line by line.
    pub output: Vec<String>,
    /// Its exit status; `None` when the output was left out.
    pub status: Option<String>,
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The newest deployment of the job's current version has that status.
    Deployment {
        /// The job.
        job: String,
        /// The status.
        status: String,
    },
    /// That deployment counts so many healthy allocations of a group.
    Healthy {
        /// The job.
        job: String,
        /// The group.
        group: String,
        /// How many, at least.
        count: i64,
    },
    /// The same for unhealthy ones.
    Unhealthy {
        /// The job.
        job: String,
        /// The group.
        group: String,
        /// How many, at least.
        count: i64,
    },
    /// So many allocations of the job have that client status.
    Allocs {
        /// The job.
        job: String,
        /// The client status.
        status: String,
        /// How many, exactly.
        count: usize,
    },
    /// The job has that status.
    Job {
        /// The job.
        job: String,
        /// The status.
        status: String,
    },
    /// The job has reached that version.
    Version {
        /// The job.
        job: String,
        /// The version.
        version: u64,
    },
    /// The job has no pending evaluation.
    Settled {
        /// The job.
        job: String,
    },
    /// The node has that status.
    Node {
        /// Its name.
        name: String,
        /// The status.
        status: String,
    },
    /// The node's drain is over and its allocations are gone.
    Drained {
        /// Its name.
        name: String,
    },
    /// The parent has so many children.
    Children {
        /// The parent.
        job: String,
        /// How many, at least.
        count: usize,
    },
}

/// A line that is no step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatError {
    /// The line, counted from 1.
    pub line: usize,
    /// What it says.
    pub text: String,
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, text) = (self.line, &self.text);
        match text.strip_prefix("file ") {
            Some(name) => write!(f, "line {line}: no line EOF ends the file {name}"),
            None => write!(f, "line {line}: not a step of a transcript: {text}"),
        }
    }
}

impl Transcript {
    /// Reads a transcript.
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        let mut steps = Vec::new();
        let mut lines = text.lines().enumerate();
        while let Some((index, line)) = lines.next() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            let step = match word {
                "file" if !rest.is_empty() => {
                    let (name, end) = rest.split_once(' ').unwrap_or((rest, "EOF"));
                    let mut is_ended = false;
                    let body = lines.by_ref().map(|(_, line)| line);
                    let text = body
                        .take_while(|line| {
                            is_ended = *line == end;
                            !is_ended
                        })
                        .map(|line| format!("{line}\n"))
                        .collect();
                    is_ended.then(|| Step::File {
                        name: name.into(),
                        end: end.into(),
                        text,
                    })
                }
                // What is printed, is printed by the command before it.
                "|" | "=" if record(&mut steps, word, line) => continue,
                _ => simple_step(line, word, rest),
            };
            match step {
                Some(step) => steps.push(step),
                None => {
                    return Err(FormatError {
                        line: index + 1,
                        text: line.into(),
                    });
                }
            }
        }
        Ok(Self { steps })
    }

    /// The commands, in order.
    pub fn commands(&self) -> impl Iterator<Item = &Recorded> {
        self.steps.iter().filter_map(|step| match step {
            Step::Command(command) => Some(command),
            _ => None,
        })
    }

    /// The first comment.
    pub fn title(&self) -> &str {
        let title = self.steps.iter().find_map(|step| match step {
            Step::Comment(text) => Some(text.as_str()),
            _ => None,
        });
        title.unwrap_or_default()
    }
}

/// Adds a line of output or a status to the command before it, unless that one is closed already;
/// false when there is none.
fn record(steps: &mut [Step], word: &str, line: &str) -> bool {
    let command = steps.iter_mut().rev().find_map(|step| match step {
        Step::Command(command) => Some(command),
        _ => None,
    });
    let Some(command) = command else {
        return false;
    };
    if command.status.is_none() {
        let text = line.get(2..).unwrap_or_default();
        match word {
            "|" => command.output.push(text.into()),
            _ => command.status = Some(text.into()),
        }
    }
    true
}

fn simple_step(line: &str, word: &str, rest: &str) -> Option<Step> {
    let alone = rest.is_empty();
    Some(match word {
        "" if line.trim().is_empty() => Step::Blank,
        "#" => Step::Comment(rest.into()),
        "$" if !alone => Step::Command(Recorded {
            line: rest.into(),
            ..Recorded::default()
        }),
        "world" if !rest.is_empty() => Step::World(rest.into()),
        "release" => Step::Release(Release::from_name(rest)?),
        "edit" => {
            let mut parts = rest.splitn(3, " | ");
            Step::Edit {
                name: parts.next()?.into(),
                old: parts.next()?.into(),
                new: parts.next()?.into(),
            }
        }
        "wait" => Step::Wait(Wait::parse(rest)?),
        "sleep" => Step::Sleep(
            Duration::parse(rest)
                .ok()
                .filter(|length| length.nanos() >= 0)?,
        ),
        "node-down" if !alone => Step::NodeDown(rest.into()),
        "node-up" if !alone => Step::NodeUp(rest.into()),
        "interrupt" if alone => Step::Interrupt,
        "step" if alone => Step::StepEvent,
        _ => return None,
    })
}

impl Wait {
    fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        Some(match words.as_slice() {
            ["deployment", job, status] => Self::Deployment {
                job: (*job).into(),
                status: (*status).into(),
            },
            ["healthy", job, group, count] => Self::Healthy {
                job: (*job).into(),
                group: (*group).into(),
                count: count.parse().ok()?,
            },
            ["unhealthy", job, group, count] => Self::Unhealthy {
                job: (*job).into(),
                group: (*group).into(),
                count: count.parse().ok()?,
            },
            ["allocs", job, status, count] => Self::Allocs {
                job: (*job).into(),
                status: (*status).into(),
                count: count.parse().ok()?,
            },
            ["job", job, status] => Self::Job {
                job: (*job).into(),
                status: (*status).into(),
            },
            ["version", job, version] => Self::Version {
                job: (*job).into(),
                version: version.parse().ok()?,
            },
            ["settled", job] => Self::Settled { job: (*job).into() },
            ["node", name, status] => Self::Node {
                name: (*name).into(),
                status: (*status).into(),
            },
            ["drained", name] => Self::Drained {
                name: (*name).into(),
            },
            ["children", job, count] => Self::Children {
                job: (*job).into(),
                count: count.parse().ok()?,
            },
            _ => return None,
        })
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deployment { job, status } => write!(f, "deployment {job} {status}"),
            Self::Healthy { job, group, count } => write!(f, "healthy {job} {group} {count}"),
            Self::Unhealthy { job, group, count } => write!(f, "unhealthy {job} {group} {count}"),
            Self::Allocs { job, status, count } => write!(f, "allocs {job} {status} {count}"),
            Self::Job { job, status } => write!(f, "job {job} {status}"),
            Self::Version { job, version } => write!(f, "version {job} {version}"),
            Self::Settled { job } => write!(f, "settled {job}"),
            Self::Node { name, status } => write!(f, "node {name} {status}"),
            Self::Drained { name } => write!(f, "drained {name}"),
            Self::Children { job, count } => write!(f, "children {job} {count}"),
        }
    }
}

impl fmt::Display for Transcript {
    /// The text of the transcript, as [`Transcript::parse`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}

impl fmt::Display for Step {
    /// The step without the line end after its last line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Comment(text) if text.is_empty() => f.write_str("#"),
            Self::Comment(text) => write!(f, "# {text}"),
            Self::Blank => Ok(()),
            Self::Release(Release::V2_0) => f.write_str("release 2.0"),
            Self::Release(Release::V0_7) => f.write_str("release 0.7"),
            Self::File { name, end, text } if end == "EOF" => write!(f, "file {name}\n{text}EOF"),
            Self::File { name, end, text } => write!(f, "file {name} {end}\n{text}{end}"),
            Self::Edit { name, old, new } => write!(f, "edit {name} | {old} | {new}"),
            Self::Command(command) => {
                write!(f, "$ {}", command.line)?;
                for line in &command.output {
                    let gap = if line.is_empty() { "" } else { " " };
                    write!(f, "\n|{gap}{line}")?;
                }
                match &command.status {
                    Some(status) => write!(f, "\n= {status}"),
                    None => Ok(()),
                }
            }
            Self::Wait(wait) => write!(f, "wait {wait}"),
            Self::Sleep(length) => write!(f, "sleep {length}"),
            Self::NodeDown(name) => write!(f, "node-down {name}"),
            Self::NodeUp(name) => write!(f, "node-up {name}"),
            Self::World(name) => write!(f, "world {name}"),
            Self::Interrupt => f.write_str("interrupt"),
            Self::StepEvent => f.write_str("step"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# A title\nrelease 0.7\n\
                        file a.hcl\njob \"a\" {\n}\nEOF\nedit a.hcl | x \
        | y z\n\
                        $ nomad job run a.hcl\n| one\n|\n|   two\n= 0\nwait healthy a g 5\n\
                        wait settled a\n\nsleep 1s\nnode-down node-4\nworld 0.7\ninterrupt\nstep\n";

    #[test]
    fn there_and_back() {
        let transcript = Transcript::parse(TEXT).unwrap();
        assert_eq!(transcript.to_string(), TEXT);
        assert_eq!(transcript.title(), "A title");
        let command = transcript.commands().next().unwrap();
        assert_eq!(command.output, ["one", "", "  two"]);
        assert_eq!(command.status.as_deref(), Some("0"));
    }

    #[test]
    fn a_line_that_is_no_step_is_named() {
        for text in [
            "launch",
            "wait for it",
            "sleep -1s",
            "$ ",
            "edit a | b",
            "file",
            "file a.hcl\njob",
            "| printed by nobody",
            "= 0",
        ] {
            let error = Transcript::parse(&format!("# x\n{text}\n")).unwrap_err();
            let line = text.lines().next().unwrap_or_default();
            assert_eq!((error.line, error.text.as_str()), (2, line));
        }
    }
}

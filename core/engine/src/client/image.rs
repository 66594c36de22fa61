//! What the tasks' images do in the simulation: how long they take to start, whether and how they
//! end.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use litemap::LiteMap;
use serde_json::Value;
use yurt_model::{Duration, Name, NodeId, Rng, Task, Time};

use super::usage::MemoryUse;

/// How a run of a task ends by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// It does not.
    Never,
    /// It exits.
    Exits {
        /// So long after its start.
        after: Duration,
        /// With this status.
        code: i64,
        /// By this signal, or 0.
        signal: i64,
        /// Because it used more memory than it had.
        out_of_memory: bool,
    },
}

/// A start that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartFailure {
    /// The driver's text.
    pub message: Rc<str>,
    /// Whether the restart policy may try again.
    pub is_recoverable: bool,
}

/// What one start of a task does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageBehaviour {
    /// How long a node takes to get the image; only its first start there waits for that.
    pub pull_takes: Duration,
    /// From the set-up of the task to its start, or to the failure of the start.
    pub start_takes: Duration,
    /// Why the start fails, if it does.
    pub start_failure: Option<StartFailure>,
    /// How the run ends by itself.
    pub end: RunEnd,
    /// From the signal to stop to the end.
    pub stop_takes: Duration,
    /// How its checks fare by the time since its start, in order of time; before the first phase
    /// they pass.
    pub checks: Vec<CheckPhase>,
    /// What it writes; `None` is what an image writes of which nothing is known.
    pub logs: Option<Vec<LogLine>>,
    /// How much of its memory it uses.
    pub memory: MemoryUse,
    /// How it answers; `None` is well, and fast.
    pub traffic: Option<Traffic>,
}

/// How a task answers under traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// Of a hundred answers so many are errors.
    pub error_percent: u64,
    /// How long most answers take: from half of it to half as much again.
    pub latency: Duration,
}

/// Something that a task writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The time since the start of the task.
    pub after: Duration,
    /// Again and again after so long.
    pub every: Option<Duration>,
    /// So often at most; `None` without end.
    pub times: Option<u32>,
    /// To the standard error.
    pub is_error: bool,
    /// The text; `{number}` counts, `{ms}` and `{status}` are of an answer.
    pub text: Rc<str>,
}

impl LogLine {
    fn once(after: Duration, text: impl Into<Rc<str>>) -> Self {
        Self {
            after,
            every: None,
            times: None,
            is_error: false,
            text: text.into(),
        }
    }
}

/// What a check finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckStatus {
    /// All is well.
    Passing,
    /// It works, but not as it should (services of Consul alone know this).
    Warning,
    /// It does not work.
    Failing,
}

impl CheckStatus {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passing => "passing",
            Self::Warning => "warning",
            Self::Failing => "failing",
        }
    }
}

/// From when on checks find something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckPhase {
    /// The time since the start of the task.
    pub from: Duration,
    /// What they find.
    pub status: CheckStatus,
}

impl ImageBehaviour {
    /// Starts in a moment and runs for ever: what an image does that nobody has said anything
    /// about.
    pub const fn well_behaved() -> Self {
        Self {
            pull_takes: Duration::ZERO,
            start_takes: Duration::from_millis(100),
            start_failure: None,
            end: RunEnd::Never,
            stop_takes: Duration::from_millis(50),
            checks: Vec::new(),
            logs: None,
            memory: MemoryUse {
                start_percent: 15,
                end_percent: 40,
                grows_for: Duration::from_secs(120),
            },
            traffic: None,
        }
    }

    /// What a check finds so long after the start.
    pub fn check_status(&self, since_start: Duration) -> CheckStatus {
        let mut begun = self.checks.iter().filter(|phase| phase.from <= since_start);
        begun
            .next_back()
            .map_or(CheckStatus::Passing, |phase| phase.status)
    }

    /// After so long nothing changes any more about what checks find.
    pub(super) fn checks_settle_after(&self) -> Duration {
        self.checks
            .last()
            .map_or(Duration::ZERO, |phase| phase.from)
    }

    fn exits(after: Duration, code: i64) -> Self {
        let end = RunEnd::Exits {
            after,
            code,
            signal: 0,
            out_of_memory: false,
        };
        Self {
            end,
            ..Self::well_behaved()
        }
    }

    fn fails_to_start(message: &str, is_recoverable: bool) -> Self {
        let failure = StartFailure {
            message: Rc::from(message),
            is_recoverable,
        };
        Self {
            start_failure: Some(failure),
            ..Self::well_behaved()
        }
    }
}

impl fmt::Display for ImageBehaviour {
    /// What is not as usual, in a line: "pulled in 4s, runs for 1m0s and exits with status 1".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.pull_takes.is_zero_or_less() {
            write!(f, "pulled in {}, ", self.pull_takes)?;
        }
        if let Some(failure) = &self.start_failure {
            return write!(f, "does not start ({})", failure.message);
        }
        write!(f, "starts in {}, ", self.start_takes)?;
        match &self.end {
            RunEnd::Never => f.write_str("runs for ever")?,
            RunEnd::Exits {
                out_of_memory: true,
                ..
            } => f.write_str("runs out of memory")?,
            RunEnd::Exits {
                after,
                code,
                signal,
                ..
            } => {
                write!(f, "exits with status {code} after {after}")?;
                if *signal != 0 {
                    write!(f, ", signal {signal}")?;
                }
            }
        }
        for phase in &self.checks {
            write!(f, ", checks {} after {}", phase.status.as_str(), phase.from)?;
        }
        if let Some(traffic) = self.traffic {
            let Traffic {
                error_percent,
                latency,
            } = traffic;
            write!(f, ", answers in {latency}, {error_percent}% of them errors")?;
        }
        Ok(())
    }
}

/// What images do, by name. Names that are not listed behave as their suffix says, and otherwise
/// well.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ImageCatalogue {
    listed: Rc<BTreeMap<String, ImageBehaviour>>,
}

impl ImageCatalogue {
    /// A catalogue without entries: suffixes decide.
    pub fn by_suffix_alone() -> Self {
        Self::default()
    }

    /// The catalogue with one entry more; an entry for the same image is replaced.
    pub fn with(mut self, image: &str, behaviour: ImageBehaviour) -> Self {
        Rc::make_mut(&mut self.listed).insert(image.to_owned(), behaviour);
        self
    }

    /// The listed images, by name.
    pub fn listed(&self) -> impl Iterator<Item = (&str, &ImageBehaviour)> {
        self.listed
            .iter()
            .map(|(name, behaviour)| (name.as_str(), behaviour))
    }

    /// What `task` writes while it runs.
    pub(super) fn log_lines(&self, task: &Task) -> Vec<LogLine> {
        if &*task.driver == "mock_driver" {
            return mock_driver_logs(&task.config);
        }
        let image = task.config["image"].as_str().unwrap_or(&task.name);
        let listed = self
            .listed
            .get(image)
            .and_then(|behaviour| behaviour.logs.clone());
        listed.unwrap_or_else(|| usual_logs(image))
    }

    /// How `task` answers.
    pub(super) fn traffic(&self, task: &Task) -> Option<Traffic> {
        let image = task.config["image"].as_str()?;
        self.listed.get(image)?.traffic
    }

    /// What the next start of `task` does. `rng` is the allocation's own stream.
    pub fn behaviour(&self, task: &Task, rng: &mut Rng) -> ImageBehaviour {
        if &*task.driver == "mock_driver" {
            return mock_driver(&task.config);
        }
        match task.config["image"].as_str() {
            Some(image) => match self.listed.get(image) {
                Some(behaviour) => behaviour.clone(),
                None => by_name(image, rng),
            },
            None => ImageBehaviour::well_behaved(),
        }
    }
}

/// What nodes know of images: what each does, and where it has been pulled.
#[derive(Clone, Debug)]
pub(super) struct Images {
    pub(super) catalogue: ImageCatalogue,
    /// When each image is whole on each node.
    pulled: LiteMap<(NodeId, Name), Time>,
}

impl Images {
    /// Nothing has been pulled yet.
    pub(super) fn new(catalogue: ImageCatalogue) -> Self {
        Self {
            catalogue,
            pulled: LiteMap::new(),
        }
    }

    /// What the next start of `task` on that node does, and how long it waits before for its image.
    pub(super) fn next_start(
        &mut self,
        node: NodeId,
        task: &Task,
        rng: &mut Rng,
        now: Time,
    ) -> (ImageBehaviour, Duration) {
        let behaviour = self.catalogue.behaviour(task, rng);
        if behaviour.pull_takes.is_zero_or_less() {
            return (behaviour, Duration::ZERO);
        }
        let image = task.config["image"].as_str().unwrap_or_default();
        let whole_at = now + behaviour.pull_takes;
        let whole_at = match behaviour.start_failure {
            Some(_) => whole_at, // What does not start may well be missing: it is asked for again.
            None => *self.pulled.entry((node, image.into())).or_insert(whole_at),
        };
        (behaviour, (whole_at - now).max(Duration::ZERO))
    }
}

/// The suffixes and the word that say what an unlisted image does. The first three and `batch` are
/// as recorded; the rest are ours.
fn by_name(image: &str, rng: &mut Rng) -> ImageBehaviour {
    let seconds = Duration::from_secs;
    let well = ImageBehaviour::well_behaved;
    if image.ends_with("-crash") {
        ImageBehaviour::exits(seconds(2), 1)
    } else if image.ends_with("-slow") {
        ImageBehaviour {
            start_takes: seconds(8),
            ..well()
        }
    } else if image.ends_with("-missing") {
        let message = format!(
            "Failed to pull `{image}`: Error response from daemon: pull access denied, \
             repository does not exist or may require authorization"
        );
        ImageBehaviour::fails_to_start(&message, true)
    } else if image.ends_with("-oom") {
        let after = seconds(4);
        let end = RunEnd::Exits {
            after,
            code: 137,
            signal: 9,
            out_of_memory: true,
        };
        let memory = MemoryUse {
            start_percent: 20,
            end_percent: 100,
            grows_for: after,
        };
        ImageBehaviour {
            end,
            memory,
            ..well()
        }
    } else if image.ends_with("-unhealthy") {
        ImageBehaviour {
            checks: vec![CheckPhase {
                from: Duration::ZERO,
                status: CheckStatus::Failing,
            }],
            ..well()
        }
    } else if image.ends_with("-flaky") && rng.below(2) == 0 {
        ImageBehaviour::exits(seconds(5), 1)
    } else if image.contains("batch") {
        ImageBehaviour::exits(seconds(3), 0)
    } else {
        well()
    }
}

/// The options of the mock driver: `run_for` (0 unless given), `exit_code`, `exit_signal`,
/// `start_error`, `start_error_recoverable`, `start_block_for`, `kill_after`.
fn mock_driver(config: &Value) -> ImageBehaviour {
    let duration = |name: &str| {
        config[name]
            .as_str()
            .and_then(|text| Duration::parse(text).ok())
            .unwrap_or(Duration::ZERO)
    };
    let start_failure = config["start_error"]
        .as_str()
        .filter(|text| !text.is_empty())
        .map(|text| {
            let is_recoverable = truth(&config["start_error_recoverable"]);
            StartFailure {
                message: Rc::from(text),
                is_recoverable,
            }
        });
    let well = ImageBehaviour::well_behaved();
    ImageBehaviour {
        pull_takes: well.pull_takes,
        start_takes: well.start_takes + duration("start_block_for"),
        start_failure,
        end: RunEnd::Exits {
            after: duration("run_for"),
            code: whole(&config["exit_code"]),
            signal: whole(&config["exit_signal"]),
            out_of_memory: false,
        },
        stop_takes: duration("kill_after").max(well.stop_takes),
        checks: Vec::new(),
        logs: None,
        memory: well.memory,
        traffic: None,
    }
}

/// What an image writes of which nothing else is known: that it is there, and that it works.
fn usual_logs(image: &str) -> Vec<LogLine> {
    let millis = Duration::from_millis;
    let starts = LogLine::once(Duration::ZERO, format!("starting {image}"));
    let works = if image.contains("batch") {
        LogLine {
            every: Some(millis(500)),
            times: Some(5),
            ..LogLine::once(millis(400), "item {number} of 5 done in {ms} ms")
        }
    } else {
        LogLine {
            every: Some(millis(5_000)),
            ..LogLine::once(millis(2_500), "request {number}: GET / {status} in {ms} ms")
        }
    };
    vec![starts, LogLine::once(millis(50), "ready"), works]
}

/// `stdout_string`, written `stdout_repeat` times more with `stdout_repeat_duration` between.
fn mock_driver_logs(config: &Value) -> Vec<LogLine> {
    let Some(text) = config["stdout_string"]
        .as_str()
        .filter(|text| !text.is_empty())
    else {
        return Vec::new();
    };
    let between = config["stdout_repeat_duration"].as_str();
    let between = between.and_then(|text| Duration::parse(text).ok());
    let more = u32::try_from(whole(&config["stdout_repeat"])).unwrap_or(0);
    vec![LogLine {
        every: (more > 0).then(|| between.unwrap_or(Duration::from_millis(1))),
        times: Some(more + 1),
        ..LogLine::once(Duration::ZERO, text)
    }]
}

fn whole(value: &Value) -> i64 {
    let text = || value.as_str().and_then(|text| text.parse().ok());
    value.as_i64().or_else(text).unwrap_or(0)
}

fn truth(value: &Value) -> bool {
    value.as_bool().unwrap_or(value.as_str() == Some("true"))
}

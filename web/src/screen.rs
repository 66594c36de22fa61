//! What the page knows: the latest of every view, the terminal's lines, and what it must say aloud.
//!
//! Belongs here: how an event changes what is shown. Not here: how it is drawn.

use std::collections::VecDeque;
use std::rc::Rc;

use yew::{AttrValue, Reducible};
use yurt_workbench::protocol::Reaction;
use yurt_workbench::view::{
    ClusterChange, ClusterView, CompletionsView, DeploymentView, DiagnosticView, FormattedView,
    HoverView, JobView, Label, Line, LineCompletionView, NodeView, PlanView, UsageView,
    VersionView,
};

/// Lines that the terminal keeps.
const SCROLLBACK_MAX: usize = 2000;

/// An engine that died.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crash {
    /// What the browser said.
    pub why: String,
    /// The command lines at which it died; they are not repeated.
    pub lost: Vec<String>,
    /// Everything that was done, the last of it included.
    pub journal: String,
    /// The journal itself stopped the engine again: the cluster starts anew.
    pub afresh: bool,
    /// No engine can be started at all.
    pub hopeless: bool,
}

/// Something that changes the screen.
pub enum Event {
    /// The engine answered.
    Reaction(Box<Reaction>),
    /// The engine died.
    Crash(Crash),
    /// The notice about a dead engine was read.
    CrashRead,
    /// The terminal is to be empty.
    ClearTerminal,
}

/// A line of the terminal with a number of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberedLine {
    /// Counts up from the first line of the session.
    pub number: u64,
    /// The line.
    pub line: Line,
}

/// The cluster, with nodes that are shared while they stay the same.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Cluster {
    /// One sentence about it.
    pub sentence: AttrValue,
    /// What waits for time to pass; empty when nothing does.
    pub waiting: AttrValue,
    /// The legend.
    pub versions: Rc<Vec<VersionView>>,
    /// The nodes.
    pub nodes: Vec<Rc<NodeView>>,
}

impl From<ClusterView> for Cluster {
    fn from(view: ClusterView) -> Self {
        Self {
            sentence: view.sentence.into(),
            waiting: view.waiting.into(),
            versions: view.versions.into(),
            nodes: view.nodes.into_iter().map(Rc::new).collect(),
        }
    }
}

impl Cluster {
    fn take(&mut self, change: ClusterChange) {
        self.sentence = change.sentence.into();
        self.waiting = change.waiting.into();
        self.versions = change.versions.into();
        for (at, node) in change.nodes {
            if let Some(place) = self.nodes.get_mut(at as usize) {
                *place = node.into();
            }
        }
    }
}

/// What the page knows.
#[derive(Clone, PartialEq, Default)]
pub struct Screen {
    /// The engine answered at least once.
    pub ready: bool,
    /// The simulated time in nanoseconds since 1970.
    pub now_ns: i64,
    /// The same as text.
    pub now_text: Rc<str>,
    /// When the simulation began.
    pub started_ns: i64,
    /// When something happens next.
    pub next_wakeup_ns: Option<i64>,
    /// The terminal's lines.
    pub terminal: Rc<VecDeque<Rc<NumberedLine>>>,
    /// A monitor is followed.
    pub following: bool,
    /// The name of the world.
    pub world: AttrValue,
    /// The cluster.
    pub cluster: Option<Rc<Cluster>>,
    /// What the allocation uses that was looked at last.
    pub usage: Option<Rc<UsageView>>,
    /// The deployment.
    pub deployment: Option<Rc<DeploymentView>>,
    /// The job.
    pub job: Option<Rc<JobView>>,
    /// The plan.
    pub plan: Option<Rc<PlanView>>,
    /// The job or the cluster is no longer what the plan was made for.
    pub plan_outdated: bool,
    /// What is wrong with the text in the editor.
    pub diagnostics: Rc<Vec<DiagnosticView>>,
    /// What may stand at the editor's cursor: the answer to its last question.
    pub completions: Option<Rc<CompletionsView>>,
    /// The command line that Tab completed last.
    pub completed_line: Option<Rc<LineCompletionView>>,
    /// What a word in the editor means: the answer to its last question.
    pub hover: Option<Rc<HoverView>>,
    /// The text that was laid out last.
    pub formatted: Option<Rc<FormattedView>>,
    /// An engine died and nobody has read it yet.
    pub crash: Option<Rc<Crash>>,
    /// What a screen reader is to say; changes when there is something new.
    pub announcement: Rc<str>,
    lines: u64,
    /// What the terminal says when a new engine has replayed the journal.
    after_replay: Vec<Line>,
}

impl Reducible for Screen {
    type Action = Event;

    fn reduce(self: Rc<Self>, event: Event) -> Rc<Self> {
        let mut screen = (*self).clone();
        match event {
            Event::Reaction(reaction) => screen.take(*reaction),
            Event::Crash(crash) => screen.mourn(crash),
            Event::CrashRead => screen.crash = None,
            Event::ClearTerminal => screen.terminal = Rc::default(),
        }
        screen.into()
    }
}

impl Screen {
    fn take(&mut self, reaction: Reaction) {
        self.ready = true;
        self.now_ns = reaction.now_ns;
        if *self.now_text != *reaction.now_text {
            self.now_text = reaction.now_text.into();
        }
        self.started_ns = reaction.started_ns;
        self.next_wakeup_ns = reaction.next_wakeup_ns;
        self.following = reaction.following;
        if *self.world != *reaction.world {
            self.world = reaction.world.into();
        }
        if reaction.begun_anew {
            self.begin_anew();
        }
        self.append(reaction.terminal);
        if reaction.sequence > 0 {
            let lines = std::mem::take(&mut self.after_replay);
            self.append(lines);
        }
        if let Some(cluster) = reaction.cluster {
            self.cluster = Some(Cluster::from(cluster).into());
        }
        if let (Some(change), Some(cluster)) = (reaction.cluster_change, &mut self.cluster) {
            Rc::make_mut(cluster).take(change);
        }
        if let Some(usage) = reaction.usage {
            self.usage = usage.map(Rc::new);
        }
        if let Some(deployment) = reaction.deployment {
            self.announce(deployment.as_ref());
            self.deployment = deployment.map(Rc::new);
        }
        if let Some(job) = reaction.job {
            self.job = job.map(Rc::new);
        }
        if let Some(plan) = reaction.plan {
            if let Some(plan) = &plan {
                self.announcement = plan.sentence.clone().into();
            }
            self.plan = plan.map(Rc::new);
        }
        self.plan_outdated = reaction.plan_outdated;
        if let Some(completions) = reaction.completions {
            self.completions = Some(completions.into());
        }
        if let Some(hover) = reaction.hover {
            self.hover = Some(hover.into());
        }
        if let Some(completed) = reaction.completed_line {
            self.completed_line = Some(completed.into());
        }
        if let Some(formatted) = reaction.formatted {
            self.announcement = formatted.sentence.clone().into();
            self.formatted = Some(formatted.into());
        }
        if let Some(diagnostics) = reaction.diagnostics {
            // Once, when the text begins to be wrong; not with every key.
            if let (true, [first, ..]) = (self.diagnostics.is_empty(), &*diagnostics) {
                let text = format!("Line {}: {}. {}", first.line, first.summary, first.detail);
                self.announcement = text.into();
            }
            self.diagnostics = diagnostics.into();
        }
    }

    /// What belongs to a cluster that is no more goes with it.
    fn begin_anew(&mut self) {
        self.terminal = Rc::default();
        self.deployment = None;
        self.plan = None;
    }

    fn append(&mut self, lines: Vec<Line>) {
        if lines.is_empty() {
            return;
        }
        let terminal = Rc::make_mut(&mut self.terminal);
        for line in lines {
            self.lines += 1;
            terminal.push_back(Rc::new(NumberedLine {
                number: self.lines,
                line,
            }));
        }
        let surplus = terminal.len().saturating_sub(SCROLLBACK_MAX);
        terminal.drain(..surplus);
    }

    /// A deployment speaks when it begins to wait for a person and when its status changes, not
    /// with every allocation.
    fn announce(&mut self, new: Option<&DeploymentView>) {
        let Some(new) = new else { return };
        let story = |view: &DeploymentView| {
            let id = view.id.clone();
            (id, view.status.clone(), view.waiting_for_person)
        };
        let old = self.deployment.as_deref().map(story);
        // The first view is the state of things, not news.
        if old.is_some() && old != Some(story(new)) {
            self.announcement = new.sentence.clone().into();
        }
    }

    fn mourn(&mut self, crash: Crash) {
        // The new engine says all of it again.
        self.begin_anew();
        self.following = false;
        let note = if crash.lost.is_empty() {
            "The engine stopped here, and was started again."
        } else {
            "The engine stopped at this, and was started again at the moment before."
        };
        self.after_replay = crash.lost.iter().map(|line| Line::echo(line)).collect();
        self.after_replay.push(Line::of(Label::Note, note));
        self.crash = Some(crash.into());
    }
}

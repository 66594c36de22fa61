//! Monitors: what a command goes on to print as time passes.
//!
//! Belongs here: waiting as a value. Nothing sleeps: whoever owns a monitor polls it when time has
//! passed, and lets go of it to interrupt. An evaluation is followed to its end, then its
//! deployment.

mod deployment;
mod drain;
mod evaluation;
mod logs;

use yurt_engine::ImageCatalogue;
use yurt_model::{AllocId, DeploymentId, EvalId, NodeId, Time};

use super::part::Scene;
use super::release::texts;
use super::{Done, Execution, Lines};
use crate::view::{Label, Line};

/// A command that goes on.
#[derive(Clone, Debug)]
pub struct Monitor {
    stage: Stage,
    verbose: bool,
    /// The exit status that what came before has earned.
    status: i32,
}

#[derive(Clone, Debug)]
enum Stage {
    Evaluation(evaluation::Progress),
    Deployment(deployment::Progress),
    Drain(drain::Progress),
    Logs(logs::Progress),
}

/// What one look brought.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Polled {
    /// New lines.
    pub document: Lines,
    /// The exit status when it is over.
    pub status: Option<i32>,
}

/// What a stage says after a look.
enum Outcome {
    Goes,
    Ended(i32),
    /// The evaluation ended; this is its deployment.
    Deployment(DeploymentId, i32),
}

impl Monitor {
    /// Follows an evaluation, and after it its deployment.
    pub(crate) fn evaluation(id: EvalId, verbose: bool) -> Self {
        Self {
            stage: Stage::Evaluation(evaluation::Progress::new(id)),
            verbose,
            status: 0,
        }
    }

    /// Follows a deployment.
    pub(crate) fn deployment(id: DeploymentId, verbose: bool) -> Self {
        Self {
            stage: Stage::Deployment(deployment::Progress::new(id)),
            verbose,
            status: 0,
        }
    }

    /// Follows a drain until everything on the node has stopped.
    pub(crate) fn drain(node: NodeId, ignores_system_jobs: bool) -> Self {
        Self {
            stage: Stage::Drain(drain::Progress::new(node, ignores_system_jobs)),
            verbose: true,
            status: 0,
        }
    }

    /// Follows what a task writes to its standard output and its standard error; what it wrote by
    /// `shown` was shown.
    pub(crate) fn logs(
        images: ImageCatalogue,
        alloc: AllocId,
        task: &str,
        streams: (bool, bool),
        shown: Time,
    ) -> Self {
        Self {
            stage: Stage::Logs(logs::Progress::new(images, alloc, task, streams, shown)),
            verbose: false,
            status: 0,
        }
    }

    /// Prints the lines, looks for the first time, and goes on unless it is over already.
    pub(crate) fn start(mut self, mut document: Lines, scene: Scene<'_>) -> Execution {
        let polled = self.poll(scene);
        document.extend(polled.document);
        match polled.status {
            None => Execution::Follow(document, Box::new(self)),
            Some(status) => Execution::Done(Done {
                document,
                status,
                ..Done::default()
            }),
        }
    }

    /// When it looks again; before that there is nothing to see.
    pub fn due(&self) -> Time {
        match &self.stage {
            Stage::Evaluation(progress) => progress.due(),
            Stage::Deployment(_) | Stage::Drain(_) | Stage::Logs(_) => Time::ZERO,
        }
    }

    /// Looks once, if it is time to.
    pub(crate) fn poll(&mut self, scene: Scene<'_>) -> Polled {
        let mut polled = Polled::default();
        if scene.now < self.due() {
            return polled;
        }
        // An evaluation hands over to its deployment at once; a deployment hands over to nobody.
        loop {
            let mut printer = Printer {
                document: &mut polled.document,
                scene,
                verbose: self.verbose,
            };
            let outcome = match &mut self.stage {
                Stage::Evaluation(progress) => progress.look(&mut printer),
                Stage::Deployment(progress) => progress.look(&mut printer),
                Stage::Drain(progress) => progress.look(&mut printer),
                Stage::Logs(progress) => progress.look(&mut printer),
            };
            match outcome {
                Outcome::Goes => return polled,
                Outcome::Ended(status) => {
                    polled.status = Some(self.status.max(status));
                    return polled;
                }
                Outcome::Deployment(id, status) => {
                    self.status = self.status.max(status);
                    if !texts(scene.release).monitors_follow_deployments {
                        polled.status = Some(self.status);
                        return polled;
                    }
                    self.stage = Stage::Deployment(deployment::Progress::new(id));
                }
            }
        }
    }
}

/// Where a stage prints.
struct Printer<'a, 'b> {
    document: &'a mut Lines,
    scene: Scene<'b>,
    verbose: bool,
}

impl Printer<'_, '_> {
    fn id(&self, id: impl Into<yurt_model::Uuid>) -> String {
        super::part::Length::of(self.verbose).id(id)
    }

    /// A line that opens or closes something.
    fn heading(&mut self, text: &str) {
        let time = self.time();
        self.document
            .push(Line::of(Label::Heading, format!("==> {time}{text}")));
    }

    /// A line about something that happened.
    fn event(&mut self, text: &str) {
        let time = self.time();
        self.document.push(Line::plain(format!("    {time}{text}")));
    }

    fn time(&self) -> String {
        if texts(self.scene.release).monitors_print_times {
            format!("{}: ", self.scene.now.rfc3339())
        } else {
            String::new()
        }
    }
}

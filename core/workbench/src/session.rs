//! A world with a person at its terminal: the cluster, the working folder, and the command that is
//! being followed.
//!
//! Belongs here: doing a line, letting time pass, and what the terminal prints meanwhile. The page,
//! the native shell and transcripts all sit on this.

use yurt_engine::{Cluster, Fault};
use yurt_jobspec::render;
use yurt_model::{Release, Time};
use yurt_state::Store;

use crate::command::{self, Command, CommandError, Execution, Lines, Monitor};
use crate::files::Files;
use crate::view::{LineCompletionView, PlanView};
use crate::world::{self, World};
use crate::world_file;

/// The seed of a world when nobody gives one.
pub const DEFAULT_SEED: u64 = 11;

/// The exit status of a command that was interrupted.
pub const INTERRUPTED: i32 = 130;

/// A cluster, a folder and a terminal.
#[derive(Debug)]
pub struct Session {
    cluster: Cluster,
    /// The working folder.
    pub files: Files,
    following: Option<Box<Monitor>>,
}

/// What appeared in the terminal.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Printed {
    /// The lines.
    pub document: Lines,
    /// The exit status of a command that ended.
    pub status: Option<i32>,
    /// The plan that a `job plan` made; `None` inside when it was refused.
    pub plan: Option<Option<Box<PlanView>>>,
}

impl Session {
    /// A fresh world: the cluster of the recordings, with that seed.
    pub fn new(seed: u64, release: Release) -> Self {
        Self::on(world::default_cluster(seed, release))
    }

    /// A terminal on that cluster, with an empty folder.
    pub fn on(cluster: Cluster) -> Self {
        Self {
            cluster,
            files: Files::default(),
            following: None,
        }
    }

    /// The simulated time.
    pub fn now(&self) -> Time {
        self.cluster.now()
    }

    /// What the servers know.
    pub fn store(&self) -> &Store {
        self.cluster.store()
    }

    /// Whose texts and defaults hold.
    pub fn release(&self) -> Release {
        self.cluster.release()
    }

    /// The cluster.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// A command is being followed.
    pub fn is_following(&self) -> bool {
        self.following.is_some()
    }

    /// When something happens next by itself, in the cluster or in the command that is followed.
    pub fn next_event(&self) -> Option<Time> {
        let own = world::next_wakeup(&self.cluster);
        let due = self.following.as_ref().map(|monitor| monitor.due());
        let due = due.filter(|due| *due > self.now());
        match (own, due) {
            (Some(own), Some(due)) => Some(own.min(due)),
            (own, due) => own.or(due),
        }
    }

    /// Does a line. A command that was being followed is let go of.
    pub fn execute(&mut self, line: &str) -> Printed {
        self.following = None;
        let command = match command::parse(line) {
            Ok(command) => command,
            Err(error) => return failed(error),
        };
        let is_plan = matches!(command, Command::JobPlan(_));
        let mut world = World::new(&mut self.cluster, &self.files);
        let mut printed = match command.execute(&mut world) {
            Ok(Execution::Done(done)) => Printed {
                document: done.document,
                status: Some(done.status),
                plan: is_plan.then_some(done.plan),
            },
            Ok(Execution::Follow(document, monitor)) => {
                self.following = Some(monitor);
                Printed {
                    document,
                    ..Printed::default()
                }
            }
            Err(error) => failed(error),
        };
        if is_plan && printed.plan.is_none() {
            printed.plan = Some(None);
        }
        printed
    }

    /// Lets time pass. A command that is followed looks at every event on the way.
    pub fn advance_to(&mut self, until: Time) -> Printed {
        let mut printed = Printed::default();
        while let Some(monitor) = &mut self.following {
            let next = world::next_wakeup(&self.cluster).unwrap_or(until);
            let next = match monitor.due() {
                due if due > self.cluster.now() => next.min(due),
                _ => next,
            };
            let next = next.min(until);
            self.cluster.run_until(next);
            let polled = monitor.poll(world::scene(&self.cluster));
            printed.document.extend(polled.document);
            if polled.status.is_some() {
                printed.status = polled.status;
                self.following = None;
            }
            if next >= until {
                return printed;
            }
        }
        self.cluster.run_until(until);
        printed
    }

    /// Ctrl-C: lets go of the command that is followed.
    pub fn interrupt(&mut self) -> Printed {
        let followed = self.following.take();
        Printed {
            status: followed.map(|_| INTERRUPTED),
            ..Printed::default()
        }
    }

    /// What Tab makes of a line.
    pub fn complete(&self, line: &str) -> LineCompletionView {
        command::complete(line, world::scene(&self.cluster), &self.files)
    }

    /// Kills a node or starts it again; false when there is none of that name.
    pub fn set_node_up(&mut self, name: &str, up: bool) -> bool {
        let fault = if up {
            Fault::NodeStarts
        } else {
            Fault::NodeStops
        };
        world::fault(&mut self.cluster, name, fault)
    }

    /// Cuts a node off from the servers, until it is up again: its machine works on. False when
    /// there is none of that name.
    pub fn cut_node(&mut self, name: &str) -> bool {
        world::fault(&mut self.cluster, name, Fault::NodeCut)
    }

    /// The nodes that a file of a world describes join this one. The answer is how many; the error
    /// is what is wrong with the file, or with them.
    pub fn join(&mut self, file: &str, source: &str) -> Result<usize, String> {
        let seed = self.cluster.config().seed;
        let nodes = world_file::nodes(file, source, seed).map_err(|errors| render(&errors))?;
        let count = nodes.len();
        world::join(&mut self.cluster, nodes).map_err(|text| format!("{file}: {text}"))?;
        Ok(count)
    }

    /// What images do, as text.
    pub fn images_text(&self) -> String {
        let mut text = String::from(
            "Images start in a moment and run for ever, except those whose tag ends in\n  \
             -crash      exits with status 1 after 2s\n  \
             -slow       takes 8s to start\n  \
             -missing    cannot be pulled\n  \
             -oom        is killed after 4s: it wants more memory than it has\n  \
             -unhealthy  fails its checks\n  \
             -flaky      exits with status 1 after 5s, every other time\n  \
             and those with batch in their name, which exit with status 0 after 3s.\n",
        );
        for (image, behaviour) in self.cluster.config().images.listed() {
            text.push_str(&format!("{image}: {behaviour}\n"));
        }
        text
    }
}

fn failed(error: CommandError) -> Printed {
    Printed {
        document: error.document,
        status: Some(error.status),
        plan: None,
    }
}

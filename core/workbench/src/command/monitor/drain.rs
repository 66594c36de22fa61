//! Following a drain: what becomes of each allocation of the node, until all of them have stopped.

use std::collections::BTreeMap;

use yurt_model::{AllocClientStatus, AllocId, Allocation, JobType, NodeId};

use super::{Outcome, Printer};
use crate::view::Line;

/// What was seen of an allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    client: AllocClientStatus,
    is_marked: bool,
    is_stopping: bool,
}

impl Seen {
    fn of(alloc: &Allocation) -> Self {
        Self {
            client: alloc.client_status,
            is_marked: alloc.desired_transition.should_migrate(),
            is_stopping: alloc.is_server_terminal(),
        }
    }
}

/// What was seen of a drain.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    node: NodeId,
    ignores_system_jobs: bool,
    began: bool,
    is_complete: bool,
    allocs: BTreeMap<AllocId, Seen>,
}

impl Progress {
    pub(super) fn new(node: NodeId, ignores_system_jobs: bool) -> Self {
        Self {
            node,
            ignores_system_jobs,
            began: false,
            is_complete: false,
            allocs: BTreeMap::new(),
        }
    }

    pub(super) fn look(&mut self, printer: &mut Printer<'_, '_>) -> Outcome {
        let Some(node) = printer.scene.store.node(self.node).cloned() else {
            return Outcome::Ended(1);
        };
        let allocs: Vec<_> = printer
            .scene
            .store
            .allocs_of_node(self.node)
            .cloned()
            .collect();
        for alloc in &allocs {
            let now = Seen::of(alloc);
            let before = self.allocs.insert(alloc.id, now);
            // What has ended before is no news, nor is how things stand at the beginning.
            if let Some(before) = before.or(self.began.then_some(now)) {
                self.tell(printer, alloc, before, now);
            }
        }
        self.began = true;
        if !self.is_complete && node.drain.is_none() {
            self.is_complete = true;
            say(printer, &format!("Node \"{}\" drain complete", node.id));
        }
        let stays =
            |alloc: &Allocation| self.ignores_system_jobs && alloc.job.spec.kind == JobType::System;
        let runs = |alloc: &Allocation| !alloc.is_client_terminal() && !stays(alloc);
        if self.is_complete && !allocs.iter().any(|alloc| runs(alloc)) {
            say(
                printer,
                &format!("All allocations on node \"{}\" have stopped.", node.id),
            );
            return Outcome::Ended(0);
        }
        Outcome::Goes
    }

    fn tell(&self, printer: &mut Printer<'_, '_>, alloc: &Allocation, before: Seen, now: Seen) {
        let id = alloc.id;
        if now.is_marked && !before.is_marked {
            say(printer, &format!("Alloc \"{id}\" marked for migration"));
        }
        if now.is_stopping && !before.is_stopping && now.is_marked {
            say(printer, &format!("Alloc \"{id}\" draining"));
        }
        if now.client != before.client {
            let (old, new) = (before.client, now.client);
            say(printer, &format!("Alloc \"{id}\" status {old} -> {new}"));
        }
    }
}

/// A line with the time in front.
fn say(printer: &mut Printer<'_, '_>, text: &str) {
    let now = printer.scene.now.rfc3339();
    printer.document.push(Line::plain(format!("{now}: {text}")));
}

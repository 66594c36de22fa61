//! Following a deployment: its block is printed again whenever it changes.

use yurt_model::{DeploymentId, DeploymentStatus, Index};

use super::{Outcome, Printer};
use crate::command::part;
use crate::view::Line;

/// What was seen of a deployment.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    id: DeploymentId,
    seen: Option<Index>,
}

impl Progress {
    pub(super) fn new(id: DeploymentId) -> Self {
        Self { id, seen: None }
    }

    pub(super) fn look(&mut self, printer: &mut Printer<'_, '_>) -> Outcome {
        if self.seen.is_none() {
            let short = printer.id(self.id.0);
            printer.heading(&format!("Monitoring deployment \"{short}\""));
        }
        let Some(deployment) = printer.scene.store.deployment(self.id).cloned() else {
            let id = self.id;
            printer.event(&format!("No deployment with id \"{id}\" found"));
            return Outcome::Ended(1);
        };
        if self.seen != Some(deployment.modify_index) {
            self.seen = Some(deployment.modify_index);
            printer.document.push(Line::plain("    "));
            let now = printer.scene.now.rfc3339();
            printer.document.push(Line::plain(now));
            let block = part::deployment::block(printer.scene, &deployment, printer.verbose);
            printer.document.extend(block);
        }
        match deployment.status {
            DeploymentStatus::Running | DeploymentStatus::Paused => Outcome::Goes,
            DeploymentStatus::Successful => Outcome::Ended(0),
            DeploymentStatus::Failed | DeploymentStatus::Cancelled => Outcome::Ended(1),
        }
    }
}

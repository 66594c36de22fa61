//! Following what a task writes.

use yurt_engine::{ImageCatalogue, task_logs};
use yurt_model::{AllocId, Name, Time};

use super::{Outcome, Printer};
use crate::view::Line;

/// What was shown of a task's logs.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    images: ImageCatalogue,
    alloc: AllocId,
    task: Name,
    /// Whether standard output and standard error are shown.
    streams: (bool, bool),
    /// Everything by then was shown.
    shown: Time,
}

impl Progress {
    pub(super) fn new(
        images: ImageCatalogue,
        alloc: AllocId,
        task: &str,
        streams: (bool, bool),
        shown: Time,
    ) -> Self {
        Self {
            images,
            alloc,
            task: task.into(),
            streams,
            shown,
        }
    }

    pub(super) fn look(&mut self, printer: &mut Printer<'_, '_>) -> Outcome {
        let now = printer.scene.now;
        let Some(alloc) = printer.scene.store.alloc(self.alloc).cloned() else {
            return Outcome::Ended(1);
        };
        for line in task_logs(&self.images, &alloc, &self.task, now) {
            let (output, error) = self.streams;
            let is_wanted = if line.is_error { error } else { output };
            if line.at > self.shown && is_wanted {
                printer.document.push(Line::plain(line.text.to_string()));
            }
        }
        self.shown = now;
        if alloc.is_client_terminal() {
            return Outcome::Ended(0);
        }
        Outcome::Goes
    }
}

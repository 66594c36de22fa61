//! Following an evaluation.

use std::collections::BTreeMap;
use std::rc::Rc;

use yurt_model::{
    AllocClientStatus, AllocId, Allocation, DeploymentId, Duration, EvalId, EvalStatus, Evaluation,
    Time,
};

use super::{Outcome, Printer};
use crate::command::part::failure::reasons;

/// How long the reference waits between two looks at an evaluation.
const INTERVAL: Duration = Duration::from_secs(1);

/// The exit status when not everything could be placed.
const PLACEMENT_FAILED: i32 = 2;

/// What was seen of an evaluation.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    id: EvalId,
    due: Time,
    began: bool,
    told_trigger: bool,
    deployment: Option<DeploymentId>,
    status: EvalStatus,
    allocs: BTreeMap<AllocId, AllocClientStatus>,
}

impl Progress {
    pub(super) fn new(id: EvalId) -> Self {
        Self {
            id,
            due: Time::ZERO,
            began: false,
            told_trigger: false,
            deployment: None,
            status: EvalStatus::Pending,
            allocs: BTreeMap::new(),
        }
    }

    pub(super) fn due(&self) -> Time {
        self.due
    }

    pub(super) fn look(&mut self, printer: &mut Printer<'_, '_>) -> Outcome {
        self.due = printer.scene.now + INTERVAL;
        let short = printer.id(self.id.0);
        if !self.began {
            self.began = true;
            printer.heading(&format!("Monitoring evaluation \"{short}\""));
        }
        let Some(eval) = printer.scene.store.eval(self.id).cloned() else {
            let id = self.id;
            printer.event(&format!("No evaluation with id \"{id}\" found"));
            return Outcome::Ended(1);
        };
        self.tell_changes(printer, &eval);
        if !eval.status.is_terminal() {
            return Outcome::Goes;
        }
        let status = self.tell_end(printer, &eval);
        match (&eval.next_eval, eval.deployment_id) {
            (Some(next), _) => {
                let next = *next;
                let short = printer.id(next.0);
                printer.heading(&format!("Monitoring next evaluation \"{short}\""));
                *self = Self {
                    began: true,
                    due: self.due,
                    ..Self::new(next)
                };
                Outcome::Goes
            }
            (None, Some(deployment)) => Outcome::Deployment(deployment, status),
            (None, None) => Outcome::Ended(status),
        }
    }

    fn tell_changes(&mut self, printer: &mut Printer<'_, '_>, eval: &Evaluation) {
        if !self.told_trigger {
            self.told_trigger = true;
            match eval.node_id {
                Some(node) => {
                    let node = printer.id(node.0);
                    printer.event(&format!("Evaluation triggered by node \"{node}\""));
                }
                None => {
                    let job = &eval.job_id;
                    printer.event(&format!("Evaluation triggered by job \"{job}\""));
                }
            }
        }
        if let Some(deployment) = eval.deployment_id
            && self.deployment != Some(deployment)
        {
            self.deployment = Some(deployment);
            let id = printer.id(deployment.0);
            printer.event(&format!("Evaluation within deployment: \"{id}\""));
        }
        let key = eval.job_key();
        let allocs: Vec<Rc<Allocation>> = printer
            .scene
            .store
            .allocs_of_job(&key)
            .filter(|alloc| alloc.eval_id == eval.id)
            .cloned()
            .collect();
        for alloc in allocs {
            self.tell_alloc(printer, eval, &alloc);
        }
        if self.status != eval.status {
            let (old, new) = (self.status, eval.status);
            self.status = new;
            printer.event(&format!(
                "Evaluation status changed: \"{old}\" -> \"{new}\""
            ));
        }
    }

    fn tell_alloc(&mut self, printer: &mut Printer<'_, '_>, eval: &Evaluation, alloc: &Allocation) {
        let id = printer.id(alloc.id.0);
        let status = alloc.client_status;
        match self.allocs.insert(alloc.id, status) {
            None => {
                let verb = if alloc.create_index > eval.create_index {
                    "created"
                } else {
                    "modified"
                };
                let (node, group) = (printer.id(alloc.node_id.0), &alloc.group);
                printer.event(&format!(
                    "Allocation \"{id}\" {verb}: node \"{node}\", group \"{group}\""
                ));
            }
            Some(old) if old != status => {
                let description = &alloc.client_description;
                printer.event(&format!(
                    "Allocation \"{id}\" status changed: \"{old}\" -> \"{status}\" ({description})"
                ));
            }
            Some(_) => (),
        }
    }

    fn tell_end(&self, printer: &mut Printer<'_, '_>, eval: &Evaluation) -> i32 {
        let short = printer.id(self.id.0);
        let ended = format!(
            "Evaluation \"{short}\" finished with status \"{}\"",
            eval.status
        );
        if eval.failed_groups.is_empty() {
            printer.heading(&ended);
            return i32::from(eval.status != EvalStatus::Complete);
        }
        printer.heading(&format!("{ended} but failed to place all allocations:"));
        for (group, metric) in &eval.failed_groups {
            let count = metric.coalesced_failures + 1;
            let plural = if count == 1 { "" } else { "s" };
            printer.event(&format!(
                "Task Group \"{group}\" (failed to place {count} allocation{plural}):"
            ));
            let lines = reasons(metric, "      ");
            printer.document.extend(crate::command::part::plain(lines));
        }
        if let Some(blocked) = eval.blocked_eval {
            let blocked = printer.id(blocked.0);
            printer.event(&format!(
                "Evaluation \"{blocked}\" waiting for additional capacity to place remainder"
            ));
        }
        PLACEMENT_FAILED
    }
}

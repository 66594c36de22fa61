//! Lists of evaluations.

use yurt_model::{EvalStatus, Evaluation, InOrder, Release};

use super::Length;
use crate::command::columns::{self, row};
use crate::command::release;

/// `true`, `false`, or that it is not known yet.
pub(crate) fn placement_failures(eval: &Evaluation) -> String {
    match eval.status {
        EvalStatus::Pending | EvalStatus::Blocked => "N/A - In Progress".into(),
        EvalStatus::Complete | EvalStatus::Failed | EvalStatus::Canceled => {
            (!eval.failed_groups.is_empty()).to_string()
        }
    }
}

/// Newest first.
pub(crate) fn newest_first(evals: &mut [std::rc::Rc<Evaluation>]) {
    evals.put_in_order_by_key(|eval| (std::cmp::Reverse(eval.create_index), eval.id));
}

/// A job's evaluations within its status.
pub(crate) fn within_job(evals: &[std::rc::Rc<Evaluation>], verbose: bool) -> Vec<String> {
    let mut rows = vec![row([
        "ID",
        "Priority",
        "Triggered By",
        "Status",
        "Placement Failures",
    ])];
    rows.extend(evals.iter().map(|eval| {
        vec![
            Length::of(verbose).id(eval.id.0),
            eval.priority.to_string(),
            eval.triggered_by.to_string(),
            eval.status.to_string(),
            placement_failures(eval),
        ]
    }));
    columns::list(&rows)
}

/// Evaluations of any jobs.
pub(crate) fn table(
    release: Release,
    evals: &[std::rc::Rc<Evaluation>],
    verbose: bool,
) -> Vec<String> {
    if evals.is_empty() {
        return vec!["No evals found".into()];
    }
    let length = Length::of(verbose);
    let mut rows = vec![row([
        "ID",
        "Priority",
        "Triggered By",
        "Job ID",
        "Namespace",
        "Node ID",
        "Status",
        "Placement Failures",
    ])];
    rows.extend(evals.iter().map(|eval| {
        vec![
            length.id(eval.id.0),
            eval.priority.to_string(),
            eval.triggered_by.to_string(),
            eval.job_id.to_string(),
            eval.namespace.to_string(),
            eval.node_id.map(|id| length.id(id.0)).unwrap_or_default(),
            eval.status.to_string(),
            placement_failures(eval),
        ]
    }));
    columns::list(&release::columns(rows, release))
}

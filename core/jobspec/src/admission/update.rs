//! What only submitting a job asks: which job may replace which (spec: jobspec 17), and what is
//! refused before admission (spec: jobspec 2.1).

use serde_json::Value;
use yurt_model::JobSpec;

use crate::document::View;

/// Whether servers look at a job at all: they scale no system jobs. The status of the answer is 400
/// rather than 500. Plans and validation do not ask this.
pub fn check_submission(document: &Value) -> Result<(), &'static str> {
    let job = View(document);
    let mut groups = job.objects("TaskGroups");
    if job.text("Type") == "system" && groups.any(|group| group.has("Scaling")) {
        return Err("Task groups with job type system do not support scaling blocks");
    }
    Ok(())
}

/// Whether a job may be registered over the one that is stored. Plans do not ask this.
pub fn check_update(old: &JobSpec, new: &JobSpec) -> Result<(), String> {
    if old.kind != new.kind {
        return Err(format!(
            "cannot update job from type \"{}\" to \"{}\"",
            old.kind, new.kind
        ));
    }
    let kept = [
        (old.periodic.is_some(), new.periodic.is_some(), "periodic"),
        (
            old.parameterized.is_some(),
            new.parameterized.is_some(),
            "parameterized",
        ),
    ];
    for (was, is, what) in kept {
        match (was, is) {
            (true, false) => {
                return Err(format!("cannot update {what} job to being non-{what}"));
            }
            (false, true) => {
                return Err(format!("cannot update non-{what} job to being {what}"));
            }
            _ => {}
        }
    }
    Ok(())
}

//! Which job may replace which (spec: jobspec 17).

use yurt_model::JobSpec;

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

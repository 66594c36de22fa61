//! From what a person typed to the thing that is meant: found, not found, or several.

use std::rc::Rc;

use yurt_model::{Allocation, Deployment, Evaluation, Job, JobKey, Name, Node};
use yurt_state::Found;

use super::flags::Common;
use super::part::{self, Scene};
use super::{CommandError, columns, release};

/// What the index says of a prefix that is not hexadecimal; `None` when it is.
fn invalid_hexadecimal(prefix: &str) -> Option<String> {
    // Hyphens do not count, and of an odd number of digits the last one is looked at later.
    let mut digits: Vec<char> = prefix.chars().filter(|c| *c != '-').collect();
    digits.truncate(digits.len() & !1);
    let bad = digits.into_iter().find(|c| !c.is_ascii_hexdigit())?;
    let code = u32::from(bad);
    Some(format!(
        "index error: Invalid UUID: encoding/hex: invalid byte: U+{code:04X} '{bad}'"
    ))
}

/// The value of a flag that is a number from 0.
pub(crate) fn number(flag: &str, text: &str) -> Result<u64, CommandError> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number).ok_or_else(|| {
        let reason = if is_number {
            "value out of range"
        } else {
            "invalid syntax"
        };
        CommandError::new(format!(
            "Error parsing {flag} value \"{text}\": strconv.ParseUint: parsing \"{text}\": {reason}"
        ))
    })
}

/// The name of a task of an allocation, or an error that says which there are.
pub(crate) fn task(alloc: &Allocation, name: &str) -> Result<Name, CommandError> {
    let tasks = alloc.task_group().map_or(&[][..], |group| &group.tasks);
    let mut found = tasks.iter().filter(|task| *task.name == *name);
    found.next().map(|task| task.name.clone()).ok_or_else(|| {
        let names = tasks.iter().map(|task| format!("\n* {}", task.name));
        let names: String = names.collect();
        CommandError::new(format!("Could not find task named: {name}, found:{names}"))
    })
}

/// The refusal of a server that could not look something up.
fn refused(what: &str, reason: &str) -> CommandError {
    CommandError::new(format!("{what}: Unexpected response code: 500 ({reason})"))
}

/// The job with that id, or the only one whose id begins so.
pub(crate) fn job(
    scene: Scene<'_>,
    common: &Common,
    prefix: &str,
) -> Result<Rc<Job>, CommandError> {
    let exact = JobKey {
        namespace: common.namespace().into(),
        id: prefix.into(),
    };
    if let Some(job) = scene.store.job(&exact) {
        return Ok(job.clone());
    }
    let mut jobs = jobs_with_prefix(scene, common, prefix);
    match jobs.len() {
        0 => Err(no_job(prefix)),
        1 => Ok(jobs.remove(0)),
        _ => {
            let table = part::jobs::table(scene, &jobs).join("\n");
            Err(CommandError::new(format!(
                "Prefix matched multiple jobs\n\n{table}"
            )))
        }
    }
}

/// The job of one kind (`periodic`, `parameterized`) with that id, or the only one of that kind
/// whose id begins so.
pub(crate) fn parent(
    scene: Scene<'_>,
    common: &Common,
    kind: &str,
    prefix: &str,
    is_of_kind: impl Fn(&Job) -> bool,
) -> Result<Rc<Job>, CommandError> {
    let mut jobs = jobs_with_prefix(scene, common, prefix);
    jobs.retain(|job| is_of_kind(job));
    if let Some(exact) = jobs.iter().find(|job| job.id().as_str() == prefix) {
        return Ok(exact.clone());
    }
    match jobs.len() {
        0 => Err(CommandError::new(format!(
            "No {kind} job(s) with prefix or ID \"{prefix}\" found"
        ))),
        1 => Ok(jobs.remove(0)),
        _ => {
            let table = part::jobs::table(scene, &jobs).join("\n");
            Err(CommandError::new(format!(
                "Prefix matched multiple {kind} jobs\n\n{table}"
            )))
        }
    }
}

/// The jobs of the namespace whose id begins so, by id.
pub(crate) fn jobs_with_prefix(scene: Scene<'_>, common: &Common, prefix: &str) -> Vec<Rc<Job>> {
    let all = common.namespace() == "*";
    let jobs = scene.store.jobs();
    jobs.filter(|job| all || &*job.spec.namespace == common.namespace())
        .filter(|job| job.id().as_str().starts_with(prefix))
        .cloned()
        .collect()
}

/// No job begins so.
pub(crate) fn no_job(prefix: &str) -> CommandError {
    CommandError::new(format!("No job(s) with prefix or ID \"{prefix}\" found"))
}

/// The deployment whose id begins so.
pub(crate) fn deployment(scene: Scene<'_>, prefix: &str) -> Result<Rc<Deployment>, CommandError> {
    if let Some(reason) = invalid_hexadecimal(prefix) {
        return Err(refused("Error retrieving deployment", &reason));
    }
    match scene.store.deployments_by_prefix(prefix) {
        Found::One(deployment) => Ok(deployment),
        Found::Nothing => Err(CommandError::new(format!(
            "Error retrieving deployment: Deployment ID \"{prefix}\" matched no deployments"
        ))),
        Found::Several(deployments) => {
            let deployments = deployments.iter().map(|deployment| &**deployment);
            let table = part::deployment::table(scene, deployments, false).join("\n");
            Err(CommandError::new(format!(
                "Error retrieving deployment: Prefix matched multiple deployments\n\n{table}"
            )))
        }
    }
}

/// The allocation whose id begins so.
pub(crate) fn alloc(scene: Scene<'_>, prefix: &str) -> Result<Rc<Allocation>, CommandError> {
    if prefix.chars().count() == 1 {
        return Err(CommandError::new(
            "Identifier must contain at least two characters.",
        ));
    }
    if let Some(reason) = invalid_hexadecimal(prefix) {
        let reason = format!("alloc lookup failed: {reason}");
        return Err(refused("Error querying allocation", &reason));
    }
    match scene.store.allocs_by_prefix(prefix) {
        Found::One(alloc) => Ok(alloc),
        Found::Nothing => Err(CommandError::new(format!(
            "No allocation(s) with prefix or id \"{prefix}\" found"
        ))),
        Found::Several(mut allocs) => {
            part::allocs::newest_first(&mut allocs);
            let table = part::allocs::table(scene, &allocs, false).join("\n");
            Err(CommandError::new(format!(
                "Prefix matched multiple allocations\n\n{table}"
            )))
        }
    }
}

/// The evaluation whose id begins so.
pub(crate) fn eval(scene: Scene<'_>, prefix: &str) -> Result<Rc<Evaluation>, CommandError> {
    if prefix.chars().count() == 1 {
        return Err(CommandError::new(
            "Identifier must contain at least two characters.",
        ));
    }
    if let Some(reason) = invalid_hexadecimal(prefix) {
        let reason = format!("eval lookup failed: {reason}");
        return Err(refused("Error querying evaluation", &reason));
    }
    match scene.store.evals_by_prefix(prefix) {
        Found::One(eval) => Ok(eval),
        Found::Nothing => Err(CommandError::new(format!(
            "No evaluation(s) with prefix or id \"{prefix}\" found"
        ))),
        Found::Several(mut evals) => {
            part::evals::newest_first(&mut evals);
            let table = part::evals::table(scene.release, &evals, false).join("\n");
            Err(CommandError::new(format!(
                "Prefix matched multiple evaluations\n\n{table}"
            )))
        }
    }
}

/// The node whose id begins so; `doing` is the reference's text for what failed.
pub(crate) fn node(scene: Scene<'_>, doing: &str, prefix: &str) -> Result<Rc<Node>, CommandError> {
    if prefix.chars().count() == 1 {
        return Err(CommandError::new(
            "Identifier must contain at least two characters.",
        ));
    }
    if let Some(reason) = invalid_hexadecimal(prefix) {
        return Err(refused(doing, &format!("node lookup failed: {reason}")));
    }
    match scene.store.nodes_by_prefix(prefix) {
        Found::One(node) => Ok(node),
        Found::Nothing => Err(CommandError::new(format!(
            "No node(s) with prefix or id \"{prefix}\" found"
        ))),
        Found::Several(nodes) => {
            let mut rows = vec![columns::row([
                "ID",
                "Node Pool",
                "DC",
                "Name",
                "Class",
                "Drain",
                "Eligibility",
                "Status",
            ])];
            rows.extend(nodes.iter().map(|node| part::node_cells(node)));
            let table = columns::list(&release::columns(rows, scene.release)).join("\n");
            Err(CommandError::new(format!(
                "Prefix matched multiple nodes\n\n{table}"
            )))
        }
    }
}

/// The version of a job that has the tag.
pub(super) fn tagged<'s>(
    scene: Scene<'s>,
    job: &JobKey,
    tag: &str,
) -> Result<&'s Rc<Job>, CommandError> {
    let found = scene.store.tagged_version(job, tag);
    found.ok_or_else(|| no_version(&format!("tag \"{tag}\" not found")))
}

/// The error of a version that is not there; `reason` is what servers say.
pub(super) fn no_version(reason: &str) -> CommandError {
    let answer = "Error retrieving job versions: Unexpected response code: 404";
    CommandError::new(format!("{answer} ({reason})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_hexadecimal() {
        assert_eq!(invalid_hexadecimal("00000000"), None);
        assert_eq!(invalid_hexadecimal("60fd6225-f4ca"), None);
        assert_eq!(
            invalid_hexadecimal("60fd622x"),
            Some("index error: Invalid UUID: encoding/hex: invalid byte: U+0078 'x'".into())
        );
        assert!(invalid_hexadecimal("nope").unwrap().ends_with("U+006E 'n'"));
        assert!(
            invalid_hexadecimal("not-hex")
                .unwrap()
                .ends_with("U+006E 'n'")
        );
    }
}

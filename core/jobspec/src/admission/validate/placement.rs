//! Rules about constraints, affinities and spreads (spec: jobspec 15.5).

use super::version;
use crate::admission::issues::Issues;
use crate::document::View;
use crate::functions::pattern;

/// The job's own.
pub(super) fn job(job: View<'_>, issues: &mut Issues) {
    constraints(job, "", issues);
    let is_system = job.text("Type") == "system";
    if is_system && job.has("Affinities") {
        issues.add("affinity.0", "System jobs may not have an affinity block");
    } else {
        affinities(job, "", issues);
    }
    if is_system && job.has("Spreads") {
        issues.add("spread.0", "System jobs may not have a spread block");
    } else {
        spreads(job, "", issues);
    }
}

fn inside(at: &str, member: &str) -> String {
    match at {
        "" => member.to_owned(),
        _ => format!("{at}.{member}"),
    }
}

/// The constraints of a job, a group, a task or a device.
pub(super) fn constraints(owner: View<'_>, at: &str, issues: &mut Issues) {
    for (i, constraint) in owner.objects("Constraints").enumerate() {
        let at = inside(at, &format!("constraint.{i}"));
        let heading = format!("Constraint {} validation failed: ", i + 1);
        issues.nest(heading, one_constraint(constraint, &at));
    }
}

fn one_constraint(constraint: View<'_>, at: &str) -> Issues {
    let mut issues = Issues::default();
    let operand = constraint.text("Operand");
    let (left, right) = (constraint.text("LTarget"), constraint.text("RTarget"));
    let value = format!("{at}.value");
    match operand {
        "" => {
            issues.add(format!("{at}.operator"), "Missing constraint operand");
            return issues;
        }
        "distinct_hosts" => return issues,
        "is_set" | "is_not_set" if !right.is_empty() => {
            let text = format!("Operator {operand:?} does not support an RTarget");
            issues.add(value, text);
        }
        "is_set" | "is_not_set" => {}
        "set_contains" | "set_contains_all" | "set_contains_any" => {
            if right.is_empty() {
                issues.add(value, "Set contains constraint requires an RTarget");
            }
        }
        "regexp" => {
            if let Err(error) = pattern::check(right) {
                let text =
                    format!("Regular expression failed to compile: error parsing regexp: {error}");
                issues.add(value, text);
            }
        }
        "version" => {
            if let Err(error) = version::version(right) {
                issues.add(value, format!("Version constraint is invalid: {error}"));
            }
        }
        "semver" => {
            if let Err(error) = version::semver(right) {
                issues.add(value, format!("Semver constraint is invalid: {error}"));
            }
        }
        "distinct_property" => distinct_property(right, value, &mut issues),
        _ if is_comparison(operand) => {
            if right.is_empty() {
                issues.add(value, format!("Operator {operand:?} requires an RTarget"));
            }
        }
        _ => {
            let text = format!("Unknown constraint type {operand:?}");
            issues.add(format!("{at}.operator"), text);
        }
    }
    if let Err(text) = attribute(left) {
        issues.add(format!("{at}.attribute"), text);
    }
    issues
}

fn is_comparison(operand: &str) -> bool {
    matches!(
        operand,
        "=" | "==" | "is" | "!=" | "not" | "<" | "<=" | ">" | ">="
    )
}

fn distinct_property(right: &str, at: String, issues: &mut Issues) {
    if right.is_empty() {
        return;
    }
    match right.parse::<u64>() {
        Ok(0) => {
            let text = "Distinct Property must have an allowed count of 1 or greater: 0 < 1";
            issues.add(at, text);
        }
        Ok(_) => {}
        Err(_) => {
            let is_number = right.bytes().all(|byte| byte.is_ascii_digit());
            let reason = if is_number {
                "value out of range"
            } else {
                "invalid syntax"
            };
            let text = format!(
                "Failed to convert RTarget {right:?} to uint64: strconv.ParseUint: parsing \
                 {right:?}: {reason}"
            );
            issues.add(at, text);
        }
    }
}

/// Whether a left side names something a node has. Text that does not start with `$` is itself.
fn attribute(left: &str) -> Result<(), String> {
    const EXACT: [&str; 5] = [
        "${node.unique.id}",
        "${node.datacenter}",
        "${node.unique.name}",
        "${node.class}",
        "${node.pool}",
    ];
    if left.is_empty() {
        return Err("no attribute provided but is required by operator".to_owned());
    }
    if !left.starts_with('$') || EXACT.contains(&left) {
        return Ok(());
    }
    if !left.starts_with("${") {
        return Err(format!("attribute {left:?} is missing an opening brace"));
    }
    if !left.ends_with('}') {
        return Err(format!("attribute {left:?} is missing a closing brace"));
    }
    let known = ["${attr.", "${device.", "${meta."];
    if known.iter().any(|prefix| left.starts_with(prefix)) {
        return Ok(());
    }
    Err(format!("unsupported attribute {left:?}"))
}

/// The affinities of a job, a group, a task or a device.
pub(super) fn affinities(owner: View<'_>, at: &str, issues: &mut Issues) {
    for (i, affinity) in owner.objects("Affinities").enumerate() {
        let at = inside(at, &format!("affinity.{i}"));
        let heading = format!("Affinity {} validation failed: ", i + 1);
        issues.nest(heading, one_affinity(affinity, &at));
    }
}

fn one_affinity(affinity: View<'_>, at: &str) -> Issues {
    let mut issues = Issues::default();
    let operand = affinity.text("Operand");
    let right = affinity.text("RTarget");
    let value = format!("{at}.value");
    match operand {
        "set_contains" | "set_contains_all" | "set_contains_any" => {
            if right.is_empty() {
                issues.add(value, "Set contains operators require an RTarget");
            }
        }
        "regexp" => {
            if let Err(error) = pattern::check(right) {
                let text =
                    format!("Regular expression failed to compile: error parsing regexp: {error}");
                issues.add(value, text);
            }
        }
        "version" => {
            if let Err(error) = version::version(right) {
                issues.add(value, format!("Version affinity is invalid: {error}"));
            }
        }
        "semver" => {
            if let Err(error) = version::semver(right) {
                issues.add(value, format!("Semver affinity is invalid: {error}"));
            }
        }
        _ if is_comparison(operand) => {
            if right.is_empty() {
                issues.add(value, format!("Operator {operand:?} requires an RTarget"));
            }
        }
        _ => {
            let text = format!("Unknown affinity operator {operand:?}");
            issues.add(format!("{at}.operator"), text);
        }
    }
    if affinity.text("LTarget").is_empty() {
        let text = "No LTarget provided but is required";
        issues.add(format!("{at}.attribute"), text);
    }
    let weight = affinity.int("Weight");
    if weight == 0 {
        issues.add(format!("{at}.weight"), "Affinity weight cannot be zero");
    }
    if !(-100..=100).contains(&weight) {
        let text = "Affinity weight must be within the range [-100,100]";
        issues.add(format!("{at}.weight"), text);
    }
    issues
}

/// The spreads of a job or a group.
pub(super) fn spreads(owner: View<'_>, at: &str, issues: &mut Issues) {
    for (i, spread) in owner.objects("Spreads").enumerate() {
        let at = inside(at, &format!("spread.{i}"));
        let heading = format!("Spread {} validation failed: ", i + 1);
        issues.nest(heading, one_spread(spread, &at));
    }
}

fn one_spread(spread: View<'_>, at: &str) -> Issues {
    let mut issues = Issues::default();
    if spread.text("Attribute").is_empty() {
        issues.add(format!("{at}.attribute"), "Missing spread attribute");
    }
    if !(1..=100).contains(&spread.int("Weight")) {
        let text = "Spread block must have a positive weight from 0 to 100";
        issues.add(format!("{at}.weight"), text);
    }
    let (mut seen, mut sum) = (Vec::new(), 0_i64);
    for target in spread.objects("SpreadTarget") {
        let (value, percent) = (target.text("Value"), target.int("Percent"));
        let at = format!("{at}.target.{value}");
        if seen.contains(&value) {
            let text = format!("Spread target value {value:?} already defined");
            issues.add(at.clone(), text);
        }
        seen.push(value);
        if !(0..=100).contains(&percent) {
            let text =
                format!("Spread target percentage for value {value:?} must be between 0 and 100");
            issues.add(at, text);
        }
        sum = sum.saturating_add(percent);
    }
    if sum > 100 {
        let text =
            format!("Sum of spread target percentages must not be greater than 100%; got {sum}%");
        issues.add(at, text);
    }
    issues
}

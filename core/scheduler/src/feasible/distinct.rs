//! `distinct_hosts` and `distinct_property` (spec: scheduling 7.3).

use std::borrow::Cow;

use yurt_model::job::Constraint;
use yurt_model::{JobSpec, Name, Node, TaskGroup};

use super::target::Target;
use super::{Verdict, is_true};
use crate::stack::ledger::Ledger;

/// A `distinct_property` constraint.
#[derive(Debug)]
struct Property {
    target: Target,
    text: Name,
    /// The group that it is about; `None` for the whole job.
    group: Option<Name>,
    /// How many allocations may share a value, or why that cannot be read.
    allowed: Result<i64, String>,
}

/// The distinct constraints that hold for one group.
#[derive(Debug)]
pub(crate) struct Distinct {
    job_hosts: bool,
    group_hosts: bool,
    group: Name,
    properties: Vec<Property>,
}

impl Distinct {
    pub(crate) fn new(spec: &JobSpec, group: &TaskGroup) -> Self {
        let of_tasks = group.tasks.iter().flat_map(|task| &task.constraints);
        let own: Vec<&Constraint> = group.constraints.iter().chain(of_tasks).collect();
        let of_job = spec.constraints.iter().map(|constraint| (constraint, None));
        let of_group = own
            .iter()
            .map(|constraint| (*constraint, Some(group.name.clone())));
        Self {
            job_hosts: spec.constraints.iter().any(wants_distinct_hosts),
            group_hosts: own
                .iter()
                .any(|constraint| wants_distinct_hosts(constraint)),
            group: group.name.clone(),
            properties: of_job
                .chain(of_group)
                .filter(|(constraint, _)| &*constraint.operand == "distinct_property")
                .map(|(constraint, group)| property(constraint, group))
                .collect(),
        }
    }

    /// Whether there is nothing that the job's other allocations must leave.
    pub(crate) fn is_empty(&self) -> bool {
        !self.job_hosts && !self.group_hosts && self.properties.is_empty()
    }

    /// Whether the job's other allocations leave room for one more on the node.
    pub(crate) fn test<'c>(&self, node: &Node, ledger: &mut Ledger<'_>) -> Verdict<'c> {
        if self.job_hosts || self.group_hosts {
            let usage = ledger.proposed.on(node.id);
            let of_group = Some(&*self.group).filter(|_| !self.job_hosts);
            if usage.holds_job(of_group) {
                return Err(Cow::Borrowed("distinct_hosts"));
            }
        }
        for property in &self.properties {
            let allowed = property.allowed.clone().map_err(Cow::Owned)?;
            let Some(value) = property.target.resolve(node) else {
                return Err(Cow::Owned(format!(
                    "missing property \"{}\"",
                    property.text
                )));
            };
            let counts = ledger.property(&property.target, property.group.as_ref());
            let used = ledger.counts(counts).used(&value);
            if used >= allowed {
                return Err(Cow::Owned(format!(
                    "distinct_property: {}={value} used by {used} allocs",
                    property.text
                )));
            }
        }
        Ok(())
    }
}

fn wants_distinct_hosts(constraint: &Constraint) -> bool {
    const FALSE: [&str; 6] = ["0", "f", "F", "false", "FALSE", "False"];
    let right = &*constraint.right;
    &*constraint.operand == "distinct_hosts" && (is_true(right) || !FALSE.contains(&right))
}

fn property(constraint: &Constraint, group: Option<Name>) -> Property {
    let right = &*constraint.right;
    let allowed = allowed(right);
    Property {
        target: Target::parse(&constraint.left),
        text: constraint.left.clone(),
        group,
        allowed,
    }
}

/// How many may share a value: one when nothing is said.
fn allowed(right: &str) -> Result<i64, String> {
    if right.is_empty() {
        return Ok(1);
    }
    let is_number = right.bytes().all(|b| b.is_ascii_digit());
    match right.parse::<u64>() {
        Ok(n) if is_number => Ok(i64::try_from(n).unwrap_or(i64::MAX)),
        _ => {
            let trouble = if is_number {
                "value out of range"
            } else {
                "invalid syntax"
            };
            Err(format!(
                "failed to convert RTarget {right:?} to uint64: \
                 strconv.ParseUint: parsing {right:?}: {trouble}"
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn how_many_may_share_a_value() {
        let not = |text: &str, trouble: &str| {
            Err(format!(
                "failed to convert RTarget \"{text}\" to uint64: \
                 strconv.ParseUint: parsing \"{text}\": {trouble}"
            ))
        };
        let big = "99999999999999999999";
        let table = [
            ("", Ok(1)),
            ("3", Ok(3)),
            ("0", Ok(0)),
            ("-1", not("-1", "invalid syntax")),
            ("+1", not("+1", "invalid syntax")),
            ("two", not("two", "invalid syntax")),
            (big, not(big, "value out of range")),
        ];
        for (right, want) in table {
            assert_eq!(allowed(right), want, "{right}");
        }
    }
}

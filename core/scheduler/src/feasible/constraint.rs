//! Constraints, read once for a job version (spec: scheduling 7.2-7.5).

use std::borrow::Cow;

use yurt_model::Node;
use yurt_model::job::{Affinity, Constraint};

use super::operand::{Operand, Prepared, holds};
use super::target::{Target, escapes};

/// A comparison of two sides on a node.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    left: Target,
    right: Target,
    operand: Operand,
    prepared: Prepared,
}

impl Condition {
    fn new(left: &str, operand: &str, right: &str) -> Self {
        let operand = Operand::parse(operand);
        let target = Target::parse(right);
        let prepared = match &target {
            Target::Literal(text) => Prepared::new(operand, text),
            _ => Prepared::Plain,
        };
        Self {
            left: Target::parse(left),
            right: target,
            operand,
            prepared,
        }
    }

    /// A preference as a condition.
    pub(crate) fn of_affinity(affinity: &Affinity) -> Self {
        Self::new(&affinity.left, &affinity.operand, &affinity.right)
    }

    /// Whether it may hold on one node of a class and not on another.
    pub(crate) fn escapes(&self) -> bool {
        self.left.is_unique() || self.right.is_unique()
    }

    /// Whether it holds on a node.
    pub(crate) fn holds_on(&self, node: &Node) -> bool {
        let left = self.left.resolve(node);
        let right = self.right.resolve(node);
        holds(
            self.operand,
            left.as_deref(),
            right.as_deref(),
            &self.prepared,
        )
    }
}

/// A constraint, ready to be tested.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    condition: Condition,
    /// The reason when it does not hold.
    text: String,
    /// It looks at single nodes.
    pub escapes: bool,
}

impl Check {
    pub(crate) fn new(constraint: &Constraint) -> Self {
        Self {
            condition: Condition::new(&constraint.left, &constraint.operand, &constraint.right),
            text: constraint.to_string(),
            escapes: escapes(&constraint.left) || escapes(&constraint.right),
        }
    }

    pub(crate) fn test(&self, node: &Node) -> Result<(), Cow<'_, str>> {
        if self.condition.holds_on(node) {
            Ok(())
        } else {
            Err(Cow::Borrowed(&self.text))
        }
    }
}

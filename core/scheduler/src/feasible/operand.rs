//! The comparisons of constraints and affinities (spec: scheduling 7.5).

use std::cmp::Ordering;

use super::version::{Form, Requirement};

/// How the two sides are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Version,
    Semver,
    Regexp,
    SetContains,
    SetContainsAny,
    IsSet,
    IsNotSet,
    /// `distinct_hosts` and `distinct_property`: decided elsewhere, passes here.
    Distinct,
    /// Never true.
    Unknown,
}

impl Operand {
    /// What the order of the sides must be, for operands that are about it.
    pub(crate) fn as_order(self) -> Option<fn(Ordering) -> bool> {
        Some(match self {
            Self::Equal => |order| order == Ordering::Equal,
            Self::NotEqual => |order| order != Ordering::Equal,
            Self::Less => |order| order == Ordering::Less,
            Self::LessOrEqual => |order| order != Ordering::Greater,
            Self::Greater => |order| order == Ordering::Greater,
            Self::GreaterOrEqual => |order| order != Ordering::Less,
            _ => return None,
        })
    }

    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "=" | "==" | "is" => Self::Equal,
            "!=" | "not" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "version" => Self::Version,
            "semver" => Self::Semver,
            "regexp" => Self::Regexp,
            "set_contains" | "set_contains_all" => Self::SetContains,
            "set_contains_any" => Self::SetContainsAny,
            "is_set" => Self::IsSet,
            "is_not_set" => Self::IsNotSet,
            "distinct_hosts" | "distinct_property" => Self::Distinct,
            _ => Self::Unknown,
        }
    }
}

/// A right side that was read once instead of for every node.
#[derive(Clone, Debug)]
pub(crate) enum Prepared {
    /// Nothing to read.
    Plain,
    /// A list of version requirements; `None` when it cannot be read.
    Requirement(Option<Requirement>),
    /// A pattern; `None` when it cannot be read.
    Pattern(Option<yurt_model::Pattern>),
    /// The items of a list.
    Items(Vec<String>),
}

impl Prepared {
    pub(crate) fn new(operand: Operand, right: &str) -> Self {
        match operand {
            Operand::Version => Self::Requirement(Requirement::parse(right, Form::Loose)),
            Operand::Semver => Self::Requirement(Requirement::parse(right, Form::Semver)),
            Operand::Regexp => Self::Pattern(yurt_model::Pattern::new(right)),
            Operand::SetContains | Operand::SetContainsAny => {
                Self::Items(items(right).map(str::to_owned).collect())
            }
            _ => Self::Plain,
        }
    }
}

/// Whether the comparison holds. `prepared` belongs to `right` when it is not plain.
pub(crate) fn holds(
    operand: Operand,
    left: Option<&str>,
    right: Option<&str>,
    prepared: &Prepared,
) -> bool {
    match operand {
        Operand::Distinct => return true,
        Operand::IsSet => return left.is_some(),
        Operand::IsNotSet => return left.is_none(),
        // A missing side is different from any text (spec: scheduling 23.4).
        Operand::NotEqual => return left != right,
        _ => (),
    }
    let (Some(left), Some(right)) = (left, right) else {
        return false;
    };
    match operand {
        Operand::Equal => left == right,
        Operand::Less => compare(left, right) == Some(Ordering::Less),
        Operand::Greater => compare(left, right) == Some(Ordering::Greater),
        Operand::LessOrEqual => {
            compare(left, right).is_some_and(|order| order != Ordering::Greater)
        }
        Operand::GreaterOrEqual => {
            compare(left, right).is_some_and(|order| order != Ordering::Less)
        }
        Operand::Version
        | Operand::Semver
        | Operand::Regexp
        | Operand::SetContains
        | Operand::SetContainsAny => match prepared {
            Prepared::Requirement(Some(requirement)) => requirement.accepts(left),
            Prepared::Pattern(Some(pattern)) => pattern.is_match(left),
            Prepared::Items(wanted) if operand == Operand::SetContains => wanted
                .iter()
                .all(|wanted| items(left).any(|item| item == wanted)),
            Prepared::Items(wanted) => items(left).any(|item| wanted.iter().any(|it| it == item)),
            Prepared::Plain => {
                let prepared = Prepared::new(operand, right);
                !matches!(prepared, Prepared::Plain)
                    && holds(operand, Some(left), Some(right), &prepared)
            }
            Prepared::Requirement(None) | Prepared::Pattern(None) => false,
        },
        _ => false,
    }
}

fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim)
}

/// As whole numbers if both are, else as fractions if both are, else as texts.
fn compare(left: &str, right: &str) -> Option<Ordering> {
    if let (Ok(left), Ok(right)) = (left.parse::<i64>(), right.parse::<i64>()) {
        return Some(left.cmp(&right));
    }
    if let (Ok(left), Ok(right)) = (left.parse::<f64>(), right.parse::<f64>()) {
        return left.partial_cmp(&right);
    }
    Some(left.cmp(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(left: &str, operand: &str, right: &str) -> bool {
        let side = |text: &'static str| (text != "-").then_some(text);
        // Leaked on purpose: a table of a few dozen texts.
        let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
        let operand = Operand::parse(operand);
        let prepared = Prepared::new(operand, right);
        holds(operand, side(leak(left)), side(leak(right)), &prepared)
    }

    #[test]
    fn the_table_of_operands() {
        // `-` is a side that was not found. Rows from scheduling SC-24 to SC-28 and 7.5.
        let table = [
            ("x", "=", "x", true),
            ("x", "==", "X", false),
            ("-", "=", "x", false),
            ("-", "!=", "x", true),
            ("x", "not", "x", false),
            ("-", "!=", "-", false),
            ("10", "<", "1", false),
            ("1", "<", "10", true),
            ("10.5", "<", "1.5", false),
            ("bar", "<", "foo", true),
            ("1", "<", "foo", true),
            ("2", ">=", "2", true),
            ("2.5", "<=", "2.25", false),
            ("1.2.3", "version", "~> 1.0", true),
            ("2.0.1", "version", "~> 1.0", false),
            ("1.4", "version", "> 0.1, < 1.5", true),
            ("1.3.0-beta1", "version", ">= 0.6.1", false),
            ("1.7.0-alpha1", "version", ">= 1.6.0-beta1", false),
            ("1.3.0-beta1", "semver", ">= 0.6.1", true),
            ("1.7.0-alpha1", "semver", ">= 1.6.0-beta1", true),
            ("1.7.0-beta", "semver", ">= 1.7.0", false),
            ("1.3.0-beta1+ent", "semver", "= 1.3.0-beta1", true),
            ("1.3.0", "semver", "~> 1.0", false),
            ("1.3rc1", "version", "= 1.3.0-rc1", true),
            ("1.3rc1", "version", "> 1.2", false),
            ("1.3rc1", "semver", "> 1.2", false),
            ("5.15.0-91-generic", "version", "> 4.19", false),
            ("5.15.0-91-generic", "semver", "> 4.19", true),
            ("20.04", "version", "~> 20.0", true),
            ("20.04", "semver", ">= 18.04, < 22.04", true),
            ("1.2.3.4", "semver", "> 1.2.3", true),
            (
                "1.2.3-ubuntu1~22.04",
                "version",
                "= 1.2.3-ubuntu1~22.04",
                true,
            ),
            ("v1.2", "version", "= 1.2.0", true),
            ("1.2+", "version", "= 1.2", false),
            ("1.2+ent.1", "version", "= 1.2", true),
            (" 1.2", "version", "= 1.2", false),
            ("1.2.", "version", ">= 0", false),
            ("1.2-", "version", ">= 0", false),
            ("1.2", "version", ">= 1.2,", false),
            ("1.2", "version", "== 1.2", false),
            ("1.2", "version", "1.2", true),
            ("1.2", "version", "!= 1.2.0", false),
            ("foo,bar,baz", "set_contains", "foo,  bar  ", true),
            ("foo,bar,baz", "set_contains", "foo,bam", false),
            ("foo,bar,baz", "set_contains_any", "foo,bam", true),
            ("foo,bar,baz", "set_contains_any", "bam", false),
            ("-", "is_not_set", "", true),
            ("", "is_set", "", true),
            ("-", "is_set", "", false),
            ("-", "distinct_hosts", "", true),
            ("x", "resembles", "x", false),
        ];
        for (left, operand, right, want) in table {
            assert_eq!(
                check(left, operand, right),
                want,
                "{left:?} {operand} {right:?}"
            );
        }
    }
}

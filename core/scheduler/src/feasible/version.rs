//! Versions and requirements on them (spec: scheduling 7.5).

use std::cmp::Ordering;

use yurt_model::Node;

/// Which of the two languages of versions is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `~>`, and pre-releases without a dash; a plain requirement never orders a pre-release.
    Loose,
    /// Pre-releases are ordered like anything else, as in Semantic Versioning 2; no `~>`.
    Semver,
}

/// A version that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    /// The numbers; at least three.
    numbers: Vec<u64>,
    /// How many were written.
    written: usize,
    /// The pre-release, empty for a release.
    pre: String,
}

impl Version {
    /// Numbers, a pre-release and a build. A loose version may leave out the dash before a
    /// pre-release that begins with a letter, as systems do: `1.3rc1`.
    pub(crate) fn parse(text: &str, form: Form) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, build) = match text.split_once('+') {
            Some((text, build)) => (text, Some(build)),
            None => (text, None),
        };
        let is_number = |c: char| c.is_ascii_digit() || c == '.';
        let end = text.find(|c| !is_number(c)).unwrap_or(text.len());
        let (core, rest) = text.split_at(end);
        let numbers: Option<Vec<u64>> = core.split('.').map(|part| part.parse().ok()).collect();
        let mut numbers = numbers?;
        let written = numbers.len();
        let pre = match rest.strip_prefix('-') {
            Some(pre) => Some(pre),
            None if rest.is_empty() => None,
            None if form == Form::Loose => Some(rest),
            None => return None,
        };
        let of_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '~');
        let is_part = |part: &str| !part.is_empty() && part.chars().all(of_part);
        let mut labels = [pre, build].into_iter().flatten();
        if !labels.all(|label| label.split('.').all(is_part)) {
            return None;
        }
        let pre = pre.unwrap_or_default();
        numbers.resize(written.max(3), 0);
        Some(Self {
            numbers,
            written,
            pre: pre.to_owned(),
        })
    }

    fn compare(&self, other: &Self) -> Ordering {
        let length = self.numbers.len().max(other.numbers.len());
        let at = |version: &Self, i: usize| version.numbers.get(i).copied().unwrap_or(0);
        (0..length)
            .map(|i| at(self, i).cmp(&at(other, i)))
            .find(|order| *order != Ordering::Equal)
            .unwrap_or_else(|| compare_pre(&self.pre, &other.pre))
    }
}

/// A release is above its pre-releases; parts that are numbers are below those that are not.
fn compare_pre(left: &str, right: &str) -> Ordering {
    match (left.is_empty(), right.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => (),
    }
    let mut lefts = left.split('.');
    let mut rights = right.split('.');
    loop {
        let order = match (lefts.next(), rights.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(left), Some(right)) => match (left.parse::<u64>(), right.parse::<u64>()) {
                (Ok(left), Ok(right)) => left.cmp(&right),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => left.cmp(right),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Pessimistic,
}

/// Whether the release of Nomad that a node reports meets a requirement; one that reports none
/// does not.
pub(crate) fn release_meets(node: &Node, requirement: &Requirement) -> bool {
    let release = node.attributes.get("nomad.version");
    release.is_some_and(|release| requirement.accepts(release))
}

/// A list of conditions that must all hold.
#[derive(Clone, Debug)]
pub(crate) struct Requirement {
    form: Form,
    parts: Vec<(Relation, Version)>,
}

impl Requirement {
    pub(crate) fn parse(text: &str, form: Form) -> Option<Self> {
        let parts: Option<Vec<_>> = text
            .split(',')
            .map(|part| parse_part(part.trim(), form))
            .collect();
        Some(Self {
            form,
            parts: parts?,
        })
    }

    /// Whether a version meets all conditions; a text that is no version does not.
    pub(crate) fn accepts(&self, text: &str) -> bool {
        Version::parse(text, self.form).is_some_and(|version| {
            self.parts
                .iter()
                .all(|(relation, wanted)| self.meets(*relation, &version, wanted))
        })
    }

    fn meets(&self, relation: Relation, version: &Version, wanted: &Version) -> bool {
        let order = version.compare(wanted);
        match relation {
            Relation::Equal => return order == Ordering::Equal,
            Relation::NotEqual => return order != Ordering::Equal,
            _ => (),
        }
        if self.form == Form::Loose && !prerelease_fits(version, wanted) {
            return false;
        }
        match relation {
            Relation::Greater => order == Ordering::Greater,
            Relation::Less => order == Ordering::Less,
            Relation::GreaterOrEqual => order != Ordering::Less,
            Relation::LessOrEqual => order != Ordering::Greater,
            Relation::Pessimistic => order != Ordering::Less && same_start(version, wanted),
            Relation::Equal | Relation::NotEqual => false,
        }
    }
}

/// A pre-release is only ordered against pre-releases of the same numbers.
fn prerelease_fits(version: &Version, wanted: &Version) -> bool {
    match (version.pre.is_empty(), wanted.pre.is_empty()) {
        (true, _) => true,
        (false, true) => false,
        (false, false) => version.numbers == wanted.numbers,
    }
}

/// `~> 1.2` allows 1.x from 1.2 on: all but the last written number stay.
fn same_start(version: &Version, wanted: &Version) -> bool {
    let kept = wanted.written.saturating_sub(1);
    version.numbers.len() >= wanted.written && version.numbers[..kept] == wanted.numbers[..kept]
}

fn parse_part(part: &str, form: Form) -> Option<(Relation, Version)> {
    let relations = [
        (">=", Relation::GreaterOrEqual),
        ("<=", Relation::LessOrEqual),
        ("!=", Relation::NotEqual),
        ("~>", Relation::Pessimistic),
        ("=", Relation::Equal),
        (">", Relation::Greater),
        ("<", Relation::Less),
    ];
    let (relation, rest) = relations
        .into_iter()
        .find_map(|(sign, relation)| part.strip_prefix(sign).map(|rest| (relation, rest)))
        .unwrap_or((Relation::Equal, part));
    if form == Form::Semver && relation == Relation::Pessimistic {
        return None;
    }
    Some((relation, Version::parse(rest.trim(), form)?))
}

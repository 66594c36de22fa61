//! What must hold whatever happens. A violation is a bug of ours, never of the person who plays.
//!
//! Belongs here: the list of rules, each with the reason why it must hold, and the three moments at
//! which rules are checked. The rules themselves are below, by the noun that they are about.

mod allocs;
mod children;
mod deployments;
mod evals;
mod jobs;
mod nodes;
mod tasks;
mod versions;

use std::fmt;

use yurt_state::Store;

/// Something that must never be, found in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which invariant.
    pub rule: &'static str,
    /// What was seen.
    pub seen: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.seen)
    }
}

/// A rule, when it is checked, and why it must hold.
pub struct Rule {
    /// What must hold.
    pub name: &'static str,
    /// Why.
    pub because: &'static str,
    check: Check,
}

/// The moment at which a rule is checked.
enum Check {
    /// After every drain.
    Always(fn(&Store, &mut Seen<'_>)),
    /// Between two drains: the store before, the store after.
    Step(fn(&Store, &Store, &mut Seen<'_>)),
    /// When nothing has happened from outside for hours and every machine is up.
    Settled(fn(&Store, &mut Seen<'_>)),
}

/// Where a rule says what it saw.
struct Seen<'a> {
    rule: &'static str,
    found: &'a mut Vec<Violation>,
}

impl Seen<'_> {
    fn note(&mut self, seen: String) {
        self.found.push(Violation {
            rule: self.rule,
            seen,
        });
    }
}

/// Every rule.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [
        nodes::RULES,
        allocs::RULES,
        deployments::RULES,
        evals::RULES,
        jobs::RULES,
        versions::RULES,
        children::RULES,
        tasks::RULES,
    ]
    .into_iter()
    .flatten()
}

/// Violations of what holds after every drain.
pub fn check(store: &Store) -> Vec<Violation> {
    let mut found = Vec::new();
    for rule in rules() {
        if let Check::Always(check) = rule.check {
            check(store, &mut rule.seen(&mut found));
        }
    }
    found
}

/// Violations of what holds between two drains.
pub fn check_step(before: &Store, after: &Store) -> Vec<Violation> {
    let mut found = Vec::new();
    for rule in rules() {
        if let Check::Step(check) = rule.check {
            check(before, after, &mut rule.seen(&mut found));
        }
    }
    found
}

/// Violations of what holds once everything has come to rest.
pub fn check_settled(store: &Store) -> Vec<Violation> {
    let mut found = Vec::new();
    for rule in rules() {
        if let Check::Settled(check) = rule.check {
            check(store, &mut rule.seen(&mut found));
        }
    }
    found
}

impl Rule {
    fn seen<'a>(&self, found: &'a mut Vec<Violation>) -> Seen<'a> {
        Seen {
            rule: self.name,
            found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_have_names_of_their_own_and_reasons() {
        let mut names: Vec<&str> = rules().map(|rule| rule.name).collect();
        assert!(names.len() >= 30, "{}", names.len());
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
        for rule in rules() {
            assert!(rule.because.ends_with('.'), "{}", rule.name);
        }
    }
}

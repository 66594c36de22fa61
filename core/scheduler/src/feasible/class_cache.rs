//! Verdicts by class of nodes, so that equal nodes are not tested again (spec: scheduling 5.3).

use std::collections::{BTreeMap, BTreeSet};

use litemap::LiteMap;
use yurt_model::{Gather, Name};

/// What is known about the classes, for one job version during one attempt.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClassCache {
    /// The job's constraints look at single nodes: nothing is kept.
    job_escapes: bool,
    /// Verdicts are kept, but every node is tested.
    tests_every_node: bool,
    job: BTreeMap<u64, bool>,
    groups: LiteMap<Name, BTreeMap<u64, bool>>,
    /// Groups that were tested and whose constraints look at single nodes.
    escaped_groups: BTreeSet<Name>,
}

impl ClassCache {
    /// An empty cache; `job_escapes` says that the job's constraints look at single nodes.
    pub(crate) fn new(job_escapes: bool) -> Self {
        Self {
            job_escapes,
            ..Self::default()
        }
    }

    /// For jobs that run on every node, each node is told its own reason (as recorded).
    pub(crate) fn of_every_node(job_escapes: bool) -> Self {
        Self {
            tests_every_node: true,
            ..Self::new(job_escapes)
        }
    }

    /// The verdict of the job's own constraints on a class.
    pub(crate) fn of_job(&self, class: u64) -> Option<bool> {
        let is_asked = !self.job_escapes && !self.tests_every_node;
        self.job.get(&class).copied().filter(|_| is_asked)
    }

    pub(crate) fn set_job(&mut self, class: u64, verdict: bool) {
        if !self.job_escapes {
            self.job.insert(class, verdict);
        }
    }

    /// The verdict of a group's checks on a class.
    pub(crate) fn of_group(&self, group: &str, class: u64) -> Option<bool> {
        let classes = self.groups.get(group).filter(|_| !self.tests_every_node);
        classes?.get(&class).copied()
    }

    pub(crate) fn set_group(&mut self, group: &Name, escapes: bool, class: u64, verdict: bool) {
        if self.job_escapes {
            return;
        }
        if escapes {
            self.escaped_groups.insert(group.clone());
            return;
        }
        match self.groups.get_mut(group) {
            Some(classes) => {
                classes.insert(class, verdict);
            }
            None => {
                self.groups.insert(
                    group.clone(),
                    [(class, verdict)].into_iter().gather::<BTreeMap<_, _>>(),
                );
            }
        }
    }

    /// Any change of any node may matter.
    pub(crate) fn has_escaped(&self) -> bool {
        self.job_escapes || !self.escaped_groups.is_empty()
    }

    /// What a blocked evaluation remembers: one verdict for each class that was looked at.
    pub(crate) fn exported(&self) -> BTreeMap<u64, bool> {
        let mut out: BTreeMap<u64, bool> = BTreeMap::new();
        for (class, verdict) in self.groups.values().flatten() {
            *out.entry(*class).or_insert(false) |= verdict;
        }
        for (class, verdict) in &self.job {
            let known = out.entry(*class).or_insert(*verdict);
            *known &= verdict;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blocked_evaluation_remembers_one_verdict_a_class() {
        // Scheduling SC-18, the names of the classes as numbers.
        let mut cache = ClassCache::default();
        cache.set_job(1, true);
        cache.set_job(2, false);
        cache.set_group(&"a".into(), false, 1, false);
        assert_eq!(cache.exported(), BTreeMap::from([(1, false), (2, false)]));
        cache.set_group(&"b".into(), false, 1, true);
        cache.set_group(&"b".into(), false, 3, true);
        let want = BTreeMap::from([(1, true), (2, false), (3, true)]);
        assert_eq!(cache.exported(), want);
        assert!(!cache.has_escaped());
        cache.set_group(&"c".into(), true, 1, false);
        assert!(cache.has_escaped());
    }
}

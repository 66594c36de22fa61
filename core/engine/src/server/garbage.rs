//! Garbage collection: what nobody needs any more is forgotten (spec: scheduling 22).
//!
//! Collection is housekeeping, not an event that somebody waits for: it happens at fixed instants,
//! but never wakes a cluster that has come to rest.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use yurt_model::{
    AllocClientStatus, AllocId, Allocation, Duration, EvalId, Evaluation, Gather, Job, JobKey,
    JobStatus, JobType, Node, NodeStatus, Time,
};
use yurt_state::{Change, Store, Touched};

/// From one look for garbage to the next.
const INTERVAL: Duration = Duration::from_secs(5 * 60);

/// How long things are kept after they have ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ages {
    eval: Duration,
    batch_eval: Duration,
    job: Duration,
    deployment: Duration,
    node: Duration,
}

impl Ages {
    /// What servers do by themselves (spec: deployments 2, scheduling 1).
    const USUAL: Self = Self {
        eval: Duration::from_secs(3600),
        batch_eval: Duration::from_secs(24 * 3600),
        job: Duration::from_secs(4 * 3600),
        deployment: Duration::from_secs(3600),
        node: Duration::from_secs(24 * 3600),
    };

    /// What `system gc` does: everything that has ended goes, however young.
    pub(crate) const NONE: Self = Self {
        eval: Duration::ZERO,
        batch_eval: Duration::ZERO,
        job: Duration::ZERO,
        deployment: Duration::ZERO,
        node: Duration::ZERO,
    };

    fn of_eval(&self, eval: &Evaluation) -> Duration {
        if eval.kind == JobType::Batch {
            self.batch_eval
        } else {
            self.eval
        }
    }
}

/// When to look for garbage next, and at which jobs: what has become of the others since they were
/// looked at is known.
#[derive(Clone, Debug)]
pub(crate) struct Collector {
    /// The last look; looks are whole intervals apart.
    last: Time,
    /// Nothing can be old enough before this; `None` until something is written.
    not_before: Option<Time>,
    /// Jobs that were written since the last look, or something of them.
    written: Rc<BTreeSet<JobKey>>,
    /// When something of a job may be old enough, in order of time. A job that was looked at again
    /// meanwhile may stand there in vain.
    waits: Rc<Vec<(Time, JobKey)>>,
}

impl Collector {
    /// Looks are counted from `start`.
    pub(crate) fn new(start: Time) -> Self {
        Self {
            last: start,
            not_before: None,
            written: Rc::default(),
            waits: Rc::default(),
        }
    }

    /// Something was written: what could not go may be able to now.
    pub(crate) fn written(&mut self, store: &Store, now: Time, touched: &Touched) {
        self.not_before = Some(self.not_before.map_or(now, |at| at.min(now)));
        let written = Rc::make_mut(&mut self.written);
        written.extend(touched.jobs.iter().cloned());
        self.note(store, &touched.evals, &touched.allocs);
    }

    /// Evaluations and allocations were written, or are about to be forgotten.
    pub(crate) fn note(&mut self, store: &Store, evals: &[EvalId], allocs: &[AllocId]) {
        let written = Rc::make_mut(&mut self.written);
        let evals = evals.iter().filter_map(|id| store.eval(*id));
        written.extend(evals.map(|eval| eval.job_key()));
        // A plan writes many of one job.
        let mut last: Option<&Allocation> = None;
        for alloc in allocs.iter().filter_map(|id| store.alloc(*id)) {
            if last.is_none_or(|last| !Rc::ptr_eq(&last.job, &alloc.job)) {
                written.insert(alloc.job_key());
            }
            last = Some(alloc);
        }
    }

    /// The next look that may find something.
    pub(crate) fn due(&self) -> Option<Time> {
        let wait = (self.not_before? - self.last).nanos();
        let looks = (wait - 1).div_euclid(INTERVAL.nanos()) + 1;
        Some(self.last + INTERVAL.times(looks.max(1)))
    }

    /// Looks, at an instant that was due.
    pub(crate) fn look(&mut self, store: &Store, now: Time) -> Option<Change> {
        self.last = now;
        let mut keys = std::mem::take(Rc::make_mut(&mut self.written));
        let waits = Rc::make_mut(&mut self.waits);
        let due = waits.partition_point(|(at, _)| *at <= now);
        keys.extend(waits.drain(..due).map(|(_, key)| key));
        let mut search = Search::new(store, now, Ages::USUAL);
        let found = search.run(&keys, &mut |at, key| {
            let wait = (at, key.clone());
            if let Err(place) = waits.binary_search(&wait) {
                waits.insert(place, wait);
            }
        });
        let first = waits.first().map(|(at, _)| *at);
        self.not_before = search.next.into_iter().chain(first).min();
        found
    }
}

/// Everything that has ended and that nobody needs, whatever its age.
pub(crate) fn all(store: &Store, now: Time) -> Option<Change> {
    let mut keys: BTreeSet<JobKey> = store.evals().map(|eval| eval.job_key()).gather();
    keys.extend(store.jobs().map(|job| job.key()));
    Search::new(store, now, Ages::NONE).run(&keys, &mut |_, _| {})
}

/// What may go, and when more of it may.
struct Search<'a> {
    store: &'a Store,
    now: Time,
    ages: Ages,
    /// The next instant at which something will be old enough.
    next: Option<Time>,
}

/// The allocations that each evaluation of a job made.
type ByEval<'a> = BTreeMap<EvalId, Vec<&'a Rc<Allocation>>>;

impl<'a> Search<'a> {
    fn new(store: &'a Store, now: Time, ages: Ages) -> Self {
        Self {
            store,
            now,
            ages,
            next: None,
        }
    }

    /// Looks at those jobs, and at all deployments and nodes. `wait` is told when to look at a job
    /// again if nothing of it is written meanwhile.
    fn run(
        &mut self,
        keys: &BTreeSet<JobKey>,
        wait: &mut dyn FnMut(Time, &JobKey),
    ) -> Option<Change> {
        let store = self.store;
        let (mut evals, mut allocs, mut deployments) = (Vec::new(), Vec::new(), Vec::new());
        let (mut jobs, mut others) = (Vec::new(), (Vec::new(), Vec::new()));
        for key in keys {
            if store.job(key).is_some_and(|job| self.may_job_go(job, key)) {
                evals.extend(store.evals_of_job(key).map(|eval| eval.id));
                allocs.extend(store.allocs_of_job(key).map(|alloc| alloc.id));
                deployments.extend(store.deployments_of_job(key).map(|d| d.id));
                jobs.push(key.clone());
            } else {
                self.evals_of(key, &mut others.0, &mut others.1);
            }
            if let Some(at) = self.next.take() {
                wait(at, key);
            }
        }
        evals.append(&mut others.0);
        allocs.append(&mut others.1);
        let collected: BTreeSet<_> = deployments.iter().copied().gather();
        for deployment in store.deployments() {
            let mut left = store.allocs_of_deployment(deployment.id);
            if !deployment.status.is_active()
                && !collected.contains(&deployment.id)
                && self.is_old(deployment.modify_time, self.ages.deployment)
                && left.all(|alloc| alloc.is_terminal())
            {
                deployments.push(deployment.id);
            }
        }
        let nodes = store.nodes().filter(|node| self.may_node_go(node));
        let nodes: Vec<_> = nodes.map(|node| node.id).collect();
        let is_empty = evals.is_empty() && allocs.is_empty() && deployments.is_empty();
        (!is_empty || !jobs.is_empty() || !nodes.is_empty()).then_some(Change::Collected {
            evals,
            allocs,
            deployments,
            jobs,
            nodes,
        })
    }

    /// Whether something that ended at `since` has been kept for long enough.
    fn is_old(&mut self, since: Time, age: Duration) -> bool {
        self.has_come(since + age)
    }

    fn has_come(&mut self, at: Time) -> bool {
        if at <= self.now {
            return true;
        }
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
        false
    }

    fn may_node_go(&mut self, node: &Node) -> bool {
        let mut left = self.store.allocs_of_node(node.id);
        node.status == NodeStatus::Down
            && self.is_old(node.status_updated_at, self.ages.node)
            && left.all(|alloc| alloc.is_terminal())
    }

    fn may_job_go(&mut self, job: &Job, key: &JobKey) -> bool {
        let ends_by_itself = matches!(job.spec.kind, JobType::Batch | JobType::Sysbatch);
        let is_over = job.stop || (ends_by_itself && !job.is_parent());
        if job.status != JobStatus::Dead || !is_over {
            return false;
        }
        let mut versions = self.store.job_versions(key).iter();
        if versions.any(|version| version.version_tag.is_some()) {
            return false;
        }
        if !self.is_old(job.submit_time, self.ages.job) {
            return false;
        }
        let age = self.ages.job;
        let store = self.store;
        store
            .evals_of_job(key)
            .all(|eval| eval.status.is_terminal() && self.is_old(eval.modify_time, age))
            && store
                .allocs_of_job(key)
                .all(|alloc| self.may_alloc_go(alloc, Some(job), age))
    }

    fn evals_of(&mut self, key: &JobKey, evals: &mut Vec<EvalId>, allocs: &mut Vec<AllocId>) {
        let store = self.store;
        let job = store.job(key).map(|job| &**job);
        let mut made: ByEval<'a> = BTreeMap::new();
        for alloc in store.allocs_of_job(key) {
            made.entry(alloc.eval_id).or_default().push(alloc);
        }
        for eval in store.evals_of_job(key) {
            let age = self.ages.of_eval(eval);
            if !eval.status.is_terminal() || !self.is_old(eval.modify_time, age) {
                continue;
            }
            let made = made.get(&eval.id).map_or(&[][..], Vec::as_slice);
            match job.filter(|job| eval.kind == JobType::Batch && !is_dead_and_stopped(job)) {
                // Its allocations are what the job has done: only earlier versions' may go.
                Some(job) => {
                    let earlier = made.iter().filter(|alloc| {
                        has_ended(alloc) && alloc.create_index < job.job_modify_index
                    });
                    allocs.extend(earlier.map(|alloc| alloc.id));
                }
                None => {
                    if made.iter().all(|alloc| self.may_alloc_go(alloc, job, age)) {
                        evals.push(eval.id);
                        allocs.extend(made.iter().map(|alloc| alloc.id));
                    }
                }
            }
        }
    }

    /// Whether nobody will look at an allocation again: above all, no rescheduling may still come
    /// that needs its history.
    fn may_alloc_go(&mut self, alloc: &Allocation, job: Option<&Job>, age: Duration) -> bool {
        if !has_ended(alloc) || !self.is_old(alloc.modify_time, age) {
            return false;
        }
        let is_job_over = job.is_none_or(|job| job.stop || job.status == JobStatus::Dead);
        if is_job_over
            || alloc.is_server_terminal()
            || alloc.client_status != AllocClientStatus::Failed
            || alloc.links.next_allocation.is_some()
        {
            return true;
        }
        let Some(policy) = alloc
            .task_group()
            .and_then(|group| group.reschedule.as_ref())
        else {
            return true;
        };
        if !policy.is_enabled() {
            return true;
        }
        let last = alloc
            .links
            .reschedule_tracker
            .as_ref()
            .and_then(|tracker| tracker.events.last());
        !policy.unlimited && last.is_some_and(|last| self.has_come(last.time + policy.interval))
    }
}

/// Servers or the client say that it is over, and no task of it runs any more.
fn has_ended(alloc: &Allocation) -> bool {
    alloc.is_terminal() && alloc.client_status != AllocClientStatus::Running
}

fn is_dead_and_stopped(job: &Job) -> bool {
    job.status == JobStatus::Dead && job.stop
}

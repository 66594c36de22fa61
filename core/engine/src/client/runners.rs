//! What clients do about each allocation, kept small: allocations that went the same way at the
//! same moments, as those of one plan mostly do, share one record of it.

use std::collections::BTreeMap;
use std::rc::Rc;

use yurt_model::{AllocId, Allocation, Recent, Rng, Time};

use super::ClientEffect;
use super::alloc_runner::{AllocRunner, Course};

/// Every allocation that a client knows, with how far it has come. Clones share all of it until
/// something happens.
#[derive(Clone, Debug)]
pub(super) struct Runners {
    courses: Rc<BTreeMap<AllocId, Rc<Course>>>,
    recent: Recent<Course>,
    /// The stream whose children the allocations draw from.
    rng: Rng,
}

impl Runners {
    pub(super) fn new(rng: Rng) -> Self {
        Self {
            courses: Rc::default(),
            recent: Recent::default(),
            rng,
        }
    }

    pub(super) fn get(&self, id: AllocId) -> Option<&Course> {
        self.courses.get(&id).map(|course| &**course)
    }

    /// All of them, by id.
    pub(super) fn iter(&self) -> impl Iterator<Item = (AllocId, &Course)> {
        self.courses.iter().map(|(id, course)| (*id, &**course))
    }

    /// Receives an allocation and begins its first tasks.
    pub(super) fn start(&mut self, alloc: &Allocation, now: Time) -> Vec<ClientEffect> {
        let course = Rc::new(Course::received(alloc, now));
        Rc::make_mut(&mut self.courses).insert(alloc.id, course);
        self.work(alloc.id, &mut |runner| runner.start(alloc, now))
    }

    /// Lets something happen to an allocation; what comes of it. Nothing where it is not known.
    pub(super) fn work(
        &mut self,
        id: AllocId,
        act: &mut dyn FnMut(&mut AllocRunner<'_>),
    ) -> Vec<ClientEffect> {
        if !self.courses.contains_key(&id) {
            return Vec::new();
        }
        let Some(place) = Rc::make_mut(&mut self.courses).get_mut(&id) else {
            return Vec::new();
        };
        let rng = self.rng.child("alloc", (id.0.0 >> 64) as u64);
        let mut runner = AllocRunner::of(id, Rc::make_mut(place), rng.clone());
        act(&mut runner);
        let (mut effects, is_changed) = runner.finish(&rng);
        Rc::make_mut(place).share(&self.recent);
        self.recent.share(place);
        if is_changed {
            effects.push(ClientEffect::Report(place.report(id)));
        }
        effects
    }

    /// Forgets one, if it is known.
    pub(super) fn forget(&mut self, id: AllocId) {
        if self.courses.contains_key(&id) {
            Rc::make_mut(&mut self.courses).remove(&id);
        }
    }

    /// Forgets those that `is_gone` says are.
    pub(super) fn forget_all(&mut self, is_gone: &dyn Fn(AllocId) -> bool) {
        Rc::make_mut(&mut self.courses).retain(|id, _| !is_gone(*id));
    }
}

//! The walk: what happens next, and the look around afterwards.

mod course;
mod events;

use std::collections::VecDeque;

use yurt_engine::sim::{digest, invariants};
use yurt_engine::{Cluster, Fault, Input, Request, Violation, Wakeup};
use yurt_model::{Duration, NodeId, Rng, Time};
use yurt_state::Store;

use crate::coverage::Seen;
use crate::{Failure, Options, Outcome};

/// One walk in one cluster.
pub(crate) struct Walk {
    options: Options,
    cluster: Cluster,
    rng: Rng,
    refused: usize,
    /// The nodes that there are, or were: those of the start, then those that joined.
    nodes: Vec<NodeId>,
    /// What is to happen next.
    course: VecDeque<course::Part>,
    /// What has been met, where somebody wants to know.
    seen: Option<Seen>,
}

/// With more allocations than this a walk waits no longer, and nothing has come to rest.
const ALLOCATIONS_MAX: usize = 400;

/// The same for writes: tasks that restart for ever are told of for ever.
const WRITES_MAX: u64 = 4000;

/// The same for jobs: those that the clock launches are many, and may wait for room for ever.
const JOBS_MAX: usize = 60;

/// With more allocations than this nobody looks after each step.
const ALLOCATIONS_LOOKED_AT: usize = 60;

/// One thing that happens.
enum Event {
    Input(Input),
    Wait(Duration),
    Nothing,
}

impl Walk {
    pub(crate) fn new(seed: u64) -> Self {
        let options = Options::of(seed);
        let world = options.world();
        Self {
            nodes: world.nodes.iter().map(|node| node.id).collect(),
            cluster: Cluster::new(world).expect("the world is in order"),
            rng: Rng::new(seed).child("walk", 0),
            options,
            refused: 0,
            course: VecDeque::new(),
            seen: None,
        }
    }

    /// The same walk, and what was met on it.
    pub(crate) fn run_and_see(mut self) -> (Result<Outcome, Failure>, Seen) {
        self.seen = Some(Seen::default());
        let outcome = self.run(&mut |_, _| ());
        (outcome, self.seen.unwrap_or_default())
    }

    pub(crate) fn run(&mut self, tell: &mut dyn FnMut(usize, &str)) -> Result<Outcome, Failure> {
        for number in 0..self.options.events {
            let is_start = number < 2 * self.options.jobs as usize;
            let event = if is_start {
                self.register()
            } else {
                self.choose()
            };
            self.happen(number, event, tell)?;
        }
        self.come_to_rest(tell)?;
        if self.options.replays {
            self.replay()?;
        }
        Ok(Outcome {
            digest: digest(self.cluster.store()),
            events: self.options.events,
            refused: self.refused,
            allocations: self.cluster.store().alloc_count(),
        })
    }

    fn failure(&self, event: usize, what: &str, violations: Vec<Violation>) -> Failure {
        Failure {
            seed: self.options.seed,
            event,
            what: what.into(),
            violations,
        }
    }

    fn happen(
        &mut self,
        number: usize,
        event: Event,
        tell: &mut dyn FnMut(usize, &str),
    ) -> Result<(), Failure> {
        let before = self.cluster.store().clone();
        let (what, violations) = match event {
            Event::Nothing => return Ok(()),
            Event::Wait(time) => {
                let what = format!("wait {time}");
                tell(number, &what);
                let until = self.cluster.now() + time;
                let mut violations = Vec::new();
                if self.options.looks_closely && number < self.options.events {
                    violations = self.pass_step_by_step(until);
                } else {
                    self.pass(until);
                }
                (what, violations)
            }
            Event::Input(input) => {
                let what = describe(&input);
                tell(number, &what);
                let name = self.seen.is_some().then(|| event_name(&input));
                let handled = self.cluster.handle(self.cluster.now(), input);
                self.refused += usize::from(handled.reply.is_err());
                if let (Some(seen), Some(name)) = (&mut self.seen, name) {
                    seen.event(name, handled.reply.as_ref().err());
                }
                (what, Vec::new())
            }
        };
        if let Some(seen) = &mut self.seen {
            seen.look_at(self.cluster.store());
            seen.look_back(&before, self.cluster.store());
        }
        let violations = self.look_around(&before, violations);
        if violations.is_empty() {
            Ok(())
        } else {
            Err(self.failure(number, &what, violations))
        }
    }

    fn look_around(&self, before: &Store, mut violations: Vec<Violation>) -> Vec<Violation> {
        let after = self.cluster.store();
        // What nobody has written since the last look is as it was.
        if violations.is_empty() && after.index() != before.index() {
            violations.extend(invariants::check(after));
            violations.extend(invariants::check_step(before, after));
        }
        violations
    }

    /// Lets time pass, unless ever more comes of it: a service whose tasks end at once is replaced
    /// at once for as long as its deployment looks at it, and a system job whose other group waits
    /// for room is called by each task that fails.
    fn pass(&mut self, until: Time) {
        while self.cluster.now() < until && !self.is_endless() {
            let next = match self.cluster.next_wakeup() {
                Wakeup::At(time) => time.max(self.cluster.now() + Duration::from_minutes(1)),
                Wakeup::Idle => until,
            };
            self.cluster.run_until(next.min(until));
        }
        // Nobody does a thing at the very instant at which the clock does one.
        let moment = self.cluster.now() + Duration::from_millis(7);
        self.cluster.run_until(moment.min(until));
    }

    /// Lets time pass and looks around whenever something has happened by itself.
    fn pass_step_by_step(&mut self, until: Time) -> Vec<Violation> {
        while self.cluster.now() < until {
            if self.cluster.store().alloc_count() > ALLOCATIONS_LOOKED_AT {
                self.pass(until);
                break;
            }
            let next = match self.cluster.next_wakeup() {
                Wakeup::At(time) => time.max(self.cluster.now()).min(until),
                Wakeup::Idle => until,
            };
            let before = self.cluster.store().clone();
            self.cluster.run_until(next);
            let is_still = before.index() == self.cluster.store().index();
            if is_still {
                continue;
            }
            if let Some(seen) = &mut self.seen {
                seen.look_at(self.cluster.store());
            }
            let violations = self.look_around(&before, Vec::new());
            if !violations.is_empty() {
                return violations;
            }
        }
        Vec::new()
    }

    fn is_endless(&self) -> bool {
        let store = self.cluster.store();
        store.alloc_count() > ALLOCATIONS_MAX
            || store.index() > WRITES_MAX
            || store.jobs().count() > JOBS_MAX
    }

    /// Nothing is launched any more, every machine comes back, drains end, and hours pass.
    fn come_to_rest(&mut self, tell: &mut dyn FnMut(usize, &str)) -> Result<(), Failure> {
        let number = self.options.events;
        for event in self.last_launches() {
            self.happen(number, event, tell)?;
        }
        for node in self.nodes.clone() {
            self.happen(
                number,
                Event::Input(Input::Fault(Fault::NodeStarts(node))),
                tell,
            )?;
            let ended = Request::NodeDrain {
                id: node,
                drain: None,
                mark_eligible: true,
                message: None,
            };
            self.happen(number, Event::Input(Input::Request(ended)), tell)?;
            let eligible = Request::NodeEligibility {
                id: node,
                eligible: true,
            };
            self.happen(number, Event::Input(Input::Request(eligible)), tell)?;
        }
        // Delays grow to an hour, and attempts may be many.
        for _ in 0..3 {
            self.happen(number, Event::Wait(Duration::from_hours(2)), tell)?;
        }
        if self.options.collects_garbage || self.is_endless() {
            return Ok(());
        }
        if let Some(seen) = &mut self.seen {
            seen.comes_to_rest();
        }
        let violations = invariants::check_settled(self.cluster.store());
        if violations.is_empty() {
            Ok(())
        } else {
            Err(self.failure(number, "everything came to rest", violations))
        }
    }

    /// The journal is the whole history.
    fn replay(&self) -> Result<(), Failure> {
        let journal = self.cluster.journal();
        let again = journal.replay(self.options.world(), self.cluster.now());
        let same = again
            .as_ref()
            .is_ok_and(|again| digest(again.store()) == digest(self.cluster.store()));
        if same {
            return Ok(());
        }
        let violation = Violation {
            rule: "a journal gives the same store",
            seen: again
                .err()
                .map_or_else(|| "another digest".to_string(), |error| error.to_string()),
        };
        Err(self.failure(
            self.options.events,
            "the replay of the journal",
            vec![violation],
        ))
    }
}

/// One line for people; job documents are too long for one.
fn describe(input: &Input) -> String {
    match input {
        Input::Request(Request::JobRegister(register)) => {
            format!("register {}", register.spec.document)
        }
        Input::Request(request) => format!("{request:?}"),
        Input::Fault(fault) => format!("{fault:?}"),
    }
}

/// What it is, without what it is about.
fn event_name(input: &Input) -> String {
    let text = match input {
        Input::Request(request) => format!("{request:?}"),
        Input::Fault(fault) => format!("{fault:?}"),
    };
    let end = text.find([' ', '(', '{']).unwrap_or(text.len());
    text[..end].to_owned()
}

//! The walk: what happens next, and the look around afterwards.

use yurt_engine::sim::{digest, invariants};
use yurt_engine::{
    ClientOrder, Cluster, DrainRequest, Fault, Input, JobRegister, Request, RestartScope, Violation,
};
use yurt_model::{Duration, JobKey, NodeId, Rng, SchedulerAlgorithm};

use crate::{Failure, Options, Outcome, jobs};

/// One walk in one cluster.
pub(crate) struct Walk {
    options: Options,
    cluster: Cluster,
    rng: Rng,
    refused: usize,
}

/// With more allocations than this a walk waits no longer, and nothing has come to rest.
const ALLOCATIONS_MAX: usize = 2000;

/// One thing that happens.
enum Event {
    Input(Input),
    Wait(Duration),
    Nothing,
}

impl Walk {
    pub(crate) fn new(seed: u64) -> Self {
        let options = Options::of(seed);
        Self {
            cluster: Cluster::new(options.world()).expect("the world is in order"),
            rng: Rng::new(seed).child("walk", 0),
            options,
            refused: 0,
        }
    }

    pub(crate) fn run(mut self, tell: &mut dyn FnMut(usize, &str)) -> Result<Outcome, Failure> {
        for number in 0..self.options.events {
            let event = self.choose();
            self.happen(number, event, tell)?;
        }
        self.come_to_rest(tell)?;
        self.replay()?;
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
        let what = match event {
            Event::Nothing => return Ok(()),
            Event::Wait(time) => {
                let what = format!("wait {time}");
                tell(number, &what);
                self.pass(time);
                what
            }
            Event::Input(input) => {
                let what = describe(&input);
                tell(number, &what);
                let handled = self.cluster.handle(self.cluster.now(), input);
                self.refused += usize::from(handled.reply.is_err());
                what
            }
        };
        let after = self.cluster.store();
        let mut violations = invariants::check(after);
        violations.extend(invariants::check_step(&before, after));
        if violations.is_empty() {
            Ok(())
        } else {
            Err(self.failure(number, &what, violations))
        }
    }

    /// Lets time pass, unless ever more comes of it: a service whose tasks end at once is replaced
    /// at once for as long as its deployment looks at it.
    fn pass(&mut self, time: Duration) {
        let until = self.cluster.now() + time;
        while self.cluster.now() < until && !self.is_endless() {
            let next = self.cluster.now() + Duration::from_minutes(10);
            self.cluster.run_until(next.min(until));
        }
    }

    fn is_endless(&self) -> bool {
        self.cluster.store().alloc_count() > ALLOCATIONS_MAX
    }

    /// Every machine comes back, drains end, and hours pass.
    fn come_to_rest(&mut self, tell: &mut dyn FnMut(usize, &str)) -> Result<(), Failure> {
        let number = self.options.events;
        for node in self.nodes() {
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
        for _ in 0..6 {
            self.happen(number, Event::Wait(Duration::from_hours(2)), tell)?;
        }
        if self.options.collects_garbage || self.is_endless() {
            return Ok(());
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

    fn nodes(&self) -> Vec<NodeId> {
        self.cluster
            .config()
            .nodes
            .iter()
            .map(|node| node.id)
            .collect()
    }

    fn any_node(&mut self) -> NodeId {
        let nodes = self.nodes();
        nodes[self.rng.below(nodes.len() as u32) as usize]
    }

    fn any_job(&mut self) -> (u32, JobKey) {
        let number = self.rng.below(self.options.jobs);
        (number, JobKey::in_default(&format!("job-{number}")))
    }

    fn choose(&mut self) -> Event {
        if self.rng.below(100) < self.options.faults_percent {
            let node = self.any_node();
            let fault = match self.rng.below(6) {
                0 | 1 => Fault::NodeStops(node),
                2 | 3 => Fault::NodeStarts(node),
                4 => Fault::NodeCut(node),
                _ => Fault::HeartbeatMissed(node),
            };
            return Event::Input(Input::Fault(fault));
        }
        if self.options.collects_garbage {
            match self.rng.below(12) {
                0 => return request(Request::SystemGarbageCollect),
                1 => {
                    let hours = [1, 2, 5, 26][self.rng.below(4) as usize];
                    return Event::Wait(Duration::from_hours(hours));
                }
                _ => {}
            }
        }
        match self.rng.below(100) {
            0..35 => Event::Wait(Duration::from_millis(i64::from(1 + self.rng.below(90_000)))),
            35..60 => self.register(),
            60..80 => self.about_a_deployment(),
            80..90 => self.about_a_job(),
            _ => self.about_a_node(),
        }
    }

    fn register(&mut self) -> Event {
        let (number, _) = self.any_job();
        match jobs::version(self.options.seed, number, &mut self.rng) {
            Some(spec) => request(Request::JobRegister(JobRegister {
                preserve_counts: self.rng.below(4) == 0,
                ..JobRegister::of(spec)
            })),
            None => Event::Nothing,
        }
    }

    fn about_a_deployment(&mut self) -> Event {
        let (_, key) = self.any_job();
        let store = self.cluster.store();
        let Some(deployment) = store.latest_deployment(&key).cloned() else {
            return Event::Nothing;
        };
        let id = deployment.id;
        request(match self.rng.below(10) {
            0..4 => Request::DeploymentPromote { id, groups: None },
            4 => Request::DeploymentPromote {
                id,
                groups: Some(vec![deployment.groups[0].name.clone()]),
            },
            5 => Request::DeploymentFail { id },
            6 => Request::DeploymentPause { id, pause: true },
            7 => Request::DeploymentPause { id, pause: false },
            _ => {
                let allocs = self.cluster.store().allocs_of_deployment(id);
                let alloc = allocs.map(|alloc| alloc.id).next();
                let (healthy, unhealthy) = if self.rng.below(2) == 0 {
                    (alloc, None)
                } else {
                    (None, alloc)
                };
                Request::DeploymentSetHealth {
                    id,
                    healthy: healthy.into_iter().collect(),
                    unhealthy: unhealthy.into_iter().collect(),
                }
            }
        })
    }

    fn about_a_job(&mut self) -> Event {
        let (_, key) = self.any_job();
        let allocs: Vec<_> = self
            .cluster
            .store()
            .allocs_of_job(&key)
            .map(|alloc| alloc.id)
            .collect();
        let alloc =
            (!allocs.is_empty()).then(|| allocs[self.rng.below(allocs.len() as u32) as usize]);
        request(match self.rng.below(9) {
            0 => Request::JobDeregister {
                key,
                purge: self.rng.below(3) == 0,
                no_shutdown_delay: false,
                eval_priority: None,
            },
            1 => Request::JobRevert {
                key,
                version: u64::from(self.rng.below(4)),
                enforce_prior_version: None,
            },
            2 => Request::JobEvaluate {
                key,
                force_reschedule: self.rng.below(2) == 0,
            },
            3 | 4 => Request::JobScale {
                key,
                group: "g0".into(),
                count: Some(i64::from(self.rng.below(7))),
                enforce_index: None,
                message: "walked".into(),
                is_error: false,
            },
            // The newest version alone: marking an older one puts its content into the current
            // job, as was measured (spec: deployments 25.5), and then nothing can be said of it.
            5 => Request::JobStability {
                version: self.cluster.store().job(&key).map_or(0, |job| job.version),
                key,
                stable: self.rng.below(2) == 0,
            },
            6 | 7 => match alloc {
                Some(id) => Request::AllocStop {
                    id,
                    no_shutdown_delay: false,
                    reschedule: self.rng.below(4) == 0,
                },
                None => return Event::Nothing,
            },
            _ => match alloc {
                Some(id) => Request::AllocOrder {
                    id,
                    order: ClientOrder::Restart(RestartScope::Running),
                },
                None => return Event::Nothing,
            },
        })
    }

    fn about_a_node(&mut self) -> Event {
        let id = self.any_node();
        request(match self.rng.below(8) {
            0..2 => Request::NodeDrain {
                id,
                drain: Some(DrainRequest {
                    deadline: Duration::from_secs(i64::from(self.rng.below(120)) - 1),
                    ignore_system_jobs: self.rng.below(2) == 0,
                }),
                mark_eligible: false,
                message: None,
            },
            2..4 => Request::NodeDrain {
                id,
                drain: None,
                mark_eligible: self.rng.below(3) > 0,
                message: None,
            },
            4 => Request::NodeEligibility {
                id,
                eligible: false,
            },
            5 | 6 => Request::NodeEligibility { id, eligible: true },
            _ => {
                let mut configuration = self.cluster.store().scheduler_configuration().clone();
                configuration.preemption.service ^= true;
                configuration.algorithm = match configuration.algorithm {
                    SchedulerAlgorithm::Binpack => SchedulerAlgorithm::Spread,
                    SchedulerAlgorithm::Spread => SchedulerAlgorithm::Binpack,
                };
                Request::SchedulerConfiguration(Box::new(configuration))
            }
        })
    }
}

fn request(request: Request) -> Event {
    Event::Input(Input::Request(request))
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

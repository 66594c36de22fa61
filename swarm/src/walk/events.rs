//! What happens next: faults, waits, and requests about what there is.

use std::rc::Rc;

use yurt_engine::{
    ClientOrder, DrainRequest, Fault, Input, JobDispatch, JobRegister, Request, RestartScope,
};
use yurt_model::{
    AllocClientStatus, AllocId, Allocation, Duration, Job, JobKey, Name, NodeId,
    SchedulerAlgorithm, SchedulerConfiguration, UuidMaker,
};

use super::{Event, Walk};
use crate::jobs::{self, Kind, one_in, pick};
use crate::options;

/// Nodes that join a walk at most.
const NODES_MAX: usize = 12;

/// Names of versions.
const TAGS: [&str; 3] = ["golden", "before", "after"];

impl Walk {
    pub(super) fn choose(&mut self) -> Event {
        if let Some(event) = self.go_on() {
            return event;
        }
        if one_in(&mut self.rng, 13) {
            return self.set_out();
        }
        if self.rng.below(100) < self.options.faults_percent {
            let node = if one_in(&mut self.rng, 2) {
                self.node_at_work()
            } else {
                self.any_node()
            };
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
                    let hours = pick(&mut self.rng, &[1, 2, 5, 26]);
                    return Event::Wait(Duration::from_hours(hours) + self.a_moment());
                }
                _ => {}
            }
        }
        match self.rng.below(100) {
            0..33 => Event::Wait(Duration::from_millis(i64::from(1 + self.rng.below(90_000)))),
            33..36 => {
                let time = Duration::from_secs(i64::from(1 + self.rng.below(1200)));
                Event::Wait(time + self.a_moment())
            }
            36..58 => self.register(),
            58..74 => self.about_a_deployment(),
            74..86 => self.about_a_job(),
            86..92 => self.about_an_alloc(),
            92..99 => self.about_a_node(),
            _ => self.configure_schedulers(),
        }
    }

    /// Nobody does a thing on the dot.
    fn a_moment(&mut self) -> Duration {
        Duration::from_millis(i64::from(1 + self.rng.below(999)))
    }

    /// Periodic jobs are stopped: else there would be no rest.
    pub(super) fn last_launches(&self) -> Vec<Event> {
        let numbers = 0..self.options.jobs;
        let periodic = numbers
            .filter(|number| matches!(Kind::of(self.options.seed, *number), Kind::Periodic(_)));
        let stops = periodic.map(|number| {
            request(Request::JobDeregister {
                key: JobKey::in_default(&format!("job-{number}")),
                purge: false,
                no_shutdown_delay: false,
                eval_priority: None,
            })
        });
        stops.collect()
    }

    pub(super) fn any_node(&mut self) -> NodeId {
        pick(&mut self.rng, &self.nodes)
    }

    pub(super) fn any_job(&mut self) -> (u32, JobKey) {
        let number = self.rng.below(self.options.jobs);
        (number, JobKey::in_default(&format!("job-{number}")))
    }

    /// A job that somebody submitted, or one that such a job has started.
    fn any_job_or_child(&mut self) -> JobKey {
        let (_, key) = self.any_job();
        let jobs = self.cluster.store().jobs();
        let children: Vec<JobKey> = jobs
            .filter(|job| job.parent.as_ref() == Some(&key.id))
            .map(|job| job.key())
            .collect();
        if children.is_empty() || one_in(&mut self.rng, 2) {
            return key;
        }
        children[self.rng.below(children.len() as u32) as usize].clone()
    }

    fn any_alloc(&mut self) -> Option<AllocId> {
        let key = self.any_job_or_child();
        let allocs = self.cluster.store().allocs_of_job(&key);
        let mut ids: Vec<AllocId> = allocs.map(|alloc| alloc.id).collect();
        if !one_in(&mut self.rng, 4) {
            let lives = |id: &AllocId| {
                let alloc = self.cluster.store().alloc(*id);
                alloc.is_some_and(|alloc| !alloc.is_terminal())
            };
            let live: Vec<AllocId> = ids.iter().copied().filter(lives).collect();
            ids = if live.is_empty() { ids } else { live };
        }
        (!ids.is_empty()).then(|| pick(&mut self.rng, &ids))
    }

    pub(super) fn register(&mut self) -> Event {
        let (number, _) = self.any_job();
        self.register_job(number)
    }

    pub(super) fn register_job(&mut self, number: u32) -> Event {
        let key = JobKey::in_default(&format!("job-{number}"));
        let spec = match jobs::version(self.options.seed, number, &mut self.rng) {
            Ok(spec) => spec,
            Err(refused) => {
                if let Some(seen) = &mut self.seen {
                    seen.no_job(&refused);
                }
                return Event::Nothing;
            }
        };
        // The same again changes nothing.
        let current = self.cluster.store().job(&key);
        let current = current.map(|job| (job.spec.clone(), job.job_modify_index));
        let spec = match &current {
            Some((old, _)) if one_in(&mut self.rng, 12) => old.clone(),
            _ => spec,
        };
        let enforce_index = one_in(&mut self.rng, 15).then(|| match &current {
            Some((_, index)) if !one_in(&mut self.rng, 4) => *index,
            _ => 0,
        });
        request(Request::JobRegister(JobRegister {
            preserve_counts: one_in(&mut self.rng, 4),
            preserve_resources: one_in(&mut self.rng, 8),
            enforce_index,
            eval_priority: one_in(&mut self.rng, 15).then_some(80),
            ..JobRegister::of(spec)
        }))
    }

    fn about_a_deployment(&mut self) -> Event {
        let (_, key) = self.any_job();
        let store = self.cluster.store();
        let Some(deployment) = store.latest_deployment(&key).cloned() else {
            return self.start_a_child(&key);
        };
        let id = deployment.id;
        request(match self.rng.below(10) {
            0..4 => Request::DeploymentPromote { id, groups: None },
            4 => {
                let one = deployment.groups[0].name.clone();
                let unknown = one_in(&mut self.rng, 8);
                let groups = Some(vec![if unknown { "g9".into() } else { one }]);
                Request::DeploymentPromote { id, groups }
            }
            5 => Request::DeploymentFail { id },
            6 => Request::DeploymentPause { id, pause: true },
            7 => Request::DeploymentPause { id, pause: false },
            _ => {
                let allocs = self.cluster.store().allocs_of_deployment(id);
                let allocs: Vec<AllocId> = allocs.map(|alloc| alloc.id).collect();
                let some = (!allocs.is_empty()).then(|| pick(&mut self.rng, &allocs));
                let (healthy, unhealthy) = match self.rng.below(3) {
                    0 => (allocs, None.into_iter().collect()),
                    1 => (some.into_iter().collect(), Vec::new()),
                    _ => (Vec::new(), some.into_iter().collect()),
                };
                Request::DeploymentSetHealth {
                    id,
                    healthy,
                    unhealthy,
                }
            }
        })
    }

    /// Jobs without deployments have launches, or nothing.
    fn start_a_child(&mut self, key: &JobKey) -> Event {
        let Some(job) = self.cluster.store().job(key).cloned() else {
            return Event::Nothing;
        };
        if job.spec.periodic.is_some() {
            return request(Request::JobPeriodicForce { key: key.clone() });
        }
        let Some(rules) = &job.spec.parameterized else {
            return Event::Nothing;
        };
        let wants = |rule: &str| &*rules.payload == rule;
        let gives = wants("required") || (!wants("forbidden") && one_in(&mut self.rng, 2));
        let gives = gives != one_in(&mut self.rng, 10);
        let mut meta: Vec<(Name, Name)> = Vec::new();
        for name in rules.meta_required.iter().chain(&rules.meta_optional) {
            if !one_in(&mut self.rng, 6) {
                meta.push((name.clone(), "walker".into()));
            }
        }
        if one_in(&mut self.rng, 20) {
            meta.push(("unheard-of".into(), "walker".into()));
        }
        let size = if one_in(&mut self.rng, 12) { 16_385 } else { 4 };
        let token = one_in(&mut self.rng, 4).then(|| pick(&mut self.rng, &["a", "b"]).into());
        request(Request::JobDispatch(JobDispatch {
            key: key.clone(),
            payload: gives.then(|| Rc::from(vec![b'w'; size])),
            meta,
            id_prefix: one_in(&mut self.rng, 4).then(|| "some".into()),
            idempotency_token: token,
            priority: pick(&mut self.rng, &[0, 0, 0, 60, 101]),
        }))
    }

    fn about_a_job(&mut self) -> Event {
        let key = self.any_job_or_child();
        let group = pick(&mut self.rng, &["g0", "g0", "g0", "g1"]);
        request(match self.rng.below(13) {
            0 => Request::JobDeregister {
                key,
                purge: one_in(&mut self.rng, 3),
                no_shutdown_delay: one_in(&mut self.rng, 4),
                eval_priority: one_in(&mut self.rng, 6).then_some(90),
            },
            1 | 8 => Request::JobRevert {
                version: self.any_version(&key),
                key,
                enforce_prior_version: one_in(&mut self.rng, 6)
                    .then(|| u64::from(self.rng.below(4))),
            },
            2 | 11 => Request::JobEvaluate {
                force_reschedule: !one_in(&mut self.rng, 3),
                key: self.a_job_that_failed().unwrap_or(key),
            },
            9 => Request::JobTag {
                version: (!one_in(&mut self.rng, 3)).then(|| self.any_version(&key)),
                key,
                name: pick(&mut self.rng, &TAGS).into(),
                description: "walked".into(),
            },
            10 => self.untag(key),
            3..6 => {
                let is_error = one_in(&mut self.rng, 10);
                let count = i64::from(self.rng.below(7));
                Request::JobScale {
                    key,
                    group: group.into(),
                    count: (!is_error && !one_in(&mut self.rng, 10)).then_some(count),
                    enforce_index: None,
                    message: "walked".into(),
                    is_error,
                }
            }
            // The newest version alone: marking an older one puts its content into the current
            // job, as was measured (spec: deployments 25.5), and then nothing can be said of it.
            6 => Request::JobStability {
                version: self.cluster.store().job(&key).map_or(0, |job| job.version),
                key,
                stable: self.rng.below(2) == 0,
            },
            _ => return self.start_a_child(&key),
        })
    }

    /// A version that is kept, often one with a tag; now and then one that may not be.
    fn any_version(&mut self, key: &JobKey) -> u64 {
        let store = self.cluster.store();
        let current = store.job(key).map(|job| job.version);
        let is_old = |job: &&Rc<Job>| Some(job.version) != current;
        let old = store.job_versions(key).iter().filter(is_old);
        let (mut among, mut tagged) = (Vec::new(), Vec::new());
        for job in old {
            among.push(job.version);
            if job.version_tag.is_some() {
                tagged.push(job.version);
            }
        }
        if !tagged.is_empty() && one_in(&mut self.rng, 2) {
            among = tagged;
        }
        if among.is_empty() || one_in(&mut self.rng, 8) {
            return u64::from(self.rng.below(9));
        }
        pick(&mut self.rng, &among)
    }

    /// Takes a tag away that there is, mostly.
    fn untag(&mut self, key: JobKey) -> Request {
        let name = pick(&mut self.rng, &TAGS).into();
        if one_in(&mut self.rng, 5) {
            return Request::JobUntag { key, name };
        }
        let jobs = self.cluster.store().jobs().map(|job| job.key());
        let tagged = jobs.filter_map(|key| {
            let mut versions = self.cluster.store().job_versions(&key).iter();
            let tag = versions.find_map(|job| job.version_tag.clone())?;
            Some((key, tag.name))
        });
        let tagged: Vec<(JobKey, Name)> = tagged.collect();
        if tagged.is_empty() {
            let description = "walked".into();
            return Request::JobTag {
                key,
                version: None,
                name,
                description,
            };
        }
        let (key, name) = tagged[self.rng.below(tagged.len() as u32) as usize].clone();
        Request::JobUntag { key, name }
    }

    /// A job of which something has failed and was not replaced, mostly.
    pub(super) fn a_job_that_failed(&mut self) -> Option<JobKey> {
        let store = self.cluster.store();
        let has_failed = |alloc: &&Rc<Allocation>| {
            let has_policy = alloc
                .task_group()
                .is_some_and(|group| group.reschedule.is_some());
            alloc.client_status == AllocClientStatus::Failed
                && alloc.links.next_allocation.is_none()
                && has_policy
        };
        let mut keys: Vec<JobKey> = store
            .allocs()
            .filter(has_failed)
            .map(|one| one.job_key())
            .collect();
        if keys.is_empty() || one_in(&mut self.rng, 3) {
            return None;
        }
        Some(keys.swap_remove(self.rng.below(keys.len() as u32) as usize))
    }

    fn about_an_alloc(&mut self) -> Event {
        if one_in(&mut self.rng, 12) {
            let services = self.cluster.store().service_registrations();
            let ids: Vec<Name> = services.map(|service| service.id).collect();
            if !ids.is_empty() {
                let id = ids[self.rng.below(ids.len() as u32) as usize].clone();
                return request(Request::ServiceDeregister { id });
            }
        }
        let Some(id) = self.any_alloc() else {
            return Event::Nothing;
        };
        if one_in(&mut self.rng, 2) {
            return request(Request::AllocStop {
                id,
                no_shutdown_delay: one_in(&mut self.rng, 4),
                reschedule: one_in(&mut self.rng, 4),
            });
        }
        let order = self.order(id);
        request(Request::AllocOrder { id, order })
    }

    /// What the client of an allocation is asked for.
    fn order(&mut self, id: AllocId) -> ClientOrder {
        let alloc = self.cluster.store().alloc(id);
        let group = alloc.and_then(|alloc| alloc.task_group());
        let names: Vec<Name> = group.map_or_else(Vec::new, |group| {
            group.tasks.iter().map(|task| task.name.clone()).collect()
        });
        let name = |walk: &mut Self| names[walk.rng.below(names.len() as u32) as usize].clone();
        let is_known = !names.is_empty();
        match self.rng.below(8) {
            0 | 1 => ClientOrder::Restart(RestartScope::All),
            2 if is_known => ClientOrder::Restart(RestartScope::Task(name(self))),
            3 | 4 => {
                let signals = ["SIGTERM", "SIGKILL", "SIGHUP", "SIGINT"];
                ClientOrder::Signal {
                    signal: pick(&mut self.rng, &signals).into(),
                    task: (is_known && !one_in(&mut self.rng, 3)).then(|| name(self)),
                }
            }
            _ => ClientOrder::Restart(RestartScope::Running),
        }
    }

    fn about_a_node(&mut self) -> Event {
        let id = self.any_node();
        request(match self.rng.below(10) {
            0..3 => {
                let deadline = pick(&mut self.rng, &[-1, 0, 5, 30, 120, 3600]);
                Request::NodeDrain {
                    id,
                    drain: Some(DrainRequest {
                        deadline: Duration::from_secs(deadline),
                        ignore_system_jobs: one_in(&mut self.rng, 3),
                    }),
                    mark_eligible: false,
                    message: one_in(&mut self.rng, 4).then(|| "a walk".into()),
                }
            }
            3 | 4 => Request::NodeDrain {
                id,
                drain: None,
                mark_eligible: !one_in(&mut self.rng, 3),
                message: None,
            },
            5 => Request::NodeEligibility {
                id,
                eligible: false,
            },
            6 | 7 => Request::NodeEligibility { id, eligible: true },
            _ => return self.join(id),
        })
    }

    /// A node joins, or comes again with other attributes.
    fn join(&mut self, old: NodeId) -> Event {
        let pattern = self.cluster.config().nodes[0].clone();
        if self.nodes.len() < NODES_MAX && one_in(&mut self.rng, 2) {
            let id = NodeId(UuidMaker::new(self.rng.child("node", self.nodes.len() as u64)).make());
            let node = options::node(&pattern, id, self.nodes.len(), &mut self.rng);
            self.nodes.push(id);
            return request(Request::NodeRegister(Box::new(node)));
        }
        let Some(stored) = self.cluster.store().node(old).cloned() else {
            return Event::Nothing;
        };
        let mut node = (*stored).clone();
        let rack = format!("r{}", 1 + self.rng.below(3));
        node.meta.insert("rack".into(), rack.as_str().into());
        if one_in(&mut self.rng, 4) {
            // More room alone is nothing that its jobs are looked at for.
            node.resources.memory_mb += 512;
            return request(Request::NodeRegister(Box::new(node)));
        }
        node.node_class = pick(&mut self.rng, &["general", "big"]).into();
        request(Request::NodeRegister(Box::new(node.with_computed_class())))
    }

    fn configure_schedulers(&mut self) -> Event {
        let store = self.cluster.store();
        let mut configuration: SchedulerConfiguration = store.scheduler_configuration().clone();
        let preemption = &mut configuration.preemption;
        match self.rng.below(6) {
            0 => preemption.service ^= true,
            1 => preemption.batch ^= true,
            2 => preemption.system ^= true,
            3 => preemption.sysbatch ^= true,
            4 => configuration.memory_oversubscription ^= true,
            _ => {
                configuration.algorithm = match configuration.algorithm {
                    SchedulerAlgorithm::Binpack => SchedulerAlgorithm::Spread,
                    SchedulerAlgorithm::Spread => SchedulerAlgorithm::Binpack,
                };
            }
        }
        request(Request::SchedulerConfiguration(Box::new(configuration)))
    }
}

pub(super) fn request(request: Request) -> Event {
    Event::Input(Input::Request(request))
}

//! Things that happen one after the other: what single events seldom come to.

use yurt_engine::{Fault, Input, Request};
use yurt_model::{Allocation, Duration, JobKey, JobType, NodeId};

use super::events::request;
use super::{Event, Walk};
use crate::jobs::{Kind, one_in, pick};

/// One part of a course; what depends on the cluster is decided when its turn comes.
pub(super) enum Part {
    /// As it is.
    Event(Event),
    /// The job of a number is submitted.
    Register(u32),
    /// All canaries of a job's deployment are promoted.
    Promote(JobKey),
}

impl Walk {
    /// The next part of the course under way, if there is one.
    pub(super) fn go_on(&mut self) -> Option<Event> {
        Some(match self.course.pop_front()? {
            Part::Event(event) => event,
            Part::Register(number) => self.register_job(number),
            Part::Promote(key) => {
                let deployment = self.cluster.store().latest_deployment(&key);
                deployment.map_or(Event::Nothing, |deployment| {
                    let id = deployment.id;
                    request(Request::DeploymentPromote { id, groups: None })
                })
            }
        })
    }

    /// Begins a course. Machines stay well on walks without faults.
    pub(super) fn set_out(&mut self) -> Event {
        let has_faults = self.options.faults_percent > 0;
        let parts = match self.rng.below(10) {
            0..4 if has_faults => self.absence(),
            4 if has_faults && self.options.collects_garbage => self.oblivion(),
            5 => self.purge(),
            6 => self.force(),
            _ => self.candidates(),
        };
        self.course.extend(parts);
        self.go_on().unwrap_or(Event::Nothing)
    }

    fn seconds(&mut self, least: u32, range: u32) -> Part {
        let millis = 1000 * least + self.rng.below(1000 * range);
        Part::Event(Event::Wait(Duration::from_millis(i64::from(millis))))
    }

    /// A node is silent for long enough to be missed, and speaks again; what it ran may have been
    /// replaced meanwhile.
    fn absence(&mut self) -> Vec<Part> {
        let node = self.node_that_may_be_waited_for();
        let start = if one_in(&mut self.rng, 5) {
            Fault::NodeStops(node)
        } else {
            Fault::NodeCut(node)
        };
        // The usual policy waits for half a minute before it replaces anything.
        let is_short = one_in(&mut self.rng, 3);
        vec![
            fault(start),
            if is_short {
                self.seconds(31, 30)
            } else {
                self.seconds(60, 150)
            },
            fault(Fault::NodeStarts(node)),
            self.seconds(1, 40),
        ]
    }

    /// A machine that died is forgotten, and comes back.
    fn oblivion(&mut self) -> Vec<Part> {
        let node = self.node_at_work();
        vec![
            fault(Fault::NodeStops(node)),
            self.seconds(31, 30),
            Part::Event(request(Request::SystemGarbageCollect)),
            fault(Fault::NodeStarts(node)),
        ]
    }

    /// A job is forgotten and submitted at once.
    fn purge(&mut self) -> Vec<Part> {
        let (number, key) = self.any_job();
        let purge = Request::JobDeregister {
            key,
            purge: true,
            no_shutdown_delay: false,
            eval_priority: None,
        };
        vec![Part::Event(request(purge)), Part::Register(number)]
    }

    /// What has failed is to be replaced at once.
    fn force(&mut self) -> Vec<Part> {
        let event = self.a_job_that_failed().map(|key| {
            Part::Event(request(Request::JobEvaluate {
                key,
                force_reschedule: true,
            }))
        });
        event.into_iter().collect()
    }

    /// Time for the version before to become healthy, then a new one, whose canaries are promoted.
    fn candidates(&mut self) -> Vec<Part> {
        let seed = self.options.seed;
        let has_canaries = |number: &u32| {
            let kind = Kind::of(seed, *number);
            matches!(kind, Kind::Service | Kind::System)
        };
        let mut numbers: Vec<u32> = (0..self.options.jobs).filter(has_canaries).collect();
        let is_system = |number: &u32| Kind::of(seed, *number) == Kind::System;
        if numbers.iter().any(is_system) && one_in(&mut self.rng, 2) {
            numbers.retain(is_system);
        }
        if numbers.is_empty() {
            return Vec::new();
        }
        let number = numbers[self.rng.below(numbers.len() as u32) as usize];
        vec![
            self.seconds(10, 60),
            Part::Register(number),
            self.seconds(15, 45),
            Part::Promote(JobKey::in_default(&format!("job-{number}"))),
        ]
    }

    /// A node that runs something, if there is one.
    pub(super) fn node_at_work(&mut self) -> NodeId {
        let node = self.node_with(|_| true);
        node.unwrap_or_else(|| self.any_node())
    }

    /// A node that runs something that may be unknown for a time, if there is one. Each type of
    /// job has its turn.
    fn node_that_may_be_waited_for(&mut self) -> NodeId {
        use JobType::{Batch, Service, Sysbatch, System};
        let kind = pick(&mut self.rng, &[Service, Service, Batch, System, Sysbatch]);
        let is_replaced = !one_in(&mut self.rng, 3);
        let may_be_unknown = |alloc: &Allocation| {
            let group = alloc.task_group();
            let block = group.and_then(|group| group.disconnect.as_ref());
            block
                .filter(|block| block.lost_after > Duration::ZERO)
                .map(|block| block.replace)
        };
        // What an active deployment looks at is not replaced before it has failed.
        let active = self
            .cluster
            .store()
            .deployments()
            .filter(|one| one.is_active());
        let active: Vec<_> = active.map(|one| Some(one.id)).collect();
        let wanted = self.node_with(|alloc| {
            let is_free = !is_replaced || !active.contains(&alloc.deployment_id);
            let is_so = may_be_unknown(alloc).is_some_and(|replace| replace || !is_replaced);
            is_so && is_free && alloc.job.spec.kind == kind
        });
        wanted
            .or_else(|| self.node_with(|alloc| may_be_unknown(alloc).is_some()))
            .unwrap_or_else(|| self.any_node())
    }

    fn node_with(&mut self, is_wanted: impl Fn(&Allocation) -> bool) -> Option<NodeId> {
        let store = self.cluster.store();
        let has_one = |id: &NodeId| {
            let mut allocs = store.allocs_of_node(*id);
            allocs.any(|alloc| !alloc.is_terminal() && is_wanted(alloc))
        };
        let nodes: Vec<NodeId> = self.nodes.iter().copied().filter(has_one).collect();
        (!nodes.is_empty()).then(|| pick(&mut self.rng, &nodes))
    }
}

fn fault(fault: Fault) -> Part {
    Part::Event(Event::Input(Input::Fault(fault)))
}

//! A store, a clock and a scheduler: as much of a server as the traces need.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;

use serde_json::json;
use yurt_model::job::{JobSpec, JobType, TaskGroup, UpdateStrategy};
use yurt_model::testing;
use yurt_model::{
    AllocClientStatus, AllocDeploymentStatus, AllocId, Allocation, DeploymentStatus,
    DeploymentStatusUpdate, DesiredTransition, DriverInfo, Duration, EvalId, EvalStatus,
    EvalTrigger, Evaluation, JobKey, Node, NodeNetwork, Plan, Rng, SchedulerConfiguration, Time,
    UuidMaker,
};
use yurt_state::{Change, ClientUpdate, JobWrite, Store};

use crate::generic::run_attempt;
use crate::{SchedulerInput, SchedulerOutput, schedule};

/// A node that service jobs can use: 4000 MHz, 8192 MiB, one host network, docker.
pub(crate) fn node(number: u128) -> Node {
    let mut node = testing::node(number);
    let works = DriverInfo {
        detected: true,
        healthy: true,
    };
    node.drivers.insert("docker".into(), works);
    node.resources.networks.push(NodeNetwork {
        mode: "host".into(),
        device: "eth0".into(),
        ip: "192.168.0.100".into(),
        alias: "default".into(),
        mbits: 1000,
        reserved_ports: "".into(),
    });
    node.with_computed_class()
}

/// A group `api` of one small docker task that runs `image`.
pub(crate) fn group(count: i64, image: &str, update: Option<UpdateStrategy>) -> TaskGroup {
    let task = testing::task("server", "docker", json!({ "image": image }));
    let mut group = testing::group("api", count, vec![task]);
    group.update = update;
    group.reschedule = Some(yurt_model::job::ReschedulePolicy {
        attempts: 0,
        interval: Duration::ZERO,
        delay: Duration::from_secs(30),
        delay_function: yurt_model::job::DelayFunction::Exponential,
        max_delay: Duration::from_hours(1),
        unlimited: true,
    });
    group
}

/// An update block with the default times.
pub(super) fn update(max_parallel: i64, canary: i64) -> Option<UpdateStrategy> {
    let mut update = testing::update();
    update.max_parallel = max_parallel;
    update.canary = canary;
    Some(update)
}

/// The small cluster.
pub(super) struct World {
    pub store: Store,
    pub now: Time,
    ids: UuidMaker,
    rng: Rng,
    /// What the last evaluation came to.
    pub last: Option<SchedulerOutput>,
}

impl World {
    pub fn new(nodes: impl IntoIterator<Item = Node>) -> Self {
        let configuration = SchedulerConfiguration::of_a_fresh_cluster();
        let rng = Rng::new(1);
        let mut world = Self {
            store: Store::new(100, configuration),
            now: Time(1_700_000_000_000_000_000),
            ids: UuidMaker::new(rng.child("ids", 0)),
            rng,
            last: None,
        };
        for node in nodes {
            world.apply(Change::NodeUpserted(Box::new(node)));
        }
        world
    }

    pub fn apply(&mut self, change: Change) {
        self.store
            .apply(self.now, change)
            .expect("a write that is not refused");
    }

    fn evaluation(&mut self, kind: JobType, trigger: EvalTrigger) -> Evaluation {
        let id = EvalId(self.ids.make());
        Evaluation::new(id, &JobKey::in_default("docs"), kind, 50, trigger, self.now)
    }

    /// Registers a job of these groups and evaluates it. `revision` makes the spec another one.
    pub fn register(&mut self, revision: u64, groups: Vec<TaskGroup>) -> String {
        self.register_spec(revision, testing::spec("docs", JobType::Service, groups))
    }

    pub fn register_spec(&mut self, revision: u64, mut spec: JobSpec) -> String {
        spec.document = json!({ "ID": spec.id.as_str(), "Revision": revision });
        let mut evaluation = self.evaluation(spec.kind, EvalTrigger::JobRegister);
        evaluation.job_id = spec.id.clone();
        evaluation.priority = spec.priority;
        self.apply(Change::JobUpserted {
            job: Box::new(JobWrite::fresh(Rc::new(spec), self.now)),
            evaluation: Some(Box::new(evaluation.clone())),
            no_shutdown_delay: false,
        });
        self.run(evaluation)
    }

    pub fn evaluate(&mut self) -> String {
        let kind = self
            .store
            .job(&JobKey::in_default("docs"))
            .map(|job| job.spec.kind);
        let kind = kind.unwrap_or(JobType::Service);
        let evaluation = self.evaluation(kind, EvalTrigger::NodeUpdate);
        self.apply(Change::EvalsUpserted(vec![evaluation.clone()]));
        self.run(evaluation)
    }

    /// Schedules, applies the plan, stores what follows; says what happened.
    pub fn run(&mut self, evaluation: Evaluation) -> String {
        let mut answers = Vec::new();
        // What was found out about nodes is used again only where nothing else comes of it.
        for forgets in [true, false] {
            let mut ids = self.ids.clone();
            let input = SchedulerInput {
                store: &self.store,
                evaluation: &evaluation,
                now: self.now,
                ids: &mut ids,
                rng: self.rng.child("attempt", self.store.index()),
                annotate: true,
                attempt: 0,
            };
            let output = if forgets && !evaluation.kind.is_per_node() {
                run_attempt(input, true)
            } else {
                schedule(input)
            };
            answers.push((decisions(&output), output, ids));
        }
        assert_eq!(answers[0].0, answers[1].0);
        let (_, output, ids) = answers.swap_remove(1);
        self.ids = ids;
        let plan = output.plan.clone().unwrap_or_default();
        let text = self.summary(&plan, &output);
        let mut evals = output.created.clone();
        if !plan.is_empty() {
            let change = Change::PlanApplied {
                plan: Box::new(plan),
                preemption_evals: Vec::new(),
            };
            self.apply(change);
        }
        evals.push(output.evaluation.clone());
        self.apply(Change::EvalsUpserted(evals));
        self.last = Some(output);
        format!("{text}; {}", self.deployment())
    }

    fn summary(&self, plan: &Plan, output: &SchedulerOutput) -> String {
        let mut text = String::new();
        let desired = plan
            .annotations
            .as_ref()
            .map(|notes| &notes.desired_updates);
        for (group, updates) in desired.into_iter().flatten() {
            let counts = [
                ("Pl", updates.place),
                ("St", updates.stop),
                ("Ig", updates.ignore),
                ("De", updates.destructive_update),
                ("In", updates.in_place_update),
                ("Ca", updates.canary),
                ("Mi", updates.migrate),
                ("RL", updates.reschedule_later),
            ];
            let _ = write!(text, "{group}");
            for (name, n) in counts.iter().filter(|(_, n)| *n > 0) {
                let _ = write!(text, " {name}{n}");
            }
            text.push_str("; ");
        }
        let mut stops: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for stop in &plan.stops {
            let alloc = self.store.alloc(stop.alloc_id).expect("stored");
            stops
                .entry(&stop.description)
                .or_default()
                .push(alloc.name_index);
        }
        for (reason, names) in stops {
            let _ = write!(text, "{names:?} {}; ", short(reason));
        }
        let mut new: Vec<(u32, bool)> = plan
            .allocations
            .iter()
            .filter(|alloc| self.store.alloc(alloc.id).is_none())
            .map(|alloc| (alloc.name_index, alloc.is_canary()))
            .collect();
        new.sort_unstable();
        for (name, is) in [("new", false), ("canaries", true)] {
            let names: Vec<u32> = new
                .iter()
                .filter(|(_, canary)| *canary == is)
                .map(|(index, _)| *index)
                .collect();
            if !names.is_empty() {
                let _ = write!(text, "{name} {names:?}; ");
            }
        }
        if plan.is_empty() {
            text.push_str("no plan; ");
        }
        if !output.evaluation.failed_groups.is_empty() {
            text.push_str("failures; ");
        }
        text.truncate(text.len() - 2);
        text
    }

    /// The newest deployment: version, status, counts as placed/healthy/total, canaries.
    fn deployment(&self) -> String {
        let Some(deployment) = self.store.latest_deployment(&JobKey::in_default("docs")) else {
            return "none".to_owned();
        };
        let mut text = format!("v{} {}", deployment.job_version, deployment.status);
        match &*deployment.status_description {
            yurt_model::description::NEEDS_PROMOTION => text.push_str(" manual"),
            yurt_model::description::AUTO_PROMOTION => text.push_str(" auto"),
            _ => (),
        }
        for group in &deployment.groups {
            let (placed, healthy) = (group.placed_allocs, group.healthy_allocs);
            let _ = write!(text, " {placed}/{healthy}/{}", group.desired_total);
            if group.desired_canaries > 0 {
                let canaries = group.placed_canaries.len();
                let _ = write!(text, " canaries {canaries}/{}", group.desired_canaries);
            }
        }
        text
    }

    /// The job's allocations that should run, by name index, then age.
    pub fn live(&self) -> Vec<Rc<Allocation>> {
        let key = JobKey::in_default("docs");
        let all = self
            .store
            .allocs_of_job(&key)
            .filter(|alloc| !alloc.is_terminal());
        let mut live: Vec<Rc<Allocation>> = all.cloned().collect();
        live.sort_by_key(|alloc| (alloc.name_index, alloc.create_index, alloc.id));
        live
    }

    pub fn report(&mut self, id: AllocId, status: AllocClientStatus, healthy: Option<bool>) {
        let alloc = self.store.alloc(id).expect("stored").clone();
        let health = healthy.map(|healthy| AllocDeploymentStatus {
            healthy: Some(healthy),
            timestamp: Some(self.now),
            ..AllocDeploymentStatus::default()
        });
        let update = ClientUpdate {
            alloc_id: id,
            status,
            description: "".into(),
            task_states: alloc.task_states.clone(),
            deployment_status: health,
        };
        self.apply(Change::ClientsReported {
            updates: vec![update],
            evals: Vec::new(),
        });
    }

    /// Every allocation of the newest deployment without health is healthy; what was told to stop
    /// has stopped.
    pub fn settle(&mut self) {
        self.now += Duration::from_secs(20);
        let key = JobKey::in_default("docs");
        let deployment = self
            .store
            .latest_deployment(&key)
            .map(|deployment| deployment.id);
        let all: Vec<Rc<Allocation>> = self.store.allocs_of_job(&key).cloned().collect();
        for alloc in all {
            if alloc.is_server_terminal() {
                if !alloc.is_client_terminal() {
                    self.report(alloc.id, AllocClientStatus::Complete, None);
                }
            } else if !alloc.is_client_terminal() {
                let joins = deployment.is_some() && alloc.deployment_id == deployment;
                let health = (joins && !alloc.has_health()).then_some(true);
                self.report(alloc.id, AllocClientStatus::Running, health);
            }
        }
    }

    /// As `settle`, then an evaluation.
    pub fn heal(&mut self) -> String {
        self.settle();
        self.evaluate()
    }

    /// Promotes, then evaluates.
    pub fn promote(&mut self) -> String {
        let deployment = self.store.latest_deployment(&JobKey::in_default("docs"));
        let deployment_id = deployment.expect("a deployment").id;
        self.apply(Change::DeploymentPromoted {
            deployment_id,
            groups: None,
            evaluation: None,
        });
        self.evaluate()
    }

    /// Sets the newest deployment's status.
    pub fn set_deployment(&mut self, status: DeploymentStatus) {
        let deployment = self.store.latest_deployment(&JobKey::in_default("docs"));
        let update = DeploymentStatusUpdate {
            deployment_id: deployment.expect("a deployment").id,
            status,
            description: "by hand".into(),
        };
        self.apply(Change::DeploymentStatusSet {
            update,
            rollback: None,
            evaluation: None,
        });
    }

    pub fn set_transition(&mut self, id: AllocId, transition: DesiredTransition) {
        let transitions = vec![(id, transition)];
        self.apply(Change::TransitionsSet {
            transitions,
            evals: Vec::new(),
        });
    }

    /// The pending follow-up evaluations that are due by now, oldest first.
    pub fn due(&self) -> Vec<Rc<Evaluation>> {
        let key = JobKey::in_default("docs");
        let is_due = |eval: &&Rc<Evaluation>| {
            eval.status == EvalStatus::Pending && eval.wait_until.is_some_and(|t| t <= self.now)
        };
        self.store
            .evals_of_job(&key)
            .filter(is_due)
            .cloned()
            .collect()
    }
}

/// Everything that was decided, and why, bit for bit.
fn decisions(output: &SchedulerOutput) -> String {
    let mut text = format!("{:#?}{:#?}", output.evaluation, output.created);
    if let Some(plan) = &output.plan {
        let _ = write!(text, "{:#?}{:?}", plan.stops, plan.preemptions);
        for alloc in &plan.allocations {
            let (name, node, metrics) = (alloc.name(), &alloc.node_name, &alloc.metrics);
            let _ = write!(text, "{} {name} {node} {metrics:#?}", alloc.id);
            let _ = write!(
                text,
                "{:?}{:?}",
                alloc.resources, alloc.links.previous_allocation
            );
        }
    }
    text
}

fn short(reason: &str) -> &str {
    match reason {
        "alloc not needed due to job update" => "not needed",
        "alloc is being updated due to job update" => "updating",
        "alloc is being migrated" => "migrating",
        "alloc is lost since its node is down" => "lost",
        "" => "rescheduled",
        other => other,
    }
}

//! A cluster whose servers are ours and whose clients say what a test says: a job text, a few
//! steps, and what came of it, as short texts.
//!
//! Belongs here: words for tests of traps. No expectation.

mod text;
mod world;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;

use yurt_engine::{
    Cluster, ClusterConfig, DrainRequest, Fault, ImageCatalogue, Input, JobRegister, Processed,
    Reply, Request,
};
use yurt_model::{
    AllocClientStatus, AllocDeploymentStatus, AllocId, AllocMetric, Allocation, Deployment,
    Duration, Evaluation, Job, JobKey, JobSpec, Node, NodeId, NodeStatus, Release, Rng,
    SchedulerConfiguration, TaskPhase, TaskState, Time, UuidMaker,
};
use yurt_scheduler::{SchedulerInput, SchedulerOutput, schedule};
use yurt_state::{ClientUpdate, Store};

use text::admitted;
pub(super) use text::{Text, batch, job, service, system};
pub(super) use world::{address, change, id, node, with_meta};

pub(super) fn key(job: &str) -> JobKey {
    JobKey::in_default(job)
}

/// The cluster.
pub(super) struct Play {
    pub(super) cluster: Cluster,
}

impl Play {
    /// So many like nodes.
    pub(super) fn new(nodes: u128) -> Self {
        Self::on((1..=nodes).map(node))
    }

    pub(super) fn on(nodes: impl IntoIterator<Item = Node>) -> Self {
        Self::with(nodes, |_| ())
    }

    /// These nodes, and something else about the world.
    pub(super) fn with(
        nodes: impl IntoIterator<Item = Node>,
        how: impl FnOnce(&mut ClusterConfig),
    ) -> Self {
        let mut config = ClusterConfig {
            seed: 1,
            epoch: Time(1_767_603_600_000_000_000),
            first_index: 9,
            nodes: nodes.into_iter().collect(),
            images: ImageCatalogue::by_suffix_alone(),
            scheduler: SchedulerConfiguration::of_a_fresh_cluster(),
            release: Release::V2_0,
            simulates_clients: false,
            collects_garbage: false,
            scheduling_delay: Duration::ZERO,
            heartbeat_ttl: Duration::from_secs(10),
            heartbeat_grace: Duration::from_secs(10),
        };
        how(&mut config);
        let mut cluster = Cluster::new(config).expect("a sound world");
        cluster.trace_evaluations();
        Self { cluster }
    }

    pub(super) fn ask(&mut self, request: Request) -> Result<Reply, String> {
        let handled = self
            .cluster
            .handle(self.cluster.now(), Input::Request(request));
        handled.reply.map_err(|refusal| refusal.to_string())
    }

    pub(super) fn must(&mut self, request: Request) -> Reply {
        self.ask(request).expect("the request is in order")
    }

    pub(super) fn run(&mut self, job: &Text) -> &mut Self {
        self.must(Request::JobRegister(JobRegister::of(job.spec())));
        self
    }

    /// A job that no admission lets through.
    pub(super) fn run_spec(&mut self, spec: JobSpec) -> &mut Self {
        self.must(Request::JobRegister(JobRegister::of(Rc::new(spec))));
        self
    }

    /// A job file that `Text` cannot say.
    pub(super) fn run_text(&mut self, hcl: &str) -> &mut Self {
        self.must(Request::JobRegister(JobRegister::of(admitted(hcl))));
        self
    }

    pub(super) fn stop(&mut self, job: &str, purge: bool) -> &mut Self {
        self.must(Request::JobDeregister {
            key: key(job),
            purge,
            no_shutdown_delay: false,
            eval_priority: None,
        });
        self
    }

    pub(super) fn evaluate(&mut self, job: &str) -> &mut Self {
        self.must(Request::JobEvaluate {
            key: key(job),
            force_reschedule: false,
        });
        self
    }

    pub(super) fn scale(&mut self, count: i64) -> Result<Reply, String> {
        self.ask(Request::JobScale {
            key: key("docs"),
            group: "web".into(),
            count: Some(count),
            enforce_index: None,
            message: "".into(),
            is_error: false,
        })
    }

    pub(super) fn wait(&mut self, seconds: i64) -> &mut Self {
        let until = self.cluster.now() + Duration::from_secs(seconds);
        self.cluster.run_until(until);
        self
    }

    pub(super) fn join(&mut self, node: Node) -> &mut Self {
        self.must(Request::NodeRegister(Box::new(node)));
        self
    }

    pub(super) fn miss_heartbeat(&mut self, node: NodeId) -> &mut Self {
        let fault = Input::Fault(Fault::HeartbeatMissed(node));
        let _handled = self.cluster.handle(self.cluster.now(), fault);
        self
    }

    pub(super) fn status(&mut self, id: NodeId, status: NodeStatus) -> &mut Self {
        self.must(Request::NodeStatus { id, status });
        self
    }

    pub(super) fn eligible(&mut self, id: NodeId, eligible: bool) -> &mut Self {
        self.must(Request::NodeEligibility { id, eligible });
        self
    }

    pub(super) fn node_status(&self, id: NodeId) -> NodeStatus {
        self.cluster.store().node(id).expect("it is there").status
    }

    /// What a scheduler answers to that evaluation, were it looked at now for the first time, or
    /// after so many attempts in vain.
    pub(super) fn schedule(&self, eval: &Evaluation, attempt: u32) -> SchedulerOutput {
        schedule_on(self.cluster.store(), self.cluster.now(), eval, attempt)
    }

    /// A drain with a deadline in seconds; 0 waits for ever.
    pub(super) fn drain(&mut self, id: NodeId, deadline: i64) -> &mut Self {
        self.must(Request::NodeDrain {
            id,
            drain: Some(DrainRequest {
                deadline: Duration::from_secs(deadline),
                ignore_system_jobs: false,
            }),
            mark_eligible: false,
            message: None,
        });
        self
    }

    /// The clients say this of these allocations, and that they are healthy or not.
    pub(super) fn report(&mut self, ids: &[AllocId], status: &str, healthy: Option<bool>) {
        self.try_report(ids, status, healthy).expect("heard");
    }

    pub(super) fn try_report(
        &mut self,
        ids: &[AllocId],
        status: &str,
        healthy: Option<bool>,
    ) -> Result<Reply, String> {
        let now = self.cluster.now();
        let store = self.cluster.store();
        let allocs = ids.iter().filter_map(|id| store.alloc(*id));
        let updates = allocs.map(|alloc| update(alloc, status, healthy, now));
        let updates: Vec<ClientUpdate> = updates.collect();
        self.ask(Request::ClientReport(updates))
    }

    /// What shall run is said to run, and what shall stop to have stopped. With `healthy`, what
    /// waits for a verdict is healthy.
    fn round(&mut self, healthy: bool) -> bool {
        let all: Vec<Rc<Allocation>> = self.cluster.store().allocs().cloned().collect();
        let mut changed = false;
        for alloc in all.iter().filter(|alloc| !alloc.is_client_terminal()) {
            let node = self.cluster.store().node(alloc.node_id);
            if node.is_none_or(|node| node.status != NodeStatus::Ready) {
                continue;
            }
            if alloc.is_server_terminal() {
                self.report(&[alloc.id], "complete", None);
                changed = true;
            } else {
                let waits = healthy && !alloc.has_health();
                if alloc.client_status == AllocClientStatus::Pending || waits {
                    self.report(&[alloc.id], "running", waits.then_some(true));
                    changed = true;
                }
            }
        }
        changed
    }

    /// One round of clients' reports; nothing becomes healthy by it.
    pub(super) fn start(&mut self) -> &mut Self {
        self.round(false);
        self
    }

    /// One round of clients' reports, and of what follows from it.
    pub(super) fn heal(&mut self) -> &mut Self {
        self.round(true);
        self.wait(2)
    }

    /// Rounds until nothing is left to report.
    pub(super) fn settle(&mut self) -> &mut Self {
        for _ in 0..40 {
            if !self.round(true) {
                break;
            }
            self.wait(2);
        }
        self.did();
        self
    }

    pub(super) fn promote(&mut self) -> Result<Reply, String> {
        let id = self.deployment_row("docs").id;
        self.ask(Request::DeploymentPromote { id, groups: None })
    }

    pub(super) fn fail_deployment(&mut self) -> Result<Reply, String> {
        let id = self.deployment_row("docs").id;
        self.ask(Request::DeploymentFail { id })
    }

    pub(super) fn pause(&mut self, pause: bool) -> &mut Self {
        let id = self.deployment_row("docs").id;
        self.must(Request::DeploymentPause { id, pause });
        self
    }

    pub(super) fn job(&self, job: &str) -> Rc<Job> {
        self.cluster
            .store()
            .job(&key(job))
            .expect("there is such a job")
            .clone()
    }

    /// The job's allocations by name, then age.
    pub(super) fn allocs(&self, job: &str) -> Vec<Rc<Allocation>> {
        let key = key(job);
        let mut all: Vec<_> = self.cluster.store().allocs_of_job(&key).cloned().collect();
        all.sort_by_key(|alloc| {
            let group = alloc.group.clone();
            (group, alloc.name_index, alloc.create_index, alloc.id)
        });
        all
    }

    /// Those that are not terminal.
    pub(super) fn live(&self, job: &str) -> Vec<Rc<Allocation>> {
        let mut live = self.allocs(job);
        live.retain(|alloc| !alloc.is_terminal());
        live
    }

    pub(super) fn ids(&self, job: &str) -> Vec<AllocId> {
        self.live(job).iter().map(|alloc| alloc.id).collect()
    }

    pub(super) fn alloc(&self, id: AllocId) -> Rc<Allocation> {
        self.cluster.store().alloc(id).expect("it is kept").clone()
    }

    /// What servers want and clients say: `run running`.
    pub(super) fn told(&self, id: AllocId) -> String {
        let alloc = self.alloc(id);
        format!("{} {}", alloc.desired_status, alloc.client_status)
    }

    /// The name indexes of what is not terminal.
    pub(super) fn names(&self, job: &str) -> Vec<u32> {
        self.live(job)
            .iter()
            .map(|alloc| alloc.name_index)
            .collect()
    }

    /// The job's evaluations, oldest first.
    pub(super) fn evals(&self, job: &str) -> Vec<Rc<Evaluation>> {
        let key = key(job);
        let mut all: Vec<_> = self.cluster.store().evals_of_job(&key).cloned().collect();
        all.sort_by_key(|eval| eval.create_index);
        all
    }

    /// Trigger and status of the evaluations that are not at an end.
    pub(super) fn open(&self, job: &str) -> Vec<String> {
        let evals = self.evals(job);
        let open = evals.iter().filter(|eval| !eval.status.is_terminal());
        open.map(|eval| format!("{} {}", eval.triggered_by, eval.status))
            .collect()
    }

    pub(super) fn newest_eval(&self, job: &str, trigger: &str) -> Rc<Evaluation> {
        let evals = self.evals(job);
        let mut of_trigger = evals
            .iter()
            .rev()
            .filter(|e| e.triggered_by.as_str() == trigger);
        of_trigger
            .next()
            .expect("there is such an evaluation")
            .clone()
    }

    /// Why the group `web` found no place, as the newest registration tells.
    pub(super) fn failure(&self, job: &str) -> Rc<AllocMetric> {
        let eval = self.newest_eval(job, "job-register");
        eval.failed_groups.get("web").expect("it failed").clone()
    }

    pub(super) fn deployment_row(&self, job: &str) -> Rc<Deployment> {
        let newest = self.cluster.store().latest_deployment(&key(job));
        newest.expect("there is a deployment").clone()
    }

    /// The newest deployment: version, status, then for each group placed/healthy/total and its
    /// canaries, placed/desired.
    pub(super) fn deployment(&self, job: &str) -> String {
        let deployment = self.deployment_row(job);
        let mut text = format!("v{} {}", deployment.job_version, deployment.status);
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

    pub(super) fn description(&self) -> String {
        self.deployment_row("docs").status_description.to_string()
    }

    /// What a dry run of the job counts: `Pl2 Ig3`.
    pub(super) fn counters(&self, job: &Text) -> String {
        let plan = self.cluster.snapshot().plan(job.spec(), None);
        let plan = plan.expect("the job is in order");
        let updates = &plan.annotations.desired_updates["web"];
        let counts = [
            ("Pl", updates.place),
            ("St", updates.stop),
            ("Ig", updates.ignore),
            ("De", updates.destructive_update),
            ("In", updates.in_place_update),
            ("Ca", updates.canary),
            ("Mi", updates.migrate),
            ("Pr", updates.preemptions),
            ("Di", updates.disconnect),
            ("Re", updates.reconnect),
            ("RN", updates.reschedule_now),
            ("RL", updates.reschedule_later),
        ];
        let some = counts.iter().filter(|(_, count)| *count > 0);
        let some: Vec<String> = some.map(|(name, count)| format!("{name}{count}")).collect();
        some.join(" ")
    }

    /// What each evaluation did since the last call: its trigger, what it stopped (names and why),
    /// placed (`+`), wrote again (`~`), evicted, made and failed to place.
    pub(super) fn did(&mut self) -> Vec<String> {
        let all = self.cluster.take_processed();
        all.iter().map(told).collect()
    }

    /// The same of one job alone.
    pub(super) fn did_of(&mut self, job: &str) -> Vec<String> {
        let mut all = self.cluster.take_processed();
        all.retain(|one| one.after.job_id.as_str() == job);
        all.iter().map(told).collect()
    }
}

/// The same on a store of the test's own making.
pub(super) fn schedule_on(
    store: &Store,
    now: Time,
    eval: &Evaluation,
    attempt: u32,
) -> SchedulerOutput {
    let mut ids = UuidMaker::new(Rng::new(2));
    schedule(SchedulerInput {
        store,
        evaluation: eval,
        now,
        ids: &mut ids,
        rng: Rng::new(3),
        annotate: true,
        attempt,
    })
}

fn update(alloc: &Allocation, status: &str, healthy: Option<bool>, now: Time) -> ClientUpdate {
    let status = AllocClientStatus::from_name(status).expect("a status");
    let tasks = alloc.task_group().map_or(&[][..], |group| &group.tasks);
    let states = tasks.iter().map(|task| {
        let old = alloc.task_state(&task.name);
        let started = old.and_then(|state| state.started_at);
        let (phase, ends) = match status {
            AllocClientStatus::Pending => (TaskPhase::Pending, false),
            AllocClientStatus::Running => (TaskPhase::Running, false),
            _ => (TaskPhase::Dead, true),
        };
        let mut state = TaskState::pending(task.name.clone());
        state.phase = phase;
        state.failed = status == AllocClientStatus::Failed;
        state.started_at = started.or((phase != TaskPhase::Pending).then_some(now));
        state.finished_at = ends.then_some(now);
        state
    });
    ClientUpdate {
        alloc_id: alloc.id,
        status,
        description: "".into(),
        task_states: states.map(Rc::new).collect(),
        deployment_status: healthy.map(|healthy| AllocDeploymentStatus {
            healthy: Some(healthy),
            timestamp: Some(now),
            ..AllocDeploymentStatus::default()
        }),
    }
}

/// One word or two for a stop's reason.
fn short(reason: &str) -> &str {
    match reason {
        "alloc not needed due to job update" => "not needed",
        "alloc is being updated due to job update" => "updating",
        "alloc is being migrated" => "migrating",
        "alloc is lost since its node is down" => "lost",
        // Recordings have no text where the specification has one.
        "" => "rescheduled",
        "alloc not needed as node is tainted" => "tainted",
        "alloc not needed due to disconnected client reconnect" => "reconnected",
        other => other,
    }
}

fn told(one: &Processed) -> String {
    let mut parts = Vec::new();
    let mut stops: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    let (mut new, mut canaries, mut again) = (Vec::new(), Vec::new(), Vec::new());
    for plan in &one.plans {
        for stop in &plan.stops {
            let alloc = one.store.alloc(stop.alloc_id).expect("stored");
            stops
                .entry(short(&stop.description))
                .or_default()
                .push(alloc.name_index);
        }
        for alloc in &plan.allocations {
            let list = match (alloc.create_index, alloc.is_canary()) {
                (0, false) => &mut new,
                (0, true) => &mut canaries,
                _ => &mut again,
            };
            list.push(alloc.name_index);
        }
        if !plan.preemptions.is_empty() {
            parts.push(format!("evicts {}", plan.preemptions.len()));
        }
    }
    for (reason, mut names) in stops {
        names.sort_unstable();
        parts.push(format!("{reason} {names:?}"));
    }
    for (sign, mut names) in [("+", new), ("canaries ", canaries), ("~", again)] {
        names.sort_unstable();
        if !names.is_empty() {
            parts.push(format!("{sign}{names:?}"));
        }
    }
    for eval in &one.created {
        parts.push(format!("makes {} {}", eval.triggered_by, eval.status));
    }
    for group in one.after.failed_groups.keys() {
        parts.push(format!("no place for {group}"));
    }
    if one.was_blocked_again {
        parts.push("waits again".into());
    }
    if one.after.status.as_str() == "failed" {
        parts.push(format!("failed: {}", one.after.status_description));
    }
    let what = parts.join("; ");
    format!("{}: {what}", one.before.triggered_by)
}

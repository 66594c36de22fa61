//! What a command may touch: the cluster, the working folder, and nothing else.
//!
//! Belongs here: the engine's requests as commands need them, with refusals in the words in which
//! the reference's HTTP API wraps them. Not here: what is checked (the servers do that) and what is
//! printed (commands do that).

use std::rc::Rc;

use serde_json::Value;
use yurt_engine::{
    ClientOrder, Cluster, ClusterConfig, DrainRequest, Fault, Input, JobDispatch, JobRegister,
    PlanOutcome, Refusal, Reply, Request, Wakeup,
};
use yurt_jobspec::admission::{self, AdmissionContext, Admitted, Refused};
use yurt_model::{
    AllocId, DeploymentId, Duration, EvalId, Job, JobId, JobKey, Name, Node, NodeId, Release,
    SchedulerConfiguration, Time,
};
use yurt_state::Submission;

use crate::command::{Execution, Lines, Monitor, ReadJob, Scene};
use crate::files::Files;
use crate::view::Line;

/// The pools that exist without any node: the usual one, and the one that stands for all.
const NODE_POOLS: [&str; 2] = ["default", "all"];

/// What a command may touch.
pub struct World<'a> {
    cluster: &'a mut Cluster,
    /// The working folder.
    pub(crate) files: &'a Files,
}

/// A job to submit.
pub(crate) struct Registration {
    pub(crate) job: ReadJob,
    pub(crate) check_index: Option<u64>,
    /// The priority of the evaluation, if not the job's.
    pub(crate) eval_priority: Option<i64>,
    pub(crate) preserve_counts: bool,
    pub(crate) preserve_resources: bool,
    /// `-namespace`, which wins over what the file says.
    pub(crate) namespace: Option<String>,
}

/// What came of a submission.
pub(crate) struct Registered {
    pub(crate) eval_id: Option<EvalId>,
    /// When a periodic job is launched next.
    pub(crate) next_launch: Option<String>,
    pub(crate) warnings: Vec<String>,
}

/// What came of failing a deployment.
pub(crate) struct Failed {
    pub(crate) eval_id: Option<EvalId>,
    pub(crate) reverted_to: Option<u64>,
}

/// A dry run, and what its author should know.
pub(crate) struct Planned {
    pub(crate) outcome: PlanOutcome,
    pub(crate) warnings: Vec<String>,
}

/// The text of a refusal as a client of the HTTP API prints it.
fn refused(status: u16, text: &impl ToString) -> String {
    let text = text.to_string();
    format!("Unexpected response code: {status} ({})", text.trim())
}

/// The priority of an evaluation (spec: jobspec 2.1).
fn check_priority(priority: Option<i64>) -> Result<(), String> {
    match priority {
        None | Some(1..=100) => Ok(()),
        Some(_) => {
            let text = "Eval priority must be between 1 and 100 inclusively";
            Err(refused(400, &text))
        }
    }
}

/// The cluster of the recordings, with that seed.
pub(crate) fn default_cluster(seed: u64, release: Release) -> Cluster {
    let config = ClusterConfig {
        release,
        ..ClusterConfig::of_recordings(seed)
    };
    Cluster::new(config).expect("the world of the recordings is sound")
}

/// When something happens next by itself.
pub(crate) fn next_wakeup(cluster: &Cluster) -> Option<Time> {
    match cluster.next_wakeup() {
        Wakeup::At(time) => Some(time),
        Wakeup::Idle => None,
    }
}

/// What renderers look at.
pub(crate) fn scene(cluster: &Cluster) -> Scene<'_> {
    Scene {
        store: cluster.store(),
        now: cluster.now(),
        release: cluster.release(),
    }
}

fn node_named(cluster: &Cluster, name: &str) -> Option<NodeId> {
    let mut nodes = cluster.store().nodes().chain(cluster.forgotten_nodes());
    nodes.find(|node| *node.name == *name).map(|node| node.id)
}

/// Does something to the machine of a node; false when there is none of that name.
pub(crate) fn fault(cluster: &mut Cluster, name: &str, fault: fn(NodeId) -> Fault) -> bool {
    let Some(id) = node_named(cluster, name) else {
        return false;
    };
    let handled = cluster.handle(cluster.now(), Input::Fault(fault(id)));
    handled.reply.is_ok()
}

/// Machines join the cluster, or come back changed. The error says which could not, and why.
pub(crate) fn join(cluster: &mut Cluster, nodes: Vec<Node>) -> Result<(), String> {
    for node in nodes {
        if node_named(cluster, &node.name).is_some_and(|id| id != node.id) {
            return Err(format!("there is another node \"{}\" already", node.name));
        }
        let request = Request::NodeRegister(Box::new(node));
        let handled = cluster.handle(cluster.now(), Input::Request(request));
        handled.reply.map_err(|refusal| refusal.to_string())?;
    }
    Ok(())
}

/// The pools that jobs may name: a pool is there as soon as a node is in it.
fn node_pools(cluster: &Cluster) -> Vec<String> {
    let mut pools: Vec<String> = NODE_POOLS.map(String::from).into();
    for node in cluster.store().nodes() {
        if pools.iter().all(|pool| *pool != *node.node_pool) {
            pools.push(node.node_pool.to_string());
        }
    }
    pools
}

/// What admission needs to know about the cluster.
pub(crate) fn admission_context(cluster: &Cluster) -> AdmissionContext {
    let configuration = cluster.store().scheduler_configuration();
    AdmissionContext {
        release: cluster.release(),
        memory_oversubscription: configuration.memory_oversubscription,
        namespaces: Some(vec!["default".into()]),
        node_pools: Some(node_pools(cluster)),
    }
}

impl<'a> World<'a> {
    pub(crate) fn new(cluster: &'a mut Cluster, files: &'a Files) -> Self {
        Self { cluster, files }
    }

    /// What renderers look at.
    pub(crate) fn scene(&self) -> Scene<'_> {
        scene(self.cluster)
    }

    /// What images do here.
    pub(crate) fn images(&self) -> &yurt_engine::ImageCatalogue {
        self.cluster.images()
    }

    /// What the checks of an allocation found last.
    pub(crate) fn checks(&self, alloc: AllocId) -> Vec<yurt_engine::CheckResult> {
        self.cluster.checks(alloc)
    }

    /// Prints the lines and goes on with the monitor.
    pub(crate) fn follow(&self, lines: Lines, monitor: Monitor) -> Execution {
        monitor.start(lines, self.scene())
    }

    /// Prints the lines, then the evaluation: its id, or what comes of it.
    pub(crate) fn evaluation(
        &self,
        mut lines: Lines,
        id: Option<EvalId>,
        detach: bool,
        verbose: bool,
    ) -> Execution {
        match id {
            None => Execution::done(lines),
            Some(id) if detach => {
                lines.push(Line::plain(format!("Evaluation ID: {id}")));
                Execution::done(lines)
            }
            Some(id) => self.follow(lines, Monitor::evaluation(id, verbose)),
        }
    }

    fn request(&mut self, request: Request) -> Result<Reply, Refusal> {
        let now = self.cluster.now();
        self.cluster.handle(now, Input::Request(request)).reply
    }

    fn ask(&mut self, request: Request) -> Result<Reply, String> {
        self.request(request).map_err(|text| refused(500, &text))
    }

    /// Whether the servers would take the job.
    pub(crate) fn admit(&self, document: &Value) -> Result<Admitted, Refused> {
        admission::admit(document, &admission_context(self.cluster))
    }

    /// Submits a job.
    pub(crate) fn register(&mut self, registration: Registration) -> Result<Registered, String> {
        let ReadJob {
            mut document,
            source,
            variables,
            format,
            spans: _,
        } = registration.job;
        set_namespace(&mut document, registration.namespace.as_deref());
        check_priority(registration.eval_priority)?;
        admission::check_submission(&document).map_err(|text| refused(400, &text))?;
        let dispatched = document["Dispatched"] == true;
        let mut admitted = self.admit(&document).map_err(|text| refused(500, &text))?;
        let too_large = admission::source_warning(source.len());
        let submission = too_large.is_none().then(|| {
            Rc::new(Submission {
                source: source.into(),
                format: format.into(),
                variables: variables.into(),
            })
        });
        admitted.warnings.extend(too_large);
        let next_launch = admitted.spec.next_launch_text(self.cluster.now());
        let reply = self.ask(Request::JobRegister(JobRegister {
            spec: admitted.spec,
            submission,
            enforce_index: registration.check_index,
            eval_priority: registration.eval_priority,
            preserve_counts: registration.preserve_counts,
            preserve_resources: registration.preserve_resources,
            dispatched,
        }))?;
        Ok(Registered {
            eval_id: reply.eval_id,
            next_launch,
            warnings: admitted.warnings,
        })
    }

    /// What submitting a job would do.
    pub(crate) fn plan(
        &self,
        mut document: Value,
        namespace: Option<&str>,
    ) -> Result<Planned, String> {
        set_namespace(&mut document, namespace);
        let admitted = self.admit(&document).map_err(|text| refused(500, &text))?;
        let outcome = self.cluster.snapshot().plan(admitted.spec, None);
        Ok(Planned {
            outcome: outcome.map_err(|text| refused(500, &text))?,
            warnings: admitted.warnings,
        })
    }

    /// Starts a stopped job again.
    pub(crate) fn start(&mut self, job: &Rc<Job>) -> Result<Option<EvalId>, String> {
        let submission = self.cluster.store().submission(&job.key(), job.version);
        let register = JobRegister {
            submission: submission.cloned(),
            dispatched: job.dispatched,
            ..JobRegister::of(job.spec.clone())
        };
        let reply = self.ask(Request::JobRegister(register))?;
        Ok(reply.eval_id)
    }

    /// Stops a job.
    pub(crate) fn deregister(
        &mut self,
        key: &JobKey,
        purge: bool,
        no_shutdown_delay: bool,
        eval_priority: Option<i64>,
    ) -> Result<Option<EvalId>, String> {
        check_priority(eval_priority)?;
        let reply = self.ask(Request::JobDeregister {
            key: key.clone(),
            purge,
            no_shutdown_delay,
            eval_priority,
        })?;
        Ok(reply.eval_id)
    }

    /// Goes back to a version.
    pub(crate) fn revert(&mut self, key: &JobKey, version: u64) -> Result<Option<EvalId>, String> {
        let reply = self.ask(Request::JobRevert {
            key: key.clone(),
            version,
            enforce_prior_version: None,
        })?;
        Ok(reply.eval_id)
    }

    /// Gives a version of a job a tag.
    pub(crate) fn tag(
        &mut self,
        key: &JobKey,
        version: Option<u64>,
        name: &str,
        description: &str,
    ) -> Result<(), String> {
        let (key, name) = (key.clone(), name.into());
        let description = description.into();
        let request = Request::JobTag {
            key,
            version,
            name,
            description,
        };
        self.ask(request).map(|_| ())
    }

    /// Takes a tag of a job away.
    pub(crate) fn untag(&mut self, key: &JobKey, name: &str) -> Result<(), String> {
        let (key, name) = (key.clone(), name.into());
        self.ask(Request::JobUntag { key, name }).map(|_| ())
    }

    /// Looks at a job again.
    pub(crate) fn evaluate(
        &mut self,
        key: &JobKey,
        force_reschedule: bool,
    ) -> Result<Option<EvalId>, String> {
        let reply = self.ask(Request::JobEvaluate {
            key: key.clone(),
            force_reschedule,
        })?;
        Ok(reply.eval_id)
    }

    /// Changes a group's count. Its refusals are bad requests, unlike all others.
    pub(crate) fn scale(
        &mut self,
        key: &JobKey,
        group: &Name,
        count: i64,
        check_index: Option<u64>,
    ) -> Result<Option<EvalId>, String> {
        let request = Request::JobScale {
            key: key.clone(),
            group: group.clone(),
            count: Some(count),
            enforce_index: check_index,
            message: "submitted using the Nomad CLI".into(),
            is_error: false,
        };
        let reply = self.request(request).map_err(|text| refused(400, &text))?;
        Ok(reply.eval_id)
    }

    /// Starts a child of a parameterized job: its id and, if there is one, its evaluation.
    pub(crate) fn dispatch(
        &mut self,
        dispatch: JobDispatch,
    ) -> Result<(JobId, Option<EvalId>), String> {
        let reply = self.ask(Request::JobDispatch(dispatch))?;
        let child = reply.child.unwrap_or_else(|| JobId::from(""));
        Ok((child, reply.eval_id))
    }

    /// Launches a periodic job now.
    pub(crate) fn force_launch(&mut self, key: &JobKey) -> Result<Option<EvalId>, String> {
        let reply = self.ask(Request::JobPeriodicForce { key: key.clone() })?;
        Ok(reply.eval_id)
    }

    /// Promotes canaries; no groups means all.
    pub(crate) fn promote(
        &mut self,
        id: DeploymentId,
        groups: &[String],
    ) -> Result<Option<EvalId>, String> {
        let groups = groups.iter().map(|group| Name::from(group.as_str()));
        let groups: Vec<Name> = groups.collect();
        let reply = self.ask(Request::DeploymentPromote {
            id,
            groups: (!groups.is_empty()).then_some(groups),
        })?;
        Ok(reply.eval_id)
    }

    /// Fails a deployment.
    pub(crate) fn fail(&mut self, id: DeploymentId) -> Result<Failed, String> {
        let reply = self.ask(Request::DeploymentFail { id })?;
        Ok(Failed {
            eval_id: reply.eval_id,
            reverted_to: reply.reverted_version,
        })
    }

    /// Pauses or resumes a deployment.
    pub(crate) fn pause(
        &mut self,
        id: DeploymentId,
        pause: bool,
    ) -> Result<Option<EvalId>, String> {
        let reply = self.ask(Request::DeploymentPause { id, pause })?;
        Ok(reply.eval_id)
    }

    /// Stops one allocation.
    pub(crate) fn stop_alloc(
        &mut self,
        id: AllocId,
        no_shutdown_delay: bool,
    ) -> Result<Option<EvalId>, String> {
        let reply = self.ask(Request::AllocStop {
            id,
            no_shutdown_delay,
            reschedule: false,
        })?;
        Ok(reply.eval_id)
    }

    /// Asks an allocation's client for something; the servers pass on what it answers.
    pub(crate) fn order(&mut self, id: AllocId, order: ClientOrder) -> Result<(), String> {
        self.ask(Request::AllocOrder { id, order }).map(|_| ())
    }

    /// Takes a service registration out of the list.
    pub(crate) fn deregister_service(&mut self, id: &str) -> Result<(), String> {
        let request = Request::ServiceDeregister { id: id.into() };
        let refusal = |text| refused(404, &text);
        self.request(request).map(|_| ()).map_err(refusal)
    }

    /// Forgets what has ended.
    pub(crate) fn collect_garbage(&mut self) -> Result<(), String> {
        self.ask(Request::SystemGarbageCollect).map(|_| ())
    }

    /// Says whether a node may take new allocations.
    pub(crate) fn set_eligibility(&mut self, id: NodeId, eligible: bool) -> Result<(), String> {
        self.ask(Request::NodeEligibility { id, eligible })?;
        Ok(())
    }

    /// Starts a drain, or with `None` ends it.
    pub(crate) fn drain(
        &mut self,
        id: NodeId,
        drain: Option<DrainRequest>,
        mark_eligible: bool,
        message: Option<&str>,
    ) -> Result<(), String> {
        self.ask(Request::NodeDrain {
            id,
            drain,
            mark_eligible,
            message: message.map(Into::into),
        })?;
        Ok(())
    }

    /// Changes the scheduler configuration.
    pub(crate) fn configure_scheduler(
        &mut self,
        configuration: SchedulerConfiguration,
    ) -> Result<(), String> {
        let request = Request::SchedulerConfiguration(Box::new(configuration));
        self.ask(request)?;
        Ok(())
    }
}

/// A deadline that forces a drain now.
pub(crate) const FORCED: Duration = Duration::from_nanos(-1);

fn set_namespace(document: &mut Value, namespace: Option<&str>) {
    if let (Some(namespace), Value::Object(members)) = (namespace, document) {
        members.insert("Namespace".into(), namespace.into());
    }
}

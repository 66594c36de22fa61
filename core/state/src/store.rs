//! The tables and what can be read from them.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use yurt_model::{
    AllocId, Allocation, Deployment, DeploymentId, EvalId, Evaluation, Index, Job, JobId, JobKey,
    Name, Namespace, Node, NodeId, SchedulerConfiguration, Uuid,
};

use crate::change::{ScalingEvent, Submission};
use crate::ready::ReadyNodes;
use crate::summary::JobSummary;
use crate::table::Table;

/// Everything the servers know. See the crate's documentation.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) index: Index,
    pub(crate) jobs: Table<JobKey, Rc<Job>>,
    /// Of `jobs`, the children that have not ended.
    pub(crate) live_children: Table<JobKey, Rc<Job>>,
    /// The children that were dispatched with a token, by [`token_key`].
    pub(crate) dispatched: Table<JobKey, Rc<Job>>,
    pub(crate) versions: Table<JobKey, Rc<Vec<Rc<Job>>>>,
    pub(crate) submissions: Table<(JobKey, u64), Rc<Submission>>,
    pub(crate) summaries: Table<JobKey, Rc<JobSummary>>,
    pub(crate) scaling_events: Table<JobKey, Rc<BTreeMap<Name, Vec<ScalingEvent>>>>,
    pub(crate) evals: Table<EvalId, Rc<Evaluation>>,
    pub(crate) evals_by_job: Table<JobKey, Rc<Vec<EvalId>>>,
    pub(crate) allocs: Table<AllocId, Rc<Allocation>>,
    pub(crate) allocs_by_job: Table<JobKey, Rc<Vec<AllocId>>>,
    pub(crate) allocs_by_node: Table<NodeId, Rc<Vec<AllocId>>>,
    pub(crate) allocs_by_deployment: Table<DeploymentId, Rc<Vec<AllocId>>>,
    pub(crate) deployments: Table<DeploymentId, Rc<Deployment>>,
    pub(crate) deployments_by_job: Table<JobKey, Rc<Vec<DeploymentId>>>,
    pub(crate) nodes: Table<NodeId, Rc<Node>>,
    /// Services that a person has deregistered, by allocation.
    pub(crate) deregistered: Table<AllocId, Rc<BTreeSet<Name>>>,
    /// Of `nodes`, and how many allocations are on each.
    pub(crate) ready: Rc<ReadyNodes>,
    pub(crate) node_index: Index,
    pub(crate) scheduler: Rc<SchedulerConfiguration>,
    /// The write that last changed it.
    pub(crate) scheduler_index: Index,
}

/// What a prefix of an identifier leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum Found<T> {
    /// Nothing begins so.
    Nothing,
    /// Exactly one.
    One(T),
    /// Several, ordered by id.
    Several(Vec<T>),
}

impl<T> Found<T> {
    fn from_list(mut list: Vec<T>) -> Self {
        match list.len() {
            0 => Self::Nothing,
            1 => list.pop().map_or(Self::Nothing, Self::One),
            _ => Self::Several(list),
        }
    }
}

/// Whether the text of `id` begins with `prefix` (hyphens included, case ignored).
pub fn short_matches(id: Uuid, prefix: &str) -> bool {
    let text = id.to_string();
    text.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

impl Store {
    /// An empty store whose first write has index `first_index` + 1.
    pub fn new(first_index: Index, scheduler: SchedulerConfiguration) -> Self {
        Self {
            index: first_index,
            jobs: Table::default(),
            live_children: Table::default(),
            dispatched: Table::default(),
            versions: Table::default(),
            submissions: Table::default(),
            summaries: Table::default(),
            scaling_events: Table::default(),
            evals: Table::default(),
            evals_by_job: Table::default(),
            allocs: Table::default(),
            allocs_by_job: Table::default(),
            allocs_by_node: Table::default(),
            allocs_by_deployment: Table::default(),
            deployments: Table::default(),
            deployments_by_job: Table::default(),
            nodes: Table::default(),
            deregistered: Table::default(),
            ready: Rc::default(),
            node_index: 0,
            scheduler: Rc::new(scheduler),
            scheduler_index: first_index,
        }
    }

    /// The newest write.
    pub fn index(&self) -> Index {
        self.index
    }

    /// The newest write that touched nodes.
    pub fn node_index(&self) -> Index {
        self.node_index
    }

    /// The scheduler configuration.
    pub fn scheduler_configuration(&self) -> &SchedulerConfiguration {
        &self.scheduler
    }

    /// The write that last changed the scheduler configuration.
    pub fn scheduler_index(&self) -> Index {
        self.scheduler_index
    }

    /// The current version of a job.
    pub fn job(&self, key: &JobKey) -> Option<&Rc<Job>> {
        self.jobs.get(key)
    }

    /// All jobs, by namespace and id.
    pub fn jobs(&self) -> impl DoubleEndedIterator<Item = &Rc<Job>> {
        self.jobs.values()
    }

    /// The kept versions of a job, newest first; empty when it is unknown.
    pub fn job_versions(&self, key: &JobKey) -> &[Rc<Job>] {
        self.versions.get(key).map_or(&[], |list| list.as_slice())
    }

    /// One version of a job.
    pub fn job_version(&self, key: &JobKey, version: u64) -> Option<&Rc<Job>> {
        self.job_versions(key)
            .iter()
            .find(|job| job.version == version)
    }

    /// The version of a job that has the tag: one at most (spec: deployments 25.9).
    pub fn tagged_version(&self, key: &JobKey, name: &str) -> Option<&Rc<Job>> {
        self.job_versions(key).iter().find(|job| job.has_tag(name))
    }

    /// The highest version that is marked stable, stopped or not (spec: deployments 23.5).
    pub fn latest_stable_version(&self, key: &JobKey) -> Option<&Rc<Job>> {
        self.job_versions(key).iter().find(|job| job.stable)
    }

    /// The source text of a version, when it is still kept.
    pub fn submission(&self, key: &JobKey, version: u64) -> Option<&Rc<Submission>> {
        self.submissions.get(&(key.clone(), version))
    }

    /// The scaling history of a job's groups, newest entries first; `None` when nobody scaled it.
    pub fn scaling_events(&self, key: &JobKey) -> Option<&BTreeMap<Name, Vec<ScalingEvent>>> {
        self.scaling_events.get(key).map(|events| &**events)
    }

    /// The jobs that this one started, by id.
    pub fn children_of<'a>(
        &'a self,
        parent: &JobKey,
    ) -> impl Iterator<Item = &'a Rc<Job>> + use<'a> {
        children_in(&self.jobs, parent)
    }

    /// Those of them that have not ended, by id.
    pub fn live_children_of<'a>(
        &'a self,
        parent: &JobKey,
    ) -> impl Iterator<Item = &'a Rc<Job>> + use<'a> {
        children_in(&self.live_children, parent)
    }

    /// The child that was dispatched with that token, as it was written last.
    pub fn dispatched_child(&self, parent: &JobKey, token: &str) -> Option<&Rc<Job>> {
        self.dispatched
            .get(&token_key(&parent.namespace, &parent.id, token))
    }

    /// A job's counts.
    pub fn job_summary(&self, key: &JobKey) -> Option<&Rc<JobSummary>> {
        self.summaries.get(key)
    }

    /// One evaluation.
    pub fn eval(&self, id: EvalId) -> Option<&Rc<Evaluation>> {
        self.evals.get(&id)
    }

    /// All evaluations, by id.
    pub fn evals(&self) -> impl DoubleEndedIterator<Item = &Rc<Evaluation>> {
        self.evals.values()
    }

    /// A job's evaluations, oldest first.
    pub fn evals_of_job<'a>(
        &'a self,
        key: &JobKey,
    ) -> impl DoubleEndedIterator<Item = &'a Rc<Evaluation>> + use<'a> {
        self.evals_by_job
            .list(key)
            .iter()
            .filter_map(|id| self.evals.get(id))
    }

    /// One allocation.
    pub fn alloc(&self, id: AllocId) -> Option<&Rc<Allocation>> {
        self.allocs.get(&id)
    }

    /// All allocations, by id.
    pub fn allocs(&self) -> impl DoubleEndedIterator<Item = &Rc<Allocation>> {
        self.allocs.values()
    }

    /// How many allocations there are.
    pub fn alloc_count(&self) -> usize {
        self.allocs.len()
    }

    /// A job's allocations, of any version and incarnation, oldest first.
    pub fn allocs_of_job<'a>(
        &'a self,
        key: &JobKey,
    ) -> impl DoubleEndedIterator<Item = &'a Rc<Allocation>> + use<'a> {
        self.allocs_by_job
            .list(key)
            .iter()
            .filter_map(|id| self.allocs.get(id))
    }

    /// A node's allocations, oldest first.
    pub fn allocs_of_node(&self, id: NodeId) -> impl DoubleEndedIterator<Item = &Rc<Allocation>> {
        self.allocs_by_node
            .list(&id)
            .iter()
            .filter_map(|id| self.allocs.get(id))
    }

    /// Those of a node's allocations whose clients have not said that they are over, oldest first.
    /// However many have ended there before, they are not walked: how many are live is known.
    pub fn live_allocs_of_node(&self, id: NodeId) -> Vec<&Rc<Allocation>> {
        let count = self.ready.live(id).unwrap_or(usize::MAX);
        let newest_first = self.allocs_of_node(id).rev();
        let live = newest_first.filter(|alloc| !alloc.is_client_terminal());
        let mut live: Vec<_> = live.take(count).collect();
        live.reverse();
        live
    }

    /// A deployment's allocations (those that name it now), oldest first.
    pub fn allocs_of_deployment(
        &self,
        id: DeploymentId,
    ) -> impl DoubleEndedIterator<Item = &Rc<Allocation>> {
        self.allocs_by_deployment
            .list(&id)
            .iter()
            .filter_map(|id| self.allocs.get(id))
    }

    /// One deployment.
    pub fn deployment(&self, id: DeploymentId) -> Option<&Rc<Deployment>> {
        self.deployments.get(&id)
    }

    /// All deployments, by id.
    pub fn deployments(&self) -> impl DoubleEndedIterator<Item = &Rc<Deployment>> {
        self.deployments.values()
    }

    /// A job's deployments, oldest first.
    pub fn deployments_of_job<'a>(
        &'a self,
        key: &JobKey,
    ) -> impl DoubleEndedIterator<Item = &'a Rc<Deployment>> + use<'a> {
        self.deployments_by_job
            .list(key)
            .iter()
            .filter_map(|id| self.deployments.get(id))
    }

    /// A job's newest deployment, of any status.
    pub fn latest_deployment(&self, key: &JobKey) -> Option<&Rc<Deployment>> {
        self.deployments_of_job(key).next_back()
    }

    /// One node.
    pub fn node(&self, id: NodeId) -> Option<&Rc<Node>> {
        self.nodes.get(&id)
    }

    /// All nodes, by id.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = &Rc<Node>> {
        self.nodes.values()
    }

    /// How many nodes there are.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// The nodes that take new allocations.
    pub fn ready_nodes(&self) -> &ReadyNodes {
        &self.ready
    }

    /// Allocations whose id begins with `prefix`.
    pub fn allocs_by_prefix(&self, prefix: &str) -> Found<Rc<Allocation>> {
        by_prefix(self.allocs.iter().map(|(id, row)| (id.0, row)), prefix)
    }

    /// Evaluations whose id begins with `prefix`.
    pub fn evals_by_prefix(&self, prefix: &str) -> Found<Rc<Evaluation>> {
        by_prefix(self.evals.iter().map(|(id, row)| (id.0, row)), prefix)
    }

    /// Deployments whose id begins with `prefix`.
    pub fn deployments_by_prefix(&self, prefix: &str) -> Found<Rc<Deployment>> {
        by_prefix(self.deployments.iter().map(|(id, row)| (id.0, row)), prefix)
    }

    /// Nodes whose id begins with `prefix`.
    pub fn nodes_by_prefix(&self, prefix: &str) -> Found<Rc<Node>> {
        by_prefix(self.nodes.iter().map(|(id, row)| (id.0, row)), prefix)
    }
}

/// The children of a job in a table of jobs.
fn children_in<'a>(
    jobs: &'a Table<JobKey, Rc<Job>>,
    parent: &JobKey,
) -> impl Iterator<Item = &'a Rc<Job>> + use<'a> {
    let JobKey { namespace, id } = parent.clone();
    let prefix = format!("{id}/"); // Of every child's id: they stand together.
    let first = JobKey {
        namespace: namespace.clone(),
        id: prefix.as_str().into(),
    };
    let jobs = jobs.from(&first).map(|(_, job)| job);
    jobs.take_while(move |job| {
        job.spec.namespace == namespace && job.id().as_str().starts_with(&prefix)
    })
    .filter(move |job| job.parent.as_ref() == Some(&id))
}

/// Where the child of a job is found that was dispatched with a token. No job id has a space.
pub(crate) fn token_key(namespace: &Namespace, parent: &JobId, token: &str) -> JobKey {
    JobKey {
        namespace: namespace.clone(),
        id: format!("{parent} {token}").as_str().into(),
    }
}

fn by_prefix<'a, T: 'a>(
    rows: impl Iterator<Item = (Uuid, &'a Rc<T>)>,
    prefix: &str,
) -> Found<Rc<T>> {
    Found::from_list(
        rows.filter(|(id, _)| short_matches(*id, prefix))
            .map(|(_, row)| row.clone())
            .collect(),
    )
}

//! What became of a step, in the schema of the recordings.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use yurt_diff::{annotate, diff, stored_document};
use yurt_engine::{Cluster, PlanOutcome, Processed};
use yurt_model::{
    AllocId, AllocMetric, Allocation, Counts, Deployment, DeploymentId, DesiredUpdates, Duration,
    Evaluation, Job, JobStatus, Name, Node, NodeScore, PlanAnnotations, RescheduleOutcome,
};
use yurt_state::Store;

use super::counts;
use super::events::Outcome;
use super::references::References;
use super::{EPOCH, seconds};

/// How much is told of the search for a place that was found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Metrics {
    /// Nothing.
    Hidden,
    /// What was looked at and refused.
    Counts,
    /// The scores of nodes too.
    Scores,
}

/// Remembers what was said, so that each step tells only what is new.
pub(super) struct Recorder {
    names_nodes: bool,
    metrics: Metrics,
    only_counts: bool,
    allocs: BTreeMap<AllocId, Value>,
    deployments: BTreeMap<DeploymentId, Value>,
    jobs: BTreeMap<String, Value>,
    nodes: BTreeMap<Name, Value>,
}

impl Recorder {
    /// A recorder of a fresh cluster, for a recording with this freedom of placement.
    pub(super) fn new(placement: &str, metrics: Metrics) -> Self {
        Self {
            names_nodes: placement != "free",
            only_counts: placement == "counts",
            metrics,
            allocs: BTreeMap::new(),
            deployments: BTreeMap::new(),
            jobs: BTreeMap::new(),
            nodes: BTreeMap::new(),
        }
    }

    /// The nodes that are there from the start are not news.
    pub(super) fn begin(&mut self, cluster: &Cluster) {
        news(&mut self.nodes, nodes(cluster.store()));
    }

    /// Everything that a step did.
    pub(super) fn step(
        &mut self,
        cluster: &mut Cluster,
        references: &mut References,
        outcome: Outcome,
    ) -> Value {
        let processed = cluster.take_processed();
        for one in &processed {
            for alloc in one.plans.iter().flat_map(|plan| &plan.allocations) {
                references.meet(alloc);
            }
            references.meet_all(&one.store);
        }
        let store = cluster.store();
        references.meet_all(store);
        let mut out = Map::new();
        out.insert("t".into(), seconds(cluster.now()));
        out.insert("err".into(), json!(outcome.refusal));
        out.insert("reverted_to".into(), json!(outcome.reverted_to));
        out.insert("updated".into(), json!(outcome.updated));
        let scene = Scene {
            references,
            names_nodes: self.names_nodes,
            metrics: self.metrics,
        };
        let evals = processed.iter().map(|one| scene.processed(one)).collect();
        out.insert("evals".into(), Value::Array(evals));
        let allocs = store
            .allocs()
            .map(|alloc| (alloc.id, scene.alloc(store, alloc)));
        out.insert("allocs".into(), news(&mut self.allocs, allocs));
        let deployments = store.deployments().map(|d| (d.id, scene.deployment(d)));
        let deployments = news(&mut self.deployments, deployments);
        out.insert("deployments".into(), deployments);
        let jobs = store
            .jobs()
            .map(|job| (job.id().to_string(), self::job(store, job)));
        out.insert("jobs".into(), news(&mut self.jobs, jobs));
        let mut changed = news(&mut self.nodes, nodes(store));
        if !self.names_nodes {
            changed
                .as_array_mut()
                .into_iter()
                .flatten()
                .for_each(|node| {
                    node.as_object_mut().map(|node| node.remove("name"));
                });
        }
        out.insert("nodes".into(), changed);
        let open = store.evals().filter(|eval| !eval.status.is_terminal());
        let open = open.map(|eval| waiting(eval)).collect();
        out.insert("open_evals".into(), Value::Array(open));
        if let Some(plan) = &outcome.plan {
            out.insert("plan".into(), dry_run(plan));
        }
        let mut out = Value::Object(out);
        if self.only_counts {
            counts::replace(&mut out);
        }
        without_empty(&out)
    }
}

/// The rows that differ from what was said of them last.
fn news<K: Ord + Clone>(
    known: &mut BTreeMap<K, Value>,
    rows: impl IntoIterator<Item = (K, Value)>,
) -> Value {
    let mut changed = Vec::new();
    for (key, row) in rows {
        if known.get(&key) != Some(&row) {
            changed.push(row.clone());
            known.insert(key, row);
        }
    }
    Value::Array(changed)
}

/// Identifiers are random, so words that are one are not told.
fn without_ids(text: &str) -> String {
    let is_id = |word: &str| {
        let parts = word.split('-').map(str::len);
        parts.eq([8, 4, 4, 4, 12])
            && word
                .bytes()
                .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
    };
    let words = text.split(' ');
    let words = words.map(|word| if is_id(word) { "<id>" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// Without members that are null, empty, zero or false; those that become empty go too.
pub(super) fn without_empty(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(key, member)| (key.clone(), without_empty(member)))
                .filter(|(_, member)| !is_empty(member))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(without_empty).collect()),
        other => other.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(value) => value.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

fn nodes(store: &Store) -> Vec<(Name, Value)> {
    store
        .nodes()
        .map(|node| (node.name.clone(), node_row(node)))
        .collect()
}

fn node_row(node: &Node) -> Value {
    json!({
        "name": &*node.name,
        "status": node.status.as_str(),
        "elig": node.eligibility.as_str(),
        "drain": node.drain.is_some(),
    })
}

fn job(store: &Store, job: &Job) -> Value {
    let mut stable: Vec<u64> = store
        .job_versions(&job.key())
        .iter()
        .filter(|version| version.stable)
        .map(|version| version.version)
        .collect();
    stable.sort_unstable();
    // Version 0 is an entry like any other: the list keeps it.
    json!({
        "id": job.id().as_str(),
        "version": job.version,
        "status": if job.status == JobStatus::Pending { "pending" } else { job.status.as_str() },
        "stable": job.stable,
        "stop": job.stop,
        "stable_versions": stable,
    })
}

fn waiting(eval: &Evaluation) -> Value {
    json!({
        "job": eval.job_id.as_str(),
        "by": eval.triggered_by.as_str(),
        "status": eval.status.as_str(),
        "type": eval.kind.as_str(),
        "desc": &*eval.status_description,
        "wait": eval.wait_until.map(seconds),
    })
}

fn dry_run(plan: &PlanOutcome) -> Value {
    let old = plan.old.as_deref().map(stored_document);
    let mut new = plan.new.document.clone();
    new["Stop"] = false.into();
    new["Dispatched"] = false.into();
    let diff = match diff(old.as_ref(), Some(&new), true) {
        Ok(mut diff) => {
            annotate(&mut diff, Some(&plan.annotations));
            diff.to_json()
        }
        Err(error) => json!({ "error": error }),
    };
    json!({
        "Diff": diff,
        "DesiredTGUpdates": desired_updates(&plan.annotations),
        "FailedTGAllocs": failures(&plan.failed_groups),
        "CreatedEvals": plan.created_evals.iter().map(waiting).collect::<Vec<_>>(),
        "preempted": plan.annotations.preempted.len(),
    })
}

fn failures<'a>(
    failed: impl IntoIterator<Item = (&'a Name, &'a std::rc::Rc<AllocMetric>)>,
) -> Value {
    let groups = failed.into_iter();
    let groups = groups.map(|(name, metric)| (name.to_string(), self::metric(metric)));
    Value::Object(groups.collect())
}

fn metric(metric: &AllocMetric) -> Value {
    let exhausted: Map<String, Value> = metric
        .resources_exhausted
        .iter()
        .map(|(task, (cpu_mhz, memory_mb))| {
            (
                task.to_string(),
                json!({ "CPU": cpu_mhz, "MemoryMB": memory_mb }),
            )
        })
        .collect();
    json!({
        "NodesEvaluated": metric.nodes_evaluated,
        "NodesFiltered": metric.nodes_filtered,
        "NodesInPool": metric.nodes_in_pool,
        "NodePool": &*metric.node_pool,
        "NodesAvailable": counts(&metric.nodes_available),
        "ClassFiltered": counts(&metric.class_filtered),
        "ConstraintFiltered": counts(&metric.constraint_filtered),
        "NodesExhausted": metric.nodes_exhausted,
        "ClassExhausted": counts(&metric.class_exhausted),
        "DimensionExhausted": counts(&metric.dimension_exhausted),
        "ResourcesExhausted": exhausted,
        "CoalescedFailures": metric.coalesced_failures,
    })
}

/// How one node scored; the names are shown, since identifiers differ.
fn node_score(store: &Store, score: &NodeScore) -> Value {
    let node = store.node(score.node_id);
    let scores = score.scores.iter();
    json!({
        "node_name": node.map(|node| &*node.name),
        "norm": score.normalized,
        "scores": Value::Object(scores.map(|(name, score)| (name.into(), json!(score))).collect()),
    })
}

fn counts(map: &Counts) -> Value {
    let members = map
        .iter()
        .map(|(name, count)| (name.to_string(), json!(count)));
    Value::Object(members.collect())
}

fn desired_updates(annotations: &PlanAnnotations) -> Value {
    let groups = annotations.desired_updates.iter();
    let groups = groups.map(|(name, updates)| (name.to_string(), counters(updates)));
    Value::Object(groups.collect())
}

fn counters(updates: &DesiredUpdates) -> Value {
    json!({
        "Ignore": updates.ignore,
        "Place": updates.place,
        "Migrate": updates.migrate,
        "Stop": updates.stop,
        "InPlaceUpdate": updates.in_place_update,
        "DestructiveUpdate": updates.destructive_update,
        "Canary": updates.canary,
        "Preemptions": updates.preemptions,
        "Disconnect": updates.disconnect,
        "Reconnect": updates.reconnect,
        "RescheduleNow": updates.reschedule_now,
        "RescheduleLater": updates.reschedule_later,
    })
}

/// Recorded counters, to annotate a difference with.
pub(super) fn annotations(recorded: &Value) -> PlanAnnotations {
    let groups = recorded.as_object().into_iter().flatten();
    let desired_updates = groups.map(|(name, counters)| {
        let count = |key: &str| counters[key].as_u64().unwrap_or(0);
        let updates = DesiredUpdates {
            ignore: count("Ignore"),
            place: count("Place"),
            migrate: count("Migrate"),
            stop: count("Stop"),
            in_place_update: count("InPlaceUpdate"),
            destructive_update: count("DestructiveUpdate"),
            canary: count("Canary"),
            preemptions: count("Preemptions"),
            disconnect: count("Disconnect"),
            reconnect: count("Reconnect"),
            reschedule_now: count("RescheduleNow"),
            reschedule_later: count("RescheduleLater"),
        };
        (Name::from(name.as_str()), updates)
    });
    PlanAnnotations {
        desired_updates: desired_updates.collect(),
        preempted: Vec::new(),
    }
}

struct Scene<'a> {
    references: &'a References,
    names_nodes: bool,
    metrics: Metrics,
}

impl Scene<'_> {
    fn node(&self, alloc: &Allocation) -> Value {
        if self.names_nodes {
            Value::from(&*alloc.node_name)
        } else {
            Value::Null
        }
    }

    fn name(&self, id: Option<AllocId>) -> Value {
        id.map_or(Value::Null, |id| Value::from(self.references.alloc(id)))
    }

    fn alloc(&self, store: &Store, alloc: &Allocation) -> Value {
        let follow_up = alloc.links.follow_up_eval.map(|id| {
            let eval = store.eval(id);
            let wait = eval.and_then(|eval| eval.wait_until);
            wait.map_or(Value::Bool(true), seconds)
        });
        let deployment = alloc.deployment_id;
        let tracker = alloc.links.reschedule_tracker.as_deref();
        let moves = tracker.map_or(&[][..], |tracker| &tracker.events);
        let moves: Vec<Value> = moves
            .iter()
            .map(|event| {
                json!({
                    "t": seconds(event.time),
                    "delay": seconds(EPOCH + event.delay),
                    "prev": self.references.alloc(event.previous_alloc),
                })
            })
            .collect();
        let last = tracker
            .and_then(|tracker| tracker.last)
            .map(|last| match last {
                RescheduleOutcome::Ok => "ok",
                RescheduleOutcome::NoPlacement => "no placement",
            });
        let health = alloc
            .deployment_status
            .as_ref()
            .and_then(|status| status.healthy);
        let mut row = json!({
            "a": self.references.alloc(alloc.id),
            "desired": alloc.desired_status.as_str(),
            "desired_desc": without_ids(&alloc.desired_description),
            "client": alloc.client_status.as_str(),
            "client_desc": &*alloc.client_description,
            "v": alloc.job.version,
            "node": self.node(alloc),
            "canary": alloc.is_canary(),
            "dep": deployment.map(|id| self.references.deployment(id)),
            "prev": self.name(alloc.links.previous_allocation),
            "next": self.name(alloc.links.next_allocation),
            "preempted_by": self.name(alloc.links.preempted_by),
            "migrate": alloc.desired_transition.should_migrate(),
            "may_reschedule": alloc.desired_transition.should_reschedule(),
            "follow": follow_up,
            "resched": moves,
            "resched_last": last,
        });
        // A verdict is told even when it is bad; no verdict is not.
        row["healthy"] = match health {
            Some(healthy) => Value::from(healthy),
            None => Value::Null,
        };
        row
    }

    fn deployment(&self, deployment: &Deployment) -> Value {
        let mut groups = Map::new();
        for group in &deployment.groups {
            let canaries = group.placed_canaries.iter();
            let mut canaries: Vec<String> = canaries.map(|id| self.references.alloc(*id)).collect();
            canaries.sort();
            let row = json!({
                "AutoRevert": group.auto_revert,
                "AutoPromote": group.auto_promote,
                "ProgressDeadline": length(group.progress_deadline),
                "RequireProgressBy": group.require_progress_by.map(seconds),
                "Promoted": group.promoted,
                "PlacedCanaries": canaries,
                "DesiredCanaries": group.desired_canaries,
                "DesiredTotal": group.desired_total,
                "PlacedAllocs": group.placed_allocs,
                "HealthyAllocs": group.healthy_allocs,
                "UnhealthyAllocs": group.unhealthy_allocs,
            });
            groups.insert(group.name.to_string(), row);
        }
        json!({
            "d": self.references.deployment(deployment.id),
            "v": deployment.job_version,
            "status": deployment.status.as_str(),
            "desc": &*deployment.status_description,
            "groups": groups,
        })
    }

    fn processed(&self, one: &Processed) -> Value {
        let (before, after) = (&*one.before, &*one.after);
        let mut row = json!({
            "job": after.job_id.as_str(),
            "by": after.triggered_by.as_str(),
            "type": after.kind.as_str(),
            "prio": after.priority,
            "t": seconds(one.at),
            "was_blocked": before.status == yurt_model::EvalStatus::Blocked,
            "plans": one.submitted.len(),
        });
        if one.was_blocked_again {
            row["reblocked"] = true.into();
        } else {
            let queued = after.queued.iter();
            let queued = queued.map(|(group, count)| (group.to_string(), json!(count)));
            row["queued"] = Value::Object(queued.collect());
            row["DesiredTGUpdates"] = json!(after.annotations.as_deref().map(desired_updates));
            row["FailedTGAllocs"] = failures(&after.failed_groups);
            row["created"] = one.created.iter().map(waiting).collect();
            row["status"] = after.status.as_str().into();
            row["desc"] = Value::from(&*after.status_description);
        }
        self.plans(one, &mut row);
        row
    }

    fn plans(&self, one: &Processed, row: &mut Value) {
        let (mut place, mut update) = (Vec::new(), Vec::new());
        let (mut stop, mut preempt) = (Vec::new(), Vec::new());
        let mut status_updates = Vec::new();
        for plan in &one.plans {
            for alloc in &plan.allocations {
                if alloc.create_index == 0 {
                    place.push(self.placed(&one.store, alloc));
                } else {
                    update.push(self.updated(alloc));
                }
            }
            for stopped in &plan.stops {
                let Some(alloc) = one.store.alloc(stopped.alloc_id) else {
                    continue;
                };
                stop.push(json!({
                    "a": self.references.alloc(alloc.id),
                    "desc": &*stopped.description,
                    "desired": alloc.desired_status.as_str(),
                    "client": alloc.client_status.as_str(),
                }));
            }
            for (victim, by) in &plan.preemptions {
                preempt.push(json!({
                    "a": self.references.alloc(*victim),
                    "for": self.references.alloc(*by),
                }));
            }
            // System jobs write theirs anew in every plan.
            if let Some(new) = &plan.deployment {
                row["new_deployment"] = self.references.deployment(new.id).into();
            }
            status_updates.extend(plan.deployment_updates.iter().map(|update| {
                json!({
                    "d": self.references.deployment(update.deployment_id),
                    "status": update.status.as_str(),
                    "desc": &*update.description,
                })
            }));
        }
        let lists = [
            ("place", place),
            ("update", update),
            ("stop", stop),
            ("preempt", preempt),
            ("deployment_updates", status_updates),
        ];
        for (name, rows) in lists {
            row[name] = Value::Array(rows);
        }
    }

    fn placed(&self, store: &Store, alloc: &Allocation) -> Value {
        let ports = alloc.resources.ports.iter();
        let fixed = ports.filter(|port| port.is_static);
        let mut metrics = Value::Null;
        if self.metrics != Metrics::Hidden {
            metrics = metric(&alloc.metrics);
        }
        if self.metrics == Metrics::Scores {
            let scores = alloc.metrics.scores.iter();
            metrics["ScoreMetaData"] = scores.map(|score| node_score(store, &score)).collect();
        }
        json!({
            "metrics": metrics,
            "a": self.references.alloc(alloc.id),
            "canary": alloc.is_canary(),
            "prev": self.name(alloc.links.previous_allocation),
            "node": self.node(alloc),
            "static_ports": fixed.map(|port| port.value).collect::<Vec<_>>(),
        })
    }

    fn updated(&self, alloc: &Allocation) -> Value {
        let is_unknown = alloc.client_status == yurt_model::AllocClientStatus::Unknown;
        json!({
            "a": self.references.alloc(alloc.id),
            "to_version": alloc.job.version,
            "client": is_unknown.then_some("unknown"),
        })
    }
}

/// A length in seconds.
fn length(length: Duration) -> Value {
    seconds(EPOCH + length)
}

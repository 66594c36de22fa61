//! Scenes as text, and what the reconciler makes of them as text.
//!
//! A scene has one line for the job, one for each group, one for the deployment if there is one,
//! then one for each run of allocations; `//` starts a remark.
//! ```text
//! job v1 [batch] [stopped] [absent] [update=ignore|destructive|in-place]
//! group web count=10 [update=MAX_PARALLEL/CANARY] [auto_promote] [lost_after=5m] [replace=false]
//!           [stop_after=1s] [reconcile=…] [reschedule=unlimited,DELAY,FUNCTION,MAX]
//!           [reschedule=ATTEMPTS/INTERVAL,DELAY,FUNCTION,MAX]
//! deployment v1 running [web:total=10,healthy=4,canaries=2,promoted] …
//! web 0-9 v0 [CLIENT] [stop|evict] [healthy|unhealthy] [canary] [in] [on=down|…] [FLAG…]
//! ```
//! `in` puts allocations into the deployment; `canary` also lists them as its placed canaries;
//! `placed-canary` has lost the mark by promotion; `listed-canary` is on the list alone.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;

use yurt_model::job::{
    DelayFunction, DisconnectStrategy, JobSpec, ReconcileOption, ReschedulePolicy, TaskGroup,
};
use yurt_model::testing;
use yurt_model::{
    AllocClientStatus, AllocDeploymentStatus, AllocDesiredStatus, AllocId, AllocMetric, Allocation,
    ClientStatusChange, Deployment, DeploymentGroup, DeploymentId, DeploymentStatus, DrainStrategy,
    Duration, EvalId, EvalTrigger, Evaluation, Job, JobKey, JobStatus, JobType, Node, NodeId,
    NodeScore, NodeScores, NodeStatus, RescheduleEvent, RescheduleOutcome, RescheduleTracker, Rng,
    ScoreSet, TaskPhase, TaskState, Time, Uuid, UuidMaker,
};

use super::super::{
    ReconcileInput, ReconcileResult, TaintedNodes, Update, deployment::fresh_state, reason,
    reconcile,
};

/// When scenes happen.
pub(super) const NOW: Time = Time(1_700_000_000_000_000_000);
/// The evaluation of scenes.
const EVAL: EvalId = EvalId(Uuid(7));
const DEPLOYMENT: DeploymentId = DeploymentId(Uuid(8));

/// A scene under construction.
struct Scene {
    kind: JobType,
    version: u64,
    is_stopped: bool,
    is_absent: bool,
    update: String,
    groups: Vec<TaskGroup>,
    deployment: Option<Deployment>,
    allocs: Vec<Allocation>,
    nodes: Vec<Node>,
    jobs: BTreeMap<(u64, u64), Rc<Job>>,
    overrides: BTreeMap<AllocId, String>,
}

pub(super) fn duration(text: &str) -> Duration {
    Duration::parse(text).unwrap_or_else(|_| panic!("not a duration: {text}"))
}

fn range(text: &str) -> Vec<u32> {
    let mut out = Vec::new();
    for part in text.split(',') {
        match part.split_once('-') {
            Some((start, end)) => out.extend(number::<u32>(start)..=number(end)),
            None => out.push(number(part)),
        }
    }
    out
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse()
        .unwrap_or_else(|_| panic!("not a number: {text}"))
}

impl Scene {
    fn parse(text: &str) -> Self {
        let mut scene = Self {
            kind: JobType::Service,
            version: 0,
            is_stopped: false,
            is_absent: false,
            update: "ignore".to_owned(),
            groups: Vec::new(),
            deployment: None,
            allocs: Vec::new(),
            nodes: Vec::new(),
            jobs: BTreeMap::new(),
            overrides: BTreeMap::new(),
        };
        for line in text.lines() {
            let line = line.split("//").next().unwrap_or("");
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.split_first() {
                None => (),
                Some((&"job", words)) => scene.job_line(words),
                Some((&"group", words)) => scene.group_line(words),
                Some((&"deployment", words)) => scene.deployment_line(words),
                Some((group, words)) => scene.alloc_line(group, words),
            }
        }
        scene
    }

    fn job_line(&mut self, words: &[&str]) {
        for word in words {
            match word.split_once('=') {
                Some(("update", how)) => self.update = how.to_owned(),
                _ => match *word {
                    "batch" => self.kind = JobType::Batch,
                    "stopped" => self.is_stopped = true,
                    "absent" => self.is_absent = true,
                    version => self.version = number(&version[1..]),
                },
            }
        }
    }

    fn group_line(&mut self, words: &[&str]) {
        let task = testing::task("main", "docker", serde_json::Value::Null);
        let mut group = testing::group(words[0], 1, vec![task]);
        let mut disconnect = DisconnectStrategy {
            lost_after: Duration::ZERO,
            stop_on_client_after: None,
            replace: true,
            reconcile: ReconcileOption::BestScore,
        };
        let plain = disconnect.clone();
        for word in &words[1..] {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            match name {
                "count" => group.count = number(value),
                "update" => {
                    let (parallel, canary) = value.split_once('/').expect("PARALLEL/CANARY");
                    let mut update = testing::update();
                    update.max_parallel = number(parallel);
                    update.canary = number(canary);
                    group.update = Some(update);
                }
                "auto_promote" => {
                    group.update.as_mut().expect("update first").auto_promote = true;
                }
                "lost_after" => disconnect.lost_after = duration(value),
                "stop_after" => disconnect.stop_on_client_after = Some(duration(value)),
                "replace" => disconnect.replace = value == "true",
                "reconcile" => disconnect.reconcile = reconcile_option(value),
                "reschedule" => group.reschedule = Some(policy(value)),
                _ => panic!("unknown word of a group: {word}"),
            }
        }
        group.disconnect = (disconnect != plain).then_some(disconnect);
        self.groups.push(group);
    }

    fn deployment_line(&mut self, words: &[&str]) {
        let status = match words[1] {
            "running" => DeploymentStatus::Running,
            "paused" => DeploymentStatus::Paused,
            "failed" => DeploymentStatus::Failed,
            "successful" => DeploymentStatus::Successful,
            other => panic!("unknown status {other}"),
        };
        let groups = words[2..]
            .iter()
            .map(|word| self.deployment_group(word))
            .collect();
        self.deployment = Some(Deployment {
            id: DEPLOYMENT,
            namespace: "default".into(),
            job_id: "web".into(),
            job_version: number(&words[0][1..]),
            job_create_index: 1,
            job_modify_index: 1,
            job_spec_modify_index: 1,
            status,
            status_description: "".into(),
            eval_priority: 50,
            groups,
            create_index: 1,
            modify_index: 1,
            create_time: NOW,
            modify_time: NOW,
        });
    }

    fn deployment_group(&self, word: &str) -> DeploymentGroup {
        let (name, rest) = word.split_once(':').unwrap_or((word, ""));
        let group = self
            .groups
            .iter()
            .find(|group| &*group.name == name)
            .expect("a group");
        let mut state = fresh_state(group);
        for item in rest.split(',').filter(|item| !item.is_empty()) {
            let (key, value) = item.split_once('=').unwrap_or((item, ""));
            match key {
                "total" => state.desired_total = number(value),
                "healthy" => state.healthy_allocs = number(value),
                "canaries" => state.desired_canaries = number(value),
                "promoted" => state.promoted = true,
                _ => panic!("unknown word of a deployment: {item}"),
            }
        }
        state
    }

    /// The job of some version; version and incarnation also give its indexes.
    fn job(&mut self, version: u64, create_index: u64) -> Rc<Job> {
        let groups = self.groups.clone();
        let kind = self.kind;
        self.jobs
            .entry((version, create_index))
            .or_insert_with(|| {
                let spec: JobSpec = testing::spec("web", kind, groups);
                Rc::new(Job {
                    spec: Rc::new(spec),
                    stop: false,
                    version,
                    status: JobStatus::Running,
                    stable: false,
                    create_index,
                    modify_index: version + 1,
                    job_modify_index: version + 1,
                    submit_time: NOW,
                    version_tag: None,
                    parent: None,
                    dispatched: false,
                    dispatch_token: None,
                    payload: None,
                })
            })
            .clone()
    }

    fn alloc_line(&mut self, group: &str, words: &[&str]) {
        for index in range(words[0]) {
            let id = self.allocs.len() as u128 + 1;
            let is_old_incarnation = words.contains(&"old-incarnation");
            let job = self.job(number(&words[1][1..]), u64::from(!is_old_incarnation));
            let node = NodeId(Uuid(1000 + id));
            let mut alloc = testing::alloc(id, &job, index, node.0.0, NOW);
            alloc.group = group.into();
            alloc.create_index = id as u64;
            let mut node = testing::node(node.0.0);
            for word in &words[2..] {
                self.alloc_word(&mut alloc, &mut node, word);
            }
            if !words.contains(&"on=missing") {
                self.nodes.push(node);
            }
            self.allocs.push(alloc);
        }
    }

    fn alloc_word(&mut self, alloc: &mut Allocation, node: &mut Node, word: &str) {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        if let Some(status) = AllocClientStatus::from_name(name) {
            alloc.client_status = status;
            return;
        }
        let transition = &mut alloc.desired_transition;
        match name {
            "old-incarnation" => (),
            "stop" => alloc.desired_status = AllocDesiredStatus::Stop,
            "evict" => alloc.desired_status = AllocDesiredStatus::Evict,
            "healthy" | "unhealthy" => status_of(alloc).healthy = Some(name == "healthy"),
            "in" => alloc.deployment_id = Some(DEPLOYMENT),
            "canary" => {
                status_of(alloc).canary = true;
                self.list_canary(alloc);
            }
            "placed-canary" => self.list_canary(alloc),
            "listed-canary" => {
                status_of(alloc).canary = true;
                self.list_canary(alloc);
                alloc.deployment_id = None;
            }
            "migrate" => transition.migrate = Some(true),
            "resched" => transition.reschedule = Some(true),
            "force" => transition.force_reschedule = Some(true),
            "no-place" => transition.migrate_disable_placement = Some(true),
            "mine" => alloc.links.follow_up_eval = Some(EVAL),
            "follow-up" => alloc.links.follow_up_eval = Some(EvalId(Uuid(9))),
            "next" => {
                let id = if value.is_empty() {
                    99_999
                } else {
                    number(value)
                };
                alloc.links.next_allocation = Some(AllocId(Uuid(id)));
            }
            "finished" => end_task(alloc, NOW - duration(value), true),
            "done" => end_task(alloc, NOW - Duration::from_minutes(1), false),
            "started" => start_task(alloc, NOW - duration(value)),
            "unknown-since" => record(alloc, AllocClientStatus::Unknown, value),
            "lost-since" => record(alloc, AllocClientStatus::Lost, value),
            "events" => tracker_of(alloc).events = value.split(',').map(event).collect(),
            "no-placement" => tracker_of(alloc).last = Some(RescheduleOutcome::NoPlacement),
            "score" => {
                let scores = NodeScores::new([NodeScore {
                    node_id: node.id,
                    scores: ScoreSet::default(),
                    normalized: number(value),
                }]);
                alloc.metrics = Rc::new(AllocMetric {
                    scores,
                    ..AllocMetric::default()
                });
            }
            "on" => change_node(node, value),
            "update" => {
                self.overrides.insert(alloc.id, value.to_owned());
            }
            _ => panic!("unknown word of an allocation: {word}"),
        }
    }

    fn list_canary(&mut self, alloc: &mut Allocation) {
        alloc.deployment_id = Some(DEPLOYMENT);
        let deployment = self.deployment.as_mut().expect("a deployment");
        let state = deployment
            .group_mut(&alloc.group)
            .expect("the group's state");
        state.placed_canaries.push(alloc.id);
    }
}

fn status_of(alloc: &mut Allocation) -> &mut AllocDeploymentStatus {
    alloc.deployment_status.get_or_insert_default()
}

fn tracker_of(alloc: &mut Allocation) -> &mut RescheduleTracker {
    Rc::make_mut(alloc.links.reschedule_tracker.get_or_insert_default())
}

/// `2h/15s`: so long ago, after so long a wait.
fn event(text: &str) -> RescheduleEvent {
    let (ago, delay) = text.split_once('/').expect("AGO/DELAY");
    RescheduleEvent {
        time: NOW - duration(ago),
        previous_alloc: AllocId(Uuid(0)),
        previous_node: NodeId(Uuid(0)),
        delay: duration(delay),
    }
}

fn record(alloc: &mut Allocation, status: AllocClientStatus, ago: &str) {
    let time = NOW - duration(ago);
    alloc.links.states.push(ClientStatusChange { status, time });
}

fn task_state(phase: TaskPhase) -> TaskState {
    TaskState {
        phase,
        ..TaskState::pending("main".into())
    }
}

fn end_task(alloc: &mut Allocation, at: Time, failed: bool) {
    let mut state = task_state(TaskPhase::Dead);
    state.failed = failed;
    state.finished_at = Some(at);
    alloc.task_states = vec![state.into()];
}

fn start_task(alloc: &mut Allocation, at: Time) {
    let state = task_state(TaskPhase::Running);
    let state = TaskState {
        started_at: Some(at),
        ..state
    };
    alloc.task_states = vec![state.into()];
}

fn change_node(node: &mut Node, how: &str) {
    match how {
        "down" => node.status = NodeStatus::Down,
        "disconnected" => node.status = NodeStatus::Disconnected,
        "initializing" => node.status = NodeStatus::Initializing,
        "draining" => {
            node.drain = Some(DrainStrategy {
                force_deadline: None,
                force: false,
                ignore_system_jobs: false,
                started_at: NOW,
            });
        }
        "missing" => (),
        _ => panic!("unknown trouble of a node: {how}"),
    }
}

fn reconcile_option(name: &str) -> ReconcileOption {
    match name {
        "best_score" => ReconcileOption::BestScore,
        "keep_original" => ReconcileOption::KeepOriginal,
        "keep_replacement" => ReconcileOption::KeepReplacement,
        "longest_running" => ReconcileOption::LongestRunning,
        _ => panic!("unknown option {name}"),
    }
}

/// `unlimited,5s,exponential,1h` or `3/24h,15s,constant,0`.
pub(super) fn policy(text: &str) -> ReschedulePolicy {
    let parts: Vec<&str> = text.split(',').collect();
    let (attempts, interval) = parts[0].split_once('/').unwrap_or(("0", "0"));
    ReschedulePolicy {
        attempts: number(attempts),
        interval: duration(interval),
        delay: duration(parts[1]),
        delay_function: match parts[2] {
            "constant" => DelayFunction::Constant,
            "exponential" => DelayFunction::Exponential,
            "fibonacci" => DelayFunction::Fibonacci,
            other => panic!("unknown function {other}"),
        },
        max_delay: duration(parts[3]),
        unlimited: parts[0] == "unlimited",
    }
}

/// Plays a scene and compares what came of it: one line a group, `NAME COUNTERS | LISTS`, then one
/// line each for follow-ups and deployments.
pub(super) fn check_reconcile(case: &str, scene: &str, expected: &str) {
    let mut scene = Scene::parse(scene);
    let version = scene.version;
    let mut job = scene.job(version, 1);
    Rc::make_mut(&mut job).stop = scene.is_stopped;
    let key = JobKey::in_default("web");
    let trigger = EvalTrigger::JobRegister;
    let evaluation = Evaluation::new(EVAL, &key, scene.kind, 50, trigger, NOW);
    let allocs: Vec<Rc<Allocation>> = scene.allocs.iter().cloned().map(Rc::new).collect();
    let mut tainted = TaintedNodes::new();
    for alloc in &allocs {
        let node = scene.nodes.iter().find(|node| node.id == alloc.node_id);
        let is_fine = |node: &&Node| node.status == NodeStatus::Ready && node.drain.is_none();
        if node.is_none_or(|node| !is_fine(&node) && node.status != NodeStatus::Initializing) {
            tainted.insert(alloc.node_id, node);
        }
    }
    let input = ReconcileInput {
        evaluation: &evaluation,
        now: NOW,
        is_batch: scene.kind == JobType::Batch,
        job: (!scene.is_absent).then_some(&job),
        allocs: allocs.iter().collect(),
        deployment: scene.deployment.as_ref(),
        tainted,
    };
    let updates = Cell::new(0);
    let mut updater = |alloc: &Rc<Allocation>, _: &TaskGroup| {
        updates.set(updates.get() + 1);
        let own = scene.overrides.get(&alloc.id);
        let is_new =
            own.is_none() && job.is_same_version(alloc.job.version, alloc.job.create_index);
        match own.unwrap_or(&scene.update).as_str() {
            _ if is_new => Update::Ignore,
            "ignore" => Update::Ignore,
            "destructive" => Update::Destructive,
            "in-place" => Update::InPlace(Box::new(Allocation::clone(alloc))),
            other => panic!("unknown update {other}"),
        }
    };
    let mut ids = UuidMaker::new(Rng::new(1));
    let result = reconcile(&input, &mut ids, &mut updater);
    let lines = |text: &str| -> Vec<String> {
        let trimmed = text.lines().map(|line| line.trim().to_owned());
        trimmed.filter(|line| !line.is_empty()).collect()
    };
    assert_eq!(
        lines(&render(&result, &allocs)),
        lines(expected),
        "case {case}"
    );
    assert!(
        updates.get() <= allocs.len(),
        "case {case}: each is compared once at most"
    );
}

/// `0-4,7`: runs of consecutive numbers; the order as given, so that it can be seen.
fn ranges(indexes: &[u32]) -> String {
    let mut out = String::new();
    let mut i = 0;
    while i < indexes.len() {
        let mut end = i;
        while end + 1 < indexes.len() && indexes[end + 1] == indexes[end] + 1 {
            end += 1;
        }
        let comma = if out.is_empty() { "" } else { "," };
        let _ = match end - i {
            0 => write!(out, "{comma}{}", indexes[i]),
            _ => write!(out, "{comma}{}-{}", indexes[i], indexes[end]),
        };
        i = end + 1;
    }
    out
}

fn counters(updates: &yurt_model::DesiredUpdates) -> String {
    let all = [
        ("Pl", updates.place),
        ("St", updates.stop),
        ("Ig", updates.ignore),
        ("De", updates.destructive_update),
        ("In", updates.in_place_update),
        ("Ca", updates.canary),
        ("Mi", updates.migrate),
        ("Di", updates.disconnect),
        ("Re", updates.reconnect),
        ("RN", updates.reschedule_now),
        ("RL", updates.reschedule_later),
    ];
    let set = all
        .iter()
        .filter(|(_, n)| *n > 0)
        .map(|(name, n)| format!("{name}{n}"));
    let text: Vec<String> = set.collect();
    if text.is_empty() {
        "-".to_owned()
    } else {
        text.join(" ")
    }
}

fn render(result: &ReconcileResult<'_>, allocs: &[Rc<Allocation>]) -> String {
    let mut out = String::new();
    let by_id: BTreeMap<AllocId, &Rc<Allocation>> =
        allocs.iter().map(|alloc| (alloc.id, alloc)).collect();
    for (group, updates) in &result.desired {
        let of = |ids: Vec<AllocId>| -> Vec<u32> {
            let members = ids
                .iter()
                .map(|id| by_id[id])
                .filter(|alloc| alloc.group == *group);
            members.map(|alloc| alloc.name_index).collect()
        };
        let places = |is: &dyn Fn(&super::super::Place<'_>) -> bool| -> Vec<u32> {
            let wanted = result
                .places
                .iter()
                .filter(|place| place.group == *group && is(place));
            wanted.map(|place| place.name_index).collect()
        };
        let stops = |reason: &str| -> Vec<u32> {
            let matching = result
                .stops
                .iter()
                .filter(|stop| &*stop.description == reason);
            of(matching.map(|stop| stop.alloc_id).collect())
        };
        let keys = |map: &BTreeMap<AllocId, Allocation>| of(map.keys().copied().collect());
        let lists = [
            (
                "place",
                places(&|place| !place.canary && place.previous.is_none()),
            ),
            ("again", places(&|place| !place.canary && place.reschedule)),
            (
                "move",
                places(&|place| !place.canary && !place.reschedule && place.previous.is_some()),
            ),
            ("canary", places(&|place| place.canary)),
            (
                "replace",
                of(result.destructive.iter().map(|alloc| alloc.id).collect()),
            ),
            (
                "in-place",
                of(result.in_place.iter().map(|alloc| alloc.id).collect()),
            ),
            ("stop", stops(reason::NOT_NEEDED)),
            ("lost", stops(reason::LOST)),
            ("migrating", stops(reason::MIGRATING)),
            ("rescheduled", stops(reason::RESCHEDULED)),
            ("rejoined", stops(reason::RECONNECTED)),
            ("note", keys(&result.attribute_updates)),
            ("unknown", keys(&result.disconnect_updates)),
            ("back", keys(&result.reconnect_updates)),
        ];
        let _ = write!(out, "{group} {}", counters(updates));
        for (i, (name, list)) in lists
            .iter()
            .filter(|(_, list)| !list.is_empty())
            .enumerate()
        {
            let mark = if i == 0 { " |" } else { ";" };
            let _ = write!(out, "{mark} {name} {}", ranges(list));
        }
        out.push('\n');
    }
    render_rest(result, &mut out);
    out
}

fn render_rest(result: &ReconcileResult<'_>, out: &mut String) {
    for follow_up in &result.follow_ups {
        let wait = follow_up.wait_until.expect("delayed") - NOW;
        let _ = write!(out, "later {wait} {}", follow_up.triggered_by);
        if follow_up.status_description.is_empty() {
            out.push_str(" without description");
        }
        out.push('\n');
    }
    if let Some(deployment) = &result.deployment {
        let _ = writeln!(out, "create {:?}", &*deployment.status_description);
        for state in &deployment.groups {
            let _ = write!(out, "with {} total {}", state.name, state.desired_total);
            if state.desired_canaries > 0 {
                let _ = write!(out, " canaries {}", state.desired_canaries);
            }
            out.push('\n');
        }
    }
    for update in &result.deployment_updates {
        let _ = writeln!(out, "set {} {:?}", update.status, &*update.description);
    }
}

/// A failed allocation with a policy and past moves, for the arithmetic of delays.
pub(super) fn failed_alloc(policy: &str, events: &str, failed_ago: &str) -> Allocation {
    let events = if events.is_empty() {
        String::new()
    } else {
        format!("events={events}")
    };
    let mut scene = Scene::parse(&format!(
        "job v0
         group web count=1 reschedule={policy}
         web 0 v0 failed finished={failed_ago} {events}"
    ));
    scene.allocs.remove(0)
}

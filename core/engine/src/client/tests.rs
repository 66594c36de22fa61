//! Goal: the life of one allocation on its node, told as lines. Method: a store with one
//! allocation, a queue of the client's own timers, and a text of every report.

use std::rc::Rc;

use serde_json::json;
use yurt_model::job::*;
use yurt_model::*;
use yurt_state::{Change, JobWrite, Store};

use super::*;

pub(super) const START: Time = Time(1_000_000_000_000);

/// One restart in five minutes after a second, so that failures come soon.
pub(super) fn task(name: &str, driver: &str, config: serde_json::Value) -> Task {
    let mut task = testing::task(name, driver, config);
    task.restart.attempts = 1;
    task.restart.interval = Duration::from_minutes(5);
    task.restart.delay = Duration::from_secs(1);
    task
}

/// A service "web" with those checks.
pub(super) fn service(checks: Vec<Check>) -> Service {
    Service {
        name: "web".into(),
        provider: "nomad".into(),
        port_label: "http".into(),
        address_mode: "auto".into(),
        tags: Vec::new(),
        canary_tags: Vec::new(),
        task_name: "".into(),
        on_update: "".into(),
        checks,
    }
}

pub(super) fn spec(kind: JobType, tasks: Vec<Task>) -> JobSpec {
    let mut group = testing::group("api", 1, tasks);
    let healthy_deadline = Duration::from_minutes(1);
    group.update = Some(UpdateStrategy {
        healthy_deadline,
        ..testing::update()
    });
    testing::spec("docs", kind, vec![group])
}

/// One allocation in a store, its clients, and what they have asked for.
pub(super) struct Bench {
    pub(super) store: Store,
    pub(super) clients: Clients,
    pub(super) alloc: AllocId,
    timers: Vec<(Time, ClientTimer)>,
    pub(super) told: Vec<String>,
}

impl Bench {
    pub(super) fn new(kind: JobType, tasks: Vec<Task>) -> Self {
        Self::of(spec(kind, tasks), ImageCatalogue::by_suffix_alone())
    }

    /// One allocation of a job in a world with those images.
    pub(super) fn of(spec: JobSpec, images: ImageCatalogue) -> Self {
        let kind = spec.kind;
        let mut store = Store::new(0, SchedulerConfiguration::of_a_fresh_cluster());
        let node = Change::NodeUpserted(Box::new(testing::node(2)));
        store.apply(START, node).unwrap();
        let write = JobWrite::fresh(Rc::new(spec), START);
        let change = Change::JobUpserted {
            job: Box::new(write),
            evaluation: None,
            no_shutdown_delay: false,
        };
        store.apply(START, change).unwrap();
        let job = store.job(&JobKey::in_default("docs")).unwrap().clone();
        let id = AllocId(Uuid(7));
        let mut alloc = testing::alloc(7, &job, 0, 2, START);
        alloc.deployment_id = (kind == JobType::Service).then_some(DeploymentId(Uuid(9)));
        let given = job.spec.groups[0].tasks.iter().map(|task| AllocatedTask {
            name: task.name.clone(),
            cpu_mhz: 100,
            cores: Vec::new(),
            memory_mb: 64,
            memory_max_mb: 0,
            devices: Vec::new(),
        });
        alloc.resources = Rc::new(AllocatedResources {
            tasks: given.collect(),
            ..AllocatedResources::default()
        });
        let plan = Plan {
            allocations: vec![alloc],
            job: Some(job),
            ..Plan::default()
        };
        let clients = Clients::new(images, Rng::new(1));
        let mut bench = Self {
            store,
            clients,
            alloc: id,
            timers: Vec::new(),
            told: Vec::new(),
        };
        bench.write(START, plan);
        bench
    }

    fn write(&mut self, at: Time, plan: Plan) {
        let change = Change::PlanApplied {
            plan: Box::new(plan),
            preemption_evals: Vec::new(),
        };
        self.store.apply(at, change).unwrap();
        let effects = self.clients.alloc_touched(&self.store, at, self.alloc);
        self.carry_out(at, effects);
    }

    pub(super) fn stop(&mut self, seconds: i64) {
        self.stop_with(seconds, false);
    }

    /// Stops the allocation, with or without its shutdown delays.
    pub(super) fn stop_with(&mut self, seconds: i64, no_shutdown_delay: bool) {
        self.run_for(seconds);
        if no_shutdown_delay {
            let transition = DesiredTransition {
                no_shutdown_delay: Some(true),
                ..DesiredTransition::default()
            };
            let change = Change::TransitionsSet {
                transitions: vec![(self.alloc, transition)],
                evals: Vec::new(),
            };
            let at = START + Duration::from_secs(seconds);
            self.store.apply(at, change).unwrap();
        }
        let stop = StopAlloc {
            alloc_id: self.alloc,
            description: "alloc not needed due to job update".into(),
            client_status: None,
            follow_up: None,
        };
        let plan = Plan {
            stops: vec![stop],
            ..Plan::default()
        };
        self.write(START + Duration::from_secs(seconds), plan);
    }

    /// A person asks the client for something.
    pub(super) fn order(&mut self, seconds: i64, order: &ClientOrder) {
        self.run_for(seconds);
        let now = START + Duration::from_secs(seconds);
        let effects = self.clients.obey(now, self.alloc, order);
        self.carry_out(now, effects);
    }

    pub(super) fn carry_out(&mut self, now: Time, effects: Vec<ClientEffect>) {
        for effect in effects {
            match effect {
                ClientEffect::Wake { at, timer } => self.timers.push((at, timer)),
                ClientEffect::Report(update) => {
                    self.tell(now, &update);
                    let change = Change::ClientsReported {
                        updates: vec![update],
                        evals: Vec::new(),
                    };
                    self.store.apply(now, change).unwrap();
                    let effects = self.clients.services_changed(&self.store, now);
                    self.carry_out(now, effects);
                }
            }
        }
    }

    fn tell(&mut self, now: Time, update: &ClientUpdate) {
        let tasks: Vec<String> = update
            .task_states
            .iter()
            .map(|task| {
                let last = task.events.last().map_or("", |event| event.kind());
                format!("{} {} ({last})", task.name, task.phase.as_str())
            })
            .collect();
        let health = match update.deployment_status.as_ref().and_then(|s| s.healthy) {
            Some(true) => " healthy",
            Some(false) => " unhealthy",
            None => "",
        };
        let seconds = (now - START).as_secs_f64();
        self.told.push(format!(
            "{seconds:.1} {}{health}: {}",
            update.status,
            tasks.join(", ")
        ));
    }

    pub(super) fn run_for(&mut self, seconds: i64) {
        let end = START + Duration::from_secs(seconds);
        while let Some(next) = (0..self.timers.len()).min_by_key(|&i| self.timers[i].0) {
            if self.timers[next].0 > end {
                break;
            }
            let (at, timer) = self.timers.remove(next);
            let effects = self.clients.wake(&self.store, at, &timer);
            self.carry_out(at, effects);
        }
    }
}

fn lifecycle_task(name: &str, hook: LifecycleHook, sidecar: bool, image: &str) -> Task {
    let lifecycle = Some(Lifecycle { hook, sidecar });
    Task {
        lifecycle,
        ..task(name, "docker", json!({ "image": image }))
    }
}

#[track_caller]
pub(super) fn check(told: &[String], want: &str) {
    let want: Vec<&str> = want
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(told, want, "\n{}\n", told.join("\n"));
}

#[test]
fn a_good_task_gets_healthy_and_stops_when_told() {
    let mut bench = Bench::new(
        JobType::Service,
        vec![task("web", "docker", json!({"image": "web:1"}))],
    );
    bench.stop(20);
    bench.run_for(30);
    check(
        &bench.told,
        "0.0 pending: web pending (Received)
         0.0 pending: web pending (Task Setup)
         0.1 running: web running (Started)
         10.1 running healthy: web running (Started)
         20.0 running healthy: web running (Killing)
         20.1 complete healthy: web dead (Killed)",
    );
}

#[test]
fn a_crash_is_tried_again_and_then_fails_and_is_unhealthy() {
    // It runs for 2 s. The wait before the restart is 1 s and a jitter that the seed decides.
    let image = json!({"image": "web:1-crash"});
    let mut bench = Bench::new(JobType::Service, vec![task("web", "docker", image)]);
    bench.run_for(60);
    check(
        &bench.told,
        "0.0 pending: web pending (Received)
         0.0 pending: web pending (Task Setup)
         0.1 running: web running (Started)
         2.1 pending: web pending (Restarting)
         3.1 pending: web pending (Restarting)
         3.2 running: web running (Started)
         5.2 failed unhealthy: web dead (Not Restarting)",
    );
}

#[test]
fn a_task_that_cannot_start_is_unhealthy_at_the_deadline() {
    let mut slow = task(
        "web",
        "mock_driver",
        json!({"run_for": "1h", "start_block_for": "10m"}),
    );
    slow.restart.attempts = 0;
    let mut bench = Bench::new(JobType::Service, vec![slow]);
    bench.run_for(100);
    check(
        &bench.told,
        "0.0 pending: web pending (Received)
         0.0 pending: web pending (Task Setup)
         60.0 pending unhealthy: web pending (Alloc Unhealthy)",
    );
}

#[test]
fn lifecycle_hooks_keep_their_order() {
    let tasks = vec![
        lifecycle_task("init", LifecycleHook::Prestart, false, "init-batch"),
        lifecycle_task("proxy", LifecycleHook::Prestart, true, "proxy"),
        task("work", "mock_driver", json!({"run_for": "5s"})),
        lifecycle_task("after", LifecycleHook::Poststart, false, "after-batch"),
        lifecycle_task("clean", LifecycleHook::Poststop, false, "clean-batch"),
    ];
    let mut bench = Bench::new(JobType::Batch, tasks);
    bench.run_for(60);
    let last = bench.store.alloc(bench.alloc).unwrap();
    let began: Vec<(String, i64, i64)> = last
        .task_states
        .iter()
        .map(|task| {
            let seconds =
                |time: Option<Time>| time.map_or(-1, |t| (t - START).nanos() / 1_000_000_000);
            (
                task.name.to_string(),
                seconds(task.started_at),
                seconds(task.finished_at),
            )
        })
        .collect();
    let want = [
        ("init", 0, 3),
        ("proxy", 0, 8),
        ("work", 3, 8),
        ("after", 3, 6),
        ("clean", 8, 11),
    ];
    let want: Vec<_> = want
        .into_iter()
        .map(|(n, a, b)| (n.to_owned(), a, b))
        .collect();
    assert_eq!(began, want);
    assert_eq!(last.client_status, AllocClientStatus::Complete);
}

#[test]
fn a_failed_task_takes_its_siblings_along() {
    let mut bad = task(
        "bad",
        "mock_driver",
        json!({"run_for": "1s", "exit_code": 3}),
    );
    bad.restart.attempts = 0;
    let good = task("good", "docker", json!({"image": "web:1"}));
    let mut bench = Bench::new(JobType::Batch, vec![bad, good]);
    bench.run_for(60);
    let alloc = bench.store.alloc(bench.alloc).unwrap();
    assert_eq!(alloc.client_status, AllocClientStatus::Failed);
    let kinds: Vec<&str> = alloc.task_states[1]
        .events
        .iter()
        .map(|event| event.kind())
        .collect();
    let want = [
        "Received",
        "Task Setup",
        "Started",
        "Sibling Task Failed",
        "Killing",
        "Terminated",
        "Killed",
    ];
    assert_eq!(kinds, want);
}

#[test]
fn artifacts_and_templates_come_before_the_start() {
    let mut web = task("web", "docker", json!({ "image": "web:1" }));
    web.artifact_count = 2;
    web.template_count = 5;
    let mut bench = Bench::new(JobType::Service, vec![web]);
    bench.run_for(5);
    check(
        &bench.told,
        "0.0 pending: web pending (Received)
         0.0 pending: web pending (Downloading Artifacts)
         1.0 running: web running (Started)",
    );
}

#[test]
fn work_that_runs_for_too_long_is_stopped_and_has_failed() {
    let mut spec = spec(
        JobType::Batch,
        vec![task("work", "docker", json!({ "image": "work:1" }))],
    );
    spec.groups[0].update = None;
    spec.groups[0].max_run_duration = Duration::from_secs(30);
    let mut bench = Bench::of(spec, ImageCatalogue::by_suffix_alone());
    bench.run_for(60);
    check(
        &bench.told,
        "0.0 pending: work pending (Received)
         0.0 pending: work pending (Task Setup)
         0.1 running: work running (Started)
         30.0 running: work running (Killing)
         30.1 failed: work dead (Killed)",
    );
    let alloc = bench.store.alloc(bench.alloc).unwrap();
    assert_eq!(
        &*alloc.client_description,
        "allocation exceeded max_run_duration"
    );
}

#[test]
fn a_stop_waits_for_the_shutdown_delay_and_at_most_for_the_kill_timeout() {
    let stubborn = ImageBehaviour {
        stop_takes: Duration::from_secs(60),
        ..ImageBehaviour::well_behaved()
    };
    let mut web = task("web", "docker", json!({ "image": "web:1" }));
    web.shutdown_delay = Duration::from_secs(3);
    web.kill_timeout = Duration::from_secs(10);
    let images = ImageCatalogue::by_suffix_alone().with("web:1", stubborn);
    let mut bench = Bench::of(spec(JobType::Service, vec![web]), images);
    bench.stop(20);
    bench.run_for(60);
    check(
        &bench.told[4..],
        "20.0 running healthy: web running (Waiting for shutdown delay)
         23.0 running healthy: web running (Waiting for shutdown delay)
         33.0 complete healthy: web dead (Killed)",
    );
    let alloc = bench.store.alloc(bench.alloc).unwrap();
    let end = alloc.task_states[0]
        .events
        .iter()
        .find(|event| event.kind() == "Terminated");
    let text = end.map(|event| &**event.message());
    assert_eq!(text, Some("Exit Code: 137, Signal: 9"), "it did not listen");
}

#[test]
fn a_leader_ends_the_others_and_is_stopped_first() {
    let mut leader = task("leader", "docker", json!({ "image": "web:1" }));
    leader.leader = true;
    let other = task("other", "docker", json!({ "image": "web:2" }));
    let mut bench = Bench::new(JobType::Service, vec![other, leader]);
    bench.stop(20);
    bench.run_for(60);
    let alloc = bench.store.alloc(bench.alloc).unwrap();
    let ended: Vec<_> = alloc
        .task_states
        .iter()
        .map(|task| task.finished_at)
        .collect();
    assert!(ended[1] < ended[0], "the leader goes first: {ended:?}");
    let kinds = alloc.task_states[0].events.iter().map(|event| event.kind());
    assert!(kinds.into_iter().any(|kind| kind == "Leader Task Dead"));
}

#[test]
fn too_much_memory_ends_a_task() {
    let hungry = task("web", "docker", json!({ "image": "web:1-oom" }));
    let mut bench = Bench::new(JobType::Service, vec![hungry]);
    bench.run_for(5);
    let alloc = bench.store.alloc(bench.alloc).unwrap();
    let end = alloc.task_states[0]
        .events
        .iter()
        .find(|event| event.kind() == "Terminated");
    let text = end.map(|event| &**event.message());
    assert_eq!(
        text,
        Some("Exit Code: 137, Signal: 9, Exit Message: \"OOM Killed\"")
    );
}

/// One task of a service, read from a document as jobs are.
fn documented(task: serde_json::Value, disconnect: serde_json::Value) -> JobSpec {
    let mut task = task;
    task["Name"] = json!("web");
    task["Driver"] = json!("docker");
    task["Config"] = json!({ "image": "web:1" });
    let restart = json!({
        "Attempts": 1, "Interval": 300_000_000_000_i64, "Delay": 1_000_000_000, "Mode": "fail",
    });
    let group = json!({
        "Name": "api", "Count": 1, "Tasks": [task], "RestartPolicy": restart,
        "Disconnect": disconnect,
    });
    let job = json!({
        "ID": "docs", "Name": "docs", "Namespace": "default", "Type": "service", "Priority": 50,
        "Datacenters": ["dc1"], "TaskGroups": [group],
    });
    let mut spec = yurt_jobspec::typed::spec_from_document(&job).expect("a job");
    spec.groups[0].tasks[0].restart = tests::task("web", "docker", json!({})).restart;
    spec
}

/// What a client does before the start of a task, and what its events say when that fails.
#[test]
fn what_comes_before_the_start_may_fail() {
    let source = "https://example.com/app-missing.tar.gz";
    let cases = [
        (
            json!({"Artifacts": [{"GetterSource": "https://example.com/app.tar.gz"}]}),
            AllocClientStatus::Running,
            "Task started by client".to_owned(),
        ),
        (
            json!({"Artifacts": [{"GetterSource": source}]}),
            AllocClientStatus::Failed,
            format!("failed to download artifact \"{source}\": bad response code: 404"),
        ),
        (
            json!({"Templates": [{"EmbeddedTmpl": "{{ with nomadVar \"a/b\" }}{{ end }}"}]}),
            AllocClientStatus::Pending,
            "Missing: nomad.var.block(a/b@default.global)".to_owned(),
        ),
        (
            json!({"Templates": [{"EmbeddedTmpl": "PORT=80"}]}),
            AllocClientStatus::Running,
            "Task started by client".to_owned(),
        ),
    ];
    for (task, status, said) in cases {
        let spec = documented(task.clone(), json!(null));
        let mut bench = Bench::of(spec, ImageCatalogue::by_suffix_alone());
        bench.run_for(8);
        let alloc = bench.store.alloc(bench.alloc).unwrap();
        assert_eq!(alloc.client_status, status, "{task}");
        let mut events = alloc.task_states[0].events.iter();
        assert!(
            events.any(|event| **event.message() == *said),
            "{task}\n{:#?}",
            alloc.task_states
        );
    }
}

/// Servers out of reach: how long, and whether the task still runs then.
#[test]
fn groups_that_do_not_run_on_without_servers() {
    let second = 1_000_000_000_i64;
    let cases = [
        (json!(null), 600, true),
        (json!({"StopOnClientAfter": 30 * second}), 29, true),
        (json!({"StopOnClientAfter": 30 * second}), 31, false),
    ];
    for (disconnect, seconds, runs) in cases {
        let spec = documented(json!({}), disconnect.clone());
        let mut bench = Bench::of(spec, ImageCatalogue::by_suffix_alone());
        bench.run_for(20);
        let node = bench.store.alloc(bench.alloc).unwrap().node_id;
        let silent = START + Duration::from_secs(20);
        let effects = bench.clients.node_lost_servers(&bench.store, silent, node);
        bench.carry_out(silent, effects);
        bench.run_for(20 + seconds);
        let alloc = bench.store.alloc(bench.alloc).unwrap();
        let is_running = alloc.client_status == AllocClientStatus::Running;
        assert_eq!(is_running, runs, "{disconnect} after {seconds} s");
        // Heard again, it does not start once more.
        let back = START + Duration::from_secs(21 + seconds);
        let effects = bench.clients.node_started(&bench.store, back, node);
        let starts = effects
            .iter()
            .any(|effect| matches!(effect, ClientEffect::Wake { .. }));
        assert!(!starts, "{disconnect} after {seconds} s");
    }
}

#[test]
fn a_signal_that_nothing_answers_ends_a_task_at_once() {
    let mut web = task("web", "docker", json!({ "image": "web:1" }));
    web.kill_signal = "SIGKILL".into();
    let mut bench = Bench::new(JobType::Service, vec![web]);
    bench.stop(20);
    bench.run_for(21);
    let alloc = bench.store.alloc(bench.alloc).unwrap();
    let mut events = alloc.task_states[0].events.iter();
    assert!(events.any(|event| &**event.message() == "Exit Code: 137, Signal: 9"));
}

#[test]
fn use_of_memory_grows_until_there_is_none_left() {
    let mut bench = Bench::new(
        JobType::Service,
        vec![task("web", "docker", json!({ "image": "web:1-oom" }))],
    );
    let mut last = 0;
    for seconds in 1..=4 {
        bench.run_for(seconds);
        let now = START + Duration::from_secs(seconds);
        let alloc = bench.store.alloc(bench.alloc).unwrap();
        let usage = task_usage(bench.clients.images(), alloc, now);
        assert_eq!(usage.len(), 1, "it runs");
        assert!(usage[0].memory_kib >= last, "{usage:?}");
        last = usage[0].memory_kib;
    }
    bench.run_for(5);
    let now = START + Duration::from_secs(5);
    let alloc = bench.store.alloc(bench.alloc).unwrap();
    assert_eq!(
        task_usage(bench.clients.images(), alloc, now),
        [],
        "it was killed"
    );
}

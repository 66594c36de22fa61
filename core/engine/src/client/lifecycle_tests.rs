//! Goal: the order in which tasks start, end and restart, told as events with their times. Method:
//! one allocation in the bench of the client's tests, and tables of jobs.

use serde_json::json;
use yurt_model::job::*;
use yurt_model::*;

use super::tests::{Bench, START, service, spec, task};
use super::*;

/// A well-behaved image.
fn good(name: &str) -> Task {
    task(name, "docker", json!({ "image": "web:1" }))
}

/// A task that exits after so long.
fn exits(name: &str, run_for: &str, exit_code: i64) -> Task {
    let config = json!({ "run_for": run_for, "exit_code": exit_code });
    let mut task = task(name, "mock_driver", config);
    task.restart.attempts = 0;
    task
}

/// The same within the lifecycle.
fn hooked(hook: LifecycleHook, sidecar: bool, task: Task) -> Task {
    let lifecycle = Some(Lifecycle { hook, sidecar });
    Task { lifecycle, ..task }
}

/// All events of those kinds, in order of time: "20.0 web Killing".
fn events(bench: &Bench, kinds: &[&str]) -> Vec<String> {
    let alloc = bench.store.alloc(bench.alloc).expect("it is there");
    let mut found = Vec::new();
    for state in &alloc.task_states {
        for event in &state.events {
            if kinds.contains(&event.kind()) {
                found.push((event.time, format!("{} {}", state.name, event.kind())));
            }
        }
    }
    found.sort_by_key(|(time, _)| *time); // A stable sort: tasks keep their order.
    let told = found.into_iter().map(|(time, text)| {
        let seconds = (time - START).as_secs_f64();
        format!("{seconds:.1} {text}")
    });
    told.collect()
}

fn status(bench: &Bench) -> AllocClientStatus {
    let alloc = bench.store.alloc(bench.alloc).expect("it is there");
    alloc.client_status
}

const ENDS: &[&str] = &["Killing", "Waiting for shutdown delay", "Killed"];

/// The group's delay, the leader, the others, the sidecars, then what cleans up.
#[test]
fn tasks_stop_in_their_order() {
    use LifecycleHook::{Poststop, Prestart};
    let proxy = || hooked(Prestart, true, good("proxy"));
    let leader = || Task {
        leader: true,
        ..good("leader")
    };
    let slow = || Task {
        shutdown_delay: Duration::from_secs(2),
        ..good("web")
    };
    let cases: [(i64, Vec<Task>, &[&str]); 4] = [
        // A sidecar ends once the main tasks have.
        (
            0,
            vec![proxy(), good("web")],
            &[
                "20.0 web Killing",
                "20.1 proxy Killing",
                "20.1 web Killed",
                "20.1 proxy Killed",
            ],
        ),
        // The leader is first, the other main task next, the sidecar last.
        (
            0,
            vec![proxy(), good("web"), leader()],
            &[
                "20.0 leader Killing",
                "20.1 web Killing",
                "20.1 leader Killed",
                "20.1 proxy Killing",
                "20.1 web Killed",
                "20.1 proxy Killed",
            ],
        ),
        // The delay of the group has no event of its own; that of the task has.
        (
            5,
            vec![slow()],
            &[
                "25.0 web Killing",
                "25.0 web Waiting for shutdown delay",
                "27.1 web Killed",
            ],
        ),
        (
            0,
            vec![
                good("web"),
                hooked(Poststop, false, exits("clean", "1s", 0)),
            ],
            &["20.0 web Killing", "20.1 web Killed"],
        ),
    ];
    for (delay, tasks, want) in cases {
        let mut spec = spec(JobType::Service, tasks);
        spec.groups[0].shutdown_delay = Duration::from_secs(delay);
        let mut bench = Bench::of(spec, ImageCatalogue::by_suffix_alone());
        bench.stop(20);
        bench.run_for(60);
        assert_eq!(events(&bench, ENDS), want);
        assert_eq!(status(&bench), AllocClientStatus::Complete, "{want:?}");
    }
}

/// A delay that passes is cut short when the servers are told not to wait.
#[test]
fn a_shutdown_delay_may_be_skipped() {
    let web = Task {
        shutdown_delay: Duration::from_secs(30),
        ..good("web")
    };
    let mut bench = Bench::new(JobType::Service, vec![web]);
    bench.stop_with(20, true);
    bench.run_for(60);
    let kinds = ["Killing", "Skipping shutdown delay", "Killed"];
    let want = [
        "20.0 web Killing",
        "20.0 web Skipping shutdown delay",
        "20.1 web Killed",
    ];
    assert_eq!(events(&bench, &kinds), want);
}

/// What the end of one task means for the others, and for the allocation.
#[test]
fn ends_that_take_others_along() {
    use LifecycleHook::{Poststart, Poststop, Prestart};
    let kinds = [
        "Started",
        "Sibling Task Failed",
        "Leader Task Dead",
        "Main Tasks Dead",
        "Not Restarting",
    ];
    let clean = || hooked(Poststop, false, exits("clean", "1s", 0));
    let leader = Task {
        leader: true,
        ..exits("leader", "3s", 0)
    };
    let cases: [(JobType, Vec<Task>, AllocClientStatus, &[&str]); 6] = [
        // A prestart task fails: the main task never starts, and what cleans up does.
        (
            JobType::Service,
            vec![
                hooked(Prestart, false, exits("init", "1s", 1)),
                good("web"),
                clean(),
            ],
            AllocClientStatus::Failed,
            &[
                "0.1 init Started",
                "1.1 init Not Restarting",
                "1.1 web Sibling Task Failed",
                "1.2 clean Started",
            ],
        ),
        // A prestart sidecar fails later.
        (
            JobType::Service,
            vec![hooked(Prestart, true, exits("proxy", "5s", 1)), good("web")],
            AllocClientStatus::Failed,
            &[
                "0.1 proxy Started",
                "0.2 web Started",
                "5.1 proxy Not Restarting",
                "5.1 web Sibling Task Failed",
            ],
        ),
        // The main task is done: sidecars end, and the allocation with them.
        (
            JobType::Batch,
            vec![
                hooked(Prestart, true, good("proxy")),
                exits("work", "4s", 0),
            ],
            AllocClientStatus::Complete,
            &[
                "0.1 proxy Started",
                "0.2 work Started",
                "4.2 proxy Main Tasks Dead",
            ],
        ),
        // A poststart task that is at work may finish; its sidecars wait for it.
        (
            JobType::Batch,
            vec![
                exits("work", "2s", 0),
                hooked(Poststart, false, exits("after", "6s", 0)),
                hooked(Poststart, true, good("tail")),
            ],
            AllocClientStatus::Complete,
            &[
                "0.1 work Started",
                "0.2 after Started",
                "0.2 tail Started",
                "6.2 tail Main Tasks Dead",
            ],
        ),
        // The leader of a batch job is done.
        (
            JobType::Batch,
            vec![leader, good("web")],
            AllocClientStatus::Complete,
            &[
                "0.1 leader Started",
                "0.1 web Started",
                "3.1 web Leader Task Dead",
            ],
        ),
        // What cleans up and fails takes nobody along, but the allocation has failed.
        (
            JobType::Batch,
            vec![
                exits("work", "2s", 0),
                hooked(Poststop, false, exits("clean", "1s", 1)),
            ],
            AllocClientStatus::Failed,
            &[
                "0.1 work Started",
                "2.2 clean Started",
                "3.2 clean Not Restarting",
            ],
        ),
    ];
    for (kind, tasks, want_status, want) in cases {
        let mut bench = Bench::new(kind, tasks);
        bench.run_for(60);
        assert_eq!(events(&bench, &kinds), want);
        assert_eq!(status(&bench), want_status, "{want:?}");
    }
}

/// Ephemeral tasks are done once they succeed; sidecars start again for as long as the allocation
/// runs, in batch jobs too.
#[test]
fn which_successful_ends_are_final() {
    use LifecycleHook::{Poststart, Prestart};
    let cases = [
        (JobType::Batch, Some((Prestart, true)), true),
        (JobType::Batch, Some((Poststart, true)), true),
        (JobType::Batch, Some((Poststart, false)), false),
        (JobType::Service, Some((Prestart, false)), false),
        (JobType::Service, Some((Prestart, true)), true),
        (JobType::Service, None, true),
        (JobType::Batch, None, false),
        (JobType::System, None, true),
        (JobType::Sysbatch, None, false),
    ];
    for (kind, hook, restarts) in cases {
        let mut one = task("one", "mock_driver", json!({ "run_for": "1s" }));
        one.restart.attempts = 5;
        one.lifecycle = hook.map(|(hook, sidecar)| Lifecycle { hook, sidecar });
        let mut bench = Bench::new(kind, vec![one, good("web")]);
        bench.run_for(5);
        let alloc = bench.store.alloc(bench.alloc).expect("it is there");
        let has_restarted = alloc.task_states[0].restarts > 0;
        assert_eq!(has_restarted, restarts, "{kind} {hook:?}");
    }
}

/// A task that waits for the next interval says so.
#[test]
fn a_task_that_is_delayed_says_why() {
    let mut web = exits("web", "1s", 1);
    web.restart.mode = RestartMode::Delay;
    web.restart.attempts = 1;
    web.restart.interval = Duration::from_secs(30);
    let mut bench = Bench::new(JobType::Batch, vec![web]);
    bench.run_for(20);
    let alloc = bench.store.alloc(bench.alloc).expect("it is there");
    let last = alloc.task_states[0].events.last().expect("an event");
    let text = "Exceeded allowed attempts, applying a delay - Task restarting in ";
    assert!(last.message().starts_with(text), "{}", last.message());
    assert_eq!(alloc.client_status, AllocClientStatus::Pending);
    bench.run_for(31);
    assert_eq!(status(&bench), AllocClientStatus::Running);
}

/// Kill timeouts: the client's limit, and restarts obey them too.
#[test]
fn a_stubborn_task_is_killed_in_time() {
    let stubborn = ImageBehaviour {
        stop_takes: Duration::from_minutes(9),
        ..ImageBehaviour::well_behaved()
    };
    let images = ImageCatalogue::by_suffix_alone().with("web:1", stubborn);
    for (kill_timeout, restarts, want) in
        [(5, false, "25.0"), (600, false, "50.0"), (5, true, "25.0")]
    {
        let web = Task {
            kill_timeout: Duration::from_secs(kill_timeout),
            ..good("web")
        };
        let mut bench = Bench::of(spec(JobType::Service, vec![web]), images.clone());
        if restarts {
            bench.order(20, &ClientOrder::Restart(RestartScope::Running));
        } else {
            bench.stop(20);
        }
        bench.run_for(100);
        let want = format!("{want} web Terminated");
        assert_eq!(
            events(&bench, &["Terminated"]),
            [want],
            "{kill_timeout} {restarts}"
        );
    }
}

/// A task that restarts when its allocation is stopped stays down.
#[test]
fn a_stop_ends_what_restarts() {
    let web = Task {
        shutdown_delay: Duration::from_secs(10),
        ..good("web")
    };
    let mut bench = Bench::new(JobType::Service, vec![web]);
    bench.order(20, &ClientOrder::Restart(RestartScope::Running));
    bench.stop(25);
    bench.run_for(100);
    assert_eq!(status(&bench), AllocClientStatus::Complete);
    assert_eq!(events(&bench, &["Started"]), ["0.1 web Started"]);
}

/// What a person asks of a client, and what its tasks then tell.
#[test]
fn orders_of_people() {
    use LifecycleHook::Prestart;
    let restart = ClientOrder::Restart;
    let signal = |signal: &str| ClientOrder::Signal {
        task: None,
        signal: signal.into(),
    };
    let kinds = [
        "Restart Signaled",
        "Signaling",
        "Terminated",
        "Restarting",
        "Started",
    ];
    let cases: [(ClientOrder, &[&str]); 5] = [
        (
            restart(RestartScope::Running),
            &[
                "20.0 web Restart Signaled",
                "20.1 web Terminated",
                "20.1 web Restarting",
                "20.1 web Started",
            ],
        ),
        // All start over, the one that had ended too.
        (
            restart(RestartScope::All),
            &[
                "20.0 web Restart Signaled",
                "20.1 init Restarting",
                "20.1 web Terminated",
                "20.1 web Restarting",
                "20.2 init Started",
                "21.2 init Terminated",
                "21.3 web Started",
            ],
        ),
        // A signal that processes are used to.
        (signal("SIGHUP"), &["20.0 web Signaling"]),
        // Signals that end one: its policy decides.
        (
            signal("SIGKILL"),
            &[
                "20.0 web Signaling",
                "20.0 web Terminated",
                "20.0 web Restarting",
                "20.1 web Started",
            ],
        ),
        (
            signal("SIGTERM"),
            &[
                "20.0 web Signaling",
                "20.1 web Terminated",
                "20.1 web Restarting",
                "20.1 web Started",
            ],
        ),
    ];
    for (order, want) in cases {
        let init = hooked(Prestart, false, exits("init", "1s", 0));
        let mut web = good("web");
        web.restart.delay = Duration::ZERO;
        let mut bench = Bench::new(JobType::Service, vec![init, web]);
        bench.order(20, &order);
        bench.run_for(40);
        let told = events(&bench, &kinds);
        let after: Vec<&String> = told.iter().filter(|line| line.starts_with('2')).collect();
        assert_eq!(after, want, "{order:?}");
    }
}

/// A service of a task is there while the task runs and nobody has asked it to end.
#[test]
fn a_service_goes_before_its_task_does() {
    let service = service(Vec::new());
    let web = Task {
        shutdown_delay: Duration::from_secs(10),
        services: vec![service],
        ..good("web")
    };
    let mut bench = Bench::new(JobType::Service, vec![web]);
    for (second, registered) in [(0, 0), (1, 1), (20, 0), (22, 0), (29, 0), (31, 1)] {
        bench.run_for(second);
        if second == 20 {
            bench.order(20, &ClientOrder::Restart(RestartScope::Running));
        }
        let alloc = bench.store.alloc(bench.alloc).expect("it is there");
        let found = bench.store.services_of_alloc(alloc).len();
        assert_eq!(found, registered, "at {second} s");
    }
}

/// A proxy whose template reads the service of a sidecar, which restarts at 20 s: what the proxy is
/// told within the splay of 4 s, and how often it restarts.
#[test]
fn templates_follow_services() {
    let cases = [
        (json!({"ChangeMode": "noop"}), None, false),
        (
            json!({"ChangeMode": "restart"}),
            Some("Template with change_mode restart re-rendered"),
            true,
        ),
        (
            json!({"ChangeMode": "signal", "ChangeSignal": "SIGHUP"}),
            Some("Template re-rendered"),
            false,
        ),
        // A signal that ends it is answered by its restart policy.
        (
            json!({"ChangeMode": "signal", "ChangeSignal": "SIGTERM"}),
            Some("Template re-rendered"),
            true,
        ),
        (
            json!({"ChangeMode": "script", "ChangeScript": {"Command": "/bin/reload"}}),
            Some("Template ran script /bin/reload. Exit code: 0"),
            false,
        ),
        (json!({"ChangeMode": "restart", "Once": true}), None, false),
    ];
    for (more, said, restarts) in cases {
        let mut template = json!({
            "EmbeddedTmpl": "{{ range nomadService \"cache\" }}{{ .Port }}{{ end }}",
            "Splay": 4_000_000_000_i64,
        });
        let members = template.as_object_mut().expect("an object");
        members.extend(more.as_object().expect("an object").clone());
        let mut bench = Bench::of(proxy_job(&template), ImageCatalogue::by_suffix_alone());
        let order = ClientOrder::Restart(RestartScope::Task("cache".into()));
        bench.order(20, &order);
        bench.run_for(60);
        let alloc = bench.store.alloc(bench.alloc).expect("it is there");
        let proxy = alloc.task_state("proxy").expect("it is there");
        let heard = |text: &str| {
            let events = proxy
                .events
                .iter()
                .filter(|event| **event.message() == *text);
            events
                .map(|event| (event.time - START).nanos() / 1_000_000_000)
                .collect::<Vec<_>>()
        };
        if let Some(text) = said {
            let at = heard(text);
            // The service went and came back: told once or twice, as the splay wants.
            assert!((1..=2).contains(&at.len()), "{more}: {:#?}", proxy.events);
            assert!(
                at.iter().all(|at| (20..=24).contains(at)),
                "{more}: at {at:?}"
            );
        }
        assert_eq!(proxy.restarts > 0, restarts, "{more}: {:#?}", proxy.events);
    }
}

/// A sidecar with a service, and a main task with that template.
fn proxy_job(template: &serde_json::Value) -> JobSpec {
    let service = json!({"Name": "cache", "Provider": "nomad", "PortLabel": "6379"});
    let task = |name: &str| json!({"Name": name, "Driver": "docker", "Config": {"image": "a:1"}});
    let (mut cache, mut proxy) = (task("cache"), task("proxy"));
    cache["Services"] = json!([service]);
    cache["Lifecycle"] = json!({"Hook": "prestart", "Sidecar": true});
    proxy["Templates"] = json!([template]);
    let job = json!({
        "ID": "docs", "Name": "docs", "Namespace": "default", "Type": "service", "Priority": 50,
        "Datacenters": ["dc1"],
        "TaskGroups": [{"Name": "api", "Count": 1, "Tasks": [cache, proxy]}],
    });
    let mut spec = yurt_jobspec::typed::spec_from_document(&job).expect("a job");
    for one in &mut spec.groups[0].tasks {
        one.restart = task_policy();
    }
    spec
}

fn task_policy() -> RestartPolicy {
    task("any", "docker", json!({})).restart
}

/// A machine dies at 20 s and is back at 30 s: what servers have stopped meanwhile is told to be
/// over, also where nothing was ever told of it; what they still want starts again.
#[test]
fn what_was_stopped_while_its_machine_was_down_is_over() {
    use AllocClientStatus::{Complete, Failed, Pending};
    let crashing = || task("clean", "docker", json!({ "image": "clean:1-crash" }));
    let failing = || Task {
        restart: RestartPolicy {
            attempts: 0,
            ..good("clean").restart
        },
        ..crashing()
    };
    let cases: [(Vec<Task>, i64, bool, AllocClientStatus); 4] = [
        (vec![good("web")], 20, true, Complete),
        (vec![good("web")], 0, true, Complete),
        (vec![good("web"), failing()], 20, true, Failed),
        (vec![good("web")], 20, false, Pending),
    ];
    for (tasks, dies_after, is_stopped, want) in cases {
        let mut bench = Bench::new(JobType::Batch, tasks);
        bench.run_for(dies_after);
        let node = bench.store.alloc(bench.alloc).unwrap().node_id;
        let at = |seconds| START + Duration::from_secs(seconds);
        bench.clients.node_stopped(&bench.store, node);
        if is_stopped {
            bench.stop(25);
        }
        let effects = bench.clients.node_started(&bench.store, at(30), node);
        bench.carry_out(at(30), effects);
        assert_eq!(status(&bench), want, "{:?}", bench.told);
        let alloc = bench.store.alloc(bench.alloc).unwrap();
        assert!(!alloc.task_states.is_empty());
        if is_stopped {
            for state in &alloc.task_states {
                assert_eq!(state.phase, TaskPhase::Dead, "{state:?}");
                assert!(state.finished_at.is_some(), "{state:?}");
            }
        }
    }
}

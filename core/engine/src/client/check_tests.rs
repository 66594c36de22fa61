//! Goal: checks over time, what they do to health and to their tasks, and what tasks write. Method:
//! images whose checks fail and recover at given times, in the bench of the client's tests.

use serde_json::json;
use yurt_model::job::*;
use yurt_model::*;

use super::tests::{Bench, START, check, service, spec, task};
use super::*;

fn seconds(seconds: i64) -> Duration {
    Duration::from_secs(seconds)
}

/// An image whose checks change at those seconds.
fn image(phases: &[(i64, CheckStatus)]) -> ImageCatalogue {
    let phase = |(from, status): &(i64, CheckStatus)| CheckPhase {
        from: seconds(*from),
        status: *status,
    };
    let behaviour = ImageBehaviour {
        checks: phases.iter().map(phase).collect(),
        ..ImageBehaviour::well_behaved()
    };
    ImageCatalogue::by_suffix_alone().with("web:1", behaviour)
}

/// A check every 10 s of a service of the group.
fn job(on_update: &str, check_restart: Option<CheckRestart>) -> JobSpec {
    let mut web = task("web", "docker", json!({ "image": "web:1" }));
    web.restart.attempts = 1;
    let mut spec = spec(JobType::Service, vec![web]);
    let check = Check {
        name: "alive".into(),
        kind: "tcp".into(),
        path: "".into(),
        interval: seconds(10),
        timeout: seconds(2),
        task_name: "".into(),
        on_update: on_update.into(),
        check_restart,
        success_before_passing: 0,
        failures_before_critical: 0,
        failures_before_warning: 0,
    };
    spec.groups[0].services.push(service(vec![check]));
    spec
}

/// When the allocation said that it is healthy or not, in tenths of a second after the start.
fn verdict(bench: &Bench) -> Option<(i64, bool)> {
    let alloc = bench.store.alloc(bench.alloc)?;
    let status = alloc.deployment_status.as_ref()?;
    let tenths = (status.timestamp? - START).nanos() / 100_000_000;
    Some((tenths, status.healthy?))
}

#[test]
fn health_waits_for_checks_to_pass_long_enough() {
    use CheckStatus::{Failing, Passing, Warning};
    // The task runs from 0.1 s on; checks run after 5 s, 15 s, 25 s, …; 10 s of health are wanted
    // within a minute.
    for (phases, on_update, wanted) in [
        (&[][..], "", (151, true)),
        (&[(0, Failing)][..], "", (600, false)),
        (&[(0, Failing)][..], "ignore", (151, true)),
        (&[(0, Failing), (12, Passing)][..], "", (251, true)),
        (&[(0, Warning)][..], "", (600, false)),
        (&[(0, Warning)][..], "ignore_warnings", (151, true)),
        // It passes once, fails, and passes from 25 s on.
        (
            &[(0, Passing), (10, Failing), (20, Passing)][..],
            "",
            (351, true),
        ),
    ] {
        let mut bench = Bench::of(job(on_update, None), image(phases));
        bench.run_for(100);
        assert_eq!(verdict(&bench), Some(wanted), "{phases:?} {on_update}");
    }
}

#[test]
fn a_check_that_fails_too_often_restarts_its_task() {
    // Healthy at first; from 18 s on it fails: at 25 s, 35 s, 45 s, the third is too much. The
    // new run has 20 s of grace and fails the same way; then the policy gives up.
    let rule = CheckRestart {
        limit: 3,
        grace: seconds(20),
        ignore_warnings: false,
    };
    let mut bench = Bench::of(job("", Some(rule)), image(&[(18, CheckStatus::Failing)]));
    bench.run_for(200);
    check(
        &bench.told,
        "0.0 pending: web pending (Received)
         0.0 pending: web pending (Task Setup)
         0.1 running: web running (Started)
         15.1 running healthy: web running (Started)
         45.1 running healthy: web running (Restart Signaled)
         45.2 pending healthy: web pending (Restarting)
         46.2 pending healthy: web pending (Restarting)
         46.3 running healthy: web running (Started)
         91.3 running healthy: web running (Restart Signaled)
         91.3 failed healthy: web dead (Not Restarting)",
    );
}

/// The first text that matches, task by task (spec: deployments 24.5).
#[test]
fn an_unhealthy_allocation_says_why() {
    let prestart = |sidecar| {
        Some(Lifecycle {
            hook: LifecycleHook::Prestart,
            sidecar,
        })
    };
    let init = Task {
        lifecycle: prestart(false),
        ..task("init", "mock_driver", json!({ "run_for": "1s" }))
    };
    let stuck = task(
        "web",
        "mock_driver",
        json!({ "run_for": "1h", "start_block_for": "1h" }),
    );
    let web = task("web", "docker", json!({ "image": "web:1" }));
    let running = "Task not running for min_healthy_time of 10s by healthy_deadline of 1m0s";
    let cases = [
        (
            web.clone(),
            "Services not healthy by deadline: web",
            running,
        ),
        (
            stuck,
            "Services not healthy by deadline: web",
            "Task not running by healthy_deadline of 1m0s",
        ),
    ];
    for (main, of_init, of_main) in cases {
        let mut spec = job("", None);
        spec.groups[0].tasks = vec![init.clone(), main];
        let mut bench = Bench::of(spec, image(&[(0, CheckStatus::Failing)]));
        bench.run_for(100);
        let alloc = bench.store.alloc(bench.alloc).expect("it is there");
        let said: Vec<&str> = alloc
            .task_states
            .iter()
            .flat_map(|state| &state.events)
            .filter(|event| event.kind() == "Alloc Unhealthy")
            .map(|event| &**event.message())
            .collect();
        assert_eq!(said, [of_init, of_main]);
    }
}

/// Results in a row that it takes to pass or to be critical, and what becomes of it.
#[test]
fn one_result_may_not_be_enough() {
    use CheckStatus::{Failing, Passing};
    // Checks run after 5 s, 15 s, 25 s, …; 10 s of health are wanted within a minute.
    let blip = &[(0, Passing), (10, Failing), (20, Passing)][..];
    let cases = [
        (0, 0, &[][..], (151, true)),
        (1, 1, &[][..], (151, true)),
        // The third success counts, at 25 s.
        (3, 0, &[][..], (351, true)),
        // A failure on the way starts the count anew: 35 s is the second in a row.
        (2, 0, blip, (451, true)),
        // It never counts so many within the deadline.
        (9, 0, &[][..], (600, false)),
        // One failure is not critical yet.
        (0, 2, blip, (151, true)),
        // A check that never passed is critical, whatever the number of failures.
        (0, 9, &[(0, Failing)][..], (600, false)),
    ];
    for (passing, critical, phases, wanted) in cases {
        let mut spec = job("", None);
        let service = &mut spec.groups[0].services[0];
        service.provider = "consul".into();
        service.checks[0].success_before_passing = passing;
        service.checks[0].failures_before_critical = critical;
        let mut bench = Bench::of(spec, image(phases));
        bench.run_for(100);
        assert_eq!(
            verdict(&bench),
            Some(wanted),
            "{passing} {critical} {phases:?}"
        );
    }
}

/// A failure counts towards a restart once the check is critical.
#[test]
fn thresholds_put_restarts_off() {
    for (critical, restarts_at) in [(0, 25), (3, 45)] {
        let rule = CheckRestart {
            limit: 1,
            grace: Duration::ZERO,
            ignore_warnings: false,
        };
        let mut spec = job("", Some(rule));
        spec.groups[0].services[0].provider = "consul".into();
        spec.groups[0].services[0].checks[0].failures_before_critical = critical;
        let mut bench = Bench::of(spec, image(&[(18, CheckStatus::Failing)]));
        bench.run_for(100);
        let restarts = bench
            .told
            .iter()
            .find(|line| line.contains("Restart Signaled"));
        let at = format!("{restarts_at}.1 ");
        assert!(
            restarts.is_some_and(|line| line.starts_with(&at)),
            "{:#?}",
            bench.told
        );
    }
}

#[test]
fn warnings_count_or_not() {
    let rule = |ignore_warnings| {
        let limit = 1;
        let grace = Duration::ZERO;
        Some(CheckRestart {
            limit,
            grace,
            ignore_warnings,
        })
    };
    for (ignores, restarts) in [(false, 1), (true, 0)] {
        let images = image(&[(0, CheckStatus::Warning)]);
        let mut bench = Bench::of(job("", rule(ignores)), images);
        bench.run_for(7);
        let alloc = bench.store.alloc(bench.alloc).expect("it is there");
        assert_eq!(
            alloc.task_states[0].restarts, restarts,
            "ignores: {ignores}"
        );
    }
}

#[test]
fn what_checks_have_found() {
    let mut bench = Bench::of(job("", None), image(&[(12, CheckStatus::Failing)]));
    let mut found = Vec::new();
    for second in [3, 6, 17] {
        bench.run_for(second);
        let now = START + seconds(second);
        for one in bench.clients.checks(&bench.store, now, bench.alloc) {
            let at = (one.at - START).nanos() / 1_000_000_000;
            found.push(format!("{second}: {} at {at} ({})", one.status, one.group));
        }
    }
    let want = [
        "3: pending at 0 (docs.api[0])",
        "6: success at 5 (docs.api[0])",
        "17: failure at 15 (docs.api[0])",
    ];
    assert_eq!(found, want);
}

#[test]
fn a_task_writes_while_it_runs() {
    let crash = task("web", "docker", json!({ "image": "web:1-crash" }));
    let mut bench = Bench::new(JobType::Service, vec![crash]);
    bench.run_for(60);
    let alloc = bench.store.alloc(bench.alloc).expect("it is there").clone();
    let images = ImageCatalogue::by_suffix_alone();
    let told = |at: i64| -> Vec<String> {
        task_logs(&images, &alloc, "web", START + seconds(at))
            .iter()
            .map(|line| line.text.to_string())
            .collect()
    };
    let run = ["starting web:1-crash", "ready"];
    assert_eq!(told(1), run);
    let end = ["terminated: exit code: 1"];
    assert_eq!(told(60), [&run[..], &end, &run, &end].concat());

    let mut bench = Bench::new(
        JobType::Service,
        vec![task("web", "docker", json!({ "image": "a" }))],
    );
    bench.run_for(30);
    let alloc = bench.store.alloc(bench.alloc).expect("it is there").clone();
    let lines = |at: i64| task_logs(&images, &alloc, "web", START + seconds(at));
    assert_eq!(lines(30).len(), 2 + 6, "one every five seconds");
    assert_eq!(lines(30)[..5], lines(15)[..5], "the same every time");
}

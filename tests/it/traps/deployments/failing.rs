//! Deployments that stall or fail (spec: deployments 15, 16, 21 to 23).

use yurt_engine::{CheckPhase, CheckStatus, ImageBehaviour, ImageCatalogue, Request};
use yurt_model::{DeploymentStatus, DeploymentStatusUpdate, Duration, Plan};
use yurt_state::Change;

use crate::traps::play::{Play, Text, change, key, node, service};

fn rolling(at_once: usize) -> Text {
    service()
        .count(3)
        .update(&format!("max_parallel = {at_once}"))
}

/// The second version of a job, just registered.
fn second(job: &Text) -> Play {
    let mut play = Play::new(4);
    play.run(job).settle();
    play.run(&job.clone().env("1"));
    play.did();
    play
}

/// Section 21.2.
#[test]
fn trap_13_what_was_never_placed_never_times_out() {
    let mut play = Play::new(0);
    play.run(&service()).wait(7200);
    assert_eq!(play.deployment("docs"), "v0 running 0/0/1");
    assert_eq!(
        play.deployment_row("docs").groups[0].require_progress_by,
        None
    );
}

/// Sections 15 and 23.7, trace 31.6.
#[test]
fn trap_14_what_is_unhealthy_and_runs_stays_and_stalls() {
    let mut play = second(&rolling(2));
    play.start();
    let new: Vec<_> = newest(&play, 1);
    play.report(&new[..1], "running", Some(false));
    play.report(&new[1..], "running", Some(true));
    play.wait(300);
    assert_eq!(play.told(new[0]), "run running");
    assert_eq!(play.deployment("docs"), "v1 running 2/1/3");
    play.wait(900);
    assert_eq!(play.description(), "Failed due to progress deadline");
}

fn newest(play: &Play, version: u64) -> Vec<yurt_model::AllocId> {
    let live = play.live("docs");
    let new = live.iter().filter(|alloc| alloc.job.version == version);
    new.map(|alloc| alloc.id).collect()
}

/// Trace 31.7.
#[test]
fn trap_15_an_unhealthy_one_that_was_replaced_blocks_no_longer() {
    let mut play = second(&rolling(1));
    play.start();
    play.report(&newest(&play, 1), "failed", Some(false));
    play.wait(35);
    play.did();
    let replacement = newest(&play, 1);
    assert_eq!(replacement.len(), 1);
    play.report(&replacement, "running", Some(true));
    play.wait(2);
    assert!(play.did().concat().contains("updating [1]; +[1]"));
}

/// Section 21.1.
#[test]
fn trap_16_the_count_of_the_healthy_never_falls() {
    let mut play = second(&rolling(3));
    play.start();
    let new = newest(&play, 1);
    play.report(&new[..2], "running", Some(true));
    play.report(&new[..1], "failed", None);
    assert_eq!(play.deployment_row("docs").groups[0].healthy_allocs, 2);
}

/// Section 16.2.
#[test]
fn trap_17_a_failed_deployment_does_not_replace_its_own() {
    let mut play = second(&rolling(1));
    play.start();
    let new = newest(&play, 1);
    play.fail_deployment().expect("it is active");
    play.report(&new, "failed", None);
    play.wait(120);
    assert!(newest(&play, 1).is_empty());
    assert_eq!(play.live("docs").len(), 2);
}

/// Sections 16.2 and 20.2.
#[test]
fn trap_17_what_is_older_is_replaced_as_it_was() {
    let mut play = second(&service().count(3).update("canary = 1"));
    play.start();
    let old = newest(&play, 0);
    play.fail_deployment().expect("it is active");
    play.report(&old[..1], "failed", None);
    play.wait(120);
    let replaced = newest(&play, 0);
    assert_eq!(replaced.len(), 3);
    let first = play.alloc(old[1]).deployment_id;
    assert!(first.is_some());
    let is_of_first = |id: &yurt_model::AllocId| play.alloc(*id).deployment_id == first;
    assert!(replaced.iter().all(is_of_first));
}

/// Section 19.1.
#[test]
fn trap_18_a_failed_version_is_not_tried_again() {
    let job = rolling(1);
    let mut play = second(&job);
    play.start();
    play.fail_deployment().expect("it is active");
    play.settle().evaluate("docs").run(&job.clone().env("1"));
    play.wait(60);
    assert_eq!(newest(&play, 1).len(), 1);
    assert_eq!(play.deployment_row("docs").status.as_str(), "failed");
    play.run(&job.env("2"));
    assert_eq!(play.deployment_row("docs").job_version, 2);
}

/// Sections 22 and 23.5, trace 31.2.
#[test]
fn trap_19_a_version_that_was_rolled_back_to_is_stable_at_birth() {
    let job = service().update("auto_revert = true");
    let mut play = second(&job);
    let reply = play.fail_deployment().expect("it is active");
    assert_eq!(reply.reverted_version, Some(0), "the old number");
    let (new, old) = (play.job("docs"), play.cluster.store());
    let old = old
        .job_version(&crate::traps::play::key("docs"), 0)
        .expect("kept");
    assert_eq!((new.version, new.stable), (2, true));
    assert_eq!(new.submit_time, old.submit_time);
    play.must(Request::JobRevert {
        key: crate::traps::play::key("docs"),
        version: 1,
        enforce_prior_version: None,
    });
    assert_eq!(
        (play.job("docs").version, play.job("docs").stable),
        (3, false)
    );
}

/// Sections 23.5 and 25.5: a stop copies the mark of its version.
#[test]
fn trap_20_a_rollback_may_go_to_a_stopped_version() {
    let job = service().update("auto_revert = true");
    let mut play = Play::new(2);
    play.run(&job).settle();
    play.stop("docs", false).settle();
    assert!(play.job("docs").stable);
    play.run(&job.env("1"));
    let reply = play.fail_deployment().expect("it is active");
    assert_eq!(reply.reverted_version, Some(1));
    assert_eq!((play.job("docs").version, play.job("docs").stop), (3, true));
    assert!(play.live("docs").is_empty());
    // So does a revert, without the mark (section 25.4).
    play.must(Request::JobRevert {
        key: key("docs"),
        version: 0,
        enforce_prior_version: None,
    });
    assert_eq!(play.live("docs").len(), 1);
    let to_stopped = Request::JobRevert {
        key: key("docs"),
        version: 1,
        enforce_prior_version: None,
    };
    play.must(to_stopped.clone());
    let job = play.job("docs");
    assert_eq!((job.version, job.stop, job.stable), (5, true, false));
    assert!(play.live("docs").is_empty());
    play.must(to_stopped);
    assert_eq!(play.job("docs").version, 5, "it is stopped already");
}

/// Section 22.
#[test]
fn trap_21_the_health_call_does_not_say_that_nothing_is_stable() {
    let fresh = || {
        let mut play = Play::new(1);
        play.run(&service().update("auto_revert = true")).start();
        play
    };
    let mut play = fresh();
    play.fail_deployment().expect("it is active");
    let text = "Deployment marked as failed - no stable job version to auto revert to";
    assert_eq!(play.description(), text);
    let mut play = fresh();
    let (id, unhealthy) = (play.deployment_row("docs").id, play.ids("docs"));
    play.must(Request::DeploymentSetHealth {
        id,
        healthy: Vec::new(),
        unhealthy,
    });
    assert_eq!(play.description(), "Failed due to unhealthy allocations");
}

/// Section 24.5: here the check is what fails.
#[test]
fn trap_40_a_task_that_runs_is_never_told_of_its_check() {
    let finds_services = change(node(1), |node| {
        let attributes = &mut node.attributes;
        attributes.insert("nomad.service_discovery".into(), "true".into());
    });
    let mut play = Play::with([finds_services], |config| {
        let behaviour = ImageBehaviour {
            checks: vec![CheckPhase {
                from: Duration::ZERO,
                status: CheckStatus::Failing,
            }],
            ..ImageBehaviour::well_behaved()
        };
        config.images = ImageCatalogue::by_suffix_alone().with("web:1", behaviour);
        config.simulates_clients = true;
    });
    let check = "check {\ntype = \"tcp\"\ninterval = \"10s\"\ntimeout = \"2s\"\n}";
    let web = "name = \"web\"\nport = \"http\"\nprovider = \"nomad\"";
    let docs = service()
        .group("network {\nport \"http\" {}\n}")
        .group(&format!("service {{\n{web}\n{check}\n}}"));
    play.run(&docs).wait(310);
    let alloc = play.alloc(play.ids("docs")[0]);
    assert_eq!(alloc.client_status.as_str(), "running");
    let events = &alloc.task_state("t").expect("it runs").events;
    let unhealthy = events.iter().filter(|e| e.kind() == "Alloc Unhealthy");
    let texts: Vec<&str> = unhealthy.map(|event| &**event.message()).collect();
    assert_eq!(
        texts,
        ["Task not running for min_healthy_time of 10s by healthy_deadline of 5m0s"]
    );
}

/// Sections 2.4 and 21.5.
#[test]
fn trap_39_a_plan_may_say_what_no_call_may() {
    let mut play = Play::new(1);
    play.run(&service()).settle();
    let update = DeploymentStatusUpdate {
        deployment_id: play.deployment_row("docs").id,
        status: DeploymentStatus::Failed,
        description: "late".into(),
    };
    let mut store = play.cluster.store().clone();
    let plan = Plan {
        deployment_updates: vec![update.clone()],
        ..Plan::default()
    };
    let planned = Change::PlanApplied {
        plan: Box::new(plan),
        preemption_evals: Vec::new(),
    };
    store.apply(play.cluster.now(), planned).expect("dropped");
    let kept = store.deployment(update.deployment_id).expect("kept");
    assert_eq!(kept.status, DeploymentStatus::Successful);
    let called = Change::DeploymentStatusSet {
        update,
        rollback: None,
        evaluation: None,
    };
    let refused = store.apply(play.cluster.now(), called).expect_err("over");
    assert!(
        refused.0.ends_with("has terminal status \"successful\":"),
        "{}",
        refused.0
    );
}

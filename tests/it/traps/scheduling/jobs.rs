//! What is asked of a job, and the evaluations that follow (spec: scheduling 2, 18 to 21).

use yurt_engine::{JobDispatch, Request};

use crate::traps::play::{Play, Text, batch, key, service};

fn versions(play: &Play) -> (u64, u64) {
    let job = play.job("docs");
    (job.version, job.job_modify_index)
}

/// Sections 2.1 and 2.3.
#[test]
fn trap_18_evaluations_are_canceled_and_deployments_cancelled() {
    let mut play = Play::new(1);
    play.run(&service().ask(3000, 100).count(2));
    play.run(&service());
    let statuses: Vec<_> = play
        .evals("docs")
        .iter()
        .map(|e| e.status.as_str())
        .collect();
    assert!(statuses.contains(&"canceled"), "{statuses:?}");
    let mut deployments = play.cluster.store().deployments_of_job(&key("docs"));
    assert!(deployments.any(|row| row.status.as_str() == "cancelled"));
}

fn periodic() -> Text {
    batch().head("periodic {\ncrons = [\"*/10 * * * *\"]\nprohibit_overlap = true\n}")
}

/// Section 18, SC-160 and SC-161.
#[test]
fn trap_48_force_ignores_overlap_and_nothing_is_made_up_for() {
    let mut play = Play::new(1);
    play.run(&periodic()).wait(601);
    let children = |play: &Play| {
        let store = play.cluster.store();
        let all = store.children_of(&key("docs"));
        all.map(|child| child.id().as_str().to_owned())
            .collect::<Vec<_>>()
    };
    let first = children(&play);
    assert_eq!(first.len(), 1);
    assert!(play.job(&first[0]).spec.periodic.is_none());
    // It does not end: the launches of the next hour are skipped.
    play.wait(3600);
    assert_eq!(children(&play).len(), 1);
    play.must(Request::JobPeriodicForce { key: key("docs") });
    assert_eq!(children(&play).len(), 2);
    for child in children(&play) {
        let ids = play.ids(&child);
        play.report(&ids, "complete", None);
    }
    assert_eq!(
        children(&play).len(),
        2,
        "the six that were skipped stay so"
    );
    play.wait(600);
    assert_eq!(children(&play).len(), 3);
}

/// Section 19, SC-164 and SC-165.
#[test]
fn trap_49_the_order_in_which_a_dispatch_is_judged() {
    let mut play = Play::new(1);
    play.run(&batch().head("parameterized {\nmeta_required = [\"a\"]\n}"));
    let mut dispatch = |meta: &[(&str, &str)], priority| {
        let meta = meta
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        let reply = play.ask(Request::JobDispatch(JobDispatch {
            key: key("docs"),
            payload: None,
            meta: meta.collect(),
            id_prefix: None,
            idempotency_token: Some("once".into()),
            priority,
        }));
        reply.map(|reply| reply.child)
    };
    let unpermitted = dispatch(&[("c", "1")], 500).expect_err("refused");
    assert!(
        unpermitted.contains("unpermitted metadata keys: [c]"),
        "{unpermitted}"
    );
    let missing = dispatch(&[], 500).expect_err("refused");
    assert!(missing.contains("required meta keys: [a]"), "{missing}");
    let priority = dispatch(&[("a", "1")], 500).expect_err("refused");
    assert!(priority.contains("priority must be between"), "{priority}");
    let first = dispatch(&[("a", "1")], 0).expect("started");
    assert_eq!(dispatch(&[("a", "1")], 0), Ok(first), "the same child");
    // The token is known, and yet it is judged first.
    assert!(dispatch(&[], 0).is_err());
}

/// Section 20, SC-169.
#[test]
fn trap_50_scaling_waits_for_deployments_and_always_makes_a_version() {
    let mut play = Play::new(3);
    play.run(&service().count(2));
    let refused = play.scale(3).expect_err("refused");
    assert_eq!(refused, "job scaling blocked due to active deployment");
    assert_eq!(play.job("docs").version, 0);
    play.settle();
    play.scale(2).expect("the same count");
    assert_eq!(play.job("docs").version, 1);
}

/// Section 21, SC-3.
#[test]
fn trap_51_an_unchanged_job_is_evaluated_and_stays_as_it_is() {
    let mut play = Play::new(1);
    play.run(&service()).settle();
    let (before, evals) = (versions(&play), play.evals("docs").len());
    play.run(&service());
    assert_eq!(
        play.did(),
        ["job-register: "],
        "nothing is updated in place"
    );
    assert_eq!(versions(&play), before);
    assert_eq!(play.evals("docs").len(), evals + 1);
}

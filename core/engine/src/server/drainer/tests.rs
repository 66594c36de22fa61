//! Goal: how many allocations may move, which have gone and whether a job still has something on a
//! draining node (spec: scheduling SC-136 to SC-151). Method: ten allocations of one group as a
//! word, one letter each, every draining one on a node of its own.

use std::collections::BTreeSet;
use std::rc::Rc;

use yurt_model::job::{HealthCheck, JobType, MigrateStrategy};
use yurt_model::*;
use yurt_state::{Change, JobWrite, Store};

use super::watch;

const START: Time = Time(1_000_000_000_000);
const ELSEWHERE: u128 = 99;

fn store(kind: JobType, max_parallel: i64, word: &str) -> Store {
    let task = testing::task("web", "docker", serde_json::json!({}));
    let mut group = testing::group("api", 10, vec![task]);
    group.migrate = (kind == JobType::Service).then_some(MigrateStrategy {
        max_parallel,
        health_check: HealthCheck::Checks,
        min_healthy_time: Duration::from_secs(10),
        healthy_deadline: Duration::from_minutes(5),
    });
    let write = JobWrite::fresh(Rc::new(testing::spec("docs", kind, vec![group])), START);
    let mut store = Store::new(0, SchedulerConfiguration::of_a_fresh_cluster());
    let change = Change::JobUpserted {
        job: Box::new(write),
        evaluation: None,
        no_shutdown_delay: false,
    };
    store.apply(START, change).expect("the job is stored");
    let job = store
        .job(&JobKey::in_default("docs"))
        .expect("it is there")
        .clone();
    let allocations = word
        .chars()
        .enumerate()
        .map(|(i, letter)| alloc(&job, i, letter));
    let plan = Plan {
        allocations: allocations.collect(),
        job: Some(job.clone()),
        ..Plan::default()
    };
    let change = Change::PlanApplied {
        plan: Box::new(plan),
        preemption_evals: Vec::new(),
    };
    store.apply(START, change).expect("the plan is stored");
    store
}

/// `d` runs on a draining node, `f` is flagged there, `s` is stopping there, `c` is complete there,
/// `o` runs elsewhere, `n` elsewhere without a verdict on its health.
fn alloc(job: &Rc<Job>, index: usize, letter: char) -> Allocation {
    let number = u32::try_from(index).expect("ten at most");
    let node = match letter {
        'o' | 'n' => ELSEWHERE,
        _ => u128::from(number) + 1,
    };
    let mut alloc = testing::alloc(100 + u128::from(number), job, number, node, START);
    alloc.client_status = match letter {
        'c' => AllocClientStatus::Complete,
        _ => AllocClientStatus::Running,
    };
    alloc.deployment_status = (letter != 'n').then_some(AllocDeploymentStatus {
        healthy: Some(true),
        timestamp: Some(START),
        canary: false,
        modify_index: 0,
    });
    if letter == 's' {
        alloc.desired_status = AllocDesiredStatus::Stop;
    }
    alloc.desired_transition.migrate = (letter == 'f').then_some(true);
    alloc
}

fn look(kind: JobType, max_parallel: i64, word: &str) -> (usize, usize, bool) {
    let store = store(kind, max_parallel, word);
    let job = store.job(&JobKey::in_default("docs")).expect("it is there");
    let draining: BTreeSet<NodeId> = (1..=10).map(|n| NodeId(Uuid(n))).collect();
    let found = watch::look(&store, job, &draining, 0);
    (found.may_move.len(), found.left.len(), !found.goes_on)
}

#[test]
fn what_may_move() {
    for (max_parallel, word, wanted) in [
        (1, "dddddddddd", (1, 0, false)),
        (2, "dddddddddd", (2, 0, false)),
        (10, "dddddddddd", (10, 0, false)),
        (1, "fddddddddd", (0, 0, false)),
        (5, "ddfdfdfdfd", (1, 0, false)),
        (1, "oooooooooo", (0, 0, true)),
        (1, "ndndndndnd", (0, 0, false)),
        (1, "dooooooooo", (1, 0, false)),
        (1, "fooooooooo", (0, 0, false)),
        (1, "cooooooooo", (0, 1, true)),
        (1, "cccccccccc", (0, 10, true)),
        (1, "cscscscscs", (0, 5, false)),
        (2, "ocdddddddd", (1, 1, false)),
        (5, "oooooccddd", (3, 2, false)),
        (3, "noooocdddd", (1, 1, false)),
        (5, "nnooocdddd", (2, 1, false)),
    ] {
        let found = look(JobType::Service, max_parallel, word);
        assert_eq!(found, wanted, "{word}, {max_parallel} at once");
    }
}

#[test]
fn batch_work_is_left_alone_but_followed() {
    assert_eq!(look(JobType::Batch, 0, "dddddddddd"), (0, 0, false));
    assert_eq!(look(JobType::Batch, 0, "cccddddddd"), (0, 3, false));
    assert_eq!(look(JobType::Batch, 0, "cccooooooo"), (0, 3, true));
    assert_eq!(
        look(JobType::Sysbatch, 0, "dddddddddd"),
        (0, 0, true),
        "sysbatch never"
    );
}

#[test]
fn what_was_seen_has_not_gone_since() {
    let store = store(JobType::Service, 1, "cooooooooo");
    let job = store.job(&JobKey::in_default("docs")).expect("it is there");
    let draining: BTreeSet<NodeId> = [NodeId(Uuid(1))].into();
    let left = |seen| watch::look(&store, job, &draining, seen).left.len();
    assert_eq!((left(0), left(store.index())), (1, 0));
}

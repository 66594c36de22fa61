//! Jobs that run on every node: the scenarios of scheduling 14 and deployments 32.10, and what
//! holds for every plan.

use std::collections::BTreeMap;

use yurt_model::job::{Constraint, DisconnectStrategy, JobType, ReconcileOption};
use yurt_model::{
    AllocClientStatus, DeploymentStatus, DesiredTransition, Duration, JobSpec, NodeEligibility,
    NodeId, NodeStatus, Rng, TaskGroup, testing,
};
use yurt_state::Change;

use super::world::{World, group, node, update};

fn system(groups: Vec<TaskGroup>) -> JobSpec {
    spec(JobType::System, groups)
}

fn spec(kind: JobType, groups: Vec<TaskGroup>) -> JobSpec {
    let mut spec = testing::spec("docs", kind, groups);
    for group in &mut spec.groups {
        group.reschedule = None;
        if kind == JobType::Sysbatch {
            group.update = None;
        }
    }
    spec
}

fn world(nodes: u128) -> World {
    World::new((1..=nodes).map(node))
}

/// One group that runs `image` everywhere.
fn web(image: &str, max_parallel: i64, canary: i64) -> JobSpec {
    system(vec![group(1, image, update(max_parallel, canary))])
}

fn set_status(w: &mut World, number: u128, status: NodeStatus) {
    let change = Change::NodeStatusSet {
        node_id: node(number).id,
        status,
        event: None,
    };
    w.apply(change);
}

fn set_eligible(w: &mut World, number: u128, eligible: bool) {
    let mut node = w
        .store
        .node(node(number).id)
        .expect("it is there")
        .as_ref()
        .clone();
    node.eligibility = if eligible {
        NodeEligibility::Eligible
    } else {
        NodeEligibility::Ineligible
    };
    w.apply(Change::NodeUpserted(Box::new(node)));
}

#[test]
fn one_on_every_node() {
    // Scheduling SC-107, SC-108, SC-112: and later nodes get one at once, in no new deployment.
    let mut w = world(10);
    let new = "new [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]";
    let text = format!("api Pl10; {new}; v0 running 10/0/10");
    assert_eq!(w.register_spec(0, web("web:1", 2, 0)), text);
    assert_eq!(w.heal(), "api Pl10 Ig10; v0 successful 10/10/10");
    w.apply(Change::NodeUpserted(Box::new(node(11))));
    assert_eq!(
        w.evaluate(),
        "api Pl11 Ig10; new [0]; v0 successful 10/10/11"
    );
    let mut w = world(0);
    assert_eq!(w.register_spec(0, web("web:1", 2, 0)), "api; no plan; none");
    assert!(w.last.expect("it was looked at").created.is_empty());
}

#[test]
fn replacements_are_limited() {
    // Scheduling SC-115, SC-116; deployments Y1, Y2.
    let mut w = world(10);
    w.register_spec(0, web("web:1", 2, 0));
    w.heal();
    let two = "[0, 0] updating; new [0, 0]";
    let text = format!("api Pl10 De10; {two}; v1 running 2/0/10");
    assert_eq!(w.register_spec(1, web("web:2", 2, 0)), text);
    let waits = "api Pl10 Ig2 De8; v1 running 2/0/10";
    assert_eq!(w.evaluate(), waits);
    let text = format!("api Pl10 Ig2 De8; {two}; v1 running 4/2/10");
    assert_eq!(w.heal(), text);
    w.register_spec(2, web("web:3", 0, 0));
    assert!(
        w.live().iter().all(|alloc| alloc.job.version == 2),
        "an empty block limits nothing"
    );
}

#[test]
fn canaries_are_a_share() {
    // Scheduling SC-117, SC-119; deployments Y5, Y6, Y7.
    let mut w = world(10);
    let new = "new [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]";
    let text = format!("api Pl10; {new}; v0 running 10/0/10");
    assert_eq!(
        w.register_spec(0, web("web:1", 2, 30)),
        text,
        "no canaries in the first version"
    );
    w.heal();
    let two = "[0, 0] updating; canaries [0, 0]";
    let text = format!("api Pl10 De10 Ca2; {two}; v1 running 2/0/10 canaries 2/2");
    assert_eq!(w.register_spec(1, web("web:2", 2, 30)), text);
    let waits = "api Pl10 Ig2 De8 Ca2; v1 running manual 2/2/10 canaries 2/2";
    assert_eq!(w.heal(), waits);
    let text = "api Pl10 Ig2 De8; [0, 0] updating; new [0, 0]; v1 running 4/2/10 canaries 2/2";
    assert_eq!(w.promote(), text);
}

#[test]
fn nodes_that_do_not_do_are_passed_over() {
    // Scheduling SC-109, SC-110, SC-118, SC-122.
    let only = |numbers: &str| Constraint {
        left: "${node.unique.name}".into(),
        right: numbers.into(),
        operand: "set_contains_any".into(),
    };
    let name = |number| node(number).name;
    let mut w = world(4);
    w.register_spec(0, web("web:1", 4, 100));
    w.heal();
    let mut picky = web("web:2", 4, 100);
    picky
        .constraints
        .push(only(&format!("{},{}", name(1), name(2))));
    let text = "api Pl2 De4 Ca2; [0, 0, 0, 0] updating; canaries [0, 0]; \
                v1 running 2/0/2 canaries 2/2";
    assert_eq!(w.register_spec(1, picky), text);
    let mut w = world(2);
    let mut nowhere = web("web:1", 1, 0);
    nowhere.constraints.push(only("elsewhere"));
    let text = w.register_spec(0, nowhere);
    assert_eq!(text, "api; failures; v0 successful 0/0/0");
    let last = w.last.expect("it was looked at");
    let metrics = &last.evaluation.failed_groups["api"];
    assert_eq!((metrics.nodes_evaluated, metrics.nodes_filtered), (2, 2));
    assert_eq!(last.evaluation.queued["api"], 0);
    assert!(last.created.is_empty());
}

#[test]
fn the_first_full_node_is_waited_for() {
    // Scheduling SC-111.
    let mut w = world(3);
    let mut large = web("web:1", 1, 0);
    large.groups[0].tasks[0].resources.memory_mb = 100_000;
    w.register_spec(0, large);
    let last = w.last.expect("it was looked at");
    let metrics = &last.evaluation.failed_groups["api"];
    assert_eq!(
        (metrics.nodes_exhausted, metrics.coalesced_failures),
        (1, 2)
    );
    assert_eq!(last.evaluation.queued["api"], 3);
    assert_eq!(last.created.len(), 1);
    assert_eq!(last.created[0].node_id, Some(node(1).id));
}

#[test]
fn nodes_that_go_take_theirs_along() {
    // Scheduling SC-113, SC-114.
    let mut w = world(3);
    w.register_spec(0, web("web:1", 3, 0));
    w.heal();
    set_eligible(&mut w, 1, false);
    assert_eq!(w.evaluate(), "api Pl3 Ig3; v0 successful 3/3/3");
    set_status(&mut w, 2, NodeStatus::Down);
    assert_eq!(w.evaluate(), "api Pl2 Ig2; [0] lost; v0 successful 3/3/2");
    let text = "api Pl1 St1 De1; [0] not needed; [0] updating; new [0]; v1 running 1/0/1";
    let ours = w.register_spec(1, web("web:2", 3, 0));
    let sorted = |text: &str| {
        let mut parts: Vec<String> = text.split("; ").map(str::to_owned).collect();
        parts.sort();
        parts
    };
    assert_eq!(sorted(&ours), sorted(text));
    let last = w.live()[0].id;
    let migrate = DesiredTransition {
        migrate: Some(true),
        ..DesiredTransition::default()
    };
    w.set_transition(last, migrate);
    assert!(
        w.evaluate().contains("tainted"),
        "it leaves, and nothing takes its place elsewhere"
    );
    assert!(w.live().is_empty());
}

#[test]
fn work_that_is_done_stays_done() {
    // Scheduling SC-120.
    let mut w = world(3);
    let work = |image| spec(JobType::Sysbatch, vec![group(1, image, None)]);
    assert_eq!(
        w.register_spec(0, work("web:1")),
        "api Pl3; new [0, 0, 0]; none"
    );
    for alloc in w.live() {
        w.report(alloc.id, AllocClientStatus::Complete, None);
    }
    assert_eq!(w.evaluate(), "api Ig3; no plan; none");
    let again = "api De3; [0, 0, 0] updating; new [0, 0, 0]; none";
    assert_eq!(w.register_spec(1, work("web:2")), again);
}

#[test]
fn what_is_done_on_a_node_counts_while_something_else_lives_there() {
    // Scheduling 14.2: nodes with live allocations are looked at, whether or not they take more.
    let mut w = world(2);
    let mut other = group(1, "web:1", None);
    other.name = "other".into();
    let groups = vec![group(1, "web:1", None), other];
    w.register_spec(0, spec(JobType::Sysbatch, groups));
    for alloc in w.live() {
        if &*alloc.group == "api" {
            w.report(alloc.id, AllocClientStatus::Complete, None);
        }
    }
    let all = "api Ig2; other Ig2; no plan; none";
    assert_eq!(w.evaluate(), all);
    set_eligible(&mut w, 1, false);
    assert_eq!(w.evaluate(), all);
    for alloc in w.live() {
        w.report(alloc.id, AllocClientStatus::Complete, None);
    }
    assert_eq!(w.evaluate(), "api Ig1; other Ig1; no plan; none");
}

#[test]
fn who_follows_a_failed_canary_takes_its_place() {
    // Scheduling 14.5: canaries beyond the wanted number are taken back, what follows failed ones
    // last; those that were taken back stay in the queue.
    let mut w = world(3);
    w.register_spec(0, web("web:1", 1, 70));
    w.heal();
    let text = "api Pl3 De3 Ca1; [0] updating; canaries [0]; v1 running 1/0/3 canaries 1/1";
    assert_eq!(w.register_spec(1, web("web:2", 1, 70)), text);
    let canary = w.live().into_iter().find(|alloc| alloc.is_canary());
    let canary = canary.expect("there is one").id;
    w.report(canary, AllocClientStatus::Failed, Some(false));
    w.set_deployment(DeploymentStatus::Failed);
    assert_eq!(
        w.evaluate(),
        "api Pl3 De2 Ca1; new [0]; v1 failed 1/0/3 canaries 1/1"
    );
    assert_eq!(
        w.last.expect("it was looked at").evaluation.queued["api"],
        2
    );
}

#[test]
fn whoever_makes_the_deployment_all_that_is_updated_in_place_joins_it() {
    // Scheduling 14.3: also what comes before it in the job, in a group without a rollout.
    let mut w = world(1);
    let groups = |max_parallel: i64, image: &str| {
        let mut other = group(1, image, update(1, 0));
        other.name = "other".into();
        vec![group(1, "web:1", update(max_parallel, 0)), other]
    };
    w.register_spec(0, system(groups(0, "web:1")));
    w.heal();
    w.register_spec(1, system(groups(0, "web:2")));
    let deployment = w.live()[0].deployment_id;
    assert!(deployment.is_some());
    assert!(
        w.live()
            .iter()
            .all(|alloc| alloc.deployment_id == deployment)
    );
}

#[test]
fn allocations_of_a_silent_node_wait_for_their_client() {
    // Scheduling 14.2, rows 4 to 6.
    let patient = |image| {
        let mut spec = web(image, 2, 0);
        spec.groups[0].disconnect = Some(DisconnectStrategy {
            lost_after: Duration::from_hours(1),
            stop_on_client_after: None,
            replace: true,
            reconcile: ReconcileOption::BestScore,
        });
        spec
    };
    let mut w = world(2);
    w.register_spec(0, patient("web:1"));
    w.heal();
    set_status(&mut w, 1, NodeStatus::Disconnected);
    w.evaluate();
    let silent = |w: &World| {
        let live = w.live().into_iter();
        live.filter(|alloc| alloc.node_id == node(1).id)
            .collect::<Vec<_>>()
    };
    let status = |w: &World| silent(w)[0].client_status;
    assert_eq!(status(&w), AllocClientStatus::Unknown);
    // The node is back, its client has not said anything yet: whatever the job says now, it waits.
    set_status(&mut w, 1, NodeStatus::Ready);
    assert!(
        w.register_spec(1, patient("web:2"))
            .starts_with("api Pl2 Ig1 De1;")
    );
    assert_eq!(silent(&w)[0].job.version, 0);
    w.report(silent(&w)[0].id, AllocClientStatus::Running, None);
    assert!(w.evaluate().contains("[0] updating; new [0]"));
    // Unchanged, it is written once, and then it is like any other.
    let mut w = world(1);
    w.register_spec(0, patient("web:1"));
    w.heal();
    set_status(&mut w, 1, NodeStatus::Disconnected);
    w.evaluate();
    set_status(&mut w, 1, NodeStatus::Ready);
    assert!(w.evaluate().starts_with("api Pl1 Ig1;"));
    w.report(silent(&w)[0].id, AllocClientStatus::Running, None);
    assert!(w.evaluate().starts_with("api Pl1 In1;"));
    assert!(w.evaluate().starts_with("api Pl1 Ig1;"));
}

#[test]
fn what_runs_on_a_disconnected_node_is_unknown_whether_or_not_it_has_a_limit() {
    // Scheduling 14.2, rows 4 and 6: another job's limit may have kept the node from going down.
    let mut w = world(1);
    w.register_spec(0, web("web:1", 2, 0));
    w.heal();
    set_status(&mut w, 1, NodeStatus::Disconnected);
    w.evaluate();
    let status = |w: &World| w.live()[0].client_status;
    assert_eq!(status(&w), AllocClientStatus::Unknown);
    // Nor does it become lost when nothing is left to wait for there.
    set_status(&mut w, 1, NodeStatus::Down);
    assert!(w.evaluate().contains("Ig1"), "{}", w.evaluate());
    assert_eq!(status(&w), AllocClientStatus::Unknown);
}

#[test]
fn no_deployment_where_a_candidate_is_of_before_release_1_11() {
    // Scheduling 14.5.
    for (release, deploys) in [("1.10.5", false), ("1.11.0", true), ("2.0.6-dev", true)] {
        let mut w = world(2);
        let mut old = node(3);
        old.attributes
            .insert("nomad.version".into(), release.into());
        w.apply(Change::NodeUpserted(Box::new(old)));
        let text = w.register_spec(0, web("web:1", 2, 0));
        assert!(text.starts_with("api Pl3; new [0, 0, 0]; "), "{text}");
        assert_eq!(
            text.ends_with("v0 running 3/0/3"),
            deploys,
            "{release}: {text}"
        );
        assert_eq!(text.ends_with("none"), !deploys, "{release}: {text}");
    }
}

/// A random history on a small cluster; checks after every step.
fn walk(seed: u64) {
    let mut rng = Rng::new(seed);
    let nodes = 2 + u128::from(rng.below(4));
    let mut w = world(nodes);
    for step in 0..12 {
        let label = format!("seed {seed} step {step}");
        let number = 1 + u128::from(rng.below(nodes as u32));
        match rng.below(6) {
            0 | 1 => {
                let image = format!("web:{}", rng.below(3));
                let (parallel, canary) = (i64::from(rng.below(4)), i64::from(rng.below(3)) * 40);
                let mut groups = vec![group(1, &image, update(parallel, canary))];
                if rng.below(2) == 0 {
                    let mut other = group(1, &image, update(1, 0));
                    other.name = "other".into();
                    groups.push(other);
                }
                w.register_spec(step, system(groups));
            }
            2 => set_eligible(&mut w, number, rng.below(2) == 0),
            3 => set_status(&mut w, number, NodeStatus::Down),
            4 => set_status(&mut w, number, NodeStatus::Ready),
            _ => w.settle(),
        }
        let mut texts = Vec::new();
        for _ in 0..14 {
            texts.push(w.evaluate());
            check_one_each(&w, &label);
            w.settle();
        }
        let last = texts.last().expect("some");
        let moves = last.contains("new [") || last.contains("canaries [") || last.contains("] ");
        assert!(!moves, "{label}: {texts:#?}");
    }
}

/// Every node has each group at most once.
fn check_one_each(w: &World, label: &str) {
    let mut seen: BTreeMap<(NodeId, yurt_model::Name), u32> = BTreeMap::new();
    for alloc in w.live() {
        let count = seen
            .entry((alloc.node_id, alloc.group.clone()))
            .or_default();
        *count += 1;
        assert_eq!(
            *count,
            1,
            "{label}: {} on {}",
            alloc.name(),
            alloc.node_name
        );
    }
}

#[test]
fn plans_come_to_rest_with_one_on_each_node() {
    for seed in 0..40 {
        walk(seed);
    }
}

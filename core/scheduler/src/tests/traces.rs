//! The golden traces of deployments 31, as far as the scheduler alone decides them. Each line is
//! one evaluation: counters, stops, new allocations, the deployment afterwards.

use yurt_model::job::{DisconnectStrategy, ReconcileOption};
use yurt_model::{
    AllocClientStatus, DeploymentStatus, DesiredTransition, Duration, Evaluation, NodeStatus,
    TaskPhase, TaskState,
};
use yurt_state::Change;

use super::world::{World, group, node, update};

fn world() -> World {
    World::new((1..=10).map(node))
}

#[test]
fn blue_green() {
    let mut w = world();
    let job = |image| vec![group(5, image, update(1, 5))];
    assert_eq!(
        w.register(0, job("web:1")),
        "api Pl5; new [0, 1, 2, 3, 4]; v0 running 5/0/5"
    );
    assert_eq!(
        w.heal(),
        "api Ig5; no plan; v0 successful 5/5/5".replace("no plan; ", "")
    );
    assert_eq!(
        w.register(1, job("web:2")),
        "api Ig5 Ca5; canaries [0, 1, 2, 3, 4]; v1 running manual 5/0/5 canaries 5/5"
    );
    assert_eq!(
        w.heal(),
        "api Ig10; no plan; v1 running manual 5/5/5 canaries 5/5"
    );
    assert_eq!(
        w.promote(),
        "api St5 Ig5; [0, 1, 2, 3, 4] not needed; v1 successful 5/5/5 canaries 5/5"
    );
    assert_eq!(
        w.heal(),
        "api Ig5; no plan; v1 successful 5/5/5 canaries 5/5"
    );
}

#[test]
fn one_canary_then_rolling() {
    let mut w = world();
    let job = |image| vec![group(5, image, update(1, 1))];
    w.register(0, job("web:1"));
    w.heal();
    assert_eq!(
        w.register(1, job("web:2")),
        "api Ig5 Ca1; canaries [0]; v1 running manual 1/0/5 canaries 1/1"
    );
    assert_eq!(
        w.heal(),
        "api Ig6; no plan; v1 running manual 1/1/5 canaries 1/1"
    );
    assert_eq!(
        w.promote(),
        "api St1 Ig4 De1; [1] updating; [0] not needed; new [1]; v1 running 2/1/5 canaries 1/1"
    );
    for (i, placed) in [(2, 3), (3, 4), (4, 5)] {
        let healthy = placed - 1;
        let want = format!(
            "api Ig4 De1; [{i}] updating; new [{i}]; v1 running {placed}/{healthy}/5 canaries 1/1"
        );
        assert_eq!(w.heal(), want);
    }
    assert_eq!(w.heal(), "api Ig5; v1 successful 5/5/5 canaries 1/1");
}

#[test]
fn more_canaries_than_the_count_come_in_rounds() {
    let mut w = world();
    let job = |image| vec![group(3, image, update(1, 7))];
    w.register(0, job("web:1"));
    w.heal();
    assert_eq!(
        w.register(1, job("web:2")),
        "api Pl3 Ig3 Ca7; canaries [0, 1, 2]; v1 running manual 3/0/3 canaries 3/7"
    );
    assert_eq!(
        w.heal(),
        "api Pl3 Ig6 Ca4; canaries [3, 4, 5]; v1 running manual 6/3/3 canaries 6/7"
    );
    assert_eq!(
        w.heal(),
        "api Ig9 Ca1; canaries [3]; v1 running manual 7/6/3 canaries 7/7"
    );
    assert_eq!(
        w.heal(),
        "api Ig10; no plan; v1 running manual 7/7/3 canaries 7/7"
    );
    let promoted = w.promote();
    assert!(promoted.starts_with("api St7 Ig3; "), "{promoted}");
    assert!(
        promoted.ends_with("; v1 successful 7/7/3 canaries 7/7"),
        "{promoted}"
    );
}

#[test]
fn a_new_version_while_a_canary_waits() {
    let mut w = world();
    let job = |image| vec![group(5, image, update(1, 1))];
    w.register(0, job("web:1"));
    w.heal();
    w.register(1, job("web:2"));
    w.heal();
    assert_eq!(
        w.register(2, job("web:3")),
        "api St1 Ig5 Ca1; [0] not needed; canaries [0]; v2 running manual 1/0/5 canaries 1/1"
    );
    assert_eq!(
        w.register(3, job("web:1")),
        "api St1 In5; [0] not needed; v3 running 5/0/5"
    );
    assert_eq!(w.heal(), "api Ig5; v3 successful 5/5/5");
}

#[test]
fn rolling_with_count_changes() {
    let mut w = world();
    let job = |count, image| vec![group(count, image, update(2, 0))];
    w.register(0, job(6, "web:1"));
    w.heal();
    assert_eq!(
        w.register(1, job(6, "web:2")),
        "api Ig4 De2; [0, 1] updating; new [0, 1]; v1 running 2/0/6"
    );
    let first = w
        .live()
        .iter()
        .find(|alloc| alloc.job.version == 1)
        .unwrap()
        .id;
    w.report(first, AllocClientStatus::Running, Some(true));
    assert_eq!(
        w.evaluate(),
        "api Ig5 De1; [2] updating; new [2]; v1 running 3/1/6"
    );
    assert_eq!(
        w.register(2, job(8, "web:2")),
        "api Pl2 Ig3 In3; new [6, 7]; v2 running 5/0/8"
    );
    assert_eq!(
        w.heal(),
        "api Ig6 De2; [3, 4] updating; new [3, 4]; v2 running 7/5/8"
    );
    assert_eq!(
        w.heal(),
        "api Ig7 De1; [5] updating; new [5]; v2 running 8/7/8"
    );
    assert_eq!(w.heal(), "api Ig8; v2 successful 8/8/8");
    assert_eq!(
        w.register(3, job(4, "web:2")),
        "api St4 In4; [4, 5, 6, 7] not needed; v3 running 4/0/4"
    );
    assert_eq!(w.heal(), "api Ig4; v3 successful 4/4/4");
    assert_eq!(
        w.register(4, job(5, "web:2")),
        "api Pl1 In4; new [4]; v4 running 5/0/5"
    );
    assert_eq!(w.heal(), "api Ig5; v4 successful 5/5/5");
}

#[test]
fn unhealthy_but_running_stalls_the_rollout() {
    let mut w = world();
    let job = |image| vec![group(3, image, update(2, 0))];
    w.register(0, job("web:1"));
    w.heal();
    assert_eq!(
        w.register(1, job("web:2")),
        "api Ig1 De2; [0, 1] updating; new [0, 1]; v1 running 2/0/3"
    );
    let new: Vec<_> = w
        .live()
        .iter()
        .filter(|a| a.job.version == 1)
        .map(|a| a.id)
        .collect();
    w.report(new[0], AllocClientStatus::Running, Some(false));
    assert_eq!(w.evaluate(), "api Ig3; no plan; v1 running 2/0/3");
    w.report(new[1], AllocClientStatus::Running, Some(true));
    assert_eq!(w.evaluate(), "api Ig3; no plan; v1 running 2/1/3");
    w.set_deployment(DeploymentStatus::Failed);
    assert_eq!(
        w.register(2, job("web:1")),
        "api De2 In1; [0, 1] updating; new [0, 1]; v2 running 3/0/3"
    );
    assert_eq!(w.heal(), "api Ig3; v2 successful 3/3/3");
}

fn fail(w: &mut World, index: usize, version: u64) -> yurt_model::AllocId {
    let live = w.live();
    let alloc = live
        .iter()
        .filter(|alloc| alloc.job.version == version)
        .nth(index)
        .unwrap();
    let mut state = TaskState::pending("server".into());
    (state.phase, state.failed) = (TaskPhase::Dead, true);
    state.finished_at = Some(w.now);
    w.apply(Change::ClientsReported {
        updates: vec![yurt_state::ClientUpdate {
            alloc_id: alloc.id,
            status: AllocClientStatus::Failed,
            description: "".into(),
            task_states: vec![state.into()],
            deployment_status: None,
        }],
        evals: Vec::new(),
    });
    alloc.id
}

fn run_due(w: &mut World) -> String {
    let due = w.due();
    assert_eq!(due.len(), 1, "one follow-up");
    w.run(Evaluation::clone(&due[0]))
}

#[test]
fn a_failure_inside_an_active_deployment() {
    let mut w = world();
    let job = |image| vec![group(3, image, update(1, 0))];
    w.register(0, job("web:1"));
    w.heal();
    w.register(1, job("web:2"));
    let failed = fail(&mut w, 0, 1);
    assert_eq!(w.evaluate(), "api Ig3; no plan; v1 running 1/0/3");
    w.report(failed, AllocClientStatus::Failed, Some(false));
    let transition = DesiredTransition {
        reschedule: Some(true),
        ..Default::default()
    };
    w.set_transition(failed, transition);
    assert_eq!(w.evaluate(), "api Ig3 RL1; v1 running 1/0/3");
    w.now += Duration::from_secs(30);
    assert_eq!(
        run_due(&mut w),
        "api Pl1 St1 Ig2; [0] rescheduled; new [0]; v1 running 2/0/3"
    );
    assert_eq!(
        w.heal(),
        "api Ig2 De1; [1] updating; new [1]; v1 running 3/1/3"
    );
}

#[test]
fn a_failure_outside_a_deployment() {
    let mut w = world();
    w.register(0, vec![group(3, "web:1", update(1, 0))]);
    w.heal();
    let failed = fail(&mut w, 1, 0);
    assert_eq!(w.evaluate(), "api Ig3 RL1; v0 successful 3/3/3");
    assert_eq!(w.evaluate(), "api Ig3; no plan; v0 successful 3/3/3");
    w.now += Duration::from_secs(30);
    assert_eq!(
        run_due(&mut w),
        "api Pl1 St1 Ig2; [1] rescheduled; new [1]; v0 successful 3/3/3"
    );
    let new = w
        .live()
        .into_iter()
        .find(|alloc| alloc.links.previous_allocation.is_some())
        .unwrap();
    assert_eq!(new.links.previous_allocation, Some(failed));
    let tracker = new.links.reschedule_tracker.as_ref().unwrap();
    assert_eq!(tracker.events.len(), 1);
    assert_eq!(tracker.events[0].delay, Duration::from_secs(30));
}

#[test]
fn a_move_during_a_rolling_update() {
    let mut w = world();
    let job = |image| vec![group(4, image, update(2, 0))];
    w.register(0, job("web:1"));
    w.heal();
    w.register(1, job("web:2"));
    let last = w.live().last().unwrap().id;
    let transition = DesiredTransition {
        migrate: Some(true),
        ..Default::default()
    };
    w.set_transition(last, transition);
    assert_eq!(
        w.evaluate(),
        "api Ig3 Mi1; [3] migrating; new [3]; v1 running 3/0/4"
    );
    assert_eq!(w.live().last().unwrap().job.version, 1);
    assert_eq!(
        w.heal(),
        "api Ig3 De1; [2] updating; new [2]; v1 running 4/3/4"
    );
    assert_eq!(w.heal(), "api Ig4; v1 successful 4/4/4");
}

#[test]
fn a_failed_canary_deployment_leaves_the_old_version_alone() {
    let mut w = world();
    let job = |image| vec![group(3, image, update(1, 2))];
    w.register(0, job("web:1"));
    w.heal();
    w.register(1, job("web:2"));
    w.set_deployment(DeploymentStatus::Failed);
    assert_eq!(
        w.evaluate(),
        "api St2 Ig3; [0, 1] not needed; v1 failed 2/0/3 canaries 2/2"
    );
    assert_eq!(
        w.evaluate(),
        "api Ig3; no plan; v1 failed 2/0/3 canaries 2/2"
    );
    w.settle();
    fail(&mut w, 0, 0);
    assert_eq!(w.evaluate(), "api Ig3 RL1; v1 failed 2/0/3 canaries 2/2");
    w.now += Duration::from_secs(30);
    assert_eq!(
        run_due(&mut w),
        "api Pl1 St1 Ig2; [0] rescheduled; new [0]; v1 failed 2/0/3 canaries 2/2"
    );
    // The replacement is of the old version, and joins its deployment, whose count grows.
    let new = w
        .live()
        .into_iter()
        .find(|alloc| alloc.links.previous_allocation.is_some())
        .unwrap();
    assert_eq!(new.job.version, 0);
    let old = w.store.deployment(new.deployment_id.unwrap()).unwrap();
    assert_eq!((old.job_version, old.groups[0].placed_allocs), (0, 4));
    assert_eq!(
        w.register(2, job("web:3")),
        "api Ig3 Ca2; canaries [0, 1]; v2 running manual 2/0/3 canaries 2/2"
    );
}

#[test]
fn pause_and_resume() {
    let mut w = world();
    let job = |image| vec![group(3, image, update(1, 0))];
    w.register(0, job("web:1"));
    w.heal();
    w.register(1, job("web:2"));
    w.set_deployment(DeploymentStatus::Paused);
    assert_eq!(w.heal(), "api Ig3; no plan; v1 paused 1/1/3");
    w.set_deployment(DeploymentStatus::Running);
    assert_eq!(
        w.evaluate(),
        "api Ig2 De1; [1] updating; new [1]; v1 running 2/1/3"
    );
    w.heal();
    w.set_deployment(DeploymentStatus::Paused);
    assert_eq!(
        w.heal(),
        "api Ig3; v1 successful 3/3/3",
        "the last one got healthy while paused"
    );
}

#[test]
fn a_failed_canary_is_replaced_by_a_canary() {
    let mut w = world();
    let job = |image| vec![group(3, image, update(1, 1))];
    w.register(0, job("web:1"));
    w.heal();
    w.register(1, job("web:2"));
    let failed = fail(&mut w, 0, 1);
    assert_eq!(
        w.evaluate(),
        "api Ig4; no plan; v1 running manual 1/0/3 canaries 1/1"
    );
    let transition = DesiredTransition {
        reschedule: Some(true),
        ..Default::default()
    };
    w.set_transition(failed, transition);
    assert_eq!(
        w.evaluate(),
        "api Ig4 RL1; v1 running manual 1/0/3 canaries 1/1"
    );
    w.now += Duration::from_secs(30);
    assert_eq!(
        run_due(&mut w),
        "api Pl1 St1 Ig3; [0] rescheduled; canaries [0]; v1 running manual 2/0/3 canaries 2/1"
    );
    assert_eq!(
        w.heal(),
        "api Ig4; no plan; v1 running manual 2/1/3 canaries 2/1"
    );
    assert_eq!(
        w.promote(),
        "api St1 Ig2 De1; [1] updating; [0] not needed; new [1]; v1 running 3/1/3 canaries 2/1"
    );
}

#[test]
fn two_groups_of_which_one_changes() {
    let mut w = world();
    let job = |image| {
        let mut web = group(2, "front:1", update(1, 1));
        web.name = "web".into();
        vec![group(2, image, update(1, 1)), web]
    };
    w.register(0, job("web:1"));
    w.heal();
    assert_eq!(
        w.register(1, job("web:2")),
        "api Ig2 Ca1; web In2; canaries [0]; v1 running manual 1/0/2 canaries 1/1 2/0/2"
    );
    w.settle();
    assert_eq!(
        w.promote(),
        "api St1 Ig1 De1; web Ig2; [1] updating; [0] not needed; new [1]; \
         v1 running 2/1/2 canaries 1/1 2/2/2"
    );
    assert_eq!(
        w.heal(),
        "api Ig2; web Ig2; v1 successful 2/2/2 canaries 1/1 2/2/2"
    );
}

#[test]
fn a_larger_count_with_a_canary() {
    let mut w = world();
    let job = |count, image| vec![group(count, image, update(1, 1))];
    w.register(0, job(3, "web:1"));
    w.heal();
    // A change that replaces nothing makes a deployment, and no canaries.
    assert_eq!(w.register(1, job(3, "web:1")), "api In3; v1 running 3/0/3");
    assert_eq!(w.heal(), "api Ig3; v1 successful 3/3/3");
    assert_eq!(
        w.register(2, job(5, "web:2")),
        "api Ig3 Ca1; canaries [0]; v2 running manual 1/0/5 canaries 1/1"
    );
    w.settle();
    assert_eq!(
        w.promote(),
        "api Pl1 Ig4; new [3]; v2 running 2/1/5 canaries 1/1"
    );
    // Index 0 was taken twice, so the replacement of the old one takes the next free name.
    assert_eq!(
        w.heal(),
        "api Ig4 De1; [0] updating; new [4]; v2 running 3/2/5 canaries 1/1"
    );
    assert_eq!(
        w.heal(),
        "api Ig4 De1; [1] updating; new [1]; v2 running 4/3/5 canaries 1/1"
    );
    assert_eq!(
        w.heal(),
        "api Ig4 De1; [2] updating; new [2]; v2 running 5/4/5 canaries 1/1"
    );
    assert_eq!(w.heal(), "api Ig5; v2 successful 5/5/5 canaries 1/1");
}

#[test]
fn what_failed_while_its_node_was_silent_says_so() {
    // Deployments 2.2, 18.2; scheduling SC-105. What is replaced at once says nothing.
    let mut w = World::new((1..=3).map(node));
    let mut api = group(2, "web:1", update(1, 0));
    api.disconnect = Some(DisconnectStrategy {
        lost_after: Duration::from_hours(1),
        stop_on_client_after: None,
        replace: false,
        reconcile: ReconcileOption::BestScore,
    });
    w.register(0, vec![api]);
    w.heal();
    let silent = w.live()[0].clone();
    let node_is = |w: &mut World, status| {
        w.apply(Change::NodeStatusSet {
            node_id: silent.node_id,
            status,
            event: None,
        });
    };
    node_is(&mut w, NodeStatus::Disconnected);
    w.evaluate();
    node_is(&mut w, NodeStatus::Ready);
    w.report(silent.id, AllocClientStatus::Failed, None);
    assert_eq!(
        w.evaluate(),
        "api Pl1 St1 Ig1; [0] alloc was rescheduled because it failed; new [0]; \
         v0 successful 2/2/2"
    );
}

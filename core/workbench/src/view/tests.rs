//! Goal: the sentences, roles and buttons of the guide's story. Method: a store, written change by
//! change.

use std::rc::Rc;

use serde_json::json;
use yurt_model::{
    AllocClientStatus, AllocDeploymentStatus, AllocId, Allocation, Deployment, DeploymentGroup,
    DeploymentId, DeploymentStatus, DeploymentStatusUpdate, Duration, JobId, JobKey, JobType, Plan,
    SchedulerConfiguration, Time, Uuid, description, testing,
};
use yurt_state::{Change, JobWrite, Store};

use super::{Health, VersionRole, cluster, deployment, job};

const START: Time = Time(1_000_000_000_000);

fn key() -> JobKey {
    JobKey::in_default("docs")
}

struct World {
    store: Store,
}

impl World {
    /// Version 0 runs five allocations on nodes 1 to 5 and is stable.
    fn with_version_0() -> Self {
        let store = Store::new(10, SchedulerConfiguration::of_a_fresh_cluster());
        let mut world = Self { store };
        world.register("api-server:1.3");
        world.place(0, None);
        world.write(Change::JobStabilitySet {
            key: key(),
            version: 0,
            stable: true,
        });
        world
    }

    fn write(&mut self, change: Change) {
        self.store
            .apply(START, change)
            .expect("the change is accepted");
    }

    fn register(&mut self, image: &str) {
        let task = testing::task("api-server", "docker", json!({ "image": image }));
        let mut group = testing::group("api", 5, vec![task]);
        group.update = Some(testing::update());
        let mut spec = testing::spec("docs", JobType::Service, vec![group]);
        spec.document["Meta"] = json!({ "image": image });
        let write = JobWrite::fresh(Rc::new(spec), START);
        self.write(Change::JobUpserted {
            job: Box::new(write),
            evaluation: None,
            no_shutdown_delay: false,
        });
    }

    /// Five allocations of the newest version, ids `100 * version` and up; canaries if there is a
    /// deployment.
    fn place(&mut self, version: u128, rollout: Option<Deployment>) {
        let job = self.store.job(&key()).expect("registered").clone();
        let allocations: Vec<Allocation> = (0..5u32)
            .map(|index| {
                let number = 100 * version + 1 + u128::from(index);
                let node = 1 + u128::from(index);
                let mut alloc = testing::alloc(number, &job, index, node, START);
                alloc.client_status = AllocClientStatus::Running;
                if let Some(rollout) = &rollout {
                    alloc.deployment_id = Some(rollout.id);
                    alloc.deployment_status = Some(AllocDeploymentStatus {
                        canary: true,
                        ..AllocDeploymentStatus::default()
                    });
                }
                alloc
            })
            .collect();
        let plan = Plan {
            job: Some(job),
            allocations,
            deployment: rollout,
            ..Plan::default()
        };
        self.write(Change::PlanApplied {
            plan: Box::new(plan),
            preemption_evals: Vec::new(),
        });
    }

    fn roll_out_version_1(&mut self) {
        self.register("api-server:1.4");
        let job = self.store.job(&key()).expect("registered").clone();
        let rollout = Deployment {
            id: DeploymentId(Uuid(0x32a0_80c1 << 96)),
            namespace: "default".into(),
            job_id: JobId::from("docs"),
            job_version: job.version,
            job_create_index: job.create_index,
            job_modify_index: job.modify_index,
            job_spec_modify_index: job.job_modify_index,
            status: DeploymentStatus::Running,
            status_description: description::NEEDS_PROMOTION.into(),
            eval_priority: 50,
            groups: vec![DeploymentGroup {
                name: "api".into(),
                auto_revert: true,
                auto_promote: false,
                progress_deadline: Duration::from_minutes(10),
                require_progress_by: None,
                promoted: false,
                placed_canaries: Vec::new(),
                desired_canaries: 5,
                desired_total: 5,
                placed_allocs: 0,
                healthy_allocs: 0,
                unhealthy_allocs: 0,
            }],
            create_index: 0,
            modify_index: 0,
            create_time: START,
            modify_time: START,
        };
        self.place(1, Some(rollout));
    }

    fn make_healthy(&mut self, numbers: std::ops::Range<u128>) {
        let id = self.rollout().id;
        self.write(Change::AllocHealthSet {
            deployment_id: id,
            healthy: numbers.map(|n| AllocId(Uuid(n))).collect(),
            unhealthy: Vec::new(),
            update: None,
            rollback: None,
            evaluation: None,
        });
    }

    fn rollout(&self) -> &Deployment {
        self.store.latest_deployment(&key()).expect("rolled out")
    }

    fn set_status(&mut self, status: DeploymentStatus, text: &str) {
        let deployment_id = self.rollout().id;
        self.write(Change::DeploymentStatusSet {
            update: DeploymentStatusUpdate {
                deployment_id,
                status,
                description: text.into(),
            },
            rollback: None,
            evaluation: None,
        });
    }

    /// The deployment's sentence, whether it waits for a person, and the commands that buttons run.
    fn panel(&self) -> (String, bool, Vec<String>) {
        let view = deployment(&self.store, &key()).expect("there is one");
        let buttons = [&view.promote, &view.fail, &view.pause, &view.resume];
        let commands = buttons.iter().filter_map(|b| b.command.clone()).collect();
        (view.sentence, view.waiting_for_person, commands)
    }
}

fn commands(verbs: &[&str]) -> Vec<String> {
    let command = |verb: &&str| format!("nomad deployment {verb} 32a080c1");
    verbs.iter().map(command).collect()
}

#[test]
fn the_guide_in_the_deployment_panel() {
    let mut world = World::with_version_0();
    assert_eq!(deployment(&world.store, &key()), None);
    world.roll_out_version_1();
    let panel = |sentence: &str, waits, verbs: &[&str]| (sentence.into(), waits, commands(verbs));

    let starting = panel("0 of 5 canaries healthy.", false, &["fail", "pause"]);
    assert_eq!(world.panel(), starting);
    let view = deployment(&world.store, &key()).expect("there is one");
    assert_eq!(
        view.promote.why_not,
        "Promote needs 5 healthy canaries; 0 are."
    );
    assert!(
        view.deadlines
            .iter()
            .any(|d| d.label == "healthy deadline of docs.api[0]")
    );

    world.make_healthy(101..104);
    let some = panel("3 of 5 canaries healthy.", false, &["fail", "pause"]);
    assert_eq!(world.panel(), some);

    world.make_healthy(104..106);
    let all = "5 of 5 canaries healthy. Waiting for you.";
    assert_eq!(
        world.panel(),
        panel(all, true, &["promote", "fail", "pause"])
    );

    world.set_status(DeploymentStatus::Paused, description::PAUSED);
    let paused = "5 of 5 canaries healthy. Paused: resume it to go on.";
    assert_eq!(
        world.panel(),
        panel(paused, true, &["promote", "fail", "resume"])
    );

    let text = "Deployment marked as failed - rolling back to job version 0";
    world.set_status(DeploymentStatus::Failed, text);
    let failed = "Version 1 failed: it was marked as failed, rolling back to job version 0.";
    assert_eq!(world.panel(), panel(failed, false, &[]));
}

#[test]
fn versions_have_their_colours() {
    let mut world = World::with_version_0();
    let roles = |world: &World| -> Vec<(u64, VersionRole, String)> {
        cluster(&world.store)
            .versions
            .into_iter()
            .map(|version| (version.version, version.role, version.image))
            .collect()
    };
    let first = (0, VersionRole::Stable, "api-server:1.3".to_string());
    assert_eq!(roles(&world), std::slice::from_ref(&first));
    world.roll_out_version_1();
    let second = (1, VersionRole::Newest, "api-server:1.4".to_string());
    assert_eq!(roles(&world), [second, first]);
    world.register("api-server:1.5");
    let middle: Vec<VersionRole> = roles(&world).into_iter().map(|(_, role, _)| role).collect();
    assert_eq!(middle, [VersionRole::Other(1), VersionRole::Stable]);
}

#[test]
fn allocations_are_described() {
    let mut world = World::with_version_0();
    for n in 1..=5u128 {
        let node = testing::node(n);
        world.write(Change::NodeUpserted(Box::new(node)));
    }
    world.roll_out_version_1();
    world.make_healthy(101..102);
    let view = cluster(&world.store);
    assert_eq!(view.sentence, "5 nodes ready, 10 allocations running.");
    let marks = &view.nodes[0].allocations;
    assert_eq!(marks.len(), 2);
    assert_eq!(marks[0].description, "docs.api[0], version 0, running");
    assert_eq!(
        marks[1].description,
        "docs.api[0], version 1, canary, running, healthy"
    );
    assert_eq!(marks[1].health, Health::Healthy);
    assert_eq!(marks[1].status_command, "nomad alloc status 00000000");
    let job = job(&world.store, &key(), START).expect("registered");
    assert_eq!(job.sentence, "version 1, 5 of 5 running");
}

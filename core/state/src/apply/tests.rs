//! Goal: every rule of a write that is easy to get wrong. Method: small stores, one change at a
//! time.

use std::rc::Rc;

use serde_json::json;
use yurt_model::job::{JobType, VersionTag};
use yurt_model::*;

use crate::{Change, ClientUpdate, JobWrite, Store};

const START: Time = Time(1_000_000_000_000);

fn at(seconds: i64) -> Time {
    START + Duration::from_secs(seconds)
}

fn write_of(edition: u32) -> JobWrite {
    let task = testing::task("web", "docker", json!({}));
    let mut group = testing::group("api", 5, vec![task]);
    group.update = Some(testing::update());
    let mut spec = testing::spec("docs", JobType::Service, vec![group]);
    spec.document["Meta"] = json!({ "edition": edition });
    JobWrite::fresh(Rc::new(spec), START)
}

fn upsert(job: JobWrite) -> Change {
    Change::JobUpserted {
        job: Box::new(job),
        evaluation: None,
        no_shutdown_delay: false,
    }
}

fn key() -> JobKey {
    JobKey::in_default("docs")
}

fn with_job() -> Store {
    let mut store = Store::new(10, SchedulerConfiguration::of_a_fresh_cluster());
    store.apply(START, upsert(write_of(0))).unwrap();
    store
}

fn deployment(store: &Store, canaries: i64) -> Deployment {
    let job = store.job(&key()).unwrap();
    Deployment {
        id: DeploymentId(Uuid(9)),
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
            auto_revert: false,
            auto_promote: false,
            progress_deadline: Duration::from_minutes(10),
            require_progress_by: None,
            promoted: false,
            placed_canaries: Vec::new(),
            desired_canaries: canaries,
            desired_total: 5,
            placed_allocs: 0,
            healthy_allocs: 0,
            unhealthy_allocs: 0,
        }],
        create_index: 0,
        modify_index: 0,
        create_time: START,
        modify_time: START,
    }
}

/// A store with a deployment of `n` canaries, ids 100, 101, ….
fn with_canaries(n: i64) -> Store {
    let mut store = with_job();
    let job = store.job(&key()).unwrap().clone();
    let deployment = deployment(&store, n);
    let allocations = (0..n)
        .map(|i| {
            let number = u32::try_from(i).unwrap();
            let mut alloc = testing::alloc(100 + u128::from(number), &job, number, 1, START);
            alloc.deployment_id = Some(deployment.id);
            alloc.deployment_status = Some(AllocDeploymentStatus {
                canary: true,
                ..AllocDeploymentStatus::default()
            });
            alloc
        })
        .collect();
    let plan = Plan {
        allocations,
        deployment: Some(deployment),
        job: Some(job),
        ..Plan::default()
    };
    let change = Change::PlanApplied {
        plan: Box::new(plan),
        preemption_evals: Vec::new(),
    };
    store.apply(START, change).unwrap();
    store
}

#[test]
fn what_one_write_makes_the_same_is_kept_once() {
    let mut store = with_canaries(3);
    let row = |store: &Store, n: u128| store.alloc(AllocId(Uuid(n))).unwrap().clone();
    let shares = |store: &Store, a, b| Rc::ptr_eq(&row(store, a).shared, &row(store, b).shared);
    assert!(shares(&store, 100, 101) && shares(&store, 100, 102));
    report(&mut store, 10, 101, None);
    assert!(!shares(&store, 100, 101) && shares(&store, 100, 102));
    let status = |store: &Store, n| row(store, n).client_status;
    assert_eq!(status(&store, 101), AllocClientStatus::Running);
    assert_eq!(status(&store, 100), AllocClientStatus::Pending);
}

fn report(store: &mut Store, seconds: i64, number: u128, healthy: Option<bool>) {
    let update = ClientUpdate {
        alloc_id: AllocId(Uuid(number)),
        status: AllocClientStatus::Running,
        description: "Tasks are running".into(),
        task_states: Vec::new(),
        deployment_status: healthy.map(|healthy| AllocDeploymentStatus {
            healthy: Some(healthy),
            timestamp: Some(at(seconds)),
            ..AllocDeploymentStatus::default()
        }),
    };
    let change = Change::ClientsReported {
        updates: vec![update],
        evals: Vec::new(),
    };
    store.apply(at(seconds), change).unwrap();
}

fn the_group(store: &Store) -> DeploymentGroup {
    store.deployment(DeploymentId(Uuid(9))).unwrap().groups[0].clone()
}

fn promote(store: &mut Store, seconds: i64) -> Result<(), String> {
    let change = Change::DeploymentPromoted {
        deployment_id: DeploymentId(Uuid(9)),
        groups: None,
        evaluation: None,
    };
    store
        .apply(at(seconds), change)
        .map(|_| ())
        .map_err(|error| error.0)
}

#[test]
fn six_untagged_versions_stay_and_the_newest_stable_one_is_protected() {
    // (versions that are stable, versions that are tagged, what is left after version 9)
    let cases: [(&[u64], &[u64], &[u64]); 4] = [
        (&[], &[], &[9, 8, 7, 6, 5, 4]),
        (&[0], &[], &[9, 8, 7, 6, 5, 0]),
        (&[0, 3], &[], &[9, 8, 7, 6, 5, 3]),
        (&[], &[0, 2], &[9, 8, 7, 6, 5, 4, 2, 0]),
    ];
    for (stable, tagged, left) in cases {
        let mut store = Store::new(0, SchedulerConfiguration::of_a_fresh_cluster());
        for version in 0..10 {
            let mut job = write_of(u32::try_from(version).unwrap());
            job.stable = stable.contains(&version);
            job.version_tag = tagged.contains(&version).then(|| VersionTag {
                name: format!("v{version}").into(),
                description: "".into(),
                tagged_time: START,
            });
            store.apply(START, upsert(job)).unwrap();
        }
        let kept: Vec<u64> = store
            .job_versions(&key())
            .iter()
            .map(|job| job.version)
            .collect();
        assert_eq!(kept, left, "stable {stable:?}, tagged {tagged:?}");
    }
}

#[test]
fn a_version_counts_up_and_only_the_spec_moves_its_index() {
    let mut store = with_job();
    store.apply(START, upsert(write_of(1))).unwrap();
    let job = store.job(&key()).unwrap();
    assert_eq!(
        (job.version, job.create_index, job.job_modify_index),
        (1, 11, 12)
    );
    let stable = Change::JobStabilitySet {
        key: key(),
        version: 1,
        stable: true,
    };
    store.apply(START, stable).unwrap();
    let job = store.job(&key()).unwrap();
    assert_eq!(
        (job.modify_index, job.job_modify_index, job.stable),
        (13, 12, true)
    );
}

#[test]
fn counters_follow_placements_and_first_results_alone() {
    let mut store = with_canaries(2);
    let group = the_group(&store);
    assert_eq!((group.placed_allocs, group.healthy_allocs), (2, 0));
    assert_eq!(
        group.placed_canaries,
        [AllocId(Uuid(100)), AllocId(Uuid(101))]
    );
    assert_eq!(group.require_progress_by, Some(at(600)));
    report(&mut store, 5, 100, None);
    report(&mut store, 30, 100, Some(true));
    report(&mut store, 31, 100, Some(true));
    let group = the_group(&store);
    assert_eq!(
        (group.healthy_allocs, group.require_progress_by),
        (1, Some(at(630)))
    );
    report(&mut store, 40, 101, Some(false));
    let group = the_group(&store);
    assert_eq!(
        (group.unhealthy_allocs, group.require_progress_by),
        (1, Some(at(630)))
    );
    // From unhealthy to healthy is not counted (spec: deployments 33.16).
    report(&mut store, 50, 101, Some(true));
    assert_eq!(the_group(&store).healthy_allocs, 1);
}

#[test]
fn promotion_needs_every_canary_and_says_who_is_missing() {
    let mut store = with_canaries(2);
    report(&mut store, 10, 100, Some(true));
    let index = store.index();
    let text = "1 error occurred:\n\t* Task group \"api\" has 1/2 healthy allocations\n\n";
    assert_eq!(promote(&mut store, 11), Err(text.to_owned()));
    assert_eq!(store.index(), index, "a refused write has no index");
    report(&mut store, 12, 101, Some(true));
    assert_eq!(promote(&mut store, 20), Ok(()));
    let group = the_group(&store);
    assert_eq!(
        (group.promoted, group.require_progress_by),
        (true, Some(at(620)))
    );
    let deployment = store.deployment(DeploymentId(Uuid(9))).unwrap();
    assert_eq!(&*deployment.status_description, description::RUNNING);
    assert!(
        store
            .allocs_of_deployment(deployment.id)
            .all(|alloc| !alloc.is_canary())
    );
}

#[test]
fn the_status_of_a_job_follows_what_lives() {
    let mut store = with_canaries(1);
    assert_eq!(store.job(&key()).unwrap().status, JobStatus::Running);
    let mut stop = JobWrite::copy_of(store.job(&key()).unwrap());
    stop.stop = true;
    let eval = Evaluation::new(
        EvalId(Uuid(50)),
        &key(),
        JobType::Service,
        50,
        EvalTrigger::JobDeregister,
        at(1),
    );
    let change = Change::JobUpserted {
        job: Box::new(stop),
        evaluation: Some(Box::new(eval.clone())),
        no_shutdown_delay: false,
    };
    store.apply(at(1), change).unwrap();
    assert_eq!(store.job(&key()).unwrap().status, JobStatus::Running);
    let plan = Plan {
        stops: vec![StopAlloc {
            alloc_id: AllocId(Uuid(100)),
            description: "alloc not needed due to job update".into(),
            client_status: None,
            follow_up: None,
        }],
        deployment_updates: vec![DeploymentStatusUpdate {
            deployment_id: DeploymentId(Uuid(9)),
            status: DeploymentStatus::Cancelled,
            description: description::STOPPED_JOB.into(),
        }],
        ..Plan::default()
    };
    let change = Change::PlanApplied {
        plan: Box::new(plan),
        preemption_evals: Vec::new(),
    };
    store.apply(at(1), change).unwrap();
    assert_eq!(store.job(&key()).unwrap().status, JobStatus::Pending);
    let done = Evaluation {
        status: EvalStatus::Complete,
        ..eval
    };
    store
        .apply(at(1), Change::EvalsUpserted(vec![done]))
        .unwrap();
    assert_eq!(store.job(&key()).unwrap().status, JobStatus::Dead);
    assert_eq!(
        store.job_version(&key(), 1).unwrap().status,
        JobStatus::Dead
    );
}

#[test]
fn a_clean_end_cancels_the_blocked_ones_and_an_unclean_one_does_not() {
    let mut store = with_job();
    let eval = |number: u128, status: EvalStatus| {
        let id = EvalId(Uuid(number));
        let trigger = EvalTrigger::QueuedAllocs;
        let new = Evaluation::new(id, &key(), JobType::Service, 50, trigger, START);
        Evaluation { status, ..new }
    };
    let mut unclean = eval(2, EvalStatus::Complete);
    unclean
        .failed_groups
        .insert("api".into(), Rc::new(AllocMetric::default()));
    store
        .apply(
            START,
            Change::EvalsUpserted(vec![eval(1, EvalStatus::Blocked), unclean]),
        )
        .unwrap();
    assert_eq!(
        store.eval(EvalId(Uuid(1))).unwrap().status,
        EvalStatus::Blocked
    );
    store
        .apply(
            START,
            Change::EvalsUpserted(vec![eval(3, EvalStatus::Complete)]),
        )
        .unwrap();
    let blocked = store.eval(EvalId(Uuid(1))).unwrap();
    assert_eq!(blocked.status, EvalStatus::Canceled);
    let by = EvalId(Uuid(3));
    assert_eq!(
        &*blocked.status_description,
        format!("evaluation \"{by}\" successful")
    );
}

#[test]
fn purging_leaves_nothing_and_a_clone_keeps_everything() {
    let mut store = with_canaries(3);
    let before = store.clone();
    store
        .apply(
            at(1),
            Change::JobPurged {
                key: key(),
                evaluation: None,
            },
        )
        .unwrap();
    assert!(store.job(&key()).is_none() && store.job_versions(&key()).is_empty());
    assert_eq!(
        (store.allocs().count(), store.deployments().count()),
        (0, 0)
    );
    assert_eq!(
        (before.allocs().count(), before.deployments().count()),
        (3, 1)
    );
    store.apply(at(2), upsert(write_of(0))).unwrap();
    assert_eq!(store.job(&key()).unwrap().version, 0);
}

#[test]
fn counts_by_group_fall_only_where_they_may() {
    let mut store = with_canaries(2);
    let counts = |store: &Store| {
        let summary = store.job_summary(&key()).unwrap();
        let group = summary.group("api").unwrap();
        (group.starting, group.running, group.lost)
    };
    assert_eq!(counts(&store), (2, 0, 0));
    report(&mut store, 1, 100, None);
    assert_eq!(counts(&store), (1, 1, 0));
    let plan = Plan {
        stops: vec![StopAlloc {
            alloc_id: AllocId(Uuid(100)),
            description: "alloc is lost since its node is down".into(),
            client_status: Some(AllocClientStatus::Lost),
            follow_up: None,
        }],
        ..Plan::default()
    };
    let change = Change::PlanApplied {
        plan: Box::new(plan),
        preemption_evals: Vec::new(),
    };
    store.apply(at(2), change).unwrap();
    assert_eq!(counts(&store), (1, 0, 1));
}

fn with_service(canary: bool) -> (Store, AllocId) {
    let mut write = write_of(0);
    let spec = Rc::make_mut(&mut write.spec);
    let group = &mut spec.groups[0];
    group.services.push(job::Service {
        name: "web-${NOMAD_ALLOC_INDEX}".into(),
        provider: "nomad".into(),
        port_label: "http".into(),
        address_mode: "auto".into(),
        tags: vec!["blue".into(), "${meta.rack}".into()],
        canary_tags: vec!["green".into()],
        task_name: "".into(),
        on_update: "".into(),
        checks: Vec::new(),
    });
    let mut store = Store::new(10, SchedulerConfiguration::of_a_fresh_cluster());
    let mut node = testing::node(1);
    node.meta.insert("rack".into(), "r1".into());
    store
        .apply(START, Change::NodeUpserted(Box::new(node)))
        .unwrap();
    store.apply(START, upsert(write)).unwrap();
    let job = store.job(&key()).unwrap().clone();
    let mut alloc = testing::alloc(100, &job, 3, 1, START);
    let mut resources = AllocatedResources::default();
    resources.ports.push(AllocatedPort {
        label: "http".into(),
        value: 20_001,
        to: 8080,
        host_ip: "10.0.0.1".into(),
        is_static: false,
    });
    alloc.resources = Rc::new(resources);
    alloc.deployment_status = Some(AllocDeploymentStatus {
        canary,
        ..AllocDeploymentStatus::default()
    });
    let id = alloc.id;
    let plan = Plan {
        allocations: vec![alloc],
        ..Plan::default()
    };
    let change = Change::PlanApplied {
        plan: Box::new(plan),
        preemption_evals: Vec::new(),
    };
    store.apply(START, change).unwrap();
    (store, id)
}

/// Name, address, port and tags of what is registered.
fn registered(store: &Store) -> Vec<String> {
    let all = store.service_registrations();
    all.map(|one| {
        format!(
            "{} {}:{} {}",
            one.name,
            one.address,
            one.port,
            one.tags.join(",")
        )
    })
    .collect()
}

#[test]
fn a_service_is_registered_for_as_long_as_its_allocation_runs() {
    let (mut store, id) = with_service(false);
    assert!(registered(&store).is_empty(), "nothing has started");
    let report = |status| Change::ClientsReported {
        updates: vec![ClientUpdate {
            alloc_id: id,
            status,
            description: "".into(),
            task_states: Vec::new(),
            deployment_status: None,
        }],
        evals: Vec::new(),
    };
    store
        .apply(at(1), report(AllocClientStatus::Running))
        .unwrap();
    assert_eq!(registered(&store), ["web-3 10.0.0.1:20001 blue,r1"]);
    let one = store.service_registrations().next().unwrap();
    assert_eq!(*one.id, *format!("_nomad-task-{id}-group-api-web-3-http"));

    let taken = Change::ServiceDeregistered {
        alloc_id: id,
        service_id: one.id,
    };
    let mut without = store.clone();
    without.apply(at(2), taken).unwrap();
    assert!(registered(&without).is_empty(), "a person took it away");

    store
        .apply(at(3), report(AllocClientStatus::Complete))
        .unwrap();
    assert!(registered(&store).is_empty(), "it has ended");
}

#[test]
fn a_canary_has_tags_of_its_own() {
    let (mut store, id) = with_service(true);
    let update = ClientUpdate {
        alloc_id: id,
        status: AllocClientStatus::Running,
        description: "".into(),
        task_states: Vec::new(),
        deployment_status: None,
    };
    let change = Change::ClientsReported {
        updates: vec![update],
        evals: Vec::new(),
    };
    store.apply(at(1), change).unwrap();
    assert_eq!(registered(&store), ["web-3 10.0.0.1:20001 green"]);
}

/// A child of `docs` that was dispatched with a token of its own name.
fn child(name: &str) -> JobWrite {
    let mut write = write_of(0);
    let id = format!("docs/{name}");
    let group = testing::group("api", 1, Vec::new());
    write.spec = Rc::new(testing::spec(&id, JobType::Batch, vec![group]));
    write.parent = Some(key().id);
    write.dispatch_token = Some(name.into());
    write
}

#[test]
fn children_are_found_while_they_live_and_by_their_tokens_while_they_are_there() {
    let mut store = with_job();
    for name in ["a", "b"] {
        store.apply(START, upsert(child(name))).unwrap();
    }
    let live = |store: &Store| -> Vec<String> {
        let live = store.live_children_of(&key());
        live.map(|job| job.id().to_string()).collect()
    };
    let by_token = |store: &Store, token: &str| {
        let job = store.dispatched_child(&key(), token);
        job.map(|job| job.id().to_string())
    };
    assert_eq!(live(&store), ["docs/a", "docs/b"]);
    let key_of_a = JobKey::in_default("docs/a");
    let (kind, trigger) = (JobType::Batch, EvalTrigger::JobRegister);
    let mut eval = Evaluation::new(EvalId(Uuid(1)), &key_of_a, kind, 50, trigger, START);
    eval.status = EvalStatus::Complete;
    store
        .apply(START, Change::EvalsUpserted(vec![eval]))
        .unwrap();
    assert_eq!(live(&store), ["docs/b"]);
    assert_eq!(store.children_of(&key()).count(), 2);
    assert_eq!(by_token(&store, "a").as_deref(), Some("docs/a"));
    // Written by hand it is nobody's child.
    let mut by_hand = child("b");
    (by_hand.parent, by_hand.dispatch_token) = (None, None);
    store.apply(START, upsert(by_hand)).unwrap();
    let purge = Change::JobPurged {
        key: key_of_a,
        evaluation: None,
    };
    store.apply(START, purge).unwrap();
    assert!(live(&store).is_empty());
    assert_eq!((by_token(&store, "a"), by_token(&store, "b")), (None, None));
}

//! Tests of the journal: every kind of input survives its text.

use std::rc::Rc;

use yurt_jobspec::admission::{AdmissionContext, admit};
use yurt_model::testing::node;
use yurt_model::{
    AllocClientStatus, AllocDeploymentStatus, AllocId, DeploymentId, Duration, Ends, JobKey,
    NodeId, NodeStatus, SchedulerAlgorithm, SchedulerConfiguration, TaskEnds, TaskEvent, TaskPhase,
    TaskState, Time, Uuid,
};
use yurt_state::{ClientUpdate, Submission};

use super::Journal;
use crate::event::{
    ClientOrder, DrainRequest, Fault, Input, JobDispatch, JobRegister, Request, RestartScope,
};

fn jobs() -> Vec<Request> {
    let key = JobKey::in_default("docs");
    let task =
        serde_json::json!({ "Name": "server", "Driver": "docker", "Config": { "image": "a" } });
    let group = serde_json::json!({ "Name": "api", "Tasks": [task] });
    let job = serde_json::json!({ "ID": "docs", "Datacenters": ["dc1"], "TaskGroups": [group] });
    let admitted = admit(&job, &AdmissionContext::default()).expect("the job is in order");
    let submission = Submission {
        source: "job \"docs\" {}".into(),
        format: "hcl2".into(),
        variables: "count = 3".into(),
    };
    vec![
        Request::JobRegister(JobRegister {
            spec: admitted.spec,
            submission: Some(Rc::new(submission)),
            enforce_index: Some(0),
            eval_priority: Some(70),
            preserve_counts: true,
            preserve_resources: true,
            dispatched: false,
        }),
        Request::JobDeregister {
            key: key.clone(),
            purge: true,
            no_shutdown_delay: true,
            eval_priority: None,
        },
        Request::JobRevert {
            key: key.clone(),
            version: 3,
            enforce_prior_version: Some(4),
        },
        Request::JobTag {
            key: key.clone(),
            version: Some(3),
            name: "golden".into(),
            description: "to go back to".into(),
        },
        Request::JobUntag {
            key: key.clone(),
            name: "golden".into(),
        },
        Request::JobEvaluate {
            key: key.clone(),
            force_reschedule: true,
        },
        Request::JobScale {
            key: key.clone(),
            group: "api".into(),
            count: Some(4),
            enforce_index: Some(12),
            message: "busy".into(),
            is_error: true,
        },
        Request::JobDispatch(JobDispatch {
            key: key.clone(),
            payload: Some(b"a\xff".as_slice().into()),
            meta: vec![("file".into(), "a=b".into())],
            id_prefix: Some("p".into()),
            idempotency_token: Some("t".into()),
            priority: 70,
        }),
        Request::JobPeriodicForce { key: key.clone() },
        Request::JobStability {
            key,
            version: 2,
            stable: true,
        },
    ]
}

fn deployments_and_allocations() -> Vec<Request> {
    let (id, alloc) = (DeploymentId(Uuid(5)), AllocId(Uuid(9)));
    vec![
        Request::DeploymentPromote {
            id,
            groups: Some(vec!["api".into()]),
        },
        Request::DeploymentFail { id },
        Request::DeploymentPause { id, pause: true },
        Request::DeploymentSetHealth {
            id,
            healthy: vec![alloc],
            unhealthy: vec![AllocId(Uuid(10))],
        },
        Request::AllocStop {
            id: alloc,
            no_shutdown_delay: true,
            reschedule: true,
        },
        Request::AllocOrder {
            id: alloc,
            order: ClientOrder::Restart(RestartScope::Task("server".into())),
        },
        Request::AllocOrder {
            id: alloc,
            order: ClientOrder::Restart(RestartScope::All),
        },
        Request::AllocOrder {
            id: alloc,
            order: ClientOrder::Signal {
                task: None,
                signal: "SIGHUP".into(),
            },
        },
        Request::SystemGarbageCollect,
        Request::ServiceDeregister {
            id: "_nomad-task-1-web-api-http".into(),
        },
        Request::ClientReport(vec![report(alloc)]),
    ]
}

fn report(alloc_id: AllocId) -> ClientUpdate {
    let details = vec![("exit_code".into(), "1".into())];
    let event = TaskEvent::new(Time(3), "Terminated".into(), "Exit Code: 1".into(), details);
    ClientUpdate {
        alloc_id,
        status: AllocClientStatus::Failed,
        description: "Failed tasks".into(),
        task_states: vec![Rc::new(TaskState {
            name: "server".into(),
            phase: TaskPhase::Dead,
            failed: true,
            started_at: Some(Time(2)),
            events: vec![event],
            ends: TaskEnds::from(Ends {
                restarts: 2,
                last_restart: Some(Time(1)),
                finished_at: Some(Time(3)),
            }),
        })],
        deployment_status: Some(AllocDeploymentStatus {
            healthy: Some(false),
            timestamp: Some(Time(4)),
            canary: true,
            modify_index: 0,
        }),
    }
}

fn nodes() -> Vec<Request> {
    let id = NodeId(Uuid(7));
    let drain = DrainRequest {
        deadline: Duration::from_minutes(5),
        ignore_system_jobs: true,
    };
    let configuration = SchedulerConfiguration {
        algorithm: SchedulerAlgorithm::Spread,
        memory_oversubscription: true,
        pause_eval_broker: true,
        ..SchedulerConfiguration::of_a_fresh_cluster()
    };
    vec![
        Request::NodeRegister(Box::new(node(7))),
        Request::NodeStatus {
            id,
            status: NodeStatus::Down,
        },
        Request::NodeEligibility {
            id,
            eligible: false,
        },
        Request::NodeDrain {
            id,
            drain: Some(drain),
            mark_eligible: false,
            message: Some("new disks".into()),
        },
        Request::NodeDrain {
            id,
            drain: None,
            mark_eligible: true,
            message: None,
        },
        Request::SchedulerConfiguration(Box::new(configuration)),
    ]
}

#[test]
fn every_input_survives_the_text_of_a_journal() {
    let id = NodeId(Uuid(7));
    let requests = [jobs(), deployments_and_allocations(), nodes()].concat();
    let faults = [
        Fault::NodeStops(id),
        Fault::NodeStarts(id),
        Fault::HeartbeatMissed(id),
        Fault::NodeCut(id),
    ];
    let requests = requests.into_iter().map(Input::Request);
    let mut journal = Journal::default();
    for (at, input) in requests.chain(faults.map(Input::Fault)).enumerate() {
        journal.push(Time(i64::try_from(at).expect("a short list")), &input);
    }
    let text = journal.to_text();
    assert_eq!(text.lines().count(), journal.entries().len());
    let read = Journal::from_text(&text).expect("we read what we write");
    assert_eq!(read.to_text(), text);
    for (before, after) in journal.entries().iter().zip(read.entries()) {
        assert_eq!(format!("{before:?}"), format!("{after:?}"));
    }
}

#[test]
fn a_line_that_is_no_entry_is_named() {
    for (text, line) in [
        ("{\"at_ns\":0,\"do\":\"dance\"}", 1),
        ("\n{\"at_ns\":0,\"do\":\"fail\",\"deployment\":\"x\"}", 2),
        ("not json", 1),
    ] {
        let error = Journal::from_text(text).expect_err(text);
        assert_eq!(error.line, line, "{text}: {error}");
    }
}

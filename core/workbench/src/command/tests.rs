//! Goal: screens and monitors, line by line, without an engine. Method: a store in the middle of
//! the guide's story, written change by change.

use std::rc::Rc;

use serde_json::json;
use yurt_model::{
    AllocClientStatus, AllocDeploymentStatus, AllocId, AllocMetric, Allocation, Deployment,
    DeploymentGroup, DeploymentId, DeploymentStatus, DeploymentStatusUpdate, Duration, EvalId,
    EvalStatus, EvalTrigger, Evaluation, JobId, JobKey, JobType, Plan, Release,
    SchedulerConfiguration, Time, Uuid, description, testing,
};
use yurt_state::{Change, JobWrite, Store};

use super::flags::Common;
use super::part::Scene;
use super::{Emulated, Lines, Monitor, look_up, part};

/// 2026-11-23T09:41:34Z.
const START: Time = Time(1_795_426_894_000_000_000);

fn key() -> JobKey {
    JobKey::in_default("docs")
}

fn uuid(short: u32, number: u32) -> Uuid {
    Uuid(u128::from(short) << 96 | u128::from(number))
}

struct Story {
    store: Store,
}

impl Story {
    /// A job with two allocations and a deployment in which one canary waits.
    fn new() -> Self {
        let store = Store::new(10, SchedulerConfiguration::of_a_fresh_cluster());
        let mut story = Self { store };
        let task = testing::task("api-server", "docker", json!({ "image": "api-server:1.3" }));
        let mut group = testing::group("api", 2, vec![task]);
        group.update = Some(testing::update());
        let spec = Rc::new(testing::spec("docs", JobType::Service, vec![group]));
        story.write(Change::JobUpserted {
            job: Box::new(JobWrite::fresh(spec, START)),
            evaluation: Some(Box::new(evaluation())),
            no_shutdown_delay: false,
        });
        story
    }

    fn write(&mut self, change: Change) {
        self.store
            .apply(START, change)
            .expect("the change is accepted");
    }

    fn place(&mut self) {
        let job = self.store.job(&key()).expect("registered").clone();
        let rollout = deployment(job.create_index);
        let allocations: Vec<Allocation> = (0..2u32)
            .map(|index| {
                let mut alloc = testing::alloc(0, &job, index, 0, START);
                alloc.id = AllocId(uuid(0x1f09_6d53, index));
                alloc.node_id = yurt_model::NodeId(uuid(0xe909_e12b, index));
                alloc.eval_id = EvalId(uuid(0xf4b2_2f99, 0));
                alloc.client_status = AllocClientStatus::Running;
                alloc.deployment_id = Some(rollout.id);
                alloc.deployment_status = Some(AllocDeploymentStatus::default());
                alloc
            })
            .collect();
        self.write(Change::PlanApplied {
            plan: Box::new(Plan {
                job: Some(job),
                allocations,
                deployment: Some(rollout),
                ..Plan::default()
            }),
            preemption_evals: Vec::new(),
        });
        let mut done = evaluation();
        done.status = EvalStatus::Complete;
        done.deployment_id = Some(DeploymentId(uuid(0xe59f_ce26, 0)));
        self.write(Change::EvalsUpserted(vec![done]));
    }

    fn scene(&self, release: Release, seconds: i64) -> Scene<'_> {
        Scene {
            store: &self.store,
            now: START + Duration::from_secs(seconds),
            release,
        }
    }
}

fn evaluation() -> Evaluation {
    let trigger = EvalTrigger::JobRegister;
    let id = EvalId(uuid(0xf4b2_2f99, 0));
    Evaluation::new(id, &key(), JobType::Service, 50, trigger, START)
}

fn deployment(job_create_index: u64) -> Deployment {
    Deployment {
        id: DeploymentId(uuid(0xe59f_ce26, 0)),
        namespace: "default".into(),
        job_id: JobId::from("docs"),
        job_version: 0,
        job_create_index,
        job_modify_index: job_create_index,
        job_spec_modify_index: job_create_index,
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
            desired_canaries: 1,
            desired_total: 2,
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

fn text(lines: &Lines) -> String {
    let lines: Vec<String> = lines.iter().map(|line| line.text()).collect();
    lines.join("\n")
}

#[test]
fn a_deployment_in_both_releases() {
    let mut story = Story::new();
    story.place();
    let id = DeploymentId(uuid(0xe59f_ce26, 0));
    let block = |release| {
        let scene = story.scene(release, 3);
        let deployment = scene.store.deployment(id).expect("placed");
        text(&part::deployment::block(scene, deployment, false))
    };
    assert_eq!(
        block(Release::V2_0),
        "ID          = e59fce26\n\
         Job ID      = docs\n\
         Job Version = 0\n\
         Status      = running\n\
         Description = Deployment is running but requires manual promotion\n\
         \n\
         Deployed\n\
         Task Group  Auto Revert  Promoted  Desired  Canaries  Placed  Healthy  Unhealthy  \
         Progress Deadline\n\
         api         true         false     2        1         2       0        0          \
         2026-11-23T09:51:34Z"
    );
    let old = block(Release::V0_7);
    assert!(
        old.contains("= Deployment is running but requires promotion\n"),
        "{old}"
    );
    let head = "Task Group  Auto Revert  Promoted  Desired  Canaries  Placed  Healthy  Unhealthy";
    let row = "api         true         false     2        1         2       0        0";
    assert!(old.ends_with(&format!("{head}\n{row}")), "{old}");
}

#[test]
fn what_came_after_a_release_has_no_column_and_no_row_in_it() {
    let names = ["ID", "Node Pool", "DC", "Namespace"];
    for (release, kept) in [
        (Release::V2_0, vec!["ID", "Node Pool", "DC", "Namespace"]),
        (Release::V0_7, vec!["ID", "DC"]),
    ] {
        let table = super::release::columns(vec![super::columns::row(names); 2], release);
        assert_eq!(table, vec![kept.clone(); 2]);
        let pairs = super::release::pairs(names.map(|name| (name, String::new())), release);
        let named: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
        assert_eq!(named, kept);
    }
}

#[test]
fn allocations_in_both_releases() {
    let mut story = Story::new();
    story.place();
    let rows = |release, verbose| {
        let scene = story.scene(release, 3);
        let mut allocs: Vec<_> = scene.store.allocs().cloned().collect();
        part::allocs::newest_first(&mut allocs);
        part::allocs::table(scene, &allocs[..1], verbose)
    };
    assert_eq!(
        rows(Release::V2_0, false),
        [
            "ID        Node ID   Task Group  Version  Desired  Status   Created  Modified",
            "1f096d53  e909e12b  api         0        run      running  3s ago   3s ago",
        ]
    );
    assert_eq!(
        rows(Release::V0_7, false),
        [
            "ID        Node ID   Task Group  Version  Desired  Status   Created At",
            "1f096d53  e909e12b  api         0        run      running  11/23/26 09:41:34 UTC",
        ]
    );
    assert!(rows(Release::V2_0, true)[0].contains("Eval ID"));
}

#[test]
fn three_answers_to_a_prefix() {
    let mut story = Story::new();
    story.place();
    let scene = story.scene(Release::V2_0, 0);
    let common = Common::default();
    assert!(look_up::job(scene, &common, "d").is_ok());
    let missing = look_up::job(scene, &common, "nope").unwrap_err();
    assert_eq!(
        text(&missing.document),
        "No job(s) with prefix or ID \"nope\" found"
    );
    assert!(look_up::deployment(scene, "e59f").is_ok());
    let missing = look_up::deployment(scene, "00000000").unwrap_err();
    assert_eq!(
        text(&missing.document),
        "Error retrieving deployment: Deployment ID \"00000000\" matched no deployments"
    );
    let several = look_up::alloc(scene, "1f").unwrap_err();
    assert!(text(&several.document).starts_with("Prefix matched multiple allocations\n\nID  "));
}

#[test]
fn a_monitor_goes_from_the_evaluation_to_the_deployment() {
    let mut story = Story::new();
    let mut monitor = Monitor::evaluation(EvalId(uuid(0xf4b2_2f99, 0)), false);
    let first = monitor.poll(story.scene(Release::V2_0, 0));
    assert_eq!(
        text(&first.document),
        "==> 2026-11-23T09:41:34Z: Monitoring evaluation \"f4b22f99\"\n    \
         2026-11-23T09:41:34Z: Evaluation triggered by job \"docs\""
    );
    assert_eq!(first.status, None);
    story.place();
    // It looks once a second, so half a second later it sees nothing.
    assert!(monitor.due() > START);
    assert_eq!(
        monitor.poll(story.scene(Release::V2_0, 0)).document,
        Lines::new()
    );
    let second = text(&monitor.poll(story.scene(Release::V2_0, 1)).document);
    let want = "    2026-11-23T09:41:35Z: Evaluation within deployment: \"e59fce26\"\n    \
                2026-11-23T09:41:35Z: Allocation \"1f096d53\" created: \
                node \"e909e12b\", group \"api\"\n";
    assert!(second.starts_with(want), "{second}");
    assert!(
        second.contains(
            "==> 2026-11-23T09:41:35Z: Evaluation \"f4b22f99\" finished with \
        status \"complete\"\n==> 2026-11-23T09:41:35Z: Monitoring deployment \
        \"e59fce26\"\n    \n2026-11-23T09:41:35Z\nID "
        ),
        "{second}"
    );
    story.write(Change::DeploymentStatusSet {
        update: DeploymentStatusUpdate {
            deployment_id: DeploymentId(uuid(0xe59f_ce26, 0)),
            status: DeploymentStatus::Successful,
            description: description::SUCCESSFUL.into(),
        },
        rollback: None,
        evaluation: None,
    });
    let last = monitor.poll(story.scene(Release::V2_0, 2));
    assert_eq!(last.status, Some(0));
}

#[test]
fn the_monitor_of_the_old_release_ends_with_the_evaluation() {
    let mut story = Story::new();
    story.place();
    let mut monitor = Monitor::evaluation(EvalId(uuid(0xf4b2_2f99, 0)), false);
    let polled = monitor.poll(story.scene(Release::V0_7, 0));
    assert_eq!(polled.status, Some(0));
    let printed = text(&polled.document);
    assert!(
        printed.starts_with("==> Monitoring evaluation \"f4b22f99\"\n    Evaluation triggered"),
        "{printed}"
    );
    assert!(
        printed.ends_with("==> Evaluation \"f4b22f99\" finished with status \"complete\""),
        "{printed}"
    );
}

#[test]
fn what_could_not_be_placed() {
    let metric = AllocMetric {
        nodes_evaluated: 5,
        nodes_filtered: 3,
        class_filtered: [("general".into(), 3)].into(),
        constraint_filtered: [
            ("${attr.kernel.name} = windows".into(), 2),
            ("missing property \"${meta.rack}\"".into(), 1),
        ]
        .into(),
        nodes_exhausted: 2,
        class_exhausted: [("general".into(), 2)].into(),
        dimension_exhausted: [("memory".into(), 2)].into(),
        ..AllocMetric::default()
    };
    assert_eq!(
        part::failure::reasons(&metric, "  "),
        [
            "  * Class \"general\": 3 nodes excluded by filter",
            "  * Constraint \"${attr.kernel.name} = windows\": 2 nodes excluded by filter",
            r#"  * Constraint "missing property \"${meta.rack}\"": 1 nodes excluded by filter"#,
            "  * Resources exhausted on 2 nodes",
            "  * Class \"general\" exhausted on 2 nodes",
            "  * Dimension \"memory\" exhausted on 2 nodes",
        ]
    );
    let nowhere = part::failure::reasons(&AllocMetric::default(), "");
    assert_eq!(nowhere, ["* No nodes were eligible for evaluation"]);
}

#[test]
fn help_is_no_error() {
    let error = super::parse("nomad job plan -help").unwrap_err();
    assert_eq!(error.status, 0);
    assert!(text(&error.document).starts_with("Usage: nomad job plan [options] <path>\n"));
    assert_eq!(super::job_plan::JobPlan::NAME, "job plan");
}

/// Each flag changes what its command means, or is refused, or is said to change nothing.
#[test]
fn no_flag_is_taken_and_forgotten() {
    let mut flags = 0;
    for super::Entry { head, .. } in super::Command::TABLE {
        let meant = |flags: &str, words: &str| {
            let line = format!("nomad {} {flags} {words}", head.name);
            super::parse(&line).ok().map(|command| command.to_string())
        };
        let words = ["", "x", "x 1", "x y z"];
        let needed = ["", "-enable ", "-disable ", "-name n "];
        let words = || {
            needed
                .iter()
                .flat_map(|flag| words.map(|words| (*flag, words)))
        };
        assert!(words().any(|(flag, words)| meant(flag, words).is_some()));
        for flag in head.flags {
            flags += 1;
            let values: &[&str] = match flag.takes_value {
                true => &["=7"],
                false => &["=true", "=false"],
            };
            let is_told = words().any(|(needed, words)| {
                let base = meant(needed, words);
                let with = |value| format!("{needed}-{}{value}", flag.name);
                values
                    .iter()
                    .any(|value| meant(&with(value), words) != base)
            });
            assert_eq!(is_told, !flag.is_idle, "nomad {} -{}", head.name, flag.name);
        }
    }
    assert!(flags > 130, "{flags}");
}

#[test]
fn priorities_of_evaluations_are_numbers() {
    for (line, want) in [
        (
            "run -eval-priority abc x",
            Err("invalid value \"abc\" for flag -eval-priority: parse error"),
        ),
        (
            "run -eval-priority 70 x",
            Ok("nomad job run -eval-priority 70 x"),
        ),
        ("run -eval-priority 0 x", Ok("nomad job run x")),
        (
            "stop -eval-priority=101 x",
            Ok("nomad job stop -eval-priority 101 x"),
        ),
        (
            "job eval -eval-priority 70 x",
            Err("flag provided but not defined: -eval-priority"),
        ),
    ] {
        let got = super::parse(&format!("nomad {line}"));
        match want {
            Ok(want) => assert_eq!(got.expect(line).to_string(), want),
            Err(want) => {
                let printed = text(&got.expect_err(line).document);
                assert!(printed.starts_with(want), "{printed}");
            }
        }
    }
}

/// Who types what a shell would understand learns that there is none; in quotes it is text.
#[test]
fn signs_of_a_shell() {
    for (line, sign) in [
        ("job status docs | grep run", "|"),
        ("job status docs > file", ">"),
        ("job status docs; clock", "docs;"),
        ("job run -detach x && nomad status", "&&"),
    ] {
        let error = super::parse(&format!("nomad {line}")).expect_err(line);
        let want = format!("{sign}: a line here is one command, and nothing of a shell.");
        assert_eq!(text(&error.document).trim_end(), want);
    }
    super::parse("nomad job dispatch -meta 'a=b | c' x").expect("a value may hold anything");
}

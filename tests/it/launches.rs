//! Jobs that start other jobs, from the terminal: periodic launches, dispatches, and scaling with
//! its history.

use yurt_engine::sim::digest;
use yurt_engine::{Cluster, ClusterConfig};
use yurt_model::{Duration, JobKey, JobStatus, Time};
use yurt_state::Store;
use yurt_workbench::session::Session;

use crate::terminal::type_line;

/// A batch job whose task ends after 3 s, or runs on when its image says nothing else.
fn job(id: &str, block: &str, image: &str) -> String {
    format!(
        "job \"{id}\" {{\n type = \"batch\"\n meta {{\n  place = \"home\"\n }}\n {block}\n \
         group \"work\" {{\n  task \"t\" {{\n   driver = \"docker\"\n   config {{\n    \
         image = \"{image}\"\n   }}\n  }}\n }}\n}}\n"
    )
}

fn periodic(crons: &str, more: &str) -> String {
    format!("periodic {{\n  crons = [{crons}]\n  {more}\n }}")
}

fn session() -> Session {
    let mut config = ClusterConfig::of_recordings(3);
    // Children are counted after days.
    config.collects_garbage = false;
    Session::on(Cluster::new(config).expect("a sound world"))
}

fn submit(session: &mut Session, text: &str) -> String {
    session.files.write("job.hcl", text);
    type_line(session, "nomad job run -detach job.hcl")
}

fn wait(session: &mut Session, seconds: i64) {
    session.advance_to(session.now() + Duration::from_secs(seconds));
}

fn children(store: &Store, id: &str) -> Vec<String> {
    let key = JobKey::in_default(id);
    let children = store.children_of(&key);
    children.map(|child| child.id().to_string()).collect()
}

/// The scheduled times of a job's children.
fn launched(store: &Store, id: &str) -> Vec<String> {
    let seconds = |child: &String| child.rsplit('-').next().and_then(|text| text.parse().ok());
    let children = children(store, id);
    let times = children.iter().filter_map(seconds);
    times
        .map(|seconds: i64| Time(seconds * 1_000_000_000).rfc3339())
        .collect()
}

fn counts(store: &Store, id: &str) -> (u64, u64, u64) {
    let summary = store.job_summary(&JobKey::in_default(id));
    summary
        .and_then(|summary| summary.children)
        .expect("a parent")
}

/// To a time of the day on which worlds begin: 2026-01-05.
fn until(session: &mut Session, clock: &str) {
    let parts = clock
        .split(':')
        .map(|part| part.parse::<i64>().expect("a number"));
    let seconds = 1_767_571_200 + parts.fold(0, |sum, part| sum * 60 + part);
    session.advance_to(Time(seconds * 1_000_000_000));
}

#[test]
fn a_periodic_job_is_launched_on_time_and_its_children_live_alone() {
    let mut session = session();
    let text = job(
        "tick",
        &periodic("\"*/10 * * * *\", \"5 10 * * *\"", ""),
        "a-batch:1",
    );
    assert_eq!(
        submit(&mut session, &text).lines().next(),
        Some("Job registration successful")
    );
    until(&mut session, "10:21:00");
    let hour = [
        "09:10", "09:20", "09:30", "09:40", "09:50", "10:00", "10:05", "10:10", "10:20",
    ];
    let want: Vec<String> = hour
        .iter()
        .map(|at| format!("2026-01-05T{at}:00Z"))
        .collect();
    assert_eq!(launched(session.store(), "tick"), want);
    assert_eq!(counts(session.store(), "tick"), (0, 0, 9));
    let child = children(session.store(), "tick").remove(0);
    let key = JobKey::in_default(&child);
    let child = session.store().job(&key).expect("listed").clone();
    assert_eq!((child.version, child.status), (0, JobStatus::Dead));
    assert!(child.spec.periodic.is_none() && child.spec.document["Periodic"].is_null());
    assert_eq!(&*child.spec.name, child.id().as_str());
    let evals = session.store().evals_of_job(&key);
    let triggers: Vec<&str> = evals.map(|eval| eval.triggered_by.as_str()).collect();
    assert_eq!(triggers, ["periodic-job"]);
    // Changed: launched by what it says now. The earlier children stay.
    submit(&mut session, &text.replace("*/10", "*/30"));
    until(&mut session, "11:01:00");
    assert_eq!(launched(session.store(), "tick").len(), 11);
    // Stopped: no more; the parent says so.
    type_line(&mut session, "nomad job stop -detach tick");
    until(&mut session, "13:00:00");
    assert_eq!(launched(session.store(), "tick").len(), 11);
    let status = type_line(&mut session, "nomad job status tick");
    assert!(status.contains("= dead (stopped)\n"), "{status}");
    assert!(
        status.contains("Next Periodic Launch = none (job stopped)\n"),
        "{status}"
    );
    // And started again.
    type_line(&mut session, "nomad job start -detach tick");
    until(&mut session, "13:31:00");
    assert_eq!(launched(session.store(), "tick").len(), 12);
    type_line(&mut session, "nomad job stop -purge -detach tick");
    until(&mut session, "15:00:00");
    assert_eq!(children(session.store(), "tick").len(), 12);
    assert!(session.store().job(&JobKey::in_default("tick")).is_none());
}

#[test]
fn a_launch_waits_for_the_one_before_where_overlap_is_prohibited() {
    let prohibited = periodic("\"*/10 * * * *\"", "prohibit_overlap = true");
    let mut session = session();
    submit(&mut session, &job("slow", &prohibited, "forever:1"));
    until(&mut session, "10:31:00");
    // Nothing is made up for later.
    assert_eq!(launched(session.store(), "slow"), ["2026-01-05T09:10:00Z"]);
    assert_eq!(counts(session.store(), "slow"), (0, 1, 0));
    // By force two may run.
    type_line(&mut session, "nomad job periodic force -detach slow");
    wait(&mut session, 2);
    assert_eq!(counts(session.store(), "slow"), (0, 2, 0));
    for child in children(session.store(), "slow") {
        type_line(&mut session, &format!("nomad job stop -detach {child}"));
    }
    until(&mut session, "10:41:00");
    assert_eq!(counts(session.store(), "slow"), (0, 1, 2));
    let launched = launched(session.store(), "slow");
    assert!(
        launched.contains(&"2026-01-05T10:40:00Z".to_owned()),
        "{launched:?}"
    );
}

#[test]
fn forcing_a_launch() {
    let mut session = session();
    submit(
        &mut session,
        &job(
            "off",
            &periodic("\"@daily\"", "enabled = false"),
            "a-batch:1",
        ),
    );
    submit(&mut session, &job("plain", "", "a-batch:1"));
    submit(
        &mut session,
        &job("never", &periodic("\"0 0 30 2 *\"", ""), "a-batch:1"),
    );
    let cases = [
        (
            "nomad job periodic force off",
            "Error forcing periodic job \"off\": Unexpected response code: 500 (can't force run \
             non-tracked job \"off\" (default))\n= 1",
        ),
        (
            "nomad job periodic force plain",
            "No periodic job(s) with prefix or ID \"plain\" found\n= 1",
        ),
    ];
    for (line, want) in cases {
        assert_eq!(type_line(&mut session, line), want, "{line}");
    }
    // A job that no time launches can be launched by hand; twice in one second it is one child.
    for _ in 0..2 {
        let text = type_line(&mut session, "nomad job periodic force -detach never");
        assert!(
            text.starts_with("Force periodic successful\nEvaluation ID: "),
            "{text}"
        );
    }
    assert_eq!(children(session.store(), "never").len(), 1);
    wait(&mut session, 400 * 86_400);
    assert_eq!(children(session.store(), "never").len(), 1);
    assert_eq!(counts(session.store(), "never"), (0, 0, 1));
    let status = type_line(&mut session, "nomad job status never");
    assert!(status.contains("Next Periodic Launch = none\n"), "{status}");
    let text = type_line(&mut session, "nomad job eval never");
    assert!(text.contains("can't evaluate periodic job"), "{text}");
}

#[test]
fn a_launch_by_the_clocks_of_a_place() {
    let mut session = session();
    let zone = periodic("\"0 11 * * *\"", "time_zone = \"Europe/Berlin\"");
    let text = submit(&mut session, &job("lunch", &zone, "a-batch:1"));
    let next = "Approximate next launch time: 2026-01-05T11:00:00+01:00 (";
    assert!(
        text.lines()
            .nth(1)
            .is_some_and(|line| line.starts_with(next)),
        "{text}"
    );
    until(&mut session, "10:00:01");
    assert_eq!(launched(session.store(), "lunch"), ["2026-01-05T10:00:00Z"]);
    let mars = periodic("\"0 11 * * *\"", "time_zone = \"Mars\"");
    let text = submit(&mut session, &job("mars", &mars, "a-batch:1"));
    assert!(
        text.contains("Invalid time zone \"Mars\": unknown time zone Mars"),
        "{text}"
    );
}

/// A copy of a cluster goes on by itself, and a journal played again launches the same.
#[test]
fn launches_survive_copies_and_replays() {
    let mut session = session();
    submit(
        &mut session,
        &job("tick", &periodic("\"*/10 * * * *\"", ""), "a-batch:1"),
    );
    submit(&mut session, &job("work", "parameterized {}", "a-batch:1"));
    type_line(&mut session, "nomad job dispatch -detach work");
    until(&mut session, "10:15:00");
    let mut copy = Session::on(session.cluster().clone());
    until(&mut session, "12:00:01");
    until(&mut copy, "12:00:01");
    let cluster = session.cluster();
    assert_eq!(launched(cluster.store(), "tick").len(), 18);
    assert_eq!(digest(copy.store()), digest(cluster.store()));
    let again: Cluster = cluster
        .journal()
        .replay(cluster.config().clone(), cluster.now())
        .expect("the world is in order");
    assert_eq!(digest(again.store()), digest(cluster.store()));
    assert_eq!(again.next_wakeup(), cluster.next_wakeup());
}

const RULES: &str = "parameterized {\n  payload = \"required\"\n  meta_required = [\"a\"]\n  \
                     meta_optional = [\"b\", \"place\"]\n }";

#[test]
fn what_may_not_be_dispatched() {
    let mut session = session();
    submit(&mut session, &job("work", RULES, "a-batch:1"));
    submit(
        &mut session,
        &job(
            "shy",
            "parameterized {\n  payload = \"forbidden\"\n }",
            "a-batch:1",
        ),
    );
    submit(&mut session, &job("over", "parameterized {}", "a-batch:1"));
    type_line(&mut session, "nomad job stop -detach over");
    session.files.write("in", "x");
    session.files.write("most", "x".repeat(16_384));
    session.files.write("much", "x".repeat(16_385));
    let cases = [
        (
            "work",
            "Payload is not provided but required by parameterized job",
        ),
        (
            "shy in",
            "Payload provided but forbidden by parameterized job",
        ),
        ("work much", "Payload exceeds maximum size; 16385 > 16384"),
        (
            "-meta b=1 -meta d=1 -meta c=1 work most",
            "Dispatch request included unpermitted metadata keys: [c d]",
        ),
        (
            "-meta b=1 work most",
            "Dispatch did not provide required meta keys: [a]",
        ),
        (
            "-priority 101 -meta a=1 work in",
            "dispatch job priority must be between [1, 100]",
        ),
        (
            "-priority -1 -meta a=1 work in",
            "dispatch job priority must be between [1, 100]",
        ),
        ("over", "Specified job \"over\" is stopped"),
    ];
    for (line, want) in cases {
        let text = type_line(&mut session, &format!("nomad job dispatch {line}"));
        let want = format!("Failed to dispatch job: Unexpected response code: 500 ({want})\n= 1");
        assert_eq!(text, want, "{line}");
    }
    assert!(children(session.store(), "work").is_empty());
}

#[test]
fn a_dispatched_child() {
    let mut session = session();
    submit(&mut session, &job("work", RULES, "a-batch:1"));
    session.files.write("in", "payload");
    let line = "nomad job dispatch -detach -meta a=1 -meta place=away -priority 70 \
                -idempotency-token t -id-prefix-template p work in";
    let text = type_line(&mut session, line);
    let id = children(session.store(), "work").remove(0);
    assert!(
        text.starts_with(&format!("Dispatched Job ID = {id}\nEvaluation ID     = ")),
        "{text}"
    );
    assert!(id.starts_with("work/dispatch-p-1767"), "{id}");
    // The same token again: the same child, and nothing new.
    assert_eq!(
        type_line(&mut session, line),
        format!("Dispatched Job ID = {id}")
    );
    let key = JobKey::in_default(&id);
    let child = session.store().job(&key).expect("dispatched").clone();
    assert_eq!(child.spec.priority, 70);
    assert_eq!(child.payload.as_deref(), Some(b"payload".as_slice()));
    let meta: Vec<_> = child
        .spec
        .meta
        .iter()
        .map(|(key, value)| (&**key, &**value))
        .collect();
    assert_eq!(meta, [("a", "1"), ("place", "away")]);
    assert!(child.dispatched && !child.is_parent() && child.spec.parameterized.is_some());
    assert_eq!(counts(session.store(), "work"), (1, 0, 0));
    wait(&mut session, 10);
    assert_eq!(counts(session.store(), "work"), (0, 0, 1));
    // It cannot be submitted over, nor dispatched; it can be stopped and started.
    let over = job(&id, "", "a-batch:1");
    assert_eq!(
        submit(&mut session, &over),
        "Error submitting job: Unexpected response code: 500 (field 'Dispatched' is read-only)\n\
         = 1"
    );
    let text = type_line(&mut session, &format!("nomad job dispatch {id}"));
    assert_eq!(
        text,
        format!("No parameterized job(s) with prefix or ID \"{id}\" found\n= 1")
    );
    type_line(&mut session, &format!("nomad job stop -detach {id}"));
    type_line(&mut session, &format!("nomad job start -detach {id}"));
    wait(&mut session, 10);
    let again = session.store().job(&key).expect("started");
    assert!(again.dispatched && !again.stop && again.version == 2);
    assert_eq!(counts(session.store(), "work"), (0, 0, 1));
    type_line(&mut session, &format!("nomad job stop -purge -detach {id}"));
    assert_eq!(counts(session.store(), "work"), (0, 0, 0));
}

/// A dispatched child of a job that is periodic too has no evaluation: it is launched by time.
#[test]
fn a_dispatched_child_may_be_periodic() {
    let mut session = session();
    let both = format!("parameterized {{}}\n {}", periodic("\"*/10 * * * *\"", ""));
    submit(&mut session, &job("both", &both, "a-batch:1"));
    until(&mut session, "10:01:00");
    assert!(children(session.store(), "both").is_empty());
    let text = type_line(&mut session, "nomad job dispatch both");
    let id = children(session.store(), "both").remove(0);
    assert_eq!(text, format!("Dispatched Job ID = {id}"));
    until(&mut session, "10:11:00");
    assert_eq!(launched(session.store(), &id), ["2026-01-05T10:10:00Z"]);
}

#[test]
fn scaling_and_its_history() {
    let mut session = session();
    let text = job("web", "", "forever:1").replace("\"batch\"", "\"service\"");
    let text = text.replace(
        "  task \"t\"",
        "  count = 2\n  scaling {\n   min = 1\n   max = 5\n  }\n  task \"t\"",
    );
    assert!(submit(&mut session, &text).starts_with("Job registration successful"));
    wait(&mut session, 1);
    let refused = |text: &str| {
        format!("Error submitting scaling request: Unexpected response code: 400 ({text})\n= 1")
    };
    let line = "nomad job scale -detach web 3";
    let blocked = refused("job scaling blocked due to active deployment");
    assert_eq!(type_line(&mut session, line), blocked);
    assert_eq!(
        type_line(&mut session, "nomad job scaling-events web"),
        "No events found"
    );
    wait(&mut session, 60);
    for (count, text) in [
        (
            6,
            "group count was greater than scaling policy maximum: 6 > 5",
        ),
        (0, "group count was less than scaling policy minimum: 0 < 1"),
    ] {
        let line = format!("nomad job scale -detach web work {count}");
        assert_eq!(type_line(&mut session, &line), refused(text));
    }
    assert!(type_line(&mut session, line).starts_with("Job scale successful"));
    wait(&mut session, 60);
    // The same count again is a version and an event too.
    assert!(type_line(&mut session, line).starts_with("Job scale successful"));
    let events = type_line(&mut session, "nomad job scaling-events web");
    let rows: Vec<Vec<&str>> = events
        .lines()
        .map(|row| row.split_whitespace().collect())
        .collect();
    let rows: Vec<_> = rows
        .iter()
        .skip(1)
        .map(|row| (row[0], row[1], row[2]))
        .collect();
    assert_eq!(rows, [("work", "3", "3"), ("work", "3", "2")]);
    let job = session
        .store()
        .job(&JobKey::in_default("web"))
        .expect("there");
    assert_eq!(job.version, 2);
    let verbose = type_line(&mut session, "nomad job scaling-events -verbose web");
    assert!(
        verbose.contains("  false  submitted using the Nomad CLI  "),
        "{verbose}"
    );
}

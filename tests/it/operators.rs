//! What operators ask of a cluster at the terminal: a broker that pauses, a node told whole, asks
//! that no machine can meet.

use yurt_engine::{Cluster, ClusterConfig};
use yurt_model::Duration;
use yurt_workbench::session::Session;

use crate::terminal::type_line;

fn session() -> Session {
    Session::on(Cluster::new(ClusterConfig::of_recordings(3)).expect("a sound world"))
}

fn task(name: &str, resources: &str) -> String {
    format!(
        "  task \"{name}\" {{\n   driver = \"docker\"\n   config {{\n    image = \"x:1\"\n   }}\n   \
         resources {{\n    {resources}\n   }}\n  }}\n"
    )
}

fn submit(session: &mut Session, id: &str, priority: i64, group: &str) {
    let job = format!("job \"{id}\" {{\n priority = {priority}\n group \"g\" {{\n{group} }}\n}}\n");
    session.files.write("job.hcl", job);
    let told = type_line(session, "nomad job run -detach job.hcl");
    assert!(told.contains("Evaluation ID"), "{told}");
}

fn wait(session: &mut Session, seconds: i64) {
    session.advance_to(session.now() + Duration::from_secs(seconds));
}

/// The evaluations by job and status, newest first.
fn evals(session: &mut Session) -> Vec<String> {
    let list = type_line(session, "nomad eval list");
    let rows = list.lines().skip(1).map(|line| line.split("  "));
    let cells = rows.map(|row| row.map(str::trim).filter(|cell| !cell.is_empty()).collect());
    cells
        .map(|cells: Vec<&str>| format!("{} {} {}", cells[3], cells[2], cells[6]))
        .collect()
}

/// Evaluations are stored while the broker is paused, and processed in the order of their
/// priority once it is not (spec: scheduling 3, rule 9).
#[test]
fn a_paused_broker_keeps_evaluations() {
    let mut session = session();
    let set = "nomad operator scheduler set-config -pause-eval-broker";
    type_line(&mut session, set);
    let get = "nomad operator scheduler get-config";
    let paused = type_line(&mut session, get);
    assert!(
        paused.contains("Pause Eval Broker                 = true"),
        "{paused}"
    );
    submit(&mut session, "low", 20, &task("t", "cpu = 10"));
    submit(&mut session, "high", 80, &task("t", "cpu = 10"));
    wait(&mut session, 60);
    let waiting = ["high job-register pending", "low job-register pending"];
    assert_eq!(evals(&mut session), waiting);
    assert_eq!(session.store().alloc_count(), 0);
    // Nothing but the configuration's own writes moves its index.
    assert_eq!(type_line(&mut session, get), paused);
    type_line(&mut session, &format!("{set}=false"));
    wait(&mut session, 1);
    let done = ["high job-register complete", "low job-register complete"];
    assert_eq!(evals(&mut session), done);
    let mut allocs: Vec<_> = session.store().allocs().collect();
    allocs.sort_by_key(|alloc| alloc.create_index);
    let order: Vec<_> = allocs
        .iter()
        .map(|alloc| alloc.name().to_string())
        .collect();
    assert_eq!(order, ["high.g[0]", "low.g[0]"]);
}

/// What a constraint may name stands in what is told of a node, and where its story begins.
#[test]
fn a_node_is_told_whole() {
    let mut session = session();
    let id = session.store().nodes().next().expect("five of them").id;
    let short = type_line(&mut session, &format!("nomad node status {}", id.short()));
    let whole = type_line(&mut session, &format!("nomad node status -verbose {id}"));
    for (line, is_short) in [
        ("Host Volumes    = <none>", true),
        ("2026-01-05T09:00:00Z  Cluster    Node registered", true),
        ("kernel.name             = linux", false),
        ("rack = r", false),
    ] {
        assert_eq!(short.contains(line), is_short, "{line}: {short}");
        assert!(whole.contains(line), "{line}: {whole}");
    }
}

/// Two tasks that each ask for more than there is anywhere do not become nothing together.
#[test]
fn asks_beyond_any_machine_fit_nowhere() {
    let most = i64::MAX;
    let (main, before) = (
        task("main", &format!("cpu = {most}\n    memory = {most}")),
        task("other", &format!("cpu = {most}\n    memory = {most}")),
    );
    let disk = format!("  ephemeral_disk {{\n   size = {most}\n  }}\n  count = 3\n");
    let cores = task("main", &format!("cores = {most}"));
    for (group, dimension) in [
        (main + &before, "cpu"),
        (disk + &task("main", "cpu = 10"), "disk"),
        (cores, "cores"),
    ] {
        let mut session = session();
        submit(&mut session, "greedy", 50, &group);
        wait(&mut session, 5);
        let told = type_line(&mut session, "nomad job status greedy");
        let want = format!("* Dimension \"{dimension}\" exhausted on 5 nodes");
        assert!(told.contains(&want), "{told}");
    }
}

/// The longest times and the largest numbers that a job may name are numbers as others are: what
/// follows from them neither ends the simulation nor turns into its opposite.
#[test]
fn the_largest_values_do_no_harm() {
    let (most, longest) = (i64::MAX, "\"2562047h47m16.854775807s\"");
    let update = format!("update {{\n canary = {most}\n max_parallel = {most}\n }}");
    let restart = |attempts: i64, mode: &str| {
        format!(
            "restart {{\n attempts = {attempts}\n interval = {longest}\n delay = {longest}\n \
             mode = \"{mode}\"\n }}"
        )
    };
    let checks = format!(
        "network {{\n port \"a\" {{}}\n }}\n service {{\n provider = \"nomad\"\n port = \"a\"\n \
         check {{\n type = \"tcp\"\n interval = {longest}\n timeout = {longest}\n \
         check_restart {{\n limit = {most}\n grace = {longest}\n }}\n }}\n }}"
    );
    let disconnect = format!("disconnect {{\n lost_after = {longest}\n }}");
    let delay = format!("shutdown_delay = {longest}");
    // The type, what its group says, the image; what its first allocation is after two minutes.
    for (kind, block, image, want) in [
        ("system", update.as_str(), "x:1", "running"),
        ("service", &update, "x:1", "running"),
        ("service", &restart(1, "fail"), "x:1-crash", "pending"),
        ("batch", &restart(1, "delay"), "x:1-crash", "pending"),
        ("service", &checks, "x:1", "running"),
        ("service", &disconnect, "x:1", "running"),
        ("service", &delay, "x:1", "running"),
    ] {
        let mut session = session();
        for image in [image.to_string(), format!("again-{image}")] {
            let job = format!(
                "job \"j\" {{\n type = \"{kind}\"\n group \"g\" {{\n {block}\n{} }}\n}}\n",
                task("t", "cpu = 10").replace("x:1", &image)
            );
            session.files.write("job.hcl", job);
            let told = type_line(&mut session, "nomad job run -detach job.hcl");
            assert!(told.contains("Evaluation ID"), "{block}: {told}");
            wait(&mut session, 120);
            let first = session
                .store()
                .allocs()
                .min_by_key(|alloc| alloc.create_index);
            if !image.starts_with("again") {
                let status = first.expect("it is placed").client_status;
                assert_eq!(status.as_str(), want, "{block}");
            }
        }
        type_line(&mut session, "nomad job stop -detach j");
        wait(&mut session, 120);
    }
}

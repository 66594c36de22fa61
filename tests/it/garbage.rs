//! What is forgotten, and when: by servers every five minutes, and by `nomad system gc`.

use yurt_model::{Duration, EvalId, JobKey, NodeStatus, Release};
use yurt_workbench::session::Session;

const HOUR: i64 = 3600;

fn job(id: &str, kind: &str, image: &str, block: &str) -> String {
    format!(
        "job \"{id}\" {{\n type = \"{kind}\"\n group \"g\" {{\n {block}\n task \"t\" {{\n \
         driver = \"docker\"\n config {{\n image = \"{image}\"\n }}\n }}\n }}\n}}\n"
    )
}

struct Story(Session);

impl Story {
    fn new() -> Self {
        Self(Session::new(5, Release::V2_0))
    }

    fn run(&mut self, text: &str) {
        self.0.files.write("job.hcl", text);
        let printed = self.line("nomad job run -detach job.hcl");
        assert!(printed.contains("registration successful"), "{printed}");
        self.wait(120);
    }

    fn line(&mut self, line: &str) -> String {
        let printed = self.0.execute(line);
        let lines: Vec<String> = printed.document.iter().map(|line| line.text()).collect();
        lines.join("\n")
    }

    fn wait(&mut self, seconds: i64) {
        self.0
            .advance_to(self.0.now() + Duration::from_secs(seconds));
    }

    /// How much there is of a job: itself, evaluations, allocations, deployments.
    fn left(&self, id: &str) -> (bool, usize, usize, usize) {
        let (store, key) = (self.0.store(), JobKey::in_default(id));
        (
            store.job(&key).is_some(),
            store.evals_of_job(&key).count(),
            store.allocs_of_job(&key).count(),
            store.deployments_of_job(&key).count(),
        )
    }
}

/// SC-170: a stopped service goes with all that it left, four hours after the stop.
#[test]
fn a_stopped_service_is_forgotten_after_four_hours() {
    let mut story = Story::new();
    story.run(&job("web", "service", "web:1", "count = 2"));
    assert_eq!(story.left("web"), (true, 2, 2, 1));
    story.wait(5 * HOUR);
    // It runs: kept are the evaluation and the deployment of what runs.
    assert_eq!(story.left("web"), (true, 1, 2, 1));
    story.line("nomad job stop -detach web");
    story.wait(4 * HOUR - 60);
    assert!(story.left("web").0, "not yet");
    story.wait(10 * 60);
    assert_eq!(story.left("web"), (false, 0, 0, 0));
}

/// SC-170: what a batch job has done stays as long as the job; an earlier version's work does not.
#[test]
fn a_batch_job_that_runs_keeps_what_it_has_done() {
    let mut story = Story::new();
    let block = "count = 1";
    story.run(&job("sum", "batch", "a-batch:1", block));
    let second =
        "count = 2\n task \"long\" {\n driver = \"docker\"\n config {\n image = \"x:1\"\n }\n }";
    story.run(&job("sum", "batch", "a-batch:1", second));
    let of_version = |story: &Story, version| {
        let allocs = story.0.store().allocs_of_job(&JobKey::in_default("sum"));
        allocs.filter(|alloc| alloc.job.version == version).count()
    };
    assert_eq!((of_version(&story, 0), of_version(&story, 1)), (1, 2));
    story.wait(30 * HOUR);
    assert_eq!((of_version(&story, 0), of_version(&story, 1)), (0, 2));
}

/// SC-171: a node that is down goes after a day, once nothing there may come back.
#[test]
fn a_node_that_is_down_is_forgotten_after_a_day() {
    let mut story = Story::new();
    let lost = "disconnect {\n lost_after = \"40h\"\n }";
    story.run(&job("far", "service", "far:1", lost));
    let alloc = story.0.store().allocs().next().expect("placed").clone();
    let nodes = story.0.store().node_count();
    let others: Vec<_> = story.0.store().nodes().map(|node| node.id).collect();
    let other = others
        .into_iter()
        .find(|id| *id != alloc.node_id)
        .expect("five");
    for id in [alloc.node_id, other] {
        let name = story.0.store().node(id).expect("there").name.clone();
        assert!(story.0.set_node_up(&name, false));
    }
    story.wait(25 * HOUR);
    assert!(story.0.store().node(other).is_none(), "nothing was there");
    assert!(
        story.0.store().node(alloc.node_id).is_some(),
        "something may come back"
    );
    story.wait(41 * HOUR);
    let node = story.0.store().node(alloc.node_id);
    assert_eq!(node.map(|node| node.status), None::<NodeStatus>);
    assert_eq!(story.0.store().node_count(), nodes - 2);
    // Its machine starts again: it registers as a new one would.
    assert!(story.0.set_node_up(&alloc.node_name, true));
    story.wait(10);
    let node = story.0.store().node(alloc.node_id);
    assert_eq!(node.map(|node| node.status), Some(NodeStatus::Ready));
}

/// SC-172, SC-173: at once by hand, but not while a tag keeps it.
#[test]
fn system_gc_forgets_at_once_what_has_ended() {
    let mut story = Story::new();
    story.run(&job("web", "service", "web:1", ""));
    story.run(&job("kept", "service", "web:1", ""));
    assert_eq!(story.line("nomad system gc"), "");
    assert_eq!(
        story.left("web"),
        (true, 1, 1, 1),
        "what runs keeps all that it names"
    );
    story.line("nomad job stop -detach web");
    story.wait(60);
    story.line("nomad system gc");
    assert_eq!(story.left("web"), (false, 0, 0, 0));
    assert!(story.left("kept").0);
    let text = story.line("nomad system gc now");
    assert!(text.contains("This command takes no arguments"), "{text}");
}

/// What is forgotten leaves no name behind that a command stumbles over.
#[test]
fn commands_survive_what_was_forgotten() {
    let mut story = Story::new();
    story.run(&job("web", "service", "web:1", "count = 3"));
    story.run(&job("web", "service", "web:2", "count = 3"));
    story.run(&job("web", "service", "web:2", "count = 4"));
    story.wait(HOUR);
    story.line("nomad system gc");
    // What the first version made is gone; what runs keeps the deployment that it names.
    assert!((1..3).contains(&story.left("web").3));
    assert!(story.0.store().allocs().all(|alloc| !alloc.is_terminal()));
    let allocs: Vec<String> = story.0.store().allocs().map(|a| a.id.to_string()).collect();
    let evals: Vec<EvalId> = story.0.store().evals().map(|eval| eval.id).collect();
    assert_eq!(allocs.len(), 4);
    let mut lines: Vec<String> = allocs
        .iter()
        .map(|id| format!("nomad alloc status -verbose {id}"))
        .collect();
    lines.extend(
        evals
            .iter()
            .map(|id| format!("nomad eval status -verbose {id}")),
    );
    for line in [
        "job status",
        "job history -p",
        "job deployments",
        "job allocs",
        "job inspect",
    ] {
        lines.push(format!("nomad {line} web"));
    }
    for line in lines {
        let printed = story.0.execute(&line);
        assert!(matches!(printed.status, Some(0) | None), "{line}");
    }
}

/// A periodic job's children go when their day has come, the parent's counts with them.
#[test]
fn children_do_not_pile_up() {
    let mut story = Story::new();
    let text = job("tick", "batch", "a-batch:1", "").replacen(
        "group",
        "periodic {\n crons = [\"*/10 * * * *\"]\n }\n group",
        1,
    );
    story.run(&text);
    story.wait(12 * HOUR);
    let key = JobKey::in_default("tick");
    let store = story.0.store();
    let children = store.children_of(&key).count();
    assert!(
        (24..=26).contains(&children),
        "four hours of six: {children}"
    );
    let counts = store.job_summary(&key).and_then(|summary| summary.children);
    assert_eq!(counts.map(|(_, _, dead)| dead), Some(children as u64));
}

//! What a person sees of clients: tasks in their order, orders to them, services and their tags.
//! Each scenario is played on the cluster of the recordings, and told as the lines that matter.

use yurt_model::{Duration, Release};
use yurt_workbench::session::Session;

use crate::terminal::type_line;

/// An init task, a sidecar, a main task, and one that cleans up.
const LIFECYCLE: &str = r#"
job "life" {
  group "g" {
    shutdown_delay = "4s"
    task "init" {
      driver = "mock_driver"
      config { run_for = "1s" }
      lifecycle { hook = "prestart" }
    }
    task "proxy" {
      driver = "docker"
      config { image = "proxy:1" }
      lifecycle {
        hook    = "prestart"
        sidecar = true
      }
    }
    task "web" {
      driver = "docker"
      config { image = "web:1" }
      restart { delay = "0s" }
      shutdown_delay = "2s"
    }
    task "clean" {
      driver = "mock_driver"
      config { run_for = "1s" }
      lifecycle { hook = "poststop" }
    }
  }
}
"#;

/// Blue and green by tags.
const TAGGED: &str = r#"
job "tagged" {
  group "g" {
    count = 2
    update {
      canary           = 1
      min_healthy_time = "1s"
    }
    network {
      port "http" {}
    }
    service {
      name        = "tagged"
      port        = "http"
      provider    = "nomad"
      tags        = ["blue"]
      canary_tags = ["green"]
    }
    task "web" {
      driver = "docker"
      config { image = "web:1" }
    }
  }
}
"#;

struct Desk(Session);

impl Desk {
    fn running(name: &str, source: &str) -> Self {
        let mut desk = Self(Session::new(1, Release::V2_0));
        desk.0.files.write(name, source);
        desk.run(name);
        desk
    }

    fn run(&mut self, name: &str) {
        let printed = type_line(&mut self.0, &format!("nomad job run -detach {name}"));
        assert!(printed.contains("Job registration successful"), "{printed}");
        self.pass(20);
    }

    fn pass(&mut self, seconds: i64) {
        let until = self.0.now() + Duration::from_secs(seconds);
        self.0.advance_to(until);
    }

    /// The beginning of the id of a job's only allocation.
    fn alloc(&mut self, job: &str) -> String {
        let printed = type_line(&mut self.0, &format!("nomad job allocs {job}"));
        let row = printed.lines().nth(1).expect("an allocation");
        row.split(' ').next().expect("an id").to_owned()
    }

    /// The events of all tasks, newest first, without their times.
    fn events(&mut self, alloc: &str) -> Vec<String> {
        let printed = type_line(&mut self.0, &format!("nomad alloc status {alloc}"));
        let mut told = Vec::new();
        for line in printed.lines() {
            if line.starts_with("Task \"") {
                told.push(line.to_owned());
            } else if line.starts_with("20") {
                let words: Vec<&str> = line.split("  ").filter(|word| !word.is_empty()).collect();
                told.push(format!("  {}", words[1..].join(": ").replace(":  ", ": ")));
            }
        }
        told
    }
}

#[test]
fn the_life_of_tasks_can_be_read() {
    let mut desk = Desk::running("life.nomad.hcl", LIFECYCLE);
    let alloc = desk.alloc("life");
    type_line(&mut desk.0, "nomad job stop -detach life");
    desk.pass(20);
    let told = desk.events(&alloc).join("\n");
    let want = r#"Task "init" (prestart) is "dead"
  Terminated: Exit Code: 0
  Started: Task started by client
  Task Setup: Building Task Directory
  Received: Task received by client
Task "proxy" (prestart sidecar) is "dead"
  Killed: Task successfully killed
  Terminated: Exit Code: 0
  Killing: Sent interrupt. Waiting 5s before force killing
  Main Tasks Dead: Main tasks in the group died
  Started: Task started by client
  Task Setup: Building Task Directory
  Received: Task received by client
Task "web" is "dead"
  Killed: Task successfully killed
  Terminated: Exit Code: 0
  Waiting for shutdown delay: Waiting for shutdown_delay of 2s before killing the task.
  Killing: Sent interrupt. Waiting 5s before force killing
  Started: Task started by client
  Task Setup: Building Task Directory
  Received: Task received by client
Task "clean" (poststop) is "dead"
  Terminated: Exit Code: 0
  Started: Task started by client
  Task Setup: Building Task Directory
  Received: Task received by client"#;
    assert_eq!(told, want);
}

#[test]
fn orders_to_clients_are_answered() {
    let mut desk = Desk::running("life.nomad.hcl", LIFECYCLE);
    let alloc = desk.alloc("life");
    let cases = [
        ("alloc restart ALLOC", ""),
        ("alloc restart -task web ALLOC", ""),
        (
            "alloc restart ALLOC init",
            "Failed to restart allocation:\n\nUnexpected response code: 500 (Task not running)\n= 1",
        ),
        (
            "alloc restart ALLOC nope",
            "Could not find task named: nope, found:\n* init\n* proxy\n* web\n* clean\n= 1",
        ),
        ("alloc restart -all-tasks ALLOC", ""),
        ("alloc signal -s SIGHUP ALLOC web", ""),
        ("alloc signal -task web ALLOC", ""),
        (
            "alloc signal -s SIGHUP ALLOC",
            "Error signalling allocation: Unexpected response code: 500 (rpc error: 1 error \
             occurred:\n\t* Failed to signal task: init, err: Task not running)\n= 1",
        ),
        (
            "alloc signal ALLOC nope",
            "Could not find task named: nope, found:\n* init\n* proxy\n* web\n* clean\n= 1",
        ),
    ];
    for (line, want) in cases {
        let line = format!("nomad {}", line.replace("ALLOC", &alloc));
        assert_eq!(type_line(&mut desk.0, &line), want, "{line}");
        desk.pass(20);
    }
    let told = desk.events(&alloc).join("\n");
    for text in [
        "Task being sent signal SIGHUP",
        "Task being sent signal SIGKILL",
        "Exit Code: 137, Signal: 9",
        "User requested all tasks to restart",
    ] {
        assert!(told.contains(text), "{text}\n{told}");
    }
}

/// Tags of a service while its allocation is a canary, and after its promotion.
#[test]
fn tags_change_at_promotion() {
    let mut desk = Desk::running("tagged.nomad.hcl", TAGGED);
    let tags = |desk: &mut Desk| -> Vec<String> {
        let printed = type_line(&mut desk.0, "nomad service info tagged");
        let rows = printed.lines().skip(1);
        let mut tags: Vec<String> = rows
            .map(|row| row.split_whitespace().nth(2).unwrap_or("").to_owned())
            .collect();
        tags.sort_unstable();
        tags
    };
    let listed = |desk: &mut Desk| type_line(&mut desk.0, "nomad service list");
    assert_eq!(tags(&mut desk), ["[blue]", "[blue]"]);
    desk.0
        .files
        .write("tagged.nomad.hcl", TAGGED.replace("web:1", "web:2"));
    desk.run("tagged.nomad.hcl");
    assert_eq!(tags(&mut desk), ["[blue]", "[blue]", "[green]"]);
    assert!(
        listed(&mut desk).contains("[blue,green]"),
        "{}",
        listed(&mut desk)
    );
    let printed = type_line(&mut desk.0, "nomad job promote -detach tagged");
    assert!(!printed.contains("= 1"), "{printed}");
    desk.pass(1);
    assert!(
        !tags(&mut desk).contains(&"[green]".to_owned()),
        "the canary is none any more"
    );
    desk.pass(60);
    assert_eq!(tags(&mut desk), ["[blue]", "[blue]"]);
}

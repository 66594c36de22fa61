//! Pairs of jobs and what a plan prints of the change (`tests/corpus/pairs`): one runs in a
//! cluster, the other is planned there. The expectation was written from the specification.
//!
//! Belongs here: the form of such a case, and the way from it to the printed plan.

use yurt_engine::{Cluster, ClusterConfig};
use yurt_model::{Duration, HostVolume};
use yurt_workbench::session::{DEFAULT_SEED, Printed, Session};

use super::cases::Case;

/// What the job file is called.
const FILE: &str = "docs.nomad.hcl";
/// How long the old job has until it is compared.
const SETTLING: Duration = Duration::from_secs(900);
/// At least so many pairs: they may only become more.
const PAIRS: usize = 130;
/// What a dry run says unless the case says otherwise.
const ALL_PLACED: &str = "- All tasks successfully allocated.";
/// The first line of most differences, which cases leave out.
const HEAD: &str = "+/- Job: \"docs\"\n";

const SECTIONS: [&str; 14] = [
    "job",
    "in job",
    "in group",
    "in task",
    "new job",
    "new in job",
    "new in group",
    "new in task",
    "edit",
    "nothing",
    "do",
    "flags",
    "dry run",
    "whole",
];

/// Every pair, with the file it stands in.
pub fn pairs() -> Vec<Case> {
    super::folder("pairs")
}

/// Five equal nodes that have what any job of these cases asks for.
pub fn session() -> Session {
    let mut config = ClusterConfig::of_recordings(DEFAULT_SEED);
    for node in &mut config.nodes {
        node.node_class = "".into();
        node.meta.clear();
        node.attributes.remove("nomad.advertise.address");
        for volume in ["d", "e"] {
            let volume_of_host = HostVolume { read_only: false };
            node.host_volumes.insert(volume.into(), volume_of_host);
        }
        for (name, value) in [
            ("consul.version", "1.20.0"),
            ("consul.grpc", "8502"),
            ("vault.version", "1.18.0"),
            ("plugins.cni.version.bridge", "1.6.0"),
            ("plugins.cni.version.firewall", "1.6.0"),
            ("plugins.cni.version.host-local", "1.6.0"),
            ("plugins.cni.version.loopback", "1.6.0"),
            ("plugins.cni.version.portmap", "1.6.0"),
            ("os.signals", "SIGHUP,SIGINT,SIGTERM,SIGUSR1"),
        ] {
            node.attributes.insert(name.into(), value.into());
        }
    }
    Session::on(Cluster::new(config).expect("a world"))
}

/// Lets so much time pass.
fn sleep(session: &mut Session, length: Duration) {
    session.advance_to(session.now() + length);
}

/// The job file of one side. A section that the new side lacks is as on the old one. Unless the
/// case says otherwise the group has three allocations and the task an image.
pub fn side(case: &Case, new: bool) -> String {
    let part = |name: &str| {
        let changed = case.section(&format!("new {name}")).filter(|_| new);
        changed.or(case.section(name)).unwrap_or("")
    };
    if !part("job").is_empty() {
        return format!("{}\n", part("job"));
    }
    let (job, group, task) = (part("in job"), part("in group"), part("in task"));
    let unless = |text: &str, word: &str, line: &'static str| match text.contains(word) {
        true => "",
        false => line,
    };
    let count = unless(group, "count =", "count = 3\n");
    let image = unless(task, "config {", "config {\nimage = \"echo:1\"\n}\n");
    let driver = unless(task, "driver =", "driver = \"docker\"\n");
    format!(
        "job \"docs\" {{\n{job}\ngroup \"api\" {{\n{count}{group}\ntask \"server\" \
         {{\n{driver}{image}{task}\n}}\n}}\n}}\n"
    )
}

/// One line of `do`: a command, time that passes, a node that fails, a change of the job file.
fn step(session: &mut Session, line: &str) -> Result<(), String> {
    if line.starts_with("nomad ") {
        let printed = session.execute(line);
        return match printed.status {
            Some(1 | 255) => Err(format!("{line}: {}", text(&printed))),
            _ => Ok(()),
        };
    }
    let done = match line.split_once(' ') {
        Some(("sleep", length)) => {
            sleep(
                session,
                Duration::parse(length).map_err(|_| line.to_owned())?,
            );
            true
        }
        Some(("node-down", name)) => session.set_node_up(name, false),
        Some(("edit", change)) => {
            let (old, new) = change.split_once(" | ").unwrap_or_default();
            session.files.replace(FILE, old, &new.replace("\\n", "\n"))
        }
        _ => false,
    };
    done.then_some(()).ok_or(format!("cannot {line}"))
}

fn text(printed: &Printed) -> String {
    let lines: Vec<String> = printed.document.iter().map(|line| line.text()).collect();
    lines.join("\n").replace('\u{1b}', "^[")
}

/// The plan of a case: what was printed and the status.
pub fn plan(case: &Case) -> Result<(String, i32), String> {
    let mut session = session();
    if case.section("nothing").is_none() {
        session.files.write(FILE, side(case, false));
        step(&mut session, &format!("nomad job run -detach {FILE}"))?;
        sleep(&mut session, SETTLING);
    }
    for line in case.lines("do") {
        step(&mut session, line)?;
    }
    session.files.write(FILE, side(case, true));
    for line in case.lines("edit") {
        step(&mut session, &format!("edit {line}"))?;
    }
    let flags = case.section("flags").unwrap_or("");
    let printed = session.execute(&format!("nomad job plan {flags} {FILE}"));
    Ok((text(&printed), printed.status.unwrap_or(-1)))
}

/// Indexes are whatever the cluster had.
fn without_index(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let names_one = line.contains("Job Modify Index: ") || line.contains(" -check-index ");
        match names_one {
            true => index_hidden(line),
            false => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The first number behind the words about an index, as `#`.
fn index_hidden(line: &str) -> String {
    let words = ["Index: ", "-check-index "];
    let start = words
        .iter()
        .find_map(|word| line.find(word).map(|at| at + word.len()));
    let (before, rest) = line.split_at(start.unwrap_or(0));
    format!(
        "{before}#{}",
        rest.trim_start_matches(|c: char| c.is_ascii_digit())
    )
}

/// The difference, and what the dry run found.
fn parts(printed: &str) -> (&str, &str) {
    const TITLE: &str = "Scheduler dry-run:\n";
    let Some((difference, rest)) = printed.split_once(TITLE) else {
        return (printed, ALL_PLACED);
    };
    let found = rest.split("\n\nJob ").next().unwrap_or("");
    let difference = difference.trim_end_matches('\n');
    (difference.strip_prefix(HEAD).unwrap_or(difference), found)
}

fn problem(case: &Case) -> Result<(), String> {
    let known = |name: &&str| SECTIONS.contains(name) || name.starts_with("plan ");
    if let Some(name) = case.names().find(|name| !known(name)) {
        return Err(format!("there is no section called {name}"));
    }
    let (printed, status) = plan(case)?;
    let (want_status, want) = case
        .named("plan ")
        .next()
        .ok_or("what the plan prints has to be said")?;
    let (difference, found) = parts(&printed);
    let printed = without_index(&printed);
    let mut pairs = vec![(want_status, status.to_string())];
    if case.section("whole").is_some() {
        pairs.push((want, printed));
    } else {
        pairs.push((want, difference.to_owned()));
        pairs.push((
            case.section("dry run").unwrap_or(ALL_PLACED),
            found.to_owned(),
        ));
    }
    match pairs.into_iter().find(|(want, got)| want != got) {
        Some((want, got)) => Err(format!("--- wanted\n{want}\n--- got\n{got}\n---")),
        None => Ok(()),
    }
}

#[test]
fn every_pair_is_planned_as_the_specification_says() {
    let pairs = pairs();
    let mut wrong = Vec::new();
    for case in &pairs {
        if let Err(text) = problem(case) {
            wrong.push(format!("{}: {}: {text}", case.file, case.name));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n{} of {}",
        wrong.join("\n"),
        wrong.len(),
        pairs.len()
    );
    assert!(pairs.len() >= PAIRS, "{} pairs", pairs.len());
}

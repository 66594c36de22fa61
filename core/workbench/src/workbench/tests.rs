//! Goal: what a page sees of the workbench. Method: actions in, reactions out.

use super::*;

const ALL: [Topic; 3] = [Topic::Cluster, Topic::Deployment, Topic::Job];

fn opened() -> Workbench {
    let mut workbench = Workbench::opening();
    workbench.dispatch(Action::Subscribe {
        topics: ALL.to_vec(),
    });
    workbench
}

fn execute(workbench: &mut Workbench, line: &str) -> Reaction {
    workbench.dispatch(Action::Execute { line: line.into() });
    workbench.take_reaction()
}

fn advance(workbench: &mut Workbench, seconds: u64) -> Reaction {
    workbench.dispatch(Action::Advance {
        milliseconds: seconds * 1000,
    });
    workbench.take_reaction()
}

fn edit(workbench: &mut Workbench, from: &str, to: &str) {
    let text = OPENING_JOB.replace(from, to);
    assert_ne!(text, OPENING_JOB);
    workbench.dispatch(Action::SetFile {
        name: OPENING_FILE.into(),
        text,
    });
}

fn text(lines: &[Line]) -> String {
    let lines: Vec<String> = lines.iter().map(Line::text).collect();
    lines.join("\n")
}

#[test]
fn a_fresh_page_shows_the_guides_job_running() {
    let mut workbench = opened();
    let reaction = workbench.take_reaction();
    let deployment = reaction.deployment.flatten().expect("a deployment");
    assert_eq!(deployment.status, "successful");
    let cluster = reaction.cluster.expect("subscribed");
    let running = cluster.nodes.iter().flat_map(|node| &node.allocations);
    assert_eq!(
        running
            .filter(|alloc| alloc.client_status == "running")
            .count(),
        5
    );
    assert_eq!(reaction.job.flatten().map(|job| job.version), Some(0));
    assert!(text(&reaction.terminal).starts_with("$ nomad job run -detach docs.nomad.hcl\n"));
    let quiet = workbench.take_reaction();
    assert_eq!(
        (quiet.cluster, quiet.deployment),
        (None, None),
        "nothing changed"
    );
}

#[test]
fn the_guide_by_buttons() {
    let mut workbench = opened();
    edit(&mut workbench, "api-server:1.3", "api-server:1.4");
    let planned = execute(&mut workbench, "nomad job plan docs.nomad.hcl");
    let plan = planned.plan.flatten().expect("a plan");
    assert_eq!(plan.sentence, "5 canaries, 5 left alone.");
    assert_eq!(planned.exit_status, Some(1));
    let image = plan
        .diff
        .iter()
        .find(|line| line.line.text().contains("image:"));
    let place = image
        .and_then(|line| line.place)
        .expect("it is in the file");
    assert!(OPENING_JOB[place.byte as usize..].starts_with("image = "));
    assert!(!planned.plan_outdated);
    assert!(
        !advance(&mut workbench, 5).plan_outdated,
        "nothing happened"
    );
    let ran = execute(&mut workbench, &plan.run_command);
    assert!(ran.following && ran.plan_outdated);
    let again = execute(&mut workbench, "nomad job plan docs.nomad.hcl");
    assert!(!again.plan_outdated);
    execute(&mut workbench, "nomad job run docs.nomad.hcl");
    let waiting = advance(&mut workbench, 60);
    let deployment = waiting.deployment.flatten().expect("a deployment");
    assert!(deployment.waiting_for_person, "{deployment:#?}");
    let promote = deployment.promote.command.expect("it can be promoted");
    let promoted = execute(&mut workbench, &promote);
    assert!(text(&promoted.terminal).starts_with("^C\n$ nomad deployment promote "));
    let done = advance(&mut workbench, 60);
    assert_eq!(done.exit_status, Some(0));
    assert!(!done.following);
    let deployment = done.deployment.flatten().expect("a deployment");
    assert_eq!(deployment.status, "successful");
}

#[test]
fn a_journal_brings_everything_back() {
    let mut workbench = opened();
    edit(&mut workbench, "api-server:1.3", "api-server:1.4");
    execute(&mut workbench, "nomad job run docs.nomad.hcl");
    advance(&mut workbench, 7);
    workbench.dispatch(Action::Interrupt);
    workbench.dispatch(Action::StepEvent);
    let journal = workbench.journal_text();
    let mut again = opened();
    execute(&mut again, "nomad job stop -purge docs");
    let before = again.take_reaction().revision;
    again.dispatch(Action::Restore { journal });
    assert_eq!(again.journal_text(), workbench.journal_text());
    let digest = |workbench: &Workbench| yurt_engine::sim::digest(workbench.session().store());
    assert_eq!(digest(&again), digest(&workbench));
    let (a, b) = (again.take_reaction(), workbench.take_reaction());
    assert_eq!(a.now_ns, b.now_ns);
    assert!(a.cluster.is_some(), "the page gets everything anew");
    assert!(
        a.revision > before,
        "what was there before counts as changed"
    );
}

#[test]
fn another_world_has_other_rules_and_is_in_the_journal() {
    let mut workbench = opened();
    execute(&mut workbench, "nomad job stop docs");
    workbench.dispatch(Action::OpenWorld { name: "0.7".into() });
    let reaction = workbench.take_reaction();
    assert_eq!(reaction.world, "0.7");
    assert!(reaction.begun_anew && reaction.cluster.is_some());
    let guide = OPENING_JOB.replace("progress_deadline = \"15m\"", "");
    workbench.dispatch(Action::Check {
        name: OPENING_FILE.into(),
        text: guide.clone(),
    });
    let found = workbench.take_reaction().diagnostics.expect("an answer");
    assert_eq!(found, []);
    workbench.dispatch(Action::SetFile {
        name: OPENING_FILE.into(),
        text: guide.replace("1.3", "1.4"),
    });
    let ran = execute(&mut workbench, "nomad job run docs.nomad.hcl");
    assert_eq!(ran.exit_status, None, "{:?}", ran.terminal);
    let journal = workbench.journal_text();
    assert!(
        journal.starts_with("# Yurt journal 1\nworld 0.7\nfile docs"),
        "{journal}"
    );
    let mut again = opened();
    again.dispatch(Action::Restore { journal });
    let digest = |workbench: &Workbench| yurt_engine::sim::digest(workbench.session().store());
    assert_eq!(digest(&again), digest(&workbench));
    workbench.dispatch(Action::OpenWorld { name: "2.0".into() });
    assert_eq!(workbench.journal_text(), "# Yurt journal 1\n");
    workbench.dispatch(Action::OpenWorld { name: "9".into() });
    let reaction = workbench.take_reaction();
    assert!(text(&reaction.terminal).ends_with("There is no world \"9\"."));
}

#[test]
fn time_in_many_steps_is_the_same_as_in_one() {
    let run = |steps: u64| {
        let mut workbench = opened();
        edit(&mut workbench, "api-server:1.3", "api-server:1.4");
        execute(&mut workbench, "nomad job run docs.nomad.hcl");
        let mut printed = Vec::new();
        for _ in 0..steps {
            workbench.dispatch(Action::Advance {
                milliseconds: 40_000 / steps,
            });
            printed.extend(workbench.take_reaction().terminal);
        }
        let digest = yurt_engine::sim::digest(workbench.session().store());
        (digest, text(&printed), workbench.journal_text())
    };
    assert_eq!(run(1), run(1000));
}

#[test]
fn what_is_wrong_with_a_text_that_is_typed() {
    let mut workbench = opened();
    let mut check = |text: &str| {
        workbench.dispatch(Action::Check {
            name: OPENING_FILE.into(),
            text: text.into(),
        });
        workbench.take_reaction().diagnostics.expect("an answer")
    };
    assert_eq!(check(OPENING_JOB), []);
    let guide = OPENING_JOB.replace("progress_deadline = \"15m\"", "");
    let found = check(&guide);
    assert!(
        found[0].summary.contains("Healthy deadline must be less"),
        "{found:#?}"
    );
    let labels: Vec<&str> = found[0].fixes.iter().map(|fix| &*fix.label).collect();
    assert_eq!(labels.len(), 2, "{labels:?}");
    assert_eq!(found[0].fixes[1].world.as_deref(), Some("0.7"));
    assert!(!check("job \"x\" {").is_empty());
    assert!(!check("job \"x\" {}").is_empty());
}

#[test]
fn help_for_the_editor_is_answered_and_leaves_no_trace() {
    let mut workbench = opened();
    let journal = workbench.journal_text();
    let at = |part: &str| {
        let byte = OPENING_JOB.find(part).expect("a part of the job");
        u32::try_from(byte).expect("a short file")
    };
    workbench.dispatch(Action::Complete {
        question: 7,
        text: OPENING_JOB.into(),
        byte: at("count"),
    });
    workbench.dispatch(Action::Hover {
        question: 8,
        text: OPENING_JOB.into(),
        byte: at("canary") + 2,
    });
    workbench.dispatch(Action::Format {
        text: OPENING_JOB.replace("  ", ""),
    });
    let news = workbench.take_reaction();
    let completions = news.completions.expect("an answer");
    assert_eq!(completions.question, 7);
    let labels = completions.items.iter().map(|item| item.label.as_str());
    let offered: Vec<&str> = labels.collect();
    assert!(offered.contains(&"reschedule") && !offered.contains(&"update"));
    let hover = news.hover.expect("an answer");
    let word = hover.word.expect("a word of the language");
    assert_eq!((hover.question, word.title.as_str()), (8, "canary"));
    let formatted = news.formatted.expect("an answer");
    assert_eq!(formatted.after.as_deref(), Some(OPENING_JOB));
    assert_eq!(workbench.journal_text(), journal);
}

#[test]
fn odd_actions_do_no_harm() {
    let mut workbench = opened();
    workbench.dispatch(Action::Interrupt);
    workbench.dispatch(Action::Fault);
    workbench.dispatch(Action::Restore {
        journal: "launch\n".into(),
    });
    let reaction = workbench.take_reaction();
    assert!(text(&reaction.terminal).ends_with("line 1: launch"));
    let unknown = execute(&mut workbench, "sudo rm -rf /");
    assert_eq!(unknown.exit_status, Some(127));
    let refused = execute(&mut workbench, "nomad job plan missing.hcl");
    assert_eq!((refused.plan, refused.exit_status), (Some(None), Some(255)));
}

/// The picture of an allocation's use begins with `alloc status` and follows the clock.
#[test]
fn use_is_shown_of_the_allocation_that_was_looked_at() {
    let mut workbench = opened();
    assert_eq!(
        workbench.take_reaction().usage,
        Some(None),
        "nothing was looked at"
    );
    let ids = workbench.session().store().allocs();
    let running = ids.filter(|alloc| !alloc.is_client_terminal());
    let short = running
        .map(|alloc| alloc.id.0.short())
        .next()
        .expect("it runs");
    let shown = execute(&mut workbench, &format!("nomad alloc status {short}"));
    let usage = shown.usage.flatten().expect("it is shown");
    assert!(usage.name.starts_with("docs.api["), "{}", usage.name);
    let texts: Vec<&str> = usage.lines.iter().map(|line| &*line.text).collect();
    let of = |line: &str, given: &str| line.contains(given);
    assert!(of(texts[0], "CPU ") && of(texts[0], " MHz"), "{texts:?}");
    assert!(of(texts[1], "Memory ") && of(texts[1], " MiB"), "{texts:?}");
    assert_eq!(workbench.take_reaction().usage, None, "no time has passed");
    let later = advance(&mut workbench, 10)
        .usage
        .flatten()
        .expect("it goes on");
    assert_ne!(later, usage);
    // Another line changes nothing about it; a world that begins anew has nothing to show.
    assert_eq!(execute(&mut workbench, "nomad node status").usage, None);
    workbench.dispatch(Action::OpenWorld { name: "0.7".into() });
    assert_eq!(workbench.take_reaction().usage, Some(None));
}

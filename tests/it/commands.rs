//! Command lines: what a person types is a value, and the value is a line that a person could type.

use proptest::prelude::*;
use yurt_model::{Duration, Release};
use yurt_workbench::command;
use yurt_workbench::session::Session;
use yurt_workbench::workbench::{OPENING_FILE, OPENING_JOB};

/// Lines with every flag that means something, and with arguments that need quotes.
const LINES: &[&str] = &[
    "nomad alloc checks -verbose 5e0f9a1b",
    "nomad alloc logs -stderr -f -tail -n 5 5e0f9a1b web",
    "nomad alloc logs -job docs",
    "nomad alloc restart -task web 5e0f9a1b",
    "nomad alloc restart 5e0f9a1b web",
    "nomad alloc restart -all-tasks 5e0f9a1b",
    "nomad alloc signal -s SIGHUP -task web 5e0f9a1b",
    "nomad alloc status 5e0f9a1b",
    "nomad alloc status -short -verbose 5e0f9a1b",
    "nomad alloc stop -detach -no-shutdown-delay -verbose 5e",
    "nomad deployment fail -detach -verbose 8f2c1d3e",
    "nomad deployment list -verbose",
    "nomad deployment pause 8f2c1d3e",
    "nomad deployment promote -group api -group 'a b' -detach -verbose 8f2c1d3e",
    "nomad deployment resume -detach 8f2c1d3e",
    "nomad deployment status",
    "nomad deployment status -verbose -monitor -json 8f2c1d3e",
    "nomad deployment unblock 8f2c1d3e",
    "nomad eval list -job docs -status complete -verbose",
    "nomad eval status -monitor -verbose 61ac2be5",
    "nomad job allocs -all -verbose docs",
    "nomad job deployments -latest -all -verbose docs",
    "nomad job dispatch -meta a=1 -meta 'b=c d' -detach -verbose -id-prefix-template p \
     -idempotency-token t -priority 70 work in.txt",
    "nomad job dispatch work",
    "nomad job eval -force-reschedule -detach docs",
    "nomad job history -p -full -version 3 docs",
    "nomad job history -diff-version 2 docs",
    "nomad job history -diff-tag golden docs",
    "nomad job inspect -version 2 -hcl docs",
    "nomad job periodic force -detach -verbose nightly",
    "nomad job plan -diff=false -verbose -var image_tag=1.3 -var 'x=a \"b\"' -var-file v.hcl \
     docs.hcl",
    "nomad -help",
    "nomad job plan -namespace team -force-color -hcl2-strict=false docs.hcl",
    "nomad job plan -json job.json",
    "nomad job promote -group api docs",
    "nomad job revert -detach docs 0",
    "nomad job run -check-index 12 -detach -output -preserve-counts -verbose 'my job.hcl'",
    "nomad job run -eval-priority 70 docs.hcl",
    "nomad job run -preserve-resources docs.hcl",
    "nomad job scale -check-index 7 docs api 3",
    "nomad job scale -detach docs -- -1",
    "nomad job scaling-events -verbose docs",
    "nomad job start -detach docs",
    "nomad job status",
    "nomad job status -short -evals -all-allocs -verbose -no-color docs",
    "nomad job stop -detach -purge -no-shutdown-delay docs",
    "nomad job stop -- -odd",
    "nomad job stop -eval-priority 7 docs",
    "nomad job tag apply -name golden -description 'to go back to' -version 3 docs",
    "nomad job tag apply -name golden docs",
    "nomad job tag unset -name golden docs",
    "nomad job validate -var a=b docs.hcl",
    "nomad node drain -enable -deadline 5m -ignore-system -yes -detach -m 'new disk' 0878",
    "nomad node drain -enable -force -yes 0878",
    "nomad node drain -monitor 0878",
    "nomad node drain -disable -keep-ineligible -yes 0878",
    "nomad node eligibility -disable 0878",
    "nomad node status -allocs -short -verbose",
    "nomad operator scheduler get-config",
    "nomad operator scheduler set-config -scheduler-algorithm spread \
     -preempt-service-scheduler=true",
    "nomad service delete web _nomad-task-5e0f9a1b-web-http",
    "nomad service info -verbose web",
    "nomad service list -namespace '*'",
    "nomad logs -job docs web",
    "nomad plan docs.hcl",
    "nomad run --detach docs.hcl",
    "nomad stop docs",
    "nomad status docs",
    "nomad system gc",
    "nomad validate docs.hcl",
    "nomad inspect docs",
];

/// What the line says is what its value's line says.
fn goes_back(line: &str) {
    let Ok(first) = command::parse(line) else {
        return;
    };
    let shown = first.to_string();
    let again = command::parse(&shown);
    assert_eq!(again.as_ref(), Ok(&first), "{line} is shown as {shown}");
    assert_eq!(again.map(|command| command.to_string()), Ok(shown));
}

#[test]
fn a_command_is_shown_as_a_line_that_means_the_same() {
    for line in LINES {
        goes_back(line);
    }
    let understood = LINES.iter().filter(|line| command::parse(line).is_ok());
    assert!(
        understood.count() >= LINES.len() - 2,
        "most of the lines are commands"
    );
}

#[test]
fn every_name_is_covered_by_a_line() {
    for name in command::Command::NAMES {
        let start = format!("nomad {name}");
        let found = LINES.iter().any(|line| {
            line.strip_prefix(&start)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        });
        assert!(found, "no line for nomad {name}");
    }
}

#[test]
fn lines_that_do_not_fit_say_so() {
    let cases = [
        (
            "nomad job plan",
            255,
            "This command takes one argument: <path>\nFor additional help try 'nomad job plan \
             -help'",
        ),
        (
            "nomad run a b",
            1,
            "This command takes one argument: <path>\nFor additional help try 'nomad job run \
             -help'",
        ),
        (
            "nomad job run -nope a",
            1,
            "flag provided but not defined: -nope\nFor additional help try 'nomad job run -help'",
        ),
        (
            "nomad job revert docs",
            1,
            "This command takes two arguments: <job> <version|tag>\nFor additional help try \
             'nomad job revert -help'",
        ),
        (
            "nomad alloc exec 5e sh",
            127,
            "\"nomad alloc exec\" is not emulated here; the nearest command that is: nomad alloc \
             status",
        ),
        (
            "nomad deplyment promote 5e",
            127,
            "\"nomad deplyment promote\" is not emulated here; the nearest command that is: \
             nomad deployment promote",
        ),
        (
            "nomad job status -json docs",
            1,
            "\"nomad job status -json\" is not emulated here; the nearest command that is: nomad \
             job status\nFor additional help try 'nomad status -help'",
        ),
        (
            "job status",
            127,
            "job: not a command by itself. Did you mean: nomad job status",
        ),
        ("ls", 127, "ls: not a command here. Try: nomad status"),
        ("nomad status 'a", 1, "A quote in this line is not closed."),
    ];
    for (line, status, text) in cases {
        let error = command::parse(line).unwrap_err();
        let lines: Vec<String> = error.document.iter().map(|line| line.text()).collect();
        assert_eq!(
            (error.status, lines.join("\n").as_str()),
            (status, text),
            "{line}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is typed, reading it does not panic, and what could be read is shown as itself.
    #[test]
    fn any_line_can_be_read(
        name in prop::sample::select(command::Command::NAMES.to_vec()),
        words in prop::collection::vec(
            prop_oneof![
                "-[a-z-]{1,12}",
                "-(group|var|version|check-index|namespace|job)",
                "[ -~]{0,8}",
                "docs|api|3|-detach|-verbose|-p|-purge|-enable|-yes|5e0f9a1b",
            ],
            0..5,
        ),
    ) {
        goes_back(&format!("nomad {name} {}", words.join(" ")));
    }

    /// The same for lines that are nothing in particular.
    #[test]
    fn any_text_can_be_read(line in "\\PC{0,60}") {
        goes_back(&line);
    }
}

/// A session with the page's job, running in the release.
fn running(release: Release) -> Session {
    let mut session = Session::new(5, release);
    session.files.write(OPENING_FILE, OPENING_JOB);
    let next = OPENING_JOB.replace("api-server:1.3", "api-server:1.4-crash");
    session.files.write("next.hcl", next);
    session
        .files
        .write("bad.hcl", "job \"x\" {\n  group \"g\" {");
    session.execute(&format!("nomad job run -detach {OPENING_FILE}"));
    session.advance_to(session.now() + Duration::from_secs(40));
    session
}

#[test]
fn evaluations_have_the_priority_that_was_given() {
    let mut session = running(Release::V2_0);
    let refusal = "Unexpected response code: 400 (Eval priority must be between 1 and 100 \
                   inclusively)";
    for (line, text) in [
        ("nomad job run -eval-priority 101 next.hcl", "submitting"),
        ("nomad job run -eval-priority -1 next.hcl", "submitting"),
        ("nomad job stop -eval-priority 101 docs", "deregistering"),
    ] {
        let printed = session.execute(line);
        assert_eq!(printed.status, Some(1), "{line}");
        let lines: Vec<String> = printed.document.iter().map(|line| line.text()).collect();
        assert_eq!(lines, [format!("Error {text} job: {refusal}")], "{line}");
    }
    for (line, priority) in [
        ("nomad job run -detach -eval-priority 70 next.hcl", 70),
        ("nomad job run -detach next.hcl", 50),
        ("nomad job stop -detach -eval-priority 7 docs", 7),
    ] {
        let before: Vec<_> = session.store().evals().map(|eval| eval.id).collect();
        assert_eq!(session.execute(line).status, Some(0), "{line}");
        let mut made = session.store().evals();
        let eval = made.find(|eval| !before.contains(&eval.id)).expect(line);
        assert_eq!(eval.priority, priority, "{line}");
    }
}

/// What is printed, line by line.
fn says(session: &mut Session, line: &str) -> (Option<i32>, String) {
    let printed = session.execute(line);
    let lines: Vec<String> = printed.document.iter().map(|line| line.text()).collect();
    (printed.status, lines.join("\n"))
}

/// Tags are unique to a job, keep their version, and stand for it (spec: deployments 25.9, 25.10).
#[test]
fn versions_have_names() {
    let mut session = running(Release::V2_0);
    let lines = [
        (
            "nomad job tag apply -name golden -description 'the first' docs",
            0,
            "Job version 0 tagged with name \"golden\"",
        ),
        (
            "nomad job tag apply -name other -version 7 docs",
            1,
            "job \"docs\" version 7 not found",
        ),
        (
            "nomad job tag apply docs",
            1,
            "A version tag name is required",
        ),
        (
            "nomad job tag unset -name nope docs",
            1,
            "tag \"nope\" not found on job \"docs\"",
        ),
        (
            "nomad job history -diff-tag nope docs",
            1,
            "tag \"nope\" not found",
        ),
        (
            "nomad job history -diff-version 9 docs",
            1,
            "version 9 not found",
        ),
        ("nomad job revert docs nope", 1, "tag \"nope\" not found"),
    ];
    for (line, status, text) in lines {
        let (found, said) = says(&mut session, line);
        assert!(
            found.is_some_and(|found| (found != 0) == (status != 0)),
            "{line}: {said}"
        );
        assert!(said.contains(text), "{line}: {said}");
    }
    for number in 0..10 {
        let next =
            OPENING_JOB.replace("config {", &format!("env {{\n N = {number}\n}}\nconfig {{"));
        session.files.write("next.hcl", next);
        session.execute("nomad job run -detach next.hcl");
        session.advance_to(session.now() + Duration::from_secs(1));
    }
    let versions: Vec<u64> = session
        .store()
        .jobs()
        .flat_map(|job| session.store().job_versions(&job.key()).to_vec())
        .map(|job| job.version)
        .collect();
    assert_eq!(
        versions,
        [10, 9, 8, 7, 6, 5, 0],
        "six, and the one with a name"
    );
    let (_, said) = says(&mut session, "nomad job tag apply -name golden docs");
    assert!(
        said.contains("already exists on a different version of job \"docs\""),
        "{said}"
    );
    let (_, said) = says(
        &mut session,
        "nomad job history -version 10 -diff-tag golden docs",
    );
    assert!(said.contains("Env[N]"), "{said}");
    let (_, said) = says(&mut session, "nomad job history -version 0 docs");
    assert!(
        said.contains("golden") && said.contains("the first"),
        "{said}"
    );
    says(&mut session, "nomad job revert -detach docs golden");
    let job = session.store().jobs().next().expect("it is there").clone();
    assert_eq!(
        (job.version, job.version_tag.is_none()),
        (11, true),
        "a copy has no name"
    );
    let (status, said) = says(&mut session, "nomad job tag unset -name golden docs");
    assert_eq!(
        (status, said.as_str()),
        (Some(0), "Tag \"golden\" removed from job \"docs\"")
    );
}

#[test]
fn tasks_keep_the_resources_that_they_had() {
    let mut session = running(Release::V2_0);
    let more = OPENING_JOB.replace("config {", "resources {\n memory = 512\n}\nconfig {");
    session.files.write("more.hcl", more);
    let memory = |session: &Session| {
        let job = session.store().jobs().next().expect("the page's job");
        job.spec.groups[0].tasks[0].resources.memory_mb
    };
    for (flag, wanted) in [("-preserve-resources", 300), ("", 512)] {
        let line = format!("nomad job run -detach {flag} more.hcl");
        assert_eq!(session.execute(&line).status, Some(0));
        assert_eq!(memory(&session), wanted, "{flag}");
        let document = &session
            .store()
            .jobs()
            .next()
            .expect("the job")
            .spec
            .document;
        let written = &document["TaskGroups"][0]["Tasks"][0]["Resources"]["MemoryMB"];
        assert_eq!(*written, wanted, "{flag}");
    }
}

/// Words that lead somewhere: names, files, and the beginnings of identifiers that exist.
fn words_of(session: &Session) -> Vec<String> {
    let store = session.store();
    let mut words: Vec<String> = [
        "docs", "d", "", "api", "0", "3", "-1", "next.hcl", "bad.hcl",
    ]
    .map(String::from)
    .into();
    words.push(OPENING_FILE.into());
    words.extend(store.allocs().map(|alloc| alloc.id.to_string()).take(3));
    words.extend(store.deployments().map(|deployment| deployment.id.short()));
    words.extend(store.evals().map(|eval| eval.id.short()).take(3));
    words.extend(store.nodes().map(|node| node.id.short()).take(2));
    words
}

const FLAGS: [&str; 16] = [
    "-detach",
    "-verbose",
    "-short",
    "-p",
    "-full",
    "-evals",
    "-purge",
    "-enable",
    "-disable",
    "-yes",
    "-monitor",
    "-latest",
    "-all",
    "-force-color",
    "-check-index=1",
    "-group=api",
];

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: 48,
        ..ProptestConfig::default()
    })]

    /// Whatever is typed, in whatever order, the session answers and goes on.
    #[test]
    fn a_session_survives_any_commands(
        old in any::<bool>(),
        steps in prop::collection::vec(
            (
                prop::sample::select(command::Command::NAMES.to_vec()),
                prop::collection::vec(prop::sample::select(FLAGS.to_vec()), 0..3),
                prop::collection::vec(any::<prop::sample::Index>(), 0..3),
                0u32..30,
                any::<bool>(),
            ),
            1..12,
        ),
    ) {
        let mut session = running(if old { Release::V0_7 } else { Release::V2_0 });
        for (name, flags, picks, seconds, breaks) in steps {
            let words = words_of(&session);
            let picked: Vec<String> = picks
                .iter()
                .map(|pick| command::words::quote(pick.get::<String>(&words)))
                .collect();
            let line = format!("nomad {name} {} {}", flags.join(" "), picked.join(" "));
            let printed = session.execute(&line);
            let is_one_line = |line: &yurt_workbench::view::Line| !line.text().contains('\n');
            prop_assert!(printed.document.iter().all(is_one_line), "{line}");
            prop_assert!(printed.status.is_some() || session.is_following(), "{line}");
            if breaks {
                session.set_node_up("node-2", seconds % 2 == 0);
            }
            let until = session.now() + Duration::from_secs(seconds.into());
            let followed = session.advance_to(until);
            prop_assert!(followed.document.iter().all(is_one_line), "{line}");
        }
    }
}

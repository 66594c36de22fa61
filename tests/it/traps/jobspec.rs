//! The traps of the job language (spec: jobspec 19), each by its number.

use serde_json::Value;
use yurt_jobspec::admission::{self, AdmissionContext, canonical_document};
use yurt_jobspec::{ParseInput, Parsed, parse};
use yurt_model::Release;
use yurt_workbench::session::Session;

/// What is expected of a job file.
enum Expected {
    /// The member at a JSON pointer, as read; `null` stands for none too.
    Read(&'static str, &'static str),
    /// The same of the job as servers keep it.
    Kept(&'static str, &'static str),
    /// All that is printed instead of a job.
    Error(&'static str),
    /// It is admitted.
    Admitted,
    /// It is refused with so many errors, and these are among them.
    Refused(usize, &'static [&'static str]),
    /// It has exactly these warnings.
    Warnings(&'static [&'static str]),
    /// It is another job than this one, and a plan shows nothing below the headings.
    SameAs(&'static str),
}

use Expected::*;

/// A job of one group and one task, with text in each.
fn job(job: &str, group: &str, task: &str) -> String {
    format!(
        "job \"docs\" {{\n{job}\ngroup \"api\" {{\n{group}\ntask \"server\" {{\ndriver = \
         \"docker\"\n{task}\n}}\n}}\n}}\n"
    )
}

fn read(source: &str) -> Parsed {
    let input = ParseInput {
        file_name: "t.hcl",
        source,
        ..ParseInput::default()
    };
    parse(&input)
}

fn document(source: &str) -> Value {
    let parsed = read(source);
    let problems = yurt_jobspec::render(&parsed.diagnostics);
    parsed
        .document
        .unwrap_or_else(|| panic!("{source}\n{problems}"))
}

fn context() -> AdmissionContext {
    AdmissionContext {
        release: Release::V2_0,
        namespaces: Some(vec!["default".into()]),
        node_pools: Some(vec!["default".into(), "all".into()]),
        ..AdmissionContext::default()
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// How many errors a refusal lists: the bullets that head no further list.
fn errors(text: &str) -> usize {
    let bullets = text.lines().filter(|line| line.contains("* "));
    let headings =
        |line: &&str| line.contains("error occurred:") || line.contains("errors occurred:");
    bullets.filter(|line| !headings(line)).count()
}

fn check(source: &str, expected: &Expected) {
    match expected {
        Read(path, want) => {
            let document = document(source);
            let got = document.pointer(path).unwrap_or(&Value::Null);
            assert_eq!(*got, json(want), "{source}\n{path}");
        }
        Kept(path, want) => {
            let kept = canonical_document(&document(source), Release::V2_0).expect("a job");
            let got = kept.pointer(path).unwrap_or(&Value::Null);
            assert_eq!(*got, json(want), "{source}\n{path}");
        }
        Error(want) => {
            let parsed = read(source);
            assert_eq!(yurt_jobspec::render(&parsed.diagnostics), *want, "{source}");
        }
        Admitted => {
            let answer = admission::admit(&document(source), &context());
            assert!(answer.is_ok(), "{source}\n{}", answer.expect_err("refused"));
        }
        Refused(count, texts) => {
            let answer = admission::admit(&document(source), &context());
            let refused = answer.expect_err("refused").to_string();
            assert_eq!(errors(&refused), *count, "{source}\n{refused}");
            for text in *texts {
                assert!(refused.contains(text), "{source}\n{text}\n{refused}");
            }
        }
        Warnings(want) => {
            let admitted = admission::admit(&document(source), &context());
            let admitted = admitted.unwrap_or_else(|refused| panic!("{source}\n{refused}"));
            let text = admission::warnings_text(&admitted.warnings);
            let got: Vec<&str> = text
                .lines()
                .filter_map(|line| line.trim().strip_prefix("* "))
                .collect();
            assert_eq!(got, *want, "{source}");
        }
        SameAs(other) => {
            let admit = |source: &str| {
                let admitted = admission::admit(&document(source), &context());
                admitted
                    .unwrap_or_else(|refused| panic!("{source}\n{refused}"))
                    .spec
                    .document
                    .clone()
            };
            let (old, new) = (admit(other), admit(source));
            assert_ne!(old, new, "the jobs differ");
            let difference = yurt_diff::diff(Some(&old), Some(&new), true).expect("a difference");
            let text = yurt_workbench::plan_text::diff_document(&difference, false).text();
            let heading = |line: &str| {
                let headings = ["Job: ", "Task Group: ", "Task: "];
                headings.iter().any(|heading| line.contains(heading))
            };
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            let lines: Vec<&str> = lines.filter(|line| !heading(line)).collect();
            assert!(lines.is_empty(), "{text}");
        }
    }
}

/// A test for each trap: its job files, and what is expected of each.
macro_rules! traps {
    ($($(#[$doc:meta])* $name:ident: [$($source:expr => [$($expected:expr),*]),* $(,)?];)*) => {
        $($(#[$doc])* #[test] fn $name() {
            $(
                let source: String = $source.into();
                $(check(&source, &$expected);)*
            )*
        })*
    };
}

traps! {
    /// The guide's snippet is refused as soon as it is completed into a job.
    trap_01_healthy_before_progress: [
        job("", "update {\nhealthy_deadline = \"10m\"\n}", "") =>
            [Refused(1, &["Healthy deadline must be less than progress deadline: 10m0s > 10m0s"])],
        job("", "update {\nhealthy_deadline = \"10m\"\nprogress_deadline = \"15m\"\n}", "") =>
            [Admitted],
        job("", "update {\nhealthy_deadline = \"10m\"\nprogress_deadline = \"0\"\n}", "") =>
            [Admitted],
    ];
    /// What is printed has no defaults, what servers keep has.
    trap_02_defaults_come_later: [
        job("", "", "") => [
            Read("/Priority", "null"), Kept("/Priority", "50"),
            Read("/TaskGroups/0/Count", "null"), Kept("/TaskGroups/0/Count", "1"),
            Read("/Type", "null"), Kept("/Type", "\"service\"")
        ],
    ];
    /// Canaries come from the job's update; a batch job gets the group's error for it.
    trap_03_update_is_inherited: [
        job("update {\ncanary = 2\n}", "count = 3\nupdate {\nmax_parallel = 2\n}", "") => [
            Kept("/TaskGroups/0/Update/Canary", "2"), Kept("/TaskGroups/0/Update/MaxParallel", "2")
        ],
        job("type = \"batch\"\nupdate {\n}", "", "") =>
            [Refused(1, &["Task group api validation failed", "Job type \"batch\" does not allow \
             update block"])],
    ];
    /// Some attempts, and still without limit and within no time.
    trap_04_attempts_alone: [
        job("", "reschedule {\nattempts = 3\n}", "") => [Refused(3, &[
            "Interval must be a non zero value if Attempts > 0",
            "Reschedule Policy with Attempts = 3, Interval = 0s, and Unlimited = true is ambiguous",
            "If Attempts >0, Unlimited cannot also be set to true",
        ])],
        job("", "reschedule {\nattempts = 3\nunlimited = false\n}", "") => [Refused(4, &[
            "Interval must be a non zero value if Attempts > 0",
            "Interval cannot be less than 15s",
            "Nomad can only make ",
            "Set the interval to at least ",
        ])],
    ];
    /// Services ask for a delay, wherever it is.
    trap_05_services_warn: [
        job("", "service {\nprovider = \"nomad\"\n}", "") => [Warnings(&[
            "group \"api\" defines services, but neither the group nor any of its tasks have \
             shutdown_delay set"
        ])],
        job("", "shutdown_delay = \"5s\"\nservice {\nprovider = \"nomad\"\n}", "") =>
            [Warnings(&[])],
        job("", "service {\nprovider = \"nomad\"\n}", "shutdown_delay = \"5s\"") => [Warnings(&[])],
        job("", "", "service {\nprovider = \"nomad\"\n}") => [Warnings(&[
            "task \"server\" in group \"api\" defines services, but has no shutdown_delay set"
        ])],
    ];
    /// Nobody asks whether the port of a group's service is there.
    trap_06_ports_of_services: [
        job("", "service {\nprovider = \"nomad\"\nport = \"nowhere\"\n}", "") => [Admitted],
        job("", "", "service {\nname = \"s\"\nprovider = \"nomad\"\nport = \"nowhere\"\n}") =>
            [Refused(1, &["port label \"nowhere\" referenced by services"])],
    ];
    /// What is outdated or unknown vanishes without a word.
    trap_07_silent_losses: [
        job("", "stop_after_client_disconnect = \"1m\"\nmax_client_disconnect = \"1h\"\n\
                 prevent_reschedule_on_lost = true", "") => [
            Kept("/TaskGroups/0/Disconnect", "null"), Warnings(&[])
        ],
        job("", "volume \"data\" {\ntype = \"tape\"\nsource = \"x\"\n}", "") => [
            Kept("/TaskGroups/0/Volumes", "null"), Admitted
        ],
        job("", "volume \"data\" {\ntype = \"tape\"\nsource = \"x\"\n}",
            "volume_mount {\nvolume = \"data\"\ndestination = \"/x\"\n}") =>
            [Refused(1, &["references undefined volume data"])],
    ];
    /// Keys of `constraint` that look like operators and are ignored.
    trap_08_constraint_keys: [
        job("constraint {\nattribute = \"${meta.x}\"\nis_set = \"true\"\n}", "", "") =>
            [Refused(1, &["Operator \"=\" requires an RTarget"])],
        job("constraint {\nattribute = \"${meta.x}\"\nset_contains_any = \"a,b\"\n}", "", "") =>
            [Refused(1, &["Operator \"=\" requires an RTarget"])],
        job("constraint {\nattribute = \"${meta.x}\"\noperator = \"is_set\"\n}", "", "") =>
            [Admitted],
    ];
    /// A weight of eight bits.
    trap_09_weights_wrap: [
        job("affinity {\nattribute = \"${meta.x}\"\nvalue = \"1\"\nweight = 300\n}", "", "") =>
            [Kept("/Affinities/0/Weight", "44"), Admitted],
        job("affinity {\nattribute = \"${meta.x}\"\nvalue = \"1\"\nweight = 200\n}", "", "") =>
            [Kept("/Affinities/0/Weight", "-56"), Admitted],
    ];
    /// Functions that do something else than their names promise to some.
    trap_10_other_functions: [
        job("region = length(\"abc\")", "", "") => [Error(
            "t.hcl:2,10-17: Error in function call; Call to function \"length\" failed: \
             collection must be a \
             list, a map or a tuple.\nt.hcl:2,10-17: Unsuitable value type; Unsuitable value: \
              value must be known"
        )],
        job("meta {\na = can(length({ a = 1 }))\nb = index([\"a\", \"b\"], 1)\nc = \
         can(index([\"a\"], \"a\"))\n\
             d = can(reverse([\"a\"]))\ne = can(contains(\"abc\", \"b\"))\nf = \
              \"<${coalesce(\"\", \"x\")}>\"\n}",
            "", "") => [
            Read("/Meta/a", "\"false\""), Read("/Meta/b", "\"b\""), Read("/Meta/c", "\"false\""),
            Read("/Meta/d", "\"false\""), Read("/Meta/e", "\"false\""), Read("/Meta/f", "\"<>\"")
        ],
    ];
    /// Whole numbers are nanoseconds; less than nothing is read, and refused later.
    trap_11_durations: [
        job("", "", "kill_timeout = 10") => [Read("/TaskGroups/0/Tasks/0/KillTimeout", "10")],
        job("", "", "kill_timeout = \"-5s\"") => [
            Read("/TaskGroups/0/Tasks/0/KillTimeout", "-5000000000"),
            Refused(1, &["KillTimeout must be a positive value"])
        ],
    ];
    /// Closing braces behind a reference come twice; spaces inside it stay.
    trap_12_braces_double: [
        job(
            "meta {\na = \"${attr.x}}\"\nb = \"{${attr.x}}\"\nc = \"${attr.x} }\"\n\
             d = \"${ attr.x }\"\n}",
            "",
            ""
        ) =>
            [
            Read("/Meta/a", "\"${attr.x}}}\""), Read("/Meta/b", "\"{${attr.x}}}\""),
            Read("/Meta/c", "\"${attr.x} } }\""), Read("/Meta/d", "\"${ attr.x }\"")
        ],
    ];
    /// `dynamic` is data where everything is.
    trap_13_dynamic_in_config: [
        job("", "", "config {\ndynamic \"mount\" {\nfor_each = [1]\ncontent {\n}\n}\n}") =>
            [Read(
                "/TaskGroups/0/Tasks/0/Config/dynamic",
                "[{\"mount\":[{\"for_each\":[1],\"content\":[{}]}]}]"
            )],
    ];
    /// The closing tag's own indentation does not count.
    trap_14_heredoc_indentation: [
        job("meta {\na = <<-EOT\n    x\n      y\n  EOT\n}", "", "") =>
            [Read("/Meta/a", "\"x\\n  y\\n\"")],
    ];
    /// A column is what a reader sees as one character.
    trap_16_columns: [
        "job \"a\" {\n/* e\u{301}👩‍👩‍👧日 */ pineapple = 1\n}\n" =>
            [Error("t.hcl:2,11-20: Unsupported argument; An argument named \"pineapple\" is not \
             expected here.")],
    ];
    /// Checked, but never shown by a plan.
    trap_17_plans_are_silent: [
        job("", "", "restart {\nattempts = 1\ninterval = \"1m\"\ndelay = \"1s\"\nmode = \
         \"fail\"\n}") =>
            [SameAs("job \"docs\" {\ngroup \"api\" {\ntask \"server\" {\ndriver = \"docker\"\n}\n\
             }\n}\n")],
        job("type = \"batch\"", "max_run_duration = \"1h\"", "") =>
            [SameAs("job \"docs\" {\ntype = \"batch\"\ngroup \"api\" {\ntask \"server\" {\n\
             driver = \"docker\"\n}\n}\n}\n")],
    ];
    /// A task's own secret hides its group's.
    trap_18_secrets: [
        job("", "secret \"g\" {\nprovider = \"nomad\"\npath = \"p\"\n}",
            "secret \"t\" {\nprovider = \"nomad\"\npath = \"q\"\n}") =>
            [Refused(1, &["Duplicate secret", "found"])],
        job("", "secret \"g\" {\nprovider = \"nomad\"\npath = \"p\"\n}", "") =>
            [Kept("/TaskGroups/0/Tasks/0/Secrets/0/Name", "\"g\""), Admitted],
    ];
    /// A space in the id is read, and refused; in the name it is fine.
    trap_19_spaces: [
        "job \"a b\" {\ntask \"t\" {\ndriver = \"docker\"\n}\n}\n" =>
            [Read("/ID", "\"a b\""), Refused(1, &["Job ID contains a space"])],
        "job \"ab\" {\nname = \"a b\"\ntask \"t\" {\ndriver = \"docker\"\n}\n}\n" =>
            [Read("/Name", "\"a b\""), Admitted],
    ];
    /// Odd texts that are real.
    trap_20_odd_texts: [
        format!("variable \"tag\" {{\n}}\n{}", job("", "", "")) => [Error(
            "<nil>: Unset variable \"tag\"; A used variable must be set or have a default value; \
             see \
             https://developer.hashicorp.com/nomad/docs/reference/hcl2/variables  for details."
        )],
        job("", "network {\nport {\n}\n}", "") =>
            [Error("t.hcl:5,6-7: Missing  for port; All port blocks must have 1 labels ().")],
        job("", "", "kill_timeout = true") => [Error(
            "t.hcl:7,16-20: Unsuitable value type; Unsuitable value: expected a string but found \
             {{{} \
             %!s(cty.primitiveTypeKind=66)}}"
        )],
    ];
}

/// Errors about volumes come by label, whatever the order in the file.
#[test]
fn trap_21_volumes_by_label() {
    let volumes =
        ["c", "a", "b"].map(|label| format!("volume \"{label}\" {{\ntype = \"host\"\n}}\n"));
    let refused = admission::admit(&document(&job("", &volumes.concat(), "")), &context());
    let text = refused.expect_err("refused").to_string();
    let places = [
        "volume validation for a ",
        "volume validation for b ",
        "volume validation for c ",
    ]
    .map(|label| text.find(label).expect(label));
    assert!(places.is_sorted(), "{text}");
}

/// What nobody declared is fatal in a flag, and nothing in the environment.
#[test]
fn trap_15_undeclared_variables() {
    let pair = [("nope".to_owned(), "1".to_owned())];
    let environment = [("NOMAD_VAR_nope".to_owned(), "1".to_owned())];
    let source = job("", "", "");
    let input = ParseInput {
        file_name: "t.hcl",
        source: &source,
        ..ParseInput::default()
    };
    let flagged = parse(&ParseInput {
        variables: &pair,
        ..input
    });
    assert!(
        yurt_jobspec::render(&flagged.diagnostics).starts_with("<nil>: Undefined -var variable")
    );
    let silent = parse(&ParseInput {
        environment: &environment,
        ..input
    });
    assert!(silent.document.is_some() && silent.diagnostics.is_empty());
}

/// A server always answers here, so nothing is said about drivers that were not checked.
#[test]
fn trap_22_a_server_answers() {
    let mut session = Session::new(5, Release::V2_0);
    session.files.write("t.hcl", job("", "", ""));
    let printed = session.execute("nomad job validate t.hcl");
    assert_eq!(
        printed
            .document
            .iter()
            .map(|line| line.text())
            .collect::<Vec<_>>(),
        ["Job validation successful"]
    );
}

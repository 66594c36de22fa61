//! Variables and locals: what is said about each mistake (spec: jobspec 5.5 and 9).

#[cfg(target_arch = "wasm32")]
#[macro_use]
extern crate yurt_everywhere;

use yurt_jobspec::{ParseInput, parse, render};

const JOB: &str = "job \"a\" {}\n";

struct Case {
    source: &'static str,
    flag: Option<(&'static str, &'static str)>,
    file: Option<&'static str>,
    expected: &'static str,
}

fn say(source: &str, flag: Option<(&str, &str)>, file: Option<&str>) -> String {
    let own = |text: &str| text.to_owned();
    let variables: Vec<_> = flag
        .iter()
        .map(|(name, text)| (own(name), own(text)))
        .collect();
    let variable_files: Vec<_> = file.iter().map(|text| (own("v.hcl"), own(text))).collect();
    let source = if source.contains("job ") {
        own(source)
    } else {
        format!("{source}{JOB}")
    };
    let parsed = parse(&ParseInput {
        file_name: "t.hcl",
        source: &source,
        variables: &variables,
        variable_files: &variable_files,
        ..Default::default()
    });
    render(&parsed.diagnostics)
}

const fn case(source: &'static str, expected: &'static str) -> Case {
    Case {
        source,
        flag: None,
        file: None,
        expected,
    }
}

#[test]
fn mistakes_are_named_as_recorded() {
    let unset = "<nil>: Unset variable \"d\"; A used variable must be set or have a default value; \
        see https://developer.hashicorp.com/nomad/docs/reference/hcl2/variables  for details.";
    let extra = format!(
        "<value for var.d from arguments>:1,2-3: Extra characters after expression; An expression \
         was successfully parsed, but extra characters were found after it.\n{unset}"
    );
    let list = "variable \"d\" {\n type = list(string)\n}\n";
    assert_eq!(say(list, Some(("d", "a,b")), None), extra);
    let cases = [
        Case {
            source: list,
            flag: Some(("d", "abc")),
            file: None,
            expected: "<value for var.d from arguments>:1,1-4: Variables not allowed; Variables may \
                not be used here.",
        },
        Case {
            source: "",
            flag: None,
            file: Some("nope = 1\n"),
            expected: "<nil>: Undefined variable; A \"nope\" variable was set but was not found in \
                known variables. To declare variable \"nope\", place this block in your job files",
        },
        case(
            "variable \"n\" {\n\n default = \"x\"\n type = number\n}\n",
            "t.hcl:3,12-15: Invalid default value for variable; This default value is not \
             compatible with the variable's type constraint: a number is required.",
        ),
        case(
            "variable \"n\" {\n type = strng\n default = 1\n}\n",
            "t.hcl:2,9-14: Invalid type specification; The keyword \"strng\" is not a valid type \
             specification.",
        ),
        case(
            "variable \"n\" {\n type = list\n default = 1\n}\n",
            "t.hcl:2,9-13: Invalid type specification; The list type constructor requires one \
             argument specifying the element type.",
        ),
        case(
            "variable \"n\" {\n default = 1\n}\nvariable \"n\" {\n default = 1\n}\n",
            "<nil>: Duplicate variable; Duplicate n variable definition found.",
        ),
        case(
            "variable \"m\" {\n default = \"\"\n}\nvariable \"n\" {\n default = \"\"\n validation {\n \
             condition = var.m == \"a\"\n error_message = \"x\"\n}\n}\n",
            "t.hcl:7,14-19: Invalid reference in variable validation; The condition for variable \
             \"n\" can only refer to the variable itself, using var.n.\nt.hcl:7,14-26: Invalid \
             variable validation condition; The condition for variable \"n\" must refer to var.n in \
             order to test incoming values.",
        ),
        case(
            "locals {\n a = local.b\n b = local.a\n}\n",
            "t.hcl:2,11-13: Unsupported attribute; This object does not have an attribute named \
             \"b\".",
        ),
        case(
            "job \"a\" {\n group \"g\" {\n dynamic \"network\" {\n for_each = 5\n content {}\n}\n}\n}\n",
            "t.hcl:4,13-14: Invalid dynamic for_each value; Cannot use a number value in for_each. \
             An iterable collection is required.",
        ),
        case(
            "job \"a\" {\n group \"g\" {\n dynamic \"network\" {\n content {}\n}\n}\n}\n",
            "t.hcl:3,20-20: Missing required argument; The argument \"for_each\" is required, but no \
             definition was found.",
        ),
        case(
            "job \"a\" \"b\" {}\n",
            "t.hcl:1,9-12: Extraneous label for job; Only 1 labels (name) are expected for job \
             blocks.",
        ),
        case(
            "job \"a\" {\n affinity {\n weight = \"abc\"\n}\n}\n",
            "t.hcl:3,11-16: Incorrect attribute value type; Inappropriate value for attribute \
             \"weight\": a number is required.",
        ),
        case(
            "job \"${x}\" {\n}\n",
            "t.hcl:1,6-8: Invalid string literal; Template sequences are not allowed in this string. \
             To include a literal \"$\", double it (as \"$$\") to escape it.",
        ),
        case(
            "job \"a\" {\n x = \"%{ if true }x\"\n}\n",
            "t.hcl:2,20-21: Unexpected end of template; The if directive at t.hcl:2,7-19 is missing \
             its corresponding endif directive.",
        ),
        case(
            "variable \"v\" {}\njob \"x\" { meta { a = var.v } }\n",
            "t.hcl:2,11-15: Argument definition required; A single-line block definition can contain \
             only a single argument. If you meant to define argument \"meta\", use an equals sign to \
             assign it a value. To define a nested block, place it on a line of its own within its \
             parent block.",
        ),
    ];
    for Case {
        source,
        flag,
        file,
        expected,
    } in cases
    {
        assert_eq!(say(source, flag, file), expected, "{source}");
    }
}

#[test]
fn json_job_files_give_the_same_job() {
    let json = r#"{"variable": {"c": {"type": "number", "default": 2}},
        "job": {"docs": {"datacenters": ["dc1"], "group": {"api": {"count": "${var.c}",
        "network": [{"port": {"http": {"to": 80}}}],
        "task": {"t": {"driver": "docker", "config": {"image": "x:${var.c}"}, "env": {"A": 1}}}}}}}}"#;
    let hcl = "variable \"c\" {\n type = number\n default = 2\n}\njob \"docs\" {\n datacenters = \
        [\"dc1\"]\n group \"api\" {\n count = var.c\n network {\n port \"http\" { to = 80 }\n }\n task \
        \"t\" {\n driver = \"docker\"\n config { image = \"x:${var.c}\" }\n env { A = 1 }\n }\n }\n}\n";
    let read = |source| {
        let parsed = parse(&ParseInput {
            file_name: "t.hcl",
            source,
            ..Default::default()
        });
        assert_eq!(render(&parsed.diagnostics), "");
        parsed.document.unwrap()
    };
    assert_eq!(read(json), read(hcl));
}

#[test]
fn spans_lead_to_the_source() {
    let source = "job \"docs\" {\n  group \"api\" {\n    update {\n      canary = 1\n    }\n    task \
        \"t\" {\n      config {\n        image = \"x\"\n      }\n    }\n  }\n}\n";
    let parsed = parse(&ParseInput {
        file_name: "t.hcl",
        source,
        ..Default::default()
    });
    for (path, text) in [
        ("group.api.update.canary", "canary = 1"),
        ("group.api.task.t.config.image", "image = \"x\""),
        ("group.api.update", "update"),
        ("group.api", "group \"api\""),
    ] {
        let range = parsed.spans[path];
        assert_eq!(&source[range.start.byte..range.end.byte], text, "{path}");
    }
}

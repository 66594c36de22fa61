//! Changes that mend problems: taken, the problem is gone.

#[cfg(target_arch = "wasm32")]
#[macro_use]
extern crate yurt_everywhere;

use yurt_jobspec::admission::{self, AdmissionContext};
use yurt_jobspec::assist::with_fixes;
use yurt_jobspec::{Diagnostic, ParseInput, parse};

/// All that is wrong with a file, as an editor gets it.
fn problems(source: &str) -> Vec<Diagnostic> {
    let mut parsed = parse(&ParseInput {
        file_name: "t.hcl",
        source,
        ..ParseInput::default()
    });
    admission::judge(&mut parsed, "t.hcl", source, &AdmissionContext::default());
    with_fixes(parsed.diagnostics, source)
}

/// Lines of a group's one task, between what a job needs.
fn in_task(lines: &str) -> String {
    format!(
        "job \"a\" {{\n  group \"b\" {{\n    task \"c\" {{\n      driver = \"docker\"\n{lines}    \
         }}\n  }}\n}}\n"
    )
}

/// Lines inside a task, the title of the change, the lines after it.
const IN_TASK: &[(&str, &str, &str)] = &[
    (
        "      usr = \"x\"\n",
        "Change to user",
        "      user = \"x\"\n",
    ),
    (
        "      resorces {}\n",
        "Change to resources",
        "      resources {}\n",
    ),
    (
        "      resources {\n        cpu = \"500MHz\"\n      }\n",
        "Change to 500",
        "      resources {\n        cpu = 500\n      }\n",
    ),
    (
        "      resources {\n        cpu = \"many\"\n      }\n",
        "Change to 100",
        "      resources {\n        cpu = 100\n      }\n",
    ),
    (
        "      leader = \"yes\"\n",
        "Change to true",
        "      leader = true\n",
    ),
    (
        "      kill_timeout = \"10\"\n",
        "Change to \"10s\"",
        "      kill_timeout = \"10s\"\n",
    ),
    (
        "      user: \"x\"\n",
        "Change : to =",
        "      user = \"x\"\n",
    ),
    (
        "      user \"x\"\n",
        "Set user with =",
        "      user = \"x\"\n",
    ),
    (
        "      user = 'x'\n",
        "Use double quotes",
        "      user = \"x\"\n",
    ),
    (
        "      resources = {\n      }\n",
        "Make resources a block",
        "      resources {\n      }\n",
    ),
    (
        "      lifecycle {\n      }\n",
        "Add hook = \"prestart\"",
        "      lifecycle {\n        hook = \"prestart\"\n      }\n",
    ),
    (
        "      lifecycle {}\n",
        "Add hook = \"prestart\"",
        "      lifecycle {\n        hook = \"prestart\"\n      }\n",
    ),
    (
        "      user = uper(\"x\")\n",
        "Change to upper",
        "      user = upper(\"x\")\n",
    ),
    (
        "      meta {\n        a = [\"a\" \"b\"][0]\n      }\n",
        "Add a comma",
        "      meta {\n        a = [\"a\", \"b\"][0]\n      }\n",
    ),
];

/// A whole file, the title of the change, the file after it.
const WHOLE: &[(&str, &str, &str)] = &[
    ("jobs \"a\" {\n}\n", "Change to job", "job \"a\" {\n}\n"),
    (
        "job \"a\" {\n  group {\n  }\n}\n",
        "Add the name \"group\"",
        "job \"a\" {\n  group \"group\" {\n  }\n}\n",
    ),
    (
        "job \"a\" {\n  datacenters = \"dc1\"\n}\n",
        "Change to [\"dc1\"]",
        "job \"a\" {\n  datacenters = [\"dc1\"]\n}\n",
    ),
    (
        "locals {\n  image = \"x\"\n}\njob \"a\" {\n  region = local.imge\n}\n",
        "Change to image",
        "locals {\n  image = \"x\"\n}\njob \"a\" {\n  region = local.image\n}\n",
    ),
    (
        "variable \"tag\" {\n  default = \"x\"\n}\njob \"a\" {\n  region = var.tga\n}\n",
        "Change to tag",
        "variable \"tag\" {\n  default = \"x\"\n}\njob \"a\" {\n  region = var.tag\n}\n",
    ),
    (
        "job \"a\" {\n  group \"b\" {\n    task \"c\" {\n    }\n  }\n}\n",
        "Add driver = \"docker\"",
        "job \"a\" {\n  group \"b\" {\n    task \"c\" {\n      driver = \"docker\"\n    }\n  \
             }\n}\n",
    ),
    (
        "job \"a\" {\n  group \"b\" {\n    update {\n      healthy_deadline = \"10m\"\n    }\n\
             \u{20}   task \"c\" {\n      driver = \"docker\"\n    }\n  }\n}\n",
        "Set progress_deadline = \"15m\"",
        "job \"a\" {\n  group \"b\" {\n    update {\n      healthy_deadline = \"10m\"\n      \
             progress_deadline = \"15m\"\n    }\n    task \"c\" {\n      driver = \"docker\"\n    \
             }\n  }\n}\n",
    ),
];

#[test]
fn each_is_mended_by_its_change() {
    let files = IN_TASK
        .iter()
        .map(|(before, title, after)| (in_task(before), *title, in_task(after)));
    let whole = WHOLE
        .iter()
        .map(|(before, title, after)| (before.to_string(), *title, after.to_string()));
    for (before, title, after) in files.chain(whole) {
        let found = problems(&before);
        let fixes = found.iter().filter_map(|problem| problem.fix.as_ref());
        let fix = fixes.clone().find(|fix| fix.title == title);
        let fix = fix.unwrap_or_else(|| panic!("{title:?} is not offered:\n{before}{found:#?}"));
        let mut mended = before.clone();
        mended.replace_range(fix.start_byte..fix.end_byte, &fix.replacement);
        assert_eq!(mended, after, "{title}");
        let is_left = problems(&mended)
            .iter()
            .any(|problem| problem.fix.as_ref().is_some_and(|fix| fix.title == title));
        assert!(!is_left, "{title} once more:\n{mended}");
    }
}

#[test]
fn what_has_no_obvious_change_gets_none() {
    for lines in [
        "      nothing_like_it = 1\n",
        "      resources {\n        device = 1\n      }\n",
        "      leader = \"perhaps\"\n",
        "      user = [\"x\", \"y\"]\n",
    ] {
        let found = problems(&in_task(lines));
        assert!(!found.is_empty(), "{lines}");
        for problem in found
            .iter()
            .filter(|each| each.range.is_some_and(|range| range.start.line > 4))
        {
            assert_eq!(problem.fix, None, "{lines}");
        }
    }
}

#[test]
fn changes_stay_inside_the_file() {
    let good = include_str!("data/web.nomad.hcl");
    for cut in (0..good.len()).filter(|&at| good.is_char_boundary(at)) {
        for source in [&good[..cut], &good[cut..]] {
            for fix in problems(source)
                .into_iter()
                .filter_map(|problem| problem.fix)
            {
                assert!(fix.start_byte <= fix.end_byte, "{fix:?}");
                assert!(
                    source.get(fix.start_byte..fix.end_byte).is_some(),
                    "{fix:?}"
                );
            }
        }
    }
}

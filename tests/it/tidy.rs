//! House rules that no compiler checks: layers, purity of the engine, sizes of lines, functions and
//! files.
//!
//! The table of layers is here and in ARCHITECTURE.md; a new arrow changes both in the same commit,
//! and the commit says why no lower layer could hold the code.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Which of our crates a crate may name, in `Cargo.toml` and in `use`: lower layers first.
const LAYERS: [(&str, &[&str]); 14] = [
    ("core/model", &[]),
    ("core/jobspec", &["model"]),
    ("core/diff", &["model", "jobspec"]),
    ("core/state", &["model"]),
    ("core/scheduler", &["model", "state"]),
    (
        "core/engine",
        &["model", "jobspec", "diff", "state", "scheduler"],
    ),
    (
        "core/workbench",
        &["model", "jobspec", "diff", "state", "engine"],
    ),
    (
        "bench",
        &["model", "jobspec", "diff", "state", "scheduler", "engine"],
    ),
    ("swarm", &["model", "jobspec", "state", "engine"]),
    (
        "cli",
        &[
            "model",
            "jobspec",
            "diff",
            "state",
            "engine",
            "workbench",
            "bench",
            "swarm",
        ],
    ),
    ("web", &["model", "workbench"]),
    (
        "tests",
        &[
            "model",
            "jobspec",
            "diff",
            "state",
            "scheduler",
            "engine",
            "workbench",
            "cli",
        ],
    ),
    ("tests/everywhere", &[]),
    ("xtask", &[]),
];

/// Everything that `core/` may take from outside: nothing with a clock, chance or I/O of its own.
const CORE_EXTERNAL: [&str; 8] = [
    "base64",
    "libm",
    "litemap",
    "miniz_oxide",
    "postcard",
    "regex-lite",
    "serde",
    "serde_json",
];

/// Folders that must not name a module: they meet elsewhere, as the parts they stand for do in
/// life.
const STRANGERS: [(&str, &str); 3] = [
    ("core/engine/src/server", "crate::client"),
    ("core/engine/src/client", "crate::server"),
    ("web/src/ui", "yurt_"),
];

/// What would make the engine's results differ between two runs or two machines, with the reason.
const IMPURE: [(&str, &str); 9] = [
    (
        "HashMap",
        "its order differs from run to run: BTreeMap, IndexMap or a sorted Vec",
    ),
    ("HashSet", "its order differs from run to run: BTreeSet"),
    ("Instant::now", "time is an argument"),
    ("SystemTime", "time is an argument"),
    (
        ".powf(",
        "one result in ten differs in wasm: yurt_model::math::pow",
    ),
    ("std::fs", "files belong to cli"),
    ("std::env", "the environment belongs to cli"),
    ("std::net::Tcp", "the network belongs to cli"),
    ("std::thread", "order would depend on the machine"),
];

/// Longest line of code, in characters.
const COLUMNS_MAX: usize = 100;
/// Longest function, from its `fn` to its closing brace, in lines: what fits on a screen. The
/// tables of tests may be longer.
const FUNCTION_LINES_MAX: usize = 70;
/// Longest file, in lines.
const FILE_LINES_MAX: usize = 600;

/// Today's offenders: place and the size it may have. The list may only shrink: what has become
/// small enough fails until it is taken off.
const EXCEPTIONS: [(&str, usize); 7] = [
    ("core/jobspec/src/decode/dynamic.rs fn expand_one", 80),
    (
        "core/jobspec/src/syntax/collections.rs fn for_expression",
        75,
    ),
    ("core/jobspec/src/syntax/expressions.rs fn in_brackets", 75),
    ("core/jobspec/src/syntax/templates.rs fn parts", 75),
    ("core/jobspec/src/variables/types.rs fn constructed", 80),
    ("core/scheduler/src/reconcile/tests/scene.rs", 650),
    ("core/state/src/apply/mod.rs fn carry_out", 115),
];

/// Folders that hold nothing written by hand.
const SKIPPED: [&str; 6] = [
    ".git",
    "target",
    "node_modules",
    "dist",
    "reference",
    ".yurt",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests lies in the root")
        .to_path_buf()
}

/// Files below a folder whose extension is one of `extensions`, with their text, by path from the
/// root.
fn files(folder: &str, extensions: &[&str]) -> BTreeMap<String, String> {
    fn walk(root: &Path, path: &Path, extensions: &[&str], found: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() && !SKIPPED.contains(&name.as_str()) {
                walk(root, &path, extensions, found);
            } else if path
                .extension()
                .is_some_and(|e| extensions.iter().any(|x| e == *x))
            {
                let name = path
                    .strip_prefix(root)
                    .expect("below the root")
                    .display()
                    .to_string();
                found.insert(
                    name,
                    fs::read_to_string(&path).expect("source files are UTF-8"),
                );
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(&root(), &root().join(folder), extensions, &mut found);
    found
}

/// Lines with their numbers, without those that are comments as a whole.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line));
    numbered.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The crates that a line names, `yurt_x` in code and `yurt-x` in a manifest, as `x`.
fn crates_named(path: &str, line: &str) -> Vec<String> {
    let joint = if path.ends_with(".rs") { '_' } else { '-' };
    let parts = line
        .split("yurt")
        .skip(1)
        .filter(|rest| rest.starts_with(joint));
    parts
        .map(|rest| {
            rest[1..]
                .chars()
                .take_while(char::is_ascii_lowercase)
                .collect::<String>()
        })
        .filter(|name| {
            LAYERS
                .iter()
                .any(|(folder, _)| folder.rsplit('/').next() == Some(name))
        })
        .collect()
}

fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn crates_name_only_lower_layers() {
    let mut complaints = Vec::new();
    for (folder, allowed) in LAYERS {
        let own = folder.rsplit('/').next().expect("never empty");
        let mut texts = files(&format!("{folder}/src"), &["rs"]);
        let manifest = format!("{folder}/Cargo.toml");
        let text = fs::read_to_string(root().join(&manifest)).expect("the crate has a manifest");
        texts.insert(manifest, text);
        for (path, text) in &texts {
            for (number, line) in code_lines(text) {
                for name in crates_named(path, line) {
                    // Test support that every crate may use, and that nothing is given with.
                    let fine = name == own || name == "everywhere" || allowed.contains(&&*name);
                    if !fine {
                        complaints.push(format!("{path}:{number}: {folder} may not name {name}"));
                    }
                }
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn every_crate_has_its_layer() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the workspace is there");
    let members = manifest
        .split("members = [")
        .nth(1)
        .and_then(|rest| rest.split(']').next());
    for member in members
        .expect("a list of members")
        .split('"')
        .skip(1)
        .step_by(2)
    {
        assert!(
            LAYERS.iter().any(|(folder, _)| *folder == member),
            "{member} has no layer"
        );
    }
}

#[test]
fn the_engine_depends_on_nothing_impure() {
    let mut complaints = Vec::new();
    for (path, text) in files("core", &["toml"]) {
        let normal = text.split("\n[dependencies]\n").nth(1).unwrap_or_default();
        for line in normal.lines().take_while(|line| !line.starts_with('[')) {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            let ours = name.is_empty() || name.starts_with("yurt-") || name.starts_with('#');
            if !ours && !CORE_EXTERNAL.contains(&name) {
                complaints.push(format!("{path}: {name} is not on the list for the engine"));
            }
        }
    }
    let sources = files("core", &["rs"]);
    // Not a crate's examples: they are programs for people.
    for (path, text) in sources
        .iter()
        .filter(|(path, _)| !path.contains("/examples/"))
    {
        for (number, line) in code_lines(text) {
            for (word, reason) in IMPURE {
                if line.contains(word) {
                    complaints.push(format!("{path}:{number}: {word}: {reason}"));
                }
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn strangers_do_not_meet() {
    let mut complaints = Vec::new();
    for (folder, word) in STRANGERS {
        for (path, text) in files(folder, &["rs"]) {
            for (number, _) in code_lines(&text).filter(|(_, line)| line.contains(word)) {
                complaints.push(format!("{path}:{number}: {folder} may not name {word}"));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn every_test_of_the_engine_runs_as_wasm_too() {
    let mut complaints = Vec::new();
    let sources = files("core", &["rs"]);
    for path in sources.keys() {
        let folder = path.split('/').nth(1).expect("core/<crate>/...");
        // A crate's own tests take part by its `lib.rs`, each file of `tests/` by itself.
        let beside = path.starts_with(&format!("core/{folder}/tests/"));
        let root = if beside {
            path.clone()
        } else {
            format!("core/{folder}/src/lib.rs")
        };
        let tested = sources[path].contains("#[test]");
        if tested && !sources[&root].contains("extern crate yurt_everywhere;") {
            complaints.push(format!("{path}: {root} lacks the lines of CONTRIBUTING.md"));
        }
    }
    assert_none(&complaints);
}

/// Where a function that starts at `lines[start]` ends, by the indentation that rustfmt gives it.
fn function_end(lines: &[&str], start: usize) -> usize {
    let indent = lines[start].len() - lines[start].trim_start().len();
    let closes = |line: &str| {
        let same = line.len() > indent && line[..indent].trim().is_empty();
        same && (line[indent..].starts_with('}')
            || line[indent..].starts_with(") ") && line.ends_with(';'))
    };
    if lines[start].ends_with(['}', ';']) {
        return start;
    }
    (start + 1..lines.len())
        .find(|&index| closes(lines[index]))
        .unwrap_or(lines.len() - 1)
}

fn starts_function(line: &str) -> bool {
    let words = line.trim_start();
    let before = words.split("fn ").next().unwrap_or_default();
    words.contains("fn ")
        && !words.starts_with("//")
        && before.split_whitespace().all(|word| {
            word.starts_with("pub") || matches!(word, "const" | "async" | "unsafe" | "extern")
        })
}

/// Every size above its bound, by place.
fn oversized() -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for (path, text) in files("", &["rs", "mjs", "ts"]) {
        let lines: Vec<&str> = text.lines().collect();
        if lines.len() > FILE_LINES_MAX {
            found.insert(path.clone(), lines.len());
        }
        let test = path.contains("tests/") || path.ends_with("tests.rs");
        for (index, line) in lines.iter().enumerate() {
            // A row of a test's table is as long as its text.
            let row = test && line.contains('"');
            if line.chars().count() > COLUMNS_MAX && !row {
                found.insert(format!("{path}:{}", index + 1), line.chars().count());
            }
            if path.ends_with(".rs") && !test && starts_function(line) {
                let size = function_end(&lines, index) - index + 1;
                if size > FUNCTION_LINES_MAX {
                    let name = line.split("fn ").nth(1).unwrap_or_default();
                    let name = name.split(['(', '<']).next().unwrap_or_default();
                    found.insert(format!("{path} fn {name}"), size);
                }
            }
        }
    }
    found
}

#[test]
fn lines_functions_and_files_stay_small() {
    let found = oversized();
    let allowed = |place: &str| EXCEPTIONS.iter().find(|(excepted, _)| *excepted == place);
    let mut complaints: Vec<String> = found
        .iter()
        .filter(|(place, size)| allowed(place).is_none_or(|(_, allowed)| *size > allowed))
        .map(|(place, size)| format!("{place}: {size} is too long: split it"))
        .collect();
    for (place, _) in EXCEPTIONS
        .iter()
        .filter(|(place, _)| !found.contains_key(*place))
    {
        complaints.push(format!("{place}: no longer needs its exception: remove it"));
    }
    assert_none(&complaints);
}

#[test]
fn every_module_says_what_it_is() {
    let sources = files("", &["rs"]);
    let silent = sources.iter().filter(|(_, text)| !text.starts_with("//!"));
    let complaints: Vec<String> = silent
        .map(|(path, _)| format!("{path}: begin with `//!` and what belongs here"))
        .collect();
    assert_none(&complaints);
}

#[test]
fn texts_name_no_machine() {
    // In pieces, so that this file does not find itself.
    let folders = [["/wo", "rk/"], ["/ro", "ot/"], ["/ho", "me/"]].map(|parts| parts.concat());
    let mut complaints = Vec::new();
    let kinds = [
        "rs", "md", "toml", "json", "mjs", "ts", "css", "html", "hcl", "txt",
    ];
    for (path, text) in files("", &kinds) {
        for (index, line) in text.lines().enumerate() {
            if folders.iter().any(|folder| line.contains(folder)) {
                complaints.push(format!(
                    "{path}:{}: names a place on one machine",
                    index + 1
                ));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn links_in_texts_lead_somewhere() {
    let mut complaints = Vec::new();
    for (path, text) in files("", &["md"]) {
        let folder = root().join(&path);
        let folder = folder.parent().expect("a file lies in a folder");
        for link in text.split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap_or_default();
            let elsewhere = target.is_empty() || target.contains("://");
            if !elsewhere && !folder.join(target).exists() {
                complaints.push(format!("{path}: {target} is not there"));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn a_function_is_measured_from_its_name_to_its_brace() {
    let lines: Vec<&str> = "\
impl X {
    pub fn one(&self) -> u8 { 1 }
    fn two(
        &self,
    ) -> u8 {
        if a {
        }
        2
    }
}"
    .lines()
    .collect();
    assert!(starts_function(lines[1]) && starts_function(lines[2]) && !starts_function(lines[5]));
    assert_eq!(function_end(&lines, 1), 1);
    assert_eq!(function_end(&lines, 2), 8);
    assert!(!starts_function("    let f = |x| fn_call(x); // fn y"));
}

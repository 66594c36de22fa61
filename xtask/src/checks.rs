//! `cargo xtask test`: every check, in an order that fails early, with a table at the end.

use std::cell::OnceCell;
use std::process::ExitCode;

use crate::browser::{self, Browser};
use crate::budget;
use crate::licences;
use crate::page::{self, Flavour};
use crate::project::{Project, WASM_TARGET};
use crate::report::Report;
use crate::setup;
use crate::shell::{self, Trouble};

/// The crates of the engine, and what walks it: compiled for the browser too.
const CORE: [&str; 8] = [
    "yurt-model",
    "yurt-jobspec",
    "yurt-diff",
    "yurt-state",
    "yurt-scheduler",
    "yurt-engine",
    "yurt-workbench",
    "yurt-swarm",
];

/// Seconds that one file of tests may take in node or a browser.
const WASM_TEST_SECONDS_MAX: &str = "600";

/// A named check.
struct Step {
    name: &'static str,
    what: &'static str,
    /// Runs in any case when one of these is asked for.
    needed_by: &'static [&'static str],
    run: fn(&Bench) -> Result<String, Trouble>,
}

/// What the steps share.
struct Bench<'a> {
    project: &'a Project,
    browser: OnceCell<Browser>,
}

/// Quick and telling first; the browser last.
const STEPS: [Step; 12] = [
    Step {
        name: "format",
        what: "cargo fmt --check",
        needed_by: &[],
        run: format,
    },
    Step {
        name: "set-up",
        what: "wasm target, wasm tools, npm packages",
        needed_by: &[
            "lint",
            "lint-wasm",
            "native",
            "wasm",
            "browser",
            "page",
            "e2e",
        ],
        run: |bench| setup::run(bench.project),
    },
    Step {
        name: "licences",
        what: "licences and sources against deny.toml",
        needed_by: &[],
        run: |bench| licences::check(bench.project),
    },
    Step {
        name: "lint",
        what: "clippy, native, warnings are errors",
        needed_by: &[],
        run: lint,
    },
    Step {
        name: "lint-wasm",
        what: "clippy, wasm32, warnings are errors",
        needed_by: &[],
        run: lint_wasm,
    },
    Step {
        name: "native",
        what: "all native tests",
        needed_by: &[],
        run: native_tests,
    },
    Step {
        name: "fuzz",
        what: "damaged job files, for a few seconds",
        needed_by: &[],
        run: some_fuzz,
    },
    Step {
        name: "wasm",
        what: "the engine's tests as wasm in node",
        needed_by: &[],
        run: wasm_tests,
    },
    Step {
        name: "find-browser",
        what: "Chromium and its driver, installed if need be",
        needed_by: &["browser", "e2e"],
        run: find_browser,
    },
    Step {
        name: "browser",
        what: "the page's tests in headless Chromium",
        needed_by: &[],
        run: browser_tests,
    },
    Step {
        name: "page",
        what: "the release page and its size budget, and the test page",
        needed_by: &["e2e"],
        run: pages,
    },
    Step {
        name: "e2e",
        what: "the guide, in a real Chromium",
        needed_by: &[],
        run: end_to_end,
    },
];

/// `cargo xtask test --list`.
pub fn list() {
    for step in &STEPS {
        println!("{:13} {}", step.name, step.what);
    }
}

/// `cargo xtask test`: all steps, or those asked for with what they need.
pub fn command(project: &Project, only: &[&str]) -> Result<ExitCode, Trouble> {
    if let Some(unknown) = only
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != **name))
    {
        let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        let names = names.join(", ");
        return Err(Trouble::new(format!(
            "no step is called `{unknown}`; there are {names}"
        )));
    }
    let wanted = |step: &&Step| {
        only.is_empty()
            || only.contains(&step.name)
            || step.needed_by.iter().any(|name| only.contains(name))
    };
    let steps: Vec<&Step> = STEPS.iter().filter(wanted).collect();
    let bench = Bench {
        project,
        browser: OnceCell::new(),
    };
    let mut report = Report::new();
    for (position, step) in steps.iter().enumerate() {
        if let Err(trouble) = report.step(step.name, || (step.run)(&bench)) {
            let not_run: Vec<&str> = steps[position + 1..].iter().map(|step| step.name).collect();
            print!("\n{}\n", report.table(&not_run));
            eprintln!("error: {}: {trouble}", step.name);
            return Ok(ExitCode::FAILURE);
        }
    }
    print!("\n{}", report.table(&[]));
    Ok(ExitCode::SUCCESS)
}

fn format(bench: &Bench) -> Result<String, Trouble> {
    let mut cargo = bench.project.cargo(&["fmt", "--all", "--check"]);
    shell::run(&mut cargo, "run `cargo fmt`")?;
    Ok(String::new())
}

fn lint(bench: &Bench) -> Result<String, Trouble> {
    let mut cargo = bench
        .project
        .cargo(&["clippy", "--locked", "--workspace", "--all-targets"]);
    // The page is linted for the browser, below.
    cargo.args(["--exclude", "yurt-web", "--", "-D", "warnings"]);
    shell::run(&mut cargo, "mend the warnings above")?;
    Ok(String::new())
}

fn lint_wasm(bench: &Bench) -> Result<String, Trouble> {
    let mut core = bench
        .project
        .cargo(&["clippy", "--locked", "--target", WASM_TARGET]);
    for name in CORE {
        core.args(["--package", name]);
    }
    core.args([
        "--package",
        "yurt-tests",
        "--package",
        "yurt-web",
        "--all-targets",
    ]);
    core.args(["--features", "yurt-web/fault", "--", "-D", "warnings"]);
    shell::run(&mut core, "mend the warnings above")?;
    Ok(String::new())
}

fn native_tests(bench: &Bench) -> Result<String, Trouble> {
    let mut cargo = bench.project.cargo(&["test", "--locked", "--quiet"]);
    shell::run(&mut cargo, "mend the tests named above")?;
    Ok(String::new())
}

/// A few seconds of `cargo xtask fuzz`, with the binary that the tests have compiled.
fn some_fuzz(bench: &Bench) -> Result<String, Trouble> {
    let mut cargo = bench.project.cargo(&["run", "--locked", "--quiet"]);
    cargo.args(["--package", "yurt-tests", "--bin", "yurt-fuzz", "--"]);
    cargo.args(["--seconds", "5"]);
    shell::run(&mut cargo, "mend what the input named above does")?;
    Ok(String::new())
}

/// `cargo xtask fuzz`: optimised, for as long as asked.
pub fn fuzz_command(project: &Project, options: &[&str]) -> Result<(), Trouble> {
    let mut cargo = project.cargo(&["run", "--locked", "--quiet", "--release"]);
    cargo.args(["--package", "yurt-tests", "--bin", "yurt-fuzz", "--"]);
    cargo.args(options);
    shell::run(&mut cargo, "mend what the input named above does")
}

fn wasm_tests(bench: &Bench) -> Result<String, Trouble> {
    let mut cargo = bench
        .project
        .cargo(&["test", "--locked", "--target", WASM_TARGET]);
    for name in CORE {
        cargo.args(["--package", name]);
    }
    cargo.args(["--package", "yurt-tests", "--lib", "--tests"]);
    cargo.env("WASM_BINDGEN_TEST_TIMEOUT", WASM_TEST_SECONDS_MAX);
    shell::run(&mut cargo, "mend the tests named above; natively they pass")?;
    Ok(String::new())
}

fn find_browser(bench: &Bench) -> Result<String, Trouble> {
    let (browser, note) = browser::find_or_install(bench.project)?;
    let _ = bench.browser.set(browser);
    Ok(note)
}

fn browser_tests(bench: &Bench) -> Result<String, Trouble> {
    let browser = bench.browser.get().expect("the step find-browser ran");
    let args = ["test", "--locked", "--target", WASM_TARGET];
    let mut cargo = bench.project.cargo(&args);
    // With the same feature as the test page, so that both share what is compiled.
    cargo.args(["--package", "yurt-web", "--features", "fault"]);
    cargo.env("CHROMEDRIVER", &browser.chromedriver);
    cargo.env("WASM_BINDGEN_TEST_TIMEOUT", WASM_TEST_SECONDS_MAX);
    shell::run(&mut cargo, "mend the tests named above")?;
    Ok(String::new())
}

fn pages(bench: &Bench) -> Result<String, Trouble> {
    let project = bench.project;
    page::build(project, Flavour::Test, &mut Report::new())?;
    page::build(project, Flavour::Released, &mut Report::new())?;
    let sizes = budget::measure(project, &project.dist())?;
    print!("{}", sizes.table());
    budget::check(project, &sizes)
}

fn end_to_end(bench: &Bench) -> Result<String, Trouble> {
    let project = bench.project;
    let browser = bench.browser.get().expect("the step find-browser ran");
    let mut node = project.command("node");
    node.arg("tests/e2e/run.mjs");
    node.env("CHROMIUM", &browser.chromium);
    node.env("YURT_DIST", project.dist());
    node.env("YURT_TEST_DIST", Flavour::Test.dist(project));
    node.env("YURT_SHOTS", project.target.join("e2e"));
    shell::run(
        &mut node,
        "mend what is named above; screenshots are in target/e2e",
    )?;
    Ok(String::new())
}

/// `cargo xtask trunk`: compiles Trunk once, into the cache, and builds the page as its users do.
pub fn trunk_command(project: &Project) -> Result<(), Trouble> {
    let mut report = Report::new();
    report.step("set-up", || setup::run(project))?;
    let home = project.cache().join("trunk");
    let trunk = home
        .join("bin")
        .join(format!("trunk{}", std::env::consts::EXE_SUFFIX));
    if !trunk.exists() {
        report.step("compile Trunk", || {
            let args = ["install", "trunk", "--version", "0.21.14", "--locked"];
            let mut cargo = project.cargo(&args);
            // Without its own downloads, and in minutes rather than a quarter of an hour.
            cargo.args(["--no-default-features", "--root"]).arg(&home);
            cargo.env("CARGO_PROFILE_RELEASE_LTO", "off");
            cargo.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
            cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
            shell::run(&mut cargo, "is crates.io in reach?").map(|()| String::new())
        })?;
    }
    report.step("trunk build --release --offline", || {
        let mut folders = vec![
            project.root.join("tools/target/debug"),
            project.root.join("node_modules/.bin"),
        ];
        let path = std::env::var_os("PATH").unwrap_or_default();
        folders.extend(std::env::split_paths(&path));
        let path =
            std::env::join_paths(folders).map_err(|error| Trouble::new(error.to_string()))?;
        let mut build = project.command(&trunk);
        build.args(["build", "--release", "--offline", "--dist"]);
        build
            .arg(project.cache().join("trunk-dist"))
            .env("PATH", path);
        shell::run(&mut build, "mend index.html or Trunk.toml").map(|()| String::new())
    })?;
    print!("\n{}", report.table(&[]));
    Ok(())
}

//! `cargo xtask bench`: the bench natively and as wasm in Node, one after the other, in one table
//! with what was promised.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::page;
use crate::project::{Project, WASM_TARGET};
use crate::setup;
use crate::shell::{self, Trouble};

/// WebAssembly takes at most this many times what the same work takes natively.
const RATIO_MAX: f64 = 3.0;

/// Promised milliseconds: workload, natively, as wasm (where something of its own is promised).
///
/// Placing: what a real scheduler took, divided by 50 without spread and by 200 with.
const GOALS: [(&str, f64, Option<f64>); 14] = [
    ("parse, admit and diff 300 lines", 2.0, Some(8.0)),
    ("place 50 of 50 on 1000 nodes", 9.0 / 50.0, None),
    ("place 50 of 50 on 5000 nodes", 14.0 / 50.0, None),
    ("place 50 of 50 on 10000 nodes", 24.0 / 50.0, None),
    ("place 960 of 1200 on 1000 nodes", 570.0 / 50.0, None),
    ("place 1200 of 1200 on 5000 nodes", 290.0 / 50.0, None),
    ("place 1200 of 1200 on 10000 nodes", 280.0 / 50.0, None),
    ("place 50 of 50 on 1000 nodes, spread", 63.0 / 200.0, None),
    ("place 50 of 50 on 5000 nodes, spread", 93.0 / 200.0, None),
    ("place 50 of 50 on 10000 nodes, spread", 85.0 / 200.0, None),
    (
        "place 960 of 1200 on 1000 nodes, spread",
        9_000.0 / 200.0,
        None,
    ),
    (
        "place 1200 of 1200 on 5000 nodes, spread",
        30_300.0 / 200.0,
        None,
    ),
    (
        "place 1200 of 1200 on 10000 nodes, spread",
        32_100.0 / 200.0,
        None,
    ),
    (
        "update 1000 allocations, 10 at a time: successful",
        1000.0,
        None,
    ),
];

/// An allocation weighs at most this many bytes beyond its job.
const BYTES_MAX: u64 = 600;

/// What the command line asked for.
#[derive(Default)]
struct Options<'a> {
    /// One family of workloads, or all.
    family: Option<&'a str>,
    /// Another optimisation than the page's own.
    opt_level: Option<&'a str>,
}

/// A measured workload.
struct Measured {
    milliseconds: f64,
    decisions: String,
}

/// `cargo xtask bench [FAMILY] [--opt-level LEVEL]`.
pub fn command(project: &Project, arguments: &[&str]) -> Result<(), Trouble> {
    let options = read(arguments)?;
    setup::run(project)?;
    let native = program(project, "yurt-bench")?;
    let script = wasm(project, options.opt_level)?;
    let level = options.opt_level.unwrap_or("as the page");
    println!("natively:");
    let mut command = project.command(native);
    command.args(options.family);
    let native = measured(&shell::output(&mut command, "see above")?)?;
    println!("as wasm, optimised {level}:");
    let mut command = project.command("node");
    command
        .arg("bench/run.cjs")
        .arg(script)
        .args(options.family);
    let wasm = measured(&shell::output(&mut command, "see above")?)?;
    print!("{}", table(&native, &wasm));
    if options.family.is_none_or(|family| family == "memory") {
        weigh(project)?;
    }
    Ok(())
}

fn read<'a>(arguments: &[&'a str]) -> Result<Options<'a>, Trouble> {
    let mut options = Options::default();
    let mut arguments = arguments.iter();
    while let Some(&argument) = arguments.next() {
        match argument {
            "--opt-level" => options.opt_level = arguments.next().copied(),
            family if !family.starts_with('-') => options.family = Some(family),
            other => return Err(Trouble::new(format!("bench: cannot read `{other}`"))),
        }
    }
    Ok(options)
}

/// Compiles a native program of the bench; where it is.
fn program(project: &Project, name: &str) -> Result<PathBuf, Trouble> {
    let mut cargo = project.cargo(&["build", "--locked", "--release"]);
    cargo.args(["--package", "yurt-bench", "--bin", name]);
    shell::run(&mut cargo, "mend the errors above")?;
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Ok(project.target.join("release").join(file))
}

/// Compiles the bench as the page is compiled: profile, wasm-bindgen, wasm-opt. Its script.
fn wasm(project: &Project, opt_level: Option<&str>) -> Result<PathBuf, Trouble> {
    let mut cargo = project.cargo(&["build", "--locked", "--profile", "wasm"]);
    cargo.args(["--package", "yurt-bench", "--bin", "yurt-bench"]);
    cargo.args(["--target", WASM_TARGET]);
    if let Some(level) = opt_level {
        cargo.env("CARGO_PROFILE_WASM_OPT_LEVEL", level);
    }
    shell::run(&mut cargo, "mend the errors above")?;
    let compiled = project
        .target
        .join(WASM_TARGET)
        .join("wasm/yurt-bench.wasm");
    let folder = project.cache().join("bench");
    shell::empty_folder(&folder)?;
    let mut bindgen = project.command(project.tool("wasm-bindgen"));
    bindgen.args([
        "--no-typescript",
        "--target",
        "nodejs",
        "--out-name",
        "bench",
    ]);
    bindgen.arg("--out-dir").arg(&folder).arg(compiled);
    shell::quietly(
        &mut bindgen,
        "is its version in Cargo.lock the one of tools/?",
    )?;
    // Above it stands the project's package.json, which speaks of modules.
    shell::write(&folder.join("package.json"), "{\"type\": \"commonjs\"}\n")?;
    let bound = folder.join("bench_bg.wasm");
    let mut shrink = project.command("node");
    shrink.arg(project.root.join("node_modules/binaryen/bin/wasm-opt"));
    match opt_level {
        Some(_) => shrink.arg("-O3"),
        None => shrink.args(page::SHRINKING),
    };
    shrink.arg(&bound).arg("-o").arg(&bound);
    shell::quietly(&mut shrink, "run `npm ci --ignore-scripts` and try again")?;
    Ok(folder.join("bench.js"))
}

/// The lines of `yurt-bench`, in their order.
fn measured(text: &str) -> Result<Vec<(String, Measured)>, Trouble> {
    let row = |line: &str| {
        let mut cells = line.split('\t');
        let workload = cells.next()?.to_string();
        let milliseconds = cells.next()?.parse().ok()?;
        let decisions = cells.nth(1)?.to_string();
        let row = Measured {
            milliseconds,
            decisions,
        };
        Some((workload, row))
    };
    let unread = |line| Trouble::new(format!("bench: cannot read {line:?}"));
    text.lines()
        .map(|line| row(line).ok_or_else(|| unread(line)))
        .collect()
}

/// One line for each workload: both times, their ratio, what was promised, and whether it is kept.
fn table(native: &[(String, Measured)], wasm: &[(String, Measured)]) -> String {
    let wasm: BTreeMap<&str, &Measured> = wasm
        .iter()
        .map(|(workload, row)| (workload.as_str(), row))
        .collect();
    let mut text = format!(
        "{:50}  {:>11}  {:>11}  {:>5}  promised\n",
        "milliseconds that were computed", "native", "wasm", "ratio"
    );
    for (workload, native) in native {
        let Some(wasm) = wasm.get(workload.as_str()) else {
            text += &format!("{workload:50}  {:11.3}  other work\n", native.milliseconds);
            continue;
        };
        let ratio = wasm.milliseconds / native.milliseconds;
        text += &format!(
            "{workload:50}  {:11.3}  {:11.3}  {ratio:5.2}  {}\n",
            native.milliseconds,
            wasm.milliseconds,
            verdict(workload, native, wasm)
        );
    }
    text
}

/// What was promised, and what of it is not kept.
fn verdict(workload: &str, native: &Measured, wasm: &Measured) -> String {
    let mut words = Vec::new();
    if let Some((_, own, in_wasm)) = GOALS.iter().find(|(name, ..)| *name == workload) {
        words.push(format!("{own:.3}"));
        if let Some(in_wasm) = in_wasm {
            words.push(format!("wasm {in_wasm:.3}"));
        }
        if native.milliseconds > *own {
            words.push("NATIVE TOO SLOW".to_string());
        }
        if in_wasm.is_some_and(|most| wasm.milliseconds > most) {
            words.push("WASM TOO SLOW".to_string());
        }
    }
    if wasm.milliseconds > RATIO_MAX * native.milliseconds {
        words.push(format!("MORE THAN {RATIO_MAX} TIMES"));
    }
    if native.decisions != wasm.decisions {
        words.push("OTHER DECISIONS".to_string());
    }
    words.join(", ")
}

/// Bytes of memory per allocation, natively.
fn weigh(project: &Project) -> Result<(), Trouble> {
    let weigh = program(project, "yurt-weigh")?;
    let text = shell::output(&mut project.command(weigh), "see above")?;
    println!("\nbytes of memory, promised: {BYTES_MAX} for each allocation");
    for line in text.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let [what, small, large, each, parts] = cells[..] else {
            return Err(Trouble::new(format!("bench: cannot read {line:?}")));
        };
        let kept = each.parse().is_ok_and(|each: u64| each < BYTES_MAX);
        let kept = if kept { "" } else { "  TOO MUCH" };
        println!("{each:>6} each  {what} (1,200: {small}, 12,000: {large} in all){kept}");
        println!("             in blocks of {parts}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_is_not_kept() {
        let lines = |milliseconds: f64, decisions: &str| {
            let name = "parse, admit and diff 300 lines";
            measured(&format!("{name}\t{milliseconds}\t9\t{decisions}\n")).expect("a line")
        };
        let good = table(&lines(1.0, "a"), &lines(2.0, "a"));
        assert!(good.ends_with("2.00  2.000, wasm 8.000\n"), "{good}");
        let bad = table(&lines(2.5, "a"), &lines(9.0, "b"));
        for word in [
            "NATIVE TOO",
            "WASM TOO",
            "MORE THAN 3 TIMES",
            "OTHER DECISIONS",
        ] {
            assert!(bad.contains(word), "{word} in {bad}");
        }
        assert!(measured("nonsense").is_err());
    }
}

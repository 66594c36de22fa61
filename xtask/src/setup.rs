//! What a fresh clone lacks: the wasm target, the wasm tools, the npm packages.

use std::fs;
use std::path::Path;

use crate::digest;
use crate::project::{Project, WASM_TARGET};
use crate::shell::{self, Trouble};

/// The oldest Node.js that the packages run on.
const NODE_MAJOR_MIN: u32 = 20;

/// Installs whatever the build needs and is not there yet; returns what it did.
pub fn run(project: &Project) -> Result<String, Trouble> {
    let mut done = Vec::new();
    if wasm_target(project)? {
        done.push("added the wasm target");
    }
    check_node(project)?;
    if npm_packages(project)? {
        done.push("installed the npm packages");
    }
    if wasm_tools(project)? {
        done.push("compiled the wasm tools");
    }
    bundle(project)?;
    Ok(done.join(", "))
}

fn wasm_target(project: &Project) -> Result<bool, Trouble> {
    let mut rustc = project.command("rustc");
    rustc.args(["--print", "target-libdir", "--target", WASM_TARGET]);
    let folder = shell::output(&mut rustc, "install Rust by rustup (https://rustup.rs)")?;
    if Path::new(folder.trim()).is_dir() {
        return Ok(false);
    }
    let mut rustup = project.command("rustup");
    rustup.args(["target", "add", WASM_TARGET]);
    shell::run(
        &mut rustup,
        "add the target wasm32-unknown-unknown to your Rust by hand",
    )?;
    Ok(true)
}

fn check_node(project: &Project) -> Result<(), Trouble> {
    let version = shell::output(project.command("node").arg("--version"), "mend Node.js")?;
    let version = version.trim();
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .unwrap_or_default();
    match major.parse::<u32>() {
        Ok(major) if major >= NODE_MAJOR_MIN => Ok(()),
        _ => Err(Trouble::new(format!(
            "Node.js {version} is too old: install {NODE_MAJOR_MIN} or later (https://nodejs.org)"
        ))),
    }
}

fn npm_packages(project: &Project) -> Result<bool, Trouble> {
    let lock = shell::read_bytes(&project.root.join("package-lock.json"))?;
    // Inside node_modules, so that a removed folder takes its stamp along.
    let stamp = project.root.join("node_modules/.yurt-lock");
    digest::once(&stamp, &digest::digest(&[&lock]), || {
        let mut npm = project.command("npm");
        // No package's own script may run: none of ours needs to.
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        shell::quietly(&mut npm, "is the npm registry in reach?")
    })
}

fn wasm_tools(project: &Project) -> Result<bool, Trouble> {
    let lock = shell::read_bytes(&project.root.join("tools/Cargo.lock"))?;
    let stamp = project.root.join("tools/target/yurt-lock");
    if !project.tool("wasm-bindgen-test-runner").exists() {
        let _ = fs::remove_file(&stamp);
    }
    digest::once(&stamp, &digest::digest(&[&lock]), || {
        let mut cargo =
            project.cargo(&["build", "--locked", "--manifest-path", "tools/Cargo.toml"]);
        cargo.args(["--target-dir", "tools/target"]);
        shell::run(&mut cargo, "is crates.io in reach?")
    })
}

/// Bundles editor and styles: compiling the page needs the editor's bundle. Only when they changed:
/// cargo compiles the page anew whenever the bundle's file is newer.
fn bundle(project: &Project) -> Result<(), Trouble> {
    let made = project.root.join("web/js/dist");
    let mut inputs = vec![
        project.root.join("package-lock.json"),
        project.root.join("package.json"),
    ];
    for folder in ["web/js", "web/styles"] {
        let entries = fs::read_dir(project.root.join(folder))
            .into_iter()
            .flatten()
            .flatten();
        inputs.extend(
            entries
                .map(|entry| entry.path())
                .filter(|path| path.is_file()),
        );
    }
    inputs.sort();
    let mut contents = Vec::new();
    for path in inputs {
        contents.push(path.display().to_string().into_bytes());
        contents.push(shell::read_bytes(&path)?);
    }
    let contents: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
    digest::once(&made.join(".inputs"), &digest::digest(&contents), || {
        let mut npm = project.command("npm");
        npm.args(["run", "--silent", "bundle"]);
        shell::quietly(&mut npm, "mend web/js or web/styles where esbuild points")
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    /// The text between two others, of a file that has them.
    fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
        let rest = text.split(before).nth(1).expect(before);
        rest.split(after).next().expect(after)
    }

    #[test]
    fn the_versions_of_the_tools_agree_wherever_they_are_written() {
        let lock = include_str!("../../Cargo.lock");
        let locked = between(lock, "name = \"wasm-bindgen\"\nversion = \"", "\"");
        let trunk = include_str!("../../Trunk.toml");
        assert_eq!(between(trunk, "wasm_bindgen = \"", "\""), locked);
        let tools = include_str!("../../tools/Cargo.toml");
        assert_eq!(between(tools, "\nversion = \"", "\""), locked);
        assert_eq!(
            between(tools, "wasm-bindgen-cli = { version = \"=", "\""),
            locked
        );
        let packages = include_str!("../../package.json");
        let binaryen = between(packages, "\"binaryen\": \"", ".");
        assert_eq!(between(trunk, "wasm_opt = \"version_", "\""), binaryen);
    }
}

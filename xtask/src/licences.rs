//! Licences and sources of what we depend on, checked against `deny.toml` without cargo-deny, which
//! takes minutes to compile.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::project::{Project, WASM_TARGET};
use crate::shell::{self, Trouble};

/// Licences of npm packages that only tests and the build use and that nobody is given.
const NPM_DEV_ONLY: [&str; 1] = ["MPL-2.0"];

/// Checks every crate of the product on this machine and in the browser, and every npm package.
pub fn check(project: &Project) -> Result<String, Trouble> {
    let allowed = allow_list(&shell::read(&project.root.join("deny.toml"))?)?;
    let mut rustc = project.command("rustc");
    let version = shell::output(rustc.arg("-vV"), "install Rust by rustup")?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap_or_default();
    let mut crates = BTreeSet::new();
    for platform in [host, WASM_TARGET] {
        let args = [
            "metadata",
            "--locked",
            "--format-version",
            "1",
            "--filter-platform",
            platform,
        ];
        let text = shell::output(
            &mut project.cargo(&args),
            "if Cargo.lock is out of date, run `cargo check` and commit it",
        )?;
        let json: Value = serde_json::from_str(&text).expect("cargo metadata prints JSON");
        for package in resolved(&json) {
            check_crate(package, &allowed)?;
            crates.insert(format!("{}@{}", package["name"], package["version"]));
        }
    }
    let lock = shell::read(&project.root.join("package-lock.json"))?;
    let npm = check_npm(&lock, &allowed)?;
    Ok(format!("{} crates, {npm} npm packages", crates.len()))
}

/// The packages that the platform really uses; `packages` alone would list other platforms' too.
fn resolved(json: &Value) -> Vec<&Value> {
    let nodes = json["resolve"]["nodes"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let ids: BTreeSet<&str> = nodes
        .iter()
        .filter_map(|node| node["id"].as_str())
        .collect();
    let packages = json["packages"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    packages
        .iter()
        .filter(|package| package["id"].as_str().is_some_and(|id| ids.contains(id)))
        .collect()
}

fn check_crate(package: &Value, allowed: &BTreeSet<String>) -> Result<(), Trouble> {
    let name = package["name"].as_str().unwrap_or("?");
    if let Some(source) = package["source"].as_str()
        && source != "registry+https://github.com/rust-lang/crates.io-index"
    {
        return Err(Trouble::new(format!(
            "crate {name} comes from {source}: use crates.io"
        )));
    }
    let licence = package["license"].as_str().unwrap_or("none stated");
    if permits(licence, allowed) {
        return Ok(());
    }
    Err(Trouble::new(format!(
        "crate {name} has the licence {licence}, which deny.toml does not allow: do without it"
    )))
}

fn check_npm(lock: &str, allowed: &BTreeSet<String>) -> Result<usize, Trouble> {
    let json: Value = serde_json::from_str(lock)
        .map_err(|error| Trouble::new(format!("package-lock.json: {error}")))?;
    let packages = json["packages"].as_object().cloned().unwrap_or_default();
    let mut checked = 0;
    for (path, package) in packages.iter().filter(|(path, _)| !path.is_empty()) {
        let licence = package["license"].as_str().unwrap_or("none stated");
        let dev_only = package["dev"].as_bool().unwrap_or(false);
        if !(permits(licence, allowed) || dev_only && NPM_DEV_ONLY.contains(&licence)) {
            return Err(Trouble::new(format!(
                "npm package {path} has the licence {licence}, which deny.toml does not allow"
            )));
        }
        checked += 1;
    }
    Ok(checked)
}

/// The strings of `allow = [...]` in the table `[licenses]`.
fn allow_list(deny_toml: &str) -> Result<BTreeSet<String>, Trouble> {
    let table = deny_toml
        .split("[licenses]")
        .nth(1)
        .and_then(|rest| rest.split("allow = [").nth(1));
    let list = table.and_then(|rest| rest.split(']').next());
    let list = list.ok_or_else(|| Trouble::new("deny.toml lacks `[licenses] allow = [...]`"))?;
    Ok(list
        .split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_string)
        .collect())
}

/// Whether an SPDX expression can be satisfied with allowed licences alone. An old `A/B` means `A
/// OR B`.
fn permits(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Expression {
        words: &words,
        at: 0,
        allowed,
    };
    let verdict = reader.any();
    verdict && reader.at == words.len()
}

struct Expression<'a> {
    words: &'a [&'a str],
    at: usize,
    allowed: &'a BTreeSet<String>,
}

impl Expression<'_> {
    fn take(&mut self, word: &str) -> bool {
        let found = self.words.get(self.at) == Some(&word);
        self.at += usize::from(found);
        found
    }

    fn any(&mut self) -> bool {
        let mut verdict = self.all();
        while self.take("OR") {
            verdict |= self.all();
        }
        verdict
    }

    fn all(&mut self) -> bool {
        let mut verdict = self.one();
        while self.take("AND") {
            verdict &= self.one();
        }
        verdict
    }

    fn one(&mut self) -> bool {
        if self.take("(") {
            let verdict = self.any();
            return self.take(")") && verdict;
        }
        let Some(&licence) = self.words.get(self.at) else {
            return false;
        };
        self.at += 1;
        if self.take("WITH") {
            let exception = self.words.get(self.at).copied().unwrap_or_default();
            self.at += 1;
            return self
                .allowed
                .contains(&format!("{licence} WITH {exception}"))
                || self.allowed.contains(licence);
        }
        self.allowed.contains(licence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_read_as_spdx_means_them() {
        let allowed = allow_list("[licenses]\nallow = [\n  \"MIT\", \"Apache-2.0\",\n]\n").unwrap();
        for good in [
            "MIT",
            "MIT OR GPL-3.0",
            "GPL-3.0/MIT",
            "(MIT OR X) AND Apache-2.0",
        ] {
            assert!(permits(good, &allowed), "{good}");
        }
        assert!(permits("Apache-2.0 WITH LLVM-exception OR X", &allowed));
        for bad in [
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "none stated",
            "",
            "(MIT",
            "MIT MIT",
        ] {
            assert!(!permits(bad, &allowed), "{bad}");
        }
    }
}

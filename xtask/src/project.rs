//! Where things are: the root, Cargo's target folder, the tools.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::shell::{self, Trouble};

/// The target that the page and its worker are compiled for.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The folders that every task starts from.
pub struct Project {
    /// The folder that holds the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's target folder (`CARGO_TARGET_DIR` may have moved it).
    pub target: PathBuf,
}

impl Project {
    /// Finds the project from xtask's own place in it.
    pub fn find() -> Result<Project, Trouble> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().expect("xtask lies in the root").to_path_buf();
        let mut metadata = Command::new(cargo());
        metadata
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(&root);
        let text = shell::output(&mut metadata, "mend Cargo.toml")?;
        let json: Value = serde_json::from_str(&text)
            .map_err(|error| Trouble::new(format!("cargo metadata: {error}")))?;
        let target = json["target_directory"]
            .as_str()
            .expect("cargo metadata names the folder");
        Ok(Project {
            target: PathBuf::from(target),
            root,
        })
    }

    /// A command that runs in the root.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// A cargo command that runs in the root.
    pub fn cargo(&self, args: &[&str]) -> Command {
        let mut command = self.command(cargo());
        command.args(args);
        command
    }

    /// One of the wasm tools that `tools/` compiles.
    pub fn tool(&self, name: &str) -> PathBuf {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        self.root.join("tools/target/debug").join(file)
    }

    /// Where xtask keeps what it can use again: intermediate files, stamps, measured sizes.
    pub fn cache(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// The released page.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }
}

/// The cargo that started us, else the one on PATH.
pub fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

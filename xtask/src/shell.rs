//! Running other programs, and the one kind of error: a line that says what to do.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// What went wrong, in one line that says what to do about it.
#[derive(Debug)]
pub struct Trouble(String);

impl Trouble {
    /// Trouble with this text.
    pub fn new(text: impl Into<String>) -> Trouble {
        Trouble(text.into())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Runs a program whose output people want to see as it comes.
pub fn run(command: &mut Command, advice: &str) -> Result<(), Trouble> {
    let status = command
        .status()
        .map_err(|error| not_started(command, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(failed(command, &status.to_string(), advice))
    }
}

/// Runs a program quietly: its output is shown only when it fails.
pub fn quietly(command: &mut Command, advice: &str) -> Result<(), Trouble> {
    output(command, advice).map(|_| ())
}

/// Runs a program and returns its standard output; all of its output is shown when it fails.
pub fn output(command: &mut Command, advice: &str) -> Result<String, Trouble> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| not_started(command, &error))?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(stdout);
    }
    eprint!("{stdout}{}", String::from_utf8_lossy(&output.stderr));
    Err(failed(command, &output.status.to_string(), advice))
}

fn not_started(command: &Command, error: &io::Error) -> Trouble {
    let program = command.get_program().to_string_lossy().into_owned();
    let advice = match program.as_str() {
        "node" | "npm" => "install Node.js 20 or later (https://nodejs.org)",
        "rustup" => "install Rust by rustup (https://rustup.rs)",
        _ => "is it installed?",
    };
    Trouble::new(format!(
        "`{program}` could not be started ({error}): {advice}"
    ))
}

fn failed(command: &Command, status: &str, advice: &str) -> Trouble {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args() {
        line.push(' ');
        line.push_str(&arg.to_string_lossy());
    }
    // A long script on the command line would hide the advice.
    let line: String = line
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(160)
        .collect();
    Trouble::new(format!("`{line}` failed ({status}): {advice}"))
}

/// Reads a text file, naming it when that fails.
pub fn read(path: &Path) -> Result<String, Trouble> {
    fs::read_to_string(path).map_err(|error| io_trouble("read", path, &error))
}

/// Reads a file of any content, naming it when that fails.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, Trouble> {
    fs::read(path).map_err(|error| io_trouble("read", path, &error))
}

/// Writes a file and the folders above it.
pub fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Trouble> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| io_trouble("make", folder, &error))?;
    }
    fs::write(path, content).map_err(|error| io_trouble("write", path, &error))
}

/// Makes a folder that exists and is empty.
pub fn empty_folder(path: &Path) -> Result<(), Trouble> {
    if path.exists() {
        fs::remove_dir_all(path).map_err(|error| io_trouble("empty", path, &error))?;
    }
    fs::create_dir_all(path).map_err(|error| io_trouble("make", path, &error))
}

fn io_trouble(verb: &str, path: &Path, error: &io::Error) -> Trouble {
    Trouble::new(format!("cannot {verb} {}: {error}", path.display()))
}

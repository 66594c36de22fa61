//! Functions on paths and files. Files are read through the caller; without it they are off.

use super::{Call, Failure, Function, Kind, failed, function, parameter};
use crate::expression::Value;
use base64::Engine;

const PATH: super::Parameter = parameter("path", Kind::String);

pub(super) static TABLE: &[Function] = &[
    function(
        "abspath",
        &[PATH],
        None,
        "The path from the root.",
        |call| {
            let path = call.text(0);
            let absolute = if path.starts_with('/') {
                path.to_owned()
            } else {
                format!("/{path}")
            };
            Ok(Value::String(clean(&absolute)))
        },
    ),
    function(
        "basename",
        &[PATH],
        None,
        "The last part of the path.",
        |call| {
            let path = call.text(0).trim_end_matches('/');
            let last = path.rsplit('/').next().unwrap_or_default();
            Ok(Value::string(match (call.text(0), last) {
                ("", _) => ".",
                (_, "") => "/",
                _ => last,
            }))
        },
    ),
    function(
        "dirname",
        &[PATH],
        None,
        "The path without its last part.",
        |call| {
            let directory = match call.text(0).rfind('/') {
                None => ".".to_owned(),
                Some(at) => clean(&call.text(0)[..=at]),
            };
            Ok(Value::String(directory))
        },
    ),
    function(
        "pathexpand",
        &[PATH],
        None,
        "The path with `~` as the home directory.",
        |call| match call.text(0).starts_with('~') {
            true => failed("the home directory is not known"),
            false => Ok(Value::string(call.text(0))),
        },
    ),
    function("file", &[PATH], None, "The text of a file.", |call| {
        read(call).map(Value::String)
    }),
    function(
        "filebase64",
        &[PATH],
        None,
        "The content of a file in base64.",
        |call| {
            let content = read(call)?;
            Ok(Value::String(
                base64::engine::general_purpose::STANDARD.encode(content),
            ))
        },
    ),
    function(
        "fileexists",
        &[PATH],
        None,
        "Whether there is such a file.",
        |call| match call.read_file {
            None => failed(DISABLED),
            Some(read) => Ok(Value::Boolean(read(call.text(0)).is_ok())),
        },
    ),
    function(
        "fileset",
        &[PATH, parameter("pattern", Kind::String)],
        None,
        "The files below a directory that match; files cannot be listed here.",
        |_| failed(DISABLED),
    ),
];

const DISABLED: &str = "filesystem function disabled";

fn read(call: &Call<'_>) -> Result<String, Failure> {
    match call.read_file {
        None => failed(DISABLED),
        Some(read) => read(call.text(0)).or_else(failed),
    }
}

/// The shortest path to the same place.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let absolute = path.starts_with('/');
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            _ => parts.push(part),
        }
    }
    match (absolute, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        _ => parts.join("/"),
    }
}

//! Functions on paths and files. Files are read through the caller; without it they are off.

use std::borrow::Cow;

use base64::Engine;

use super::glob::Glob;
use super::{Call, Failure, Function, Kind, failed, function, parameter, within_bounds};
use crate::expression::{Type, Value};
use crate::reading::{FILES_MAX, FileError};

const PATH: super::Parameter = parameter("path", Kind::String);

pub(super) static TABLE: &[Function] = &[
    function(
        "abspath",
        &[PATH],
        None,
        "The path from the root.",
        |call| {
            let path = call.text(0);
            let folder = match (path.starts_with('/'), call.files) {
                (false, Some(files)) => files.folder(),
                _ => String::new(),
            };
            Ok(Value::String(clean(&format!("{folder}/{path}"))))
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
        expand,
    ),
    function("file", &[PATH], None, "The text of a file.", |call| {
        let bytes = read(call)?;
        within_bounds(bytes.len()).map_err(Failure::Call)?;
        match std::str::from_utf8(&bytes) {
            Ok(text) => Ok(Value::string(text)),
            Err(_) => failed(format!(
                "contents of {} are not valid UTF-8; use the filebase64 function to obtain the \
                 Base64 encoded contents",
                call.text(0)
            )),
        }
    }),
    function(
        "filebase64",
        &[PATH],
        None,
        "The content of a file in base64.",
        |call| {
            let content = read(call)?;
            // Four letters for every three bytes.
            within_bounds(content.len() / 3 * 4).map_err(Failure::Call)?;
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
        |call| match call.files.map(|files| files.read(call.text(0))) {
            None => failed(DISABLED),
            Some(Ok(_)) => Ok(Value::Boolean(true)),
            Some(Err(FileError::Missing)) => Ok(Value::Boolean(false)),
            Some(Err(FileError::Unreadable(reason))) => failed(reason),
        },
    ),
    function(
        "fileset",
        &[PATH, parameter("pattern", Kind::String)],
        None,
        "The files below a directory whose paths match a pattern such as `conf/**/*.tpl`.",
        set,
    ),
];

const DISABLED: &str = "filesystem function disabled";

fn read<'c>(call: &'c Call<'_>) -> Result<Cow<'c, [u8]>, Failure> {
    let path = call.text(0);
    let Some(files) = call.files else {
        return failed(DISABLED);
    };
    files.read(path).or_else(|error| match error {
        FileError::Missing => failed(format!("no file exists at {path}")),
        FileError::Unreadable(reason) => failed(reason),
    })
}

fn expand(call: &Call<'_>) -> Result<Value, Failure> {
    let path = call.text(0);
    let Some(rest) = path.strip_prefix('~') else {
        return Ok(Value::string(path));
    };
    if !rest.is_empty() && !rest.starts_with('/') {
        return failed("cannot expand user-specific home dir");
    }
    let Some(files) = call.files else {
        return failed(DISABLED);
    };
    match files.home() {
        Some(home) => Ok(Value::String(format!("{home}{rest}"))),
        None => failed("there is no home directory here"),
    }
}

fn set(call: &Call<'_>) -> Result<Value, Failure> {
    let Some(files) = call.files else {
        return failed(DISABLED);
    };
    let pattern = call.text(1);
    let glob = Glob::new(pattern)
        .map_err(|reason| Failure::Call(format!("failed to glob pattern {pattern}: {reason}")))?;
    let folder = clean(call.text(0));
    let mut names = files.list(&folder, glob.depth()).or_else(failed)?;
    if names.len() > FILES_MAX {
        return failed(format!("more than {FILES_MAX} files stand below {folder}"));
    }
    names.retain(|name| glob.matches(name));
    let names = names.into_iter().map(Value::String).collect();
    Ok(Value::set(names, Type::String))
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

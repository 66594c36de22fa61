//! The job file that a command names, with its variables.

use std::borrow::Cow;

use serde_json::Value;
use yurt_jobspec::{ParseInput, Parsed, SpanMap};

use crate::command::CommandError;
use crate::command::flags::{Arguments, CommandLine, UsageError};
use crate::files::Files;

/// A job file as a command line names it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct JobFile {
    /// Its name.
    pub path: String,
    /// `-var`, as typed.
    pub variables: Vec<String>,
    /// `-var-file`.
    pub variable_files: Vec<String>,
    /// `-hcl2-strict=false`: unknown variables are ignored.
    pub lenient: bool,
    /// It holds the API's JSON.
    pub json: bool,
}

/// A job file that could be read.
pub(crate) struct ReadJob {
    /// The job, without defaults.
    pub(crate) document: Value,
    /// The text.
    pub(crate) source: String,
    /// The variables as they were given, for the record.
    pub(crate) variables: String,
    /// `hcl2` or `json`.
    pub(crate) format: &'static str,
    /// Where its fields stand in the text; nowhere for JSON.
    pub(crate) spans: SpanMap,
}

impl JobFile {
    /// Takes it from the arguments.
    pub(crate) fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        let file = Self {
            path: String::new(),
            variables: arguments.texts("var"),
            variable_files: arguments.texts("var-file"),
            lenient: !arguments.is_on_or_absent("hcl2-strict"),
            json: arguments.is_on("json"),
        };
        if file.json && !(file.variables.is_empty() && file.variable_files.is_empty()) {
            return Err(UsageError::new(
                "Invalid job options: cannot use variables with JSON files.",
            ));
        }
        Ok(Self {
            path: arguments.one("<path>")?,
            ..file
        })
    }

    /// The flags as they are typed.
    pub(crate) fn flags(&self, line: CommandLine) -> CommandLine {
        line.values("var", &self.variables)
            .values("var-file", &self.variable_files)
            .switched_off("hcl2-strict", self.lenient)
            .switch("json", self.json)
    }

    /// Reads the job, or says what is wrong with the file.
    pub(crate) fn read(&self, files: &Files) -> Result<ReadJob, CommandError> {
        let source = files.read(&self.path).ok_or_else(|| self.missing())?;
        let mut spans = SpanMap::new();
        let document = if self.json {
            api_document(&source)?
        } else {
            let parsed = self.parse_source(&source, files)?;
            let text = yurt_jobspec::render(&parsed.diagnostics);
            spans = parsed.spans;
            parsed
                .document
                .filter(|_| text.is_empty())
                .ok_or_else(|| self.unreadable(&text))?
        };
        Ok(ReadJob {
            document,
            source: source.into_owned(),
            variables: self.variables.join("\n"),
            format: if self.json { "json" } else { "hcl2" },
            spans,
        })
    }

    fn missing(&self) -> CommandError {
        let path = &self.path;
        CommandError::new(format!(
            "Error getting job struct: Error getting jobfile from \"{path}\": \
             source path error: stat {path}: no such file or directory"
        ))
    }

    fn unreadable(&self, text: &str) -> CommandError {
        let path = &self.path;
        CommandError::new(format!(
            "Error getting job struct: Error parsing job file from {path}:\n{}",
            text.trim_end_matches('\n')
        ))
    }

    fn parse_source(&self, source: &str, files: &Files) -> Result<Parsed, CommandError> {
        let pairs = self
            .variables
            .iter()
            .filter_map(|pair| pair.split_once('='));
        let variables: Vec<(String, String)> = pairs
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        let mut variable_files = Vec::new();
        for name in &self.variable_files {
            let Some(text) = files.read(name) else {
                return Err(self.unreadable(&format!(
                    "unable to parse var file: <nil>: Failed to read file; failed to read \
                     \"{name}\": open {name}: no such file or directory"
                )));
            };
            variable_files.push((name.clone(), text.into_owned()));
        }
        let read = |name: &str| {
            let missing = || format!("open {name}: no such file or directory");
            files.read(name).map(Cow::into_owned).ok_or_else(missing)
        };
        Ok(yurt_jobspec::parse(&ParseInput {
            file_name: base_name(&self.path),
            source,
            variables: &variables,
            variable_files: &variable_files,
            environment: &files.environment,
            path_functions: Some(&read),
            lenient: self.lenient,
        }))
    }
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The job of an API document, with or without the member around it.
fn api_document(source: &str) -> Result<Value, CommandError> {
    let value: Value = serde_json::from_str(source).map_err(|error| {
        CommandError::new(format!(
            "Error getting job struct: Failed to parse JSON job: {error}"
        ))
    })?;
    match value {
        Value::Object(mut members) => match members.swap_remove("Job") {
            Some(job) => Ok(job),
            None => Ok(Value::Object(members)),
        },
        other => Ok(other),
    }
}

/// What `job run -output` prints.
pub(crate) fn output(file: &JobFile, files: &Files) -> Result<String, CommandError> {
    let source = files.read(&file.path).ok_or_else(|| file.missing())?;
    let parsed = file.parse_source(&source, files)?;
    let text = yurt_jobspec::run_output(&parsed).map_err(|text| file.unreadable(&text))?;
    Ok(text.trim_end_matches('\n').to_string())
}

//! The job file that a command names, with its variables.

use std::borrow::Cow;

use serde_json::Value;
use yurt_jobspec::{FileError, ParseInput, Parsed, ReadFiles, SpanMap, Stage, reading};

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
        let source = self.source(files)?;
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

    /// The text of the job file (spec: jobspec 2.1, 3.1).
    fn source<'f>(&self, files: &'f Files) -> Result<Cow<'f, str>, CommandError> {
        let path = &self.path;
        let bytes = files.read(path).map_err(|error| {
            let reason = match error {
                FileError::Missing => format!(
                    "source path error: stat {}: no such file or directory",
                    files.absolute(path)
                ),
                FileError::Unreadable(reason) => reason,
            };
            CommandError::new(format!(
                "Error getting job struct: Error getting jobfile from \"{path}\": {reason}"
            ))
        })?;
        match self.json {
            true => Ok(lossy(bytes)),
            false => self.decoded(bytes, base_name(path), Stage::Parse),
        }
    }

    fn decoded<'f>(
        &self,
        bytes: Cow<'f, [u8]>,
        name: &str,
        stage: Stage,
    ) -> Result<Cow<'f, str>, CommandError> {
        let refused = |error| self.unreadable(&yurt_jobspec::render(&[error]));
        match bytes {
            Cow::Borrowed(bytes) => reading::text(bytes, name, stage).map_err(|e| refused(*e)),
            Cow::Owned(bytes) => match reading::text(&bytes, name, stage) {
                Ok(text) => Ok(Cow::Owned(text.into_owned())),
                Err(error) => Err(refused(*error)),
            },
        }
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
            let bytes = files.read(name).map_err(|error| {
                let reason = match error {
                    FileError::Missing => format!("open {name}: no such file or directory"),
                    FileError::Unreadable(reason) => reason,
                };
                self.unreadable(&format!(
                    "unable to parse var file: <nil>: Failed to read file; failed to read \
                     \"{name}\": {reason}"
                ))
            })?;
            let text = self.decoded(bytes, base_name(name), Stage::VariableFile)?;
            variable_files.push((base_name(name).to_owned(), text.into_owned()));
        }
        Ok(yurt_jobspec::parse(&ParseInput {
            file_name: base_name(&self.path),
            source,
            variables: &variables,
            variable_files: &variable_files,
            environment: &files.environment,
            path_functions: Some(files),
            lenient: self.lenient,
        }))
    }
}

/// The name of a file in messages (spec: jobspec 11.1).
fn base_name(path: &str) -> &str {
    match path {
        "-" => "stdin",
        path => path.rsplit('/').next().unwrap_or(path),
    }
}

fn lossy(bytes: Cow<'_, [u8]>) -> Cow<'_, str> {
    match bytes {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
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
    let source = file.source(files)?;
    let parsed = file.parse_source(&source, files)?;
    let text = yurt_jobspec::run_output(&parsed).map_err(|text| file.unreadable(&text))?;
    Ok(text.trim_end_matches('\n').to_string())
}

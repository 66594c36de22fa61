//! What is wrong with a job file, where, and how the reference says so (spec: jobspec 11).
//!
//! Positions are byte ranges plus lines and columns; a column is one grapheme cluster, as in the
//! reference. Imports nothing from the rest of the crate.

use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The job is accepted, but something is odd.
    Warning,
    /// The job is refused.
    Error,
}

/// A place between two characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    /// Offset in bytes from the start of the file.
    pub byte: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in grapheme clusters, from 1.
    pub column: usize,
}

/// A stretch of a file; the end is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Range {
    /// Where it starts.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
}

impl Range {
    /// The smallest range that covers both.
    pub fn to(self, other: Self) -> Self {
        Self {
            start: self.start,
            end: other.end,
        }
    }

    /// The empty range at the start of this one.
    pub fn at_start(self) -> Self {
        Self {
            start: self.start,
            end: self.start,
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = (self.start, self.end);
        if start.line == end.line {
            write!(f, "{},{}-{}", start.line, start.column, end.column)
        } else {
            write!(
                f,
                "{},{}-{},{}",
                start.line, start.column, end.line, end.column
            )
        }
    }
}

/// A change of the text that would mend the problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuickFix {
    /// What the change does, for a button.
    pub title: String,
    /// First byte that is replaced.
    pub start_byte: usize,
    /// First byte after the replaced text.
    pub end_byte: usize,
    /// The new text.
    pub replacement: String,
}

/// Which stage of reading found it; decides how several are printed (spec: jobspec 11.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Syntax of the job file: only the first is printed, with a count of the others.
    Parse,
    /// Syntax of a variable file: like `Parse`, behind a prefix of its own.
    VariableFile,
    /// Declarations, values and decoding: one line each.
    Decode,
    /// Late evaluation of free-form maps: printed like `Parse`.
    Late,
    /// Rules that a server applies (admission).
    Admission,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Heading.
    pub summary: String,
    /// The sentence after the heading.
    pub detail: String,
    /// File the range is in; empty for values that come from no file.
    pub file: String,
    /// Where; `None` when there is no place.
    pub range: Option<Range>,
    /// Path of the field, such as `group.api.update.canary`, when it is known.
    pub path: Option<String>,
    /// A change that mends it.
    pub fix: Option<QuickFix>,
    /// The stage that found it.
    pub stage: Stage,
}

impl Diagnostic {
    /// An error at a place in a file.
    pub fn error(
        stage: Stage,
        file: &str,
        range: Range,
        summary: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Error,
            summary: summary.into(),
            detail: detail.into(),
            file: file.to_owned(),
            range: Some(range),
            path: None,
            fix: None,
            stage,
        }
    }

    /// An error without a place.
    pub fn nowhere(stage: Stage, summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            range: None,
            ..Self::error(stage, "", Range::default(), summary, detail)
        }
    }

    /// Moves the range's bytes, which counted from a text inside the file, to the file's.
    pub(crate) fn shift(&mut self, bytes: usize) {
        if let Some(range) = &mut self.range {
            range.start.byte += bytes;
            range.end.byte += bytes;
        }
    }

    /// Makes the range's bytes stand between characters of the file: escapes in JSON texts make
    /// them miss.
    pub(crate) fn settle(&mut self, source: &str) {
        if let Some(range) = &mut self.range {
            range.start.byte = source.floor_char_boundary(range.start.byte);
            range.end.byte = source.ceil_char_boundary(range.end.byte);
        }
    }

    /// Adds a change that mends it.
    pub fn with_fix(mut self, title: String, range: Range, replacement: String) -> Self {
        let (start_byte, end_byte) = (range.start.byte, range.end.byte);
        self.fix = Some(QuickFix {
            title,
            start_byte,
            end_byte,
            replacement,
        });
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.range {
            None => f.write_str("<nil>")?,
            Some(range) => write!(f, "{}:{range}", self.file)?,
        }
        write!(f, ": {}; {}", self.summary, self.detail)
    }
}

/// The text that the command line prints for these problems (spec: jobspec 11.1).
pub fn render(diagnostics: &[Diagnostic]) -> String {
    let errors: Vec<_> = diagnostics
        .iter()
        .filter(|each| each.severity == Severity::Error)
        .collect();
    let Some(first) = errors.first() else {
        return String::new();
    };
    let one_line = |prefix: &str| match errors.len() {
        1 => format!("{prefix}{first}"),
        count => format!("{prefix}{first}, and {} other diagnostic(s)", count - 1),
    };
    match first.stage {
        Stage::Parse | Stage::Late => one_line(""),
        Stage::VariableFile => one_line("unable to parse var file: "),
        Stage::Decode | Stage::Admission => errors
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n"),
    }
}

//! Labelled text: says what a piece of text is; whoever shows it decides about colour.

use serde::{Deserialize, Serialize};

/// What a piece of text is. The page has a class for each, the native command an ANSI code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Label {
    /// Ordinary text.
    #[default]
    Plain,
    /// The sign before a command that was typed or clicked (`$ `).
    Prompt,
    /// The command itself, echoed.
    Command,
    /// A heading, bold in the reference.
    Heading,
    /// Something added by a plan (`+`).
    DiffAdded,
    /// Something removed by a plan (`-`).
    DiffRemoved,
    /// Something edited by a plan (`+/-`).
    DiffEdited,
    /// What a change brings (`forces create/destroy update`), in the colour the reference gives it.
    Annotation,
    /// Went well.
    Good,
    /// Wants attention.
    Warning,
    /// Went wrong.
    Error,
    /// Said by the playground itself, not by the emulated command.
    Note,
    /// Less important.
    Muted,
}

impl Label {
    /// Every label, in order of declaration.
    pub const ALL: [Self; 13] = [
        Self::Plain,
        Self::Prompt,
        Self::Command,
        Self::Heading,
        Self::DiffAdded,
        Self::DiffRemoved,
        Self::DiffEdited,
        Self::Annotation,
        Self::Good,
        Self::Warning,
        Self::Error,
        Self::Note,
        Self::Muted,
    ];

    /// A short name, fit for a class (`diff-added`).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Prompt => "prompt",
            Self::Command => "command",
            Self::Heading => "heading",
            Self::DiffAdded => "diff-added",
            Self::DiffRemoved => "diff-removed",
            Self::DiffEdited => "diff-edited",
            Self::Annotation => "annotation",
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Note => "note",
            Self::Muted => "muted",
        }
    }
}

/// A piece of a line under one label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// What it is.
    pub label: Label,
    /// The text, without line ends.
    pub text: String,
}

/// One line of labelled text. Joined, its spans are exactly the line that the command prints.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Line {
    /// The pieces, left to right.
    pub spans: Vec<Span>,
}

impl Line {
    /// A line that is one piece.
    pub fn of(label: Label, text: impl Into<String>) -> Self {
        Self {
            spans: vec![Span {
                label,
                text: text.into(),
            }],
        }
    }

    /// An ordinary line.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::of(Label::Plain, text)
    }

    /// The echo of a command: `$ ` and the command.
    pub fn echo(command: &str) -> Self {
        let mut line = Self::of(Label::Prompt, "$ ");
        line.push(Label::Command, command);
        line
    }

    /// Adds a piece at the end.
    pub fn push(&mut self, label: Label, text: impl Into<String>) {
        self.spans.push(Span {
            label,
            text: text.into(),
        });
    }

    /// The line without its labels.
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| &*span.text).collect()
    }
}

/// The word as it is typed, quoted when it must be.
pub fn quote(word: &str) -> String {
    let plain = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_string()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// How long until `due_ns`, for a countdown that keeps its width: `13m 12s`, `45s`, `2h 03m`; `0s`
/// when it is due. Both in nanoseconds since 1970.
pub fn left_text(due_ns: i64, now_ns: i64) -> String {
    // Rounded up, so that `0s` is never shown while time is left.
    let left = due_ns.saturating_sub(now_ns).max(0);
    clock_text(left.saturating_add(999_999_999))
}

/// A length of time in nanoseconds as a clock shows it, cut to whole seconds: `12m 04s`, `45s`.
pub fn clock_text(length_ns: i64) -> String {
    let seconds = length_ns.max(0) / 1_000_000_000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m {seconds:02}s"),
        (1..24, _) => format!("{hours}h {minutes:02}m"),
        _ => format!("{}d {:02}h", hours / 24, hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countdowns() {
        let second = 1_000_000_000;
        for (left, want) in [
            (0, "0s"),
            (-5 * second, "0s"),
            (1, "1s"),
            (45 * second, "45s"),
            (792 * second, "13m 12s"),
            (60 * second, "1m 00s"),
            (7380 * second, "2h 03m"),
            (90_000 * second, "1d 01h"),
        ] {
            assert_eq!(left_text(1000 + left, 1000), want, "{left}");
        }
    }

    #[test]
    fn labels_have_names_of_their_own() {
        let mut names: Vec<_> = Label::ALL.iter().map(|label| label.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Label::ALL.len());
    }
}

//! How `nomad fmt` says what is wrong with a file: with the line itself (spec: jobspec 18).

use crate::diagnostics::{Diagnostic, Severity};

/// Details are wrapped at this many columns.
const WIDTH: usize = 80;

/// The text for problems of a file of this name.
pub fn report(diagnostics: &[Diagnostic], name: &str, source: &str) -> String {
    diagnostics
        .iter()
        .map(|each| one(each, name, source))
        .collect()
}

fn one(diagnostic: &Diagnostic, name: &str, source: &str) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
    };
    let mut text = format!("{severity}: {}\n\n", diagnostic.summary);
    if let Some(range) = diagnostic.range {
        let first = range.start.line;
        text.push_str(&format!("  on {name} line {first}:\n"));
        // The end is exclusive: a range up to the start of a line does not reach that line.
        let last = range.end.line - usize::from(range.end.column == 1 && range.end.line > first);
        let lines = source.lines().enumerate().skip(first.saturating_sub(1));
        for (index, line) in lines.take(last + 1 - first) {
            let line = line.trim_start_matches('\u{feff}');
            text.push_str(&format!("{:4}: {line}\n", index + 1));
        }
        text.push('\n');
    }
    if !diagnostic.detail.is_empty() {
        text.push_str(&wrapped(&diagnostic.detail));
        text.push_str("\n\n");
    }
    text
}

/// Breaks lines between words so that none is longer than the width, where words allow it.
fn wrapped(detail: &str) -> String {
    let mut text = String::new();
    for (index, line) in detail.split('\n').enumerate() {
        if index > 0 {
            text.push('\n');
        }
        let mut column = 0;
        for (index, word) in line.split(' ').enumerate() {
            let length = word.chars().count();
            if index > 0 && column + 1 + length > WIDTH {
                text.push('\n');
                column = 0;
            } else if index > 0 {
                text.push(' ');
                column += 1;
            }
            text.push_str(word);
            column += length;
        }
    }
    text
}

//! Labelled text for a terminal.

use std::io::{self, Write};

use yurt_workbench::view::{Label, Line};

/// Whether colours are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    /// For a file or a pipe.
    No,
    /// For a terminal.
    Yes,
}

/// Writes lines.
pub(crate) fn lines(output: &mut dyn Write, lines: &[Line], colour: Colour) -> io::Result<()> {
    for line in lines {
        for span in &line.spans {
            match code(span.label).filter(|_| colour == Colour::Yes) {
                Some(code) => write!(output, "\x1b[{code}m{}\x1b[0m", span.text)?,
                None => write!(output, "{}", span.text)?,
            }
        }
        writeln!(output)?;
    }
    Ok(())
}

fn code(label: Label) -> Option<&'static str> {
    match label {
        Label::Plain | Label::Command => None,
        Label::Prompt | Label::Muted => Some("2"),
        Label::Heading => Some("1"),
        Label::DiffAdded | Label::Good => Some("32"),
        Label::DiffRemoved | Label::Error => Some("31"),
        Label::DiffEdited | Label::Warning => Some("33"),
        Label::Annotation | Label::Note => Some("36"),
    }
}

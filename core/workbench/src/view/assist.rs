//! Help for the editor: what may stand at the cursor, what a word means, and a text laid out.

use serde::{Deserialize, Serialize};
use yurt_jobspec::assist;
use yurt_jobspec::format;

use super::diagnostic::number;

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CompletionKind {
    /// A block.
    Block,
    /// An attribute.
    Attribute,
    /// An allowed value.
    Value,
    /// A function.
    Function,
    /// A variable of the file.
    Variable,
    /// A local of the file.
    Local,
    /// Something known where the task runs.
    RuntimeReference,
}

/// One thing that may stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompletionView {
    /// What people see and type.
    pub label: String,
    /// What is put in; `#{...}` is a field to fill in, a tab at the start of a line one step of
    /// indentation.
    pub insert: String,
    /// What it is.
    pub kind: CompletionKind,
    /// Type and default.
    pub detail: String,
    /// A sentence about it.
    pub documentation: String,
}

/// What may stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompletionsView {
    /// The question that this answers.
    pub question: u32,
    /// Where what has been typed begins, in bytes of the text.
    pub start_byte: u32,
    /// The choices, the likeliest first.
    pub items: Vec<CompletionView>,
}

/// What a word means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoverView {
    /// The question that this answers.
    pub question: u32,
    /// The word, and what it means; `None` when that is the file's own affair.
    pub word: Option<WordView>,
}

/// A word of the language, or of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordView {
    /// The first byte of the word.
    pub start_byte: u32,
    /// The byte after its last.
    pub end_byte: u32,
    /// Its name.
    pub title: String,
    /// What it holds, and its default: `duration, default 10s`.
    pub holds: String,
    /// What it is.
    pub text: String,
}

/// A text laid out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormattedView {
    /// The text that was asked for.
    pub before: String,
    /// The same, laid out; `None` when its syntax is wrong.
    pub after: Option<String>,
    /// What happened, in a sentence.
    pub sentence: String,
}

/// What may stand at a byte of a text.
pub fn completions(question: u32, text: &str, byte: u32) -> CompletionsView {
    let found = assist::completions(text, offset(byte));
    CompletionsView {
        question,
        start_byte: number(found.start_byte),
        items: found.items.into_iter().map(completion).collect(),
    }
}

fn completion(item: assist::Completion) -> CompletionView {
    CompletionView {
        label: item.label,
        insert: item.insert,
        kind: match item.kind {
            assist::CompletionKind::Block => CompletionKind::Block,
            assist::CompletionKind::Attribute => CompletionKind::Attribute,
            assist::CompletionKind::Value => CompletionKind::Value,
            assist::CompletionKind::Function => CompletionKind::Function,
            assist::CompletionKind::Variable => CompletionKind::Variable,
            assist::CompletionKind::Local => CompletionKind::Local,
            assist::CompletionKind::RuntimeReference => CompletionKind::RuntimeReference,
        },
        detail: item.detail,
        documentation: item.documentation,
    }
}

/// What the word at a byte of a text means.
pub fn hover(question: u32, text: &str, byte: u32) -> HoverView {
    let word = assist::hover(text, offset(byte)).map(|word| WordView {
        start_byte: number(word.start_byte),
        end_byte: number(word.end_byte),
        title: word.title,
        holds: match word.default_text.as_str() {
            "" => word.type_text,
            default => format!("{}, default {default}", word.type_text),
        },
        text: word.text,
    });
    HoverView { question, word }
}

/// A text laid out as `nomad fmt` does.
pub fn formatted(text: &str) -> FormattedView {
    let (after, sentence) = match format::format(text) {
        Ok(after) if after == text => (Some(after), "The file was laid out already.".to_owned()),
        Ok(after) => (Some(after), "The file is laid out.".to_owned()),
        Err(problems) => {
            let place = problems.first().map_or(String::new(), |problem| {
                let line = problem.range.map_or(1, |range| range.start.line);
                format!(" Line {line}: {}.", problem.summary)
            });
            let sentence = format!("The file cannot be laid out while its syntax is wrong.{place}");
            (None, sentence)
        }
    };
    FormattedView {
        before: text.to_owned(),
        after,
        sentence,
    }
}

fn offset(byte: u32) -> usize {
    usize::try_from(byte).unwrap_or(usize::MAX)
}

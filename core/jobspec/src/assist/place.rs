//! What a cursor stands in.

use super::entries::Body;
use super::scan::{Frame, Scan, Span, scan};
use crate::syntax::Kind;

/// What may stand at the cursor.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Where<'a> {
    /// The name of an attribute or a block.
    Item,
    /// A value, or a part of one, of the attribute of this name (empty inside objects and
    /// templates).
    Value {
        attribute: &'a str,
        /// In brackets: the value of the attribute is a list.
        in_list: bool,
    },
    /// Inside `${...}`; the text of the reference before the cursor's word is in `chain`.
    Template,
    /// Quoted text that is (a part of) the value of this attribute, and where it begins.
    Text { attribute: &'a str, start: usize },
    /// Nothing that could be guessed.
    Nothing,
}

/// A cursor in a file.
pub(super) struct Place<'a> {
    /// What may stand there.
    pub at: Where<'a>,
    /// What the block around it takes.
    pub body: Body,
    /// Where the body of that block begins; `None` at the top of the file.
    pub body_start: Option<usize>,
    /// The word that ends at the cursor.
    pub word: Span,
    /// The reference with its dots before that word (`node.unique.`), if any.
    pub chain: &'a str,
}

/// Where a cursor stands. The word that ends at `offset` counts as being written.
pub(super) fn find(source: &str, offset: usize) -> Place<'_> {
    let before = &source[..offset];
    let word_start = before
        .char_indices()
        .rev()
        .take_while(|&(_, character)| is_word(character))
        .last()
        .map_or(offset, |(start, _)| start);
    let before = &source[..word_start];
    let scan = scan(before);
    let body = scan.body();
    let chain = chain(before);
    let mut at = what(&scan, !chain.is_empty());
    if matches!(at, Where::Text { .. }) && !chain.is_empty() {
        // Dots in a text are no references.
        return Place {
            chain: "",
            ..place(&scan, body, at, (word_start, offset))
        };
    }
    if scan.in_comment {
        at = Where::Nothing;
    }
    Place {
        chain,
        ..place(&scan, body, at, (word_start, offset))
    }
}

fn place<'a>(scan: &Scan<'_>, body: usize, at: Where<'a>, word: Span) -> Place<'a> {
    Place {
        at,
        body: Body::of(scan, body),
        body_start: (body > 0).then(|| scan.nodes[body].body.0),
        word,
        chain: "",
    }
}

pub(super) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-')
}

/// The reference that ends with a dot at the end of the text: `node.unique.`.
fn chain(before: &str) -> &str {
    if !before.ends_with('.') {
        return "";
    }
    let start = before
        .char_indices()
        .rev()
        .take_while(|&(_, character)| is_word(character) || character == '.')
        .last()
        .map_or(before.len(), |(start, _)| start);
    &before[start..]
}

fn what<'a>(scan: &Scan<'a>, in_chain: bool) -> Where<'a> {
    if scan.in_comment {
        return Where::Nothing;
    }
    let attribute = match (scan.item.name, scan.item.value) {
        (Some((name, _)), Some(_)) => name,
        _ => "",
    };
    let last = scan.tokens.last().map(|token| token.kind);
    let awaits_value =
        in_chain || scan.awaits_operand() || !matches!(last, Some(kind) if ends_value(kind));
    match scan.frames.last() {
        Some(Frame::Body(_)) if scan.item.value.is_some() && awaits_value => Where::Value {
            attribute,
            in_list: false,
        },
        Some(Frame::Body(_)) if scan.item.name.is_none() && !behind_block(scan) => Where::Item,
        Some(Frame::Quote(start)) if scan.item.value.is_some() => {
            let depth = scan.frames.len();
            let plain = matches!(
                scan.frames.get(depth.wrapping_sub(2)),
                Some(Frame::Body(_) | Frame::List)
            );
            let attribute = if plain { attribute } else { "" };
            let start = *start;
            Where::Text { attribute, start }
        }
        Some(Frame::Template) if awaits_value => Where::Template,
        Some(Frame::List) if awaits_value => {
            let depth = scan.frames.len();
            let direct = matches!(scan.frames.get(depth.wrapping_sub(2)), Some(Frame::Body(_)));
            Where::Value {
                attribute: if direct { attribute } else { "" },
                in_list: true,
            }
        }
        Some(Frame::Parentheses) if awaits_value => Where::Value {
            attribute: "",
            in_list: false,
        },
        Some(Frame::Object) if in_chain || matches!(last, Some(Kind::Equal | Kind::Colon)) => {
            Where::Value {
                attribute: "",
                in_list: false,
            }
        }
        _ => Where::Nothing,
    }
}

/// Another item needs a line of its own behind a block that has ended.
fn behind_block(scan: &Scan<'_>) -> bool {
    matches!(
        scan.tokens.last().map(|token| token.kind),
        Some(Kind::CloseBrace)
    )
}

/// Can a value end with this token? Then another cannot begin behind it.
fn ends_value(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Identifier
            | Kind::Number
            | Kind::CloseQuote
            | Kind::CloseHeredoc
            | Kind::CloseBrace
            | Kind::CloseBracket
            | Kind::CloseParenthesis
            | Kind::Dot
    )
}

//! Where one space stands between two pieces of a line, and where none.

use super::lines::{Line, Part, Piece, bracket_change};
use crate::syntax::Kind::{self, *};

/// Sets the spaces inside all cells; what stands before the first piece of a cell is the layout's.
pub(super) fn apply(lines: &mut [Line<'_>]) {
    for line in lines {
        for cell in [&mut line.lead, &mut line.assign] {
            for at in 1..cell.len() {
                let before = at.checked_sub(2).map(|earlier| cell[earlier].part);
                let apart = stand_apart(before, &cell[at - 1], &cell[at]);
                cell[at].spaces_before = usize::from(apart);
            }
        }
    }
}

/// Does a space stand between `left` and `right`? `before` stands left of `left`.
fn stand_apart(before: Option<Part>, left: &Piece<'_>, right: &Piece<'_>) -> bool {
    let (l, r) = (kind(left.part), kind(right.part));
    if is_glued(l, r) {
        return false;
    }
    match (l, r) {
        (Comma, _) => true,
        (Identifier, OpenBracket) if left.text == "in" && before.map(kind) == Some(Identifier) => {
            true
        }
        (Identifier | Number | CloseBrace | CloseBracket | CloseParenthesis, OpenBracket) => false,
        (Bang, _) => false,
        (Minus, _) => !is_negation(before.map(kind)),
        _ => inside_brackets(left.part, right.part).unwrap_or(true),
    }
}

/// Comments and heredocs count as what never stands in a file whose syntax is right: the rules
/// about tokens pass them by.
fn kind(part: Part) -> Kind {
    match part {
        Part::Token(kind) => kind,
        _ => Invalid,
    }
}

/// Pairs that never stand apart: calls, steps, what ends an argument, the inside of a text.
fn is_glued(left: Kind, right: Kind) -> bool {
    let in_text = matches!(left, OpenQuote | QuotedLiteral)
        || matches!(right, CloseQuote | QuotedLiteral)
        || (left == SequenceEnd && matches!(right, Interpolation | Directive));
    in_text
        || (left == Identifier && right == OpenParenthesis)
        || matches!(left, Dot | DoubleColon)
        || matches!(right, Dot | DoubleColon | Comma | Ellipsis)
}

/// Braces stand apart from what they hold unless that is nothing; other brackets do not. `None`
/// where neither side opens or closes anything.
fn inside_brackets(left: Part, right: Part) -> Option<bool> {
    let opens = left == Part::Token(OpenBrace);
    let closes = right == Part::Token(CloseBrace);
    if opens || closes {
        return Some(!(opens && closes));
    }
    let starts_text = matches!(left, Part::Token(Interpolation | Directive));
    if (starts_text && right == Part::Token(OpenBrace))
        || (left == Part::Token(CloseBrace) && right == Part::Token(SequenceEnd))
    {
        return Some(true);
    }
    let tight = bracket_change(left) > 0 || bracket_change(right) < 0;
    tight.then_some(false)
}

/// Is a minus behind this a sign? It is unless a value can end there.
fn is_negation(before: Option<Kind>) -> bool {
    let Some(before) = before else { return true };
    matches!(
        before,
        OpenParenthesis
            | OpenBrace
            | OpenBracket
            | Interpolation
            | Directive
            | Equal
            | Colon
            | Comma
            | Question
            | FatArrow
            | Plus
            | Minus
            | Star
            | Slash
            | Percent
            | EqualTo
            | NotEqual
            | Less
            | LessOrEqual
            | Greater
            | GreaterOrEqual
            | And
            | Or
            | Bang
    )
}

//! Templates: quoted text, heredocs, `${...}`, `%{...}`, escapes, trimming and indentation.

use super::characters::column_count;
use super::lexer::{Kind, Token};
use super::parser::Parser;
use super::tree::*;
use crate::diagnostics::{Position, Range};

/// A template as a flat list, before directives find their ends.
enum Piece {
    Literal(String, Range),
    Interpolation(Expression),
    If(Expression, Range),
    Else(Range),
    EndIf(Range),
    For((Option<String>, String, Expression), Range),
    EndFor(Range),
    End(Range),
}

impl Piece {
    fn range(&self) -> Range {
        match self {
            Self::Literal(_, range)
            | Self::If(_, range)
            | Self::Else(range)
            | Self::EndIf(range)
            | Self::For(_, range)
            | Self::EndFor(range)
            | Self::End(range) => *range,
            Self::Interpolation(expression) => expression.range,
        }
    }
}

impl Parser<'_> {
    /// A quoted text or a heredoc.
    pub(super) fn template_term(&mut self) -> Expression {
        let open = self.read();
        let end = match open.kind {
            Kind::OpenQuote => Kind::CloseQuote,
            _ => Kind::CloseHeredoc,
        };
        self.template_until(open.range, end)
    }

    /// The parts up to `end`.
    pub(super) fn template_until(&mut self, open: Range, end: Kind) -> Expression {
        let mut pieces = self.with_newlines(true, |parser| parser.pieces(end));
        let introduction = &self.source[open.start.byte..open.end.byte];
        if introduction.starts_with("<<-") {
            remove_indentation(&mut pieces);
        }
        let close = pieces.last().map_or(open, Piece::range);
        let range = open.to(close);
        let mut height = 0;
        let single = matches!(pieces.as_slice(), [Piece::Interpolation(_), Piece::End(_)]);
        let mut pieces = pieces.into_iter().peekable();
        if single
            && end != Kind::CloseHeredoc
            && let Some(Piece::Interpolation(inner)) = pieces.next()
        {
            let height = inner.height;
            return self.node(range, height, ExpressionKind::Wrap(Box::new(inner)));
        }
        let mut parts = self.parts(&mut pieces, &[], &mut height, 0).0;
        meld(&mut parts);
        if parts.is_empty() {
            let start = close.end;
            parts.push(Part::Literal(String::new(), Range { start, end: start }));
        }
        self.node(range, height, ExpressionKind::Template(parts))
    }

    fn pieces(&mut self, end: Kind) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut trim_next = false;
        loop {
            let next = self.read();
            let trim = std::mem::take(&mut trim_next);
            match next.kind {
                kind if kind == end => {
                    pieces.push(Piece::End(next.range));
                    return pieces;
                }
                Kind::QuotedLiteral | Kind::HeredocLiteral => {
                    let mut text = self.literal(next, end == Kind::CloseQuote);
                    if trim {
                        text = text.trim_start().to_owned();
                    }
                    pieces.push(Piece::Literal(text, next.range));
                }
                Kind::Interpolation | Kind::Directive => {
                    if self.text(next).ends_with('~')
                        && let Some(Piece::Literal(text, _)) = pieces.last_mut()
                    {
                        text.truncate(text.trim_end().len());
                    }
                    trim_next =
                        self.with_newlines(false, |parser| parser.sequence(next, end, &mut pieces));
                }
                // Reported with the tokens.
                Kind::QuotedNewline => {}
                _ => {
                    self.report_first(
                        next.range,
                        "Unterminated template string",
                        "No closing marker was found for the string.",
                    );
                    if next.kind != Kind::End {
                        self.recover(end);
                    }
                    self.recovery = true;
                    pieces.push(Piece::End(next.range));
                    return pieces;
                }
            }
        }
    }

    /// After `${` or `%{`; true when the sequence ends with `~}`.
    fn sequence(&mut self, open: Token, end: Kind, pieces: &mut Vec<Piece>) -> bool {
        let before = self.errors();
        let mut name = String::new();
        let piece = match open.kind {
            Kind::Interpolation => Some(Piece::Interpolation(self.expression())),
            _ => self.directive(open, &mut name),
        };
        let close = self.peek();
        let failed = piece.is_none() || (self.recovery && self.errors() > before);
        if close.kind == Kind::SequenceEnd && !failed {
            self.read();
            if let Some(piece) = piece {
                pieces.push(match piece {
                    Piece::Interpolation(_) => piece,
                    Piece::If(condition, _) => Piece::If(condition, open.range.to(close.range)),
                    Piece::Else(_) => Piece::Else(open.range.to(close.range)),
                    Piece::EndIf(_) => Piece::EndIf(open.range.to(close.range)),
                    Piece::For(header, _) => Piece::For(header, open.range.to(close.range)),
                    Piece::EndFor(_) => Piece::EndFor(open.range.to(close.range)),
                    other => other,
                });
            }
            return self.text(close).starts_with('~');
        }
        if !failed {
            self.unclosed_sequence(open, close, end, &name);
        }
        self.recover(Kind::SequenceEnd);
        pieces.extend(piece);
        false
    }

    fn unclosed_sequence(&mut self, open: Token, close: Token, end: Kind, name: &str) {
        if !name.is_empty() {
            self.report_first(
                close.range,
                &format!("Extra characters in {name} marker"),
                "Expected a closing brace to end the sequence, but found extra characters.",
            );
            return;
        }
        let extra = "Extra characters after interpolation expression";
        let unclosed = "Unclosed template interpolation sequence";
        match close.kind {
            Kind::End => self.report_first(
                open.range,
                unclosed,
                "There is no closing brace for this interpolation sequence before the end of the \
                 file. This might be caused by incorrect nesting inside the given expression.",
            ),
            Kind::Colon => self.report_first(
                close.range,
                extra,
                "Template interpolation doesn't expect a colon at this location. Did you intend \
                 this to be a literal sequence to be processed as part of another language? If so, \
                 you can escape it by starting with \"$${\" instead of just \"${\".",
            ),
            Kind::CloseQuote | Kind::OpenQuote if end == Kind::CloseQuote => self.report_first(
                open.range,
                unclosed,
                "There is no closing brace for this interpolation sequence before the end of the \
                 quoted template. This might be caused by incorrect nesting inside the given \
                 expression.",
            ),
            _ => self.report_first(
                close.range,
                extra,
                "Expected a closing brace to end the interpolation expression, but found extra \
                 characters.\n\nThis can happen when you include interpolation syntax for another \
                 language, such as shell scripting, but forget to escape the interpolation start \
                 token. If this is an embedded sequence for another language, escape it by \
                 starting with \"$${\" instead of just \"${\".",
            ),
        }
    }

    fn directive(&mut self, open: Token, name: &mut String) -> Option<Piece> {
        let keyword = self.peek();
        if keyword.kind != Kind::Identifier {
            self.report_first(
                keyword.range,
                "Invalid template directive",
                "A template directive keyword (\"if\", \"for\", etc) is expected at the beginning \
                 of a %{ sequence.",
            );
            return None;
        }
        self.read();
        *name = self.text(keyword).to_owned();
        let range = open.range;
        match name.as_str() {
            "if" => {
                let before = self.errors();
                let condition = self.expression();
                (self.errors() == before).then_some(Piece::If(condition, range))
            }
            "else" => Some(Piece::Else(range)),
            "endif" => Some(Piece::EndIf(range)),
            "endfor" => Some(Piece::EndFor(range)),
            "for" => {
                let header = self.for_header(
                    "Invalid 'for' directive",
                    [
                        "For directive requires variable name after 'for'.",
                        "For directive requires value variable name after comma.",
                        "For directive requires 'in' keyword after names.",
                    ],
                )?;
                Some(Piece::For(header, range))
            }
            _ => {
                let detail = format!("\"{name}\" is not a valid template control keyword.");
                self.report_first(keyword.range, "Invalid template control keyword", detail);
                None
            }
        }
    }

    /// Builds the tree up to one of the pieces in `until` (or the end), which it gives back.
    fn parts(
        &mut self,
        pieces: &mut std::iter::Peekable<std::vec::IntoIter<Piece>>,
        until: &[&str],
        height: &mut u16,
        depth: usize,
    ) -> (Vec<Part>, Piece) {
        let mut parts = Vec::new();
        loop {
            let piece = pieces.next().unwrap_or(Piece::End(Range::default()));
            let keyword = match &piece {
                Piece::Else(_) => "else",
                Piece::EndIf(_) => "endif",
                Piece::EndFor(_) => "endfor",
                _ => "",
            };
            match piece {
                Piece::End(_) => return (parts, piece),
                Piece::Literal(text, range) => parts.push(Part::Literal(text, range)),
                Piece::Interpolation(expression) => {
                    *height = (*height).max(expression.height);
                    parts.push(Part::Interpolation(expression));
                }
                Piece::If(..) | Piece::For(..) if depth >= super::MAXIMUM_DEPTH => {
                    let detail = super::TOO_DEEP;
                    self.report_first(piece.range(), "Nesting too deep", detail);
                    return (parts, Piece::End(piece.range()));
                }
                Piece::If(condition, range) => {
                    *height = (*height).max(condition.height);
                    let mut inner = 0;
                    let (yes, mut last) =
                        self.parts(pieces, &["else", "endif"], &mut inner, depth + 1);
                    let mut no = Vec::new();
                    if matches!(last, Piece::Else(_)) {
                        (no, last) = self.parts(pieces, &["endif"], &mut inner, depth + 1);
                    }
                    *height = (*height).max(inner + 1);
                    self.check_end(&last, range, "if", "endif");
                    parts.push(Part::If { condition, yes, no });
                    if matches!(last, Piece::End(_)) {
                        return (parts, last);
                    }
                }
                Piece::For((key_name, value_name, collection), range) => {
                    *height = (*height).max(collection.height);
                    let mut inner = 0;
                    let (content, last) = self.parts(pieces, &["endfor"], &mut inner, depth + 1);
                    *height = (*height).max(inner + 1);
                    self.check_end(&last, range, "for", "endfor");
                    let part = For {
                        key_name,
                        value_name,
                        collection,
                        content,
                    };
                    parts.push(Part::For(Box::new(part)));
                    if matches!(last, Piece::End(_)) {
                        return (parts, last);
                    }
                }
                _ if until.contains(&keyword) => return (parts, piece),
                _ => {
                    let detail = format!("The {keyword} directive does not belong here.");
                    let summary = format!("Unexpected {keyword} directive");
                    self.report_first(piece.range(), &summary, detail);
                    self.recovery = true;
                }
            }
        }
    }

    fn check_end(&mut self, last: &Piece, start: Range, name: &str, end: &str) {
        if matches!(last, Piece::End(_)) {
            let detail = format!(
                "The {name} directive at {} is missing its corresponding {end} directive.",
                self.place(start)
            );
            self.report_first(last.range(), "Unexpected end of template", detail);
            self.recovery = true;
        }
    }

    /// A label between quotation marks.
    pub(super) fn quoted_label(&mut self) -> Label {
        let open = self.read();
        let mut text = String::new();
        loop {
            let next = self.read();
            match next.kind {
                Kind::CloseQuote => {
                    return Label {
                        text,
                        range: open.range.to(next.range),
                    };
                }
                Kind::QuotedLiteral => text.push_str(&self.literal(next, true)),
                Kind::Interpolation | Kind::Directive => {
                    let sign = &self.text(next)[..1];
                    let detail = format!(
                        "Template sequences are not allowed in this string. To include a literal \
                         \"{sign}\", double it (as \"{sign}{sign}\") to escape it."
                    );
                    self.report_first(next.range, "Invalid string literal", detail);
                    self.recover(Kind::SequenceEnd);
                }
                Kind::End => {
                    self.report_first(
                        next.range,
                        "Unterminated string literal",
                        "Unable to find the closing quote mark before the end of the file.",
                    );
                    self.recovery = true;
                    return Label {
                        text,
                        range: open.range.to(next.range),
                    };
                }
                _ => {
                    let detail = "This item is not valid in a string literal.";
                    self.report_first(next.range, "Invalid string literal", detail);
                    self.recover(Kind::CloseQuote);
                    return Label {
                        text,
                        range: open.range.to(next.range),
                    };
                }
            }
        }
    }

    /// The text that a literal token stands for.
    fn literal(&mut self, token: Token, quoted: bool) -> String {
        let raw = self.text(token);
        let mut text = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(first) = rest.chars().next() {
            if rest.starts_with("$${") || rest.starts_with("%%{") {
                text.push_str(&rest[1..3]);
                rest = &rest[3..];
            } else if quoted && first == '\\' {
                let at = raw.len() - rest.len();
                rest = self.escape(token, at, rest, &mut text);
            } else {
                text.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        text
    }

    /// Reads the escape at the start of `rest` and gives what follows it.
    fn escape<'t>(&mut self, token: Token, at: usize, rest: &'t str, text: &mut String) -> &'t str {
        let Some(symbol) = rest[1..].chars().next() else {
            return "";
        };
        let after = &rest[1 + symbol.len_utf8()..];
        let simple = match symbol {
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            '"' => Some('"'),
            '\\' => Some('\\'),
            _ => None,
        };
        if let Some(character) = simple {
            text.push(character);
            return after;
        }
        let digits = match symbol {
            'u' => 4,
            'U' => 8,
            _ => {
                let range = self.inside(token, at, 1 + symbol.len_utf8());
                let detail =
                    format!("The symbol \"{symbol}\" is not a valid escape sequence selector.");
                self.report(range, "Invalid escape sequence", detail);
                text.push(symbol);
                return after;
            }
        };
        let valid = after
            .bytes()
            .take(digits)
            .take_while(u8::is_ascii_hexdigit)
            .count();
        if valid == digits {
            let code = u32::from_str_radix(&after[..digits], 16).unwrap_or(0xfffd);
            text.push(char::from_u32(code).unwrap_or('\u{fffd}'));
            return &after[digits..];
        }
        let range = self.inside(token, at, 2 + valid);
        let detail = format!(
            "The \\{symbol} escape sequence must be followed by {} hexadecimal digits.",
            if digits == 4 { "four" } else { "eight" }
        );
        self.report(range, "Invalid escape sequence", detail);
        &after[valid..]
    }

    /// The range of some bytes of a literal token, which stands on one line.
    fn inside(&self, token: Token, at: usize, length: usize) -> Range {
        let raw = self.text(token);
        let start = token.range.start;
        let place = |byte: usize| Position {
            byte: start.byte + byte,
            line: start.line,
            column: start.column + column_count(&raw[..byte.min(raw.len())]),
        };
        Range {
            start: place(at),
            end: place(at + length),
        }
    }
}

/// `<<-`: takes from every line the indentation that all lines share.
fn remove_indentation(pieces: &mut [Piece]) {
    let mut smallest = usize::MAX;
    let mut at_start = true;
    let mut indented = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        let Piece::Literal(text, _) = piece else {
            if at_start && !matches!(piece, Piece::End(_)) {
                smallest = 0;
            }
            at_start = false;
            continue;
        };
        if at_start {
            let trimmed = text.trim_start();
            if !(trimmed.is_empty() && text.ends_with('\n')) {
                smallest = smallest.min(text[..text.len() - trimmed.len()].chars().count());
                indented.push(index);
            }
        }
        at_start = text.ends_with('\n');
    }
    for index in indented {
        if let Piece::Literal(text, _) = &mut pieces[index] {
            let cut = text
                .char_indices()
                .nth(smallest)
                .map_or(text.len(), |(byte, _)| byte);
            text.drain(..cut);
        }
    }
}

/// Joins neighbouring literals; the first one keeps its range, which messages show.
fn meld(parts: &mut Vec<Part>) {
    let mut melded: Vec<Part> = Vec::with_capacity(parts.len());
    for mut part in parts.drain(..) {
        match &mut part {
            Part::If { yes, no, .. } => {
                meld(yes);
                meld(no);
            }
            Part::For(inner) => meld(&mut inner.content),
            _ => {}
        }
        if let (Some(Part::Literal(text, _)), Part::Literal(more, _)) = (melded.last_mut(), &part) {
            text.push_str(more);
        } else {
            melded.push(part);
        }
    }
    *parts = melded;
}

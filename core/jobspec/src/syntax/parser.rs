//! The parser's state, its recovery, and bodies: attributes and blocks.
//!
//! After an error the parser skips to where the next item may begin and goes on quietly: from then
//! on only some problems are still reported, the same ones as in the reference, because the number
//! of problems is part of the first line that people see.

use std::collections::BTreeMap;

use super::MAXIMUM_DEPTH;
use super::lexer::{Kind, Token, tokenize, tokenize_at};
use super::tree::{Attribute, Block, Body, Expression, ExpressionKind, Item, Label};
use crate::diagnostics::{Diagnostic, Position, Range, Stage};

pub(super) struct Parser<'a> {
    pub(super) source: &'a str,
    file: &'a str,
    stage: Stage,
    tokens: Vec<Token>,
    index: usize,
    /// Innermost last: are line breaks tokens here?
    newlines: Vec<bool>,
    /// An error happened; guesses from now on are not reported.
    pub(super) recovery: bool,
    pub(super) depth: usize,
    pub(super) diagnostics: Vec<Diagnostic>,
}

const NEEDS_ITEM: &str = "Argument or block definition required";
const NEEDS_ITEM_DETAIL: &str = "An argument or block definition is required here.";
const NEEDS_ITEM_EQUALS: &str = "An argument or block definition is required here. To set an \
    argument, use the equals sign \"=\" to introduce the argument value.";

impl<'a> Parser<'a> {
    pub(super) fn new(source: &'a str, file: &'a str, stage: Stage) -> Self {
        Self::with_tokens(source, file, stage, tokenize(source, false))
    }

    /// For a text that is a template; its first character stands at this place.
    pub(super) fn for_template(
        source: &'a str,
        file: &'a str,
        stage: Stage,
        first: Position,
    ) -> Self {
        let tokens = tokenize_at(source, true, first.line, first.column);
        Self::with_tokens(source, file, stage, tokens)
    }

    fn with_tokens(source: &'a str, file: &'a str, stage: Stage, tokens: Vec<Token>) -> Self {
        let mut parser = Self {
            source,
            file,
            stage,
            tokens,
            index: 0,
            newlines: vec![true],
            recovery: false,
            depth: 0,
            diagnostics: Vec::new(),
        };
        parser.report_invalid_tokens();
        parser
    }

    /// A whole file.
    pub(super) fn file(&mut self) -> Body {
        self.body(Kind::End)
    }

    /// A whole text that is one expression.
    pub(super) fn whole_expression(&mut self) -> Expression {
        self.newlines.push(false);
        let expression = self.expression();
        let next = self.peek();
        if next.kind != Kind::End && !self.recovery {
            self.report(
                next.range,
                "Extra characters after expression",
                "An expression was successfully parsed, but extra characters were found after it.",
            );
        }
        expression
    }

    pub(super) fn whole_template(&mut self) -> Expression {
        self.newlines.push(false);
        let start = self.tokens[0].range.at_start();
        self.template_until(start, Kind::End)
    }

    // Tokens.

    pub(super) fn peek(&mut self) -> Token {
        let include = self.newlines.last().copied().unwrap_or(true);
        while !include && self.tokens[self.index].kind == Kind::Newline {
            self.index += 1;
        }
        self.tokens[self.index]
    }

    pub(super) fn read(&mut self) -> Token {
        let token = self.peek();
        if self.index + 1 < self.tokens.len() {
            self.index += 1;
        }
        token
    }

    pub(super) fn text(&self, token: Token) -> &'a str {
        &self.source[token.range.start.byte..token.range.end.byte]
    }

    pub(super) fn at_keyword(&mut self, keyword: &str) -> bool {
        let next = self.peek();
        next.kind == Kind::Identifier && self.text(next) == keyword
    }

    /// Reads with line breaks as tokens or not.
    pub(super) fn with_newlines<T>(
        &mut self,
        include: bool,
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.newlines.push(include);
        let result = read(self);
        self.newlines.pop();
        result
    }

    // Problems.

    pub(super) fn report(&mut self, range: Range, summary: &str, detail: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(
            self.stage, self.file, range, summary, detail,
        ));
    }

    /// Reports unless an earlier error makes this one a guess; either way errors follow.
    pub(super) fn report_first(&mut self, range: Range, summary: &str, detail: impl Into<String>) {
        if !self.recovery {
            self.report(range, summary, detail);
        }
    }

    pub(super) fn errors(&self) -> usize {
        self.diagnostics.len()
    }

    pub(super) fn place(&self, range: Range) -> String {
        format!("{}:{range}", self.file)
    }

    fn report_invalid_tokens(&mut self) {
        let mut told: Vec<&str> = Vec::new();
        for index in 0..self.tokens.len() {
            let token = self.tokens[index];
            let text = self.text(token);
            let (key, summary, detail) = match token.kind {
                Kind::Bitwise => {
                    let instead = match text {
                        "&" => " Did you mean boolean AND (\"&&\")?",
                        "|" => " Did you mean boolean OR (\"||\")?",
                        "~" => " Did you mean boolean NOT (\"!\")?",
                        _ => "",
                    };
                    let detail = format!("Bitwise operators are not supported.{instead}");
                    ("bitwise", "Unsupported operator", detail)
                }
                Kind::StarStar => (
                    "power",
                    "Unsupported operator",
                    "\"**\" is not a supported operator. Exponentiation is not supported as an \
                     operator."
                        .to_owned(),
                ),
                Kind::Apostrophe => (
                    "apostrophe",
                    "Invalid character",
                    "Single quotes are not valid. Use double quotes (\") to enclose strings."
                        .to_owned(),
                ),
                Kind::Backtick => (
                    "backtick",
                    "Invalid character",
                    "The \"`\" character is not valid. To create a multi-line string, use the \
                     \"heredoc\" syntax, like \"<<EOT\"."
                        .to_owned(),
                ),
                Kind::Semicolon => (
                    "semicolon",
                    "Invalid character",
                    "The \";\" character is not valid. Use newlines to separate arguments and \
                     blocks, and commas to separate items in collection values."
                        .to_owned(),
                ),
                Kind::QuotedNewline => (
                    "",
                    "Invalid multi-line string",
                    "Quoted strings may not be split over multiple lines. To produce a multi-line \
                     string, either use the \\n escape to represent a newline character or use the \
                     \"heredoc\" multi-line template syntax."
                        .to_owned(),
                ),
                Kind::Invalid => (
                    "",
                    "Invalid character",
                    "This character is not used within the language.".to_owned(),
                ),
                _ => continue,
            };
            if key.is_empty() || !told.contains(&key) {
                told.push(key);
                self.report(token.range, summary, detail);
            }
        }
    }

    // Recovery.

    /// Skips to the closing token `end` of the construct we are in, and reads it.
    pub(super) fn recover(&mut self, end: Kind) -> Token {
        self.recovery = true;
        let start = opposite(end);
        let mut nested = 0;
        loop {
            let token = self.read();
            let kind = match token.kind {
                Kind::Directive if end == Kind::SequenceEnd => Kind::Interpolation,
                kind => kind,
            };
            if kind == Kind::End || (kind == end && nested == 0) {
                return token;
            }
            if kind == end {
                nested -= 1;
            } else if Some(kind) == start {
                nested += 1;
            }
        }
    }

    /// Skips to the end of the item we are in.
    fn recover_after_item(&mut self) {
        self.recovery = true;
        let mut open: Vec<Kind> = Vec::new();
        loop {
            let token = self.read();
            match token.kind {
                Kind::End => return,
                Kind::Newline if open.is_empty() => return,
                Kind::OpenBrace
                | Kind::OpenBracket
                | Kind::OpenParenthesis
                | Kind::OpenQuote
                | Kind::OpenHeredoc
                | Kind::Interpolation
                | Kind::Directive => open.push(token.kind),
                kind => {
                    let Some(opener) = opposite(kind) else {
                        continue;
                    };
                    let matches = |each: &Kind| {
                        *each == opener
                            || (opener == Kind::Interpolation && *each == Kind::Directive)
                    };
                    while open.last().is_some_and(|each| !matches(each)) {
                        open.pop();
                    }
                    open.pop();
                }
            }
        }
    }

    // Bodies.

    fn body(&mut self, end: Kind) -> Body {
        let opening = self.tokens[self.index.saturating_sub(1)].range;
        let mut body = Body::default();
        let mut arguments = BTreeMap::new();
        loop {
            let next = self.peek();
            if next.kind == end {
                self.read();
                body.range = match end {
                    Kind::End => self.tokens[0].range.to(next.range),
                    _ => opening.to(next.range),
                };
                return body;
            }
            match next.kind {
                Kind::Newline => {
                    self.read();
                }
                Kind::Identifier => self.item(&mut body, &mut arguments),
                _ => {
                    self.bad_item(next, opening);
                    let last = self.recover(end);
                    body.range = opening.to(last.range);
                    return body;
                }
            }
        }
    }

    fn bad_item(&mut self, next: Token, opening: Range) {
        match next.kind {
            Kind::End => self.report_first(
                opening,
                "Unclosed configuration block",
                "There is no closing brace for this block before the end of the file. This may be \
                 caused by incorrect brace nesting elsewhere in this file.",
            ),
            Kind::OpenQuote => self.report_first(
                next.range,
                "Invalid argument name",
                "Argument names must not be quoted.",
            ),
            _ => self.report_first(next.range, NEEDS_ITEM, NEEDS_ITEM_DETAIL),
        }
    }

    /// `arguments` tells where each was set; a look through the body for each would take long in
    /// one of thousands.
    fn item(&mut self, body: &mut Body, arguments: &mut BTreeMap<String, Range>) {
        let name = self.read();
        match self.peek().kind {
            Kind::Equal => {
                let attribute = self.attribute(name, false);
                if let Some(first) = arguments.get(&attribute.name) {
                    let detail = format!(
                        "The argument \"{}\" was already set at {}. Each argument may be set only \
                         once.",
                        attribute.name,
                        self.place(*first),
                    );
                    self.report(attribute.name_range, "Attribute redefined", detail);
                } else {
                    arguments.insert(attribute.name.clone(), attribute.name_range);
                    body.items.push(Item::Attribute(attribute));
                }
            }
            Kind::OpenQuote | Kind::OpenBrace | Kind::Identifier => {
                if let Some(block) = self.block(name) {
                    body.items.push(Item::Block(block));
                }
            }
            _ => {
                self.recover_after_item();
                self.report(name.range, NEEDS_ITEM, NEEDS_ITEM_EQUALS);
            }
        }
    }

    fn attribute(&mut self, name: Token, single_line: bool) -> Attribute {
        self.read();
        let before = self.errors();
        let expression = self.with_newlines(true, Self::expression);
        let attribute = Attribute {
            name: self.text(name).to_owned(),
            name_range: name.range,
            range: name.range.to(expression.range),
            expression,
        };
        if self.recovery && self.errors() > before {
            self.recover_after_item();
            return attribute;
        }
        if single_line {
            return attribute;
        }
        let end = self.peek();
        match end.kind {
            Kind::Newline | Kind::End => {
                self.read();
            }
            _ => {
                const DETAIL: &str = "An argument definition must end with a newline.";
                if end.kind == Kind::Comma {
                    let detail = format!(
                        "Argument definitions must be separated by newlines, not commas. {DETAIL}"
                    );
                    self.report_first(end.range, "Unexpected comma after argument", detail);
                } else {
                    self.report_first(end.range, "Missing newline after argument", DETAIL);
                }
                self.recover_after_item();
            }
        }
        attribute
    }

    fn block(&mut self, name: Token) -> Option<Block> {
        let (labels, open_brace) = self.block_header()?;
        let mut block = Block {
            kind: self.text(name).to_owned(),
            kind_range: name.range,
            labels,
            open_brace,
            close_brace: open_brace,
            body: Body::default(),
        };
        if self.depth >= MAXIMUM_DEPTH {
            self.report(open_brace, "Nesting too deep", super::TOO_DEEP);
            self.recover(Kind::End);
            return None;
        }
        self.depth += 1;
        block.body = match self.peek().kind {
            Kind::Newline | Kind::End | Kind::CloseBrace => self.body(Kind::CloseBrace),
            _ => self.single_line_body(),
        };
        self.depth -= 1;
        let end = block.body.range.end;
        let byte = end.byte.saturating_sub(1);
        let column = end.column.saturating_sub(1);
        let start = crate::diagnostics::Position {
            byte,
            column,
            ..end
        };
        block.close_brace = Range { start, end };
        let next = self.peek();
        match next.kind {
            Kind::Newline | Kind::End => {
                self.read();
            }
            _ => {
                self.report_first(
                    next.range,
                    "Missing newline after block definition",
                    "A block definition must end with a newline.",
                );
                self.recover_after_item();
            }
        }
        Some(block)
    }

    /// Labels up to the opening brace.
    fn block_header(&mut self) -> Option<(Vec<Label>, Range)> {
        const SUMMARY: &str = "Invalid block definition";
        let mut labels = Vec::new();
        loop {
            let next = self.peek();
            match next.kind {
                Kind::OpenBrace => {
                    self.read();
                    return Some((labels, next.range));
                }
                Kind::OpenQuote => {
                    let before = self.errors();
                    labels.push(self.quoted_label());
                    if self.recovery && self.errors() > before {
                        self.recover_after_item();
                        return None;
                    }
                }
                Kind::Identifier => {
                    self.read();
                    labels.push(Label {
                        text: self.text(next).to_owned(),
                        range: next.range,
                    });
                }
                Kind::Equal => {
                    self.report(
                        next.range,
                        SUMMARY,
                        "The equals sign \"=\" indicates an argument definition, and must not be \
                         used when defining a block.",
                    );
                    self.recover_after_item();
                    return None;
                }
                Kind::Newline => {
                    self.report(
                        next.range,
                        SUMMARY,
                        "A block definition must have block content delimited by \"{\" and \"}\", \
                         starting on the same line as the block header.",
                    );
                    self.recover_after_item();
                    return None;
                }
                _ => {
                    self.report_first(
                        next.range,
                        SUMMARY,
                        "Either a quoted string block label or an opening brace (\"{\") is \
                         expected here.",
                    );
                    self.recover_after_item();
                    return None;
                }
            }
        }
    }

    /// `{ name = value }` on one line.
    fn single_line_body(&mut self) -> Body {
        let opening = self.tokens[self.index.saturating_sub(1)].range;
        let mut body = Body {
            items: Vec::new(),
            range: opening,
        };
        let name = self.read();
        if name.kind != Kind::Identifier {
            self.report_first(name.range, NEEDS_ITEM, NEEDS_ITEM_DETAIL);
            self.recover(Kind::CloseBrace);
            return body;
        }
        match self.peek().kind {
            Kind::Equal => {
                let before = self.errors();
                let attribute = self.attribute(name, true);
                body.items.push(Item::Attribute(attribute));
                if self.recovery && self.errors() > before {
                    return body;
                }
            }
            Kind::OpenQuote | Kind::OpenBrace | Kind::Identifier => {
                let detail = format!(
                    "A single-line block definition can contain only a single argument. If you \
                     meant to define argument \"{}\", use an equals sign to assign it a value. To \
                     define a nested block, place it on a line of its own within its parent block.",
                    self.text(name)
                );
                self.report(name.range, "Argument definition required", detail);
                self.recover(Kind::CloseBrace);
                return body;
            }
            _ => {
                self.report(name.range, NEEDS_ITEM, NEEDS_ITEM_EQUALS);
                self.recover(Kind::CloseBrace);
                return body;
            }
        }
        self.end_of_single_line(&mut body, opening);
        body
    }

    fn end_of_single_line(&mut self, body: &mut Body, opening: Range) {
        let next = self.peek();
        if next.kind == Kind::CloseBrace {
            self.read();
            body.range = opening.to(next.range);
            return;
        }
        let detail = match next.kind {
            Kind::Comma => {
                "Single-line block syntax can include only one argument definition. To define \
                 multiple arguments, use the multi-line block syntax with one argument definition \
                 per line."
            }
            Kind::Newline => {
                "An argument definition on the same line as its containing block creates a \
                 single-line block definition, which must also be closed on the same line. Place \
                 the block's closing brace immediately after the argument definition."
            }
            _ => {
                "A single-line block definition must end with a closing brace immediately after \
                 its single argument definition."
            }
        };
        self.report_first(
            next.range,
            "Invalid single-argument block definition",
            detail,
        );
        self.recover(Kind::CloseBrace);
    }

    /// A value that stands for one that could not be read.
    pub(super) fn missing(&self, range: Range) -> Expression {
        Expression {
            kind: ExpressionKind::Null,
            range,
            height: 1,
        }
    }
}

fn opposite(kind: Kind) -> Option<Kind> {
    Some(match kind {
        Kind::CloseBrace => Kind::OpenBrace,
        Kind::CloseBracket => Kind::OpenBracket,
        Kind::CloseParenthesis => Kind::OpenParenthesis,
        Kind::CloseQuote => Kind::OpenQuote,
        Kind::CloseHeredoc => Kind::OpenHeredoc,
        Kind::SequenceEnd => Kind::Interpolation,
        _ => return None,
    })
}

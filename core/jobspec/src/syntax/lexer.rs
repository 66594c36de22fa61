//! From text to tokens. A template switches the lexer to string mode and `${` back, as deep as
//! needed; every token knows its lines and columns.

use super::characters::{Clusters, continues_identifier, starts_identifier};
use crate::diagnostics::{Position, Range};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // The names say it.
pub enum Kind {
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    OpenParenthesis,
    CloseParenthesis,
    OpenQuote,
    CloseQuote,
    OpenHeredoc,
    CloseHeredoc,
    Star,
    Slash,
    Plus,
    Minus,
    Percent,
    Equal,
    EqualTo,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
    Bang,
    Dot,
    Comma,
    DoubleColon,
    Ellipsis,
    FatArrow,
    Question,
    Colon,
    Interpolation,
    Directive,
    SequenceEnd,
    QuotedLiteral,
    HeredocLiteral,
    Number,
    Identifier,
    Newline,
    QuotedNewline,
    End,
    Bitwise,
    StarStar,
    Apostrophe,
    Backtick,
    Semicolon,
    Invalid,
}

/// One token.
#[derive(Debug, Clone, Copy)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub range: Range,
}

/// What the lexer is inside of.
enum Mode<'a> {
    /// Expressions and bodies; the number of braces opened since a `${`, or since the start.
    Normal { braces: usize, in_template: bool },
    /// Between quotation marks.
    Quoted,
    /// Between a heredoc's introduction and this tag.
    Heredoc { tag: &'a str },
    /// A whole text that is a template.
    Bare,
}

struct Lexer<'a> {
    source: &'a str,
    position: Position,
    clusters: Clusters,
    tokens: Vec<Token>,
    modes: Vec<Mode<'a>>,
}

/// Reads all tokens of a file; the last one is `End`. `template`: the text is a template.
pub fn tokenize(source: &str, template: bool) -> Vec<Token> {
    tokenize_at(source, template, 1, 1)
}

/// Reads the tokens of a text whose first character stands at this line and column.
pub(super) fn tokenize_at(source: &str, template: bool, line: usize, column: usize) -> Vec<Token> {
    let bom = if source.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    let first = match template {
        true => Mode::Bare,
        false => Mode::Normal {
            braces: 0,
            in_template: false,
        },
    };
    let mut lexer = Lexer {
        source,
        position: Position {
            byte: bom,
            line,
            column,
        },
        clusters: Clusters::default(),
        tokens: Vec::new(),
        modes: vec![first],
    };
    while lexer.position.byte < source.len() {
        match lexer.modes.last() {
            Some(Mode::Quoted) => lexer.quoted(),
            Some(Mode::Heredoc { tag }) => {
                let tag = *tag;
                lexer.heredoc(tag);
            }
            Some(Mode::Bare) => lexer.literal(Kind::QuotedLiteral, |_| None),
            _ => lexer.normal(),
        }
    }
    lexer.push(Kind::End, 0);
    lexer.tokens
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.position.byte..]
    }

    fn advance(&mut self, bytes: usize) {
        let text = &self.source[self.position.byte..self.position.byte + bytes];
        self.position.byte += bytes;
        // Nearly all text: each byte is a column.
        if text.is_ascii() {
            for byte in text.as_bytes() {
                self.position.column += 1;
                if *byte == b'\n' {
                    self.position.line += 1;
                    self.position.column = 1;
                }
            }
            self.clusters.pass_ascii(text);
            return;
        }
        for character in text.chars() {
            let begins = self.clusters.begins(character);
            if character == '\n' {
                self.position.line += 1;
                self.position.column = 1;
            } else if begins {
                self.position.column += 1;
            }
        }
    }

    /// A token of the next `bytes` bytes.
    fn push(&mut self, kind: Kind, bytes: usize) {
        let start = self.position;
        self.advance(bytes);
        self.tokens.push(Token {
            kind,
            range: Range {
                start,
                end: self.position,
            },
        });
    }

    fn normal(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return;
        };
        match first {
            ' ' | '\t' => self.advance(1),
            '\r' if rest.starts_with("\r\n") => self.push(Kind::Newline, 2),
            '\n' => self.push(Kind::Newline, 1),
            '#' => self.line_comment(),
            '/' if rest.starts_with("//") => self.line_comment(),
            '/' if rest.starts_with("/*") => {
                let length = rest[2..].find("*/").map_or(rest.len(), |end| end + 4);
                self.advance(length);
            }
            '"' => {
                self.push(Kind::OpenQuote, 1);
                self.modes.push(Mode::Quoted);
            }
            '<' if self.heredoc_start() => {}
            '0'..='9' => self.push(Kind::Number, number_length(rest)),
            _ if starts_identifier(first) => {
                let length = rest
                    .find(|each| !continues_identifier(each))
                    .unwrap_or(rest.len());
                self.push(Kind::Identifier, length);
            }
            '{' | '}' | '~' => self.brace(first),
            _ => {
                let (kind, length) = operator(rest, first);
                self.push(kind, length);
            }
        }
    }

    fn line_comment(&mut self) {
        let rest = self.rest();
        let mut length = rest.find('\n').unwrap_or(rest.len());
        if length > 0 && rest.as_bytes()[length - 1] == b'\r' && length < rest.len() {
            length -= 1;
        }
        self.advance(length);
    }

    fn brace(&mut self, first: char) {
        let rest = self.rest();
        let Some(Mode::Normal {
            braces,
            in_template,
        }) = self.modes.last_mut()
        else {
            return;
        };
        match first {
            '{' => {
                *braces += 1;
                self.push(Kind::OpenBrace, 1);
            }
            '}' if *braces > 0 => {
                *braces -= 1;
                self.push(Kind::CloseBrace, 1);
            }
            _ if *in_template && *braces == 0 && (first == '}' || rest.starts_with("~}")) => {
                self.push(Kind::SequenceEnd, if first == '}' { 1 } else { 2 });
                self.modes.pop();
            }
            '}' => self.push(Kind::CloseBrace, 1),
            _ => self.push(Kind::Bitwise, 1),
        }
    }

    /// `<<TAG` or `<<-TAG` at the end of a line begins a heredoc.
    fn heredoc_start(&mut self) -> bool {
        let rest = self.rest();
        let Some(after) = rest.strip_prefix("<<") else {
            return false;
        };
        let tag_text = after.strip_prefix('-').unwrap_or(after);
        let line = &tag_text[..tag_text.find('\n').unwrap_or(tag_text.len())];
        let tag = line.strip_suffix('\r').unwrap_or(line);
        if !super::is_identifier(tag) || line.len() == tag_text.len() {
            return false;
        }
        let length = rest.len() - tag_text.len() + line.len() + 1;
        self.push(Kind::OpenHeredoc, length);
        self.modes.push(Mode::Heredoc { tag });
        true
    }

    fn quoted(&mut self) {
        let rest = self.rest();
        if rest.starts_with('"') {
            self.push(Kind::CloseQuote, 1);
            self.modes.pop();
        } else if rest.starts_with('\n') || rest.starts_with("\r\n") {
            // Neighbouring line breaks are one token: each token is one message.
            let length = rest
                .find(|each| each != '\r' && each != '\n')
                .unwrap_or(rest.len());
            self.push(Kind::QuotedNewline, length);
        } else {
            self.literal(Kind::QuotedLiteral, |rest| {
                let bytes = rest.as_bytes();
                match bytes[0] {
                    b'"' | b'\n' => Some(0),
                    b'\r' if bytes.get(1) == Some(&b'\n') => Some(0),
                    _ => None,
                }
            });
        }
    }

    fn heredoc(&mut self, tag: &str) {
        let rest = self.rest();
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        let at_line_start = self.position.column == 1;
        if at_line_start && line.trim() == tag {
            let length = line.trim_end().len();
            self.push(Kind::CloseHeredoc, length);
            self.modes.pop();
            return;
        }
        self.literal(Kind::HeredocLiteral, |rest| {
            rest.starts_with('\n').then_some(1)
        });
    }

    /// Literal text up to `${`, `%{` or wherever `ends` says (it gets the rest at each character
    /// and answers how many further bytes still belong to the literal). A sequence start becomes a
    /// token.
    fn literal(&mut self, kind: Kind, ends: impl Fn(&str) -> Option<usize>) {
        let rest = self.rest();
        let escapes =
            kind == Kind::QuotedLiteral && matches!(self.modes.last(), Some(Mode::Quoted));
        let mut length = 0;
        while length < rest.len() {
            let here = &rest[length..];
            if here.starts_with("$${") || here.starts_with("%%{") {
                length += 3;
            } else if here.starts_with("${") || here.starts_with("%{") {
                break;
            } else if let Some(more) = ends(here) {
                length += more;
                break;
            } else {
                let mut characters = here.chars();
                let first = characters.next().map_or(0, char::len_utf8);
                let second = characters.next().filter(|&next| next != '\n');
                let skip = escapes && here.starts_with('\\');
                length += first + second.filter(|_| skip).map_or(0, char::len_utf8);
            }
        }
        if length > 0 {
            self.push(kind, length);
            return;
        }
        let trims = rest[2..].starts_with('~');
        let kind = if rest.starts_with('$') {
            Kind::Interpolation
        } else {
            Kind::Directive
        };
        self.push(kind, 2 + usize::from(trims));
        self.modes.push(Mode::Normal {
            braces: 0,
            in_template: true,
        });
    }
}

fn number_length(text: &str) -> usize {
    let digits = |from: usize| {
        let tail = &text.as_bytes()[from..];
        tail.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let bytes = text.as_bytes();
    let mut length = digits(0);
    if bytes.get(length) == Some(&b'.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        if length + 1 + sign < bytes.len() && digits(length + 1 + sign) > 0 {
            length += 1 + sign + digits(length + 1 + sign);
        }
    }
    length
}

fn operator(rest: &str, first: char) -> (Kind, usize) {
    const LONG: &[(&str, Kind)] = &[
        ("...", Kind::Ellipsis),
        ("==", Kind::EqualTo),
        ("!=", Kind::NotEqual),
        ("<=", Kind::LessOrEqual),
        (">=", Kind::GreaterOrEqual),
        ("&&", Kind::And),
        ("||", Kind::Or),
        ("=>", Kind::FatArrow),
        ("::", Kind::DoubleColon),
        ("**", Kind::StarStar),
    ];
    if let Some((text, kind)) = LONG.iter().find(|(text, _)| rest.starts_with(text)) {
        return (*kind, text.len());
    }
    let kind = match first {
        '[' => Kind::OpenBracket,
        ']' => Kind::CloseBracket,
        '(' => Kind::OpenParenthesis,
        ')' => Kind::CloseParenthesis,
        '*' => Kind::Star,
        '/' => Kind::Slash,
        '+' => Kind::Plus,
        '-' => Kind::Minus,
        '%' => Kind::Percent,
        '=' => Kind::Equal,
        '<' => Kind::Less,
        '>' => Kind::Greater,
        '!' => Kind::Bang,
        '.' => Kind::Dot,
        ',' => Kind::Comma,
        '?' => Kind::Question,
        ':' => Kind::Colon,
        '&' | '|' | '^' => Kind::Bitwise,
        '\'' => Kind::Apostrophe,
        '`' => Kind::Backtick,
        ';' => Kind::Semicolon,
        _ => Kind::Invalid,
    };
    (kind, first.len_utf8())
}

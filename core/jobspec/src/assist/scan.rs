//! Blocks and attributes of a file that may be unfinished, from its tokens alone.
//!
//! Where a parser would stop, the scan guesses: a text that is not closed ends with its line, a
//! closing brace closes whatever was left open inside it. It never fails.

use crate::syntax::{Kind, Token, tokenize};

/// From a byte to a byte.
pub(super) type Span = (usize, usize);

/// A block, or the file itself (the first of all, without a kind).
#[derive(Debug, Default)]
pub(super) struct Node<'a> {
    /// Its type.
    pub kind: &'a str,
    /// Where the type stands.
    pub kind_span: Span,
    /// Labels without their quotation marks, and where they stand with them.
    pub labels: Vec<(&'a str, Span)>,
    /// Between the braces.
    pub body: Span,
    /// The block around it.
    pub parent: usize,
    /// Its attributes.
    pub attributes: Vec<Attribute<'a>>,
}

/// `name = value`.
#[derive(Debug)]
pub(super) struct Attribute<'a> {
    pub name: &'a str,
    pub name_span: Span,
    pub value: Span,
}

/// What the scan is inside of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame {
    /// The body of a block.
    Body(usize),
    /// `{` in a value.
    Object,
    /// `[`.
    List,
    /// `(` of a call or of a group.
    Parentheses,
    /// A quoted text, and where it begins (behind the quotation mark).
    Quote(usize),
    /// A heredoc.
    Heredoc,
    /// `${` or `%{`.
    Template,
}

/// What has been seen of the item in hand.
#[derive(Debug, Default)]
pub(super) struct Item<'a> {
    /// Its first word.
    pub name: Option<(&'a str, Span)>,
    labels: Vec<(&'a str, Span)>,
    /// Where its value begins: behind the equals sign.
    pub value: Option<usize>,
}

/// Blocks, and what the end of the text stands in.
pub(super) struct Scan<'a> {
    source: &'a str,
    /// The blocks in the order of their beginning.
    pub nodes: Vec<Node<'a>>,
    /// What is open at the end, innermost last; the first is the file's body.
    pub frames: Vec<Frame>,
    /// The item in hand of the innermost body.
    pub item: Item<'a>,
    /// The last tokens before the end, line breaks included, `End` not.
    pub tokens: Vec<Token>,
    /// The end stands in a comment.
    pub in_comment: bool,
}

/// A file with more texts that are not closed than this is past help.
const RESTARTS: usize = 32;

/// Scans a file, or what stands before a cursor.
pub(super) fn scan(source: &str) -> Scan<'_> {
    let mut scan = Scan {
        source,
        nodes: vec![Node {
            body: (0, source.len()),
            ..Node::default()
        }],
        frames: vec![Frame::Body(0)],
        item: Item::default(),
        tokens: Vec::new(),
        in_comment: false,
    };
    let mut from = 0;
    for _ in 0..RESTARTS {
        let tokens = tokenize(&source[from..], false);
        match scan.take_all(&tokens, from) {
            Some(again) => from = again,
            None => break,
        }
    }
    let end = source.len();
    scan.finish_attribute(end);
    scan
}

impl<'a> Scan<'a> {
    /// Takes tokens whose bytes count from `from`. Answers where to begin anew behind a text that
    /// is not closed.
    fn take_all(&mut self, tokens: &[Token], from: usize) -> Option<usize> {
        let mut read_to = from;
        for token in tokens {
            let (start, end) = (token.range.start.byte + from, token.range.end.byte + from);
            match token.kind {
                Kind::End => {
                    self.in_comment = is_comment(&self.source[read_to..start]);
                    return None;
                }
                Kind::QuotedNewline => {
                    while !matches!(self.frames.last(), Some(Frame::Body(_)) | None) {
                        self.frames.pop();
                    }
                    return Some(start);
                }
                kind => self.take(kind, (start, end)),
            }
            let mut token = *token;
            (token.range.start.byte, token.range.end.byte) = (start, end);
            self.tokens.push(token);
            read_to = end;
        }
        None
    }

    fn text(&self, (start, end): Span) -> &'a str {
        &self.source[start..end]
    }

    fn take(&mut self, kind: Kind, span: Span) {
        match self.frames.last().copied() {
            Some(Frame::Body(node)) => self.in_body(node, kind, span),
            Some(Frame::Quote(start)) => self.in_quote(start, kind, span),
            Some(Frame::Heredoc) => match kind {
                Kind::CloseHeredoc => drop(self.frames.pop()),
                Kind::Interpolation | Kind::Directive => self.frames.push(Frame::Template),
                _ => {}
            },
            _ => self.in_value(kind, span),
        }
    }

    fn in_body(&mut self, node: usize, kind: Kind, span: Span) {
        match kind {
            Kind::Newline => self.finish_attribute(span.0),
            Kind::Identifier if self.item.name.is_none() => {
                self.item.name = Some((self.text(span), span));
            }
            Kind::Identifier if self.item.value.is_none() => {
                self.item.labels.push((self.text(span), span));
            }
            Kind::Equal if self.item.value.is_none() => self.item.value = Some(span.1),
            Kind::OpenBrace if self.item.value.is_none() => {
                let item = std::mem::take(&mut self.item);
                let (kind, kind_span) = item.name.unwrap_or_default();
                self.nodes.push(Node {
                    kind,
                    kind_span,
                    labels: item.labels,
                    body: (span.1, self.source.len()),
                    parent: node,
                    attributes: Vec::new(),
                });
                self.frames.push(Frame::Body(self.nodes.len() - 1));
            }
            Kind::CloseBrace => {
                self.finish_attribute(span.0);
                if self.frames.len() > 1 {
                    self.nodes[node].body.1 = span.0;
                    self.frames.pop();
                }
            }
            _ => self.open(kind, span),
        }
    }

    fn in_quote(&mut self, start: usize, kind: Kind, span: Span) {
        match kind {
            Kind::CloseQuote => {
                self.frames.pop();
                let in_header =
                    matches!(self.frames.last(), Some(Frame::Body(_))) && self.item.value.is_none();
                if in_header {
                    let text = self.text((start, span.0));
                    self.item.labels.push((text, (start - 1, span.1)));
                }
            }
            Kind::Interpolation | Kind::Directive => self.frames.push(Frame::Template),
            _ => {}
        }
    }

    fn in_value(&mut self, kind: Kind, span: Span) {
        let closes = match kind {
            Kind::CloseBrace => Frame::Object,
            Kind::CloseBracket => Frame::List,
            Kind::CloseParenthesis => Frame::Parentheses,
            Kind::SequenceEnd => Frame::Template,
            _ => return self.open(kind, span),
        };
        let around = self.frames.iter().rev();
        let innermost = around
            .take_while(|frame| !matches!(frame, Frame::Body(_) | Frame::Quote(_)))
            .position(|&frame| frame == closes);
        match innermost {
            Some(depth) => self.frames.truncate(self.frames.len() - depth - 1),
            // What it closes was opened outside of this value: the value ends here.
            None if kind == Kind::CloseBrace => {
                while let Some(frame) = self.frames.last().copied() {
                    if let Frame::Body(node) = frame {
                        return self.in_body(node, kind, span);
                    }
                    self.frames.pop();
                }
            }
            None => {}
        }
    }

    fn open(&mut self, kind: Kind, span: Span) {
        let frame = match kind {
            Kind::OpenBrace => Frame::Object,
            Kind::OpenBracket => Frame::List,
            Kind::OpenParenthesis => Frame::Parentheses,
            Kind::OpenQuote => Frame::Quote(span.1),
            Kind::OpenHeredoc => Frame::Heredoc,
            Kind::Interpolation | Kind::Directive => Frame::Template,
            _ => return,
        };
        self.frames.push(frame);
    }

    /// Ends the item in hand; its value, if it has one, reaches to `end`.
    fn finish_attribute(&mut self, end: usize) {
        let body = self.body();
        let item = &self.item;
        if let (Some((name, name_span)), Some(start)) = (item.name, item.value) {
            self.nodes[body].attributes.push(Attribute {
                name,
                name_span,
                value: (start, end.max(start)),
            });
        }
        // The last item of what stands before a cursor is still in hand.
        if end < self.source.len() {
            self.item = Item::default();
        }
    }

    /// The innermost body.
    pub fn body(&self) -> usize {
        let bodies = self.frames.iter().rev().filter_map(|frame| match frame {
            Frame::Body(node) => Some(*node),
            _ => None,
        });
        bodies.into_iter().next().unwrap_or(0)
    }

    /// The last word asks for a value: `for x in`, `if`.
    pub fn awaits_operand(&self) -> bool {
        self.tokens.last().is_some_and(|last| {
            let text = self.text((last.range.start.byte, last.range.end.byte));
            last.kind == Kind::Identifier && matches!(text, "in" | "if")
        })
    }

    /// The node whose body begins at this byte.
    pub fn node_at(&self, body_start: usize) -> Option<usize> {
        (1..self.nodes.len()).find(|&node| self.nodes[node].body.0 == body_start)
    }

    /// The block whose header begins at this byte: the place of what servers say of it.
    pub fn headed_at(&self, header: usize) -> Option<&Node<'a>> {
        self.nodes.iter().find(|node| node.kind_span.0 == header)
    }

    /// The blocks directly inside a block.
    pub fn inside(&self, parent: usize) -> impl Iterator<Item = &Node<'a>> {
        self.nodes
            .iter()
            .enumerate()
            .filter(move |(index, node)| *index > 0 && node.parent == parent)
            .map(|(_, node)| node)
    }

    /// The blocks of this type anywhere.
    pub fn of_kind<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'s Node<'a>> {
        self.nodes.iter().filter(move |node| node.kind == kind)
    }

    /// The text of an attribute's value without the comment and the blanks around it.
    pub fn value(&self, attribute: &Attribute<'_>) -> &'a str {
        self.text(attribute.value).trim()
    }
}

/// Does the text between two tokens leave a comment open at its end?
fn is_comment(between: &str) -> bool {
    let mut rest = between;
    while let Some(start) = rest.find(['#', '/']) {
        let text = &rest[start..];
        if !text.starts_with("/*") {
            return true;
        }
        match text[2..].find("*/") {
            Some(end) => rest = &text[end + 4..],
            None => return true,
        }
    }
    false
}

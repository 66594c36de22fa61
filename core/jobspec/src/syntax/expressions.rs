//! Expressions: operators by precedence, terms, traversals and calls.

use super::MAXIMUM_DEPTH;
use super::lexer::{Kind, Token};
use super::parser::Parser;
use super::tree::*;
use crate::diagnostics::Range;

/// Precedence and meaning of a token as an operator; higher binds tighter.
fn binary_operator(kind: Kind) -> Option<(u8, BinaryOperator)> {
    use BinaryOperator::*;
    Some(match kind {
        Kind::Or => (1, Or),
        Kind::And => (2, And),
        Kind::EqualTo => (3, Equal),
        Kind::NotEqual => (3, NotEqual),
        Kind::Greater => (4, Greater),
        Kind::GreaterOrEqual => (4, GreaterOrEqual),
        Kind::Less => (4, Less),
        Kind::LessOrEqual => (4, LessOrEqual),
        Kind::Plus => (5, Add),
        Kind::Minus => (5, Subtract),
        Kind::Star => (6, Multiply),
        Kind::Slash => (6, Divide),
        Kind::Percent => (6, Remainder),
        _ => return None,
    })
}

impl Parser<'_> {
    /// Any expression.
    pub(super) fn expression(&mut self) -> Expression {
        if self.depth >= MAXIMUM_DEPTH {
            return self.too_deep();
        }
        self.depth += 1;
        let result = self.conditional();
        self.depth -= 1;
        result
    }

    fn too_deep(&mut self) -> Expression {
        let range = self.peek().range;
        self.report_first(range, "Nesting too deep", super::TOO_DEEP);
        self.recovery = true;
        self.missing(range)
    }

    /// A node over `children`, refused when it becomes too tall.
    pub(super) fn node(
        &mut self,
        range: Range,
        tallest_child: u16,
        kind: ExpressionKind,
    ) -> Expression {
        if usize::from(tallest_child) >= 2 * MAXIMUM_DEPTH {
            self.report_first(range, "Nesting too deep", super::TOO_DEEP);
            self.recovery = true;
            return self.missing(range);
        }
        Expression {
            kind,
            range,
            height: tallest_child + 1,
        }
    }

    pub(super) fn failed_since(&self, before: usize) -> bool {
        self.recovery && self.errors() > before
    }

    fn conditional(&mut self) -> Expression {
        let before = self.errors();
        let condition = self.binary(0);
        if self.failed_since(before) || self.peek().kind != Kind::Question {
            return condition;
        }
        self.read();
        let yes = self.expression();
        if self.failed_since(before) {
            return condition;
        }
        let colon = self.peek();
        if colon.kind != Kind::Colon {
            self.report_first(
                colon.range,
                "Missing false expression in conditional",
                "The conditional operator (...?...:...) requires a false expression, delimited by \
                 a colon.",
            );
            self.recovery = true;
            return condition;
        }
        self.read();
        let no = self.expression();
        let range = condition.range.to(no.range);
        let height = condition.height.max(yes.height).max(no.height);
        let (condition, yes, no) = (Box::new(condition), Box::new(yes), Box::new(no));
        self.node(
            range,
            height,
            ExpressionKind::Conditional { condition, yes, no },
        )
    }

    fn binary(&mut self, minimum: u8) -> Expression {
        let before = self.errors();
        let mut left = self.with_traversals();
        while !self.failed_since(before) {
            let Some((precedence, operator)) = binary_operator(self.peek().kind) else {
                break;
            };
            if precedence < minimum.max(1) {
                break;
            }
            self.read();
            let right = self.binary(precedence + 1);
            let range = left.range.to(right.range);
            let height = left.height.max(right.height);
            let (first, second) = (Box::new(left), Box::new(right));
            let kind = ExpressionKind::Binary {
                operator,
                left: first,
                right: second,
            };
            left = self.node(range, height, kind);
        }
        left
    }

    fn with_traversals(&mut self) -> Expression {
        let before = self.errors();
        let term = self.term();
        match self.failed_since(before) {
            true => term,
            false => self.traversals(term),
        }
    }

    /// `.name`, `[key]`, `[*]` and the like after `from`.
    fn traversals(&mut self, mut from: Expression) -> Expression {
        let before = self.errors();
        while !self.failed_since(before) {
            match self.peek().kind {
                Kind::Dot => {
                    let dot = self.read();
                    from = self.after_dot(from, dot);
                }
                Kind::OpenBracket => {
                    let open = self.read();
                    from = self.with_newlines(false, |parser| parser.in_brackets(from, open));
                }
                _ => break,
            }
        }
        from
    }

    fn after_dot(&mut self, from: Expression, dot: Token) -> Expression {
        let next = self.peek();
        let range = dot.range.to(next.range);
        match next.kind {
            Kind::Identifier => {
                self.read();
                let key = StepKey::Attribute(self.text(next).to_owned());
                self.step(from, Step { key, range })
            }
            Kind::Number => {
                self.read();
                let mut from = from;
                for digits in self.text(next).split('.') {
                    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                        self.report_first(
                            next.range,
                            "Invalid legacy index syntax",
                            "An index must be a whole number.",
                        );
                        self.recovery = true;
                        break;
                    }
                    let key = StepKey::Number(digits.to_owned());
                    from = self.step(from, Step { key, range });
                }
                from
            }
            Kind::Star if self.depth >= MAXIMUM_DEPTH => self.too_deep(),
            Kind::Star => {
                self.read();
                self.depth += 1;
                let mut each = self.splat_item(range);
                while self.peek().kind == Kind::Dot {
                    let dot = self.read();
                    let before = self.errors();
                    each = self.after_dot(each, dot);
                    if self.failed_since(before) {
                        break;
                    }
                }
                self.depth -= 1;
                self.splat(from, each, range)
            }
            _ => {
                self.report_first(
                    next.range,
                    "Invalid attribute name",
                    "An attribute name is required after a dot.",
                );
                self.recovery = true;
                from
            }
        }
    }

    fn in_brackets(&mut self, from: Expression, open: Token) -> Expression {
        if self.peek().kind == Kind::Star {
            if self.depth >= MAXIMUM_DEPTH {
                return self.too_deep();
            }
            self.read();
            let close = self.peek();
            if close.kind != Kind::CloseBracket {
                self.report_first(
                    close.range,
                    "Missing close bracket on splat index",
                    "The star for a full splat operator must be immediately followed by a closing \
                     bracket (\"]\").",
                );
                self.recover(Kind::CloseBracket);
                return from;
            }
            self.read();
            let marker = open.range.to(close.range);
            let item = self.splat_item(marker);
            self.depth += 1;
            let each = self.with_newlines(true, |parser| parser.traversals(item));
            self.depth -= 1;
            return self.splat(from, each, marker);
        }
        let before = self.errors();
        let key = self.expression();
        if self.failed_since(before) {
            self.recover(Kind::CloseBracket);
            return from;
        }
        let close = self.peek();
        if close.kind != Kind::CloseBracket {
            self.report_first(
                close.range,
                "Missing close bracket on index",
                "The index operator must end with a closing bracket (\"]\").",
            );
            self.recover(Kind::CloseBracket);
            return from;
        }
        self.read();
        let brackets = open.range.to(close.range);
        let literal = match &key.kind {
            ExpressionKind::Number(text) => Some(StepKey::Number(text.clone())),
            _ => key
                .literal_text()
                .map(|text| StepKey::Text(text.to_owned())),
        };
        if let Some(key) = literal {
            return self.step(
                from,
                Step {
                    key,
                    range: brackets,
                },
            );
        }
        let range = from.range.to(brackets);
        let height = from.height.max(key.height);
        let (collection, key) = (Box::new(from), Box::new(key));
        self.node(
            range,
            height,
            ExpressionKind::Index {
                collection,
                key,
                brackets,
            },
        )
    }

    fn splat_item(&self, marker: Range) -> Expression {
        Expression {
            kind: ExpressionKind::SplatItem,
            range: marker,
            height: 1,
        }
    }

    fn splat(&mut self, source: Expression, each: Expression, marker: Range) -> Expression {
        let range = source.range.to(each.range);
        let height = source.height.max(each.height);
        let (source, each) = (Box::new(source), Box::new(each));
        self.node(
            range,
            height,
            ExpressionKind::Splat {
                source,
                each,
                marker,
            },
        )
    }

    /// Adds a step, to the reference itself where there is one.
    fn step(&mut self, mut from: Expression, step: Step) -> Expression {
        let range = from.range.to(step.range);
        if let ExpressionKind::Reference { steps, .. } | ExpressionKind::Relative { steps, .. } =
            &mut from.kind
        {
            steps.push(step);
            from.range = range;
            return from;
        }
        let height = from.height;
        let kind = ExpressionKind::Relative {
            source: Box::new(from),
            steps: vec![step],
        };
        self.node(range, height, kind)
    }

    fn term(&mut self) -> Expression {
        let next = self.peek();
        match next.kind {
            Kind::OpenParenthesis => self.parentheses(),
            Kind::Number => {
                self.read();
                let text = self.text(next);
                self.node(next.range, 0, ExpressionKind::Number(text.to_owned()))
            }
            Kind::Identifier => self.name_term(),
            Kind::OpenQuote | Kind::OpenHeredoc => self.template_term(),
            Kind::Minus | Kind::Bang => {
                if self.depth >= MAXIMUM_DEPTH {
                    return self.too_deep();
                }
                self.read();
                self.depth += 1;
                let operand = Box::new(self.with_traversals());
                self.depth -= 1;
                let (range, height) = (next.range.to(operand.range), operand.height);
                let symbol = next.range;
                let kind = match next.kind {
                    Kind::Minus => ExpressionKind::Negate { operand, symbol },
                    _ => ExpressionKind::Not { operand, symbol },
                };
                self.node(range, height, kind)
            }
            Kind::OpenBracket => self.tuple(),
            Kind::OpenBrace => self.object(),
            _ => {
                self.report_first(
                    next.range,
                    "Invalid expression",
                    "Expected the start of an expression, but found an invalid expression token.",
                );
                self.recovery = true;
                self.missing(next.range)
            }
        }
    }

    fn parentheses(&mut self) -> Expression {
        let open = self.read();
        let before = self.errors();
        let (inner, close) = self.with_newlines(false, |parser| {
            let inner = parser.expression();
            if parser.failed_since(before) {
                parser.recover(Kind::CloseParenthesis);
                return (inner, None);
            }
            let close = parser.peek();
            if close.kind != Kind::CloseParenthesis {
                parser.report_first(
                    close.range,
                    "Unbalanced parentheses",
                    "Expected a closing parenthesis to terminate the expression.",
                );
                parser.recovery = true;
                return (inner, None);
            }
            parser.read();
            (inner, Some(close))
        });
        let Some(close) = close else { return inner };
        let (range, height) = (open.range.to(close.range), inner.height);
        self.node(range, height, ExpressionKind::Parentheses(Box::new(inner)))
    }

    fn name_term(&mut self) -> Expression {
        let name = self.read();
        let text = self.text(name);
        let kind = match text {
            "true" => ExpressionKind::Boolean(true),
            "false" => ExpressionKind::Boolean(false),
            "null" => ExpressionKind::Null,
            _ => match self.peek().kind {
                Kind::OpenParenthesis | Kind::DoubleColon => return self.call(name),
                _ => ExpressionKind::Reference {
                    root: text.to_owned(),
                    root_range: name.range,
                    steps: Vec::new(),
                },
            },
        };
        self.node(name.range, 0, kind)
    }

    fn call(&mut self, first: Token) -> Expression {
        let (mut name, mut name_range) = (self.text(first).to_owned(), first.range);
        while self.peek().kind == Kind::DoubleColon {
            self.read();
            let next = self.peek();
            if next.kind != Kind::Identifier {
                self.report_first(
                    next.range,
                    "Missing function name",
                    "Function scope resolution symbol :: must be followed by a function name in \
                     this scope.",
                );
                self.recovery = true;
                return self.missing(name_range);
            }
            self.read();
            name = format!("{name}::{}", self.text(next));
            name_range = name_range.to(next.range);
        }
        let open = self.read();
        if open.kind != Kind::OpenParenthesis {
            self.report_first(
                open.range,
                "Missing open parenthesis",
                "Function selector must be followed by an open parenthesis to begin the function \
                 call.",
            );
            self.recovery = true;
            return self.missing(name_range);
        }
        let (arguments, expand, close) =
            self.with_newlines(false, |parser| parser.arguments(name_range.to(open.range)));
        let height = arguments.iter().map(|each| each.height).max().unwrap_or(0);
        let (range, open, close) = (name_range.to(close.range), open.range, close.range);
        let kind = ExpressionKind::Call {
            name,
            name_range,
            open,
            close,
            arguments,
            expand,
        };
        self.node(range, height, kind)
    }

    fn arguments(&mut self, header: Range) -> (Vec<Expression>, bool, Token) {
        let mut arguments = Vec::new();
        loop {
            let next = self.peek();
            if next.kind == Kind::CloseParenthesis {
                return (arguments, false, self.read());
            }
            let before = self.errors();
            arguments.push(self.expression());
            if self.failed_since(before) {
                return (arguments, false, self.recover(Kind::CloseParenthesis));
            }
            let separator = self.read();
            match separator.kind {
                Kind::CloseParenthesis => return (arguments, false, separator),
                Kind::Comma => {}
                Kind::Ellipsis => {
                    if self.peek().kind == Kind::CloseParenthesis {
                        return (arguments, true, self.read());
                    }
                    self.report_first(
                        separator.range,
                        "Missing closing parenthesis",
                        "An expanded function argument (with ...) must be immediately followed by \
                         closing parentheses.",
                    );
                    return (arguments, true, self.recover(Kind::CloseParenthesis));
                }
                Kind::End => {
                    self.report_first(
                        header,
                        "Unterminated function call",
                        "There is no closing parenthesis for this function call before the end of \
                         the file. This may be caused by incorrect parenthesis nesting elsewhere \
                         in this file.",
                    );
                    return (arguments, false, self.recover(Kind::CloseParenthesis));
                }
                _ => {
                    self.report_first(
                        separator.range,
                        "Missing argument separator",
                        "A comma is required to separate each function argument from the next.",
                    );
                    return (arguments, false, self.recover(Kind::CloseParenthesis));
                }
            }
        }
    }
}

//! Expressions: operators by precedence, terms, traversals, calls, collections, `for`.

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
        self.report_first(
            range,
            "Nesting too deep",
            "Expressions are nested too deeply.",
        );
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
            self.report_first(
                range,
                "Nesting too deep",
                "Expressions are nested too deeply.",
            );
            self.recovery = true;
            return self.missing(range);
        }
        Expression {
            kind,
            range,
            height: tallest_child + 1,
        }
    }

    fn failed_since(&self, before: usize) -> bool {
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

    fn tuple(&mut self) -> Expression {
        let open = self.read();
        self.with_newlines(false, |parser| {
            if parser.at_keyword("for") {
                return parser.for_expression(open);
            }
            let mut items = Vec::new();
            let close = parser.tuple_items(open, &mut items);
            let height = items
                .iter()
                .map(|each: &Expression| each.height)
                .max()
                .unwrap_or(0);
            let kind = ExpressionKind::Tuple {
                items,
                open: open.range,
            };
            parser.node(open.range.to(close.range), height, kind)
        })
    }

    fn tuple_items(&mut self, open: Token, items: &mut Vec<Expression>) -> Token {
        loop {
            if self.peek().kind == Kind::CloseBracket {
                return self.read();
            }
            let before = self.errors();
            items.push(self.expression());
            if self.failed_since(before) {
                return self.recover(Kind::CloseBracket);
            }
            let next = self.peek();
            match next.kind {
                Kind::CloseBracket => return self.read(),
                Kind::Comma => {
                    self.read();
                }
                Kind::End => {
                    self.report_first(
                        open.range,
                        "Unterminated tuple constructor expression",
                        "There is no corresponding closing bracket before the end of the file. \
                         This may be caused by incorrect bracket nesting elsewhere in this file.",
                    );
                    return self.recover(Kind::CloseBracket);
                }
                _ => {
                    self.report_first(
                        next.range,
                        "Missing item separator",
                        "Expected a comma to mark the beginning of the next item.",
                    );
                    return self.recover(Kind::CloseBracket);
                }
            }
        }
    }

    fn object(&mut self) -> Expression {
        let open = self.read();
        let is_for = self.with_newlines(false, |parser| parser.at_keyword("for"));
        if is_for {
            return self.with_newlines(false, |parser| parser.for_expression(open));
        }
        self.with_newlines(true, |parser| {
            let mut items = Vec::new();
            let close = parser.object_items(open, &mut items);
            let heights = items
                .iter()
                .map(|(key, value): &(ObjectKey, Expression)| match key {
                    ObjectKey::Expression(key) => key.height.max(value.height),
                    ObjectKey::Name(..) => value.height,
                });
            let height = heights.max().unwrap_or(0);
            let kind = ExpressionKind::Object {
                items,
                open: open.range,
            };
            parser.node(open.range.to(close.range), height, kind)
        })
    }

    fn object_items(&mut self, open: Token, items: &mut Vec<(ObjectKey, Expression)>) -> Token {
        loop {
            match self.peek().kind {
                Kind::Newline => {
                    self.read();
                    continue;
                }
                Kind::CloseBrace => return self.read(),
                _ => {}
            }
            let before = self.errors();
            let key = self.expression();
            if self.failed_since(before) {
                return self.recover(Kind::CloseBrace);
            }
            let next = self.peek();
            if !matches!(next.kind, Kind::Equal | Kind::Colon) {
                self.missing_value(open, next);
                return self.recover(Kind::CloseBrace);
            }
            self.read();
            let value = self.expression();
            if self.failed_since(before) {
                return self.recover(Kind::CloseBrace);
            }
            items.push((object_key(key), value));
            let next = self.peek();
            match next.kind {
                Kind::CloseBrace => return self.read(),
                Kind::Comma | Kind::Newline => {
                    self.read();
                }
                Kind::End => {
                    self.unterminated_object(open);
                    return self.recover(Kind::CloseBrace);
                }
                _ => {
                    self.report_first(
                        next.range,
                        "Missing attribute separator",
                        "Expected a newline or comma to mark the beginning of the next attribute.",
                    );
                    return self.recover(Kind::CloseBrace);
                }
            }
        }
    }

    fn unterminated_object(&mut self, open: Token) {
        self.report_first(
            open.range,
            "Unterminated object constructor expression",
            "There is no corresponding closing brace before the end of the file. This may be \
             caused by incorrect bracket nesting elsewhere in this file.",
        );
    }

    fn missing_value(&mut self, open: Token, next: Token) {
        let separator = "Missing key/value separator";
        match next.kind {
            Kind::Newline | Kind::Comma => self.report_first(
                next.range,
                "Missing attribute value",
                "Expected an attribute value, introduced by an equals sign (\"=\").",
            ),
            Kind::Identifier => self.report_first(
                next.range,
                separator,
                "Expected an equals sign (\"=\") to mark the beginning of the attribute value. If \
                 you intended to given an attribute name containing periods or spaces, write the \
                 name in quotes to create a string literal.",
            ),
            Kind::End => self.unterminated_object(open),
            _ => self.report_first(
                next.range,
                separator,
                "Expected an equals sign (\"=\") to mark the beginning of the attribute value.",
            ),
        }
    }

    fn for_expression(&mut self, open: Token) -> Expression {
        const SUMMARY: &str = "Invalid 'for' expression";
        let object = open.kind == Kind::OpenBrace;
        let close_kind = if object {
            Kind::CloseBrace
        } else {
            Kind::CloseBracket
        };
        let introducer = self.read();
        let missing = open.range.to(introducer.range);
        let before = self.errors();
        let Some((header, content)) = self.for_parts(open) else {
            self.recover(close_kind);
            return self.missing(missing);
        };
        if self.failed_since(before) {
            self.recover(close_kind);
            return self.missing(missing);
        }
        let next = self.peek();
        let close = match next.kind == close_kind {
            true => self.read(),
            false => {
                self.report_first(
                    next.range,
                    SUMMARY,
                    "Extra characters after the end of the 'for' expression.",
                );
                self.recover(close_kind)
            }
        };
        let (key_name, value_name, collection) = header;
        match (&content.key, object) {
            (Some(key), false) => {
                let range = key.range;
                self.report(
                    range,
                    SUMMARY,
                    "Key expression is not valid when building a tuple.",
                );
            }
            (None, true) => {
                let range = content.value.range;
                self.report(
                    range,
                    SUMMARY,
                    "Key expression is required when building an object.",
                );
            }
            _ => {}
        }
        if content.group && !object {
            const DETAIL: &str = "Grouping ellipsis (...) cannot be used when building a tuple.";
            self.report(content.value.range, SUMMARY, DETAIL);
        }
        let heights = [
            Some(&collection),
            content.key.as_ref(),
            Some(&content.value),
        ];
        let all = heights.into_iter().chain([content.condition.as_ref()]);
        let height = all.flatten().map(|each| each.height).max().unwrap_or(0);
        let inner = For {
            key_name,
            value_name,
            collection,
            content,
        };
        self.node(
            open.range.to(close.range),
            height,
            ExpressionKind::For(Box::new(inner)),
        )
    }

    #[allow(clippy::type_complexity)]
    fn for_parts(
        &mut self,
        open: Token,
    ) -> Option<((Option<String>, String, Expression), ForContent)> {
        const SUMMARY: &str = "Invalid 'for' expression";
        let before = self.errors();
        let header = self.for_header(
            SUMMARY,
            [
                "For expression requires variable name after 'for'.",
                "For expression requires value variable name after comma.",
                "For expression requires the 'in' keyword after its name declarations.",
            ],
        )?;
        let colon = self.peek();
        if colon.kind != Kind::Colon {
            let detail = "For expression requires a colon after the collection expression.";
            self.report_first(colon.range, SUMMARY, detail);
            return None;
        }
        self.read();
        let mut value = self.expression();
        let mut key = None;
        if !self.failed_since(before) && self.peek().kind == Kind::FatArrow {
            self.read();
            key = Some(std::mem::replace(&mut value, self.missing(colon.range)));
            value = self.expression();
        }
        if self.failed_since(before) {
            return None;
        }
        let group = self.peek().kind == Kind::Ellipsis;
        if group {
            self.read();
        }
        let mut condition = None;
        if self.at_keyword("if") {
            self.read();
            condition = Some(self.expression());
        }
        Some((
            header,
            ForContent {
                key,
                value,
                condition,
                group,
                open: open.range,
            },
        ))
    }

    /// `[key,] value in collection`, of an expression or a directive.
    pub(super) fn for_header(
        &mut self,
        summary: &str,
        details: [&str; 3],
    ) -> Option<(Option<String>, String, Expression)> {
        let first = self.peek();
        if first.kind != Kind::Identifier {
            self.report_first(first.range, summary, details[0]);
            return None;
        }
        self.read();
        let (mut key_name, mut value_name) = (None, self.text(first).to_owned());
        if self.peek().kind == Kind::Comma {
            self.read();
            let second = self.peek();
            if second.kind != Kind::Identifier {
                self.report_first(second.range, summary, details[1]);
                return None;
            }
            self.read();
            key_name = Some(std::mem::replace(
                &mut value_name,
                self.text(second).to_owned(),
            ));
        }
        if !self.at_keyword("in") {
            let range = self.peek().range;
            self.report_first(range, summary, details[2]);
            return None;
        }
        self.read();
        let before = self.errors();
        let collection = self.expression();
        (!self.failed_since(before)).then_some((key_name, value_name, collection))
    }
}

fn object_key(key: Expression) -> ObjectKey {
    match &key.kind {
        ExpressionKind::Reference { root, steps, .. } if steps.is_empty() => {
            ObjectKey::Name(root.clone(), key.range)
        }
        ExpressionKind::Boolean(value) => ObjectKey::Name(value.to_string(), key.range),
        ExpressionKind::Null => ObjectKey::Name("null".into(), key.range),
        _ => ObjectKey::Expression(key),
    }
}

//! Tuples, objects and `for`.

use super::lexer::{Kind, Token};
use super::parser::Parser;
use super::tree::*;

impl Parser<'_> {
    pub(super) fn tuple(&mut self) -> Expression {
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

    pub(super) fn object(&mut self) -> Expression {
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

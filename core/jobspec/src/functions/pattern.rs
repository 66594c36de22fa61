//! Whether a text is a regular expression of the kind servers accept, and what they say if not.
//!
//! Only the syntax is checked: RE2's, without look-around and back-references.

/// The complaint, in the form `missing closing ]: ` followed by the part that is wrong in
/// backquotes.
pub(crate) fn check(pattern: &str) -> Result<(), String> {
    let mut reader = Reader {
        pattern,
        at: 0,
        depth: 0,
        operand: false,
        repetition: None,
    };
    reader.read()
}

struct Reader<'a> {
    pattern: &'a str,
    at: usize,
    depth: usize,
    /// Something stands before that may be repeated.
    operand: bool,
    /// Where the repetition directly before began.
    repetition: Option<usize>,
}

fn complaint(what: &str, part: &str) -> String {
    format!("{what}: `{part}`")
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.pattern[self.at..]
    }

    fn read(&mut self) -> Result<(), String> {
        while let Some(c) = self.rest().chars().next() {
            match c {
                '(' => self.open()?,
                ')' => self.close()?,
                '|' => self.step(1, false),
                '[' => self.class()?,
                '\\' => self.escape()?,
                '*' | '+' | '?' => self.repeat(1)?,
                '{' => match self.counts()? {
                    Some(length) => self.repeat(length)?,
                    None => self.step(1, true),
                },
                _ => self.step(c.len_utf8(), true),
            }
        }
        if self.depth > 0 {
            return Err(complaint("missing closing )", self.pattern));
        }
        Ok(())
    }

    fn step(&mut self, length: usize, operand: bool) {
        self.at += length;
        self.operand = operand;
        self.repetition = None;
    }

    fn open(&mut self) -> Result<(), String> {
        let rest = self.rest();
        self.depth += 1;
        let Some(after) = rest.strip_prefix("(?") else {
            self.step(1, false);
            return Ok(());
        };
        let named = after.strip_prefix("P<").or_else(|| {
            let is_name = !after.starts_with("<=") && !after.starts_with("<!");
            after.strip_prefix('<').filter(|_| is_name)
        });
        if let Some(name) = named {
            return self.named(rest, name);
        }
        let flags = after.find(|c| !matches!(c, 'i' | 'm' | 's' | 'U' | '-'));
        let flags = flags.unwrap_or(after.len());
        match after[flags..].chars().next() {
            Some(':') => self.step(flags + 3, false),
            Some(')') if flags > 0 => {
                self.depth -= 1;
                self.step(flags + 3, false);
            }
            Some(c) => {
                let end = 2 + flags + c.len_utf8();
                return Err(complaint(
                    "invalid or unsupported Perl syntax",
                    &rest[..end],
                ));
            }
            None => return Err(complaint("missing closing )", self.pattern)),
        }
        Ok(())
    }

    fn named(&mut self, rest: &'a str, name: &'a str) -> Result<(), String> {
        let Some(end) = name.find('>') else {
            return Err(complaint("invalid named capture", rest));
        };
        let start = rest.len() - name.len();
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if end == 0 || !name[..end].chars().all(is_word) {
            return Err(complaint("invalid named capture", &rest[..=start + end]));
        }
        self.step(start + end + 1, false);
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        if self.depth == 0 {
            return Err(complaint("unexpected )", self.pattern));
        }
        self.depth -= 1;
        self.step(1, true);
        Ok(())
    }

    fn escape(&mut self) -> Result<(), String> {
        let rest = self.rest();
        let Some(c) = rest[1..].chars().next() else {
            return Err("trailing backslash at end of expression: ``".to_owned());
        };
        let length = 1 + c.len_utf8();
        let is_known = match c {
            'A' | 'b' | 'B' | 'C' | 'z' | 'd' | 'D' | 's' | 'S' | 'w' | 'W' | 'a' | 'f' | 'n'
            | 'r' | 't' | 'v' | 'x' | 'p' | 'P' | 'Q' | 'E' => true,
            '0'..='7' => c == '0' || matches!(rest.as_bytes().get(2), Some(b'0'..=b'7')),
            _ => c.is_ascii_punctuation(),
        };
        if !is_known {
            return Err(complaint("invalid escape sequence", &rest[..length]));
        }
        match c {
            'Q' => {
                let end = rest.find("\\E").map_or(rest.len(), |end| end + 2);
                self.step(end, true);
            }
            'x' | 'p' | 'P' if rest[length..].starts_with('{') => {
                let Some(end) = rest.find('}') else {
                    let what = match c {
                        'x' => "invalid escape sequence",
                        _ => "invalid character class range",
                    };
                    return Err(complaint(what, rest));
                };
                self.step(end + 1, true);
            }
            _ => self.step(length, true),
        }
        Ok(())
    }

    fn class(&mut self) -> Result<(), String> {
        let rest = self.rest();
        let mut i = 1;
        if rest[i..].starts_with('^') {
            i += 1;
        }
        let first = i;
        let mut low: Option<(usize, char)> = None;
        loop {
            let Some(c) = rest[i..].chars().next() else {
                return Err(complaint("missing closing ]", rest));
            };
            if c == ']' && i > first {
                break;
            }
            if rest[i..].starts_with("[:")
                && let Some(end) = rest[i..].find(":]")
            {
                i += end + 2;
                low = None;
                continue;
            }
            let start = i;
            i += c.len_utf8();
            let mut value = c;
            if c == '\\' {
                let Some(escaped) = rest[i..].chars().next() else {
                    return Err("trailing backslash at end of expression: ``".to_owned());
                };
                i += escaped.len_utf8();
                value = escaped;
            }
            if let Some((from, low)) = low.take() {
                if value < low {
                    return Err(complaint("invalid character class range", &rest[from..i]));
                }
                continue;
            }
            let after = &rest[i..];
            if after.starts_with('-') && !after.starts_with("-]") {
                low = Some((start, value));
                i += 1;
            }
        }
        self.step(i + 1, true);
        Ok(())
    }

    /// The length of `{n}`, `{n,}` or `{n,m}`; other braces are themselves.
    fn counts(&self) -> Result<Option<usize>, String> {
        let rest = self.rest();
        let Some(end) = rest.find('}') else {
            return Ok(None);
        };
        let (low, high) = match rest[1..end].split_once(',') {
            Some((low, high)) => (low, Some(high)),
            None => (&rest[1..end], None),
        };
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !is_number(low) || high.is_some_and(|high| !high.is_empty() && !is_number(high)) {
            return Ok(None);
        }
        let number = |text: &str| text.parse::<u32>().unwrap_or(u32::MAX);
        let low = number(low);
        let high = high.map_or(low, |text| if text.is_empty() { low } else { number(text) });
        if low > 1000 || high > 1000 || low > high {
            return Err(complaint("invalid repeat count", &rest[..=end]));
        }
        Ok(Some(end + 1))
    }

    fn repeat(&mut self, length: usize) -> Result<(), String> {
        let rest = self.rest();
        if let Some(start) = self.repetition {
            let part = &self.pattern[start..self.at + length];
            return Err(complaint("invalid nested repetition operator", part));
        }
        if !self.operand {
            let what = "missing argument to repetition operator";
            return Err(complaint(what, &rest[..length]));
        }
        let lazy = usize::from(rest[length..].starts_with('?'));
        let start = self.at;
        self.step(length + lazy, true);
        self.repetition = Some(start);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_and_complaints() {
        for good in [
            "n[135]",
            "^a.*(b|c)+?$",
            "[^]]",
            "[[:alpha:]-]",
            r"\d{2,3}\.",
            "(?i)x",
            "{",
            "",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        let cases = [
            ("[", "missing closing ]: `[`"),
            ("(a", "missing closing ): `(a`"),
            ("a)", "unexpected ): `a)`"),
            ("*", "missing argument to repetition operator: `*`"),
            ("a**", "invalid nested repetition operator: `**`"),
            ("[z-a]", "invalid character class range: `z-a`"),
            ("a{3,2}", "invalid repeat count: `{3,2}`"),
            ("\\", "trailing backslash at end of expression: ``"),
            (r"\y", r"invalid escape sequence: `\y`"),
            ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ];
        for (pattern, text) in cases {
            assert_eq!(check(pattern), Err(text.to_owned()), "{pattern}");
        }
    }
}

//! Regular expressions in RE2's syntax, read and matched by `regex-lite`: in time that grows with
//! pattern and text only, the same natively and in wasm.
//!
//! Two forms that the library reads in another way are told apart here: `{,n}` is plain text in
//! RE2, and a repetition of a repetition (`a**`) is an error.

use regex_lite::{Regex, RegexBuilder};

/// The largest compiled pattern, in bytes: counted repetitions multiply when they are nested.
const SIZE_MAX: usize = 1 << 20;

/// A regular expression that was read.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// Reads a pattern; `None` when it cannot be read, or is too large.
    pub fn new(pattern: &str) -> Option<Self> {
        let form = library_form(pattern)?;
        RegexBuilder::new(&form)
            .size_limit(SIZE_MAX)
            .build()
            .ok()
            .map(Self)
    }

    /// Whether the pattern matches anywhere in the text.
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// How many matches there are.
    pub fn count(&self, text: &str) -> usize {
        self.0.find_iter(text).count()
    }

    /// The text with every match replaced; `$1`, `${1}` and `${name}` stand for groups, `$$` for a
    /// dollar sign.
    pub fn replace_all(&self, text: &str, with: &str) -> String {
        self.0.replace_all(text, with).into_owned()
    }
}

/// The pattern as the library must be given it; `None` for a repetition of a repetition.
fn library_form(pattern: &str) -> Option<String> {
    let mut form = String::with_capacity(pattern.len());
    let mut rest = pattern.chars().peekable();
    let mut is_in_class = false;
    // How much of a repetition has just been read: none, the operator, the operator and its `?`.
    let mut repetition = 0;
    while let Some(c) = rest.next() {
        if !is_in_class && matches!(c, '*' | '+' | '?') {
            repetition = match (repetition, c) {
                (0, _) => 1,
                (1, '?') => 2,
                _ => return None,
            };
        } else {
            repetition = u8::from(c == '}' && !is_in_class);
        }
        match c {
            '\\' => {
                form.push(c);
                form.extend(rest.next());
                continue;
            }
            '[' if !is_in_class => {
                is_in_class = true;
                form.push(c);
                // A bracket that comes first belongs to the class, after the `^` if there is one.
                for first in ['^', ']'] {
                    form.extend(rest.next_if_eq(&first));
                }
                continue;
            }
            ']' => is_in_class = false,
            '{' if rest.peek() == Some(&',') && !is_in_class => form.push('\\'),
            '(' if rest.peek() == Some(&'?') => {
                form.push(c);
                form.extend(rest.next());
                continue;
            }
            _ => {}
        }
        form.push(c);
    }
    Some(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_patterns() {
        let table = [
            ("lin", "linux", true),
            ("^lin$", "linux", false),
            ("^(linux|darwin)$", "darwin", true),
            ("^v?[0-9]+\\.[0-9]+", "v1.25", true),
            ("^[^a-c]+$", "dab", false),
            ("^a{2,3}$", "aa", true),
            ("^a{2,3}$", "aaaa", false),
            ("^(ab)*?c$", "ababc", true),
            ("^\\d{3}-\\w+\\s?$", "123-x_1 ", true),
            ("(?i)LINUX", "linux", true),
            ("\\bweb\\b", "a web b", true),
            ("\\bweb\\b", "webs", false),
            ("", "anything", true),
            ("^$", "x", false),
            ("a.c", "abc", true),
            ("a{,2}", "a{,2}", true),
            ("(?P<x>a)b", "ab", true),
            ("[]a]", "]", true),
            ("[a-]", "-", true),
        ];
        for (pattern, text, want) in table {
            let compiled = Pattern::new(pattern).unwrap_or_else(|| panic!("{pattern:?}"));
            assert_eq!(compiled.is_match(text), want, "{pattern:?} on {text:?}");
        }
        for bad in [
            "(", ")", "a**", "[a", "*a", "a{3,2}", "\\q", "(?=a)", "[z-a]",
        ] {
            assert!(Pattern::new(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn time_does_not_explode() {
        let pattern = Pattern::new("^(a*)*(a*)*b$").unwrap();
        assert!(!pattern.is_match(&"a".repeat(2000)));
    }
}

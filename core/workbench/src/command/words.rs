//! A command line as words, and words as a command line.
//!
//! The rules are the plain part of a shell's: blanks separate, `'…'` and `"…"` hold together, a
//! backslash takes the next character as it is. Nothing is expanded.

/// The words of a line; `None` when a quote is not closed.
pub fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match c {
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '"' => break,
                        '\\' => match characters.next()? {
                            c @ ('"' | '\\' | '$' | '`') => word.push(c),
                            c => word.extend(['\\', c]),
                        },
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(characters.next()?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

pub use crate::view::quote;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let cases: [(&str, &[&str]); 6] = [
            ("", &[]),
            ("  a  b ", &["a", "b"]),
            (
                r#"-var 'x=a b' "c\"d" e\ f"#,
                &["-var", "x=a b", "c\"d", "e f"],
            ),
            ("''", &[""]),
            (r#"-var="image_tag=1.3""#, &["-var=image_tag=1.3"]),
            (r#""a\b""#, &["a\\b"]),
        ];
        for (line, want) in cases {
            assert_eq!(split(line).unwrap(), want, "{line}");
        }
        assert_eq!(split("'a"), None);
        assert_eq!(split("a\\"), None);
    }

    #[test]
    fn quoting_goes_back() {
        for word in ["", "a", "a b", "it's", "\"", "$x", "x=1", "\\", "a\tb"] {
            assert_eq!(split(&quote(word)).unwrap(), [word], "{word}");
        }
    }
}

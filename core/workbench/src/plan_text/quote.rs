//! Quoted values, as the reference escapes them.

/// The text in double quotes; what cannot be printed is escaped (spec: plan-diff 8.6).
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        push(&mut quoted, character);
    }
    quoted.push('"');
    quoted
}

fn push(quoted: &mut String, character: char) {
    match character {
        '"' => quoted.push_str("\\\""),
        '\\' => quoted.push_str("\\\\"),
        '\u{7}' => quoted.push_str("\\a"),
        '\u{8}' => quoted.push_str("\\b"),
        '\u{b}' => quoted.push_str("\\v"),
        '\u{c}' => quoted.push_str("\\f"),
        '\n' => quoted.push_str("\\n"),
        '\r' => quoted.push_str("\\r"),
        '\t' => quoted.push_str("\\t"),
        character if is_printable(character) => quoted.push(character),
        character => {
            let code = u32::from(character);
            quoted.push_str(&match code {
                0..0x80 => format!("\\x{code:02x}"),
                0x80..0x1_0000 => format!("\\u{code:04x}"),
                _ => format!("\\U{code:08x}"),
            });
        }
    }
}

/// Letters, marks, numbers, punctuation, symbols and the plain space.
fn is_printable(character: char) -> bool {
    if character == ' ' || character.is_alphanumeric() {
        return true;
    }
    if character.is_whitespace() || character.is_control() {
        return false;
    }
    // What is left are marks, punctuation and symbols, which print, and formats, private and
    // unassigned characters, which do not: `Debug` escapes the latter, but marks too.
    MARKS.iter().any(|block| block.contains(&character))
        || !character.escape_debug().to_string().starts_with("\\u{")
}

/// The blocks of marks that combine with the letter before them and are no letters themselves.
const MARKS: [std::ops::RangeInclusive<char>; 6] = [
    '\u{300}'..='\u{36f}',
    '\u{1ab0}'..='\u{1ace}',
    '\u{1dc0}'..='\u{1dff}',
    '\u{20d0}'..='\u{20f0}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{fe20}'..='\u{fe2f}',
];

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn escapes() {
        for (text, want) in [
            ("plain 'x'", r#""plain 'x'""#),
            ("a\"b\\c\n\t", r#""a\"b\\c\n\t""#),
            ("\u{1}\u{7f}", r#""\x01\x7f""#),
            ("\u{a0}\u{200b}", r#""\u00a0\u200b""#),
            ("é 日本 e\u{301} 😀 €", "\"é 日本 e\u{301} 😀 €\""),
        ] {
            assert_eq!(quote(text), want);
        }
    }
}

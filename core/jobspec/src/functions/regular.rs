//! `regex_replace`: the reference's complaints about a pattern (`pattern`), the matching of
//! `yurt_model::Pattern`, and the reference's forms of a replacement.

use yurt_model::Pattern;

use super::{LONGEST_TEXT, pattern, within_bounds};

/// Replaces every match; `$1`, `${1}` and `${name}` in the replacement stand for groups.
pub(super) fn replace(text: &str, pattern: &str, with: &str) -> Result<String, String> {
    pattern::check(pattern).map_err(|error| format!("error parsing regexp: {error}"))?;
    let compiled = Pattern::new(pattern).ok_or_else(|| {
        format!("the pattern `{pattern}` is too large, or uses a class that is not known here")
    })?;
    let with = template(with);
    // What the groups matched is at most the text, however often each is named.
    let references = with.matches("${").count();
    let names = references.saturating_mul(text.len());
    let most = (text.len() + 1)
        .saturating_mul(with.len())
        .saturating_add(names);
    if most > LONGEST_TEXT {
        let replaced = compiled.count(text).saturating_mul(with.len());
        within_bounds(text.len().saturating_add(replaced).saturating_add(names))?;
    }
    Ok(compiled.replace_all(text, &with))
}

/// A replacement in the form that is the same for both libraries: names in braces, and a dollar
/// sign that begins no name doubled.
fn template(with: &str) -> String {
    let mut form = String::with_capacity(with.len());
    let mut rest = with;
    while let Some(at) = rest.find('$') {
        form.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let is_word = |each: char| each.is_alphanumeric() || each == '_';
        let word = |text: &str| text.find(|each| !is_word(each)).unwrap_or(text.len());
        let (name, length) = match after.strip_prefix('{') {
            Some(inner) => {
                let end = word(inner);
                match inner[end..].starts_with('}') {
                    true => (&inner[..end], end + 2),
                    false => ("", 0),
                }
            }
            None => (&after[..word(after)], word(after)),
        };
        rest = &after[length..];
        if !name.is_empty() {
            form.push_str("${");
            form.push_str(name);
            form.push('}');
            continue;
        }
        form.push_str("$$");
        rest = match length {
            0 => after.strip_prefix('$').unwrap_or(after),
            _ => after,
        };
    }
    form.push_str(rest);
    form
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacements_and_complaints() {
        for (text, pattern, with, wanted) in [
            ("a1b2", "[0-9]", "#", "a#b#"),
            ("john smith", r"(\w+) (\w+)", "$2 $1", "smith john"),
            ("ab", "(?P<first>a)", "${first}x", "axb"),
            ("ab", "(a)", "$1x", "b"),
            ("ab", "(a)", "${1}x", "axb"),
            ("ab", "a", "$$", "$b"),
            ("ab", "a", "$", "$b"),
            ("ab", "a", "${", "${b"),
            ("ab", "a", "${}", "${}b"),
            ("ab", "a", "${x y}", "${x y}b"),
            ("ab", "a", "$é", "b"),
            ("baaac", "a*", "x", "xbxcx"),
            ("héé", "", "-", "-h-é-é-"),
            ("A", "(?i)a", "b", "b"),
        ] {
            let found = replace(text, pattern, with);
            assert_eq!(found.as_deref(), Ok(wanted), "{text} {pattern} {with}");
        }
        for (pattern, wanted) in [
            ("[", "error parsing regexp: missing closing ]: `[`"),
            (
                "a**",
                "error parsing regexp: invalid nested repetition operator: `**`",
            ),
        ] {
            assert_eq!(replace("a", pattern, ""), Err(wanted.to_owned()));
        }
    }

    #[test]
    fn neither_time_nor_length_explodes() {
        let text = "a".repeat(100_000);
        assert_eq!(replace(&text, "(a*)*b", "").as_deref(), Ok(&*text));
        assert!(replace(&text, "", &text).unwrap_err().contains("exceed"));
        assert!(replace(&text, "a", "$0$0").is_ok());
        assert!(replace("a", "((a{1,1000}){1,1000}){1,1000}", "").is_err());
    }
}

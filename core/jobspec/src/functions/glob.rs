//! Patterns of paths, as `fileset` takes them: `*` and `?` within one part, `**` for any number of
//! parts, `[a-z]`, `[^a-z]`, and `{one,two}`.

/// Most alternatives that the braces of one pattern may make.
const ALTERNATIVES_MAX: usize = 64;
/// Longest pattern, in bytes.
const LONGEST: usize = 4096;

/// A pattern that was read.
pub(super) struct Glob {
    /// What the braces make of it, each as its parts.
    alternatives: Vec<Vec<String>>,
}

impl Glob {
    /// Reads a pattern, or says what is wrong with it.
    pub(super) fn new(pattern: &str) -> Result<Self, String> {
        if pattern.len() > LONGEST {
            return Err(format!("the pattern exceeds {LONGEST} bytes"));
        }
        let mut patterns = vec![pattern.to_owned()];
        let mut plain = Vec::new();
        while let Some(pattern) = patterns.pop() {
            match braces(&pattern)? {
                None => {
                    check(&pattern)?;
                    plain.push(pattern);
                }
                Some(made) => patterns.extend(made),
            }
            if patterns.len() + plain.len() > ALTERNATIVES_MAX {
                return Err(format!("more than {ALTERNATIVES_MAX} alternatives"));
            }
        }
        let parts = |pattern: &String| {
            let parts = pattern.split('/').filter(|part| *part != ".");
            parts.map(str::to_owned).collect()
        };
        Ok(Self {
            alternatives: plain.iter().map(parts).collect(),
        })
    }

    /// How many folders down a path that matches may lie.
    pub(super) fn depth(&self) -> usize {
        let of = |parts: &Vec<String>| match parts.iter().any(|part| part == "**") {
            true => usize::MAX,
            false => parts.len().saturating_sub(1),
        };
        self.alternatives.iter().map(of).max().unwrap_or(0)
    }

    /// Does the whole path match?
    pub(super) fn matches(&self, path: &str) -> bool {
        let path: Vec<&str> = path.split('/').collect();
        self.alternatives.iter().any(|parts| {
            let any = |at: usize| parts[at] == "**";
            let one = |at: usize, part: usize| part_matches(&parts[at], path[part]);
            sequence(parts.len(), path.len(), any, one)
        })
    }
}

/// Does a sequence of `length` items match a pattern of `patterns` items, of which some stand for
/// any number of items? Only the last of those is ever tried again, so time is their product.
fn sequence(
    patterns: usize,
    length: usize,
    any: impl Fn(usize) -> bool,
    one: impl Fn(usize, usize) -> bool,
) -> bool {
    let (mut at, mut item) = (0, 0);
    let mut again: Option<(usize, usize)> = None;
    while item < length {
        if at < patterns && any(at) {
            again = Some((at, item));
            at += 1;
        } else if at < patterns && one(at, item) {
            at += 1;
            item += 1;
        } else if let Some((star, from)) = again {
            again = Some((star, from + 1));
            (at, item) = (star + 1, from + 1);
        } else {
            return false;
        }
    }
    (at..patterns).all(any)
}

/// One letter of a part's pattern.
enum Letter {
    Any,
    One,
    Exactly(char),
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

fn part_matches(pattern: &str, part: &str) -> bool {
    let letters = letters(pattern).unwrap_or_default();
    let part: Vec<char> = part.chars().collect();
    let any = |at: usize| matches!(letters[at], Letter::Any);
    let one = |at: usize, item: usize| match &letters[at] {
        Letter::Any => false,
        Letter::One => true,
        Letter::Exactly(letter) => *letter == part[item],
        Letter::Class { negated, ranges } => {
            let within = |(low, high): &(char, char)| (*low..=*high).contains(&part[item]);
            ranges.iter().any(within) != *negated
        }
    };
    sequence(letters.len(), part.len(), any, one)
}

fn check(pattern: &str) -> Result<(), String> {
    pattern
        .split('/')
        .try_for_each(|part| letters(part).map(|_| ()))
}

fn letters(pattern: &str) -> Result<Vec<Letter>, String> {
    let unclosed = || "syntax error in pattern".to_owned();
    let mut letters = Vec::new();
    let mut rest = pattern.chars();
    while let Some(letter) = rest.next() {
        letters.push(match letter {
            '*' => Letter::Any,
            '?' => Letter::One,
            '\\' => Letter::Exactly(rest.next().ok_or_else(unclosed)?),
            '[' => {
                let mut next = rest.next().ok_or_else(unclosed)?;
                let negated = matches!(next, '^' | '!');
                if negated {
                    next = rest.next().ok_or_else(unclosed)?;
                }
                let mut ranges = Vec::new();
                while next != ']' {
                    let mut tail = rest.clone();
                    let high = match (tail.next(), tail.next()) {
                        (Some('-'), Some(high)) if high != ']' => {
                            rest = tail;
                            high
                        }
                        _ => next,
                    };
                    ranges.push((next, high));
                    next = rest.next().ok_or_else(unclosed)?;
                }
                Letter::Class { negated, ranges }
            }
            other => Letter::Exactly(other),
        });
    }
    Ok(letters)
}

/// What the first pair of braces makes of a pattern; `None` when there is none.
fn braces(pattern: &str) -> Result<Option<Vec<String>>, String> {
    let (mut open, mut depth, mut escaped) = (None, 0, false);
    let mut commas = Vec::new();
    for (at, letter) in pattern.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => {
                open = open.or(Some(at));
                depth += 1;
            }
            ',' if depth == 1 => commas.push(at),
            '}' if depth > 1 => depth -= 1,
            '}' if depth == 1 => {
                let start = open.unwrap_or(0);
                commas.push(at);
                let mut from = start + 1;
                let mut made = Vec::new();
                for &to in &commas {
                    let (before, after) = (&pattern[..start], &pattern[at + 1..]);
                    made.push(format!("{before}{}{after}", &pattern[from..to]));
                    from = to + 1;
                }
                return Ok(Some(made));
            }
            _ => {}
        }
    }
    match open {
        None => Ok(None),
        Some(_) => Err("syntax error in pattern".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_patterns() {
        for (pattern, path, wanted) in [
            ("*.txt", "a.txt", true),
            ("*.txt", "b/a.txt", false),
            ("*", ".hidden", true),
            ("**/*.txt", "a.txt", true),
            ("**/*.txt", "b/c/a.txt", true),
            ("**", "b/c/a.txt", true),
            ("b/**/a.txt", "b/a.txt", true),
            ("b/**/d/*.txt", "b/c/d/e/d/a.txt", true),
            ("?.txt", "é.txt", true),
            ("??.txt", "é.txt", false),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[a-]x", "-x", true),
            ("{a,b/c}.txt", "b/c.txt", true),
            ("{a,{b,c}}.txt", "c.txt", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("./a", "a", true),
            ("a**b", "axyb", true),
            ("", "a", false),
        ] {
            let glob = Glob::new(pattern).expect(pattern);
            assert_eq!(glob.matches(path), wanted, "{pattern} {path}");
        }
        for pattern in [
            "[a",
            "{a,b",
            "a\\",
            "{,,,}{,,,}{,,,}{,,,}",
            &"*".repeat(5_000),
        ] {
            assert!(Glob::new(pattern).is_err(), "{pattern}");
        }
        assert_eq!(Glob::new("{a,b/c}").expect("good").depth(), 1);
        assert_eq!(Glob::new("a/**").expect("good").depth(), usize::MAX);
    }

    #[test]
    fn time_does_not_explode() {
        let glob = Glob::new(&"*a".repeat(200)).expect("good");
        assert!(!glob.matches(&"a".repeat(199).replace('a', "ab")));
        let deep = Glob::new(&"**/a/".repeat(200)).expect("good");
        assert!(!deep.matches(&format!("{}b", "a/".repeat(300))));
    }
}

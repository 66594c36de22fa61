//! Patterns: the few forms of regular expressions that the comparison of transcripts is written in.
//!
//! Belongs here: reading a pattern, searching and replacing with it. The notation is the usual one:
//! `. \d \w \W \b ^ $ [...] ( ) (?: ) (?= ) (?! ) (?<! ) | ? * + {n} {n,} {n,m}`; quantifiers are
//! greedy, a look-behind is one character wide. Patterns are ours, so one that cannot be read is
//! our bug; texts are anybody's.

/// A pattern that was read.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    node: Node,
    groups: usize,
}

#[derive(Clone, Debug)]
enum Node {
    One(Set),
    Start,
    End,
    Boundary,
    Group(usize, Box<Node>),
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Repeat(Box<Node>, usize, usize),
    Ahead(bool, Box<Node>),
    NotBehind(Set),
}

#[derive(Clone, Debug, Default)]
struct Set {
    negated: bool,
    ranges: Vec<(char, char)>,
    digit: bool,
    word: bool,
    not_word: bool,
}

impl Set {
    fn character(c: char) -> Self {
        Self {
            ranges: vec![(c, c)],
            ..Self::default()
        }
    }

    fn any() -> Self {
        // Everything that is not nothing.
        Self {
            negated: true,
            ..Self::default()
        }
    }

    fn has(&self, c: char) -> bool {
        let found = self
            .ranges
            .iter()
            .any(|(low, high)| (*low..=*high).contains(&c))
            || (self.digit && c.is_ascii_digit())
            || (self.word && is_word(c))
            || (self.not_word && !is_word(c));
        found != self.negated
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The span of each group of a match; the whole match is the first.
type Groups = Vec<Option<(usize, usize)>>;

impl Pattern {
    /// Reads a pattern.
    pub(super) fn new(text: &str) -> Self {
        let characters: Vec<char> = text.chars().collect();
        let mut reader = Reader {
            characters: &characters,
            at: 0,
            groups: 1,
        };
        let node = reader.either();
        assert!(
            reader.at == characters.len(),
            "pattern {text:?} has a stray bracket"
        );
        Self {
            node,
            groups: reader.groups,
        }
    }

    /// Whether the pattern matches at the beginning of the text.
    pub(super) fn matches_start(&self, text: &str) -> bool {
        let characters: Vec<char> = text.chars().collect();
        self.match_at(&characters, 0).is_some()
    }

    /// The text with every match replaced; `\1` in `to` stands for the first group.
    pub(super) fn replace(&self, text: &str, to: &str) -> String {
        let characters: Vec<char> = text.chars().collect();
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        while at <= characters.len() {
            match self.match_at(&characters, at) {
                Some(groups) => {
                    let end = groups[0].map_or(at, |(_, end)| end);
                    write_replacement(&mut out, to, &characters, &groups);
                    if end == at {
                        out.extend(characters.get(at));
                        at += 1;
                    } else {
                        at = end;
                    }
                }
                None => {
                    out.extend(characters.get(at));
                    at += 1;
                }
            }
        }
        out
    }

    fn match_at(&self, text: &[char], at: usize) -> Option<Groups> {
        let mut groups: Groups = vec![None; self.groups];
        let mut end = None;
        let matched = step(&self.node, text, at, &mut groups, &mut |here, _| {
            end = Some(here);
            true
        });
        groups[0] = end.map(|end| (at, end));
        matched.then_some(groups)
    }
}

fn write_replacement(out: &mut String, to: &str, text: &[char], groups: &Groups) {
    let mut characters = to.chars();
    while let Some(c) = characters.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let number = characters.next().and_then(|c| c.to_digit(10)).unwrap_or(0);
        if let Some(Some((start, end))) = groups.get(number as usize) {
            out.extend(&text[*start..*end]);
        }
    }
}

type Next<'a> = &'a mut dyn FnMut(usize, &mut Groups) -> bool;

/// Tries `node` at `at`, and what comes after it wherever it may end.
fn step(node: &Node, text: &[char], at: usize, groups: &mut Groups, next: Next<'_>) -> bool {
    match node {
        Node::One(set) => text.get(at).is_some_and(|c| set.has(*c)) && next(at + 1, groups),
        Node::Start => at == 0 && next(at, groups),
        Node::End => at == text.len() && next(at, groups),
        Node::Boundary => {
            let before = at > 0 && is_word(text[at - 1]);
            let after = text.get(at).is_some_and(|c| is_word(*c));
            before != after && next(at, groups)
        }
        Node::NotBehind(set) => (at == 0 || !set.has(text[at - 1])) && next(at, groups),
        Node::Ahead(wanted, inner) => {
            let found = step(inner, text, at, &mut groups.clone(), &mut |_, _| true);
            found == *wanted && next(at, groups)
        }
        Node::Group(number, inner) => {
            let before = groups[*number];
            let found = step(inner, text, at, groups, &mut |end, groups| {
                let old = groups[*number];
                groups[*number] = Some((at, end));
                next(end, groups) || {
                    groups[*number] = old;
                    false
                }
            });
            if !found {
                groups[*number] = before;
            }
            found
        }
        Node::Sequence(nodes) => sequence(nodes, text, at, groups, next),
        Node::Either(nodes) => nodes.iter().any(|node| step(node, text, at, groups, next)),
        Node::Repeat(inner, min, max) => repeat(inner, (*min, *max), text, at, groups, next),
    }
}

fn sequence(nodes: &[Node], text: &[char], at: usize, groups: &mut Groups, next: Next<'_>) -> bool {
    match nodes.split_first() {
        None => next(at, groups),
        Some((first, rest)) => step(first, text, at, groups, &mut |here, groups| {
            sequence(rest, text, here, groups, next)
        }),
    }
}

fn repeat(
    inner: &Node,
    (min, max): (usize, usize),
    text: &[char],
    at: usize,
    groups: &mut Groups,
    next: Next<'_>,
) -> bool {
    let rest = (min.saturating_sub(1), max.saturating_sub(1));
    let again = max > 0
        && step(inner, text, at, groups, &mut |here, groups| {
            here > at && repeat(inner, rest, text, here, groups, next)
        });
    again || (min == 0 && next(at, groups))
}

struct Reader<'a> {
    characters: &'a [char],
    at: usize,
    groups: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn take(&mut self, text: &str) -> bool {
        let found = text
            .chars()
            .enumerate()
            .all(|(i, c)| self.characters.get(self.at + i) == Some(&c));
        if found {
            self.at += text.chars().count();
        }
        found
    }

    fn either(&mut self) -> Node {
        let mut branches = vec![self.sequence()];
        while self.take("|") {
            branches.push(self.sequence());
        }
        if branches.len() == 1 {
            branches.remove(0)
        } else {
            Node::Either(branches)
        }
    }

    fn sequence(&mut self) -> Node {
        let mut nodes = Vec::new();
        while self.peek().is_some_and(|c| c != '|' && c != ')') {
            let atom = self.atom();
            nodes.push(self.quantified(atom));
        }
        Node::Sequence(nodes)
    }

    fn quantified(&mut self, atom: Node) -> Node {
        let (min, max) = if self.take("?") {
            (0, 1)
        } else if self.take("*") {
            (0, usize::MAX)
        } else if self.take("+") {
            (1, usize::MAX)
        } else if self.take("{") {
            let min = self.number();
            let max = match (self.take(","), self.peek()) {
                (false, _) => min,
                (true, Some('}')) => usize::MAX,
                (true, _) => self.number(),
            };
            assert!(self.take("}"), "a count in a pattern is not closed");
            (min, max)
        } else {
            return atom;
        };
        Node::Repeat(Box::new(atom), min, max)
    }

    fn number(&mut self) -> usize {
        let mut number = 0;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            number = number * 10 + digit as usize;
            self.at += 1;
        }
        number
    }

    fn atom(&mut self) -> Node {
        if self.take("(?:") {
            self.closed()
        } else if self.take("(?=") {
            Node::Ahead(true, Box::new(self.closed()))
        } else if self.take("(?!") {
            Node::Ahead(false, Box::new(self.closed()))
        } else if self.take("(?<!") {
            match self.closed() {
                Node::Sequence(nodes) => match nodes.as_slice() {
                    [Node::One(set)] => Node::NotBehind(set.clone()),
                    _ => panic!("a look-behind is one character wide"),
                },
                _ => panic!("a look-behind is one character wide"),
            }
        } else if self.take("(") {
            let number = self.groups;
            self.groups += 1;
            Node::Group(number, Box::new(self.closed()))
        } else if self.take("[") {
            Node::One(self.set())
        } else if self.take("^") {
            Node::Start
        } else if self.take("$") {
            Node::End
        } else if self.take("\\b") {
            Node::Boundary
        } else if self.take(".") {
            Node::One(Set::any())
        } else {
            let mut set = Set::default();
            self.add_one(&mut set);
            Node::One(set)
        }
    }

    fn closed(&mut self) -> Node {
        let node = self.either();
        assert!(self.take(")"), "a bracket in a pattern is not closed");
        node
    }

    fn set(&mut self) -> Set {
        let mut set = Set {
            negated: self.take("^"),
            ..Set::default()
        };
        while !self.take("]") {
            let first = self.add_one(&mut set);
            let range = self.peek() == Some('-') && self.characters.get(self.at + 1) != Some(&']');
            if let (Some(low), true) = (first, range) {
                self.at += 1;
                let high = self.characters[self.at];
                self.at += 1;
                set.ranges.push((low, high));
            }
        }
        set
    }

    /// Reads one character or class into `set`; returns the character.
    fn add_one(&mut self, set: &mut Set) -> Option<char> {
        let escaped = self.take("\\");
        let c = self.characters[self.at];
        self.at += 1;
        match (escaped, c) {
            (true, 'd') => set.digit = true,
            (true, 'w') => set.word = true,
            (true, 'W') => set.not_word = true,
            (true, 's') => set.ranges.extend([(' ', ' '), ('\t', '\r')]),
            (true, 'x') => {
                let digits: String = self.characters[self.at..self.at + 2].iter().collect();
                self.at += 2;
                let code = u32::from_str_radix(&digits, 16).unwrap_or(0);
                set.ranges.extend(char::from_u32(code).map(|c| (c, c)));
            }
            _ => {
                set.ranges.extend(Set::character(c).ranges);
                return Some(c);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacing() {
        let cases = [
            (r"a+", "baaac", "x", "bxc"),
            (r"\b[0-9a-f]{2}\b", "ab abc 0f", "<>", "<> abc <>"),
            (
                r"(?<![\w-])(?=[0-9a-f]*\d|[a-f]{4})[0-9a-f]{4}(?![\w-])",
                "abcd beef -ab12 ab12 zab1",
                "#",
                "# # -ab12 # zab1",
            ),
            (r"(x|yy)z*", "yyzz-x-y", r"<\1>", "<yy>-<x>-y"),
            (r" {2,}", "a  b   c d", "  ", "a  b  c d"),
            (r"^(A|B) += .*", "A   = some", r"\1 = ?", "A = ?"),
            (r"(?:\d+(?:mo|[smh]))+ ago", "1h2m ago 3mo ago", "T", "T T"),
            (r"[^a-c]", "abcd-", "_", "abc__"),
            (r"(in )(?!0s)\d+s", "in 0s in 5s", r"\1T", "in 0s in T"),
        ];
        for (pattern, text, to, want) in cases {
            assert_eq!(Pattern::new(pattern).replace(text, to), want, "{pattern}");
        }
    }

    #[test]
    fn beginnings() {
        let reason = Pattern::new(r"^(?:\x1b\[\d+m)*\s*\* ");
        assert!(reason.matches_start("  * No nodes"));
        assert!(reason.matches_start("\x1b[1m\x1b[33m  * x"));
        assert!(!reason.matches_start("a * b"));
    }
}

//! Patterns of the `regexp` operand: the part of RE2's syntax that job files use.
//!
//! Literals, `.`, classes (`[a-z]`, `[^0-9]`, `\d \w \s` and their opposites), groups, alternatives,
//! `* + ?` and `{n,m}` (lazy ones match the same texts), `^ $ \b` and the flag `(?i)`. A pattern that
//! uses anything else cannot be read, and a condition with it is false, as with any unreadable one.
//!
//! Matching follows all alternatives at once, so its time grows with pattern and text only.

/// Most repetitions that a counted one may ask for, as in RE2.
const REPEAT_MAX: u32 = 1000;
/// Most steps of a compiled pattern: counted repetitions multiply when they are nested.
const STEPS_MAX: usize = 20_000;

#[derive(Clone, Debug)]
enum Node {
    Empty,
    Set(Set),
    Start,
    End,
    Boundary(bool),
    Concat(Vec<Node>),
    Either(Vec<Node>),
    Repeat(Box<Node>, u32, Option<u32>),
}

#[derive(Clone, Debug, Default)]
struct Set {
    ranges: Vec<(char, char)>,
    negated: bool,
}

impl Set {
    fn contains(&self, c: char, fold: bool) -> bool {
        let has = |c: char| {
            self.ranges
                .iter()
                .any(|(low, high)| (*low..=*high).contains(&c))
        };
        let found =
            has(c) || (fold && (has(c.to_ascii_lowercase()) || has(c.to_ascii_uppercase())));
        found != self.negated
    }
}

#[derive(Clone, Debug)]
enum Step {
    Set(Set),
    Start,
    End,
    Boundary(bool),
    /// Go on at both.
    Fork(usize, usize),
    Jump(usize),
    Match,
}

/// A pattern that was read.
#[derive(Clone, Debug)]
pub(crate) struct Regexp {
    steps: Vec<Step>,
    fold: bool,
}

impl Regexp {
    /// Reads a pattern; `None` when it cannot be read.
    pub(crate) fn new(pattern: &str) -> Option<Self> {
        let (fold, pattern) = match pattern.strip_prefix("(?i)") {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        let chars: Vec<char> = pattern.chars().collect();
        let mut parser = Parser {
            chars: &chars,
            at: 0,
            depth: 0,
        };
        let node = parser.either()?;
        if parser.at != chars.len() {
            return None;
        }
        let mut steps = Vec::new();
        emit(&node, &mut steps)?;
        steps.push(Step::Match);
        Some(Self { steps, fold })
    }

    /// Whether the pattern matches anywhere in the text.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        let chars: Vec<char> = text.chars().collect();
        let mut current = vec![false; self.steps.len()];
        let mut next = vec![false; self.steps.len()];
        for at in 0..=chars.len() {
            // The search may begin anywhere.
            if self.follow(0, at, &chars, &mut current) {
                return true;
            }
            let Some(c) = chars.get(at) else { break };
            for (i, step) in self.steps.iter().enumerate() {
                let takes =
                    current[i] && matches!(step, Step::Set(set) if set.contains(*c, self.fold));
                if takes && self.follow(i + 1, at + 1, &chars, &mut next) {
                    return true;
                }
            }
            std::mem::swap(&mut current, &mut next);
            next.fill(false);
        }
        false
    }

    /// Marks what can be reached from `start` without taking a character; true when that is a match.
    fn follow(&self, start: usize, at: usize, chars: &[char], marks: &mut [bool]) -> bool {
        let mut open = vec![start];
        while let Some(i) = open.pop() {
            if std::mem::replace(&mut marks[i], true) {
                continue;
            }
            match &self.steps[i] {
                Step::Match => return true,
                Step::Jump(to) => open.push(*to),
                Step::Fork(one, other) => open.extend([*one, *other]),
                Step::Start if at == 0 => open.push(i + 1),
                Step::End if at == chars.len() => open.push(i + 1),
                Step::Boundary(wanted) if is_boundary(chars, at) == *wanted => open.push(i + 1),
                Step::Set(_) | Step::Start | Step::End | Step::Boundary(_) => (),
            }
        }
        false
    }
}

fn is_boundary(chars: &[char], at: usize) -> bool {
    let is_word = |i: Option<usize>| {
        i.and_then(|i| chars.get(i))
            .is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_')
    };
    is_word(at.checked_sub(1)) != is_word(Some(at))
}

fn emit(node: &Node, steps: &mut Vec<Step>) -> Option<()> {
    if steps.len() > STEPS_MAX {
        return None;
    }
    match node {
        Node::Empty => (),
        Node::Set(set) => steps.push(Step::Set(set.clone())),
        Node::Start => steps.push(Step::Start),
        Node::End => steps.push(Step::End),
        Node::Boundary(wanted) => steps.push(Step::Boundary(*wanted)),
        Node::Concat(parts) => {
            for part in parts {
                emit(part, steps)?;
            }
        }
        Node::Either(parts) => emit_either(parts, steps)?,
        Node::Repeat(inner, min, max) => emit_repeat(inner, *min, *max, steps)?,
    }
    Some(())
}

fn emit_either(parts: &[Node], steps: &mut Vec<Step>) -> Option<()> {
    let mut jumps = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        if i + 1 == parts.len() {
            emit(part, steps)?;
            break;
        }
        let fork = steps.len();
        steps.push(Step::Fork(fork + 1, 0));
        emit(part, steps)?;
        jumps.push(steps.len());
        steps.push(Step::Jump(0));
        steps[fork] = Step::Fork(fork + 1, steps.len());
    }
    let end = steps.len();
    jumps
        .into_iter()
        .for_each(|jump| steps[jump] = Step::Jump(end));
    Some(())
}

fn emit_repeat(inner: &Node, min: u32, max: Option<u32>, steps: &mut Vec<Step>) -> Option<()> {
    for _ in 0..min {
        emit(inner, steps)?;
    }
    match max {
        None => {
            let fork = steps.len();
            steps.push(Step::Fork(fork + 1, 0));
            emit(inner, steps)?;
            steps.push(Step::Jump(fork));
            steps[fork] = Step::Fork(fork + 1, steps.len());
        }
        Some(max) => {
            let mut forks = Vec::new();
            for _ in min..max {
                forks.push(steps.len());
                steps.push(Step::Fork(0, 0));
                emit(inner, steps)?;
            }
            let end = steps.len();
            forks
                .into_iter()
                .for_each(|fork| steps[fork] = Step::Fork(fork + 1, end));
        }
    }
    Some(())
}

struct Parser<'c> {
    chars: &'c [char],
    at: usize,
    depth: u32,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        self.at += usize::from(found);
        found
    }

    fn either(&mut self) -> Option<Node> {
        let mut parts = vec![self.concat()?];
        while self.eat('|') {
            parts.push(self.concat()?);
        }
        Some(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Node::Either(parts)
        })
    }

    fn concat(&mut self) -> Option<Node> {
        let mut parts = Vec::new();
        while let Some(c) = self.peek() {
            if c == '|' || c == ')' {
                break;
            }
            let atom = self.atom()?;
            parts.push(self.repeated(atom)?);
        }
        Some(if parts.is_empty() {
            Node::Empty
        } else {
            Node::Concat(parts)
        })
    }

    fn repeated(&mut self, atom: Node) -> Option<Node> {
        let (min, max) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => match self.counts() {
                Some(counts) => counts,
                None => return Some(atom),
            },
            _ => return Some(atom),
        };
        self.at += 1; // `counts` stops at the closing brace.
        self.eat('?');
        if matches!(self.peek(), Some('*' | '+' | '?')) {
            return None;
        }
        if min > REPEAT_MAX || max.is_some_and(|max| max > REPEAT_MAX || max < min) {
            return None;
        }
        Some(Node::Repeat(Box::new(atom), min, max))
    }

    /// `{n}`, `{n,}` or `{n,m}`; anything else in braces is literal text. Ends at the closing brace.
    fn counts(&mut self) -> Option<(u32, Option<u32>)> {
        let rest: String = self.chars[self.at + 1..]
            .iter()
            .take_while(|c| **c != '}')
            .collect();
        let length = rest.chars().count();
        self.chars.get(self.at + 1 + length)?;
        let counts = match rest.split_once(',') {
            None => {
                let n = rest.parse().ok()?;
                (n, Some(n))
            }
            Some((min, "")) => (min.parse().ok()?, None),
            Some((min, max)) => (min.parse().ok()?, Some(max.parse().ok()?)),
        };
        self.at += length + 1;
        Some(counts)
    }

    fn atom(&mut self) -> Option<Node> {
        let c = self.peek()?;
        self.at += 1;
        Some(match c {
            '.' => Node::Set(Set {
                ranges: vec![('\n', '\n')],
                negated: true,
            }),
            '^' => Node::Start,
            '$' => Node::End,
            '[' => Node::Set(self.class()?),
            '(' => {
                self.depth += 1;
                if self.depth > 100 {
                    return None;
                }
                if self.eat('?') {
                    self.group_name()?;
                }
                let inner = self.either()?;
                self.depth -= 1;
                if !self.eat(')') {
                    return None;
                }
                inner
            }
            '*' | '+' | '?' | ')' => return None,
            '\\' => self.escape()?,
            c => Node::Set(one(c)),
        })
    }

    /// What may follow `(?`: `:`, or a name that is not needed.
    fn group_name(&mut self) -> Option<()> {
        if self.eat(':') {
            return Some(());
        }
        self.eat('P');
        if !self.eat('<') {
            return None;
        }
        while let Some(c) = self.peek() {
            self.at += 1;
            if c == '>' {
                return Some(());
            }
        }
        None
    }

    fn escape(&mut self) -> Option<Node> {
        match self.peek()? {
            'A' => self.and(Node::Start),
            'z' => self.and(Node::End),
            'b' => self.and(Node::Boundary(true)),
            'B' => self.and(Node::Boundary(false)),
            _ => self.escaped_set().map(Node::Set),
        }
    }

    fn and(&mut self, node: Node) -> Option<Node> {
        self.at += 1;
        Some(node)
    }

    fn escaped_set(&mut self) -> Option<Set> {
        let c = self.peek()?;
        self.at += 1;
        let negated = c.is_ascii_uppercase();
        let ranges = match c {
            'd' | 'D' => vec![('0', '9')],
            'w' | 'W' => vec![('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
            's' | 'S' => vec![('\t', '\n'), ('\u{c}', '\r'), (' ', ' ')],
            'n' => return Some(one('\n')),
            't' => return Some(one('\t')),
            'r' => return Some(one('\r')),
            c if !c.is_alphanumeric() => return Some(one(c)),
            _ => return None,
        };
        Some(Set { ranges, negated })
    }

    fn class(&mut self) -> Option<Set> {
        let negated = self.eat('^');
        let mut ranges = Vec::new();
        let mut is_first = true;
        loop {
            let c = self.peek()?;
            self.at += 1;
            match c {
                ']' if !is_first => break,
                '[' if self.peek() == Some(':') => return None,
                '\\' => {
                    let set = self.escaped_set()?;
                    if set.negated {
                        return None;
                    }
                    let is_single = set.ranges.len() == 1 && set.ranges[0].0 == set.ranges[0].1;
                    match self.range_end().filter(|_| is_single) {
                        Some(high) => ranges.push((set.ranges[0].0, high)),
                        None => ranges.extend(set.ranges),
                    }
                }
                low => ranges.push((low, self.range_end().unwrap_or(low))),
            }
            is_first = false;
        }
        let is_ordered = ranges.iter().all(|(low, high)| low <= high);
        is_ordered.then_some(Set { ranges, negated })
    }

    /// The end of a range, when `-` and something other than `]` follow.
    fn range_end(&mut self) -> Option<char> {
        match (self.peek(), self.chars.get(self.at + 1)) {
            (Some('-'), Some(high)) if *high != ']' && *high != '\\' => {
                self.at += 2;
                Some(*high)
            }
            _ => None,
        }
    }
}

fn one(c: char) -> Set {
    Set {
        ranges: vec![(c, c)],
        negated: false,
    }
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
            let compiled = Regexp::new(pattern).unwrap_or_else(|| panic!("{pattern:?}"));
            assert_eq!(compiled.is_match(text), want, "{pattern:?} on {text:?}");
        }
        for bad in [
            "(", ")", "a**", "[a", "*a", "a{3,2}", "\\q", "(?=a)", "[z-a]",
        ] {
            assert!(Regexp::new(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn time_does_not_explode() {
        let pattern = Regexp::new("^(a*)*(a*)*b$").unwrap();
        assert!(!pattern.is_match(&"a".repeat(2000)));
    }
}

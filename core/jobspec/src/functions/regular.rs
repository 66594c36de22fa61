//! Regular expressions for `regex_replace`: the usual syntax without look-around, matched by
//! backtracking under a budget, leftmost match first.

/// One step of a pattern.
#[derive(Debug, Clone)]
enum Node {
    Character(char),
    Any,
    Class(Vec<(char, char)>, bool),
    Start,
    End,
    Boundary(bool),
    Group(Box<Node>, Option<usize>),
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Repeat {
        inner: Box<Node>,
        least: usize,
        most: usize,
        greedy: bool,
    },
}

struct Parser<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    names: Vec<(String, usize)>,
    groups: usize,
    fold: bool,
    dot_all: bool,
    depth: usize,
}

struct Matcher<'a> {
    text: &'a [char],
    fold: bool,
    steps: usize,
    groups: Vec<Option<(usize, usize)>>,
}

const MAXIMUM_STEPS: usize = 200_000;

/// Replaces every match; `$1`, `${1}` and `${name}` in the replacement stand for groups.
pub(super) fn replace(text: &str, pattern: &str, with: &str) -> Result<String, String> {
    let mut parser = Parser {
        rest: pattern.chars().peekable(),
        names: Vec::new(),
        groups: 0,
        fold: false,
        dot_all: false,
        depth: 0,
    };
    let node = parser.either()?;
    if parser.rest.next().is_some() {
        return Err(format!("error parsing regexp: unexpected ): `{pattern}`"));
    }
    let characters: Vec<char> = text.chars().collect();
    let mut matcher = Matcher {
        text: &characters,
        fold: parser.fold,
        steps: 0,
        groups: vec![None; parser.groups + 1],
    };
    let mut result = String::new();
    let (mut at, mut last_end) = (0, None);
    while at <= characters.len() {
        matcher.groups.fill(None);
        let end = matcher.run(&node, at, &mut |_, end| Some(end));
        if matcher.steps > MAXIMUM_STEPS {
            return Err("the pattern takes too much work".to_owned());
        }
        match end {
            Some(end) if !(end == at && last_end == Some(at)) => {
                matcher.groups[0] = Some((at, end));
                expand(with, &matcher, &parser.names, &mut result);
                last_end = Some(end);
                if end == at {
                    result.extend(characters.get(at));
                    at += 1;
                } else {
                    at = end;
                }
            }
            _ => {
                result.extend(characters.get(at));
                at += 1;
            }
        }
    }
    Ok(result)
}

fn expand(with: &str, matcher: &Matcher<'_>, names: &[(String, usize)], result: &mut String) {
    let mut rest = with;
    while let Some(at) = rest.find('$') {
        result.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(next) = after.strip_prefix('$') {
            result.push('$');
            rest = next;
            continue;
        }
        let (name, next) = match after.strip_prefix('{') {
            Some(inner) => match inner.split_once('}') {
                Some(parts) => parts,
                None => ("", after),
            },
            None => {
                let word = |each: char| !(each.is_alphanumeric() || each == '_');
                after.split_at(after.find(word).unwrap_or(after.len()))
            }
        };
        if name.is_empty() {
            result.push('$');
            rest = after;
            continue;
        }
        let index = name.parse().ok().or_else(|| {
            names
                .iter()
                .find(|(other, _)| other == name)
                .map(|(_, index)| *index)
        });
        if let Some(Some(Some((start, end)))) = index.map(|index: usize| matcher.groups.get(index))
        {
            result.extend(&matcher.text[*start..*end]);
        }
        rest = next;
    }
    result.push_str(rest);
}

impl Parser<'_> {
    fn either(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > 60 {
            return Err("error parsing regexp: expression nests too deeply".to_owned());
        }
        let mut branches = vec![self.sequence()?];
        while self.rest.next_if_eq(&'|').is_some() {
            branches.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(if branches.len() == 1 {
            branches.remove(0)
        } else {
            Node::Either(branches)
        })
    }

    fn sequence(&mut self) -> Result<Node, String> {
        let mut nodes = Vec::new();
        while let Some(&next) = self.rest.peek() {
            if next == '|' || next == ')' {
                break;
            }
            self.rest.next();
            let Some(node) = self.atom(next)? else {
                continue;
            };
            nodes.push(self.repeated(node)?);
        }
        Ok(Node::Sequence(nodes))
    }

    fn atom(&mut self, first: char) -> Result<Option<Node>, String> {
        Ok(Some(match first {
            '.' if self.dot_all => Node::Class(Vec::new(), true),
            '.' => Node::Any,
            '^' => Node::Start,
            '$' => Node::End,
            '(' => return self.group(),
            '[' => self.class()?,
            '\\' => self.escape()?,
            '*' | '+' | '?' => {
                return Err(format!(
                    "error parsing regexp: missing argument to repetition operator: `{first}`"
                ));
            }
            _ => Node::Character(first),
        }))
    }

    fn group(&mut self) -> Result<Option<Node>, String> {
        let mut index = None;
        if self.rest.next_if_eq(&'?').is_some() {
            let mut head = String::new();
            loop {
                match self.rest.next() {
                    Some(':') => break,
                    Some('>') => {
                        self.groups += 1;
                        index = Some(self.groups);
                        let name = head.trim_start_matches('P').trim_start_matches('<');
                        self.names.push((name.to_owned(), self.groups));
                        head.clear();
                        break;
                    }
                    Some(')') => {
                        self.flags(&head)?;
                        return Ok(None);
                    }
                    Some(character) => head.push(character),
                    None => return Err("error parsing regexp: missing closing )".to_owned()),
                }
            }
            self.flags(&head)?;
        } else {
            self.groups += 1;
            index = Some(self.groups);
        }
        let inner = self.either()?;
        if self.rest.next() != Some(')') {
            return Err("error parsing regexp: missing closing )".to_owned());
        }
        Ok(Some(Node::Group(Box::new(inner), index)))
    }

    fn flags(&mut self, flags: &str) -> Result<(), String> {
        for flag in flags.chars() {
            match flag {
                'i' => self.fold = true,
                's' => self.dot_all = true,
                _ => {
                    return Err(format!(
                        "error parsing regexp: invalid or unsupported Perl syntax: `(?{flags}`"
                    ));
                }
            }
        }
        Ok(())
    }

    fn escape(&mut self) -> Result<Node, String> {
        let Some(letter) = self.rest.next() else {
            return Err("error parsing regexp: trailing backslash at end of expression".to_owned());
        };
        if let Some(ranges) = named_class(letter.to_ascii_lowercase()) {
            return Ok(Node::Class(ranges, letter.is_ascii_uppercase()));
        }
        Ok(match letter {
            'b' => Node::Boundary(true),
            'B' => Node::Boundary(false),
            'A' => Node::Start,
            'z' => Node::End,
            _ => Node::Character(escaped(letter)),
        })
    }

    fn class(&mut self) -> Result<Node, String> {
        let negated = self.rest.next_if_eq(&'^').is_some();
        let mut ranges = Vec::new();
        loop {
            let missing = || "error parsing regexp: missing closing ]".to_owned();
            let mut low = self.rest.next().ok_or_else(missing)?;
            if low == ']' && !ranges.is_empty() {
                return Ok(Node::Class(ranges, negated));
            }
            if low == '\\' {
                let letter = self.rest.next().ok_or_else(missing)?;
                if let Some(inner) = named_class(letter) {
                    ranges.extend(inner);
                    continue;
                }
                low = escaped(letter);
            }
            let mut high = low;
            if self.rest.peek() == Some(&'-') {
                let mut ahead = self.rest.clone();
                ahead.next();
                if ahead.peek().is_some_and(|&each| each != ']') {
                    self.rest.next();
                    high = self.rest.next().ok_or_else(missing)?;
                    if high == '\\' {
                        high = escaped(self.rest.next().ok_or_else(missing)?);
                    }
                }
            }
            if high < low {
                return Err(format!(
                    "error parsing regexp: invalid character class range: `{low}-{high}`"
                ));
            }
            ranges.push((low, high));
        }
    }

    fn repeated(&mut self, mut node: Node) -> Result<Node, String> {
        loop {
            let (least, most) = match self.rest.peek() {
                Some('*') => (0, usize::MAX),
                Some('+') => (1, usize::MAX),
                Some('?') => (0, 1),
                Some('{') => match self.bounds() {
                    Some(bounds) => bounds,
                    None => return Ok(node),
                },
                _ => return Ok(node),
            };
            if least > 1000 || (most != usize::MAX && (most > 1000 || most < least)) {
                return Err("error parsing regexp: invalid repeat count".to_owned());
            }
            self.rest.next();
            let greedy = self.rest.next_if_eq(&'?').is_none();
            node = Node::Repeat {
                inner: Box::new(node),
                least,
                most,
                greedy,
            };
        }
    }

    /// `{2}`, `{2,}`, `{2,5}`; leaves the closing brace as the next character.
    fn bounds(&mut self) -> Option<(usize, usize)> {
        let text: String = self
            .rest
            .clone()
            .skip(1)
            .take_while(|&each| each != '}')
            .collect();
        let (least, most) = match text.split_once(',') {
            None => (text.parse().ok()?, text.parse().ok()?),
            Some((least, "")) => (least.parse().ok()?, usize::MAX),
            Some((least, most)) => (least.parse().ok()?, most.parse().ok()?),
        };
        for _ in 0..=text.chars().count() {
            self.rest.next();
        }
        (self.rest.peek() == Some(&'}')).then_some((least, most))
    }
}

fn named_class(letter: char) -> Option<Vec<(char, char)>> {
    Some(match letter {
        'd' => vec![('0', '9')],
        'w' => vec![('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        's' => vec![('\t', '\n'), ('\u{c}', '\r'), (' ', ' ')],
        _ => return None,
    })
}

fn escaped(letter: char) -> char {
    match letter {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'f' => '\u{c}',
        'v' => '\u{b}',
        other => other,
    }
}

type Then<'n> = &'n mut dyn FnMut(&mut Matcher<'_>, usize) -> Option<usize>;

impl Matcher<'_> {
    fn is_word(&self, at: usize) -> bool {
        self.text
            .get(at)
            .is_some_and(|each| each.is_ascii_alphanumeric() || *each == '_')
    }

    /// Matches from `at` and goes on with `then`; the end of the whole match, if there is one.
    fn run(&mut self, node: &Node, at: usize, then: Then<'_>) -> Option<usize> {
        self.steps += 1;
        if self.steps > MAXIMUM_STEPS {
            return None;
        }
        match node {
            Node::Sequence(nodes) => self.sequence(nodes, at, then),
            Node::Either(branches) => branches
                .iter()
                .find_map(|branch| self.run(branch, at, then)),
            Node::Group(inner, index) => {
                let Some(index) = *index else {
                    return self.run(inner, at, then);
                };
                let before = self.groups[index];
                let found = self.run(inner, at, &mut |matcher, end| {
                    let earlier = matcher.groups[index].replace((at, end));
                    then(matcher, end).or_else(|| {
                        matcher.groups[index] = earlier;
                        None
                    })
                });
                if found.is_none() {
                    self.groups[index] = before;
                }
                found
            }
            Node::Repeat {
                inner,
                least,
                most,
                greedy,
            } => self.repeat(inner, at, (*least, *most, *greedy), 0, then),
            single => {
                let next = self.single(single, at)?;
                then(self, next)
            }
        }
    }

    fn single(&self, node: &Node, at: usize) -> Option<usize> {
        let here = self.text.get(at).copied();
        let equal = |a: char, b: char| a == b || self.fold && a.to_lowercase().eq(b.to_lowercase());
        let (matches, width) = match node {
            Node::Start => (at == 0, 0),
            Node::End => (at == self.text.len(), 0),
            Node::Boundary(wanted) => {
                let before = at > 0 && self.is_word(at - 1);
                ((before != self.is_word(at)) == *wanted, 0)
            }
            Node::Any => (here.is_some_and(|each| each != '\n'), 1),
            Node::Character(wanted) => (here.is_some_and(|each| equal(each, *wanted)), 1),
            Node::Class(ranges, negated) => {
                let inside = |each: char| {
                    let variants = [each, each.to_ascii_lowercase(), each.to_ascii_uppercase()];
                    let count = if self.fold { 3 } else { 1 };
                    variants[..count].iter().any(|each| {
                        ranges
                            .iter()
                            .any(|(low, high)| (low..=high).contains(&each))
                    })
                };
                (here.is_some_and(|each| inside(each) != *negated), 1)
            }
            _ => (false, 0),
        };
        matches.then_some(at + width)
    }

    fn sequence(&mut self, nodes: &[Node], at: usize, then: Then<'_>) -> Option<usize> {
        match nodes {
            [] => then(self, at),
            [first, rest @ ..] => self.run(first, at, &mut |matcher, next| {
                matcher.sequence(rest, next, then)
            }),
        }
    }

    fn repeat(
        &mut self,
        inner: &Node,
        at: usize,
        bounds: (usize, usize, bool),
        done: usize,
        then: Then<'_>,
    ) -> Option<usize> {
        let (least, most, greedy) = bounds;
        if done >= 2_000 {
            self.steps = MAXIMUM_STEPS + 1;
            return None;
        }
        if !greedy
            && done >= least
            && let Some(end) = then(self, at)
        {
            return Some(end);
        }
        if done < most {
            let more = self.run(inner, at, &mut |matcher, next| {
                // A round that takes nothing cannot help any further one.
                if next == at && done >= least {
                    return None;
                }
                matcher.repeat(inner, next, bounds, done + 1, then)
            });
            if more.is_some() {
                return more;
            }
        }
        if greedy && done >= least {
            then(self, at)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::replace;

    #[test]
    fn replaces() {
        for (text, pattern, with, expected) in [
            ("a1b2", "[0-9]", "#", "a#b#"),
            ("john smith", r"(\w+) (\w+)", "$2, ${1}", "smith, john"),
            ("abc", "", "-", "-a-b-c-"),
            ("aaa", "a+?", "b", "bbb"),
            ("x.y", r"\.", "", "xy"),
            ("Foo", "(?i)foo", "bar", "bar"),
            ("ab12", "(?P<word>[a-z]+)", "<${word}>", "<ab>12"),
            ("aab", "a{2}", "c", "cb"),
            ("foo bar", "^foo|bar$", "x", "x x"),
        ] {
            assert_eq!(
                replace(text, pattern, with).as_deref(),
                Ok(expected),
                "{pattern}"
            );
        }
        assert!(replace("a", "(", "").is_err());
        assert!(replace(&"a".repeat(400), "(a|aa)*b", "").is_err());
    }
}

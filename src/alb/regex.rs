//! Regular expressions of conditions, as far as a proof needs them: what they match, and whether
//! they ask for any letter in particular.
//!
//! Letters, classes, groups, alternatives, repetition, the anchors and a leading `(?i)` are read.
//! Other flags, look-around and back references are not: such an expression proves nothing here.

use std::fmt;

/// A bound on the size of an expression after its repetitions are written out.
const MAX_STEPS: usize = 20_000;
/// A bound on how deep groups nest.
const MAX_DEPTH: usize = 50;

/// An expression that was read. Its `Debug` hides it: it may hold a token.
#[derive(Clone)]
pub struct Regex {
    steps: Vec<Step>,
    demands: usize,
}

impl fmt::Debug for Regex {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Regex(…)")
    }
}

#[derive(Clone)]
enum Node {
    Empty,
    Set(Set),
    Start,
    End,
    All(Vec<Node>),
    OneOf(Vec<Node>),
    Repeat(Box<Node>, usize, Option<usize>),
}

#[derive(Clone, Default)]
struct Set {
    ranges: Vec<(char, char)>,
    negated: bool,
}

#[derive(Clone)]
enum Step {
    Set(Set),
    Start,
    End,
    Split(usize, usize),
    Jump(usize),
    Found,
}

impl Regex {
    /// Reads an expression; `None` where it is broken, too large, or uses what is not read here.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (text, any_case) = match text.strip_prefix("(?i)") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let mut reader = Reader { letters: text.chars().collect(), at: 0, any_case };
        let node = reader.alternatives(0)?;
        if reader.at < reader.letters.len() {
            return None;
        }
        let mut steps = Vec::new();
        write_out(&node, &mut steps)?;
        steps.push(Step::Found);
        Some(Self { steps, demands: demands(&node) })
    }

    /// Whether a part of the text matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let letters: Vec<char> = text.chars().collect();
        let mut current = Vec::new();
        let mut seen = vec![usize::MAX; self.steps.len()];
        for at in 0..=letters.len() {
            // A match may begin anywhere.
            if self.follow(0, at, letters.len(), &mut current, &mut seen) {
                return true;
            }
            let Some(&letter) = letters.get(at) else { break };
            let mut next = Vec::new();
            for &step in &current {
                if let Step::Set(set) = &self.steps[step]
                    && set.has(letter)
                    && self.follow(step + 1, at + 1, letters.len(), &mut next, &mut seen)
                {
                    return true;
                }
            }
            current = next;
        }
        false
    }

    /// Whether every match holds some letter that is given in the expression: without, anyone
    /// can make up a text that matches.
    #[must_use]
    pub fn demands_a_letter(&self) -> bool {
        self.demands > 0
    }

    /// Adds the steps that can be reached without reading a letter; `true` once the end is.
    fn follow(
        &self,
        from: usize,
        at: usize,
        end: usize,
        into: &mut Vec<usize>,
        seen: &mut [usize],
    ) -> bool {
        let mut open = vec![from];
        while let Some(step) = open.pop() {
            if seen[step] == at {
                continue;
            }
            seen[step] = at;
            match &self.steps[step] {
                Step::Found => return true,
                Step::Set(_) => into.push(step),
                Step::Start if at == 0 => open.push(step + 1),
                Step::End if at == end => open.push(step + 1),
                Step::Start | Step::End => {}
                Step::Jump(to) => open.push(*to),
                Step::Split(left, right) => open.extend([*right, *left]),
            }
        }
        false
    }
}

/// Whether a class or a group is never closed: every engine refuses such an expression, so that
/// no rule with it comes to be.
#[must_use]
pub fn is_never_closed(text: &str) -> bool {
    let mut groups = 0_usize;
    let mut in_class = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, in_class) {
            ('\\', _) => {
                letters.next();
            }
            ('[', false) => {
                in_class = true;
                // A bracket right behind the opening one is a letter of the class.
                if letters.peek() == Some(&'^') {
                    letters.next();
                }
                if letters.peek() == Some(&']') {
                    letters.next();
                }
            }
            (']', true) => in_class = false,
            ('(', false) => groups += 1,
            (')', false) => groups = groups.saturating_sub(1),
            _ => {}
        }
    }
    in_class || groups > 0
}

impl Set {
    fn has(&self, letter: char) -> bool {
        self.negated != self.ranges.iter().any(|&(low, high)| (low..=high).contains(&letter))
    }

    fn is_one_letter(&self) -> bool {
        let same = |&(low, high): &(char, char)| {
            low == high
                && self.ranges.first().is_some_and(|first| first.0.eq_ignore_ascii_case(&low))
        };
        !self.negated && !self.ranges.is_empty() && self.ranges.iter().all(same)
    }
}

/// How many given letters every match holds at least.
fn demands(node: &Node) -> usize {
    match node {
        Node::Set(set) => usize::from(set.is_one_letter()),
        Node::Empty | Node::Start | Node::End => 0,
        Node::All(nodes) => nodes.iter().map(demands).sum(),
        Node::OneOf(nodes) => nodes.iter().map(demands).min().unwrap_or_default(),
        Node::Repeat(node, least, _) => demands(node).saturating_mul(*least),
    }
}

fn write_out(node: &Node, steps: &mut Vec<Step>) -> Option<()> {
    if steps.len() > MAX_STEPS {
        return None;
    }
    match node {
        Node::Empty => {}
        Node::Set(set) => steps.push(Step::Set(set.clone())),
        Node::Start => steps.push(Step::Start),
        Node::End => steps.push(Step::End),
        Node::All(nodes) => {
            for node in nodes {
                write_out(node, steps)?;
            }
        }
        Node::OneOf(nodes) => {
            let mut jumps = Vec::new();
            for (index, node) in nodes.iter().enumerate() {
                let split = steps.len();
                if index + 1 < nodes.len() {
                    steps.push(Step::Split(split + 1, 0));
                }
                write_out(node, steps)?;
                if index + 1 < nodes.len() {
                    jumps.push(steps.len());
                    steps.push(Step::Jump(0));
                    let next = steps.len();
                    steps[split] = Step::Split(split + 1, next);
                }
            }
            let end = steps.len();
            for jump in jumps {
                steps[jump] = Step::Jump(end);
            }
        }
        Node::Repeat(node, least, most) => {
            for _ in 0..*least {
                write_out(node, steps)?;
            }
            match most {
                None => {
                    let split = steps.len();
                    steps.push(Step::Split(split + 1, 0));
                    write_out(node, steps)?;
                    steps.push(Step::Jump(split));
                    let end = steps.len();
                    steps[split] = Step::Split(split + 1, end);
                }
                Some(most) => {
                    let mut splits = Vec::new();
                    for _ in *least..*most {
                        splits.push(steps.len());
                        steps.push(Step::Split(steps.len() + 1, 0));
                        write_out(node, steps)?;
                    }
                    let end = steps.len();
                    for split in splits {
                        steps[split] = Step::Split(split + 1, end);
                    }
                }
            }
        }
    }
    (steps.len() <= MAX_STEPS).then_some(())
}

struct Reader {
    letters: Vec<char>,
    at: usize,
    any_case: bool,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn take(&mut self, letter: char) -> bool {
        let found = self.peek() == Some(letter);
        self.at += usize::from(found);
        found
    }

    fn alternatives(&mut self, depth: usize) -> Option<Node> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut branches = vec![self.sequence(depth)?];
        while self.take('|') {
            branches.push(self.sequence(depth)?);
        }
        Some(if branches.len() == 1 { branches.remove(0) } else { Node::OneOf(branches) })
    }

    fn sequence(&mut self, depth: usize) -> Option<Node> {
        let mut nodes = Vec::new();
        while let Some(letter) = self.peek() {
            if matches!(letter, '|' | ')') {
                break;
            }
            let node = self.atom(depth)?;
            nodes.push(self.repeated(node)?);
        }
        Some(if nodes.is_empty() { Node::Empty } else { Node::All(nodes) })
    }

    fn atom(&mut self, depth: usize) -> Option<Node> {
        let letter = self.peek()?;
        self.at += 1;
        Some(match letter {
            '^' => Node::Start,
            '$' => Node::End,
            '.' => Node::Set(Set { ranges: vec![('\n', '\n')], negated: true }),
            '[' => {
                let mut set = self.class()?;
                if self.any_case {
                    let shifted: Vec<_> = set
                        .ranges
                        .iter()
                        .flat_map(|&(low, high)| {
                            [
                                (low.to_ascii_lowercase(), high.to_ascii_lowercase()),
                                (low.to_ascii_uppercase(), high.to_ascii_uppercase()),
                            ]
                        })
                        .filter(|(low, high)| low <= high)
                        .collect();
                    set.ranges.extend(shifted);
                }
                Node::Set(set)
            }
            '(' => {
                if self.take('?') && !self.take(':') && !self.group_name() {
                    return None;
                }
                let inner = self.alternatives(depth + 1)?;
                if !self.take(')') {
                    return None;
                }
                inner
            }
            '*' | '+' | '?' => return None,
            '\\' => Node::Set(self.escape()?),
            other if self.any_case => Node::Set(Set {
                ranges: [other.to_ascii_lowercase(), other.to_ascii_uppercase()]
                    .map(|letter| (letter, letter))
                    .to_vec(),
                negated: false,
            }),
            other => Node::Set(one(other)),
        })
    }

    /// `<name>` or `P<name>` after `(?`.
    fn group_name(&mut self) -> bool {
        self.take('P');
        if !self.take('<') {
            return false;
        }
        let start = self.at;
        while self.peek().is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
            self.at += 1;
        }
        self.at > start && self.take('>')
    }

    fn repeated(&mut self, node: Node) -> Option<Node> {
        let bounds = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => match self.counted() {
                Some(bounds) => {
                    return Some(self.lazy(Node::Repeat(Box::new(node), bounds.0, bounds.1)));
                }
                None => return Some(node),
            },
            _ => return Some(node),
        };
        if matches!(node, Node::Start | Node::End) {
            return None;
        }
        self.at += 1;
        let repeated = self.lazy(Node::Repeat(Box::new(node), bounds.0, bounds.1));
        if matches!(self.peek(), Some('*' | '+')) { None } else { Some(repeated) }
    }

    fn lazy(&mut self, node: Node) -> Node {
        self.take('?');
        node
    }

    /// `{2}`, `{2,}`, `{2,5}`; anything else in braces is text.
    fn counted(&mut self) -> Option<(usize, Option<usize>)> {
        let rest = &self.letters[self.at + 1..];
        let close = rest.iter().take(12).position(|&letter| letter == '}')?;
        let inner: String = rest[..close].iter().collect();
        let bounds = match inner.split_once(',') {
            None => {
                let times = inner.parse().ok()?;
                (times, Some(times))
            }
            Some((least, "")) => (least.parse().ok()?, None),
            Some((least, most)) => (least.parse().ok()?, Some(most.parse().ok()?)),
        };
        self.at += close + 2;
        bounds.1.is_none_or(|most| most >= bounds.0).then_some(bounds)
    }

    fn escape(&mut self) -> Option<Set> {
        let letter = self.peek()?;
        self.at += 1;
        let word = || vec![('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')];
        let space = || vec![(' ', ' '), ('\t', '\r')];
        Some(match letter {
            'd' => Set { ranges: vec![('0', '9')], negated: false },
            'D' => Set { ranges: vec![('0', '9')], negated: true },
            'w' => Set { ranges: word(), negated: false },
            'W' => Set { ranges: word(), negated: true },
            's' => Set { ranges: space(), negated: false },
            'S' => Set { ranges: space(), negated: true },
            't' => one('\t'),
            'n' => one('\n'),
            'r' => one('\r'),
            other if other.is_ascii_alphanumeric() => return None,
            other => one(other),
        })
    }

    fn class(&mut self) -> Option<Set> {
        let negated = self.take('^');
        let mut ranges = Vec::new();
        let mut first = true;
        loop {
            let letter = self.peek()?;
            self.at += 1;
            match letter {
                ']' if !first => return Some(Set { ranges, negated }),
                '[' if matches!(self.peek(), Some(':' | '=' | '.')) => return None,
                '\\' => {
                    let set = self.escape()?;
                    if set.negated {
                        return None;
                    }
                    ranges.extend(set.ranges);
                }
                low => {
                    let is_range = self.peek() == Some('-')
                        && self.letters.get(self.at + 1).is_some_and(|&next| next != ']');
                    if is_range {
                        self.at += 1;
                        let mut high = self.peek()?;
                        self.at += 1;
                        if high == '\\' {
                            high = self.peek()?;
                            self.at += 1;
                        }
                        if high < low {
                            return None;
                        }
                        ranges.push((low, high));
                    } else {
                        ranges.push((low, low));
                    }
                }
            }
            first = false;
        }
    }
}

fn one(letter: char) -> Set {
    Set { ranges: vec![(letter, letter)], negated: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_match_anywhere() {
        for (expression, text, expected) in [
            ("", "anything", true),
            (".*", "", true),
            ("^token[0-9]+$", "token12", true),
            ("^token[0-9]+$", "xtoken12", false),
            ("token", "my-token-1", true),
            ("^(a|bc)+$", "abcbca", true),
            ("^(a|bc)+$", "abca-", false),
            ("^/v[12]/models/.*$", "/v1/models/m:predict", true),
            ("^x{2,3}$", "xxxx", false),
            ("^x{2,3}$", "xxx", true),
            ("^a{,2}$", "a{,2}", true),
            ("[^a-c]", "abc", false),
            ("[]a]", "]", true),
            (r"\d\.\d", "1.2", true),
            (r"\d\.\d", "1x2", false),
            ("(?:ab)?c", "c", true),
            ("(?i)^token[a-z]$", "TOKENX", true),
            ("^(?<n>a)b$", "ab", true),
        ] {
            let regex = Regex::read(expression);
            assert_eq!(
                regex.map(|regex| regex.matches(text)),
                Some(expected),
                "{expression} {text}"
            );
        }
    }

    #[test]
    fn what_is_broken_or_not_read_is_none() {
        for expression in ["([", "*", "a**", "a(?i)b", "(?=a)", r"\1", "a)", "(a", "[z-a]", r"\"] {
            assert!(Regex::read(expression).is_none(), "{expression}");
        }
        assert!(Regex::read(&"(".repeat(1_000)).is_none());
        assert!(Regex::read("((a{1000}){1000}){1000}").is_none());
    }

    #[test]
    fn what_is_never_closed_is_broken_everywhere() {
        for broken in ["([", "(a", "[a", "[]", "a(b(c)"] {
            assert!(is_never_closed(broken), "{broken}");
        }
        for closed in ["", "(a)", "[(]", r"\(", "[]]", "a)", "[^]]"] {
            assert!(!is_never_closed(closed), "{closed}");
        }
    }

    #[test]
    fn an_expression_that_anyone_can_satisfy_demands_nothing() {
        for (expression, expected) in [
            ("", false),
            (".*", false),
            (".+", false),
            ("^.{8,}$", false),
            ("[A-Za-z0-9]+", false),
            (r"^\S+$", false),
            ("token|", false),
            ("(token)?", false),
            ("(token|.*)", false),
            ("^token[0-9]+$", true),
            ("a|b", true),
            ("(ab){2}", true),
            ("(?i)token", true),
            ("(?i).*", false),
            ("[tT]", true),
        ] {
            let regex = Regex::read(expression).map(|regex| regex.demands_a_letter());
            assert_eq!(regex, Some(expected), "{expression}");
        }
    }
}

//! From the text of an expression to its tree.

/// A bound on how deep groups nest.
const MAX_DEPTH: usize = 50;

/// A part of an expression.
#[derive(Clone)]
pub(super) enum Node {
    Empty,
    Set(Set),
    Start,
    End,
    All(Vec<Node>),
    OneOf(Vec<Node>),
    Repeat(Box<Node>, usize, Option<usize>),
}

#[derive(Clone, Default)]
pub(super) struct Set {
    ranges: Vec<(char, char)>,
    negated: bool,
}

impl Set {
    pub(super) fn has(&self, letter: char) -> bool {
        self.negated != self.ranges.iter().any(|&(low, high)| (low..=high).contains(&letter))
    }

    pub(super) fn is_one_letter(&self) -> bool {
        let same = |&(low, high): &(char, char)| {
            low == high
                && self.ranges.first().is_some_and(|first| first.0.eq_ignore_ascii_case(&low))
        };
        !self.negated && !self.ranges.is_empty() && self.ranges.iter().all(same)
    }
}

/// Reads an expression whole; `None` where it is broken or uses what is not read here.
pub(super) fn read(text: &str, any_case: bool) -> Option<Node> {
    let mut reader = Reader { letters: text.chars().collect(), at: 0, any_case };
    let node = reader.alternatives(0)?;
    (reader.at == reader.letters.len()).then_some(node)
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

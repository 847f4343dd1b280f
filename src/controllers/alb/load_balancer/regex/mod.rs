//! Regular expressions of conditions, as far as a proof needs them: what they match, and whether
//! they require any letter in particular.
//!
//! Letters, classes, groups, alternatives, repetition, the anchors and a leading `(?i)` are read.
//! Other flags, look-around and back references are not: such an expression proves nothing here.

mod reader;

use std::fmt;

use reader::{Node, Set};

/// A bound on the size of an expression after its repetitions are written out.
const MAX_STEPS: usize = 20_000;

/// An expression that was read. Its `Debug` hides it: it may hold a token.
#[derive(Clone)]
pub(crate) struct Regex {
    steps: Vec<Step>,
    demands: usize,
}

impl fmt::Debug for Regex {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Regex(…)")
    }
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
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (text, any_case) = match text.strip_prefix("(?i)") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let node = reader::read(text, any_case)?;
        let mut steps = Vec::new();
        write_out(&node, &mut steps)?;
        steps.push(Step::Found);
        Some(Self { steps, demands: demands(&node) })
    }

    /// Whether a part of the text matches.
    #[must_use]
    pub(crate) fn matches(&self, text: &str) -> bool {
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

    /// How many letters that are given in the expression every match holds: with none, anyone can
    /// make up a text that matches.
    #[must_use]
    pub(crate) fn demanded_letters(&self) -> usize {
        self.demands
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

/// Whether a class or a group is never closed, or nothing is before a repetition: every engine refuses such an expression, so that
/// no rule with it comes to be.
#[must_use]
pub(crate) fn is_never_closed(text: &str) -> bool {
    // Nothing is before it that it could repeat.
    if text.starts_with(['?', '*', '+']) {
        return true;
    }
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
            let regex = Regex::read(expression).map(|regex| regex.demanded_letters() > 0);
            assert_eq!(regex, Some(expected), "{expression}");
        }
    }
}

//! Single mistakes in a package, each with the one error that `check` has to give.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Deserialize;

use super::command::{Answer, Memory};

/// A change of a right package: a text in place of another, after a place where one is given, or an
/// object more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mistake {
    name: String,
    after: Option<String>,
    from: Option<String>,
    to: Option<String>,
    append: Option<String>,
}

impl Mistake {
    /// The mistakes of a file.
    pub(crate) fn all(text: &str) -> Vec<Self> {
        let mistakes: Vec<Self> = serde_yaml::from_str(text).unwrap();
        let names: BTreeSet<&str> = mistakes.iter().map(|mistake| mistake.name.as_str()).collect();
        assert_eq!(names.len(), mistakes.len());
        mistakes
    }

    fn applied_to(&self, right: &str) -> String {
        if let Some(object) = &self.append {
            return format!("{right}\n---\n{object}");
        }
        let (from, to) = (self.from.as_ref().unwrap(), self.to.as_ref().unwrap());
        let find = |text: &str, part: &str| {
            text.find(part).unwrap_or_else(|| panic!("{}: {part:?} is not there", self.name))
        };
        let start = self.after.as_ref().map_or(0, |after| find(right, after));
        let at = start + find(&right[start..], from);
        format!("{}{to}{}", &right[..at], &right[at + from.len()..])
    }
}

pub(crate) fn check(text: &str) -> Answer {
    Memory::stdin(text).run(&["check", "-", "--format", "plain"])
}

pub(crate) fn errors(answer: &Answer) -> Vec<&str> {
    answer.stderr.lines().filter(|line| line.starts_with("[error]")).collect()
}

/// Each mistake with its error, as a table. Each gives exactly one.
pub(crate) fn table(right: &str, mistakes: &[Mistake]) -> String {
    assert_eq!(errors(&check(right)), Vec::<&str>::new());
    let mut shown = String::new();
    let mut wrong = Vec::new();
    for mistake in mistakes {
        let answer = check(&mistake.applied_to(right));
        let errors = errors(&answer);
        if errors.len() != 1 || answer.code != 1 {
            wrong.push(format!("{}: {errors:#?}", mistake.name));
        }
        writeln!(shown, "{}\n  {}", mistake.name, errors.join("\n  ")).unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    shown
}

//! How much a token is worth, without ever saying it.

use std::collections::BTreeSet;

use crate::controllers::alb::conditions::HeaderValue;
use crate::controllers::alb::pattern::Pattern;
use crate::values::header::{HeaderToken, is_placeholder};

/// What is weak about the tokens of one condition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Weakness {
    /// How many have a wildcard among their letters.
    pub(super) wildcards: usize,
    /// How many others look like an example's: `token1`, `changeme`.
    pub(super) placeholders: usize,
    /// How many of the rest have fewer than [`HeaderToken::ADVISED_LENGTH`] letters.
    pub(super) short: usize,
    /// How many are the same as an earlier one but for case, which AWS does not compare.
    pub(super) same_but_for_case: usize,
}

/// Looks at the tokens of one condition.
pub(super) fn weakness(values: &[HeaderValue]) -> Weakness {
    let mut weakness = Weakness::default();
    let mut exact: BTreeSet<&str> = BTreeSet::new();
    let mut lower: BTreeSet<String> = BTreeSet::new();
    for value in values {
        let text = value.expose();
        let folded = text.to_ascii_lowercase();
        if Pattern::without_case(text).has_wildcard() {
            weakness.wildcards += 1;
        } else if is_placeholder(text) {
            weakness.placeholders += 1;
        } else if text.chars().count() < HeaderToken::ADVISED_LENGTH {
            weakness.short += 1;
        }
        let new = exact.insert(text);
        if !lower.insert(folded) && new {
            weakness.same_but_for_case += 1;
        }
    }
    weakness
}

/// What keeps AWS from taking a condition value, in a word; `None` where nothing does.
pub(super) fn refused_value(value: &HeaderValue) -> Option<&'static str> {
    let text = value.expose();
    if text.is_empty() {
        Some("empty")
    } else if text.chars().count() > 128 {
        Some("longer than 128 characters")
    } else if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
        Some("one with leading or trailing white space, which no header has")
    } else if text.chars().any(|letter| letter.is_control() || !letter.is_ascii()) {
        Some("one with a character that is not printable ASCII")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str]) -> Weakness {
        weakness(&texts.iter().map(|text| HeaderValue::from(*text)).collect::<Vec<_>>())
    }

    #[test]
    fn weak_tokens_are_counted() {
        assert_eq!(of(&["token1"]).placeholders, 1);
        assert_eq!(of(&["<your-token>"]).placeholders, 1);
        assert_eq!(of(&["11111"]).placeholders, 1);
        assert_eq!(of(&["q8Zr2"]).short, 1);
        assert_eq!(of(&["Q8zr2kLm9xWv4tYp", "q8zr2klm9xwv4typ"]).same_but_for_case, 1);
        assert_eq!(of(&["q8zr2klm9xwv4typ", "q8zr2klm9xwv4typ"]).same_but_for_case, 0);
        assert_eq!(of(&["q8zr2klm9xwv4typ*"]).wildcards, 1);
        assert_eq!(of(&["q8zr2klm9xwv4typ"]), Weakness::default());
    }

    #[test]
    fn values_that_aws_refuses_are_named_without_their_text() {
        assert!(refused_value(&HeaderValue::from("")).is_some());
        assert!(refused_value(&HeaderValue::from("a\n")).is_some());
        assert!(refused_value(&HeaderValue::from(" a")).is_some());
        assert!(refused_value(&HeaderValue::from("a".repeat(129).as_str())).is_some());
        assert!(refused_value(&HeaderValue::from("token1")).is_none());
    }
}

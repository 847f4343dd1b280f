//! A text with an optional star at one end.

/// How a value of a policy matches text (`pilot/pkg/security/authz/matcher/string.go`, `header.go`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StringPattern {
    /// `*`: anything but the empty text.
    NonEmpty,
    /// The text itself.
    Exact(String),
    /// `x*`.
    Prefix(String),
    /// `*x`. One star is taken off: `**x` ends with `*x`.
    Suffix(String),
}

/// Whether letters of either case are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Sensitive,
    Insensitive,
}

impl StringPattern {
    pub(super) fn new(value: &str) -> Self {
        if value == "*" {
            Self::NonEmpty
        } else if let Some(suffix) = value.strip_prefix('*') {
            Self::Suffix(suffix.to_owned())
        } else if let Some(prefix) = value.strip_suffix('*') {
            Self::Prefix(prefix.to_owned())
        } else {
            Self::Exact(value.to_owned())
        }
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        self.matches_in(text, Case::Sensitive)
    }

    /// Matches a header: `*` requires its presence only, an empty one included.
    pub(super) fn matches_header(&self, value: Option<&str>, case: Case) -> bool {
        value.is_some_and(|value| *self == Self::NonEmpty || self.matches_in(value, case))
    }

    fn matches_in(&self, text: &str, case: Case) -> bool {
        let same = |part: Option<&[u8]>, pattern: &str| {
            part.is_some_and(|part| match case {
                Case::Sensitive => part == pattern.as_bytes(),
                Case::Insensitive => part.eq_ignore_ascii_case(pattern.as_bytes()),
            })
        };
        let bytes = text.as_bytes();
        match self {
            Self::NonEmpty => !text.is_empty(),
            Self::Exact(exact) => same(Some(bytes), exact),
            Self::Prefix(prefix) => same(bytes.get(..prefix.len()), prefix),
            Self::Suffix(suffix) => {
                let start = bytes.len().checked_sub(suffix.len());
                same(start.and_then(|start| bytes.get(start..)), suffix)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_star_at_one_end_is_a_wildcard() {
        let matches = |pattern: &str, text: &str| StringPattern::new(pattern).matches(text);
        assert!(matches("*", "x") && !matches("*", ""));
        assert!(matches("a*", "a") && matches("a*", "ab") && !matches("a*", "ba"));
        assert!(matches("*a", "a") && matches("*a", "ba") && !matches("*a", "ab"));
        assert!(matches("/dex/**", "/dex/*x") && !matches("/dex/**", "/dex/x"));
        assert!(matches("**", "a*") && !matches("**", "a"));
        assert!(matches("a", "a") && !matches("a", "A"));
    }

    #[test]
    fn a_header_is_present_even_if_empty() {
        let matches = |pattern: &str, value: Option<&str>| {
            StringPattern::new(pattern).matches_header(value, Case::Insensitive)
        };
        assert!(matches("*", Some("")) && !matches("*", None));
        assert!(
            matches("A*", Some("ab")) && matches("*B", Some("ab")) && matches("AB", Some("ab"))
        );
        assert!(!matches("é*", Some("e")));
    }
}

//! A `StringMatch` of a route.

use regex_lite::Regex;
use serde::{Deserialize, Serialize};

/// `exact`, `prefix` or `regex`; a match with none of them requires presence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StringMatch {
    /// The whole text.
    pub exact: Option<String>,
    /// How the text begins.
    pub prefix: Option<String>,
    /// An RE2 expression for the whole text.
    pub regex: Option<String>,
}

/// A [`StringMatch`], ready to be evaluated.
#[derive(Debug, Clone)]
pub(super) enum TextMatch {
    Present,
    Exact(String),
    Prefix(String),
    Regex(Box<Regex>),
    /// An expression that this program cannot read; whether RE2 can is not known.
    Unreadable(String),
}

impl StringMatch {
    /// What Envoy is configured with (`ConvertToEnvoyMatch`, `pilot/pkg/networking/util/util.go`); the regex
    /// `*` is not a regex but presence (`canBeConvertedToPresentMatch`, `core/route/route.go`).
    pub(super) fn ready(&self) -> TextMatch {
        match (&self.exact, &self.prefix, self.regex.as_deref()) {
            (Some(exact), _, _) => TextMatch::Exact(exact.clone()),
            (None, Some(prefix), _) => TextMatch::Prefix(prefix.clone()),
            (None, None, None | Some("*")) => TextMatch::Present,
            (None, None, Some(regex)) => TextMatch::regex(regex),
        }
    }
}

impl TextMatch {
    /// Reads an expression that must match the whole text. The engine takes time linear in the text,
    /// as RE2 does, and knows ASCII classes only, as RE2's `\w` and `\d` do.
    pub(super) fn regex(regex: &str) -> Self {
        let whole = Regex::new(regex).and_then(|_| Regex::new(&format!("^(?:{regex})$")));
        whole.map_or_else(|_| Self::Unreadable(regex.to_owned()), |regex| Self::Regex(regex.into()))
    }

    /// Whether the text matches; `Err` with an expression that cannot be read.
    pub(super) fn matches(&self, text: &str, ignore_case: bool) -> Result<bool, &str> {
        let same = |part: Option<&[u8]>, pattern: &str| {
            part.is_some_and(|part| {
                if ignore_case {
                    part.eq_ignore_ascii_case(pattern.as_bytes())
                } else {
                    part == pattern.as_bytes()
                }
            })
        };
        Ok(match self {
            Self::Present => true,
            Self::Exact(exact) => same(Some(text.as_bytes()), exact),
            Self::Prefix(prefix) => same(text.as_bytes().get(..prefix.len()), prefix),
            Self::Regex(regex) => regex.is_match(text),
            Self::Unreadable(regex) => return Err(regex),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regex_is_for_the_whole_text() {
        let matches = |regex: &str, text: &str| TextMatch::regex(regex).matches(text, false).ok();
        assert_eq!(matches("a|ab", "ab"), Some(true));
        assert_eq!(matches("/v1.*", "/v1/x"), Some(true));
        assert_eq!(matches("v1", "/v1"), Some(false));
        assert_eq!(matches(r"^/v1/models/[\w-]+:explain$", "/v1/models/a-b:explain"), Some(true));
        assert_eq!((matches("(", "x"), matches("a)|(b", "a")), (None, None));
    }
}

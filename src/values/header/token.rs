//! A value of the header, which is a secret.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::de::{self, Deserialize, Deserializer, Visitor};

use crate::values::placeholder;

/// A token that opens a listener rule: 1 to 128 printable ASCII characters, no `*` or `?`, no
/// space at either edge.
///
/// Elastic Load Balancing takes 128 characters, compares them without case, and reads `*` and `?`
/// as wildcards, so that a token with `*` opens the rule to many (`HttpHeaderConditionConfig`).
///
/// The text is a secret: the type has no `Display` and no `Serialize`, its `Debug` is redacted,
/// and no error of its own or of serde holds it. [`HeaderToken::expose`] is the one way out.
///
/// ```
/// use kserve_aws::values::header::HeaderToken;
///
/// let token: HeaderToken = "f3b0c442-98fc-1c14".parse()?;
/// assert_eq!(format!("{token:?}"), "HeaderToken(redacted)");
/// assert_eq!(token.expose(), "f3b0c442-98fc-1c14");
/// # Ok::<(), kserve_aws::values::header::HeaderTokenError>(())
/// ```
#[derive(Clone, PartialEq, Eq, JsonSchema)]
#[schemars(extend(
    "minLength" = 1,
    "maxLength" = 128,
    "pattern" = "^[!-)+->@-~]([ -)+->@-~]*[!-)+->@-~])?$",
    "writeOnly" = true
))]
pub struct HeaderToken(String);

impl HeaderToken {
    /// The most characters a token has.
    pub(crate) const MAX_LENGTH: usize = 128;
    /// A token with fewer characters is [short](Self::is_short).
    pub(crate) const ADVISED_LENGTH: usize = 16;

    /// The text, for the annotation that the controller reads. Never for a message.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether Elastic Load Balancing takes the two for the same, since it compares without case.
    #[must_use]
    pub(crate) fn same_ignoring_case(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }

    /// Whether the token has fewer than 16 characters, so that it can be guessed.
    #[must_use]
    pub(crate) fn is_short(&self) -> bool {
        self.0.len() < Self::ADVISED_LENGTH
    }

    /// Whether the token is one that a guide or a template prints to be replaced: `token1`,
    /// `changeme`, `my-secret-token`, `<token>`, `xxxx`. Case, digits at the end and punctuation
    /// do not count.
    #[must_use]
    pub(crate) fn is_placeholder(&self) -> bool {
        is_placeholder(&self.0)
    }
}

/// Whether a text is one that a guide prints to be replaced; see [`HeaderToken::is_placeholder`].
pub(crate) fn is_placeholder(text: &str) -> bool {
    const WORDS: [&str; 26] = [
        "api",
        "apikey",
        "bar",
        "change",
        "changeit",
        "changeme",
        "default",
        "demo",
        "dummy",
        "example",
        "foo",
        "header",
        "here",
        "key",
        "me",
        "my",
        "password",
        "placeholder",
        "replace",
        "replaceme",
        "sample",
        "secret",
        "test",
        "token",
        "value",
        "your",
    ];
    let text = text.to_ascii_lowercase();
    let mut letters = text.chars().filter(char::is_ascii_alphanumeric).peekable();
    let Some(first) = letters.peek().copied() else {
        return true;
    };
    if letters.all(|letter| letter == first) {
        return true;
    }
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()))
        .all(|word| word.is_empty() || WORDS.contains(&word))
        && text.contains(|c: char| c.is_ascii_alphabetic())
}

impl fmt::Debug for HeaderToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("HeaderToken(redacted)")
    }
}

/// Why a text is not a token. Says where and what kind of character, never the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderTokenError {
    /// The text is empty.
    #[error("the token is empty; the load balancer requires a value")]
    Empty,
    /// Over 128 characters.
    #[error("the token has {0} characters; a header condition takes at most 128")]
    TooLong(usize),
    /// A space or another blank at the beginning or the end.
    #[error("the token has a space at its {0}; no client can send it; remove it")]
    EdgeSpace(&'static str),
    /// `*` or `?`.
    #[error(
        "the token has a wildcard (\"*\" or \"?\") as character {0}; the load balancer would let other values through; use a token without it"
    )]
    Wildcard(usize),
    /// `,` or `\`.
    #[error(
        "the token has a separator (\",\" or \"\\\") as character {0}, at which the controller splits the values of its Gateway API; use a token without it"
    )]
    Separator(usize),
    /// A character that is not printable ASCII.
    #[error("the token has {what} as character {position}; use printable ASCII characters only")]
    Character {
        /// The position, counted from 1.
        position: usize,
        /// The kind of character.
        what: &'static str,
    },
    /// What a template was to fill in.
    #[error(
        "the token has a placeholder such as $(NAME), ${{NAME}}, {{{{ … }}}}, <NAME>, @NAME@ or %NAME% that was not replaced; use the token itself"
    )]
    Unresolved,
}

impl FromStr for HeaderToken {
    type Err = HeaderTokenError;

    /// Reads a token.
    ///
    /// # Errors
    /// An empty text, one over 128 characters, a space at an edge, `*` or `?`, a `,` or `\`
    /// (`lbc-migrate` joins the values with `,`, and one of its parts would get through), a character
    /// that is not printable ASCII, and a placeholder that a template was to fill in.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(HeaderTokenError::Empty);
        }
        if text.starts_with(char::is_whitespace) {
            return Err(HeaderTokenError::EdgeSpace("beginning"));
        }
        if text.ends_with(char::is_whitespace) {
            return Err(HeaderTokenError::EdgeSpace("end"));
        }
        if text.contains("$(") || placeholder::is_in(text) {
            return Err(HeaderTokenError::Unresolved);
        }
        for (index, character) in text.chars().enumerate() {
            let position = index + 1;
            let what = match character {
                '*' | '?' => return Err(HeaderTokenError::Wildcard(position)),
                ',' | '\\' => return Err(HeaderTokenError::Separator(position)),
                ' '..='~' => continue,
                '\n' | '\r' => "a line break",
                '\t' => "a tab",
                _ if character.is_control() => "a control character",
                _ => "a character outside ASCII",
            };
            return Err(HeaderTokenError::Character { position, what });
        }
        if text.len() > Self::MAX_LENGTH {
            return Err(HeaderTokenError::TooLong(text.len()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for HeaderToken {
    type Error = HeaderTokenError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

// Not `#[serde(try_from = "String")]`: for `values: [123456]` serde's own error would quote the
// number, which is the token.
impl<'de> Deserialize<'de> for HeaderToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Text {
            fn unquoted<E: de::Error>(kind: &str) -> Result<HeaderToken, E> {
                Err(E::custom(format_args!("the token is {kind}; put it in double quotes")))
            }
        }

        impl Visitor<'_> for Text {
            type Value = HeaderToken;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a token, which is a string")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<HeaderToken, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_bool<E: de::Error>(self, _: bool) -> Result<HeaderToken, E> {
                Self::unquoted("a boolean")
            }

            fn visit_i64<E: de::Error>(self, _: i64) -> Result<HeaderToken, E> {
                Self::unquoted("a number")
            }

            fn visit_u64<E: de::Error>(self, _: u64) -> Result<HeaderToken, E> {
                Self::unquoted("a number")
            }

            fn visit_i128<E: de::Error>(self, _: i128) -> Result<HeaderToken, E> {
                Self::unquoted("a number")
            }

            fn visit_u128<E: de::Error>(self, _: u128) -> Result<HeaderToken, E> {
                Self::unquoted("a number")
            }

            fn visit_f64<E: de::Error>(self, _: f64) -> Result<HeaderToken, E> {
                Self::unquoted("a number")
            }
        }

        // `deserialize_str` would take YAML's unquoted 0123456789 for a string; the host that wrote
        // the functionConfig has read it as a number and may have rounded it.
        deserializer.deserialize_any(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str) -> HeaderToken {
        text.parse().unwrap()
    }

    #[test]
    fn reads_tokens_and_keeps_them_secret() {
        let longest = "q".repeat(128);
        for text in ["token1", "a b", "p%0ss", "\"quoted\"", "$x", "~!@#", &longest] {
            let token = token(text);
            assert_eq!(token.expose(), text);
            assert_eq!(format!("{token:?} {token:#?}").matches("redacted").count(), 2);
            let json = serde_json::to_string(text).unwrap();
            assert_eq!(serde_json::from_str::<HeaderToken>(&json).unwrap(), token);
        }
    }

    #[test]
    fn refuses_without_showing_the_text() {
        let long = "SECRET".repeat(22);
        for (text, message) in [
            ("", "the token is empty; the load balancer requires a value"),
            (&long, "the token has 132 characters; a header condition takes at most 128"),
            (" SECRET", "the token has a space at its beginning; no client can send it; remove it"),
            ("SECRET\n", "the token has a space at its end; no client can send it; remove it"),
            (
                "SECRET*",
                "the token has a wildcard (\"*\" or \"?\") as character 7; the load balancer would let other values through; use a token without it",
            ),
            (
                "?SECRET",
                "the token has a wildcard (\"*\" or \"?\") as character 1; the load balancer would let other values through; use a token without it",
            ),
            (
                "SECRET,x",
                "the token has a separator (\",\" or \"\\\") as character 7, at which the controller splits the values of its Gateway API; use a token without it",
            ),
            (
                "SECRET\\x",
                "the token has a separator (\",\" or \"\\\") as character 7, at which the controller splits the values of its Gateway API; use a token without it",
            ),
            (
                "SECRET\u{0}x",
                "the token has a control character as character 7; use printable ASCII characters only",
            ),
            (
                "SECRET\tx",
                "the token has a tab as character 7; use printable ASCII characters only",
            ),
            (
                "SECRET\nx",
                "the token has a line break as character 7; use printable ASCII characters only",
            ),
            (
                "SECRÉT",
                "the token has a character outside ASCII as character 5; use printable ASCII characters only",
            ),
            (
                "$(SECRET)",
                "the token has a placeholder such as $(NAME), ${NAME}, {{ … }}, <NAME>, @NAME@ or %NAME% that was not replaced; use the token itself",
            ),
        ] {
            let error = text.parse::<HeaderToken>().unwrap_err();
            assert_eq!(error.to_string(), message);
            assert!(!format!("{error} {error:?}").contains("SECR"));
        }
    }

    #[test]
    fn serde_never_shows_the_text() {
        for (json, message) in [
            ("918273645", "the token is a number; put it in double quotes"),
            ("-918273645", "the token is a number; put it in double quotes"),
            ("9.18273645", "the token is a number; put it in double quotes"),
            ("true", "the token is a boolean; put it in double quotes"),
            ("\"918273645*\"", "the token has a wildcard"),
            ("[\"918273645\"]", "expected a token, which is a string"),
            ("null", "expected a token, which is a string"),
        ] {
            let from_json = serde_json::from_str::<HeaderToken>(json).unwrap_err().to_string();
            let from_yaml = serde_yaml::from_str::<HeaderToken>(json).unwrap_err().to_string();
            for shown in [from_json, from_yaml] {
                assert!(shown.contains(message), "{json}: {shown}");
                assert!(!shown.contains("918273645"), "{json}: {shown}");
            }
        }
    }

    #[test]
    fn compares_as_the_load_balancer_does() {
        assert!(token("AbC-1").same_ignoring_case(&token("aBc-1")));
        assert!(!token("abc-1").same_ignoring_case(&token("abc-2")));
        assert_ne!(token("AbC"), token("abc"));
    }

    #[test]
    fn knows_placeholders_and_short_tokens() {
        for text in [
            "token1",
            "TOKEN",
            "Token-2",
            "changeme",
            "change-me",
            "my-secret-token",
            "your_api_key",
            "your-token-here",
            "xxxxxxxxxxxxxxxxxxxx",
            "test",
            "test123",
            "example",
            "...",
            "0000",
            "secret",
            "foo",
            "replace_me",
        ] {
            assert!(token(text).is_placeholder(), "{text}");
        }
        for text in [
            "f3b0c442-98fc-1c14",
            "correct-horse",
            "tokenizer",
            "12345678901234567",
            "4f9a",
            "testament-of-youth",
        ] {
            assert!(!token(text).is_placeholder(), "{text}");
        }
        assert!(token("123456789012345").is_short());
        assert!(!token("1234567890123456").is_short());
    }
}

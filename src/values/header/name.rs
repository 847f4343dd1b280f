//! The name of the header.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::values::parsed_text::parsed_text;
use crate::values::placeholder;

/// The name of the HTTP header that a listener rule compares: 1 to 40 letters, digits and `-`,
/// and not `Host`.
///
/// Elastic Load Balancing allows 40 characters of an RFC 7230 token and not `Host`
/// (`HttpHeaderConditionConfig`). Of those, a load balancer with
/// `routing.http.drop_invalid_header_fields.enabled`, as the base sets it, forwards and compares
/// only headers of letters, digits and `-`. Names are compared without case.
///
/// ```
/// use kserve_aws::values::header::HeaderName;
///
/// let name: HeaderName = "x-api-key".parse()?;
/// assert!(name.is("X-Api-Key"));
/// assert!("x_api_key".parse::<HeaderName>().is_err());
/// # Ok::<(), kserve_aws::values::header::HeaderNameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("minLength" = 1, "maxLength" = 40, "pattern" = "^[-A-Za-z0-9]+$"))]
pub struct HeaderName(String);

parsed_text!(pub HeaderName);

impl HeaderName {
    /// The most characters a name has.
    pub(crate) const MAX_LENGTH: usize = 40;

    /// Whether a request's header of this name is the one; case does not count.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.0.eq_ignore_ascii_case(name)
    }
}

/// Why a text is not the name of a header that a rule can compare.
///
/// No message holds the text: who writes the values into the field of the name would find a
/// token in the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderNameError {
    /// The text is empty.
    #[error("the header name is empty; use a name such as x-api-key")]
    Empty,
    /// `$(…)` was left by kustomize.
    #[error(
        "the header name is a placeholder that was not replaced; use the name itself, such as x-api-key"
    )]
    Unresolved,
    /// Over 40 characters.
    #[error("the header name has {0} characters; a listener rule takes at most 40")]
    TooLong(usize),
    /// An underscore.
    #[error(
        "the header name has \"_\" as character {0}; the base's routing.http.drop_invalid_header_fields.enabled removes such a header, so no request would match; use \"-\" instead"
    )]
    Underscore(usize),
    /// A character that is not a letter, a digit or `-`.
    #[error(
        "the header name has {what} as character {position}; use letters, digits and \"-\" only"
    )]
    Character {
        /// The position, counted from 1.
        position: usize,
        /// The kind of character.
        what: &'static str,
    },
    /// `Host`.
    #[error(
        "a header condition cannot compare Host; restrict the rule with hosts, and use another header such as x-api-key"
    )]
    Host,
}

impl FromStr for HeaderName {
    type Err = HeaderNameError;

    /// Reads a name.
    ///
    /// # Errors
    /// An empty text, one over 40 characters, any character but a letter, a digit and `-`, and
    /// `Host` in any case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(HeaderNameError::Empty);
        }
        if text.contains("$(") || placeholder::is_unfilled(text) {
            return Err(HeaderNameError::Unresolved);
        }
        for (index, character) in text.chars().enumerate() {
            let position = index + 1;
            let what = match character {
                '-' => continue,
                _ if character.is_ascii_alphanumeric() => continue,
                '_' => return Err(HeaderNameError::Underscore(position)),
                '*' | '?' => "a wildcard",
                ':' => "a colon",
                '"' | '\'' => "a quote",
                _ if character.is_whitespace() => "a space",
                _ if character.is_control() => "a control character",
                _ if !character.is_ascii() => "a character outside ASCII",
                _ => "a punctuation mark",
            };
            return Err(HeaderNameError::Character { position, what });
        }
        if text.len() > Self::MAX_LENGTH {
            return Err(HeaderNameError::TooLong(text.len()));
        }
        if text.eq_ignore_ascii_case("host") {
            return Err(HeaderNameError::Host);
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names() {
        let longest = "x".repeat(40);
        for text in ["x-api-key", "X-Api-Key", "a", "-", "Authorization", "hosts", &longest] {
            let name: HeaderName = text.parse().unwrap();
            assert_eq!(name.as_str(), text);
            assert!(name.is(&text.to_uppercase()));
            let json = serde_json::to_string(&name).unwrap();
            assert_eq!(serde_json::from_str::<HeaderName>(&json).unwrap(), name);
        }
    }

    #[test]
    fn refuses_names_that_no_request_would_match() {
        let long = "x".repeat(41);
        for (text, message) in [
            ("", "the header name is empty; use a name such as x-api-key"),
            (&long, "the header name has 41 characters; a listener rule takes at most 40"),
            (
                "x_api_key",
                "the header name has \"_\" as character 2; the base's routing.http.drop_invalid_header_fields.enabled removes such a header, so no request would match; use \"-\" instead",
            ),
            (
                "x-api-key:",
                "the header name has a colon as character 10; use letters, digits and \"-\" only",
            ),
            (
                "x api",
                "the header name has a space as character 2; use letters, digits and \"-\" only",
            ),
            (
                "x-*",
                "the header name has a wildcard as character 3; use letters, digits and \"-\" only",
            ),
            (
                "[\"s3cret\"]",
                "the header name has a punctuation mark as character 1; use letters, digits and \"-\" only",
            ),
            (
                "x-ключ",
                "the header name has a character outside ASCII as character 3; use letters, digits and \"-\" only",
            ),
            (
                "x\u{7}",
                "the header name has a control character as character 2; use letters, digits and \"-\" only",
            ),
            (
                "$(httpHeaderName)",
                "the header name is a placeholder that was not replaced; use the name itself, such as x-api-key",
            ),
            (
                "HOST",
                "a header condition cannot compare Host; restrict the rule with hosts, and use another header such as x-api-key",
            ),
        ] {
            assert_eq!(text.parse::<HeaderName>().unwrap_err().to_string(), message);
        }
        assert!(serde_json::from_str::<HeaderName>("\"x_y\"").is_err());
    }
}

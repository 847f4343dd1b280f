//! A host as a listener rule compares it.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DnsNameError, WildcardName};
use krm_package::text::excerpt::Excerpt;

/// The host of an Ingress rule that becomes a host-header condition of a listener rule: a
/// [`WildcardName`] of at most 128 characters, with at least one dot, and letters only after the
/// last dot.
///
/// Kubernetes takes the name with or without `*.`; the rest are Elastic Load Balancing's limits
/// on host conditions. A `*` there stands for any number of labels, unlike in a certificate.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend(
    "maxLength" = 128,
    "pattern" = "^(\\*\\.)?([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\\.)+[a-z]{1,63}$"
))]
pub(crate) struct ListenerHost(WildcardName);

impl ListenerHost {
    /// The most characters of a host condition.
    pub(crate) const MAX_LENGTH: usize = 128;
}

/// Why a text is not a host that a listener rule can compare.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ListenerHostError(Reason);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error(transparent)]
    Name(#[from] DnsNameError),
    #[error("{found} has {length} characters; a host condition takes at most 128")]
    TooLong { found: Excerpt, length: usize },
    #[error("{0} has no dot; a host condition requires at least one, as in m.example.com")]
    NoDot(Excerpt),
    #[error("{found} ends with {last}; a host condition takes letters only after the last dot")]
    LastLabel { found: Excerpt, last: Excerpt },
}

impl TryFrom<WildcardName> for ListenerHost {
    type Error = ListenerHostError;

    fn try_from(name: WildcardName) -> Result<Self, Self::Error> {
        let text = name.to_string();
        let found = || Excerpt::new(&text);
        let reason = match text.rsplit_once('.') {
            _ if text.len() > Self::MAX_LENGTH => {
                Reason::TooLong { found: found(), length: text.len() }
            }
            None => Reason::NoDot(found()),
            Some((_, last)) if !last.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                Reason::LastLabel { found: found(), last: Excerpt::new(last) }
            }
            Some(_) => return Ok(Self(name)),
        };
        Err(ListenerHostError(reason))
    }
}

impl FromStr for ListenerHost {
    type Err = ListenerHostError;

    /// Reads the host of a rule.
    ///
    /// # Errors
    /// Those of [`WildcardName`], and the limits of a host condition.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<WildcardName>().map_err(|error| ListenerHostError(error.into()))?.try_into()
    }
}

impl TryFrom<String> for ListenerHost {
    type Error = ListenerHostError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ListenerHost> for String {
    fn from(host: ListenerHost) -> Self {
        host.to_string()
    }
}

impl fmt::Display for ListenerHost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_hosts() {
        let longest = format!("{}.{}.com", "a".repeat(63), "b".repeat(60));
        assert_eq!(longest.len(), 128);
        for text in ["*.staging.platform.example.com", "a.b", "*.com", &longest] {
            let host: ListenerHost = text.parse().unwrap();
            assert_eq!(host.to_string(), text);
            let json = serde_json::to_string(&host).unwrap();
            assert_eq!(serde_json::from_str::<ListenerHost>(&json).unwrap(), host);
        }
    }

    #[test]
    fn refuses_what_the_load_balancer_does_not_compare() {
        let long = format!("{}.{}.com", "a".repeat(63), "b".repeat(61));
        for (text, part) in [
            (
                "localhost",
                "\"localhost\" has no dot; a host condition requires at least one, as in m.example.com",
            ),
            (
                "m.xn--p1ai",
                "\"m.xn--p1ai\" ends with \"xn--p1ai\"; a host condition takes letters only after the last dot",
            ),
            ("a.b1", "letters only after the last dot"),
            (&long, "has 129 characters; a host condition takes at most 128"),
            ("M.example.com", "use \"m.example.com\""),
            ("*", "no wildcard can be"),
        ] {
            let message = text.parse::<ListenerHost>().unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}

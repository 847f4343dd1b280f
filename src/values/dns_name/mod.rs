//! Names of hosts: plain, with a wildcard, and as a listener rule compares them.

mod listener_host;
mod wildcard;

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::values::parsed_text::parsed_text;
use crate::values::placeholder;
use krm_package::text::excerpt::Excerpt;

pub(crate) use listener_host::ListenerHost;
pub use wildcard::WildcardName;

/// A DNS name of RFC 1123 in lower case: labels of 1 to 63 letters, digits and `-` (not at an
/// edge) between dots, at most 253 characters, no dot at the end, no IP address.
///
/// That is what Kubernetes takes for a host (`IsDNS1123Subdomain`, and `ValidateIngress` refuses an
/// IP address); certificates and DNS records take it too.
///
/// ```
/// use kserve_aws::values::dns_name::DnsName;
///
/// let name: DnsName = "m.staging.example.com".parse()?;
/// assert_eq!(name.parent().map(|parent| parent.to_string()).as_deref(), Some("staging.example.com"));
/// assert!("Example.com".parse::<DnsName>().is_err());
/// # Ok::<(), kserve_aws::values::dns_name::DnsNameError>(())
/// ```
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend(
    "maxLength" = 253,
    "pattern" = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$"
))]
pub struct DnsName(String);

parsed_text!(pub DnsName);

impl DnsName {
    /// The most characters a name has.
    pub(crate) const MAX_LENGTH: usize = 253;

    /// The labels, from the leftmost.
    pub(crate) fn labels(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('.')
    }

    /// The name without its leftmost label; `None` for a single label.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.0.split_once('.').map(|(_, parent)| Self(parent.to_owned()))
    }

    /// Whether this name lies below `domain`, by at least one label.
    #[must_use]
    pub fn is_below(&self, domain: &Self) -> bool {
        self.0.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'))
    }
}

/// Why a text is not a DNS name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DnsNameError(#[from] Reason);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error("the name is empty; use a DNS name such as staging.example.com")]
    Empty,
    #[error("{0} is a placeholder that was not replaced; set the name itself")]
    Unresolved(Excerpt),
    #[error("{found} has uppercase letters; use {lower}")]
    UpperCase { found: Excerpt, lower: Excerpt },
    #[error("{found} ends with a dot; use {without}")]
    TrailingDot { found: Excerpt, without: Excerpt },
    #[error("{0} has a scheme, port or path; use the host name only")]
    Url(Excerpt),
    #[error("{0} is an IP address; use a DNS name")]
    Address(Excerpt),
    #[error("{found} has {length} characters; a DNS name has at most 253")]
    TooLong { found: Excerpt, length: usize },
    #[error("{0} has an empty label; use one dot between two labels, and none at the start")]
    EmptyLabel(Excerpt),
    #[error("label {label} of {found} has {length} characters; a label has at most 63")]
    LongLabel { found: Excerpt, label: Excerpt, length: usize },
    #[error(
        "label {label} of {found} starts or ends with \"-\"; start and end it with a letter or digit"
    )]
    EdgeHyphen { found: Excerpt, label: Excerpt },
    #[error(
        "{0} has \"*\" where no wildcard can be; a wildcard is the whole leftmost label, as in *.example.com"
    )]
    Wildcard(Excerpt),
    #[error("{0} has a character outside ASCII; use the name's xn-- form")]
    NotAscii(Excerpt),
    #[error("{found} has {character:?}; use letters, digits, \"-\" and dots only")]
    Character { found: Excerpt, character: char },
}

impl FromStr for DnsName {
    type Err = DnsNameError;

    /// Reads a name.
    ///
    /// # Errors
    /// Anything that is not a lower-case RFC 1123 name; the message says what to write instead.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text, text)?;
        Ok(Self(text.to_owned()))
    }
}

/// Checks `name`, and speaks of `whole` in the messages.
fn read(name: &str, whole: &str) -> Result<(), Reason> {
    let found = || Excerpt::new(whole);
    if name.is_empty() {
        return Err(Reason::Empty);
    }
    if name.contains("$(") || placeholder::is_unfilled(name) {
        return Err(Reason::Unresolved(found()));
    }
    if name.len() > DnsName::MAX_LENGTH {
        return Err(Reason::TooLong { found: found(), length: name.chars().count() });
    }
    if let Some(character) =
        name.chars().find(|c| !matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '.'))
    {
        return Err(match character {
            ':' | '/' => Reason::Url(found()),
            '*' => Reason::Wildcard(found()),
            _ if !character.is_ascii() => Reason::NotAscii(found()),
            _ => Reason::Character { found: found(), character },
        });
    }
    if name.contains(|c: char| c.is_ascii_uppercase()) {
        return Err(Reason::UpperCase {
            found: found(),
            lower: Excerpt::new(&whole.to_ascii_lowercase()),
        });
    }
    if let Some(rest) = name.strip_suffix('.')
        && !rest.is_empty()
        && !rest.ends_with('.')
    {
        let without = Excerpt::new(whole.trim_end_matches('.'));
        return Err(Reason::TrailingDot { found: found(), without });
    }
    for label in name.split('.') {
        if label.is_empty() {
            return Err(Reason::EmptyLabel(found()));
        }
        if label.len() > 63 {
            let length = label.len();
            return Err(Reason::LongLabel { found: found(), label: Excerpt::new(label), length });
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err(Reason::EdgeHyphen { found: found(), label: Excerpt::new(label) });
        }
    }
    if name.parse::<std::net::Ipv4Addr>().is_ok() {
        return Err(Reason::Address(found()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names() {
        let label = "a".repeat(63);
        let longest = format!("{label}.{label}.{label}.{}", "b".repeat(61));
        for text in ["localhost", "a.b", "1.example.com", "xn--p1ai", "m-0.x", "1.2.3", &longest] {
            let name: DnsName = text.parse().unwrap();
            assert_eq!(name.to_string(), text);
            let json = serde_json::to_string(&name).unwrap();
            assert_eq!(serde_json::from_str::<DnsName>(&json).unwrap(), name);
        }
        assert_eq!(longest.len(), 253);
    }

    #[test]
    fn says_what_to_write_instead() {
        let label = "a".repeat(64);
        let long = "a.".repeat(126) + "aa";
        for (text, message) in [
            ("", "the name is empty; use a DNS name such as staging.example.com"),
            ("Example.COM", r#""Example.COM" has uppercase letters; use "example.com""#),
            ("example.com.", r#""example.com." ends with a dot; use "example.com""#),
            (
                "a..b",
                r#""a..b" has an empty label; use one dot between two labels, and none at the start"#,
            ),
            (
                ".a",
                r#"".a" has an empty label; use one dot between two labels, and none at the start"#,
            ),
            (
                ".",
                r#""." has an empty label; use one dot between two labels, and none at the start"#,
            ),
            (
                "-a.b",
                r#"label "-a" of "-a.b" starts or ends with "-"; start and end it with a letter or digit"#,
            ),
            ("a_b.c", r#""a_b.c" has '_'; use letters, digits, "-" and dots only"#),
            ("bücher.de", r#""bücher.de" has a character outside ASCII; use the name's xn-- form"#),
            ("https://a.b", r#""https://a.b" has a scheme, port or path; use the host name only"#),
            ("a.b:443", r#""a.b:443" has a scheme, port or path; use the host name only"#),
            ("10.0.0.1", r#""10.0.0.1" is an IP address; use a DNS name"#),
            (
                "*.a.b",
                r#""*.a.b" has "*" where no wildcard can be; a wildcard is the whole leftmost label, as in *.example.com"#,
            ),
            (
                "$(domain)",
                r#""$(domain)" is a placeholder that was not replaced; set the name itself"#,
            ),
        ] {
            assert_eq!(text.parse::<DnsName>().unwrap_err().to_string(), message);
        }
        let message = label.parse::<DnsName>().unwrap_err().to_string();
        assert!(message.ends_with("has 64 characters; a label has at most 63"), "{message}");
        let message = long.parse::<DnsName>().unwrap_err().to_string();
        assert!(message.ends_with("has 254 characters; a DNS name has at most 253"), "{message}");
        assert!(serde_json::from_str::<DnsName>("\"A.b\"").is_err());
    }

    #[test]
    fn knows_parents() {
        let name = |text: &str| text.parse::<DnsName>().unwrap();
        assert_eq!(name("a.b.c").parent(), Some(name("b.c")));
        assert_eq!(name("c").parent(), None);
        assert!(name("a.b.c").is_below(&name("c")));
        assert!(!name("b.c").is_below(&name("b.c")));
        assert!(!name("xb.c").is_below(&name("b.c")));
        assert_eq!(name("a.b.c").labels().rev().collect::<Vec<_>>(), ["c", "b", "a"]);
    }
}

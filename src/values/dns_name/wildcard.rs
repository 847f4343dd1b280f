//! A DNS name that may start with a wildcard.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DnsName, DnsNameError, Reason, read};

/// A [`DnsName`], or `*.` and a [`DnsName`]: what an Ingress rule, a certificate and a DNS record
/// take for a host.
///
/// ```
/// use kserve_aws::values::dns_name::WildcardName;
///
/// let certificate: WildcardName = "*.platform.example.com".parse()?;
/// assert!(certificate.covers(&"a.platform.example.com".parse()?));
/// assert!(!certificate.covers(&"a.staging.platform.example.com".parse()?));
/// # Ok::<(), kserve_aws::values::dns_name::DnsNameError>(())
/// ```
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend(
    "maxLength" = 253,
    "pattern" = "^(\\*\\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$"
))]
pub struct WildcardName {
    wildcard: bool,
    name: DnsName,
}

impl WildcardName {
    /// `*.` and the domain.
    ///
    /// # Errors
    /// A name that would have over 253 characters.
    pub(crate) fn below(domain: &DnsName) -> Result<Self, DnsNameError> {
        format!("*.{domain}").parse()
    }

    /// Whether it starts with `*.`.
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.wildcard
    }

    /// The name without a `*.` at its start.
    #[must_use]
    pub fn name(&self) -> &DnsName {
        &self.name
    }

    /// Whether a certificate for this name is good for `host`: the same name, or `*` in place of
    /// exactly one label. It never covers the apex or a name two labels below, which is where
    /// certificates differ from DNS.
    ///
    /// That is RFC 6125 as Amazon's certificates and the controller read it
    /// (`pkg/ingress/cert_discovery.go`, `domainMatchesHost`).
    #[must_use]
    pub fn covers(&self, host: &Self) -> bool {
        if self == host {
            return true;
        }
        self.wildcard && host.parent().is_some_and(|parent| parent == self.name.as_str())
    }

    /// The names that [cover](Self::covers) this one: itself, and `*` in place of its first label.
    pub(crate) fn covering(&self) -> impl Iterator<Item = Self> {
        let above = self.parent().and_then(|parent| format!("*.{parent}").parse().ok());
        std::iter::once(self.clone()).chain(above)
    }

    /// What is behind the first label of a host.
    fn parent(&self) -> Option<&str> {
        let (_, parent) = self.name.as_str().split_once('.')?;
        (!self.wildcard).then_some(parent)
    }

    /// The number of labels, a `*` counted as one.
    #[must_use]
    pub(crate) fn label_count(&self) -> usize {
        self.name.labels().count() + usize::from(self.wildcard)
    }
}

impl fmt::Display for WildcardName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.wildcard { "*." } else { "" })?;
        self.name.fmt(out)
    }
}

impl FromStr for WildcardName {
    type Err = DnsNameError;

    /// Reads a name that may start with `*.`.
    ///
    /// # Errors
    /// Those of [`DnsName`], a `*` anywhere else, and over 253 characters with the `*.`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (wildcard, rest) = match text.strip_prefix("*.") {
            Some(rest) if !rest.is_empty() => (true, rest),
            _ => (false, text),
        };
        read(rest, text)?;
        if text.len() > DnsName::MAX_LENGTH {
            let found = krm_package::text::excerpt::Excerpt::new(text);
            return Err(Reason::TooLong { found, length: text.len() }.into());
        }
        Ok(Self { wildcard, name: DnsName(rest.to_owned()) })
    }
}

impl TryFrom<String> for WildcardName {
    type Error = DnsNameError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<WildcardName> for String {
    fn from(name: WildcardName) -> Self {
        name.to_string()
    }
}

impl From<DnsName> for WildcardName {
    fn from(name: DnsName) -> Self {
        Self { wildcard: false, name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> WildcardName {
        text.parse().unwrap()
    }

    #[test]
    fn reads_names() {
        for (text, wildcard, base) in [
            ("a.b", false, "a.b"),
            ("*.a.b", true, "a.b"),
            ("*.com", true, "com"),
            ("localhost", false, "localhost"),
        ] {
            let name = name(text);
            assert_eq!((name.is_wildcard(), name.name().as_str()), (wildcard, base));
            assert_eq!(name.to_string(), text);
            let json = serde_json::to_string(&name).unwrap();
            assert_eq!(serde_json::from_str::<WildcardName>(&json).unwrap(), name);
        }
        assert_eq!(WildcardName::below(name("a.b").name()).unwrap(), name("*.a.b"));
        assert_eq!((name("*.a.b").label_count(), name("a.b").label_count()), (3, 2));
    }

    #[test]
    fn refuses_other_wildcards() {
        for (text, part) in [
            ("*", "no wildcard can be"),
            ("*.", "no wildcard can be"),
            ("a.*.b", "no wildcard can be"),
            ("*a.b", "no wildcard can be"),
            ("*.*.b", "no wildcard can be"),
            ("", "is empty"),
            ("*.A.b", "use \"*.a.b\""),
            ("*.a.b.", "use \"*.a.b\""),
            ("*..a", "empty label"),
        ] {
            let message = text.parse::<WildcardName>().unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
        let long = "a.".repeat(125) + "aa";
        assert!(long.parse::<DnsName>().is_ok());
        assert!(format!("*.{long}").parse::<WildcardName>().is_err());
    }

    #[test]
    fn covers_one_label_and_never_the_apex() {
        for (certificate, host, covered) in [
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "a.b.example.com", false),
            ("*.example.com", "*.example.com", true),
            ("*.example.com", "*.a.example.com", false),
            ("*.example.com", "*.com", false),
            ("example.com", "example.com", true),
            ("example.com", "a.example.com", false),
            ("a.example.com", "*.example.com", false),
            ("*.com", "example.com", true),
        ] {
            assert_eq!(name(certificate).covers(&name(host)), covered, "{certificate} {host}");
        }
    }
}

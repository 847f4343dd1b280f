//! A host that a Route, an Ingress or an `HTTPRoute` may carry.

use std::fmt;

use serde::Serialize;

use krm_package::text::excerpt::shortened;

/// The longest DNS name.
const LONGEST_NAME: usize = 253;
/// The longest label of a DNS name.
const LONGEST_LABEL: usize = 63;

/// A host that passes Kubernetes' check of fully qualified domain names: lowercase, at least two
/// labels of at most 63 characters, at most 253 characters, with or without a final dot.
///
/// Source: `IsFullyQualifiedDomainName` in `pkg/util/validation` of `k8s.io/apimachinery`, which
/// Knative (`pkg/reconciler/route/domains`) and `KServe` (`reconcilers/ingress/domain.go`) call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RouteHost(String);

/// Why a text is not a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteHostError {
    /// Empty.
    #[error("the host is empty")]
    Empty,
    /// More than 253 characters.
    #[error(
        "host {0:?} has {1} characters, DNS allows 253; shorten the name, the namespace or the domain"
    )]
    TooLong(String, usize),
    /// A character or a place of a character that DNS does not take.
    #[error(
        "host {0:?} has an invalid label {1:?}: must be lowercase letters, digits or \"-\", starting and ending with a letter or digit"
    )]
    BadLabel(String, String),
    /// A label of more than 63 characters.
    #[error(
        "host {0:?} has a label of {1} characters, DNS allows 63; shorten the name or the namespace"
    )]
    LongLabel(String, usize),
    /// One label.
    #[error("host {0:?} has one label; a route requires a domain of two or more")]
    OneLabel(String),
}

impl RouteHost {
    /// Checks a host.
    ///
    /// # Errors
    /// [`RouteHostError`], the first rule that it breaks.
    pub(crate) fn parse(text: &str) -> Result<Self, RouteHostError> {
        if text.is_empty() {
            return Err(RouteHostError::Empty);
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.len() > LONGEST_NAME {
            return Err(RouteHostError::TooLong(shortened(text), name.len()));
        }
        for label in name.split('.') {
            if !is_label(label) {
                return Err(RouteHostError::BadLabel(shortened(text), shortened(label)));
            }
        }
        if !name.contains('.') {
            return Err(RouteHostError::OneLabel(shortened(text)));
        }
        for label in name.split('.') {
            if label.len() > LONGEST_LABEL {
                return Err(RouteHostError::LongLabel(shortened(text), label.len()));
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// The host.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RouteHost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Whether `label` is lowercase letters, digits and inner hyphens, of any length.
#[must_use]
pub(crate) fn is_label(label: &str) -> bool {
    !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Whether `name` is a DNS name of RFC 1123: labels as [`is_label`] has them, 253 characters.
#[must_use]
pub(crate) fn is_subdomain(name: &str) -> bool {
    name.len() <= LONGEST_NAME && name.split('.').all(is_label)
}

/// Whether `name` is a DNS label of RFC 1123, as namespaces are named.
#[must_use]
pub(crate) fn is_dns_1123_label(name: &str) -> bool {
    name.len() <= LONGEST_LABEL && is_label(name)
}

/// Whether `name` is a DNS label that starts with a letter, as Services are named.
#[must_use]
pub(crate) fn is_dns_1035_label(name: &str) -> bool {
    name.len() <= LONGEST_LABEL
        && is_label(name)
        && name.starts_with(|c: char| c.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_pass_and_fail_as_in_kubernetes() {
        let long = "a".repeat(63);
        for good in [
            "iris.example.com",
            "1.2",
            "a.b.",
            &format!("{long}.b"),
            &format!("{long}.{long}.{long}.{}", &long[..61]),
        ] {
            assert_eq!(RouteHost::parse(good).map(|host| host.to_string()).as_deref(), Ok(good));
        }
        for bad in [
            "",
            ".",
            "a",
            "a..b",
            "A.b",
            "a_b.c",
            "-a.b",
            "a-.b",
            "a.b..",
            "http://a.b",
            "a.b:80",
            "*.a.b",
            "é.b",
            &format!("{long}a.b"),
            &format!("{long}.{long}.{long}.{long}"),
        ] {
            assert!(RouteHost::parse(bad).is_err(), "{bad}");
        }
        let error = RouteHost::parse("iris.Example.com").unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"host "iris.Example.com" has an invalid label "Example": must be lowercase letters, digits or "-", starting and ending with a letter or digit"#
        );
    }
}

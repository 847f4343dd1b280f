//! A peer's identity, as its certificate carries it.

use std::fmt;

/// A SPIFFE identity, `spiffe://TRUST-DOMAIN/…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity(String);

/// Why a text is not a SPIFFE identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("identity {0:?} has no trust domain; expected spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/NAME")]
pub struct InvalidIdentity(String);

const SCHEME: &str = "spiffe://";

impl Identity {
    /// Reads `spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/NAME`, with or without the scheme.
    ///
    /// # Errors
    /// When nothing is before the first slash, or there is none.
    pub fn parse(text: &str) -> Result<Self, InvalidIdentity> {
        let rest = text.strip_prefix(SCHEME).unwrap_or(text);
        match rest.split_once('/') {
            Some((domain, _)) if !domain.is_empty() => Ok(Self(format!("{SCHEME}{rest}"))),
            _ => Err(InvalidIdentity(text.to_owned())),
        }
    }

    /// The identity that istiod issues to a service account.
    #[must_use]
    pub fn of_service_account(trust_domain: &str, namespace: &str, name: &str) -> Self {
        Self(format!("{SCHEME}{trust_domain}/ns/{namespace}/sa/{name}"))
    }

    /// The whole URI.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The trust domain.
    #[must_use]
    pub(crate) fn trust_domain(&self) -> &str {
        let rest = self.0.strip_prefix(SCHEME).unwrap_or(&self.0);
        rest.split('/').next().unwrap_or(rest)
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

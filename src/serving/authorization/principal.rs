//! The identities that policies name.

use std::fmt;

use crate::controllers::istio::Identity;
use crate::values::route_host::{is_label, is_subdomain};
use krm_package::text::excerpt::shortened;

/// A mesh's trust domain, as `meshConfig.trustDomain` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TrustDomain(String);

/// A peer's identity as a policy writes it: `TRUST-DOMAIN/ns/NAMESPACE/sa/SERVICE-ACCOUNT`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Principal(String);

/// Why a text is not a trust domain or principal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidPrincipal {
    /// No trust domain.
    #[error(
        "invalid trust domain {0:?}: must be lowercase letters, digits, dots and hyphens, such as cluster.local"
    )]
    TrustDomain(String),
    /// With the scheme that policies leave out.
    #[error(
        "{0:?} has the scheme spiffe://, which policies omit; expected TRUST-DOMAIN/ns/NAMESPACE/sa/SERVICE-ACCOUNT"
    )]
    Scheme(String),
    /// Of another form.
    #[error(
        "invalid principal {0:?}: expected TRUST-DOMAIN/ns/NAMESPACE/sa/SERVICE-ACCOUNT, without a wildcard"
    )]
    Form(String),
}

impl TrustDomain {
    /// Reads a trust domain.
    ///
    /// # Errors
    /// A text that is not a lower case DNS name.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidPrincipal> {
        if is_subdomain(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidPrincipal::TrustDomain(shortened(text)))
        }
    }

    /// The identity of a service account.
    #[must_use]
    pub(crate) fn principal(&self, namespace: &str, service_account: &str) -> Principal {
        Principal(format!("{}/ns/{namespace}/sa/{service_account}", self.0))
    }

    /// The text.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TrustDomain {
    /// Istio's own.
    fn default() -> Self {
        Self("cluster.local".to_owned())
    }
}

impl Principal {
    /// Reads a principal. A star is not taken: it would open what strict closes.
    ///
    /// # Errors
    /// A text with a scheme, or of another form.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidPrincipal> {
        if text.starts_with("spiffe://") {
            return Err(InvalidPrincipal::Scheme(shortened(text)));
        }
        let parts: Vec<&str> = text.split('/').collect();
        match parts.as_slice() {
            [domain, "ns", namespace, "sa", account]
                if is_subdomain(domain) && is_label(namespace) && is_subdomain(account) =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err(InvalidPrincipal::Form(shortened(text))),
        }
    }

    /// The text.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The identity in a certificate.
    #[must_use]
    pub(crate) fn identity(&self) -> Option<Identity> {
        Identity::parse(&self.0).ok()
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_name_one_service_account() {
        assert!(Principal::parse("cluster.local/ns/istio-system/sa/gateway").is_ok());
        for wrong in [
            "*",
            "cluster.local/ns/istio-system/sa/*",
            "spiffe://cluster.local/ns/istio-system/sa/gateway",
            "ns/istio-system/sa/gateway",
            "cluster.local/ns/istio-system/sa/gateway/x",
            "",
        ] {
            assert!(Principal::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn trust_domains_are_names() {
        assert!(TrustDomain::parse("td1").is_ok());
        assert!(TrustDomain::parse("Cluster.local").is_err());
        assert!(TrustDomain::parse("*").is_err());
    }
}

//! The identities that policies name.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::controllers::istio::Identity;
use crate::values::parsed_text::parsed_text;
use crate::values::route_host::{is_label, is_subdomain};
use krm_package::text::excerpt::shortened;

/// A mesh's trust domain, as `meshConfig.trustDomain` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(inline)]
pub(crate) struct TrustDomain(String);

parsed_text!(pub(crate) TrustDomain);

/// A peer's identity as a policy writes it: `TRUST-DOMAIN/ns/NAMESPACE/sa/SERVICE-ACCOUNT`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(inline)]
pub(crate) struct Principal(String);

parsed_text!(pub(crate) Principal);

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

impl FromStr for TrustDomain {
    type Err = InvalidPrincipal;

    /// Reads a trust domain.
    ///
    /// # Errors
    /// A text that is not a lower case DNS name.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_subdomain(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidPrincipal::TrustDomain(shortened(text)))
        }
    }
}

impl TrustDomain {
    /// The identity of a service account.
    #[must_use]
    pub(crate) fn principal(&self, namespace: &str, service_account: &str) -> Principal {
        Principal(format!("{}/ns/{namespace}/sa/{service_account}", self.0))
    }
}

impl Default for TrustDomain {
    /// Istio's own.
    fn default() -> Self {
        Self("cluster.local".to_owned())
    }
}

impl FromStr for Principal {
    type Err = InvalidPrincipal;

    /// Reads a principal. A star is not taken: it would open what strict closes.
    ///
    /// # Errors
    /// A text with a scheme, or of another form.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
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
}

impl Principal {
    /// The identity in a certificate.
    #[must_use]
    pub(crate) fn identity(&self) -> Option<Identity> {
        Identity::parse(&self.0).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_name_one_service_account() {
        assert!(Principal::from_str("cluster.local/ns/istio-system/sa/gateway").is_ok());
        for wrong in [
            "*",
            "cluster.local/ns/istio-system/sa/*",
            "spiffe://cluster.local/ns/istio-system/sa/gateway",
            "ns/istio-system/sa/gateway",
            "cluster.local/ns/istio-system/sa/gateway/x",
            "",
        ] {
            assert!(Principal::from_str(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn trust_domains_are_names() {
        assert!(TrustDomain::from_str("td1").is_ok());
        assert!(TrustDomain::from_str("Cluster.local").is_err());
        assert!(TrustDomain::from_str("*").is_err());
    }
}

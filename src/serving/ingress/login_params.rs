//! The fields of `IngressParams` that say how browsers log in at the load balancer with an `OpenID` Connect
//! provider, and those that both logins have.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::runtime::Checked;
use crate::values::dns_name::DnsName;
use crate::values::oidc::{EndpointUrl, IssuerUrl};

/// The `OpenID` Connect provider that a request must be logged in to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Oidc {
    /// The provider's issuer.
    #[schemars(example = &"https://login.example.com")]
    pub issuer: Option<Checked<IssuerUrl>>,
    /// Where browsers log in.
    #[schemars(example = &"https://login.example.com/authorize")]
    pub authorization_endpoint: Option<Checked<EndpointUrl>>,
    /// Where the load balancer requests tokens.
    #[schemars(example = &"https://login.example.com/token")]
    pub token_endpoint: Option<Checked<EndpointUrl>>,
    /// Where the load balancer requests the user's claims.
    #[schemars(example = &"https://login.example.com/userinfo")]
    pub user_info_endpoint: Option<Checked<EndpointUrl>>,
    /// Name of the Secret with the keys `clientID` and `clientSecret`, in the namespace of the Ingress.
    #[schemars(example = &"oidc-client")]
    pub secret_name: Option<Checked<DnsName>>,
}

/// The fields of [`Oidc`], in its order.
pub(crate) const FIELDS: [&str; 5] = [
    "oidc.issuer",
    "oidc.authorizationEndpoint",
    "oidc.tokenEndpoint",
    "oidc.userInfoEndpoint",
    "oidc.secretName",
];

impl Oidc {
    /// Whether each of [`FIELDS`] is given.
    #[must_use]
    pub(crate) fn given(&self) -> [bool; 5] {
        [
            self.issuer.is_some(),
            self.authorization_endpoint.is_some(),
            self.token_endpoint.is_some(),
            self.user_info_endpoint.is_some(),
            self.secret_name.is_some(),
        ]
    }
}

/// What becomes of a request without a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OnUnauthenticated {
    /// It is sent to the login.
    Authenticate,
    /// It is refused with 401.
    Deny,
    /// It is let through, which is refused: nothing is protected then.
    Allow,
}

impl OnUnauthenticated {
    /// As the load balancer names it.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Authenticate => "authenticate",
            Self::Deny => "deny",
            Self::Allow => "allow",
        }
    }
}

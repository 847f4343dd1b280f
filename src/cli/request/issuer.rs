//! Where a client gets the token that the load balancer validates, as far as its Ingress says.

use super::super::shell::quoted;
use crate::controllers::alb::auth::{JwtClaim, JwtConfig};

/// The issuer of the tokens that a rule demands; empty where no rule does.
#[derive(Debug, Default)]
pub(super) struct IssuerOf {
    /// The URL that its metadata is at.
    metadata: Option<String>,
    /// The client, where only one is named.
    client: Option<String>,
    /// The scopes, as a request for a token has them.
    scope: Option<String>,
}

impl IssuerOf {
    /// What the load balancer compares a token with. The issuer publishes its token endpoint in the metadata
    /// of `OpenID` Connect Discovery 1.0, section 4, which every user pool of Cognito has.
    pub(super) fn validated(jwt: &JwtConfig) -> Self {
        let issuer = jwt.issuer.trim_end_matches('/');
        let values = |name: &str| {
            let claim = jwt.additional_claims.iter().find(|claim| claim.name == name);
            claim.map(|claim: &JwtClaim| claim.values.to_vec()).unwrap_or_default()
        };
        let one = |values: Vec<String>| match <[String; 1]>::try_from(values) {
            Ok([value]) => Some(value),
            Err(_) => None,
        };
        Self {
            // The client's secret goes where the metadata says.
            metadata: issuer
                .starts_with("https://")
                .then(|| format!("{issuer}/.well-known/openid-configuration")),
            client: one(values("client_id")).or_else(|| one(values("azp"))),
            scope: Some(values("scope").join(" ")).filter(|scope| !scope.is_empty()),
        }
    }

    /// The lines that set what no variable does.
    pub(super) fn defaults(&self) -> String {
        let unset = |variable: &str, value: &str| {
            format!("[ -n \"${{{variable}:-}}\" ] || {variable}={value}\n")
        };
        let mut lines = String::new();
        for (variable, value) in [("CLIENT_ID", &self.client), ("TOKEN_SCOPE", &self.scope)] {
            if let Some(value) = value {
                lines.push_str(&unset(variable, &quoted(value)));
            }
        }
        if let Some(metadata) = &self.metadata {
            let field = "sed -n 's/.*\"token_endpoint\" *: *\"\\([^\"]*\\)\".*/\\1/p'";
            let found = format!("$(curl -sS {} |\n  {field})", quoted(metadata));
            lines.push_str(&unset("TOKEN_URL", &found));
        }
        lines
    }
}

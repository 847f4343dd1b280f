//! `auth-*` and `jwt-validation`: logins.
//!
//! Source: `pkg/ingress/auth_config_builder.go`, `buildJwtValidationConfig` in
//! `enhanced_backend_builder.go`, v3.5.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::annotations::Annotations;
use super::error::BuildError;
use crate::go::json::go_struct;
use crate::go::json::{GoSlice, GoTarget};

/// Which login a rule of an HTTPS listener has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum AuthType {
    /// None.
    #[default]
    None,
    /// An Amazon Cognito user pool.
    Cognito,
    /// An `OpenID` Connect provider.
    Oidc,
}

/// The login of a backend.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AuthConfig {
    /// `auth-type`.
    pub kind: AuthType,
    /// `auth-idp-cognito`.
    pub cognito: Option<CognitoConfig>,
    /// `auth-idp-oidc`.
    pub oidc: Option<OidcConfig>,
    /// `auth-on-unauthenticated-request`, passed through.
    pub on_unauthenticated_request: String,
    /// `auth-scope`.
    pub scope: String,
    /// `auth-session-cookie`.
    pub session_cookie: String,
    /// `auth-session-timeout`.
    pub session_timeout: i64,
}

go_struct! {
    /// `auth-idp-cognito`. The controller checks none of the fields.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub struct CognitoConfig as "ingress", "AuthIDPConfigCognito" {
        /// The pool's ARN.
        pub user_pool_arn: String = "userPoolARN",
        /// The client's ID.
        pub user_pool_client_id: String = "userPoolClientID",
        /// The login page's domain or prefix.
        pub user_pool_domain: String = "userPoolDomain",
        /// Added to the redirect to the login page.
        pub extra_params: BTreeMap<String, String> = "authenticationRequestExtraParams",
    }
}

go_struct! {
    /// `auth-idp-oidc`.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub struct OidcConfig as "ingress", "AuthIDPConfigOIDC" {
        /// The issuer.
        pub issuer: String = "issuer",
        /// The login page.
        pub authorization_endpoint: String = "authorizationEndpoint",
        /// Where a code becomes a token.
        pub token_endpoint: String = "tokenEndpoint",
        /// Where a token becomes claims.
        pub user_info_endpoint: String = "userInfoEndpoint",
        /// The Secret with the client's ID and secret.
        pub secret_name: String = "secretName",
        /// Added to the redirect to the login page.
        pub extra_params: BTreeMap<String, String> = "authenticationRequestExtraParams",
    }
}

go_struct! {
    /// `jwt-validation`, which only an Ingress can have.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub struct JwtConfig as "ingress", "JwtValidationConfig" {
        /// Where the keys are.
        pub jwks_endpoint: String = "jwksEndpoint",
        /// Who must have signed.
        pub issuer: String = "issuer",
        /// What else a token must claim.
        pub additional_claims: GoSlice<JwtClaim> = "additionalClaims",
    }
}

impl JwtConfig {
    /// Whether a token must name who it is for: without that, a token that the issuer gave to any client
    /// is as good as another.
    pub(crate) fn names_client(&self) -> bool {
        let names = ["scope", "scp", "client_id", "aud", "azp", "cognito:groups", "groups", "sub"];
        self.additional_claims
            .iter()
            .any(|claim| names.contains(&claim.name.as_str()) && !claim.values.is_empty())
    }
}

go_struct! {
    /// One of `additionalClaims`.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub struct JwtClaim as "ingress", "JwtAdditionalClaim" {
        /// How the claim is written.
        pub format: ClaimFormat = "format",
        /// Its name.
        pub name: String = "name",
        /// Its values.
        pub values: GoSlice<String> = "values",
    }
}

/// `format` of a claim.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClaimFormat(pub String);

impl GoTarget for ClaimFormat {
    fn go_type(&self) -> Cow<'static, str> {
        Cow::Borrowed("ingress.jwtAdditionalClaimFormat")
    }
    fn text(&mut self, value: &str) -> bool {
        value.clone_into(&mut self.0);
        true
    }
}

/// The login that the annotations of a backend give.
///
/// # Errors
/// An unknown `auth-type`, a broken `auth-session-timeout` or identity provider.
pub(crate) fn auth_config(annotations: Annotations<'_>) -> Result<AuthConfig, BuildError> {
    let kind = match annotations.text("auth-type") {
        None | Some("none") => AuthType::None,
        Some("cognito") => AuthType::Cognito,
        Some("oidc") => AuthType::Oidc,
        Some(unknown) => {
            let error = BuildError::new("unknown authType: ")
                .choosing(unknown, &["none", "cognito", "oidc"]);
            return Err(error.of_annotation("auth-type"));
        }
    };
    let text = |suffix: &str, default: &str| annotations.text(suffix).unwrap_or(default).to_owned();
    let session_timeout = annotations.int64("auth-session-timeout")?.unwrap_or(604_800);
    let mut cognito = CognitoConfig::default();
    let has_cognito = annotations.json("auth-idp-cognito", &mut cognito)?;
    let mut oidc = OidcConfig::default();
    let has_oidc = annotations.json("auth-idp-oidc", &mut oidc)?;
    Ok(AuthConfig {
        kind,
        cognito: has_cognito.then_some(cognito),
        oidc: has_oidc.then_some(oidc),
        on_unauthenticated_request: text("auth-on-unauthenticated-request", "authenticate"),
        scope: text("auth-scope", "openid"),
        session_cookie: text("auth-session-cookie", "AWSELBAuthSessionCookie"),
        session_timeout,
    })
}

/// The `jwt-validation` of an Ingress.
///
/// # Errors
/// Broken JSON, or a required field that is empty.
pub(crate) fn jwt_config(annotations: Annotations<'_>) -> Result<Option<JwtConfig>, BuildError> {
    let mut config = JwtConfig::default();
    if !annotations.json("jwt-validation", &mut config)? {
        return Ok(None);
    }
    let missing = if config.jwks_endpoint.is_empty() {
        Some("jwksEndpoint is a required field for jwt validation")
    } else if config.issuer.is_empty() {
        Some("issuer is a required field for jwt validation")
    } else {
        config.additional_claims.iter().find_map(|claim| {
            if claim.format.0.is_empty() {
                Some("format is a required field for additional claims for jwt validation")
            } else if claim.name.is_empty() {
                Some("name is a required field for additional claims for jwt validation")
            } else if claim.values.is_empty() {
                Some("values must not be empty for additional claims for jwt validation")
            } else {
                None
            }
        })
    };
    missing.map_or(Ok(Some(config)), |words| Err(BuildError::new(words)))
}

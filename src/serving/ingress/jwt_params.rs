//! The fields of `IngressParams` that say which JSON Web Tokens the load balancer lets through.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::runtime::Checked;
use crate::values::arn::UserPoolArn;
use crate::values::cognito::UserPoolClientId;
use crate::values::jwt::{ClaimName, ClaimValue, Issuer, JwksEndpoint, ScopeValue};

/// The JSON Web Tokens that the load balancer lets through: those of a user pool, or of another issuer,
/// that name a client, an audience or a scope.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Jwt {
    /// ARN of the Cognito user pool that issues the access tokens, in place of `issuer` and
    /// `jwksEndpoint`.
    #[schemars(
        example = &"arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_abcdef123"
    )]
    pub user_pool_arn: Option<Checked<UserPoolArn>>,
    /// IDs of the user pool's app clients, one of which an access token must have in `client_id`.
    #[schemars(length(min = 1, max = 10), example = &["1example23456789"])]
    pub client_ids: Option<Vec<Checked<UserPoolClientId>>>,
    /// Who issues the tokens, as their claim `iss` has it.
    #[schemars(example = &"https://issuer.example.com")]
    pub issuer: Option<Checked<Issuer>>,
    /// The URL of the issuer's keys.
    #[schemars(example = &"https://issuer.example.com/.well-known/jwks.json")]
    pub jwks_endpoint: Option<Checked<JwksEndpoint>>,
    /// Audiences, one of which a token must have in `aud`, as a text. If the issuer writes a list there, set
    /// it with `claims` and the format `string-array`.
    #[schemars(length(min = 1, max = 10), example = &["models"])]
    pub audiences: Option<Vec<Checked<ClaimValue>>>,
    /// Clients, one of which a token must have in `azp`.
    #[schemars(length(min = 1, max = 10))]
    pub authorized_parties: Option<Vec<Checked<ClaimValue>>>,
    /// Scopes that are compared with `scope`.
    #[schemars(length(min = 1, max = 10), example = &["models/predict"])]
    pub scopes: Option<Vec<Checked<ScopeValue>>>,
    /// Further claims, which are compared in addition.
    #[schemars(length(min = 1, max = 10))]
    pub claims: Option<Vec<Claim>>,
}

/// The fields of [`Jwt`], in its order.
pub(crate) const FIELDS: [&str; 8] = [
    "jwt.userPoolArn",
    "jwt.clientIds",
    "jwt.issuer",
    "jwt.jwksEndpoint",
    "jwt.audiences",
    "jwt.authorizedParties",
    "jwt.scopes",
    "jwt.claims",
];

impl Jwt {
    /// Whether each of [`FIELDS`] is given.
    #[must_use]
    pub(crate) fn given(&self) -> [bool; 8] {
        [
            self.user_pool_arn.is_some(),
            self.client_ids.is_some(),
            self.issuer.is_some(),
            self.jwks_endpoint.is_some(),
            self.audiences.is_some(),
            self.authorized_parties.is_some(),
            self.scopes.is_some(),
            self.claims.is_some(),
        ]
    }
}

/// A claim that is compared in addition.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Claim {
    /// Its name; `exp`, `iss`, `nbf` and `iat` are always validated.
    #[schemars(example = &"cognito:groups")]
    pub name: Checked<ClaimName>,
    /// How tokens have it. Default: `single-string`.
    #[serde(default)]
    pub format: Format,
    /// The values.
    #[schemars(length(min = 1, max = 10), example = &["models"])]
    pub values: Vec<Checked<ClaimValue>>,
}

/// How a claim is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// One text.
    #[default]
    SingleString,
    /// A list of texts.
    StringArray,
    /// Texts with a space between them, as in `scope`.
    SpaceSeparatedValues,
}

impl Format {
    /// As the load balancer names it.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::SingleString => "single-string",
            Self::StringArray => "string-array",
            Self::SpaceSeparatedValues => "space-separated-values",
        }
    }

    /// The one of a name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        [Self::SingleString, Self::StringArray, Self::SpaceSeparatedValues]
            .into_iter()
            .find(|format| format.as_str() == name)
    }
}

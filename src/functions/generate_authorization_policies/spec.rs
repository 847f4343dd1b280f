//! The configuration.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::runtime::Checked;
use crate::serving::authorization::{
    ApiVersion, Mode, NamedProtocol, Principal, Profile, TrustDomain,
};
use crate::values::arn::UserPoolArn;
use crate::values::cognito::UserPoolClientId;
use crate::values::k8s::Namespace;

/// Who may send requests to the components of InferenceServices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ServingAuthorization {
    /// Who may send requests. Default: `namespace`.
    pub(crate) mode: Mode,
    /// The namespaces to write policies for. Default: those of the InferenceServices.
    #[schemars(example = &["team-a"])]
    pub(crate) namespaces: Vec<Checked<Namespace>>,
    /// The protocols that every component serves. Default: of each, those of its
    /// `protocolVersion` and runtime.
    pub(crate) protocols: Vec<NamedProtocol>,
    /// Istio's root namespace. Default: `istio-system`.
    pub(crate) root_namespace: Option<Checked<Namespace>>,
    /// The mesh's trust domain. Default: `cluster.local`.
    pub(crate) trust_domain: Option<Checked<TrustDomain>>,
    /// The identities of the gateways that requests come through. Default: those of the gateways in
    /// the input, else Kubeflow's `istio-ingressgateway` and `cluster-local-gateway`.
    #[schemars(example = &["cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account"])]
    pub(crate) gateway_principals: Vec<Checked<Principal>>,
    /// Who may call, instead of everybody whom the mode lets in: each entry one of `serviceAccount`,
    /// `namespace`, `user`, `jwt` and `gateway`.
    pub(crate) callers: Option<Vec<Caller>>,
    /// What single namespaces and services have instead.
    pub(crate) overrides: Vec<Override>,
    /// The release of Kubeflow, whose policies are evaluated where the input has no others of their names.
    /// Default: what the input has.
    pub(crate) profile: Option<Profile>,
    /// Who issues the tokens of service accounts: a `serviceAccount` or `namespace` is then let through
    /// with its token as well, behind gateways and Knative's activator.
    pub(crate) cluster_issuer: Option<Issuer>,
    /// Who issues the tokens of users, as Dex does.
    pub(crate) user_issuer: Option<Issuer>,
    /// The version of `security.istio.io` to write. Default: `v1beta1`.
    pub(crate) api_version: ApiVersion,
}

/// Who may call: one of its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Caller {
    /// A service account, `NAMESPACE/NAME`.
    #[schemars(example = &"pipelines/runner")]
    pub(crate) service_account: Option<String>,
    /// Every service account of a namespace.
    #[schemars(example = &"pipelines")]
    pub(crate) namespace: Option<Checked<Namespace>>,
    /// A user, by the claim of `userIssuer` that names users.
    #[schemars(example = &"ada@example.com")]
    pub(crate) user: Option<String>,
    /// Who has a JSON Web Token.
    pub(crate) jwt: Option<JwtCaller>,
    /// `true`: everybody who comes through a gateway.
    pub(crate) gateway: Option<bool>,
}

/// Who has a JSON Web Token: of a user pool, or of another issuer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct JwtCaller {
    /// The Cognito user pool whose access tokens are taken.
    pub(crate) user_pool_arn: Option<Checked<UserPoolArn>>,
    /// The app clients of the user pool.
    pub(crate) client_ids: Vec<Checked<UserPoolClientId>>,
    /// Scopes, one of which the token must have.
    #[schemars(example = &["models/predict"])]
    pub(crate) scopes: Vec<String>,
    /// The issuer, where it is not a user pool.
    #[schemars(example = &"https://login.example.com")]
    pub(crate) issuer: Option<String>,
    /// Where the issuer's keys are. Default: what the issuer's own configuration says.
    pub(crate) jwks_uri: Option<String>,
    /// Audiences, one of which the token must have.
    pub(crate) audiences: Vec<String>,
    /// Subjects, one of which the token must have.
    pub(crate) subjects: Vec<String>,
    /// Claims that the token must have, each with one of its values.
    pub(crate) claims: BTreeMap<String, Vec<String>>,
}

/// Who issues the tokens of service accounts or users.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Issuer {
    /// The issuer.
    #[schemars(example = &"https://oidc.eks.us-west-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B716D3041E")]
    pub(crate) issuer: String,
    /// Where its keys are. Default: what the issuer's own configuration says.
    pub(crate) jwks_uri: Option<String>,
    /// Audiences, one of which the token must have. Default: any.
    pub(crate) audiences: Vec<String>,
    /// The claim that names a user. Default: `email`.
    pub(crate) user_claim: Option<String>,
}

/// What is set for a namespace or a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Override {
    /// An InferenceService, `NAMESPACE/NAME`.
    #[schemars(example = &"team-a/iris")]
    pub(crate) service: Option<String>,
    /// Every InferenceService of a namespace.
    #[schemars(example = &"team-a")]
    pub(crate) namespace: Option<Checked<Namespace>>,
    /// Their callers.
    pub(crate) callers: Option<Vec<Caller>>,
    /// The protocols that they serve, whatever they declare.
    pub(crate) protocols: Option<Vec<NamedProtocol>>,
    /// Further paths that they serve; a star at the end matches anything that is not empty.
    #[schemars(example = &["/custom/*"])]
    pub(crate) paths: Option<Vec<String>>,
}

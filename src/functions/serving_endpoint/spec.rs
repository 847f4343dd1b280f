//! The configuration.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::functions::generate_authorization_policies::ServingAuthorization;
use crate::functions::generate_dns_records::ServingDns;
use crate::functions::validate_serving_path::Protect;
use crate::runtime::Checked;
use crate::serving::certificate::CertificateName;
use crate::serving::ingress::{
    Cognito, HealthCheckParams, Jwt, Oidc, OneOrMany, ParamsSource, Target, TokenParam,
};
use crate::values::arn::CertificateArn;
use crate::values::dns_name::{DnsName, ListenerHost};
use crate::values::header::HeaderName;
use crate::values::k8s::Namespace;
use crate::values::scheme::Scheme;

/// The whole way to the models, from one domain. No `Debug`: some texts are tokens.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ServingEndpoint {
    /// The domain under which Knative serves.
    #[schemars(with = "DnsName", example = &"platform.example.com")]
    pub(crate) domain: String,
    /// Who logs users in: `cognito` or `oidc` at the load balancer, or `dex` after the load balancer, which
    /// then compares tokens only. With `jwt` nobody logs in: the load balancer validates JSON Web Tokens.
    pub(crate) auth_provider: Option<AuthProvider>,
    /// The user pool of an Ingress without tokens, with `cognito`.
    pub(crate) cognito: Cognito,
    /// The provider of logins of an Ingress without tokens, with `oidc`.
    pub(crate) oidc: Oidc,
    /// The JSON Web Tokens that an Ingress without tokens of its own takes, with `jwt`.
    pub(crate) jwt: Jwt,
    /// The certificate of every Ingress that gives none of its own.
    pub(crate) certificate: Certificate,
    /// The Ingress, or what several stages share.
    pub(crate) ingress: Ingress,
    /// The namespaces that are served. Default: those of the InferenceServices in the input.
    #[schemars(example = &["staging"])]
    pub(crate) namespaces: Vec<Checked<Namespace>>,
    /// Several Ingresses, each for namespaces of its own. Default: one, for all.
    pub(crate) stages: Vec<Stage>,
    /// The AuthorizationPolicies, as ServingAuthorization has them. Default: those of mode `namespace`.
    pub(crate) authorization: Option<ServingAuthorization>,
    /// The DNS records, as ServingDNS has them. Default: none.
    pub(crate) dns: Option<ServingDns>,
    /// What has to be guarded, as ServingPathCheck has it. Default: what the Ingresses require, and every
    /// public InferenceService.
    pub(crate) protect: Vec<Protect>,
    /// Whether the whole path is checked at the end. Default: true.
    pub(crate) check: Option<bool>,
}

/// Who logs users in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AuthProvider {
    /// A Cognito user pool, at the load balancer.
    Cognito,
    /// Another OpenID Connect provider, at the load balancer.
    Oidc,
    /// Dex, behind the load balancer.
    Dex,
    /// A JSON Web Token that the load balancer validates.
    Jwt,
}

/// The certificate of an HTTPS listener.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Certificate {
    /// Its ARN; of several, the first is the listener's default.
    #[schemars(
        example = &"arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    )]
    pub(crate) arn: Option<OneOrMany<Checked<CertificateArn>>>,
    /// The names that it has; a host that none of them covers is an error.
    #[schemars(with = "Vec<String>", example = &["*.staging.platform.example.com"])]
    pub(crate) names: Vec<Checked<CertificateName>>,
    /// The certificate in PEM, which says its names. Never a key.
    pub(crate) pem: Option<String>,
    /// `ack` requests the certificate with an object of AWS Controllers for Kubernetes. The Ingress is
    /// set once `arn` names what was issued.
    pub(crate) emit: Option<Emit>,
}

/// How a certificate is requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Emit {
    /// A `Certificate` of AWS Controllers for Kubernetes.
    Ack,
}

/// An Ingress, and who may pass it.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Ingress {
    /// The Ingress. Default: every Ingress of class `alb` with the backend `istio-ingressgateway`.
    pub(crate) target: Option<Target>,
    /// Whether the load balancer has public addresses. Default: what the Ingress says.
    #[schemars(example = &"internet-facing")]
    pub(crate) scheme: Option<Checked<Scheme>>,
    /// The header that holds the token. Default: `x-api-key`.
    #[schemars(example = &"x-api-key")]
    pub(crate) header: Option<Checked<HeaderName>>,
    /// The tokens, each of which opens the listener; one that is being replaced is written as
    /// `previous: TOKEN`.
    #[schemars(
        length(min = 1, max = 3),
        example = &["0f5b1c2e9d8a4736a1b2c3d4e5f60718"]
    )]
    pub(crate) tokens: Option<Vec<TokenParam>>,
    /// The ConfigMap or Secret in the input whose `httpHeaderValues` are the tokens.
    pub(crate) values_from: Option<ParamsSource>,
    /// The only hosts that the Ingress serves. Default: with `stages`, those of the stage's namespaces;
    /// else what its rules say.
    #[schemars(example = &["*.staging.platform.example.com"])]
    pub(crate) hosts: Option<Vec<Checked<ListenerHost>>>,
    /// The load balancer's health check, as IngressParams has it. Default: what the Ingress says, else the
    /// gateway's own readiness where the gateway would not answer.
    pub(crate) health_check: HealthCheckParams,
}

/// One of several Ingresses.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Stage {
    /// Its name, which marks what is generated for it.
    #[schemars(example = &"staging")]
    pub(crate) name: String,
    /// The namespaces that it serves.
    #[schemars(example = &["staging"])]
    pub(crate) namespaces: Vec<Checked<Namespace>>,
    /// Its Ingress; what is not given here is that of `spec.ingress`.
    pub(crate) ingress: Ingress,
    /// Its certificate. Default: that of all.
    pub(crate) certificate: Certificate,
}

//! The AuthorizationPolicy of `security.istio.io` v1 and v1beta1, as a cluster stores it.

use serde::Deserialize;

use crate::controllers::istio::annotations::DRY_RUN;
use crate::controllers::istio::nulls;
use crate::controllers::istio::selector::{TargetReference, WorkloadSelector};
use crate::values::k8s::{ObjectMeta, empty_if_null};

/// An AuthorizationPolicy, as written: not yet validated.
///
/// Unknown fields are ignored, as the API server prunes them before istiod sees them. A `null`
/// field is an absent one and a `null` element an empty one, as in istiod's decoder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct AuthorizationPolicy {
    /// `metadata`.
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: PolicySpec,
}

/// `spec` of an AuthorizationPolicy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PolicySpec {
    /// The workloads that the policy is for; all of its namespace where absent.
    pub selector: Option<WorkloadSelector>,
    /// The Gateway API object that the policy is for; `targetRefs` has precedence.
    pub target_ref: Option<TargetReference>,
    /// The Gateway API objects that the policy is for.
    #[serde(deserialize_with = "nulls::list")]
    pub target_refs: Vec<TargetReference>,
    /// The rules, any of which may match. None: the policy never matches.
    #[serde(deserialize_with = "nulls::list")]
    pub rules: Vec<Rule>,
    /// What a match means.
    #[serde(deserialize_with = "empty_if_null")]
    pub action: Action,
    /// Who decides, with the action `CUSTOM`.
    pub provider: Option<ExtensionProvider>,
}

/// `spec.action`: what a match means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Action {
    /// A match lets the request through; with any such policy, a request without a match is refused.
    #[default]
    Allow,
    /// A match refuses the request.
    Deny,
    /// A match is marked for the audit; the verdict does not change.
    Audit,
    /// A match calls an external provider.
    Custom,
}

impl Action {
    /// `ALLOW`, `DENY`, `AUDIT` or `CUSTOM`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "ALLOW",
            Self::Deny => "DENY",
            Self::Audit => "AUDIT",
            Self::Custom => "CUSTOM",
        }
    }
}

/// `spec.provider`: the external authorizer of a `CUSTOM` policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ExtensionProvider {
    /// The provider's name in the MeshConfig.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
}

/// `spec.rules[]`: matches a request that one source, one operation and every condition match.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Rule {
    /// The sources, one of which must match; any source where empty.
    #[serde(deserialize_with = "nulls::list")]
    pub from: Vec<RuleFrom>,
    /// The operations, one of which must match; any operation where empty.
    #[serde(deserialize_with = "nulls::list")]
    pub to: Vec<RuleTo>,
    /// The conditions, all of which must match.
    #[serde(deserialize_with = "nulls::list")]
    pub when: Vec<Condition>,
}

/// `spec.rules[].from[]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RuleFrom {
    /// The source; istiod refuses a policy without it.
    pub source: Option<Source>,
}

/// `spec.rules[].to[]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RuleTo {
    /// The operation; istiod refuses a policy without it.
    pub operation: Option<Operation>,
}

/// Who sends the request. Every field that is given must match, with one of its values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Source {
    /// Peer identities, `TRUST-DOMAIN/ns/NAMESPACE/sa/SERVICE-ACCOUNT`.
    #[serde(deserialize_with = "nulls::list")]
    pub principals: Vec<String>,
    /// None of these peer identities.
    #[serde(deserialize_with = "nulls::list")]
    pub not_principals: Vec<String>,
    /// Identities of the JWT, `ISSUER/SUBJECT`.
    #[serde(deserialize_with = "nulls::list")]
    pub request_principals: Vec<String>,
    /// None of these identities of the JWT.
    #[serde(deserialize_with = "nulls::list")]
    pub not_request_principals: Vec<String>,
    /// Namespaces of the peer.
    #[serde(deserialize_with = "nulls::list")]
    pub namespaces: Vec<String>,
    /// None of these namespaces of the peer.
    #[serde(deserialize_with = "nulls::list")]
    pub not_namespaces: Vec<String>,
    /// Service accounts of the peer, `NAME` or `NAMESPACE/NAME`.
    #[serde(deserialize_with = "nulls::list")]
    pub service_accounts: Vec<String>,
    /// None of these service accounts of the peer.
    #[serde(deserialize_with = "nulls::list")]
    pub not_service_accounts: Vec<String>,
    /// Trust domains of the peer.
    #[serde(deserialize_with = "nulls::list")]
    pub trust_domains: Vec<String>,
    /// None of these trust domains of the peer.
    #[serde(deserialize_with = "nulls::list")]
    pub not_trust_domains: Vec<String>,
    /// Addresses of the connection's other end.
    #[serde(deserialize_with = "nulls::list")]
    pub ip_blocks: Vec<String>,
    /// None of these addresses of the connection's other end.
    #[serde(deserialize_with = "nulls::list")]
    pub not_ip_blocks: Vec<String>,
    /// Addresses of the client, which `x-forwarded-for` may tell.
    #[serde(deserialize_with = "nulls::list")]
    pub remote_ip_blocks: Vec<String>,
    /// None of these addresses of the client.
    #[serde(deserialize_with = "nulls::list")]
    pub not_remote_ip_blocks: Vec<String>,
}

/// What is requested. Every field that is given must match, with one of its values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Operation {
    /// Hosts, compared to `:authority` with its port, in any case.
    #[serde(deserialize_with = "nulls::list")]
    pub hosts: Vec<String>,
    /// None of these hosts.
    #[serde(deserialize_with = "nulls::list")]
    pub not_hosts: Vec<String>,
    /// Ports of the workload.
    #[serde(deserialize_with = "nulls::list")]
    pub ports: Vec<String>,
    /// None of these ports.
    #[serde(deserialize_with = "nulls::list")]
    pub not_ports: Vec<String>,
    /// HTTP methods.
    #[serde(deserialize_with = "nulls::list")]
    pub methods: Vec<String>,
    /// None of these methods.
    #[serde(deserialize_with = "nulls::list")]
    pub not_methods: Vec<String>,
    /// Paths, as patterns or templates with `{*}` and `{**}`.
    #[serde(deserialize_with = "nulls::list")]
    pub paths: Vec<String>,
    /// None of these paths.
    #[serde(deserialize_with = "nulls::list")]
    pub not_paths: Vec<String>,
}

/// `spec.rules[].when[]`: a condition on one attribute.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Condition {
    /// The attribute: `source.ip`, `request.headers[NAME]`, …
    #[serde(deserialize_with = "empty_if_null")]
    pub key: String,
    /// One of these values.
    #[serde(deserialize_with = "nulls::list")]
    pub values: Vec<String>,
    /// None of these values.
    #[serde(deserialize_with = "nulls::list")]
    pub not_values: Vec<String>,
}

impl Rule {
    /// The identities of tokens that its sources and conditions name.
    pub(crate) fn request_principals(&self) -> impl Iterator<Item = &str> {
        let sources = self.from.iter().filter_map(|from| from.source.as_ref());
        let of_sources = sources
            .flat_map(|one| one.request_principals.iter().chain(&one.not_request_principals));
        let when = self.when.iter().filter(|when| when.key == "request.auth.principal");
        let of_conditions = when.flat_map(|when| when.values.iter().chain(&when.not_values));
        of_sources.chain(of_conditions).map(String::as_str)
    }
}

impl AuthorizationPolicy {
    /// The policy's namespace; `default` where the manifest names none.
    #[must_use]
    pub(crate) fn namespace(&self) -> &str {
        self.metadata.namespace.as_deref().unwrap_or("default")
    }

    /// Whether the annotation `istio.io/dry-run` makes the policy a shadow that enforces nothing.
    #[must_use]
    pub(crate) fn is_dry_run(&self) -> bool {
        self.metadata
            .annotations
            .get(DRY_RUN)
            .is_some_and(|value| parse_bool(value).unwrap_or_default())
    }
}

/// Reads a boolean as Go's `strconv.ParseBool` does.
pub(super) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

//! The RequestAuthentication of `security.istio.io` v1 and v1beta1, as a cluster stores it.

use serde::Deserialize;

use crate::controllers::istio::nulls;
use crate::controllers::istio::selector::{TargetReference, WorkloadSelector};
use crate::values::k8s::{ObjectMeta, empty_if_null};

/// A RequestAuthentication, as written: not yet validated.
///
/// Source: `security/v1beta1/request_authentication.proto` of istio/api.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RequestAuthentication {
    /// `metadata`.
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub(crate) spec: RequestAuthenticationSpec,
}

/// `spec` of a [`RequestAuthentication`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct RequestAuthenticationSpec {
    /// The workloads; all of its namespace where it is absent.
    pub selector: Option<WorkloadSelector>,
    /// The Gateway API object that it is for; `targetRefs` has precedence.
    pub target_ref: Option<TargetReference>,
    /// The Gateway API objects that it is for.
    #[serde(deserialize_with = "nulls::list")]
    pub target_refs: Vec<TargetReference>,
    /// The tokens that it takes.
    #[serde(deserialize_with = "nulls::list")]
    pub jwt_rules: Vec<JwtRule>,
}

/// `spec.jwtRules[]`: the tokens of one issuer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct JwtRule {
    /// Who issues the tokens; any issuer where empty.
    #[serde(deserialize_with = "empty_if_null")]
    pub issuer: String,
    /// Whom they are for, one of these; anybody where empty.
    #[serde(deserialize_with = "nulls::list")]
    pub audiences: Vec<String>,
    /// Where the issuer's keys are.
    #[serde(deserialize_with = "empty_if_null")]
    pub jwks_uri: String,
    /// The headers that hold the token; `Authorization: Bearer` where nothing is given.
    #[serde(deserialize_with = "nulls::list")]
    pub from_headers: Vec<JwtHeader>,
    /// The query parameters that hold the token.
    #[serde(deserialize_with = "nulls::list")]
    pub from_params: Vec<String>,
    /// The cookies that hold the token.
    #[serde(deserialize_with = "nulls::list")]
    pub from_cookies: Vec<String>,
    /// Whether the token stays in the request.
    #[serde(deserialize_with = "empty_if_null")]
    pub forward_original_token: bool,
    /// The headers that claims are copied to.
    #[serde(deserialize_with = "nulls::list")]
    pub output_claim_to_headers: Vec<ClaimToHeader>,
    /// Further claims that are lists of words.
    #[serde(deserialize_with = "nulls::list")]
    pub space_delimited_claims: Vec<String>,
}

/// `spec.jwtRules[].fromHeaders[]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct JwtHeader {
    /// The header.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// What is before the token.
    #[serde(deserialize_with = "empty_if_null")]
    pub prefix: String,
}

/// `spec.jwtRules[].outputClaimToHeaders[]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct ClaimToHeader {
    /// The header.
    #[serde(deserialize_with = "empty_if_null")]
    pub header: String,
    /// The claim.
    #[serde(deserialize_with = "empty_if_null")]
    pub claim: String,
}

impl RequestAuthentication {
    /// Its namespace; `default` where the manifest names none.
    #[must_use]
    pub(crate) fn namespace(&self) -> &str {
        self.metadata.namespace.as_deref().unwrap_or("default")
    }

    /// The issuers that it takes bearer tokens of, each with an audience where it demands one.
    pub(crate) fn issuers(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let rules = self.spec.jwt_rules.iter().filter(|rule| rule.reads_bearer());
        rules.map(|rule| (rule.issuer.as_str(), rule.audiences.first().map(String::as_str)))
    }

    /// Whether istiod takes it, as far as its selector and rules say (`ValidateRequestAuthentication`,
    /// `pkg/config/validation`).
    #[must_use]
    pub(super) fn is_valid(&self) -> bool {
        let selector = self.spec.selector.iter().flat_map(|selector| selector.errors());
        selector.count() == 0 && self.spec.jwt_rules.iter().all(JwtRule::is_valid)
    }
}

impl JwtRule {
    fn is_valid(&self) -> bool {
        let texts = self.audiences.iter().chain(&self.from_params).chain(&self.from_cookies);
        !(self.issuer.is_empty() && self.jwks_uri.is_empty())
            && texts.into_iter().all(|text| !text.is_empty())
            && self.from_headers.iter().all(|header| !header.name.is_empty())
            && self
                .output_claim_to_headers
                .iter()
                .all(|one| !one.header.is_empty() && !one.claim.is_empty())
    }

    /// Whether it reads `Authorization: Bearer`.
    #[must_use]
    pub(crate) fn reads_bearer(&self) -> bool {
        let is_default = self.from_headers.is_empty()
            && self.from_params.is_empty()
            && self.from_cookies.is_empty();
        is_default
            || self.from_headers.iter().any(|header| {
                header.name.eq_ignore_ascii_case("authorization") && header.prefix == "Bearer "
            })
    }
}

//! What is asked of `set-knative-domain`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::runtime::Checked;
use crate::values::dns_name::DnsName;
use crate::values::k8s::Namespace;

pub(super) const CONFIG_DOMAIN: &str = "config-domain";
pub(super) const CONFIG_NETWORK: &str = "config-network";
pub(super) const DEFAULT_NAMESPACE: &str = "knative-serving";
pub(super) const DOMAIN_TEMPLATE: &str = "domain-template";

/// Rewrites `config-domain`.
pub(crate) struct SetKnativeDomain;

/// What `set-knative-domain` sets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct KnativeDomain {
    /// The domain of every Route that no selector picks.
    #[schemars(example = &"platform.example.com")]
    pub(crate) domain: Option<Checked<DnsName>>,
    /// Domains, each with the labels of the Routes that it is for; one without labels is the domain
    /// of all others.
    pub(crate) domains: Vec<DomainEntry>,
    /// The namespace of Knative Serving. Default: `knative-serving`.
    pub(crate) namespace: Option<Checked<Namespace>>,
    /// Template of a Route's host from its name, namespace and domain; set in `config-network`.
    #[schemars(example = &"{{.Name}}.{{.Namespace}}.{{.Domain}}")]
    pub(crate) domain_template: Option<String>,
    /// Creates missing ConfigMaps, and annotates them as its own. A generator always does.
    pub(crate) create_if_missing: bool,
}

/// A domain and the Routes that it is for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DomainEntry {
    /// The domain.
    pub(crate) domain: Checked<DnsName>,
    /// The labels that a Route must have, all of them.
    pub(crate) selector: BTreeMap<String, String>,
}

/// An entry without a domain is as one with an empty domain.
impl Default for DomainEntry {
    fn default() -> Self {
        Self { domain: Checked::of(""), selector: BTreeMap::new() }
    }
}

//! The hosts that are reached from outside, each with whose it is.

use std::collections::{BTreeMap, BTreeSet};

use super::items::ServingItems;
use super::model::{ServingModel, ServingOptions};
use crate::dns_name::{DnsName, WildcardName};
use crate::finding::{Code, Finding, Severity};
use crate::runtime::Items;

/// A host of an `InferenceService` that is reached from outside of the cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicHost {
    /// The namespace of the service.
    pub namespace: String,
    /// The host.
    pub host: WildcardName,
}

/// The public hosts of the services, by namespace and host, each once.
///
/// `domain` is the one under which Knative serves; it counts where `config-domain` is not among the
/// objects, as in an overlay of its own. Services without a host, and hosts that no certificate or
/// record can have, are told as warnings.
#[must_use]
pub fn public_hosts(
    items: &Items<'_>,
    domain: Option<&DnsName>,
) -> (Vec<PublicHost>, Vec<Finding>) {
    let mut objects = ServingItems::of(items);
    let has_config =
        items.of_kind("", "ConfigMap").any(|item| item.resource.name == "config-domain");
    if let Some(domain) = domain.filter(|_| !has_config) {
        objects.replace_config_domain(&BTreeMap::from([(domain.to_string(), String::new())]));
    }
    let model = ServingModel::build(&objects, &ServingOptions::default());
    let mut findings = model.findings;
    let mut hosts = BTreeSet::new();
    for endpoint in model.endpoints {
        for host in endpoint.public_hosts() {
            match host.parse() {
                Ok(host) => {
                    hosts.insert(PublicHost { namespace: endpoint.namespace.clone(), host });
                }
                Err(error) => findings.push(
                    Finding::error(Code::KserveHostInvalid, format!("{error}"))
                        .on(&endpoint.resource()),
                ),
            }
        }
        findings.extend(endpoint.findings);
    }
    findings.retain(Finding::is_error);
    for finding in &mut findings {
        // It is the service that is broken, not what is planned for the others.
        finding.severity = Severity::Warning;
    }
    (hosts.into_iter().collect(), findings)
}

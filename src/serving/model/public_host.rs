//! The hosts that are reached from outside, each with whose it is.

use std::collections::BTreeMap;

use super::diags::NotServed;
use super::diags::{Findings, InvalidHost};
use super::read::serving_items;
use crate::controllers::kserve::{InferenceService, ServingItems, ServingModel, ServingOptions};
use crate::finding::Finding;
use crate::runtime::Items;
use crate::values::dns_name::{DnsName, WildcardName};

/// A host of an `InferenceService` that is reached from outside of the cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicHost {
    /// The namespace of the service.
    pub namespace: String,
    /// The host.
    pub host: WildcardName,
}

/// The public hosts of the services, by namespace and service.
///
/// `domain` is the one under which Knative serves; it counts where `config-domain` is not among the
/// objects, as in an overlay of its own. Services without a host, and hosts that no certificate or
/// record can have, are reported as warnings.
#[must_use]
pub fn public_hosts(
    items: &Items<'_>,
    domain: Option<&DnsName>,
) -> (Vec<PublicHost>, Vec<Finding>) {
    let objects = objects(items, domain);
    let model = ServingModel::build(&objects, &ServingOptions::default());
    let mut findings = model.findings();
    let mut hosts = Vec::new();
    for endpoint in &model.endpoints {
        for host in endpoint.public_hosts() {
            match host.parse() {
                Ok(host) => hosts.push(PublicHost { namespace: endpoint.namespace.clone(), host }),
                Err(error) => {
                    findings.push(Finding::from(InvalidHost(error)).on(&endpoint.resource()));
                }
            }
        }
        findings.extend(endpoint.findings());
    }
    findings.retain(Finding::is_error);
    // It is the service that is broken, not what is planned for the others.
    (hosts, findings.into_iter().map(|finding| NotServed(finding).into()).collect())
}

/// Stands for every service to come: what is made of it tells what will be made of them.
const TO_COME: &str = "to-come";

/// The hosts that services of namespaces will have, by namespace, with `*` for the label that their name is in: of
/// a service without labels, by the objects' configuration and `domain`, as in [`public_hosts`].
///
/// A namespace is missing where its services will have no public host, or one whose first label does
/// not tell them apart, so that no wildcard covers them.
#[must_use]
pub fn hosts_to_come<'n>(
    items: &Items<'_>,
    domain: Option<&DnsName>,
    namespaces: impl IntoIterator<Item = &'n String>,
) -> Vec<PublicHost> {
    let mut objects = objects(items, domain);
    objects.replace_services(namespaces.into_iter().map(|namespace| {
        let mut service = InferenceService::default();
        service.metadata.name = TO_COME.to_owned();
        service.metadata.namespace = Some(namespace.clone());
        service
    }));
    let mut hosts = Vec::new();
    for endpoint in ServingModel::build(&objects, &ServingOptions::default()).endpoints {
        for host in endpoint.public_hosts() {
            let Some((label, parent)) = host.split_once('.') else { continue };
            if let (true, Ok(host)) = (label.contains(TO_COME), format!("*.{parent}").parse()) {
                hosts.push(PublicHost { namespace: endpoint.namespace.clone(), host });
            }
        }
    }
    // The hosts of one service are sorted, and so are the services.
    hosts.dedup();
    hosts
}

/// Those of one namespace, of hosts that are sorted by namespace.
#[must_use]
pub fn of_namespace<'h>(hosts: &'h [PublicHost], namespace: &str) -> &'h [PublicHost] {
    let from = hosts.partition_point(|host| host.namespace.as_str() < namespace);
    let count = hosts[from..].partition_point(|host| host.namespace == namespace);
    &hosts[from..from + count]
}

fn objects(items: &Items<'_>, domain: Option<&DnsName>) -> ServingItems {
    let mut objects = serving_items(items);
    if let Some(domain) = domain.filter(|_| !objects.have_config_domain()) {
        let wanted = BTreeMap::from([(domain.to_string(), String::new())]);
        objects.replace_config_domain(Some(&wanted));
    }
    objects
}

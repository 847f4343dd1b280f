//! The hosts that are reached from outside, each with whose it is.

use std::collections::{BTreeMap, BTreeSet};

use super::diags::NotServed;
use super::diags::{Findings, InvalidHost};
use super::read::serving_items;
use crate::controllers::kserve::{
    Endpoint, EndpointKind, InferenceService, ServingItems, ServingModel, ServingOptions,
};
use crate::finding::{Code, Finding};
use crate::runtime::{Item, Items};
use crate::values::dns_name::{DnsName, WildcardName};
use crate::values::k8s::Namespace;

/// A host of an `InferenceService` that is reached from outside the cluster.
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
    let model = ServingModel::built_of(objects(items, domain), &ServingOptions::default());
    let mut findings = model.findings();
    let mut hosts = Vec::new();
    let elsewhere = gateways_of_aws(items);
    // An Ingress has a load balancer of its own, as a Gateway of AWS's controller has.
    let is_here = |endpoint: &&Endpoint| {
        let mut gateways = endpoint.routes.iter().flat_map(|route| &route.gateways);
        endpoint.kind != EndpointKind::Ingress
            && (endpoint.kind != EndpointKind::HttpRoute
                || gateways.any(|gateway| !elsewhere.contains(gateway)))
    };
    for endpoint in model.endpoints.iter().filter(is_here) {
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
    // It is the service that is broken, not what is planned for the others.
    let told = findings.into_iter().filter_map(|finding| {
        if finding.is_error() {
            return Some(NotServed(finding).into());
        }
        is_about_hosts(finding.code).then_some(finding)
    });
    (hosts, told.collect())
}

/// Warnings that a host is another than the manifests seem to say.
fn is_about_hosts(code: Code) -> bool {
    matches!(
        code,
        Code::KserveAnnotationMisspelt
            | Code::KserveVisibilityIgnored
            | Code::KserveStatusUrl
            | Code::KnativeOperatorOverrides
    )
}

/// The Gateways, `NAMESPACE/NAME`, that the AWS Load Balancer Controller serves.
fn gateways_of_aws(items: &Items<'_>) -> BTreeSet<String> {
    const GROUP: &str = "gateway.networking.k8s.io";
    let controller = |item: &&Item<'_>| {
        let name = item.text(&["spec", "controllerName"]);
        name.is_some_and(|name| name.starts_with("gateway.k8s.aws/"))
    };
    let classes: BTreeSet<&str> = items
        .of_kind(GROUP, "GatewayClass")
        .filter(controller)
        .map(|item| item.resource.name.as_str())
        .collect();
    let gateways = items.of_kind(GROUP, "Gateway").filter(|item| {
        let class = item.text(&["spec", "gatewayClassName"]);
        class.is_some_and(|class| classes.contains(class.as_str()))
    });
    gateways
        .map(|item| {
            let namespace = item.resource.namespace.as_deref().unwrap_or("default");
            format!("{namespace}/{}", item.resource.name)
        })
        .collect()
}

/// Represents every future service: its hosts show what theirs will be.
const TO_COME: &str = "to-come";

/// The hosts that services of namespaces will have, by namespace, with `*` for the label that their name is in: of
/// a service without labels, by the objects' configuration and `domain`, as in [`public_hosts`].
///
/// A namespace is missing where its services will have no public host, or one whose first label does
/// not tell them apart, so that no wildcard covers them.
#[must_use]
pub(crate) fn hosts_to_come<'n>(
    items: &Items<'_>,
    domain: Option<&DnsName>,
    namespaces: impl IntoIterator<Item = &'n Namespace>,
) -> Vec<PublicHost> {
    let mut objects = objects(items, domain);
    objects.replace_services(namespaces.into_iter().map(|namespace| {
        let mut service = InferenceService::default();
        service.metadata.name = TO_COME.to_owned();
        service.metadata.namespace = Some(namespace.to_string());
        service
    }));
    let mut hosts = Vec::new();
    for endpoint in ServingModel::built_of(objects, &ServingOptions::default()).endpoints {
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
pub(crate) fn of_namespace<'h>(hosts: &'h [PublicHost], namespace: &str) -> &'h [PublicHost] {
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

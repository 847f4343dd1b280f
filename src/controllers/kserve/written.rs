//! Hosts that something other than `KServe` requests: Knative's Services, Routes and `DomainMapping`s,
//! and `VirtualService`s, routes of the Gateway API and Ingresses that are written by hand.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::endpoint::{EndpointKind, HostRule, RouteKind, ServingRoute};
use super::inference_service::Status;
use super::knative_mode::knative_route;
use super::reconciled::{Knative, Reconciled};
use super::remark::Remark;
use crate::controllers::gateway_api::{Gateways, ParentReference};
use crate::controllers::gateway_listeners::asks_for;
use crate::controllers::knative::Route;
use crate::values::k8s::{empty_if_null, group_and_version};
use crate::values::route_host::is_subdomain;

/// An object that names hosts, whatever its kind.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Written {
    pub(super) api_version: String,
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) metadata: WrittenMeta,
    #[serde(deserialize_with = "empty_if_null")]
    spec: WrittenSpec,
    /// Of Knative's, as an export has it.
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) status: Status,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WrittenMeta {
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    #[serde(deserialize_with = "empty_if_null")]
    labels: BTreeMap<String, String>,
    #[serde(deserialize_with = "empty_if_null")]
    annotations: BTreeMap<String, String>,
    #[serde(deserialize_with = "empty_if_null")]
    owner_references: Vec<IgnoredAny>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WrittenSpec {
    /// Of a VirtualService.
    #[serde(deserialize_with = "empty_if_null")]
    hosts: Vec<String>,
    #[serde(deserialize_with = "empty_if_null")]
    gateways: Vec<String>,
    /// Of a route of the Gateway API.
    #[serde(deserialize_with = "empty_if_null")]
    hostnames: Vec<String>,
    #[serde(deserialize_with = "empty_if_null")]
    parent_refs: Vec<ParentReference>,
    /// Of an Ingress.
    #[serde(deserialize_with = "empty_if_null")]
    rules: Vec<Rule>,
    /// Of Knative's.
    #[serde(deserialize_with = "empty_if_null")]
    traffic: Vec<Traffic>,
    /// Of a DomainMapping: a certificate that somebody else provides.
    tls: Option<IgnoredAny>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Rule {
    #[serde(deserialize_with = "empty_if_null")]
    host: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Traffic {
    #[serde(deserialize_with = "empty_if_null")]
    tag: String,
}

/// The kind of a written object; `None` for kinds without hosts.
pub(super) fn kind_of(api_version: &str, kind: &str) -> Option<EndpointKind> {
    Some(match (group_and_version(api_version).0, kind) {
        ("serving.knative.dev", "Service") => EndpointKind::KnativeService,
        ("serving.knative.dev", "Route") => EndpointKind::KnativeRoute,
        ("serving.knative.dev", "DomainMapping") => EndpointKind::DomainMapping,
        ("networking.istio.io", "VirtualService") => EndpointKind::VirtualService,
        ("gateway.networking.k8s.io", "HTTPRoute") => EndpointKind::HttpRoute,
        ("networking.k8s.io", "Ingress") => EndpointKind::Ingress,
        _ => return None,
    })
}

/// A gateway of the cluster's inside, by its usual names.
fn is_local(gateway: &str) -> bool {
    let name = gateway.rsplit('/').next().unwrap_or(gateway);
    matches!(name, "mesh" | "knative-local-gateway" | "cluster-local-gateway")
}

/// Whether a host may be requested from outside the cluster. The API server takes no other than a DNS name,
/// also behind a wildcard.
fn is_of_outside(host: &str) -> bool {
    let name = host.strip_prefix("*.").unwrap_or(host);
    host.contains('.')
        && is_subdomain(name)
        && !host.ends_with(".svc")
        && !host.ends_with(".cluster.local")
}

impl Written {
    /// Whether another object's controller created it, as in an export of a cluster: the other object
    /// tells its hosts.
    pub(super) fn has_owner(&self) -> bool {
        !self.metadata.owner_references.is_empty()
    }

    /// Its route.
    pub(super) fn reconcile(
        &self,
        kind: EndpointKind,
        namespace: &str,
        knative: &Knative<'_>,
        known: &Gateways,
    ) -> Reconciled {
        match kind {
            EndpointKind::KnativeService | EndpointKind::KnativeRoute => {
                self.of_knative(kind, namespace, knative)
            }
            EndpointKind::DomainMapping => {
                let url = format!("{}://{}", self.mapping_scheme(knative), self.metadata.name);
                let host = std::slice::from_ref(&self.metadata.name);
                let mut reconciled = self.route(RouteKind::Knative, host, Vec::new());
                reconciled.url = Some(url);
                reconciled
            }
            EndpointKind::VirtualService => {
                let public: Vec<String> =
                    self.spec.gateways.iter().filter(|one| !is_local(one)).cloned().collect();
                if public.is_empty() {
                    return Reconciled::default();
                }
                self.route(RouteKind::VirtualService, &self.spec.hosts, public)
            }
            EndpointKind::HttpRoute => {
                let gateways = self.spec.parent_refs.iter().filter(|parent| parent.is_gateway());
                let gateways: Vec<String> = gateways
                    .map(|one| {
                        format!("{}/{}", one.namespace.as_deref().unwrap_or(namespace), one.name)
                    })
                    .collect();
                if gateways.is_empty() {
                    return Reconciled::default();
                }
                if self.spec.hostnames.is_empty() {
                    let listeners: Vec<String> = self.listener_hosts(namespace, known);
                    return self.route(RouteKind::HttpRoute, &listeners, gateways);
                }
                self.route(RouteKind::HttpRoute, &self.spec.hostnames, gateways)
            }
            _ => {
                let hosts: Vec<String> =
                    self.spec.rules.iter().map(|rule| rule.host.clone()).collect();
                self.route(RouteKind::Ingress, &hosts, Vec::new())
            }
        }
    }

    /// The scheme of a mapping's URL.
    ///
    /// Source: `ReconcileKind` and `tls` in `pkg/reconciler/domainmapping/reconciler.go` of Knative Serving 1.21.
    fn mapping_scheme<'k>(&self, knative: &Knative<'k>) -> &'k str {
        let Ok(network) = knative.network else { return "http" };
        if self.spec.tls.is_some() {
            return "https";
        }
        network.external_scheme(&self.metadata.annotations)
    }

    /// The hosts of the listeners that a route without hosts of its own is attached to.
    fn listener_hosts(&self, namespace: &str, known: &Gateways) -> Vec<String> {
        let mut hosts = Vec::new();
        for parent in self.spec.parent_refs.iter().filter(|parent| parent.is_gateway()) {
            let place = parent.namespace.clone().unwrap_or_else(|| namespace.to_owned());
            let Some(gateway) = known.get(&(place, parent.name.clone())) else { continue };
            let chosen =
                gateway.spec.listeners.iter().filter(|listener| asks_for(parent, listener));
            hosts.extend(chosen.map(|listener| listener.hostname.clone()));
        }
        hosts
    }

    fn route(&self, kind: RouteKind, hosts: &[String], gateways: Vec<String>) -> Reconciled {
        let mut reconciled = Reconciled::default();
        let rules: Vec<HostRule> = hosts
            .iter()
            .filter(|host| is_of_outside(host))
            .map(|host| HostRule { host: host.clone(), backend: "".into() })
            .collect();
        if !rules.is_empty() {
            let name = self.metadata.name.clone();
            reconciled.routes.push(ServingRoute { kind, name, public: true, gateways, rules });
        }
        reconciled
    }

    fn of_knative(&self, kind: EndpointKind, namespace: &str, knative: &Knative<'_>) -> Reconciled {
        let mut reconciled = Reconciled::default();
        let (Ok(domain), Ok(network)) = (knative.domain, knative.network) else {
            return reconciled;
        };
        let name = &self.metadata.name;
        let mut labels = self.metadata.labels.clone();
        if kind == EndpointKind::KnativeService {
            labels.insert("serving.knative.dev/service".to_owned(), name.clone());
        }
        let tags = self.spec.traffic.iter().map(|one| one.tag.clone());
        let route = Route {
            name: name.clone(),
            namespace: namespace.to_owned(),
            labels,
            annotations: self.metadata.annotations.clone(),
            tags: tags.filter(|tag| !tag.is_empty()).collect(),
        };
        match route.hosts(domain, network) {
            Ok(hosts) => {
                reconciled.url = Some(format!("{}://{}", hosts.scheme, hosts.host));
                reconciled.routes.push(knative_route(name, &hosts));
            }
            Err(error) => reconciled.remark(Remark::RouteWithoutHost(error)),
        }
        reconciled
    }
}

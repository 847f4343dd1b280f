//! The VirtualService before the Knative Services of an `InferenceService`.
//!
//! Source: `createIngress` in `reconcilers/ingress/ingress_reconciler.go`.

use super::endpoint::{HostRule, RouteKind, ServingRoute};
use super::hosts::additional_hosts;
use super::inference_service::{Component, InferenceService};
use super::ingress_settings::{ADDITIONAL_DOMAINS, IngressSettings};
use super::made::{Knative, Made, component_labels};
use super::marks::NETWORK_VISIBILITY;
use super::naming::{predictor_variant, stripped};
use crate::controllers::knative::{
    CLUSTER_LOCAL, CLUSTER_LOCAL_DOMAIN, ConfigDomain, Route, RouteHosts, VISIBILITY_LABEL,
};
use crate::finding::{Code, Finding};
use crate::values::release::Release;
use crate::values::route_host::excerpt;

/// From here on the mesh's own traffic takes the VirtualService.
const MESH_GATEWAY: Release = Release::new(0, 14, 0);

/// What a VirtualService is made of.
pub(super) struct Before<'a> {
    pub(super) service: &'a InferenceService,
    pub(super) namespace: &'a str,
    pub(super) entry_hosts: &'a RouteHosts,
    pub(super) backend: &'a str,
    pub(super) knative: &'a Knative<'a>,
    pub(super) settings: &'a IngressSettings,
}

impl Before<'_> {
    /// The VirtualService, and what is wrong with it.
    pub(super) fn virtual_service(&self, path_based: bool, made: &mut Made) -> ServingRoute {
        let kserve = self.knative.kserve;
        let name = &self.service.metadata.name;
        let local = format!("{name}.{}.{CLUSTER_LOCAL_DOMAIN}", self.namespace);
        let host = stripped(self.entry_hosts.host.as_str(), self.service.entry(), kserve);
        let labelled = self
            .service
            .metadata
            .labels
            .get(VISIBILITY_LABEL)
            .is_some_and(|value| value == CLUSTER_LOCAL);
        let internal = labelled || host == local;
        self.check(&host, &local, internal, made);
        let mut gateways = vec![self.settings.local_gateway.clone()];
        if kserve >= MESH_GATEWAY {
            gateways.push("mesh".to_owned());
        }
        let mut hosts = vec![local];
        if !internal {
            hosts.push(host.clone());
            gateways.push(self.settings.ingress_gateway.clone());
        }
        if path_based {
            hosts.push(self.settings.ingress_domain.clone());
            made.findings.push(Finding::info(
                Code::KservePathTemplateDomain,
                format!("pathTemplate puts the bare host {} into the VirtualService, as that of every other service", self.settings.ingress_domain),
            ));
            if internal {
                made.findings.push(Finding::warning(
                    Code::KservePathTemplateNoRoute,
                    "the URL is path-based, and the service inside of the cluster has no public gateway for it",
                ));
            }
        }
        if !internal && kserve >= ADDITIONAL_DOMAINS {
            let keys = self.knative.domain.into_iter().flat_map(ConfigDomain::keys);
            let additional = additional_hosts(&host, keys, self.settings, kserve);
            made.findings.extend(additional.findings);
            let before = hosts.clone();
            let once = kserve >= MESH_GATEWAY;
            hosts.extend(
                additional.hosts.into_iter().filter(|host| !once || !before.contains(host)),
            );
        }
        ServingRoute {
            kind: RouteKind::VirtualService,
            name: name.clone(),
            public: !internal,
            gateways,
            rules: hosts
                .into_iter()
                .map(|host| HostRule { host, backend: self.backend.to_owned() })
                .collect(),
        }
    }

    /// What the controller does wrong or silently with this host.
    fn check(&self, host: &str, local: &str, internal: bool, made: &mut Made) {
        let kserve = self.knative.kserve;
        if self.entry_hosts.cluster_local && !internal {
            made.findings.push(Finding::error(
                Code::KservePublicGatewayLeak,
                format!(
                    "the service is meant for the cluster only, but its VirtualService takes the public gateway {} with the host {host}; set the label {VISIBILITY_LABEL}: {CLUSTER_LOCAL} on the InferenceService",
                    self.settings.ingress_gateway
                ),
            ));
        }
        let right = self.right_host().filter(|right| right != host && host != local);
        if let Some(right) = right {
            if predictor_variant(self.service, kserve).is_some()
                && self.service.entry() == Component::Predictor
            {
                made.findings.push(Finding::warning(
                    Code::KservePredictorNameInHost,
                    format!("the predictor's name is part of the host {host}, and not of the address inside of the cluster; without predictor.name the host is {right}"),
                ));
            } else {
                made.findings.push(Finding::warning(
                    Code::KserveHostNotStripped,
                    format!("the controller makes {host} of the component's host, where {right} is meant; avoid -default and -{} in names, namespaces and domains", self.service.entry().as_str()),
                ));
            }
        }
        let kserve_label = self.service.metadata.labels.get(NETWORK_VISIBILITY);
        if !internal && kserve_label.is_some_and(|value| value == CLUSTER_LOCAL) {
            made.findings.push(Finding::error(
                Code::KserveVisibilityIgnored,
                format!("the label {NETWORK_VISIBILITY} counts in Standard mode only, and the service is public; write {VISIBILITY_LABEL}: {CLUSTER_LOCAL}"),
            ).field(format!("metadata.labels[{NETWORK_VISIBILITY}]")));
        }
        let knative_label = self.service.metadata.labels.get(VISIBILITY_LABEL);
        if let Some(value) = knative_label.filter(|value| *value != CLUSTER_LOCAL) {
            made.findings.push(Finding::warning(
                Code::KserveVisibilityIgnored,
                format!("the label {VISIBILITY_LABEL} is {:?}, which counts for nothing; write {CLUSTER_LOCAL} or remove it", excerpt(value)),
            ).field(format!("metadata.labels[{VISIBILITY_LABEL}]")));
        }
        if self.settings.ingress_gateway.is_empty() {
            return;
        }
        let unqualified = !self.settings.ingress_gateway.contains('/');
        if unqualified && !internal {
            made.findings.push(Finding::warning(
                Code::KserveGatewayWithoutNamespace,
                format!("ingressGateway {:?} names a Gateway in the namespace of each service; write namespace/name", excerpt(&self.settings.ingress_gateway)),
            ));
        }
    }

    /// The host that a Route of the service's own name would have.
    fn right_host(&self) -> Option<String> {
        let (Ok(domain), Ok(network)) = (self.knative.domain, self.knative.network) else {
            return None;
        };
        let entry = self.service.entry();
        let spec = self.service.components().find(|(component, _)| *component == entry)?.1;
        let mut labels = component_labels(self.service, entry, spec, self.knative.kserve);
        labels.insert("serving.knative.dev/service".to_owned(), self.backend.to_owned());
        let route = Route {
            name: self.service.metadata.name.clone(),
            namespace: self.namespace.to_owned(),
            labels,
            ..Route::default()
        };
        route.hosts(domain, network).ok().map(|hosts| hosts.host.to_string())
    }
}

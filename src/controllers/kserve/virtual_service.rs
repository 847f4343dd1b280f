//! The VirtualService before the Knative Services of an `InferenceService`.
//!
//! Source: `createIngress` in `reconcilers/ingress/ingress_reconciler.go`.

use std::sync::Arc;

use super::annotations::{NETWORK_VISIBILITY, component_labels};
use super::endpoint::{HostRule, RouteKind, ServingRoute};
use super::hosts::additional_hosts;
use super::inference_service::{Component, InferenceService};
use super::ingress_settings::{ADDITIONAL_DOMAINS, IngressSettings};
use super::naming::{predictor_variant, stripped};
use super::reconciled::{Knative, Reconciled};
use super::remark::VirtualServiceRemark;
use crate::controllers::knative::{
    CLUSTER_LOCAL, CLUSTER_LOCAL_DOMAIN, ConfigDomain, Route, RouteHosts, VISIBILITY_LABEL,
};
use crate::values::release::Release;

/// From here on the mesh's own traffic takes the VirtualService.
const MESH_GATEWAY: Release = Release::new(0, 14, 0);

/// What a VirtualService is created of.
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
    pub(super) fn virtual_service(
        &self,
        path_based: bool,
        reconciled: &mut Reconciled,
    ) -> ServingRoute {
        let kserve = self.knative.kserve;
        let name = &self.service.metadata.name;
        let local = format!("{name}.{}.{CLUSTER_LOCAL_DOMAIN}", self.namespace);
        let host = stripped(self.entry_hosts.host.as_str(), self.service.entry(), kserve);
        let labelled = self.label(VISIBILITY_LABEL).is_some_and(|value| value == CLUSTER_LOCAL);
        let internal = labelled || host == local;
        self.check_host(&host, &local, internal, reconciled);
        self.check_labels(internal, reconciled);
        self.check_gateway(internal, reconciled);
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
            let domain = self.settings.ingress_domain.clone();
            hosts.push(domain.clone());
            reconciled.remark(VirtualServiceRemark::BareDomain(domain));
            if internal {
                reconciled.remark(VirtualServiceRemark::PathInsideOnly);
            }
        }
        if !internal && kserve >= ADDITIONAL_DOMAINS {
            self.add_additional_hosts(&host, &mut hosts, reconciled);
        }
        let backend: Arc<str> = self.backend.into();
        let rule = |host| HostRule { host, backend: Arc::clone(&backend) };
        ServingRoute {
            kind: RouteKind::VirtualService,
            name: name.clone(),
            public: !internal,
            gateways,
            rules: hosts.into_iter().map(rule).collect(),
        }
    }

    fn add_additional_hosts(
        &self,
        host: &str,
        hosts: &mut Vec<String>,
        reconciled: &mut Reconciled,
    ) {
        let kserve = self.knative.kserve;
        let keys = self.knative.domain.into_iter().flat_map(ConfigDomain::keys);
        let additional = additional_hosts(host, keys, self.settings, kserve);
        reconciled.remarks.extend(additional.remarks.into_iter().map(Into::into));
        let before = hosts.clone();
        let once = kserve >= MESH_GATEWAY;
        hosts.extend(additional.hosts.into_iter().filter(|host| !once || !before.contains(host)));
    }

    fn label(&self, key: &str) -> Option<&str> {
        self.service.metadata.labels.get(key).map(String::as_str)
    }

    /// What the controller does wrong with this host.
    fn check_host(&self, host: &str, local: &str, internal: bool, reconciled: &mut Reconciled) {
        if self.entry_hosts.cluster_local && !internal {
            reconciled.remark(VirtualServiceRemark::PublicGatewayLeak {
                gateway: self.settings.ingress_gateway.clone(),
                host: host.to_owned(),
            });
        }
        let right = self.right_host().filter(|right| right != host && host != local);
        let Some(right) = right else { return };
        let host = host.to_owned();
        let entry = self.service.entry();
        let is_named = predictor_variant(self.service, self.knative.kserve).is_some();
        reconciled.remark(if is_named && entry == Component::Predictor {
            VirtualServiceRemark::PredictorNameInHost { host, right }
        } else {
            VirtualServiceRemark::HostNotStripped { host, right, entry }
        });
    }

    /// Visibility labels that are not read here.
    fn check_labels(&self, internal: bool, reconciled: &mut Reconciled) {
        let of_standard = self.label(NETWORK_VISIBILITY);
        if !internal && of_standard.is_some_and(|value| value == CLUSTER_LOCAL) {
            reconciled.remark(VirtualServiceRemark::VisibilityOfStandardMode);
        }
        if let Some(value) = self.label(VISIBILITY_LABEL).filter(|value| *value != CLUSTER_LOCAL) {
            reconciled.remark(VirtualServiceRemark::VisibilityValue(value.to_owned()));
        }
    }

    fn check_gateway(&self, internal: bool, reconciled: &mut Reconciled) {
        let gateway = &self.settings.ingress_gateway;
        if !gateway.is_empty() && !gateway.contains('/') && !internal {
            reconciled.remark(VirtualServiceRemark::GatewayWithoutNamespace(gateway.clone()));
        }
    }

    /// The host that a Route of the service's own name would have.
    fn right_host(&self) -> Option<String> {
        let (Ok(domain), Ok(network)) = (self.knative.domain, self.knative.network) else {
            return None;
        };
        let name = &self.service.metadata.name;
        if network.has_default_template() {
            let rest = self.entry_hosts.host.as_str().strip_prefix(self.backend)?;
            return Some(format!("{name}{rest}"));
        }
        let entry = self.service.entry();
        let spec = self.service.components().find(|(component, _)| *component == entry)?.1;
        let runtime = self.knative.runtime.filter(|_| entry == Component::Predictor);
        let mut labels = component_labels(self.service, entry, spec, runtime, self.knative.kserve);
        labels.insert("serving.knative.dev/service".to_owned(), self.backend.to_owned());
        let route = Route {
            name: name.clone(),
            namespace: self.namespace.to_owned(),
            labels,
            ..Route::default()
        };
        route.hosts(domain, network).ok().map(|hosts| hosts.host.to_string())
    }
}

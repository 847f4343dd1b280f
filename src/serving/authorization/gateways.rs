//! The identities of the gateways in the input.
//!
//! A gateway's pods are those that its Service selects, those that the Istio Gateway of `KServe`'s configuration
//! selects, or those that Istio itself creates for a Gateway of the Gateway API
//! (`pilot/pkg/config/kube/gateway/deploymentcontroller.go`: both the Deployment and its service account are called
//! `NAME-CLASS`).

use std::collections::BTreeSet;

use super::principal::{Principal, TrustDomain};
use crate::cluster::workload::Workload;
use crate::cluster::{Cluster, Kept, may_be_one};
use crate::controllers::istio::Gateway;
use crate::controllers::kserve::ServingModel;

/// The Services of gateways: those of Istio's own charts and of Kubeflow, and those of `KServe`'s own configuration.
const PUBLIC: [&str; 3] = ["istio-ingressgateway", "istio-ingress", "istio-gateway"];
const LOCAL: [&str; 2] = ["knative-local-gateway", "cluster-local-gateway"];
/// The label `istio` of the pods of these gateways.
const PUBLIC_LABEL: &str = "ingressgateway";
const LOCAL_LABEL: &str = "cluster-local-gateway";
/// The classes of Gateways for which Istio creates pods.
const ISTIO_CLASS: &str = "istio";
/// The annotation that gives their pods another service account.
const SERVICE_ACCOUNT: &str = "gateway.istio.io/service-account";

/// By what the objects tell the gateways of requests from outside, or those of requests of the cluster.
pub(super) struct Side<'m> {
    /// The Services before their pods.
    services: Vec<&'m str>,
    /// The label `istio` of their pods.
    pub(super) label: &'static str,
    /// The Istio Gateway of `KServe`'s configuration, `NAMESPACE/NAME`.
    gateway: Option<&'m str>,
}

impl<'m> Side<'m> {
    /// Those of requests from outside.
    pub(super) fn public(model: &'m ServingModel) -> Self {
        let gateway = model.settings.as_ref().map(|settings| settings.ingress_gateway.as_str());
        Self { services: PUBLIC.to_vec(), label: PUBLIC_LABEL, gateway }
    }

    /// Those of requests of the cluster, among them that of `localGatewayService`.
    pub(super) fn local(model: &'m ServingModel) -> Self {
        let settings = model.settings.as_ref();
        let configured = settings.and_then(|one| one.local_gateway_service.split('.').next());
        let services = LOCAL.into_iter().chain(configured).collect();
        let gateway = settings.map(|settings| settings.local_gateway.as_str());
        Self { services, label: LOCAL_LABEL, gateway }
    }

    /// Whether the pods of a workload are such a gateway.
    pub(super) fn has(&self, cluster: &Cluster<'_>, workload: &Kept<Workload>) -> bool {
        let labels = &workload.object.spec.template.metadata.labels;
        let mut gateways = cluster.objects.istio_gateways.iter();
        let selects = |gateway: &Gateway| {
            let selector = &gateway.spec.selector;
            self.gateway == Some(&*gateway.full_name())
                && !selector.is_empty()
                && selector.iter().all(|(key, value)| labels.get(key) == Some(value))
        };
        is_selected(cluster, workload, &self.services)
            || has_label(workload, self.label)
            || gateways.any(|one| selects(&one.object))
    }
}

/// The identities of gateways, as far as the objects tell them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GatewayIdentities {
    /// Of those that requests from outside come through.
    pub public: BTreeSet<Principal>,
    /// Of those that requests of the cluster come through.
    pub local: BTreeSet<Principal>,
}

impl GatewayIdentities {
    /// Reads them from the objects.
    #[must_use]
    pub(crate) fn of(
        cluster: &Cluster<'_>,
        model: &ServingModel,
        trust_domain: &TrustDomain,
    ) -> Self {
        let of = |side: &Side<'_>| {
            let workloads = cluster.objects.workloads.iter();
            let found = workloads.filter(|one| side.has(cluster, one));
            found.map(|one| identity(one, trust_domain)).collect()
        };
        let mut identities =
            Self { public: of(&Side::public(model)), local: of(&Side::local(model)) };
        for gateway in &cluster.objects.gateways {
            let class = gateway.object.spec.gateway_class_name.as_str();
            // One with addresses is served by the pods of the Service that they name.
            if class == ISTIO_CLASS && gateway.object.spec.addresses.is_empty() {
                let namespace = gateway.resource.namespace.as_deref().unwrap_or("default");
                let named = gateway.object.metadata.annotations.get(SERVICE_ACCOUNT).cloned();
                let account = named.unwrap_or_else(|| format!("{}-{class}", gateway.resource.name));
                identities.public.insert(trust_domain.principal(namespace, &account));
            }
        }
        identities
    }
}

/// Whether one of the Services selects the workload's pods.
fn is_selected(cluster: &Cluster<'_>, workload: &Kept<Workload>, services: &[&str]) -> bool {
    let labels = &workload.object.spec.template.metadata.labels;
    cluster.objects.services.iter().any(|service| {
        let selector = &service.object.spec.selector;
        services.contains(&service.resource.name.as_str())
            && may_be_one(&service.resource.namespace, &workload.resource.namespace)
            && !selector.is_empty()
            && selector.iter().all(|(key, value)| labels.get(key) == Some(value))
    })
}

fn has_label(workload: &Kept<Workload>, label: &str) -> bool {
    let labels = &workload.object.spec.template.metadata.labels;
    labels.get("istio").is_some_and(|value| value == label)
}

fn identity(workload: &Kept<Workload>, trust_domain: &TrustDomain) -> Principal {
    let account = workload.object.spec.template.spec.service_account_name.as_str();
    let account = if account.is_empty() { "default" } else { account };
    let namespace = workload.resource.namespace.as_deref().unwrap_or("default");
    trust_domain.principal(namespace, account)
}

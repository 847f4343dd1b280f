//! The identities of the gateways in the input.
//!
//! A gateway's pods are those that its Service selects, or those that Istio itself creates for a
//! Gateway of the Gateway API (`pilot/pkg/config/kube/gateway/deploymentcontroller.go`: both the
//! Deployment and its service account are called `NAME-CLASS`).

use std::collections::BTreeSet;

use super::principal::{Principal, TrustDomain};
use crate::cluster::workload::Workload;
use crate::cluster::{Cluster, Kept, may_be_one};

/// The Services of gateways: those of Istio's own charts and of Kubeflow, and `KServe`'s
/// `localGatewayService` and `knativeLocalGatewayService`.
pub(super) const PUBLIC: [&str; 3] = ["istio-ingressgateway", "istio-ingress", "istio-gateway"];
pub(super) const LOCAL: [&str; 2] = ["knative-local-gateway", "cluster-local-gateway"];
/// The label `istio` of the pods of these gateways.
pub(super) const PUBLIC_LABEL: &str = "ingressgateway";
pub(super) const LOCAL_LABEL: &str = "cluster-local-gateway";
/// The classes of Gateways for which Istio creates pods.
const ISTIO_CLASS: &str = "istio";
/// The annotation that gives their pods another service account.
const SERVICE_ACCOUNT: &str = "gateway.istio.io/service-account";

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
    pub(crate) fn of(cluster: &Cluster<'_>, trust_domain: &TrustDomain) -> Self {
        let selected_by = |services: &[&str], label: &str| {
            let mut found = BTreeSet::new();
            for workload in &cluster.objects.workloads {
                if is_selected(cluster, workload, services) || has_label(workload, label) {
                    found.insert(identity(workload, trust_domain));
                }
            }
            found
        };
        let mut identities = Self {
            public: selected_by(&PUBLIC, PUBLIC_LABEL),
            local: selected_by(&LOCAL, LOCAL_LABEL),
        };
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
pub(super) fn is_selected(
    cluster: &Cluster<'_>,
    workload: &Kept<Workload>,
    services: &[&str],
) -> bool {
    let labels = &workload.object.spec.template.metadata.labels;
    cluster.objects.services.iter().any(|service| {
        let selector = &service.object.spec.selector;
        services.contains(&service.resource.name.as_str())
            && may_be_one(&service.resource.namespace, &workload.resource.namespace)
            && !selector.is_empty()
            && selector.iter().all(|(key, value)| labels.get(key) == Some(value))
    })
}

pub(super) fn has_label(workload: &Kept<Workload>, label: &str) -> bool {
    let labels = &workload.object.spec.template.metadata.labels;
    labels.get("istio").is_some_and(|value| value == label)
}

fn identity(workload: &Kept<Workload>, trust_domain: &TrustDomain) -> Principal {
    let account = workload.object.spec.template.spec.service_account_name.as_str();
    let account = if account.is_empty() { "default" } else { account };
    let namespace = workload.resource.namespace.as_deref().unwrap_or("default");
    trust_domain.principal(namespace, account)
}

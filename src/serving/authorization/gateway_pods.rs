//! The pods of the gateways that callers come through.

use std::collections::BTreeMap;

use super::gateways::Side;
use crate::cluster::Cluster;
use crate::controllers::istio::Workload;
use crate::controllers::kserve::ServingModel;

/// Kubeflow's gateway for requests from outside.
pub(super) const PUBLIC_GATEWAY: &str = "istio-ingressgateway";
/// Kubeflow's gateway for requests of the cluster.
pub(super) const LOCAL_GATEWAY: &str = "cluster-local-gateway";

/// The pods of a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GatewayPods {
    /// The name of its Deployment.
    pub name: String,
    /// Its pods.
    pub pods: Workload,
    /// Whether requests from outside come through it.
    pub is_public: bool,
    /// Whether the objects have neither it nor the release of Kubeflow that it is of: an ALLOW policy for
    /// it may be elsewhere.
    pub is_assumed: bool,
}

impl GatewayPods {
    /// Those among the objects; where there are none of a kind, Kubeflow's.
    #[must_use]
    pub(crate) fn all(
        (cluster, model): (&Cluster<'_>, &ServingModel),
        root_namespace: &str,
        is_kubeflow: bool,
    ) -> Vec<Self> {
        let of = |side: &Side<'_>, name: &str, is_public: bool| {
            let workloads = cluster.objects.workloads.iter();
            let mut found: Vec<Self> = workloads
                .filter(|one| side.has(cluster, one))
                .map(|one| {
                    let namespace = one.resource.namespace.as_deref().unwrap_or("default");
                    let labels = one.object.spec.template.metadata.labels.clone();
                    let pods = Workload::gateway(namespace, labels);
                    let name = one.resource.name.clone();
                    Self { name, pods, is_public, is_assumed: false }
                })
                .collect();
            if found.is_empty() {
                let labels = [("app", name), ("istio", side.label)];
                let labels = labels.map(|(key, value)| (key.to_owned(), value.to_owned()));
                let pods = Workload::gateway(root_namespace, labels.into());
                let name = name.to_owned();
                found.push(Self { name, pods, is_public, is_assumed: !is_kubeflow });
            }
            found
        };
        let mut all = of(&Side::public(model), PUBLIC_GATEWAY, true);
        let local = of(&Side::local(model), LOCAL_GATEWAY, false);
        // One gateway may serve both.
        let is_known = |one: &Self| all.iter().any(|known| known.pods == one.pods);
        let local: Vec<Self> = local.into_iter().filter(|one| !is_known(one)).collect();
        all.extend(local);
        all
    }

    /// The labels by which an object selects its pods: those that tell gateways apart, where they have
    /// them.
    #[must_use]
    pub(super) fn selector(&self) -> BTreeMap<String, String> {
        let labels = &self.pods.labels;
        let telling = |(key, _): &(&String, &String)| matches!(key.as_str(), "app" | "istio");
        let own: BTreeMap<String, String> = labels
            .iter()
            .filter(telling)
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if own.is_empty() { labels.clone() } else { own }
    }
}

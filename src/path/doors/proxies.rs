//! Whether protected pods have a proxy of the mesh, which enforces its policies.
//!
//! A gateway is one itself. Other pods have a sidecar where the webhook injects it
//! (`pkg/kube/inject/inject.go` of istio/istio), which the labels of their namespace and their own
//! labels and annotations tell.

use std::collections::BTreeMap;

use super::reach::{PodSet, Reach};
use super::selection::{Labels, PodLabels, Selection, is_within, selection};
use crate::cluster::Cluster;
use crate::controllers::istio::{Membership, membership};

/// Whether pods are a gateway of the mesh, which picks what it forwards to by the host of a request:
/// an Istio Gateway selects them, or they have the labels of Istio's own gateways.
pub(crate) fn is_gateway(cluster: &Cluster<'_>, set: &PodSet) -> bool {
    let serves = |selector: &Labels| selection(selector, &set.labels) == Some(Selection::Same);
    let mut gateways = cluster.objects.istio_gateways.iter();
    set.is_ingress_gateway() || gateways.any(|one| serves(&one.object.spec.selector))
}

/// Whether the pods of a set are known to have a proxy.
pub(crate) fn has_proxy(cluster: &Cluster<'_>, reach: &Reach, place: usize) -> bool {
    let set = &reach.sets[place];
    if is_gateway(cluster, set) {
        return true;
    }
    let namespaces = &cluster.objects.namespaces;
    let namespace =
        namespaces.iter().find(|one| Some(&one.resource.name) == set.namespace.as_ref());
    let of_namespace = namespace.map(|one| &one.object.metadata.labels);
    let has_sidecar = |labels: &Labels, annotations: &Labels| {
        membership(of_namespace, labels, annotations) == Membership::Sidecar
    };
    match &set.labels {
        PodLabels::OfService(_) => false,
        PodLabels::Selected(labels) => has_sidecar(labels, &BTreeMap::new()),
        PodLabels::Known(all) => {
            let near = cluster
                .pod_templates()
                .filter(|pods| reach.may_be_one(&pods.resource.namespace, &set.namespace));
            let mut own = near.filter(|pods| all.iter().any(|one| is_within(one, pods.labels)));
            // The webhook leaves pods on their node's network alone.
            own.all(|pods| !pods.spec.host_network && has_sidecar(pods.labels, pods.annotations))
        }
    }
}

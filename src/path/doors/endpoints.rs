//! Services whose addresses are written by hand.
//!
//! kube-proxy and the load balancers take the addresses of every `EndpointSlice` with the label
//! `kubernetes.io/service-name` (`k8s.io/api/discovery/v1/well_known_labels.go`), and those of the
//! Endpoints of a Service's name, which Kubernetes mirrors into slices
//! (`pkg/controller/endpointslicemirroring`).

use super::reach::{Hit, Reach};
use super::selection::{PodLabels, Selection, is_within};
use crate::cluster::Cluster;
use crate::cluster::endpoints::{SERVICE_NAME_LABEL, TargetRef};

/// The Services that have addresses of protected pods, or may have.
pub(crate) fn hits(cluster: &Cluster<'_>, reach: &Reach) -> Vec<((Option<String>, String), Hit)> {
    let mut found = Vec::new();
    let mut add = |namespace: &Option<String>, name: &str, target: Option<&TargetRef>| {
        for (set, selection) in sets_of(cluster, reach, namespace, name, target) {
            found.push(((namespace.clone(), name.to_owned()), Hit::of(set, selection)));
        }
    };
    for slice in &cluster.objects.endpoint_slices {
        let Some(name) = slice.object.metadata.labels.get(SERVICE_NAME_LABEL) else { continue };
        for endpoint in &slice.object.endpoints {
            add(&slice.resource.namespace, name, endpoint.target_ref.as_ref());
        }
    }
    for endpoints in &cluster.objects.endpoints {
        let addresses = endpoints.object.subsets.iter().flat_map(|subset| &subset.addresses);
        for address in addresses {
            add(
                &endpoints.resource.namespace,
                &endpoints.resource.name,
                address.target_ref.as_ref(),
            );
        }
    }
    found
}

/// The sets that an address may belong to: that of the pod that it names; without one, any of its
/// namespace, since the addresses of pods are not known.
fn sets_of(
    cluster: &Cluster<'_>,
    reach: &Reach,
    namespace: &Option<String>,
    service: &str,
    target: Option<&TargetRef>,
) -> Vec<(usize, Selection)> {
    // A Service's own addresses add no other pods to it.
    if reach.hit(namespace, service).is_some_and(|hit| hit.selection == Selection::Same) {
        return Vec::new();
    }
    let sets = reach.sets.iter().enumerate();
    let near = sets.filter(|(_, set)| reach.may_be_one(&set.namespace, namespace));
    let Some(pod) = target.filter(|target| target.kind == "Pod") else {
        return near.map(|(index, _)| (index, Selection::Undecided)).collect();
    };
    let known = cluster.objects.pods.iter().find(|one| {
        one.resource.name == pod.name && reach.may_be_one(&one.resource.namespace, namespace)
    });
    let decided = |labels: &PodLabels| match (known, labels) {
        (Some(pod), PodLabels::Selected(selector)) => {
            is_within(selector, &pod.object.metadata.labels).then_some(Selection::Same)
        }
        (Some(pod), PodLabels::Known(all)) => {
            all.contains(&pod.object.metadata.labels).then_some(Selection::Same)
        }
        _ => Some(Selection::Undecided),
    };
    near.filter_map(|(index, set)| Some((index, decided(&set.labels)?))).collect()
}

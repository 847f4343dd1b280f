//! Services whose addresses are written by hand.
//!
//! kube-proxy and the load balancers take the addresses of every `EndpointSlice` with the label
//! `kubernetes.io/service-name` (`k8s.io/api/discovery/v1/well_known_labels.go`), and those of the
//! Endpoints of a Service's name, which Kubernetes mirrors into slices
//! (`pkg/controller/endpointslicemirroring` of Kubernetes 1.34). An address is a pod's wherever the
//! pod is: nothing binds the two namespaces together.

use std::net::IpAddr;

use super::reach::{Hit, Reach};
use super::selection::{Labels, PodLabels, Selection, is_within};
use crate::cluster::Cluster;
use crate::cluster::endpoints::{SERVICE_NAME_LABEL, TargetRef};

/// An address, and the pod that is said to have it.
struct Address<'a> {
    ip: &'a str,
    target: Option<&'a TargetRef>,
}

/// The Services that have addresses of protected pods, or may have.
pub(crate) fn hits(cluster: &Cluster<'_>, reach: &Reach) -> Vec<((Option<String>, String), Hit)> {
    let mut found = Vec::new();
    let mut add = |namespace: &Option<String>, name: &str, address: &Address<'_>| {
        for hit in hits_of(cluster, reach, (namespace, name), address) {
            found.push(((namespace.clone(), name.to_owned()), hit));
        }
    };
    for slice in &cluster.objects.endpoint_slices {
        let Some(name) = slice.object.metadata.labels.get(SERVICE_NAME_LABEL) else { continue };
        for endpoint in &slice.object.endpoints {
            let target = endpoint.target_ref.as_ref();
            for ip in &endpoint.addresses {
                add(&slice.resource.namespace, name, &Address { ip, target });
            }
        }
    }
    for endpoints in &cluster.objects.endpoints {
        let addresses = endpoints.object.subsets.iter().flat_map(|subset| &subset.addresses);
        for address in addresses {
            let address = Address { ip: &address.ip, target: address.target_ref.as_ref() };
            add(&endpoints.resource.namespace, &endpoints.resource.name, &address);
        }
    }
    found
}

/// What an address leads to: the pod that it is of, by name or by its status, or the pods of the
/// Service that it is of. Of any other it is not known; outside the Service's own namespace it
/// has to be one that pods can have.
fn hits_of(
    cluster: &Cluster<'_>,
    reach: &Reach,
    (namespace, service): (&Option<String>, &str),
    address: &Address<'_>,
) -> Vec<Hit> {
    // A Service's own addresses add no other pods to it.
    if reach.hit(namespace, service).is_some_and(|hit| hit.selection == Selection::Same) {
        return Vec::new();
    }
    let Some(named) = address.target.filter(|target| target.kind == "Pod") else {
        return hits_of_address(cluster, reach, namespace, address.ip);
    };
    let namespace = named.namespace.as_ref().or(namespace.as_ref()).cloned();
    let known = cluster.objects.pods.iter().find(|one| {
        one.resource.name == named.name && reach.may_be_one(&one.resource.namespace, &namespace)
    });
    of_pod(reach, &namespace, known.map(|pod| &pod.object.metadata.labels))
}

/// What an IP address leads to that is written in an object of a namespace.
pub(crate) fn hits_of_address(
    cluster: &Cluster<'_>,
    reach: &Reach,
    namespace: &Option<String>,
    ip: &str,
) -> Vec<Hit> {
    if let Some(pod) = cluster.objects.pods.iter().find(|one| one.object.status.has(ip)) {
        let namespace = &pod.resource.namespace;
        return of_pod(reach, namespace, Some(&pod.object.metadata.labels));
    }
    let mut services = cluster.objects.services.iter().filter(|one| {
        let spec = &one.object.spec;
        let mut own = std::iter::once(&spec.cluster_ip).chain(&spec.cluster_ips);
        !ip.is_empty() && own.any(|own| own == ip)
    });
    if let Some(other) = services.next() {
        return reach.hits(&other.resource.namespace, &other.resource.name).collect();
    }
    let may_be_a_pod = is_of_pods(ip);
    let sets = reach.sets.iter().enumerate();
    let near = sets.filter(|(_, set)| may_be_a_pod || reach.may_be_one(&set.namespace, namespace));
    near.map(|(index, _)| Hit::of(index, Selection::Undecided)).collect()
}

/// The sets that a pod of a namespace belongs to; by its labels where they are known.
fn of_pod(reach: &Reach, namespace: &Option<String>, labels: Option<&Labels>) -> Vec<Hit> {
    let decided = |of_set: &PodLabels| match (labels, of_set) {
        (Some(labels), PodLabels::Selected(selector)) => {
            is_within(selector, labels).then_some(Selection::Same)
        }
        (Some(labels), PodLabels::Known(all)) => all.contains(labels).then_some(Selection::Same),
        _ => Some(Selection::Undecided),
    };
    let sets = reach.sets.iter().enumerate();
    let near = sets.filter(|(_, set)| reach.may_be_one(&set.namespace, namespace));
    near.filter_map(|(index, set)| Some(Hit::of(index, decided(&set.labels)?))).collect()
}

/// Whether an address may be a pod's: private (RFC 1918), shared (RFC 6598) or of `198.18.0.0/15`, which
/// the VPC CNI plugin of EKS gives them, and every one of version 6.
fn is_of_pods(ip: &str) -> bool {
    match ip.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => {
            let [first, second, ..] = ip.octets();
            ip.is_private()
                || (first == 100 && (64..128).contains(&second))
                || (first == 198 && (18..20).contains(&second))
        }
        Ok(IpAddr::V6(_)) => true,
        Err(_) => false,
    }
}
